//! The allocation as a ring chart, rendered on the server. The table beside it has the same figures.

use cnop_api::portfolio::Portfolio;
use cnop_domain::Amount;
use leptos::prelude::*;

use super::holdings::{REST, slice_class};
use crate::components::ui::{Dot, Panel};
use crate::format;

/// Colors of the ring: this many holdings have their own, the rest share one.
const SLICES: usize = 7;
/// Class of the cash.
const CASH: &str = "text-control";
/// Radius at which the ring's length is 100, so that a percentage is a length.
const RADIUS: &str = "15.9155";

/// A part of the ring.
#[derive(Debug, Clone, PartialEq)]
struct Slice {
    label: String,
    class: &'static str,
    percentage: f64,
}

fn slices(portfolio: &Portfolio) -> Vec<Slice> {
    // By the reader of amounts, which the bundle has anyway; one of floats would come with ten kilobytes of tables.
    let percentage = |text: &str| text.parse().map_or(0.0, Amount::to_f64_lossy);
    let mut slices: Vec<_> = portfolio
        .assets
        .iter()
        .take(SLICES)
        .enumerate()
        .map(|(place, holding)| Slice {
            label: holding.asset_id.to_string(),
            class: slice_class(place),
            percentage: percentage(&holding.percentage),
        })
        .collect();
    let rest: f64 = portfolio.assets.iter().skip(SLICES).map(|holding| percentage(&holding.percentage)).sum();
    if rest > 0.0 {
        slices.push(Slice { label: "Others".to_owned(), class: REST, percentage: rest });
    }
    let cash = percentage(&portfolio.cash_percentage);
    if cash > 0.0 {
        slices.push(Slice { label: "Cash".to_owned(), class: CASH, percentage: cash });
    }
    slices
}

/// The allocation with its legend.
#[component]
pub(super) fn Donut(
    /// Portfolio that is shown.
    portfolio: Portfolio,
) -> impl IntoView {
    let slices = slices(&portfolio);
    let mut start = 0.0;
    let arcs = slices
        .iter()
        .map(|slice| {
            // The first part begins at the top.
            let offset = 25.0 - start;
            start += slice.percentage;
            view! {
                <circle
                    class=slice.class
                    cx="21"
                    cy="21"
                    r=RADIUS
                    fill="none"
                    stroke="currentColor"
                    stroke-width="6"
                    stroke-dasharray=format!("{} {}", format::decimal(slice.percentage, 2), format::decimal(100.0 - slice.percentage, 2))
                    stroke-dashoffset=format!("{offset:.2}")
                ></circle>
            }
        })
        .collect_view();
    let legend = slices
        .iter()
        .map(|slice| {
            view! {
                <li class="flex items-center gap-2.5 py-1 text-14">
                    <Dot color=slice.class />
                    <span>{slice.label.clone()}</span>
                    <span class="ml-auto">{format::share(slice.percentage)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel labelled_by="allocation-title">
            <h2 id="allocation-title">"Allocation"</h2>
            <div class="flex flex-wrap items-center gap-y-4 gap-x-8">
                <svg class="flex-none size-42" viewBox="0 0 42 42" role="img" aria-label="Allocation chart; the figures follow">{arcs}</svg>
                <ul class="flex-1 min-w-45">{legend}</ul>
            </div>
        </Panel>
    }
}
