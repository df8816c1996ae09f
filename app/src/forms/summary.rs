//! What is wrong with the whole form, above its fields.

use cnop_api::{Code, Problem};
use leptos::prelude::*;

use crate::components::{Icon, icon};
use crate::erased::Erase;

/// Tells what happened and what to do, takes the focus when it appears, and links to each bad field.
#[component]
pub(crate) fn ProblemSummary(
    /// The element's id, unique in the page.
    id: &'static str,
    /// Prefix of the fields' ids: a field's is prefix, `-`, name.
    form: &'static str,
    /// What was refused, if anything.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    Effect::new(move |shown: Option<Option<Problem>>| {
        let problem = problem.get();
        if problem.is_some() && shown.as_ref() != Some(&problem) {
            super::focus(id);
        }
        problem
    });
    move || {
        problem.get().map(|problem| {
            let fields: Vec<_> = problem
                .errors
                .iter()
                .filter_map(|error| Some((error.member()?.to_owned(), error.detail.clone())))
                .collect();
            let several = fields.len() > 1;
            let title = match (problem.code, fields.len()) {
                (Code::RequestInvalid, 1) => "One field needs a change",
                (code, _) => code.title(),
            };
            let list = several.then(|| {
                let entry = |(member, detail): (String, String)| {
                    view! { <li><a href=format!("#{form}-{member}")>{detail}</a></li> }
                };
                view! { <ul>{fields.into_iter().map(entry).collect_view()}</ul> }
            });
            let detail = (!several).then(|| view! { <p>{problem.detail.clone()}</p> });
            view! {
                <div class="notice bad" id=id role="alert" tabindex="-1" data-code=problem.code.as_str()>
                    {icon(Icon::Warning)}
                    <div>
                        <p class="notice-title">{title}</p>
                        {detail}
                        {list}
                        {outcome(problem.code).map(|sentence| view! { <p>{sentence}</p> })}
                        {sign_in(problem.code)}
                    </div>
                </div>
            }
        })
    }
}

/// What a refusal means for the money, where its sentence does not say so.
fn outcome(code: Code) -> Option<&'static str> {
    match code {
        Code::Internal | Code::RequestTimeout | Code::Unavailable => Some(
            "Look at your history before you start anew. Sending this same form again never does it twice.",
        ),
        Code::MarketPriceStale => Some("Nothing was traded."),
        _ => None,
    }
}

/// The way back for somebody whose session has ended while he typed.
fn sign_in(code: Code) -> Option<AnyView> {
    matches!(code, Code::AuthRequired | Code::AuthInvalidCredentials).then(|| {
        let path = format!("/login?next={}", super::path_encode(&super::here()));
        view! { <p><a href=path rel="external">"Sign in and come back"</a></p> }.erased()
    })
}
