//! Whole orders through the fill model: single cases by hand, then properties over random days.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

use cnop_domain::{
    Account, Amount, Bucket, Currency, Execution, Holder, Limit, OrderType, Price, Quantity, Quote, Refusal,
    Rule, Side, Size, Terms, Ticket, TradingRules, fee, market_fill,
};
use proptest::prelude::*;

const TRADER: Account = Account::Trader(Bucket::Available);

fn dollars(text: &str) -> Amount {
    text.parse().unwrap()
}

fn coins(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn rules() -> TradingRules {
    TradingRules {
        tick_size: price("0.01"),
        step_size: coins("0.00001"),
        min_quantity: coins("0.0001"),
        max_quantity: coins("100"),
        min_notional: dollars("1"),
        max_notional: dollars("1000000"),
    }
}

fn terms(bid: &str, ask: &str) -> Terms {
    Terms {
        rules: rules(),
        quote: Quote {
            bid: price(bid),
            ask: price(ask),
            bid_size: coins("1"),
            ask_size: coins("1"),
            last: price(bid),
            seq: 7,
            time_us: 1,
        },
        fee_bps: 10,
        order_notional_max: dollars("10000"),
    }
}

fn ticket(side: Side, size: Size) -> Ticket {
    Ticket { asset_id: "BTC".parse().unwrap(), side, order_type: OrderType::Market, size }
}

fn rich() -> Holder {
    Holder { cash: dollars("100000"), ..Holder::default() }
}

fn fill(side: Side, size: Size, holder: &Holder) -> Result<Execution, Refusal> {
    market_fill(&ticket(side, size), &terms("62000.00", "62010.00"), holder)
}

fn fault(side: Side, size: Size) -> (Rule, Limit, Vec<Size>, String) {
    match fill(side, size, &rich()) {
        Err(Refusal::Ticket(fault)) => {
            let detail = fault.detail("BTC".parse().unwrap());
            (fault.rule, fault.limit, fault.nearest, detail)
        }
        other => panic!("no ticket fault: {other:?}"),
    }
}

#[test]
fn a_purchase_takes_the_ask_and_pays_the_fee_on_top() {
    let done = fill(Side::Buy, Size::Base(coins("0.015")), &rich()).unwrap();
    assert_eq!(done.fill.price, price("62010"));
    assert_eq!(done.fill.notional, dollars("930.15"));
    assert_eq!(done.fill.fee, dollars("0.93015"));
    assert_eq!(done.after.cash, dollars("99068.91985"));
    assert_eq!(done.after.position.cost, dollars("931.08015"));
    assert_eq!(done.after.available, coins("0.015"));
    assert_eq!(done.realised, None);
    assert_eq!(done.postings.net(TRADER, Currency::Usd), -dollars("931.08015").units());
    assert_eq!(done.postings.net(Account::VenueFees, Currency::Usd), dollars("0.93015").units());
}

#[test]
fn a_sale_takes_the_bid_and_the_fee_from_its_proceeds() {
    let bought = fill(Side::Buy, Size::Base(coins("0.015")), &rich()).unwrap().after;
    let sold = fill(Side::Sell, Size::Base(coins("0.015")), &bought).unwrap();
    assert_eq!(sold.fill.price, price("62000"));
    assert_eq!(sold.after.cash, dollars("99997.98985"));
    assert_eq!(sold.after.position.cost, Amount::ZERO);
    assert_eq!(sold.realised, Some(dollars("-2.01015")));
    assert_eq!(sold.after.position.realised, dollars("-2.01015"));
}

#[test]
fn an_order_by_value_trades_the_largest_quantity_that_fits() {
    let done = fill(Side::Buy, Size::Quote(dollars("100")), &rich()).unwrap();
    assert_eq!(done.fill.quantity, coins("0.00161"));
    assert!(done.fill.notional <= dollars("100"));
    assert!(done.fill.price.value_of(coins("0.00162")) > dollars("100"));
}

#[test]
fn each_broken_rule_names_itself_and_the_nearest_valid_sizes() {
    let base = |text: &str| Size::Base(coins(text));
    let quote = |text: &str| Size::Quote(dollars(text));
    assert_eq!(fault(Side::Buy, base("0")).0, Rule::Positive);
    assert_eq!(fault(Side::Buy, quote("0")).0, Rule::Positive);
    assert_eq!(fault(Side::Buy, quote("-1")).0, Rule::Positive);
    let (rule, limit, nearest, detail) = fault(Side::Buy, base("0.000123"));
    assert_eq!((rule, limit), (Rule::StepSize, Limit::Quantity(coins("0.00001"))));
    assert_eq!(nearest, [base("0.00012"), base("0.00013")]);
    assert_eq!(detail, "The quantity goes in steps of 0.00001 BTC. Nearest: 0.00012 BTC or 0.00013 BTC.");
    let (rule, _, nearest, _) = fault(Side::Buy, base("0.00001"));
    assert_eq!((rule, nearest), (Rule::MinQuantity, vec![base("0.0001")]));
    let (rule, _, nearest, _) = fault(Side::Buy, base("101"));
    assert_eq!((rule, nearest), (Rule::MaxQuantity, vec![base("0.16126")]));
    let (rule, _, nearest, detail) = fault(Side::Buy, base("0.2"));
    assert_eq!((rule, nearest), (Rule::OrderNotionalMax, vec![base("0.16126")]));
    assert!(detail.contains("at most 10000.00 USD; this one is worth 12402.00 USD"), "{detail}");
    let (rule, _, nearest, _) = fault(Side::Buy, quote("3"));
    assert_eq!((rule, nearest), (Rule::MinQuantity, vec![quote("6.201")]));
    let (rule, _, nearest, _) = fault(Side::Buy, quote("20000"));
    assert_eq!((rule, nearest), (Rule::OrderNotionalMax, vec![quote("9999.7326")]));
}

#[test]
fn refusals_carry_what_is_there_and_what_is_needed() {
    let poor = Holder { cash: dollars("120"), ..Holder::default() };
    assert_eq!(
        fill(Side::Buy, Size::Base(coins("0.01")), &poor),
        Err(Refusal::InsufficientFunds { available: dollars("120"), needed: dollars("620.7201") })
    );
    assert_eq!(
        fill(Side::Sell, Size::Base(coins("0.01")), &poor),
        Err(Refusal::InsufficientQuantity { available: Quantity::ZERO, needed: coins("0.01") })
    );
    let limit = Ticket { order_type: OrderType::Limit, ..ticket(Side::Buy, Size::Base(coins("0.01"))) };
    assert_eq!(market_fill(&limit, &terms("1", "2"), &poor), Err(Refusal::TypeUnsupported(OrderType::Limit)));
}

#[test]
fn fees_round_up() {
    assert_eq!(fee(Amount::from_units(1).unwrap(), 10).unwrap().units(), 1);
    assert_eq!(fee(Amount::from_units(10_000).unwrap(), 10).unwrap().units(), 10);
    assert_eq!(fee(Amount::from_units(10_001).unwrap(), 10).unwrap().units(), 11);
    assert_eq!(fee(dollars("100"), 0).unwrap(), Amount::ZERO);
    assert!(fee(dollars("-1"), 10).is_err());
    assert!(fee(Amount::MAX, u32::MAX).is_err());
}

/// One order of a random day: side, size by steps or cents, bid in ticks, spread in ticks, fee.
fn orders() -> impl Strategy<Value = Vec<(bool, bool, u32, u32, u32, u32)>> {
    prop::collection::vec(
        (any::<bool>(), any::<bool>(), 1..200_000_u32, 1..9_000_000_u32, 1..1_000_u32, 0..500_u32),
        1..60,
    )
}

proptest! {
    #[test]
    fn no_money_appears_or_vanishes(day in orders(), by_one_unit in any::<bool>()) {
        let step = if by_one_unit { 1_000_000 } else { 1_000 };
        let start = dollars("20000");
        let mut holder = Holder { cash: start, ..Holder::default() };
        let (mut posted_cash, mut posted_coins) = (0, 0);
        for (buys, by_value, size, bid, spread, fee_bps) in day {
            let mut terms = terms("1", "2");
            terms.rules.step_size = Quantity::from_units(step).unwrap();
            terms.rules.tick_size = Price::from_units(100).unwrap();
            terms.fee_bps = fee_bps;
            let tick = terms.rules.tick_size.units() * 1_000;
            terms.quote.bid = Price::from_units(i128::from(bid) * tick).unwrap();
            terms.quote.ask = Price::from_units(i128::from(bid + spread) * tick).unwrap();
            let size = if by_value {
                Size::Quote(Amount::from_units(i128::from(size) * 1_000_000).unwrap())
            } else {
                Size::Base(Quantity::from_units(i128::from(size) * step).unwrap())
            };
            let side = if buys { Side::Buy } else { Side::Sell };
            let Ok(done) = market_fill(&ticket(side, size), &terms, &holder) else { continue };

            let coin = Currency::Asset("BTC".parse().unwrap());
            posted_cash += done.postings.net(TRADER, Currency::Usd);
            posted_coins += done.postings.net(TRADER, coin);
            prop_assert_eq!(done.after.cash.units(), start.units() + posted_cash, "cash is the sum of its postings");
            prop_assert_eq!(done.after.available.units(), posted_coins, "coins are the sum of their postings");
            prop_assert!(done.after.cash >= Amount::ZERO && done.after.position.cost >= Amount::ZERO);
            prop_assert!(done.fill.notional <= terms.order_notional_max);
            let exact_fee = done.fill.notional.units() * i128::from(fee_bps);
            prop_assert!(done.fill.fee.units() * 10_000 >= exact_fee, "the fee is never rounded down");
            if let Size::Quote(value) = size {
                prop_assert!(done.fill.notional <= value);
            }
            if done.after.position.quantity.is_zero() {
                prop_assert_eq!(done.after.position.cost, Amount::ZERO);
            }
            let mark = terms.quote.last;
            let profit = done.after.position.realised.units()
                + done.after.position.unrealised(mark).unwrap().units();
            prop_assert_eq!(profit, posted_cash + done.after.position.value(mark).units());
            holder = done.after;
        }
    }

    #[test]
    fn nearest_sizes_keep_every_rule(size in 0..30_000_000_000_i128, ticks in 1..9_000_000_i128, by_value in any::<bool>()) {
        let price = Price::from_units(ticks * 1_000_000).unwrap();
        let size = if by_value {
            Size::Quote(Amount::from_units(size * 100).unwrap())
        } else {
            Size::Base(Quantity::from_units(size).unwrap())
        };
        if let Err(fault) = ticket(Side::Buy, size).check(&rules(), dollars("10000"), price) {
            prop_assert!(!fault.nearest.is_empty());
            for nearest in fault.nearest {
                prop_assert_eq!(ticket(Side::Buy, nearest).check(&rules(), dollars("10000"), price).err(), None);
            }
        }
    }
}
