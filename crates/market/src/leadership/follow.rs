//! The follower's part: messages of the leader become snapshots.

use super::message::{FeedMessage, FeedNews};
use super::patience::patiently;
use super::ticks::FeedTick;
use super::{FeedRole, Leadership, WANTED_US, difference, snapshot_cache};
use crate::Snapshot;

impl Leadership {
    /// Follows a message of the leader.
    pub(super) async fn follow(&mut self, message: &FeedMessage, changes: &[u8]) {
        if message.feed != self.feed {
            if !std::mem::replace(&mut self.has_told_other, true) {
                tracing::error!(
                    theirs = message.feed.source.as_str(),
                    "another server has another feed or another simulated market; its prices are ignored"
                );
            }
            return;
        }
        if message.news == FeedNews::Wanted {
            self.is_wanted = true;
            self.is_overtaken |= message.cached > self.market.snapshot().generation;
            return;
        }
        if message.epoch < self.epoch || message.epoch == self.own_epoch {
            return;
        }
        if message.epoch > self.epoch {
            self.epoch = message.epoch;
            self.waiting.clear();
        }
        (self.is_wanted, self.is_overtaken) = (false, false);
        self.reach.answered();
        let now_us = self.clock.now_us();
        self.role_set(FeedRole::Follower { heard_us: Some(now_us) });
        match message.news {
            FeedNews::Wanted => {}
            FeedNews::Alive { generation } => self.is_behind |= generation > self.stamp.generation,
            FeedNews::Resigned => self.role_set(FeedRole::Follower { heard_us: None }),
            FeedNews::Part(part) => {
                if let Some(tick) = self.assembly.add(&part, changes) {
                    self.tick_take(tick);
                }
            }
        }
        if self.is_behind || self.is_mixed {
            self.is_behind = true;
            self.catch_up(message.cached, now_us).await;
        }
    }

    fn tick_take(&mut self, tick: FeedTick) {
        if tick.stamp.generation <= self.stamp.generation {
            return;
        }
        if tick.after == Some(self.stamp) && !self.is_mixed {
            self.tick_publish(tick);
            self.is_behind = !self.waiting.is_empty();
        } else {
            self.waiting.push(tick);
            self.is_behind = true;
        }
    }

    fn tick_publish(&mut self, tick: FeedTick) {
        let before = self.market.snapshot();
        let mut next = Snapshot::clone(&before);
        // A server that fed itself may show a later generation. It says so, and the leader then goes beyond it.
        next.generation = tick.stamp.generation.max(before.generation.saturating_add(1));
        // A market without prices has shown no time yet.
        let is_earlier = before.iter().next().is_some() && tick.time_us < before.time_us;
        next.time_us = if is_earlier { before.time_us } else { tick.time_us };
        self.is_mixed = difference::apply(&mut next, tick.changes) || is_earlier;
        self.stamp = tick.stamp;
        self.market.publish(next);
    }

    /// Publishes a whole snapshot, if it is newer than the one that this server has from a leader.
    pub(super) fn whole_publish(&mut self, whole: FeedTick) {
        if whole.stamp.generation > self.stamp.generation {
            self.tick_publish(whole);
        }
    }

    /// Reads the whole snapshot when the cache has one that is new enough; otherwise asks for it.
    async fn catch_up(&mut self, cached: u64, now_us: i64) {
        if cached > self.stamp.generation
            && cached >= self.waiting.base()
            && let Some(whole) = self.cached_snapshot().await
            && whole.stamp.epoch == self.epoch
        {
            self.whole_publish(whole);
            while !self.is_mixed
                && let Some(tick) = self.waiting.next_after(self.stamp)
            {
                self.tick_publish(tick);
            }
            self.is_behind = self.is_mixed || !self.waiting.is_empty();
        }
        if self.is_behind && self.wanted_us.is_none_or(|wanted_us| now_us - wanted_us >= WANTED_US) {
            self.wanted_us = Some(now_us);
            self.send(FeedNews::Wanted, &[]).await;
        }
    }

    pub(super) async fn cached_snapshot(&self) -> Option<FeedTick> {
        patiently(snapshot_cache::get(self.group.coordinator.as_ref(), self.feed))
            .await
            .inspect_err(|error| tracing::debug!(%error, "the snapshot cannot be read from the cache"))
            .ok()?
    }
}
