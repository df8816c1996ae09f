//! Why a coordinator does not do what it is asked.

use thiserror::Error;

/// The coordinator could not do what was asked.
#[derive(Debug, Error)]
pub enum CoordinationError {
    /// The caller broke a rule of this port; repeating cannot help.
    #[error("invalid use of the coordinator: {0}")]
    Invalid(&'static str),
    /// A bound was reached; the sentence names it.
    #[error("the coordinator is full: {0}")]
    Exhausted(&'static str),
    /// What stands behind the port does not answer.
    #[error("the coordinator does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
