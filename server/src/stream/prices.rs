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
        last: state.quote.last,
        change_percentage_24h: (state.change_24h_percentage * 100.0).round() / 100.0,
        seq: state.quote.seq,
    }
}

/// Price messages for streams.
#[derive(Clone)]
pub(crate) struct PriceStream {
    market: Market,
    ticks: broadcast::Sender<Arc<PriceUpdate>>,
}

impl fmt::Debug for PriceStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceStream").field("streams", &self.ticks.receiver_count()).finish_non_exhaustive()
    }
}

impl PriceStream {
    /// A stream without messages, until [`PriceStream::run`] makes them.
    #[must_use]
    pub(crate) fn new(market: Market) -> Self {
        let (ticks, _) = broadcast::channel(TICKS_WAITING_MAX);
        Self { market, ticks }
    }

    /// Future price updates. Call [`PriceStream::full`] afterwards, so that nothing is missed in between.
    #[must_use]
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<PriceUpdate>> {
        self.ticks.subscribe()
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
                self.tick(&mut seen);
            }
        };
        tokio::select! {
            () = wakes => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Sends the changes. Without a listener it only records the state.
    fn tick(&self, seen: &mut HashMap<AssetId, u64>) {
        let snapshot = self.market.snapshot();
        let changed: Vec<&AssetState> = snapshot
            .iter()
            .filter(|state| seen.insert(state.asset_id, state.quote.seq) != Some(state.quote.seq))
            .collect();
        if !changed.is_empty() && self.ticks.receiver_count() > 0 {
            // Sending fails only when the last stream has just closed.
            let _ = self.ticks.send(Arc::new(PriceUpdate::new(&snapshot, changed.into_iter())));
        }
    }
}
