//! Seed and start of the simulator, stored at the first start.

use cnop_domain::{Clock, Entropy};
use cnop_market::simulator;
use cnop_store::{Condition, Key, StoreError, Table, Write};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, chain};

/// Schema of the stored body.
const SCHEMA: u8 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    seed: u64,
    started_us: i64,
}

fn key() -> Key {
    Key::new("VENUE", "SIMULATOR")
}

/// The stored settings of the simulator, or new ones that are stored now.
///
/// # Errors
/// When the requested seed differs from the stored one, or the store is unavailable.
pub(crate) async fn settings(
    table: &dyn Table,
    asked: Option<u64>,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<simulator::SimulatorSettings, Failure> {
    let stored = match read(table).await? {
        Some(stored) => stored,
        None => create(table, asked, clock, entropy).await?,
    };
    match asked {
        Some(asked) if asked != stored.seed => Err(Failure::refused(format!(
            "the store's market was started with another seed than {asked}: leave CNOP_SEED out, or use a new data directory"
        ))),
        _ => Ok(simulator::SimulatorSettings { seed: stored.seed, started_us: stored.started_us }),
    }
}

async fn read(table: &dyn Table) -> Result<Option<Stored>, Failure> {
    let Some(item) = table.get(&key()).await.map_err(|error| unusable(&error))? else { return Ok(None) };
    let stored = match item.body.split_first() {
        Some((&SCHEMA, body)) => postcard::from_bytes(body).ok(),
        _ => None,
    };
    stored.map(Some).ok_or_else(|| Failure::failed("the simulator's settings in the store cannot be read"))
}

async fn create(
    table: &dyn Table,
    asked: Option<u64>,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Stored, Failure> {
    let mut random = [0; 8];
    entropy.fill(&mut random);
    let stored = Stored { seed: asked.unwrap_or(u64::from_be_bytes(random)), started_us: clock.now_us() };
    let mut body = vec![SCHEMA];
    body.extend(postcard::to_allocvec(&stored).unwrap_or_default());
    match table.transact(vec![Write::put(key(), body, Condition::Absent)]).await {
        Ok(()) => Ok(stored),
        // Another server was first; its market is used.
        Err(StoreError::Conflict(_)) => read(table)
            .await?
            .ok_or_else(|| Failure::failed("the simulator's settings vanished from the store")),
        Err(error) => Err(unusable(&error)),
    }
}

fn unusable(error: &StoreError) -> Failure {
    Failure::failed(chain(error))
}

/// The stored settings as JSON, for `cnop inspect`.
pub(crate) fn describe(key_read: &Key, body: &[u8]) -> Option<serde_json::Value> {
    let (&SCHEMA, body) = body.split_first()? else { return None };
    let stored: Stored = postcard::from_bytes(body).ok().filter(|_| *key_read == key())?;
    serde_json::to_value(stored).ok()
}

#[cfg(test)]
mod tests {
    use cnop_testkit::MemoryTable;

    use super::*;
    use crate::environment::{OsEntropy, SystemClock};

    #[tokio::test]
    async fn the_first_seed_stays() {
        let clock = std::sync::Arc::new(SystemClock::default());
        let table = MemoryTable::new(clock.clone());
        let first = settings(&table, Some(7), &*clock, &OsEntropy).await.unwrap();
        assert_eq!(first.seed, 7);
        assert_eq!(settings(&table, None, &*clock, &OsEntropy).await.unwrap(), first);
        assert_eq!(settings(&table, Some(7), &*clock, &OsEntropy).await.unwrap(), first);
        let refused = settings(&table, Some(8), &*clock, &OsEntropy).await.unwrap_err();
        assert!(refused.sentence.contains("another seed than 8"));
    }
}
