//! Exchange of a refresh token for a new pair. A token is good for one exchange; a second use ends the session, because
//! it proves a copy.

use std::sync::Arc;

use cnop_api::accounts::TokenPair;
use cnop_store::{Condition, StoreError, Write};

use super::audit_log::{Subject, event_write};
use super::client::ClientDetails;
use super::identify::refusal;
use super::opaque_token::{Owner, Purpose, secret_hash, secret_make, secret_owner};
use super::record::{RefreshToken, SecurityEventKind, SessionRecord, decode, refresh_key};
use super::session::{LIFE_US, LiveSession};
use super::sign_in::refresh_write;
use super::{Auth, AuthInner, SECOND_US, WRITE_ATTEMPTS_MAX};
use crate::error::{Error, Result};
use crate::records::encode;

/// A refresh token that was never exchanged, with its item's version.
struct Unused {
    token: RefreshToken,
    version: u64,
}

impl Auth {
    /// Exchanges a refresh token for a new pair. The old token is invalid afterwards; its reuse ends the
    /// whole session.
    ///
    /// # Errors
    /// `auth.invalid_credentials` for a token that is unknown, used, or of an ended session.
    pub async fn refresh(&self, refresh_token: &str, client: &ClientDetails) -> Result<TokenPair> {
        let inner = &self.inner;
        let owner = secret_owner(Purpose::Refresh, refresh_token).ok_or_else(refusal)?;
        let hash = secret_hash(refresh_token);
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let unused = inner.refresh_unused(&owner, &hash, client).await?;
            let living = inner.session_read(&owner).await?.ok_or_else(refusal)?;
            let secret = secret_make(Purpose::Refresh, &owner, inner.entropy());
            let writes = inner.refresh_writes(&owner, &hash, &unused, &living, &secret, client)?;
            match inner.table().transact(writes).await {
                Ok(()) => return inner.token_pair(&owner, living.session.role, &secret),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contention)
    }
}

impl AuthInner {
    async fn refresh_unused(
        self: &Arc<Self>,
        owner: &Owner,
        hash: &[u8; 32],
        client: &ClientDetails,
    ) -> Result<Unused> {
        let key = refresh_key(&owner.user_id, &owner.session_id, hash);
        let item = self.table().get(&key).await?.ok_or_else(refusal)?;
        let token: RefreshToken = decode(&item)?;
        if token.used_at_us.is_none() {
            return Ok(Unused { token, version: item.version });
        }
        // An ended session needs no protection, and no write for each further attempt.
        if self.session_read(owner).await?.is_some() {
            self.session_end(owner, SecurityEventKind::RefreshReused, client).await?;
        }
        Err(refusal())
    }

    fn refresh_writes(
        &self,
        owner: &Owner,
        hash: &[u8; 32],
        unused: &Unused,
        living: &LiveSession,
        secret: &str,
        client: &ClientDetails,
    ) -> Result<Vec<Write>> {
        let now_us = self.now_us();
        let session = SessionRecord { seen_at_us: now_us, ..living.session.clone() };
        let used = RefreshToken { used_at_us: Some(now_us), ..unused.token };
        let expires_at = (session.created_at_us + LIFE_US) / SECOND_US + 1;
        let subject = Subject::User(&owner.user_id, Some(&owner.session_id));
        Ok(vec![
            Write::put_expiring(
                refresh_key(&owner.user_id, &owner.session_id, hash),
                encode(&used)?,
                expires_at,
                Condition::Version(unused.version),
            ),
            refresh_write(owner, &secret_hash(secret), &session, now_us)?,
            session.write(&owner.session_id, Condition::Version(living.version))?,
            event_write(SecurityEventKind::Refreshed, subject, client, now_us, self.entropy())?,
        ])
    }
}
