//! The writer thread of the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cnop_domain::Clock;
use cnop_store::{StoreError, Write};
use redb::Database;
use tokio::sync::oneshot;

use crate::attempt::{self, Attempt, FileState};
use crate::group::{self, SWEEP_ITEMS_MAX};
use crate::health::FileHealth;
use crate::open::OpenError;
use crate::slot::DatabaseSlot;

/// Transactions that one commit covers at most: more hardly raises the rate and lets the first ones wait.
pub const GROUP_TRANSACTIONS_MAX: usize = 256;
/// Maximum number of waiting transactions; more are refused as busy.
pub const QUEUE_TRANSACTIONS_MAX: usize = 2_048;
/// Pause in writing after a failed write; doubled after each further failure in a row.
const REST_FIRST: Duration = Duration::from_millis(100);
/// Maximum of the doubled pause.
const REST_DOUBLED_MAX: Duration = Duration::from_secs(10);
/// Maximum pause. A disk that has space again must not stay unused, however long the file takes to open.
const REST_MAX: Duration = Duration::from_secs(30);
/// Minimum pause as a multiple of the reopen time, because reads are blocked while reopening.
const REST_PER_OPENING: u32 = 10;
/// Interval at which waiting transactions are refused during the pause.
const REST_POLL: Duration = Duration::from_millis(10);

/// Pause without transactions after which expired items are removed.
const SWEEP_PAUSE: Duration = Duration::from_secs(60);
/// The same while a sweep leaves some behind.
const SWEEP_PAUSE_BACKLOG: Duration = Duration::from_millis(100);
/// Pause in removing expired items after their list was found damaged.
const SWEEP_PAUSE_DAMAGED: Duration = Duration::from_secs(3_600);
/// Writes that may break off in a row before the store is taken for failed.
const BROKEN_WRITES_MAX: u32 = 8;

/// Receiver of a transaction's answer.
type Asker = oneshot::Sender<Result<(), StoreError>>;

/// A transaction and where its answer goes.
#[derive(Debug)]
pub(crate) struct WriterCommand {
    pub(crate) writes: Vec<Write>,
    pub(crate) answer: Asker,
}

/// State of the writer thread.
pub(crate) struct Writer {
    slot: Arc<DatabaseSlot>,
    /// Opens the same file again.
    open: Box<dyn Fn() -> Result<Database, OpenError> + Send>,
    health: FileHealth,
    queue: Receiver<WriterCommand>,
    clock: Arc<dyn Clock>,
    /// Length of the next pause.
    rest: Duration,
    /// Pause without transactions after which expired items are removed.
    sweep_pause: Duration,
    /// No expired item is removed before.
    sweeps_from: Option<Instant>,
    /// Writes in a row that broke off.
    broken_writes: u32,
}

impl Writer {
    pub(crate) fn new(
        slot: Arc<DatabaseSlot>,
        open: Box<dyn Fn() -> Result<Database, OpenError> + Send>,
        health: FileHealth,
        queue: Receiver<WriterCommand>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            slot,
            open,
            health,
            queue,
            clock,
            rest: REST_FIRST,
            sweep_pause: SWEEP_PAUSE_BACKLOG,
            sweeps_from: None,
            broken_writes: 0,
        }
    }

    pub(crate) fn start(self) -> std::io::Result<JoinHandle<()>> {
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || self.run())
    }

    /// Commits groups until the queue is closed and empty. Removes expired items while there are none.
    fn run(mut self) {
        loop {
            let is_usable = match self.queue.recv_timeout(self.sweep_pause) {
                Ok(first) => self.commit(first),
                Err(RecvTimeoutError::Timeout) => self.sweep(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if self.broken_writes >= BROKEN_WRITES_MAX {
                return self.fail();
            }
            if !is_usable && !self.recover() {
                return;
            }
        }
    }

    /// Commits the first transaction and all that wait behind it. Returns whether redb is still usable.
    fn commit(&mut self, first: WriterCommand) -> bool {
        let mut transactions = vec![first.writes];
        let mut askers = vec![first.answer];
        while transactions.len() < GROUP_TRANSACTIONS_MAX {
            let Ok(next) = self.queue.try_recv() else { break };
            transactions.push(next.writes);
            askers.push(next.answer);
        }
        let database = match self.slot.database() {
            Ok(database) => database,
            Err(error) => {
                refuse(askers, &error);
                return false;
            }
        };
        let mut sweeps = self.sweeps();
        let could_sweep = sweeps;
        let attempt = attempt::commit(&database, &transactions, self.now_s(), &mut sweeps);
        if could_sweep && !sweeps {
            self.sweep_damaged();
        }
        self.answer(askers, attempt)
    }

    fn answer(&mut self, askers: Vec<Asker>, Attempt { answers, file }: Attempt) -> bool {
        let failure = answers.iter().find_map(|answer| match answer {
            Err(error @ StoreError::Unavailable(_)) => Some(error.clone()),
            _ => None,
        });
        if let Some(error) = failure {
            tracing::error!(error = ?error, transactions = answers.len(), "A group of transactions could not be committed");
        }
        for (asker, answer) in askers.into_iter().zip(answers) {
            // A caller that stopped waiting needs no answer.
            let _ = asker.send(answer);
        }
        match file {
            FileState::Usable => (self.rest, self.broken_writes) = (REST_FIRST, 0),
            FileState::BrokeOff => self.broken_writes = self.broken_writes.saturating_add(1),
            FileState::Closed => {}
        }
        file != FileState::Closed
    }

    fn now_s(&self) -> i64 {
        self.clock.now_us().div_euclid(1_000_000)
    }

    fn sweeps(&self) -> bool {
        self.sweeps_from.is_none_or(|from| from <= Instant::now())
    }

    /// Removes expired items. Returns whether redb is still usable.
    fn sweep(&mut self) -> bool {
        let Ok(database) = self.slot.database() else { return false };
        if !self.sweeps() {
            self.sweep_pause = SWEEP_PAUSE;
            return true;
        }
        let now_s = self.now_s();
        match catch_unwind(AssertUnwindSafe(|| group::sweep(&database, now_s))) {
            Ok(Ok(removed)) => {
                let has_backlog = removed >= SWEEP_ITEMS_MAX;
                self.sweep_pause = if has_backlog { SWEEP_PAUSE_BACKLOG } else { SWEEP_PAUSE };
                true
            }
            Ok(Err(error @ (redb::Error::Io(_) | redb::Error::PreviousIo))) => {
                tracing::error!(%error, "Expired items could not be removed");
                self.sweep_pause = SWEEP_PAUSE;
                false
            }
            Ok(Err(_)) | Err(_) => {
                self.sweep_damaged();
                true
            }
        }
    }

    /// Expired items stay for a while: they are invisible, and a damaged list of them must not stop other writes.
    fn sweep_damaged(&mut self) {
        self.health.damage_found("expiries", "the list of expired items cannot be read");
        self.sweeps_from = Some(Instant::now() + SWEEP_PAUSE_DAMAGED);
        self.sweep_pause = SWEEP_PAUSE;
    }

    /// Refuses everything: each write breaks off, so the file needs an operator.
    fn fail(&mut self) {
        self.health.writer_failed();
        tracing::error!(
            "The store's file cannot be written; nothing more is written. Stop the venue, keep the file, and restore a backup"
        );
        while let Ok(command) = self.queue.recv() {
            answer(command, "the store's file is damaged");
        }
    }

    /// After an I/O error redb refuses everything, also reads. Committed data is in the file, as after a
    /// crash, so the file is reopened. Returns `false` when the queue was closed meanwhile.
    fn recover(&mut self) -> bool {
        if self.health.is_doubtful() {
            tracing::error!(
                "The operating system could not bring the store's file to the disk; nothing more is written. Check the disk, then start the program again"
            );
            while let Ok(command) = self.queue.recv() {
                answer(command, "the store's disk has failed");
            }
            return false;
        }
        self.slot.close();
        loop {
            let started = Instant::now();
            match (self.open)() {
                Ok(database) => {
                    self.slot.put(database);
                    self.rest = rest_after_opening(self.rest, started.elapsed());
                    tracing::warn!(rest = ?self.rest, "The store's file was opened again after an I/O error; writing goes on after a rest");
                    return self.rest();
                }
                Err(error) => {
                    tracing::error!(%error, "The store's file could not be opened again after an I/O error");
                    if !self.rest() {
                        return false;
                    }
                }
            }
        }
    }

    /// Refuses transactions for a while, so that a full disk is not retried with every command.
    fn rest(&mut self) -> bool {
        let until = Instant::now() + self.rest;
        self.rest = (self.rest * 2).min(REST_DOUBLED_MAX);
        while Instant::now() < until {
            match self.queue.try_recv() {
                Ok(command) => answer(command, "the store could not write a moment ago"),
                Err(TryRecvError::Empty) => thread::sleep(REST_POLL),
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }
}

/// Pause after the file was opened again, which took a while.
fn rest_after_opening(rest: Duration, opening: Duration) -> Duration {
    rest.max(opening.saturating_mul(REST_PER_OPENING)).min(REST_MAX)
}

fn answer(command: WriterCommand, why: &'static str) {
    let _ = command.answer.send(Err(StoreError::unavailable(why)));
}

fn refuse(askers: Vec<Asker>, error: &StoreError) {
    tracing::error!(error = ?error, transactions = askers.len(), "A group of transactions could not be committed");
    for asker in askers {
        let _ = asker.send(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    use cnop_store::{Condition, Key};
    use cnop_testkit::ManualClock;
    use redb::StorageBackend;
    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::file::Watched;
    use crate::open::{EmbeddedOptions, database_open};

    /// A disk with sync failures on demand.
    #[derive(Debug)]
    struct Disk {
        inner: InMemoryBackend,
        is_failing: Arc<AtomicBool>,
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.inner.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.inner.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.inner.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            if self.is_failing.load(Ordering::SeqCst) {
                return Err(io::Error::other("the disk is gone"));
            }
            self.inner.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.inner.write(offset, data)
        }
    }

    /// After one passing error a large store refused writes for ten times as long as it takes to open: 20 minutes.
    #[test]
    fn the_rest_after_an_error_is_bounded_however_long_opening_takes() {
        let second = Duration::from_secs(1);
        assert_eq!(rest_after_opening(REST_FIRST, second), second * 10);
        assert_eq!(rest_after_opening(REST_FIRST, second * 120), REST_MAX);
        assert_eq!(rest_after_opening(second * 20, second), second * 20);
    }

    /// After a failed sync, the operating system may show data that is not on disk. Nothing may build on it.
    #[test]
    fn after_a_failed_sync_nothing_is_written_and_the_file_is_not_opened_again() {
        let (is_failing, health) = (Arc::new(AtomicBool::new(false)), FileHealth::default());
        let disk = Disk { inner: InMemoryBackend::new(), is_failing: Arc::clone(&is_failing) };
        let database = database_open(
            Watched::new(disk, health.clone()),
            Path::new("store"),
            &EmbeddedOptions::default(),
        );
        let slot = Arc::new(DatabaseSlot::new(database.unwrap()));
        let (queue, commands) = mpsc::sync_channel(8);
        let open = Box::new(|| panic!("the file was opened again"));
        let writer = Writer::new(slot, open, health.clone(), commands, Arc::new(ManualClock::default()));
        let writer = writer.start().unwrap();
        let put = |sk: &str| {
            let (answer, answered) = oneshot::channel();
            let writes = vec![Write::put(Key::new("p", sk), "body", Condition::Absent)];
            queue.send(WriterCommand { writes, answer }).unwrap();
            answered.blocking_recv().unwrap()
        };
        put("before").unwrap();
        assert!(!health.is_doubtful());
        is_failing.store(true, Ordering::SeqCst);
        assert!(matches!(put("during"), Err(StoreError::Unavailable(_))));
        assert!(health.is_doubtful());
        is_failing.store(false, Ordering::SeqCst);
        assert!(matches!(put("after"), Err(StoreError::Unavailable(_))));
        drop(queue);
        writer.join().unwrap();
    }
}
