//! Faults of a coordinator at random, at set rates, and their number.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::SeededRng;

/// Faults of a coordinator in a thousand calls or messages each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CoordinatorFaultRates {
    /// A call does not arrive: nothing is done, and the caller hears `Unavailable`.
    pub call_lost: u64,
    /// A call is done, and the caller hears `Unavailable`.
    pub answer_lost: u64,
    /// A call of a lease is done, and its answer waits for the next [`advance`](crate::FlakyCoordinator::advance).
    pub lease_late: u64,
    /// A message is published twice.
    pub publish_doubled: u64,
    /// A message does not reach this server's subscription, which learns of the gap.
    pub message_lost: u64,
    /// A message, and those of its topic behind it, waits for the next advance.
    pub message_late: u64,
}

impl CoordinatorFaultRates {
    /// The highest rates of a simulated day.
    pub const BAD_DAY: Self = Self {
        call_lost: 10,
        answer_lost: 10,
        lease_late: 10,
        publish_doubled: 20,
        message_lost: 30,
        message_late: 50,
    };
}

/// Number of faults of each kind that were injected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CoordinatorFaultCounts {
    /// Calls that did not arrive.
    pub calls_lost: u64,
    /// Calls that were done without an answer.
    pub answers_lost: u64,
    /// Calls of leases that were answered late.
    pub leases_late: u64,
    /// Messages published twice.
    pub publishes_doubled: u64,
    /// Messages that did not reach a subscription.
    pub messages_lost: u64,
    /// Messages that were late.
    pub messages_late: u64,
}

/// Fate of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallFate {
    Done,
    Lost,
    AnswerLost,
    AnswerLate,
}

/// Fate of one message on its way to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MessageFate {
    Delivered,
    Lost,
    Late,
}

/// The seeded source of the faults.
#[derive(Debug)]
pub(super) struct CoordinatorFaults {
    state: Mutex<FaultState>,
}

#[derive(Debug)]
struct FaultState {
    rates: CoordinatorFaultRates,
    rng: SeededRng,
    counts: CoordinatorFaultCounts,
}

impl CoordinatorFaults {
    pub(super) fn new(seed: u64, name: &str) -> Self {
        let rng = SeededRng::new(seed, name);
        let counts = CoordinatorFaultCounts::default();
        Self { state: Mutex::new(FaultState { rates: CoordinatorFaultRates::default(), rng, counts }) }
    }

    pub(super) fn rates_set(&self, rates: CoordinatorFaultRates) {
        self.state().rates = rates;
    }

    pub(super) fn counts(&self) -> CoordinatorFaultCounts {
        self.state().counts
    }

    pub(super) fn call(&self, of_lease: bool) -> CallFate {
        let FaultState { rates, rng, counts } = &mut *self.state();
        let late = if of_lease { rates.lease_late } else { 0 };
        let mut left = rng.below(1_000);
        for (rate, count, fate) in [
            (rates.call_lost, &mut counts.calls_lost, CallFate::Lost),
            (rates.answer_lost, &mut counts.answers_lost, CallFate::AnswerLost),
            (late, &mut counts.leases_late, CallFate::AnswerLate),
        ] {
            if left < rate {
                *count += 1;
                return fate;
            }
            left -= rate;
        }
        CallFate::Done
    }

    pub(super) fn is_doubled(&self) -> bool {
        let FaultState { rates, rng, counts } = &mut *self.state();
        let is_doubled = rng.per_mille(rates.publish_doubled);
        counts.publishes_doubled += u64::from(is_doubled);
        is_doubled
    }

    pub(super) fn message(&self) -> MessageFate {
        let FaultState { rates, rng, counts } = &mut *self.state();
        let left = rng.below(1_000);
        if left < rates.message_lost {
            counts.messages_lost += 1;
            MessageFate::Lost
        } else if left < rates.message_lost + rates.message_late {
            counts.messages_late += 1;
            MessageFate::Late
        } else {
            MessageFate::Delivered
        }
    }

    pub(super) fn lost(&self, messages: u64) {
        self.state().counts.messages_lost += messages;
    }

    fn state(&self) -> MutexGuard<'_, FaultState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
