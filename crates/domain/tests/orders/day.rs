//! A trader's day in one asset: commands and prices in any order, with invariants checked after each.

use cnop_domain::matching::{Revision, cancel, expire, fill_resting, place, replace, trigger};
use cnop_domain::{
    Amount, Bucket, Currency, LedgerAccount, MarketContext, NewOrder, OrderChange, OrderDecision, OrderFill,
    OrderState, OrderStatus, OrderStep, OrderTerms, Position, Price, Quantity, Quote, Reason, Refusal, Side,
    TradingState, Trail, fee,
};

use crate::commands::{Command, Plan};
use crate::family::Family;
use crate::fixture::{coins, desk, dollars, rules, verify};
use crate::model::{ModeledOrder, Reached, is_awake, takes};
use crate::random_trader::{sized, ticks};

#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) desk: TradingState,
    families: Vec<Family>,
    pub(crate) last: i64,
    pub(crate) venue: MarketContext,
    /// Remaining displayed sizes at the ask and at the bid.
    left: [Quantity; 2],
    log: Vec<(Side, OrderStep)>,
    position: Position,
    pub(crate) reached: Reached,
}

/// The fixture's trader with coins that are not whole steps, and little money.
fn trader() -> TradingState {
    let held = coins("20.00012345");
    let position = Position { quantity: held, ..desk().position };
    TradingState { cash_available: dollars("2000"), coins_available: held, position, ..desk() }
}

/// A rule or too little money. Whatever else a command may answer is a defect.
fn is_plain(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Terms(_)
            | Refusal::Size(_)
            | Refusal::InsufficientFunds { .. }
            | Refusal::InsufficientQuantity { .. }
    )
}

impl Day {
    /// Plays a plan to its end.
    pub(crate) fn play(plan: &Plan) -> Self {
        let mut day = Self::new(plan.fee_bps);
        for command in &plan.commands {
            day.run(command);
            day.check();
        }
        assert_eq!(day.replayed(), day.desk);
        day.close();
        day
    }

    fn new(fee_bps: u32) -> Self {
        let mut day = Self {
            desk: trader(),
            families: Vec::new(),
            last: 10_000,
            venue: MarketContext { fee_bps, ..crate::fixture::venue("100") },
            left: [Quantity::ZERO; 2],
            log: Vec::new(),
            position: trader().position,
            reached: Reached::default(),
        };
        day.quote(0, 3_000);
        day
    }

    fn quote(&mut self, change: i64, displayed: u32) {
        self.last = (self.last + change).clamp(2_000, 50_000);
        let before = self.venue.quote;
        let spread = 1 + i64::from(displayed % 17);
        self.venue.quote = Quote {
            bid: ticks(self.last - spread),
            ask: ticks(self.last + spread),
            bid_size: sized(displayed),
            ask_size: sized(displayed),
            last: ticks(self.last),
            seq: before.seq + 1,
            time_us: self.venue.now_us,
        };
        self.left = [sized(displayed); 2];
        let last = self.venue.quote.last;
        self.families.iter_mut().flat_map(|family| &mut family.modeled).for_each(|modeled| modeled.see(last));
    }

    /// The venue as an order of this side finds it.
    fn venue_of(&self, side: Side) -> MarketContext {
        MarketContext { displayed_left: self.left[side as usize], ..self.venue }
    }

    /// The balances with the orders of one family.
    fn desk_of(&self, family: usize) -> TradingState {
        TradingState { orders: self.families[family].orders.clone(), ..self.desk.clone() }
    }

    /// The orders as they should be accepted: a value becomes coins, and exits sell what is bought.
    fn asked(&self, orders: &[NewOrder]) -> Vec<ModeledOrder> {
        let first = &orders[0].terms;
        let price = first.limit.or(first.stop).unwrap_or(self.venue.quote.price_for(first.side));
        let worked_out = |value| price.quantity_within(value).floor_to(rules().step_size);
        let quantity = first.quote_quantity.map_or(first.quantity, worked_out);
        let asked = |order: &NewOrder| {
            let terms = OrderTerms { quantity, ..order.terms };
            ModeledOrder::new(OrderState::new(terms, order.link, self.venue.fee_bps))
        };
        orders.iter().map(asked).collect()
    }

    pub(crate) fn place(&mut self, orders: &[NewOrder]) {
        match place(&self.desk, orders, &self.venue_of(orders[0].terms.side)) {
            Ok(outcome) => {
                verify(&self.desk, &outcome);
                let modeled = self.asked(orders);
                let quantity = modeled[0].state.terms.quantity;
                self.families.push(Family { orders: Vec::new(), modeled, quantity });
                self.took(self.families.len() - 1, &outcome);
            }
            Err(refusal) => assert!(is_plain(&refusal), "{refusal:?}"),
        }
    }

    fn took(&mut self, family: usize, outcome: &OrderDecision) {
        let Family { modeled, orders, .. } = &mut self.families[family];
        for (place, step) in outcome.steps.iter().enumerate() {
            let side = step.after.terms.side;
            let mut profit = None;
            match step.change {
                OrderChange::Filled(OrderFill { fill, .. }) if side == Side::Buy => {
                    self.position = self.position.bought(fill.quantity, fill.notional, fill.fee).unwrap();
                }
                OrderChange::Filled(OrderFill { fill, .. }) => {
                    let (position, earned) =
                        self.position.sold(fill.quantity, fill.notional, fill.fee).unwrap();
                    (self.position, profit) = (position, Some(earned));
                }
                OrderChange::Replaced { terms, reason: Reason::SiblingFill } => {
                    let OrderChange::Filled(cause) = outcome.steps[place - 1].change else {
                        panic!("an order shrinks right after the fill of the other");
                    };
                    let before = modeled[step.order].state.terms;
                    let quantity = before.quantity.checked_sub(cause.fill.quantity).unwrap();
                    assert_eq!(terms, OrderTerms { quantity, ..before });
                }
                OrderChange::Replaced { terms, reason: Reason::EntryFill } => {
                    let before = modeled[step.order].state;
                    let bought = modeled[0].state.filled;
                    let sold: i128 = modeled[1..].iter().map(|exit| exit.state.filled.units()).sum();
                    let left = bought.units() - sold;
                    let quantity = Quantity::from_units(left + before.filled.units()).unwrap();
                    assert_eq!(terms, OrderTerms { quantity, quote_quantity: None, ..before.terms });
                }
                _ => {}
            }
            modeled[step.order].take(step, &self.venue, profit, &mut self.reached);
            self.log.push((side, step.clone()));
        }
        orders.clone_from(&outcome.after.orders);
        let is_sized = |step: &&OrderStep| step.seen.is_some_and(|seen| seen.displayed_left.is_some());
        if let Some(step) = outcome.steps.iter().find(is_sized) {
            let left = &mut self.left[step.after.terms.side as usize];
            assert!(outcome.displayed_used <= *left, "no displayed coin is taken twice");
            *left = left.checked_sub(outcome.displayed_used).unwrap();
        } else {
            assert!(outcome.displayed_used.is_zero());
        }
        self.desk = TradingState { orders: Vec::new(), ..outcome.after.clone() };
    }

    /// Applies an action to an order and records its result.
    fn act(
        &mut self,
        family: usize,
        index: usize,
        act: impl Fn(&TradingState, &MarketContext) -> Result<OrderDecision, Refusal>,
    ) -> Result<(), Refusal> {
        let before = self.desk_of(family);
        let outcome = act(&before, &self.venue_of(before.orders[index].terms.side))?;
        verify(&before, &outcome);
        self.took(family, &outcome);
        Ok(())
    }

    /// Everything that the new quote does. Says whether anything was filled.
    fn tick(&mut self) -> bool {
        let before = self.log.len();
        for family in 0..self.families.len() {
            for index in 0..self.families[family].orders.len() {
                let order = self.families[family].orders[index];
                let modeled = &self.families[family].modeled[index];
                if !order.is_open() {
                    continue;
                }
                if order.terms.time_in_force.expires_us().is_some_and(|end| end <= self.venue.now_us) {
                    let expired = self.act(family, index, |desk, venue| expire(desk, index, venue.now_us));
                    assert_eq!(expired, Ok(()));
                } else if order.status == OrderStatus::WaitingTrigger {
                    let (mark, is_reached) = (modeled.mark, modeled.is_reached(&self.venue));
                    let woken = self.act(family, index, |desk, venue| trigger(desk, index, venue, mark));
                    assert_eq!(woken, if is_reached { Ok(()) } else { Err(Refusal::NotNow) }, "{order:?}");
                } else {
                    self.fill(family, index, &order);
                }
            }
        }
        self.log.iter().skip(before).any(|(_, step)| step.seen.is_some())
    }

    /// Gives a resting order its share of the displayed size, like the book.
    fn fill(&mut self, family: usize, index: usize, order: &OrderState) {
        let left = self.left[order.terms.side as usize];
        let remaining = order.remaining();
        let granted = if left >= remaining { remaining } else { left.floor_to(rules().step_size) };
        let can = is_awake(order.status) && takes(&order.terms, &self.venue) && !granted.is_zero();
        let filled = self.act(family, index, |desk, venue| fill_resting(desk, index, granted, venue));
        assert_eq!(filled, if can { Ok(()) } else { Err(Refusal::NotNow) }, "{order:?}");
    }

    fn run(&mut self, command: &Command) {
        match *command {
            Command::Place { kind, buys, size, ticks, force } => {
                let terms = self.terms(kind, buys, size, ticks, force);
                self.place(&[NewOrder::single(terms)]);
            }
            Command::Oco { buys, size, ticks, loss, times } => self.oco(buys, size, ticks, loss, times),
            Command::Bracket { entry, size, ticks, exits, loss, times } => {
                self.bracket(entry, size, ticks, exits, (loss, times));
            }
            Command::Move { ticks, displayed, minutes } => {
                self.venue.now_us += i64::from(minutes) * 60_000_000;
                self.quote(i64::from(ticks), displayed);
                self.tick();
            }
            Command::Drip { quotes } => {
                for _ in 0..quotes {
                    self.quote(0, 1);
                    if !self.tick() {
                        break;
                    }
                }
            }
            Command::Fee { bps } => self.venue.fee_bps = bps,
            Command::Cancel { pick } => {
                self.picked(pick, |desk, index, venue, _| cancel(desk, index, Reason::User, venue.now_us));
            }
            Command::Replace { pick, steps, ticks, field } => {
                let (at, none) = (Some(self.at(ticks)), Revision::default());
                let end = self.venue.now_us + i64::from(ticks) * 60_000_000;
                let revision = match field {
                    0 => Revision { quantity: Some(sized(steps)), ..none },
                    1 => Revision { limit: at, ..none },
                    2 => Revision { stop: at, ..none },
                    3 => Revision { trail: Some(Trail::BasisPoints(10 + steps % 900)), ..none },
                    4 => Revision { trail: Some(Trail::Amount(self::ticks(i64::from(steps % 500)))), ..none },
                    5 | 6 => Revision { expires_us: Some(Some(end)), ..none },
                    7 => Revision { post_only: Some(ticks > 0), ..none },
                    _ => Revision { limit: at, quantity: Some(sized(steps)), post_only: Some(true), ..none },
                };
                self.picked(pick, move |desk, index, venue, mark| {
                    replace(desk, index, &Revision { mark, ..revision }, venue)
                });
            }
        }
    }

    /// Applies an owner's request to one of their orders.
    fn picked(
        &mut self,
        pick: usize,
        act: impl Fn(&TradingState, usize, &MarketContext, Option<Price>) -> Result<OrderDecision, Refusal>,
    ) {
        if self.families.is_empty() {
            return;
        }
        let family = pick % self.families.len();
        let index = pick / 7 % self.families[family].orders.len();
        let ModeledOrder { state, mark, .. } = self.families[family].modeled[index];
        match self.act(family, index, |desk, venue| act(desk, index, venue, mark)) {
            Err(Refusal::Closed(status)) => assert_eq!((state.is_open(), status), (false, state.status)),
            Err(refusal) => assert!(is_plain(&refusal) && state.is_open(), "{refusal:?}"),
            Ok(()) => assert!(state.is_open()),
        }
    }

    fn check(&self) {
        let orders = || self.families.iter().flat_map(|family| &family.orders);
        let cash: i128 = orders().map(|order| order.reserved_cash.units()).sum();
        let coins: i128 = orders().map(|order| order.reserved_coins.units()).sum();
        assert_eq!(cash, self.desk.cash_reserved.units(), "cash reserves");
        assert_eq!(coins, self.desk.coins_reserved.units(), "coin reserves");
        let realised: i128 = orders().map(|order| order.realised.units()).sum();
        assert_eq!(realised, self.desk.position.realised.units(), "profit is that of the orders");
        for order in orders() {
            assert_eq!(order.fees, fee(order.notional, order.fee_bps).unwrap(), "fees are those of the sum");
        }
        for family in &self.families {
            family.check();
        }
    }

    /// Cancels all open orders: nothing is reserved afterwards.
    fn close(&mut self) {
        for family in 0..self.families.len() {
            for index in 0..self.families[family].orders.len() {
                let is_open = self.families[family].orders[index].is_open();
                let canceled = self
                    .act(family, index, |desk, venue| cancel(desk, index, Reason::KillSwitch, venue.now_us));
                assert_eq!(canceled.is_ok(), is_open);
            }
        }
        self.check();
        assert!(self.desk.cash_reserved.is_zero() && self.desk.coins_reserved.is_zero());
    }

    /// The balances and the position from the log alone.
    fn replayed(&self) -> TradingState {
        let mut again = TradingState { position: self.position, ..trader() };
        let coin = Currency::Asset("BTC".parse().unwrap());
        for (_, step) in &self.log {
            let net = |bucket, currency| step.postings.net(LedgerAccount::Trader(bucket), currency);
            let cash = |before: Amount, bucket| {
                Amount::from_units(before.units() + net(bucket, Currency::Usd)).unwrap()
            };
            let coins =
                |before: Quantity, bucket| Quantity::from_units(before.units() + net(bucket, coin)).unwrap();
            again.cash_available = cash(again.cash_available, Bucket::Available);
            again.cash_reserved = cash(again.cash_reserved, Bucket::Reserved);
            again.coins_available = coins(again.coins_available, Bucket::Available);
            again.coins_reserved = coins(again.coins_reserved, Bucket::Reserved);
        }
        again
    }
}
