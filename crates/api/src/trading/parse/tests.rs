//! Every invalid field is named.

use super::*;
use crate::trading::{StopLossRequest, TakeProfitRequest};

/// Bitcoin and its trading rules.
struct Bitcoin;

impl Assets for Bitcoin {
    fn rules(&self, asset_id: AssetId) -> Option<TradingRules> {
        (asset_id.as_str() == "BTC").then(|| TradingRules {
            tick_size: "0.01".parse().unwrap(),
            step_size: "0.00001".parse().unwrap(),
            min_quantity: "0.00001".parse().unwrap(),
            max_quantity: "100".parse().unwrap(),
            min_notional: "1".parse().unwrap(),
            max_notional: "1000000".parse().unwrap(),
        })
    }
}

fn request() -> OrderRequest {
    OrderRequest {
        order_type: Some("market_buy".to_owned()),
        asset_id: "btc".to_owned(),
        quantity: Some("0.015".into()),
        ..OrderRequest::default()
    }
}

fn terms(request: &OrderRequest) -> OrderTerms {
    parse_order(request, &Bitcoin).unwrap().orders[0].terms
}

fn faults_at(request: &OrderRequest) -> Vec<String> {
    match parse_order(request, &Bitcoin) {
        Err(Problem { code: Code::RequestInvalid, errors, .. }) => {
            errors.into_iter().map(|error| error.pointer.unwrap_or_default()).collect()
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn faults(request: &OrderRequest) -> Vec<(String, String)> {
    match parse_order(request, &Bitcoin) {
        Err(Problem { code: Code::RequestInvalid, errors, .. }) => {
            errors.into_iter().map(|error| (error.member().unwrap().to_owned(), error.rule)).collect()
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn both_ways_of_naming_the_type_mean_the_same() {
    let old = parse_order(&request(), &Bitcoin).unwrap().orders;
    let new = OrderRequest {
        order_type: None,
        side: Some("buy".to_owned()),
        kind: Some("market".to_owned()),
        ..request()
    };
    assert_eq!(parse_order(&new, &Bitcoin).unwrap().orders, old);
    let terms = terms(&request());
    assert_eq!((terms.side, terms.order_type), (Side::Buy, OrderType::Market));
    assert_eq!(terms.asset_id.as_str(), "BTC");
}

#[test]
fn a_market_order_with_a_price_is_left_to_the_domain_to_refuse() {
    let priced = OrderRequest { price: Some("0.01".into()), ..request() };
    assert_eq!(terms(&priced).limit, Some("0.01".parse().unwrap()));
}

#[test]
fn time_in_force_is_what_the_type_and_the_end_say() {
    let of = |order_type: &str, word: Option<&str>, expires: Option<i64>| OrderRequest {
        order_type: Some(order_type.to_owned()),
        time_in_force: word.map(str::to_owned),
        expires_at: expires.map(crate::Timestamp),
        price: Some("60000".into()),
        ..request()
    };
    assert_eq!(terms(&request()).time_in_force, TimeInForce::Ioc);
    assert_eq!(terms(&of("limit_buy", None, None)).time_in_force, TimeInForce::Gtc);
    assert_eq!(terms(&of("limit_buy", None, Some(7))).time_in_force, TimeInForce::Gtd { expires_us: 7 });
    assert_eq!(terms(&of("limit_buy", Some("fok"), None)).time_in_force, TimeInForce::Fok);
    assert_eq!(faults(&of("limit_buy", Some("gtd"), None))[0].1, "required");
    assert_eq!(faults(&of("limit_buy", Some("gtc"), Some(7)))[0].1, "contradiction");
    assert_eq!(faults(&of("limit_buy", Some("day"), None))[0].1, "one_of");
}

#[test]
fn an_order_with_exits_is_a_group() {
    let bracket = OrderRequest {
        take_profit: Some(TakeProfitRequest { price: "70000".into() }),
        stop_loss: Some(StopLossRequest { stop_price: Some("50000".into()), ..StopLossRequest::default() }),
        ..request()
    };
    let parsed = parse_order(&bracket, &Bitcoin).unwrap();
    let roles: Vec<_> = parsed.orders.iter().map(|order| order.link.unwrap().role).collect();
    assert_eq!(roles, [Role::Entry, Role::TakeProfit, Role::StopLoss]);
    let bad = OrderRequest { take_profit: Some(TakeProfitRequest { price: "1e5".into() }), ..request() };
    assert_eq!(faults_at(&bad), ["#/take_profit/price"]);
}

#[test]
fn every_bad_field_is_named() {
    let bad = OrderRequest {
        order_type: Some("market".to_owned()),
        asset_id: "B-T".to_owned(),
        quantity: Some("1e3".into()),
        client_order_id: Some("a b".to_owned()),
        ..OrderRequest::default()
    };
    let named: Vec<_> = faults(&bad).into_iter().map(|(member, _)| member).collect();
    assert_eq!(named, ["order_type", "asset_id", "quantity", "client_order_id"]);
    for (change, member, rule) in [
        (OrderRequest { asset_id: "NOSUCH".to_owned(), ..request() }, "asset_id", "known_asset"),
        (OrderRequest { quantity: None, ..request() }, "quantity", "required"),
        (OrderRequest { quote_quantity: Some("5".into()), ..request() }, "quantity", "contradiction"),
        (OrderRequest { side: Some("sell".to_owned()), ..request() }, "order_type", "contradiction"),
        (OrderRequest { quantity: Some("-1".into()), ..request() }, "quantity", "positive"),
        (
            OrderRequest { quantity: None, quote_quantity: Some("0".into()), ..request() },
            "quote_quantity",
            "positive",
        ),
        (OrderRequest { order_type: None, ..request() }, "order_type", "required"),
    ] {
        assert_eq!(faults(&change), [(member.to_owned(), rule.to_owned())]);
    }
}

#[test]
fn too_many_digits_name_the_nearest_quantities() {
    let long = OrderRequest { quantity: Some("0.0150000001".into()), ..request() };
    match parse_order(&long, &Bitcoin) {
        Err(Problem { code: Code::RequestInvalid, errors, .. }) => {
            assert_eq!(errors[0].nearest.first().map(String::as_str), Some("0.015"));
            assert_eq!(errors[0].nearest.len(), 2);
        }
        other => panic!("not refused: {other:?}"),
    }
}
