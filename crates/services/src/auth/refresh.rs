//! Exchange of a refresh token for a new pair. A token is good for one exchange; a later second use ends the session,
//! because it proves a copy.
//!
//! Two tabs of one program, or a repetition after a lost answer, send the same token twice within moments. Both get the
//! same successor. It is derived from the token and a salt that is stored, so the table never has a usable token.

use std::sync::Arc;

use cnop_api::accounts::TokenPair;
use cnop_store::{Condition, StoreError, Write};

use super::audit_log::{Subject, event_log, event_write};
use super::client::ClientDetails;
use super::identify::refusal;
use super::opaque_token::{Purpose, TokenOwner, secret_derive, secret_hash, secret_owner};
use super::record::{RefreshToken, SecurityEventKind, SessionRecord, decode, refresh_key};
use super::session::{LIFE_US, LiveSession};
use super::sign_in::refresh_write;
use super::{Auth, AuthInner, SECOND_US, WRITE_ATTEMPTS_MAX};
use crate::error::{Error, Result};
use crate::records::encode;

/// Time in µs in which a repetition of an exchange gives the same successor.
const REPEAT_US: i64 = 30 * SECOND_US;

/// A refresh token that may be exchanged, with its item's version.
struct ExchangeableToken {
    token: RefreshToken,
    version: u64,
}

impl Auth {
    /// Exchanges a refresh token for a new pair. For half a minute the old token gives the same successor; its reuse after
    /// that ends the whole session.
    ///
    /// # Errors
    /// `auth.invalid_credentials` for a token that is unknown, used, or of an ended session.
    pub async fn refresh(&self, refresh_token: &str, client: &ClientDetails) -> Result<TokenPair> {
        let inner = &self.inner;
        let owner = secret_owner(Purpose::Refresh, refresh_token).ok_or_else(refusal)?;
        let hash = secret_hash(refresh_token);
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let stored = inner.refresh_find(&owner, &hash, client).await?;
            let living = inner.session_read(&owner).await?.ok_or_else(refusal)?;
            let successor = |salt| secret_derive(Purpose::Refresh, &owner, refresh_token, salt);
            if let Some(salt) = &stored.token.successor_salt {
                return inner.token_pair(&owner, living.session.role, &successor(salt));
            }
            let mut salt = [0; 32];
            inner.entropy().fill(&mut salt);
            let secret = successor(&salt);
            let writes = inner.refresh_writes(&owner, &hash, &stored, &living, (&secret, salt), client)?;
            match inner.table().transact(writes).await {
                Ok(()) => {
                    let subject = Subject::User(&owner.user_id, Some(&owner.session_id));
                    event_log(SecurityEventKind::Refreshed, subject, client);
                    return inner.token_pair(&owner, living.session.role, &secret);
                }
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contention)
    }
}

impl AuthInner {
    /// The token if it is new, or was exchanged a moment ago.
    async fn refresh_find(
        self: &Arc<Self>,
        owner: &TokenOwner,
        hash: &[u8; 32],
        client: &ClientDetails,
    ) -> Result<ExchangeableToken> {
        let key = refresh_key(&owner.user_id, &owner.session_id, hash);
        let item = self.table().get(&key).await?.ok_or_else(refusal)?;
        let token: RefreshToken = decode(&item)?;
        let is_repeated = |used_at_us| {
            token.successor_salt.is_some() && self.now_us().saturating_sub(used_at_us) < REPEAT_US
        };
        if token.used_at_us.is_none_or(is_repeated) {
            return Ok(ExchangeableToken { token, version: item.version });
        }
        // An ended session needs no protection, and no write for each further attempt.
        if self.session_read(owner).await?.is_some() {
            self.session_end(owner, SecurityEventKind::RefreshReused, client).await?;
        }
        Err(refusal())
    }

    fn refresh_writes(
        &self,
        owner: &TokenOwner,
        hash: &[u8; 32],
        stored: &ExchangeableToken,
        living: &LiveSession,
        (secret, salt): (&str, [u8; 32]),
        client: &ClientDetails,
    ) -> Result<Vec<Write>> {
        let now_us = self.now_us();
        let session = SessionRecord { seen_at_us: now_us, ..living.session.clone() };
        let used = RefreshToken { used_at_us: Some(now_us), successor_salt: Some(salt), ..stored.token };
        let expires_at = (session.created_at_us + LIFE_US) / SECOND_US + 1;
        let subject = Subject::User(&owner.user_id, Some(&owner.session_id));
        Ok(vec![
            Write::put_expiring(
                refresh_key(&owner.user_id, &owner.session_id, hash),
                encode(&used)?,
                expires_at,
                Condition::Version(stored.version),
            ),
            refresh_write(owner, &secret_hash(secret), &session, now_us)?,
            session.write(&owner.session_id, Condition::Version(living.version))?,
            event_write(SecurityEventKind::Refreshed, subject, client, now_us, self.entropy())?,
        ])
    }
}
