//! Concurrent commands on the embedded table.

use std::sync::Arc;

use cnop_api::trading::OrderQuery;
use cnop_api::{Code, Problem};
use cnop_domain::Clock;
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};
use cnop_testkit::ManualClock;

use super::{Cluster, market_order, transfer};
use crate::ledger::audit;

/// A cluster on the embedded store in this directory.
pub(super) fn embedded(directory: &tempfile::TempDir) -> Cluster {
    let clock = Arc::new(ManualClock::default());
    let path = directory.path().join("cnop.redb");
    let table = EmbeddedTable::open(&path, &EmbeddedOptions::default(), Arc::clone(&clock) as Arc<dyn Clock>)
        .unwrap();
    Cluster::on(clock, Arc::new(table))
}

/// Result of one of the commands, in units of cash and coins.
async fn outcomes(
    cluster: &Cluster,
    servers: &[super::Server],
    caller: &cnop_api::Caller,
) -> (i128, i128, u64) {
    let mut tasks = Vec::new();
    for number in 0..100_usize {
        let (ledger, orders) =
            (servers[number % servers.len()].ledger.clone(), servers[number % servers.len()].orders.clone());
        let caller = caller.clone();
        tasks.push(tokio::spawn(async move {
            let order = |side| market_order(side, "BTC", "0.001");
            match number % 5 {
                0 => ledger.deposit(&caller, transfer("10"), None).await.map(|_| (1_000_000_000, 0, false)),
                1 => ledger.withdraw(&caller, transfer("7"), None).await.map(|_| (-700_000_000, 0, false)),
                side => orders.place(&caller, order(if side == 4 { "sell" } else { "buy" }), None).await.map(
                    |order| {
                        let (total, fee) = (order.total_amount.units(), order.fees.units());
                        let quantity = order.filled_quantity.units();
                        if side == 4 {
                            (total - fee, -quantity, true)
                        } else {
                            (-total - fee, quantity, true)
                        }
                    },
                ),
            }
        }));
    }
    let (mut cash, mut coins, mut filled) = (0, 0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok((dollars, quantity, is_order)) => {
                cash += dollars;
                coins += quantity;
                filled += u64::from(is_order);
            }
            Err(error) => {
                let problem: Problem = error.into();
                let known = [Code::BalanceInsufficientFunds, Code::BalanceInsufficientQuantity];
                assert!(known.contains(&problem.code), "{problem}");
            }
        }
    }
    cluster.books_agree().await;
    (cash, coins, filled)
}

async fn mixed_day(servers: usize) {
    let directory = tempfile::tempdir().unwrap();
    let cluster = embedded(&directory);
    let caller = cluster.caller(1).await;
    let servers: Vec<_> = (0..servers).map(|_| cluster.server()).collect();
    servers[0].deposit(&caller, "500").await;
    let (cash, coins, filled) = outcomes(&cluster, &servers, &caller).await;
    let balance = servers[0].ledger.balance(&caller).await.unwrap();
    assert_eq!(balance.current_balance.units(), 50_000_000_000 + cash);
    let held = servers[0].ledger.asset_balances(&caller).await.unwrap();
    assert_eq!(held.first().map_or(0, |asset| asset.quantity.units()), coins);
    let query = OrderQuery { limit: 100, ..OrderQuery::default() };
    let listed = servers[0].orders.list(&caller, query).await.unwrap();
    assert_eq!(u64::try_from(listed.data.len()).unwrap(), filled);
    let report = audit::run(cluster.table.as_ref()).await.unwrap();
    assert_eq!((report.orders, report.agrees()), (filled, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_mixed_commands_on_one_account_all_get_a_right_answer() {
    mixed_day(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_mixed_commands_over_two_servers_all_get_a_right_answer() {
    mixed_day(2).await;
}

/// A limit holds under concurrent commands on several servers.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn daily_limits_hold_against_simultaneous_transfers() {
    let directory = tempfile::tempdir().unwrap();
    let cluster = embedded(&directory);
    let caller = cluster.caller(1).await;
    let servers: Vec<_> = (0..3).map(|_| cluster.server()).collect();
    let deposits: Vec<_> = (0..36_usize)
        .map(|number| {
            let (ledger, caller) = (servers[number % servers.len()].ledger.clone(), caller.clone());
            tokio::spawn(async move { ledger.deposit(&caller, transfer("1000"), None).await })
        })
        .collect();
    let mut booked = 0;
    for deposit in deposits {
        match deposit.await.unwrap() {
            Ok(_) => booked += 1,
            Err(error) => assert_eq!(Problem::from(error).code, Code::BalanceDailyLimit),
        }
    }
    assert_eq!(booked, 10);
    assert_eq!(servers[0].cash(&caller).await, "10000.00");
    cluster.books_agree().await;
}
