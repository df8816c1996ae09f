//! The head of the trading page: the asset, its price and its quote.

use cnop_api::market::{AssetDetail, QuoteView};
use leptos::prelude::*;

use crate::components::AssetIcon;
use crate::components::ui::{Muted, SpokenOnly};
use crate::format;
use crate::islands::{PairFigures, PairQuote};

/// Name, price, quote, range and volume in one line on a wide window.
pub(super) fn bar(detail: &AssetDetail, quote: QuoteView, side: &'static str) -> impl IntoView + use<> {
    let asset = &detail.asset;
    let figures = PairFigures {
        change: asset.price_change_percentage_24h,
        low: detail.low_24h,
        high: detail.high_24h,
        side: side.to_owned(),
        quote,
    };
    let volume = format::compact(asset.total_volume_24h);
    view! {
        <header class="pair-bar [grid-area:bar] flex flex-wrap items-center gap-x-5 gap-y-1 px-4 py-2 border border-line rounded-panel bg-surface max-trade:px-0 max-trade:border-0 max-trade:bg-transparent">
            <h1>
                <a class="inline-flex items-center gap-2 min-h-10 text-text desk:pointer-events-none" href="#pairs">
                    <AssetIcon path=asset.image.clone() />
                    <span>{asset.name.clone()} " " <Muted>{asset.asset_id.to_string()}</Muted></span>
                    <span class="text-muted desk:hidden" aria-hidden="true">"▾"</span>
                    <SpokenOnly>", choose another asset"</SpokenOnly>
                </a>
            </h1>
            <PairQuote figures volume />
        </header>
    }
}
