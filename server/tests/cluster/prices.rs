//! Quotes as each server shows them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::figures::{time_us, units};
use crate::frames::Frames;

/// Assets that are traded: cheap and dear ones, in many shards.
pub(crate) const ASSETS: [&str; 8] = ["BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "LINK"];
/// Longest silence of a stream of prices: they come four times a second.
const SILENCE_MAX: Duration = Duration::from_secs(2);
/// Pause before a stream is opened again.
const PAUSE: Duration = Duration::from_millis(200);

/// A quote as it was first seen.
#[derive(Debug, Clone)]
struct SeenQuote {
    time_us: i64,
    figures: [i128; 3],
}

/// All quotes of all servers.
#[derive(Debug, Default)]
pub(crate) struct PriceLog {
    quotes: Mutex<BTreeMap<(String, u64), SeenQuote>>,
    differences: Mutex<Vec<String>>,
}

/// Follows the prices of every server until it is dropped.
pub(crate) struct PriceWatch {
    pub(crate) log: Arc<PriceLog>,
    _tasks: JoinSet<()>,
}

impl PriceWatch {
    pub(crate) fn start(addresses: &[String]) -> Self {
        let (log, mut tasks) = (Arc::new(PriceLog::default()), JoinSet::new());
        for address in addresses {
            tasks.spawn(follow(address.clone(), Arc::clone(&log)));
        }
        Self { log, _tasks: tasks }
    }
}

async fn follow(address: String, log: Arc<PriceLog>) {
    let http = reqwest::Client::builder().connect_timeout(SILENCE_MAX).build().unwrap();
    let url = format!("{address}/api/v1/stream?topics=prices:{}", ASSETS.join(","));
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        let opened = http.get(&url).header("x-forwarded-for", "10.2.0.1").send();
        if let Ok(Ok(answer)) = tokio::time::timeout(SILENCE_MAX, opened).await
            && answer.status().is_success()
        {
            let mut frames = Frames::new(answer, SILENCE_MAX);
            while let Some(frame) = frames.next().await {
                if frame.name == "prices" {
                    log.add(&address, &frame.data, &mut newest);
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl PriceLog {
    fn add(&self, address: &str, data: &Value, newest: &mut BTreeMap<String, u64>) {
        let Some(time_us) = time_us(&data["time"]) else { return };
        for price in data["prices"].as_array().into_iter().flatten() {
            let (Some(asset), Some(seq)) = (price["a"].as_str(), price["s"].as_u64()) else {
                continue;
            };
            let figures = ["b", "k", "l"].map(|name| units(&price[name]));
            let before = newest.insert(asset.to_owned(), seq).unwrap_or(0);
            if before > seq {
                self.differ(format!("{address} went back from quote {before} of {asset} to {seq}"));
            }
            let mut quotes = self.quotes.lock().unwrap();
            let seen =
                quotes.entry((asset.to_owned(), seq)).or_insert_with(|| SeenQuote { time_us, figures });
            seen.time_us = seen.time_us.min(time_us);
            if seen.figures != figures {
                let known = seen.figures;
                drop(quotes);
                self.differ(format!("{address} shows {asset} {seq} as {figures:?}, another one {known:?}"));
            }
        }
    }

    fn differ(&self, difference: String) {
        self.differences.lock().unwrap().push(difference);
    }

    /// Every server showed the same quotes in the same order.
    pub(crate) fn check(&self) {
        let differences = self.differences.lock().unwrap();
        let first: Vec<_> = differences.iter().take(5).collect();
        assert!(first.is_empty(), "{} differences, such as {first:#?}", differences.len());
        assert!(!self.quotes.lock().unwrap().is_empty(), "no price was seen");
    }

    /// Time of the first quote from a moment on whose last price is at a stop or beyond it.
    pub(crate) fn first_reached(&self, asset: &str, from_us: i64, stop: i128, above: bool) -> Option<i64> {
        let quotes = self.quotes.lock().unwrap();
        let of_asset = quotes.range((asset.to_owned(), 0)..=(asset.to_owned(), u64::MAX));
        of_asset
            .filter(|(_, seen)| seen.time_us >= from_us)
            .find(|(_, seen)| if above { seen.figures[2] >= stop } else { seen.figures[2] <= stop })
            .map(|(_, seen)| seen.time_us)
    }
}
