//! Leases by key, by the injected clock.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use super::state::{after, locked};
use crate::{CoordinationError, Lease};

/// Most leases at once: one for each asset's book and each busy account of a server, many times over.
const LEASES_MAX: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct Leases {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    leases: HashMap<String, Lease>,
    /// The newest epoch of any key. It starts at the time of day in µs: so it grows also across restarts, and an
    /// expired lease can be forgotten.
    epoch: u64,
}

impl Leases {
    pub(super) fn acquire(
        &self,
        key: &str,
        owner: &str,
        duration: Duration,
        now_us: i64,
    ) -> Result<Option<Lease>, CoordinationError> {
        let mut state = locked(&self.state);
        match state.leases.get(key) {
            Some(held) if held.expires_at_us > now_us && held.owner != owner => return Ok(None),
            Some(_) => {}
            None if state.leases.len() < LEASES_MAX => {}
            None => {
                state.leases.retain(|_, held| held.expires_at_us > now_us);
                if state.leases.len() >= LEASES_MAX {
                    return Err(CoordinationError::Exhausted("too many leases are held"));
                }
            }
        }
        state.epoch = state.epoch.saturating_add(1).max(u64::try_from(now_us).unwrap_or(0));
        let lease = Lease {
            key: key.to_owned(),
            owner: owner.to_owned(),
            epoch: state.epoch,
            expires_at_us: after(now_us, duration),
        };
        state.leases.insert(key.to_owned(), lease.clone());
        Ok(Some(lease))
    }

    pub(super) fn renew(&self, lease: &Lease, duration: Duration, now_us: i64) -> Option<Lease> {
        let mut state = locked(&self.state);
        let held = state.leases.get_mut(&lease.key)?;
        if held.epoch != lease.epoch || held.expires_at_us <= now_us {
            return None;
        }
        held.expires_at_us = after(now_us, duration);
        Some(held.clone())
    }

    pub(super) fn release(&self, lease: &Lease, now_us: i64) -> bool {
        let mut state = locked(&self.state);
        match state.leases.get(&lease.key) {
            Some(held) if held.epoch == lease.epoch => {
                let in_time = held.expires_at_us > now_us;
                state.leases.remove(&lease.key);
                in_time
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_of_live_leases_refuses_and_full_of_dead_ones_forgets() {
        let leases = Leases::default();
        let minute = Duration::from_secs(60);
        for index in 0..LEASES_MAX {
            leases.acquire(&format!("key-{index}"), "owner", minute, 0).unwrap();
        }
        assert!(matches!(
            leases.acquire("one more", "owner", minute, 0),
            Err(CoordinationError::Exhausted(_))
        ));
        assert!(leases.acquire("one more", "owner", minute, 60_000_000).unwrap().is_some());
        assert_eq!(locked(&leases.state).leases.len(), 1);
    }

    #[test]
    fn epochs_grow_across_a_restart() {
        let minute = Duration::from_secs(60);
        let before = Leases::default().acquire("key", "owner", minute, 1_000_000).unwrap().unwrap();
        let after = Leases::default().acquire("key", "owner", minute, 2_000_000).unwrap().unwrap();
        assert!(after.epoch > before.epoch);
    }
}
