//! Messages about shards: those of the others, and those that wait to be told.

use cnop_coordination::{Subscription, SubscriptionError};
use futures::FutureExt as _;
use futures::future::join_all;

use crate::ownership::ShardMessage;
use crate::trigger_engine::TriggerEngine;
use crate::trigger_engine::kept::{Heard, Keeper, KeptShard};

/// Deliveries of one topic that one pass takes.
const HEARD_MAX: usize = 1_024;
/// Changed entries of a shard that wait to be read. Beyond them the shard is compared with the table.
const CHANGED_MAX: usize = 4_096;
/// Interval between two looks at the positions of topics, in µs.
const LOOK_US: i64 = 1_000_000;

/// Everything that a subscription has now.
pub(super) fn heard_now(topic: &mut Subscription) -> Vec<Heard> {
    let mut all = Vec::new();
    while all.len() < HEARD_MAX
        && let Some(heard) = topic.recv().now_or_never()
    {
        let is_closed = heard == Err(SubscriptionError::Closed);
        all.push(heard);
        if is_closed {
            break;
        }
    }
    all
}

impl Keeper {
    /// Publishes the changes that wait. What cannot be published becomes one request to compare.
    pub(super) async fn outbox_flush(&mut self, engine: &TriggerEngine) {
        let outbox = &engine.accounts.ownership.outbox;
        let coordinator = &engine.accounts.context.environment.coordinator;
        let mut is_away = false;
        for (shard, message) in outbox.take() {
            // After one failure none is tried: each would wait for an answer, and leases must be renewed meanwhile.
            if !is_away && let Ok(payload) = message.write() {
                is_away = coordinator.publish(&shard.key(), payload).await.is_err();
            }
            if is_away {
                outbox.unpublished(shard);
            }
        }
    }

    /// Takes the messages about the shards of this server. Returns true if there were any.
    pub(super) fn messages_take(&mut self) -> bool {
        let mut any = false;
        for (source, heard) in std::mem::take(&mut self.inbox) {
            let kept = source.and_then(|shard| self.shards.get_mut(shard.index()));
            if let Some(kept) = kept.filter(|kept| kept.topic.is_some()) {
                kept.hear(heard);
                any = true;
            }
        }
        for kept in &mut self.shards {
            for heard in kept.topic.as_mut().map(heard_now).unwrap_or_default() {
                kept.hear(heard);
                any = true;
            }
        }
        any
    }

    /// Once a second, compares the newest number of each topic with the newest that was received. Behind it at two looks,
    /// the last message was lost.
    pub(super) async fn positions_look(&mut self, engine: &TriggerEngine) {
        let now_us = engine.accounts.context.now_us();
        if now_us.saturating_sub(self.looked_us) < LOOK_US {
            return;
        }
        self.looked_us = now_us;
        engine.figures_show();
        let coordinator = &engine.accounts.context.environment.coordinator;
        let looks = self.shards.iter_mut().filter(|kept| kept.topic.is_some()).map(|kept| async move {
            let newest = coordinator.position(&kept.shard.key()).await;
            if let Ok(newest) = newest {
                kept.look(newest);
            }
        });
        join_all(looks).await;
    }
}

impl KeptShard {
    fn hear(&mut self, heard: Heard) {
        match heard.map(|payload| ShardMessage::read(&payload)) {
            Ok(ShardMessage::Entries(entries)) => {
                self.changed.extend(entries);
                if self.changed.len() > CHANGED_MAX {
                    self.changed.clear();
                    self.reconcile = true;
                }
            }
            Ok(ShardMessage::Reconcile) | Err(SubscriptionError::Lagged(_)) => self.reconcile = true,
            Err(SubscriptionError::Closed) => {
                self.topic = None;
                self.reconcile = true;
            }
        }
    }

    fn look(&mut self, newest: u64) {
        let Some(received) = self.topic.as_ref().map(Subscription::position) else { return };
        if self.behind.is_some_and(|behind| received < behind) {
            // Subscribed anew, so that the loss is found once.
            self.topic = None;
            self.reconcile = true;
            self.behind = None;
        } else {
            self.behind = (received < newest).then_some(newest);
        }
    }
}
