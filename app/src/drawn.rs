//! Parts of pages that the server alone draws.
//!
//! A part is asked for by its name and the page's query, and comes as HTML. Without WASM it stands in the page; with it the same HTML
//! is put there, again whenever the question changes or the account has changed, and its forms are sent in place: their
//! answer is the address that the redirect without WASM would have led to. So these parts work alike with and without
//! scripts, and the bundle has none of what they are made of.

#[cfg(feature = "ssr")]
mod asked;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "hydrate")]
mod submit;

use cnop_api::Problem;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::failure;
use crate::erased::Erase;
use crate::functions::DrawnRead;
use crate::live::Live;
use crate::pages::refusal;
use crate::remote::{PageData, ask};

#[cfg(feature = "ssr")]
pub(crate) use asked::{Asked, with_member};
#[cfg(feature = "ssr")]
pub(crate) use form::{DrawnForm, Text, button_form, hidden, key_hidden};

/// When a part is drawn again without a new question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Never: it holds a form.
    Nothing,
    /// Whenever the account has changed.
    Account,
}

/// Marks the address after a form was sent in place, so that it is a new one each time.
const TURN: &str = "turn=";
/// The id of what a part tells about the form that was sent last.
pub(crate) const TOLD_ID: &str = "told";

/// A part that is asked for with the page's query. Call it in a component's body.
pub(crate) fn drawn(part: &'static str, follow: Follow) -> AnyView {
    drawn_about(part, Box::new(String::new), follow)
}

/// A part that is asked for with more than the page's query: `name=value`, urlencoded.
pub(crate) fn drawn_about(
    part: &'static str,
    about: Box<dyn Fn() -> String + Send + Sync>,
    follow: Follow,
) -> AnyView {
    let search = use_location().search;
    let asked = Memo::new(move |_| {
        let (about, search) = (about(), search.get());
        let search = search.trim_start_matches('?');
        let between = if about.is_empty() || search.is_empty() { "" } else { "&" };
        format!("{about}{between}{search}")
    });
    let data: PageData<String> =
        PageData::new(move || ask!(DrawnRead { part: part.to_owned(), about: asked.get() }));
    if follow == Follow::Account {
        follow_account(data);
    }
    let problem = RwSignal::new(None::<Problem>);
    let shown = StoredValue::new(String::new());
    let submit = submission(problem);
    let part = data.show(
        || ().into_any(),
        move |outcome| match outcome {
            Ok(html) => {
                let now = asked.get_untracked();
                let is_answer = now.contains(TURN) && shown.with_value(|shown| *shown != now);
                shown.set_value(now);
                focus_after(is_answer);
                view! { <div inner_html=html></div> }.erased()
            }
            Err(error) => refusal(&error),
        },
    );
    view! {
        <div class="drawn" on:submit=submit>
            {move || problem.get().map(|problem| failure(&problem))}
            {part}
        </div>
    }
    .erased()
}

/// Asks again whenever the account has changed, but never under somebody's fingers.
fn follow_account(data: PageData<String>) {
    let live = Live::current();
    Effect::new(move |before: Option<Option<u64>>| {
        let now = live.account_seq();
        if now.is_some() && before.flatten().is_some() && before.flatten() != now && !is_typing() {
            data.refetch();
        }
        now
    });
}

#[cfg(feature = "hydrate")]
use submit::{focus_after, is_typing, submission};

#[cfg(not(feature = "hydrate"))]
const fn is_typing() -> bool {
    false
}

#[cfg(not(feature = "hydrate"))]
const fn focus_after(_is_answer: bool) {}

#[cfg(not(feature = "hydrate"))]
fn submission(_: RwSignal<Option<Problem>>) -> impl Fn(leptos::ev::SubmitEvent) + 'static {
    |_| {}
}
