//! Times from the quote that reaches an order to its fill.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use crate::figures::{now_us, percentile, time_us};
use crate::prices::PriceLog;

/// µs after which every order is in the book of its owner, also when messages were lost.
pub(crate) const IN_BOOK_MAX_US: i64 = 5_000_000;
/// µs from a quote that reaches a waiting order to its fill: a take-over, and a second attempt on a busy machine.
pub(crate) const DELAY_MAX_US: i64 = 10_000_000;

/// A stop order that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub(crate) order_id: String,
    pub(crate) asset: String,
    pub(crate) price: i128,
    /// It triggers at its price or above, else below.
    pub(crate) above: bool,
}

/// Times in which orders cannot be filled: DynamoDB or Redis was away.
#[derive(Debug, Default)]
pub(crate) struct Outages(Mutex<Vec<(i64, i64)>>);

impl Outages {
    pub(crate) fn add(&self, from_us: i64) {
        self.0.lock().unwrap().push((from_us, now_us()));
    }

    fn within(&self, from_us: i64, to_us: i64) -> i64 {
        let outages = self.0.lock().unwrap();
        outages.iter().map(|(from, to)| (to_us.min(*to) - from_us.max(*from)).max(0)).sum()
    }
}

/// Delays of all triggered stops.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    times: Vec<Duration>,
    late: Vec<String>,
}

impl Delays {
    /// Adds a filled stop. Its delay counts from the first quote that reaches it when it must be in its owner's book.
    pub(crate) fn add(&mut self, stop: &Stop, order: &Value, prices: &PriceLog, outages: &Outages) {
        let (Some(created), Some(filled)) =
            (time_us(&order["created_at"]), time_us(&order["fills"][0]["filled_at"]))
        else {
            return;
        };
        if let Some(reached) = prices.first_reached(&stop.asset, created, stop.price, stop.above) {
            let delay = u64::try_from(filled - reached).unwrap_or(0);
            self.times.push(Duration::from_micros(delay));
        }
        let from = created + IN_BOOK_MAX_US;
        let Some(reached) = prices.first_reached(&stop.asset, from, stop.price, stop.above) else { return };
        let allowed = DELAY_MAX_US + outages.within(created, filled);
        if filled - reached > allowed {
            let late = (filled - reached) / 1_000;
            self.late.push(format!("{late} ms after the quote: {order}"));
        }
    }

    /// No stop was later than the bound.
    pub(crate) fn check(&self) {
        assert!(self.late.is_empty(), "{} orders were late: {:#?}", self.late.len(), self.late.first());
        assert!(!self.times.is_empty(), "no stop was reached");
    }
}

impl std::fmt::Display for Delays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |percent| percentile(&self.times, percent);
        let count = self.times.len();
        write!(f, "{count} stops, quote to fill p50 {:?}, p99 {:?}, max {:?}", at(50), at(99), at(100))
    }
}
