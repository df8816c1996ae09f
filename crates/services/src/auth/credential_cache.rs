//! A cache of verified credentials by their hash. It saves the signature check on each request.
//!
//! Not `moka` or `quick_cache`: the first victim is not the oldest entry but one whose session has ended.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use cnop_api::Caller;

use super::session_registry::SessionState;

/// Most credentials that are remembered, in all shards. About 400 bytes each: 13 MB at most.
pub(super) const VERIFIED_MAX: usize = 32_768;
/// Shards, each with its lock: a power of two.
const SHARDS: usize = 16;
/// Most credentials of one shard.
const SHARD_MAX: usize = VERIFIED_MAX / SHARDS;
/// Number of evictions when a shard is full of valid ones.
const EVICTED: usize = SHARD_MAX / 8;

/// Credentials that were found genuine.
#[derive(Debug, Clone)]
pub(super) struct CachedCredential {
    pub(super) caller: Arc<Caller>,
    pub(super) session: Arc<SessionState>,
    /// The credentials themselves end then, whatever the session does.
    pub(super) expires_at_us: i64,
}

impl CachedCredential {
    fn is_dead(&self, now_us: i64) -> bool {
        self.expires_at_us <= now_us || self.session.has_ended()
    }
}

/// The bounded cache. It contains no secrets: keys are SHA-256 hashes.
#[derive(Debug)]
pub(super) struct CredentialCache {
    shards: Vec<RwLock<HashMap<[u8; 32], CachedCredential>>>,
}

impl CredentialCache {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    /// The cached result for this hash, valid or not.
    pub(super) fn get(&self, hash: &[u8; 32]) -> Option<CachedCredential> {
        self.shard(hash)?.read().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    pub(super) fn insert(&self, hash: [u8; 32], verified: CachedCredential, now_us: i64) {
        let Some(shard) = self.shard(&hash) else { return };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= SHARD_MAX {
            shard.retain(|_, verified| !verified.is_dead(now_us));
        }
        if shard.len() >= SHARD_MAX {
            // Any entry is fine: keys are hashes, so nobody can choose the victim, and evicted credentials
            // are verified again.
            let evicted: Vec<[u8; 32]> = shard.keys().take(EVICTED).copied().collect();
            for hash in evicted {
                shard.remove(&hash);
            }
        }
        shard.insert(hash, verified);
    }

    pub(super) fn remove(&self, hash: &[u8; 32]) {
        if let Some(shard) = self.shard(hash) {
            shard.write().unwrap_or_else(PoisonError::into_inner).remove(hash);
        }
    }

    fn shard(&self, hash: &[u8; 32]) -> Option<&RwLock<HashMap<[u8; 32], CachedCredential>>> {
        let [first, ..] = hash;
        self.shards.get(usize::from(*first) % SHARDS)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use cnop_api::accounts::UserRole;
    use sha2::{Digest as _, Sha256};

    use super::super::opaque_token::TokenOwner;
    use super::super::session_registry::SessionRegistry;
    use super::*;

    fn verified() -> CachedCredential {
        let owner = TokenOwner {
            user_id: "usr_00000000000000000000000001".parse().unwrap(),
            session_id: "session".to_owned(),
        };
        let caller = Caller {
            user_id: owner.user_id.clone(),
            account_id: "acc_00000000000000000000000001".parse().unwrap(),
            username: "ada".to_owned(),
            role: UserRole::Customer,
            session_id: owner.session_id.clone(),
            credentials_end_us: i64::MAX,
        };
        CachedCredential {
            caller: Arc::new(caller),
            session: SessionRegistry::default().state(&owner),
            expires_at_us: 0,
        }
    }

    #[test]
    fn the_cache_is_bounded_and_drops_the_dead_first() {
        let cache = CredentialCache::new();
        let sample = verified();
        let until = |expires_at_us| CachedCredential { expires_at_us, ..sample.clone() };
        let hash = |number: usize| -> [u8; 32] { Sha256::digest(number.to_be_bytes()).into() };
        for number in 0..VERIFIED_MAX {
            cache.insert(hash(number), until(if number % 2 == 0 { 10 } else { 100 }), 0);
        }
        for number in VERIFIED_MAX..2 * VERIFIED_MAX {
            cache.insert(hash(number), until(100), 50);
            assert!(cache.get(&hash(number)).is_some(), "the newest is always there");
        }
        assert!(cache.len() <= VERIFIED_MAX);
        assert!((0..VERIFIED_MAX).step_by(2).all(|number| cache.get(&hash(number)).is_none()));
    }
}
