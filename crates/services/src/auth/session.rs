//! Sessions: created at sign-in, extended by use, ended by sign-out, token reuse or age.
//!
//! An ended session is invalid at once on this server, and on other servers when the message arrives (some
//! ms). If a message is lost, the table is read again [`RECHECK_US`] after the last check, so no server
//! accepts an ended session for longer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cnop_api::Caller;
use cnop_store::{Condition, Item, Write};

use super::audit_log::{Subject, event_log, event_write};
use super::client::ClientDetails;
use super::opaque_token::TokenOwner;
use super::record::{SecurityEventKind, SessionRecord, User, decode, session_key, user_key};
use super::session_listener::TOPIC;
use super::session_registry::SessionState;
use super::{Auth, AuthInner, SECOND_US};
use crate::error::{Error, Result};
use crate::records::encode;

/// A session ends when it was not used for this long.
const IDLE_US: i64 = 12 * 3_600 * SECOND_US;
/// A session ends at this age, used or not.
pub(super) const LIFE_US: i64 = 30 * 86_400 * SECOND_US;
/// Use is noted when the last note is this old: a write now and then, not with each request.
const TOUCH_US: i64 = 300 * SECOND_US;
/// Longest time that a request waits for the note: its own work needs the rest.
const TOUCH_TIME_MAX: Duration = Duration::from_millis(100);
/// Time in µs for which a session counts as active without another read of the table.
pub(super) const RECHECK_US: i64 = 10 * SECOND_US;
/// The same interval for streams, which check on their own.
const RECHECK: Duration = Duration::from_secs(10);

/// Effect of a use on the end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionUse {
    /// A request of the client.
    Request,
    /// An open stream, which only checks the session.
    Stream,
}

/// A session that is alive, as stored.
#[derive(Debug)]
pub(super) struct LiveSession {
    pub(super) session: SessionRecord,
    pub(super) version: u64,
}

impl SessionRecord {
    pub(super) fn new(
        user: &User,
        secret_hash: Option<[u8; 32]>,
        client: &ClientDetails,
        now_us: i64,
    ) -> Self {
        Self {
            user_id: user.user_id.clone(),
            account_id: user.account_id.clone(),
            username: user.username.clone(),
            role: user.role,
            secret_hash,
            created_at_us: now_us,
            seen_at_us: now_us,
            address: client.address.to_canonical().to_string(),
            user_agent: client.user_agent_kept(),
            epoch: user.epoch,
        }
    }

    fn ends_at_us(&self) -> i64 {
        (self.seen_at_us + IDLE_US).min(self.created_at_us + LIFE_US)
    }

    /// The write of this session; the item vanishes when the session ends by age.
    pub(super) fn write(&self, session_id: &str, condition: Condition) -> Result<Write> {
        let expires_at = self.ends_at_us() / SECOND_US + 1;
        let key = session_key(&self.user_id, session_id);
        Ok(Write::put_expiring(key, encode(self)?, expires_at, condition))
    }
}

impl AuthInner {
    /// Reads the session from the table, if it is active: neither too old, nor from before a password change.
    pub(super) async fn session_read(&self, owner: &TokenOwner) -> Result<Option<LiveSession>> {
        let (session_key, user_key) =
            (session_key(&owner.user_id, &owner.session_id), user_key(&owner.user_id));
        let (item, user) = tokio::try_join!(self.table().get(&session_key), self.table().get(&user_key))?;
        let living = |item: Item| -> Result<LiveSession> {
            Ok(LiveSession { session: decode(&item)?, version: item.version })
        };
        let user: Option<User> = user.as_ref().map(decode).transpose()?;
        let is_current = |session: &SessionRecord| user.is_some_and(|user| user.epoch == session.epoch);
        let living = item.map(living).transpose()?;
        let living = living.filter(|living| living.session.ends_at_us() > self.now_us());
        Ok(living.filter(|living| is_current(&living.session)))
    }

    /// Checks the session in the table, and records its use.
    ///
    /// # Errors
    /// The check is impossible now; the session has not ended then.
    pub(super) async fn session_check(
        &self,
        state: &SessionState,
        usage: SessionUse,
    ) -> Result<Option<SessionRecord>> {
        let now_us = self.now_us();
        let Some(living) = self.session_read(&state.owner).await? else {
            state.end();
            return Ok(None);
        };
        state.checked(now_us);
        if usage == SessionUse::Request && now_us - living.session.seen_at_us >= TOUCH_US {
            self.session_touch(&state.owner, &living, now_us).await;
        }
        Ok((!state.has_ended()).then_some(living.session))
    }

    async fn session_touch(&self, owner: &TokenOwner, living: &LiveSession, now_us: i64) {
        let touched = SessionRecord { seen_at_us: now_us, ..living.session.clone() };
        // A conflict says that another request has just noted it, or that the session has ended.
        let written = match touched.write(&owner.session_id, Condition::Version(living.version)) {
            Ok(write) => tokio::time::timeout(TOUCH_TIME_MAX, self.table().transact(vec![write])).await,
            Err(_) => return,
        };
        let Ok(written) = written else { return };
        if let Err(error) = written {
            tracing::debug!(%error, "the use of a session was not noted");
        }
    }

    /// Ends a session: in the table, on this server and on every other. It runs in a task of its own, so that
    /// a disconnected client does not leave the session active on this server.
    pub(super) async fn session_end(
        self: &Arc<Self>,
        owner: &TokenOwner,
        kind: SecurityEventKind,
        client: &ClientDetails,
    ) -> Result<()> {
        let (inner, owner, client) = (Arc::clone(self), owner.clone(), client.clone());
        tokio::spawn(async move { inner.session_end_now(&owner, kind, &client).await })
            .await
            .map_err(|error| Error::Internal(format!("the end of a session failed: {error}")))?
    }

    async fn session_end_now(
        &self,
        owner: &TokenOwner,
        kind: SecurityEventKind,
        client: &ClientDetails,
    ) -> Result<()> {
        let subject = Subject::User(&owner.user_id, Some(&owner.session_id));
        let writes = vec![
            Write::delete(session_key(&owner.user_id, &owner.session_id), Condition::Any),
            event_write(kind, subject, client, self.now_us(), self.entropy())?,
        ];
        self.table().transact(writes).await?;
        event_log(kind, subject, client);
        self.book.end(owner);
        self.session_end_publish(owner.message()).await;
        Ok(())
    }

    /// Notifies this server and all others that every session of the user but this one has ended.
    pub(super) async fn sessions_others_end_tell(&self, kept: &TokenOwner) {
        self.book.end_others(kept);
        self.session_end_publish(kept.others_message()).await;
    }

    async fn session_end_publish(&self, message: String) {
        let payload = Bytes::from(message);
        if let Err(error) = self.context.environment.coordinator.publish(TOPIC, payload).await {
            tracing::warn!(%error, "other servers were not notified of the end of a session; they will read it themselves");
        }
    }
}

impl Auth {
    /// Signs out: every credential of the session is dead from now on, on every server. Again does no harm.
    ///
    /// # Errors
    /// The table cannot be written; then the session may still be alive.
    pub async fn logout(&self, caller: &Caller, client: &ClientDetails) -> Result<()> {
        let owner = TokenOwner { user_id: caller.user_id.clone(), session_id: caller.session_id.clone() };
        self.inner.session_end(&owner, SecurityEventKind::SignedOut, client).await
    }

    /// Completes when the caller's session has ended (by sign-out anywhere, by reuse of a token, by a password change, or
    /// by age), or when the credentials that opened the stream have. A stream waits for it beside its events. An open stream does not keep a session alive.
    pub fn session_ended(&self, caller: &Caller) -> impl Future<Output = ()> + Send + 'static {
        let inner = Arc::clone(&self.inner);
        let owner = TokenOwner { user_id: caller.user_id.clone(), session_id: caller.session_id.clone() };
        let state = inner.book.state(&owner);
        let credentials_end_us = caller.credentials_end_us;
        async move {
            let mut doubts = state.doubts();
            loop {
                doubts.mark_unchanged();
                let left_us = credentials_end_us.saturating_sub(inner.now_us());
                let Some(left) = u64::try_from(left_us).ok().filter(|left_us| *left_us > 0) else { return };
                if !state.is_fresh(inner.now_us(), RECHECK_US) {
                    // An error is not the end of a session: the check is repeated.
                    if let Err(error) = inner.session_check(&state, SessionUse::Stream).await {
                        tracing::debug!(%error, "a stream could not ask for its session");
                    }
                }
                tokio::select! {
                    () = state.ended() => return,
                    // The sender is in `state`, so that this cannot fail.
                    _ = doubts.changed() => {}
                    () = tokio::time::sleep(RECHECK.min(Duration::from_micros(left))) => {}
                }
            }
        }
    }
}
