//! Errors of a coordinator.

use thiserror::Error;

/// Errors of the coordinator.
#[derive(Debug, Error)]
pub enum CoordinationError {
    /// The caller broke a rule of this port; repeating cannot help.
    #[error("invalid use of the coordinator: {0}")]
    Invalid(&'static str),
    /// A bound was reached; the sentence names it.
    #[error("the coordinator is full: {0}")]
    Exhausted(&'static str),
    /// The service behind the port is unavailable.
    #[error("the coordinator does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
