//! Price messages: built once per snapshot and shared by all streams.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cnop_api::Timestamp;
use cnop_api::events::PriceTick;
use cnop_domain::AssetId;
use cnop_market::{AssetState, Market, Snapshot};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Shortest time between two price messages: at most four a second.
const TICK_INTERVAL: Duration = Duration::from_millis(250);
/// Messages that a slow stream may lag behind before it receives the full state instead.
const TICKS_WAITING_MAX: usize = 8;
/// Streams that receive a message at once. Each costs two wake-ups and a write, so that a request waits for some 160 of
/// them at most, and not for thousands.
const LANE_STREAMS: usize = 160;
/// Lanes of streams: enough for all streams that there may be.
const LANES: usize = 64;
/// Pause between two lanes. All together take less than the time between two messages.
const LANE_PAUSE: Duration = Duration::from_millis(3);

/// Prices that a stream sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PriceFilter {
    /// Prices of all assets.
    All,
    /// Only prices of these assets.
    Some(Vec<AssetId>),
}

/// The prices that changed since the tick before, as text: once as a whole and once for each asset.
#[derive(Debug)]
pub(crate) struct PriceUpdate {
    start: String,
    all: Bytes,
    each: Vec<(AssetId, String)>,
}

impl PriceUpdate {
    /// The message for a stream; `None` when none of its assets changed.
    #[must_use]
    pub(crate) fn message(&self, wanted: &PriceFilter) -> Option<Bytes> {
        match wanted {
            PriceFilter::All => Some(self.all.clone()),
            PriceFilter::Some(assets) => {
                let each = self.each.iter().filter(|(asset_id, _)| assets.contains(asset_id));
                let texts: Vec<&str> = each.map(|(_, text)| text.as_str()).collect();
                (!texts.is_empty()).then(|| assemble(&self.start, &texts))
            }
        }
    }

    fn new<'a>(snapshot: &Snapshot, states: impl Iterator<Item = &'a AssetState>) -> Self {
        let start = format!(
            "event: prices\ndata: {{\"time\":\"{}\",\"source\":\"{}\",\"prices\":[",
            Timestamp(snapshot.time_us),
            snapshot.source.as_str()
        );
        let each: Vec<(AssetId, String)> = states
            .filter_map(|state| Some((state.asset_id, serde_json::to_string(&tick_of(state)).ok()?)))
            .collect();
        let texts: Vec<&str> = each.iter().map(|(_, text)| text.as_str()).collect();
        let all = assemble(&start, &texts);
        Self { start, all, each }
    }
}

fn assemble(start: &str, texts: &[&str]) -> Bytes {
    let length = texts.iter().map(|text| text.len() + 1).sum::<usize>();
    let mut message = String::with_capacity(start.len() + length + 8);
    message.push_str(start);
    message.push_str(&texts.join(","));
    message.push_str("]}\n\n");
    message.into()
}

fn tick_of(state: &AssetState) -> PriceTick {
    PriceTick {
        asset_id: state.asset_id,
        bid: state.quote.bid,
        ask: state.quote.ask,
        bid_size: state.quote.bid_size,
        ask_size: state.quote.ask_size,
        last: state.quote.last,
        change_percentage_24h: (state.change_24h_percentage * 100.0).round() / 100.0,
        seq: state.quote.seq,
    }
}

/// Price messages for streams.
#[derive(Clone)]
pub(crate) struct PriceStream {
    market: Market,
    /// A message goes to one lane after the other. The first ones fill first, so few streams wait for nothing.
    lanes: Arc<[broadcast::Sender<Arc<PriceUpdate>>]>,
}

impl fmt::Debug for PriceStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceStream").field("streams", &self.streams()).finish_non_exhaustive()
    }
}

impl PriceStream {
    /// A stream without messages, until [`PriceStream::run`] makes them.
    #[must_use]
    pub(crate) fn new(market: Market) -> Self {
        let lanes = (0..LANES).map(|_| broadcast::Sender::new(TICKS_WAITING_MAX)).collect();
        Self { market, lanes }
    }

    /// Number of streams that listen.
    fn streams(&self) -> usize {
        self.lanes.iter().map(broadcast::Sender::receiver_count).sum()
    }

    /// Future price updates. Call [`PriceStream::full`] afterwards, so that nothing is missed in between.
    #[must_use]
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<PriceUpdate>> {
        let has_room = |lane: &&broadcast::Sender<_>| lane.receiver_count() < LANE_STREAMS;
        let lane = self.lanes.iter().find(has_room);
        let lane = lane.or_else(|| self.lanes.iter().min_by_key(|lane| lane.receiver_count()));
        // There is always a lane.
        lane.map_or_else(|| broadcast::Sender::new(1).subscribe(), broadcast::Sender::subscribe)
    }

    /// The newest price of everything that is wanted.
    #[must_use]
    pub(crate) fn full(&self, wanted: &PriceFilter) -> Bytes {
        let snapshot = self.market.snapshot();
        let is_wanted = |state: &&AssetState| match wanted {
            PriceFilter::All => true,
            PriceFilter::Some(assets) => assets.contains(&state.asset_id),
        };
        PriceUpdate::new(&snapshot, snapshot.iter().filter(is_wanted)).all
    }

    /// Makes the messages until the token ends it.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let mut generation = self.market.subscribe();
        let mut interval = tokio::time::interval(TICK_INTERVAL);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut seen = HashMap::new();
        let wakes = async {
            loop {
                interval.tick().await;
                if generation.changed().await.is_err() {
                    return;
                }
                generation.borrow_and_update();
                self.tick(&mut seen).await;
            }
        };
        tokio::select! {
            () = wakes => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Sends the changes, lane by lane. Without a listener it only records the state.
    async fn tick(&self, seen: &mut HashMap<AssetId, u64>) {
        let update = self.update(seen);
        let Some(update) = update.filter(|_| self.streams() > 0).map(Arc::new) else { return };
        let mut is_first = true;
        for lane in self.lanes.iter().filter(|lane| lane.receiver_count() > 0) {
            if !std::mem::take(&mut is_first) {
                tokio::time::sleep(LANE_PAUSE).await;
            }
            // Sending fails only when the last stream of the lane has just closed.
            let _ = lane.send(Arc::clone(&update));
        }
    }

    /// The prices that have changed since the last call.
    fn update(&self, seen: &mut HashMap<AssetId, u64>) -> Option<PriceUpdate> {
        let snapshot = self.market.snapshot();
        let changed: Vec<&AssetState> = snapshot
            .iter()
            .filter(|state| seen.insert(state.asset_id, state.quote.seq) != Some(state.quote.seq))
            .collect();
        (!changed.is_empty()).then(|| PriceUpdate::new(&snapshot, changed.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use cnop_market::fixed::FixedMarket;

    use super::*;

    /// One message woke every stream at once: an order waited until thousands of streams were written to.
    #[tokio::test(start_paused = true)]
    async fn a_message_reaches_thousands_of_streams_lane_by_lane() {
        let market = FixedMarket::new(1_000_000);
        let prices = PriceStream::new(market.market());
        let mut few: Vec<_> = (0..LANE_STREAMS).map(|_| prices.subscribe()).collect();
        let started = tokio::time::Instant::now();
        prices.tick(&mut HashMap::new()).await;
        assert_eq!(started.elapsed(), Duration::ZERO, "few streams wait for nothing");
        assert!(few.iter_mut().all(|stream| stream.try_recv().is_ok()));

        let mut many: Vec<_> = (0..10_000).map(|_| prices.subscribe()).collect();
        assert!(prices.lanes.iter().all(|lane| lane.receiver_count() <= LANE_STREAMS));
        let started = tokio::time::Instant::now();
        let sending = tokio::spawn({
            let prices = prices.clone();
            async move { prices.tick(&mut HashMap::new()).await }
        });
        while !sending.is_finished() {
            let reached = many.iter_mut().map(|stream| usize::from(stream.try_recv().is_ok())).sum::<usize>();
            assert!(reached <= LANE_STREAMS, "{reached} at once");
            tokio::time::sleep(LANE_PAUSE / 2).await;
        }
        assert!(started.elapsed() < TICK_INTERVAL, "{:?}", started.elapsed());
        assert!(many.iter().all(|stream| stream.len() <= 1));
        drop((few, many));
        assert_eq!(prices.streams(), 0);
    }
}
