//! Tests of the market's secret and of stores of older versions.

use std::sync::Arc;

use cnop_testkit::{ManualClock, MemoryTable};

use super::*;
use crate::command_line::{CommandLine, Invocation};
use crate::environment::OsEntropy;

struct Venue {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
    table: MemoryTable,
}

impl Venue {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(5_000_000));
        Self { folder: tempfile::tempdir().unwrap(), table: MemoryTable::new(clock.clone()), clock }
    }

    async fn start(&self, arguments: &[&str]) -> Result<SimulatorSettings, Failure> {
        let path = self.folder.path().to_str().unwrap();
        let mut all = vec!["cnop", "--data-dir", path];
        all.extend(arguments);
        let Invocation::Run(line) = CommandLine::read(all.into_iter().map(Into::into), []).unwrap() else {
            panic!("settings")
        };
        settings(&self.table, &line.settings, &*self.clock, &OsEntropy).await
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE_NAME)
    }

    async fn old_seed_put(&self, seed: u64) {
        let mut body = vec![SCHEMA_SEED];
        body.extend(postcard::to_allocvec(&StoredSeed { seed, started_us: 42 }).unwrap());
        self.table.transact(vec![Write::put(key(), body, Condition::Absent)]).await.unwrap();
    }
}

#[tokio::test]
async fn the_first_secret_stays() {
    let venue = Venue::new();
    let first = venue.start(&["--seed", "7"]).await.unwrap();
    assert_eq!(first.started_us, 5_000_000);
    venue.clock.advance_us(1);
    assert_eq!(venue.start(&[]).await.unwrap(), first);
    assert_eq!(venue.start(&["--seed", "7"]).await.unwrap(), first);
    let refused = venue.start(&["--seed", "8"]).await.unwrap_err();
    assert!(refused.sentence.contains("another seed"), "{}", refused.sentence);
}

#[tokio::test]
async fn without_a_seed_every_market_is_another_one() {
    let (left, right) = (Venue::new(), Venue::new());
    assert_ne!(left.start(&[]).await.unwrap().secret, right.start(&[]).await.unwrap().secret);
}

/// A store without its secret went on with another market as if nothing had happened, or did not start again.
#[tokio::test]
async fn a_lost_secret_is_told_and_a_seed_or_a_new_file_brings_it_back() {
    let venue = Venue::new();
    let first = venue.start(&["--seed", "7"]).await.unwrap();
    std::fs::remove_file(venue.file()).unwrap();
    let refused = venue.start(&[]).await.unwrap_err();
    assert!(refused.sentence.contains("restore it from a backup"), "{}", refused.sentence);
    assert_eq!(venue.start(&["--seed", "7"]).await.unwrap(), first);
    assert_eq!(venue.start(&[]).await.unwrap(), first);

    std::fs::remove_file(venue.file()).unwrap();
    secret_file::write_new(&venue.file(), "ab".repeat(32).as_bytes()).unwrap();
    let other = venue.start(&[]).await.unwrap();
    assert_ne!(other.secret, first.secret);
    assert_eq!(venue.start(&[]).await.unwrap(), other);
}

/// A data directory of an older version must start, with and without the seed that it was started with.
#[tokio::test]
async fn the_seed_of_an_older_version_is_replaced() {
    for arguments in [&[][..], &["--seed", "7"]] {
        let venue = Venue::new();
        venue.old_seed_put(7).await;
        let refused = venue.start(&["--seed", "8"]).await.unwrap_err();
        assert!(refused.sentence.contains("another seed"), "{}", refused.sentence);
        let begun = venue.start(arguments).await.unwrap();
        assert_eq!(begun.started_us, 42, "numbers of quotes go on");
        assert_eq!(venue.start(arguments).await.unwrap(), begun);
    }
}

#[tokio::test]
async fn nothing_in_the_store_tells_the_secret() {
    let venue = Venue::new();
    let start = venue.start(&[]).await.unwrap();
    let item = venue.table.get(&key()).await.unwrap().unwrap();
    assert!(!item.body.windows(8).any(|part| start.secret.expose().windows(8).any(|own| own == part)));
    let shown = describe(&key(), &item.body).unwrap().to_string();
    assert!(shown.contains("fingerprint") && !shown.contains(&hex::encode(start.secret.expose())));
    std::fs::write(venue.file(), "not hexadecimal").unwrap();
    assert!(venue.start(&[]).await.unwrap_err().sentence.contains("openssl rand -hex 32"));
}
