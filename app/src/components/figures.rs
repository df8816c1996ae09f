//! Prices, changes and the small pictures beside them.

use cnop_domain::{AssetId, Price};
use leptos::prelude::*;

use crate::erased::Erase;
use crate::format::{self, Direction};
use crate::live::Live;

/// The icon of an asset. Its name stands beside it, so the picture itself says nothing more.
pub(crate) fn asset_icon(path: String) -> AnyView {
    view! { <img class="asset-icon" src=path alt="" width="24" height="24" loading="lazy" /> }.erased()
}

/// A change in percent with sign and colour; the style sheet adds the arrow with its word.
pub(crate) fn change(percentage: f64) -> AnyView {
    view! { <span class=change_class(percentage)>{format::percent(percentage)}</span> }.erased()
}

/// Class of a change.
pub(crate) const fn direction_class(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "delta up",
        Direction::Down => "delta down",
        Direction::Flat => "delta flat",
    }
}

/// Class of a change in percent.
pub(super) fn change_class(percentage: f64) -> &'static str {
    direction_class(Direction::of_percentage(percentage))
}

/// The price of an asset: of the page, then live.
pub(crate) fn live_price(asset: AssetId, initial: Price) -> AnyView {
    let live = Live::current();
    (move || format::price(live.price(&asset).unwrap_or(initial))).into_any()
}

/// The day's change of an asset: of the page, then live.
pub(crate) fn live_change(asset: AssetId, initial: f64) -> AnyView {
    let live = Live::current();
    let now = move || live.change_percentage(&asset).unwrap_or(initial);
    view! { <span class=move || change_class(now())>{move || format::percent(now())}</span> }.erased()
}
