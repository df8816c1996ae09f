//! Triggers and fills of resting orders.

use cnop_api::Code;
use cnop_api::trading::{OrderQuery, OrderReplaceRequest, OrderRequest, StatusFilter};
use cnop_domain::{Basis, OrderStatus, Quote, Reason};

use super::{Cluster, order, refused};

fn gtd(request: OrderRequest, expires_us: i64) -> OrderRequest {
    OrderRequest { expires_at: Some(cnop_api::Timestamp(expires_us)), ..request }
}

impl Cluster {
    /// Quotes Bitcoin with a displayed size on both sides.
    pub(crate) fn bitcoin(&self, bid: &str, ask: &str, size: &str) {
        self.bitcoin_last(bid, ask, bid, size);
    }

    /// The same with a different last price.
    pub(super) fn bitcoin_last(&self, bid: &str, ask: &str, last: &str, size: &str) {
        let bitcoin = "BTC".parse().unwrap();
        let seq = self.market.market().snapshot().get(bitcoin).unwrap().quote.seq + 1;
        let (bid, ask): (cnop_domain::Price, cnop_domain::Price) =
            (bid.parse().unwrap(), ask.parse().unwrap());
        let last = last.parse().unwrap();
        let size = size.parse().unwrap();
        let time_us = cnop_domain::Clock::now_us(self.clock.as_ref());
        let quote = Quote { bid, ask, bid_size: size, ask_size: size, last, seq, time_us };
        self.market.quote_set(bitcoin, quote);
    }
}

#[tokio::test]
async fn a_resting_limit_order_fills_in_parts_and_releases_the_excess_reservation() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let resting = server.place(&caller, order("limit_buy", "BTC", "0.03", Some("60000"), None)).await;
    assert_eq!((resting.status, resting.version), (OrderStatus::Working, 1));
    let reserved = resting.reserved.clone().unwrap();
    assert_eq!((reserved.currency.as_str(), reserved.amount.as_str()), ("USD", "1801.80"));
    let balance = server.ledger.balance(&caller).await.unwrap();
    assert_eq!(
        (balance.available.to_string(), balance.reserved.to_string()),
        ("3198.20".into(), "1801.80".into())
    );
    assert_eq!(server.engine.tick().await.filled, 0);

    cluster.bitcoin("59989.00", "59990.00", "0.01");
    assert_eq!(server.engine.tick().await.filled, 1);
    assert_eq!(server.engine.tick().await.filled, 0, "the displayed size of one quote is consumed once");
    let part = server.now(&caller, &resting).await;
    assert_eq!(
        (part.status, part.filled_quantity.to_string()),
        (OrderStatus::PartiallyFilled, "0.01".into())
    );
    assert_eq!(part.fills[0].price.to_string(), "60000.00", "it rested, so it fills at its limit");
    assert_eq!(part.fills[0].basis, Basis::Maker);

    cluster.bitcoin("59989.00", "59990.00", "0.05");
    server.engine.tick().await;
    let done = server.now(&caller, &resting).await;
    assert_eq!((done.status, done.fills.len()), (OrderStatus::Completed, 2));
    assert_eq!(done.reserved, None);
    assert_eq!(done.fees.to_string(), "1.80");
    for (number, left) in [(1, "0.01"), (2, "0.02")] {
        let story = server.orders.explain(&caller, done.order_id, number).await.unwrap();
        assert!(story.verified, "{story:?}");
        assert_eq!(story.inputs.displayed_left.map(|left| left.to_string()).as_deref(), Some(left));
        assert_eq!(story.inputs.step_size.map(|step| step.to_string()).as_deref(), Some("0.000001"));
        assert_eq!(story.recomputed.quantity, story.fill.quantity);
        let rule = story.rules.iter().find(|rule| rule.rule.as_str() == "maker").unwrap();
        assert!(rule.detail.contains(&format!("at most the {left} that it could have of the")), "{rule:?}");
    }
    refused(server.orders.explain(&caller, done.order_id, 3).await, Code::OrderFillNotFound);
    let balance = server.ledger.balance(&caller).await.unwrap();
    assert_eq!(
        (balance.available.to_string(), balance.reserved.to_string()),
        ("3198.20".into(), "0.00".into())
    );
    cluster.books_agree().await;
}

#[tokio::test]
async fn stops_trigger_at_last_and_fill_at_the_quote() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.03").await;
    let stop = server.place(&caller, order("stop_sell", "BTC", "0.01", None, Some("60000"))).await;
    let profit = server.place(&caller, order("take_profit_sell", "BTC", "0.01", None, Some("64000"))).await;
    let trailing =
        OrderRequest { trail_bps: Some(100), ..order("trailing_stop_sell", "BTC", "0.01", None, None) };
    let trailing = server.place(&caller, trailing).await;
    assert_eq!(trailing.trigger_price.unwrap().to_string(), "61380.00");
    let reached = order("stop_sell", "BTC", "0.01", None, Some("63000"));
    let problem = refused(server.orders.place(&caller, reached, None).await, Code::OrderWouldTrigger);
    assert!(!problem.errors[0].nearest.is_empty());

    cluster.bitcoin("63500.00", "63501.00", "9");
    assert_eq!(server.engine.tick().await.triggered, 0);
    let moved = server.now(&caller, &trailing).await;
    assert_eq!(
        (moved.mark_price.unwrap().to_string(), moved.trigger_price.unwrap().to_string()),
        ("63500.00".into(), "62865.00".into())
    );
    cluster.bitcoin("64010.00", "64011.00", "9");
    assert_eq!(server.engine.tick().await.triggered, 1);
    assert_eq!(server.now(&caller, &profit).await.average_price.unwrap().to_string(), "64010.00");
    // A jump over both triggers: worse than either, at the quote.
    cluster.bitcoin("59000.00", "59001.00", "9");
    assert_eq!(server.engine.tick().await.triggered, 2);
    for order in [&stop, &trailing] {
        let done = server.now(&caller, order).await;
        assert_eq!(
            (done.status.as_str(), done.average_price.unwrap().to_string()),
            ("completed", "59000.00".into())
        );
    }
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_limit_beyond_the_market_takes_the_quotes_whatever_is_displayed() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let stop = order("stop_limit_sell", "BTC", "0.02", Some("40000"), Some("61000"));
    let stop = server.place(&caller, stop).await;
    cluster.bitcoin("60900.00", "60901.00", "0.015");
    assert_eq!(server.engine.tick().await.triggered, 1);
    let woken = server.now(&caller, &stop).await;
    assert_eq!((woken.fills.len(), woken.filled_quantity.to_string()), (1, "0.015".to_owned()));
    let late = server.place(&caller, order("limit_buy", "BTC", "0.02", Some("80000"), None)).await;
    assert_eq!(late.filled_quantity.to_string(), "0.015", "the other side is another size");
    // A restart does not forget how the orders came to work.
    let server = cluster.server();
    server.engine.rebuild().await.unwrap();
    cluster.bitcoin("60800.00", "60801.00", "9");
    server.engine.tick().await;
    for (order, first, rest) in [(&stop, "60900.00", "60800.00"), (&late, "60901.00", "60801.00")] {
        let done = server.now(&caller, order).await;
        let fills: Vec<_> =
            done.fills.iter().map(|fill| (fill.basis.as_str(), fill.price.to_string())).collect();
        assert_eq!(fills, [("taker", first.to_owned()), ("taker", rest.to_owned())]);
        assert_eq!((done.status, done.reserved), (OrderStatus::Completed, None));
        assert!(server.orders.explain(&caller, done.order_id, 2).await.unwrap().verified);
    }
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_restart_loses_no_order_no_mark_and_no_expiry() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let now_us = cnop_domain::Clock::now_us(cluster.clock.as_ref());
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("61000"), None)).await;
    let ending = gtd(order("limit_buy", "BTC", "0.01", Some("60900"), None), now_us + 5_000_000);
    let ending = server.place(&caller, ending).await;
    let trailing = OrderRequest {
        trail_amount: Some("500".into()),
        ..order("trailing_stop_sell", "BTC", "0.01", None, None)
    };
    let trailing = server.place(&caller, trailing).await;
    cluster.bitcoin("62400.00", "62401.00", "9");
    server.engine.tick().await;
    server.engine.marks_store().await.unwrap();
    drop(server);

    cluster.pass_seconds(6);
    let server = cluster.server();
    assert_eq!(server.engine.rebuild().await.unwrap(), 3);
    assert_eq!(server.now(&caller, &trailing).await.mark_price.unwrap().to_string(), "62400.00");
    // An expired order never fills, although this quote would fill it.
    cluster.bitcoin("60800.00", "60801.00", "9");
    let report = server.engine.tick().await;
    assert_eq!((report.expired, report.triggered, report.failed), (1, 1, 0));
    assert_eq!(server.now(&caller, &ending).await.status_reason.map(Reason::as_str), Some("gtd"));
    assert_eq!(server.now(&caller, &limit).await.fills[0].price.to_string(), "61000.00");
    assert_eq!(server.now(&caller, &trailing).await.status, OrderStatus::Completed);
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn orders_are_changed_canceled_and_listed() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let first = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let second = server.place(&caller, order("limit_buy", "ETH", "0.1", Some("2000"), None)).await;
    let change = OrderReplaceRequest { price: Some("61000".into()), ..OrderReplaceRequest::default() };
    let changed =
        server.orders.replace(&caller, first.order_id, change.clone(), Some(vec![1]), None).await.unwrap();
    assert_eq!((changed.version, changed.price.to_string()), (2, "61000.00".into()));
    assert_eq!(changed.reserved.unwrap().amount, "610.61");
    let stale = server.orders.replace(&caller, first.order_id, change, Some(vec![1]), None).await;
    refused(stale, Code::OrderVersion);

    let open = OrderQuery { status: Some(StatusFilter::Open), ..OrderQuery::default() };
    let listed = server.orders.list(&caller, open.clone()).await.unwrap();
    assert_eq!(listed.data.len(), 2);
    assert_eq!(listed.data[0].order_id, second.order_id);
    let canceled = server.orders.cancel(&caller, first.order_id, None, None).await.unwrap();
    assert_eq!(
        (canceled.status, canceled.status_reason.map(Reason::as_str)),
        (OrderStatus::Canceled, Some("user"))
    );
    refused(server.orders.cancel(&caller, first.order_id, None, None).await, Code::OrderClosed);
    let all = server.orders.cancel_all(&caller, None, None).await.unwrap();
    assert_eq!((all.len(), all[0].status), (1, 200));
    assert!(server.orders.list(&caller, open).await.unwrap().data.is_empty());
    assert_eq!(server.cash(&caller).await, "5000.00");
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn each_time_in_force_has_its_effect() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let with = |word: &str, limit: &str, quantity: &str| OrderRequest {
        time_in_force: Some(word.to_owned()),
        ..order("limit_buy", "BTC", quantity, Some(limit), None)
    };
    cluster.bitcoin("61999.00", "62000.00", "0.02");
    let taken = server.place(&caller, with("ioc", "62000", "0.05")).await;
    assert_eq!(
        (taken.status, taken.status_reason.map(Reason::as_str)),
        (OrderStatus::Expired, Some("ioc_remainder"))
    );
    assert_eq!((taken.filled_quantity.to_string(), taken.fills[0].basis.as_str()), ("0.02".into(), "taker"));
    let nothing_left = server.place(&caller, with("ioc", "62000", "0.05")).await;
    assert_eq!(nothing_left.filled_quantity.to_string(), "0");
    cluster.bitcoin("61999.00", "62000.00", "0.02");
    let all = server.place(&caller, with("fok", "62000", "0.03")).await;
    assert_eq!(all.status_reason.map(Reason::as_str), Some("fok_unfilled"));
    assert_eq!(server.place(&caller, with("fok", "62000", "0.02")).await.status, OrderStatus::Completed);
    let passive = OrderRequest { post_only: true, ..order("limit_buy", "BTC", "0.01", Some("62000"), None) };
    refused(server.orders.place(&caller, passive, None).await, Code::OrderWouldTake);
    cluster.books_agree().await;
}

#[tokio::test]
async fn an_order_that_cannot_stay_open_needs_no_room_among_the_open_ones() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let resting = || order("limit_buy", "BTC", "0.0005", Some("50000"), None);
    for _ in 0..200 {
        server.place(&caller, resting()).await;
    }
    refused(server.orders.place(&caller, resting(), None).await, Code::OrderTooManyOpen);
    let preview = server.orders.preview(&caller, resting()).await.unwrap();
    assert_eq!(preview.problems.len(), 1);
    for (force, status) in [("ioc", "completed"), ("fok", "completed")] {
        let now = OrderRequest {
            time_in_force: Some(force.to_owned()),
            ..order("limit_buy", "BTC", "0.0005", Some("70000"), None)
        };
        assert_eq!(server.place(&caller, now).await.status.as_str(), status);
    }
    cluster.books_agree().await;
}
