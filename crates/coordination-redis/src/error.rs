//! Reasons not to start with a Redis.

use redis::{ErrorKind, RedisError};
use thiserror::Error;

use crate::RedisAddress;

/// A Redis that a server cannot start with. Each is one sentence without a secret.
#[derive(Debug, Error)]
pub enum RedisConnectError {
    /// No answer.
    #[error("the Redis at {address} does not answer: {reason}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// Reason of the operating system or of TLS.
        reason: String,
    },
    /// The credentials are wrong or missing.
    #[error("the Redis at {address} refuses the user or the password")]
    Credentials {
        /// Host and port.
        address: String,
    },
    /// The user may not do what is needed, or the server does not write.
    #[error("the Redis at {address} refuses a command that coordination needs: {reason}")]
    Refused {
        /// Host and port.
        address: String,
        /// Answer of the server.
        reason: String,
    },
}

impl RedisConnectError {
    pub(crate) fn unreachable(address: &RedisAddress, reason: impl Into<String>) -> Self {
        Self::Unreachable { address: address.to_string(), reason: reason.into() }
    }

    pub(crate) fn new(address: &RedisAddress, error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        let is_refused =
            matches!(code, "NOAUTH" | "WRONGPASS") || matches!(error.kind(), ErrorKind::AuthenticationFailed);
        if is_refused {
            return Self::Credentials { address: address.to_string() };
        }
        match error.kind() {
            ErrorKind::Server(_) | ErrorKind::Extension => {
                let reason =
                    error.detail().map_or_else(|| code.to_owned(), |detail| format!("{code} {detail}"));
                Self::Refused { address: address.to_string(), reason }
            }
            _ => Self::unreachable(address, error.to_string()),
        }
    }
}
