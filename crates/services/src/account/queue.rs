//! A queue for each account: its commands run one at a time in this process, which avoids most version conflicts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cnop_api::{Code, Problem};
use cnop_domain::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// Maximum number of running and waiting commands of one account: far more than a person's tools send at
/// once, far fewer than would hold memory or connections for long.
pub(crate) const WAITING_MAX: usize = 256;
/// Longest wait for one's turn.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(5);

/// Error of a command that did not get its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueueError {
    /// Too many wait, or it took too long.
    Busy,
    /// It took too long, and a command with the same idempotency key was waited for.
    TwinRunning,
}

impl From<QueueError> for Error {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Busy => Self::Contention,
            QueueError::TwinRunning => Problem::new(
                Code::IdempotencyInProgress,
                "The first request with this Idempotency-Key is still running. Ask again in a few seconds.",
            )
            .retry_after(5)
            .into(),
        }
    }
}

/// The queues of all accounts that have one.
#[derive(Debug, Default)]
pub(crate) struct AccountQueues {
    queues: Mutex<HashMap<AccountId, AccountQueue>>,
}

#[derive(Debug)]
struct AccountQueue {
    /// One permit: the turn. It is granted in order of arrival, protects no data and is held over a commit.
    turns: Arc<Semaphore>,
    /// Commands that run or wait. The queue is removed with the last of them.
    slots: usize,
    /// Number of slots of the venue's own commands: at most one of the trigger engine and a few of unknown outcomes,
    /// due runs and a kill switch. They take no slot from the owner's.
    own: usize,
    /// Idempotency keys (with their route) of those who run or wait.
    keys: Vec<String>,
}

impl Default for AccountQueue {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(1)), slots: 0, own: 0, keys: Vec::new() }
    }
}

/// The right to run; the next one's turn comes when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    // Declared first, so that the turn passes on before the place in the queue is released.
    _permit: OwnedSemaphorePermit,
    _slot: QueueSlot,
}

/// A slot in an account's queue, released when dropped.
#[derive(Debug)]
struct QueueSlot {
    queue: Arc<AccountQueues>,
    account_id: AccountId,
    key: Option<String>,
    is_own: bool,
}

impl AccountQueues {
    /// Waits for the account's turn, first come, first served.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        account_id: &AccountId,
        key: Option<String>,
    ) -> Result<Turn, QueueError> {
        let (turns, slot, twin) = self.enqueue(account_id, key, false).ok_or(QueueError::Busy)?;
        match tokio::time::timeout(WAIT_MAX, turns.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit, _slot: slot }),
            Err(_) if twin => Err(QueueError::TwinRunning),
            // The semaphore is never closed: only the time can have run out.
            Ok(Err(_)) | Err(_) => Err(QueueError::Busy),
        }
    }

    /// Waits for the account's turn, but always gets a place and is never refused: for the venue's own
    /// commands. A full queue delays them and does not prevent them.
    pub(crate) async fn enter_always(self: &Arc<Self>, account_id: &AccountId) -> Result<Turn, QueueError> {
        let (turns, slot, _) = self.enqueue(account_id, None, true).ok_or(QueueError::Busy)?;
        // The semaphore is never closed.
        let permit = turns.acquire_owned().await.map_err(|_| QueueError::Busy)?;
        Ok(Turn { _permit: permit, _slot: slot })
    }

    fn enqueue(
        self: &Arc<Self>,
        account_id: &AccountId,
        key: Option<String>,
        is_own: bool,
    ) -> Option<(Arc<Semaphore>, QueueSlot, bool)> {
        let mut queues = self.queues();
        let account_queue = queues.entry(account_id.clone()).or_default();
        if !is_own && account_queue.slots - account_queue.own >= WAITING_MAX {
            return None;
        }
        account_queue.slots += 1;
        account_queue.own += usize::from(is_own);
        let twin = key.as_ref().is_some_and(|key| account_queue.keys.contains(key));
        account_queue.keys.extend(key.clone());
        let turns = Arc::clone(&account_queue.turns);
        let slot = QueueSlot { queue: Arc::clone(self), account_id: account_id.clone(), key, is_own };
        Some((turns, slot, twin))
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<AccountId, AccountQueue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        let mut queues = self.queue.queues();
        let Some(account_queue) = queues.get_mut(&self.account_id) else { return };
        account_queue.slots -= 1;
        account_queue.own -= usize::from(self.is_own);
        if let Some(key) = &self.key
            && let Some(position) = account_queue.keys.iter().position(|known| known == key)
        {
            account_queue.keys.swap_remove(position);
        }
        if account_queue.slots == 0 {
            queues.remove(&self.account_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        "acc_00000000000000000000000001".parse().unwrap()
    }

    /// Commands in the account's line, and their keys.
    fn counts(queue: &AccountQueues) -> (usize, usize) {
        let queues = queue.queues();
        queues.get(&account()).map_or((0, 0), |account_queue| (account_queue.slots, account_queue.keys.len()))
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_queue_is_fifo_bounded_and_removed_when_empty() {
        let queue = Arc::new(AccountQueues::default());
        let first = queue.enter(&account(), None).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for number in 1..WAITING_MAX {
            let (queue, order) = (Arc::clone(&queue), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                let _turn = queue.enter(&account(), None).await.unwrap();
                order.lock().unwrap().push(number);
            }));
            tokio::task::yield_now().await;
        }
        assert_eq!(queue.enter(&account(), None).await.err(), Some(QueueError::Busy));
        let own = {
            let (queue, order) = (Arc::clone(&queue), Arc::clone(&order));
            tokio::spawn(async move {
                let _turn = queue.enter_always(&account()).await.unwrap();
                order.lock().unwrap().push(WAITING_MAX);
            })
        };
        tokio::task::yield_now().await;
        drop(first);
        for task in waiting {
            task.await.unwrap();
        }
        own.await.unwrap();
        assert_eq!(
            order.lock().unwrap().last(),
            Some(&WAITING_MAX),
            "the venue's own command found a place, at the end"
        );
        assert!(order.lock().unwrap().is_sorted());
        assert!(queue.queues().is_empty());
    }

    /// A caller that is dropped while waiting leaves the queue and delays no one; a granted turn is kept.
    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_frees_its_queue_slot() {
        let queue = Arc::new(AccountQueues::default());
        let first = queue.enter(&account(), Some("order#1".to_owned())).await.unwrap();
        let waiting: Vec<_> = (0..10)
            .map(|number| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move { queue.enter(&account(), Some(format!("order#{number}"))).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(counts(&queue), (11, 11));
        for task in &waiting[1..] {
            task.abort();
        }
        tokio::task::yield_now().await;
        assert_eq!(counts(&queue), (2, 2));
        let other: AccountId = "acc_00000000000000000000000002".parse().unwrap();
        drop(queue.enter(&other, None).await.expect("another account has a line of its own"));
        drop(first);
        let second = waiting.into_iter().next().unwrap().await.unwrap().unwrap();
        assert_eq!(queue.enter(&account(), None).await.err(), Some(QueueError::Busy), "one at a time");
        drop(second);
        assert!(queue.queues().is_empty(), "no line is kept for an account that does nothing");
    }

    /// An owner that keeps the queue full delays their own triggers, and no more than that.
    #[tokio::test(start_paused = true)]
    async fn an_engine_command_bypasses_the_queue_bound_and_the_timeout() {
        let queue = Arc::new(AccountQueues::default());
        let first = queue.enter(&account(), None).await.unwrap();
        let owner = account();
        let mut own = Box::pin(queue.enter_always(&owner));
        assert!(tokio::time::timeout(WAIT_MAX * 2, &mut own).await.is_err());
        assert_eq!(counts(&queue), (2, 0));
        let slots: Vec<_> = (1..WAITING_MAX).map_while(|_| queue.enqueue(&account(), None, false)).collect();
        assert_eq!(slots.len(), WAITING_MAX - 1, "all of the owner's places are there");
        assert!(queue.enqueue(&account(), None, false).is_none());
        drop((first, slots));
        drop(own.await.unwrap());
        assert!(queue.queues().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_concurrent_repeat_waits_and_then_is_refused_as_still_running() {
        let queue = Arc::new(AccountQueues::default());
        let first = queue.enter(&account(), Some("order#1".to_owned())).await.unwrap();
        assert_eq!(
            queue.enter(&account(), Some("order#1".to_owned())).await.err(),
            Some(QueueError::TwinRunning)
        );
        assert_eq!(queue.enter(&account(), Some("order#2".to_owned())).await.err(), Some(QueueError::Busy));
        drop(first);
        assert!(queue.queues().is_empty());
    }
}
