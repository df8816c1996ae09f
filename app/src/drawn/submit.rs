//! The browser's side of drawn parts: sending their forms in place, and keeping the focus.

use cnop_api::Problem;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::{TOLD_ID, TURN};
use crate::forms::{focus, form_inputs, here, location_assign, now_us};
use crate::functions::Arrived;
use crate::remote::post;

/// What happens when a form of a part is sent: it goes to the server in place, and the page then to where the answer says.
pub(super) fn submission(problem: RwSignal<Option<Problem>>) -> impl Fn(SubmitEvent) + 'static {
    let navigate = use_navigate();
    let pending = StoredValue::new(false);
    move |event: SubmitEvent| {
        let Some((form, inputs)) = form_inputs(&event) else { return };
        // What it changes is about the whole page, which the browser loads anew.
        if form.has_attribute("data-whole") {
            return;
        }
        let (action, body) =
            (form.get_attribute("action").unwrap_or_default(), String::from(inputs.to_string()));
        event.prevent_default();
        let navigate = navigate.clone();
        let go = move |to: String, replace: bool| {
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            navigate(&to, options);
        };
        if form.method() != "post" {
            // A look at something is told as an answer; a filter is only another address.
            let turn = if body.contains("look=") { turn("&") } else { String::new() };
            let path = action.split('#').next().unwrap_or_default();
            return go(format!("{path}?{body}{turn}"), false);
        }
        if pending.get_value() {
            return;
        }
        pending.set_value(true);
        leptos::task::spawn_local(async move {
            let answer = post(action, body).await.read::<Arrived>();
            // A part that was left meanwhile has nobody to tell.
            let _ = pending.try_set_value(false);
            match answer {
                Ok(Arrived { to }) => {
                    let _ = problem.try_set(None);
                    arrive(&to, go);
                }
                Err(error) => {
                    let _ = problem.try_set(Some(error.0));
                }
            }
        });
    }
}

/// Goes to the answer's address: in place when it is this page's, else the page is loaded whole.
fn arrive(to: &str, go: impl FnOnce(String, bool)) {
    let path = |address: &str| address.split(['?', '#']).next().unwrap_or_default().to_owned();
    if path(to) != path(&here()) {
        return location_assign(to);
    }
    let to = to.split('#').next().unwrap_or_default();
    let between = if to.contains('?') { "&" } else { "?" };
    go(format!("{to}{}", turn(between)), true);
}

/// Makes an address a new one.
fn turn(between: &str) -> String {
    format!("{between}{TURN}{}", now_us())
}

/// Whether the focus is in a field, or a form is unfolded: what is typed there would be lost.
pub(super) fn is_typing() -> bool {
    let typing = ".drawn input:focus,.drawn select:focus,.drawn details[open]";
    document().query_selector(typing).is_ok_and(|found| found.is_some())
}

/// After a part was drawn: to what it tells, or back to where the focus was.
pub(super) fn focus_after(is_answer: bool) {
    let id = if is_answer {
        TOLD_ID.to_owned()
    } else {
        document().active_element().map(|element| element.id()).unwrap_or_default()
    };
    if !id.is_empty() {
        request_animation_frame(move || {
            let is_lost = document().active_element().is_none_or(|element| element.id() != id);
            if is_lost {
                focus(&id);
            }
        });
    }
}
