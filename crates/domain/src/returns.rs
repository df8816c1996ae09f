//! Returns of an investment: three measures that answer three questions.
//!
//! | measure | question | formula |
//! |---|---|---|
//! | return on average investment | how much did the invested money earn? | net profit ÷ Σ(investment × time) × Σ time |
//! | time-weighted return | how good were the decisions, regardless of deposits and withdrawals? | ∏(value before a flow ÷ value after the flow before it) − 1 |
//! | money-weighted return | which interest rate would give the same result? | the rate at which Σ flow × (1 + rate)^(time left) = value at the end (XIRR) |
//!
//! Sums are exact. The result is a ratio (0.2 is 20 %) for comparison, never for money. A measure that does
//! not exist is `None`, not zero. The venue knows an account's value at each flow. So the time-weighted
//! return needs no convention about the time of a flow within a day (Modified Dietz is such a convention).
//!
//! This is the only computation of returns over time in the workspace. The ratios of `GET /portfolio` compare
//! two values at one moment and do not need it.

use crate::calendar::DAY_US;
use crate::{Amount, Timestamp};

/// A year of the money-weighted return in µs: 365 days, as spreadsheets have it.
const YEAR_US: i64 = 365 * DAY_US;
/// Upper bound of the growth for the money-weighted return: a million times the payments.
const GROWTH_MAX: f64 = 1e6;
/// Halvings of the search: each is one more bit of the growth, and a float has 53 and an exponent.
const HALVINGS: u32 = 100;

/// A sum that was invested for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Investment {
    /// Invested amount, at cost.
    pub amount: Amount,
    /// Length in any unit that is the same for all.
    pub time: i64,
}

/// Money that came from outside (above zero) or went there (below), and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Time of the flow.
    pub time: Timestamp,
    /// Amount of the flow.
    pub amount: Amount,
    /// Total value just before the flow.
    pub value_before: Amount,
}

/// The average investment: each sum counts for as long as it was invested. None without time.
#[must_use]
pub fn time_weighted_investment(investments: &[Investment]) -> Option<f64> {
    let (weighted, time) = weighted(investments)?;
    (time > 0).then(|| dollars(weighted) / float(time))
}

/// Net profit ÷ average investment. `None` without an investment.
#[must_use]
pub fn return_on_average_investment(net: Amount, investments: &[Investment]) -> Option<f64> {
    let (weighted, time) = weighted(investments)?;
    let earned = net.units().checked_mul(time)?;
    (time > 0 && weighted > 0).then(|| float(earned) / float(weighted))
}

/// Σ(investment × time) in units, and Σ time.
fn weighted(investments: &[Investment]) -> Option<(i128, i128)> {
    investments.iter().try_fold((0_i128, 0_i128), |(weighted, time), part| {
        let product = part.amount.units().checked_mul(part.time.into())?;
        Some((weighted.checked_add(product)?, time + i128::from(part.time)))
    })
}

/// The chained returns between the flows, from the first flow to a value at the end. A period without
/// investment has no return. `None` when a value was not positive although something was invested.
#[must_use]
pub fn time_weighted_return(flows: &[Flow], value: Amount) -> Option<f64> {
    let mut growth = 1.0;
    let mut start = Amount::ZERO;
    let ends = flows.iter().map(|flow| (flow.value_before, flow.amount));
    for (end, flow) in ends.chain([(value, Amount::ZERO)]) {
        if start.is_negative() || end.is_negative() || (start.is_zero() && !end.is_zero()) {
            return None;
        }
        if !start.is_zero() {
            growth *= float(end.units()) / float(start.units());
        }
        start = end.checked_add(flow).ok()?;
    }
    Some(growth - 1.0)
}

/// The rate that turns all flows into the value at the end: for the whole period when it is shorter than a
/// year, else per year. `None` when there is no such rate, or no time between the first flow and the end.
/// Flows that change sign more than once may have several such rates; this is one of them.
#[must_use]
pub fn money_weighted_return(flows: &[Flow], end: Timestamp, value: Amount) -> Option<f64> {
    let start = flows.iter().map(|flow| flow.time).min()?;
    let whole = end.0.checked_sub(start.0).filter(|whole| *whole > 0)?;
    // With time as a share of the whole, growth is that of the whole time, and a rate below −100 % cannot come up.
    let left = |flow: &Flow| float(i128::from(end.0) - i128::from(flow.time.0)) / float(whole.into());
    let excess = |growth: f64| -> f64 {
        let grown = flows.iter().map(|flow| float(flow.amount.units()) * growth.powf(left(flow)));
        grown.sum::<f64>() - float(value.units())
    };
    let (mut low, mut high) = (0.0_f64, GROWTH_MAX);
    if flows.iter().any(|flow| flow.time > end) || excess(low) > 0.0 || excess(high) < 0.0 {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = low.midpoint(high);
        if excess(middle) < 0.0 { low = middle } else { high = middle }
    }
    let growth = if whole < YEAR_US { high } else { high.powf(float(YEAR_US.into()) / float(whole.into())) };
    Some(growth - 1.0)
}

/// The nearest float: ratios only are made of it.
#[allow(clippy::cast_precision_loss, reason = "a ratio needs no more than 53 bits")]
const fn float(units: i128) -> f64 {
    units as f64
}

fn dollars(units: i128) -> f64 {
    float(units) / float(crate::UNITS_PER_WHOLE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn invested(text: &str, time: i64) -> Investment {
        Investment { amount: amount(text), time }
    }

    fn flow(day: i64, text: &str, before: &str) -> Flow {
        Flow { time: Timestamp(day * DAY_US), amount: amount(text), value_before: amount(before) }
    }

    fn near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    /// Buy 2 at 75.80 (fee 1.30), after 32 days sell 1 at 85.73 (fee 2.95), 3 days later 87.80; the profit is in
    /// `position`.
    #[test]
    fn buy_and_sell_partially() {
        let held = [invested("151.60", 32), invested("75.80", 3)];
        assert!(near(time_weighted_investment(&held), 145.102_857_142_857_14));
        assert!(near(return_on_average_investment(amount("17.68"), &held), 0.121_844_602_843_303_27));
    }

    /// Buy one bitcoin at 44,558.42 with a fee of 4.46, then 50,098.30, then 43,099.70.
    #[test]
    fn hold_one_bitcoin() {
        let held = [invested("44558.42", 1)];
        for (net, expected) in [("5535.42", 0.124_228_37), ("-1463.18", -0.032_837_34)] {
            let found = return_on_average_investment(amount(net), &held).unwrap();
            assert!((found - expected).abs() < 5e-9, "{found}");
        }
    }

    /// 1,000, a deposit of 1,000, and a market that did not move.
    #[test]
    fn a_deposit_is_no_gain() {
        let flows = [flow(0, "1000", "0"), flow(10, "1000", "1000")];
        let naive = dollars(amount("2000").units()) / dollars(amount("1000").units()) - 1.0;
        assert!(near(Some(naive), 1.0));
        assert!(near(time_weighted_return(&flows, amount("2000")), 0.0));
        assert!(near(money_weighted_return(&flows, Timestamp(20 * DAY_US), amount("2000")), 0.0));
    }

    /// +10 % on 1,000, then −10 % on 10,000: the decisions lost 1 %, the money far more.
    #[test]
    fn the_measures_answer_different_questions() {
        let flows = [flow(0, "1000", "0"), flow(100, "8900", "1100")];
        let end = amount("9000");
        assert!(near(time_weighted_return(&flows, end), -0.01));
        let money = money_weighted_return(&flows, Timestamp(200 * DAY_US), end).unwrap();
        assert!(money < -0.15 && money > -0.2, "{money}");
    }

    #[test]
    fn a_full_withdrawal_is_no_loss() {
        let flows = [flow(0, "1000", "0"), flow(10, "-1100", "1100"), flow(20, "500", "0")];
        assert!(near(time_weighted_return(&flows, amount("550")), 0.21));
        assert!(near(time_weighted_return(&[flow(0, "1000", "0")], Amount::ZERO), -1.0));
        assert!(near(money_weighted_return(&[flow(0, "1000", "0")], Timestamp(DAY_US), Amount::ZERO), -1.0));
    }

    /// The example of the spreadsheets' XIRR: 37.3362535 % a year over 456 days.
    #[test]
    fn a_year_and_more_is_annualised_and_less_is_not() {
        let flows =
            [flow(0, "10000", "0"), flow(60, "-2750", "0"), flow(303, "-4250", "0"), flow(411, "-3250", "0")];
        let found = money_weighted_return(&flows, Timestamp(456 * DAY_US), amount("2750")).unwrap();
        assert!((found - 0.373_362_535).abs() < 1e-8, "{found}");
        let doubled =
            |days: i64| money_weighted_return(&[flow(0, "1", "0")], Timestamp(days * DAY_US), amount("2"));
        assert!(near(doubled(1), 1.0) && near(doubled(364), 1.0) && near(doubled(365), 1.0));
        assert!(near(doubled(730), 2_f64.sqrt() - 1.0));
    }

    #[test]
    fn missing_returns_are_none() {
        assert_eq!(time_weighted_investment(&[]), None);
        assert_eq!(return_on_average_investment(amount("1"), &[invested("0", 5)]), None);
        assert_eq!(return_on_average_investment(amount("1"), &[invested("5", 0)]), None);
        assert_eq!(time_weighted_return(&[flow(0, "0", "0")], amount("5")), None, "gained from nothing");
        assert_eq!(time_weighted_return(&[flow(0, "5", "0"), flow(1, "-9", "4")], amount("1")), None);
        assert_eq!(money_weighted_return(&[], Timestamp(DAY_US), amount("5")), None);
        assert_eq!(money_weighted_return(&[flow(0, "5", "0")], Timestamp(0), amount("5")), None, "no time");
        assert_eq!(money_weighted_return(&[flow(0, "5", "0")], Timestamp(DAY_US), amount("-1")), None);
        assert_eq!(money_weighted_return(&[flow(0, "-5", "0")], Timestamp(DAY_US), amount("1")), None);
        assert_eq!(
            money_weighted_return(&[flow(9, "5", "0")], Timestamp(DAY_US), amount("5")),
            None,
            "after the end"
        );
        assert!(near(time_weighted_return(&[], Amount::ZERO), 0.0));
    }

    proptest! {
        /// Without flows in between all measures are the same: end ÷ start − 1, for times below a year.
        #[test]
        fn one_deposit_has_one_return(
            start in 1..1_000_000_000_000_i128, growth in 0..5_000_i128, days in 1..365_i64,
        ) {
            let (start, end) =
                (Amount::from_units(start).unwrap(), Amount::from_units(start * growth / 1_000).unwrap());
            let expected = end.to_f64_lossy() / start.to_f64_lossy() - 1.0;
            let flows = [Flow { time: Timestamp(7), amount: start, value_before: Amount::ZERO }];
            let close = |found: Option<f64>| (found.unwrap() - expected).abs() < 1e-9;
            prop_assert!(close(time_weighted_return(&flows, end)));
            prop_assert!(close(money_weighted_return(&flows, Timestamp(7 + days * DAY_US), end)));
            let held = [Investment { amount: start, time: days }];
            prop_assert!(close(return_on_average_investment(end.checked_sub(start).unwrap(), &held)));
        }
    }
}
