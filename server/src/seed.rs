//! Secret and start of the simulated market, kept from the first start on.
//!
//! The secret is a file beside the signing key. The store has the start and the secret's fingerprint, so a backup
//! of the store alone tells nobody the prices to come, and a start with another secret is noticed.

use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use cnop_domain::{Clock, Entropy};
use cnop_market::simulator::{MarketSecret, SimulatorSettings};
use cnop_services::secret_file;
use cnop_store::{Condition, Key, StoreError, Table, Write};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::command_line::{Settings, StoreChoice};
use crate::failure::{Failure, chain};
use crate::settings::MarketSeed;

/// Schema of a body with a seed of 64 bits, as older versions wrote it.
const SCHEMA_SEED: u8 = 1;
/// Schema of a body with a fingerprint.
const SCHEMA: u8 = 2;
/// Name of the secret's file.
const FILE_NAME: &str = "market-secret";
/// A secret is 64 hexadecimal digits and a line break; anything much larger is something else.
const FILE_BYTES_MAX: u64 = 128;
/// Salt of every seed: the same seed must give the same market everywhere.
const SEED_SALT: &[u8] = b"cnop market seed, version 2";
/// KiB of memory that one guess of a seed takes.
const SEED_MEMORY_KIB: u32 = 64 * 1024;
/// Passes over that memory.
const SEED_PASSES: u32 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct StoredSeed {
    seed: u64,
    started_us: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct StoredStart {
    fingerprint: [u8; 32],
    started_us: i64,
}

/// The market in the store.
enum Stored {
    /// Nothing yet.
    Absent,
    /// That of an older version, at this version of its item.
    Seed(StoredSeed, u64),
    /// A start, at this version of its item.
    Start(StoredStart, u64),
}

/// Sources of the secret.
struct SecretSource<'a> {
    path: PathBuf,
    asked: Option<MarketSecret>,
    /// True if this server is the only one that uses the store.
    is_alone: bool,
    entropy: &'a dyn Entropy,
}

fn key() -> Key {
    Key::new("VENUE", "SIMULATOR")
}

/// The settings of the simulated market: those of the first start, or new ones that are kept now.
///
/// # Errors
/// One sentence when the seed is easily guessed or another one than before, when the secret is missing or cannot be
/// kept, or when the store is unavailable.
pub(crate) async fn settings(
    table: &dyn Table,
    settings: &Settings,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<SimulatorSettings, Failure> {
    let asked = match &settings.seed {
        Some(seed) => Some(secret_asked(settings, seed).await?),
        None => None,
    };
    let source = SecretSource {
        path: path(settings),
        asked,
        is_alone: settings.store == StoreChoice::Embedded,
        entropy,
    };
    let seed = settings.seed.as_ref();
    match read(table).await? {
        Stored::Absent => {
            let start = source.begin(clock.now_us())?;
            match write(table, &start, Condition::Absent).await {
                Ok(()) => Ok(start),
                // Another server was first; its market is used.
                Err(StoreError::Conflict(_)) => {
                    source.resume(read_start(table).await?.0).map(|(start, _)| start)
                }
                Err(error) => Err(unusable(&error)),
            }
        }
        Stored::Seed(old, version) => {
            if seed.is_some_and(|seed| seed.expose().parse() != Ok(old.seed)) {
                return Err(another_seed());
            }
            let start = source.begin(old.started_us)?;
            match write(table, &start, Condition::Version(version)).await {
                Ok(()) => {
                    tracing::warn!(
                        "the simulated market was started by an older version, whose prices could be computed in advance; its prices begin anew"
                    );
                    Ok(start)
                }
                Err(StoreError::Conflict(_)) => {
                    source.resume(read_start(table).await?.0).map(|(start, _)| start)
                }
                Err(error) => Err(unusable(&error)),
            }
        }
        Stored::Start(stored, version) => {
            let (start, is_other) = source.resume(stored)?;
            if is_other {
                write(table, &start, Condition::Version(version)).await.map_err(|error| unusable(&error))?;
                tracing::warn!(
                    file = %source.path.display(),
                    "the market's secret is another one than before; prices go on elsewhere"
                );
            }
            Ok(start)
        }
    }
}

/// The secret of a seed that the operator gave.
async fn secret_asked(settings: &Settings, seed: &MarketSeed) -> Result<MarketSecret, Failure> {
    if seed.is_guessable() {
        if !settings.public_url.is_loopback() {
            return Err(Failure::refused(
                "CNOP_SEED is easily guessed, and all later prices with it: leave it out, or make one with: openssl rand -hex 32",
            ));
        }
        tracing::warn!("CNOP_SEED is easily guessed, and all later prices with it; use it for tests only");
    }
    let seed = seed.clone();
    tokio::task::spawn_blocking(move || stretch(seed.expose()))
        .await
        .ok()
        .flatten()
        .ok_or_else(|| Failure::failed("CNOP_SEED could not be made into a secret"))
}

/// Derives the secret slowly, so that guesses are expensive.
fn stretch(seed: &str) -> Option<MarketSecret> {
    let params = Params::new(SEED_MEMORY_KIB, SEED_PASSES, 1, Some(32)).ok()?;
    let mut secret = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(seed.as_bytes(), SEED_SALT, secret.as_mut())
        .ok()?;
    Some(MarketSecret::from_bytes(*secret))
}

/// Path of the secret's file: in the data directory, or beside the signing key that all servers of a table share.
fn path(settings: &Settings) -> PathBuf {
    let beside_key = settings.signing_key_file.first().and_then(|file| file.parent());
    match settings.store {
        StoreChoice::Dynamodb => beside_key.unwrap_or(&settings.data_dir).join(FILE_NAME),
        StoreChoice::Embedded => settings.data_dir.join(FILE_NAME),
    }
}

impl SecretSource<'_> {
    /// A new market: with the seed's secret, the secret that is there, or a random one.
    fn begin(&self, started_us: i64) -> Result<SimulatorSettings, Failure> {
        let wanted = self.asked.clone().unwrap_or_else(|| {
            let mut bytes = Zeroizing::new([0; 32]);
            self.entropy.fill(bytes.as_mut());
            MarketSecret::from_bytes(*bytes)
        });
        self.keep(&wanted)?;
        let secret = self.kept()?.ok_or_else(|| self.missing())?;
        if self.asked.as_ref().is_some_and(|asked| *asked != secret) {
            return Err(another_seed());
        }
        Ok(SimulatorSettings { secret, started_us })
    }

    /// The market of the store, and whether its secret is another one than before.
    fn resume(&self, stored: StoredStart) -> Result<(SimulatorSettings, bool), Failure> {
        let kept = match (self.kept()?, &self.asked) {
            (Some(kept), Some(asked)) if kept != *asked => return Err(another_seed()),
            (Some(kept), _) => kept,
            (None, Some(asked)) if asked.fingerprint() == stored.fingerprint => {
                self.keep(asked)?;
                asked.clone()
            }
            (None, Some(_)) => return Err(another_seed()),
            (None, None) => return Err(self.missing()),
        };
        let is_other = kept.fingerprint() != stored.fingerprint;
        if is_other && !self.is_alone {
            return Err(Failure::refused(format!(
                "{} is not the secret of this table's market: copy that file from a server that runs",
                self.path.display()
            )));
        }
        Ok((SimulatorSettings { secret: kept, started_us: stored.started_us }, is_other))
    }

    /// The secret in the file, if there is one.
    fn kept(&self) -> Result<Option<MarketSecret>, Failure> {
        let text = match secret_file::read(&self.path, FILE_BYTES_MAX) {
            Ok(text) => text,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(Failure::refused(format!("the market's secret: {error}"))),
        };
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), bytes.as_mut()).map_err(|_| {
            Failure::refused(format!(
                "{} is no secret of a market, which is 64 hexadecimal digits (openssl rand -hex 32)",
                self.path.display()
            ))
        })?;
        Ok(Some(MarketSecret::from_bytes(*bytes)))
    }

    /// Keeps a secret in the file, unless there is one.
    fn keep(&self, secret: &MarketSecret) -> Result<(), Failure> {
        if self.kept()?.is_some() {
            return Ok(());
        }
        let mut text = Zeroizing::new(hex::encode(secret.expose()));
        text.push('\n');
        secret_file::create(&self.path, text.as_bytes(), self.entropy).map_err(|error| {
            Failure::refused(format!(
                "the market's secret cannot be kept: {error}; put 64 hexadecimal digits there (openssl rand -hex 32)"
            ))
        })
    }

    fn missing(&self) -> Failure {
        Failure::refused(format!(
            "{} is missing, the secret of this store's market: restore it from a backup, or put a new one there \
             (openssl rand -hex 32), with which prices go on elsewhere",
            self.path.display()
        ))
    }
}

fn another_seed() -> Failure {
    Failure::refused(
        "the store's market was started with another seed than CNOP_SEED: leave it out, or use a new data directory",
    )
}

async fn read(table: &dyn Table) -> Result<Stored, Failure> {
    let Some(item) = table.get(&key()).await.map_err(|error| unusable(&error))? else {
        return Ok(Stored::Absent);
    };
    let stored = match item.body.split_first() {
        Some((&SCHEMA_SEED, body)) => {
            postcard::from_bytes(body).ok().map(|stored| Stored::Seed(stored, item.version))
        }
        Some((&SCHEMA, body)) => {
            postcard::from_bytes(body).ok().map(|stored| Stored::Start(stored, item.version))
        }
        _ => None,
    };
    stored.ok_or_else(|| Failure::failed("the simulator's settings in the store cannot be read"))
}

/// The start that another server has just written.
async fn read_start(table: &dyn Table) -> Result<(StoredStart, u64), Failure> {
    match read(table).await? {
        Stored::Start(start, version) => Ok((start, version)),
        Stored::Absent | Stored::Seed(..) => {
            Err(Failure::failed("the simulator's settings in the store were changed meanwhile; start again"))
        }
    }
}

async fn write(table: &dyn Table, start: &SimulatorSettings, condition: Condition) -> Result<(), StoreError> {
    let stored = StoredStart { fingerprint: start.secret.fingerprint(), started_us: start.started_us };
    let mut body = vec![SCHEMA];
    body.extend(postcard::to_allocvec(&stored).unwrap_or_default());
    table.transact(vec![Write::put(key(), body, condition)]).await
}

fn unusable(error: &StoreError) -> Failure {
    Failure::failed(chain(error))
}

/// The stored settings as JSON, for `cnop inspect`. A seed of an older version is a secret and is left out.
pub(crate) fn describe(key_read: &Key, body: &[u8]) -> Option<serde_json::Value> {
    let (schema, body) = body.split_first().filter(|_| *key_read == key())?;
    match *schema {
        SCHEMA_SEED => {
            let stored: StoredSeed = postcard::from_bytes(body).ok()?;
            Some(serde_json::json!({ "started_us": stored.started_us }))
        }
        SCHEMA => {
            let stored: StoredStart = postcard::from_bytes(body).ok()?;
            let fingerprint = hex::encode(stored.fingerprint);
            Some(serde_json::json!({ "started_us": stored.started_us, "fingerprint": fingerprint }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
