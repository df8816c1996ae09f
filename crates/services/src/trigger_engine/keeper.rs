//! The keeper of this server's shards: heartbeats, leases, and the books that follow from them.
//!
//! [`Keeper::pass`] does what is due and waits for nothing but the coordinator. What takes longer, filling books and
//! reading entries, runs in tasks, so that leases are renewed meanwhile.

mod leases;
mod messages;
mod work;

use std::time::Duration;

use super::TriggerEngine;
use super::kept::Keeper;
use crate::error::Result;
use crate::ownership::BookShard;

/// Longest pause between two passes. Messages and finished work end it early.
const PASS_MAX: Duration = Duration::from_millis(250);
/// Passes of one step without work at most.
const STEP_PASSES_MAX: usize = 64;

impl Keeper {
    /// Does what is due. Returns true if something happened after which more may be due at once.
    async fn pass(&mut self, engine: &TriggerEngine) -> bool {
        let mut moved = self.work_reap(engine);
        self.members_hear(engine).await;
        self.superseded_drop(engine);
        moved |= self.leases_keep(engine).await;
        self.heartbeat(engine).await;
        self.outbox_flush(engine).await;
        moved |= self.messages_take();
        self.positions_look(engine).await;
        moved |= self.work_start(engine).await;
        self.owners_show(engine);
        moved
    }

    /// Passes until nothing is due any more and all work has ended.
    ///
    /// # Errors
    /// The first failure to fill books; the next step tries again.
    async fn step(&mut self, engine: &TriggerEngine) -> Result<()> {
        let mut idle_passes = 0;
        while idle_passes < STEP_PASSES_MAX {
            let moved = self.pass(engine).await;
            if self.work.is_empty() {
                if !moved {
                    break;
                }
                idle_passes += 1;
                continue;
            }
            if let Ok(Some(ended)) = tokio::time::timeout(PASS_MAX, self.work.join_next()).await {
                self.ended.push(ended);
            }
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Waits until a message arrives, work ends, a change waits to be told, or the next pass is due.
    async fn wait(&mut self, engine: &TriggerEngine) {
        let Self { shards, members_topic, inbox, work, ended, .. } = self;
        let topics = shards.iter_mut().filter_map(|kept| {
            let shard = kept.shard;
            kept.topic.as_mut().map(|topic| (Some(shard), topic))
        });
        let topics = members_topic.as_mut().map(|topic| (None, topic)).into_iter().chain(topics);
        let heard: Vec<_> =
            topics.map(|(source, topic)| Box::pin(async move { (source, topic.recv().await) })).collect();
        let heard = async {
            if heard.is_empty() {
                return std::future::pending().await;
            }
            futures::future::select_all(heard).await.0
        };
        tokio::select! {
            heard = heard => inbox.push_back(heard),
            Some(end) = work.join_next() => ended.push(end),
            () = engine.accounts.ownership.outbox.added() => {}
            () = tokio::time::sleep(PASS_MAX) => {}
        }
    }
}

/// The keeper while it works. It returns to its place at the end, also when the work is dropped.
struct KeeperInUse<'a> {
    engine: &'a TriggerEngine,
    keeper: Option<Box<Keeper>>,
}

impl Drop for KeeperInUse<'_> {
    fn drop(&mut self) {
        let keeper = self.keeper.take();
        // After a panic its state may be wrong. The next one begins anew, and fills all books again.
        let keeper = if std::thread::panicking() { None } else { keeper };
        self.engine.keeper_slot().put(keeper);
    }
}

impl TriggerEngine {
    /// One pass of the part of [`TriggerEngine::run`] that keeps the shards. It hears the other servers, keeps leases,
    /// fills, corrects and empties books, and tells other owners of changes. Returns when all of it is done.
    ///
    /// # Errors
    /// The first failure to fill books; the next step tries again.
    pub async fn ownership_step(&self) -> Result<()> {
        let Some(mut in_use) = self.keeper_take() else { return Ok(()) };
        match &mut in_use.keeper {
            Some(keeper) => keeper.step(self).await,
            None => Ok(()),
        }
    }

    /// A step that fills all books of this server's shards, also those that are open.
    pub(super) async fn ownership_rebuild(&self) -> Result<()> {
        let Some(mut in_use) = self.keeper_take() else { return Ok(()) };
        let Some(keeper) = &mut in_use.keeper else { return Ok(()) };
        for kept in &mut keeper.shards {
            kept.fill = kept.state.rebuild();
            kept.fill_after_us = i64::MIN;
        }
        keeper.step(self).await
    }

    /// Keeps the shards until `shutdown`; then gives them away.
    pub(super) async fn ownership_run(&self, shutdown: &tokio_util::sync::CancellationToken) {
        let Some(mut in_use) = self.keeper_take() else { return };
        let Some(keeper) = &mut in_use.keeper else { return };
        while !shutdown.is_cancelled() {
            keeper.pass(self).await;
            keeper.failure = None;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = keeper.wait(self) => {}
            }
        }
        keeper.end(self).await;
    }

    fn keeper_take(&self) -> Option<KeeperInUse<'_>> {
        let keeper = self.keeper_slot().take(|| Box::new(self.keeper_new()))?;
        Some(KeeperInUse { engine: self, keeper: Some(keeper) })
    }

    /// A keeper without any shard. Books that an earlier one left open are closed, and their owners asked to compare:
    /// commits since then may be in no other book.
    fn keeper_new(&self) -> Keeper {
        for asset_id in self.accounts.books.assets() {
            if self.accounts.books.close(asset_id) {
                self.accounts.ownership.outbox.unpublished(BookShard::of(asset_id));
            }
        }
        Keeper::default()
    }

    /// Sends a heartbeat out of turn.
    #[cfg(test)]
    pub(crate) async fn heartbeat_now(&self) {
        let Some(mut in_use) = self.keeper_take() else { return };
        if let Some(keeper) = &mut in_use.keeper {
            keeper.heartbeat_send(self, false).await;
        }
    }

    /// Acquires all shards with empty books, as a server on an empty table does.
    #[cfg(test)]
    pub(crate) fn own_all(&self) {
        let Some(mut in_use) = self.keeper_take() else { return };
        if let Some(keeper) = &mut in_use.keeper {
            keeper.own_all(self);
        }
    }
}
