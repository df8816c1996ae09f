//! A decision in the making: steps are recorded one by one, and each moves its money.

use super::reserve::Held;
use super::{Desk, Outcome, Seen, Step};
use crate::{
    Account, Amount, Bucket, Change, Currency, Fill, GroupKind, OrderState, OrderTerms, Posting, Postings,
    Quantity, Refusal, Role, Side,
};

/// A desk that changes step by step.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) desk: Desk,
    steps: Vec<Step>,
    pub(super) displayed_used: Quantity,
    /// What the next fill looks at; its step takes it.
    pub(super) seen: Option<Seen>,
}

/// What a step does to the reserves: what its order holds afterwards, and what all orders of the desk held and hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reserves {
    pub(super) own: Held,
    pub(super) before: Held,
    pub(super) after: Held,
}

/// How the four balances change, in smallest units.
#[derive(Debug, Clone, Copy, Default)]
struct Moves {
    cash_available: i128,
    cash_reserved: i128,
    coins_available: i128,
    coins_reserved: i128,
}

impl Work {
    pub(super) fn new(desk: Desk) -> Self {
        let steps = Vec::with_capacity(desk.orders.capacity());
        Self { desk, steps, displayed_used: Quantity::ZERO, seen: None }
    }

    pub(super) fn finish(self) -> Outcome {
        Outcome { after: self.desk, steps: self.steps, displayed_used: self.displayed_used }
    }

    pub(super) fn order(&self, index: usize) -> Result<&OrderState, Refusal> {
        self.desk.orders.get(index).ok_or(Refusal::NoSuchOrder)
    }

    /// The order, when something can still happen to it.
    pub(super) fn open(&self, index: usize) -> Result<OrderState, Refusal> {
        let order = self.order(index)?;
        if order.is_open() { Ok(*order) } else { Err(Refusal::Closed(order.status)) }
    }

    /// The order that excludes this one: the other leg of an OCO, the other exit of a bracket.
    pub(super) fn sibling(&self, index: usize) -> Option<usize> {
        let link = self.desk.orders.get(index)?.link?;
        if link.role == Role::Entry || link.kind == GroupKind::Oto {
            return None;
        }
        let is_sibling = |(other, order): &(usize, &OrderState)| {
            *other != index && order.is_open() && order.link.is_some_and(|link| link.role != Role::Entry)
        };
        self.desk.orders.iter().enumerate().find(is_sibling).map(|(other, _)| other)
    }

    /// Records a change of an order that holds alone what it holds.
    pub(super) fn record(&mut self, index: usize, change: Change) -> Result<(), Refusal> {
        let before = self.order(index)?;
        let after = before.apply(&change)?;
        let own = after.need()?;
        let reserves = Reserves { own, before: before.held(), after: own };
        self.commit(index, after, change, reserves)
    }

    /// Records a change that moves no reserve but sets what its order shows to hold.
    pub(super) fn record_moved(&mut self, index: usize, change: Change, own: Held) -> Result<(), Refusal> {
        self.record_with(index, change, Reserves { own, before: Held::NOTHING, after: Held::NOTHING })
    }

    /// Records a change and moves its money. Nothing is changed when it is refused.
    pub(super) fn record_with(
        &mut self,
        index: usize,
        change: Change,
        reserves: Reserves,
    ) -> Result<(), Refusal> {
        let after = self.order(index)?.apply(&change)?;
        self.commit(index, after, change, reserves)
    }

    fn commit(
        &mut self,
        index: usize,
        mut after: OrderState,
        change: Change,
        reserves: Reserves,
    ) -> Result<(), Refusal> {
        (after.reserved_cash, after.reserved_coins) = (reserves.own.cash, reserves.own.coins);
        let fill = match &change {
            Change::Filled(new) => Some(&new.fill),
            _ => None,
        };
        let moves = Moves::of(after.terms.side, fill, &reserves);
        let postings = moves.postings(&after.terms, fill).ok_or(Refusal::OutOfRange)?;
        let (cash, coins) = (self.desk.cash_available, self.desk.coins_available);
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
        let mut position = self.desk.position;
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
        let cash_reserved = Amount::from_units(self.desk.cash_reserved.units() + moves.cash_reserved)?;
        let coins_reserved = Quantity::from_units(self.desk.coins_reserved.units() + moves.coins_reserved)?;
        if cash_reserved.is_negative() {
            return Err(Refusal::OutOfRange);
        }
        let (cash_available, coins_available) =
            (Amount::from_units(cash_after)?, Quantity::from_units(coins_after)?);
        let slot = self.desk.orders.get_mut(index).ok_or(Refusal::NoSuchOrder)?;
        *slot = after;
        self.desk.cash_available = cash_available;
        self.desk.cash_reserved = cash_reserved;
        self.desk.coins_available = coins_available;
        self.desk.coins_reserved = coins_reserved;
        self.desk.position = position;
        let seen = fill.and(self.seen.take());
        self.steps.push(Step { order: index, change, seen, postings, after });
        Ok(())
    }
}

impl Moves {
    fn of(side: Side, fill: Option<&Fill>, reserves: &Reserves) -> Self {
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
        let (available, reserved) = (Account::Trader(Bucket::Available), Account::Trader(Bucket::Reserved));
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
            postings.push(Posting::new(Account::VenueInventory, Currency::Usd, direction * notional));
            postings.push(Posting::new(Account::VenueFees, Currency::Usd, fee));
        }
        postings.push(Posting::new(available, coin, self.coins_available));
        postings.push(Posting::new(reserved, coin, self.coins_reserved));
        if let Some(fill) = fill {
            let quantity = fill.quantity.units();
            postings.push(Posting::new(Account::VenueInventory, coin, -direction * quantity));
        }
        Postings::new(postings).ok()
    }
}
