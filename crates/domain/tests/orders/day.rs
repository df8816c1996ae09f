//! A trader's day in one asset: commands and prices in any order, and what must be true after each of them.

use cnop_domain::engine::{Revision, cancel, expire, fill_resting, place, replace, trigger};
use cnop_domain::{
    Account, Amount, Bucket, Change, Currency, Desk, GroupKind, Link, NewOrder, OrderFill, OrderState,
    OrderStatus, OrderTerms, OrderType, Outcome, Position, Price, Quantity, Quote, Reason, Refusal, Role,
    Side, Step, TimeInForce, Trail, Venue, fee,
};

use crate::commands::{Command, Plan, Size};
use crate::fixture::{DAY_US, coins, desk, dollars, market, rules, verify};
use crate::told::{Reached, Told, is_awake, takes};

/// One group (or single order) with what is told of it.
#[derive(Debug, Clone)]
struct Family {
    orders: Vec<OrderState>,
    told: Vec<Told>,
    quantity: Quantity,
}

#[derive(Debug)]
pub(crate) struct Day {
    desk: Desk,
    families: Vec<Family>,
    last: i64,
    venue: Venue,
    /// What is left of the displayed sizes at the ask and at the bid.
    left: [Quantity; 2],
    log: Vec<(Side, Step)>,
    position: Position,
    pub(crate) reached: Reached,
}

fn ticks(count: i64) -> Price {
    Price::from_units(i128::from(count.max(1)) * rules().tick_size.units()).unwrap()
}

fn sized(steps: u32) -> Quantity {
    Quantity::from_units(i128::from(steps) * rules().step_size.units()).unwrap()
}

/// The fixture's trader with coins that are not whole steps, and little money.
fn trader() -> Desk {
    let held = coins("20.00012345");
    let position = Position { quantity: held, ..desk().position };
    Desk { cash_available: dollars("2000"), coins_available: held, position, ..desk() }
}

/// A rule or too little money. Whatever else a command may answer is a defect.
fn is_plain(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Terms(_)
            | Refusal::Ticket(_)
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
            venue: Venue { fee_bps, ..crate::fixture::venue("100") },
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
        self.families.iter_mut().flat_map(|family| &mut family.told).for_each(|told| told.see(last));
    }

    fn at(&self, offset: i32) -> Price {
        ticks(self.last + i64::from(offset))
    }

    /// The venue as an order of this side finds it.
    fn venue_of(&self, side: Side) -> Venue {
        Venue { displayed_left: self.left[side as usize], ..self.venue }
    }

    fn gtd(&self) -> TimeInForce {
        TimeInForce::Gtd { expires_us: self.venue.now_us + DAY_US / 24 }
    }

    fn terms(&self, kind: u8, buys: bool, size: Size, offsets: [i32; 2], force: u8) -> OrderTerms {
        let order_type = OrderType::ALL[usize::from(kind) % OrderType::ALL.len()];
        let side = if buys { Side::Buy } else { Side::Sell };
        let trails = order_type == OrderType::TrailingStop;
        let time_in_force = match (order_type, force) {
            (OrderType::Market | OrderType::Limit, 2) => TimeInForce::Fok,
            (OrderType::Market, _) | (OrderType::Limit, 1) => TimeInForce::Ioc,
            (_, 3) => self.gtd(),
            _ => TimeInForce::Gtc,
        };
        let known = order_type == OrderType::Market || order_type.has_limit();
        let trail = if size.steps.is_multiple_of(2) {
            Trail::BasisPoints(10 + size.steps % 500)
        } else {
            Trail::Amount(ticks(i64::from(size.steps % 300)))
        };
        let steps = sized(size.steps);
        let last = self.venue.quote.last;
        let everything = match side {
            Side::Sell => self.desk.coins_available,
            // What most of the money buys.
            Side::Buy => {
                let most = Amount::from_units(self.desk.cash_available.units() * 9 / 10).unwrap();
                last.quantity_within(most).floor_to(rules().step_size)
            }
        };
        OrderTerms {
            order_type,
            quantity: if size.sweeps && !everything.is_zero() { everything } else { steps },
            quote_quantity: (known && force == 4).then(|| last.value_of(steps)),
            limit: order_type.has_limit().then(|| self.at(offsets[0])),
            stop: (order_type.waits() && !trails).then(|| self.at(offsets[1])),
            trail: trails.then_some(trail),
            time_in_force,
            post_only: order_type == OrderType::Limit && force == 5,
            ..market(side, "1")
        }
    }

    /// The balances with the orders of one family.
    fn desk_of(&self, family: usize) -> Desk {
        Desk { orders: self.families[family].orders.clone(), ..self.desk.clone() }
    }

    /// The orders as they should be accepted: a value becomes coins, and exits sell what is bought.
    fn asked(&self, orders: &[NewOrder]) -> Vec<Told> {
        let first = &orders[0].terms;
        let price = first.limit.or(first.stop).unwrap_or(self.venue.quote.price_for(first.side));
        let worked_out = |value| price.quantity_within(value).floor_to(rules().step_size);
        let quantity = first.quote_quantity.map_or(first.quantity, worked_out);
        let asked = |order: &NewOrder| {
            let terms = OrderTerms { quantity, ..order.terms };
            Told::new(OrderState::new(terms, order.link, self.venue.fee_bps))
        };
        orders.iter().map(asked).collect()
    }

    fn place(&mut self, orders: &[NewOrder]) {
        match place(&self.desk, orders, &self.venue_of(orders[0].terms.side)) {
            Ok(outcome) => {
                verify(&self.desk, &outcome);
                let told = self.asked(orders);
                let quantity = told[0].state.terms.quantity;
                self.families.push(Family { orders: Vec::new(), told, quantity });
                self.took(self.families.len() - 1, &outcome);
            }
            Err(refusal) => assert!(is_plain(&refusal), "{refusal:?}"),
        }
    }

    fn took(&mut self, family: usize, outcome: &Outcome) {
        let Family { told, orders, .. } = &mut self.families[family];
        for (place, step) in outcome.steps.iter().enumerate() {
            let side = step.after.terms.side;
            let mut profit = None;
            match step.change {
                Change::Filled(OrderFill { fill, .. }) if side == Side::Buy => {
                    self.position = self.position.bought(fill.quantity, fill.notional, fill.fee).unwrap();
                }
                Change::Filled(OrderFill { fill, .. }) => {
                    let (position, earned) =
                        self.position.sold(fill.quantity, fill.notional, fill.fee).unwrap();
                    (self.position, profit) = (position, Some(earned));
                }
                Change::Replaced { terms, reason: Reason::SiblingFill } => {
                    let Change::Filled(cause) = outcome.steps[place - 1].change else {
                        panic!("an order shrinks right after the fill of the other");
                    };
                    let before = told[step.order].state.terms;
                    let quantity = before.quantity.checked_sub(cause.fill.quantity).unwrap();
                    assert_eq!(terms, OrderTerms { quantity, ..before });
                }
                _ => {}
            }
            told[step.order].take(step, &self.venue, profit, &mut self.reached);
            self.log.push((side, step.clone()));
        }
        orders.clone_from(&outcome.after.orders);
        let is_sized = |step: &&Step| step.seen.is_some_and(|seen| seen.displayed_left.is_some());
        if let Some(step) = outcome.steps.iter().find(is_sized) {
            let left = &mut self.left[step.after.terms.side as usize];
            *left = left.checked_sub(outcome.displayed_used).expect("no displayed coin is taken twice");
        } else {
            assert!(outcome.displayed_used.is_zero());
        }
        self.desk = Desk { orders: Vec::new(), ..outcome.after.clone() };
    }

    /// Does something to an order and takes in what comes of it.
    fn act(
        &mut self,
        family: usize,
        index: usize,
        act: impl Fn(&Desk, &Venue) -> Result<Outcome, Refusal>,
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
                let told = &self.families[family].told[index];
                if !order.is_open() {
                    continue;
                }
                if order.terms.time_in_force.expires_us().is_some_and(|end| end <= self.venue.now_us) {
                    let expired = self.act(family, index, |desk, _| expire(desk, index));
                    assert_eq!(expired, Ok(()));
                } else if order.status == OrderStatus::WaitingTrigger {
                    let (mark, is_reached) = (told.mark, told.is_reached(&self.venue));
                    let woken = self.act(family, index, |desk, venue| trigger(desk, index, venue, mark));
                    assert_eq!(woken, if is_reached { Ok(()) } else { Err(Refusal::NotNow) }, "{order:?}");
                } else {
                    self.fill(family, index, &order);
                }
            }
        }
        self.log.iter().skip(before).any(|(_, step)| step.seen.is_some())
    }

    /// Gives a resting order its share of the displayed size, as the book does.
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
                self.picked(pick, |desk, index, _, _| cancel(desk, index, Reason::User));
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
                    5 | 6 => Revision { expires_us: Some(end), ..none },
                    7 => Revision { post_only: Some(ticks > 0), ..none },
                    _ => Revision { limit: at, quantity: Some(sized(steps)), post_only: Some(true), ..none },
                };
                self.picked(pick, move |desk, index, venue, mark| {
                    replace(desk, index, &Revision { mark, ..revision }, venue)
                });
            }
        }
    }

    fn oco(&mut self, buys: bool, size: Size, ticks: [i32; 2], loss: u8, times: u8) {
        let away = |offset: i32| offset.abs() + 20;
        let sign = if buys { -1 } else { 1 };
        let end = |bit: u8| if times & bit == 0 { 0 } else { 3 };
        let profit = self.terms(1, buys, size, [sign * away(ticks[0]), 0], end(5));
        let stop = -sign * away(ticks[1]);
        let loss =
            self.terms([2, 3, 6][usize::from(loss)], buys, size, [stop - sign * ticks[0], stop], end(6));
        let link = |role| Some(Link { kind: GroupKind::Oco, role });
        self.place(&[
            NewOrder { terms: profit, link: link(Role::TakeProfit) },
            NewOrder { terms: loss, link: link(Role::StopLoss) },
        ]);
    }

    /// A purchase with one exit or two: `exits` 0 the profitable one, 1 the other, else both.
    fn bracket(&mut self, entry: u8, size: Size, ticks: [i32; 3], exits: u8, (loss, times): (u8, u8)) {
        // Market orders, ioc, fok and by value; limits of each time in force and by value.
        let (kind, force) =
            [(0, 0), (0, 2), (0, 4), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4)][usize::from(entry)];
        let base = if kind == 0 { 0 } else { ticks[0] };
        let entry = self.terms(kind, true, size, [base, 0], force);
        let steps = Size { sweeps: false, ..size };
        let end = |bit: u8| if times == bit { 3 } else { 0 };
        let profit = self.terms(1, false, steps, [base + ticks[1].abs() + 20, 0], end(1));
        let stop = base - ticks[2].abs() - 20;
        let loss =
            self.terms([2, 3, 6][usize::from(loss)], false, steps, [stop - ticks[1] / 4, stop], end(2));
        let kind = if exits < 2 { GroupKind::Oto } else { GroupKind::Bracket };
        let linked = |terms, role| NewOrder { terms, link: Some(Link { kind, role }) };
        let mut orders = vec![linked(entry, Role::Entry)];
        if exits != 1 {
            orders.push(linked(profit, Role::TakeProfit));
        }
        if exits != 0 {
            orders.push(linked(loss, Role::StopLoss));
        }
        self.place(&orders);
    }

    /// Does what an owner asks of one of his orders.
    fn picked(
        &mut self,
        pick: usize,
        act: impl Fn(&Desk, usize, &Venue, Option<Price>) -> Result<Outcome, Refusal>,
    ) {
        if self.families.is_empty() {
            return;
        }
        let family = pick % self.families.len();
        let index = pick / 7 % self.families[family].orders.len();
        let Told { state, mark, .. } = self.families[family].told[index];
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

    /// Cancels all that is open: nothing is reserved then.
    fn close(&mut self) {
        for family in 0..self.families.len() {
            for index in 0..self.families[family].orders.len() {
                let is_open = self.families[family].orders[index].is_open();
                let canceled = self.act(family, index, |desk, _| cancel(desk, index, Reason::KillSwitch));
                assert_eq!(canceled.is_ok(), is_open);
            }
        }
        self.check();
        assert!(self.desk.cash_reserved.is_zero() && self.desk.coins_reserved.is_zero());
    }

    /// The balances and the position from the log alone.
    fn replayed(&self) -> Desk {
        let mut again = Desk { position: self.position, ..trader() };
        let coin = Currency::Asset("BTC".parse().unwrap());
        for (_, step) in &self.log {
            let net = |bucket, currency| step.postings.net(Account::Trader(bucket), currency);
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

impl Family {
    /// Each order holds what it needs and nothing more; two of which one can fill hold the larger need together.
    fn reserve_check(&self) {
        let lives = |told: &&Told| told.state.is_open() && told.state.status != OrderStatus::Held;
        let held = |told: &Told| (told.state.reserved_cash.units(), told.state.reserved_coins);
        for told in self.told.iter().filter(|told| !lives(told)) {
            assert_eq!(held(told), (0, Quantity::ZERO), "what does not live holds nothing");
        }
        match self.told.iter().filter(lives).collect::<Vec<_>>().as_slice() {
            [] => {}
            [one] => assert_eq!(held(one), one.need(), "{:?}", one.state),
            [one, two] => {
                let cash = held(one).0 + held(two).0;
                let coins = held(one).1.checked_add(held(two).1).unwrap();
                assert_eq!(coins, one.need().1.max(two.need().1), "coins of a pair");
                let needed = one.need().0.max(two.need().0);
                let is_changed = one.is_changed || two.is_changed;
                assert!(cash == needed || (is_changed && cash > needed), "{cash} for {needed}: {self:?}");
            }
            _ => panic!("three orders of a group live"),
        }
    }

    fn check(&self) {
        self.reserve_check();
        for (order, told) in self.orders.iter().zip(&self.told) {
            assert_eq!(*order, told.state);
        }
        let is_exit = |order: &&OrderState| order.link.is_some_and(|link| link.role != Role::Entry);
        let exits: Vec<&OrderState> = self.orders.iter().filter(is_exit).collect();
        let filled: i128 = exits.iter().map(|order| order.filled.units()).sum();
        if !exits.is_empty() {
            assert!(filled <= self.quantity.units(), "both exits never fill");
        }
        if let [one, two] = exits.as_slice() {
            assert_eq!(one.is_open(), two.is_open(), "they end together");
            let completed = [one, two].iter().filter(|exit| exit.status == OrderStatus::Completed).count();
            assert!(completed <= 1, "one of them fills whole");
            if one.is_open() {
                assert_eq!(one.remaining(), two.remaining(), "they shrink together");
            }
        }
        if let Some(entry) =
            self.orders.first().filter(|order| order.link.is_some_and(|link| link.role == Role::Entry))
            && entry.status != OrderStatus::Completed
        {
            assert_eq!(filled, 0, "no exit lives before the purchase is filled whole");
        }
    }
}
