//! The security events of a user, for their owner.

use cnop_api::accounts::{SecurityEventPage, SecurityEventType, SecurityEventView};
use cnop_api::{Caller, Timestamp};
use cnop_domain::ulid;
use cnop_store::TableQuery;

use super::Auth;
use super::record::{EVENT_PREFIX, SecurityEvent, SecurityEventKind, decode, user_partition};
use crate::error::Result;
use crate::paging::{cursor_fault, limit_check};

/// Digits of a time in a sort key.
const TIME_DIGITS: usize = 20;

impl Auth {
    /// The caller's security events, the newest first.
    ///
    /// # Errors
    /// A limit above the maximum; a cursor that is none.
    pub async fn events(
        &self,
        caller: &Caller,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<SecurityEventPage> {
        let limit = limit_check(limit)?;
        let after = cursor.map(|text| sort_key_of(text).ok_or_else(cursor_fault)).transpose()?;
        let query = TableQuery::prefix(user_partition(&caller.user_id), EVENT_PREFIX, limit + 1);
        let page = self.inner.table().query(&query.descending().after(after)).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = page.items.len() > limit;
        let mut data = Vec::with_capacity(page.items.len().min(limit));
        let mut last = None;
        for item in page.items.into_iter().take(limit) {
            data.push(view_of(decode(&item)?, caller));
            last = item.key.sk.strip_prefix(EVENT_PREFIX).map(|rest| rest.replace('#', "-"));
        }
        Ok(SecurityEventPage { data, has_more, next_cursor: last.filter(|_| has_more) })
    }
}

/// The sort key of a cursor; `None` if it is none of ours.
fn sort_key_of(cursor: &str) -> Option<String> {
    let (time, random) = cursor.split_once('-')?;
    let is_time = time.len() == TIME_DIGITS && time.bytes().all(|byte| byte.is_ascii_digit());
    (is_time && ulid::decode(random).is_some()).then(|| format!("{EVENT_PREFIX}{time}#{random}"))
}

fn view_of(event: SecurityEvent, caller: &Caller) -> SecurityEventView {
    let is_current_session = event.session_id.as_deref() == Some(caller.session_id.as_str());
    SecurityEventView {
        event: type_of(event.kind),
        time: Timestamp(event.time_us),
        address: event.address,
        user_agent: event.user_agent,
        is_current_session,
    }
}

const fn type_of(kind: SecurityEventKind) -> SecurityEventType {
    match kind {
        SecurityEventKind::Registered => SecurityEventType::Registered,
        SecurityEventKind::SignedIn => SecurityEventType::SignedIn,
        SecurityEventKind::SignInFailed => SecurityEventType::SignInFailed,
        SecurityEventKind::Blocked => SecurityEventType::Blocked,
        SecurityEventKind::Refreshed => SecurityEventType::Refreshed,
        SecurityEventKind::RefreshReused => SecurityEventType::RefreshReused,
        SecurityEventKind::SignedOut => SecurityEventType::SignedOut,
        SecurityEventKind::ProfileChanged => SecurityEventType::ProfileChanged,
        SecurityEventKind::ContactChanged => SecurityEventType::ContactChanged,
        SecurityEventKind::PasswordChanged => SecurityEventType::PasswordChanged,
        SecurityEventKind::PasswordRefused => SecurityEventType::PasswordRefused,
        SecurityEventKind::EmailRefused => SecurityEventType::EmailRefused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_one_of_ours_or_refused() {
        let good = "00001795000000000000-01JD0000000000000000000000";
        assert_eq!(sort_key_of(good).as_deref(), Some("V#00001795000000000000#01JD0000000000000000000000"));
        for bad in
            ["", "-", "x", "1-01JD0000000000000000000000", "00001795000000000000-", "00001795000000000000-é"]
        {
            assert_eq!(sort_key_of(bad), None, "{bad}");
        }
    }
}
