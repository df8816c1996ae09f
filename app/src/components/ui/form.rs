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
    /// HTTP method of the request; `POST` unless given.
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
            class="flex flex-col gap-4"
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
    view! { <div class="flex flex-col gap-4">{children.0}</div> }
}

/// Fields side by side on a wide window.
#[component]
pub(crate) fn FieldPair(
    /// Fields of the form.
    children: Content,
) -> impl IntoView {
    view! { <div class="grid gap-4 field:grid-cols-[1fr_1fr]">{children.0}</div> }
}

/// Fields that narrow a list: side by side on a wide window, two in a row on a phone.
#[component]
pub(crate) fn Filter(
    /// Address of the list.
    action: &'static str,
    /// Name of the form.
    label: &'static str,
    /// The fields and the button.
    children: Content,
) -> impl IntoView {
    // A phone narrower than 390 pixels has just the room for a date or "Buy and sell".
    let class = concat!(
        "grid grid-cols-2 items-end gap-3 px-4 pb-4 max-[360px]:grid-cols-1 tablet:flex tablet:flex-wrap ",
        "tablet:[&>.field]:w-[150px] [&_.button]:min-h-11 max-[390px]:[&_:is(input,select)]:px-1",
    );
    view! { <form class=class method="get" action=action role="search" aria-label=label>{children.0}</form> }
}

/// Classes of a command that is shown once more before it is sent.
pub(crate) const CONFIRM: &str =
    "p-3 border border-accent rounded-panel focus:outline-offset-4 [&>h3]:mt-3 [&>h3]:mb-1";

/// One choice of a few, as chips: a radio button and its label each.
#[component]
pub(crate) fn ChoiceSet(
    /// Name of the choice.
    legend: &'static str,
    /// Radio buttons and labels.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "flex flex-wrap items-center gap-2 [&_legend]:float-left [&_legend]:mr-2 [&_input]:absolute [&_input]:opacity-0 ",
        "[&_label]:inline-flex [&_label]:items-center [&_label]:min-h-8 [&_label]:py-1 [&_label]:px-3.5 [&_label]:border ",
        "[&_label]:border-control [&_label]:rounded-pill [&_label]:text-13 [&_input:checked+label]:border-accent ",
        "[&_input:checked+label]:text-accent [&_input:checked+label]:font-semibold ",
        "[&_input:focus-visible+label]:[outline:2px_solid_var(--color-accent)] ",
        "[&_input:focus-visible+label]:outline-offset-2 pointer-coarse:[&_label]:min-h-10",
    );
    view! {
        <fieldset class=class>
            <legend class="text-muted text-13">{legend}</legend>
            {children.0}
        </fieldset>
    }
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

/// A choice of one of several.
#[component]
pub(crate) fn Select(
    /// Id of the element.
    #[prop(into)]
    id: String,
    /// Name of the posted field.
    name: &'static str,
    /// Id of its error.
    #[prop(optional, into)]
    error_id: Option<String>,
    /// True if the choice is refused.
    #[prop(optional)]
    invalid: bool,
    /// True if it cannot be used now.
    #[prop(optional)]
    disabled: bool,
    /// The [`options`].
    children: Content,
) -> impl IntoView {
    view! {
        <select
            id=id
            name=name
            disabled=disabled
            aria-invalid=invalid.then_some("true")
            aria-describedby=error_id
        >
            {children.0}
        </select>
    }
}

/// The options of a choice: the first of each pair is the value, the second its label.
pub(crate) fn options(choices: &[(&str, &str)], chosen: &str) -> impl IntoView + use<> {
    let option = |(value, label): &(&str, &str)| {
        view! { <option value=(*value).to_owned() selected=*value == chosen>{(*label).to_owned()}</option> }
    };
    choices.iter().map(option).collect_view()
}

/// The unit of a figure at the end of its input. It goes between the input and what belongs beneath it; screen readers
/// have the unit in the label.
#[component]
pub(crate) fn Unit(
    /// Symbol of the unit.
    children: Content,
) -> impl IntoView {
    view! { <span class="unit self-end flex items-center h-11 -mt-12 px-3 text-muted text-14 pointer-events-none" aria-hidden="true">{children.0}</span> }
}

/// Buttons at the end of an input. They need scripts, so they appear with them.
#[component]
pub(crate) fn FieldTools(
    /// Buttons of the input.
    children: Content,
) -> impl IntoView {
    view! { <span class="field-tools self-end flex items-center h-11 -mt-12 pr-1 noscript:hidden">{children.0}</span> }
}

/// A button that moves a figure by one step. The arrow keys do the same, so it is no stop of the Tab key.
#[component]
pub(crate) fn StepButton(
    /// Name of the step.
    label: &'static str,
    /// Sign of the step.
    children: Content,
) -> impl IntoView {
    view! {
        <button r#type="button" tabindex="-1" aria-label=label class="size-9 rounded-control text-muted text-18 hover:bg-hover hover:text-text">
            {children.0}
        </button>
    }
}

/// Options beneath each other, a radio button and its label each.
#[component]
pub(crate) fn RadioList(
    /// Name of the choice.
    legend: &'static str,
    /// The options, `<label>` each.
    children: Content,
) -> impl IntoView {
    let class = concat!(
        "flex flex-col gap-1 [&_legend]:text-14 [&_legend]:font-[550] [&_label]:flex [&_label]:items-center ",
        "[&_label]:gap-2.5 [&_label]:min-h-10 [&_label]:text-14 [&_input]:size-5 [&_input]:flex-none ",
        "[&_input]:accent-accent",
    );
    view! { <fieldset class=class><legend>{legend}</legend>{children.0}</fieldset> }
}

/// A box to tick, with its label.
#[component]
pub(crate) fn Check(
    /// Input and label.
    children: Content,
) -> impl IntoView {
    view! { <div class="flex items-center gap-2.5 min-h-10 text-14 [&_input]:size-5 [&_input]:accent-accent">{children.0}</div> }
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
