//! Notices, empty lists and links between pages.

use cnop_api::Problem;
use leptos::prelude::*;

use super::ui::{ChipLink, Chips, LinkButton, Look, NoticeTitle, Tone};
use super::{Icon, icon};
use crate::address::PageAddress;

/// An empty list: its purpose and the one next step.
#[component]
pub(crate) fn Empty(
    /// Heading of the notice.
    title: &'static str,
    /// Content that the list will have.
    text: &'static str,
    /// Address and label of the next step.
    #[prop(optional_no_strip, into)]
    step: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-start gap-2 py-6 px-4 text-muted text-14 [.panel>&]:px-0 [.panel>&]:py-1">
            <p class="text-text text-16 font-semibold">{title}</p>
            <p>{text}</p>
            {step.map(|(path, label)| view! { <LinkButton look=Look::Primary href=path>{label}</LinkButton> })}
        </div>
    }
}

/// A problem in place of content.
#[component]
pub(crate) fn Failure(
    /// Problem to be shown.
    problem: Problem,
) -> impl IntoView {
    view! {
        <div class=Tone::Bad.class() role="alert">
            {icon(Icon::Warning)}
            <div>
                <NoticeTitle>{problem.code.title()}</NoticeTitle>
                <p>{problem.detail}</p>
            </div>
        </div>
    }
}

/// Links of a list that begins with the newest: back to its beginning, and on.
#[component]
pub(crate) fn OlderPager(
    /// Name of the list's pages.
    label: &'static str,
    /// Address of the beginning.
    newest: Option<String>,
    /// Address of the next page.
    older: Option<String>,
) -> impl IntoView {
    (newest.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="flex justify-center gap-2 mt-5" aria-label=label>
                {newest.map(|path| view! { <LinkButton href=path>{icon(Icon::Back)} "Newest"</LinkButton> })}
                {older.map(|path| view! { <LinkButton rel="next" href=path>"Older" {icon(Icon::Forward)}</LinkButton> })}
            </nav>
        }
    })
}

/// Links to the page before and the page after.
#[component]
pub(crate) fn Pager(
    /// Name of the pages.
    label: &'static str,
    /// Address of the page before.
    before: Option<String>,
    /// Address of the page after.
    after: Option<String>,
) -> impl IntoView {
    (before.is_some() || after.is_some()).then(|| {
        view! {
            <nav class="flex justify-center gap-2 mt-5" aria-label=label>
                {before.map(|path| view! { <LinkButton rel="prev" href=path>{icon(Icon::Back)} "Previous"</LinkButton> })}
                {after.map(|path| view! { <LinkButton rel="next" href=path>"Next" {icon(Icon::Forward)}</LinkButton> })}
            </nav>
        }
    })
}

/// Pages of the standing instructions of the account.
const STANDING: [(&str, &str); 4] = [
    ("/recurring", "Recurring buys"),
    ("/alerts", "Price alerts"),
    ("/guards", "Risk limits"),
    ("/notifications", "Notifications"),
];

/// Links to the standing instructions of the account; on their pages the present one is marked.
#[component]
pub(crate) fn StandingLinks() -> impl IntoView {
    let page = PageAddress::current();
    let links = STANDING
        .into_iter()
        .map(|(path, label)| view! { <ChipLink href=path current=page.path() == path>{label}</ChipLink> })
        .collect_view();
    view! { <Chips label="Standing instructions">{links}</Chips> }
}
