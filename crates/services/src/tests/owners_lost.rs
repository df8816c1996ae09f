//! Servers that lose shards in the middle of something: of a fill, of a panic, or without hearing of it.

use std::sync::Arc;
use std::time::Duration;

use super::owners_apart::limit_buy;
use super::Cluster;

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
