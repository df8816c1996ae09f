//! Authentication of a request's credentials, called by the gateway for every request.

use std::sync::Arc;

use async_trait::async_trait;
use cnop_api::{Caller, Code, Credentials, Identify, Problem};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::credential_cache::CachedCredential;
use super::opaque_token::{Purpose, TokenOwner, secret_hash, secret_owner};
use super::record::SessionRecord;
use super::session::{LIFE_US, RECHECK_US, SessionUse};
use super::token::ACCESS_TOKEN_BYTES_MAX;
use super::{Auth, AuthInner, SECOND_US};
use crate::error::Result;

#[async_trait]
impl Identify for Auth {
    async fn identify(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>, Problem> {
        Ok(self.inner.identify(credentials).await?)
    }
}

impl AuthInner {
    async fn identify(&self, credentials: Credentials<'_>) -> Result<Arc<Caller>> {
        let now_us = self.now_us();
        let hash = credentials_hash(credentials).ok_or_else(refusal)?;
        if let Some(known) = self.verified.get(&hash) {
            return self.known(&hash, known, now_us).await;
        }
        let (owner, expires_at_us) = match credentials {
            Credentials::Bearer(token) => {
                let claims = self.tokens.verify(token, now_us / SECOND_US).ok_or_else(refusal)?;
                (
                    TokenOwner { user_id: claims.sub, session_id: claims.sid },
                    claims.exp.saturating_mul(SECOND_US),
                )
            }
            Credentials::Session(secret) => {
                (secret_owner(Purpose::Browser, secret).ok_or_else(refusal)?, now_us + LIFE_US)
            }
        };
        self.unknown(hash, credentials, owner, expires_at_us).await
    }

    /// Credentials that were checked before: only their end is to be feared.
    async fn known(&self, hash: &[u8; 32], known: CachedCredential, now_us: i64) -> Result<Arc<Caller>> {
        let is_alive = known.expires_at_us > now_us
            && !known.session.has_ended()
            && (known.session.is_fresh(now_us, RECHECK_US)
                || self.session_check(&known.session, SessionUse::Request).await?.is_some());
        if is_alive {
            return Ok(known.caller);
        }
        self.verified.remove(hash);
        Err(refusal())
    }

    /// Credentials of the right form that are seen for the first time, or again after a while.
    async fn unknown(
        &self,
        hash: [u8; 32],
        credentials: Credentials<'_>,
        owner: TokenOwner,
        expires_at_us: i64,
    ) -> Result<Arc<Caller>> {
        let state = self.book.state(&owner);
        let session = self.session_check(&state, SessionUse::Request).await?.ok_or_else(refusal)?;
        if !belongs(credentials, &session) {
            return Err(refusal());
        }
        let caller = Arc::new(session.caller(&owner.session_id, expires_at_us));
        let verified = CachedCredential { caller: Arc::clone(&caller), session: state, expires_at_us };
        self.verified.insert(hash, verified, self.now_us());
        Ok(caller)
    }
}

/// Returns true if the session is for such credentials and has this secret.
fn belongs(credentials: Credentials<'_>, session: &SessionRecord) -> bool {
    match (credentials, &session.secret_hash) {
        (Credentials::Bearer(_), None) => true,
        (Credentials::Session(secret), Some(stored)) => secret_hash(secret).ct_eq(stored).into(),
        _ => false,
    }
}

/// Cache key of the credentials; `None` for those that are too long to be ours.
fn credentials_hash(credentials: Credentials<'_>) -> Option<[u8; 32]> {
    let (kind, text) = match credentials {
        Credentials::Bearer(text) => (b"b", text),
        Credentials::Session(text) => (b"s", text),
    };
    (text.len() <= ACCESS_TOKEN_BYTES_MAX)
        .then(|| Sha256::new().chain_update(kind).chain_update(text).finalize().into())
}

/// The same for every reason.
pub(super) fn refusal() -> crate::error::Error {
    Problem::new(Code::AuthInvalidCredentials, "You are not signed in, or no longer. Sign in again.").into()
}
