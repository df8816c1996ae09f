//! The audit log of security events: sign-in, failure, lockout and sign-out, with their origin.

use cnop_domain::{Entropy, UserId};
use cnop_store::{Condition, Key, Write};

use super::SECOND_US;
use super::client::ClientDetails;
use super::opaque_token::random_id;
use super::record::{SecurityEvent, SecurityEventKind, network_partition, user_partition};
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
    let key = Key::new(partition, format!("V#{now_us:020}#{}", random_id(entropy)));
    Ok(Write::put_expiring(key, encode(&event)?, now_us / SECOND_US + kept_seconds, Condition::Absent))
}
