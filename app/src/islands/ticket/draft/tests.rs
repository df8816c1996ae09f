use cnop_api::{Code, FieldError};
use cnop_domain::{
    AccountLimits, Guard, LossRecord, OrderStatus, OrderType, Quantity, Quote, TimeInForce, TradingRules,
    Trail,
};

use super::context::parsed;
use super::*;

pub(super) fn basis(cash: &str, coins: &str) -> EstimateContext {
    EstimateContext {
        asset_id: "BTC".parse().unwrap(),
        rules: TradingRules {
            tick_size: "0.01".parse().unwrap(),
            step_size: "0.00001".parse().unwrap(),
            min_quantity: "0.00001".parse().unwrap(),
            max_quantity: "100".parse().unwrap(),
            min_notional: "1".parse().unwrap(),
            max_notional: "1000000".parse().unwrap(),
        },
        quote: Quote {
            bid: "61990".parse().unwrap(),
            ask: "62010".parse().unwrap(),
            bid_size: "1".parse().unwrap(),
            ask_size: "1".parse().unwrap(),
            last: "62000".parse().unwrap(),
            seq: 1,
            time_us: 0,
        },
        fee_bps: 10,
        order_notional_max: "10000".parse().unwrap(),
        cash: cash.parse().unwrap(),
        coins: coins.parse().unwrap(),
        held: coins.parse().unwrap(),
        cost: Price::from_units(6_000_000_000_000).unwrap().value_of(coins.parse().unwrap()),
        now_us: 0,
        limits: AccountLimits::default(),
        zone: crate::zone::ReaderZone::default(),
    }
}

/// `draft("buy limit", &[("amount", "0.01"), ("price", "61000")])`.
pub(super) fn draft(words: &str, fields: &[(&str, &str)]) -> OrderForm {
    let (side, kind) = words.split_once(' ').unwrap();
    OrderForm::read(|name| match name {
        "side" => side.to_owned(),
        "type" => kind.to_owned(),
        _ => fields
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
            .unwrap_or_default(),
    })
}

#[test]
fn an_estimate_is_what_the_fill_does() {
    let buy = draft("buy market", &[("amount", " 0.01 ")]);
    let bought = estimate(&buy, &basis("1000", "0")).unwrap();
    assert_eq!(bought.notional.to_string(), "620.10");
    assert_eq!(bought.fee.to_string(), "0.6201");
    assert_eq!(bought.total.to_string(), "620.7201");
    assert_eq!(bought.cash_after.to_string(), "379.2799");
    assert_eq!(bought.slippage, Some(161));
    let sold = estimate(&draft("sell market", &[("amount", "0.01")]), &basis("0", "0.5")).unwrap();
    assert_eq!(sold.total.to_string(), "619.2801");
    assert_eq!(sold.coins_after.to_string(), "0.49");
}

#[test]
fn a_limit_order_rests_and_reserves_with_its_fee() {
    let form = draft("buy limit", &[("amount", "0.01"), ("price", "61000")]);
    let rests = estimate(&form, &basis("1000", "0")).unwrap();
    assert_eq!((rests.status, rests.filled), (OrderStatus::Working, Quantity::ZERO));
    assert_eq!(rests.reserved_cash.to_string(), "610.61");
    assert_eq!(rests.cash_after.to_string(), "389.39");
    let form = OrderForm { price: "63000".to_owned(), ..form };
    let takes = estimate(&form, &basis("1000", "0")).unwrap();
    assert_eq!((takes.status, takes.price.to_string()), (OrderStatus::Completed, "62010.00".to_owned()));
    // More than the quote shows: the rest waits at the limit.
    let large = OrderForm { amount: "1.5".to_owned(), ..form };
    let rich = EstimateContext { order_notional_max: "1000000".parse().unwrap(), ..basis("100000", "0") };
    let parts = estimate(&large, &rich).unwrap();
    assert_eq!((parts.filled.to_string(), parts.waiting.to_string()), ("1".to_owned(), "0.5".to_owned()));
}

#[test]
fn a_stop_waits_and_a_purchase_reserves_its_cushion() {
    let form = draft("buy stop", &[("amount", "0.01"), ("stop_price", "64000"), ("unit", "usd")]);
    let waits = estimate(&form, &basis("1000", "0")).unwrap();
    assert_eq!(waits.status, OrderStatus::WaitingTrigger);
    assert_eq!(waits.reserved_cash.to_string(), "656.656");
    let reached = OrderForm { stop_price: "61000".to_owned(), ..form };
    let problem = estimate(&reached, &basis("1000", "0")).unwrap_err();
    assert_eq!(problem.code, Code::OrderWouldTrigger);
    let error = problem.errors.first().unwrap();
    assert_eq!(
        (error.member(), error.nearest.first().map(String::as_str)),
        (Some("stop_price"), Some("62000.01"))
    );
    let trailing = draft("sell trailing_stop", &[("amount", "0.01"), ("trail", "1.5")]);
    let waits = estimate(&trailing, &basis("0", "1")).unwrap();
    assert_eq!(
        (waits.price.to_string(), waits.reserved_coins.to_string()),
        ("61070.00".to_owned(), "0.01".to_owned())
    );
}

#[test]
fn exits_make_a_bracket_and_two_prices_an_oco() {
    let exits = [("amount", "0.01"), ("take_profit", "70000"), ("stop_loss", "50000")];
    let bracket = estimate(&draft("buy market", &exits), &basis("1000", "0")).unwrap();
    assert_eq!(bracket.take_profit.unwrap().to_string(), "70000.00");
    assert_eq!(bracket.reserved_coins.to_string(), "0.01");
    assert!(bracket.coins_after.is_zero());
    let oco = estimate(&draft("sell oco", &exits), &basis("0", "0.02")).unwrap();
    assert_eq!(oco.reserved_coins.to_string(), "0.01");
    let wrong = [("amount", "0.01"), ("take_profit", "50000"), ("stop_loss", "49000")];
    let problem = estimate(&draft("buy market", &wrong), &basis("1000", "0")).unwrap_err();
    assert_eq!(problem.errors.first().and_then(FieldError::member), Some("take_profit"));
    // A sale of another kind has no exits: what stands in those fields is not looked at.
    assert_eq!(parsed(&draft("sell market", &wrong), &basis("0", "1")).unwrap().orders.len(), 1);
}

/// The confirmation showed the good end of a pair only.
#[test]
fn both_ends_of_a_bracket_and_of_a_pair_have_a_result() {
    let exits = [("amount", "0.01"), ("take_profit", "70000"), ("stop_loss", "50000")];
    let bracket = estimate(&draft("buy market", &exits), &basis("1000", "0")).unwrap();
    // 700 less 0.70; paid were 620.7201.
    let profit = bracket.profit_end.unwrap();
    assert_eq!(
        (profit.total.to_string(), profit.gain.unwrap().to_string()),
        ("699.30".to_owned(), "78.5799".to_owned())
    );
    let loss = bracket.loss_end.unwrap();
    assert_eq!((loss.is_limit, loss.gain.unwrap().to_string()), (false, "-121.2201".to_owned()));
    assert_eq!(reward(&profit, &loss), Some(64));
    // A pair sells what is held: here at a cost of 60,000.
    let pair = estimate(&draft("sell oco", &exits), &basis("0", "0.02")).unwrap();
    assert_eq!(pair.profit_end.unwrap().gain.unwrap().to_string(), "99.30");
    assert_eq!(pair.loss_end.unwrap().total.to_string(), "499.50");
    let bought = [("amount", "0.01"), ("take_profit", "60000"), ("stop_loss", "64000")];
    let pair = estimate(&draft("buy oco", &bought), &basis("1000", "0")).unwrap();
    assert_eq!(pair.profit_end.unwrap().total.to_string(), "600.60");
    assert_eq!(pair.loss_end.unwrap().gain, None);
}

#[test]
fn a_loss_ends_by_any_kind_of_stop() {
    let with = |words: &str, more: &[(&str, &str)]| {
        let fields = [&[("amount", "0.01")][..], more].concat();
        estimate(&draft(words, &fields), &basis("1000", "1"))
    };
    let limited = [("stop_loss_type", "stop_limit"), ("stop_loss", "50000"), ("stop_loss_price", "49900")];
    let loss = with("buy market", &limited).unwrap().stop_loss.unwrap();
    assert_eq!((loss.order_type, loss.limit), (OrderType::StopLimit, "49900".parse().ok()));
    let trails = [("stop_loss_type", "trailing_stop"), ("stop_loss", "1"), ("stop_loss_trail", "2.5")];
    let loss = with("buy market", &trails).unwrap().stop_loss.unwrap();
    assert_eq!((loss.trail, loss.stop), (Some(Trail::BasisPoints(250)), None));
    let pair = [&trails[..], &[("take_profit", "70000"), ("stop_loss_unit", "usd")]].concat();
    let loss = with("sell oco", &pair).unwrap().stop_loss.unwrap();
    assert_eq!(loss.trail, Some(Trail::Amount("2.5".parse().unwrap())));
    for (more, field) in [
        (&[("stop_loss_type", "stop_limit"), ("stop_loss", "50000")][..], "stop_loss_price"),
        (&[("stop_loss_type", "stop_limit"), ("stop_loss_price", "50000")], "stop_loss"),
        (&[("stop_loss_type", "trailing_stop"), ("stop_loss_trail", "60")], "stop_loss_trail"),
        (&[("stop_loss_type", "trailing_stop"), ("stop_loss_trail", "far")], "stop_loss_trail"),
        (&[("stop_loss", "62500")], "stop_loss"),
        (
            &[("stop_loss_type", "stop_limit"), ("stop_loss", "50000"), ("stop_loss_price", "1")],
            "stop_loss_price",
        ),
    ] {
        let problem = with("buy market", more).unwrap_err();
        assert_eq!(problem.errors.first().and_then(FieldError::member), Some(field), "{more:?}");
    }
}

#[test]
fn two_orders_that_exclude_each_other_can_buy() {
    let fields = [("amount", "0.01"), ("take_profit", "60000"), ("stop_loss", "64000")];
    let pair = estimate(&draft("buy oco", &fields), &basis("1000", "0")).unwrap();
    assert_eq!((pair.terms.side, pair.take_profit), (Side::Buy, "60000".parse().ok()));
    // One reserve for both: that of the more expensive one, with its cushion.
    assert_eq!(pair.reserved_cash.to_string(), "656.656");
    let swapped = [("amount", "0.01"), ("take_profit", "64000"), ("stop_loss", "60000")];
    assert!(estimate(&draft("buy oco", &swapped), &basis("1000", "0")).is_err());
}

#[test]
fn own_limits_of_a_trader_refuse_an_order_before_the_request() {
    let buy = draft("buy market", &[("amount", "0.01")]);
    let of = |guard: Guard, open_orders: u32, form: &OrderForm| {
        let losses = LossRecord { last_loss_us: Some(0), ..LossRecord::default() };
        let limits = AccountLimits { open_orders, guard, losses };
        let basis = EstimateContext { limits, ..basis("1000", "1") };
        estimate(form, &basis).err().map(|problem| problem.code)
    };
    let small = Guard { order_max: "100".parse().ok(), ..Guard::default() };
    assert_eq!(of(small, 0, &buy), Some(Code::GuardOrderTooLarge));
    let killed = Guard { kill_switch: true, ..Guard::default() };
    assert_eq!(of(killed, 0, &buy), Some(Code::GuardKillSwitch));
    assert_eq!(of(killed, 0, &draft("sell market", &[("amount", "0.01")])), None);
    let paused = Guard { pause_after_loss_us: Some(1), ..Guard::default() };
    assert_eq!(of(paused, 0, &buy), Some(Code::GuardCoolDown));
    assert_eq!(of(paused, 0, &draft("sell market", &[("amount", "0.01")])), None);
    let rests = draft("sell limit", &[("amount", "0.01"), ("price", "70000")]);
    assert_eq!(of(killed, 0, &rests), None, "a sale only reduces a holding");
    assert_eq!(of(Guard::default(), 199, &rests), None);
    assert_eq!(of(Guard::default(), 200, &rests), Some(Code::OrderTooManyOpen));
    assert_eq!(of(Guard::default(), 200, &buy), None);
}

#[test]
fn time_in_force_is_that_of_the_kind() {
    let of = |words: &str, life: &str, day: &str| {
        let fields = [
            ("amount", "0.01"),
            ("price", "61000"),
            ("stop_price", "64000"),
            ("time_in_force", life),
            ("expires_at", day),
        ];
        parsed(&draft(words, &fields), &basis("1000", "1")).map(|parsed| parsed.orders[0].terms.time_in_force)
    };
    assert_eq!(of("buy market", "gtc", ""), Ok(TimeInForce::Ioc));
    assert_eq!(of("buy limit", "", ""), Ok(TimeInForce::Gtc));
    assert_eq!(of("buy limit", "fok", ""), Ok(TimeInForce::Fok));
    assert_eq!(of("buy stop", "fok", ""), Ok(TimeInForce::Gtc));
    assert_eq!(of("buy limit", "gtd", "1970-01-02"), Ok(TimeInForce::Gtd { expires_us: 172_799_000_000 }));
    assert_eq!(of("buy limit", "gtd", "").unwrap_err().errors[0].member(), Some("expires_at"));
}

/// The form after a press on the chip of a share.
pub(super) fn filled(basis: &EstimateContext, form: &OrderForm, percentage: u32) -> OrderForm {
    let share = basis.share(form, percentage);
    OrderForm { amount: share.amount, unit: share.unit.to_owned(), ..form.clone() }
}

#[test]
fn all_of_it_leaves_room_for_the_fee_and_keeps_the_step() {
    for cash in ["1000", "10.07", "2.00", "9999.99", "123.45678901"] {
        let basis = basis(cash, "0");
        for (words, unit) in [
            ("buy market", "asset"),
            ("buy market", "usd"),
            ("buy limit", "asset"),
            ("buy limit", "usd"),
            ("buy stop", "asset"),
        ] {
            let form = draft(words, &[("unit", unit), ("price", "61000"), ("stop_price", "64000")]);
            let form = OrderForm { ..filled(&basis, &form, 100) };
            let result = estimate(&form, &basis);
            assert!(result.is_ok(), "{cash} {form:?}: {result:?}");
        }
    }
}

#[test]
fn all_coins_are_sold_to_the_last() {
    let form = draft("sell market", &[("unit", "asset")]);
    for coins in ["0.12345678", "0.00000001", "0.00001", "0.1"] {
        let held = basis("0", coins);
        let form = OrderForm { amount: held.share(&form, 100).amount, ..form.clone() };
        assert_eq!(form.amount, coins);
        assert!(estimate(&form, &held).unwrap().coins_after.is_zero(), "{coins}");
    }
    assert_eq!(basis("0", "0.12345678").share(&form, 50).amount, "0.06172");
}

#[test]
fn a_share_never_exceeds_what_one_order_may_be() {
    let rich = basis("1000000", "50");
    for side in Side::ALL {
        for unit in ["asset", "usd"] {
            let form = draft(&format!("{side} market"), &[("unit", unit)]);
            let form = filled(&rich, &form, 100);
            assert!(estimate(&form, &rich).is_ok(), "{form:?}");
        }
    }
}

/// 100 % in coins was refused in 6 of 10 tries, because the price had moved by the time the order arrived.
#[test]
fn all_dollars_buy_at_a_higher_price_too() {
    for cash in ["1000", "10.07", "123.45678901"] {
        let basis = basis(cash, "0");
        let form = draft("buy market", &[("unit", "usd")]);
        let form = OrderForm { ..filled(&basis, &form, 100) };
        let later = |ask: &str| EstimateContext {
            quote: Quote { ask: ask.parse().unwrap(), ..basis.quote },
            ..basis
        };
        for ask in ["62010", "62500", "70000", "61000"] {
            assert!(estimate(&form, &later(ask)).is_ok(), "{cash} at {ask}");
        }
    }
    let order_max = "250.005".parse().ok();
    let own = AccountLimits { guard: Guard { order_max, ..Guard::default() }, ..AccountLimits::default() };
    let limited = EstimateContext { limits: own, ..basis("1000", "1") };
    for (words, unit, amount) in [
        ("buy market", "usd", "250.00"),
        ("buy limit", "asset", "0.00409"),
        ("sell market", "asset", "0.15971"),
    ] {
        let form = draft(words, &[("unit", unit), ("price", "61000")]);
        let form = filled(&limited, &form, 100);
        assert_eq!(form.amount, amount);
        assert!(estimate(&form, &limited).is_ok());
    }
}

/// 5,000 coins became 5,000 dollars when the unit was changed.
#[test]
fn another_unit_is_another_number() {
    let basis = basis("1000", "1");
    for (words, unit, amount, other, expected) in [
        ("buy market", "asset", "0.01", "usd", "620.10"),
        ("sell market", "asset", "0.01", "usd", "619.90"),
        ("buy limit", "asset", "0.01", "usd", "610.00"),
        ("buy market", "usd", "540", "asset", "0.0087"),
        ("buy market", "usd", "0.01", "asset", ""),
        ("buy market", "asset", "0.00000001", "usd", ""),
        ("buy market", "asset", "", "usd", ""),
        ("buy market", "asset", "many", "usd", ""),
    ] {
        let form = draft(words, &[("unit", unit), ("amount", amount), ("price", "61000")]);
        assert_eq!(basis.amount_in(other, &form), expected, "{form:?}");
    }
}

#[test]
fn refusals_have_the_venues_codes_and_stand_at_their_fields() {
    let poor = basis("1", "0");
    for (words, fields, code, member) in [
        ("buy market", &[("amount", "0.01")][..], Code::BalanceInsufficientFunds, "amount"),
        ("sell market", &[("amount", "0.01")], Code::BalanceInsufficientQuantity, "amount"),
        ("buy market", &[("amount", "0.000001")], Code::OrderStepSize, "amount"),
        ("buy market", &[("unit", "usd"), ("amount", "0.5")], Code::OrderQuantityRange, "amount"),
        ("buy market", &[("unit", "usd"), ("amount", "20000")], Code::OrderNotionalRange, "amount"),
        ("buy market", &[("unit", "usd")], Code::RequestInvalid, "amount"),
        ("buy market", &[("amount", "1e3")], Code::RequestInvalid, "amount"),
        ("buy market", &[("amount", "0.123456789")], Code::RequestInvalid, "amount"),
        ("buy market", &[("amount", "-1")], Code::RequestInvalid, "amount"),
        ("buy limit", &[("amount", "1")], Code::RequestInvalid, "price"),
        ("buy limit", &[("amount", "1"), ("price", "61000.001")], Code::OrderTickSize, "price"),
        ("buy limit", &[("amount", "1"), ("price", "6100")], Code::OrderPriceBand, "price"),
        (
            "buy limit",
            &[("amount", "1"), ("price", "63000"), ("post_only", "true")],
            Code::OrderWouldTake,
            "price",
        ),
        ("sell trailing_stop", &[("amount", "1"), ("trail", "60")], Code::RequestInvalid, "trail"),
        ("sell trailing_stop", &[("amount", "1"), ("trail", "1.555")], Code::RequestInvalid, "trail"),
        ("sell oco", &[("amount", "1")], Code::RequestInvalid, "take_profit"),
        (
            "buy limit",
            &[("amount", "1"), ("price", "61000"), ("time_in_force", "gtd"), ("expires_at", "1969-12-31")],
            Code::OrderTimeInForce,
            "expires_at",
        ),
    ] {
        let problem = estimate(&draft(words, fields), &poor).unwrap_err();
        assert_eq!(problem.code, code, "{words} {fields:?}");
        assert_eq!(problem.errors.first().and_then(FieldError::member), Some(member), "{words} {fields:?}");
    }
}
