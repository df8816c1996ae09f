//! The book and the reference implementation agree after any sequence of calls.

use proptest::prelude::*;
use proptest::sample::Index;

use super::naive::{Naive, NaiveOrder};
use crate::book::{Dispatched, Interest, Marks, TriggerBook};
use crate::{Amount, Price, Quantity, Quote, Side, TradingRules, Trail};

/// So few extremes that they move to the old ones in a short run.
const RECENT_MAX: usize = 3;
/// Orders arrive at most this many quotes late.
const LATE_QUOTES_MAX: usize = 2;

#[derive(Debug, Clone)]
enum Command {
    /// A kind of interest, a price and a distance relative to the last price, sizes, how late and how long it lives.
    Insert {
        kind: u8,
        sell: bool,
        offset: i128,
        distance: u32,
        size: i128,
        late: i64,
        lives: Option<i64>,
    },
    /// The same order with another price or distance.
    Replace {
        which: Index,
        offset: i128,
        size: i128,
    },
    Remove(Index),
    /// Move of the last price, change of the number (0 looks again), displayed sizes, time passed.
    Tick {
        change: i128,
        seq: u64,
        sizes: (i128, i128),
        passed: i64,
    },
    StaleTick,
    Settle {
        which: Index,
        filled: i128,
    },
    Release(Index),
    Hold(Index),
    Resize {
        which: Index,
        left: i128,
    },
    Expire {
        limit: usize,
    },
    TakeDisplayed {
        sell: bool,
        newer: u64,
        wanted: i128,
    },
    GiveBack {
        sell: bool,
        older: u64,
        quantity: i128,
    },
    Restart,
}

fn command() -> impl Strategy<Value = Command> {
    let index = any::<Index>;
    prop_oneof![
        8 => (0..4_u8, any::<bool>(), -60..=60_i128, 1..=150_u32, 1..=20_i128, 0..40_i64, prop::option::of(1..60_i64))
            .prop_map(|(kind, sell, offset, distance, size, late, lives)|
                Command::Insert { kind, sell, offset, distance, size, late, lives }),
        3 => (index(), -60..=60_i128, 1..=20_i128)
            .prop_map(|(which, offset, size)| Command::Replace { which, offset, size }),
        1 => index().prop_map(Command::Remove),
        8 => (-40..=40_i128, 0..=2_u64, (0..=40_i128, 0..=40_i128), 0..=10_i64)
            .prop_map(|(change, seq, sizes, passed)| Command::Tick { change, seq, sizes, passed }),
        1 => Just(Command::StaleTick),
        3 => (index(), 0..=20_i128).prop_map(|(which, filled)| Command::Settle { which, filled }),
        2 => index().prop_map(Command::Release),
        1 => index().prop_map(Command::Hold),
        1 => (index(), 0..=20_i128).prop_map(|(which, left)| Command::Resize { which, left }),
        1 => (0..5_usize).prop_map(|limit| Command::Expire { limit }),
        1 => (any::<bool>(), 0..=1_u64, 0..=20_i128)
            .prop_map(|(sell, newer, wanted)| Command::TakeDisplayed { sell, newer, wanted }),
        1 => (any::<bool>(), 0..=1_u64, 0..=20_i128)
            .prop_map(|(sell, older, quantity)| Command::GiveBack { sell, older, quantity }),
        1 => Just(Command::Restart),
    ]
}

fn price(units: i128) -> Price {
    Price::from_units(units.max(1)).unwrap()
}

fn quantity(units: i128) -> Quantity {
    Quantity::from_units(units).unwrap()
}

fn side(sell: bool) -> Side {
    if sell { Side::Sell } else { Side::Buy }
}

fn rules() -> TradingRules {
    TradingRules {
        tick_size: price(5),
        step_size: quantity(3),
        min_quantity: quantity(1),
        max_quantity: Quantity::MAX,
        min_notional: Amount::ZERO,
        max_notional: Amount::MAX,
    }
}

struct Both {
    book: TriggerBook<u8>,
    naive: Naive,
    quote: Quote,
    now_us: i64,
    /// Orders of an earlier process were all inserted at its start: none arrives later.
    started_us: i64,
    next_id: u128,
    stored: Marks,
    stored_revision: u64,
}

impl Both {
    fn new() -> Self {
        let sizes = quantity(0);
        Self {
            book: TriggerBook::with_recent(&rules(), &Marks::default(), RECENT_MAX),
            naive: Naive::new(rules()),
            quote: Quote {
                bid: price(999),
                ask: price(1001),
                bid_size: sizes,
                ask_size: sizes,
                last: price(1000),
                seq: 1,
                time_us: 0,
            },
            now_us: 0,
            started_us: 0,
            next_id: 0,
            stored: Marks::default(),
            stored_revision: 0,
        }
    }

    fn run(&mut self, command: &Command) -> Result<(), TestCaseError> {
        match command {
            Command::Insert { .. } | Command::Replace { .. } => self.insert(command),
            Command::Tick { change, seq, sizes, passed } => {
                // Each new quote has its own time: the few that are kept would not hold all of one
                // microsecond.
                self.now_us += passed.max(&i64::from(*seq > 0));
                if *seq > 0 {
                    let last = (self.quote.last.units() + change).max(100);
                    self.quote = Quote {
                        bid: price(last - 2),
                        ask: price(last + 2),
                        bid_size: quantity(sizes.0),
                        ask_size: quantity(sizes.1),
                        last: price(last),
                        seq: self.quote.seq + seq,
                        time_us: self.now_us,
                    };
                }
                let (quote, now_us) = (self.quote, self.now_us);
                prop_assert_eq!(self.book.tick(&quote, now_us), self.naive.tick(&quote, now_us));
            }
            Command::StaleTick => {
                let quote = Quote { seq: self.quote.seq - 1, last: price(1), ..self.quote };
                let stale = self.naive.seen.last().is_some() && self.book.ticked_seq.is_some();
                if stale && self.book.ticked_seq == Some(self.quote.seq) {
                    prop_assert!(self.book.tick(&quote, self.now_us).is_empty());
                }
            }
            Command::Expire { limit } => {
                let now_us = self.now_us;
                prop_assert_eq!(self.book.expire(now_us, *limit), self.naive.expire(now_us, *limit));
            }
            Command::TakeDisplayed { sell, newer, wanted } => {
                self.quote.seq += newer;
                let (side, wanted) = (side(*sell), quantity(*wanted));
                let left = self.book.displayed_left(side, &self.quote);
                let taken = self.book.take_displayed(side, &self.quote, wanted);
                prop_assert!(taken <= left && taken <= wanted);
                prop_assert_eq!(taken, self.naive.take(side, &self.quote, wanted));
            }
            Command::GiveBack { sell, older, quantity: returned } => {
                let (side, seq, returned) = (side(*sell), self.quote.seq - older, quantity(*returned));
                self.book.give_back(side, seq, returned);
                self.naive.give_back(side, seq, returned);
            }
            Command::Restart => self.restart(),
            Command::Remove(_)
            | Command::Settle { .. }
            | Command::Release(_)
            | Command::Hold(_)
            | Command::Resize { .. } => self.answer(command)?,
        }
        if self.book.marks_revision() != self.stored_revision {
            self.stored_revision = self.book.marks_revision();
            self.stored = self.book.marks();
        }
        self.agree()
    }

    fn insert(&mut self, command: &Command) {
        let last = self.quote.last.units();
        let order = match command {
            Command::Insert { kind, sell, offset, distance, size, late, lives } => {
                let (side, level) = (side(*sell), price(last + offset));
                let interest = match kind {
                    0 => Interest::Limit { side, price: level, remaining: quantity(*size) },
                    1 => Interest::Trigger { above: *sell, price: level },
                    2 => {
                        Interest::Trail { side, trail: Trail::Amount(price((*distance).into())), mark: level }
                    }
                    _ => Interest::Trail { side, trail: Trail::BasisPoints(distance * 10), mark: level },
                };
                let seen = self.naive.seen.iter().rev().nth(LATE_QUOTES_MAX - 1);
                let earliest_us = seen.map_or(0, |(seen_us, _)| *seen_us).max(self.started_us);
                self.next_id += 1;
                NaiveOrder {
                    // Ids that do not grow with time, so that their order is tested, too.
                    id: super::order(self.next_id.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 1_000_003),
                    since_us: (self.now_us - late).max(earliest_us),
                    interest,
                    expires_us: lives.map(|lives| self.now_us + lives),
                    dispatched: None,
                }
            }
            Command::Replace { which, offset, size } if !self.naive.orders.is_empty() => {
                let mut order = which.get(&self.naive.orders).clone();
                let mark = self.naive.trail(&order).map(|(mark, _)| mark);
                order.dispatched = None;
                order.since_us = self.now_us;
                let (level, distance) = (price(last + offset), u32::try_from(offset.abs()).unwrap() + 1);
                order.interest = match order.interest {
                    Interest::Limit { side, .. } => {
                        Interest::Limit { side, price: level, remaining: quantity(*size) }
                    }
                    // Woken, and a limit order from now on.
                    Interest::Trigger { above, .. } if size % 3 == 0 => {
                        Interest::Limit { side: side(!above), price: level, remaining: quantity(*size) }
                    }
                    Interest::Trigger { above, .. } => Interest::Trigger { above, price: level },
                    // Another distance, of the other kind now and then, behind the mark as it is.
                    Interest::Trail { side, mark: first, .. } => {
                        let trail = match size % 2 {
                            0 => Trail::Amount(price(distance.into())),
                            _ => Trail::BasisPoints(distance * 25),
                        };
                        Interest::Trail { side, trail, mark: mark.unwrap_or(first) }
                    }
                };
                order
            }
            _ => return,
        };
        self.book.insert(order.id, order.since_us, order.interest, order.expires_us, 1);
        self.naive.insert(order);
    }

    fn answer(&mut self, command: &Command) -> Result<(), TestCaseError> {
        let (Command::Remove(which)
        | Command::Release(which)
        | Command::Hold(which)
        | Command::Settle { which, .. }
        | Command::Resize { which, .. }) = command
        else {
            return Ok(());
        };
        let dispatched: Vec<NaiveOrder> =
            self.naive.orders.iter().filter(|order| order.dispatched.is_some()).cloned().collect();
        let of_all = matches!(command, Command::Remove(_) | Command::Resize { .. });
        let among = if of_all { self.naive.orders.clone() } else { dispatched };
        if among.is_empty() {
            return Ok(());
        }
        let order = which.get(&among);
        match command {
            Command::Remove(_) => {
                let removed = self.book.remove(order.id).unwrap();
                if let Interest::Trail { mark, .. } = removed.interest {
                    prop_assert_eq!(Some(mark), self.naive.trail(order).map(|(mark, _)| mark));
                }
                self.naive.remove(order.id);
            }
            Command::Hold(_) => {
                self.book.quarantine(order.id);
                self.naive.quarantine(order.id);
            }
            Command::Settle { filled, .. } => {
                let filled = match order.dispatched {
                    Some(Dispatched::Granted { left, .. }) => quantity(*filled).min(left),
                    _ => quantity(*filled),
                };
                let stays = self.book.settle(order.id, filled);
                self.naive.settle(order.id, filled);
                prop_assert_eq!(stays, self.book.get(order.id).is_some());
            }
            Command::Resize { left, .. } => {
                let stays = self.book.resize(order.id, quantity(*left));
                self.naive.resize(order.id, quantity(*left));
                prop_assert_eq!(stays, self.book.get(order.id).is_some());
            }
            _ => {
                prop_assert!(self.book.release(order.id));
                self.naive.release(order.id);
            }
        }
        Ok(())
    }

    /// A new process: the orders as they were accepted, and the marks as they were last stored.
    fn restart(&mut self) {
        self.book = TriggerBook::with_recent(&rules(), &self.stored, RECENT_MAX);
        self.naive.restart();
        self.now_us += 1;
        self.started_us = self.now_us;
        for order in &self.naive.orders {
            self.book.insert(order.id, order.since_us, order.interest, order.expires_us, 1);
        }
        self.stored_revision = self.book.marks_revision();
        self.stored = self.book.marks();
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.book.len(), self.naive.orders.len());
        for order in &self.naive.orders {
            let resting = self.book.get(order.id).unwrap();
            prop_assert_eq!((resting.since_us, resting.interest), (order.since_us, order.interest));
            prop_assert_eq!(resting.dispatched, order.dispatched);
            prop_assert_eq!(self.book.trail(order.id), self.naive.trail(order));
        }
        let trailing = |side| {
            let is_trailing = |order: &&NaiveOrder| matches!(order.interest, Interest::Trail { side: of, .. } if of == side);
            self.naive.orders.iter().filter(is_trailing).collect::<Vec<_>>()
        };
        for (side, trails, marks) in [
            (Side::Buy, &self.book.trailing_buys, self.book.marks().lows),
            (Side::Sell, &self.book.trailing_sells, self.book.marks().highs),
        ] {
            let orders = trailing(side);
            let waiting = orders.iter().filter(|order| order.dispatched.is_none()).count();
            prop_assert_eq!(trails.waiting(), waiting);
            prop_assert!(marks.len() <= orders.len(), "{} marks of {} orders", marks.len(), orders.len());
        }
        let expiring = |order: &&NaiveOrder| order.dispatched.is_none();
        let next = self.naive.orders.iter().filter(expiring).filter_map(|order| order.expires_us).min();
        prop_assert_eq!(self.book.next_expiry_us(), next);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn book_and_list_agree(commands in prop::collection::vec(command(), 1..120)) {
        let mut both = Both::new();
        for command in &commands {
            both.run(command)?;
        }
    }
}
