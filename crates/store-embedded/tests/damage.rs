//! A damaged page in the middle of a file.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this is test code")]

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use cnop_store::{Condition, Key, StoreError, Table, TableHealth, Write};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable, OpenError};
use cnop_testkit::ManualClock;

/// Items of the file; enough that the middle is not in the sample that is read when it is opened.
const ITEMS: usize = 6_000;
/// Items that one transaction writes.
const ITEMS_PER_WRITE: usize = 100;
/// Bytes of redb's pages.
const PAGE_BYTES: usize = 4_096;
/// First byte of a leaf: its keys and values, unlike a branch, are needed for these keys alone.
const LEAF: u8 = 1;

/// Opens the file without pages in memory, so that damage is met at once.
fn open(path: &Path) -> Result<EmbeddedTable, OpenError> {
    EmbeddedTable::open(path, &EmbeddedOptions { cache_bytes: 0 }, Arc::new(ManualClock::default()))
}

fn key(number: usize) -> Key {
    Key::new("p", format!("item {number:06}"))
}

fn put(number: usize) -> Write {
    Write::put(key(number), vec![7; 300], Condition::Any)
}

/// Destroys every leaf with this item in place, and returns how many there were.
fn damage(path: &Path, number: usize) -> usize {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let (bytes, text) = (fs::read(path).unwrap(), key(number).sk);
    let mut damaged = 0;
    // The first page is the header.
    for (place, page) in bytes.chunks(PAGE_BYTES).enumerate().skip(1) {
        if page[0] == LEAF && page.windows(text.len()).any(|window| window == text.as_bytes()) {
            file.write_all_at(&[0xff; 64], u64::try_from(place * PAGE_BYTES).unwrap()).unwrap();
            damaged += 1;
        }
    }
    damaged
}

async fn store(path: &Path) {
    let table = open(path).unwrap();
    for first in (0..ITEMS).step_by(ITEMS_PER_WRITE) {
        table.transact((first..first + ITEMS_PER_WRITE).map(put).collect()).await.unwrap();
    }
}

/// One damaged page failed every transaction that was committed together with one that touched it, up to 256 of them,
/// again and again. The log had some lines a second without end, and readiness said "ok".
#[tokio::test]
async fn damage_fails_the_transaction_that_meets_it_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    store(&path).await;
    let lost = ITEMS / 2;
    // A debug build of redb walks the whole file when it is opened, so the damage comes later.
    let table = Arc::new(open(&path).unwrap());
    assert!(damage(&path, lost) > 0);
    assert_eq!(table.health(), TableHealth::Sound, "nobody has met it yet");
    for round in 0..3 {
        let waiting: Vec<_> = (0..60)
            .map(|place| {
                let number = if place == 20 { lost } else { place + 100 * round };
                let table = Arc::clone(&table);
                tokio::spawn(async move { (number, table.transact(vec![put(number)]).await) })
            })
            .collect();
        for answer in waiting {
            match answer.await.unwrap() {
                (number, Err(StoreError::Corrupt(_))) => assert_eq!(number, lost),
                (number, answer) => assert!(number != lost && answer.is_ok(), "{number}: {answer:?}"),
            }
        }
        assert_eq!(table.health(), TableHealth::PartlyDamaged, "of one partition");
    }
    assert!(matches!(table.get(&key(lost)).await, Err(StoreError::Corrupt(_))));
    assert_eq!(table.get(&key(5)).await.unwrap().unwrap().version, 2);
    // The same walk when it is closed would panic.
    std::mem::forget(table);
}

/// The venue opened on a damaged file and met the damage one request at a time.
#[tokio::test]
async fn damage_at_an_end_of_the_file_is_told_when_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    for number in [3, ITEMS - 3] {
        let _ = fs::remove_file(&path);
        store(&path).await;
        assert!(damage(&path, number) > 0);
        let error = open(&path).unwrap_err();
        assert!(error.to_string().contains("is damaged"), "{error}");
    }
}
