//! Lock-out after failed sign-ins.
//!
//! One item per network holds its recent failures, each with a hash of the user name, whether that name
//! exists or not. Conditional writes of the shared table keep the count exact across servers, restarts and
//! simultaneous attempts. An attempt that ends after the block began is refused, whatever its password.

use cnop_api::{Code, Problem};
use cnop_store::{Condition, Item, Key, Table, Write};

use super::SECOND_US;
use super::client::ClientDetails;
use super::opaque_token::secret_hash;
use super::record::{FailedSignIn, FailedSignIns, decode, network_partition};
use crate::error::{Error, Result};
use crate::records::encode;

/// Failures from one network that block it.
const NETWORK_FAILURES_MAX: usize = 5;
/// Failures of one name from one network that block the network.
const NAME_FAILURES_MAX: usize = 5;
/// Time in µs for which a failure counts.
const WINDOW_US: i64 = 300 * SECOND_US;
/// Length of a block in µs.
const BLOCK_US: i64 = 300 * SECOND_US;

/// The lockout state of a network.
#[derive(Debug)]
pub(super) struct Lockout {
    key: Key,
    version: Option<u64>,
    failures: FailedSignIns,
    now_us: i64,
}

impl Lockout {
    /// Reads the failures of the client's network.
    pub(super) async fn load(table: &dyn Table, client: &ClientDetails, now_us: i64) -> Result<Self> {
        let key = Key::new(network_partition(&client.network()), "FAILURES");
        let item = table.get(&key).await?;
        Self::of(key, item.as_ref(), now_us)
    }

    fn of(key: Key, item: Option<&Item>, now_us: i64) -> Result<Self> {
        let mut failures: FailedSignIns = item.map(decode).transpose()?.unwrap_or_default();
        failures.recent.retain(|failure| failure.at_us > now_us - WINDOW_US);
        failures.blocked_until_us = failures.blocked_until_us.filter(|until_us| *until_us > now_us);
        Ok(Self { key, version: item.map(|item| item.version), failures, now_us })
    }

    /// The refusal, while the network is blocked.
    pub(super) fn check(&self) -> Result<()> {
        let Some(until_us) = self.failures.blocked_until_us else { return Ok(()) };
        let seconds = (until_us - self.now_us + SECOND_US - 1) / SECOND_US;
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        Err(blocked(seconds))
    }

    /// The write that counts one more failure of this name, and whether it blocks the network.
    pub(super) fn failure(&self, username: &str) -> Result<(Write, bool)> {
        let name = name_of(username);
        let mut failures = self.failures.clone();
        failures.recent.push(FailedSignIn { name, at_us: self.now_us });
        let of_name = failures.recent.iter().filter(|failure| failure.name == name).count();
        let blocks = failures.recent.len() >= NETWORK_FAILURES_MAX || of_name >= NAME_FAILURES_MAX;
        if blocks {
            failures = FailedSignIns { recent: Vec::new(), blocked_until_us: Some(self.now_us + BLOCK_US) };
        }
        Ok((self.put(&failures)?, blocks))
    }

    /// The write that clears this name's failures, and fails if a failure came in between. Failures of other
    /// names stay: an own account must not help in guessing other passwords.
    pub(super) fn success(&self, username: &str) -> Result<Write> {
        let Some(version) = self.version else {
            return Ok(Write::check(self.key.clone(), Condition::Absent));
        };
        let name = name_of(username);
        let mut failures = self.failures.clone();
        failures.recent.retain(|failure| failure.name != name);
        if failures == FailedSignIns::default() {
            return Ok(Write::delete(self.key.clone(), Condition::Version(version)));
        }
        if failures == self.failures {
            return Ok(Write::check(self.key.clone(), Condition::Version(version)));
        }
        self.put(&failures)
    }

    fn put(&self, failures: &FailedSignIns) -> Result<Write> {
        let condition = self.version.map_or(Condition::Absent, Condition::Version);
        let expires_at = (self.now_us + WINDOW_US.max(BLOCK_US)) / SECOND_US + 1;
        Ok(Write::put_expiring(self.key.clone(), encode(failures)?, expires_at, condition))
    }
}

fn name_of(username: &str) -> [u8; 8] {
    let mut name = [0; 8];
    for (slot, byte) in name.iter_mut().zip(secret_hash(username)) {
        *slot = byte;
    }
    name
}

fn blocked(seconds: u32) -> Error {
    let sentence = format!(
        "Too many failed sign-ins from your address. Sign-in from it is open again in {seconds} seconds."
    );
    Problem::new(Code::AuthBlocked, sentence).retry_after(seconds).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lockout(failures: &FailedSignIns, now_us: i64) -> Lockout {
        let key = Key::new("L#192.0.2.1", "FAILURES");
        let item = Item { key: key.clone(), version: 3, expires_at: None, body: encode(failures).unwrap() };
        Lockout::of(key, Some(&item), now_us).unwrap()
    }

    fn failing(failures: &FailedSignIns, username: &str, now_us: i64) -> (FailedSignIns, bool) {
        let (write, blocks) = lockout(failures, now_us).failure(username).unwrap();
        let Write::Put { key, body, expires_at, condition } = write else { panic!("a failure is stored") };
        assert_eq!(condition, Condition::Version(3));
        (decode(&Item { key, version: 4, expires_at, body }).unwrap(), blocks)
    }

    #[test]
    fn the_fifth_failure_blocks_for_five_minutes_to_the_second() {
        let mut failures = FailedSignIns::default();
        for count in 1..=5 {
            assert!(lockout(&failures, count).check().is_ok());
            let (next, blocks) = failing(&failures, &format!("name_{count}"), count);
            assert_eq!(blocks, count == 5, "failure {count}");
            failures = next;
        }
        let refusal = Problem::from(lockout(&failures, 5).check().unwrap_err());
        assert_eq!((refusal.code, refusal.retry_after_seconds), (Code::AuthBlocked, Some(300)));
        let refusal = Problem::from(lockout(&failures, 4 + BLOCK_US).check().unwrap_err());
        assert_eq!(refusal.retry_after_seconds, Some(1));
        assert!(lockout(&failures, 5 + BLOCK_US).check().is_ok());
        assert_eq!(
            lockout(&failures, 5 + BLOCK_US).failures,
            FailedSignIns::default(),
            "counting starts again"
        );
    }

    #[test]
    fn failures_count_for_five_minutes() {
        let mut failures = FailedSignIns::default();
        for count in 1..=4 {
            failures = failing(&failures, "name_1", count).0;
        }
        assert!(failing(&failures, "name_1", WINDOW_US).1);
        assert!(!failing(&failures, "name_1", WINDOW_US + 1).1, "the first one no longer counts");
    }

    #[test]
    fn success_clears_the_failures_of_that_name_only() {
        let mut failures = FailedSignIns::default();
        failures = failing(&failures, "mine_1", 1).0;
        let delete = Write::delete(lockout(&failures, 2).key, Condition::Version(3));
        assert_eq!(lockout(&failures, 2).success("mine_1").unwrap(), delete);
        failures = failing(&failures, "other_1", 2).0;
        let Write::Put { body, .. } = lockout(&failures, 3).success("mine_1").unwrap() else { panic!() };
        let key = Key::new("L", "F");
        let left: FailedSignIns = decode(&Item { key, version: 1, expires_at: None, body }).unwrap();
        assert_eq!(left.recent.len(), 1);
        let check = Write::check(lockout(&left, 3).key, Condition::Version(3));
        assert_eq!(lockout(&left, 3).success("mine_1").unwrap(), check);
    }

    #[test]
    fn stored_bytes_are_as_they_always_were() {
        let failures = FailedSignIns {
            recent: vec![FailedSignIn { name: [1, 2, 3, 4, 5, 6, 7, 8], at_us: 1 }],
            blocked_until_us: Some(2),
        };
        assert_eq!(*encode(&failures).unwrap(), [1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 2, 1, 4]);
    }
}
