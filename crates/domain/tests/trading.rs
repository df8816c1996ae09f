//! Whole orders through the fill model: single cases, then properties over random days.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

use cnop_domain::matching::place;
use cnop_domain::{
    Amount, BALANCE_UNITS_MAX, Bucket, Currency, Fill, LedgerAccount, Limit, MarketContext, NewOrder,
    OrderChange, OrderSize, OrderTerms, Position, Postings, Price, Quantity, Quote, Refusal, Side, Size,
    SizeRule, TradingRules, TradingState, UNITS_MAX, UNITS_PER_WHOLE, fee,
};
use proptest::prelude::*;

const TRADER: LedgerAccount = LedgerAccount::Trader(Bucket::Available);

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

fn terms(bid: &str, ask: &str) -> MarketContext {
    MarketContext {
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
        displayed_left: coins("1"),
        now_us: 1,
    }
}

/// Balances of a trader before and after an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Holder {
    cash: Amount,
    available: Quantity,
    position: Position,
}

fn rich() -> Holder {
    Holder { cash: dollars("100000"), ..Holder::default() }
}

/// All that a market order does.
#[derive(Debug, PartialEq, Eq)]
struct Execution {
    fill: Fill,
    postings: Postings,
    after: Holder,
    realised: Option<Amount>,
}

/// Places a market order: it is accepted and filled in one step, and reserves nothing.
fn market(side: Side, size: Size, venue: &MarketContext, holder: &Holder) -> Result<Execution, Refusal> {
    let (quantity, quote_quantity) = match size {
        Size::Base(quantity) => (quantity, None),
        Size::Quote(amount) => (Quantity::ZERO, Some(amount)),
    };
    let terms = OrderTerms { quote_quantity, ..OrderTerms::market("BTC".parse().unwrap(), side, quantity) };
    let desk = TradingState {
        cash_available: holder.cash,
        coins_available: holder.available,
        position: holder.position,
        ..TradingState::default()
    };
    let outcome = place(&desk, &[NewOrder::single(terms)], venue)?;
    let [step] = outcome.steps.as_slice() else { panic!("not one step: {:?}", outcome.steps) };
    let OrderChange::Filled(filled) = &step.change else { panic!("not filled: {:?}", step.change) };
    let after = &outcome.after;
    assert_eq!((after.cash_reserved, after.coins_reserved), (Amount::ZERO, Quantity::ZERO));
    Ok(Execution {
        fill: filled.fill,
        postings: step.postings.clone(),
        after: Holder {
            cash: after.cash_available,
            available: after.coins_available,
            position: after.position,
        },
        realised: (side == Side::Sell).then_some(step.after.realised),
    })
}

fn fill(side: Side, size: Size, holder: &Holder) -> Result<Execution, Refusal> {
    market(side, size, &terms("62000.00", "62010.00"), holder)
}

fn fault(side: Side, size: Size) -> (SizeRule, Limit, Vec<Size>, String) {
    match fill(side, size, &rich()) {
        Err(Refusal::Size(fault)) => {
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
    assert_eq!(done.postings.net(LedgerAccount::VenueFees, Currency::Usd), dollars("0.93015").units());
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
    assert_eq!(fault(Side::Buy, base("0")).0, SizeRule::Positive);
    assert_eq!(fault(Side::Buy, quote("0")).0, SizeRule::Positive);
    assert_eq!(fault(Side::Buy, quote("-1")).0, SizeRule::Positive);
    let (rule, limit, nearest, detail) = fault(Side::Buy, base("0.000123"));
    assert_eq!((rule, limit), (SizeRule::StepSize, Limit::Quantity(coins("0.00001"))));
    assert_eq!(nearest, [base("0.00012"), base("0.00013")]);
    assert_eq!(detail, "The quantity goes in steps of 0.00001 BTC. Nearest: 0.00012 BTC or 0.00013 BTC.");
    let (rule, _, nearest, _) = fault(Side::Buy, base("0.00001"));
    assert_eq!((rule, nearest), (SizeRule::MinQuantity, vec![base("0.0001")]));
    let (rule, _, nearest, _) = fault(Side::Buy, base("101"));
    assert_eq!((rule, nearest), (SizeRule::MaxQuantity, vec![base("0.16126")]));
    let (rule, _, nearest, detail) = fault(Side::Buy, base("0.2"));
    assert_eq!((rule, nearest), (SizeRule::OrderNotionalMax, vec![base("0.16126")]));
    assert!(detail.contains("10000.00 USD (this order is worth 12402.00 USD)"), "{detail}");
    let (rule, _, nearest, _) = fault(Side::Buy, quote("3"));
    assert_eq!((rule, nearest), (SizeRule::MinQuantity, vec![quote("6.201")]));
    let (rule, _, nearest, _) = fault(Side::Buy, quote("20000"));
    assert_eq!((rule, nearest), (SizeRule::OrderNotionalMax, vec![quote("9999.7326")]));
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
}

/// Coins that are worth less than the smallest order, or that are no whole steps, are not stuck.
#[test]
fn a_sale_of_all_that_is_held_sweeps_the_dust() {
    let holder = |held: &str| {
        let position = Position { quantity: coins(held), cost: dollars("1"), ..Position::default() };
        Holder { available: coins(held), position, ..Holder::default() }
    };
    let sell = |amount: &str, held: &str| fill(Side::Sell, Size::Base(coins(amount)), &holder(held));
    let nearest = |amount: &str, held: &str| match sell(amount, held) {
        Err(Refusal::Size(fault)) => (fault.rule, fault.nearest),
        other => panic!("no ticket fault: {other:?}"),
    };
    let base = |text: &str| Size::Base(coins(text));
    let dust = sell("0.00001234", "0.00001234").unwrap();
    assert_eq!((dust.fill.notional, dust.fill.fee), (dollars("0.76508"), dollars("0.00076508")));
    assert_eq!(dust.after.cash, dollars("0.76431492"));
    assert_eq!(dust.after.position, Position { realised: dollars("-0.23568508"), ..Position::default() });
    let inexact =
        market(Side::Sell, base("0.00000001"), &terms("62000.55", "62010.00"), &holder("0.00000001"));
    assert_eq!(inexact.unwrap().fill.notional, dollars("0.00062000"), "0.0006200055, rounded down");

    assert_eq!(nearest("0.00001", "0.00001234"), (SizeRule::MinQuantity, vec![base("0.00001234")]));
    assert_eq!(nearest("0.00002", "0.00001234"), (SizeRule::MinQuantity, vec![base("0.00001234")]));
    assert_eq!(nearest("0.000123", "0.01"), (SizeRule::StepSize, vec![base("0.00012"), base("0.00013")]));
    assert_eq!(
        nearest("0.010007", "0.01000999"),
        (SizeRule::StepSize, vec![base("0.01"), base("0.01000999")])
    );
    assert_eq!(
        nearest("1", "0.5"),
        (SizeRule::OrderNotionalMax, vec![base("0.16129")]),
        "the cap holds for all"
    );
    assert_eq!(nearest("0.5", "0.5"), (SizeRule::OrderNotionalMax, vec![base("0.16129")]));
    let by_value = fill(Side::Sell, Size::Quote(dollars("0.5")), &holder("0.00001234"));
    assert!(matches!(by_value, Err(Refusal::Size(fault)) if fault.nearest.is_empty()));
    let purchase =
        fill(Side::Buy, base("0.00001234"), &Holder { cash: dollars("9"), ..holder("0.00001234") });
    assert!(matches!(purchase, Err(Refusal::Size(fault)) if fault.rule == SizeRule::StepSize), "sales only");
}

#[test]
fn nothing_is_traded_at_a_price_of_nothing() {
    let position = Position { quantity: coins("1"), ..Position::default() };
    let holder = Holder { cash: dollars("10"), available: coins("1"), position };
    for side in Side::ALL {
        for size in [Size::Base(coins("1")), Size::Quote(dollars("1"))] {
            match market(side, size, &terms("0", "0"), &holder) {
                Err(Refusal::Size(fault)) => {
                    assert_eq!((fault.rule, fault.nearest), (SizeRule::Exact, vec![]))
                }
                other => panic!("filled: {other:?}"),
            }
        }
    }
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
            let Ok(done) = market(side, size, &terms, &holder) else { continue };

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
        let check = |size| OrderSize { side: Side::Buy, size }.check(&rules(), dollars("10000"), price, Quantity::ZERO);
        if let Err(fault) = check(size) {
            prop_assert!(!fault.nearest.is_empty());
            for nearest in fault.nearest {
                prop_assert_eq!(check(nearest).err(), None);
            }
        }
    }

    #[test]
    fn nearest_sizes_of_a_sale_keep_every_rule_and_are_there(
        size in 0..30_000_000_000_i128, held in 1..30_000_000_000_i128, ticks in 1..9_000_000_i128, scale in 0..7_u32,
        by_value in any::<bool>(),
    ) {
        let price = Price::from_units(ticks * 1_000_000).unwrap();
        let held = Quantity::from_units((held / 10_i128.pow(scale)).max(1)).unwrap();
        let size = if by_value {
            Size::Quote(Amount::from_units(size * 100).unwrap())
        } else {
            Size::Base(Quantity::from_units(size / 10_i128.pow(scale)).unwrap())
        };
        let check = |size| OrderSize { side: Side::Sell, size }.check(&rules(), dollars("10000"), price, held);
        if let Err(fault) = check(size) {
            // Less than the smallest order is sold as a quantity only.
            let is_worthless = price.value_of(held).units() < 2;
            prop_assert!(by_value || is_worthless || !fault.nearest.is_empty(), "{fault:?}");
            for nearest in fault.nearest {
                let checked = check(nearest);
                prop_assert!(checked.as_ref().is_ok_and(|checked| checked.quantity <= held), "{checked:?}");
            }
        }
    }

    #[test]
    fn all_there_is_can_always_be_sold(
        held in 1..=16_000_000_i128, whole_cents in any::<bool>(), ticks in 1..9_000_000_i128, fee_bps in 0..10_000_u32,
        cost in 0..1_000_000_000_000_i128,
    ) {
        let mut terms = terms("1", "2");
        terms.fee_bps = fee_bps;
        terms.quote.bid = Price::from_units(if whole_cents { ticks * 1_000_000 } else { ticks }).unwrap();
        let held = Quantity::from_units(held).unwrap();
        let position = Position { quantity: held, cost: Amount::from_units(cost).unwrap(), realised: Amount::ZERO };
        let holder = Holder { cash: Amount::ZERO, available: held, position };
        let done = market(Side::Sell, Size::Base(held), &terms, &holder);
        let exact = terms.quote.bid.units() * held.units();
        if exact / UNITS_PER_WHOLE > terms.order_notional_max.units() {
            prop_assert!(matches!(done, Err(Refusal::Size(_))), "the largest figures hold for all");
            return Ok(());
        }
        let value = terms.quote.bid.value_of(held);
        if value.units() < 2 {
            prop_assert!(matches!(done, Err(Refusal::Size(_))), "nothing would be left");
            return Ok(());
        }
        if fee(value, fee_bps).unwrap() >= value {
            prop_assert!(matches!(done, Err(Refusal::Worthless)), "the fee takes all of it");
            return Ok(());
        }
        let done = done.unwrap();
        prop_assert_eq!((done.after.available, done.after.position.quantity), (Quantity::ZERO, Quantity::ZERO));
        prop_assert_eq!(done.after.position.cost, Amount::ZERO);
        let received = done.after.cash.units();
        prop_assert!(received >= 0 && received == done.fill.notional.units() - done.fill.fee.units());
        prop_assert!(done.fill.notional.units() * UNITS_PER_WHOLE <= exact, "never rounded up");
        // The proceeds never exceed the exact value minus the exact fee.
        prop_assert!(received * UNITS_PER_WHOLE * 10_000 <= exact * (10_000 - i128::from(fee_bps)));
        prop_assert_eq!(done.realised.unwrap().units(), received - cost);
        prop_assert_eq!(done.postings.net(TRADER, Currency::Usd), received);
        prop_assert_eq!(done.postings.net(TRADER, Currency::Asset("BTC".parse().unwrap())), -held.units());
    }

    #[test]
    fn profit_is_never_overstated(
        quantity in 2..=UNITS_MAX, part in 1..=UNITS_MAX, cost in 0..=BALANCE_UNITS_MAX, notional in 0..=UNITS_MAX,
    ) {
        let part = part % (quantity - 1) + 1;
        let amount = |units| Amount::from_units(units).unwrap();
        let units = |units| Quantity::from_units(units).unwrap();
        let before = Position { quantity: units(quantity), cost: amount(cost), realised: Amount::ZERO };
        let (after, profit) = before.sold(units(part), amount(notional), Amount::ZERO).unwrap();
        let removed = cost - after.cost.units();
        prop_assert_eq!(profit.units(), notional - removed);
        // removed is cost × part ÷ quantity, rounded up; compared in two halves, as the product leaves i128.
        let (whole, rest) = (cost / quantity, cost % quantity);
        let over = removed - whole * part;
        prop_assert!(over * quantity >= rest * part && (over - 1) * quantity < rest * part);
    }
}
