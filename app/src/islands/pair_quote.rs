//! The live quote at the head of the trading page. A press on a side takes its price into the ticket.

use cnop_api::market::QuoteView;
use cnop_domain::{Price, Quantity};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::store::Connection;
use super::{Packed, Store};
use crate::components::ui::SmallMuted;
use crate::format::{self, Trend};

/// Age of a price from which it is shown as old, in seconds.
const OLD_S: u32 = 5;

/// Figures of a [`PairQuote`] at the time of rendering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PairFigures {
    /// Quote of the asset.
    pub(crate) quote: QuoteView,
    /// Change of 24 hours in percent, 0–100.
    pub(crate) change: f64,
    /// Low of 24 hours.
    pub(crate) low: f64,
    /// High of 24 hours.
    pub(crate) high: f64,
    /// Side of the ticket, which its links keep.
    pub(crate) side: String,
}

/// The quote with the newest figures (tracked).
fn quote_now(quote: &QuoteView) -> QuoteView {
    let tick = Store::current().tick(&quote.asset_id);
    tick.map_or_else(
        || quote.clone(),
        |tick| QuoteView {
            bid: tick.bid,
            ask: tick.ask,
            bid_size: tick.bid_size,
            ask_size: tick.ask_size,
            last: tick.last,
            ..quote.clone()
        },
    )
}

/// The distance of bid and ask, and its share of the ask in basis points: `18.20 · 2.5 bp`.
fn spread(bid: Price, ask: Price) -> String {
    let Some(units) = ask.units().checked_sub(bid.units()).filter(|units| *units >= 0) else {
        return "—".to_owned();
    };
    let tenths = (units * 100_000).checked_div(ask.units()).unwrap_or(0);
    let width = Price::from_units(units).map(|width| format::price_like(width, ask)).unwrap_or_default();
    format!("{width} · {}.{} bp", tenths / 10, tenths % 10)
}

/// Age of the prices in words: `now`, `12 s ago`.
fn age(seconds: u32) -> String {
    if seconds < 2 { "now".to_owned() } else { format!("{seconds} s ago") }
}

/// Price, change, bid and ask with their sizes, spread, range of the day, source and age.
#[island]
pub(crate) fn PairQuote(
    /// Figures of the time of rendering.
    #[prop(into)]
    figures: Packed<PairFigures>,
    /// Volume of 24 hours, in words.
    volume: String,
) -> impl IntoView {
    let store = Store::current();
    let Packed(PairFigures { quote, change, low, high, side }) = figures;
    let (asset, source) = (quote.asset_id, quote.source.as_str());
    let quote = StoredValue::new(quote);
    let now = Memo::new(move |_| quote.with_value(quote_now));
    let change = move || store.tick(&asset).map_or(change, |tick| tick.change_percentage_24h);
    let is_old = move || store.age_seconds() >= OLD_S || store.connection() != Connection::Live;
    // Until the stream is open the page's own price is as new as the page.
    let is_old = move || is_old() && store.connection() != Connection::Connecting;
    let last = move || now.with(|quote| quote.last.to_f64_lossy());
    let range =
        move || format!("{} – {}", format::price_f64(low.min(last())), format::price_f64(high.max(last())));
    let side_link = move |label: &'static str, read: fn(&QuoteView) -> (Price, Quantity)| {
        let figures = move || now.with(read);
        let path = {
            let side = side.clone();
            move || format!("/trade/{asset}?side={side}&type=limit&price={}", figures().0)
        };
        let take = move |event: MouseEvent| {
            if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
                return;
            }
            event.prevent_default();
            store.price_take(asset, figures().0);
        };
        view! {
            <div>
                <dt>{label}</dt>
                <dd>
                    <a class="text-text underline decoration-dotted" href=path on:click=take title="Take as limit price">
                        {move || format::price(figures().0)}
                    </a>
                    <span class="text-muted">" × " {move || format::quantity(figures().1)}</span>
                </dd>
            </div>
        }
    };
    let bid = side_link("Bid × size", |quote| (quote.bid, quote.bid_size));
    let ask = side_link("Ask × size", |quote| (quote.ask, quote.ask_size));
    view! {
        <div class="contents" translate="no">
            <p class="flex items-baseline gap-2 whitespace-nowrap">
                <span class="text-28 leading-[1.2] font-semibold [&.old]:text-muted" class:old=is_old>
                    {move || format::price(now.with(|quote| quote.last))}
                </span>
                <SmallMuted>"USD"</SmallMuted>
                <span class=move || Trend::of_percentage(change()).delta_class()>{move || format::percent(change())}</span>
                <SmallMuted>"24 h"</SmallMuted>
            </p>
            <dl class="pair-facts">
                {bid} {ask}
                <div class="wide-only"><dt>"Spread"</dt><dd>{move || now.with(|quote| spread(quote.bid, quote.ask))}</dd></div>
                <div class="wide-only"><dt>"24 h range"</dt><dd>{range}</dd></div>
                <div class="wide-only"><dt>"24 h volume"</dt><dd>{volume}</dd></div>
                <div class="min-w-26"><dt>"Source"</dt><dd>{source} " · " {move || age(store.age_seconds())}</dd></div>
            </dl>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_its_share_of_the_ask() {
        let of = |bid: &str, ask: &str| spread(bid.parse().unwrap(), ask.parse().unwrap());
        assert_eq!(of("72621", "72639.2"), "18.20 · 2.5 bp");
        assert_eq!(of("0.1", "0.1001"), "0.000100 · 9.9 bp");
        assert_eq!(of("2", "1"), "—");
    }

    #[test]
    fn an_age_is_told_in_seconds() {
        assert_eq!((age(0).as_str(), age(12).as_str()), ("now", "12 s ago"));
    }
}
