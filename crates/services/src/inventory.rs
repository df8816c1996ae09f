//! Assets with their prices: lists, details, quotes, candles.

use std::cmp::Ordering;
use std::sync::Arc;

use cnop_api::market::{
    Asset, AssetDetail, AssetPage, AssetQuery, AssetSort, Availability, Candles, Interval, QuoteView,
};
use cnop_api::{FieldError, Timestamp};
use cnop_domain::{AssetId, QuoteSource};
use cnop_market::{AssetState, CANDLES_MAX, CatalogueAsset};

use crate::asset_order::{AssetCursor, moves};
use crate::context::Context;
use crate::error::{Error, Result};

/// Most assets of one page.
pub const ASSETS_MAX: u32 = 250;

/// A group of assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// Its stable name (`layer-1`).
    pub slug: &'static str,
    /// Label of the category for people.
    pub label: &'static str,
    /// Number of its assets.
    pub count: usize,
}

/// The use cases of the inventory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inventory {
    context: Arc<Context>,
}

/// An asset of the catalog and its prices, if the feed has any.
type AssetRow<'a> = (&'a CatalogueAsset, Option<&'a AssetState>);

impl Inventory {
    pub(crate) const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// A page of assets.
    ///
    /// # Errors
    /// `request.invalid` for a limit outside 1 to 250 or a cursor that is not ours.
    pub fn assets(&self, query: &AssetQuery) -> Result<AssetPage> {
        if !(1..=ASSETS_MAX).contains(&query.limit) {
            let detail = format!("The limit must be from 1 to {ASSETS_MAX}.");
            let error = FieldError::parameter("limit", "range", detail).given(query.limit.to_string());
            return Err(Error::Invalid(vec![error]));
        }
        let market = &self.context.environment.market;
        let snapshot = market.snapshot();
        let wanted = query.q.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
        let mut rows: Vec<AssetRow<'_>> = market
            .catalogue()
            .iter()
            .filter(|asset| query.category.as_deref().is_none_or(|category| asset.category == category))
            .filter(|asset| matches_text(asset, &wanted))
            .map(|asset| (asset, snapshot.get(asset.asset_id)))
            .filter(|row| !query.active_only || is_active(row))
            .collect();
        let mut cursor = query.cursor.as_deref().map(AssetCursor::read).transpose()?.unwrap_or_default();
        match cursor.kept(market.catalogue()) {
            // An asset that the first page did not have comes last.
            Some(kept) => {
                rows.sort_by_key(|(asset, _)| kept.get(&asset.asset_id).copied().unwrap_or(usize::MAX))
            }
            None => sort(&mut rows, query.sort),
        }
        if moves(query.sort) {
            cursor.keep(market.catalogue(), rows.iter().map(|(asset, _)| asset.asset_id));
        }
        let active_count = rows.iter().filter(|row| is_active(row)).count();
        let start = cursor.start;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let data: Vec<Asset> = rows.iter().skip(start).take(limit).map(asset_view).collect();
        let end = start.saturating_add(data.len());
        let has_more = end < rows.len();
        Ok(AssetPage {
            data,
            total_count: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            active_count: u64::try_from(active_count).unwrap_or(u64::MAX),
            has_more,
            next_cursor: has_more.then(|| cursor.text(end)),
            previous_cursor: (start > 0).then(|| cursor.text(start.min(rows.len()).saturating_sub(limit))),
        })
    }

    /// Details of one asset.
    ///
    /// # Errors
    /// `asset.not_found`.
    pub fn asset(&self, asset_id: AssetId) -> Result<AssetDetail> {
        let market = &self.context.environment.market;
        let asset = market.catalogue().get(asset_id).ok_or_else(|| Error::unknown_asset(asset_id))?;
        let snapshot = market.snapshot();
        let state = snapshot.get(asset_id);
        Ok(detail(&(asset, state), snapshot.source))
    }

    /// Candles of one asset, oldest first.
    ///
    /// # Errors
    /// `asset.not_found`, `request.invalid` for a limit outside 1 to 1,000, `service.unavailable`.
    pub async fn candles(
        &self,
        asset_id: AssetId,
        interval: Interval,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Candles> {
        if !(1..=CANDLES_MAX).contains(&limit) {
            let detail = format!("The limit must be from 1 to {CANDLES_MAX}.");
            let error = FieldError::parameter("limit", "range", detail).given(limit.to_string());
            return Err(Error::Invalid(vec![error]));
        }
        let market = &self.context.environment.market;
        if market.catalogue().get(asset_id).is_none() {
            return Err(Error::unknown_asset(asset_id));
        }
        let candles = market.candles(asset_id, interval, before, limit).await?;
        let full = candles.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next_cursor = candles.first().filter(|_| full).map(|first| first.start_s.to_string());
        let data = candles
            .into_iter()
            .map(|candle| (candle.start_s, candle.open, candle.high, candle.low, candle.close, candle.volume))
            .collect();
        Ok(Candles { data, next_cursor })
    }

    /// Quotes of these assets, in this order; those without a price are left out.
    #[must_use]
    pub fn quotes(&self, assets: &[AssetId]) -> Vec<QuoteView> {
        let snapshot = self.context.environment.market.snapshot();
        let now_us = self.context.now_us();
        let source = snapshot.source;
        let view = |state: &AssetState| QuoteView {
            asset_id: state.asset_id,
            bid: state.quote.bid,
            ask: state.quote.ask,
            bid_size: state.quote.bid_size,
            ask_size: state.quote.ask_size,
            last: state.quote.last,
            seq: state.quote.seq,
            time: Timestamp(state.quote.time_us),
            age_ms: u64::try_from((now_us - state.quote.time_us) / 1_000).unwrap_or(0),
            source,
        };
        assets.iter().filter_map(|asset_id| snapshot.get(*asset_id)).map(view).collect()
    }

    /// The categories in the order in which people see them.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        let catalogue = self.context.environment.market.catalogue();
        let count = |slug| catalogue.iter().filter(|asset| asset.category == slug).count();
        let category =
            |&(slug, label): &(&'static str, &'static str)| Category { slug, label, count: count(slug) };
        catalogue.categories().iter().map(category).collect()
    }
}

fn is_active((asset, state): &AssetRow<'_>) -> bool {
    asset.is_active && state.is_some_and(|state| state.tradable)
}

/// Returns true if name or symbol contains a text in lower case; no text is in all.
fn matches_text(asset: &CatalogueAsset, wanted: &str) -> bool {
    wanted.is_empty()
        || asset.name.to_lowercase().contains(wanted)
        || asset.symbol.to_lowercase().contains(wanted)
        || asset.asset_id.as_str().to_lowercase().contains(wanted)
}

/// Sorts; the rank, which the rows come in, decides between equals.
fn sort(rows: &mut [AssetRow<'_>], by: AssetSort) {
    let figure = |figure: fn(&AssetState) -> f64| {
        move |a: &AssetRow<'_>, b: &AssetRow<'_>| {
            let value = |row: &AssetRow<'_>| row.1.map_or(f64::NEG_INFINITY, figure);
            value(a).total_cmp(&value(b))
        }
    };
    let price = figure(|state| state.quote.last.to_f64_lossy());
    let change = figure(|state| state.change_24h_percentage);
    let volume = figure(|state| state.volume_24h);
    let name = |a: &AssetRow<'_>, b: &AssetRow<'_>| -> Ordering {
        a.0.name.to_lowercase().cmp(&b.0.name.to_lowercase())
    };
    match by {
        AssetSort::Rank => {}
        AssetSort::RankDescending => rows.reverse(),
        AssetSort::Name => rows.sort_by(name),
        AssetSort::NameDescending => rows.sort_by(|a, b| name(b, a)),
        AssetSort::Price => rows.sort_by(price),
        AssetSort::PriceDescending => rows.sort_by(|a, b| price(b, a)),
        AssetSort::Change => rows.sort_by(change),
        AssetSort::ChangeDescending => rows.sort_by(|a, b| change(b, a)),
        AssetSort::Volume => rows.sort_by(volume),
        AssetSort::VolumeDescending => rows.sort_by(|a, b| volume(b, a)),
    }
}

fn asset_view(row: &AssetRow<'_>) -> Asset {
    let (asset, state) = row;
    Asset {
        asset_id: asset.asset_id,
        name: asset.name.to_owned(),
        symbol: asset.symbol.to_owned(),
        description: asset.description.to_owned(),
        category: asset.category.to_owned(),
        image: asset.image.clone(),
        price_usd: state.map_or(0.0, |state| state.quote.last.to_f64_lossy()),
        price: state.map(|state| state.quote.last).unwrap_or_default(),
        is_active: is_active(row),
        market_cap_rank: asset.rank,
        market_cap: state.map_or(0.0, |state| state.market_cap),
        total_volume_24h: state.map_or(0.0, |state| state.volume_24h),
        price_change_percentage_24h: state.map_or(0.0, |state| state.change_24h_percentage),
        sparkline_7d: state.map_or_else(Vec::new, |state| state.sparkline_7d.to_vec()),
    }
}

fn detail(row: &AssetRow<'_>, source: QuoteSource) -> AssetDetail {
    let (asset, state) = row;
    let figure = |figure: fn(&AssetState) -> f64| state.map_or(0.0, figure);
    let time = |time: fn(&AssetState) -> i64| Timestamp(state.map_or(0, time));
    let since = |extreme: fn(&AssetState) -> f64| {
        state.map_or(0.0, |state| {
            let extreme = extreme(state);
            if extreme > 0.0 { (state.quote.last.to_f64_lossy() / extreme - 1.0) * 100.0 } else { 0.0 }
        })
    };
    let change = figure(|state| state.quote.last.to_f64_lossy() - state.price_24h_ago.to_f64_lossy());
    AssetDetail {
        asset: asset_view(row),
        availability_status: if is_active(row) { Availability::Available } else { Availability::Unavailable },
        price_change_24h: change,
        price_change_percentage_7d: figure(|state| state.change_7d_percentage),
        price_change_percentage_30d: figure(|state| state.change_30d_percentage),
        high_24h: figure(|state| state.high_24h.to_f64_lossy()),
        low_24h: figure(|state| state.low_24h.to_f64_lossy()),
        circulating_supply: asset.circulating_supply,
        total_supply: asset.total_supply,
        max_supply: asset.max_supply,
        ath: figure(|state| state.year_high.to_f64_lossy()),
        ath_change_percentage: since(|state| state.year_high.to_f64_lossy()),
        ath_date: time(|state| state.year_high_time_us),
        atl: figure(|state| state.year_low.to_f64_lossy()),
        atl_change_percentage: since(|state| state.year_low.to_f64_lossy()),
        atl_date: time(|state| state.year_low_time_us),
        last_updated: time(|state| state.quote.time_us),
        coingecko_id: asset.coingecko_id.to_owned(),
        rules: asset.rules,
        source,
    }
}
