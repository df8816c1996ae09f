//! Failures of one name from all networks together.
//!
//! The first five are free, as typing mistakes are. Each further one doubles the pause before the next, up to a quarter
//! of an hour. So an account withstands about twenty guesses in the first hour and a hundred a day, from any number of
//! networks. A pause is a quarter of an hour at most. A guesser who fails at the end of each pause begins the next one; a
//! browser that the user has used before does not wait at all.

use cnop_store::{Condition, Item, Key, Table, Write};

use crate::auth::SECOND_US;
use crate::auth::record::{FailedGuesses, decode, guesses_key};
use crate::error::Result;
use crate::records::encode;

/// Failures without a pause.
const FREE_FAILURES: u32 = 5;
/// Longest pause.
const PAUSE_SECONDS_MAX: i64 = 900;
/// Failures are forgotten this long after the last one.
const MEMORY_US: i64 = 86_400 * SECOND_US;

/// The failures of a name.
#[derive(Debug)]
pub(super) struct NameGuesses {
    key: Key,
    version: Option<u64>,
    failures: FailedGuesses,
    now_us: i64,
}

impl NameGuesses {
    /// Reads the failures of a name, known or not.
    pub(super) async fn load(table: &dyn Table, name: &str, now_us: i64) -> Result<Self> {
        let key = guesses_key(name);
        let item = table.get(&key).await?;
        Self::of(key, item.as_ref(), now_us)
    }

    fn of(key: Key, item: Option<&Item>, now_us: i64) -> Result<Self> {
        let failures: Option<FailedGuesses> = item.map(decode).transpose()?;
        let failures = failures.filter(|failures| failures.last_us > now_us - MEMORY_US).unwrap_or_default();
        Ok(Self { key, version: item.map(|item| item.version), failures, now_us })
    }

    /// Earliest time of the next attempt.
    pub(super) fn open_at_us(&self) -> i64 {
        self.failures.last_us + pause_us(self.failures.count)
    }

    /// The write that counts one more failure, and whether it is the first that is followed by a pause.
    pub(super) fn failure(&self) -> Result<(Write, bool)> {
        let count = self.failures.count.saturating_add(1);
        let failures = FailedGuesses { count, last_us: self.now_us };
        let condition = self.version.map_or(Condition::Absent, Condition::Version);
        let expires_at = (self.now_us + MEMORY_US) / SECOND_US + 1;
        let write = Write::put_expiring(self.key.clone(), encode(&failures)?, expires_at, condition);
        Ok((write, count == FREE_FAILURES + 1))
    }

    /// The write that clears the failures.
    pub(super) fn success(&self) -> Write {
        match self.version {
            Some(version) => Write::delete(self.key.clone(), Condition::Version(version)),
            None => Write::check(self.key.clone(), Condition::Absent),
        }
    }
}

/// Pause after this number of failures.
fn pause_us(failures: u32) -> i64 {
    let Some(doublings) = failures.checked_sub(FREE_FAILURES).filter(|doublings| *doublings > 0) else {
        return 0;
    };
    let seconds = 1_i64.checked_shl(doublings).filter(|seconds| *seconds > 0).unwrap_or(PAUSE_SECONDS_MAX);
    seconds.min(PAUSE_SECONDS_MAX) * SECOND_US
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = (0..20).map(|failures| pause_us(failures) / SECOND_US).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]);
        assert_eq!(pause_us(u32::MAX), PAUSE_SECONDS_MAX * SECOND_US);
    }

    /// Networks without end tried one account eight hundred times in half a minute.
    #[test]
    fn an_account_withstands_twenty_guesses_an_hour_however_many_networks_try() {
        let key = guesses_key("victim");
        let (mut item, mut now_us, mut tried) = (None, 1, 0);
        while now_us < 3_600 * SECOND_US {
            let guesses = NameGuesses::of(key.clone(), item.as_ref(), now_us).unwrap();
            if guesses.open_at_us() > now_us {
                now_us = guesses.open_at_us();
                continue;
            }
            let Write::Put { key, body, expires_at, .. } = guesses.failure().unwrap().0 else { panic!() };
            item = Some(Item { key, version: 1, expires_at, body });
            tried += 1;
        }
        assert!((15..=20).contains(&tried), "{tried}");
    }

    #[test]
    fn failures_are_forgotten_after_a_day() {
        let key = guesses_key("name");
        let failures = FailedGuesses { count: 50, last_us: 1 };
        let item = Item { key: key.clone(), version: 1, expires_at: None, body: encode(&failures).unwrap() };
        let at = |now_us| NameGuesses::of(key.clone(), Some(&item), now_us).unwrap().failures;
        assert_eq!(at(MEMORY_US), failures);
        assert_eq!(at(1 + MEMORY_US), FailedGuesses::default());
    }
}
