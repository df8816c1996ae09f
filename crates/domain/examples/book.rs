//! Benchmark of the trigger book: `cargo run --release -p cnop-domain --example book`.
//!
//! Prints a table of times per call at 10³ to 10⁶ resting orders (limit orders, triggers and trailing orders
//! mixed): a quote that reaches nothing, quotes that reach k orders, a new high that moves all trailing
//! orders, insertion and removal. Everything but the clock is deterministic.
#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cnop_domain::book::{Interest, TriggerBook};
use cnop_domain::{
    Amount, BookEntryId, MoneyError, OrderId, Price, Quantity, Quote, Side, TradingRules, Trail,
};

/// A cent in units.
const CENT: i128 = 1_000_000;
/// The price around which everything happens, in cents.
const MIDDLE: i128 = 5_000_000;
/// The quote stays within this many cents of the middle; every level is at least [`NEAREST`] away.
const BAND: u64 = 10_000;
/// Distance of the nearest level from the middle, in cents.
const NEAREST: i128 = 50_000;
/// Levels are at most this many cents farther away.
const DEPTH: u64 = 2_000_000;
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const REACHED: [u64; 4] = [1, 10, 100, 1_000];
/// Measurements of each case.
const TICKS: u64 = 200_000;
const ROUNDS: u64 = 200;
const CHANGES: u64 = 10_000;

type OrderDecision<V> = Result<V, MoneyError>;

fn main() -> OrderDecision<()> {
    println!(
        "| resting orders | case | calls | orders reached in all | median | mean | p99 | slowest |\n|---|---|---|---|---|---|---|---|"
    );
    for size in SIZES {
        let mut market = Market::new();
        market.fill(size)?;
        market.tick_reaches_none(size)?;
        for reached in REACHED {
            market.tick_reaches(size, reached)?;
        }
        market.insert_and_remove(size)?;
    }
    for falling in [false, true] {
        new_high(100_000, falling)?;
    }
    Ok(())
}

/// A book, its newest quote and a source of numbers.
struct Market {
    book: TriggerBook<u128>,
    seq: u64,
    now_us: i64,
    next_id: u128,
    random: u64,
}

impl Market {
    fn new() -> Self {
        let book = TriggerBook::new(&TradingRules {
            tick_size: cents(1).unwrap_or(Price::ZERO),
            step_size: Quantity::ZERO,
            min_quantity: Quantity::ZERO,
            max_quantity: Quantity::MAX,
            min_notional: Amount::ZERO,
            max_notional: Amount::MAX,
        });
        Self { book, seq: 0, now_us: 0, next_id: 0, random: 0x9E37_79B9_7F4A_7C15 }
    }

    /// Marsaglia's xorshift generator, reduced to a range.
    const fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % end
    }

    fn quote(&mut self, last: i128) -> OrderDecision<Quote> {
        self.seq += 1;
        self.now_us += 1_000;
        Ok(Quote {
            bid: cents(last - 1)?,
            ask: cents(last + 1)?,
            bid_size: Quantity::MAX,
            ask_size: Quantity::MAX,
            last: cents(last)?,
            seq: self.seq,
            time_us: self.now_us,
        })
    }

    fn quote_in_band(&mut self) -> OrderDecision<Quote> {
        let offset = i128::from(self.below(BAND * 2 + 1)) - i128::from(BAND);
        self.quote(MIDDLE + offset)
    }

    fn insert(&mut self, interest: Interest) -> BookEntryId {
        self.next_id += 1;
        let expires_us = self.next_id.is_multiple_of(4).then_some(i64::MAX - 1);
        let id = OrderId::from_bits(self.next_id).into();
        self.book.insert(id, self.now_us, interest, expires_us, self.next_id);
        id
    }

    /// An order of any kind that no quote in the band reaches.
    fn far(&mut self) -> OrderDecision<Interest> {
        let away = NEAREST + i128::from(self.below(DEPTH));
        let mark = cents(MIDDLE + i128::from(self.below(BAND)))?;
        let points = 300 + u32::try_from(self.below(4_700)).unwrap_or(0);
        let (side, above) = if self.below(2) == 0 { (Side::Buy, false) } else { (Side::Sell, true) };
        let price = cents(if above { MIDDLE + away } else { MIDDLE - away })?;
        Ok(match self.below(10) {
            0..4 => Interest::Limit { side, price, remaining: Quantity::from_units(1)? },
            4..7 => Interest::Trigger { above, price },
            7 | 8 => Interest::Trail { side, trail: Trail::BasisPoints(points), mark },
            _ => Interest::Trail { side, trail: Trail::Amount(cents(away)?), mark },
        })
    }

    fn fill(&mut self, size: u64) -> OrderDecision<()> {
        for number in 0..size {
            // Orders arrive between quotes, so that trailing ones have different marks.
            if number % 50 == 0 {
                let quote = self.quote_in_band()?;
                self.book.tick(&quote, self.now_us);
            }
            let interest = self.far()?;
            self.insert(interest);
        }
        Ok(())
    }

    fn tick_reaches_none(&mut self, size: u64) -> OrderDecision<()> {
        let mut times = Times::default();
        for _ in 0..TICKS {
            let quote = self.quote_in_band()?;
            let tick = times.measure(|| self.book.tick(black_box(&quote), self.now_us));
            times.reached += tick.grants.len() + tick.triggered.len();
        }
        times.print(size, "tick that reaches none");
        Ok(())
    }

    fn tick_reaches(&mut self, size: u64, reached: u64) -> OrderDecision<()> {
        let low = MIDDLE - i128::from(BAND) * 2;
        let near = |number: u64| cents(low + i128::from(number % 100));
        for (name, kind) in [("limit orders", 0), ("triggers", 1), ("trailing orders", 2)] {
            let mut times = Times::default();
            for _ in 0..ROUNDS {
                let back = self.quote(MIDDLE)?;
                self.book.tick(&back, self.now_us);
                for number in 0..reached {
                    let price = near(number)?;
                    self.insert(match kind {
                        0 => Interest::Limit { side: Side::Buy, price, remaining: Quantity::from_units(1)? },
                        1 => Interest::Trigger { above: false, price },
                        _ => Interest::Trail {
                            side: Side::Sell,
                            trail: Trail::Amount(cents(MIDDLE - low - i128::from(number % 100))?),
                            mark: cents(MIDDLE)?,
                        },
                    });
                }
                let quote = self.quote(low - 1)?;
                let tick = times.measure(|| self.book.tick(black_box(&quote), self.now_us));
                times.reached += tick.grants.len() + tick.triggered.len();
                let ids = tick.grants.iter().map(|grant| grant.id);
                for id in ids.chain(tick.triggered.iter().map(|triggered| triggered.id)) {
                    self.book.remove(id);
                }
            }
            times.print(size, &format!("tick that reaches {reached} {name}"));
        }
        Ok(())
    }

    fn insert_and_remove(&mut self, size: u64) -> OrderDecision<()> {
        let (mut inserts, mut removes) = (Times::default(), Times::default());
        let mut ids = Vec::new();
        for _ in 0..CHANGES {
            let interest = self.far()?;
            ids.push(inserts.measure(|| self.insert(black_box(interest))));
        }
        for id in ids {
            removes.measure(|| self.book.remove(black_box(id)));
        }
        inserts.print(size, "insert");
        removes.print(size, "remove");
        Ok(())
    }
}

/// New highs with trailing sales only: inserted at one price, or in a falling market, a mark for every ten.
fn new_high(size: u64, falling: bool) -> OrderDecision<()> {
    let mut market = Market::new();
    let mut groups = 1;
    for number in 0..size {
        if falling && number % 10 == 0 {
            groups = number / 10 + 1;
            let quote = market.quote(MIDDLE - i128::from(groups))?;
            market.book.tick(&quote, market.now_us);
        }
        let mark = cents(MIDDLE - if falling { i128::from(groups) } else { 0 })?;
        let distance = cents(NEAREST + i128::from(market.below(DEPTH)))?;
        let points = 300 + u32::try_from(market.below(4_700)).unwrap_or(0);
        let trail = if number % 2 == 0 { Trail::Amount(distance) } else { Trail::BasisPoints(points) };
        market.insert(Interest::Trail { side: Side::Sell, trail, mark });
    }
    let (mut first, mut next) = (Times::default(), Times::default());
    let quote = market.quote(MIDDLE + 1)?;
    first.measure(|| market.book.tick(black_box(&quote), market.now_us));
    first.print(size, &format!("first new high, trailing sales with {groups} different marks"));
    for number in 2..10_000 {
        let quote = market.quote(MIDDLE + number)?;
        next.measure(|| market.book.tick(black_box(&quote), market.now_us));
    }
    next.print(size, "each further new high");
    Ok(())
}

fn cents(cents: i128) -> OrderDecision<Price> {
    Price::from_units(cents * CENT)
}

/// Measured times of one case.
#[derive(Default)]
struct Times {
    calls: Vec<Duration>,
    reached: usize,
}

impl Times {
    fn measure<V>(&mut self, call: impl FnOnce() -> V) -> V {
        let start = Instant::now();
        let value = black_box(call());
        self.calls.push(start.elapsed());
        value
    }

    fn print(mut self, size: u64, case: &str) {
        self.calls.sort_unstable();
        let count = self.calls.len();
        let mean = self.calls.iter().sum::<Duration>() / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let at = |index: usize| self.calls.get(index).copied().unwrap_or_default();
        let (median, p99, slowest) = (at(count / 2), at(count * 99 / 100), at(count.saturating_sub(1)));
        let reached = self.reached;
        println!("| {size} | {case} | {count} | {reached} | {median:?} | {mean:?} | {p99:?} | {slowest:?} |");
    }
}
