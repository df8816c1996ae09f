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
            (Self::Plain, ButtonSize::Small) => "button small-button",
            (Self::Plain, ButtonSize::Wide) => "button wide-button",
            (Self::Primary, ButtonSize::Wide) => "button wide-button primary",
            (Self::Primary, _) => "button primary",
            (Self::Buy, ButtonSize::Wide) => "button wide-button buy",
            (Self::Buy, _) => "button buy",
            (Self::Sell, ButtonSize::Wide) => "button wide-button sell",
            (Self::Sell, _) => "button sell",
            (Self::Quiet, _) => "button quiet",
        }
    }
}

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
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <button class=look.class(size) r#type="submit" id=id data-pending=pending>{children.0}</button> }
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
    view! { <div class="buttons">{children.0}</div> }
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
    /// Label of the element.
    children: Content,
) -> impl IntoView {
    view! { <button r#type="button" class="chip">{children.0}</button> }
}

/// Links to the views of a list.
#[component]
pub(crate) fn Chips(
    /// Name of the choice.
    label: &'static str,
    /// Links of the group.
    children: Content,
) -> impl IntoView {
    view! { <nav class="chips" aria-label=label>{children.0}</nav> }
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
    view! { <div class="chips scripted" role=label.map(|_| "group") aria-label=label>{children.0}</div> }
}
