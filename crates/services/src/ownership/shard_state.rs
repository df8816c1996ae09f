//! The life of one shard on one server, as a pure function of time, members and the answers about its lease.

use super::members::MEMBER_SILENCE_US;

/// Duration of a lease, in µs.
pub(crate) const LEASE_US: i64 = 2_000_000;
/// Interval at which a lease is renewed, in µs.
pub(crate) const RENEW_US: i64 = 500_000;
/// Interval at which a free lease is tried, in µs.
const TRY_US: i64 = 250_000;
/// Time that a shard stays without an owner before a member takes it that is not the preferred one, in µs.
const ORPHAN_US: i64 = 1_500_000;
/// Time for which another member is preferred before a shard is given to it, in µs: members that come and go quickly
/// move nothing.
const RELEASE_AFTER_US: i64 = 1_000_000;
/// Longest time that running jobs delay the release of a shard, in µs. Afterwards its next owner finds their orders.
const FINISH_MAX_US: i64 = 2_000_000;

/// Part of the shard that the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardPhase {
    /// Nothing.
    None,
    /// The lease; its books are being filled from the table.
    Rebuilding { epoch: u64 },
    /// The lease and the books.
    Owned { epoch: u64 },
    /// The lease, for as long as running jobs need. Quotes reach nothing any more.
    Releasing { epoch: u64, since_us: i64 },
}

/// Circumstances in which the server decides about a shard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) now_us: i64,
    /// This server is the preferred owner.
    pub(crate) is_preferred: bool,
    /// Another member says that it holds the shard.
    pub(crate) is_held: bool,
    /// No other member was heard since the last renewal, and the coordinator has answered.
    pub(crate) is_alone: bool,
    /// The shard has running jobs.
    pub(crate) has_jobs: bool,
}

/// A question to the coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseCall {
    Acquire,
    /// Renew it; one that has expired is acquired again if nobody else has it.
    Renew,
    Release,
}

/// The coordinator's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseAnswer {
    /// The server holds the lease with this epoch.
    Held(u64),
    /// It does not: another one has it, it has expired, or it was released.
    NotHeld,
    /// No answer.
    Away,
}

/// Change of the shard's books that follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardChange {
    /// Fill them from the table.
    Rebuild { epoch: u64 },
    /// Keep them under a new epoch: nobody else can have had the shard.
    Keep { epoch: u64 },
    /// Compare them with the table: the coordinator was away, and messages may be lost.
    Reconcile,
    /// Empty them: another server has the shard.
    Empty,
    /// Empty them, and say that the shard is free.
    Released,
}

/// The state of one shard on one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShardState {
    phase: ShardPhase,
    /// Last answer that the lease is held, or last attempt.
    asked_us: i64,
    /// Since when no other member holds it, as far as this server has heard.
    free_since_us: Option<i64>,
    /// Since when another member is preferred.
    unpreferred_since_us: Option<i64>,
    /// Renewals have no answer.
    is_away: bool,
}

impl Default for ShardState {
    fn default() -> Self {
        Self {
            phase: ShardPhase::None,
            asked_us: i64::MIN,
            free_since_us: None,
            unpreferred_since_us: None,
            is_away: false,
        }
    }
}

impl ShardState {
    pub(crate) const fn phase(&self) -> ShardPhase {
        self.phase
    }

    /// Returns true if the coordinator did not answer the last renewal.
    pub(crate) const fn is_away(&self) -> bool {
        self.is_away
    }

    /// Time of the last answer that the lease is held, or of the last attempt.
    pub(crate) const fn asked_us(&self) -> i64 {
        self.asked_us
    }

    /// Epoch of the lease, while it is held.
    pub(crate) const fn epoch(&self) -> Option<u64> {
        match self.phase {
            ShardPhase::None => None,
            ShardPhase::Rebuilding { epoch }
            | ShardPhase::Owned { epoch }
            | ShardPhase::Releasing { epoch, .. } => Some(epoch),
        }
    }

    /// The next call, if one is due.
    pub(crate) fn call(&mut self, seen: &Seen) -> Option<LeaseCall> {
        let since_asked_us = seen.now_us.saturating_sub(self.asked_us);
        match self.phase {
            ShardPhase::None => {
                self.unpreferred_since_us = None;
                if seen.is_held {
                    self.free_since_us = None;
                    return None;
                }
                let free_since_us = *self.free_since_us.get_or_insert(seen.now_us);
                let is_orphan = seen.now_us.saturating_sub(free_since_us) >= ORPHAN_US;
                ((seen.is_preferred || is_orphan) && since_asked_us >= TRY_US).then_some(LeaseCall::Acquire)
            }
            ShardPhase::Releasing { since_us, .. } => {
                let is_late = seen.now_us.saturating_sub(since_us) >= FINISH_MAX_US;
                if seen.has_jobs && !is_late {
                    return (since_asked_us >= RENEW_US).then_some(LeaseCall::Renew);
                }
                Some(LeaseCall::Release)
            }
            ShardPhase::Rebuilding { .. } | ShardPhase::Owned { .. } => {
                if seen.is_preferred {
                    self.unpreferred_since_us = None;
                } else {
                    self.unpreferred_since_us.get_or_insert(seen.now_us);
                }
                (since_asked_us >= RENEW_US).then_some(LeaseCall::Renew)
            }
        }
    }

    /// Begins to give the shard away, if another member has been preferred for long enough or the server drains.
    /// Returns true if it has begun now.
    pub(crate) fn yield_it(&mut self, now_us: i64, is_draining: bool) -> bool {
        let Some(since_us) = self.unpreferred_since_us else { return false };
        if self.is_away || (!is_draining && now_us.saturating_sub(since_us) < RELEASE_AFTER_US) {
            return false;
        }
        let (ShardPhase::Owned { epoch } | ShardPhase::Rebuilding { epoch }) = self.phase else {
            return false;
        };
        self.phase = ShardPhase::Releasing { epoch, since_us: now_us };
        true
    }

    /// Takes the answer to a call.
    pub(crate) fn answer(
        &mut self,
        call: LeaseCall,
        answer: LeaseAnswer,
        seen: &Seen,
    ) -> Option<ShardChange> {
        let was_away = self.is_away;
        match (call, answer) {
            (LeaseCall::Acquire, LeaseAnswer::Held(epoch)) => Some(self.hold(epoch, seen)),
            (LeaseCall::Acquire, LeaseAnswer::NotHeld | LeaseAnswer::Away) => {
                self.asked_us = seen.now_us;
                // It answers, and a server that was not heard here has the lease.
                if answer == LeaseAnswer::NotHeld {
                    self.free_since_us = Some(seen.now_us);
                }
                None
            }
            (LeaseCall::Renew, LeaseAnswer::Held(epoch)) if self.epoch() != Some(epoch) => {
                Some(self.hold(epoch, seen))
            }
            (LeaseCall::Renew, LeaseAnswer::Held(_)) => {
                self.asked_us = seen.now_us;
                self.is_away = false;
                was_away.then_some(ShardChange::Reconcile)
            }
            (LeaseCall::Renew, LeaseAnswer::NotHeld) => Some(self.lose()),
            (LeaseCall::Renew, LeaseAnswer::Away) => {
                self.asked_us = seen.now_us;
                self.is_away = true;
                None
            }
            // Without an answer the lease expires by itself.
            (LeaseCall::Release, _) => {
                self.lose();
                // The next owner was chosen: no attempt before it has had its time.
                self.asked_us = seen.now_us.saturating_add(MEMBER_SILENCE_US - TRY_US);
                Some(ShardChange::Released)
            }
        }
    }

    /// Takes a new lease. One that had expired, while nobody else can have had it, changes nothing but the epoch.
    const fn hold(&mut self, epoch: u64, seen: &Seen) -> ShardChange {
        self.asked_us = seen.now_us;
        self.is_away = false;
        match self.phase {
            ShardPhase::Owned { .. } if seen.is_alone => {
                self.phase = ShardPhase::Owned { epoch };
                ShardChange::Keep { epoch }
            }
            ShardPhase::Releasing { since_us, .. } if seen.is_alone => {
                self.phase = ShardPhase::Releasing { epoch, since_us };
                ShardChange::Keep { epoch }
            }
            _ => {
                self.phase = ShardPhase::Rebuilding { epoch };
                ShardChange::Rebuild { epoch }
            }
        }
    }

    /// The books are filled.
    pub(crate) const fn rebuilt(&mut self, of: u64) {
        if let ShardPhase::Rebuilding { epoch } = self.phase
            && epoch == of
        {
            self.phase = ShardPhase::Owned { epoch };
        }
    }

    /// The books must be filled anew, under the same lease.
    pub(crate) const fn rebuild(&mut self) -> Option<u64> {
        if let ShardPhase::Owned { epoch } | ShardPhase::Rebuilding { epoch } = self.phase {
            self.phase = ShardPhase::Rebuilding { epoch };
            return Some(epoch);
        }
        None
    }

    /// The shard is another server's.
    pub(crate) fn lose(&mut self) -> ShardChange {
        *self = Self::default();
        ShardChange::Empty
    }
}
