//! Registration, sign-in, sessions and tokens.
//!
//! A user signs in with name and password and gets a session. A browser holds it by an opaque secret in a
//! cookie, an API client by a signed access token and a rotating refresh token. [`Auth`] is the use case, and
//! identifies credentials for the gateway.

pub(crate) mod audit_log;
mod client;
mod common_password;
mod credential_cache;
mod devices;
mod events;
mod identify;
mod key;
mod key_ring;
mod lockout;
mod opaque_token;
mod password;
mod password_change;
mod password_queue;
mod provider;
pub(crate) mod record;
mod refresh;
pub(crate) mod register;
mod session;
mod session_listener;
mod session_registry;
pub(crate) mod sign_in;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;
use std::sync::Arc;

use cnop_domain::Entropy;
pub(crate) use cnop_domain::calendar::SECOND_US;
use cnop_store::Table;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

pub use client::{ClientDetails, USER_AGENT_CHARACTERS_MAX};
pub use key::{Jwk, Jwks, KeyError, SigningKey};
pub use key_ring::SigningKeys;
pub use password_change::Renewed;
pub use record::inspect;

use crate::context::Context;
use credential_cache::CredentialCache;
use password::Hasher;
use session_registry::SessionRegistry;
use token::Tokens;

/// Maximum attempts of a write. Each conflict means that another writer was first. The items here belong to one user or
/// count the failures of one network, which is blocked after a bounded number of them.
pub(crate) const WRITE_ATTEMPTS_MAX: usize = 32;

/// Registration, sign-in, sessions and tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth {
    inner: Arc<AuthInner>,
}

#[derive(Debug)]
struct AuthInner {
    context: Arc<Context>,
    hasher: Hasher,
    tokens: Tokens,
    book: Arc<SessionRegistry>,
    verified: CredentialCache,
    /// Receives ended sessions from other servers; stops when dropped.
    _listener: JoinSet<()>,
}

/// A browser's session, fresh from sign-in.
#[derive(Clone)]
pub struct BrowserSession {
    /// Secret for the cookie.
    pub secret: Zeroizing<String>,
    /// Life of the cookie in seconds. The session may end before.
    pub max_age_seconds: u32,
    /// Secret for the cookie of the device, if the device is new. Guesses of strangers do not delay a sign-in from it.
    pub device: Option<Zeroizing<String>>,
}

impl BrowserSession {
    /// Life of the device's cookie in seconds.
    pub const DEVICE_MAX_AGE_SECONDS: u32 = 180 * 86_400;
}

impl fmt::Debug for BrowserSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserSession")
            .field("max_age_seconds", &self.max_age_seconds)
            .finish_non_exhaustive()
    }
}

impl Auth {
    /// The use case on these ports. Inside a tokio runtime it also listens for ends of sessions on other servers;
    /// outside one (a command-line tool) it relies on asking the table.
    #[must_use]
    pub fn new(context: Arc<Context>, signing_keys: SigningKeys) -> Self {
        let book = Arc::new(SessionRegistry::default());
        let mut listener = JoinSet::new();
        if tokio::runtime::Handle::try_current().is_ok() {
            let coordinator = Arc::clone(&context.environment.coordinator);
            listener.spawn(session_listener::listen(Arc::clone(&book), coordinator));
        }
        let inner = AuthInner {
            hasher: Hasher::new(context.config.password_cost),
            tokens: Tokens::new(signing_keys, &context.config.public_url),
            book,
            verified: CredentialCache::new(),
            _listener: listener,
            context,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Public keys of the access tokens, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        self.inner.tokens.jwks()
    }
}

impl AuthInner {
    fn table(&self) -> &dyn Table {
        self.context.environment.table.as_ref()
    }

    fn entropy(&self) -> &dyn Entropy {
        self.context.environment.entropy.as_ref()
    }

    fn now_us(&self) -> i64 {
        self.context.now_us()
    }
}
