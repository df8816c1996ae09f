//! Servers that lose shards in the middle of something: of a fill, of a panic, or without hearing of it.

use std::sync::Arc;
use std::time::Duration;

use cnop_api::trading::GuardRailsUpdate;
use cnop_domain::OrderStatus;
use cnop_store::StoreError;
use tokio_util::sync::CancellationToken;

use super::Cluster;
use super::owners_apart::{btc_owner, limit_buy};

/// The fill of a lost shard went on with its next asset: that book was open for ever, under no lease.
#[tokio::test(start_paused = true)]
async fn a_fill_that_outlives_its_lease_opens_no_book() {
    let mut cluster = Cluster::new();
    let (caller, direct) = (cluster.caller(1).await, Arc::clone(&cluster.table));
    let table = cluster.make_flaky();
    let slow = cluster.wired("slow");
    cluster.table = direct;
    let takes = cluster.wired("takes");
    takes.server.deposit(&caller, "9000").await;
    takes.server.place(&caller, limit_buy()).await;

    // Its shard begins with another asset.
    table.hold_queries(Some("B#1INCH".to_owned()));
    let filling = slow.server.engine.ownership_step();
    let lost = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        slow.way.cut(true);
        cluster.live_wired(&[&takes], 5).await;
        assert!(takes.server.owns("BTC"));
        slow.way.cut(false);
        tokio::time::sleep(Duration::from_secs(1)).await;
        table.hold_queries(None);
    };
    let (filled, ()) = tokio::join!(filling, lost);
    filled.unwrap();
    assert!(!slow.server.owns("BTC"));
    assert_eq!((slow.server.engine.resting(), takes.server.engine.resting()), (0, 1));
    // A commit of this server is the owner's, too.
    slow.server.place(&caller, limit_buy()).await;
    assert_eq!(slow.server.engine.resting(), 0, "no book is open");
}

/// The place of the keeper stayed taken: the engine ran again, and nobody renewed its leases or told its changes.
#[tokio::test(start_paused = true)]
async fn after_a_panic_of_the_engine_its_server_keeps_shards_again() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [fails, stays] = btc_owner(&one, &other);
    fails.server.place(&caller, limit_buy()).await;
    cluster.clock.advance_seconds(1);
    fails.way.panic_on_next_call();
    let run = tokio::spawn(fails.server.engine.clone().run(CancellationToken::new()));
    assert!(run.await.unwrap_err().is_panic());
    // The supervisor starts the engine again.
    fails.server.engine.recover();
    cluster.live_wired(&[fails, stays], 10).await;
    assert!(fails.server.owns("BTC"));
    assert_eq!(fails.server.ownership.shards_owned() + stays.server.ownership.shards_owned(), 33);
    assert_eq!((fails.server.engine.resting(), stays.server.engine.resting()), (1, 0));
    stays.server.place(&caller, limit_buy()).await;
    cluster.live_wired(&[stays, fails], 1).await;
    assert_eq!(fails.server.engine.resting(), 2, "it hears of changes");
}

/// A server that is cut off goes on committing into books that it has lost. Nobody told the owner when it let go, and an
/// order waited for the comparison of the next minute.
#[tokio::test]
async fn a_server_that_lets_go_of_a_lost_shard_tells_its_owner() {
    let cluster = Cluster::new();
    let (one, other, caller) = cluster.wired_pair().await;
    let [apart, takes] = btc_owner(&one, &other);
    apart.way.cut(true);
    // Longer than the minute in which a silent server makes the others compare often.
    cluster.live_wired(&[apart, takes], 70).await;
    assert!(apart.server.owns("BTC") && takes.server.owns("BTC"));
    apart.server.place(&caller, limit_buy()).await;
    assert_eq!((apart.server.engine.resting(), takes.server.engine.resting()), (1, 0));
    // It drains, so the shard does not return to it.
    apart.server.ownership.drain();
    apart.way.cut(false);
    cluster.live_wired(&[apart, takes], 5).await;
    assert!(takes.server.owns("BTC"));
    assert_eq!((apart.server.engine.resting(), takes.server.engine.resting()), (0, 1));
}

/// A shard with open books had no owner until every kill switch of its accounts was complete: its changes were not read,
/// and each failure emptied its books again.
#[tokio::test(start_paused = true)]
async fn a_shard_is_owned_while_kill_switches_are_completed() {
    let (cluster, table) = Cluster::flaky();
    let (before, caller) = (cluster.server(), cluster.caller(1).await);
    before.deposit(&caller, "9000").await;
    let placed = before.place(&caller, limit_buy()).await;
    table.refuse_partition("B#BTC".to_owned(), StoreError::Busy);
    let switch = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    before.guards.update(&caller, switch, None).await.unwrap_err();

    let next = cluster.member();
    next.engine.rebuild().await.unwrap_err();
    assert!(next.owns("BTC"));
    assert_eq!(next.engine.resting(), 1);
    table.accept_all();
    cluster.live(&[&next], 2).await;
    assert_eq!(next.engine.resting(), 0, "it is tried again");
    assert_eq!(next.now(&caller, &placed).await.status, OrderStatus::Canceled);
}
