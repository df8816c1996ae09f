//! Rate-limit buckets by key, bounded. A full bucket is evicted first, which changes nothing. If none of a
//! few candidates is full, the least used one is evicted. So a flood of new addresses with one or two calls
//! each evicts itself and not the busy ones.
//!
//! Not a cache library: eviction by age alone would give a blocked address a new bucket.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};

use super::state::locked;
use crate::{CoordinationError, Decision, Meter, Quota};

/// Most buckets: with some 150 bytes each, about 20 MB when an attacker fills it.
const QUOTA_KEYS_MAX: usize = 131_072;
/// Independent parts, so that two cores seldom wait for each other.
const SHARDS: usize = 16;
/// Candidates considered for one eviction.
const CANDIDATES: usize = 16;

#[derive(Debug)]
pub(super) struct LocalQuotas {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
}

impl Default for LocalQuotas {
    fn default() -> Self {
        Self::with_capacity(QUOTA_KEYS_MAX)
    }
}

impl LocalQuotas {
    fn with_capacity(keys_max: usize) -> Self {
        let shard = || Mutex::new(Shard { slots_max: keys_max.div_ceil(SHARDS), ..Shard::default() });
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| shard()).collect() }
    }

    pub(super) fn take(
        &self,
        key: &str,
        quota: Quota,
        cost: u32,
        now_us: i64,
    ) -> Result<Decision, CoordinationError> {
        let shards = u64::try_from(self.shards.len().max(1)).unwrap_or(1);
        let index = usize::try_from(self.hasher.hash_one(key) % shards).unwrap_or(0);
        let shard = self.shards.get(index).ok_or(CoordinationError::Invalid("there is no shard"))?;
        locked(shard).take(key, quota, cost, now_us)
    }
}

#[derive(Debug, Default)]
struct Shard {
    slots_max: usize,
    slots: Vec<QuotaEntry>,
    /// Position of each key's slot.
    places: HashMap<Arc<str>, usize>,
    /// Next slot to consider for eviction.
    hand: usize,
}

#[derive(Debug)]
struct QuotaEntry {
    key: Arc<str>,
    meter: Meter,
}

impl Shard {
    fn take(
        &mut self,
        key: &str,
        quota: Quota,
        cost: u32,
        now_us: i64,
    ) -> Result<Decision, CoordinationError> {
        if let Some(slot) = self.places.get(key).and_then(|place| self.slots.get_mut(*place)) {
            return slot.meter.take(quota, cost, now_us);
        }
        let mut meter = Meter::default();
        let decision = meter.take(quota, cost, now_us)?;
        if !meter.is_idle(now_us) {
            self.insert(key, meter, now_us);
        }
        Ok(decision)
    }

    fn insert(&mut self, key: &str, meter: Meter, now_us: i64) {
        let key: Arc<str> = key.into();
        let slot = QuotaEntry { key: Arc::clone(&key), meter };
        if self.slots.len() < self.slots_max {
            self.places.insert(key, self.slots.len());
            self.slots.push(slot);
            return;
        }
        let place = self.place_to_free(now_us);
        if let Some(old) = self.slots.get_mut(place) {
            self.places.remove(&old.key);
            *old = slot;
            self.places.insert(key, place);
        }
    }

    /// The first full bucket of the next few, else the least used of them.
    fn place_to_free(&mut self, now_us: i64) -> usize {
        let count = self.slots.len().max(1);
        let mut least = (i128::MAX, self.hand % count);
        for _ in 0..CANDIDATES.min(count) {
            let place = self.hand % count;
            self.hand = (place + 1) % count;
            let debt = self.slots.get(place).map_or(i128::MAX, |slot| slot.meter.debt_us(now_us));
            if debt < least.0 {
                least = (debt, place);
            }
            if debt == 0 {
                break;
            }
        }
        least.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(quotas: &LocalQuotas) -> usize {
        quotas.shards.iter().map(|shard| locked(shard).slots.len()).sum()
    }

    #[test]
    fn a_flood_of_new_keys_does_not_erase_the_busy_ones() {
        let quotas = LocalQuotas::with_capacity(1_024);
        let quota = Quota::per_minute(60);
        let busy: Vec<String> = (0..16).map(|index| format!("busy-{index}")).collect();
        for key in &busy {
            quotas.take(key, quota, 60, 0).unwrap();
            assert!(!quotas.take(key, quota, 1, 0).unwrap().allowed);
        }
        for index in 0..100_000_i64 {
            assert!(quotas.take(&format!("flood-{index}"), quota, 1, index).unwrap().allowed);
        }
        assert!(keys(&quotas) <= 1_024);
        for key in &busy {
            assert!(!quotas.take(key, quota, 1, 100_000).unwrap().allowed, "{key} was forgotten");
        }
    }

    #[test]
    fn looking_keeps_nothing() {
        let quotas = LocalQuotas::with_capacity(1_024);
        quotas.take("seen", Quota::per_minute(60), 0, 0).unwrap();
        assert_eq!(keys(&quotas), 0);
    }

    #[test]
    fn places_stay_right_under_eviction() {
        let quotas = LocalQuotas::with_capacity(64);
        let quota = Quota::per_second(10);
        for round in 0..50_i64 {
            for index in 0..100 {
                quotas.take(&format!("key-{index}"), quota, 1, round * 10_000).unwrap();
            }
        }
        for shard in &quotas.shards {
            let shard = locked(shard);
            assert_eq!(shard.slots.len(), shard.places.len());
            for (key, place) in &shard.places {
                assert_eq!(&shard.slots[*place].key, key);
            }
        }
    }
}
