//! Why a use case refuses, and the one place where a refusal becomes a [`Problem`].

use cnop_api::{Code, FieldError, Problem};
use cnop_coordination::CoordinationError;
use cnop_domain::{Amount, AssetId, Quantity, Rule, Size, TicketFault};
use cnop_market::MarketError;
use cnop_store::StoreError;
use thiserror::Error;

/// Seconds after which a client may try again when something behind us is down.
const RETRY_SECONDS_UNAVAILABLE: u32 = 2;
/// Seconds after which a client may try again when his own account is busy.
const RETRY_SECONDS_CONTENTION: u32 = 1;

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case refuses. [`Problem`] is its only form outside.
#[derive(Debug, Error)]
pub enum Error {
    /// Fields that break rules, at least one.
    #[error("some fields break a rule")]
    Invalid(Vec<FieldError>),
    /// A refusal whose sentence the use case has written itself.
    #[error("refused: {}", .0.code.as_str())]
    Refused(Box<Problem>),
    /// Too little money.
    #[error("the available balance is too small")]
    InsufficientFunds {
        /// What can be spent.
        available: Amount,
        /// What would be needed.
        needed: Amount,
        /// `order` or `withdrawal`, for the sentence.
        purpose: &'static str,
    },
    /// Too few coins.
    #[error("the available quantity is too small")]
    InsufficientQuantity {
        /// Of what.
        asset_id: AssetId,
        /// What can be sold.
        available: Quantity,
        /// What would be needed.
        needed: Quantity,
    },
    /// The order breaks a trading rule.
    #[error("the order breaks a trading rule")]
    Ticket {
        /// Of which asset.
        asset_id: AssetId,
        /// Which rule, and what would be right.
        fault: Box<TicketFault>,
    },
    /// The price is too old to trade on.
    #[error("the price is {age_ms} ms old")]
    PriceStale {
        /// How old it is.
        age_ms: u64,
        /// How old it may be.
        max_ms: u64,
    },
    /// The account's state could not be changed: too many others change it.
    #[error("too many commands on one account")]
    Contention,
    /// What is stored or computed does not agree with itself; nothing was written.
    #[error("the books would not balance: {0}")]
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
    /// A fault of our own; the text is for the log only.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Error {
    /// An asset that the catalogue does not have.
    pub(crate) fn unknown_asset(asset_id: AssetId) -> Self {
        let detail = format!("There is no asset {asset_id} at this venue.");
        Problem::new(Code::AssetNotFound, detail).with_fact("asset_id", asset_id).into()
    }

    /// Whether what is stored says nothing that we understand: reading it again would not help.
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
        match error {
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Refused(problem) => *problem,
            Error::InsufficientFunds { available, needed, purpose } => Self::new(
                Code::BalanceInsufficientFunds,
                format!("You have {available} USD available. This {purpose} needs {needed} USD."),
            )
            .with_fact("available", available)
            .with_fact("needed", needed),
            Error::InsufficientQuantity { asset_id, available, needed } => Self::new(
                Code::BalanceInsufficientQuantity,
                format!("You have {available} {asset_id} available. This order needs {needed} {asset_id}."),
            )
            .with_fact("asset_id", asset_id)
            .with_fact("available", available)
            .with_fact("needed", needed),
            Error::Ticket { asset_id, fault } => ticket_problem(asset_id, &fault),
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
            Error::Contention => Self::new(
                Code::Contention,
                "Too many commands on this account are waiting. Nothing was done; try again in a second.",
            )
            .retry_after(RETRY_SECONDS_CONTENTION),
            Error::Invariant(detail) => {
                tracing::error!(%detail, "a command was stopped because the books would not balance");
                Self::new(
                    Code::LedgerInvariant,
                    "The books would not balance, so nothing was written. We have been told.",
                )
                .retry_after(RETRY_SECONDS_UNAVAILABLE)
            }
            Error::Store(error) => store_problem(&error),
            Error::Coordination(error) => {
                tracing::warn!(%error, "the coordinator is not answering");
                unavailable()
            }
            Error::Market(MarketError::UnknownAsset) => {
                Self::new(Code::AssetNotFound, "There is no such asset at this venue.")
            }
            Error::Market(MarketError::Unavailable) => {
                tracing::warn!("the price feed is not answering");
                unavailable()
            }
            Error::Unavailable(what) => {
                tracing::warn!(dependency = what, "a dependency is not answering");
                unavailable()
            }
            Error::Internal(detail) => {
                tracing::error!(%detail, "internal fault");
                Self::new(Code::Internal, "Something went wrong on our side. Nothing was written.")
            }
        }
    }
}

fn unavailable() -> Problem {
    Problem::new(
        Code::Unavailable,
        "A part of the venue is not answering. Look at your balance and your orders before you try again.",
    )
    .retry_after(RETRY_SECONDS_UNAVAILABLE)
}

fn store_problem(error: &StoreError) -> Problem {
    match error {
        StoreError::Busy => Problem::new(
            Code::Overloaded,
            "The venue is at capacity. Nothing was done; try again in a moment.",
        )
        .retry_after(RETRY_SECONDS_CONTENTION),
        StoreError::Conflict(_) => Error::Contention.into(),
        StoreError::Unavailable(_) => {
            tracing::warn!(%error, "the table is not answering");
            unavailable()
        }
        StoreError::Corrupt(_) => {
            tracing::error!(%error, cause = ?error, "what is stored cannot be read");
            Problem::new(
                Code::Internal,
                "Something went wrong on our side. Look at your balance and your orders before you try again.",
            )
        }
        StoreError::Invalid(_) => {
            tracing::error!(%error, "the table refused a request of ours");
            Problem::new(Code::Internal, "Something went wrong on our side. Nothing was written.")
        }
    }
}

fn ticket_problem(asset_id: AssetId, fault: &TicketFault) -> Problem {
    let code = match fault.rule {
        Rule::Positive => Code::RequestInvalid,
        Rule::StepSize => Code::OrderStepSize,
        Rule::MinQuantity | Rule::MaxQuantity => Code::OrderQuantityRange,
        Rule::MinNotional | Rule::MaxNotional | Rule::OrderNotionalMax => Code::OrderNotionalRange,
        Rule::Exact => Code::OrderTickSize,
    };
    let text = |size: &Size| match size {
        Size::Base(quantity) => quantity.to_string(),
        Size::Quote(amount) => amount.to_string(),
    };
    let member = match fault.given {
        Size::Base(_) => "quantity",
        Size::Quote(_) => "quote_quantity",
    };
    let detail = fault.detail(asset_id);
    Problem::new(code, detail.clone()).with_error(
        FieldError::new(member, fault.rule.as_str(), detail)
            .given(text(&fault.given))
            .nearest(fault.nearest.iter().map(text).collect()),
    )
}

#[cfg(test)]
mod tests {
    use cnop_store::Invalid;

    use super::*;

    /// Whoever is told that nothing was written sends the command again.
    #[test]
    fn nothing_was_written_is_said_only_where_it_is_known() {
        let detail = |error| Problem::from(Error::Store(error)).detail;
        for error in [StoreError::Busy, StoreError::Conflict(Vec::new()), Invalid::NoWrites.into()] {
            assert!(detail(error).contains("Nothing was"));
        }
        for error in [StoreError::unavailable("cut off"), StoreError::corrupt("odd bytes")] {
            let detail = detail(error);
            assert!(detail.contains("Look at your balance") && !detail.contains("Nothing"), "{detail}");
        }
    }
}
