//! Benchmark: transactions per second of the embedded table, by number of concurrent writers.
//!
//! `cargo run --release -p cnop-store-embedded --example throughput [seconds]`. Each transaction has five
//! puts of about 150 bytes, like an order: two items by version, two new items and one that expires.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for a person at a terminal")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cnop_store::{Condition, Key, Table, Write};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};
use cnop_testkit::ManualClock;

const BODY_BYTES: usize = 150;

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3);
    let directory = tempfile::tempdir_in(".").unwrap();
    for writers in [1, 16, 64, 256] {
        let path = directory.path().join(format!("store-{writers}"));
        let clock = Arc::new(ManualClock::default());
        let table = Arc::new(EmbeddedTable::open(&path, &EmbeddedOptions::default(), clock).unwrap());
        let count = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let end = start + Duration::from_secs(seconds);
        let tasks: Vec<_> = (0..writers)
            .map(|writer| tokio::spawn(write(Arc::clone(&table), writer, Arc::clone(&count), end)))
            .collect();
        let mut waits = Vec::new();
        for task in tasks {
            waits.extend(task.await.unwrap());
        }
        waits.sort_unstable();
        let elapsed = start.elapsed().as_secs_f64();
        let rate = f64::from(u32::try_from(count.load(Ordering::Relaxed)).unwrap()) / elapsed;
        let at = |share: usize| waits.get(waits.len() * share / 100).copied().unwrap_or_default();
        let bytes = std::fs::metadata(&path).unwrap().len();
        println!(
            "{writers:>4} at once: {rate:>8.0} transactions/s, p50 {:?}, p99 {:?}, file {} MiB, resident {} MiB",
            at(50),
            at(99),
            bytes >> 20,
            resident_mebibytes()
        );
    }
}

async fn write(table: Arc<EmbeddedTable>, writer: u32, count: Arc<AtomicU64>, end: Instant) -> Vec<Duration> {
    let body = Bytes::from(vec![7; BODY_BYTES]);
    let pk = format!("A#account-of-a-trader-{writer}");
    let mut waits = Vec::new();
    for seq in 0.. {
        let versioned = if seq == 0 { Condition::Absent } else { Condition::Version(seq) };
        let put = |sk: String, condition| Write::put(Key::new(pk.clone(), sk), body.clone(), condition);
        let key = Key::new(pk.clone(), format!("I#orders#{writer}-{seq:08}"));
        let begin = Instant::now();
        table
            .transact(vec![
                put("HEAD".to_owned(), versioned),
                put("H#BTC".to_owned(), versioned),
                put(format!("O#ord_{seq:026}"), Condition::Absent),
                put(format!("E#{seq:020}"), Condition::Absent),
                Write::put_expiring(key, body.clone(), 1_797_000_000, Condition::Absent),
            ])
            .await
            .unwrap();
        waits.push(begin.elapsed());
        count.fetch_add(1, Ordering::Relaxed);
        if Instant::now() > end {
            break;
        }
    }
    waits
}

fn resident_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kibibytes| kibibytes.parse::<u64>().ok()).unwrap_or_default()
        >> 10
}
