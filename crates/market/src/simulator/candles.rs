//! Candles of the simulator: computed on request and cached.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use cnop_api::market::Interval;
use cnop_domain::{AssetId, Clock};

use super::Simulator;
use super::model::{Model, QUOTES_PER_MINUTE};
use crate::market::{Candle, CandleSource, MarketError};

/// Candles that are computed and kept together. One such chunk takes one to three milliseconds at most, after which
/// other tasks get their turn.
const CHUNK_CANDLES: i64 = 25;
/// Chunks that are kept: about 2.5 MB.
const CHUNKS_MAX: usize = 2_000;

type ChunkKey = (AssetId, Interval, i64);

/// Answers candles from the simulator.
pub(super) struct SimulatedCandles {
    simulator: Arc<Simulator>,
    clock: Arc<dyn Clock>,
    chunks: Mutex<Chunks>,
}

/// Chunks of closed candles; the oldest entry goes when there are too many.
#[derive(Default)]
struct Chunks {
    kept: HashMap<ChunkKey, Arc<[Candle]>>,
    order: VecDeque<ChunkKey>,
}

impl Chunks {
    fn insert(&mut self, key: ChunkKey, candles: Arc<[Candle]>) {
        if self.kept.insert(key, candles).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > CHUNKS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.kept.remove(&oldest);
            }
        }
    }
}

/// Numbers of the candles of a request.
struct CandleRange {
    first: i64,
    wanted: i64,
    /// The newest quote.
    newest: i64,
    /// The candle that is still open.
    open: i64,
}

impl SimulatedCandles {
    pub(super) fn new(simulator: Arc<Simulator>, clock: Arc<dyn Clock>) -> Self {
        Self { simulator, clock, chunks: Mutex::default() }
    }

    /// The candles that a request asks for.
    fn range(&self, model: &Model, interval: Interval, before: Option<i64>, limit: u32) -> CandleRange {
        let newest = model.newest(self.clock.now_us());
        let open = newest.div_euclid(quotes(interval));
        let wanted =
            before.map_or(open, |before| before.saturating_sub(1).div_euclid(interval.seconds()).min(open));
        let history = -(-self.simulator.history_us() / 1_000_000).div_euclid(interval.seconds());
        CandleRange { first: (wanted + 1 - i64::from(limit)).max(history), wanted, newest, open }
    }

    /// All candles of a chunk that has been closed for good.
    fn closed_chunk(&self, model: &Model, key: ChunkKey) -> Arc<[Candle]> {
        let kept = self.chunks.lock().unwrap_or_else(PoisonError::into_inner).kept.get(&key).cloned();
        kept.unwrap_or_else(|| {
            let first = key.2 * CHUNK_CANDLES;
            let candles: Arc<[Candle]> =
                (first..first + CHUNK_CANDLES).map(|number| candle(model, key.1, number, None)).collect();
            self.chunks.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&candles));
            candles
        })
    }
}

#[async_trait]
impl CandleSource for SimulatedCandles {
    async fn candles(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Candle>, MarketError> {
        let model = self.simulator.model(asset_id).ok_or(MarketError::UnknownAsset)?;
        let CandleRange { first, wanted, newest, open } = self.range(model, interval, before, limit);
        let mut candles = Vec::with_capacity(usize::try_from(wanted + 1 - first).unwrap_or(0));
        for chunk in first.div_euclid(CHUNK_CANDLES)..=wanted.div_euclid(CHUNK_CANDLES) {
            let start = chunk * CHUNK_CANDLES;
            let range = first.max(start)..=wanted.min(start + CHUNK_CANDLES - 1);
            if start + CHUNK_CANDLES <= open {
                let whole = self.closed_chunk(model, (asset_id, interval, chunk));
                candles.extend(range.clone().zip(start..).flat_map(|(number, _)| {
                    usize::try_from(number - start).ok().and_then(|place| whole.get(place)).copied()
                }));
            } else {
                candles.extend(range.map(|number| candle(model, interval, number, Some(newest))));
            }
            tokio::task::yield_now().await;
        }
        Ok(candles)
    }

    fn minutes_to_compute(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> u64 {
        let Some(model) = self.simulator.model(asset_id) else { return 0 };
        let CandleRange { first, wanted, open, .. } = self.range(model, interval, before, limit);
        let chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        let computed = (first.div_euclid(CHUNK_CANDLES)..=wanted.div_euclid(CHUNK_CANDLES)).map(|chunk| {
            let start = chunk * CHUNK_CANDLES;
            if start + CHUNK_CANDLES > open {
                return wanted.min(start + CHUNK_CANDLES - 1) - first.max(start) + 1;
            }
            if chunks.kept.contains_key(&(asset_id, interval, chunk)) { 0 } else { CHUNK_CANDLES }
        });
        let minutes = computed.sum::<i64>().saturating_mul(interval.seconds() / 60);
        u64::try_from(minutes).unwrap_or(0)
    }
}

/// One candle of the quotes in its interval, of those up to `newest` when it may still be open.
pub(super) fn candle(model: &Model, interval: Interval, number: i64, newest: Option<i64>) -> Candle {
    let length = quotes(interval);
    let first = number * length;
    let last = newest.map_or(first + length - 1, |newest| newest.min(first + length - 1));
    let end_minute = (last + 1).div_euclid(QUOTES_PER_MINUTE);
    let started = (last + 1).rem_euclid(QUOTES_PER_MINUTE);
    #[allow(clippy::cast_precision_loss, reason = "at most 128")]
    let share = started as f64 / QUOTES_PER_MINUTE as f64;
    let range = model.range(first, last);
    Candle {
        start_s: number * interval.seconds(),
        open: range.open.to_f64_lossy(),
        high: range.high.1.to_f64_lossy(),
        low: range.low.1.to_f64_lossy(),
        close: range.close.to_f64_lossy(),
        volume: model.volume(first.div_euclid(QUOTES_PER_MINUTE), end_minute, share),
    }
}

/// Quotes in an interval.
fn quotes(interval: Interval) -> i64 {
    interval.seconds() / 60 * QUOTES_PER_MINUTE
}
