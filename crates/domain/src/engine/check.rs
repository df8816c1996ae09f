//! The rules about an order's fields. Browser, server and command line ask here.

use super::Venue;
use super::fault::{Field, TermsFault, TermsRule, Value};
use crate::{
    Amount, OrderTerms, OrderType, Price, Quantity, Refusal, Side, Size, Ticket, TimeInForce, Trail,
};

/// Smallest and largest distance of a trailing stop in basis points.
pub const TRAIL_BPS: std::ops::RangeInclusive<u32> = 10..=5_000;
/// Farthest end of an order's time from now in µs: 366 days.
pub const EXPIRY_MAX_US: i64 = 366 * 86_400_000_000;
/// A price is at least the last price divided by this, and at most this times the last price.
const PRICE_BAND: i128 = 10;

impl OrderTerms {
    /// The order as it would be accepted at this quote, or the first rule that it breaks. `available` is what the
    /// trader could sell: a sale of all of it keeps no smallest size.
    ///
    /// # Errors
    /// [`Refusal::Terms`] for a field, [`Refusal::Ticket`] for a size.
    pub fn check(&self, venue: &Venue, available: Quantity) -> Result<Self, Refusal> {
        self.fields_check(venue)?;
        self.not_now_check(venue)?;
        self.size_check(venue, available)
    }

    /// Everything but what compares with the quote at this moment, and the size.
    pub(super) fn fields_check(&self, venue: &Venue) -> Result<(), TermsFault> {
        self.fixed_check(venue)?;
        self.trail_check(venue, venue.quote.last)
    }

    /// The same without the distance of a trailing stop.
    pub(super) fn fixed_check(&self, venue: &Venue) -> Result<(), TermsFault> {
        self.shape_check()?;
        self.time_check(venue.now_us)?;
        for (field, price) in [(Field::Price, self.limit), (Field::StopPrice, self.stop)] {
            if let Some(price) = price {
                price_check(field, price, price, venue)?;
            }
        }
        Ok(())
    }

    /// Which fields belong to which type.
    fn shape_check(&self) -> Result<(), TermsFault> {
        let trails = self.order_type == OrderType::TrailingStop;
        let has_stop = self.order_type.waits() && !trails;
        let distance = match self.trail {
            Some(Trail::Amount(_)) => Field::TrailAmount,
            Some(Trail::BasisPoints(_)) | None => Field::TrailBps,
        };
        for (field, needed, given) in [
            (Field::Price, self.order_type.has_limit(), self.limit.is_some()),
            (Field::StopPrice, has_stop, self.stop.is_some()),
            (distance, trails, self.trail.is_some()),
        ] {
            if needed && !given {
                return Err(TermsFault::new(field, TermsRule::Required));
            }
            if given && !needed {
                return Err(TermsFault::new(field, TermsRule::NotApplicable));
            }
        }
        let known_price = self.order_type == OrderType::Market || self.order_type.has_limit();
        if self.quote_quantity.is_some() && !known_price {
            return Err(TermsFault::new(Field::QuoteQuantity, TermsRule::NotApplicable));
        }
        Ok(())
    }

    fn time_check(&self, now_us: i64) -> Result<(), TermsFault> {
        let is_fit = match (self.order_type, self.time_in_force) {
            (OrderType::Market, TimeInForce::Ioc | TimeInForce::Fok) | (OrderType::Limit, _) => true,
            (OrderType::Market, TimeInForce::Gtc | TimeInForce::Gtd { .. }) => false,
            (_, TimeInForce::Gtc | TimeInForce::Gtd { .. }) => true,
            (_, TimeInForce::Ioc | TimeInForce::Fok) => false,
        };
        if !is_fit {
            let nearest =
                if self.order_type == OrderType::Market { TimeInForce::Ioc } else { TimeInForce::Gtc };
            return Err(TermsFault::new(Field::TimeInForce, TermsRule::TimeInForce)
                .given(Value::TimeInForce(self.time_in_force))
                .nearest(vec![Value::TimeInForce(nearest)]));
        }
        let rests = matches!(self.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd { .. });
        if self.post_only && !(self.order_type == OrderType::Limit && rests) {
            return Err(TermsFault::new(Field::PostOnly, TermsRule::NotApplicable));
        }
        match self.time_in_force.expires_us() {
            Some(expires_us) if expires_us <= now_us || expires_us.saturating_sub(now_us) > EXPIRY_MAX_US => {
                Err(TermsFault::new(Field::ExpiresAt, TermsRule::ExpiresAt)
                    .given(Value::Time(expires_us))
                    .limit(Value::Time(now_us)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The distance of a trailing stop, and the trigger that it makes of a mark.
    pub(super) fn trail_check(&self, venue: &Venue, mark: Price) -> Result<(), TermsFault> {
        let trigger = |trail: Trail| trail.trigger(self.side, mark, venue.rules.tick_size);
        match self.trail {
            None => Ok(()),
            Some(Trail::BasisPoints(points)) if !TRAIL_BPS.contains(&points) => {
                let nearest = points.clamp(*TRAIL_BPS.start(), *TRAIL_BPS.end());
                Err(TermsFault::new(Field::TrailBps, TermsRule::TrailRange)
                    .given(Value::BasisPoints(points))
                    .limit(Value::BasisPoints(nearest))
                    .nearest(vec![Value::BasisPoints(nearest)]))
            }
            Some(Trail::BasisPoints(_)) => Ok(()),
            Some(trail @ Trail::Amount(distance)) => {
                // The band is that of the trigger; the tick that of the distance.
                price_check(Field::TrailAmount, distance, trigger(trail), venue)
            }
        }
    }

    /// What must not be true of the quote at this moment.
    pub(super) fn not_now_check(&self, venue: &Venue) -> Result<(), TermsFault> {
        let (last, tick) = (venue.quote.last, venue.rules.tick_size);
        if let Some(stop) = self.stop
            && self.is_reached(stop, last)
        {
            let above = self.order_type.triggers_above(self.side);
            return Err(TermsFault::new(Field::StopPrice, TermsRule::WouldTrigger)
                .given(Value::Price(stop))
                .limit(Value::Price(last))
                .nearest(beside(last, tick, above)));
        }
        if self.post_only {
            self.take_check(venue)?;
        }
        Ok(())
    }

    /// Refuses a limit that would fill at once.
    pub(super) fn take_check(&self, venue: &Venue) -> Result<(), TermsFault> {
        let quote = venue.quote.price_for(self.side);
        match self.limit {
            Some(limit) if self.takes(limit, quote) => {
                Err(TermsFault::new(Field::Price, TermsRule::WouldTake)
                    .given(Value::Price(limit))
                    .limit(Value::Price(quote))
                    .nearest(beside(quote, venue.rules.tick_size, self.side == Side::Sell)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a last price wakes an order with this trigger.
    pub(super) fn is_reached(&self, trigger: Price, last: Price) -> bool {
        if self.order_type.triggers_above(self.side) { last >= trigger } else { last <= trigger }
    }

    /// Whether an order with this limit fills at the other side's price.
    pub(super) fn takes(&self, limit: Price, quote: Price) -> bool {
        match self.side {
            Side::Buy => quote <= limit,
            Side::Sell => quote >= limit,
        }
    }

    /// The price that decides what the order costs: its limit, else its trigger, else the quote.
    #[must_use]
    pub fn cost_price(&self, venue: &Venue) -> Price {
        let trailing =
            || self.trail.map(|trail| trail.trigger(self.side, venue.quote.last, venue.rules.tick_size));
        self.limit.or(self.stop).or_else(trailing).unwrap_or_else(|| venue.quote.price_for(self.side))
    }

    /// The size at the price that decides it.
    pub(super) fn size_check(&self, venue: &Venue, available: Quantity) -> Result<Self, Refusal> {
        let size = self.quote_quantity.map_or(Size::Base(self.quantity), Size::Quote);
        let ticket = Ticket { side: self.side, size };
        let price = self.cost_price(venue);
        let checked = ticket.check(&venue.rules, venue.order_notional_max, price, available)?;
        Ok(Self { quantity: checked.quantity, ..*self })
    }
}

/// The value of coins at a price: what a buyer pays is rounded up, what a seller gets down; exact for valid orders.
pub(super) fn value(side: Side, price: Price, quantity: Quantity) -> Result<Amount, crate::MoneyError> {
    match (side, price.times(quantity)) {
        (_, Ok(exact)) => Ok(exact),
        (Side::Sell, Err(_)) => Ok(price.value_of(quantity)),
        (Side::Buy, Err(_)) => Amount::from_units(price.value_of(quantity).units() + 1),
    }
}

/// Positive, on the tick, and what it stands for within the band.
fn price_check(field: Field, price: Price, banded: Price, venue: &Venue) -> Result<(), TermsFault> {
    let (last, tick) = (venue.quote.last, venue.rules.tick_size);
    let fault = |rule| TermsFault::new(field, rule).given(Value::Price(price));
    let smallest = if tick.is_zero() { Price::from_units(1).unwrap_or(tick) } else { tick };
    if price.is_zero() {
        return Err(fault(TermsRule::Positive).nearest(vec![Value::Price(smallest)]));
    }
    if price.floor_to(tick) != price {
        let nearest = [price.floor_to(tick).max(smallest), price.ceil_to(tick)];
        return Err(fault(TermsRule::TickSize)
            .limit(Value::Price(tick))
            .nearest(nearest.into_iter().map(Value::Price).collect()));
    }
    let low = Price::from_units((last.units() + PRICE_BAND - 1) / PRICE_BAND).unwrap_or(last).ceil_to(tick);
    let high = Price::from_units((last.units() * PRICE_BAND).min(Price::MAX.units()))
        .unwrap_or(Price::MAX)
        .floor_to(tick);
    if low <= banded && banded <= high {
        return Ok(());
    }
    let fault = fault(TermsRule::PriceBand).limit(Value::Price(last));
    // The band of a trailing stop is that of its trigger: no one distance is the nearest.
    let is_own = price == banded && field != Field::TrailAmount && low <= high;
    Err(if is_own { fault.nearest(vec![Value::Price(banded.clamp(low, high))]) } else { fault })
}

/// The nearest price on the tick above or below one.
pub(super) fn beside(price: Price, tick: Price, above: bool) -> Vec<Value> {
    let smallest = if tick.is_zero() { 1 } else { tick.units() };
    let nearest = if above {
        Price::from_units(price.floor_to(tick).units() + smallest)
    } else {
        Price::from_units(price.ceil_to(tick).units() - smallest)
    };
    nearest.ok().filter(|price| !price.is_zero()).map(Value::Price).into_iter().collect()
}
