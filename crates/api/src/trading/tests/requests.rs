use cnop_domain::GroupKind;
use serde_json::{Value, json};

use super::super::*;
use crate::FieldError;

#[allow(clippy::needless_pass_by_value, reason = "callers write the value in place")]
fn read<T: serde::de::DeserializeOwned>(shape: Value) -> T {
    // Through text: figures are read from it.
    serde_json::from_str(&shape.to_string()).unwrap()
}

fn written(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Role, side, type and quantity of each leg.
fn roles(legs: &[GroupLeg]) -> Vec<(&str, &str, &str, Option<&str>)> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default().leak() as &str;
    legs.iter()
        .map(|leg| {
            let quantity = leg.order.quantity.as_ref().map(crate::Figure::as_str);
            (leg.role.as_str(), text(&leg.order.side), text(&leg.order.kind), quantity)
        })
        .collect()
}

/// Repeated idempotency keys are compared by this form: it must not change for requests of the first version.
#[test]
fn an_order_without_new_members_keeps_the_first_wire_form() {
    let request: OrderRequest =
        read(json!({ "order_type": "market_buy", "asset_id": "BTC", "quantity": "1" }));
    assert_eq!(
        serde_json::to_string(&request).unwrap(),
        r#"{"order_type":"market_buy","side":null,"type":null,"asset_id":"BTC","quantity":"1","quote_quantity":null,"price":null,"client_order_id":null}"#
    );
}

#[test]
fn an_order_reads_every_member_and_refuses_others() {
    let shape = json!({
        "order_type": null, "side": "buy", "type": "limit", "asset_id": "btc", "quantity": "0.02",
        "quote_quantity": null, "price": "60000", "client_order_id": "mine", "stop_price": "59000",
        "trail_bps": 150, "trail_amount": "600", "time_in_force": "gtd",
        "expires_at": "2026-11-30T00:00:00.000000Z", "post_only": true, "take_profit": { "price": "70000" },
        "stop_loss": { "stop_price": "55000", "price": "54900", "trail_bps": 200, "trail_amount": "1000" }
    });
    assert_eq!(written(&read::<OrderRequest>(shape.clone())), shape);
    for wrong in [
        json!({ "asset_id": "BTC", "trail_bps": 1.5 }),
        json!({ "asset_id": "BTC", "expires_at": "tomorrow" }),
        json!({ "asset_id": "BTC", "take_profit": {} }),
        json!({ "side": "buy" }),
        json!({ "asset_id": "BTC", "postOnly": true }),
        json!({ "asset_id": "BTC", "stop_loss": { "stop_price": "1", "limit_price": "1" } }),
    ] {
        assert!(serde_json::from_str::<OrderRequest>(&wrong.to_string()).is_err(), "{wrong}");
    }
}

#[test]
fn an_order_with_exits_is_a_group() {
    let plain: OrderRequest = read(json!({ "order_type": "market_buy", "asset_id": "BTC", "quantity": "1" }));
    assert_eq!(plain.group_kind(), None);
    assert_eq!(roles(&plain.legs()), [("entry", "", "", Some("1"))]);
    let bracket: OrderRequest = read(json!({
        "order_type": "limit_buy", "asset_id": "BTC", "quantity": "1", "price": "60000", "post_only": true,
        "take_profit": { "price": "70000" }, "stop_loss": { "trail_bps": "200" }
    }));
    assert_eq!(bracket.group_kind(), Some(GroupKind::Bracket));
    let legs = bracket.legs();
    assert_eq!(
        roles(&legs),
        [
            ("entry", "", "", Some("1")),
            ("take_profit", "sell", "limit", Some("1")),
            ("stop_loss", "sell", "trailing_stop", Some("1"))
        ]
    );
    assert!(legs[0].order.post_only && legs[0].order.group_kind().is_none());
    assert_eq!(legs[2].order.trail_bps, Some(200));
    let by_value =
        OrderRequest { quantity: None, quote_quantity: Some("100".into()), take_profit: None, ..bracket };
    assert_eq!(by_value.group_kind(), Some(GroupKind::Oto));
    assert_eq!(by_value.legs()[1].order.quantity, None);
    assert_eq!(by_value.legs()[1].order.quote_quantity, None);
}

#[test]
fn a_group_becomes_single_orders() {
    let shape = json!({
        "kind": "oco", "asset_id": "BTC", "side": "sell", "quantity": "0.02", "time_in_force": "gtd",
        "expires_at": "2026-11-30T00:00:00.000000Z", "client_order_id": "mine",
        "take_profit": { "price": "70000" }, "stop_loss": { "stop_price": "55000", "price": "54900" }
    });
    let oco: OrderGroupRequest = read(shape.clone());
    assert_eq!(written(&oco), shape);
    let legs = oco.legs();
    assert_eq!(
        roles(&legs),
        [("take_profit", "sell", "limit", Some("0.02")), ("stop_loss", "sell", "stop_limit", Some("0.02"))]
    );
    assert!(legs.iter().all(|leg| leg.order.expires_at.is_some()));
    assert_eq!(legs[0].order.client_order_id.as_deref(), Some("mine"));
    assert_eq!(legs[1].order.client_order_id, None);

    let bracket: OrderGroupRequest = read(json!({
        "kind": "bracket", "asset_id": "BTC", "quantity": "0.02", "time_in_force": "gtc",
        "entry": { "type": "limit", "price": "60000", "post_only": true },
        "take_profit": { "price": "70000" }, "stop_loss": { "stop_price": "55000" }
    }));
    let legs = bracket.legs();
    assert_eq!(
        roles(&legs),
        [
            ("entry", "buy", "limit", Some("0.02")),
            ("take_profit", "sell", "limit", Some("0.02")),
            ("stop_loss", "sell", "stop", Some("0.02"))
        ]
    );
    assert_eq!(legs[0].order.time_in_force.as_deref(), Some("gtc"));
    assert_eq!(legs[1].order.time_in_force, None);
    let market: OrderGroupRequest = read(json!({ "kind": "oto", "asset_id": "BTC", "quote_quantity": "50" }));
    assert_eq!(roles(&market.legs()), [("entry", "buy", "market", None)]);
}

#[test]
fn a_leg_s_fault_points_into_the_group() {
    let group: OrderGroupRequest = read(json!({
        "kind": "bracket", "asset_id": "BTC", "entry": { "price": "1" },
        "take_profit": { "price": "2" }, "stop_loss": { "stop_price": "0.5" }
    }));
    let legs = group.legs();
    let located = |leg: &GroupLeg, member: &str| {
        leg.locate(FieldError::new(member, "rule", "No.")).pointer.unwrap_or_default()
    };
    for (index, member, pointer) in [
        (0, "price", "#/entry/price"),
        (0, "quantity", "#/quantity"),
        (1, "price", "#/take_profit/price"),
        (2, "stop_price", "#/stop_loss/stop_price"),
        (2, "asset_id", "#/asset_id"),
    ] {
        assert_eq!(located(&legs[index], member), pointer);
    }
    let order: OrderRequest = read(json!({
        "asset_id": "BTC", "side": "buy", "price": "1", "take_profit": { "price": "2" }
    }));
    assert_eq!(located(&order.legs()[0], "price"), "#/price");
    assert_eq!(located(&order.legs()[1], "price"), "#/take_profit/price");
}

#[test]
fn a_change_names_only_what_changes() {
    let nothing: OrderReplaceRequest = read(json!({}));
    assert!(nothing.is_empty());
    // A request must not apply in part.
    assert!(serde_json::from_str::<OrderReplaceRequest>(r#"{ "price": "1", "note": "?" }"#).is_err());
    assert!(serde_json::from_str::<GuardRailsUpdate>(r#"{ "kill_switch": true, "note": "?" }"#).is_err());
    let shape = json!({
        "quantity": "0.03", "price": "61000", "stop_price": "60000", "trail_bps": 100, "trail_amount": "5",
        "expires_at": "2026-11-30T00:00:00.000000Z", "post_only": false
    });
    let change: OrderReplaceRequest = read(shape.clone());
    assert!(!change.is_empty());
    assert_eq!(written(&change), shape);
    let endless: OrderReplaceRequest = read(json!({ "quantity": null, "expires_at": null }));
    assert_eq!((endless.quantity.clone(), endless.expires_at), (None, Some(None)));
    assert_eq!(written(&endless), json!({ "expires_at": null }));
}

#[test]
fn the_other_requests_keep_their_shape() {
    let close = json!({ "quantity": "1", "percent": "12.5", "client_order_id": "mine" });
    assert_eq!(written(&read::<ClosePositionRequest>(close.clone())), close);
    let recurring = json!({
        "asset_id": "BTC", "amount": "50", "interval": "weekly", "time": "09:30", "weekday": "monday", "day": 31
    });
    assert_eq!(written(&read::<RecurringRequest>(recurring.clone())), recurring);
    let update = json!({ "status": "paused", "amount": "60" });
    assert_eq!(written(&read::<RecurringUpdate>(update.clone())), update);
    let alert = json!({ "asset_id": "BTC", "price": "70000", "direction": "above", "note": "sell" });
    assert_eq!(written(&read::<AlertRequest>(alert.clone())), alert);
}

#[test]
fn a_guard_is_set_lifted_or_left() {
    let shape = json!({ "largest_order": "1000", "daily_loss": null, "kill_switch": true });
    let update: GuardRailsUpdate = read(shape.clone());
    assert_eq!(update.largest_order, Some(Some("1000".into())));
    assert_eq!(update.daily_loss, Some(None));
    assert_eq!(update.cool_down_minutes, None);
    assert_eq!(written(&update), shape);
    let lifted: GuardRailsUpdate = read(json!({ "cool_down_minutes": null }));
    assert_eq!(lifted.cool_down_minutes, Some(None));
    assert!(!lifted.is_empty());
    assert!(read::<GuardRailsUpdate>(json!({})).is_empty());
}

#[cfg(feature = "server")]
#[test]
fn figures_may_be_numbers_and_lose_no_digit() {
    let request: OrderRequest = serde_json::from_str(
        r#"{"asset_id":"BTC","price":60000.10,"stop_loss":{"stop_price":55000.000000001}}"#,
    )
    .unwrap();
    assert_eq!(request.price.unwrap().as_str(), "60000.10");
    assert_eq!(request.stop_loss.unwrap().stop_price.unwrap().as_str(), "55000.000000001");
}
