//! The lease of the feed: its holder leads.

use super::patience::patiently;
use super::{FEED, FeedGroup, FeedNews, FeedRole, LEASE_DURATION, Leadership};
use crate::Snapshot;

impl Leadership {
    pub(super) async fn renew(&mut self, now_us: i64) {
        let FeedRole::Leader { lease, .. } = &self.role else { return };
        let lease = lease.clone();
        match patiently(self.group.coordinator.lease_renew(&lease, LEASE_DURATION)).await {
            Ok(Some(lease)) => {
                self.role_set(FeedRole::Leader { lease, renewed_us: now_us });
                self.send(FeedNews::Alive { generation: self.stamp.generation }, &[]).await;
            }
            Ok(None) => {
                self.role_set(FeedRole::Follower { heard_us: None });
                self.acquire(now_us).await;
            }
            // Not a loss: this server leads until it hears of a newer epoch.
            Err(error) => {
                tracing::debug!(%error, "the lease of the feed could not be renewed");
                self.role_set(FeedRole::Leader { lease, renewed_us: now_us });
            }
        }
    }

    pub(super) async fn acquire(&mut self, now_us: i64) {
        // Without ears it would not learn of a newer leader. Quotes of a clock that is ahead would keep those of all others
        // out until its time has come.
        if self.subscription.is_none() || !self.clock_look(now_us).await {
            self.reach.unanswered(now_us);
            return;
        }
        let FeedGroup { coordinator, server } = &self.group;
        match patiently(coordinator.lease_acquire(FEED, server, LEASE_DURATION)).await {
            Ok(Some(lease)) => {
                self.reach.answered();
                // What the leader before has published may be newer than what was heard.
                if let Some(whole) = self.cached_snapshot().await {
                    self.whole_publish(whole);
                }
                self.waiting.clear();
                (self.is_behind, self.is_mixed) = (false, false);
                self.cached = None;
                (self.epoch, self.own_epoch) = (lease.epoch, lease.epoch);
                self.role_set(FeedRole::Leader { lease, renewed_us: now_us });
                let present = self.market.snapshot();
                if present.iter().next().is_some() {
                    // The others learn at once from where this leader continues.
                    self.lead(Snapshot::clone(&present)).await;
                }
            }
            Ok(None) => self.reach.answered(),
            Err(error) => {
                tracing::debug!(%error, "the lease of the feed could not be acquired");
                self.reach.unanswered(now_us);
            }
        }
    }
}
