//! Quotes and volumes of one asset as functions of time.

use cnop_domain::{Price, Quantity, Quote, TradingRules};

use super::path::{Factor, Path, QUOTE_US};
use crate::quoting::integer;
use crate::{CatalogueAsset, quoting, random};

/// Quotes in a minute.
pub(super) const QUOTES_PER_MINUTE: i64 = 60_000_000 / QUOTE_US;
/// Quotes in a day.
pub(super) const QUOTES_PER_DAY: i64 = 1_440 * QUOTES_PER_MINUTE;
/// No price leaves its reference by more than this share.
const DEVIATION_MAX: f64 = 0.445;
/// No stablecoin's price does.
const DEVIATION_MAX_STABLE: f64 = 0.006;
/// Share of the category in an asset's movement apart from the market.
const CATEGORY_SHARE: f64 = 0.45;
/// One asset's behavior under one seed.
#[derive(Debug)]
pub(super) struct Model {
    path: Path,
    /// Reference price in ticks.
    reference_ticks: f64,
    deviation_max: f64,
    tick_units: i128,
    /// Dollars for one coin at the reference price.
    reference: f64,
    rules: TradingRules,
    /// Half the spread, as a share of the price.
    half_spread: f64,
    /// Dollars displayed at bid and ask, about.
    displayed_dollars: f64,
    /// Coins traded on an ordinary day.
    day_volume: f64,
    /// µs by which its quotes come after the grid's, so that not all assets quote in the same instant.
    phase_us: i64,
    /// Number of the quote before the first one.
    first_quote: i64,
    spread_key: u64,
    size_key: u64,
    volume_key: u64,
}

impl Model {
    /// The model of an asset with history from `history_us`, a whole minute.
    pub(super) fn new(asset: &CatalogueAsset, seed: u64, history_us: i64) -> Self {
        let stable = asset.category == "stablecoin";
        let own = random::key(seed, asset.symbol);
        let reference = asset.reference_price.to_f64_lossy();
        let trait_of = |place| random::unit(random::at(own, place));
        let day_volume = asset.circulating_supply * turnover(asset.category) * (0.6 + 0.8 * trait_of(1));
        Self {
            path: Path::new(factors(asset, seed, own)),
            reference_ticks: libm::round(reference / asset.rules.tick_size.to_f64_lossy()),
            deviation_max: if stable { DEVIATION_MAX_STABLE } else { DEVIATION_MAX },
            tick_units: asset.rules.tick_size.units(),
            reference,
            rules: asset.rules,
            half_spread: quoting::half_spread(asset),
            displayed_dollars: quoting::displayed_dollars(day_volume * reference),
            day_volume,
            phase_us: integer(trait_of(2) * 468_749.0),
            first_quote: history_us.div_euclid(QUOTE_US) - 1,
            spread_key: random::at(own, 3),
            size_key: random::at(own, 4),
            volume_key: random::at(own, 5),
        }
    }

    /// Number on the grid of the newest quote at a moment.
    pub(super) fn newest(&self, time_us: i64) -> i64 {
        (time_us - self.phase_us).div_euclid(QUOTE_US)
    }

    /// Time of a quote.
    pub(super) fn time_us(&self, quote: i64) -> i64 {
        quote * QUOTE_US + self.phase_us
    }

    /// The last price of a quote.
    pub(super) fn last(&self, quote: i64) -> Price {
        self.price(self.ticks(self.path.value(quote)))
    }

    /// The quote of the highest last price among `from..=to`, and the price.
    pub(super) fn highest(&self, from: i64, to: i64) -> (i64, Price) {
        let (quote, value) = self.path.highest(from, to);
        (quote, self.price(self.ticks(value)))
    }

    /// The quote of the lowest last price among `from..=to`, and the price.
    pub(super) fn lowest(&self, from: i64, to: i64) -> (i64, Price) {
        let (quote, value) = self.path.lowest(from, to);
        (quote, self.price(self.ticks(value)))
    }

    /// The complete quote with this number.
    pub(super) fn quote(&self, quote: i64) -> Quote {
        let last = self.ticks(self.path.value(quote));
        // A spread breathes slowly, not with every quote.
        let breath = 0.8 + 0.4 * random::unit(random::at(self.spread_key, (quote >> 5).cast_unsigned()));
        #[allow(clippy::cast_precision_loss, reason = "a price has six digits in ticks")]
        let half = integer(last as f64 * self.half_spread * breath).max(1);
        let last = last.max(2);
        let place = quote.cast_unsigned() << 1;
        Quote {
            bid: self.price((last - half).max(1)),
            ask: self.price(last + half),
            bid_size: self.size(place),
            ask_size: self.size(place | 1),
            last: self.price(last),
            seq: (quote - self.first_quote).max(0).cast_unsigned(),
            time_us: self.time_us(quote),
        }
    }

    /// Coins traded in the minutes `from..to` (since 1970).
    pub(super) fn volume(&self, from: i64, to: i64) -> f64 {
        let wave = |level: u64, number: i64, width: f64| {
            let place = number.cast_unsigned().wrapping_add(level << 56);
            1.0 - width + 2.0 * width * random::unit(random::at(self.volume_key, place))
        };
        let mut sum = 0.0;
        let mut minute = from;
        while minute < to {
            let (hour, day) = (minute.div_euclid(60), minute.div_euclid(1_440));
            let end = ((hour + 1) * 60).min(to);
            let minutes: f64 = (minute..end).map(|minute| wave(3, minute, 0.7)).sum();
            sum += minutes * wave(2, hour, 0.4) * wave(1, day, 0.4);
            minute = end;
        }
        sum * self.day_volume / 1_440.0
    }

    /// The price in ticks where the path has a value: the reference moved by it, bent so that it stays in bounds.
    fn ticks(&self, value: f64) -> i64 {
        let deviation = self.deviation_max * libm::tanh(value / self.deviation_max);
        integer(self.reference_ticks * (1.0 + deviation)).max(1)
    }

    fn price(&self, ticks: i64) -> Price {
        Price::from_units(i128::from(ticks) * self.tick_units).unwrap_or(Price::MAX)
    }

    fn size(&self, place: u64) -> Quantity {
        let dollars = self.displayed_dollars * (0.5 + random::unit(random::at(self.size_key, place)));
        quoting::size(dollars, self.reference, &self.rules)
    }
}

/// Factors that move an asset: the market, its category and itself. Together they have the asset's
/// volatility.
fn factors(asset: &CatalogueAsset, seed: u64, own: u64) -> [Factor; 3] {
    let common = asset.volatility * asset.correlation;
    let apart = asset.volatility * (1.0 - asset.correlation * asset.correlation).sqrt();
    [
        Factor { key: random::key(seed, "market"), weight: common },
        Factor { key: random::key(seed, asset.category), weight: apart * CATEGORY_SHARE },
        Factor { key: own, weight: apart * (1.0 - CATEGORY_SHARE * CATEGORY_SHARE).sqrt() },
    ]
}

/// Share of all coins that changes hands on an ordinary day.
fn turnover(category: &str) -> f64 {
    match category {
        "stablecoin" => 0.3,
        "meme" => 0.11,
        "ai" | "defi" | "gaming" | "layer-2" => 0.08,
        "exchange" | "real-world" => 0.012,
        _ => 0.045,
    }
}
