//! The error of every use case, and its conversion into a [`Problem`].
//!
//! Each layer has one error type, and each conversion happens in one place:
//!
//! | type | layer | why it is a type of its own |
//! |---|---|---|
//! | `StoreError`, `CoordinationError`, `MarketError` | ports | An adapter fails for technical reasons. Callers decide by variant whether to retry. |
//! | `Refusal` with `SizeFault`, `TermsFault`, `GuardFault` | `domain` | A rule refuses an order. It carries figures and no words, so that rules stay pure. |
//! | [`Error`] | `services` | A use case fails: a refusal with its problem, or a fault with its source for the log. |
//! | [`Problem`] | `api` | The only form outside: code, sentence, fields, figures. `cnop_api::refusal` words the refusals of the domain, for the server and the browser alike. |
//! | `ProblemRejection` | `gateway` | A handler's response with a problem. The gateway writes the document and the log line. |
//! | `AppError` | `app` | A problem on its way through a server function to the browser. |
//! | `Failure` | `server` | An error of the command line, with an exit code and a sentence. |
//!
//! Conversions are pure: they log nothing. An internal error keeps its chain of causes in [`Problem::cause`], which is
//! never sent. The gateway logs it once, with the request's id.

use std::error::Error as _;

use cnop_api::refusal::invariant_problem;
use cnop_api::{Code, FieldError, Problem};
use cnop_coordination::CoordinationError;
use cnop_domain::AssetId;
use cnop_market::MarketError;
use cnop_store::StoreError;
use thiserror::Error;

/// Seconds after which a client may try again when something behind us is down.
const RETRY_SECONDS_UNAVAILABLE: u32 = 2;
/// `Retry-After` in seconds for a busy account.
const RETRY_SECONDS_CONTENTION: u32 = 1;

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error of a use case. [`Problem`] is its only form outside.
#[derive(Debug, Error)]
pub enum Error {
    /// Fields that break rules, at least one.
    #[error("some fields break a rule")]
    Invalid(Vec<FieldError>),
    /// A refusal with its own sentence.
    #[error("refused: {}", .0.code.as_str())]
    Refused(Box<Problem>),
    /// The price is too old to trade on.
    #[error("the price is {age_ms} ms old")]
    PriceStale {
        /// Its age in ms.
        age_ms: u64,
        /// Largest age in ms.
        max_ms: u64,
    },
    /// The account's state could not be changed: too many others change it.
    #[error("too many commands on one account")]
    Contention,
    /// Stored or computed data is inconsistent; nothing was written.
    #[error("the ledger would not balance: {0}")]
    Invariant(String),
    /// The table answers with a fault.
    #[error("the table could not be read or written")]
    Store(#[from] StoreError),
    /// The coordinator answers with a fault.
    #[error("the coordinator did not do what it was asked")]
    Coordination(#[source] CoordinationError),
    /// The market answers with a fault.
    #[error("the market did not answer")]
    Market(#[from] MarketError),
    /// Something else we depend on answers with a fault; the text says which, for the log.
    #[error("{0} is not answering")]
    Unavailable(&'static str),
    /// An internal error; the text is for the log only.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Error {
    /// An asset that the catalog does not have.
    pub(crate) fn unknown_asset(asset_id: AssetId) -> Self {
        Problem::new(Code::AssetNotFound, cnop_api::refusal::unknown_asset(asset_id))
            .with_fact("asset_id", asset_id)
            .into()
    }

    /// The chain of causes of a fault of ours or of a dependency, for the log; none for a refusal, which its client can
    /// mend or repeat.
    fn cause(&self) -> Option<String> {
        match self {
            Self::Invalid(_)
            | Self::Refused(_)
            | Self::PriceStale { .. }
            | Self::Contention
            | Self::Store(StoreError::Busy | StoreError::CircuitOpen { .. } | StoreError::Conflict(_))
            | Self::Market(MarketError::UnknownAsset) => return None,
            Self::Invariant(_)
            | Self::Store(_)
            | Self::Coordination(_)
            | Self::Market(MarketError::Unavailable)
            | Self::Unavailable(_)
            | Self::Internal(_) => {}
        }
        let mut chain = self.to_string();
        let mut next = self.source();
        while let Some(source) = next {
            chain.push_str(": ");
            chain.push_str(&source.to_string());
            next = source.source();
        }
        Some(chain)
    }

    /// Returns true if the stored data is unreadable, so that reading again would not help.
    pub(crate) const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Store(StoreError::Corrupt(_)) | Self::Internal(_))
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let cause = error.cause();
        let problem = match error {
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Refused(problem) => *problem,
            Error::PriceStale { age_ms, max_ms } => Self::new(
                Code::MarketPriceStale,
                format!(
                    "The price is {} s old; orders need one of at most {} s. Nothing was done.",
                    age_ms / 1_000,
                    max_ms / 1_000
                ),
            )
            .with_fact("age_ms", age_ms)
            .with_fact("max_age_ms", max_ms)
            .retry_after(RETRY_SECONDS_UNAVAILABLE),
            Error::Contention => contention(),
            Error::Invariant(_) => invariant_problem(),
            Error::Store(error) => store_problem(&error),
            Error::Market(MarketError::UnknownAsset) => {
                Self::new(Code::AssetNotFound, "There is no such asset at this venue.")
            }
            Error::Coordination(_) | Error::Market(MarketError::Unavailable) | Error::Unavailable(_) => {
                unavailable()
            }
            Error::Internal(_) => nothing_written(),
        };
        match cause {
            Some(cause) => problem.caused_by(cause),
            None => problem,
        }
    }
}

fn contention() -> Problem {
    Problem::new(
        Code::Contention,
        "Too many commands on this account are waiting. Nothing was done; try again in a second.",
    )
    .retry_after(RETRY_SECONDS_CONTENTION)
}

fn unavailable() -> Problem {
    Problem::new(
        Code::Unavailable,
        "A part of the venue is not answering. Look at your balance and your orders before you try again.",
    )
    .retry_after(RETRY_SECONDS_UNAVAILABLE)
}

/// A fault of ours before anything was written.
fn nothing_written() -> Problem {
    Problem::new(Code::Internal, "Something went wrong on our side. Nothing was written.")
}

fn store_problem(error: &StoreError) -> Problem {
    match error {
        StoreError::Busy => Problem::new(
            Code::Overloaded,
            "The venue is at capacity. Nothing was done; try again in a moment.",
        )
        .retry_after(RETRY_SECONDS_CONTENTION),
        StoreError::CircuitOpen { retry_after } => {
            // A `Retry-After` of a whole second at least: the next probe may need one.
            let seconds = u32::try_from(retry_after.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
            Problem::new(
                Code::Unavailable,
                "The venue's store does not answer at the moment. Nothing was done; try again in a few seconds.",
            )
            .retry_after(seconds)
        }
        StoreError::Conflict(_) => contention(),
        StoreError::Unavailable(_) => unavailable(),
        StoreError::Corrupt(_) => Problem::new(
            Code::Internal,
            "Something went wrong on our side. Look at your balance and your orders before you try again.",
        ),
        StoreError::Invalid(_) => nothing_written(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use cnop_store::Invalid;
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// A client that reads "nothing was written" sends the command again.
    #[test]
    fn only_errors_with_a_known_outcome_say_that_nothing_was_written() {
        let detail = |error| Problem::from(Error::Store(error)).detail;
        let open = StoreError::CircuitOpen { retry_after: Duration::from_millis(1_001) };
        for error in [StoreError::Busy, open, StoreError::Conflict(Vec::new()), Invalid::NoWrites.into()] {
            assert!(detail(error).contains("Nothing was"));
        }
        for error in [StoreError::unavailable("cut off"), StoreError::corrupt("odd bytes")] {
            let detail = detail(error);
            assert!(detail.contains("Look at your balance") && !detail.contains("Nothing"), "{detail}");
        }
    }

    #[test]
    fn a_fault_keeps_its_chain_of_causes_and_a_refusal_has_none() {
        let cause = |error: Error| Problem::from(error).cause;
        let corrupt = cause(StoreError::corrupt("odd bytes").into());
        let expected = "the table could not be read or written: the store's data cannot be read: odd bytes";
        assert_eq!(corrupt.as_deref(), Some(expected));
        assert_eq!(cause(Error::Unavailable("the model")).as_deref(), Some("the model is not answering"));
        for error in [Error::Contention, Error::PriceStale { age_ms: 1, max_ms: 1 }, StoreError::Busy.into()]
        {
            assert_eq!(cause(error), None);
        }
    }

    #[test]
    fn converting_an_error_logs_nothing() {
        let lines = Arc::new(AtomicU32::new(0));
        tracing::subscriber::with_default(Lines(Arc::clone(&lines)), || {
            let error = || Error::Store(StoreError::corrupt("odd bytes"));
            assert_eq!(Problem::from(error()), Problem::from(error()));
            assert_eq!(lines.load(Ordering::Relaxed), 0);
            tracing::error!("counted");
            assert_eq!(lines.load(Ordering::Relaxed), 1);
        });
    }

    struct Lines(Arc<AtomicU32>);

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }
}
