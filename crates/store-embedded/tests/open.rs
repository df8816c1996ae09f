//! Opening, closing, and files that are not stores.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use cnop_store::{Condition, Key, Table, TableQuery, Write};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable, OpenError};
use cnop_testkit::ManualClock;

fn open(path: &Path) -> Result<EmbeddedTable, OpenError> {
    EmbeddedTable::open(path, &EmbeddedOptions::default(), Arc::new(ManualClock::default()))
}

fn put(sk: &str) -> Write {
    Write::put(Key::new("p", sk), "body of an item", Condition::Absent)
}

/// Acknowledged data exists after the file is reopened. The directory is created when missing.
#[tokio::test]
async fn reopened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("some/where/store");
    for round in 0..3 {
        let table = open(&path).unwrap();
        table.transact(vec![put(&round.to_string())]).await.unwrap();
        let page = table.query(&TableQuery::prefix("p", "", 10)).await.unwrap();
        assert_eq!(page.items.len(), round + 1);
    }
}

/// Dropping the table commits the waiting transactions first.
#[tokio::test]
async fn dropping_flushes_the_queue() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let table = Arc::new(open(&path).unwrap());
    let waiting: Vec<_> = (0..50)
        .map(|index| {
            let table = Arc::clone(&table);
            tokio::spawn(async move { table.transact(vec![put(&index.to_string())]).await })
        })
        .collect();
    for answer in waiting {
        answer.await.unwrap().unwrap();
    }
    drop(Arc::into_inner(table).unwrap());
    let page = open(&path).unwrap().query(&TableQuery::prefix("p", "", 100)).await.unwrap();
    assert_eq!(page.items.len(), 50);
}

/// Transactions beyond the queue's capacity are refused at once, and nothing of them is written.
#[tokio::test(flavor = "current_thread")]
async fn a_full_queue_is_busy() {
    let directory = tempfile::tempdir().unwrap();
    let table = Arc::new(open(&directory.path().join("store")).unwrap());
    let count = cnop_store_embedded::QUEUE_TRANSACTIONS_MAX * 4;
    let waiting: Vec<_> = (0..count)
        .map(|index| {
            let table = Arc::clone(&table);
            tokio::spawn(async move {
                let key = Key::new("p", index.to_string());
                table.transact(vec![Write::put(key, "", Condition::Absent)]).await
            })
        })
        .collect();
    for (index, answer) in waiting.into_iter().enumerate() {
        let is_written = match answer.await.unwrap() {
            Ok(()) => true,
            Err(cnop_store::StoreError::Busy) => false,
            Err(error) => panic!("{error:?}"),
        };
        let found = table.get(&Key::new("p", index.to_string())).await.unwrap();
        assert_eq!(found.is_some(), is_written);
    }
}

/// A second process is refused while the store is in use, and succeeds afterwards.
#[tokio::test]
async fn locked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let first = open(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
    assert!(error.to_string().ends_with("is in use by another process"), "{error}");
    drop(first);
    open(&path).unwrap();
}

/// Other users of the machine cannot read the file.
#[cfg(unix)]
#[tokio::test]
async fn readable_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    drop(open(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A place where no file can be is named together with the system's reason.
#[tokio::test]
async fn unusable() {
    let directory = tempfile::tempdir().unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open(&file.join("store")).unwrap_err();
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
    assert!(error.to_string().contains("cannot be opened for reading and writing"), "{error}");
}

/// A file of something else is refused and left as it is.
#[tokio::test]
async fn foreign_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    for content in ["x".repeat(5), "<html>".repeat(1_000), "redb\u{1a}\n".to_owned()] {
        fs::write(&path, &content).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

/// Damage anywhere in the file gives an error or no effect, never a panic.
#[tokio::test]
async fn damaged_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let table = open(&path).unwrap();
    for index in 0..200 {
        table.transact(vec![put(&format!("{index:03}"))]).await.unwrap();
    }
    drop(table);
    let sound = fs::read(&path).unwrap();
    let mut refused = 0;
    // A prime step visits header, region headers, branches and leaves alike.
    for at in (0..sound.len()).step_by(sound.len() / 61) {
        let mut damaged = sound.clone();
        for byte in damaged.iter_mut().skip(at).take(512) {
            *byte = !*byte;
        }
        refused += usize::from(!is_sound(&path, &damaged).await);
    }
    for length in [1, 8, 9, 100, 4_096, sound.len() / 2, sound.len() - 4_096] {
        refused += usize::from(!is_sound(&path, sound.get(..length).unwrap()).await);
    }
    assert!(refused > 0);
}

/// Returns true if everything can be read from a file of these bytes. Never panics, which is the point.
async fn is_sound(path: &Path, bytes: &[u8]) -> bool {
    fs::write(path, bytes).unwrap();
    match open(path) {
        Err(OpenError::Corrupt { reason, .. }) => {
            assert!(!reason.is_empty());
            false
        }
        Err(error) => panic!("{error:?}"),
        Ok(table) => {
            let mut is_sound = table.scan(0, 1, None, 1_000).await.is_ok();
            is_sound &= table.query(&TableQuery::prefix("p", "1", 50)).await.is_ok();
            is_sound & table.transact(vec![put("one more")]).await.is_ok()
        }
    }
}
