//! Forms of drawn parts: as they were sent, when they were refused.

use cnop_api::Problem;
use leptos::prelude::*;

use super::{Asked, TOLD_ID};
use crate::erased::Erase;
use crate::forms::{Flash, ProblemSummary, TextField, flash_of, key_new, problem_in_words};

/// One form of a drawn part.
#[derive(Debug, Clone)]
pub(crate) struct DrawnForm {
    name: &'static str,
    flash: Flash,
    /// One for each command that a person means.
    pub(crate) key: String,
}

/// A field for text or figures.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    /// Name of the posted field.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) label: &'a str,
    /// What it holds at first.
    pub(crate) initial: &'a str,
    /// What is expected; empty for nothing that the label does not say.
    pub(crate) hint: &'a str,
    /// `text`, `time`, `datetime-local`, `email`, `tel`, `date`.
    pub(crate) kind: &'static str,
    /// For auto-fill.
    pub(crate) autocomplete: &'static str,
    /// Which keyboard a phone shows.
    pub(crate) inputmode: &'static str,
    /// Whether it may stay empty.
    pub(crate) optional: bool,
}

impl Text<'_> {
    /// A figure that must be given.
    pub(crate) const FIGURE: Self = Text {
        name: "",
        label: "",
        initial: "",
        hint: "",
        kind: "text",
        autocomplete: "off",
        inputmode: "decimal",
        optional: false,
    };
}

impl DrawnForm {
    /// The form with this name: empty, or as it was refused.
    pub(crate) fn new(asked: &Asked, name: &'static str) -> Self {
        let key = key_new(asked.services.entropy());
        Self { name, flash: flash_of(name, |member| asked.get(member).to_owned()), key }
    }

    /// The same form, refused now.
    pub(crate) fn refused(mut self, problem: Problem) -> Self {
        self.flash.problem = Some(problem_in_words(problem));
        self
    }

    /// Whether it was refused.
    pub(crate) const fn is_refused(&self) -> bool {
        self.flash.problem.is_some()
    }

    /// What a field held, or what it holds at first.
    pub(crate) fn value(&self, field: &str, initial: &str) -> String {
        self.flash.value(field).unwrap_or_else(|| initial.to_owned())
    }

    /// What is wrong with the whole form; takes the focus.
    pub(crate) fn summary(&self) -> AnyView {
        if self.flash.problem.is_none() {
            return ().into_any();
        }
        let problem = Signal::stored(self.flash.problem.clone());
        view! { <ProblemSummary id=TOLD_ID form=self.name problem=problem /> }.into_any()
    }

    /// A field for text or figures.
    pub(crate) fn text(&self, field: &Text<'_>) -> AnyView {
        let Text { name, label, initial, hint, kind, autocomplete, inputmode, optional } = *field;
        let value = RwSignal::new(self.value(name, initial));
        let problem = Signal::stored(self.flash.problem.clone());
        let form = self.name;
        if hint.is_empty() {
            return view! {
                <TextField form=form name=name label=label value=value problem=problem inputmode=inputmode kind=kind autocomplete=autocomplete optional=optional />
            }
            .into_any();
        }
        let hint = Signal::stored(hint.to_owned());
        view! {
            <TextField form=form name=name label=label value=value problem=problem inputmode=inputmode kind=kind autocomplete=autocomplete optional=optional hint=hint />
        }
        .into_any()
    }

    /// A field for a secret: what it held is not kept.
    pub(crate) fn secret(
        &self,
        name: &'static str,
        label: &'static str,
        autocomplete: &'static str,
        hint: &'static str,
    ) -> AnyView {
        let problem = Signal::stored(self.flash.problem.clone());
        let form = self.name;
        if hint.is_empty() {
            return view! { <TextField form=form name=name label=label problem=problem kind="password" autocomplete=autocomplete /> }.into_any();
        }
        let hint = Signal::stored(hint.to_owned());
        view! { <TextField form=form name=name label=label problem=problem kind="password" autocomplete=autocomplete hint=hint /> }
        .into_any()
    }

    /// A choice of one of several; the first of each pair is its value, the second its word.
    pub(crate) fn select(
        &self,
        name: &'static str,
        label: &'static str,
        choices: &[(&str, &str)],
        initial: &str,
    ) -> AnyView {
        let id = format!("{}-{name}", self.name);
        let error_id = format!("{id}-error");
        let chosen = self.value(name, initial);
        let options = choices
            .iter()
            .map(|(value, word)| {
                view! { <option value=(*value).to_owned() selected=*value == chosen>{(*word).to_owned()}</option> }
            })
            .collect_view();
        let error = self.flash.problem.as_ref().and_then(|problem: &Problem| {
            problem.errors.iter().find(|error| error.member() == Some(name)).map(|error| error.detail.clone())
        });
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <select id=id name=name aria-invalid=error.is_some().then_some("true") aria-describedby=error_id.clone()>
                    {options}
                </select>
                <p class="field-error" id=error_id>{error}</p>
            </div>
        }
        .erased()
    }
}

/// A field that nobody sees.
pub(crate) fn hidden(name: &'static str, value: impl Into<String>) -> AnyView {
    view! { <input r#type="hidden" name=name value=value.into() /> }.erased()
}

/// The idempotency key of a form that has no other state: one for each command that a person means.
pub(crate) fn key_hidden(asked: &Asked) -> AnyView {
    hidden("key", key_new(asked.services.entropy()))
}

/// A form that is one button.
pub(crate) fn button_form(
    action: &'static str,
    fields: Vec<AnyView>,
    id: String,
    look: &'static str,
    label: AnyView,
) -> AnyView {
    view! {
        <form method="post" action=action>
            {fields}
            <button r#type="submit" class=format!("button {look}") id=id>{label}</button>
        </form>
    }
    .erased()
}
