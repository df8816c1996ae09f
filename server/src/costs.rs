//! The cost of a request by its head, in units of a cheap request: about 0.15 ms of one core.
//!
//! Only what can cost much more than others is listed. The figures are what was measured, not what is billed: candles
//! cost the minutes that are computed for them, a filtered list the rows that it may read.

use std::borrow::Cow;

use axum::http::{Method, Uri};
use cnop_api::market::Interval;
use cnop_domain::AssetId;
use cnop_market::Market;
use cnop_services::OFFSET_MAX;

/// Minutes of prices in one unit.
const CANDLE_MINUTES: u64 = 1_000;
/// The same for a page, whose unit costs some twenty times as much.
const PAGE_CANDLE_MINUTES: u64 = 20_000;
/// Candles of a page that names their length.
const PAGE_CANDLES: u32 = 150;
/// Candles of an answer unless the client says how many.
const CANDLES: u32 = 200;
/// Most rows of an answer.
const ROWS_MAX: u64 = 1_000;
/// Rows of a list in one unit.
const LIST_ROWS: u64 = 50;
/// Rows that an offset passes over in one unit: they are read and not decoded.
const SKIPPED_ROWS: u64 = 150;
/// A list with a filter may read many rows for each that it returns.
const FILTERED: u64 = 20;
/// A page with such a list.
const PAGE_FILTERED: u64 = 4;
/// A registration hashes a password and stores an account forever.
const REGISTRATION: u64 = 5;
/// A password change computes two hashes.
const PASSWORD_CHANGE: u64 = 2;
/// Opening a stream sends every price at once, and may replay events.
const STREAM: u64 = 10;

/// Parameters of a list that filter nothing.
const UNFILTERING: [&str; 4] = ["limit", "cursor", "offset", "sort"];
/// Filters of the page of orders.
const PAGE_FILTERS: [&str; 5] = ["asset", "type", "side", "status", "filter"];

/// The minutes of prices that a request for candles would compute.
pub(crate) trait CandleMinutes {
    /// The minutes of `limit` candles before a second; those that are kept count none.
    fn minutes(&self, asset_id: AssetId, interval: Interval, before: Option<i64>, limit: u32) -> u64;
}

impl CandleMinutes for Market {
    fn minutes(&self, asset_id: AssetId, interval: Interval, before: Option<i64>, limit: u32) -> u64 {
        self.minutes_to_compute(asset_id, interval, before, limit)
    }
}

/// The cost of a request.
pub(crate) fn request_cost(candles: &impl CandleMinutes, method: &Method, uri: &Uri) -> u32 {
    let path = uri.path().trim_end_matches('/');
    let query = uri.query().unwrap_or_default();
    let units = match (method, path.strip_prefix("/api/v1")) {
        (&Method::GET | &Method::HEAD, Some(path)) => read_cost(candles, path, query),
        (&Method::GET | &Method::HEAD, None) => page_cost(candles, path, query),
        (&Method::POST, _) => match path {
            "/api/v1/auth/register" | "/fn/register" => REGISTRATION,
            "/api/v1/auth/password" | "/fn/password" => PASSWORD_CHANGE,
            _ => 1,
        },
        _ => 1,
    };
    u32::try_from(units).unwrap_or(u32::MAX).max(1)
}

fn read_cost(candles: &impl CandleMinutes, path: &str, query: &str) -> u64 {
    let asset = path.strip_prefix("/inventory/assets/").and_then(|rest| rest.strip_suffix("/candles"));
    if let Some(asset) = asset {
        // What cannot be read is refused before anything is computed.
        let Ok(asset_id) = decoded(asset).parse() else { return 1 };
        let interval =
            value(query, "interval").and_then(|text| Interval::from_text(&text)).unwrap_or(Interval::Hour);
        let before = value(query, "before").and_then(|text| text.parse().ok());
        let limit = value(query, "limit").and_then(|text| text.parse().ok()).unwrap_or(CANDLES);
        return 1 + candles.minutes(asset_id, interval, before, limit) / CANDLE_MINUTES;
    }
    if path == "/stream" {
        return STREAM;
    }
    let rows = value(query, "limit").and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let rows = rows.min(ROWS_MAX) / LIST_ROWS;
    // The trades of one asset are read from the log of all.
    let is_filtered = (path.starts_with("/assets/") && path.ends_with("/transactions"))
        || (path == "/orders" && names(query).any(|name| !UNFILTERING.contains(&&*name)));
    let skipped = value(query, "offset").and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    1 + rows + skipped.min(u64::from(OFFSET_MAX)) / SKIPPED_ROWS + if is_filtered { FILTERED } else { 0 }
}

fn page_cost(candles: &impl CandleMinutes, path: &str, query: &str) -> u64 {
    if let Some(asset) = path.strip_prefix("/market/").or_else(|| path.strip_prefix("/trade/")) {
        let Ok(asset_id) = decoded(asset).parse() else { return 1 };
        let interval = value(query, "interval").and_then(|text| Interval::from_text(&text));
        let minutes = match (interval, value(query, "range").as_deref()) {
            (Some(interval), _) => candles.minutes(asset_id, interval, None, PAGE_CANDLES),
            (None, Some("1Y")) => candles.minutes(asset_id, Interval::Day, None, 365),
            (None, Some("1M")) => candles.minutes(asset_id, Interval::Day, None, 30),
            _ => 0,
        };
        return 1 + minutes / PAGE_CANDLE_MINUTES;
    }
    let is_filtered = path == "/orders" && names(query).any(|name| PAGE_FILTERS.contains(&&*name));
    if is_filtered { PAGE_FILTERED } else { 1 }
}

/// A segment of a path without its percent-encoding: an encoded name is as costly as a plain one.
fn decoded(segment: &str) -> Cow<'_, str> {
    form_urlencoded::parse(segment.as_bytes()).next().map_or(Cow::Borrowed(segment), |(name, _)| name)
}

/// The first value of a parameter.
fn value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name).map(|(_, value)| value)
}

/// The names of the parameters that have a value.
fn names(query: &str) -> impl Iterator<Item = Cow<'_, str>> {
    form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes of a history that has everything, of which nothing is kept.
    struct NothingKept;

    impl CandleMinutes for NothingKept {
        fn minutes(&self, _: AssetId, interval: Interval, _: Option<i64>, limit: u32) -> u64 {
            let minutes = u64::try_from(interval.seconds() / 60).unwrap();
            (minutes * u64::from(limit)).min(366 * 1_440)
        }
    }

    /// Everything is kept.
    struct AllKept;

    impl CandleMinutes for AllKept {
        fn minutes(&self, _: AssetId, _: Interval, _: Option<i64>, _: u32) -> u64 {
            0
        }
    }

    fn cost_with(candles: &impl CandleMinutes, line: &str) -> u32 {
        let (method, uri) = line.split_once(' ').unwrap();
        request_cost(candles, &method.parse().unwrap(), &uri.parse().unwrap())
    }

    fn cost(line: &str) -> u32 {
        cost_with(&NothingKept, line)
    }

    /// A request for a thousand candles took some 250 times as much as one for a quote, and counted as much.
    #[test]
    fn candles_cost_the_minutes_that_they_cover() {
        assert_eq!(cost("GET /api/v1/inventory/quotes?assets=BTC"), 1);
        assert_eq!(cost("GET /api/v1/inventory/assets/BTC/candles"), 13);
        assert_eq!(cost("GET /api/v1/inventory/assets/%42TC/candles"), 13);
        assert_eq!(cost("GET /api/v1/inventory/assets/not%20one/candles"), 1, "it is refused");
        assert_eq!(cost("GET /api/v1/inventory/assets/BTC/candles?interval=1m&limit=1000"), 2);
        assert_eq!(cost("GET /api/v1/inventory/assets/BTC/candles?interval=4h&limit=1000"), 241);
        assert_eq!(cost("GET /api/v1/inventory/assets/BTC/candles/?interval=4%68&limit=1000"), 241);
        assert_eq!(cost("GET /api/v1/inventory/assets/BTC/candles?interval=1d&limit=1000"), 528);
        assert_eq!(cost("GET /api/v1/inventory/assets/BTC/candles?interval=never&limit=no"), 13);
    }

    /// A chart that everybody looks at was computed once and billed each time.
    #[test]
    fn candles_that_are_kept_cost_no_more_than_a_quote() {
        for line in [
            "GET /api/v1/inventory/assets/BTC/candles?interval=4h&limit=1000",
            "GET /market/BTC?range=1Y",
            "GET /trade/BTC?range=1M",
        ] {
            assert_eq!(cost_with(&AllKept, line), 1, "{line}");
        }
    }

    #[test]
    fn lists_cost_what_they_may_read() {
        assert_eq!(cost("GET /api/v1/orders"), 1);
        assert_eq!(cost("GET /api/v1/orders?limit=100&cursor=x"), 3);
        assert_eq!(cost("GET /api/v1/orders?status=rejected"), 21);
        assert_eq!(cost("GET /api/v1/orders/ord_1?x=y"), 1);
        assert_eq!(cost("GET /api/v1/balance/transactions?limit=100"), 3);
        assert_eq!(cost("GET /api/v1/assets/DOGE/transactions"), 21);
        assert_eq!(cost("GET /api/v1/orders?offset=10000&limit=1"), 67);
        assert_eq!(cost("GET /api/v1/orders?offset=100000&limit=1"), 667);
        assert_eq!(cost("GET /api/v1/orders?offset=99999999999999&limit=1"), 667);
        assert_eq!(cost("GET /orders?status=open"), 4);
        assert_eq!(cost("GET /orders"), 1);
    }

    #[test]
    fn hashes_and_streams_cost() {
        assert_eq!(cost("POST /api/v1/auth/login"), 1);
        assert_eq!(cost("POST /api/v1/auth/register"), 5);
        assert_eq!(cost("POST /fn/register"), 5);
        assert_eq!(cost("POST /fn/password"), 2);
        assert_eq!(cost("GET /api/v1/stream?topics=prices:*"), 10);
        assert_eq!(cost("POST /api/v1/orders"), 1);
    }

    /// A person who looks through the charts of many assets stays within the quota of pages.
    #[test]
    fn ordinary_pages_stay_cheap() {
        assert_eq!(cost("GET /"), 1);
        assert_eq!(cost("GET /market/BTC"), 1);
        assert_eq!(cost("GET /market/BTC?range=1W"), 1);
        assert_eq!(cost("GET /market/BTC?range=1M"), 3);
        assert_eq!(cost("GET /market/BTC?range=1Y"), 27);
        assert_eq!(cost("GET /market/BTC?interval=1h"), 1);
        assert_eq!(cost("GET /trade/BTC?interval=1d"), 11);
    }
}
