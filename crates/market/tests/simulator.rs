//! The simulated market through its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::HashSet;
use std::sync::Arc;

use cnop_api::market::Interval;
use cnop_domain::calendar::DAY_US;
use cnop_domain::{Clock, QuoteSource};
use cnop_market::simulator::{MarketSecret, SimulatedFeed, Simulator, SimulatorSettings};
use cnop_market::{Candle, Catalogue, Market};
use cnop_testkit::ManualClock;
use tokio_util::sync::CancellationToken;

use crate::common::{NOW_US, alone, id};

const SECOND_US: i64 = 1_000_000;

fn settings(secret: u8) -> SimulatorSettings {
    SimulatorSettings { secret: MarketSecret::from_bytes([secret; 32]), started_us: NOW_US }
}

fn simulator(secret: u8) -> Simulator {
    Simulator::new(Catalogue::bundled(), &settings(secret))
}

async fn started() -> (Market, Arc<ManualClock>, CancellationToken) {
    let clock = Arc::new(ManualClock::new(NOW_US));
    let shutdown = CancellationToken::new();
    let feed = begun(&clock).await;
    let market = feed.market();
    tokio::spawn(feed.run(CancellationToken::new(), shutdown.clone()));
    (market, clock, shutdown)
}

/// A feed with its first prices.
async fn begun(clock: &Arc<ManualClock>) -> SimulatedFeed {
    let feed = SimulatedFeed::new(&settings(42), Arc::clone(clock) as Arc<dyn Clock>, alone(clock));
    feed.begin().await;
    feed
}

/// High, low, open and close of candles that follow one another.
fn merged(candles: &[Candle]) -> (f64, f64, f64, f64) {
    let high = candles.iter().map(|candle| candle.high).fold(f64::MIN, f64::max);
    let low = candles.iter().map(|candle| candle.low).fold(f64::MAX, f64::min);
    (high, low, candles[0].open, candles[candles.len() - 1].close)
}

#[tokio::test]
async fn the_first_snapshot_is_complete() {
    let (market, _, _) = started().await;
    let snapshot = market.snapshot();
    assert_eq!((snapshot.source, snapshot.time_us), (QuoteSource::Simulator, NOW_US));
    assert_eq!(snapshot.iter().count(), market.catalogue().len());
    for state in snapshot.iter() {
        let last = state.quote.last;
        assert!(state.tradable && NOW_US - state.quote.time_us < SECOND_US, "{}", state.asset_id);
        assert!(state.low_24h <= last && last <= state.high_24h, "{}", state.asset_id);
        assert!(state.year_low <= state.low_24h && state.high_24h <= state.year_high, "{}", state.asset_id);
        assert!(state.year_high_time_us <= NOW_US && state.year_high_time_us > NOW_US - 366 * DAY_US);
        assert!(state.volume_24h > 0.0 && state.market_cap > 0.0, "{}", state.asset_id);
        assert_eq!(state.sparkline_7d.len(), 28);
        assert_eq!(state.sparkline_7d.last().copied(), Some(last.to_f64_lossy()));
        let change = (last.to_f64_lossy() / state.price_24h_ago.to_f64_lossy() - 1.0) * 100.0;
        assert!((change - state.change_24h_percentage).abs() < 1e-9, "{}", state.asset_id);
    }
    let times: HashSet<i64> = snapshot.iter().map(|state| state.quote.time_us % SECOND_US).collect();
    assert!(times.len() > market.catalogue().len() * 9 / 10, "quotes are made in the same instant");
}

#[test]
fn quotes_obey_the_rules_under_any_secret() {
    let catalogue = Catalogue::bundled();
    for seed in 0..40 {
        let simulator = simulator(seed);
        for asset in &catalogue {
            for step in 0..12 {
                let quote = simulator.quote_at(asset.asset_id, NOW_US + step * 31 * DAY_US).unwrap();
                let name = asset.symbol;
                assert!(quote.bid < quote.last && quote.last < quote.ask, "{name}: {quote:?}");
                for price in [quote.bid, quote.ask, quote.last] {
                    assert_eq!(price.units() % asset.rules.tick_size.units(), 0, "{name}");
                }
                for size in [quote.bid_size, quote.ask_size] {
                    assert_eq!(size.units() % asset.rules.step_size.units(), 0, "{name}");
                    assert!(size >= asset.rules.min_quantity && size <= asset.rules.max_quantity, "{name}");
                }
                let (last, reference) = (quote.last.to_f64_lossy(), asset.reference_price.to_f64_lossy());
                if asset.category == "stablecoin" {
                    assert!((last / reference - 1.0).abs() <= 0.001, "{name} at {last}");
                } else {
                    assert!((0.001..=1_000.0).contains(&(last / reference)), "{name} at {last}");
                    assert!(step > 0 || (last / reference - 1.0).abs() <= 0.001, "{name} starts at {last}");
                }
                let (ask, bid) = (quote.ask.units(), quote.bid.units());
                let spread = (ask - bid) * 10_000 / quote.last.units();
                let is_narrowest = ask - bid == 2 * asset.rules.tick_size.units();
                assert!(spread <= 60 || is_narrowest, "{name}: a spread of {spread} basis points");
            }
        }
    }
}

#[test]
fn a_year_moves_bitcoin_and_keeps_stablecoins_near_one() {
    let simulator = simulator(42);
    let mut seen = HashSet::new();
    for hour in 0..24 * 365 {
        let time_us = NOW_US + hour * 3_600 * SECOND_US;
        let tether = simulator.quote_at(id("USDT"), time_us).unwrap().last.to_f64_lossy();
        assert!((tether - 1.0).abs() < 0.001, "{tether}");
        seen.insert(simulator.quote_at(id("BTC"), time_us).unwrap().last);
    }
    assert!(seen.len() > 8_000, "bitcoin hardly moves: {}", seen.len());
}

/// Full figures gave whole outputs of the noise away: a displayed size had 25 bits of one, a volume 53.
#[tokio::test]
async fn sizes_and_volumes_are_coarse() {
    let (market, _, _) = started().await;
    let digits = |figure: &str| figure.replace('.', "").trim_matches('0').len();
    for state in market.snapshot().iter() {
        let step = market.catalogue().get(state.asset_id).unwrap().rules.step_size.units();
        for size in [state.quote.bid_size, state.quote.ask_size] {
            assert!(digits(&size.to_string()) <= 2 && size.units() % step == 0, "{}: {size}", state.asset_id);
        }
    }
    for interval in [Interval::Minute, Interval::Day] {
        for candle in market.candles(id("BTC"), interval, None, 50).await.unwrap() {
            assert!(digits(&candle.volume.to_string()) <= 3, "{}", candle.volume);
        }
    }
}

/// A chart that everybody looks at is computed once. Each look was billed as if it were computed again.
#[tokio::test]
async fn candles_that_are_kept_compute_nothing() {
    let (market, _, _) = started().await;
    let minutes = |before, limit| market.minutes_to_compute(id("BTC"), Interval::FourHours, before, limit);
    assert!((1_000 * 240..=1_050 * 240).contains(&minutes(None, 1_000)));
    let candles = market.candles(id("BTC"), Interval::FourHours, None, 1_000).await.unwrap();
    assert!(minutes(None, 1_000) <= 25 * 240, "those of the open chunk are computed each time");
    let older = Some(candles[500].start_s);
    assert_eq!(minutes(older, 400), 0);
    assert!(minutes(Some(candles[0].start_s), 100) >= 100 * 240, "older ones are not kept");
    assert_eq!(minutes(Some(i64::MIN), 1_000), 0, "there is no history so far back");
    assert_eq!(market.minutes_to_compute(id("NOSUCH"), Interval::Day, None, 9), 0);
}

#[test]
fn about_two_quotes_a_second_numbered_without_gaps() {
    let simulator = simulator(42);
    let mut numbers = Vec::new();
    let mut time_us = NOW_US;
    while time_us < NOW_US + 60 * SECOND_US {
        let quote = simulator.quote_at(id("SOL"), time_us).unwrap();
        assert!(quote.time_us <= time_us && time_us - quote.time_us < SECOND_US / 2);
        if numbers.last() != Some(&quote.seq) {
            numbers.push(quote.seq);
        }
        time_us += 20_000;
    }
    assert!((127..=129).contains(&numbers.len()), "{} quotes in a minute", numbers.len());
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert!(simulator.quote_at(id("NOSUCH"), NOW_US).is_none());
}

#[test]
fn a_secret_is_a_market() {
    let quote = |secret| simulator(secret).quote_at(id("ETH"), NOW_US + DAY_US).unwrap();
    assert_eq!(quote(1), quote(1));
    assert_ne!(quote(1).last, quote(2).last);
}

/// Published prices must be the same in every release: orders and charts refer to them.
#[test]
fn a_quote_is_pinned() {
    let quote = simulator(42).quote_at(id("BTC"), NOW_US + 30 * DAY_US).unwrap();
    let shown = format!("{} {} {} {} {}", quote.bid, quote.last, quote.ask, quote.bid_size, quote.seq);
    assert_eq!(shown, "61836.20 61841.90 61847.60 7.3 73014234");
}

#[tokio::test]
async fn long_candles_are_made_of_short_ones() {
    let (market, _, _) = started().await;
    let pairs = [
        (Interval::Day, Interval::Hour, 24),
        (Interval::FourHours, Interval::Hour, 4),
        (Interval::Hour, Interval::QuarterHour, 4),
        (Interval::Hour, Interval::Minute, 60),
        (Interval::FiveMinutes, Interval::Minute, 5),
    ];
    for (long, short, count) in pairs {
        let before = NOW_US / DAY_US * 86_400;
        let parents = market.candles(id("DOGE"), long, Some(before), 5).await.unwrap();
        let children = market.candles(id("DOGE"), short, Some(before), 5 * count).await.unwrap();
        assert_eq!(parents.len(), 5);
        for (parent, children) in parents.iter().zip(children.chunks(usize::try_from(count).unwrap())) {
            assert_eq!(parent.start_s, children[0].start_s);
            assert_eq!((parent.high, parent.low, parent.open, parent.close), merged(children));
            let volume: f64 = children.iter().map(|candle| candle.volume).sum();
            assert!((volume / parent.volume - 1.0).abs() < 0.01);
        }
    }
}

#[tokio::test]
async fn a_closed_candle_never_changes_and_the_open_one_follows_the_quotes() {
    let (market, clock, _) = started().await;
    let bitcoin = id("BTC");
    let before = market.candles(bitcoin, Interval::Minute, None, 120).await.unwrap();
    let (open, closed) = before.split_last().unwrap();
    assert_eq!(open.start_s, NOW_US / SECOND_US / 60 * 60);
    assert_eq!(open.close, market.snapshot().get(bitcoin).unwrap().quote.last.to_f64_lossy());

    clock.advance_us(10 * SECOND_US);
    let later = market.candles(bitcoin, Interval::Minute, None, 120).await.unwrap();
    let (grown, still) = later.split_last().unwrap();
    assert_eq!(closed, still);
    assert!(grown.open == open.open && grown.high >= open.high && grown.low <= open.low);
    assert!(grown.volume > open.volume);

    clock.advance_us(60 * SECOND_US);
    let after = market.candles(bitcoin, Interval::Minute, Some(open.start_s), 119).await.unwrap();
    assert_eq!(closed, after);
    let next = market.candles(bitcoin, Interval::Minute, None, 2).await.unwrap();
    assert_eq!(next[0].start_s, open.start_s);
    assert!(next[0].volume > grown.volume, "a whole minute has more volume than most of one");
}

#[tokio::test]
async fn candles_reach_back_a_year_and_no_further() {
    let (market, _, _) = started().await;
    for (interval, span_days) in [(Interval::Minute, 1), (Interval::Hour, 90), (Interval::Day, 365)] {
        let wanted = span_days * 86_400 / interval.seconds();
        let mut count = 0;
        let mut before = None;
        while count < wanted {
            let page = market.candles(id("ADA"), interval, before, 1_000).await.unwrap();
            assert!(page.windows(2).all(|pair| pair[1].start_s == pair[0].start_s + interval.seconds()));
            assert!(page.iter().all(|candle| candle.low <= candle.open && candle.open <= candle.high));
            assert!(page.iter().all(|candle| candle.low <= candle.close && candle.close <= candle.high));
            assert!(page.iter().all(|candle| candle.volume >= 0.0 && candle.low > 0.0));
            count += i64::try_from(page.len()).unwrap();
            before = Some(page.first().expect("history ends too early").start_s);
        }
    }
    let year = market.candles(id("ADA"), Interval::Day, None, 5_000).await.unwrap();
    assert_eq!(year.len(), 367);
    assert_eq!(market.candles(id("ADA"), Interval::Day, Some(year[0].start_s), 10).await.unwrap(), []);
    assert_eq!(market.candles(id("ADA"), Interval::Day, Some(i64::MIN), 10).await.unwrap(), []);
    assert_eq!(market.candles(id("ADA"), Interval::Day, Some(i64::MAX), 1).await.unwrap().len(), 1);
    assert_eq!(market.candles(id("ADA"), Interval::Day, None, 0).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn snapshots_follow_the_clock_until_shutdown() {
    let (market, clock, shutdown) = started().await;
    let mut generations = market.subscribe();
    let mut before = market.snapshot();
    for _ in 0..300 {
        clock.advance_us(250_000);
        generations.changed().await.unwrap();
        let now = market.snapshot();
        assert!(now.generation > before.generation && now.time_us >= before.time_us);
        let mut changed = 0;
        for (old, new) in before.iter().zip(now.iter()) {
            assert!(new.quote.seq >= old.quote.seq, "{}", new.asset_id);
            assert!(new.low_24h <= new.quote.last && new.quote.last <= new.high_24h, "{}", new.asset_id);
            changed += usize::from(new.quote.seq > old.quote.seq);
        }
        assert!(changed * 4 > market.catalogue().len(), "only {changed} quotes changed");
        before = now;
    }
    // State carried from quote to quote agrees with state computed from scratch.
    let clock_now = clock.now_us();
    let fresh = begun(&Arc::new(ManualClock::new(clock_now))).await.market().snapshot();
    for (carried, computed) in market.snapshot().iter().zip(fresh.iter()) {
        assert_eq!(carried.quote, computed.quote);
        assert!(carried.high_24h >= computed.high_24h.min(carried.quote.last));
        assert!((carried.market_cap - computed.market_cap).abs() < 1.0);
    }
    shutdown.cancel();
    // Let the task see the cancellation; afterwards nothing changes.
    tokio::task::yield_now().await;
    let generation = market.snapshot().generation;
    clock.advance_us(DAY_US);
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    tokio::task::yield_now().await;
    assert_eq!(market.snapshot().generation, generation);
}
