//! A form that is posted: by the browser itself without WASM, in place with it.

use cnop_api::{FieldError, Problem};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{FormState, focus_first_invalid};
use crate::erased::Erase;
use crate::remote::{Inputs, Sending};

/// What the venue would refuse of the inputs, by its own rules.
type Faults = Box<dyn Fn(&Inputs<'_>) -> Vec<FieldError> + Send + Sync>;

/// The form of `sending`, whose fields' ids begin with `name`. What `faults` finds is shown and nothing is sent.
pub(crate) fn posted<T: 'static>(
    sending: Sending<T>,
    state: FormState,
    name: &'static str,
    faults: impl Fn(&Inputs<'_>) -> Vec<FieldError> + Send + Sync + 'static,
    fields: AnyView,
) -> AnyView {
    let send = move |body| sending.send(body);
    form(sending.address(), sending.pending(), Box::new(send), state, name, Box::new(faults), fields)
}

fn form(
    address: &'static str,
    pending: RwSignal<bool>,
    send: Box<dyn Fn(String) + Send + Sync>,
    state: FormState,
    name: &'static str,
    faults: Faults,
    fields: AnyView,
) -> AnyView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        let Some((errors, body)) = read(&event, &faults) else { return };
        if errors.is_empty() {
            send(body);
        } else {
            state.problem.set(Some(Problem::invalid(errors)));
            focus_first_invalid(name);
        }
    };
    view! {
        <form class="form" method="post" action=address novalidate="" on:submit=submit>
            {fields}
        </form>
    }
    .erased()
}

/// The faults of a form's inputs, and the inputs urlencoded.
#[cfg(feature = "hydrate")]
fn read(event: &SubmitEvent, faults: &Faults) -> Option<(Vec<FieldError>, String)> {
    let (_, inputs) = form_inputs(event)?;
    let errors = faults(&|name| inputs.get(name).unwrap_or_default());
    Some((errors, String::from(inputs.to_string())))
}

/// The form that is sent, and its inputs.
#[cfg(feature = "hydrate")]
pub(crate) fn form_inputs(
    event: &SubmitEvent,
) -> Option<(web_sys::HtmlFormElement, web_sys::UrlSearchParams)> {
    use wasm_bindgen::JsCast;
    let form: web_sys::HtmlFormElement = event.target()?.dyn_into().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    let inputs = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some((form, inputs))
}

#[cfg(not(feature = "hydrate"))]
fn read(_: &SubmitEvent, _: &Faults) -> Option<(Vec<FieldError>, String)> {
    None
}
