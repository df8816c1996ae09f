//! Events of the account that its owner did not cause: fills, triggers, alerts, skipped runs.
//!
//! The account's log has it all. The browser keeps the number of the newest event that was shown, so that the page tells what
//! is new since the last visit.

use cnop_api::Problem;
use cnop_api::events::AccountEvent;
use leptos::prelude::*;
use leptos_meta::Title;

use super::region::Region;
use super::{PageRequest, use_request};
use crate::components::Empty;
use crate::components::ui::{Findings, Panel, Small, Stack};
use crate::error::AppError;
use crate::format;
use crate::forms::cookie_set;
use crate::islands::{News, news_of};
use crate::theme::cookie;

/// Events that are searched for news: those that the trader caused are none.
const EVENTS: u32 = 300;
/// News on the page.
const SHOWN: usize = 100;
/// Name of the cookie with the account's tag and the newest number that was shown.
const SEEN: &str = "seen";
/// Time that it is kept: a year.
const KEPT_S: u32 = 365 * 86_400;

/// One entry: the event, and what it says.
struct Entry {
    event: AccountEvent,
    news: News,
}

/// News of the account, newest first.
struct Newest {
    entries: Vec<Entry>,
    /// Number of the account's newest event.
    seq: u64,
    /// Number of the newest event that was shown before.
    seen: u64,
    /// The account's tag, which the cookie names.
    tag: String,
}

async fn newest(request: &PageRequest) -> Result<Newest, Problem> {
    let account = &request.caller.account_id;
    let state = request.services.ledger.account_snapshot(account).await.map_err(Problem::from)?;
    let after = state.seq.saturating_sub(EVENTS.into());
    let events = request.services.ledger.events_after(account, after, EVENTS).await.map_err(Problem::from)?;
    let entry = |event: AccountEvent| news_of(&event).map(|news| Entry { event, news });
    let entries = events.into_iter().rev().filter_map(entry).take(SHOWN).collect();
    let kept = cookie(SEEN).unwrap_or_default();
    let seen = seen_of(&kept, &state.account);
    Ok(Newest { entries, seq: state.seq, seen, tag: state.account })
}

/// The number in the cookie, if it is of this account; else nothing was seen.
fn seen_of(kept: &str, tag: &str) -> u64 {
    let number = kept.split_once('.').filter(|(owner, _)| *owner == tag).map(|(_, number)| number);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Number of news since the last visit.
pub(super) async fn unread_count(request: &PageRequest) -> Result<usize, Problem> {
    let newest = newest(request).await?;
    Ok(newest.entries.iter().filter(|entry| entry.event.seq > newest.seen).count())
}

/// The page of the account's news.
#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    view! {
        <Title text="Notifications · CNOP" />
        <Stack>
            <h1>"Notifications"</h1>
            <Region id="news-region" follows_account=true>{Suspend::new(list(use_request()))}</Region>
        </Stack>
    }
}

async fn list(request: PageRequest) -> Result<impl IntoView, AppError> {
    let Newest { entries, seq, seen, tag } = newest(&request).await?;
    cookie_set(SEEN, &format!("{tag}.{seq}"), KEPT_S);
    if entries.is_empty() {
        let text = "Fills, triggers, alerts and skipped recurring buys appear here.";
        return Ok(view! { <Panel><Empty title="No notifications yet" text /></Panel> }.into_any());
    }
    let (fresh, earlier): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.event.seq > seen);
    let count = fresh.len();
    let fresh = (count > 0).then(|| panel("news-new", format!("New ({count})"), fresh));
    let earlier = (!earlier.is_empty()).then(|| panel("news-earlier", "Earlier".to_owned(), earlier));
    Ok(view! { {fresh} {earlier} }.into_any())
}

fn panel(id: &'static str, title: String, entries: Vec<Entry>) -> impl IntoView {
    let lines = entries
        .into_iter()
        .map(|Entry { event, news }| {
            view! {
                <li>
                    <div>
                        <a href=news.path>{news.text}</a>
                        <Small>{format::short_time_element(event.time)}</Small>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel labelled_by=id>
            <h2 id=id>{title}</h2>
            <Findings>{lines}</Findings>
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another account in the same browser would have taken this one's news as seen.
    #[test]
    fn what_was_seen_is_of_one_account() {
        assert_eq!(seen_of("abc.12", "abc"), 12);
        assert_eq!(seen_of("abc.12", "xyz"), 0);
        assert_eq!(seen_of("", "abc"), 0);
        assert_eq!(seen_of("abc.never", "abc"), 0);
    }
}
