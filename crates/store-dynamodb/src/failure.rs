//! Errors of DynamoDB and of the network.

use std::error::Error;
use std::fmt::Write as _;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use cnop_store::StoreError;

/// A request that failed, in words without the request's content.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB's {operation} failed: {reason}")]
pub(crate) struct RequestFailure {
    operation: &'static str,
    /// DynamoDB's name of the error, if it came from there.
    code: Option<String>,
    reason: String,
}

/// Error codes that mean: nothing was written, retry later.
const THROTTLING_CODES: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError",
];

impl RequestFailure {
    /// Describes an error of the SDK.
    pub(crate) fn new<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let code = error.code().map(str::to_owned);
        let reason = match (&code, error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.clone(),
            (None, _) => chain(error),
        };
        Self { operation, code, reason }
    }

    /// DynamoDB's name of the error.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    pub(crate) fn is_throttling(&self) -> bool {
        self.code().is_some_and(|code| THROTTLING_CODES.contains(&code))
    }
}

impl From<RequestFailure> for StoreError {
    fn from(failure: RequestFailure) -> Self {
        if failure.is_throttling() { Self::Busy } else { Self::unavailable(failure) }
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
