//! The catalog of assets, compiled in.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cnop_api::trading::parse::Assets;
use cnop_domain::{AssetId, Price, TradingRules};

use crate::rules::trading_rules;

/// One asset per line, columns separated by tabs, column names in the first line.
const TEXT: &str = include_str!("catalogue.tsv");
/// The categories: slug and label, in the order in which people see them.
const CATEGORIES: [(&str, &str); 13] = [
    ("layer-1", "Layer 1"),
    ("layer-2", "Layer 2"),
    ("defi", "DeFi"),
    ("stablecoin", "Stablecoins"),
    ("exchange", "Exchange tokens"),
    ("meme", "Meme coins"),
    ("ai", "AI"),
    ("gaming", "Gaming"),
    ("payments", "Payments"),
    ("privacy", "Privacy"),
    ("storage", "Storage & compute"),
    ("oracle", "Oracles & data"),
    ("real-world", "RWA"),
];

static BUNDLED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::from_text(TEXT));

/// Static data of one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueAsset {
    /// Our own id, never reused.
    pub asset_id: AssetId,
    /// Name for people, such as `Bitcoin`.
    pub name: &'static str,
    /// Ticker symbol on the market.
    pub symbol: &'static str,
    /// Its name at CoinGecko: the only mapping to the outside.
    pub coingecko_id: &'static str,
    /// Its group, as a slug (`layer-1`).
    pub category: &'static str,
    /// Its group, for people.
    pub category_label: &'static str,
    /// Description in one sentence.
    pub description: &'static str,
    /// 1 is the largest capitalization at the reference price.
    pub rank: u32,
    /// Circulating supply in coins.
    pub circulating_supply: f64,
    /// Total supply in coins.
    pub total_supply: Option<f64>,
    /// Coins; none without a cap.
    pub max_supply: Option<f64>,
    /// Price at which the simulated market starts.
    pub reference_price: Price,
    /// Standard deviation of a year's return, 1 is 100 %.
    pub volatility: f64,
    /// Correlation with the whole market, 0 to 1.
    pub correlation: f64,
    /// Trading rules, fit for the reference price.
    pub rules: TradingRules,
    /// Path of its icon (`/icons/btc.svg`).
    pub image: String,
    /// True if it can be traded at all.
    pub is_active: bool,
}

/// All assets by rank. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalogue {
    inner: Arc<CatalogueInner>,
}

#[derive(Debug)]
struct CatalogueInner {
    assets: Vec<CatalogueAsset>,
    positions: HashMap<AssetId, usize>,
}

impl Assets for Catalogue {
    fn rules(&self, asset_id: AssetId) -> Option<TradingRules> {
        self.get(asset_id).map(|asset| asset.rules)
    }
}

impl Catalogue {
    /// The catalog that is compiled in; read once.
    #[must_use]
    pub fn bundled() -> Self {
        BUNDLED.clone()
    }

    /// All assets by rank.
    pub fn iter(&self) -> std::slice::Iter<'_, CatalogueAsset> {
        self.inner.assets.iter()
    }

    /// The asset with this id.
    #[must_use]
    pub fn get(&self, asset_id: AssetId) -> Option<&CatalogueAsset> {
        self.inner.assets.get(self.position(asset_id)?)
    }

    /// Number of assets in the catalog.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.assets.len()
    }

    /// Returns true if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.assets.is_empty()
    }

    /// The categories: slug and label, in the order in which people see them.
    #[must_use]
    pub const fn categories(&self) -> &'static [(&'static str, &'static str)] {
        &CATEGORIES
    }

    /// Position of an asset in [`Catalogue::iter`].
    pub(crate) fn position(&self, asset_id: AssetId) -> Option<usize> {
        self.inner.positions.get(&asset_id).copied()
    }

    /// Parses the catalog. An unreadable line is skipped; a test guarantees that there is none.
    fn from_text(text: &'static str) -> Self {
        let mut assets: Vec<CatalogueAsset> = text.lines().skip(1).filter_map(asset_from_line).collect();
        assets.sort_by(|left, right| capitalisation(right).total_cmp(&capitalisation(left)));
        for (asset, rank) in assets.iter_mut().zip(1..) {
            asset.rank = rank;
        }
        let positions =
            assets.iter().enumerate().map(|(position, asset)| (asset.asset_id, position)).collect();
        Self { inner: Arc::new(CatalogueInner { assets, positions }) }
    }
}

impl<'a> IntoIterator for &'a Catalogue {
    type Item = &'a CatalogueAsset;
    type IntoIter = std::slice::Iter<'a, CatalogueAsset>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Dollars at the reference price.
fn capitalisation(asset: &CatalogueAsset) -> f64 {
    asset.reference_price.to_f64_lossy() * asset.circulating_supply
}

/// Reads one line of the catalog's text.
fn asset_from_line(line: &'static str) -> Option<CatalogueAsset> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    let symbol = next()?;
    let asset_id: AssetId = symbol.parse().ok()?;
    let (name, coingecko_id, slug) = (next()?, next()?, next()?);
    let (category, category_label) = CATEGORIES.into_iter().find(|(known, _)| *known == slug)?;
    let circulating_supply = next()?.parse().ok()?;
    let (total, max) = (supply(next()?)?, supply(next()?)?);
    let reference_price: Price = next()?.parse().ok()?;
    let volatility: f64 = next()?.parse().ok()?;
    let correlation: f64 = next()?.parse().ok()?;
    Some(CatalogueAsset {
        asset_id,
        name,
        symbol,
        coingecko_id,
        category,
        category_label,
        description: next()?,
        rank: 0,
        circulating_supply,
        total_supply: total,
        max_supply: max,
        reference_price,
        volatility: volatility / 100.0,
        correlation: correlation / 100.0,
        rules: trading_rules(reference_price),
        image: format!("/icons/{}.svg", symbol.to_ascii_lowercase()),
        is_active: true,
    })
}

/// A number of coins, or `-` for none.
fn supply(text: &str) -> Option<Option<f64>> {
    if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use cnop_domain::UNITS_PER_WHOLE;

    use super::*;

    #[test]
    fn every_line_is_an_asset_of_its_own() {
        let catalogue = Catalogue::bundled();
        assert_eq!(catalogue.len(), TEXT.lines().count() - 1);
        assert!(catalogue.len() >= 130, "{}", catalogue.len());
        let unique =
            |key: fn(&CatalogueAsset) -> &str| catalogue.iter().map(key).collect::<HashSet<_>>().len();
        assert_eq!(unique(|asset| asset.symbol), catalogue.len());
        assert_eq!(unique(|asset| asset.coingecko_id), catalogue.len());
        assert_eq!(unique(|asset| asset.name), catalogue.len());
        for asset in &catalogue {
            assert_eq!(asset.asset_id.as_str(), asset.symbol);
            assert!(asset.description.ends_with('.') && asset.description.len() > 30, "{}", asset.symbol);
            assert_eq!(catalogue.get(asset.asset_id), Some(asset));
        }
    }

    #[test]
    fn figures_are_plausible() {
        for asset in &Catalogue::bundled() {
            let name = asset.symbol;
            assert!(asset.circulating_supply > 0.0, "{name}");
            assert!(asset.total_supply.is_none_or(|total| total >= asset.circulating_supply), "{name}");
            assert!(asset.max_supply.is_none_or(|max| max >= asset.circulating_supply), "{name}");
            assert!((0.001..=1.5).contains(&asset.volatility), "{name}");
            assert!((0.0..=1.0).contains(&asset.correlation), "{name}");
        }
    }

    #[test]
    fn bitcoin_leads_and_ranks_follow_capitalisation() {
        let catalogue = Catalogue::bundled();
        let bitcoin = catalogue.get("BTC".parse().unwrap()).unwrap();
        assert_eq!((bitcoin.rank, bitcoin.reference_price.to_string().as_str()), (1, "62000.00"));
        let ranks: Vec<u32> = catalogue.iter().map(|asset| asset.rank).collect();
        assert_eq!(ranks, (1..=u32::try_from(catalogue.len()).unwrap()).collect::<Vec<_>>());
        assert!(catalogue.iter().is_sorted_by(|left, right| capitalisation(left) >= capitalisation(right)));
    }

    #[test]
    fn rules_fit_every_asset() {
        for asset in &Catalogue::bundled() {
            let (rules, price) = (asset.rules, asset.reference_price.units());
            let (tick, step) = (rules.tick_size.units(), rules.step_size.units());
            assert_eq!(tick * step % UNITS_PER_WHOLE, 0, "{}", asset.symbol);
            assert_eq!(price % tick, 0, "{} is no multiple of its tick", asset.symbol);
            assert!(price / tick >= 500, "{}: a tick is too coarse", asset.symbol);
            // The caps of the orders must be reachable: ten thousand dollars in one order.
            assert!(rules.max_quantity.units() * price / UNITS_PER_WHOLE >= 10_000 * UNITS_PER_WHOLE);
        }
    }

    #[test]
    fn every_category_has_assets_and_every_icon_exists() {
        let catalogue = Catalogue::bundled();
        for (slug, _) in catalogue.categories() {
            assert!(catalogue.iter().any(|asset| asset.category == *slug), "{slug}");
        }
        let public = concat!(env!("CARGO_MANIFEST_DIR"), "/../../public");
        for asset in &catalogue {
            let text = std::fs::read_to_string(format!("{public}{}", asset.image)).unwrap_or_default();
            assert!(text.contains("<svg"), "no icon at {}", asset.image);
        }
    }
}
