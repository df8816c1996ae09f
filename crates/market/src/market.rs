//! The handle through which the market is read.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use cnop_api::market::Interval;
use cnop_domain::AssetId;
use thiserror::Error;
use tokio::sync::watch;

use crate::{Catalogue, Snapshot};

/// Most candles in one answer.
pub const CANDLES_MAX: u32 = 1_000;

/// Error of a request to the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MarketError {
    /// The catalog has no such asset.
    #[error("this asset is not in the catalogue")]
    UnknownAsset,
    /// The price feed cannot be reached now.
    #[error("the price feed does not answer; try again later")]
    Unavailable,
}

/// Open, high, low, close and volume of one interval. For charts only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candle {
    /// Start of the interval, in s since 1970; a multiple of its length.
    pub start_s: i64,
    /// Opening price of the interval.
    pub open: f64,
    /// Highest price of the interval.
    pub high: f64,
    /// Lowest price of the interval.
    pub low: f64,
    /// Closing price of the interval.
    pub close: f64,
    /// Traded volume in coins.
    pub volume: f64,
}

/// Candle requests that a feed answers.
#[async_trait]
pub(crate) trait CandleSource: Send + Sync {
    /// At most `limit` candles that start before `before` (s since 1970; none: up to now), oldest first.
    async fn candles(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Candle>, MarketError>;

    /// Minutes of prices that such a request would compute now. Candles that are kept compute none.
    fn minutes_to_compute(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> u64;
}

/// The market for its readers. Cheap to clone; all clones show the same data.
#[derive(Clone)]
pub struct Market {
    inner: Arc<MarketInner>,
}

struct MarketInner {
    catalogue: Catalogue,
    snapshot: ArcSwap<Snapshot>,
    generation: watch::Sender<u64>,
    observer: ArcSwapOption<Observer>,
    candles: Arc<dyn CandleSource>,
}

/// Callback for every snapshot.
struct Observer(Box<dyn Fn(&Snapshot) + Send + Sync>);

/// Keeps the observer of [`Market::observe`] active while it lives.
#[must_use = "nothing is observed once this is dropped"]
#[derive(Debug)]
pub struct Observation {
    market: Weak<MarketInner>,
    observer: Arc<Observer>,
}

impl Drop for Observation {
    fn drop(&mut self) {
        if let Some(market) = self.market.upgrade() {
            // Not when another observer has taken the place.
            market.observer.compare_and_swap(&Some(Arc::clone(&self.observer)), None);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}

impl fmt::Debug for MarketInner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshot = self.snapshot.load();
        f.debug_struct("Market")
            .field("source", &snapshot.source)
            .field("generation", &snapshot.generation)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Market {
    /// A market that shows `first` until something newer is published.
    pub(crate) fn new(first: Snapshot, candles: Arc<dyn CandleSource>) -> Self {
        let catalogue = first.catalogue.clone();
        let generation = watch::Sender::new(first.generation);
        Self {
            inner: Arc::new(MarketInner {
                catalogue,
                snapshot: ArcSwap::from_pointee(first),
                generation,
                observer: ArcSwapOption::empty(),
                candles,
            }),
        }
    }

    /// The catalog of all assets.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    /// The newest prices. Never waits.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.snapshot.load_full()
    }

    /// Notifies with the generation of each new snapshot. A slow reader skips some and sees the newest.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.inner.generation.subscribe()
    }

    /// Calls `look` with every snapshot from now on, one after the other, right after readers can see it.
    /// None is skipped, however short its life. The feed waits for `look`, so it must not block. A market has
    /// one observer; a second one replaces the first.
    pub fn observe(&self, look: impl Fn(&Snapshot) + Send + Sync + 'static) -> Observation {
        let observer = Arc::new(Observer(Box::new(look)));
        self.inner.observer.store(Some(Arc::clone(&observer)));
        Observation { market: Arc::downgrade(&self.inner), observer }
    }

    /// At most `limit` (and [`CANDLES_MAX`]) candles that start before `before` (s since 1970; none: up to now),
    /// oldest first. The last one may still be open; a closed one never changes.
    ///
    /// # Errors
    /// [`MarketError::UnknownAsset`]; [`MarketError::Unavailable`] when the feed cannot be reached.
    pub async fn candles(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Candle>, MarketError> {
        if self.inner.catalogue.get(asset_id).is_none() {
            return Err(MarketError::UnknownAsset);
        }
        self.inner.candles.candles(asset_id, interval, before, limit.min(CANDLES_MAX)).await
    }

    /// Minutes of prices that the same request of [`Self::candles`] would compute now: its cost before it is made.
    /// Candles that are kept compute none.
    #[must_use]
    pub fn minutes_to_compute(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> u64 {
        self.inner.candles.minutes_to_compute(asset_id, interval, before, limit.min(CANDLES_MAX))
    }

    /// Publishes a newer snapshot: to all readers, then to the observer, then to waiting readers.
    pub(crate) fn publish(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        self.inner.snapshot.store(Arc::clone(&snapshot));
        if let Some(observer) = self.inner.observer.load_full() {
            // The observer's fault must not end the feed: readers still need prices.
            let observed = catch_unwind(AssertUnwindSafe(|| (observer.0)(&snapshot)));
            if observed.is_err() {
                tracing::error!(
                    generation = snapshot.generation,
                    "the observer of prices failed at a snapshot"
                );
            }
        }
        self.inner.generation.send_replace(snapshot.generation);
    }
}
