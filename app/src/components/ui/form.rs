//! Forms and the frames of their fields.

use leptos::prelude::*;

use super::content::Content;

/// HTTP method of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Method {
    /// A form for a command.
    #[default]
    Post,
    /// A question: the fields become members of the address.
    Get,
}

/// A form with its fields beneath each other.
#[component]
pub(crate) fn Form(
    /// HTTP method.
    #[prop(optional)]
    method: Method,
    /// Address that it is sent to.
    #[prop(into)]
    action: String,
    /// True if the server alone checks the fields.
    #[prop(optional)]
    unchecked: bool,
    /// True if its answer replaces the whole page.
    #[prop(optional)]
    whole: bool,
    /// The fields and the button.
    children: Content,
) -> impl IntoView {
    let method = if method == Method::Post { "post" } else { "get" };
    view! {
        <form
            class="form"
            method=method
            action=action
            novalidate=unchecked.then_some("")
            data-whole=whole.then_some("")
        >
            {children.0}
        </form>
    }
}

/// Fields beneath each other.
#[component]
pub(crate) fn FieldStack(
    /// Fields of the form.
    children: Content,
) -> impl IntoView {
    view! { <div class="form">{children.0}</div> }
}

/// Fields side by side on a wide window.
#[component]
pub(crate) fn FieldPair(
    /// Fields of the form.
    children: Content,
) -> impl IntoView {
    view! { <div class="grid gap-4 field:grid-cols-[1fr_1fr]">{children.0}</div> }
}

/// An input with its label.
#[component]
pub(crate) fn Field(
    /// Id of the input.
    #[prop(into)]
    id: String,
    /// Label of the element.
    label: &'static str,
    /// The input, and what belongs beneath it.
    children: Content,
) -> impl IntoView {
    view! { <div class="field"><label for=id>{label}</label> {children.0}</div> }
}

/// The options of a choice: the first of each pair is the value, the second its label.
pub(crate) fn options(choices: &[(&str, &str)], chosen: &str) -> impl IntoView + use<> {
    let option = |(value, label): &(&str, &str)| {
        view! { <option value=(*value).to_owned() selected=*value == chosen>{(*label).to_owned()}</option> }
    };
    choices.iter().map(option).collect_view()
}

/// The error of a field; an empty one takes no room.
#[component]
pub(crate) fn FieldError(
    /// Id, which the field names as its description.
    id: String,
    /// Sentence for the trader.
    children: Content,
) -> impl IntoView {
    view! { <p class="flex gap-1 text-down text-13 font-[550] [&:empty]:hidden" id=id>{children.0}</p> }
}
