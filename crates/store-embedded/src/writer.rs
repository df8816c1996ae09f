//! The thread that writes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cnop_domain::Clock;
use cnop_store::{StoreError, Write};
use redb::Database;
use tokio::sync::{mpsc, oneshot};

use crate::group;

/// Transactions that one commit covers at most: more hardly raises the rate and lets the first ones wait.
pub const GROUP_TRANSACTIONS_MAX: usize = 256;
/// Transactions that may wait; whoever comes then is told that the store is busy.
pub const QUEUE_TRANSACTIONS_MAX: usize = 2_048;

/// A transaction and where its answer goes.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) writes: Vec<Write>,
    pub(crate) answer: oneshot::Sender<Result<(), StoreError>>,
}

/// Commits groups until the queue is closed and empty.
pub(crate) fn run(database: &Database, mut queue: mpsc::Receiver<Command>, clock: &dyn Clock) {
    while let Some(first) = queue.blocking_recv() {
        let mut transactions = vec![first.writes];
        let mut askers = vec![first.answer];
        while transactions.len() < GROUP_TRANSACTIONS_MAX {
            let Ok(next) = queue.try_recv() else { break };
            transactions.push(next.writes);
            askers.push(next.answer);
        }
        let now_s = clock.now_us().div_euclid(1_000_000);
        // A panic inside redb must not leave the askers without an answer.
        let committed = catch_unwind(AssertUnwindSafe(|| group::commit(database, transactions, now_s)));
        match committed {
            Ok(Ok(answers)) => {
                for (asker, answer) in askers.into_iter().zip(answers) {
                    // Whoever stopped waiting needs no answer.
                    let _ = asker.send(answer);
                }
            }
            Ok(Err(error)) => refuse(askers, &from_redb(error)),
            Err(_) => refuse(askers, &StoreError::unavailable("the commit broke off")),
        }
    }
}

fn refuse(askers: Vec<oneshot::Sender<Result<(), StoreError>>>, error: &StoreError) {
    tracing::error!(error = ?error, transactions = askers.len(), "A group of transactions could not be committed");
    for asker in askers {
        let _ = asker.send(Err(error.clone()));
    }
}

/// Tells broken data from a store that cannot be used.
pub(crate) fn from_redb(error: redb::Error) -> StoreError {
    match error {
        redb::Error::Corrupted(_) => StoreError::corrupt(error),
        other => StoreError::unavailable(other),
    }
}

/// Starts the thread.
pub(crate) fn start(
    database: Arc<Database>,
    queue: mpsc::Receiver<Command>,
    clock: Arc<dyn Clock>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || run(&database, queue, &*clock))
}
