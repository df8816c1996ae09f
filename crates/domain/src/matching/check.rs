//! Validation of an order's fields, shared by browser, server and command line.

use super::decision::MarketContext;
use super::fault::{Field, RuleValue, TermsFault, TermsRule};
use super::range::{Stage, TRAIL_BPS, ValidRange};
use crate::calendar::DAY_US;
use crate::{OrderSize, OrderTerms, OrderType, Price, Quantity, Refusal, Side, Size, TimeInForce, Trail};

/// Farthest end of an order's time from now in µs: 366 days.
pub const EXPIRY_MAX_US: i64 = 366 * DAY_US;
/// Suggested expiry when the given one is in the past, in µs from now: enough time for a client to send it.
const EXPIRY_NEAREST_US: i64 = 60_000_000;

impl OrderTerms {
    /// The order as it would be accepted at this quote, or the first rule that it breaks. `available` is the
    /// sellable quantity: a sale of all of it is exempt from the smallest size.
    ///
    /// # Errors
    /// [`Refusal::Terms`] for a field, [`Refusal::Size`] for a size.
    pub fn check(&self, market: &MarketContext, available: Quantity) -> Result<Self, Refusal> {
        self.fields_check(market)?;
        self.not_now_check(market)?;
        self.size_check(market, available)
    }

    /// All checks except those against the present quote, and the size.
    pub(super) fn fields_check(&self, market: &MarketContext) -> Result<(), TermsFault> {
        self.fields_check_at(market, Stage::Alone)
    }

    /// The same for an order in a group, with suggested prices that fit the group.
    pub(super) fn fields_check_at(&self, market: &MarketContext, stage: Stage) -> Result<(), TermsFault> {
        self.fixed_check(market, stage, None)?;
        self.trail_check(market, market.quote.last)
    }

    /// The same without the distance of a trailing stop. A price unchanged from `before` was accepted once,
    /// and only the last price can have moved it out of the band, so it is not checked again.
    pub(super) fn fixed_check(
        &self,
        market: &MarketContext,
        stage: Stage,
        before: Option<&Self>,
    ) -> Result<(), TermsFault> {
        self.shape_check()?;
        self.time_check(market.now_us)?;
        let (limit, stop) = before.map_or((None, None), |before| (before.limit, before.stop));
        for (field, price, accepted) in
            [(Field::Price, self.limit, limit), (Field::StopPrice, self.stop, stop)]
        {
            if let Some(price) = price.filter(|price| accepted != Some(*price)) {
                price_check(field, price, price, self.range(field, market, stage), market)?;
            }
        }
        Ok(())
    }

    /// The prices that the limit or the trigger may have.
    pub(super) fn range(&self, field: Field, market: &MarketContext, stage: Stage) -> ValidRange {
        let (band, last) = (ValidRange::band(market), market.quote.last);
        let sells = self.side == Side::Sell;
        let is_limit = field == Field::Price;
        match stage {
            // The exit's decisive price: its trigger when it has one.
            Stage::Exit(entry) if is_limit == self.stop.is_none() => band.beyond(entry, is_limit == sells),
            Stage::Alone | Stage::Leg if field == Field::StopPrice => {
                band.beyond(last, self.order_type.triggers_above(self.side))
            }
            Stage::Leg if self.order_type == OrderType::Limit => {
                band.beyond(last, sells).beyond(market.quote.price_for(self.side), sells)
            }
            Stage::Alone if self.post_only => band.beyond(market.quote.price_for(self.side), sells),
            Stage::Alone | Stage::Leg | Stage::Exit(_) => band,
        }
    }

    /// Checks that the fields fit the type.
    fn shape_check(&self) -> Result<(), TermsFault> {
        let trails = self.order_type == OrderType::TrailingStop;
        let has_stop = self.order_type.waits() && !trails;
        let distance = match self.trail {
            Some(Trail::Amount(_)) => Field::TrailAmount,
            Some(Trail::BasisPoints(_)) | None => Field::TrailBps,
        };
        for (field, needed, given) in [
            (Field::Price, self.order_type.has_limit(), self.limit.map(RuleValue::Price)),
            (Field::StopPrice, has_stop, self.stop.map(RuleValue::Price)),
            (distance, trails, self.trail.map(RuleValue::from)),
        ] {
            match given {
                None if needed => return Err(TermsFault::new(field, TermsRule::Required)),
                Some(given) if !needed => {
                    return Err(TermsFault::new(field, TermsRule::NotApplicable).given(given));
                }
                None | Some(_) => {}
            }
        }
        let known_price = self.order_type == OrderType::Market || self.order_type.has_limit();
        match self.quote_quantity {
            Some(amount) if !known_price => {
                Err(TermsFault::new(Field::QuoteQuantity, TermsRule::NotApplicable)
                    .given(RuleValue::Amount(amount)))
            }
            Some(_) | None => Ok(()),
        }
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
                .given(RuleValue::TimeInForce(self.time_in_force))
                .nearest(vec![RuleValue::TimeInForce(nearest)]));
        }
        let rests = matches!(self.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd { .. });
        if self.post_only && !(self.order_type == OrderType::Limit && rests) {
            return Err(TermsFault::new(Field::PostOnly, TermsRule::NotApplicable)
                .given(RuleValue::Word("true"))
                .nearest(vec![RuleValue::Word("false")]));
        }
        let ahead = |expires_us: i64| expires_us.saturating_sub(now_us);
        let nearest = match self.time_in_force.expires_us() {
            Some(expires_us) if expires_us <= now_us => EXPIRY_NEAREST_US,
            Some(expires_us) if ahead(expires_us) > EXPIRY_MAX_US => EXPIRY_MAX_US,
            Some(_) | None => return Ok(()),
        };
        Err(TermsFault::new(Field::ExpiresAt, TermsRule::ExpiresAt)
            .given(self.time_in_force.expires_us().map_or(RuleValue::Nothing, RuleValue::Time))
            .limit(RuleValue::Time(now_us))
            .nearest(vec![RuleValue::Time(now_us.saturating_add(nearest))]))
    }

    /// The distance of a trailing stop, and the trigger that it makes of a mark.
    pub(super) fn trail_check(&self, market: &MarketContext, mark: Price) -> Result<(), TermsFault> {
        let trigger = |trail: Trail| trail.trigger(self.side, mark, market.rules.tick_size);
        match self.trail {
            None => Ok(()),
            Some(Trail::BasisPoints(points)) if !TRAIL_BPS.contains(&points) => {
                let nearest = points.clamp(*TRAIL_BPS.start(), *TRAIL_BPS.end());
                Err(TermsFault::new(Field::TrailBps, TermsRule::TrailRange)
                    .given(RuleValue::BasisPoints(points))
                    .limit(RuleValue::BasisPoints(nearest))
                    .nearest(vec![RuleValue::BasisPoints(nearest)]))
            }
            Some(Trail::BasisPoints(_)) => Ok(()),
            Some(trail @ Trail::Amount(distance)) => {
                // The band is that of the trigger; the tick that of the distance.
                let range = ValidRange::distances(self.side, mark, market);
                price_check(Field::TrailAmount, distance, trigger(trail), range, market)
            }
        }
    }

    /// Checks against the quote at this moment.
    pub(super) fn not_now_check(&self, market: &MarketContext) -> Result<(), TermsFault> {
        let last = market.quote.last;
        if let Some(stop) = self.stop
            && self.is_reached(stop, last)
        {
            return Err(TermsFault::new(Field::StopPrice, TermsRule::WouldTrigger)
                .given(RuleValue::Price(stop))
                .limit(RuleValue::Price(last))
                .nearest(self.range(Field::StopPrice, market, Stage::Alone).nearest(stop)));
        }
        if self.post_only {
            self.take_check(market)?;
        }
        Ok(())
    }

    /// Refuses a limit that would fill at once.
    pub(super) fn take_check(&self, market: &MarketContext) -> Result<(), TermsFault> {
        let sells = self.side == Side::Sell;
        let quote = market.quote.price_for(self.side);
        self.take_check_in(ValidRange::band(market).beyond(quote, sells), market)
    }

    /// The same with the prices that may be proposed.
    pub(super) fn take_check_in(&self, range: ValidRange, market: &MarketContext) -> Result<(), TermsFault> {
        let quote = market.quote.price_for(self.side);
        match self.limit {
            Some(limit) if self.takes(limit, quote) => {
                Err(TermsFault::new(Field::Price, TermsRule::WouldTake)
                    .given(RuleValue::Price(limit))
                    .limit(RuleValue::Price(quote))
                    .nearest(range.nearest(limit)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns true if a last price triggers an order with this trigger.
    pub(super) fn is_reached(&self, trigger: Price, last: Price) -> bool {
        if self.order_type.triggers_above(self.side) { last >= trigger } else { last <= trigger }
    }

    /// Returns true if an order with this limit fills at the other side's price.
    pub(super) fn takes(&self, limit: Price, quote: Price) -> bool {
        match self.side {
            Side::Buy => quote <= limit,
            Side::Sell => quote >= limit,
        }
    }

    /// Price that decides the cost of the order: its limit, else its trigger, else the quote.
    #[must_use]
    pub fn cost_price(&self, market: &MarketContext) -> Price {
        let trailing =
            || self.trail.map(|trail| trail.trigger(self.side, market.quote.last, market.rules.tick_size));
        self.limit.or(self.stop).or_else(trailing).unwrap_or_else(|| market.quote.price_for(self.side))
    }

    /// The size at the price that decides it.
    pub(super) fn size_check(&self, market: &MarketContext, available: Quantity) -> Result<Self, Refusal> {
        let size = self.quote_quantity.map_or(Size::Base(self.quantity), Size::Quote);
        let ticket = OrderSize { side: self.side, size };
        let price = self.cost_price(market);
        let checked = ticket.check(&market.rules, market.order_notional_max, price, available)?;
        Ok(Self { quantity: checked.quantity, ..*self })
    }

    /// The smallest valid size in whole steps above the filled quantity.
    pub(super) fn sizes_above(&self, filled: Quantity, market: &MarketContext) -> Vec<RuleValue> {
        let (rules, price) = (&market.rules, self.cost_price(market));
        let one = rules.step_size.max(Quantity::from_units(1).unwrap_or(rules.step_size));
        let Ok(next) = filled.floor_to(rules.step_size).checked_add(one) else { return Vec::new() };
        let ticket = OrderSize { side: self.side, size: Size::Base(next) };
        let nearest = match ticket.check(rules, market.order_notional_max, price, Quantity::ZERO) {
            Ok(checked) => Some(checked.quantity),
            Err(fault) => fault.nearest.iter().rev().find_map(|size| match size {
                Size::Base(quantity) if *quantity > filled => Some(*quantity),
                Size::Base(_) | Size::Quote(_) => None,
            }),
        };
        nearest.map(RuleValue::Quantity).into_iter().collect()
    }
}

/// Checks that the price is positive and on the tick, and that its trigger is in the band. `range` contains
/// the suggestions.
fn price_check(
    field: Field,
    price: Price,
    banded: Price,
    range: ValidRange,
    market: &MarketContext,
) -> Result<(), TermsFault> {
    let (last, tick) = (market.quote.last, market.rules.tick_size);
    let fault =
        |rule| TermsFault::new(field, rule).given(RuleValue::Price(price)).nearest(range.nearest(price));
    if price.is_zero() {
        return Err(fault(TermsRule::Positive));
    }
    if price.floor_to(tick) != price {
        return Err(fault(TermsRule::TickSize).limit(RuleValue::Price(tick)));
    }
    if ValidRange::band(market).contains(banded) {
        Ok(())
    } else {
        Err(fault(TermsRule::PriceBand).limit(RuleValue::Price(last)))
    }
}
