//! Tests of group commit and of the removal of expired items.

use std::cell::Cell;

use cnop_store::{Condition, Key, StoreError, Write};
use redb::{ReadableDatabase, ReadableTableMetadata};

use super::{CommitStage, SWEEP_ITEMS_MIN, sweep};
use crate::open::{EXPIRIES, EmbeddedOptions, ITEMS, StoreFile};

fn commit(
    database: &redb::Database,
    transactions: &[Vec<Write>],
    now_s: i64,
) -> Result<Vec<Result<(), StoreError>>, redb::Error> {
    super::commit(database, transactions, now_s, true, &Cell::new(CommitStage::Applying))
}

fn put(sk: &str, condition: Condition) -> Write {
    Write::put(Key::new("p", sk), "body", condition)
}

fn counts(database: &redb::Database) -> (u64, u64) {
    let read = database.begin_read().unwrap();
    (read.open_table(ITEMS).unwrap().len().unwrap(), read.open_table(EXPIRIES).unwrap().len().unwrap())
}

/// Each transaction sees the earlier ones of its group. A refused one has no effect.
#[test]
fn a_group_is_a_sequence() {
    let directory = tempfile::tempdir().unwrap();
    let file = StoreFile::open(&directory.path().join("store"), &EmbeddedOptions::default()).unwrap();
    let database = file.database().unwrap();
    let answers = commit(
        &database,
        &[
            vec![put("a", Condition::Absent)],
            vec![put("b", Condition::Absent), put("a", Condition::Absent)],
            vec![put("a", Condition::Version(1)), put("c", Condition::Absent)],
            vec![Write::delete(Key::new("p", "c"), Condition::Version(1))],
            vec![Write::check(Key::new("p", "c"), Condition::Absent), put("b", Condition::Absent)],
            vec![put("c", Condition::Absent)],
        ],
        0,
    )
    .unwrap();
    let Err(StoreError::Conflict(failed)) = &answers[1] else { panic!("{:?}", answers[1]) };
    assert_eq!(failed.len(), 1);
    let current = failed[0].current.as_ref().unwrap();
    assert_eq!((failed[0].index, &current.key, current.version), (1, &Key::new("p", "a"), 1));
    assert!(answers.iter().enumerate().all(|(index, answer)| index == 1 || answer.is_ok()), "{answers:?}");
    assert_eq!(counts(&database), (3, 0));
}

/// Expired items leave the file with later commits, a bounded number with each.
#[test]
fn the_expired_leave_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = StoreFile::open(&directory.path().join("store"), &EmbeddedOptions::default()).unwrap();
    let database = file.database().unwrap();
    let many = SWEEP_ITEMS_MIN + 5;
    for index in 0..many {
        let key = Key::new("p", format!("short {index}"));
        let write = Write::put_expiring(key, "body", 100, Condition::Absent);
        commit(&database, &[vec![write]], 0).unwrap()[0].as_ref().unwrap();
    }
    let kept = |at, condition| Write::put_expiring(Key::new("p", "kept"), "body", at, condition);
    commit(&database, &[vec![kept(50, Condition::Absent)]], 0).unwrap();
    commit(&database, &[vec![kept(1_000, Condition::Version(1))]], 0).unwrap();
    let many = u64::try_from(many).unwrap();
    assert_eq!(counts(&database), (many + 1, many + 2));
    commit(&database, &[vec![put("x", Condition::Any)]], 99).unwrap();
    assert_eq!(counts(&database), (many + 2, many + 1));
    commit(&database, &[vec![put("x", Condition::Any)]], 100).unwrap();
    assert_eq!(counts(&database), (7, 6));
    commit(&database, &[vec![put("x", Condition::Any)]], 100).unwrap();
    assert_eq!(counts(&database), (2, 1));
}

/// Old answers of commands stayed for months under load: 64 left with a commit that brought up to 256.
#[test]
fn under_load_the_expired_leave_faster_than_others_come() {
    let directory = tempfile::tempdir().unwrap();
    let file = StoreFile::open(&directory.path().join("store"), &EmbeddedOptions::default()).unwrap();
    let database = file.database().unwrap();
    let keyed = |name: &str, index: usize, at| {
        vec![Write::put_expiring(Key::new("p", format!("{name} {index}")), "body", at, Condition::Absent)]
    };
    for round in 0..10 {
        let old = (0..300).map(|index| keyed("old", round * 300 + index, 100)).collect::<Vec<_>>();
        commit(&database, &old, 0).unwrap();
    }
    assert_eq!(counts(&database), (3_000, 3_000));
    for round in 1..=10 {
        let new = (0..300).map(|index| keyed("new", round * 300 + index, 1_000)).collect::<Vec<_>>();
        commit(&database, &new, 100).unwrap();
        let left = u64::try_from(3_000_usize.saturating_sub(round * 600)).unwrap();
        let come = u64::try_from(round * 300).unwrap();
        assert_eq!(counts(&database), (left + come, left + come));
    }
}

/// Expired items stayed as long as nobody wrote.
#[test]
fn a_sweep_needs_no_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let file = StoreFile::open(&directory.path().join("store"), &EmbeddedOptions::default()).unwrap();
    let database = file.database().unwrap();
    let write = Write::put_expiring(Key::new("p", "short"), "body", 100, Condition::Absent);
    commit(&database, &[vec![write]], 0).unwrap();
    assert_eq!(sweep(&database, 99).unwrap(), 0);
    assert_eq!(sweep(&database, 100).unwrap(), 1);
    assert_eq!(counts(&database), (0, 0));
}
