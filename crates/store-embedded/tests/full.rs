//! A full disk: writes are refused with a reason, no acknowledged write is lost, reads go on, and writes resume by
//! themselves when there is room.
//!
//! The test runs itself as a child: once under a limit of its files' size, which the child lifts, and once on a small
//! file system of its own, where the child makes room.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "this is test code")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cnop_store::{Condition, Key, StoreError, Table, Write};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};
use cnop_testkit::ManualClock;

const DIRECTORY_VARIABLE: &str = "STORE_DIRECTORY";
/// The child's way to make room: `limit` or `ballast`.
const ROOM_VARIABLE: &str = "STORE_ROOM";
/// Exit code of the child when the system does not allow a file system of its own.
const NO_FILE_SYSTEM: i32 = 77;
/// Bytes of the file, or of the file system.
const BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of an item: some hundred of them fill the space.
const BODY_BYTES: usize = 32 * 1024;
/// Writes that must succeed once there is room again; the ballast's place is enough for them.
const ROUNDS: usize = 8;
/// Room comes back at once; the writer may rest a while before it tries.
const PATIENCE: Duration = Duration::from_secs(30);

fn open(path: &Path) -> EmbeddedTable {
    EmbeddedTable::open(path, &EmbeddedOptions::default(), Arc::new(ManualClock::default())).unwrap()
}

/// Runs the child below with a prelude of the shell; says whether the system let it.
fn run(directory: &Path, room: &str, shell: &str) -> bool {
    let child = Command::new("sh")
        .args([
            "-c",
            &format!("{shell} exec \"$0\" child_fills_the_disk --exact --nocapture --test-threads=1"),
        ])
        .arg(std::env::current_exe().unwrap())
        .env(DIRECTORY_VARIABLE, directory)
        .env(ROOM_VARIABLE, room)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    if child.code() == Some(NO_FILE_SYSTEM) {
        return false;
    }
    assert!(child.success(), "{child}");
    true
}

#[test]
fn a_file_that_may_not_grow() {
    let directory = tempfile::tempdir().unwrap();
    // The system would end the process with a signal instead of answering the write.
    assert!(run(directory.path(), "limit", "trap '' XFSZ;"));
    // The child has checked this before it closed the store; here it is another process that opens it.
    let table = open(&directory.path().join("store"));
    let last = fs::read_to_string(directory.path().join("answered")).unwrap().parse().unwrap();
    all_are_there(&table, last);
}

#[test]
fn a_full_file_system() {
    let directory = tempfile::tempdir().unwrap();
    let mount = format!(
        "unshare --map-root-user --mount true 2>/dev/null || exit {NO_FILE_SYSTEM}; exec unshare --map-root-user --mount sh -c 'mount -t tmpfs -o size={BYTES} none \"${DIRECTORY_VARIABLE}\" && exec \"$0\" \"$@\"' \"$0\" child_fills_the_disk --exact --nocapture --test-threads=1;"
    );
    if !run(directory.path(), "ballast", &mount) {
        eprintln!("skipped: this system lets nobody but its owner mount a file system");
    }
}

/// Does nothing unless a test above runs it as a child process.
#[test]
fn child_fills_the_disk() {
    let (Ok(directory), Ok(room)) = (std::env::var(DIRECTORY_VARIABLE), std::env::var(ROOM_VARIABLE)) else {
        return;
    };
    let directory = PathBuf::from(directory);
    let ballast = directory.join("ballast");
    let limit = |bytes: &str| {
        let own = std::process::id().to_string();
        let set = Command::new("prlimit").args(["--pid", &own, &format!("--fsize={bytes}")]).status();
        assert!(set.unwrap().success());
    };
    match room.as_str() {
        "limit" => limit(&format!("{BYTES}:unlimited")),
        "ballast" => fs::write(&ballast, vec![1; usize::try_from(BYTES / 4).unwrap()]).unwrap(),
        other => panic!("{other}"),
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let answered = runtime.block_on(async {
        let table = open(&directory.join("store"));
        let filled = fill(&table).await;
        assert!(filled > 10, "{filled}");
        let filled = is_full(&table, filled).await;
        match room.as_str() {
            "limit" => limit("unlimited:unlimited"),
            _ => fs::remove_file(&ballast).unwrap(),
        }
        goes_on(&table, filled).await
    });
    if room == "ballast" {
        // The file system ends with this process, so it is checked here, after closing.
        all_are_there(&open(&directory.join("store")), answered);
    } else {
        fs::write(directory.join("answered"), answered.to_string()).unwrap();
    }
}

fn put(number: usize) -> Vec<Write> {
    let half = |half: &str| {
        Write::put(Key::new("p", format!("{number:06}{half}")), vec![7; BODY_BYTES / 2], Condition::Absent)
    };
    vec![half("a"), half("b")]
}

/// Writes until there is no room; the number of the first that was refused.
async fn fill(table: &EmbeddedTable) -> usize {
    for number in 0..10_000 {
        match table.transact(put(number)).await {
            Ok(()) => {}
            Err(StoreError::Unavailable(reason)) => {
                eprintln!("full after {number}: {reason}");
                return number;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("the disk is never full");
}

/// Without space, writes are refused as unavailable, except the few that still find a free page. Every
/// acknowledged item can be read. Returns the number of the first refused item again.
async fn is_full(table: &EmbeddedTable, filled: usize) -> usize {
    let until = Instant::now() + Duration::from_millis(1_500);
    let (mut next, mut refused, mut read) = (filled, 0, 0);
    while Instant::now() < until {
        match table.transact(put(next)).await {
            Ok(()) => next += 1,
            Err(StoreError::Unavailable(_)) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
        for number in 0..next {
            match table.get(&Key::new("p", format!("{number:06}b"))).await {
                Ok(item) => assert_eq!(item.unwrap().body.len(), BODY_BYTES / 2),
                // For a moment, while the file is opened again.
                Err(StoreError::Unavailable(_)) => break,
                Err(error) => panic!("{error:?}"),
            }
            read += 1;
        }
    }
    eprintln!("{} found room, {refused} were refused, {read} reads", next - filled);
    assert!(refused > 10 && read > next, "{refused} refused, {read} read");
    next
}

/// Writing resumes by itself. Returns the number of the first item that was not tried.
async fn goes_on(table: &EmbeddedTable, filled: usize) -> usize {
    let until = Instant::now() + PATIENCE;
    let mut next = filled;
    while next < filled + ROUNDS {
        match table.transact(put(next)).await {
            Ok(()) => next += 1,
            Err(StoreError::Unavailable(reason)) => {
                assert!(Instant::now() < until, "the store never writes again: {reason}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    next
}

/// Every acknowledged item exists, complete, and no other.
#[tokio::main(flavor = "current_thread")]
async fn all_are_there(table: &EmbeddedTable, count: usize) {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = table.scan(0, 1, cursor, 1_000).await.unwrap();
        found.extend(page.items.into_iter().map(|item| item.key.sk));
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<String> =
        (0..count).flat_map(|number| ["a", "b"].map(|half| format!("{number:06}{half}"))).collect();
    assert_eq!(found, expected);
}
