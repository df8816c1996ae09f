//! Exchanging a refresh token for a new pair. A token is good for one exchange; a copy of a used one ends the
//! session, because somebody else has it too.

use std::sync::Arc;

use cnop_api::accounts::TokenPair;
use cnop_store::{Condition, StoreError, Write};

use super::client::Client;
use super::identify::refusal;
use super::opaque::{Owner, Purpose, secret_hash, secret_make, secret_owner};
use super::record::{RefreshToken, SecurityEventKind, Session, decode, refresh_key};
use super::session::{LIFE_US, Living};
use super::sign_in::refresh_write;
use super::trail::{Subject, event_write};
use super::{Auth, Inner, SECOND_US, WRITE_ATTEMPTS_MAX};
use crate::records::encode;
use crate::{Error, Result};

/// A refresh token that was never exchanged, with its item's version.
struct Unused {
    token: RefreshToken,
    version: u64,
}

impl Auth {
    /// A new pair for a refresh token. The old token is dead afterwards; shown again, it ends the whole session.
    ///
    /// # Errors
    /// `auth.invalid_credentials` for a token that is unknown, used, or of an ended session.
    pub async fn refresh(&self, refresh_token: &str, client: &Client) -> Result<TokenPair> {
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

impl Inner {
    async fn refresh_unused(
        self: &Arc<Self>,
        owner: &Owner,
        hash: &[u8; 32],
        client: &Client,
    ) -> Result<Unused> {
        let key = refresh_key(&owner.user_id, &owner.session_id, hash);
        let item = self.table().get(&key).await?.ok_or_else(refusal)?;
        let token: RefreshToken = decode(&item)?;
        if token.used_at_us.is_none() {
            return Ok(Unused { token, version: item.version });
        }
        // Of an ended session there is nothing left to protect, and nothing to write with each further try.
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
        living: &Living,
        secret: &str,
        client: &Client,
    ) -> Result<Vec<Write>> {
        let now_us = self.now_us();
        let session = Session { seen_at_us: now_us, ..living.session.clone() };
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
