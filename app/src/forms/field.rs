//! One labeled input with its hint and its error.

use cnop_api::Problem;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
#[cfg(feature = "ssr")]
use leptos::tachys::html::attribute::custom::custom_attribute;

use crate::components::ui::{FieldError, Hint, SmallMuted, SpokenOnly, Unit};

/// The rule of new passwords for the generators of password managers, so that their first proposal is accepted.
#[cfg(feature = "ssr")]
const PASSWORD_RULES: &str =
    "minlength: 12; maxlength: 128; required: upper; required: lower; required: digit; required: special;";

/// The attribute of an input for a new password. The view has no method of its name.
#[cfg(feature = "ssr")]
fn password_rules(autocomplete: &str) -> impl Attribute + use<> {
    custom_attribute("passwordrules", (autocomplete == "new-password").then_some(PASSWORD_RULES))
}

/// Nothing: no island has an input for a new password, and the bundle stays smaller.
#[cfg(not(feature = "ssr"))]
fn password_rules(_: &str) -> impl Attribute + use<> {}

/// The sentence of a field's first error.
fn field_error(problem: Option<&Problem>, name: &str) -> Option<String> {
    problem?.errors.iter().find(|error| error.member() == Some(name)).map(|error| error.detail.clone())
}

/// Keeps an input and its signal alike. What was typed before the bundle arrived wins over what the page was
/// rendered with, so the signal follows first and leads afterwards.
fn bind(node: NodeRef<Input>, value: RwSignal<String>) {
    Effect::new(move |first: Option<()>| {
        let text = value.get();
        let Some(input) = node.get() else { return };
        if first.is_none() && input.value() != text {
            value.set(input.value());
        } else if input.value() != text {
            input.set_value(&text);
        }
    });
}

/// The unit of a figure: spoken with the label, and shown at the end of the input.
pub(crate) struct FieldUnit {
    /// Words that end the label.
    pub(crate) spoken: AnyView,
    /// Symbol at the end of the input, if it has room there.
    pub(crate) shown: Option<AnyView>,
}

impl std::fmt::Debug for FieldUnit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("FieldUnit")
    }
}

impl FieldUnit {
    /// The unit with this symbol.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub(crate) fn of(symbol: &'static str) -> Self {
        Self { spoken: symbol.into_any(), shown: Some(symbol.into_any()) }
    }
}

/// A text input. Its id is form, `-`, name; its error stands beneath it and is announced with it.
#[component]
pub(crate) fn TextField(
    /// Prefix of the id.
    form: &'static str,
    /// Name of the posted field.
    name: &'static str,
    /// Label of the field.
    #[prop(into)]
    label: String,
    /// More of the label, where the style sheet decides what of it is shown.
    #[prop(optional)]
    words: Option<AnyView>,
    /// Unit of a figure.
    #[prop(optional_no_strip)]
    unit: Option<FieldUnit>,
    /// Buttons at the end of the input.
    #[prop(optional)]
    tools: Option<AnyView>,
    /// Problem reported by the server or by the page's own check.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// Value of the field; `None` for secrets, which stay in the input.
    #[prop(optional_no_strip, into)]
    value: Option<RwSignal<String>>,
    /// `text`, `password`, `email`, `date`, `tel`.
    #[prop(default = "text")]
    kind: &'static str,
    /// For password managers and auto-fill.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Keyboard of a phone.
    #[prop(default = "text")]
    inputmode: &'static str,
    /// Hint about valid values, always visible.
    #[prop(optional_no_strip)]
    hint: Option<Signal<String>>,
    /// True if it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let id = format!("{form}-{name}");
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    let error = Memo::new(move |_| problem.with(|problem| field_error(problem.as_ref(), name)));
    let described = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        let hinted = hint.is_some();
        move || match (error.with(Option::is_some), hinted) {
            (true, true) => Some(format!("{error_id} {hint_id}")),
            (true, false) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        }
    };
    let (spoken, shown) = unit.map(|unit| (unit.spoken, unit.shown)).unzip();
    let shown = shown.flatten();
    let spoken = spoken.map(|unit| view! { <SpokenOnly>" in " {unit}</SpokenOnly> });
    let shown = shown.map(|unit| view! { <Unit>{unit}</Unit> });
    let node = NodeRef::<Input>::new();
    if let Some(value) = value {
        bind(node, value);
    }
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {words} {spoken} {optional.then(|| view! { <SmallMuted>" (optional)"</SmallMuted> })}
            </label>
            <input
                node_ref=node
                id=id
                name=name
                r#type=kind
                autocomplete=autocomplete
                inputmode=inputmode
                autocapitalize="none"
                spellcheck="false"
                value=value.map(|value| value.get_untracked())
                on:input=move |event| {
                    if let Some(value) = value {
                        value.set(event_target_value(&event));
                    }
                }
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
                aria-required=(!optional).then_some("true")
                {..password_rules(autocomplete)}
            />
            {shown} {tools}
            {hint.map(|hint| view! { <Hint id=hint_id>{move || hint.get()}</Hint> })}
            <FieldError id=error_id>{move || error.get()}</FieldError>
        </div>
    }
}

/// A box to tick; posts `true`.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Checkbox(
    /// Prefix of the id.
    form: &'static str,
    /// Name of the posted field.
    name: &'static str,
    /// Label of the checked state.
    #[prop(into)]
    label: String,
    /// True if it is ticked at first.
    checked: bool,
) -> impl IntoView {
    use crate::components::ui::Check;
    let id = format!("{form}-{name}");
    view! {
        <Check>
            <input id=id.clone() name=name r#type="checkbox" value="true" checked=checked />
            <label for=id>{label}</label>
        </Check>
    }
}

/// The button that sends a form: always enabled, and saying so while it is sent.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Submit(
    /// Label of the button.
    label: &'static str,
    /// While it is being done.
    pending: &'static str,
) -> impl IntoView {
    use crate::components::ui;
    view! { <button r#type="submit" class=ui::Look::Primary.class(ui::ButtonSize::Wide) data-pending=pending>{label}</button> }
}
