//! Live figures in HTML that the server has rendered.

use cnop_api::events::PriceTick;
use cnop_domain::{Amount, AssetId, Price, Quantity};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Packed, Store};
use crate::components::CellKind;
use crate::components::ui::SpokenOnly;
use crate::format::{self, Trend};

/// Figures that a cell carries beside its asset.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "cells are written in the browser")
)]
struct CellData {
    /// Coins that are held.
    quantity: Quantity,
    /// Their cost.
    cost: Amount,
    /// A price whose distance is shown.
    target: Price,
}

/// Text and, where it depends on the figure, class of a cell after a price.
#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "cells are written in the browser")
)]
fn cell_content(kind: CellKind, tick: &PriceTick, data: CellData) -> (String, Option<&'static str>) {
    match kind {
        CellKind::Last => (format::price(tick.last), None),
        CellKind::Change => {
            let change = tick.change_percentage_24h;
            (format::percent(change), Some(Trend::of_percentage(change).delta_class()))
        }
        CellKind::Value => (format::amount_cents(tick.last.value_of(data.quantity)), None),
        CellKind::Profit => {
            let CellData { quantity, cost, .. } = data;
            let profit = tick.last.value_of(quantity).checked_sub(cost).unwrap_or(Amount::ZERO);
            let text = format::gain_figure(profit, format::ratio(profit, cost));
            (text, Some(Trend::of_cents(profit).class()))
        }
        CellKind::Away => {
            let ratio = data.target.to_f64_lossy() / tick.last.to_f64_lossy();
            (format::percent((ratio - 1.0) * 100.0), None)
        }
    }
}

/// Keeps every `[data-live]` element of the document at the newest price. One island serves all cells: an island for
/// each of 250 rows makes the page four times as large and takes twelve times as long to hydrate.
#[island]
pub(crate) fn Cells() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    client::follow(Store::current());
}

#[cfg(feature = "hydrate")]
mod client {
    use wasm_bindgen::JsCast;
    use web_sys::HtmlElement;

    use super::{Amount, AssetId, CellData, CellKind, Effect, Price, Quantity, Store, cell_content};
    use leptos::prelude::*;

    struct LiveCell {
        element: HtmlElement,
        kind: CellKind,
        data: CellData,
    }

    /// Finds the cells, and again after regions were swapped.
    pub(super) fn follow(store: Store) {
        let swaps = RwSignal::new(0_u32);
        let swapped =
            window_event_listener_untyped("regions-swapped", move |_| swaps.update(|swaps| *swaps += 1));
        on_cleanup(move || swapped.remove());
        Effect::new(move |_| {
            swaps.track();
            for (asset, cells) in find() {
                // One effect an asset: a price touches only the cells that show it.
                Effect::new(move |_| {
                    let Some(tick) = store.tick(&asset) else { return };
                    for cell in &cells {
                        let (text, class) = cell_content(cell.kind, &tick, cell.data);
                        cell.element.set_text_content(Some(&text));
                        if let Some(class) = class {
                            cell.element.set_class_name(class);
                        }
                    }
                });
            }
        });
    }

    /// The cells of the document, by asset.
    fn find() -> Vec<(AssetId, Vec<LiveCell>)> {
        let mut found: Vec<(AssetId, Vec<LiveCell>)> = Vec::new();
        let Ok(elements) = document().query_selector_all("[data-live]") else { return found };
        let cells = (0..elements.length()).filter_map(|index| read(elements.get(index)?.dyn_into().ok()?));
        for (asset, cell) in cells {
            match found.iter_mut().find(|(known, _)| *known == asset) {
                Some((_, cells)) => cells.push(cell),
                None => found.push((asset, vec![cell])),
            }
        }
        found
    }

    fn read(element: HtmlElement) -> Option<(AssetId, LiveCell)> {
        let data = |name: &str| element.get_attribute(name);
        let asset = data("data-asset")?.parse().ok()?;
        let kind = CellKind::from_text(&data("data-live")?)?;
        let quantity = data("data-quantity").and_then(|text| text.parse().ok()).unwrap_or(Quantity::ZERO);
        let cost = data("data-cost").and_then(|text| text.parse().ok()).unwrap_or(Amount::ZERO);
        let target = data("data-target").and_then(|text| text.parse().ok()).unwrap_or(Price::ZERO);
        Some((asset, LiveCell { element, kind, data: CellData { quantity, cost, target } }))
    }
}

/// The live price in the title of the tab: `BTC 64,012.50 · Trade · CNOP`.
#[island]
pub(crate) fn TabTitle(
    /// Id of the asset.
    #[prop(into)]
    asset: Packed<AssetId>,
    /// Title after the price.
    rest: String,
) -> impl IntoView {
    let (store, Packed(asset)) = (Store::current(), asset);
    Effect::new(move |_| {
        if let Some(price) = store.price(&asset) {
            document().set_title(&format!("{asset} {} · {rest}", format::price(price)));
        }
    });
}

/// Figures of a [`DayRange`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct DayFigures {
    /// Id of the asset.
    pub(crate) asset: AssetId,
    /// Last price of the asset.
    pub(crate) last: Price,
    /// Low of 24 hours.
    pub(crate) low: f64,
    /// High of 24 hours.
    pub(crate) high: f64,
}

/// Position of the price between the day's low and high.
#[island]
pub(crate) fn DayRange(
    /// Figures of the time of rendering.
    #[prop(into)]
    figures: Packed<DayFigures>,
) -> impl IntoView {
    let store = Store::current();
    let Packed(DayFigures { asset, last, low, high }) = figures;
    let now = move || store.price(&asset).unwrap_or(last).to_f64_lossy();
    let knob = move || {
        let (price, low, high) = (now(), low.min(now()), high.max(now()));
        let share = if high > low { (price - low) / (high - low) } else { 0.5 };
        format::decimal(share * 96.0, 0)
    };
    view! {
        <p translate="no" class="flex items-center gap-2.5 mt-2 text-muted text-13">
            <span><SpokenOnly>"Low of 24 hours: "</SpokenOnly>{move || format::price_f64(low.min(now()))}</span>
            <svg class="flex-[0_1_140px] min-w-10 h-2" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="fill-line" y="3" width="100" height="2" />
                <rect class="fill-accent" x=knob width="4" height="8" />
            </svg>
            <span><SpokenOnly>"High of 24 hours: "</SpokenOnly>{move || format::price_f64(high.max(now()))}</span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::islands::json::Json;
    use crate::islands::store::read;

    fn tick(last: &str) -> PriceTick {
        let text =
            format!(r#"{{"a":"BTC","s":1,"b":"{last}","k":"{last}","x":"1","y":"1","l":"{last}","c":-1.5}}"#);
        read::price_tick(&Json::parse(&text).unwrap()).unwrap()
    }

    #[test]
    fn a_cell_shows_what_its_kind_names() {
        let data = CellData {
            quantity: "2".parse().unwrap(),
            cost: "80".parse().unwrap(),
            target: "49".parse().unwrap(),
        };
        let content = |kind| cell_content(kind, &tick("50"), data);
        assert_eq!(content(CellKind::Last), ("50.0000".to_owned(), None));
        assert_eq!(content(CellKind::Change).1, Some("fall"));
        assert_eq!(content(CellKind::Value), ("100.00".to_owned(), None));
        assert_eq!(content(CellKind::Profit), ("▲\u{a0}+20.00 (+25.00%)".to_owned(), Some("text-up")));
        assert_eq!(content(CellKind::Away).0, "\u{2212}2.00%");
        for kind in CellKind::ALL {
            assert_eq!(CellKind::from_text(kind.as_str()), Some(kind));
        }
    }
}
