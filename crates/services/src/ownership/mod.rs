//! Ownership of trigger books: every shard has one owner among the servers that share the table.
//!
//! A lease says who owns a shard. It saves work and decides nothing about money: two owners at once are harmless,
//! because every write names the versions it was decided from. The loop that keeps the leases and the books is
//! `trigger_engine::keeper`.
//!
//! | module | subject |
//! |---|---|
//! | `shard` | [`ServerId`]; shards, and the preferred owner of each |
//! | `members` | the other servers, by their heartbeats |
//! | `shard_state` | the life of a shard on this server, as a pure function |
//! | `message` | messages to the owner of a shard |
//! | `outbox` | messages that are not published yet |

mod members;
mod message;
mod outbox;
mod shard;
mod shard_state;
#[cfg(test)]
mod shard_state_tests;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use cnop_domain::{AccountId, AssetId, BookEntryId, Entropy};
use tokio::sync::watch;

pub(crate) use members::{ClusterMembers, Heartbeat, MemberPhase};
pub(crate) use message::{ChangedEntry, MEMBERS_TOPIC, ShardMessage};
pub(crate) use outbox::Outbox;
pub use shard::ServerId;
pub(crate) use shard::{ALL_SHARDS, BookShard};
pub(crate) use shard_state::{
    LEASE_US, LeaseAnswer, LeaseCall, RENEW_US, Seen, ShardChange, ShardPhase, ShardState,
};

/// The server that owns the trigger book of an asset, as far as this server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This server.
    Here,
    /// Another server.
    Server(ServerId),
    /// Nobody that this server knows of, or a server that still fills its books.
    Unknown,
}

/// Owners of trigger books, as far as this server knows. Reading it takes no lock.
#[derive(Debug)]
pub struct Ownership {
    server_id: ServerId,
    /// Bits of each shard's owner; 0 when it is unknown.
    owners: [AtomicU64; ALL_SHARDS],
    members: AtomicUsize,
    /// Number of other servers that take shards.
    takers: AtomicUsize,
    /// Other servers have been heard of since the start.
    had_company: AtomicBool,
    is_draining: AtomicBool,
    is_waiting: AtomicBool,
    /// Set of the shards whose marks were written under a later lease.
    superseded: AtomicU64,
    /// Number of shards with a lease of this server.
    held: watch::Sender<usize>,
    /// Changes for the owners of other shards.
    pub(crate) outbox: Outbox,
}

impl Ownership {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        Self {
            server_id: ServerId::random(entropy),
            owners: std::array::from_fn(|_| AtomicU64::new(0)),
            members: AtomicUsize::new(1),
            takers: AtomicUsize::new(0),
            had_company: AtomicBool::new(false),
            is_draining: AtomicBool::new(false),
            is_waiting: AtomicBool::new(true),
            superseded: AtomicU64::new(0),
            held: watch::Sender::new(0),
            outbox: Outbox::default(),
        }
    }

    /// Id of this server.
    #[must_use]
    pub const fn server_id(&self) -> ServerId {
        self.server_id
    }

    /// The owner of an asset's trigger book.
    #[must_use]
    pub fn owner_of(&self, asset_id: AssetId) -> Owner {
        self.owner(BookShard::of(asset_id))
    }

    /// Number of servers that were heard of lately, this one included.
    #[must_use]
    pub fn members(&self) -> usize {
        self.members.load(Ordering::Relaxed)
    }

    /// Number of shards that this server owns, with filled books.
    #[must_use]
    pub fn shards_owned(&self) -> usize {
        BookShard::all().filter(|shard| self.owner(*shard) == Owner::Here).count()
    }

    /// Returns true if this server owns nothing although it should: it has not reached the coordinator yet, or others
    /// have not given it its shards yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Relaxed) && !self.is_draining()
    }

    pub(crate) fn waiting_set(&self, is_waiting: bool) {
        self.is_waiting.store(is_waiting, Ordering::Relaxed);
    }

    /// The owner of a shard.
    pub(crate) fn owner(&self, shard: BookShard) -> Owner {
        let bits = self.owners.get(shard.index()).map_or(0, |owner| owner.load(Ordering::Acquire));
        match ServerId::from_bits(bits) {
            None => Owner::Unknown,
            Some(server_id) if server_id == self.server_id => Owner::Here,
            Some(server_id) => Owner::Server(server_id),
        }
    }

    pub(crate) fn owner_set(&self, shard: BookShard, owner: Option<ServerId>) {
        if let Some(known) = self.owners.get(shard.index()) {
            known.store(owner.map_or(0, ServerId::bits), Ordering::Release);
        }
    }

    /// Tells the owner of a book, once it can, that a commit has changed an entry.
    pub(crate) fn tell(&self, (asset_id, entry_id): (AssetId, BookEntryId), account_id: &AccountId) {
        let account_id = account_id.clone();
        self.outbox.add(BookShard::of(asset_id), ChangedEntry { asset_id, entry_id, account_id });
    }

    /// This server does not own the shard any more, whatever it believes: a later owner has written.
    pub(crate) fn supersede(&self, shard: BookShard) {
        self.superseded.fetch_or(shard.bit(), Ordering::Relaxed);
    }

    /// Takes the shards of [`Ownership::supersede`].
    pub(crate) fn superseded_take(&self) -> u64 {
        self.superseded.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn held_set(&self, held: usize) {
        self.held.send_if_modified(|known| std::mem::replace(known, held) != held);
    }

    /// Returns when this server holds no shard.
    pub(crate) async fn released(&self) {
        // The sender lives as long as `self`.
        let _ = self.held.subscribe().wait_for(|held| *held == 0).await;
    }

    pub(crate) fn members_set(&self, members: usize) {
        self.members.store(members, Ordering::Relaxed);
        if members > 1 {
            self.had_company.store(true, Ordering::Relaxed);
        }
    }

    /// Returns true if another server may have owned books since the start of this one.
    pub(crate) fn had_company(&self) -> bool {
        self.had_company.load(Ordering::Relaxed)
    }

    /// Returns true if another server could take the shards of this one.
    pub(crate) fn has_takers(&self) -> bool {
        self.takers.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn takers_set(&self, takers: usize) {
        self.takers.store(takers, Ordering::Relaxed);
    }

    /// From now on the shards are given to other servers, if there are any.
    pub(crate) fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }
}
