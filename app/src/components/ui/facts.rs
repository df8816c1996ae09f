//! Names with their values.

use leptos::prelude::*;

use super::content::Content;

/// Layout of names and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum FactsKind {
    /// A line for each.
    #[default]
    Plain,
    /// Two columns on a wide window.
    Paired,
    /// Figures, which are never broken.
    Figures,
}

/// A list of names and values.
#[component]
pub(crate) fn Facts(
    /// Layout of the element.
    #[prop(optional)]
    kind: FactsKind,
    /// The lines: a `<div>` with `<dt>` and `<dd>` each.
    children: Content,
) -> impl IntoView {
    let class = match kind {
        FactsKind::Plain => "facts",
        FactsKind::Paired => "facts facts-2",
        FactsKind::Figures => "facts ticket-facts",
    };
    view! { <dl class=class>{children.0}</dl> }
}

/// Size of a figure at the head of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum FigureSize {
    /// One figure of several.
    #[default]
    Middle,
    /// The figure that the page is about.
    Big,
}

/// The figures at the head of a page.
#[component]
pub(crate) fn FigureList(
    /// The figures: a `<div>` with a `<dt>` and a [`FigureValue`] each.
    children: Content,
) -> impl IntoView {
    view! { <dl class="figures grid grid-cols-[1fr_1fr] gap-4 [&>:first-child]:[grid-column:1_/_-1] [&_dt]:text-muted [&_dt]:text-13 [&_dd]:tabular-nums tablet:flex tablet:flex-wrap tablet:items-end tablet:gap-y-4 tablet:gap-x-12 max-[360px]:grid-cols-[1fr]">{children.0}</dl> }
}

/// The value of a figure at the head of a page.
#[component]
pub(crate) fn FigureValue(
    /// Size of the figure.
    #[prop(optional)]
    size: FigureSize,
    /// The notional of the fill differs.
    children: Content,
) -> impl IntoView {
    let class = if size == FigureSize::Big {
        "big-figure"
    } else {
        "text-20 font-semibold leading-[1.3] wrap-anywhere max-trade:text-18"
    };
    view! { <dd class=class>{children.0}</dd> }
}
