//! Prices that one tap fills in, steps of figures, and prices as a percentage of another.

use cnop_api::{Figure, TypedUnit};
use cnop_domain::{Amount, BASIS_POINTS, Price, Quantity, basis_points_of_percent};

use super::context::EstimateContext;
use crate::order_form::OrderForm;

/// Value of one step of the amount: the smallest round number of coins above it.
const STEP_VALUE: i128 = 10 * 100_000_000;
/// Factor between two round numbers.
const TEN: i128 = 10;

/// A price of the quote, or at a distance from the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Mark {
    Bid,
    Middle,
    Ask,
    /// Away from the last price, in basis points; negative is below it.
    Away(i32),
    /// Away from another price.
    From(Price, i32),
}

impl EstimateContext {
    /// The price of a mark, on the tick.
    pub(in super::super) fn mark(&self, mark: Mark) -> Price {
        let (quote, tick) = (&self.quote, self.rules.tick_size);
        match mark {
            Mark::Bid => quote.bid,
            Mark::Ask => quote.ask,
            Mark::Middle => {
                let sum = quote.bid.units() + quote.ask.units();
                Price::from_units(sum / 2).unwrap_or(quote.bid).floor_to(tick)
            }
            Mark::Away(points) => away(quote.last, points, tick),
            Mark::From(price, points) => away(price, points, tick),
        }
    }

    /// A typed price some ticks on; the last price where none can be read.
    pub(in super::super) fn price_stepped(&self, text: &str, ticks: i128) -> String {
        let Some(price) = typed_price(text) else { return self.quote.last.to_string() };
        let tick = self.rules.tick_size;
        let on = if ticks < 0 { price.ceil_to(tick) } else { price.floor_to(tick) };
        let units = on.units() + ticks * tick.units();
        Price::from_units(units)
            .ok()
            .filter(|price| !price.is_zero())
            .map_or_else(|| text.to_owned(), |it| it.to_string())
    }

    /// The typed amount some steps on; a step is a round number worth about ten dollars.
    pub(in super::super) fn amount_stepped(&self, form: &OrderForm, steps: i128) -> String {
        let typed = |unit| Figure::typed("amount", &form.amount, unit).ok();
        if form.is_by_value() {
            let now: Amount =
                typed(TypedUnit::Dollars).and_then(|it| it.as_str().parse().ok()).unwrap_or(Amount::ZERO);
            let units = (now.units() + steps * STEP_VALUE).max(0);
            return Amount::from_units(units).map(|it| it.to_string()).unwrap_or_default();
        }
        let unit = TypedUnit::Coins(self.asset_id.as_str());
        let now: Quantity = typed(unit).and_then(|it| it.as_str().parse().ok()).unwrap_or(Quantity::ZERO);
        let (price, mut step) = (self.cost_price(form), self.rules.step_size);
        while price.value_of(step).units() * TEN <= STEP_VALUE {
            match Quantity::from_units(step.units().max(1) * TEN) {
                Ok(larger) if !price.is_zero() => step = larger,
                _ => break,
            }
        }
        let units = (now.units() + steps * step.units()).max(0);
        Quantity::from_units(units).map(|it| it.to_string()).unwrap_or_default()
    }

    /// A price that was typed as a percentage of another: `3%` above it, `-3%` below. None for another text.
    pub(in super::super) fn percent_price(&self, text: &str, of: Price) -> Option<String> {
        let text = text.trim().strip_suffix('%')?.trim().replace('\u{2212}', "-");
        let (is_below, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let points = i32::try_from(basis_points_of_percent(digits.trim_start_matches('+'))?).ok()?;
        Some(away(of, if is_below { -points } else { points }, self.rules.tick_size).to_string())
    }
}

/// A price at a distance from another, on the tick beyond it.
fn away(from: Price, points: i32, tick: Price) -> Price {
    let units = from.units() * (BASIS_POINTS + i128::from(points)) / BASIS_POINTS;
    let price = Price::from_units(units.max(0)).unwrap_or(from);
    if points < 0 { price.floor_to(tick) } else { price.ceil_to(tick) }
}

fn typed_price(text: &str) -> Option<Price> {
    Figure::typed("price", text, TypedUnit::Dollars).ok()?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{basis, draft};
    use super::*;

    #[test]
    fn a_mark_is_on_the_tick() {
        let basis = basis("1000", "1");
        for (mark, price) in [
            (Mark::Bid, "61990.00"),
            (Mark::Middle, "62000.00"),
            (Mark::Ask, "62010.00"),
            (Mark::Away(-100), "61380.00"),
            (Mark::Away(200), "63240.00"),
        ] {
            assert_eq!(basis.mark(mark).to_string(), price, "{mark:?}");
        }
    }

    #[test]
    fn a_step_moves_a_figure_by_one_tick_or_a_round_number() {
        let basis = basis("1000", "1");
        assert_eq!(basis.price_stepped("61,000.00", 1), "61000.01");
        assert_eq!(basis.price_stepped("61000.005", -1), "61000.00");
        assert_eq!(basis.price_stepped("", 1), "62000.00");
        assert_eq!(basis.price_stepped("0.01", -1), "0.01", "a price is above zero");
        let coins = draft("buy market", &[("amount", "0.01")]);
        assert_eq!(basis.amount_stepped(&coins, 1), "0.0101");
        assert_eq!(basis.amount_stepped(&coins, -1_000), "0");
        let dollars = draft("buy market", &[("amount", "95"), ("unit", "usd")]);
        assert_eq!(basis.amount_stepped(&dollars, 1), "105.00");
    }

    #[test]
    fn a_percentage_is_a_price_above_or_below_another() {
        let basis = basis("1000", "1");
        let of = |text: &str| basis.percent_price(text, basis.quote.last);
        assert_eq!(of("3%").as_deref(), Some("63860.00"));
        assert_eq!(of(" +1.5 %").as_deref(), Some("62930.00"));
        assert_eq!(of("\u{2212}2%").as_deref(), Some("60760.00"));
        assert_eq!((of("63860"), of("much%")), (None, None));
    }
}
