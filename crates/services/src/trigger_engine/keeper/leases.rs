//! Members and leases.

use std::time::Duration;

use cnop_coordination::{CoordinationError, Lease};
#[cfg(test)]
use futures::FutureExt as _;
use futures::future::join_all;

use super::messages::heard_now;
use crate::ownership::{
    BookShard, Heartbeat, LEASE_US, LeaseAnswer, LeaseCall, MEMBERS_TOPIC, MemberPhase, RENEW_US, Seen,
    ShardChange, ShardPhase,
};
use crate::trigger_engine::TriggerEngine;
use crate::trigger_engine::kept::{Keeper, KeptShard};

impl Keeper {
    /// Takes the heartbeats of the others.
    pub(super) async fn members_hear(&mut self, engine: &TriggerEngine) {
        let (now_us, ownership) = (engine.accounts.context.now_us(), &engine.accounts.ownership);
        if self.members_topic.is_none() {
            let coordinator = &engine.accounts.context.environment.coordinator;
            self.members_topic = coordinator.subscribe(MEMBERS_TOPIC).await.ok();
            self.others_us = now_us;
            if self.members_topic.is_none() {
                self.away_us = now_us;
            }
        }
        let mut others = Vec::new();
        self.inbox.retain(|(source, heard)| {
            if source.is_none() {
                others.push(heard.clone());
            }
            source.is_some()
        });
        others.extend(self.members_topic.as_mut().map(heard_now).unwrap_or_default());
        for heard in others {
            match heard {
                Ok(payload) => {
                    let Some(heartbeat) = Heartbeat::read(&payload) else { continue };
                    if heartbeat.server_id == ownership.server_id() {
                        continue;
                    }
                    self.others_us = now_us;
                    if self.members.hear(heartbeat, now_us) {
                        tracing::info!(server = %heartbeat.server_id, "another server was heard");
                        // It must hear at once what is taken.
                        self.beat.0 = i64::MIN;
                    }
                }
                Err(cnop_coordination::SubscriptionError::Lagged(_)) => self.others_us = now_us,
                Err(cnop_coordination::SubscriptionError::Closed) => self.members_topic = None,
            }
        }
        if self.members.prune(now_us) {
            tracing::warn!(
                "a server is silent; books are compared with the table, because its messages may be lost"
            );
            self.silent_us = now_us;
            for kept in &mut self.shards {
                kept.reconcile = true;
            }
        }
        ownership.members_set(self.members.len() + 1);
    }

    /// Keeps, takes and gives leases. Returns true if a shard came or went.
    pub(super) async fn leases_keep(&mut self, engine: &TriggerEngine) -> bool {
        let (now_us, ownership) = (engine.accounts.context.now_us(), &engine.accounts.ownership);
        let me = ownership.server_id();
        let mut working: Vec<_> = self.members.working().collect();
        ownership.takers_set(working.len());
        // While it drains it keeps what nobody else could take.
        let gives_all = ownership.is_draining() && !working.is_empty();
        // After an outage of the coordinator every server seems to be alone. What was another's is taken only when its
        // owner has had the time to renew its lease and to be heard.
        let takes = !gives_all && now_us.saturating_sub(self.away_us) >= REUNION_US;
        if !gives_all {
            working.push(me);
        }
        if working != self.working {
            for kept in &mut self.shards {
                kept.preferred = kept.shard.preferred(working.iter().copied());
            }
            self.working = working;
        }
        let coordinator = &engine.accounts.context.environment.coordinator;
        let owner = me.to_string();
        let (mut calls, others_us) = (Vec::new(), self.others_us);
        for kept in &mut self.shards {
            let seen = Seen {
                now_us,
                is_preferred: kept.preferred == Some(me),
                is_held: self.members.holder(kept.shard).is_some(),
                is_alone: self.members.len() == 0
                    && others_us < kept.state.asked_us()
                    && !kept.state.is_away(),
                has_jobs: matches!(kept.state.phase(), ShardPhase::Releasing { .. })
                    && engine.backlog.has_assets(&engine.assets_of(kept.shard)),
            };
            let Some(call) = kept.state.call(&seen) else { continue };
            if call == LeaseCall::Acquire && (!takes || kept.is_filling) {
                continue;
            }
            if call == LeaseCall::Release {
                engine.shard_finish(kept.shard).await;
                // Before another one has the lease: what is committed from now on is told.
                kept.empty(engine);
            }
            let (lease, owner, key) = (kept.lease.clone(), owner.as_str(), kept.shard.key());
            calls.push(async move {
                let answer = lease_call(coordinator.as_ref(), call, lease, (&key, owner), &seen);
                // Unanswered, a call must not keep the other leases from being renewed.
                let answer = tokio::time::timeout(CALL_MAX, answer).await;
                (call, answer.unwrap_or((LeaseAnswer::Away, None)), seen)
            });
            kept.is_called = true;
        }
        let answers = join_all(calls).await;
        let (mut moved, mut taken, mut given) = (false, 0, 0);
        let called =
            self.shards.iter_mut().filter_map(|kept| std::mem::take(&mut kept.is_called).then_some(kept));
        for (kept, (call, (answer, lease), seen)) in called.zip(answers) {
            if lease.is_some() {
                kept.lease = lease;
            }
            if answer == LeaseAnswer::Away {
                self.away_us = now_us;
            }
            match kept.state.answer(call, answer, &seen) {
                None => {}
                Some(ShardChange::Reconcile) => kept.reconcile = true,
                Some(ShardChange::Keep { epoch }) => {
                    for asset_id in engine.assets_of(kept.shard) {
                        engine.accounts.books.epoch_set(asset_id, epoch);
                    }
                }
                Some(ShardChange::Rebuild { epoch }) => {
                    kept.close_to_fill(engine, epoch);
                    (kept.fill, kept.fill_after_us) = (Some(epoch), i64::MIN);
                    (moved, taken) = (true, taken + 1);
                }
                Some(ShardChange::Empty) => {
                    tracing::warn!(shard = %kept.shard, "the lease of a shard was lost");
                    kept.lost(engine);
                    (moved, given) = (true, given + 1);
                }
                Some(ShardChange::Released) => {
                    kept.empty(engine);
                    (moved, given) = (true, given + 1);
                }
            }
        }
        if taken + given > 0 {
            let members = self.members.len() + 1;
            tracing::info!(taken, given, members, "shards of trigger books moved");
        }
        for kept in &mut self.shards {
            if kept.state.yield_it(now_us, gives_all) {
                for asset_id in engine.assets_of(kept.shard) {
                    engine.accounts.books.closing(asset_id);
                }
                kept.fill = None;
                moved = true;
            }
        }
        moved
    }

    /// Lets go of shards that a later owner has written to.
    pub(super) fn superseded_drop(&mut self, engine: &TriggerEngine) {
        let superseded = engine.accounts.ownership.superseded_take();
        for kept in &mut self.shards {
            if superseded & kept.shard.bit() != 0 {
                if kept.state.epoch().is_some() {
                    kept.state.lose();
                }
                kept.lost(engine);
            }
        }
    }

    /// Says that this server lives, and which shards it holds: twice a second, and at once when they change.
    pub(super) async fn heartbeat(&mut self, engine: &TriggerEngine) {
        let holds = self.holds();
        engine.accounts.ownership.held_set(usize::try_from(holds.count_ones()).unwrap_or(usize::MAX));
        let (beat_us, told) = self.beat;
        if holds != told || engine.accounts.context.now_us().saturating_sub(beat_us) >= RENEW_US {
            self.heartbeat_send(engine, false).await;
        }
    }

    /// Set of the shards with a lease of this server.
    fn holds(&self) -> u64 {
        let held = self.shards.iter().filter(|kept| kept.state.epoch().is_some());
        held.fold(0, |holds, kept| holds | kept.shard.bit())
    }

    pub(super) async fn heartbeat_send(&mut self, engine: &TriggerEngine, is_end: bool) {
        let (now_us, ownership) = (engine.accounts.context.now_us(), &engine.accounts.ownership);
        let phase = match (is_end, ownership.is_draining()) {
            (true, _) => MemberPhase::Ended,
            (false, true) => MemberPhase::Draining,
            (false, false) => MemberPhase::Working,
        };
        let holds = self.holds();
        let heartbeat = Heartbeat { server_id: ownership.server_id(), phase, holds };
        let Ok(payload) = heartbeat.write() else { return };
        match engine.accounts.context.environment.coordinator.publish(MEMBERS_TOPIC, payload).await {
            Ok(()) => self.beat = (now_us, holds),
            // Messages of others may be lost, too.
            Err(_) => (self.others_us, self.away_us) = (now_us, now_us),
        }
    }

    /// The owners of all shards, for the rest of the server.
    pub(super) fn owners_show(&self, engine: &TriggerEngine) {
        let ownership = &engine.accounts.ownership;
        let (mut is_owner, mut should_own) = (false, false);
        for kept in &self.shards {
            is_owner |= matches!(kept.state.phase(), ShardPhase::Owned { .. });
            should_own |= kept.preferred == Some(ownership.server_id());
            let owner = match kept.state.phase() {
                ShardPhase::Owned { .. } | ShardPhase::Releasing { .. } => Some(ownership.server_id()),
                ShardPhase::Rebuilding { .. } => None,
                ShardPhase::None => self.members.holder(kept.shard),
            };
            ownership.owner_set(kept.shard, owner);
        }
        ownership.waiting_set(should_own && !is_owner);
    }

    /// Gives all shards away at the end of the server, and announces the end.
    pub(super) async fn end(&mut self, engine: &TriggerEngine) {
        self.outbox_flush(engine).await;
        if let Err(error) = engine.marks.store().await {
            tracing::warn!(%error, "marks of trailing stops could not be stored at the end");
        }
        let coordinator = &engine.accounts.context.environment.coordinator;
        let mut releases = Vec::new();
        for kept in self.shards.iter_mut().filter(|kept| kept.state.epoch().is_some()) {
            kept.state.lose();
            let lease = kept.lease.take();
            kept.empty(engine);
            if let Some(lease) = lease {
                // Without an answer it expires by itself.
                releases.push(async move {
                    let _ = tokio::time::timeout(CALL_MAX, coordinator.lease_release(&lease)).await;
                });
            }
        }
        join_all(releases).await;
        self.outbox_flush(engine).await;
        engine.accounts.ownership.held_set(0);
        self.heartbeat_send(engine, true).await;
        self.owners_show(engine);
    }

    /// Acquires all shards with empty books.
    #[cfg(test)]
    pub(super) fn own_all(&mut self, engine: &TriggerEngine) {
        let coordinator = &engine.accounts.context.environment.coordinator;
        let (now_us, ownership) = (engine.accounts.context.now_us(), &engine.accounts.ownership);
        let seen = Seen { now_us, is_preferred: true, is_held: false, is_alone: true, has_jobs: false };
        self.members_topic = coordinator.subscribe(MEMBERS_TOPIC).now_or_never().and_then(Result::ok);
        for kept in &mut self.shards {
            let (key, owner) = (kept.shard.key(), ownership.server_id().to_string());
            kept.topic = coordinator.subscribe(&key).now_or_never().and_then(Result::ok);
            let lease = coordinator.lease_acquire(&key, &owner, LEASE).now_or_never();
            let Some(lease) = lease.and_then(Result::ok).flatten() else { continue };
            kept.state.answer(LeaseCall::Acquire, LeaseAnswer::Held(lease.epoch), &seen);
            kept.state.rebuilt(lease.epoch);
            for asset_id in engine.assets_of(kept.shard) {
                engine.accounts.books.close_to_fill(asset_id, lease.epoch);
                engine.accounts.books.open(asset_id, lease.epoch);
            }
            kept.lease = Some(lease);
        }
        engine.accounts.books.recheck_take();
        self.owners_show(engine);
    }
}

/// Time after an outage of the coordinator before this server takes shards that it did not have, in µs.
const REUNION_US: i64 = 2 * RENEW_US;
/// Longest time that the coordinator has to answer about a lease.
const CALL_MAX: Duration = Duration::from_secs(1);
/// Duration of a lease.
const LEASE: Duration = Duration::from_micros(LEASE_US.unsigned_abs());

/// Asks the coordinator about a lease.
async fn lease_call(
    coordinator: &dyn cnop_coordination::Coordinator,
    call: LeaseCall,
    lease: Option<Lease>,
    (key, owner): (&str, &str),
    seen: &Seen,
) -> (LeaseAnswer, Option<Lease>) {
    let answered = match (call, &lease) {
        (LeaseCall::Acquire, _) | (LeaseCall::Renew, None) => {
            coordinator.lease_acquire(key, owner, LEASE).await
        }
        (LeaseCall::Renew, Some(lease)) => match coordinator.lease_renew(lease, LEASE).await {
            // It has expired. Unless somebody else has it now, or should have it, it goes on.
            Ok(None) if seen.is_preferred => coordinator.lease_acquire(key, owner, LEASE).await,
            answered => answered,
        },
        (LeaseCall::Release, Some(lease)) => coordinator.lease_release(lease).await.map(|_| None),
        (LeaseCall::Release, None) => Ok(None),
    };
    match answered {
        Ok(Some(lease)) => (LeaseAnswer::Held(lease.epoch), Some(lease)),
        Ok(None) => (LeaseAnswer::NotHeld, None),
        Err(error) => {
            if !matches!(error, CoordinationError::Unavailable(_)) {
                tracing::warn!(%error, key, "a lease cannot be kept");
            }
            (LeaseAnswer::Away, None)
        }
    }
}

impl KeptShard {
    /// Empties the books of the shard until they are filled under this epoch.
    pub(super) fn close_to_fill(&self, engine: &TriggerEngine, epoch: u64) {
        for asset_id in engine.assets_of(self.shard) {
            engine.accounts.books.close_to_fill(asset_id, epoch);
        }
    }

    /// Empties a shard that another server may have had for some time. Commits of this server since then changed its own
    /// books only, so the owner is asked to compare.
    fn lost(&mut self, engine: &TriggerEngine) {
        self.empty(engine);
        engine.accounts.ownership.outbox.unpublished(self.shard);
    }

    /// Empties the books of the shard, and gives up its jobs.
    pub(super) fn empty(&mut self, engine: &TriggerEngine) {
        let assets = engine.assets_of(self.shard);
        for asset_id in &assets {
            engine.accounts.books.close(*asset_id);
        }
        engine.backlog.drop_assets(&assets);
        self.topic = None;
        self.fill = None;
        self.owners = None;
        self.changed.clear();
        self.reconcile = false;
        self.behind = None;
        if self.state.epoch().is_none() {
            self.lease = None;
        }
    }
}

impl TriggerEngine {
    /// Stores what a shard's next owner needs, before it is given away.
    async fn shard_finish(&self, shard: BookShard) {
        if let Err(error) = self.marks.store_of(&self.assets_of(shard)).await {
            tracing::warn!(%error, "marks of trailing stops could not be stored before a shard was given away");
        }
    }
}
