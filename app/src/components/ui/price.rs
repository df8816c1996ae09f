//! Prices, gains and changes with their color and unit. Those that follow the market are in `components/figures.rs`.

use cnop_domain::Amount;
use leptos::prelude::*;

use super::content::Content;
use crate::format::{self, Trend};

/// A price or an amount with its unit beside it, which is secondary.
#[component]
pub(crate) fn Price(
    /// Unit of the figure.
    #[prop(default = "USD")]
    unit: &'static str,
    /// The figure.
    children: Content,
) -> impl IntoView {
    view! { <span class="whitespace-nowrap">{children.0} <span class="text-muted text-[0.8em] font-normal">"\u{a0}" {unit}</span></span> }
}

/// A change in percent with sign and color; the style sheet adds the arrow with its word.
#[component]
pub(crate) fn Change(
    /// Change as a percentage, 0–100.
    percentage: f64,
) -> impl IntoView {
    let class = Trend::of_percentage(percentage).delta_class();
    view! { <span class=class>{format::percent(percentage)}</span> }
}

/// A profit or a loss with sign, arrow and color.
#[component]
pub(crate) fn Gain(
    /// The profit; a loss is negative.
    amount: Amount,
    /// True if the unit stands beside it; a column names its unit once.
    #[prop(optional)]
    has_unit: bool,
) -> impl IntoView {
    let text = if has_unit { format::gain(amount, None) } else { format::gain_figure(amount, None) };
    view! { <span class=Trend::of_cents(amount).class()>{text}</span> }
}
