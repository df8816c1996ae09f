//! Failures of one network.
//!
//! Five failures of one name block that name from the network. The network as a whole is blocked by many more: a
//! household or a campus shares one address, and one person's mistakes must not shut out the others.

use cnop_store::{Condition, Item, Key, Table, Write};

use crate::auth::SECOND_US;
use crate::auth::opaque_token::secret_hash;
use crate::auth::record::{FailedSignIn, FailedSignIns, decode, network_partition};
use crate::error::Result;
use crate::records::encode;

/// Failures of one name from one network that block this name from it.
const NAME_FAILURES_MAX: usize = 5;
/// Failures of all names that block a network: an address or /64, a /56, a /48.
const NETWORK_FAILURES_MAX: [usize; 3] = [30, 60, 120];
/// Time in µs for which a failure counts.
const WINDOW_US: i64 = 300 * SECOND_US;
/// Length of a block in µs.
const BLOCK_US: i64 = 300 * SECOND_US;

/// The recent failures of a network.
#[derive(Debug)]
pub(super) struct NetworkFailures {
    key: Key,
    version: Option<u64>,
    failures: FailedSignIns,
    failures_max: usize,
    now_us: i64,
}

impl NetworkFailures {
    /// Reads the failures of a network; `place` is its position in the client's networks, the smallest first.
    pub(super) async fn load(table: &dyn Table, network: &str, place: usize, now_us: i64) -> Result<Self> {
        let key = Key::new(network_partition(network), "FAILURES");
        let item = table.get(&key).await?;
        Self::of(key, item.as_ref(), place, now_us)
    }

    fn of(key: Key, item: Option<&Item>, place: usize, now_us: i64) -> Result<Self> {
        let mut failures: FailedSignIns = item.map(decode).transpose()?.unwrap_or_default();
        // A block counts from the last failure of its name, so that failure and those before it are needed as long.
        failures.recent.retain(|failure| failure.at_us > now_us - WINDOW_US - BLOCK_US);
        failures.blocked_until_us = failures.blocked_until_us.filter(|until_us| *until_us > now_us);
        let [first, ..] = NETWORK_FAILURES_MAX;
        let failures_max = NETWORK_FAILURES_MAX.get(place).copied().unwrap_or(first);
        Ok(Self { key, version: item.map(|item| item.version), failures, failures_max, now_us })
    }

    /// End of the block of the network, or of this name from it.
    pub(super) fn blocked_until_us(&self, name: &[u8; 8]) -> Option<i64> {
        self.failures.blocked_until_us.max(name_blocked_until_us(&self.failures, name))
    }

    /// The write that counts one more failure of this name, and whether a block begins with it.
    pub(super) fn failure(&self, name: [u8; 8]) -> Result<(Write, bool)> {
        let mut failures = self.failures.clone();
        failures.recent.push(FailedSignIn { name, at_us: self.now_us });
        let counting = failures.recent.iter().filter(|failure| failure.at_us > self.now_us - WINDOW_US);
        let is_network_blocked = counting.count() >= self.failures_max;
        if is_network_blocked {
            failures = FailedSignIns { recent: Vec::new(), blocked_until_us: Some(self.now_us + BLOCK_US) };
        }
        let begins = is_network_blocked
            || name_blocked_until_us(&failures, &name).is_some_and(|until_us| until_us > self.now_us);
        Ok((self.put(&failures)?, begins))
    }

    /// The write that clears this name's failures.
    pub(super) fn success(&self, name: [u8; 8]) -> Result<Write> {
        let Some(version) = self.version else {
            return Ok(Write::check(self.key.clone(), Condition::Absent));
        };
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
        let expires_at = (self.now_us + WINDOW_US + BLOCK_US) / SECOND_US + 1;
        Ok(Write::put_expiring(self.key.clone(), encode(failures)?, expires_at, condition))
    }
}

/// End of the block that the newest failures of a name began, past or not.
fn name_blocked_until_us(failures: &FailedSignIns, name: &[u8; 8]) -> Option<i64> {
    let mut newest = failures.recent.iter().rev().filter(|failure| failure.name == *name);
    let last = newest.next()?;
    let fifth = newest.nth(NAME_FAILURES_MAX.checked_sub(2)?)?;
    (fifth.at_us > last.at_us - WINDOW_US).then_some(last.at_us + BLOCK_US)
}

/// The first bytes of a name's hash.
pub(super) fn name_of(name: &str) -> [u8; 8] {
    let mut hash = [0; 8];
    for (slot, byte) in hash.iter_mut().zip(secret_hash(name)) {
        *slot = byte;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(failures: &FailedSignIns, now_us: i64) -> NetworkFailures {
        let key = Key::new("L#192.0.2.1", "FAILURES");
        let item = Item { key: key.clone(), version: 3, expires_at: None, body: encode(failures).unwrap() };
        NetworkFailures::of(key, Some(&item), 0, now_us).unwrap()
    }

    fn failing(failures: &FailedSignIns, name: &str, now_us: i64) -> (FailedSignIns, bool) {
        let (write, begins) = network(failures, now_us).failure(name_of(name)).unwrap();
        let Write::Put { key, body, expires_at, condition } = write else { panic!("a failure is stored") };
        assert_eq!(condition, Condition::Version(3));
        (decode(&Item { key, version: 4, expires_at, body }).unwrap(), begins)
    }

    fn is_blocked(failures: &FailedSignIns, name: &str, now_us: i64) -> bool {
        network(failures, now_us).blocked_until_us(&name_of(name)).is_some_and(|until_us| until_us > now_us)
    }

    #[test]
    fn the_fifth_failure_of_a_name_blocks_it_for_five_minutes_to_the_second() {
        let mut failures = FailedSignIns::default();
        for count in 1..=5 {
            assert!(!is_blocked(&failures, "name_1", count));
            let (next, begins) = failing(&failures, "name_1", count);
            assert_eq!(begins, count == 5, "failure {count}");
            failures = next;
        }
        assert_eq!(network(&failures, 5).blocked_until_us(&name_of("name_1")), Some(5 + BLOCK_US));
        assert!(is_blocked(&failures, "name_1", 4 + BLOCK_US));
        assert!(!is_blocked(&failures, "name_1", 5 + BLOCK_US));
        assert!(!failing(&failures, "name_1", 5 + BLOCK_US).1, "counting starts again");
    }

    /// Five wrong passwords of one person shut out everybody behind the same address.
    #[test]
    fn other_names_of_a_network_are_blocked_by_many_failures_only() {
        let mut failures = FailedSignIns::default();
        for count in 1..=30 {
            assert!(!is_blocked(&failures, "name_x", count));
            let (next, begins) = failing(&failures, &format!("name_{}", count % 10), count);
            assert_eq!(begins, count == 30);
            failures = next;
        }
        assert!(is_blocked(&failures, "name_x", 31) && !is_blocked(&failures, "name_x", 30 + BLOCK_US));
    }

    #[test]
    fn failures_count_for_five_minutes() {
        let mut failures = FailedSignIns::default();
        for count in 1..=4 {
            failures = failing(&failures, "name_1", count).0;
        }
        assert!(failing(&failures, "name_1", WINDOW_US).1);
        assert!(!failing(&failures, "name_1", WINDOW_US + 1).1, "the first one is too old");
    }

    #[test]
    fn a_success_clears_its_own_name_only() {
        let mut failures = FailedSignIns::default();
        failures = failing(&failures, "mine_1", 1).0;
        failures = failing(&failures, "other_1", 2).0;
        let write = network(&failures, 3).success(name_of("mine_1")).unwrap();
        let Write::Put { body, .. } = write else { panic!() };
        let key = Key::new("L", "F");
        let left: FailedSignIns = decode(&Item { key, version: 1, expires_at: None, body }).unwrap();
        assert_eq!(left.recent.len(), 1);
        let check = Write::check(network(&left, 3).key, Condition::Version(3));
        assert_eq!(network(&left, 3).success(name_of("mine_1")).unwrap(), check);
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
