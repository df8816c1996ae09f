//! The valid prices of a field, and the nearest of them to a given price.

use super::decision::MarketContext;
use super::fault::RuleValue;
use crate::{BASIS_POINTS, Price, Side, Trail};

/// Smallest and largest distance of a trailing stop in basis points.
pub const TRAIL_BPS: std::ops::RangeInclusive<u32> = 10..=5_000;
/// A price lies between the last price divided by this factor and the last price times this factor. A price
/// within half and twice the last one that is off by a digit lies outside.
const PRICE_BAND: i128 = 5;

/// Additional constraint of a price, by the place of its order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// A single order: the trigger is not reached yet.
    Alone,
    /// A leg of an OCO: its limit rests, and lies on the profitable side of the last price.
    Leg,
    /// An exit that waits for a purchase at this price, and lies on its side of it.
    Exit(Price),
}

/// Multiples of the tick from one to another, both of them included; none when the first is the larger one.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValidRange {
    /// In units, as all of them: the end of an empty range may be below zero.
    low: i128,
    high: i128,
    tick: Price,
}

impl ValidRange {
    /// The prices near the last one.
    pub(super) fn band(market: &MarketContext) -> Self {
        let (last, tick) = (market.quote.last.units(), market.rules.tick_size);
        let within = |units: i128| Price::from_units(units).unwrap_or(Price::MAX);
        let low = within((last + PRICE_BAND - 1) / PRICE_BAND).ceil_to(tick);
        let high = within(last * PRICE_BAND).floor_to(tick);
        Self { low: low.units().max(one(tick)), high: high.units(), tick }
    }

    /// The distances of a trailing stop that make a trigger near the last price of a mark.
    pub(super) fn distances(side: Side, mark: Price, market: &MarketContext) -> Self {
        let band = Self::band(market);
        let room = match side {
            Side::Buy => band.high - mark.units(),
            Side::Sell => mark.units() - band.low,
        };
        let high = Price::from_units(room.max(0)).unwrap_or(Price::ZERO).floor_to(band.tick);
        Self { low: one(band.tick), high: high.units(), tick: band.tick }
    }

    /// Those of them that are above a price, or below it.
    pub(super) fn beyond(self, price: Price, above: bool) -> Self {
        if above {
            Self { low: self.low.max(price.floor_to(self.tick).units() + one(self.tick)), ..self }
        } else {
            Self { high: self.high.min(price.ceil_to(self.tick).units() - one(self.tick)), ..self }
        }
    }

    /// Returns true if a price lies between the ends.
    pub(super) const fn contains(&self, price: Price) -> bool {
        self.low <= price.units() && price.units() <= self.high
    }

    /// The nearest to a price on both sides of it.
    pub(super) fn nearest(&self, given: Price) -> Vec<RuleValue> {
        if self.low > self.high {
            return Vec::new();
        }
        [given.floor_to(self.tick), given.ceil_to(self.tick)]
            .into_iter()
            .filter_map(|price| Price::from_units(price.units().clamp(self.low, self.high)).ok())
            .map(RuleValue::Price)
            .collect()
    }
}

/// The smallest distance, in the unit of another one, that the move since the mark has not used up.
pub(super) fn distance_left(trail: Trail, mark: Price, market: &MarketContext) -> Vec<RuleValue> {
    let (gap, tick) = ((mark.units() - market.quote.last.units()).abs(), market.rules.tick_size);
    let nearest = match trail {
        Trail::Amount(_) => Price::from_units(gap - gap % one(tick) + one(tick)).ok().map(RuleValue::Price),
        Trail::BasisPoints(_) => u32::try_from(gap * BASIS_POINTS / mark.units().max(1) + 1)
            .ok()
            .filter(|points| *points <= *TRAIL_BPS.end())
            .map(|points| RuleValue::BasisPoints(points.max(*TRAIL_BPS.start()))),
    };
    nearest.into_iter().collect()
}

/// The smallest step between two prices.
const fn one(tick: Price) -> i128 {
    if tick.is_zero() { 1 } else { tick.units() }
}
