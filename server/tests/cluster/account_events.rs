//! Events of an account, over many streams of different servers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::frames::Frames;

/// Silence after which a stream is taken as dead.
const SILENCE_MAX: Duration = Duration::from_secs(3);
/// Longest life of a stream in ms. Then the client moves to another server.
const LIFE_MS: (u64, u64) = (500, 6_000);
/// Pause before the next stream.
const PAUSE: Duration = Duration::from_millis(50);
/// Longest time until the last event has come.
const LAST_EVENT_MAX: Duration = Duration::from_secs(30);

/// Events that have come so far.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    last: Option<u64>,
    streams: u64,
    events: u64,
    differences: Vec<String>,
    /// Number of firings of each alert.
    alerts: BTreeMap<String, u32>,
}

/// Follows one account until it is dropped.
pub(crate) struct AccountWatch {
    client: Arc<Client>,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

impl Drop for AccountWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl AccountWatch {
    pub(crate) fn start(client: Arc<Client>) -> Self {
        let heard = Arc::<Mutex<Heard>>::default();
        let task = tokio::spawn(follow(Arc::clone(&client), Arc::clone(&heard)));
        Self { client, heard, task }
    }

    /// Waits for the account's last event, and checks that each event came once. Returns streams and events.
    pub(crate) async fn finish(self) -> (u64, u64) {
        let started = Instant::now();
        let newest = loop {
            if let Some(id) = snapshot_id(&self.client).await {
                break id;
            }
            assert!(started.elapsed() < LAST_EVENT_MAX, "no stream has a snapshot");
        };
        while self.heard.lock().unwrap().last < Some(newest) {
            let last = self.heard.lock().unwrap().last;
            assert!(started.elapsed() < LAST_EVENT_MAX, "the streams end at event {last:?} of {newest}");
            tokio::time::sleep(PAUSE).await;
        }
        let heard = self.heard.lock().unwrap();
        let name = self.client.name();
        assert!(heard.differences.is_empty(), "{name}: {:#?}", heard.differences);
        let twice = heard.alerts.iter().find(|(_, count)| **count != 1);
        assert!(twice.is_none(), "{name}: an alert fired more than once: {twice:?}");
        (heard.streams, heard.events)
    }
}

async fn open(client: &Client, last: Option<u64>) -> Option<Frames> {
    let mut request = client.request(Method::GET, &client.any_address(), "/stream?topics=account");
    // The timeout of other requests would end the stream.
    request = request.timeout(Duration::from_secs(3_600));
    if let Some(last) = last {
        request = request.header("last-event-id", last.to_string());
    }
    let answer = tokio::time::timeout(SILENCE_MAX, request.send()).await.ok()?.ok()?;
    answer.status().is_success().then(|| Frames::new(answer, SILENCE_MAX))
}

/// Number of the account's newest event, from the snapshot of a new stream.
async fn snapshot_id(client: &Client) -> Option<u64> {
    let mut frames = open(client, None).await?;
    loop {
        let frame = frames.next().await?;
        if frame.name == "snapshot" {
            return frame.id;
        }
    }
}

async fn follow(client: Arc<Client>, heard: Arc<Mutex<Heard>>) {
    loop {
        let last = heard.lock().unwrap().last;
        if let Some(mut frames) = open(&client, last).await {
            heard.lock().unwrap().streams += 1;
            let (from, to) = LIFE_MS;
            let life = Duration::from_millis(from + client.below(to - from));
            let started = Instant::now();
            while let Ok(Some(frame)) =
                tokio::time::timeout(life.saturating_sub(started.elapsed()), frames.next()).await
            {
                heard.lock().unwrap().add(&frame.name, frame.id, &frame.data);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Heard {
    fn add(&mut self, name: &str, id: Option<u64>, data: &serde_json::Value) {
        let Some(id) = id else {
            if name == "resync" {
                self.differences.push(format!("a stream began anew after event {:?}: {data}", self.last));
            }
            return;
        };
        match self.last {
            None => {}
            Some(last) if id == last + 1 => self.events += 1,
            Some(last) => self.differences.push(format!("{name} {id} came after event {last}")),
        }
        self.last = Some(id.max(self.last.unwrap_or(0)));
        if name == "alert.fired" {
            let alert = data["alert"]["alert_id"].as_str();
            *self.alerts.entry(alert.unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
}
