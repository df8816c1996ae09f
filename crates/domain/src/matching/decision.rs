//! A decision: the balances and orders that it starts from, its steps, and the postings of each step.

use serde::{Deserialize, Serialize};

use super::reserve::Reserve;
use crate::{
    Amount, Bucket, Currency, Fill, GroupKind, LedgerAccount, Link, OrderChange, OrderState, OrderStatus,
    OrderTerms, Position, Posting, Postings, Price, Quantity, Quote, Refusal, Role, Side, TradingRules,
};

/// Balances of a trader, their coins of one asset, and one order or one whole group of that asset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TradingState {
    /// One order, or a group in the order entry, take-profit, stop-loss.
    pub orders: Vec<OrderState>,
    /// Dollars that can be spent.
    pub cash_available: Amount,
    /// Dollars that open orders hold, those of other assets too.
    pub cash_reserved: Amount,
    /// Coins that can be sold.
    pub coins_available: Quantity,
    /// Coins that open orders hold.
    pub coins_reserved: Quantity,
    /// All coins, with their cost.
    pub position: Position,
}

/// Rules, quote and remaining displayed size at the moment of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketContext {
    /// The asset's trading rules.
    pub rules: TradingRules,
    /// Quote of the asset.
    pub quote: Quote,
    /// Fee of new orders in basis points of the notional.
    pub fee_bps: u32,
    /// Largest notional of one order.
    pub order_notional_max: Amount,
    /// Displayed size of the other side that this order may still take from this quote.
    pub displayed_left: Quantity,
    /// Now, in µs since 1970-01-01T00:00Z.
    pub now_us: i64,
}

/// An order as it is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewOrder {
    /// Requested terms of the order.
    pub terms: OrderTerms,
    /// Its place in a group; none for a single order.
    pub link: Option<Link>,
}

impl NewOrder {
    /// A single order, outside a group.
    #[must_use]
    pub const fn single(terms: OrderTerms) -> Self {
        Self { terms, link: None }
    }
}

/// One step of a decision: a change of one order and its postings. It becomes one event of the account's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderStep {
    /// Index of the order in the state.
    pub order: usize,
    /// Change of the order.
    pub change: OrderChange,
    /// The context of a fill; none when it is no fill.
    pub seen: Option<FillContext>,
    /// Postings of the step: they sum to zero in every currency.
    pub postings: Postings,
    /// Order after the step.
    pub after: OrderState,
}

/// The result of a decision: its steps and the state after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDecision {
    /// State after the decision.
    pub after: TradingState,
    /// Steps of the decision, in order.
    pub steps: Vec<OrderStep>,
    /// Displayed size that was taken.
    pub displayed_used: Quantity,
}

/// Context of a fill besides its order and quote, stored for its verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillContext {
    /// Displayed size available to this order: the remainder for an arriving order, the grant for a resting
    /// order. `None` for a fill by the venue, which has no size limit.
    pub displayed_left: Option<Quantity>,
    /// The asset's tick size, which the trigger of a trailing stop is rounded to.
    pub tick_size: Price,
    /// The asset's step size, which a part is a multiple of.
    pub step_size: Quantity,
}

/// A decision in the making: the state changes step by step, and each step moves its money.
#[derive(Debug)]
pub(super) struct DecisionBuilder {
    pub(super) state: TradingState,
    steps: Vec<OrderStep>,
    pub(super) displayed_used: Quantity,
    /// The context of the next fill; its step takes it.
    pub(super) seen: Option<FillContext>,
}

/// The reserves around a step: of its order afterwards, and of all orders of the state before and after.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReserveChange {
    pub(super) own: Reserve,
    pub(super) before: Reserve,
    pub(super) after: Reserve,
}

/// Changes of the four balances, in smallest units.
#[derive(Debug, Clone, Copy, Default)]
struct Moves {
    cash_available: i128,
    cash_reserved: i128,
    coins_available: i128,
    coins_reserved: i128,
}

impl DecisionBuilder {
    pub(super) fn new(state: TradingState) -> Self {
        let steps = Vec::with_capacity(state.orders.capacity());
        Self { state, steps, displayed_used: Quantity::ZERO, seen: None }
    }

    pub(super) fn finish(self) -> OrderDecision {
        OrderDecision { after: self.state, steps: self.steps, displayed_used: self.displayed_used }
    }

    pub(super) fn order(&self, index: usize) -> Result<&OrderState, Refusal> {
        self.state.orders.get(index).ok_or(Refusal::NoSuchOrder)
    }

    /// The order, when something can still happen to it.
    pub(super) fn open(&self, index: usize) -> Result<OrderState, Refusal> {
        let order = self.order(index)?;
        if order.is_open() { Ok(*order) } else { Err(Refusal::Closed(order.status)) }
    }

    /// The order that excludes this one: the other leg of an OCO, the other exit of a bracket.
    pub(super) fn sibling(&self, index: usize) -> Option<usize> {
        let link = self.state.orders.get(index)?.link?;
        if link.role == Role::Entry || link.kind == GroupKind::Oto {
            return None;
        }
        let is_sibling = |(other, order): &(usize, &OrderState)| {
            *other != index && order.is_open() && order.link.is_some_and(|link| link.role != Role::Entry)
        };
        self.state.orders.iter().enumerate().find(is_sibling).map(|(other, _)| other)
    }

    /// Reserve of the two legs of an OCO together.
    pub(super) fn pair_held(&self, index: usize, sibling: usize) -> Result<Reserve, Refusal> {
        Ok(self.order(index)?.held().with(self.order(sibling)?.held())?)
    }

    /// The exits that wait for their purchase.
    pub(super) fn held_exits(&self) -> Vec<usize> {
        let is_held =
            |(_, order): &(usize, &OrderState)| order.version > 0 && order.status == OrderStatus::Held;
        self.state.orders.iter().enumerate().filter(is_held).map(|(index, _)| index).collect()
    }

    /// Sets the mark of a trailing stop, and the trigger that belongs to it.
    pub(super) fn mark_set(
        &mut self,
        index: usize,
        mark: Price,
        market: &MarketContext,
    ) -> Result<(), Refusal> {
        let order = self.state.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
        if let Some(trail) = order.terms.trail {
            order.mark = Some(mark);
            order.trigger = Some(trail.trigger(order.terms.side, mark, market.rules.tick_size));
        }
        Ok(())
    }

    /// Records whether an order that starts to work is at or beyond the other side's price.
    pub(super) fn beyond_set(&mut self, index: usize, market: &MarketContext) -> Result<(), Refusal> {
        let order = self.state.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
        let quoted = market.quote.price_for(order.terms.side);
        order.beyond = order.terms.limit.is_some_and(|limit| order.terms.takes(limit, quoted));
        Ok(())
    }

    /// Records a change of an order that has its own reserve.
    pub(super) fn record(&mut self, index: usize, change: OrderChange) -> Result<(), Refusal> {
        let before = self.order(index)?;
        let after = before.apply(&change)?;
        let own = after.need()?;
        let reserves = ReserveChange { own, before: before.held(), after: own };
        self.commit(index, after, change, reserves)
    }

    /// Records a change that moves no reserve but sets the shown reserve of its order.
    pub(super) fn record_moved(
        &mut self,
        index: usize,
        change: OrderChange,
        own: Reserve,
    ) -> Result<(), Refusal> {
        self.record_with(
            index,
            change,
            ReserveChange { own, before: Reserve::NOTHING, after: Reserve::NOTHING },
        )
    }

    /// Records a change and moves its money. A refusal changes nothing.
    pub(super) fn record_with(
        &mut self,
        index: usize,
        change: OrderChange,
        reserves: ReserveChange,
    ) -> Result<(), Refusal> {
        let after = self.order(index)?.apply(&change)?;
        self.commit(index, after, change, reserves)
    }

    fn commit(
        &mut self,
        index: usize,
        mut after: OrderState,
        change: OrderChange,
        reserves: ReserveChange,
    ) -> Result<(), Refusal> {
        (after.reserved_cash, after.reserved_coins) = (reserves.own.cash, reserves.own.coins);
        let fill = match &change {
            OrderChange::Filled(new) => Some(&new.fill),
            _ => None,
        };
        let moves = Moves::of(after.terms.side, fill, &reserves);
        let postings = moves.postings(&after.terms, fill).ok_or(Refusal::OutOfRange)?;
        let (cash, coins) = (self.state.cash_available, self.state.coins_available);
        let cash_after = cash.units() + moves.cash_available;
        if cash_after < 0 {
            let needed = Amount::from_units(-moves.cash_available)?;
            return Err(Refusal::InsufficientFunds { available: cash, needed });
        }
        let coins_after = coins.units() + moves.coins_available;
        if coins_after < 0 {
            let needed = Quantity::from_units(-moves.coins_available)?;
            return Err(Refusal::InsufficientQuantity { available: coins, needed });
        }
        // Only now: a position cannot say that coins are missing, a balance can.
        let mut position = self.state.position;
        if let Some(fill) = fill {
            match after.terms.side {
                Side::Buy => position = position.bought(fill.quantity, fill.notional, fill.fee)?,
                Side::Sell => {
                    let profit;
                    (position, profit) = position.sold(fill.quantity, fill.notional, fill.fee)?;
                    after.realised = after.realised.checked_add(profit)?;
                }
            }
        }
        let cash_reserved = Amount::from_units(self.state.cash_reserved.units() + moves.cash_reserved)?;
        let coins_reserved = Quantity::from_units(self.state.coins_reserved.units() + moves.coins_reserved)?;
        if cash_reserved.is_negative() {
            return Err(Refusal::OutOfRange);
        }
        let (cash_available, coins_available) =
            (Amount::from_units(cash_after)?, Quantity::from_units(coins_after)?);
        let slot = self.state.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
        *slot = after;
        self.state.cash_available = cash_available;
        self.state.cash_reserved = cash_reserved;
        self.state.coins_available = coins_available;
        self.state.coins_reserved = coins_reserved;
        self.state.position = position;
        let seen = fill.and(self.seen.take());
        self.steps.push(OrderStep { order: index, change, seen, postings, after });
        Ok(())
    }
}

impl Moves {
    fn of(side: Side, fill: Option<&Fill>, reserves: &ReserveChange) -> Self {
        let (cash, coins) = fill.map_or((0, 0), |fill| match side {
            Side::Buy => (-(fill.notional.units() + fill.fee.units()), fill.quantity.units()),
            Side::Sell => (fill.notional.units() - fill.fee.units(), -fill.quantity.units()),
        });
        let cash_reserved = reserves.after.cash.units() - reserves.before.cash.units();
        let coins_reserved = reserves.after.coins.units() - reserves.before.coins.units();
        Self {
            cash_available: cash - cash_reserved,
            cash_reserved,
            coins_available: coins - coins_reserved,
            coins_reserved,
        }
    }

    fn postings(&self, terms: &OrderTerms, fill: Option<&Fill>) -> Option<Postings> {
        let (available, reserved) =
            (LedgerAccount::Trader(Bucket::Available), LedgerAccount::Trader(Bucket::Reserved));
        let coin = Currency::Asset(terms.asset_id);
        let direction = match terms.side {
            Side::Buy => 1,
            Side::Sell => -1,
        };
        let mut postings = Vec::with_capacity(7);
        postings.push(Posting::new(available, Currency::Usd, self.cash_available));
        postings.push(Posting::new(reserved, Currency::Usd, self.cash_reserved));
        if let Some(fill) = fill {
            let (notional, fee) = (fill.notional.units(), fill.fee.units());
            postings.push(Posting::new(LedgerAccount::VenueInventory, Currency::Usd, direction * notional));
            postings.push(Posting::new(LedgerAccount::VenueFees, Currency::Usd, fee));
        }
        postings.push(Posting::new(available, coin, self.coins_available));
        postings.push(Posting::new(reserved, coin, self.coins_reserved));
        if let Some(fill) = fill {
            let quantity = fill.quantity.units();
            postings.push(Posting::new(LedgerAccount::VenueInventory, coin, -direction * quantity));
        }
        Postings::new(postings).ok()
    }
}

/// Returns true if the order shows the shared reserve of an OCO. The stop-loss leg does, because it is the more
/// expensive one for a purchase. The other leg shows only the additional need of a change.
pub(super) fn is_carrier(order: &OrderState) -> bool {
    order.link.is_some_and(|link| link.role == Role::StopLoss)
}

/// Returns true if exits wait for the order: the purchase of an OTO or a bracket.
pub(super) fn is_entry(order: &OrderState) -> bool {
    order.link.is_some_and(|link| link.role == Role::Entry)
}
