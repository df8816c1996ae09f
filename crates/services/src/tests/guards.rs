//! Guard rails: refusals, exceptions and the delay of a loosening.

use cnop_api::events::EventReason;
use cnop_api::trading::{
    GuardRails, GuardRailsUpdate, OrderQuery, OrderReplaceRequest, OrderRequest, OrderView, StatusFilter,
};
use cnop_api::{Caller, Code};
use cnop_domain::{OrderStatus, Reason};

use super::{Cluster, Server, market_order, order, refused};

/// A day and a second.
const DAY_SECONDS: i64 = 86_401;

impl Server {
    async fn guard(&self, caller: &Caller, update: GuardRailsUpdate) -> GuardRails {
        self.guards.update(caller, update, None).await.unwrap()
    }
}

fn largest(amount: Option<&str>) -> GuardRailsUpdate {
    GuardRailsUpdate { largest_order: Some(amount.map(Into::into)), ..GuardRailsUpdate::default() }
}

#[tokio::test]
async fn the_largest_order_holds_for_placing_and_enlarging_and_never_for_a_sale() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let resting = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    server.buy(&caller, "BTC", "0.05").await;
    let rails = server.guard(&caller, largest(Some("500"))).await;
    assert_eq!(rails.in_force.largest_order.unwrap().to_string(), "500.00");
    assert!(rails.pending.is_empty());

    let problem = refused(
        server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await,
        Code::GuardOrderTooLarge,
    );
    assert!(problem.facts.contains(&("limit".to_owned(), "500.00".to_owned())), "{problem:?}");
    let preview = server.orders.preview(&caller, market_order("buy", "BTC", "0.01")).await.unwrap();
    assert_eq!(preview.problems[0].code, Code::GuardOrderTooLarge);
    let limit = order("limit_buy", "BTC", "0.01", Some("50001"), None);
    refused(server.orders.place(&caller, limit, None).await, Code::GuardOrderTooLarge);
    let replace = |quantity: &str| OrderReplaceRequest {
        quantity: Some(quantity.into()),
        ..OrderReplaceRequest::default()
    };
    let change = async |quantity: &str| {
        server.orders.replace(&caller, resting.order_id, replace(quantity), None, None).await
    };
    refused(change("0.011").await, Code::GuardOrderTooLarge);
    assert_eq!(
        change("0.009").await.unwrap().version,
        2,
        "smaller is no new risk, although it is still too large"
    );
    server.buy(&caller, "BTC", "0.008").await;
    server.sell(&caller, "BTC", "0.05").await;
    cluster.books_agree().await;
}

#[tokio::test]
async fn tightening_is_at_once_and_loosening_a_day_later() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.guard(&caller, largest(Some("500"))).await;
    let tighter = server.guard(&caller, largest(Some("100"))).await;
    assert_eq!(tighter.in_force.largest_order.unwrap().to_string(), "100.00");
    let looser = server.guard(&caller, largest(Some("1000"))).await;
    assert_eq!(looser.in_force, tighter.in_force);
    assert_eq!(looser.pending.len(), 1);
    assert_eq!(
        (looser.pending[0].guard.as_str(), looser.pending[0].value.as_deref()),
        ("largest_order", Some("1000.00"))
    );
    assert_eq!(looser.pending[0].effective_at.to_string(), "2026-11-22T10:00:00.000000Z");
    cluster.pass_seconds(3_600);
    let seq = server.events_named(&caller, "guard.").await.len();
    assert_eq!(server.guard(&caller, largest(Some("1000"))).await, looser, "asking again changes nothing");
    assert_eq!(server.events_named(&caller, "guard.").await.len(), seq);
    refused(
        server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await,
        Code::GuardOrderTooLarge,
    );
    cluster.pass_seconds(23 * 3_600);
    assert_eq!(
        server.guards.get(&caller).await.unwrap().in_force.largest_order.unwrap().to_string(),
        "1000.00"
    );
    server.buy(&caller, "BTC", "0.01").await;

    let lifted = server.guard(&caller, largest(None)).await;
    assert_eq!((lifted.pending.len(), lifted.pending[0].value.as_deref()), (1, None));
    let kept = server.guard(&caller, largest(Some("1000"))).await;
    assert!(kept.pending.is_empty(), "asking for what is in force withdraws what is pending");
    let events = server.events_named(&caller, "guard.changed").await;
    assert_eq!(events.len(), 5);
    assert_eq!(events[2].guards.as_ref(), Some(&looser));
    assert_eq!(cluster.server().guards.get(&caller).await.unwrap(), kept, "another server says the same");
    cluster.books_agree().await;
}

#[tokio::test]
async fn other_guards_do_not_lose_what_one_change_leaves_out() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.guard(&caller, largest(Some("500"))).await;
    server.guard(&caller, largest(None)).await;
    let loss = GuardRailsUpdate { daily_loss: Some(Some("50".into())), ..GuardRailsUpdate::default() };
    let rails = server.guard(&caller, loss).await;
    assert_eq!(rails.in_force.largest_order.unwrap().to_string(), "500.00");
    assert_eq!(rails.in_force.daily_loss.unwrap().to_string(), "50.00");
    assert_eq!(rails.pending.len(), 1, "what was asked for is still asked for");
    cluster.pass_seconds(DAY_SECONDS);
    let rails = server.guards.get(&caller).await.unwrap();
    assert_eq!((rails.in_force.largest_order, rails.pending.len()), (None, 0));
    assert!(rails.in_force.daily_loss.is_some());
}

#[tokio::test]
async fn a_loss_stops_purchases_for_the_day_and_for_the_pause() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let update = GuardRailsUpdate {
        daily_loss: Some(Some("100".into())),
        cool_down_minutes: Some(Some(30)),
        ..GuardRailsUpdate::default()
    };
    server.guard(&caller, update).await;
    server.buy(&caller, "BTC", "0.1").await;
    cluster.price_set("BTC", "61500");
    server.sell(&caller, "BTC", "0.05").await;
    let rails = server.guards.get(&caller).await.unwrap();
    assert_eq!(rails.loss_today.to_string(), "31.185");
    assert_eq!(rails.cool_down_until.unwrap().to_string(), "2026-11-21T10:30:00.000000Z");
    let buy = || market_order("buy", "BTC", "0.01");
    let problem = refused(server.orders.place(&caller, buy(), None).await, Code::GuardCoolDown);
    assert!(problem.detail.contains("2026-11-21T10:30"), "{problem}");
    cluster.pass_seconds(30 * 60);
    server.buy(&caller, "BTC", "0.01").await;
    assert_eq!(server.guards.get(&caller).await.unwrap().cool_down_until, None);

    cluster.price_set("BTC", "60000");
    server.sell(&caller, "BTC", "0.05").await;
    cluster.pass_seconds(30 * 60);
    refused(server.orders.place(&caller, buy(), None).await, Code::GuardDailyLoss);
    server.sell(&caller, "BTC", "0.01").await;
    cluster.pass_seconds(13 * 3_600);
    server.buy(&caller, "BTC", "0.01").await;
    assert_eq!(server.guards.get(&caller).await.unwrap().loss_today.to_string(), "0.00");
    cluster.books_agree().await;
}

/// A large purchase far from the market, placed before a loss, does not allow a purchase at the present price
/// during the cool-down.
#[tokio::test]
async fn a_replaced_buy_passes_the_guards_again_unless_it_only_shrinks() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.1", Some("30000"), None)).await;
    let stop = server.place(&caller, order("stop_buy", "BTC", "0.01", None, Some("70000"))).await;
    let dip = server.place(&caller, order("take_profit_buy", "BTC", "0.01", None, Some("50000"))).await;
    let trail =
        OrderRequest { trail_bps: Some(1_000), ..order("trailing_stop_buy", "BTC", "0.01", None, None) };
    let trail = server.place(&caller, trail).await;
    server.buy(&caller, "BTC", "0.02").await;
    cluster.price_set("BTC", "61500");
    server.sell(&caller, "BTC", "0.02").await;
    let pause = GuardRailsUpdate { cool_down_minutes: Some(Some(30)), ..GuardRailsUpdate::default() };
    server.guard(&caller, pause).await;

    let change = async |order: &OrderView, change: OrderReplaceRequest| {
        server.orders.replace(&caller, order.order_id, change, None, None).await
    };
    let to = |quantity: Option<&str>, price: Option<&str>, stop: Option<&str>| OrderReplaceRequest {
        quantity: quantity.map(Into::into),
        price: price.map(Into::into),
        stop_price: stop.map(Into::into),
        ..OrderReplaceRequest::default()
    };
    let distance = |points| OrderReplaceRequest { trail_bps: Some(points), ..OrderReplaceRequest::default() };
    for (order, new) in [
        (&limit, to(Some("0.048"), Some("62000"), None)),
        (&limit, to(Some("0.05"), Some("45000"), None)),
        (&limit, to(Some("0.11"), None, None)),
        (&stop, to(None, None, Some("61600"))),
        (&stop, to(Some("0.005"), None, Some("75000"))),
        (&dip, to(Some("0.005"), None, Some("61000"))),
        (&trail, distance(50)),
        (&trail, distance(2_000)),
    ] {
        refused(change(order, new).await, Code::GuardCoolDown);
    }
    change(&limit, to(Some("0.09"), None, None)).await.unwrap();
    change(&limit, to(None, Some("29000"), None)).await.unwrap();
    change(&stop, to(Some("0.005"), None, None)).await.unwrap();
    change(&trail, to(Some("0.005"), None, None)).await.unwrap();
    cluster.price_set("BTC", "28000");
    refused(change(&limit, to(Some("0.08"), None, None)).await, Code::GuardCoolDown);
    cluster.pass_seconds(30 * 60);
    change(&limit, to(Some("0.08"), None, None)).await.unwrap();
    cluster.books_agree().await;
}

/// A stricter request does not wait longer.
#[tokio::test]
async fn tightening_a_pending_guard_does_not_restart_its_day() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.guard(&caller, largest(Some("100"))).await;
    let first = server.guard(&caller, largest(Some("1000"))).await.pending[0].effective_at;
    cluster.pass_seconds(3_600);
    let loss = GuardRailsUpdate { daily_loss: Some(Some("50".into())), ..GuardRailsUpdate::default() };
    assert_eq!(server.guard(&caller, loss).await.pending[0].effective_at, first);
    let less = server.guard(&caller, largest(Some("500"))).await;
    assert_eq!((less.pending[0].value.as_deref(), less.pending[0].effective_at), (Some("500.00"), first));
    cluster.pass_seconds(3_600);
    let more = server.guard(&caller, largest(Some("600"))).await;
    assert_eq!(more.pending[0].effective_at.0, first.0 + 7_200_000_000, "loosening further does");
    cluster.books_agree().await;
}

#[tokio::test]
async fn the_kill_switch_cancels_purchases_and_leaves_every_sale() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.03").await;
    for number in 0..5 {
        let price = (50_000 + number).to_string();
        server.place(&caller, order("limit_buy", "BTC", "0.01", Some(&price), None)).await;
    }
    let stop = server.place(&caller, order("stop_sell", "BTC", "0.01", None, Some("60000"))).await;
    let on = || GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    let rails = server.guard(&caller, on()).await;
    assert!(rails.in_force.kill_switch);
    let open = OrderQuery { status: Some(StatusFilter::Open), ..OrderQuery::default() };
    let left = server.orders.list(&caller, open).await.unwrap().data;
    assert_eq!(left, std::slice::from_ref(&stop), "a stop-loss protects a position");
    let canceled = server.events_named(&caller, "order.canceled").await;
    assert_eq!(canceled.len(), 5);
    assert!(canceled.iter().all(|event| event.reason.map(EventReason::as_str) == Some("kill_switch")));
    let balance = server.ledger.balance(&caller).await.unwrap();
    assert_eq!(balance.reserved.to_string(), "0.00");
    assert_eq!(server.engine.resting(), 1);

    refused(
        server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await,
        Code::GuardKillSwitch,
    );
    let limit = order("limit_sell", "BTC", "0.01", Some("70000"), None);
    server.place(&caller, limit).await;
    server.sell(&caller, "BTC", "0.01").await;
    cluster.bitcoin("59000.00", "59001.00", "9");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, &stop).await.status, OrderStatus::Completed, "under the switch");
    cluster.bitcoin("61999.00", "62000.00", "9");
    assert_eq!(server.guard(&caller, on()).await.in_force, rails.in_force, "once more");
    let off = GuardRailsUpdate { kill_switch: Some(false), ..GuardRailsUpdate::default() };
    let rails = server.guard(&caller, off).await;
    assert!(rails.in_force.kill_switch);
    assert_eq!((rails.pending[0].guard.as_str(), &rails.pending[0].value), ("kill_switch", &None));
    cluster.pass_seconds(DAY_SECONDS);
    server.buy(&caller, "BTC", "0.01").await;
    assert!(!server.guards.get(&caller).await.unwrap().in_force.kill_switch);
    cluster.books_agree().await;
}

/// Orders that rested when the day's loss was reached bought all the same.
#[tokio::test]
async fn a_waiting_purchase_ends_when_a_price_reaches_it_under_a_guard_that_came_later() {
    let cool_down = GuardRailsUpdate { cool_down_minutes: Some(Some(60)), ..GuardRailsUpdate::default() };
    let daily_loss = GuardRailsUpdate { daily_loss: Some(Some("1".into())), ..GuardRailsUpdate::default() };
    for guard in [cool_down, daily_loss] {
        let cluster = Cluster::new();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        server.deposit(&caller, "9000").await;
        server.buy(&caller, "BTC", "0.03").await;
        let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
        let part = server.place(&caller, order("limit_buy", "BTC", "0.02", Some("61000"), None)).await;
        let stop = server.place(&caller, order("stop_buy", "BTC", "0.01", None, Some("63000"))).await;
        let sale = server.place(&caller, order("stop_sell", "BTC", "0.01", None, Some("60500"))).await;
        cluster.bitcoin("60999.00", "61000.00", "0.005");
        server.engine.tick().await;
        assert_eq!(server.now(&caller, &part).await.filled_quantity.to_string(), "0.005");
        server.guard(&caller, guard).await;
        server.sell(&caller, "BTC", "0.01").await;

        cluster.bitcoin("59998.00", "59999.00", "9");
        server.engine.tick().await;
        cluster.bitcoin("63000.00", "63001.00", "9");
        server.engine.tick().await;
        for (purchase, filled) in [(&limit, "0"), (&part, "0.005"), (&stop, "0")] {
            let ended = server.now(&caller, purchase).await;
            assert_eq!(
                (ended.status, ended.status_reason.map(Reason::as_str), ended.filled_quantity.to_string()),
                (OrderStatus::Canceled, Some("guard"), filled.to_owned())
            );
        }
        assert_eq!(server.now(&caller, &sale).await.status, OrderStatus::Completed, "a sale is not held up");
        assert_eq!(server.ledger.balance(&caller).await.unwrap().reserved.to_string(), "0.00");
        cluster.books_agree().await;
    }
}

/// A guard that has passed when the price comes must not have ended the order before.
#[tokio::test]
async fn a_waiting_purchase_outlives_a_guard_that_is_over_when_a_price_reaches_it() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.03").await;
    let limit = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let large = server.place(&caller, order("limit_buy", "BTC", "0.02", Some("60000"), None)).await;
    let guard = GuardRailsUpdate { cool_down_minutes: Some(Some(60)), ..largest(Some("700")) };
    server.guard(&caller, guard).await;
    server.sell(&caller, "BTC", "0.01").await;
    cluster.pass_seconds(3_601);
    cluster.bitcoin("59998.00", "59999.00", "9");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, &limit).await.status, OrderStatus::Completed);
    let done = server.now(&caller, &large).await;
    assert_eq!(done.status, OrderStatus::Completed, "its size was accepted before the limit of sizes");
    cluster.books_agree().await;
}

#[tokio::test]
async fn bad_guards_are_refused() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    for update in [
        GuardRailsUpdate::default(),
        largest(Some("0")),
        GuardRailsUpdate { cool_down_minutes: Some(Some(43_201)), ..GuardRailsUpdate::default() },
    ] {
        refused(server.guards.update(&caller, update, None).await, Code::RequestInvalid);
    }
    assert_eq!(server.guards.get(&caller).await.unwrap(), GuardRails::default());
}
