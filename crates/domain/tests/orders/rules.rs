//! Every rule about an order's fields names itself and valid values.

use cnop_domain::matching::EXPIRY_MAX_US;
use cnop_domain::{
    OrderTerms, OrderType, Refusal, RuleValue, Side, Size, SizeRule, TermsRule, TimeInForce, Trail,
};

use crate::fixture::{
    coins, dollars, fault, gtd, limit, market, placed, price, stop, stop_limit, trailing, venue,
};

fn refused(terms: OrderTerms) -> (&'static str, TermsRule, Vec<String>) {
    let fault = fault(placed(terms, &venue("100")));
    assert!(!fault.detail().is_empty());
    (fault.field.as_str(), fault.rule, fault.nearest.iter().filter_map(RuleValue::text).collect())
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn each_type_has_its_fields() {
    let at = Some(price("90"));
    for (terms, field, rule) in [
        (OrderTerms { limit: None, ..limit(Side::Buy, "1", "90") }, "price", TermsRule::Required),
        (OrderTerms { limit: at, ..market(Side::Buy, "1") }, "price", TermsRule::NotApplicable),
        (OrderTerms { stop: None, ..stop(Side::Sell, "1", "90") }, "stop_price", TermsRule::Required),
        (OrderTerms { stop: at, ..limit(Side::Buy, "1", "90") }, "stop_price", TermsRule::NotApplicable),
        (
            OrderTerms { trail: None, ..trailing(Side::Sell, "1", Trail::BasisPoints(100)) },
            "trail_bps",
            TermsRule::Required,
        ),
        (
            OrderTerms { trail: Some(Trail::Amount(price("1"))), ..stop(Side::Sell, "1", "90") },
            "trail_amount",
            TermsRule::NotApplicable,
        ),
        (
            OrderTerms { quote_quantity: Some(dollars("100")), ..stop(Side::Sell, "1", "90") },
            "quote_quantity",
            TermsRule::NotApplicable,
        ),
        (
            OrderTerms { post_only: true, ..stop_limit(Side::Sell, "1", "90", "89") },
            "post_only",
            TermsRule::NotApplicable,
        ),
    ] {
        let nearest = if field == "post_only" { texts(&["false"]) } else { Vec::new() };
        assert_eq!(refused(terms), (field, rule, nearest));
        let given = fault(placed(terms, &venue("100"))).given;
        assert_eq!(given == RuleValue::Nothing, rule == TermsRule::Required, "what is in the way is named");
    }
}

#[test]
fn each_type_has_its_times_in_force() {
    let with = |terms: OrderTerms, time_in_force| OrderTerms { time_in_force, ..terms };
    let tif = TermsRule::TimeInForce;
    for time_in_force in [TimeInForce::Ioc, TimeInForce::Fok] {
        assert!(placed(with(market(Side::Buy, "1"), time_in_force), &venue("100")).is_ok());
        assert!(placed(with(limit(Side::Buy, "1", "101"), time_in_force), &venue("100")).is_ok());
        let waiting = with(stop(Side::Sell, "1", "90"), time_in_force);
        assert_eq!(refused(waiting), ("time_in_force", tif, texts(&["gtc"])));
        let post_only = OrderTerms { post_only: true, ..with(limit(Side::Buy, "1", "90"), time_in_force) };
        assert_eq!(refused(post_only).0, "post_only");
    }
    assert_eq!(
        refused(with(market(Side::Buy, "1"), TimeInForce::Gtc)),
        ("time_in_force", tif, texts(&["ioc"]))
    );
    let now_us = venue("100").now_us;
    for (expires_us, fits) in [
        (now_us, false),
        (now_us + 1, true),
        (now_us + EXPIRY_MAX_US, true),
        (now_us + EXPIRY_MAX_US + 1, false),
    ] {
        let result = placed(gtd(expires_us, limit(Side::Buy, "1", "90")), &venue("100"));
        assert_eq!(result.is_ok(), fits);
        if !fits {
            let fault = fault(result);
            assert_eq!(fault.given, RuleValue::Time(expires_us));
            let [RuleValue::Time(nearest)] = fault.nearest[..] else { panic!("{fault:?}") };
            assert!(placed(gtd(nearest, limit(Side::Buy, "1", "90")), &venue("100")).is_ok());
        }
    }
}

#[test]
fn prices_are_on_the_tick_and_near_the_last() {
    let tick = refused(limit(Side::Buy, "1", "90.005"));
    assert_eq!(tick, ("price", TermsRule::TickSize, texts(&["90.00", "90.01"])));
    let band = TermsRule::PriceBand;
    assert_eq!(refused(limit(Side::Buy, "1", "0")), ("price", TermsRule::Positive, texts(&["20.00"])));
    assert_eq!(refused(limit(Side::Buy, "1", "19.99")), ("price", band, texts(&["20.00"])));
    assert_eq!(refused(limit(Side::Sell, "1", "500.01")), ("price", band, texts(&["500.00"])));
    assert!(placed(limit(Side::Buy, "1", "20"), &venue("100")).is_ok());
    assert!(placed(limit(Side::Sell, "1", "500"), &venue("100")).is_ok());
    assert_eq!(refused(stop(Side::Sell, "1", "9")), ("stop_price", band, texts(&["20.00"])));
    // A digit too many or too few of anything from half to twice the last price is caught.
    for (meant, slipped) in [("51", "510"), ("99.99", "999.90"), ("100", "10"), ("199", "19.90")] {
        assert!(placed(limit(Side::Buy, "0.1", meant), &venue("100")).is_ok());
        assert_eq!(refused(limit(Side::Buy, "0.1", slipped)).1, band);
    }
    // Band, side and tick together.
    let tick = TermsRule::TickSize;
    assert_eq!(refused(stop(Side::Buy, "1", "99.995")), ("stop_price", tick, texts(&["100.01"])));
    assert_eq!(refused(limit(Side::Buy, "1", "1.005")), ("price", tick, texts(&["20.00"])));
    assert_eq!(refused(stop(Side::Buy, "1", "9")), ("stop_price", band, texts(&["100.01"])));
    let post_only = OrderTerms { post_only: true, ..limit(Side::Buy, "1", "100.105") };
    assert_eq!(refused(post_only), ("price", tick, texts(&["100.09"])));
    let trail = |trail| refused(trailing(Side::Sell, "1", trail));
    assert_eq!(trail(Trail::BasisPoints(9)), ("trail_bps", TermsRule::TrailRange, texts(&["10"])));
    assert_eq!(trail(Trail::BasisPoints(5_001)), ("trail_bps", TermsRule::TrailRange, texts(&["5000"])));
    assert_eq!(trail(Trail::Amount(price("0.005"))), ("trail_amount", tick, texts(&["0.01"])));
    assert_eq!(trail(Trail::Amount(price("0"))), ("trail_amount", TermsRule::Positive, texts(&["0.01"])));
    assert_eq!(trail(Trail::Amount(price("95"))), ("trail_amount", band, texts(&["80.00"])));
}

#[test]
fn orders_that_must_rest_are_refused_when_they_would_act_at_once() {
    let would_trigger = TermsRule::WouldTrigger;
    assert_eq!(refused(stop(Side::Buy, "1", "100")), ("stop_price", would_trigger, texts(&["100.01"])));
    assert_eq!(refused(stop(Side::Sell, "1", "101")), ("stop_price", would_trigger, texts(&["99.99"])));
    let profit = OrderTerms { order_type: OrderType::TakeProfit, ..stop(Side::Sell, "1", "100") };
    assert_eq!(refused(profit), ("stop_price", would_trigger, texts(&["100.01"])));
    let post = |side, at| OrderTerms { post_only: true, ..limit(side, "1", at) };
    assert_eq!(refused(post(Side::Buy, "100.10")), ("price", TermsRule::WouldTake, texts(&["100.09"])));
    assert_eq!(refused(post(Side::Sell, "99")), ("price", TermsRule::WouldTake, texts(&["99.91"])));
    assert!(placed(post(Side::Buy, "100.09"), &venue("100")).is_ok());
}

#[test]
fn sizes_are_checked_at_the_price_that_decides_the_cost() {
    let size = |terms: OrderTerms| match placed(terms, &venue("100")) {
        Err(Refusal::Size(fault)) => (fault.rule, fault.nearest),
        other => panic!("no fault of the size: {other:?}"),
    };
    assert_eq!(size(limit(Side::Buy, "0.0105", "90")).0, SizeRule::StepSize);
    let nothing = placed(limit(Side::Buy, "0", "90"), &venue("100")).unwrap_err();
    let Refusal::Size(nothing) = nothing else { panic!("{nothing:?}") };
    assert!(nothing.detail("BTC".parse().unwrap()).ends_with("Nearest: 0.012 BTC."), "{nothing:?}");
    assert_eq!(
        size(limit(Side::Buy, "0.01", "90")),
        (SizeRule::MinNotional, vec![Size::Base(coins("0.012"))])
    );
    assert_eq!(size(stop(Side::Buy, "300", "450")).0, SizeRule::OrderNotionalMax);
    let by_value = OrderTerms { quote_quantity: Some(dollars("100")), ..limit(Side::Buy, "7", "33.33") };
    let order = placed(by_value, &venue("100")).unwrap().after.orders[0];
    assert_eq!(order.terms.quantity, coins("3"), "the largest whose value at the limit does not exceed 100");
    assert_eq!(order.terms.quote_quantity, Some(dollars("100")));
}

#[test]
fn a_trailing_trigger_is_rounded_away_from_the_market() {
    let tick = price("0.05");
    for (trail, side, expected) in [
        (Trail::BasisPoints(333), Side::Sell, "96.65"),
        (Trail::BasisPoints(333), Side::Buy, "103.35"),
        (Trail::Amount(price("3.33")), Side::Sell, "96.65"),
        (Trail::Amount(price("3.33")), Side::Buy, "103.35"),
        (Trail::Amount(price("200")), Side::Sell, "0"),
    ] {
        assert_eq!(trail.trigger(side, price("100"), tick), price(expected));
    }
    let far = Trail::Amount(cnop_domain::Price::MAX).trigger(Side::Buy, cnop_domain::Price::MAX, tick);
    assert!(far <= cnop_domain::Price::MAX);
}
