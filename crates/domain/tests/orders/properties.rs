//! Random days of one trader in one asset: commands and prices in any order.

use cnop_domain::engine::{Revision, cancel, expire, explain, fill_resting, place, replace, trigger};
use cnop_domain::{
    Account, Amount, Bucket, Change, Currency, Desk, GroupKind, Link, NewOrder, OrderFill, OrderState,
    OrderStatus, OrderTerms, OrderType, Outcome, Price, Quantity, Quote, Reason, Refusal, Role, Side, Step,
    TimeInForce, Trail, Venue, fee,
};
use proptest::prelude::*;

use crate::fixture::{DAY_US, desk, market, rules, verify};

/// A command of a random day. Numbers are turned into prices and sizes that are near what is valid.
#[derive(Debug, Clone)]
enum Command {
    Place { kind: u8, buys: bool, steps: u32, ticks: [i32; 2], force: u8 },
    Oco { buys: bool, steps: u32, ticks: [i32; 2], kind: u8 },
    Bracket { at_market: bool, steps: u32, ticks: [i32; 3], exits: u8 },
    Move { ticks: i32, displayed: u32, minutes: u8 },
    Cancel { pick: usize },
    Replace { pick: usize, steps: u32, ticks: i32, field: u8 },
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let ticks = -300..300_i32;
    let steps = 1..6_000_u32;
    let one = prop_oneof![
        3 => (0..7_u8, any::<bool>(), steps.clone(), [ticks.clone(), ticks.clone()], 0..6_u8)
            .prop_map(|(kind, buys, steps, ticks, force)| Command::Place { kind, buys, steps, ticks, force }),
        2 => (any::<bool>(), steps.clone(), [ticks.clone(), ticks.clone()], 0..3_u8)
            .prop_map(|(buys, steps, ticks, kind)| Command::Oco { buys, steps, ticks, kind }),
        2 => (any::<bool>(), steps.clone(), [ticks.clone(), ticks.clone(), ticks.clone()], 0..4_u8)
            .prop_map(|(at_market, steps, ticks, exits)| Command::Bracket { at_market, steps, ticks, exits }),
        6 => (-400..400_i32, 0..4_000_u32, 0..60_u8)
            .prop_map(|(ticks, displayed, minutes)| Command::Move { ticks, displayed, minutes }),
        1 => any::<usize>().prop_map(|pick| Command::Cancel { pick }),
        2 => (any::<usize>(), steps, ticks, 0..5_u8)
            .prop_map(|(pick, steps, ticks, field)| Command::Replace { pick, steps, ticks, field }),
    ];
    prop::collection::vec(one, 1..40)
}

/// One group (or single order) with its log.
#[derive(Debug, Clone)]
struct Family {
    orders: Vec<OrderState>,
    steps: Vec<Step>,
    quantity: Quantity,
}

#[derive(Debug)]
struct Day {
    desk: Desk,
    families: Vec<Family>,
    last: i64,
    venue: Venue,
    log: Vec<(Side, Step)>,
}

fn ticks(count: i64) -> Price {
    Price::from_units(i128::from(count.max(1)) * rules().tick_size.units()).unwrap()
}

fn sized(steps: u32) -> Quantity {
    Quantity::from_units(i128::from(steps) * rules().step_size.units()).unwrap()
}

impl Day {
    fn new() -> Self {
        let mut day = Self {
            desk: desk(),
            families: Vec::new(),
            last: 10_000,
            // Seven of 10,000 of a value of whole steps and ticks is no whole unit: fees must be rounded.
            venue: Venue { fee_bps: 7, ..crate::fixture::venue("100") },
            log: Vec::new(),
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
        self.venue.displayed_left = sized(displayed);
    }

    fn at(&self, offset: i32) -> Price {
        ticks(self.last + i64::from(offset))
    }

    fn terms(&self, kind: u8, buys: bool, steps: u32, offsets: [i32; 2], force: u8) -> OrderTerms {
        let order_type = OrderType::ALL[usize::from(kind) % OrderType::ALL.len()];
        let side = if buys { Side::Buy } else { Side::Sell };
        let trails = order_type == OrderType::TrailingStop;
        let time_in_force = match (order_type, force) {
            (OrderType::Market, _) | (OrderType::Limit, 1) => TimeInForce::Ioc,
            (OrderType::Limit, 2) => TimeInForce::Fok,
            (_, 3) => TimeInForce::Gtd { expires_us: self.venue.now_us + DAY_US / 24 },
            _ => TimeInForce::Gtc,
        };
        let known = order_type == OrderType::Market || order_type.has_limit();
        let trail = if force.is_multiple_of(2) {
            Trail::BasisPoints(10 + steps % 500)
        } else {
            Trail::Amount(ticks(i64::from(steps % 300)))
        };
        OrderTerms {
            order_type,
            quantity: sized(steps),
            quote_quantity: (known && force == 4).then(|| self.venue.quote.last.value_of(sized(steps))),
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

    fn place(&mut self, orders: &[NewOrder]) {
        let Ok(outcome) = place(&self.desk, orders, &self.venue) else { return };
        verify(&self.desk, &outcome);
        let family = Family {
            orders: outcome.after.orders.clone(),
            steps: Vec::new(),
            quantity: outcome.after.orders[0].terms.quantity,
        };
        self.families.push(family);
        self.took(self.families.len() - 1, &outcome);
    }

    fn took(&mut self, family: usize, outcome: &Outcome) {
        let family = &mut self.families[family];
        let used = outcome.displayed_used;
        assert!(used <= self.venue.displayed_left, "no displayed coin is taken twice");
        self.venue.displayed_left = self.venue.displayed_left.checked_sub(used).unwrap();
        for step in &outcome.steps {
            if let Change::Filled(new) = &step.change {
                let earlier = family.steps.iter().rfind(|earlier| earlier.order == step.order);
                let before = earlier.map_or_else(Default::default, |earlier| earlier.after.progress());
                // The size was worked out, or changed, when the order was accepted: the terms after the fill are those at it.
                let explained = explain(&step.after.terms, step.after.fee_bps, &before, new);
                assert_eq!(explained, Ok(()), "every fill can be recomputed");
            }
            family.steps.push(step.clone());
            self.log.push((step.after.terms.side, step.clone()));
        }
        family.orders.clone_from(&outcome.after.orders);
        self.desk = Desk { orders: Vec::new(), ..outcome.after.clone() };
    }

    fn act(&mut self, family: usize, act: impl Fn(&Desk, &Venue) -> Result<Outcome, Refusal>) {
        let before = self.desk_of(family);
        match act(&before, &self.venue) {
            Ok(outcome) => {
                verify(&before, &outcome);
                self.took(family, &outcome);
            }
            Err(Refusal::Illegal(fault)) => panic!("an impossible pair was tried: {fault:?}"),
            Err(_) => {}
        }
    }

    /// Everything that the new quote does.
    fn tick(&mut self) {
        for family in 0..self.families.len() {
            for index in 0..self.families[family].orders.len() {
                let order = self.families[family].orders[index];
                if !order.is_open() {
                    continue;
                }
                if order.terms.time_in_force.expires_us().is_some_and(|end| end <= self.venue.now_us) {
                    self.act(family, |desk, venue| expire(desk, index, venue.now_us));
                } else if order.status == OrderStatus::WaitingTrigger {
                    self.act(family, |desk, venue| trigger(desk, index, venue, Some(venue.quote.last)));
                } else {
                    self.act(family, |desk, venue| fill_resting(desk, index, venue.displayed_left, venue));
                }
            }
        }
    }

    fn run(&mut self, command: &Command) {
        match *command {
            Command::Place { kind, buys, steps, ticks, force } => {
                let terms = self.terms(kind, buys, steps, ticks, force);
                self.place(&[NewOrder::single(terms)]);
            }
            Command::Oco { buys, steps, ticks, kind } => {
                let away = |offset: i32| offset.abs() + 20;
                let sign = if buys { -1 } else { 1 };
                let profit = self.terms(1, buys, steps, [sign * away(ticks[0]), 0], 0);
                let loss_kind = [2, 3, 6][usize::from(kind)];
                let stop = -sign * away(ticks[1]);
                let loss = self.terms(loss_kind, buys, steps, [stop - sign * ticks[0], stop], 0);
                let link = |role| Some(Link { kind: GroupKind::Oco, role });
                self.place(&[
                    NewOrder { terms: profit, link: link(Role::TakeProfit) },
                    NewOrder { terms: loss, link: link(Role::StopLoss) },
                ]);
            }
            Command::Bracket { at_market, steps, ticks, exits } => {
                let entry = self.terms(u8::from(!at_market), true, steps, [ticks[0], 0], 0);
                let base = if at_market { 0 } else { ticks[0] };
                let profit = self.terms(1, false, steps, [base + ticks[1].abs() + 20, 0], exits);
                let stop = base - ticks[2].abs() - 20;
                let loss = self.terms(if exits == 1 { 6 } else { 2 }, false, steps, [0, stop], 0);
                let kind = if exits < 2 { GroupKind::Bracket } else { GroupKind::Oto };
                let linked = |terms, role| NewOrder { terms, link: Some(Link { kind, role }) };
                let mut orders = vec![linked(entry, Role::Entry)];
                if exits != 2 {
                    orders.push(linked(profit, Role::TakeProfit));
                }
                if exits != 3 {
                    orders.push(linked(loss, Role::StopLoss));
                }
                self.place(&orders);
            }
            Command::Move { ticks, displayed, minutes } => {
                self.venue.now_us += i64::from(minutes) * 60_000_000;
                self.quote(i64::from(ticks), displayed);
                self.tick();
            }
            Command::Cancel { pick } => {
                self.picked(pick, |desk, index, venue| cancel(desk, index, Reason::User, venue.now_us))
            }
            Command::Replace { pick, steps, ticks, field } => {
                let at = Some(self.at(ticks));
                let none = Revision::default();
                let revision = match field {
                    0 => Revision { quantity: Some(sized(steps)), ..none },
                    1 => Revision { limit: at, ..none },
                    2 => Revision { stop: at, ..none },
                    3 => Revision { trail: Some(Trail::BasisPoints(10 + steps % 900)), ..none },
                    _ => Revision { limit: at, quantity: Some(sized(steps)), post_only: Some(true), ..none },
                };
                self.picked(pick, move |desk, index, venue| replace(desk, index, &revision, venue));
            }
        }
    }

    fn picked(&mut self, pick: usize, act: impl Fn(&Desk, usize, &Venue) -> Result<Outcome, Refusal>) {
        if !self.families.is_empty() {
            let family = pick % self.families.len();
            let index = pick / 7 % self.families[family].orders.len();
            self.act(family, |desk, venue| act(desk, index, venue));
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

    /// The balances and the position from the log alone.
    fn replayed(&self) -> Desk {
        let mut again = desk();
        let coin = Currency::Asset("BTC".parse().unwrap());
        for (side, step) in &self.log {
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
            if let Change::Filled(OrderFill { fill, .. }) = step.change {
                again.position = match side {
                    Side::Buy => again.position.bought(fill.quantity, fill.notional, fill.fee).unwrap(),
                    Side::Sell => again.position.sold(fill.quantity, fill.notional, fill.fee).unwrap().0,
                };
            }
        }
        again
    }
}

impl Family {
    /// An order holds what it needs and nothing more: none when it is closed, held or shown by the other leg.
    fn reserve_check(&self, order: &OrderState) {
        let is_pair = self.orders.iter().filter(|other| other.terms.side == order.terms.side).count() == 2;
        let is_shown_elsewhere = is_pair && order.link.is_some_and(|link| link.role == Role::TakeProfit);
        let coins = match order.terms.side {
            Side::Sell if order.is_open() && order.status != OrderStatus::Held && !is_shown_elsewhere => {
                order.remaining()
            }
            Side::Buy | Side::Sell => Quantity::ZERO,
        };
        assert_eq!(order.reserved_coins, coins);
        if order.is_open()
            && !is_pair
            && order.terms.side == Side::Buy
            && let Some(limit) = order.terms.limit
        {
            let rest = limit.times(order.remaining()).unwrap();
            let fees = fee(order.notional.checked_add(rest).unwrap(), order.fee_bps).unwrap();
            let needed = rest.checked_add(fees).unwrap().checked_sub(order.fees).unwrap();
            assert_eq!(order.reserved_cash, needed);
        }
        if !order.is_open() || order.terms.side == Side::Sell || order.status == OrderStatus::Held {
            assert!(order.reserved_cash.is_zero());
        }
    }

    fn check(&self) {
        for (index, order) in self.orders.iter().enumerate() {
            let steps: Vec<&Step> = self.steps.iter().filter(|step| step.order == index).collect();
            let new = OrderState::new(steps[0].after.terms, order.link, order.fee_bps);
            let folded = new.fold(steps.iter().map(|step| &step.change)).unwrap();
            let seen = |state: &OrderState| (state.status, state.version, state.progress(), state.reason);
            assert_eq!(seen(&folded), seen(order), "status is a function of the events");
            assert_eq!(folded.terms.quantity, order.terms.quantity);
            self.reserve_check(order);
        }
        let exits: Vec<&OrderState> = self
            .orders
            .iter()
            .filter(|order| order.link.is_some_and(|link| link.role != Role::Entry))
            .collect();
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_random_day_keeps_every_promise(day in commands()) {
        let mut now = Day::new();
        for command in &day {
            now.run(command);
            now.check();
        }
        prop_assert_eq!(now.replayed(), now.desk.clone());
        for family in 0..now.families.len() {
            for index in 0..now.families[family].orders.len() {
                now.act(family, |desk, venue| cancel(desk, index, Reason::KillSwitch, venue.now_us));
            }
        }
        now.check();
        prop_assert!(now.desk.cash_reserved.is_zero() && now.desk.coins_reserved.is_zero());
    }
}
