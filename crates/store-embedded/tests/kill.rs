//! A writer that is killed under load, several times: no acknowledged write is lost, and no transaction is partial.
//!
//! The test runs itself as the child: with `STORE_FILE` set it writes transfers to that file until it is killed and
//! prints the name of each one that was answered.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "this is test code"
)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cnop_store::{Condition, Key, StoreError, Table, Write};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};
use cnop_testkit::{ManualClock, SeededRng};

const FILE_VARIABLE: &str = "STORE_FILE";
const ROUND_VARIABLE: &str = "STORE_ROUND";
/// Prefix of the names in the child's output, to distinguish them from the output of the test harness.
const MARK: &str = "answered ";
const ROUNDS: u64 = 24;
const WRITERS: u64 = 16;
const ACCOUNTS: u64 = 12;
/// Maximum acknowledgments before the child is killed.
const ANSWERS_MAX: u64 = 600;

fn open(path: &Path) -> EmbeddedTable {
    EmbeddedTable::open(path, &EmbeddedOptions::default(), Arc::new(ManualClock::default())).unwrap()
}

/// Kills the child whatever happens to the test.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn nothing_answered_is_lost_and_nothing_is_half_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let mut random = SeededRng::new(20_261_121, "kill");
    let mut answered = HashSet::new();
    for round in 0..ROUNDS {
        let mut victim = child_start(&path, round);
        let mut lines = BufReader::new(victim.0.stdout.take().unwrap()).lines();
        // Reads some answers, then lets it run a little further unobserved: it dies at any point of a commit.
        for _ in 0..random.below(ANSWERS_MAX) {
            answered_add(&mut answered, &lines.next().expect("the child died by itself").unwrap());
        }
        std::thread::sleep(Duration::from_micros(random.below(4_000)));
        victim.0.kill().unwrap();
        victim.0.wait().unwrap();
        // Names printed until the kill count as acknowledged; a truncated last line does not.
        lines.map_while(Result::ok).for_each(|line| answered_add(&mut answered, &line));
        check(&path, &answered);
    }
    assert!(answered.len() > 1_000, "only {} transfers were answered", answered.len());
}

fn child_start(path: &Path, round: u64) -> Victim {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["child_writes_until_it_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(FILE_VARIABLE, path)
        .env(ROUND_VARIABLE, round.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    Victim(child)
}

fn answered_add(answered: &mut HashSet<String>, line: &str) {
    // The end mark distinguishes a complete name from a truncated one.
    if let Some(name) = line.strip_prefix(MARK).and_then(|line| line.strip_suffix('.')) {
        answered.insert(name.to_owned());
    }
}

/// Each transfer has three items: two balances that it changes, and a record that names them and the amount.
#[tokio::main(flavor = "current_thread")]
async fn check(path: &Path, answered: &HashSet<String>) {
    let table = open(path);
    let mut balances = vec![0_i64; usize::try_from(ACCOUNTS).unwrap()];
    let mut expected = balances.clone();
    let mut versions = vec![0_u64; balances.len()];
    let mut expected_versions = versions.clone();
    let mut found = HashSet::new();
    let mut cursor = None;
    loop {
        let page = table.scan(0, 1, cursor, 1_000).await.unwrap();
        for item in page.items {
            let body = std::str::from_utf8(&item.body).unwrap();
            if item.key.pk == "record" {
                let [from, to, amount] = body.split(' ').collect::<Vec<_>>()[..] else { panic!("{body}") };
                let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
                let amount: i64 = amount.parse().unwrap();
                expected[from] -= amount;
                expected[to] += amount;
                expected_versions[from] += 1;
                expected_versions[to] += 1;
                found.insert(item.key.sk);
            } else {
                let account: usize = item.key.sk.parse().unwrap();
                balances[account] = body.parse().unwrap();
                versions[account] = item.version;
            }
        }
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(balances.iter().sum::<i64>(), 0);
    assert_eq!(balances, expected);
    assert_eq!(versions, expected_versions);
    let lost: Vec<_> = answered.difference(&found).collect();
    assert!(lost.is_empty(), "answered but lost: {lost:?}");
}

/// Does nothing unless the test above runs it as a child process.
#[test]
fn child_writes_until_it_is_killed() {
    let (Ok(path), Ok(round)) = (std::env::var(FILE_VARIABLE), std::env::var(ROUND_VARIABLE)) else { return };
    // The harness has begun a line of its own.
    println!();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let table = Arc::new(open(Path::new(&path)));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(child_write(Arc::clone(&table), round.clone(), writer)))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

async fn child_write(table: Arc<EmbeddedTable>, round: String, writer: u64) {
    let mut random = SeededRng::new(writer, "writer");
    for number in 0.. {
        let from = random.below(ACCOUNTS);
        let to = (from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
        let amount = i64::try_from(random.below(1_000)).unwrap();
        let name = format!("{round}-{writer}-{number}");
        while !transfer(&*table, from, to, amount, &name).await {}
        let mut stdout = std::io::stdout().lock();
        // One write call for a whole line.
        stdout.write_all(format!("{MARK}{name}.\n").as_bytes()).unwrap();
        stdout.flush().unwrap();
    }
}

/// Says whether it was done; otherwise another transfer came between.
async fn transfer(table: &dyn Table, from: u64, to: u64, amount: i64, name: &str) -> bool {
    let writes = vec![
        balance_change(table, from, -amount).await,
        balance_change(table, to, amount).await,
        Write::put(Key::new("record", name), format!("{from} {to} {amount}"), Condition::Absent),
    ];
    match table.transact(writes).await {
        Ok(()) => true,
        Err(StoreError::Conflict(_)) => false,
        Err(error) => panic!("{error:?}"),
    }
}

async fn balance_change(table: &dyn Table, account: u64, change: i64) -> Write {
    let key = Key::new("balance", account.to_string());
    match table.get(&key).await.unwrap() {
        None => Write::put(key, change.to_string(), Condition::Absent),
        Some(item) => {
            let balance: i64 = std::str::from_utf8(&item.body).unwrap().parse().unwrap();
            Write::put(key, (balance + change).to_string(), Condition::Version(item.version))
        }
    }
}
