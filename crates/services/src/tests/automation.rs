//! Alerts and recurring orders under crashes, with several servers, and in random weeks.

use cnop_api::Code;
use cnop_api::events::{EventName, EventReason};
use cnop_api::trading::{AlertDirection, AlertStatus, GuardRailsUpdate, RecurringRequest, RecurringUpdate};
use cnop_domain::Clock;
use proptest::prelude::*;

use super::alerts::alert;
use super::recurring::{DAY, HOUR, daily};
use super::{Cluster, Server, market_order, order, refused, transfer};

#[tokio::test]
async fn a_crash_after_the_commit_does_not_run_a_recurring_order_twice() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    cluster.pass_seconds(2 * HOUR);
    table.lose_next_answer();
    let report = server.engine.tick().await;
    assert_eq!((report.runs, report.failed), (0, 1));
    cluster.pass_seconds(1);
    server.engine.tick().await;
    cluster.server().engine.tick().await;
    assert_eq!(server.plan_now(&caller, &plan).await.run_count, 1);
    assert_eq!(server.orders_count(&caller).await, 1);
    cluster.books_agree().await;
}

#[tokio::test]
async fn two_servers_run_a_plan_once() {
    let cluster = Cluster::new();
    let (one, two, caller) = (cluster.server(), cluster.server(), cluster.caller(1).await);
    one.deposit(&caller, "9000").await;
    for _ in 0..20 {
        one.plan(&caller, daily("100")).await;
    }
    cluster.pass_seconds(2 * HOUR);
    let (first, second) = tokio::join!(one.engine.tick(), two.engine.tick());
    assert_eq!(first.failed + second.failed, 0);
    assert_eq!(one.orders_count(&caller).await, 20);
    assert!(one.recurring.list(&caller).await.unwrap().iter().all(|plan| plan.run_count == 1));
    cluster.books_agree().await;
}

#[tokio::test]
async fn two_servers_fire_an_alert_once() {
    let cluster = Cluster::new();
    let (one, two, caller) = (cluster.server(), cluster.server(), cluster.caller(1).await);
    let alert = one.alert(&caller, "BTC", "63000").await;
    two.engine.rebuild().await.unwrap();
    cluster.price_set("BTC", "63000");
    let (first, second) = tokio::join!(one.engine.tick(), two.engine.tick());
    assert_eq!((first.alerts + second.alerts, first.failed + second.failed), (2, 0), "both saw it");
    assert_eq!(one.events_named(&caller, "alert.fired").await.len(), 1);
    assert_eq!(one.alerts.list(&caller).await.unwrap()[0].alert_id, alert.alert_id);
    assert_eq!((one.engine.resting(), two.engine.resting()), (0, 0));
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_crash_after_the_commit_does_not_fire_an_alert_twice() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.alert(&caller, "BTC", "63000").await;
    cluster.price_set("BTC", "63000");
    table.lose_next_answer();
    assert_eq!(server.engine.tick().await.failed, 1);
    for price in ["63001", "61000", "63002"] {
        cluster.price_set("BTC", price);
        assert_eq!(server.engine.tick().await.failed, 0);
    }
    assert_eq!(server.events_named(&caller, "alert.fired").await.len(), 1);
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_kill_switch_is_finished_after_a_crash() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    for caller in [&caller, &other] {
        server.deposit(caller, "5000").await;
        server.place(caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    }
    table.lose_next_answer();
    let on = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    refused(server.guards.update(&caller, on, None).await, Code::Unavailable);
    drop(server);
    let server = cluster.server();
    assert_eq!(server.engine.rebuild().await.unwrap(), 1, "that of the other");
    assert_eq!(
        server.events_named(&caller, "order.canceled").await[0].reason.map(EventReason::as_str),
        Some("kill_switch")
    );
    cluster.books_agree().await;
}

#[derive(Debug, Clone)]
enum Step {
    Plan {
        asset: usize,
        amount: u32,
        kind: u8,
        day: u32,
        hour: u8,
    },
    Change {
        which: usize,
        status: Option<bool>,
        amount: Option<u32>,
    },
    PlanRemove(usize),
    /// Level and price in per mille of the asset's first price.
    Alert {
        asset: usize,
        level: u32,
    },
    AlertRemove(usize),
    Price {
        asset: usize,
        level: u32,
    },
    Guard {
        order: Option<Option<u32>>,
        loss: Option<Option<u32>>,
        pause: Option<Option<u32>>,
        switch: Option<bool>,
    },
    Deposit(u32),
    Sell {
        asset: usize,
        steps: u32,
    },
    /// Hours, and whether prices stay fresh.
    Wait(i64, bool),
    Restart,
}

const ASSETS: [(&str, u32); 2] = [("BTC", 62_000), ("ETH", 3_000)];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let asset = || 0..ASSETS.len();
    let figure = || prop::option::of(prop::option::of(1..400_u32));
    let step = prop_oneof![
        4 => (asset(), 1..400_u32, 0..3_u8, 1..=31_u32, 0..24_u8)
            .prop_map(|(asset, amount, kind, day, hour)| Step::Plan { asset, amount, kind, day, hour }),
        3 => (any::<usize>(), prop::option::of(any::<bool>()), prop::option::of(1..400_u32))
            .prop_map(|(which, status, amount)| Step::Change { which, status, amount }),
        1 => any::<usize>().prop_map(Step::PlanRemove),
        4 => (asset(), 900..1_100_u32).prop_map(|(asset, level)| Step::Alert { asset, level }),
        1 => any::<usize>().prop_map(Step::AlertRemove),
        6 => (asset(), 900..1_100_u32).prop_map(|(asset, level)| Step::Price { asset, level }),
        1 => (figure(), figure(), figure(), prop::option::weighted(0.1, any::<bool>()))
            .prop_map(|(order, loss, pause, switch)| Step::Guard { order, loss, pause, switch }),
        2 => (1..2_000_u32).prop_map(Step::Deposit),
        2 => (asset(), 1..100_u32).prop_map(|(asset, steps)| Step::Sell { asset, steps }),
        8 => (1..80_i64, prop::bool::weighted(0.8)).prop_map(|(hours, fresh)| Step::Wait(hours, fresh)),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..80)
}

fn price(asset: usize, level: u32) -> (&'static str, String) {
    let (asset, whole) = ASSETS[asset];
    (asset, (whole / 1_000 * level).to_string())
}

fn pick<T: Clone>(all: &[T], which: usize) -> Option<T> {
    (!all.is_empty()).then(|| all[which % all.len()].clone())
}

/// Applies a step. Refusals are allowed; the invariants afterwards matter.
async fn live(cluster: &Cluster, server: &mut Server, caller: &cnop_api::Caller, step: Step) {
    match step {
        Step::Plan { asset, amount, kind, day, hour } => {
            let (interval, weekday, day) = match kind {
                0 => ("daily", None, None),
                1 => ("weekly", Some("wednesday".to_owned()), None),
                _ => ("monthly", None, Some(day)),
            };
            let request = RecurringRequest {
                asset_id: ASSETS[asset].0.to_owned(),
                interval: interval.to_owned(),
                time: Some(format!("{hour:02}:30")),
                weekday,
                day,
                ..daily(&amount.to_string())
            };
            let _ = server.recurring.create(caller, request, None).await;
        }
        Step::Change { which, status, amount } => {
            let word = |active: bool| if active { "active" } else { "paused" }.to_owned();
            let update = RecurringUpdate {
                status: status.map(word),
                amount: amount.map(|amount| amount.to_string().as_str().into()),
                ..RecurringUpdate::default()
            };
            if let Some(plan) = pick(&server.recurring.list(caller).await.unwrap(), which) {
                let _ = server.recurring.update(caller, plan.recurring_id, update, None).await;
            }
        }
        Step::PlanRemove(which) => {
            if let Some(plan) = pick(&server.recurring.list(caller).await.unwrap(), which) {
                server.recurring.delete(caller, plan.recurring_id, None).await.unwrap();
            }
        }
        Step::Alert { asset, level } => {
            let (asset, level) = price(asset, level);
            let _ = server.alerts.create(caller, alert(asset, &level), None).await;
        }
        Step::AlertRemove(which) => {
            if let Some(alert) = pick(&server.alerts.list(caller).await.unwrap(), which) {
                server.alerts.delete(caller, alert.alert_id, None).await.unwrap();
            }
        }
        Step::Price { asset, level } => {
            let (asset, level) = price(asset, level);
            cluster.price_set(asset, &level);
        }
        Step::Guard { order, loss, pause, switch } => {
            let figure = |given: Option<Option<u32>>| {
                given.map(|given| given.map(|amount| amount.to_string().as_str().into()))
            };
            let update = GuardRailsUpdate {
                largest_order: figure(order),
                daily_loss: figure(loss),
                cool_down_minutes: pause,
                kill_switch: switch,
            };
            let _ = server.guards.update(caller, update, None).await;
        }
        Step::Deposit(amount) => {
            let _ = server.ledger.deposit(caller, transfer(&amount.to_string()), None).await;
        }
        Step::Sell { asset, steps } => {
            let order = market_order("sell", ASSETS[asset].0, &format!("0.{steps:04}"));
            let _ = server.orders.place(caller, order, None).await;
        }
        Step::Wait(hours, true) => cluster.pass_seconds(hours * HOUR),
        Step::Wait(hours, false) => cluster.clock.advance_seconds(hours * HOUR),
        Step::Restart => {
            *server = cluster.server();
            server.engine.rebuild().await.unwrap();
        }
    }
    assert_eq!(server.engine.tick().await.failed, 0);
}

async fn week(steps: Vec<Step>) {
    let cluster = Cluster::new();
    let (mut server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "500").await;
    for step in steps {
        live(&cluster, &mut server, &caller, step).await;
    }
    cluster.pass_seconds(1);
    server.engine.tick().await;
    cluster.books_agree().await;
    let now_us = cluster.clock.now_us();
    for plan in server.recurring.list(&caller).await.unwrap() {
        assert!(
            plan.next_run_at.is_none_or(|next| next.0 > now_us),
            "with a price nothing stays due: {plan:?}"
        );
        assert!(plan.skipped_in_a_row <= 3);
    }
    let events = server.ledger.events_after(&caller.account_id, 0, 1_000).await.unwrap();
    let mut last_due = std::collections::HashMap::new();
    let mut fired = std::collections::HashSet::new();
    for pair in events.windows(2) {
        let (before, event) = (&pair[0], &pair[1]);
        if let Some(alert) = event.alert.as_ref().filter(|_| event.name == EventName::AlertFired) {
            assert!(fired.insert(alert.alert_id), "{alert:?} fires twice");
            let (level, at) = (alert.price, alert.fired_price.unwrap());
            assert!(
                if alert.direction == AlertDirection::Above { at >= level } else { at <= level },
                "{alert:?}"
            );
        }
        let is_run = matches!(event.name, EventName::RecurringRan | EventName::RecurringSkipped);
        let Some(plan) = event.recurring.as_ref().filter(|_| is_run) else { continue };
        let run = plan.last_run.clone().unwrap();
        let lateness = run.run_at.0 - run.due_at.0;
        let earlier = last_due.insert(plan.recurring_id, run.due_at);
        assert!(earlier.is_none_or(|earlier| earlier < run.due_at), "a run is not listed twice: {plan:?}");
        if event.name == EventName::RecurringRan {
            assert!((0..=DAY * 1_000_000).contains(&lateness));
            assert_eq!(before.order.as_ref().map(|order| &order.order_id), run.order_id.as_ref());
        }
    }
    let waiting = server
        .alerts
        .list(&caller)
        .await
        .unwrap()
        .iter()
        .filter(|alert| alert.status == AlertStatus::Waiting)
        .count();
    assert_eq!(server.engine.resting(), waiting);
    let shown = cluster.server();
    assert_eq!(shown.engine.rebuild().await.unwrap(), waiting, "the books can be made again");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn runs_and_alerts_happen_once_in_random_weeks(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(week(steps));
    }
}
