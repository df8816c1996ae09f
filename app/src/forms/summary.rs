//! The problem of a whole form, above its fields.

use cnop_api::{Code, Problem};
use leptos::prelude::*;

use crate::components::ui::{NoticeTitle, Tone};
use crate::components::{Icon, icon};

/// The problem with its next step, and a link to each field that is wrong.
#[component]
pub(crate) fn ProblemSummary(
    /// The element's id, unique in the page.
    id: &'static str,
    /// Prefix of the fields' ids: a field's is prefix, `-`, name.
    form: &'static str,
    /// The refusal, if any.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    move || {
        problem.get().map(|problem| {
            let fields: Vec<_> = problem
                .errors
                .iter()
                .filter_map(|error| Some((error.member()?.to_owned(), error.detail.clone())))
                .collect();
            let several = fields.len() > 1;
            let title = match (problem.code, fields.len()) {
                (Code::RequestInvalid, 1) => problem.detail.clone(),
                (Code::RequestInvalid, count @ 2..) => format!("Please fix {count} fields"),
                (code, _) => title(code).to_owned(),
            };
            let list = several.then(|| {
                let entry = |(member, detail): (String, String)| {
                    view! { <li><a href=format!("#{form}-{member}")>{detail}</a></li> }
                };
                view! { <ul class="pl-[18px] list-disc [&_a]:inline-block [&_a]:py-1">{fields.into_iter().map(entry).collect_view()}</ul> }
            });
            let detail =
                (!several && title != problem.detail).then(|| view! { <p>{problem.detail.clone()}</p> });
            view! {
                <div class=Tone::Bad.class() id=id role="alert" tabindex="-1" data-code=problem.code.as_str()>
                    {icon(Icon::Warning)}
                    <div>
                        <NoticeTitle>{title}</NoticeTitle>
                        {detail}
                        {list}
                        {outcome(problem.code).map(|sentence| view! { <p>{sentence}</p> })}
                    </div>
                </div>
            }
        })
    }
}

/// Heading of a refusal: the words of the pages where they differ from those of the API.
const fn title(code: Code) -> &'static str {
    match code {
        Code::GuardOrderTooLarge => "Over your own limit",
        Code::GuardDailyLoss => "Daily loss limit reached",
        Code::GuardCoolDown => "Cool-down after a loss",
        Code::Unavailable => "Can't reach the server",
        _ => code.title(),
    }
}

/// Consequence of a refusal for the money, where its sentence does not say so.
fn outcome(code: Code) -> Option<&'static str> {
    match code {
        Code::Internal | Code::RequestTimeout | Code::Unavailable => {
            Some("Your request may already be done. Press again to retry: it is never done twice.")
        }
        Code::MarketPriceStale => Some("Nothing was traded."),
        _ => None,
    }
}
