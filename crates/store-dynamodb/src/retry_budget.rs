//! The budget of retries of transactions.

use std::sync::atomic::{AtomicU32, Ordering};

/// Tokens of a full budget, as in the SDK.
const TOKENS_MAX: u32 = 500;
/// Tokens that a retry takes after an answer that nothing was written.
pub(crate) const COST_REFUSED: u32 = 5;
/// Tokens that a retry takes after no answer: it has used up a timeout.
pub(crate) const COST_UNKNOWN: u32 = 10;
/// Tokens that a transaction gives back when it succeeds.
const RETURNED: u32 = 1;

/// Tokens for retries. While most transactions fail, the budget is soon empty, and each is tried once. Retries of all
/// clients must not multiply the load of a table that is overloaded.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    tokens: AtomicU32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { tokens: AtomicU32::new(TOKENS_MAX) }
    }
}

impl RetryBudget {
    /// Takes the tokens of a retry; false when there are too few.
    pub(crate) fn take(&self, cost: u32) -> bool {
        let less = |tokens: u32| tokens.checked_sub(cost);
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    /// Gives tokens back after a success.
    pub(crate) fn succeeded(&self) {
        let more = |tokens: u32| (tokens < TOKENS_MAX).then(|| (tokens + RETURNED).min(TOKENS_MAX));
        // A full budget stays as it is.
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without a budget, eight attempts of every transaction would reach a table that refuses because it is overloaded.
    #[test]
    fn a_budget_is_used_up_and_earned_again() {
        let budget = RetryBudget::default();
        let taken = (0..1_000).filter(|_| budget.take(COST_REFUSED)).count();
        assert_eq!(taken, 100);
        for _ in 0..COST_UNKNOWN {
            assert!(!budget.take(COST_UNKNOWN));
            budget.succeeded();
        }
        assert!(budget.take(COST_UNKNOWN));
        for _ in 0..2 * TOKENS_MAX {
            budget.succeeded();
        }
        assert_eq!((0..1_000).filter(|_| budget.take(COST_UNKNOWN)).count(), 50);
    }
}
