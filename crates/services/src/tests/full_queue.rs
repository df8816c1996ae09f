//! A full account queue has room for the commands of the engine.

use cnop_api::Caller;
use cnop_domain::Reason;
use tokio::task::JoinHandle;

use super::recurring::{HOUR, daily};
use super::triggered_orders::turns_pass;
use super::{Cluster, Server, transfer};
use crate::records::account_pk;

impl Server {
    /// More deposits than an account's line has places for.
    fn flood(&self, caller: &Caller) -> Vec<JoinHandle<bool>> {
        let deposit = || {
            let (ledger, caller) = (self.ledger.clone(), caller.clone());
            tokio::spawn(async move { ledger.deposit(&caller, transfer("1"), None).await.is_ok() })
        };
        (0..300).map(|_| deposit()).collect()
    }
}

async fn done_of(flood: Vec<JoinHandle<bool>>) -> usize {
    let mut done = 0;
    for deposit in flood {
        done += usize::from(deposit.await.unwrap());
    }
    done
}

#[tokio::test(start_paused = true)]
async fn a_kill_switch_cancels_through_a_full_queue() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.rest(&caller, "BTC", 3).await;
    table.block_partition(account_pk(&caller.account_id));
    let flood = server.flood(&caller);
    turns_pass().await;
    let (orders, account_id) = (server.orders.clone(), caller.account_id.clone());
    let canceling =
        tokio::spawn(async move { orders.cancel_each(&account_id, None, Reason::KillSwitch).await });
    turns_pass().await;
    table.unblock();
    let results = canceling.await.unwrap().unwrap();
    assert_eq!(results.iter().map(|result| result.status).collect::<Vec<_>>(), [200; 3]);
    assert!(server.open(&caller).await.is_empty());
    assert_eq!(done_of(flood).await, crate::account::WAITING_MAX, "the owner's places are as many as ever");
}

#[tokio::test(start_paused = true)]
async fn a_due_recurring_run_buys_through_a_full_queue() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.plan(&caller, daily("100")).await;
    cluster.pass_seconds(2 * HOUR);
    table.block_partition(account_pk(&caller.account_id));
    let flood = server.flood(&caller);
    turns_pass().await;
    let engine = server.engine.clone();
    let ticking = tokio::spawn(async move { engine.tick().await });
    turns_pass().await;
    table.unblock();
    let report = ticking.await.unwrap();
    assert_eq!((report.runs, report.failed), (1, 0));
    assert_eq!(done_of(flood).await, crate::account::WAITING_MAX);
}
