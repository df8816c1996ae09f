//! One feed for all servers. The holder of a lease leads: it makes the snapshots, publishes each to its own readers, and
//! sends the changes to the others. They follow: they publish exactly what they hear.
//!
//! [`Leadership`] is one server's part in it. A feed calls [`Leadership::step`] at intervals, hands it what
//! [`Leadership::heard`] returns, and gives its snapshots to [`Leadership::lead`]. On one machine its server is the only one
//! and always leads.
//!
//! No money depends on the lease. Two leaders at once (one was cut off) each publish to themselves, and as soon as they hear
//! each other the one of the older epoch follows. No quote, time or generation ever goes back on a server.
//!
//! | module | subject |
//! |---|---|
//! | `message` | the layout of messages |
//! | `difference` | changes between snapshots |
//! | `lease` | the lease of the feed |
//! | `follow` | the follower's part |
//! | `alone` | prices of a server that reaches neither a leader nor the coordinator |
//! | `ticks` | ticks in parts, and ticks that wait for an earlier one |
//! | `snapshot_cache` | the whole snapshot in the coordinator's cache |
//! | `reach` | a server's way to the coordinator |
//! | `patience` | bounded waits for the coordinator |
//! | `status` | figures for metrics |

mod alone;
mod difference;
mod follow;
mod lease;
mod message;
mod patience;
mod reach;
mod snapshot_cache;
mod status;
mod ticks;

use std::fmt;
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cnop_coordination::{Coordinator, Lease, Subscription, SubscriptionError};
use cnop_domain::Clock;

pub(crate) use self::message::FeedIdentity;
use self::message::{FeedMessage, FeedNews, FeedStamp, StateChange, TickPart, parts_write};
use self::patience::patiently;
use self::reach::CoordinatorReach;
pub use self::status::FeedStatus;
use self::ticks::{TickAssembly, WaitingTicks};
use crate::{Market, Snapshot};

/// Time between two steps of a feed.
pub(crate) const STEP_INTERVAL: Duration = Duration::from_millis(250);
/// Key of the lease, and topic of the messages.
const FEED: &str = "feed";
/// Duration of the lease.
const LEASE_DURATION: Duration = Duration::from_secs(2);
/// Time between two renewals, in µs. Each is also a sign of life.
const RENEW_US: i64 = 500_000;
/// Silence of the leader, in µs, after which a follower tries to take over.
const SILENCE_US: i64 = 1_000_000;
/// Additional silence, in µs, before a server that shuts down leads again: then there is no other.
const LEAVING_SILENCE_US: i64 = 1_500_000;
/// Time between two whole snapshots in the cache, in µs.
const CACHE_US: i64 = 10_000_000;
/// Time between two requests for a whole snapshot, in µs.
const WANTED_US: i64 = 500_000;
/// Time in µs without messages after one could not be sent. Followers then read the whole snapshot.
const UNSENT_US: i64 = 1_000_000;
/// Messages that one step takes.
const STEP_MESSAGES_MAX: usize = 256;

/// The servers that share a feed, and the name of this one among them.
#[derive(Debug, Clone)]
pub struct FeedGroup {
    /// Leases, messages and cache.
    pub coordinator: Arc<dyn Coordinator>,
    /// Name of this server, unique among all.
    pub server: String,
}

/// Role of a server in the feed.
#[derive(Debug)]
enum FeedRole {
    Follower {
        /// Time of the leader's last sign of life; `None` when nobody leads as far as is known.
        heard_us: Option<i64>,
    },
    Leader {
        lease: Lease,
        renewed_us: i64,
    },
}

/// One server's part in the feed that all share.
pub(crate) struct Leadership {
    group: FeedGroup,
    feed: FeedIdentity,
    market: Market,
    clock: Arc<dyn Clock>,
    status: Arc<FeedStatus>,
    subscription: Option<Subscription>,
    role: FeedRole,
    reach: CoordinatorReach,
    /// The newest epoch that was held or heard. Messages of an older one are ignored.
    epoch: u64,
    /// The newest epoch that this server held. Its messages are its own.
    own_epoch: u64,
    /// Name of the market's present content.
    stamp: FeedStamp,
    assembly: TickAssembly,
    waiting: WaitingTicks,
    /// True when the leader has content that this follower cannot reach by the messages it has.
    is_behind: bool,
    /// True when the content has parts that are newer than the leader's. Only a later whole snapshot replaces them.
    is_mixed: bool,
    wanted_us: Option<i64>,
    /// As leader: generation and time of the newest whole snapshot in the cache.
    cached: Option<(u64, i64)>,
    /// As leader: a follower wants the whole snapshot.
    is_wanted: bool,
    /// As leader: a follower that fed itself has come to a later generation.
    is_overtaken: bool,
    /// No message is sent before this time.
    unsent_until_us: i64,
    is_leaving: bool,
    /// Another feed was heard, and the log says so.
    has_told_other: bool,
}

impl fmt::Debug for Leadership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leadership")
            .field("role", &self.role)
            .field("stamp", &self.stamp)
            .finish_non_exhaustive()
    }
}

impl Leadership {
    /// A follower that has heard nothing yet.
    pub(crate) fn new(group: FeedGroup, feed: FeedIdentity, market: Market, clock: Arc<dyn Clock>) -> Self {
        Self {
            group,
            feed,
            market,
            clock,
            status: Arc::default(),
            subscription: None,
            role: FeedRole::Follower { heard_us: None },
            reach: CoordinatorReach::default(),
            epoch: 0,
            own_epoch: 0,
            stamp: FeedStamp::default(),
            assembly: TickAssembly::default(),
            waiting: WaitingTicks::default(),
            is_behind: false,
            is_mixed: false,
            wanted_us: None,
            cached: None,
            is_wanted: false,
            is_overtaken: false,
            unsent_until_us: 0,
            is_leaving: false,
            has_told_other: false,
        }
    }

    pub(crate) fn status(&self) -> Arc<FeedStatus> {
        Arc::clone(&self.status)
    }

    /// Returns true while this server runs the feed.
    pub(crate) const fn leads(&self) -> bool {
        matches!(self.role, FeedRole::Leader { .. })
    }

    /// Waits for the next message, which goes to [`Leadership::take`]. Canceling it loses nothing.
    pub(crate) async fn heard(&mut self) -> Result<Bytes, SubscriptionError> {
        match &mut self.subscription {
            Some(subscription) => subscription.recv().await,
            None => pending().await,
        }
    }

    /// Does what is due now: takes the messages that wait, renews or acquires the lease, and keeps the cache up to date.
    pub(crate) async fn step(&mut self) {
        self.listen().await;
        for _ in 0..STEP_MESSAGES_MAX {
            let heard = tokio::select! {
                biased;
                heard = self.heard() => heard,
                () = ready(()) => break,
            };
            self.take(heard).await;
        }
        let now_us = self.clock.now_us();
        match &self.role {
            FeedRole::Leader { renewed_us, .. } if now_us - renewed_us >= RENEW_US => {
                self.renew(now_us).await
            }
            FeedRole::Follower { heard_us } if self.is_silent(*heard_us, now_us) => {
                self.acquire(now_us).await
            }
            FeedRole::Follower { .. } => self.clock_look_if_due(now_us).await,
            FeedRole::Leader { .. } => {}
        }
        self.cache(now_us).await;
    }

    /// Takes what [`Leadership::heard`] returned.
    pub(crate) async fn take(&mut self, heard: Result<Bytes, SubscriptionError>) {
        match heard {
            Ok(payload) => match FeedMessage::read(&payload) {
                Some((message, changes)) => self.follow(&message, changes).await,
                None => tracing::warn!("a message of the feed cannot be read"),
            },
            // The next tick does not continue the content then, or the next sign of life names a newer one.
            Err(SubscriptionError::Lagged(_)) => {}
            Err(SubscriptionError::Closed) => self.subscription = None,
        }
    }

    /// Publishes a snapshot that was made from the market's newest one, and sends its changes. Without the lease, only a
    /// server that feeds itself publishes it.
    pub(crate) async fn lead(&mut self, mut next: Snapshot) {
        let FeedRole::Leader { lease, .. } = &self.role else {
            if self.is_alone() {
                self.alone_publish(next);
            }
            return;
        };
        let (epoch, before) = (lease.epoch, self.market.snapshot());
        difference::newest_keep(&before, &mut next);
        next.generation = before.generation.saturating_add(1);
        if std::mem::take(&mut self.is_overtaken) || self.stamp.epoch != epoch {
            // A leader before may have published to others what was not heard here, a few generations each second, and so
            // may a follower that fed itself. Milliseconds grow faster.
            next.generation = next.generation.max(u64::try_from(self.clock.now_us() / 1_000).unwrap_or(0));
        }
        let stamp = FeedStamp { epoch, generation: next.generation };
        let after = std::mem::replace(&mut self.stamp, stamp);
        let (changes, time_us) = (difference::difference(&before, &next), next.time_us);
        self.market.publish(next);
        self.tick_send(&changes, after, time_us).await;
    }

    /// Gives the feed away at once. This server leads again only if no other does.
    pub(crate) async fn leave(&mut self) {
        self.is_leaving = true;
        let FeedRole::Leader { lease, .. } = &self.role else { return };
        let lease = lease.clone();
        self.cache_put(self.clock.now_us()).await;
        if let Err(error) = patiently(self.group.coordinator.lease_release(&lease)).await {
            tracing::warn!(%error, "the lease of the feed could not be released; it expires");
        }
        self.send(FeedNews::Resigned, &[]).await;
        self.role_set(FeedRole::Follower { heard_us: Some(self.clock.now_us()) });
    }

    const fn is_silent(&self, heard_us: Option<i64>, now_us: i64) -> bool {
        let silence_us = if self.is_leaving { SILENCE_US + LEAVING_SILENCE_US } else { SILENCE_US };
        match heard_us {
            Some(heard_us) => now_us - heard_us >= silence_us,
            None => true,
        }
    }

    fn role_set(&mut self, role: FeedRole) {
        let led = self.leads();
        self.role = role;
        if self.leads() != led {
            self.status.set(!led);
            tracing::info!(leads = !led, epoch = self.epoch, "Role in the feed changed");
        }
    }

    async fn listen(&mut self) {
        if self.subscription.is_some() {
            return;
        }
        match patiently(self.group.coordinator.subscribe(FEED)).await {
            Ok(subscription) => self.subscription = Some(subscription),
            Err(error) => tracing::debug!(%error, "the messages of the feed cannot be heard"),
        }
    }

    /// As leader: keeps a whole snapshot in the cache, at once when a follower wants it.
    async fn cache(&mut self, now_us: i64) {
        let is_due = match self.cached {
            Some((generation, time_us)) => {
                generation != self.stamp.generation && (self.is_wanted || now_us - time_us >= CACHE_US)
            }
            None => true,
        };
        if self.leads() && self.stamp.epoch == self.epoch && (is_due || self.is_wanted) {
            if is_due {
                self.cache_put(now_us).await;
            }
            if std::mem::take(&mut self.is_wanted) {
                self.send(FeedNews::Alive { generation: self.stamp.generation }, &[]).await;
            }
        }
    }

    async fn cache_put(&mut self, now_us: i64) {
        let snapshot = self.market.snapshot();
        match patiently(snapshot_cache::put(
            self.group.coordinator.as_ref(),
            self.feed,
            &snapshot,
            self.stamp,
        ))
        .await
        {
            Ok(()) => self.cached = Some((self.stamp.generation, now_us)),
            Err(error) => tracing::debug!(%error, "the snapshot cannot be put into the cache"),
        }
    }

    async fn tick_send(&mut self, changes: &[StateChange], after: FeedStamp, time_us: i64) {
        let Some(parts) = parts_write(changes.iter()) else {
            tracing::error!("a snapshot has too many parts for other servers");
            return;
        };
        let count = u16::try_from(parts.len()).unwrap_or(u16::MAX);
        for (number, changes) in (0..count).zip(&parts) {
            let part = TickPart { stamp: self.stamp, after: Some(after), time_us, number, count };
            self.send(FeedNews::Part(part), changes).await;
        }
    }

    /// Sends a message. One that cannot be sent is lost: its followers notice.
    async fn send(&mut self, news: FeedNews, changes: &[u8]) {
        let now_us = self.clock.now_us();
        if now_us < self.unsent_until_us {
            return;
        }
        let (epoch, cached) = if self.leads() {
            (self.epoch, self.cached.map_or(0, |(generation, _)| generation))
        } else {
            (0, self.market.snapshot().generation)
        };
        let Some(payload) = FeedMessage::new(self.feed, epoch, cached, news).write(changes) else { return };
        if let Err(error) = patiently(self.group.coordinator.publish(FEED, payload)).await {
            tracing::debug!(%error, "a message of the feed could not be sent");
            self.unsent_until_us = now_us.saturating_add(UNSENT_US);
        }
    }
}
