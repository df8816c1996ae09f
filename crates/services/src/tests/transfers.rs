//! Deposits, withdrawals, limits, history, account events.

use cnop_api::Code;
use cnop_api::money::TransactionType;
use cnop_domain::{Amount, UNITS_PER_CENT};

use super::{Cluster, refused, transfer};

#[tokio::test]
async fn a_deposit_and_a_withdrawal_change_the_balance() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    assert_eq!(server.cash(&caller).await, "0.00");
    let receipt = server.ledger.deposit(&caller, transfer("100"), None).await.unwrap();
    assert_eq!(receipt.message, "Successfully deposited $100");
    assert!(receipt.success && receipt.transaction_id.starts_with("txn_"));
    let receipt = server.ledger.withdraw(&caller, transfer("30.50"), None).await.unwrap();
    assert_eq!(receipt.message, "Successfully withdrew $30.50");
    let balance = server.ledger.balance(&caller).await.unwrap();
    assert_eq!(balance.available.to_string(), "69.50");
    assert_eq!(balance.deposit_left_today.to_string(), "9900.00");
    assert_eq!(balance.withdraw_left_today.to_string(), "4969.50");
    let listed = server.ledger.transactions(&caller, 0, None).await.unwrap();
    assert_eq!(listed.transactions[0].transaction_id, receipt.transaction_id);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_withdrawal_beyond_the_balance_is_refused() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "120").await;
    let problem = refused(
        server.ledger.withdraw(&caller, transfer("640.20"), None).await,
        Code::BalanceInsufficientFunds,
    );
    assert_eq!(problem.detail, "You have 120.00 USD available. This withdrawal needs 640.20 USD.");
    assert_eq!(problem.facts[0], ("available".to_owned(), "120.00".to_owned()));
    assert_eq!(server.cash(&caller).await, "120.00");
}

/// 0.0047 USD stayed in an account forever: a balance has more decimals than a withdrawal had.
#[tokio::test]
async fn a_withdrawal_of_all_takes_the_fraction_of_a_cent_too() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "1000").await;
    server.buy(&caller, "BTC", "0.00123").await;
    server.sell(&caller, "BTC", "0.00123").await;
    let all = server.cash(&caller).await;
    assert!(all.parse::<Amount>().unwrap().units() % UNITS_PER_CENT != 0, "{all}");
    for part in ["0.00345678", "1.005"] {
        let refusal = server.ledger.withdraw(&caller, transfer(part), None).await;
        let problem = refused(refusal, Code::RequestInvalid);
        let error = &problem.errors[0];
        assert_eq!((error.rule.as_str(), error.nearest.last()), ("decimals", Some(&all)));
    }
    let receipt = server.ledger.withdraw(&caller, transfer(&all), None).await.unwrap();
    assert_eq!(receipt.message, format!("Successfully withdrew ${all}"));
    assert_eq!(server.cash(&caller).await, "0.00");
    let rows = server.ledger.transactions(&caller, 1, None).await.unwrap().transactions;
    assert_eq!(rows[0].amount.negated().to_string(), all);
    refused(server.ledger.deposit(&caller, transfer("0.001"), None).await, Code::RequestInvalid);
    cluster.books_agree().await;
}

#[tokio::test]
async fn daily_limits_begin_anew_at_midnight_utc() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9999.99").await;
    let problem = refused(server.ledger.deposit(&caller, transfer("1"), None).await, Code::BalanceDailyLimit);
    assert!(problem.detail.starts_with("You can deposit 0.01 USD more today"), "{problem}");
    server.deposit(&caller, "0.01").await;
    server.ledger.withdraw(&caller, transfer("5000"), None).await.unwrap();
    refused(server.ledger.withdraw(&caller, transfer("0.01"), None).await, Code::BalanceDailyLimit);

    // The clock is at 10:00: one second before midnight nothing changes, one later the limits reset.
    cluster.clock.advance_seconds(14 * 3_600 - 1);
    refused(server.ledger.deposit(&caller, transfer("0.01"), None).await, Code::BalanceDailyLimit);
    cluster.clock.advance_seconds(1);
    assert_eq!(server.ledger.balance(&caller).await.unwrap().deposit_left_today.to_string(), "10000.00");
    server.ledger.withdraw(&caller, transfer("4000"), None).await.unwrap();
    server.deposit(&caller, "10000").await;
    let balance = server.ledger.balance(&caller).await.unwrap();
    assert_eq!(balance.withdraw_left_today.to_string(), "1000.00");
    assert_eq!(balance.deposit_left_today.to_string(), "0.00");
    cluster.books_agree().await;
}

#[tokio::test]
async fn the_history_pages_without_gaps_and_adds_up() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    for _ in 0..5 {
        cluster.pass_seconds(1);
        server.buy(&caller, "BTC", "0.01").await;
        server.sell(&caller, "BTC", "0.01").await;
    }
    let whole = server.ledger.transactions(&caller, 100, None).await.unwrap();
    assert_eq!((whole.transactions.len(), whole.total_count, whole.has_more), (21, 21, false));
    let sum: i128 = whole.transactions.iter().map(|row| row.amount.units()).sum();
    assert_eq!(sum, server.ledger.balance(&caller).await.unwrap().current_balance.units());
    assert_eq!(whole.transactions[0].transaction_type, TransactionType::Fee);
    assert_eq!(whole.transactions[1].transaction_type, TransactionType::OrderSale);
    assert_eq!(whole.transactions[1].description, "Sold 0.01 BTC");
    assert_eq!(whole.transactions[20].transaction_type, TransactionType::Deposit);
    for limit in [1, 2, 3, 7, 20, 21] {
        let (mut rows, mut cursor) = (Vec::new(), None);
        loop {
            let page = server.ledger.transactions(&caller, limit, cursor.as_deref()).await.unwrap();
            assert!(page.transactions.len() <= limit as usize);
            assert_eq!(page.has_more, page.next_cursor.is_some());
            rows.extend(page.transactions);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(rows, whole.transactions, "limit {limit}");
    }
    refused(server.ledger.transactions(&caller, 101, None).await, Code::RequestInvalid);
    // A place above the newest event would be read again and again without progress.
    for cursor in ["x", "1000000-0-5", "18446744073709551615-1"] {
        refused(server.ledger.transactions(&caller, 1, Some(cursor)).await, Code::RequestInvalid);
    }
}

#[tokio::test]
async fn a_listener_hears_of_each_commit_and_misses_no_event() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let mut updates = server.ledger.subscribe(&caller.account_id).await.unwrap();
    let snapshot = server.ledger.account_snapshot(&caller.account_id).await.unwrap();
    assert_eq!(snapshot.seq, 1);
    server.deposit(&caller, "5000").await;
    assert!(updates.changed().await);
    let order = server.buy(&caller, "BTC", "0.01").await;
    assert!(updates.changed().await);

    let events = server.ledger.events_after(&caller.account_id, snapshot.seq, 100).await.unwrap();
    let named: Vec<_> = events.iter().map(|event| (event.seq, event.name.as_str())).collect();
    assert_eq!(named, [(2, "transfer.settled"), (3, "order.filled")]);
    assert_eq!(events[0].transfer.unwrap().to_string(), "5000.00");
    assert_eq!(events[1].order.as_ref(), Some(&order));
    let after = server.ledger.account_snapshot(&caller.account_id).await.unwrap();
    assert_eq!((after.seq, &after.balance), (3, &events[1].balance));
    assert_eq!(Some(&after.holdings[0]), events[1].holding.as_ref());
    assert_eq!(server.ledger.events_after(&caller.account_id, 0, 2).await.unwrap().len(), 2);
    assert!(server.ledger.events_after(&caller.account_id, u64::MAX, 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn holdings_have_balances() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let bitcoin = "BTC".parse().unwrap();
    refused(server.ledger.asset_balance(&caller, bitcoin).await, Code::BalanceAssetNotHeld);
    refused(server.ledger.asset_balance(&caller, "NOSUCH".parse().unwrap()).await, Code::AssetNotFound);
    server.buy(&caller, "BTC", "0.01").await;
    let balance = server.ledger.asset_balance(&caller, bitcoin).await.unwrap();
    assert_eq!((balance.quantity.to_string().as_str(), balance.asset_name.as_str()), ("0.01", "Bitcoin"));
    assert_eq!(balance.total_value_exact.to_string(), "620.00");
    cluster.pass_seconds(5);
    server.sell(&caller, "BTC", "0.01").await;
    let sold = server.ledger.asset_balances(&caller).await.unwrap();
    assert_eq!((sold.len(), sold[0].quantity.is_zero()), (1, true), "what was held once stays listed");
    assert!(sold[0].updated_at > sold[0].created_at);
}
