//! The CoinGecko feed against a local server with responses in CoinGecko's format.
#![cfg(feature = "coingecko")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use cnop_api::Timestamp;
use cnop_api::market::Interval;
use cnop_domain::{Clock, QuoteSource};
use cnop_market::coingecko::{self, Call, CallGuard, CoingeckoFeed, CoingeckoSettings};
use cnop_market::{FeedGroup, FeedStatus, Market, MarketError};
use cnop_testkit::ManualClock;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::common::{NOW_US, alone, id};

const SECOND_US: i64 = 1_000_000;

/// Next response of the server.
#[derive(Debug, Clone)]
enum Answer {
    Body(String),
    Status(u16, Option<&'static str>),
    Never,
    Huge,
}

/// A request's address and its key.
type Asked = (String, Option<String>);

/// A server with scripted responses that repeats the last one and records its requests.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    charts: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

fn next(answers: &Mutex<VecDeque<Answer>>) -> Answer {
    let mut answers = answers.lock().unwrap();
    if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
}

async fn serve(State(server): State<Server>, request: Request) -> Response<Body> {
    let key = request.headers().get("x-cg-demo-api-key").map(|key| key.to_str().unwrap().to_owned());
    server.asked.lock().unwrap().push((request.uri().to_string(), key));
    let chart = request.uri().path().ends_with("/market_chart");
    match next(if chart { &server.charts } else { &server.answers }) {
        Answer::Body(text) => Response::new(Body::from(text)),
        Answer::Status(status, retry_after) => {
            let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
            if let Some(seconds) = retry_after {
                response = response.header("retry-after", seconds);
            }
            response.body(Body::from("{\"status\":{\"error_code\":1}}")).unwrap()
        }
        Answer::Never => std::future::pending().await,
        Answer::Huge => Response::new(Body::from(vec![b' '; 5 * 1024 * 1024])),
    }
}

/// A feed with a server of its own.
struct Feed {
    server: Server,
    market: Market,
    status: Arc<FeedStatus>,
    clock: Arc<ManualClock>,
    shutdown: DropGuard,
}

impl Feed {
    async fn start(
        answers: impl IntoIterator<Item = Answer>,
        charts: impl IntoIterator<Item = Answer>,
    ) -> Self {
        Self::guarded(answers, charts, None).await
    }

    async fn guarded(
        answers: impl IntoIterator<Item = Answer>,
        charts: impl IntoIterator<Item = Answer>,
        guard: Option<Arc<dyn CallGuard>>,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(NOW_US));
        let group = alone(&clock);
        Self::in_group(answers, charts, guard, (clock, group)).await
    }

    async fn in_group(
        answers: impl IntoIterator<Item = Answer>,
        charts: impl IntoIterator<Item = Answer>,
        guard: Option<Arc<dyn CallGuard>>,
        (clock, group): (Arc<ManualClock>, FeedGroup),
    ) -> Self {
        let server = Server::default();
        server.answers.lock().unwrap().extend(answers);
        server.charts.lock().unwrap().extend(charts);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api/v3/", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let shutdown = CancellationToken::new();
        let settings = CoingeckoSettings {
            base_url,
            api_key: Some("CG-test".to_owned()),
            poll_interval: Duration::from_millis(5),
            request_timeout: Duration::from_secs(2),
            back_off: Duration::from_millis(1),
            guard,
        };
        let feed = CoingeckoFeed::new(settings, Arc::clone(&clock) as Arc<dyn Clock>, group).unwrap();
        let (market, status) = (feed.market(), feed.status());
        tokio::spawn(feed.run(CancellationToken::new(), shutdown.clone()));
        Self { server, market, status, clock, shutdown: shutdown.drop_guard() }
    }

    /// Waits until the market satisfies a condition.
    async fn until(&self, wanted: impl Fn(&Market) -> bool) {
        let mut generations = self.market.subscribe();
        while !wanted(&self.market) {
            generations.changed().await.unwrap();
        }
    }

    /// Number of requests whose URL contains this text.
    fn asked(&self, part: &str) -> usize {
        self.server.asked.lock().unwrap().iter().filter(|(uri, _)| uri.contains(part)).count()
    }

    fn last(&self, asset: &str) -> Option<String> {
        self.market.snapshot().get(id(asset)).map(|state| state.quote.last.to_string())
    }
}

/// One coin in CoinGecko's format; `price` is JSON text.
/// Number of snapshots so far. The first one of a leader has the number of its millisecond; the clock stands still.
fn snapshots(market: &Market) -> u64 {
    let first = u64::try_from(NOW_US / 1_000).unwrap();
    (market.snapshot().generation + 1).saturating_sub(first)
}

fn coin(id: &str, symbol: &str, price: &str, updated_us: i64) -> String {
    format!(
        r#"{{"id":"{id}","symbol":"{symbol}","name":"{id}","image":"https://example.com/x.png","current_price":{price},
        "market_cap":1.2e12,"market_cap_rank":1,"total_volume":35000000000,"high_24h":64000,"low_24h":61000.5,
        "price_change_24h":-12.5,"price_change_percentage_24h":-2.5,"circulating_supply":19700000.0,"max_supply":null,
        "ath":73738,"ath_date":"2026-03-14T07:10:36.635Z","atl":67.81,"atl_date":"2013-07-06T00:00:00.000Z","roi":null,
        "last_updated":"{}","sparkline_in_7d":{{"price":{:?}}},
        "price_change_percentage_24h_in_currency":-2.5,"price_change_percentage_7d_in_currency":5.0,
        "price_change_percentage_30d_in_currency":null}}"#,
        Timestamp(updated_us),
        (0..168).map(|hour| f64::from(hour) + 60_000.0).collect::<Vec<_>>()
    )
}

fn coins(coins: &[String]) -> Answer {
    Answer::Body(format!("[{}]", coins.join(",")))
}

#[tokio::test]
async fn prices_come_exactly_and_with_all_figures() {
    let answer = coins(&[
        coin("bitcoin", "btc", "62345.6499999999999", NOW_US - 7 * SECOND_US),
        coin("pepe", "pepe", "9.41e-06", NOW_US),
        coin("some-unknown-coin", "suc", "1", NOW_US),
    ]);
    let feed = Feed::start([answer], [Answer::Never]).await;
    feed.until(|market| snapshots(market) > 0).await;
    let snapshot = feed.market.snapshot();
    assert_eq!(snapshot.source, QuoteSource::CoinGecko);
    assert_eq!(snapshot.iter().count(), 2, "unknown coins are ignored, unpriced assets not invented");
    let bitcoin = snapshot.get(id("BTC")).unwrap();
    assert_eq!(bitcoin.quote.last.to_string(), "62345.60");
    assert!(bitcoin.quote.bid < bitcoin.quote.last && bitcoin.quote.last < bitcoin.quote.ask);
    assert_eq!(bitcoin.quote.time_us, NOW_US - 7 * SECOND_US, "the age is that of the source's price");
    assert_eq!(
        (bitcoin.high_24h.to_string().as_str(), bitcoin.low_24h.to_string().as_str()),
        ("64000.00", "61000.50")
    );
    assert_eq!(
        (bitcoin.year_high.to_string().as_str(), bitcoin.year_low.to_string().as_str()),
        ("73738.00", "61000.50")
    );
    assert!(
        (bitcoin.change_24h_percentage + 2.5).abs() < 1e-6
            && (bitcoin.change_7d_percentage - 5.0).abs() < 1e-6
    );
    assert_eq!((bitcoin.volume_24h, bitcoin.market_cap), (35e9, 1.2e12));
    assert_eq!((bitcoin.sparkline_7d.len(), bitcoin.sparkline_7d[27]), (28, 60_167.0));
    assert_eq!(feed.last("PEPE").as_deref(), Some("0.00000941"));

    let (uri, key) = feed.server.asked.lock().unwrap()[0].clone();
    assert!(uri.starts_with("/api/v3/coins/markets?vs_currency=usd&ids=bitcoin%2C"), "{uri}");
    assert!(uri.contains("per_page=250") && uri.contains("price_change_percentage=24h%2C7d%2C30d"), "{uri}");
    assert_eq!(key.as_deref(), Some("CG-test"));
}

#[tokio::test]
async fn a_coin_with_the_same_symbol_changes_nothing() {
    let answer = coins(&[
        coin("bitcoin", "btc", "62000", NOW_US),
        coin("batcat", "btc", "0.00001", NOW_US),
        coin("BTC", "btc", "0.5", NOW_US),
    ]);
    let feed = Feed::start([answer], [Answer::Never]).await;
    feed.until(|market| snapshots(market) > 1).await;
    assert_eq!(feed.last("BTC").as_deref(), Some("62000.00"));
    assert_eq!(feed.market.snapshot().iter().count(), 1);
}

#[tokio::test]
async fn an_implausible_price_is_ignored_and_the_last_price_ages() {
    for bad in ["null", "0", "-5", "\"62100\"", "1e30", "62", "6200000"] {
        let later = NOW_US + 30 * SECOND_US;
        let good = coins(&[coin("bitcoin", "btc", "62000", NOW_US), coin("ethereum", "eth", "2500", NOW_US)]);
        let after = coins(&[coin("bitcoin", "btc", bad, later), coin("ethereum", "eth", "2600", later)]);
        let feed = Feed::start([good, after], [Answer::Never]).await;
        feed.until(|market| snapshots(market) > 0).await;
        feed.clock.advance_us(30 * SECOND_US);
        feed.until(|market| market.snapshot().get(id("ETH")).unwrap().quote.time_us == later).await;
        let snapshot = feed.market.snapshot();
        let bitcoin = snapshot.get(id("BTC")).unwrap();
        assert_eq!(
            (bitcoin.quote.last.to_string().as_str(), bitcoin.quote.time_us),
            ("62000.00", NOW_US),
            "{bad}"
        );
        assert_eq!(feed.last("ETH").as_deref(), Some("2600.00"));
    }
}

#[tokio::test]
async fn an_asset_that_is_left_out_keeps_its_price_and_a_stale_answer_is_no_news() {
    let first = coins(&[
        coin("bitcoin", "btc", "62000", NOW_US - SECOND_US),
        coin("ethereum", "eth", "2500", NOW_US),
    ]);
    let stale = coins(&[coin("bitcoin", "btc", "61000", NOW_US - 5 * SECOND_US)]);
    let feed = Feed::start([first, stale], [Answer::Never]).await;
    feed.until(|market| snapshots(market) > 2).await;
    assert_eq!(feed.last("BTC").as_deref(), Some("62000.00"));
    assert_eq!(feed.last("ETH").as_deref(), Some("2500.00"));
}

#[tokio::test]
async fn faults_are_survived_and_the_last_prices_stay() {
    let good = |price: &str, time_us| coins(&[coin("bitcoin", "btc", price, time_us)]);
    let answers = [
        Answer::Status(503, None),
        good("62000", NOW_US - 2 * SECOND_US),
        Answer::Status(500, None),
        Answer::Status(429, Some("0")),
        Answer::Body("{\"status\":{\"error_code\":429}}".to_owned()),
        Answer::Body("<html>".to_owned()),
        Answer::Body("[{\"id\":\"bitcoin\",\"current_price\":".to_owned()),
        Answer::Status(302, None),
        Answer::Huge,
        Answer::Never,
        good("63000", NOW_US - SECOND_US),
    ];
    let count = answers.len();
    let feed = Feed::start(answers, [Answer::Never]).await;
    feed.until(|market| snapshots(market) > 0).await;
    assert_eq!(feed.last("BTC").as_deref(), Some("62000.00"));
    feed.until(|market| snapshots(market) > 1).await;
    assert_eq!(feed.last("BTC").as_deref(), Some("63000.00"));
    assert!(feed.server.asked.lock().unwrap().len() >= count, "every fault was met");
}

#[tokio::test]
async fn a_server_that_asks_for_a_pause_is_left_alone() {
    let busy = Answer::Status(429, Some("3000"));
    let feed = Feed::start([busy.clone()], [busy]).await;
    for _ in 0..3 {
        let refused = feed.market.candles(id("BTC"), Interval::Hour, None, 10).await;
        assert_eq!(refused, Err(MarketError::Unavailable));
    }
    while feed.asked("/markets") == 0 {
        tokio::task::yield_now().await;
    }
    // Ten times the ordinary interval: a feed that did not heed the answer would have come again.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(feed.asked("/markets"), 1, "a second poll came although fifty minutes were asked for");
    assert!(feed.asked("/market_chart") <= 1, "charts were asked for during the pause");
    assert!(feed.market.snapshot().get(id("BTC")).is_none());
}

#[tokio::test]
async fn candles_come_from_charts_and_are_kept() {
    let now_ms = NOW_US / 1_000;
    let prices: Vec<_> = (0..2_160).rev().map(|hour| (now_ms - hour * 3_600_000, 60_000 + hour)).collect();
    let volumes: Vec<_> = prices.iter().map(|(moment, _)| (*moment, 24e9)).collect();
    let chart = json!({ "prices": prices, "market_caps": [], "total_volumes": volumes }).to_string();
    let none = coins(&[]);
    let feed = Feed::start([none], [Answer::Body(chart), Answer::Status(500, None)]).await;
    let bitcoin = id("BTC");
    let candles = feed.market.candles(bitcoin, Interval::FourHours, None, 100).await.unwrap();
    assert_eq!(candles.len(), 100);
    let newest = candles[99];
    assert_eq!(newest.start_s, NOW_US / SECOND_US / 14_400 * 14_400);
    assert_eq!(newest.close, 60_000.0);
    assert!(candles.windows(2).all(|pair| pair[0].close == pair[1].open));
    assert!((newest.volume - 24e9 / 60_000.0 / 6.0).abs() < 100.0);

    let older = feed.market.candles(bitcoin, Interval::FourHours, Some(candles[0].start_s), 3).await.unwrap();
    assert_eq!(older.len(), 3);
    assert_eq!(older[2].start_s, candles[0].start_s - 14_400);
    let charts = || feed.asked("market_chart");
    assert_eq!(charts(), 1);

    // Ten minutes later the chart is old; the server fails, so the old one still serves.
    feed.clock.advance_us(600 * SECOND_US);
    let again = feed.market.candles(bitcoin, Interval::FourHours, None, 100).await.unwrap();
    assert_eq!((again, charts()), (candles, 2));
    assert_eq!(feed.market.candles(id("ETH"), Interval::Day, None, 5).await, Err(MarketError::Unavailable));
    let uris: Vec<String> = feed.server.asked.lock().unwrap().iter().map(|(uri, _)| uri.clone()).collect();
    assert!(
        uris.iter().any(|uri| uri == "/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=90"),
        "{uris:?}"
    );
}

#[tokio::test]
async fn charts_are_asked_for_sparingly() {
    let feed = Feed::start([coins(&[])], [Answer::Status(500, None)]).await;
    for asset in feed.market.catalogue().iter().take(40) {
        let answer = feed.market.candles(asset.asset_id, Interval::Day, None, 5).await;
        assert_eq!(answer, Err(MarketError::Unavailable));
    }
    let charts = || feed.asked("market_chart");
    assert_eq!(charts(), 20);
    feed.clock.advance_us(60 * SECOND_US);
    let _ = feed.market.candles(id("BTC"), Interval::Day, None, 5).await;
    assert_eq!(charts(), 21);
}

#[tokio::test]
async fn senseless_settings_are_refused() {
    let start = |base_url: &str, api_key: Option<&str>| {
        let settings = CoingeckoSettings {
            base_url: base_url.to_owned(),
            api_key: api_key.map(ToOwned::to_owned),
            ..CoingeckoSettings::default()
        };
        let clock = Arc::new(ManualClock::new(NOW_US));
        CoingeckoFeed::new(settings, Arc::clone(&clock) as _, alone(&clock)).map(|_| ())
    };
    assert!(start(coingecko::BASE_URL, Some("CG-abc")).is_ok(), "https is supported");
    for address in ["", "api.coingecko.com", "ftp://api.coingecko.com", "http://x/?q=1"] {
        assert!(start(address, None).is_err(), "{address}");
    }
    assert!(start(coingecko::BASE_URL, Some("line\nbreak")).is_err());
}

/// Allows a number of calls and records the result of each.
#[derive(Debug)]
struct Counting {
    left: Mutex<u32>,
    faults: Arc<Mutex<Vec<bool>>>,
}

impl CallGuard for Counting {
    fn admit(&self) -> Result<Box<dyn Call>, Duration> {
        let mut left = self.left.lock().unwrap();
        *left = left.checked_sub(1).ok_or(Duration::from_millis(1))?;
        Ok(Box::new(Ended(Arc::clone(&self.faults))))
    }
}

struct Ended(Arc<Mutex<Vec<bool>>>);

impl Call for Ended {
    fn ended(self: Box<Self>, is_fault: bool) {
        self.0.lock().unwrap().push(is_fault);
    }
}

#[tokio::test]
async fn a_guard_learns_the_servers_faults_and_keeps_it_from_being_asked() {
    let faults = Arc::new(Mutex::new(Vec::new()));
    let guard = Counting { left: Mutex::new(5), faults: Arc::clone(&faults) };
    let answers = [
        Answer::Status(500, None),
        Answer::Status(429, Some("0")),
        Answer::Status(401, None),
        Answer::Huge,
        Answer::Body(format!("[{}]", coin("bitcoin", "btc", "60000", NOW_US))),
    ];
    let feed = Feed::guarded(answers, [Answer::Status(503, None)], Some(Arc::new(guard))).await;
    feed.until(|market| market.snapshot().get(id("BTC")).is_some()).await;
    assert_eq!(*faults.lock().unwrap(), [true, false, false, true, false]);
    let refused = feed.market.candles(id("BTC"), Interval::Hour, None, 10).await;
    assert_eq!(refused, Err(MarketError::Unavailable));
    assert_eq!((feed.asked("market_chart"), feed.asked("/coins/markets")), (0, 5));
}

/// Every server asked for each chart, so a cluster used up the quota of one key.
#[tokio::test]
async fn a_chart_is_fetched_once_for_all_servers() {
    let clock = Arc::new(ManualClock::new(NOW_US));
    let coordinator = alone(&clock).coordinator;
    let now_ms = NOW_US / 1_000;
    let prices: Vec<_> = (0..9).rev().map(|hour| (now_ms - hour * 3_600_000, 60_000 + hour)).collect();
    let chart = json!({ "prices": prices, "total_volumes": prices }).to_string();
    let join = |server: &str, chart: Answer| {
        let group = FeedGroup { coordinator: Arc::clone(&coordinator), server: server.to_owned() };
        Feed::in_group([coins(&[])], [chart], None, (Arc::clone(&clock), group))
    };
    let first = join("first", Answer::Body(chart)).await;
    let second = join("second", Answer::Status(500, None)).await;
    let asked = |market: Market| async move { market.candles(id("BTC"), Interval::Hour, None, 9).await };
    let candles = asked(first.market.clone()).await.unwrap();
    assert_eq!(asked(second.market.clone()).await, Ok(candles));
    assert_eq!((first.asked("market_chart"), second.asked("market_chart")), (1, 0));
}

/// Every server polled, so a cluster used up the quota of one key.
#[tokio::test]
async fn only_the_leader_polls_and_the_others_show_its_prices() {
    let clock = Arc::new(ManualClock::new(NOW_US));
    let coordinator = alone(&clock).coordinator;
    let join = |server: &str, price: &str| {
        let group = FeedGroup { coordinator: Arc::clone(&coordinator), server: server.to_owned() };
        let answer = coins(&[coin("bitcoin", "btc", price, NOW_US)]);
        Feed::in_group([answer], [Answer::Never], None, (Arc::clone(&clock), group))
    };
    let leader = join("first", "61000").await;
    leader.until(|market| snapshots(market) > 0).await;
    let follower = join("second", "62000").await;
    follower.until(|market| market.snapshot().get(id("BTC")).is_some()).await;
    assert_eq!(follower.last("BTC").as_deref(), Some("61000.00"));
    assert!(leader.status.leads() && !follower.status.leads());
    assert_eq!(follower.asked("markets"), 0, "the leader has asked");

    // The leader ends in order: the other one polls, and what it shows moves on.
    drop(leader.shutdown);
    clock.advance_us(SECOND_US);
    let seq = |market: &Market| market.snapshot().get(id("BTC")).unwrap().quote.seq;
    let before = seq(&follower.market);
    follower.server.answers.lock().unwrap()[0] =
        coins(&[coin("bitcoin", "btc", "62500", NOW_US + SECOND_US)]);
    follower.until(|market| seq(market) > before).await;
    assert_eq!(follower.last("BTC").as_deref(), Some("62500.00"));
    assert!(follower.status.leads());
}
