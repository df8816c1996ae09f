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
    /// The same in dense lines, as in a receipt.
    Dense,
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
        FactsKind::Paired => concat!(
            "facts sm:grid-cols-2 sm:gap-x-8 ",
            "sm:[&>div:nth-last-child(2):nth-child(odd)]:border-b-0",
        ),
        FactsKind::Dense => "facts [&>div]:py-0.5 [&>div]:border-0 [&>div]:text-13 [&_dd]:wrap-normal",
        FactsKind::Figures => "facts max-trade:[&>div]:py-1.5 [&_dd]:wrap-normal",
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

impl FigureSize {
    /// The classes of a figure of this size.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Middle => "text-18 trade:text-20 font-semibold leading-[1.3] wrap-anywhere",
            Self::Big => "text-28 sm:text-40 font-semibold leading-[1.2] tracking-[-0.01em] wrap-anywhere",
        }
    }
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
    view! { <dd translate="no" class=size.class()>{children.0}</dd> }
}
