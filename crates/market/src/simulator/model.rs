//! Quotes and volumes of one asset as functions of time.

use cnop_domain::{Price, Quantity, Quote, TradingRules};

use super::path::{Extent, Factor, Path, QUOTE_US, Shape};
use crate::quoting::{VOLUME_DIGITS, coarse, integer};
use crate::random::{Noise, Stream};
use crate::{CatalogueAsset, quoting};

/// Quotes in a minute.
pub(super) const QUOTES_PER_MINUTE: i64 = 60_000_000 / QUOTE_US;
/// Quotes in a day.
pub(super) const QUOTES_PER_DAY: i64 = 1_440 * QUOTES_PER_MINUTE;
/// No price leaves the range from a thousandth to a thousand times its reference: the natural logarithm of that.
const LOG_MAX: f64 = 6.907_755_278_982_137;
/// No stablecoin's price leaves its reference by more than this share: less in both directions together than two
/// trades at the usual fee cost.
const DEVIATION_MAX_STABLE: f64 = 0.000_9;
/// Share of the category in an asset's movement apart from the market.
const CATEGORY_SHARE: f64 = 0.45;
/// Last prices of a range of quotes; extremes with the number of their quote.
#[derive(Debug, Clone, Copy)]
pub(super) struct PriceRange {
    pub(super) open: Price,
    pub(super) high: (i64, Price),
    pub(super) low: (i64, Price),
    pub(super) close: Price,
}

/// One asset's behavior under one secret.
#[derive(Debug)]
pub(super) struct Model {
    path: Path,
    shape: Shape,
    /// Reference price in ticks.
    reference_ticks: f64,
    tick_units: i128,
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
    noise: Noise,
    spread: Stream,
    size: Stream,
    volume: Stream,
}

impl Model {
    /// The model of an asset whose market starts at `started_us`, with history from `history_us`, a whole minute.
    pub(super) fn new(asset: &CatalogueAsset, noise: &Noise, started_us: i64, history_us: i64) -> Self {
        let shape = if asset.category == "stablecoin" { Shape::Pegged } else { Shape::Free };
        let reference = asset.reference_price.to_f64_lossy();
        let traits = Stream::new("traits", asset.symbol);
        let trait_of = |place| noise.unit_at(traits, 0, place);
        let day_volume = asset.circulating_supply * turnover(asset.category) * (0.6 + 0.8 * trait_of(1));
        Self {
            path: Path::new(noise.clone(), factors(asset), shape, started_us.div_euclid(QUOTE_US)),
            shape,
            reference_ticks: libm::round(reference / asset.rules.tick_size.to_f64_lossy()),
            tick_units: asset.rules.tick_size.units(),
            rules: asset.rules,
            half_spread: quoting::half_spread(asset),
            displayed_dollars: quoting::displayed_dollars(day_volume * reference),
            day_volume,
            phase_us: integer(trait_of(2) * 468_749.0),
            first_quote: history_us.div_euclid(QUOTE_US) - 1,
            noise: noise.clone(),
            spread: Stream::new("spread", asset.symbol),
            size: Stream::new("size", asset.symbol),
            volume: Stream::new("volume", asset.symbol),
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

    /// First, last, highest and lowest last price of the quotes `from..=to`.
    pub(super) fn range(&self, from: i64, to: i64) -> PriceRange {
        let Extent { open, high, low, close } = self.path.extent(from, to);
        let price = |value| self.price(self.ticks(value));
        PriceRange {
            open: price(open),
            high: (high.0, price(high.1)),
            low: (low.0, price(low.1)),
            close: price(close),
        }
    }

    /// The complete quote with this number.
    pub(super) fn quote(&self, quote: i64) -> Quote {
        let last = self.ticks(self.path.value(quote));
        // A spread breathes slowly, not with every quote.
        let breath = 0.8 + 0.4 * self.noise.unit_at(self.spread, 0, quote >> 5);
        #[allow(clippy::cast_precision_loss, reason = "a price has six digits in ticks")]
        let half = integer(last as f64 * self.half_spread * breath).max(1);
        let last = last.max(2);
        let mid = self.price(last).to_f64_lossy();
        Quote {
            bid: self.price((last - half).max(1)),
            ask: self.price(last + half),
            bid_size: self.size(mid, quote << 1),
            ask_size: self.size(mid, (quote << 1) | 1),
            last: self.price(last),
            seq: (quote - self.first_quote).max(0).cast_unsigned(),
            time_us: self.time_us(quote),
        }
    }

    /// Coins traded in the minutes `from..to` (since 1970) and a share of the minute `to`, to three significant digits.
    pub(super) fn volume(&self, from: i64, to: i64, share: f64) -> f64 {
        let wave = |level: u32, number: i64, width: f64| {
            1.0 - width + 2.0 * width * self.noise.unit_at(self.volume, level, number)
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
        sum +=
            share * wave(3, to, 0.7) * wave(2, to.div_euclid(60), 0.4) * wave(1, to.div_euclid(1_440), 0.4);
        coarse(sum * self.day_volume / 1_440.0, VOLUME_DIGITS)
    }

    /// The price in ticks where the path has a value: the reference moved by it, bent so that it stays in bounds.
    fn ticks(&self, value: f64) -> i64 {
        let factor = match self.shape {
            Shape::Free => libm::exp(LOG_MAX * libm::tanh(value / LOG_MAX)),
            Shape::Pegged => 1.0 + DEVIATION_MAX_STABLE * libm::tanh(value / DEVIATION_MAX_STABLE),
        };
        integer(self.reference_ticks * factor).max(1)
    }

    fn price(&self, ticks: i64) -> Price {
        Price::from_units(i128::from(ticks) * self.tick_units).unwrap_or(Price::MAX)
    }

    fn size(&self, price: f64, place: i64) -> Quantity {
        let dollars = self.displayed_dollars * (0.5 + self.noise.unit_at(self.size, 0, place));
        quoting::size(dollars, price, &self.rules)
    }
}

/// Factors that move an asset: the market, its category and itself. Together they have the asset's volatility.
fn factors(asset: &CatalogueAsset) -> [Factor; 3] {
    let common = asset.volatility * asset.correlation;
    let apart = asset.volatility * (1.0 - asset.correlation * asset.correlation).sqrt();
    let factor = |purpose, subject, weight| Factor { stream: Stream::new(purpose, subject), weight };
    [
        factor("market", "", common),
        factor("category", asset.category, apart * CATEGORY_SHARE),
        factor("asset", asset.symbol, apart * (1.0 - CATEGORY_SHARE * CATEGORY_SHARE).sqrt()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;
    use crate::random::MarketSecret;

    /// Share of a trade's value that the venue takes at its usual fee.
    const FEE: f64 = 0.001;
    /// 2026-11-21.
    const STARTED_US: i64 = 1_795_230_222_123_456;

    fn model(secret: u16, symbol: &str, shape: Shape) -> Model {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&secret.to_le_bytes());
        let catalogue = Catalogue::bundled();
        let asset = catalogue.get(symbol.parse().unwrap()).unwrap();
        let noise = MarketSecret::from_bytes(bytes).noise();
        let mut model = Model::new(asset, &noise, STARTED_US, STARTED_US);
        if shape != model.shape {
            let path = Path::new(noise, factors(asset), shape, STARTED_US.div_euclid(QUOTE_US));
            model = Model { path, ..model };
        }
        model
    }

    /// Profit per dollar of: buy once the ask is `below` the reference, sell at the reference or after a year.
    fn return_of(model: &Model, below: f64, reference: f64) -> Option<f64> {
        let start = model.newest(STARTED_US);
        let quotes = (0..730).map(|half_day| model.quote(start + half_day * QUOTES_PER_DAY / 2));
        let mut paid = None;
        let mut last = 0.0;
        for quote in quotes {
            let (bid, ask) = (quote.bid.to_f64_lossy(), quote.ask.to_f64_lossy());
            last = bid * (1.0 - FEE);
            match paid {
                None if ask <= reference * (1.0 - below) => paid = Some(ask * (1.0 + FEE)),
                Some(paid) if bid >= reference => return Some(last / paid - 1.0),
                _ => {}
            }
        }
        paid.map(|paid| last / paid - 1.0)
    }

    /// Mean profit per dollar over many markets, in standard errors.
    fn mean_in_errors(symbol: &str, shape: Shape, below: f64) -> (f64, f64) {
        let asset_reference =
            Catalogue::bundled().get(symbol.parse().unwrap()).unwrap().reference_price.to_f64_lossy();
        let returns: Vec<f64> = (0..200)
            .filter_map(|secret| return_of(&model(secret, symbol, shape), below, asset_reference))
            .collect();
        assert!(returns.len() > 50, "{symbol}: only {} purchases", returns.len());
        #[allow(clippy::cast_precision_loss)]
        let count = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / count;
        let variance = returns.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / count;
        (mean, mean / (variance / count).sqrt())
    }

    /// Prices returned to the catalog's price, which everybody knows. So buying far below it and waiting was a
    /// certain profit. The last line shows that the measure sees such a profit where there is one.
    #[test]
    fn buying_below_the_reference_and_selling_at_it_has_no_expected_profit() {
        for (symbol, below) in [("BTC", 0.1), ("BTC", 0.2), ("DOGE", 0.1), ("DOGE", 0.3)] {
            let (mean, errors) = mean_in_errors(symbol, Shape::Free, below);
            assert!(errors < 2.5, "{symbol} {below}: {mean} is {errors} standard errors");
        }
        let (mean, errors) = mean_in_errors("BTC", Shape::Pegged, 0.1);
        assert!(mean > 0.05 && errors > 10.0, "a path that returns: {mean} is {errors} standard errors");
    }

    /// A stablecoin returns to its peg. Two trades at the usual fee must cost more than that ever pays.
    #[test]
    fn the_whole_range_of_a_stablecoin_is_worth_less_than_two_fees() {
        for asset in &Catalogue::bundled() {
            if asset.category == "stablecoin" {
                let model = model(1, asset.symbol, Shape::Pegged);
                let (low, high) = (model.ticks(-1.0) as f64, model.ticks(1.0) as f64);
                assert!(high * (1.0 - FEE) < low * (1.0 + FEE), "{}", asset.symbol);
            }
        }
    }
}
