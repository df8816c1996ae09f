//! The state of a form of a page, and its fields.

use cnop_api::{Problem, account_tag};
use cnop_domain::Entropy;
use leptos::prelude::*;

use super::{
    FORM_RESULT, FieldUnit, Flash, ProblemSummary, TextField, flash_of, idempotency_key, problem_in_words,
};
use crate::address::PageAddress;
use crate::components::ui::{Button, ButtonSize, Field, FieldError, Look, Select, options};
use crate::context;

/// Random bytes in an idempotency key.
const KEY_BYTES: usize = 16;
/// Kind of a field whose content the page never carries.
const SECRET: &str = "password";

/// A new idempotency key: one for each command that a person means. It names the account that the form was made for.
pub(crate) fn key_new(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; KEY_BYTES];
    entropy.fill(&mut bytes);
    let random = hex::encode(bytes);
    context::caller()
        .map_or_else(|| random.clone(), |caller| format!("{}.{random}", account_tag(&caller.account_id)))
}

/// A new key from the venue's entropy; empty outside a request.
fn key_of_request() -> String {
    context::services().map(|services| key_new(services.entropy())).unwrap_or_default()
}

/// The state of one form: empty, or as it was refused.
#[derive(Debug, Clone)]
pub(crate) struct FormState {
    name: &'static str,
    flash: Flash,
    /// Idempotency key: one for each command that a person means.
    pub(crate) key: String,
}

/// A field for text or figures.
#[derive(Debug, Clone)]
pub(crate) struct TextInput<'a> {
    /// Name of the posted field.
    pub(crate) name: &'static str,
    /// Label of the field.
    pub(crate) label: &'a str,
    /// Initial value of the field.
    pub(crate) initial: &'a str,
    /// Hint about valid values; empty when the label is enough.
    pub(crate) hint: &'a str,
    /// `text`, `time`, `datetime-local`, `email`, `tel`, `date`, or `password` for a secret.
    pub(crate) kind: &'static str,
    /// Autocomplete hint for the browser.
    pub(crate) autocomplete: &'static str,
    /// Keyboard of a phone.
    pub(crate) inputmode: &'static str,
    /// Unit of a figure, which its label ends with; empty for none.
    pub(crate) unit: &'static str,
    /// True if it may stay empty.
    pub(crate) optional: bool,
}

impl TextInput<'_> {
    /// A figure that must be given.
    pub(crate) const FIGURE: Self = TextInput {
        name: "",
        label: "",
        initial: "",
        hint: "",
        kind: "text",
        autocomplete: "off",
        inputmode: "decimal",
        unit: "",
        optional: false,
    };

    /// An amount of dollars that must be given.
    pub(crate) const MONEY: Self = TextInput { name: "amount", label: "Amount", unit: "USD", ..Self::FIGURE };
}

impl FormState {
    /// The form with this name: empty, or as it was refused.
    pub(crate) fn new(page: &PageAddress, name: &'static str) -> Self {
        let flash = flash_of(name, |member| page.query(member).to_owned());
        // Of another account after a sign-in in between: that form is not sent again.
        let kept = flash.value("key").filter(|key| idempotency_key(key).is_ok());
        let key = kept.unwrap_or_else(key_of_request);
        Self { name, flash, key }
    }

    /// The same form, refused now.
    pub(crate) fn refused(mut self, problem: Problem) -> Self {
        self.flash.problem = Some(problem_in_words(problem));
        self
    }

    /// The refusal, if any.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        self.flash.problem.as_ref()
    }

    /// Content of a field: as it was sent, or else `initial`.
    pub(crate) fn value(&self, field: &str, initial: &str) -> String {
        self.flash.value(field).unwrap_or_else(|| initial.to_owned())
    }

    /// The problem of the whole form; nothing without one.
    pub(crate) fn summary(&self) -> impl IntoView + use<> {
        let form = self.name;
        self.flash.problem.clone().map(|problem| {
            let problem = Signal::stored(Some(problem));
            view! { <ProblemSummary id=FORM_RESULT form=form problem=problem /> }
        })
    }

    /// A field for text or figures. The content of a secret does not come back.
    pub(crate) fn text(&self, field: &TextInput<'_>) -> impl IntoView + use<> {
        let TextInput { name, label, initial, hint, kind, autocomplete, inputmode, unit, optional } = *field;
        let value = (kind != SECRET).then(|| RwSignal::new(self.value(name, initial)));
        let (form, label) = (self.name, label.to_owned());
        let problem = Signal::stored(self.flash.problem.clone());
        let hint = (!hint.is_empty()).then(|| Signal::stored(hint.to_owned()));
        let unit = (!unit.is_empty()).then(|| FieldUnit::of(unit));
        view! {
            <TextField form name label unit value problem inputmode kind autocomplete optional hint />
        }
    }

    /// A field for a secret.
    pub(crate) fn secret(
        &self,
        name: &'static str,
        label: &str,
        autocomplete: &'static str,
        hint: &str,
    ) -> impl IntoView + use<> {
        let field = TextInput { name, label, autocomplete, hint, ..TextInput::FIGURE };
        self.text(&TextInput { kind: SECRET, inputmode: "text", ..field })
    }

    /// The present password, which only some changes of the form need.
    pub(crate) fn confirmation(&self, name: &'static str, label: &str, hint: &str) -> impl IntoView + use<> {
        let field = TextInput { name, label, hint, autocomplete: "current-password", ..TextInput::FIGURE };
        self.text(&TextInput { kind: SECRET, inputmode: "text", optional: true, ..field })
    }

    /// A choice of one of several; the first of each pair is its value, the second its word.
    pub(crate) fn select(
        &self,
        name: &'static str,
        label: &'static str,
        choices: &[(&str, &str)],
        initial: &str,
    ) -> impl IntoView + use<> {
        let id = format!("{}-{name}", self.name);
        let error_id = format!("{id}-error");
        let chosen = self.value(name, initial);
        let error = self.flash.problem.as_ref().and_then(|problem: &Problem| {
            problem.errors.iter().find(|error| error.member() == Some(name)).map(|error| error.detail.clone())
        });
        view! {
            <Field id=id.clone() label>
                <Select id name error_id=error_id.clone() invalid=error.is_some()>{options(choices, &chosen)}</Select>
                <FieldError id=error_id>{error}</FieldError>
            </Field>
        }
    }
}

/// A field that the page does not show.
#[component]
pub(crate) fn Hidden(
    /// Name of the posted field.
    name: &'static str,
    /// Present content of the field.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input r#type="hidden" name=name value=value /> }
}

/// A form that is one button. Its children are the hidden fields and the label.
#[component]
pub(crate) fn ButtonForm(
    /// Address that it is posted to.
    action: &'static str,
    /// Id of the button, unique in the page.
    #[prop(into)]
    id: String,
    /// Meaning of the button.
    #[prop(optional)]
    look: Look,
    /// Size of the button.
    #[prop(optional)]
    size: ButtonSize,
    /// Hidden fields, by their names.
    fields: Vec<(&'static str, String)>,
    /// Label of the button.
    children: Children,
) -> impl IntoView {
    let fields = fields.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect_view();
    view! {
        <form method="post" action=action>
            {fields}
            <Button look size id>{children()}</Button>
        </form>
    }
}
