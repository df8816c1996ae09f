//! The assets that the reader has starred, kept in a cookie of the browser.

use cnop_domain::AssetId;
use leptos::prelude::*;

use crate::address::encoded;
use crate::error::AppError;
use crate::forms::{cookie_set, see_other};
use crate::theme::cookie;

/// Name of the cookie.
const COOKIE: &str = "favorites";
/// Most favorites that are kept: more would not fit into a cookie.
const FAVORITES_MAX: usize = 100;
/// Time that the choice is kept: a year.
const KEPT_S: u32 = 365 * 86_400;

/// The favorites of the request, in the order in which they were starred.
pub(crate) fn favorites() -> Vec<AssetId> {
    read(&cookie(COOKIE).unwrap_or_default())
}

/// Ids in a cookie, each once; what is no id is passed over.
fn read(text: &str) -> Vec<AssetId> {
    let mut ids = Vec::new();
    for id in text.split('.').filter_map(|id| id.parse().ok()).take(FAVORITES_MAX) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The cookie after a click on the star of an asset; a full list drops its oldest.
fn toggled(mut ids: Vec<AssetId>, asset: AssetId) -> String {
    let count = ids.len();
    ids.retain(|id| *id != asset);
    if ids.len() == count {
        ids.push(asset);
    }
    let first = ids.len().saturating_sub(FAVORITES_MAX);
    ids.iter().skip(first).map(AssetId::as_str).collect::<Vec<_>>().join(".")
}

/// Stars an asset, or takes its star away. `back` is the local address of the page that is shown next.
///
/// # Errors
/// None: a word that is no asset changes nothing.
#[server(prefix = "/fn", endpoint = "favorite")]
pub(crate) async fn favorite_toggle(
    #[server(default)] asset: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    if let Ok(asset) = asset.parse() {
        cookie_set(COOKIE, &encoded(&toggled(favorites(), asset)), KEPT_S);
    }
    see_other(&back);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_set_and_taken_away() {
        let (bitcoin, ether) = ("BTC".parse().unwrap(), "ETH".parse().unwrap());
        assert_eq!(toggled(Vec::new(), bitcoin), "BTC");
        assert_eq!(toggled(vec![bitcoin], ether), "BTC.ETH");
        assert_eq!(toggled(vec![bitcoin, ether], bitcoin), "ETH");
        assert_eq!(read("BTC.ETH.BTC.no id."), [bitcoin, ether]);
        assert_eq!(read(""), []);
    }
}
