//! A commit on a file that may be damaged: a transaction that meets damage fails alone.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cnop_store::{StoreError, Write};
use redb::Database;

use crate::fault::from_redb;
use crate::group::{self, CommitStage};

/// The end of an attempt to commit transactions.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// One for each transaction, in order.
    pub(crate) answers: Vec<Result<(), StoreError>>,
    pub(crate) file: FileState,
}

/// State of the file after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileState {
    /// It takes the next group.
    Usable,
    /// A write broke off in the middle; redb has kept the state before it.
    BrokeOff,
    /// After an I/O error redb refuses everything until the file is opened again.
    Closed,
}

/// Commits transactions. Without `sweeps`, expired items stay; it is cleared when their removal meets damage.
pub(crate) fn commit(
    database: &Database,
    transactions: &[Vec<Write>],
    now_s: i64,
    sweeps: &mut bool,
) -> Attempt {
    let stage = Cell::new(CommitStage::Applying);
    // A panic inside redb must not leave a transaction without an answer.
    let committed =
        catch_unwind(AssertUnwindSafe(|| group::commit(database, transactions, now_s, *sweeps, &stage)));
    let (error, file) = match committed {
        Ok(Ok(answers)) => return Attempt { answers, file: FileState::Usable },
        Ok(Err(error @ (redb::Error::Io(_) | redb::Error::PreviousIo))) => {
            (from_redb(error), FileState::Closed)
        }
        Ok(Err(error)) => (from_redb(error), FileState::Usable),
        Err(_) => (StoreError::corrupt("the store's pages contradict each other"), FileState::BrokeOff),
    };
    let refused = |error: StoreError, file| Attempt { answers: vec![Err(error); transactions.len()], file };
    match (stage.get(), file) {
        (_, FileState::Closed) => refused(error, file),
        // What came of it is unknown, so it must not be tried again.
        (CommitStage::Committing, _) => refused(StoreError::unavailable(error), FileState::BrokeOff),
        (CommitStage::Sweeping, _) => {
            *sweeps = false;
            commit(database, transactions, now_s, sweeps)
        }
        (CommitStage::Applying, _) if transactions.len() > 1 => {
            halves_commit(database, transactions, now_s, sweeps)
        }
        (CommitStage::Applying, _) => refused(error, FileState::Usable),
    }
}

/// Commits the first half and then the second one: after a few halvings, only the damaged transaction is left.
fn halves_commit(database: &Database, transactions: &[Vec<Write>], now_s: i64, sweeps: &mut bool) -> Attempt {
    let (first, second) = transactions.split_at(transactions.len() / 2);
    let mut attempt = commit(database, first, now_s, sweeps);
    if attempt.file == FileState::Closed {
        let closed = StoreError::unavailable("an earlier commit of the group failed");
        attempt.answers.extend(second.iter().map(|_| Err(closed.clone())));
        return attempt;
    }
    let Attempt { answers, file } = commit(database, second, now_s, sweeps);
    attempt.answers.extend(answers);
    Attempt { file: attempt.file.max(file), ..attempt }
}
