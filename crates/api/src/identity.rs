//! The identity port: the gateway uses it, `services::auth` implements it.

use async_trait::async_trait;
use cnop_domain::{AccountId, UserId};

use crate::Problem;
use crate::accounts::UserRole;

/// Credentials of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credentials<'a> {
    /// `Authorization: Bearer …`: a signed access token.
    Bearer(&'a str),
    /// The browser's cookie: an opaque session id.
    Session(&'a str),
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer(…)",
            Self::Session(_) => "Session(…)",
        })
    }
}

/// A signed-in user, as the use cases see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Id of the user.
    pub user_id: UserId,
    /// Id of the account they trade with.
    pub account_id: AccountId,
    /// User name in lower case.
    pub username: String,
    /// Permissions of the user.
    pub role: UserRole,
    /// The session that the credentials belong to: sign-out ends it. An identifier, no secret.
    pub session_id: String,
    /// End of the credentials, in µs since 1970-01-01T00:00Z. The session may end before.
    pub credentials_end_us: i64,
}

/// Characters of an account's tag: 40 bits.
const ACCOUNT_TAG_CHARACTERS: usize = 8;

/// Name of an account in its pages, forms and streams: the random end of its id. It tells accounts apart and gives access
/// to nothing.
#[must_use]
pub fn account_tag(account_id: &AccountId) -> &str {
    let id = account_id.as_str();
    id.get(id.len().saturating_sub(ACCOUNT_TAG_CHARACTERS)..).unwrap_or(id)
}

/// Turns credentials into a caller.
#[async_trait]
pub trait Identify: Send + Sync + std::fmt::Debug {
    /// The caller with these credentials.
    ///
    /// # Errors
    /// `auth.invalid_credentials` (401) for wrong, expired or revoked credentials; 503 when they cannot be
    /// verified now.
    async fn identify(&self, credentials: Credentials<'_>) -> Result<std::sync::Arc<Caller>, Problem>;
}
