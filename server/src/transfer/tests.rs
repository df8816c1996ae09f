//! Exports and imports between tables in memory, with faults.

use cnop_store::{Condition, Item, Key, Table, Write};
use cnop_testkit::{CommitFault, FlakyTable, ManualClock, MemoryTable};

use super::error::TransferError;
use super::*;
use crate::unfinished_import as marker;

fn empty() -> Arc<MemoryTable> {
    Arc::new(MemoryTable::new(Arc::new(ManualClock::default())))
}

/// A table with more items than one transaction takes, with versions and an expiry.
async fn filled() -> Arc<MemoryTable> {
    let table = empty();
    for number in 0..250 {
        let key = Key::new(format!("A#{}", number % 7), format!("E#{number:03}"));
        let body = vec![u8::try_from(number % 251).unwrap(); number * 40];
        for _ in 0..=number % 3 {
            table.transact(vec![Write::put(key.clone(), body.clone(), Condition::Any)]).await.unwrap();
        }
    }
    let at = ManualClock::START_US / 1_000_000 + 60;
    let session = Write::put_expiring(Key::new("U#ada", "S#1"), "session", at, Condition::Any);
    table.transact(vec![session]).await.unwrap();
    table
}

async fn items(table: &dyn Table) -> Vec<Item> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = table.scan(0, 1, cursor, 100).await.unwrap();
        all.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

async fn exported(table: Arc<dyn Table>) -> (Vec<u8>, [u8; 32]) {
    let (bytes, summary) = export::run(table, Vec::new()).await.unwrap();
    (bytes, summary.checksum)
}

async fn imported(table: &dyn Table, bytes: &[u8], checksum: [u8; 32]) -> Result<(), TransferError> {
    import::run(table, ExportReader::open(bytes).unwrap(), checksum).await
}

/// Versions are part of an item: a stream or a page that was open before the move compares them.
#[tokio::test]
async fn a_venue_moves_with_versions_and_expiries_and_without_items_of_processes() {
    let source = filled().await;
    let before = items(&*source).await;
    let probe = Write::put(Key::new("VENUE", "READY#1"), "probe", Condition::Any);
    source.transact(vec![probe]).await.unwrap();
    let (bytes, checksum) = exported(source).await;
    let target = empty();
    imported(&*target, &bytes, checksum).await.unwrap();
    assert_eq!(items(&*target).await, before);
    assert_eq!(exported(target).await.0, bytes);
}

/// Every changed bit, and every missing end, is found before anything is written.
#[test]
fn a_damaged_file_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (bytes, _) = runtime.block_on(async {
        let table = empty();
        table.transact(vec![Write::put(Key::new("A#1", "HEAD"), "body", Condition::Any)]).await.unwrap();
        exported(table).await
    });
    let read = |bytes: &[u8]| {
        let mut reader = ExportReader::open(bytes)?;
        while reader.next()?.is_some() {}
        reader.summary().map(drop)
    };
    read(&bytes).unwrap();
    for index in 0..bytes.len() {
        assert!(read(&bytes[..index]).is_err(), "cut at {index}");
        let mut changed = bytes.clone();
        changed[index] ^= 1;
        assert!(read(&changed).is_err(), "changed at {index}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(read(&longer).is_err());
    let mut newer = bytes.clone();
    newer[12] = 2;
    assert!(matches!(read(&newer), Err(FormatError::Version(2))));
}

/// A server on a half imported store would lose the orders of the other half.
#[tokio::test]
async fn an_interrupted_import_is_refused_to_servers_and_goes_on_when_repeated() {
    let source = filled().await;
    let (bytes, checksum) = exported(source.clone()).await;
    let target = empty();
    // The file ends in the middle, as if the process had been killed there.
    let half = ExportReader::open(&bytes[..bytes.len() / 2]).unwrap();
    assert!(import::run(&*target, half, checksum).await.is_err());
    assert!(unfinished_import_check(&*target).await.is_err());
    let other = [7; 32];
    assert!(matches!(imported(&*target, &bytes, other).await, Err(TransferError::OtherImport)));
    imported(&*target, &bytes, checksum).await.unwrap();
    unfinished_import_check(&*target).await.unwrap();
    assert_eq!(items(&*target).await, items(&*source).await);
}

#[tokio::test]
async fn a_store_with_content_is_refused() {
    let (bytes, checksum) = exported(filled().await).await;
    let target = filled().await;
    let before = items(&*target).await;
    assert!(matches!(imported(&*target, &bytes, checksum).await, Err(TransferError::NotEmpty(..))));
    assert_eq!(items(&*target).await, before);
}

/// A transaction whose answer is lost was written: the next attempt finds its items.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_and_a_busy_table_do_not_end_an_import() {
    let source = filled().await;
    let (bytes, checksum) = exported(source.clone()).await;
    for fault in [CommitFault::AnswerLost, CommitFault::RequestLost, CommitFault::Busy] {
        let target = FlakyTable::new(empty());
        // The marker is written before.
        let marked = Write::put(marker::key(), marker::body(checksum), Condition::Absent);
        target.transact(vec![marked]).await.unwrap();
        target.fail_next_commit(fault);
        imported(&target, &bytes, checksum).await.unwrap();
        assert_eq!(items(&target).await, items(&*source).await, "{fault:?}");
    }
}

#[tokio::test]
async fn an_item_that_differs_ends_an_import_with_its_name() {
    let (bytes, checksum) = exported(filled().await).await;
    let target = empty();
    let marked = Write::put(marker::key(), marker::body(checksum), Condition::Absent);
    let other = Write::put(Key::new("A#0", "E#000"), "other", Condition::Absent);
    target.transact(vec![marked, other]).await.unwrap();
    let error = imported(&*target, &bytes, checksum).await.unwrap_err();
    assert!(error.to_string().contains("A#0 E#000"), "{error}");
}
