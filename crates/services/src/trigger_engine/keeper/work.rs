//! The work on books that follows from leases and messages, in tasks.

use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::error::{Error, Result};
use crate::ownership::{BookShard, ShardPhase};
use crate::trigger_engine::TriggerEngine;
use crate::trigger_engine::kept::{Keeper, WorkDone, WorkFound, WorkKind};

/// Pause after books could not be read, in µs.
const RETRY_US: i64 = 1_000_000;
/// Interval at which a shard is compared with the table while the coordinator is away, in µs.
const RECONCILE_AWAY_US: i64 = 4_000_000;
/// Interval at which a shard is compared with the table in any case, if other servers live, in µs.
const RECONCILE_US: i64 = 60_000_000;
/// Time for which a silent server may still commit without a message, in µs: it is cut off from the coordinator and
/// not from the table. In the first minute the shards are compared as often as without a coordinator.
const SILENCE_US: i64 = 86_400_000_000;

impl Keeper {
    /// Takes the results of work. Returns true if there were any that lead on.
    pub(super) fn work_reap(&mut self, engine: &TriggerEngine) -> bool {
        let now_us = engine.accounts.context.now_us();
        while let Some(ended) = self.work.try_join_next() {
            self.ended.push(ended);
        }
        let mut moved = false;
        for ended in std::mem::take(&mut self.ended) {
            let WorkDone { shard, kind, result } = match ended {
                Ok(done) => done,
                Err(error) => {
                    // The task only waits for another one, whose panic it reports.
                    tracing::error!(%error, "work on trigger books ended early");
                    continue;
                }
            };
            let Some(kept) = self.shards.get_mut(shard.index()) else { continue };
            match kind {
                WorkKind::Fill { epoch } => {
                    kept.is_filling = false;
                    match result {
                        Ok(found) => {
                            kept.state.rebuilt(epoch);
                            if let WorkFound::Owners(owners) = found
                                && kept.state.epoch() == Some(epoch)
                            {
                                (kept.owners, kept.complete_after_us) = (Some(Arc::new(owners)), i64::MIN);
                            }
                            kept.reconciled_us = now_us;
                            moved = true;
                        }
                        Err(error) if kept.state.epoch() == Some(epoch) => {
                            tracing::warn!(%error, %shard, "trigger books could not be filled; it is tried again");
                            (kept.fill, kept.fill_after_us) = (Some(epoch), now_us.saturating_add(RETRY_US));
                            self.failure.get_or_insert(error);
                        }
                        Err(_) => {}
                    }
                }
                WorkKind::KillSwitches => {
                    let owners = kept.completing.take();
                    if let Err(error) = result
                        && kept.state.epoch().is_some()
                    {
                        tracing::warn!(%error, %shard, "kill switches could not be completed; it is tried again");
                        // Books that were filled again in the meantime have named their owners anew.
                        kept.owners = kept.owners.take().or(owners);
                        kept.complete_after_us = now_us.saturating_add(RETRY_US);
                        self.failure.get_or_insert(error);
                    }
                }
                WorkKind::Reconcile => {
                    kept.is_reconciling = false;
                    kept.reconciled_us = now_us;
                    match result {
                        Ok(WorkFound::Different(different)) if different > 0 => {
                            tracing::info!(%shard, different, "entries of trigger books differed from the table");
                        }
                        Ok(_) => {}
                        Err(error) => {
                            tracing::warn!(%error, %shard, "trigger books could not be compared with the table");
                            kept.reconcile = true;
                            kept.reconcile_after_us = now_us.saturating_add(RETRY_US);
                        }
                    }
                }
                WorkKind::Reload => {
                    kept.is_reloading = false;
                    moved |= !kept.changed.is_empty();
                    if let Err(error) = result {
                        tracing::warn!(%error, %shard, "changed entries of trigger books could not be read");
                        kept.reconcile = true;
                        kept.reconcile_after_us = now_us.saturating_add(RETRY_US);
                    }
                }
            }
        }
        moved
    }

    /// Starts the work that is due. Returns true if a shard is owned without any.
    pub(super) async fn work_start(&mut self, engine: &TriggerEngine) -> bool {
        let now_us = engine.accounts.context.now_us();
        let coordinator = &engine.accounts.context.environment.coordinator;
        let others_us = self.others_us;
        let silent_for_us = now_us.saturating_sub(self.silent_us);
        let (mut moved, mut is_away) = (false, false);
        for kept in &mut self.shards {
            if kept.state.epoch().is_none() {
                continue;
            }
            let shard = kept.shard;
            if shard == BookShard::RUNS {
                // It has no books.
                if let Some(epoch) = kept.fill.take() {
                    kept.state.rebuilt(epoch);
                    moved = true;
                }
                continue;
            }
            if kept.topic.is_none() && !is_away {
                // Before the books are filled, so that no change falls in between.
                kept.topic = coordinator.subscribe(&shard.key()).await.ok();
                kept.behind = None;
                is_away = kept.topic.is_none();
            }
            if kept.topic.is_some()
                && !kept.is_filling
                && now_us >= kept.fill_after_us
                && let Some(epoch) = kept.fill.take()
            {
                kept.is_filling = true;
                kept.close_to_fill(engine, epoch);
                metrics::counter!("cnop_engine_shards_taken_total").increment(1);
                kept.reconcile = false;
                let filling = engine.clone();
                let work = async move { filling.shard_rebuild(shard, epoch).await.map(WorkFound::Owners) };
                self.work.spawn(named(shard, WorkKind::Fill { epoch }, work));
            }
            if !matches!(kept.state.phase(), ShardPhase::Owned { .. }) {
                continue;
            }
            if kept.completing.is_none()
                && now_us >= kept.complete_after_us
                && let Some(owners) = kept.owners.take()
            {
                kept.completing = Some(Arc::clone(&owners));
                let completing = engine.clone();
                let work = async move {
                    completing.kill_switches_complete(&owners).await.map(|()| WorkFound::Nothing)
                };
                self.work.spawn(named(shard, WorkKind::KillSwitches, work));
            }
            let since_us = now_us.saturating_sub(kept.reconciled_us);
            let is_often = kept.state.is_away() || silent_for_us < RECONCILE_US;
            let may_differ = others_us > kept.reconciled_us || silent_for_us < SILENCE_US;
            kept.reconcile |=
                (is_often && since_us >= RECONCILE_AWAY_US) || (may_differ && since_us >= RECONCILE_US);
            if kept.reconcile && !kept.is_reconciling && now_us >= kept.reconcile_after_us {
                (kept.reconcile, kept.is_reconciling) = (false, true);
                metrics::counter!("cnop_engine_reconciles_total").increment(1);
                let comparing = engine.clone();
                let work = async move { comparing.shard_reconcile(shard).await.map(WorkFound::Different) };
                self.work.spawn(named(shard, WorkKind::Reconcile, work));
            }
            if !kept.changed.is_empty() && !kept.is_reloading {
                kept.is_reloading = true;
                let (reading, entries) = (engine.clone(), std::mem::take(&mut kept.changed));
                let work = async move {
                    let read = reading.entries_reload(entries.into_iter().collect()).await;
                    read.map(WorkFound::Different)
                };
                self.work.spawn(named(shard, WorkKind::Reload, work));
            }
        }
        moved
    }
}

/// Work that reports its shard, even if it panics.
async fn named(
    shard: BookShard,
    kind: WorkKind,
    work: impl Future<Output = Result<WorkFound>> + Send + 'static,
) -> WorkDone {
    // Dropped with the keeper: work of an earlier one ends.
    let mut task = JoinSet::new();
    task.spawn(work);
    let result =
        task.join_next().await.unwrap_or_else(|| Ok(Err(Error::Internal("work is missing".to_owned()))));
    let result = result
        .unwrap_or_else(|error| Err(Error::Internal(format!("work on trigger books ended early: {error}"))));
    WorkDone { shard, kind, result }
}
