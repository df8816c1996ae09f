//! Quarantine of failed trigger jobs: no trigger is lost and no displayed size is taken twice.

use cnop_api::trading::OrderRequest;
use cnop_domain::OrderStatus;
use cnop_domain::book::Dispatched;
use cnop_testkit::CommitFault;

use super::{Cluster, order};

/// A lost answer with an immediate correction: the old job then meets an entry that was dispatched again.
#[tokio::test]
async fn an_unknown_fill_is_not_repeated_from_the_rest_of_the_same_quote() {
    let (cluster, table) = Cluster::flaky();
    let (server, first, second) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    for caller in [&first, &second] {
        server.deposit(caller, "5000").await;
    }
    let spoiled = server.place(&first, order("limit_buy", "BTC", "0.004", Some("59001"), None)).await;
    let placed = server.place(&second, order("limit_buy", "BTC", "0.02", Some("59000"), None)).await;
    cluster.spoil(&first, &spoiled).await;
    cluster.bitcoin("58999.90", "59000.00", "0.014");
    table.lose_next_answer();
    let report = server.engine.tick().await;
    assert_eq!((report.filled, report.failed), (2, 2), "one cannot be read, of one the answer is lost");
    assert_eq!(server.now(&second, &placed).await.filled_quantity.to_string(), "0.01");
    // The unused size of the first order is available to the second.
    let report = server.engine.tick().await;
    assert_eq!((report.filled, report.failed), (1, 0));
    let filled = server.now(&second, &placed).await.filled_quantity;
    assert_eq!(filled.to_string(), "0.014", "all that was displayed, and no more");
}

/// The engine panics while jobs run. Their orders stayed dispatched forever: no later quote reached them.
#[tokio::test]
async fn orders_keep_their_triggers_after_the_engine_ended_early() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let resting = server.place(&caller, order("limit_buy", "BTC", "0.004", Some("59000"), None)).await;
    let other = server.place(&caller, order("limit_buy", "BTC", "0.004", Some("58000"), None)).await;
    cluster.bitcoin("58999.90", "59000.00", "1");
    server.engine.jobs_start();
    server.engine.jobs_lose();
    assert_eq!(server.engine.tick().await.filled, 0, "its job is lost");
    server.engine.recover();
    for _ in 0..3 {
        server.engine.tick().await;
    }
    assert_eq!(server.now(&caller, &resting).await.status, OrderStatus::Completed);
    assert_eq!(server.now(&caller, &other).await.status, OrderStatus::Working);
    cluster.bitcoin("57999.90", "58000.00", "1");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, &other).await.status, OrderStatus::Completed);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_quarantined_trailing_stop_keeps_its_mark_and_recovers_in_the_background() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    let trailing =
        OrderRequest { trail_bps: Some(1_000), ..order("trailing_stop_sell", "BTC", "0.01", None, None) };
    let stop = server.place(&caller, trailing).await;
    // More quotes than a book remembers of itself.
    for step in 0..300 {
        cluster.pass_seconds(1);
        cluster.price_set("BTC", &(66_000 - step).to_string());
        server.engine.tick().await;
    }
    cluster.price_set("BTC", "59400");
    table.panic_on_next_get();
    assert_eq!(server.engine.tick().await.failed, 1);
    // However many commands its owner sends.
    for _ in 0..2 {
        server.deposit(&caller, "1").await;
        assert_eq!(server.engine.waiting()[0].2.dispatched, Some(Dispatched::Quarantined));
    }
    assert_eq!(server.now(&caller, &stop).await.mark_price.unwrap().to_string(), "66000.00");
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::Completed);
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_triggered_leg_fills_although_the_fill_of_the_other_leg_is_unknown() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let [profit, loss] = &*server.two_limits(&cluster, &caller).await else { panic!("two legs") };
    cluster.bitcoin("61500.00", "61501.00", "0.005");
    table.fail_next_commit(CommitFault::Busy);
    assert_eq!(server.engine.tick().await.failed, 1);
    cluster.bitcoin("63000.00", "63001.00", "0.02");
    table.lose_next_answer();
    let report = server.engine.tick().await;
    assert_eq!(
        (report.filled, report.failed),
        (1, 1),
        "the other one is reached, and waits behind the first"
    );
    cluster.bitcoin("60000.00", "60001.00", "9");
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, loss).await.filled_quantity.to_string(), "0.005");
    let done = server.now(&caller, profit).await;
    assert_eq!((done.status, done.filled_quantity.to_string()), (OrderStatus::Completed, "0.015".into()));
    assert_eq!(done.fills[0].price.to_string(), "63000.00");
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}
