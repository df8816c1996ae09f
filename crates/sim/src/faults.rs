//! Faults of the table at random, at set rates.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_store::StoreError;
use cnop_testkit::{CommitFault, FaultInjector, SeededRng};

/// Faults of a table in a thousand calls each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultRates {
    /// The transaction is not applied, and the outcome is reported as unknown.
    pub lost_before: u64,
    /// The transaction is applied, and the outcome is reported as unknown.
    pub lost_after: u64,
    /// A transaction is refused as if another server had been first.
    pub conflict: u64,
    /// A transaction is refused because there is too much to do.
    pub busy: u64,
    /// A read is not answered.
    pub read: u64,
}

impl FaultRates {
    /// As bad as a day may become.
    pub const BAD_DAY: Self = Self { lost_before: 20, lost_after: 30, conflict: 20, busy: 10, read: 3 };
}

/// Number of faults of each kind that were injected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Transactions that were not done.
    pub lost_before: u64,
    /// Transactions that were done all the same.
    pub lost_after: u64,
    /// Number of simulated conflicts.
    pub conflict: u64,
    /// Number of simulated overloads.
    pub busy: u64,
    /// Reads without an answer.
    pub read: u64,
}

/// The faults of one day: those that a [`FlakyTable`](cnop_testkit::FlakyTable) injects, and their number.
#[derive(Debug)]
pub struct Faults {
    rates: FaultRates,
    is_on: AtomicBool,
    state: Mutex<(SeededRng, FaultCounts)>,
}

impl Faults {
    /// Faults at these rates, from a seed. They are disabled at first.
    #[must_use]
    pub fn new(rates: FaultRates, seed: u64) -> Self {
        let state = Mutex::new((SeededRng::new(seed, "faults"), FaultCounts::default()));
        Self { rates, is_on: AtomicBool::new(false), state }
    }

    /// Enables or disables the faults.
    pub fn enable(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::SeqCst);
    }

    /// The faults so far.
    #[must_use]
    pub fn counts(&self) -> FaultCounts {
        self.state().1
    }

    fn state(&self) -> MutexGuard<'_, (SeededRng, FaultCounts)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultInjector for Faults {
    fn on_commit(&self) -> Option<CommitFault> {
        if !self.is_on.load(Ordering::SeqCst) {
            return None;
        }
        let (rng, counts) = &mut *self.state();
        let mut left = rng.below(1_000);
        for (rate, count, fault) in [
            (self.rates.lost_before, &mut counts.lost_before, CommitFault::RequestLost),
            (self.rates.lost_after, &mut counts.lost_after, CommitFault::AnswerLost),
            (self.rates.conflict, &mut counts.conflict, CommitFault::Conflict),
            (self.rates.busy, &mut counts.busy, CommitFault::Busy),
        ] {
            if left < rate {
                *count += 1;
                return Some(fault);
            }
            left -= rate;
        }
        None
    }

    fn on_read(&self) -> Option<StoreError> {
        if !self.is_on.load(Ordering::SeqCst) {
            return None;
        }
        let (rng, counts) = &mut *self.state();
        if !rng.per_mille(self.rates.read) {
            return None;
        }
        counts.read += 1;
        Some(StoreError::unavailable("an injected fault: the read is not answered"))
    }
}
