//! Buttons, links that look like buttons, and chips.

use leptos::prelude::*;

use super::content::Content;

/// Meaning of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Look {
    /// One action among others.
    #[default]
    Plain,
    /// The main action of the page.
    Primary,
    /// Color of a purchase.
    Buy,
    /// Sells, or ends something.
    Sell,
    /// A minor action, without a frame.
    Quiet,
}

/// Height and width of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ButtonSize {
    /// As wide as its label.
    #[default]
    Normal,
    /// For the row of a list.
    Small,
    /// As wide as its form.
    Wide,
}

impl Look {
    /// The classes of a button of this look.
    pub(crate) const fn class(self, size: ButtonSize) -> &'static str {
        match (self, size) {
            (Self::Plain, ButtonSize::Normal) => "button",
            (Self::Plain, ButtonSize::Small) => "button min-h-8 px-3 py-1 text-13 pointer-coarse:min-h-10",
            (Self::Plain, ButtonSize::Wide) => "button flex w-full",
            (Self::Primary, ButtonSize::Wide) => {
                "button flex w-full border-accent bg-accent text-on-accent hover:bg-accent hover:opacity-88"
            }
            (Self::Primary, _) => {
                "button border-accent bg-accent text-on-accent hover:bg-accent hover:opacity-88"
            }
            (Self::Buy, ButtonSize::Wide) => {
                "button flex w-full border-up bg-up text-on-up hover:bg-up hover:opacity-88"
            }
            (Self::Buy, _) => "button border-up bg-up text-on-up hover:bg-up hover:opacity-88",
            (Self::Sell, ButtonSize::Wide) => {
                "button flex w-full border-down bg-down text-on-down hover:bg-down hover:opacity-88"
            }
            (Self::Sell, _) => "button border-down bg-down text-on-down hover:bg-down hover:opacity-88",
            (Self::Quiet, _) => "button px-3 border-transparent bg-transparent hover:bg-hover",
        }
    }
}

/// Classes of a button that shows an icon alone. One with `data-script` is hidden where scripts are off.
pub(crate) const ICON_BUTTON: &str = concat!(
    "inline-flex items-center justify-center size-10 rounded-control text-muted hover:bg-hover hover:text-text ",
    "aria-pressed:bg-hover aria-pressed:text-text noscript:data-script:hidden",
);

/// A button; it sends the form around it.
#[component]
pub(crate) fn Button(
    /// Meaning, which decides the color.
    #[prop(optional)]
    look: Look,
    /// Height and width of the button.
    #[prop(optional)]
    size: ButtonSize,
    /// Id, unique in the page.
    #[prop(optional, into)]
    id: Option<String>,
    /// Label while the form is being sent.
    #[prop(optional)]
    pending: Option<&'static str>,
    /// True if it cannot be used now.
    #[prop(optional)]
    disabled: bool,
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <button class=look.class(size) r#type="submit" id=id disabled=disabled data-pending=pending>{children.0}</button> }
}

/// A link that looks like a button.
#[component]
pub(crate) fn LinkButton(
    /// Meaning, which decides the color.
    #[prop(optional)]
    look: Look,
    /// Height and width of the button.
    #[prop(optional)]
    size: ButtonSize,
    /// Target of the link.
    #[prop(into)]
    href: String,
    /// Id, unique in the page.
    #[prop(optional, into)]
    id: Option<String>,
    /// Relation of the address to the page.
    #[prop(optional)]
    rel: Option<&'static str>,
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <a class=look.class(size) href=href id=id rel=rel>{children.0}</a> }
}

/// Buttons side by side.
#[component]
pub(crate) fn Buttons(
    /// Buttons of the group.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex flex-wrap gap-2">{children.0}</div> }
}

/// A link to one of several views of a list, or to a related page.
#[component]
pub(crate) fn ChipLink(
    /// Target of the link.
    #[prop(into)]
    href: String,
    /// True if the page shows it.
    #[prop(optional)]
    current: bool,
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <a class="chip" href=href aria-current=current.then_some("true")>{children.0}</a> }
}

/// A button that fills a field.
#[component]
pub(crate) fn Chip(
    /// Id of the field that `shell/enhance.js` fills; none if a script of the page listens.
    #[prop(optional)]
    fills: Option<&'static str>,
    /// Content that it gives the field.
    #[prop(optional)]
    value: Option<&'static str>,
    /// True if it cannot be used now.
    #[prop(optional)]
    disabled: bool,
    /// True if it stands in a dense row.
    #[prop(optional)]
    small: bool,
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    let class = if small { "chip flex-1 justify-center min-h-7 px-1.5 py-0.5 text-12" } else { "chip" };
    view! {
        <button r#type="button" class=class data-fill=fills value=value disabled=disabled>
            {children.0}
        </button>
    }
}

/// Links to the views of a list.
#[component]
pub(crate) fn Chips(
    /// Name of the choice.
    label: &'static str,
    /// True if they stay in one line on a phone, which scrolls sideways.
    #[prop(optional)]
    scrolls: bool,
    /// Links of the group.
    children: Content,
) -> impl IntoView {
    let class = if scrolls {
        concat!(
            "flex flex-wrap gap-1.5 max-[700px]:flex-nowrap max-[700px]:-mx-4 max-[700px]:px-4 max-[700px]:py-1 ",
            "max-[700px]:overflow-x-auto max-[700px]:[scrollbar-width:none]",
        )
    } else {
        "flex flex-wrap gap-1.5"
    };
    view! { <nav class=class aria-label=label>{children.0}</nav> }
}

/// Buttons that fill a field; without scripts they are not shown.
#[component]
pub(crate) fn ChipGroup(
    /// Name of the group.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Buttons of the group.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex flex-wrap gap-1.5 noscript:hidden" role=label.map(|_| "group") aria-label=label>{children.0}</div> }
}
