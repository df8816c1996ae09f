//! A cache with a time to live, bounded by number and by bytes: CLOCK (second-chance) eviction.
//!
//! Not `moka` or `quick_cache`: expiry follows the injected clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;

use super::state::{after, locked};
use crate::{CACHE_VALUE_BYTES_MAX, CoordinationError};

/// Maximum number of values.
const CACHE_VALUES_MAX: usize = 16_384;
/// Most bytes of all values together.
const CACHE_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Cache {
    state: Mutex<CacheState>,
}

#[derive(Debug, Default)]
struct CacheState {
    slots: Vec<CacheEntry>,
    /// Position of each key's slot.
    places: HashMap<Arc<str>, usize>,
    /// Bytes of all values.
    bytes: usize,
    /// Next slot to consider for eviction.
    hand: usize,
}

#[derive(Debug)]
struct CacheEntry {
    key: Arc<str>,
    value: Bytes,
    expires_at_us: i64,
    /// Read since the hand last passed.
    used: bool,
}

impl Cache {
    pub(super) fn get(&self, key: &str, now_us: i64) -> Option<Bytes> {
        let mut state = locked(&self.state);
        let place = *state.places.get(key)?;
        let slot = state.slots.get_mut(place)?;
        if slot.expires_at_us <= now_us {
            state.remove(place);
            return None;
        }
        slot.used = true;
        Some(slot.value.clone())
    }

    pub(super) fn put(
        &self,
        key: &str,
        value: Bytes,
        time_to_live: Duration,
        now_us: i64,
    ) -> Result<(), CoordinationError> {
        if value.len() > CACHE_VALUE_BYTES_MAX {
            return Err(CoordinationError::Invalid("a cached value is too large"));
        }
        let mut state = locked(&self.state);
        if let Some(place) = state.places.get(key).copied() {
            state.remove(place);
        }
        while state.slots.len() >= CACHE_VALUES_MAX || state.bytes + value.len() > CACHE_BYTES_MAX {
            state.evict(now_us);
        }
        let key: Arc<str> = key.into();
        let place = state.slots.len();
        state.bytes += value.len();
        state.places.insert(Arc::clone(&key), place);
        state.slots.push(CacheEntry { key, value, expires_at_us: after(now_us, time_to_live), used: false });
        Ok(())
    }

    pub(super) fn remove(&self, key: &str) {
        let mut state = locked(&self.state);
        if let Some(place) = state.places.get(key).copied() {
            state.remove(place);
        }
    }
}

impl CacheState {
    /// Removes a slot; the last one takes its place.
    fn remove(&mut self, place: usize) {
        if place >= self.slots.len() {
            return;
        }
        let old = self.slots.swap_remove(place);
        self.bytes -= old.value.len();
        self.places.remove(&old.key);
        if let Some(moved) = self.slots.get(place) {
            self.places.insert(Arc::clone(&moved.key), place);
        }
    }

    /// Removes one value: an expired one or one that was not read lately. Two rounds of the hand suffice, the first
    /// takes every second chance away.
    fn evict(&mut self, now_us: i64) {
        for _ in 0..=self.slots.len() * 2 {
            let place = if self.hand < self.slots.len() { self.hand } else { 0 };
            self.hand = place + 1;
            match self.slots.get_mut(place) {
                Some(slot) if slot.used && slot.expires_at_us > now_us => slot.used = false,
                _ => return self.remove(place),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn bounded_by_number_and_what_is_read_stays() {
        let cache = Cache::default();
        cache.put("hot", Bytes::from_static(b"hot"), HOUR, 0).unwrap();
        for index in 0..CACHE_VALUES_MAX * 3 {
            cache.put(&format!("cold-{index}"), Bytes::from_static(b"cold"), HOUR, 0).unwrap();
            assert!(cache.get("hot", 0).is_some(), "lost after {index}");
        }
        let state = locked(&cache.state);
        assert_eq!(state.slots.len(), CACHE_VALUES_MAX);
        assert_eq!(state.places.len(), CACHE_VALUES_MAX);
        assert_eq!(state.bytes, state.slots.iter().map(|slot| slot.value.len()).sum::<usize>());
    }

    #[test]
    fn bounded_by_bytes() {
        let cache = Cache::default();
        let large = Bytes::from(vec![0; CACHE_VALUE_BYTES_MAX]);
        for index in 0..1_000 {
            cache.put(&format!("large-{index}"), large.clone(), HOUR, 0).unwrap();
        }
        let state = locked(&cache.state);
        assert!(state.bytes <= CACHE_BYTES_MAX);
        assert_eq!(state.slots.len(), CACHE_BYTES_MAX / CACHE_VALUE_BYTES_MAX);
    }
}
