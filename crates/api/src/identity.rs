//! Who is asking. The gateway asks, `services::auth` answers; neither knows the other.

use async_trait::async_trait;
use cnop_domain::{AccountId, UserId};

use crate::Problem;
use crate::accounts::UserRole;

/// What a request shows to say who it is.
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

/// A signed-in user, as every use case sees him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user_id: UserId,
    /// The account he trades with.
    pub account_id: AccountId,
    /// His name, lower case.
    pub username: String,
    /// What he may do.
    pub role: UserRole,
    /// The session that the credentials belong to: sign-out ends it. An identifier, no secret.
    pub session_id: String,
}

/// Turns credentials into a caller.
#[async_trait]
pub trait Identify: Send + Sync + std::fmt::Debug {
    /// Who shows these credentials.
    ///
    /// # Errors
    /// `auth.invalid_credentials` (401) for credentials that are wrong, expired or revoked; 503 when it cannot be
    /// told now.
    async fn identify(&self, credentials: Credentials<'_>) -> Result<std::sync::Arc<Caller>, Problem>;
}
