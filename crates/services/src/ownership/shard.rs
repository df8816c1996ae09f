//! Shards: the parts into which trigger books are divided, and the member that should own each.

use std::fmt;
use std::num::NonZeroU64;

use cnop_domain::{AssetId, Entropy};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Number of shards of assets. Far more than servers, so that the load is even, and few enough to renew often.
const SHARDS: u8 = 32;
/// All shards: those of assets, and that of due runs.
pub(crate) const ALL_SHARDS: usize = SHARDS as usize + 1;

/// Id of a running server, random at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServerId(NonZeroU64);

/// A part of what waits: the books of some assets, or the due runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BookShard(u8);

impl ServerId {
    /// A random id.
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        Self(NonZeroU64::new(u64::from_le_bytes(bytes)).unwrap_or(NonZeroU64::MIN))
    }

    pub(crate) const fn from_bits(bits: u64) -> Option<Self> {
        match NonZeroU64::new(bits) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl BookShard {
    /// The due runs of recurring orders.
    pub(crate) const RUNS: Self = Self(SHARDS);

    /// The shard of an asset. It never changes: servers of different versions must agree.
    pub(crate) fn of(asset_id: AssetId) -> Self {
        let hash = Sha256::digest(asset_id.as_str());
        let first = hash.first().copied().unwrap_or_default();
        Self(first % Self::RUNS.0)
    }

    /// All shards in order, that of due runs last.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..=Self::RUNS.0).map(Self)
    }

    /// Its place in an array of [`ALL_SHARDS`].
    pub(crate) fn index(self) -> usize {
        self.0.into()
    }

    /// Its bit in a set of shards.
    pub(crate) const fn bit(self) -> u64 {
        1 << self.0
    }

    /// Key of its lease, and topic of its messages.
    pub(crate) fn key(self) -> String {
        format!("shard/{}", self.0)
    }

    /// The member that should own it: the one with the highest hash. So a server that comes or goes moves only its own
    /// shards.
    pub(crate) fn preferred(self, members: impl IntoIterator<Item = ServerId>) -> Option<ServerId> {
        members.into_iter().max_by_key(|member| (self.weight(*member), *member))
    }

    fn weight(self, member: ServerId) -> [u8; 8] {
        let hash = Sha256::new().chain_update([self.0]).chain_update(member.bits().to_be_bytes()).finalize();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Display for BookShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn servers(count: u64) -> Vec<ServerId> {
        (1..=count)
            .filter_map(|number| ServerId::from_bits(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .collect()
    }

    /// With another hash, servers of two versions would look for an asset's owner in two places.
    #[test]
    fn the_shard_of_an_asset_stays() {
        let shard = |asset: &str| BookShard::of(asset.parse().unwrap()).0;
        assert_eq!(["BTC", "ETH", "SOL", "DOGE"].map(shard), [26, 20, 9, 7]);
    }

    #[test]
    fn shards_are_spread_over_members_and_assets_over_shards() {
        let members = servers(3);
        let mut owned = [0; 3];
        for shard in BookShard::all() {
            let owner = shard.preferred(members.iter().copied()).unwrap();
            owned[members.iter().position(|member| *member == owner).unwrap()] += 1;
        }
        assert!(owned.iter().all(|count| *count >= 6), "{owned:?}");
        let catalogue = cnop_market::Catalogue::bundled();
        let used: BTreeSet<BookShard> = catalogue.iter().map(|asset| BookShard::of(asset.asset_id)).collect();
        assert!(used.len() > usize::from(SHARDS) / 2, "{}", used.len());
        assert!(used.iter().all(|shard| *shard != BookShard::RUNS));
        assert_eq!(BookShard::all().count(), ALL_SHARDS);
    }

    proptest! {
        /// A server that comes takes shards only for itself; one that goes leaves the others where they are.
        #[test]
        fn a_change_of_members_moves_only_what_it_must(count in 1_u64..9, order in any::<u64>()) {
            let mut members = servers(count);
            let before: Vec<_> = BookShard::all().map(|shard| shard.preferred(members.iter().copied())).collect();
            let come = ServerId::from_bits(order | 1).unwrap();
            members.push(come);
            members.reverse();
            for (shard, before) in BookShard::all().zip(before) {
                let after = shard.preferred(members.iter().copied());
                prop_assert!(after == before || after == Some(come));
            }
        }
    }
}
