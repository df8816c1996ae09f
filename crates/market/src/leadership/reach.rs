//! Knowledge of a server about its way to the coordinator.

/// Time without an answer of the coordinator, in µs, after which a server that hears no leader feeds itself.
const UNANSWERED_US: i64 = 3_000_000;

/// A server's way to the coordinator.
#[derive(Debug, Default)]
pub(super) struct CoordinatorReach {
    /// Time of the first failure in a row.
    unanswered_us: Option<i64>,
    pub(super) looked_us: Option<i64>,
    /// At the last look, the clock agreed with the coordinator's.
    pub(super) is_clock_right: bool,
}

impl CoordinatorReach {
    pub(super) fn answered(&mut self) {
        self.unanswered_us = None;
    }

    pub(super) fn unanswered(&mut self, now_us: i64) {
        self.unanswered_us.get_or_insert(now_us);
    }

    /// Returns true if the coordinator has not answered for long. A server whose clock was wrong before does not count:
    /// its quotes would keep those of all others out afterwards.
    pub(super) fn is_lost(&self, now_us: i64) -> bool {
        let is_long = |since_us| now_us.saturating_sub(since_us) >= UNANSWERED_US;
        self.is_clock_right && self.unanswered_us.is_some_and(is_long)
    }
}
