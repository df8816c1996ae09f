//! Random days of two traders: the ledger balances.

use cnop_api::{Caller, Problem};
use cnop_domain::{Amount, Currency, LedgerAccount};
use proptest::prelude::*;

use super::{Cluster, Server, market_order, transfer};
use crate::ledger::audit;

#[derive(Debug, Clone)]
enum Step {
    Deposit(u32),
    Withdraw(u32),
    Order { buys: bool, asset: usize, steps: u32, by_value: bool },
    SellAll(usize),
    Price { asset: usize, dollars: u32 },
    Wait(i64),
}

const ASSETS: [&str; 3] = ["BTC", "ETH", "SOL"];

fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
    let step = prop_oneof![
        (1..400_000_u32).prop_map(Step::Deposit),
        (1..400_000_u32).prop_map(Step::Withdraw),
        (any::<bool>(), 0..ASSETS.len(), 1..2_000_u32, any::<bool>())
            .prop_map(|(buys, asset, steps, by_value)| Step::Order { buys, asset, steps, by_value }),
        (0..ASSETS.len()).prop_map(Step::SellAll),
        (0..ASSETS.len(), 1..90_000_u32).prop_map(|(asset, dollars)| Step::Price { asset, dollars }),
        (0..50_000_i64).prop_map(Step::Wait),
    ];
    prop::collection::vec((any::<bool>(), step), 1..60)
}

async fn live(day: Vec<(bool, Step)>) {
    let cluster = Cluster::new();
    let server = cluster.server();
    let callers = [cluster.caller(1).await, cluster.caller(2).await];
    for (who, step) in day {
        let caller = &callers[usize::from(who)];
        let cents = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
        // Refusals are part of the day; the ledger must balance after them.
        match step {
            Step::Deposit(amount) => {
                let _ = server.ledger.deposit(caller, transfer(&cents(amount)), None).await;
            }
            Step::Withdraw(amount) => {
                let _ = server.ledger.withdraw(caller, transfer(&cents(amount)), None).await;
            }
            Step::Order { buys, asset, steps, by_value } => {
                let mut order =
                    market_order(if buys { "buy" } else { "sell" }, ASSETS[asset], &format!("0.{steps:04}"));
                if by_value {
                    order.quantity = None;
                    order.quote_quantity = Some(cents(steps * 100).as_str().into());
                }
                let _ = server.orders.place(caller, order, None).await;
            }
            Step::SellAll(asset) => sell_all(&server, caller, ASSETS[asset]).await,
            Step::Price { asset, dollars } => cluster.price_set(ASSETS[asset], &dollars.to_string()),
            Step::Wait(seconds) => cluster.pass_seconds(seconds),
        }
    }
    let report = audit::run(cluster.table.as_ref()).await.unwrap();
    assert_eq!(report.differences, Vec::<String>::new());
    let mut fees = 0;
    for caller in &callers {
        let portfolio = server.portfolio.portfolio(caller).await.unwrap();
        assert!(portfolio.cash >= Amount::ZERO);
        let whole = portfolio.net_deposits.units()
            + portfolio.realised_profit.units()
            + portfolio.unrealised_profit.units();
        assert_eq!(portfolio.total_value.units(), whole);
        let (mut sum, mut rows, mut cursor) = (0, 0, None);
        loop {
            let page = server.ledger.transactions(caller, 7, cursor.as_deref()).await.unwrap();
            sum += page.transactions.iter().map(|row| row.amount.units()).sum::<i128>();
            rows += page.transactions.len();
            cursor = page.next_cursor;
            if cursor.is_none() {
                assert_eq!(u64::try_from(rows).unwrap(), page.total_count);
                break;
            }
        }
        assert_eq!(sum, portfolio.cash.units());
        fees += portfolio.fees_paid.units();
    }
    assert_eq!(report.totals.get(&(LedgerAccount::VenueFees, Currency::Usd)).copied().unwrap_or(0), fees);
}

/// However little it is: only the cap of an order is in the way.
async fn sell_all(server: &Server, caller: &Caller, asset: &str) {
    let asset_id = asset.parse().unwrap();
    let Ok(held) = server.ledger.asset_balance(caller, asset_id).await else { return };
    match server.orders.place(caller, market_order("sell", asset, &held.available.to_string()), None).await {
        Ok(_) => {
            let left = server.ledger.asset_balance(caller, asset_id).await.unwrap();
            assert!(left.quantity.is_zero());
        }
        Err(error) => {
            let problem = Problem::from(error);
            let rule = if held.available.is_zero() { "positive" } else { "order_notional_max" };
            assert_eq!(problem.errors.first().map(|error| error.rule.as_str()), Some(rule), "{problem}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance_after_any_day(day in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(day));
    }
}
