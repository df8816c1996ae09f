use super::*;
use crate::zone::ReaderZone;

fn form(kind: &str, side: &str) -> OrderForm {
    OrderForm {
        side: side.to_owned(),
        kind: kind.to_owned(),
        unit: "usd".to_owned(),
        amount: " 100 ".to_owned(),
        price: "61000".to_owned(),
        stop_price: "64000".to_owned(),
        trail: "1.5".to_owned(),
        time_in_force: "gtd".to_owned(),
        expires_at: "2026-12-24".to_owned(),
        post_only: "true".to_owned(),
        take_profit: "70000".to_owned(),
        stop_loss: "50000".to_owned(),
        ..OrderForm::default()
    }
}

fn one(form: &OrderForm) -> cnop_api::trading::OrderRequest {
    let placement = form.request("BTC", &ReaderZone::default()).unwrap();
    let Placement::One(request) = placement else { unreachable!("a group") };
    *request
}

/// The figure that a page shows must be accepted when it is pasted, and "1,234" must not become 1.234 coins.
#[test]
fn figures_are_read_as_people_type_and_paste_them() {
    let pasted = OrderForm {
        amount: "0,5 btc".to_owned(),
        price: "64,012.50 USD".to_owned(),
        unit: "asset".to_owned(),
        ..form("limit", "buy")
    };
    let request = one(&pasted);
    assert_eq!(request.quantity.as_ref().map(Figure::as_str), Some("0.5"));
    assert_eq!(request.price.as_ref().map(Figure::as_str), Some("64012.50"));
    let unclear = OrderForm { amount: "1,234".to_owned(), ..pasted };
    let Err(problem) = unclear.request("BTC", &ReaderZone::default()) else { unreachable!("a guess") };
    let error = problem.errors.first().unwrap();
    assert_eq!(
        (error.rule.as_str(), error.nearest.as_slice()),
        ("ambiguous", ["1.234".to_owned(), "1234".to_owned()].as_slice())
    );
}

#[test]
fn fields_of_another_kind_are_left_out() {
    let market = one(&form("market", "sell"));
    assert_eq!(market.quote_quantity.as_ref().map(cnop_api::Figure::as_str), Some("100"));
    assert!(market.price.is_none() && market.stop_price.is_none() && market.expires_at.is_none());
    assert!(market.take_profit.is_none() && !market.post_only && market.time_in_force.is_none());
    let limit = one(&form("limit", "buy"));
    assert!(
        limit.price.is_some() && limit.post_only && limit.take_profit.is_some() && limit.stop_loss.is_some()
    );
    assert_eq!(limit.expires_at, Timestamp::parse("2026-12-24T23:59:59Z"));
    let trailing = one(&form("trailing_stop", "sell"));
    assert_eq!((trailing.trail_bps, trailing.stop_price.is_none()), (Some(150), true));
    // No price is known when it is accepted: its amount is a number of coins.
    assert!(trailing.quantity.is_some() && trailing.quote_quantity.is_none());
}

#[test]
fn two_prices_are_a_group_of_either_side() {
    for side in ["buy", "sell"] {
        let Ok(Placement::Group(group)) = form("oco", side).request("BTC", &ReaderZone::default()) else {
            unreachable!("one order")
        };
        assert_eq!((group.kind.as_str(), group.side.as_deref()), ("oco", Some(side)));
    }
}

#[test]
fn a_loss_ends_by_a_stop_a_stop_limit_or_a_trail() {
    let loss = |kind: &str, unit: &str, price: &str| {
        let filled = OrderForm {
            stop_loss_type: kind.to_owned(),
            stop_loss_price: price.to_owned(),
            stop_loss_trail: "2.5".to_owned(),
            stop_loss_unit: unit.to_owned(),
            ..form("limit", "buy")
        };
        one(&filled).stop_loss.unwrap()
    };
    assert_eq!((loss("", "", "9").kind(), loss("stop", "", "9").price), (OrderType::Stop, None));
    let limited = loss("stop_limit", "", "49900");
    assert_eq!((limited.kind(), limited.price.unwrap().0.as_str()), (OrderType::StopLimit, "49900"));
    let percent = loss("trailing_stop", "percent", "");
    assert_eq!((percent.trail_bps, percent.trail_amount, percent.stop_price), (Some(250), None, None));
    let dollars = loss("trailing_stop", "usd", "");
    assert_eq!((dollars.trail_bps, dollars.trail_amount.unwrap().0.as_str()), (None, "2.5"));
    // A limit alone is half a stop-limit: what is missing is asked for.
    let half = OrderForm {
        stop_loss_type: "stop_limit".to_owned(),
        stop_loss: String::new(),
        stop_loss_price: "49900".to_owned(),
        ..form("limit", "buy")
    };
    assert!(
        half.request("BTC", &ReaderZone::default())
            .is_err_and(|problem| problem.errors[0].member() == Some("stop_loss"))
    );
    // Without any of the fields of its type there is no such exit.
    let none = OrderForm { stop_loss_type: "trailing_stop".to_owned(), ..form("limit", "buy") };
    assert!(one(&none).stop_loss.is_none());
}

#[test]
fn refusals_stand_at_the_tickets_fields() {
    let error = cnop_api::FieldError::new("stop_loss/stop_price", "exit_side", "The stop_price is wrong.");
    let problem = at_fields(cnop_api::Problem::invalid(vec![error]));
    assert_eq!(problem.errors[0].member(), Some("stop_loss"));
    assert_eq!(problem.detail, "The stop price is wrong.");
    for (member, field) in [
        ("stop_loss/price", "stop_loss_price"),
        ("stop_loss/trail_bps", "stop_loss_trail"),
        ("take_profit/price", "take_profit"),
        ("quote_quantity", "amount"),
    ] {
        assert_eq!(field_of(member), field);
    }
}
