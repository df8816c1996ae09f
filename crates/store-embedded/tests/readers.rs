//! Concurrent readers and a writer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "this is test code")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cnop_store::{Condition, Key, Table, TableQuery, Write};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};
use cnop_testkit::ManualClock;

const ROUNDS: u64 = 400;

/// Reads on the spot never wait. A loop over them held its thread to the end, and no deadline could end it.
#[tokio::test(flavor = "current_thread")]
async fn a_loop_over_reads_lets_other_tasks_run() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let clock = Arc::new(ManualClock::default());
    let table = EmbeddedTable::open(&path, &EmbeddedOptions::default(), clock).unwrap();
    let has_run = Arc::new(AtomicBool::new(false));
    let other = Arc::clone(&has_run);
    tokio::spawn(async move { other.store(true, Ordering::SeqCst) });
    for _ in 0..1_000 {
        table.get(&Key::new("p", "a")).await.unwrap();
    }
    assert!(has_run.swap(false, Ordering::SeqCst));
    let other = Arc::clone(&has_run);
    tokio::spawn(async move { other.store(true, Ordering::SeqCst) });
    for _ in 0..1_000 {
        table.query(&TableQuery::prefix("p", "", 100)).await.unwrap();
    }
    assert!(has_run.load(Ordering::SeqCst));
}

/// A page shows a transaction completely or not at all, and a later read never shows less.
///
/// In a debug build redb also checks here that no page is freed under a reader.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_page_is_one_moment() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let path = directory.path().join("store");
    let table = Arc::new(EmbeddedTable::open(&path, &EmbeddedOptions::default(), clock).unwrap());
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> =
        (0..3).map(|kind| tokio::spawn(read(Arc::clone(&table), Arc::clone(&is_over), kind))).collect();
    for round in 0..ROUNDS {
        let condition = if round == 0 { Condition::Absent } else { Condition::Version(round) };
        let writes = (0..20)
            .map(|index| Write::put(Key::new("p", format!("{index:02}")), round.to_string(), condition));
        table.transact(writes.collect()).await.unwrap();
    }
    is_over.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
}

async fn read(table: Arc<EmbeddedTable>, is_over: Arc<AtomicBool>, kind: u8) {
    let mut newest = 0;
    while !is_over.load(Ordering::SeqCst) {
        let items = match kind {
            0 => table.query(&TableQuery::prefix("p", "", 100)).await.unwrap().items,
            1 => table.scan(0, 1, None, 1_000).await.unwrap().items,
            _ => Vec::from_iter(table.get(&Key::new("p", "07")).await.unwrap()),
        };
        if let Some(first) = items.first() {
            assert!(items.iter().all(|item| item.version == first.version && item.body == first.body));
            assert!(first.version >= newest);
            newest = first.version;
        }
        tokio::task::yield_now().await;
    }
}
