use cnop_domain::{CadenceKind, GroupKind, OrderType, Reason, Side, TimeInForceKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::*;
use crate::Timestamp;
use crate::events::{AccountEvent, BalanceState, EventReason};
use crate::{Code, FieldError, Problem};

/// An order as it was stored before orders could wait, with its one fill.
const FIRST_VERSION: &str = include_str!("order_first_version.json");
/// An order with every optional member.
const WHOLE: &str = include_str!("order_whole.json");
/// The time 2026-11-21T10:00:00Z in µs.
const TEN: Timestamp = Timestamp(1_795_255_200_000_000);

/// The value is written as this JSON and read back from it.
#[track_caller]
fn keeps<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, shape: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), shape);
    assert_eq!(serde_json::from_value::<T>(shape).unwrap(), *value);
}

fn money<T: std::str::FromStr<Err = cnop_domain::MoneyError>>(text: &str) -> T {
    text.parse().unwrap()
}

fn preview() -> OrderPreview {
    serde_json::from_value(json!({
        "side": "buy", "asset_id": "BTC", "quantity": "0.02", "price": "62000.00", "notional": "1240.00",
        "fee": "1.24", "total": "1241.24", "balance_after": "8758.76", "holding_after": "0.02", "quote_seq": 7,
        "warnings": [], "problems": []
    }))
    .unwrap()
}

#[test]
fn an_order_of_the_first_version_is_read() {
    let order: OrderView = serde_json::from_str(FIRST_VERSION).unwrap();
    assert_eq!((order.time_in_force.as_str(), order.version, order.post_only), ("ioc", 1, false));
    assert!(order.remaining_quantity.is_zero() && order.reserved.is_none() && order.group.is_none());
    assert_eq!((order.fills[0].number, order.fills[0].basis.as_str()), (1, "venue"));
    assert_eq!(order.fills[0].quote_last, None);
}

#[test]
fn absent_members_are_omitted() {
    let order: OrderView = serde_json::from_str(FIRST_VERSION).unwrap();
    let written = serde_json::to_value(&order).unwrap();
    let mut expected: Value = serde_json::from_str(FIRST_VERSION).unwrap();
    for (member, value) in [
        ("time_in_force", json!("ioc")),
        ("post_only", json!(false)),
        ("version", json!(1)),
        ("remaining_quantity", json!("0")),
    ] {
        expected[member] = value;
    }
    expected["fills"][0]["number"] = json!(1);
    expected["fills"][0]["basis"] = json!("venue");
    assert_eq!(written, expected);
}

#[test]
fn a_whole_order_keeps_its_shape() {
    let order: OrderView = serde_json::from_str(WHOLE).unwrap();
    keeps(&order, serde_json::from_str(WHOLE).unwrap());
    let group = OrderGroupView {
        group_id: "grp_00000000000000000000000001".parse().unwrap(),
        kind: GroupKind::Oco,
        orders: vec![order],
    };
    let shape = json!({
        "group_id": "grp_00000000000000000000000001", "kind": "oco", "orders": [serde_json::from_str::<Value>(WHOLE).unwrap()]
    });
    keeps(&group, shape);
}

#[test]
fn an_explanation_has_inputs_rules_and_a_verdict() {
    let order: OrderView = serde_json::from_str(WHOLE).unwrap();
    let explanation = FillExplanation {
        order_id: order.order_id,
        fill: order.fills[0].clone(),
        inputs: FillInputs {
            asset_id: order.asset_id,
            side: Side::Sell,
            kind: OrderType::TrailingStop,
            quantity: money("0.02"),
            quote_quantity: None,
            limit_price: None,
            trigger_price: Some(money("61380")),
            mark_price: Some(money("62000")),
            trail_bps: Some(100),
            trail_amount: None,
            time_in_force: TimeInForceKind::Gtd,
            expires_at: Some(TEN),
            post_only: false,
            fee_bps: 10,
            filled_quantity: money("0"),
            filled_notional: money("0"),
            fees: money("0"),
            displayed_left: None,
            tick_size: Some(money("0.1")),
            step_size: Some(money("0.00001")),
        },
        rules: vec![RuleApplied { rule: FillRule::Fee, detail: "10 basis points of 613.70 USD.".to_owned() }],
        recomputed: RecomputedFill {
            price: money("61370"),
            quantity: money("0.01"),
            notional: money("613.70"),
            fee: money("0.6137"),
        },
        verified: false,
        mismatch: Some("The fee differs.".to_owned()),
    };
    let shape = json!({
        "order_id": "ord_00000000000000000000000001",
        "fill": serde_json::from_str::<Value>(WHOLE).unwrap()["fills"][0],
        "inputs": {
            "asset_id": "BTC", "side": "sell", "type": "trailing_stop", "quantity": "0.02",
            "trigger_price": "61380.00", "mark_price": "62000.00", "trail_bps": 100, "time_in_force": "gtd",
            "expires_at": "2026-11-21T10:00:00.000000Z", "post_only": false, "fee_bps": 10,
            "filled_quantity": "0", "filled_notional": "0.00", "fees": "0.00", "tick_size": "0.10",
            "step_size": "0.00001"
        },
        "rules": [{ "rule": "fee", "detail": "10 basis points of 613.70 USD." }],
        "recomputed": { "price": "61370.00", "quantity": "0.01", "notional": "613.70", "fee": "0.6137" },
        "verified": false,
        "mismatch": "The fee differs."
    });
    keeps(&explanation, shape);
}

#[test]
fn a_row_of_cancel_all_has_the_order_or_the_problem() {
    let order: OrderView = serde_json::from_str(WHOLE).unwrap();
    let order_id = order.order_id;
    let shape = serde_json::from_str::<Value>(WHOLE).unwrap();
    keeps(
        &CancelResult::new(order_id, Ok(order)),
        json!({ "order_id": "ord_00000000000000000000000001", "status": 200, "order": shape }),
    );
    let problem = Problem::new(Code::OrderClosed, "It is completed.");
    keeps(
        &CancelResult::new(order_id, Err(problem)),
        json!({
            "order_id": "ord_00000000000000000000000001", "status": 409,
            "problem": { "code": "order.closed", "detail": "It is completed.", "errors": [] }
        }),
    );
}

#[test]
fn a_preview_keeps_its_shape_and_the_first_version_is_read() {
    assert_eq!(preview().fill_average_price, None);
    let whole = OrderPreview {
        fill_quantity: money("0.005"),
        fill_average_price: Some(money("61990")),
        resting_quantity: money("0.015"),
        reserve: Some(Reserved { currency: "USD".to_owned(), amount: "930.93".to_owned() }),
        cushion_bps: Some(250),
        slippage_ratio: Some(0.0005),
        time_in_force: Some(TimeInForceKind::Gtc),
        consequences: vec!["What does not fill now waits until you cancel it.".to_owned()],
        problems: vec![
            Problem::invalid(vec![FieldError::new("price", "tick_size", "Steps of 0.01.")]).into(),
        ],
        ..preview()
    };
    let shape = json!({
        "side": "buy", "asset_id": "BTC", "quantity": "0.02", "price": "62000.00", "notional": "1240.00",
        "fee": "1.24", "total": "1241.24", "balance_after": "8758.76", "holding_after": "0.02",
        "fill_quantity": "0.005", "fill_average_price": "61990.00", "resting_quantity": "0.015",
        "reserve": { "currency": "USD", "amount": "930.93" }, "cushion_bps": 250, "slippage_ratio": 0.0005,
        "time_in_force": "gtc", "consequences": ["What does not fill now waits until you cancel it."],
        "quote_seq": 7, "warnings": [],
        "problems": [{
            "code": "request.invalid", "detail": "Steps of 0.01.",
            "errors": [{ "pointer": "#/price", "detail": "Steps of 0.01.", "rule": "tick_size" }]
        }]
    });
    keeps(&whole, shape);
}

fn recurring() -> (RecurringView, Value) {
    let view = RecurringView {
        recurring_id: "rec_00000000000000000000000001".parse().unwrap(),
        asset_id: "BTC".parse().unwrap(),
        amount: money("50"),
        interval: CadenceKind::Monthly,
        time: "09:30".to_owned(),
        weekday: None,
        day: Some(31),
        status: RecurringStatus::Paused,
        status_reason: Some(RecurringReason::Problem(Code::BalanceInsufficientFunds)),
        next_run_at: None,
        last_run: Some(RecurringRun {
            due_at: TEN,
            run_at: TEN,
            outcome: RecurringOutcome::Skipped,
            reason: Some(RecurringReason::Problem(Code::BalanceInsufficientFunds)),
            order_id: None,
        }),
        run_count: 4,
        skipped_in_a_row: 3,
        created_at: TEN,
        updated_at: TEN,
    };
    let ten = "2026-11-21T10:00:00.000000Z";
    let shape = json!({
        "recurring_id": "rec_00000000000000000000000001", "asset_id": "BTC", "amount": "50.00",
        "interval": "monthly", "time": "09:30", "day": 31, "status": "paused",
        "status_reason": "balance.insufficient_funds",
        "last_run": {
            "due_at": ten, "run_at": ten, "outcome": "skipped", "reason": "balance.insufficient_funds"
        },
        "run_count": 4, "skipped_in_a_row": 3, "created_at": ten, "updated_at": ten
    });
    (view, shape)
}

#[test]
fn recurring_orders_keep_their_shape() {
    let (view, shape) = recurring();
    keeps(&view, shape);
    let preview = RecurringPreview { next_runs: vec![TEN], order: None, problems: Vec::new() };
    keeps(&preview, json!({ "next_runs": ["2026-11-21T10:00:00.000000Z"], "problems": [] }));
}

fn alert() -> (AlertView, Value) {
    let view = AlertView {
        alert_id: "alr_00000000000000000000000001".parse().unwrap(),
        asset_id: "ETH".parse().unwrap(),
        price: money("2500"),
        direction: AlertDirection::Above,
        note: None,
        status: AlertStatus::Fired,
        created_at: TEN,
        fired_at: Some(TEN),
        fired_price: Some(money("2500.5")),
    };
    let shape = json!({
        "alert_id": "alr_00000000000000000000000001", "asset_id": "ETH", "price": "2500.00",
        "direction": "above", "status": "fired", "created_at": "2026-11-21T10:00:00.000000Z",
        "fired_at": "2026-11-21T10:00:00.000000Z", "fired_price": "2500.50"
    });
    (view, shape)
}

fn guards() -> (GuardRails, Value) {
    let view = GuardRails {
        in_force: GuardLimits {
            largest_order: Some(money("1000")),
            daily_loss: None,
            cool_down_minutes: Some(30),
            kill_switch: false,
        },
        pending: vec![PendingGuard { guard: GuardName::LargestOrder, value: None, effective_at: TEN }],
        loss_today: money("12.5"),
        cool_down_until: Some(TEN),
    };
    let shape = json!({
        "in_force": { "largest_order": "1000.00", "cool_down_minutes": 30, "kill_switch": false },
        "pending": [{
            "guard": "largest_order", "value": null, "effective_at": "2026-11-21T10:00:00.000000Z"
        }],
        "loss_today": "12.50", "cool_down_until": "2026-11-21T10:00:00.000000Z"
    });
    (view, shape)
}

#[test]
fn alerts_and_guards_keep_their_shape() {
    let (view, shape) = alert();
    keeps(&view, shape);
    let (view, shape) = guards();
    keeps(&view, shape);
}

#[test]
fn an_event_has_the_old_members_and_its_subject() {
    let plain = json!({
        "seq": 4, "time": "2026-11-21T10:00:00.000000Z", "name": "alert.fired",
        "balance": { "available": "1.00", "reserved": "0.00" }
    });
    let event: AccountEvent = serde_json::from_value(plain.clone()).unwrap();
    assert_eq!(event.balance, BalanceState { available: money("1"), reserved: money("0") });
    keeps(&event, plain.clone());
    let ((recurring, recurring_shape), (alert, alert_shape), (guards, guards_shape)) =
        (recurring(), alert(), guards());
    let order: OrderView = serde_json::from_str(WHOLE).unwrap();
    let mut shape = plain;
    shape["reason"] = json!("user");
    shape["fill"] = serde_json::to_value(&order.fills[0]).unwrap();
    shape["recurring"] = recurring_shape;
    shape["alert"] = alert_shape;
    shape["guards"] = guards_shape;
    let full = AccountEvent {
        reason: Some(EventReason::Order(Reason::User)),
        fill: order.fills.into_iter().next(),
        recurring: Some(recurring),
        alert: Some(alert),
        guards: Some(guards),
        ..event
    };
    keeps(&full, shape);
}
