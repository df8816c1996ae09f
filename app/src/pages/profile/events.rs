//! Recent sign-ins: the user sees who has tried to be them.

use cnop_api::accounts::{SecurityEventPage, SecurityEventType, SecurityEventView};
use leptos::prelude::*;

use crate::components::ui::{HiddenCaption, Note, NumberHead, Panel, Table, TableKind};
use crate::format;

/// Events on the page. `GET /auth/events` has the others.
pub(super) const EVENTS_SHOWN: u32 = 20;

/// The newest events as a table.
pub(super) fn security_events(page: &SecurityEventPage) -> impl IntoView + use<> {
    let lines = page.data.iter().map(line).collect_view();
    view! {
        <Panel labelled_by="profile-events">
            <h2 id="profile-events">"Recent sign-ins"</h2>
            <Note>
                "Your sign-ins and changes of your account, newest first. If one was not yours, change your password."
            </Note>
                <Table kind=TableKind::Rows>
                    <HiddenCaption>"Recent sign-ins, newest first"</HiddenCaption>
                    <thead>
                        <tr>
                            <th scope="col">"Time"</th>
                            <th scope="col">"Event"</th>
                            <NumberHead>"Address"</NumberHead>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </Table>
        </Panel>
    }
}

fn line(event: &SecurityEventView) -> impl IntoView + use<> {
    let here = event.is_current_session.then_some(" · this session");
    let client = event.user_agent.clone().unwrap_or_else(|| "Unknown client".to_owned());
    view! {
        <tr>
            <td class="muted">{format::time_element(event.time)}</td>
            <td>
                <span class="row-title">{label(event.event)} {here}</span>
                <span class="block muted small wrap-anywhere">{client}</span>
            </td>
            <td class="number">{event.address.clone()}</td>
        </tr>
    }
}

const fn label(event: SecurityEventType) -> &'static str {
    match event {
        SecurityEventType::Registered => "Account opened",
        SecurityEventType::SignedIn => "Signed in",
        SecurityEventType::SignInFailed => "Wrong password",
        SecurityEventType::Blocked => "Sign-in paused after wrong passwords",
        SecurityEventType::Refreshed => "Session extended",
        SecurityEventType::RefreshReused => "Session ended: an old token was used",
        SecurityEventType::SignedOut => "Signed out",
        SecurityEventType::ProfileChanged => "Personal details changed",
        SecurityEventType::ContactChanged => "Email or phone changed",
        SecurityEventType::PasswordChanged => "Password changed",
        SecurityEventType::PasswordRefused => "Wrong current password",
        SecurityEventType::EmailRefused => "Somebody tried to use your email",
    }
}
