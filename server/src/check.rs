//! `cnop check`: checks an order by the venue's rules, without a running venue.

use std::io::Read as _;

use cnop_api::Problem;
use cnop_api::trading::OrderRequest;
use cnop_domain::{Clock as _, Price, Quote, TradingRules};
use cnop_market::Catalogue;
use cnop_services::orders::{PreviewInput, preview_offline};

use crate::command_line::{MarketOverrides, Settings};
use crate::commands::print;
use crate::composition::rules;
use crate::environment::SystemClock;
use crate::failure::Failure;

/// Largest order that is read, in bytes.
const ORDER_BYTES_MAX: u64 = 65_536;

/// Reads an order from standard input and prints its preview.
///
/// # Errors
/// The configuration is invalid; the reason goes to stdout.
pub(crate) fn run(settings: &Settings, overrides: &MarketOverrides) -> Result<(), Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(ORDER_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| Failure::failed(format!("the order cannot be read: {error}")))?;
    let request: OrderRequest = serde_json::from_str(&text)
        .map_err(|error| Failure::refused(format!("standard input is no order: {error}")))?;
    let catalogue = Catalogue::bundled();
    let asset = request.asset_id.parse().ok().and_then(|asset_id| catalogue.get(asset_id));
    let asset = asset.ok_or_else(|| Failure::failed("the venue has no such asset"))?;
    let now_us = SystemClock::default().now_us();
    let trial = PreviewInput {
        quote: quote(overrides, asset.reference_price, &asset.rules, now_us),
        cash: overrides.cash,
        coins: overrides.coins,
        now_us,
    };
    let config = rules(settings);
    let preview = preview_offline(&request, &catalogue, &config, &trial).map_err(|error| {
        let problem: Problem = error.into();
        let fields = problem.errors.iter().map(|error| error.detail.clone());
        Failure::failed(std::iter::once(problem.detail.clone()).chain(fields).collect::<Vec<_>>().join(" "))
    })?;
    let shown = serde_json::to_string_pretty(&preview).map_err(|error| Failure::failed(error.to_string()))?;
    print(&shown)?;
    match preview.problems.first() {
        None => Ok(()),
        Some(problem) => Err(Failure::failed(format!("it would be refused: {}", problem.detail))),
    }
}

/// The given quote, or one around the last price, one tick to each side.
fn quote(overrides: &MarketOverrides, reference: Price, rules: &TradingRules, now_us: i64) -> Quote {
    let last = overrides.last.unwrap_or(reference);
    let beside =
        |ticks: i128| Price::from_units(last.units() + ticks * rules.tick_size.units()).unwrap_or(last);
    Quote {
        bid: overrides.bid.unwrap_or_else(|| beside(-1)),
        ask: overrides.ask.unwrap_or_else(|| beside(1)),
        bid_size: overrides.displayed,
        ask_size: overrides.displayed,
        last,
        seq: 1,
        time_us: now_us,
    }
}
