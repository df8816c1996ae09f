//! Recurring orders: on time, once, and with a reason when they do not buy.

use cnop_api::events::EventReason;
use cnop_api::trading::{
    GuardRailsUpdate, OrderQuery, RecurringReason, RecurringRequest, RecurringUpdate, RecurringView,
};
use cnop_api::{Caller, Code};
use cnop_domain::{AccountId, PlanId, Timestamp};
use cnop_store::{Condition, Item, Key, TableQuery, Write};

use super::{Cluster, Server, refused};
use crate::ledger::audit;
use crate::records::{DueRun, encode, run_key};
use crate::recurring::PLANS_MAX;

/// Seconds of an hour and of a day.
pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

/// Every day at noon; the venue's clock begins at ten.
pub(super) fn daily(amount: &str) -> RecurringRequest {
    RecurringRequest {
        asset_id: "btc".to_owned(),
        amount: amount.into(),
        interval: "daily".to_owned(),
        time: Some("12:00".to_owned()),
        weekday: None,
        day: None,
    }
}

fn status(word: &str) -> RecurringUpdate {
    RecurringUpdate { status: Some(word.to_owned()), ..RecurringUpdate::default() }
}

impl Server {
    pub(super) async fn plan(&self, caller: &Caller, request: RecurringRequest) -> RecurringView {
        self.recurring.create(caller, request, None).await.unwrap()
    }

    pub(super) async fn plan_now(&self, caller: &Caller, plan: &RecurringView) -> RecurringView {
        self.recurring.get(caller, plan.recurring_id).await.unwrap()
    }

    pub(super) async fn orders_count(&self, caller: &Caller) -> usize {
        self.orders.list(caller, OrderQuery::default()).await.unwrap().data.len()
    }
}

#[tokio::test]
async fn a_recurring_order_buys_on_time_and_emits_an_event() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    assert_eq!(
        (plan.status.as_str(), plan.interval.as_str(), plan.time.as_str()),
        ("active", "daily", "12:00")
    );
    assert_eq!(plan.next_run_at.unwrap().to_string(), "2026-11-21T12:00:00.000000Z");
    assert!(plan.recurring_id.to_string().len() == 30);
    cluster.pass_seconds(2 * HOUR - 1);
    assert_eq!(server.engine.tick().await.runs, 0);
    cluster.pass_seconds(1);
    assert_eq!(server.engine.tick().await.runs, 1);
    for _ in 0..5 {
        cluster.pass_seconds(HOUR);
        assert_eq!(server.engine.tick().await.runs, 0);
    }
    let plan = server.plan_now(&caller, &plan).await;
    let run = plan.last_run.clone().unwrap();
    assert_eq!((plan.run_count, run.outcome.as_str(), run.reason), (1, "ran", None));
    assert_eq!(run.due_at, run.run_at);
    assert_eq!(plan.next_run_at.unwrap().to_string(), "2026-11-22T12:00:00.000000Z");
    let order = server.orders.get(&caller, run.order_id.unwrap()).await.unwrap();
    assert_eq!(
        (order.status.as_str(), order.quote_quantity.unwrap().to_string()),
        ("completed", "100.00".into())
    );
    let names: Vec<_> =
        server.events_named(&caller, "").await.into_iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        names,
        ["account.opened", "transfer.settled", "recurring.created", "order.filled", "recurring.ran"]
    );
    assert_eq!(server.events_named(&caller, "recurring.ran").await[0].recurring.as_ref(), Some(&plan));
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_run_that_was_missed_while_down_is_made_up_once() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    let weekly =
        RecurringRequest { interval: "weekly".to_owned(), weekday: Some("sunday".to_owned()), ..daily("50") };
    let weekly = server.plan(&caller, weekly).await;
    drop(server);
    // Down from Saturday ten o'clock to Tuesday one o'clock: three daily runs and a weekly one are missed.
    cluster.pass_seconds(3 * DAY + 3 * HOUR);
    let server = cluster.server();
    server.engine.rebuild().await.unwrap();
    assert_eq!(server.engine.tick().await.runs, 2);
    cluster.pass_seconds(1);
    assert_eq!(server.engine.tick().await.runs, 0);
    let daily = server.plan_now(&caller, &plan).await;
    let run = daily.last_run.unwrap();
    assert_eq!((daily.run_count, run.outcome.as_str()), (1, "ran"));
    assert_eq!(run.due_at.to_string(), "2026-11-24T12:00:00.000000Z", "the latest, one hour late");
    assert_eq!(run.run_at.to_string(), "2026-11-24T13:00:00.000000Z");
    let weekly = server.plan_now(&caller, &weekly).await;
    let run = weekly.last_run.unwrap();
    assert_eq!(
        (weekly.run_count, run.outcome.as_str(), run.reason.map(RecurringReason::as_str)),
        (0, "skipped", Some("too_late"))
    );
    assert_eq!((weekly.status.as_str(), weekly.skipped_in_a_row), ("active", 0), "not the plan's fault");
    assert_eq!(weekly.next_run_at.unwrap().to_string(), "2026-11-29T12:00:00.000000Z");
    assert_eq!(server.orders_count(&caller).await, 1);
    cluster.books_agree().await;
}

#[tokio::test]
async fn three_refused_runs_pause_a_recurring_order_until_a_resume() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "150").await;
    let plan = server.plan(&caller, daily("100")).await;
    cluster.pass_seconds(2 * HOUR);
    server.engine.tick().await;
    for skipped in 1..=3 {
        cluster.pass_seconds(DAY);
        assert_eq!(server.engine.tick().await.runs, 1);
        let plan = server.plan_now(&caller, &plan).await;
        assert_eq!((plan.run_count, plan.skipped_in_a_row), (1, skipped));
        let reason = plan.last_run.unwrap().reason;
        assert_eq!(reason.map(RecurringReason::as_str), Some("balance.insufficient_funds"));
        assert_eq!(plan.status.as_str(), if skipped < 3 { "active" } else { "paused" });
        cluster.books_agree().await;
    }
    let paused = server.plan_now(&caller, &plan).await;
    assert_eq!(
        (paused.status_reason.map(RecurringReason::as_str), paused.next_run_at),
        (Some("balance.insufficient_funds"), None)
    );
    let names: Vec<_> = server
        .events_named(&caller, "recurring.")
        .await
        .into_iter()
        .map(|event| event.name.as_str())
        .collect();
    let skipped = "recurring.skipped";
    assert_eq!(names, ["recurring.created", "recurring.ran", skipped, skipped, skipped, "recurring.paused"]);
    let events = server.events_named(&caller, "recurring.").await;
    assert_eq!(events[5].reason.map(EventReason::as_str), Some("balance.insufficient_funds"));
    assert_eq!((events[5].recurring.as_ref(), events[4].reason), (Some(&paused), events[5].reason));
    assert_eq!(events[4].recurring.as_ref().unwrap().status.as_str(), "active");

    cluster.pass_seconds(DAY);
    assert_eq!(server.engine.tick().await.runs, 0);
    server.deposit(&caller, "1000").await;
    let resumed = server.recurring.update(&caller, plan.recurring_id, status("active"), None).await.unwrap();
    assert_eq!((resumed.skipped_in_a_row, resumed.status.as_str()), (0, "active"));
    assert_eq!(resumed.next_run_at.unwrap().to_string(), "2026-11-26T12:00:00.000000Z", "later than now");
    cluster.pass_seconds(DAY);
    server.engine.tick().await;
    assert_eq!(server.plan_now(&caller, &plan).await.run_count, 2);
    cluster.books_agree().await;
}

#[tokio::test]
async fn guards_and_rules_refuse_runs_of_recurring_orders() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    let switch = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
    server.guards.update(&caller, switch, None).await.unwrap();
    cluster.pass_seconds(2 * HOUR);
    assert_eq!(server.engine.tick().await.runs, 1);
    let reason = server.plan_now(&caller, &plan).await.last_run.unwrap().reason;
    assert_eq!(reason.map(RecurringReason::as_str), Some("guard.kill_switch"));
    assert_eq!(server.orders_count(&caller).await, 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_run_without_a_price_waits_a_day_at_most() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    cluster.clock.advance_seconds(3 * HOUR);
    let report = server.engine.tick().await;
    assert_eq!((report.runs, report.failed), (0, 0), "the price is three hours old");
    cluster.pass_seconds(HOUR);
    assert_eq!(server.engine.tick().await.runs, 1);
    let run = server.plan_now(&caller, &plan).await.last_run.unwrap();
    assert_eq!((run.outcome.as_str(), run.run_at.0 - run.due_at.0), ("ran", 2 * HOUR * 1_000_000));

    cluster.clock.advance_seconds(3 * DAY);
    for _ in 0..3 {
        cluster.clock.advance_seconds(1);
        assert_eq!(server.engine.tick().await.failed, 0);
    }
    let waiting = server.plan_now(&caller, &plan).await;
    assert_eq!(waiting.last_run.unwrap().reason.map(RecurringReason::as_str), Some("too_late"));
    assert_eq!(
        waiting.next_run_at.unwrap().to_string(),
        "2026-11-24T12:00:00.000000Z",
        "the latest still waits"
    );
    cluster.pass_seconds(1);
    assert_eq!(server.engine.tick().await.runs, 1);
    assert_eq!(server.plan_now(&caller, &plan).await.run_count, 2);
    cluster.books_agree().await;
}

#[tokio::test]
async fn plans_are_paused_changed_and_removed() {
    let cluster = Cluster::new();
    let (server, caller, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    let update = async |update: RecurringUpdate| {
        server.recurring.update(&caller, plan.recurring_id, update, None).await
    };
    let paused = update(status("paused")).await.unwrap();
    assert_eq!((paused.status_reason.map(RecurringReason::as_str), paused.next_run_at), (Some("user"), None));
    let events = server.events_named(&caller, "recurring.paused").await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].reason.map(EventReason::as_str), events[0].recurring.as_ref()),
        (Some("user"), Some(&paused))
    );
    update(status("paused")).await.unwrap();
    assert_eq!(server.events_named(&caller, "recurring.paused").await.len(), 1);
    cluster.pass_seconds(DAY);
    assert_eq!(server.engine.tick().await.runs, 0, "paused");
    cluster.books_agree().await;

    let changed = RecurringUpdate {
        status: Some("active".to_owned()),
        amount: Some("25".into()),
        interval: Some("monthly".to_owned()),
        time: Some("00:30".to_owned()),
        day: Some(31),
        ..RecurringUpdate::default()
    };
    let changed = update(changed).await.unwrap();
    assert_eq!(
        (changed.interval.as_str(), changed.day, changed.amount.to_string()),
        ("monthly", Some(31), "25.00".into())
    );
    assert_eq!(
        changed.next_run_at.unwrap().to_string(),
        "2026-11-30T00:30:00.000000Z",
        "the last day of November"
    );
    assert_eq!((changed.status.as_str(), changed.status_reason), ("active", None));
    cluster.books_agree().await;
    for (wrong, member) in [
        (status("stopped"), "status"),
        (RecurringUpdate { amount: Some("0".into()), ..RecurringUpdate::default() }, "amount"),
        (RecurringUpdate { weekday: Some("monday".to_owned()), ..RecurringUpdate::default() }, "weekday"),
    ] {
        let problem = refused(update(wrong).await, Code::RequestInvalid);
        assert_eq!(problem.errors[0].member(), Some(member));
    }
    refused(update(RecurringUpdate::default()).await, Code::RequestInvalid);
    let huge = RecurringUpdate { amount: Some("10001".into()), ..RecurringUpdate::default() };
    let problem = refused(update(huge).await, Code::OrderNotionalRange);
    assert_eq!(problem.errors[0].member(), Some("amount"));

    refused(server.recurring.get(&other, plan.recurring_id).await, Code::RecurringNotFound);
    refused(server.recurring.delete(&other, plan.recurring_id, None).await, Code::RecurringNotFound);
    server.recurring.delete(&caller, plan.recurring_id, None).await.unwrap();
    refused(server.recurring.delete(&caller, plan.recurring_id, None).await, Code::RecurringNotFound);
    refused(update(status("active")).await, Code::RecurringNotFound);
    cluster.pass_seconds(31 * DAY);
    assert_eq!(server.engine.tick().await.runs, 0);
    cluster.books_agree().await;
}

#[tokio::test]
async fn making_plans_is_bounded_checked_and_safe_to_repeat() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let key = || Some("once".parse().unwrap());
    let first = server.recurring.create(&caller, daily("100"), key()).await.unwrap();
    let again = cluster.server().recurring.create(&caller, daily("100"), key()).await.unwrap();
    assert_eq!(first, again);
    refused(server.recurring.create(&caller, daily("200"), key()).await, Code::IdempotencyKeyReused);
    for (amount, code) in [("0.000001", Code::OrderQuantityRange), ("10000.5", Code::OrderNotionalRange)] {
        let problem = refused(server.recurring.create(&caller, daily(amount), None).await, code);
        assert_eq!(problem.errors[0].pointer.as_deref(), Some("#/amount"));
        assert_eq!(problem.errors[0].nearest.len(), 1, "{problem:?}");
    }
    for _ in 1..PLANS_MAX {
        server.plan(&caller, daily("100")).await;
    }
    refused(server.recurring.create(&caller, daily("100"), None).await, Code::RecurringTooMany);
    let list = server.recurring.list(&caller).await.unwrap();
    assert_eq!((list.len(), list.last()), (PLANS_MAX, Some(&first)));
    assert!(list.windows(2).all(|pair| pair[0].recurring_id > pair[1].recurring_id));
    cluster.market.tradable_set("BTC".parse().unwrap(), false);
    refused(server.recurring.create(&caller, daily("100"), None).await, Code::AssetNotTradable);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_preview_shows_the_next_runs_and_what_one_would_do() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "150").await;
    let preview = server.recurring.preview(&caller, daily("100")).await.unwrap();
    let runs: Vec<_> = preview.next_runs.iter().map(ToString::to_string).collect();
    assert_eq!(runs.len(), 5);
    assert_eq!(runs[0], "2026-11-21T12:00:00.000000Z");
    assert_eq!(runs[4], "2026-11-25T12:00:00.000000Z");
    let order = preview.order.unwrap();
    assert_eq!((preview.problems.len(), order.problems.len()), (0, 0));
    assert!(order.total <= "100.11".parse().unwrap() && order.notional > "99".parse().unwrap(), "{order:?}");

    let poor = server.recurring.preview(&caller, daily("200")).await.unwrap();
    assert!(poor.problems.is_empty(), "money may come before the first run");
    assert_eq!(poor.order.unwrap().problems[0].code, Code::BalanceInsufficientFunds);
    let huge = server.recurring.preview(&caller, daily("20000")).await.unwrap();
    assert_eq!(huge.problems[0].code, Code::OrderNotionalRange);
    assert_eq!(huge.problems[0].errors[0].pointer.as_deref(), Some("#/amount"));
    cluster.market.price_remove("BTC".parse().unwrap());
    let unpriced = server.recurring.preview(&caller, daily("100")).await.unwrap();
    assert_eq!((unpriced.problems[0].code.as_str(), unpriced.order), ("asset.not_tradable", None));
    assert!(server.recurring.list(&caller).await.unwrap().is_empty(), "nothing was written");
}

/// More failing runs than a tick takes must not delay the plan behind them.
#[tokio::test]
async fn failing_runs_do_not_block_later_runs() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let plan = server.plan(&caller, daily("100")).await;
    let due_us = plan.next_run_at.unwrap().0;
    let nobody: AccountId = format!("acc_{:026}", 9).parse().unwrap();
    for number in 0..600_u32 {
        let run = DueRun {
            account_id: nobody.clone(),
            plan: PlanId::from_bits(number.into()),
            asset_id: "BTC".parse().unwrap(),
        };
        let key = run_key(Timestamp(due_us - 1_000_000), &nobody, PlanId::from_bits(number.into()));
        cluster
            .table
            .transact(vec![Write::put(key, encode(&run).unwrap(), Condition::Absent)])
            .await
            .unwrap();
    }
    cluster.pass_seconds(2 * HOUR);
    let mut reports = Vec::new();
    for _ in 0..4 {
        let report = server.engine.tick().await;
        reports.push((report.runs, report.failed > 0));
        cluster.pass_seconds(1);
    }
    assert_eq!(server.plan_now(&caller, &plan).await.run_count, 1, "{reports:?}");
    assert!(reports[2].1 && reports[3].1, "those in front are tried again, round and round: {reports:?}");
}

#[tokio::test]
async fn the_audit_finds_a_plan_that_is_out_of_step() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.plan(&caller, daily("100")).await;
    let account = format!("A#{}", caller.account_id);
    let plan = async || {
        cluster.table.query(&TableQuery::prefix(account.as_str(), "R#", 10)).await.unwrap().items.remove(0)
    };
    let before = plan().await;
    cluster.pass_seconds(2 * HOUR);
    server.engine.tick().await;
    let after = plan().await;
    let run = cluster.table.query(&TableQuery::prefix("Q#recurring", "", 10)).await.unwrap().items.remove(0);
    let stray = Key::new("Q#recurring", format!("{}x", run.key.sk));
    let put = |key: &Key, item: &Item| Write::put(key.clone(), item.body.clone(), Condition::Any);
    cluster.books_agree().await;
    for (broken, mended) in [
        (Write::delete(run.key.clone(), Condition::Any), put(&run.key, &run)),
        (put(&stray, &run), Write::delete(stray.clone(), Condition::Any)),
        (put(&before.key, &before), put(&after.key, &after)),
        (Write::delete(after.key.clone(), Condition::Any), put(&after.key, &after)),
    ] {
        cluster.table.transact(vec![broken.clone()]).await.unwrap();
        assert!(!audit::run(cluster.table.as_ref()).await.unwrap().agrees(), "{broken:?}");
        cluster.table.transact(vec![mended]).await.unwrap();
        cluster.books_agree().await;
    }
    for item in [&after, &run] {
        assert!(crate::inspect(item).unwrap().unwrap().get().contains("BTC"));
    }
}
