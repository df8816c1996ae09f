//! The order of a list of assets, kept from page to page. Prices move between two pages: by a new order, a row that has
//! moved up would be on no page, and one that has moved down on two.

use std::collections::HashMap;

use cnop_api::market::AssetSort;
use cnop_domain::AssetId;
use cnop_market::Catalogue;

use crate::error::Result;
use crate::paging::cursor_fault;

/// Digits of a cursor.
const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
/// Most assets that a cursor can list: two digits each.
const ASSETS_MAX: usize = 4_096;

/// Returns true if the figure that a list is sorted by moves.
pub(crate) const fn moves(sort: AssetSort) -> bool {
    match sort {
        AssetSort::Rank | AssetSort::RankDescending | AssetSort::Name | AssetSort::NameDescending => false,
        AssetSort::Price
        | AssetSort::PriceDescending
        | AssetSort::Change
        | AssetSort::ChangeDescending
        | AssetSort::Volume
        | AssetSort::VolumeDescending => true,
    }
}

/// Place in a list of assets, with the order of its first page where figures move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AssetCursor {
    /// Rows before the page.
    pub(crate) start: usize,
    /// Places of the rows in the catalog, in their order; empty if the order is fixed.
    order: String,
}

impl AssetCursor {
    /// Reads `50`, or `50.` with an order.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let (start, order) = text.split_once('.').unwrap_or((text, ""));
        let start = start.parse().map_err(|_| cursor_fault())?;
        let cursor = Self { start, order: order.to_owned() };
        if cursor.places().is_some() { Ok(cursor) } else { Err(cursor_fault()) }
    }

    pub(crate) fn text(&self, start: usize) -> String {
        if self.order.is_empty() { start.to_string() } else { format!("{start}.{}", self.order) }
    }

    /// Keeps the order of these assets.
    pub(crate) fn keep(&mut self, catalogue: &Catalogue, assets: impl Iterator<Item = AssetId>) {
        let places: HashMap<AssetId, usize> =
            catalogue.iter().enumerate().map(|(place, asset)| (asset.asset_id, place)).collect();
        let digit = |value: usize| DIGITS.get(value % DIGITS.len()).copied().map_or('0', char::from);
        self.order = assets
            .filter_map(|asset_id| places.get(&asset_id))
            .flat_map(|place| [digit(place / DIGITS.len()), digit(*place)])
            .collect();
    }

    /// The kept place of each asset in the list; none if no order is kept.
    pub(crate) fn kept(&self, catalogue: &Catalogue) -> Option<HashMap<AssetId, usize>> {
        let places = self.places().filter(|places| !places.is_empty())?;
        let assets: Vec<AssetId> = catalogue.iter().map(|asset| asset.asset_id).collect();
        let listed =
            places.iter().enumerate().filter_map(|(index, place)| Some((*assets.get(*place)?, index)));
        Some(listed.collect())
    }

    /// The places in the catalog; none if the text is no order.
    fn places(&self) -> Option<Vec<usize>> {
        if self.order.len() > 2 * ASSETS_MAX {
            return None;
        }
        let value = |digit: u8| DIGITS.iter().position(|known| *known == digit);
        let pairs = self.order.as_bytes().chunks(2);
        let place = |pair: &[u8]| match pair {
            [high, low] => Some(value(*high)? * DIGITS.len() + value(*low)?),
            _ => None,
        };
        pairs.map(place).collect()
    }
}
