//! A server that reaches neither a leader nor the coordinator feeds itself. Its quotes would get too old to trade on
//! otherwise: no stop of the books that it owns would be acted on.
//!
//! No epoch begins and nothing is sent. The first message of a leader, or an answer of the coordinator, ends it. Simulated
//! prices are a function of time, so all servers show the same ones meanwhile.

use super::message::FeedStamp;
use super::patience::patiently;
use super::{FeedRole, Leadership, difference};
use crate::Snapshot;

/// Time between two looks at the coordinator's clock, in µs.
const LOOK_US: i64 = 10_000_000;
/// Largest difference of the clock of a server that makes prices to the coordinator's, in µs.
const CLOCK_DIFFERENCE_US_MAX: i64 = 2_000_000;

impl Leadership {
    /// Returns true while this server makes prices: for all, or for its own readers only.
    pub(crate) fn feeds(&self) -> bool {
        self.leads() || self.is_alone()
    }

    /// Returns true while this server makes prices for its own readers only.
    pub(super) fn is_alone(&self) -> bool {
        let FeedRole::Follower { heard_us } = &self.role else { return false };
        let now_us = self.clock.now_us();
        self.is_silent(*heard_us, now_us) && self.reach.is_lost(now_us)
    }

    /// Publishes a snapshot to the readers of this server only.
    pub(super) fn alone_publish(&mut self, mut next: Snapshot) {
        if self.stamp != FeedStamp::default() {
            tracing::warn!(
                "neither a leader of the feed nor the coordinator is reached: this server feeds itself"
            );
        }
        let before = self.market.snapshot();
        difference::newest_keep(&before, &mut next);
        next.generation = before.generation.saturating_add(1);
        // No leader's tick continues this content; a whole snapshot replaces it.
        (self.stamp, self.is_mixed) = (FeedStamp::default(), true);
        self.waiting.clear();
        self.market.publish(next);
    }

    /// Compares the clock with the coordinator's from time to time, while it can be asked.
    pub(super) async fn clock_look_if_due(&mut self, now_us: i64) {
        if self.reach.looked_us.is_none_or(|looked_us| now_us.saturating_sub(looked_us) >= LOOK_US) {
            self.clock_look(now_us).await;
        }
    }

    /// Compares the clock with the coordinator's. Returns true if they agree.
    pub(super) async fn clock_look(&mut self, now_us: i64) -> bool {
        self.reach.looked_us = Some(now_us);
        match patiently(self.group.coordinator.time_us()).await {
            Ok(time_us) => {
                self.reach.is_clock_right =
                    time_us.abs_diff(now_us) <= CLOCK_DIFFERENCE_US_MAX.unsigned_abs();
                if !self.reach.is_clock_right {
                    let ahead_ms = now_us.saturating_sub(time_us) / 1_000;
                    tracing::warn!(
                        ahead_ms,
                        "the clock differs from the coordinator's; this server does not lead the feed"
                    );
                }
                self.reach.is_clock_right
            }
            Err(error) => {
                tracing::debug!(%error, "the coordinator's clock cannot be read");
                false
            }
        }
    }
}
