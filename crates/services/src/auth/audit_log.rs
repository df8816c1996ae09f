//! The audit log of security events: sign-in, failure, lockout and sign-out, with their origin. Each one is an item, which
//! its user can read, and one line of the log with fixed fields, for alarms.

use cnop_domain::{Entropy, UserId};
use cnop_store::{Condition, Key, Write};

use super::SECOND_US;
use super::client::ClientDetails;
use super::opaque_token::random_id;
use super::record::{EVENT_PREFIX, SecurityEvent, SecurityEventKind, network_partition, user_partition};
use crate::error::Result;
use crate::records::encode;

/// Seconds for which an event of a user is kept: 400 days, a year and a month to notice.
const USER_EVENT_SECONDS: i64 = 400 * 86_400;
/// Seconds for which an event without a user is kept: 30 days.
const NETWORK_EVENT_SECONDS: i64 = 30 * 86_400;

/// Owner of a security event.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// A user, and the session if there is one.
    User(&'a UserId, Option<&'a str>),
    /// An unknown name was tried: the event is stored with the network.
    Nobody,
}

/// The write of one event, part of the transaction that it is about.
pub(crate) fn event_write(
    kind: SecurityEventKind,
    subject: Subject<'_>,
    client: &ClientDetails,
    now_us: i64,
    entropy: &dyn Entropy,
) -> Result<Write> {
    let (partition, session_id, kept_seconds) = match subject {
        Subject::User(user, session) => (user_partition(user), session, USER_EVENT_SECONDS),
        Subject::Nobody => (network_partition(&client.network()), None, NETWORK_EVENT_SECONDS),
    };
    let event = SecurityEvent {
        kind,
        time_us: now_us,
        session_id: session_id.map(str::to_owned),
        address: client.address.to_canonical().to_string(),
        user_agent: client.user_agent_kept(),
        request_id: client.request_id_kept(),
    };
    let key = Key::new(partition, format!("{EVENT_PREFIX}{now_us:020}#{}", random_id(entropy)));
    Ok(Write::put_expiring(key, encode(&event)?, now_us / SECOND_US + kept_seconds, Condition::Absent))
}

/// Outcome of a security event in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventOutcome {
    Ok,
    Failed,
    Blocked,
}

impl EventOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
        }
    }
}

/// Name and outcome of a kind of event in the log. Alarms depend on them: they do not change.
const fn log_name(kind: SecurityEventKind) -> (&'static str, EventOutcome) {
    match kind {
        SecurityEventKind::Registered => ("register", EventOutcome::Ok),
        SecurityEventKind::SignedIn => ("sign_in", EventOutcome::Ok),
        SecurityEventKind::SignInFailed => ("sign_in", EventOutcome::Failed),
        SecurityEventKind::Blocked => ("lockout", EventOutcome::Blocked),
        SecurityEventKind::Refreshed => ("refresh", EventOutcome::Ok),
        SecurityEventKind::RefreshReused => ("refresh_reuse", EventOutcome::Failed),
        SecurityEventKind::SignedOut => ("sign_out", EventOutcome::Ok),
        SecurityEventKind::ProfileChanged => ("profile_change", EventOutcome::Ok),
        SecurityEventKind::ContactChanged => ("contact_change", EventOutcome::Ok),
        SecurityEventKind::PasswordChanged => ("password_change", EventOutcome::Ok),
        SecurityEventKind::PasswordRefused => ("password_confirm", EventOutcome::Failed),
        SecurityEventKind::EmailRefused => ("email_claim", EventOutcome::Failed),
    }
}

/// Writes the log line of an event that is stored.
pub(crate) fn event_log(kind: SecurityEventKind, subject: Subject<'_>, client: &ClientDetails) {
    let (event, outcome) = log_name(kind);
    log_line(event, outcome, subject, client);
}

/// Writes the log line of an attempt that was refused unread during a delay. It is not stored: the number of such attempts
/// has no bound.
pub(crate) fn blocked_log(event: &'static str, subject: Subject<'_>, client: &ClientDetails) {
    log_line(event, EventOutcome::Blocked, subject, client);
}

fn log_line(event: &'static str, outcome: EventOutcome, subject: Subject<'_>, client: &ClientDetails) {
    let user = match subject {
        Subject::User(user, _) => user.as_str(),
        Subject::Nobody => "unknown",
    };
    let (network, outcome_text) = (client.network(), outcome.as_str());
    if outcome == EventOutcome::Ok {
        tracing::info!(event, user.id = user, network, outcome = outcome_text, "security event");
    } else {
        tracing::warn!(event, user.id = user, network, outcome = outcome_text, "security event");
    }
}
