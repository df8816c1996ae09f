//! Trading rules derived from a price.

use cnop_domain::{Amount, Price, Quantity, TradingRules, UNITS_MAX, UNITS_PER_WHOLE};

/// Digits of a price that a tick leaves: five or six, as prices move.
const PRICE_DIGITS: u32 = 6;
/// A step is worth one to ten cents: the exponents of price and step, in units, add up to this.
const STEP_EXPONENT: u32 = 14;
/// Steps in the largest order: two to twenty million dollars' worth.
const STEPS_MAX: i128 = 200_000_000;
/// Smallest order in dollars.
const NOTIONAL_MIN: i128 = 1;
/// Largest order in dollars.
const NOTIONAL_MAX: i128 = 1_000_000;

/// The rules for an asset at a price of about `price`. The tick leaves five or six significant digits (fewer
/// where 10⁻⁸ dollar is coarser). One step is worth a few cents. Tick × step is a whole number of 10⁻⁸
/// dollar.
#[must_use]
pub fn trading_rules(price: Price) -> TradingRules {
    let exponent = price.units().max(1).ilog10();
    let tick = 10_i128.pow((exponent + 1).saturating_sub(PRICE_DIGITS));
    let step = 10_i128.pow(STEP_EXPONENT.saturating_sub(exponent));
    let largest = step.saturating_mul(STEPS_MAX).min(UNITS_MAX / step * step);
    TradingRules {
        tick_size: Price::from_units(tick).unwrap_or_default(),
        step_size: Quantity::from_units(step).unwrap_or_default(),
        min_quantity: Quantity::from_units(step).unwrap_or_default(),
        max_quantity: Quantity::from_units(largest).unwrap_or_default(),
        min_notional: Amount::from_units(NOTIONAL_MIN * UNITS_PER_WHOLE).unwrap_or_default(),
        max_notional: Amount::from_units(NOTIONAL_MAX * UNITS_PER_WHOLE).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bitcoin_trades_in_dimes_and_millionths() {
        let rules = trading_rules("62000".parse().unwrap());
        assert_eq!(rules.tick_size.to_string(), "0.10");
        assert_eq!(rules.step_size.to_string(), "0.000001");
        assert_eq!(rules.max_quantity.to_string(), "200");
    }

    proptest! {
        #[test]
        fn rules_fit_every_price(units in 1_i128..=UNITS_MAX) {
            let price = Price::from_units(units).unwrap();
            let rules = trading_rules(price);
            let (tick, step) = (rules.tick_size.units(), rules.step_size.units());
            prop_assert!(tick >= 1 && step >= 1);
            prop_assert_eq!(tick * step % UNITS_PER_WHOLE, 0);
            prop_assert!(units / tick <= 999_999);
            prop_assert_eq!(rules.max_quantity.units() % step, 0);
            prop_assert!(rules.min_quantity <= rules.max_quantity);
            if units >= 100_000 {
                prop_assert!(units / tick >= 100_000, "{} ticks", units / tick);
            }
            if units <= 10_i128.pow(STEP_EXPONENT) {
                let cents = units * step / 1_000_000;
                prop_assert!((100_000_000..1_000_000_000).contains(&cents), "step is worth {cents}");
            }
        }
    }
}
