//! Messages of the feed's topic: a head in postcard, then the changes of the tick, one after the other.

use bytes::Bytes;
use cnop_domain::{AssetId, Quote, QuoteSource};
use serde::{Deserialize, Serialize};

use crate::AssetState;

/// Version of the format. A message of another version is ignored.
const SCHEMA: u8 = 1;
/// Bytes of changes in one part: below the bounds of messages and cached values, with room for the head.
const PART_BYTES_MAX: usize = 48 * 1024;
/// Maximum number of parts of a tick: fifty times the present catalog.
pub(super) const PARTS_MAX: u16 = 64;

/// Name of a snapshot's content: the generation that one leader gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct FeedStamp {
    /// Epoch of the leader.
    pub(super) epoch: u64,
    pub(super) generation: u64,
}

/// Tells two feeds apart. A server follows its own kind only: quotes of another market would keep its own out, because
/// nothing goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FeedIdentity {
    pub(crate) source: QuoteSource,
    /// Of the simulator's secret and start.
    pub(crate) fingerprint: u64,
}

/// Head of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FeedMessage {
    schema: u8,
    pub(super) feed: FeedIdentity,
    /// Epoch of the leader that sent it; 0 from a follower.
    pub(super) epoch: u64,
    /// Generation of the newest whole snapshot in the cache; from a follower, the generation that it shows.
    pub(super) cached: u64,
    pub(super) news: FeedNews,
}

/// Subject of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum FeedNews {
    /// A follower has missed something and wants the whole snapshot in the cache.
    Wanted,
    /// The leader lives, and this is its newest generation.
    Alive { generation: u64 },
    /// The leader has given the feed away.
    Resigned,
    /// A part of a tick, or of a whole snapshot. Its changes follow the head.
    Part(TickPart),
}

/// Place of a part in its tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TickPart {
    /// The content to which the changes lead.
    pub(super) stamp: FeedStamp,
    /// The content to which they apply; none for a whole snapshot.
    pub(super) after: Option<FeedStamp>,
    pub(super) time_us: i64,
    pub(super) number: u16,
    pub(super) count: u16,
}

/// New data of one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum StateChange {
    /// A newer quote, with everything that follows from it.
    Quote(AssetId, Quote),
    /// All figures.
    State(Box<AssetState>),
}

impl FeedMessage {
    pub(super) const fn new(feed: FeedIdentity, epoch: u64, cached: u64, news: FeedNews) -> Self {
        Self { schema: SCHEMA, feed, epoch, cached, news }
    }

    /// The message as bytes, with the changes of a part.
    pub(super) fn write(&self, changes: &[u8]) -> Option<Bytes> {
        let mut bytes = postcard::to_allocvec(self).ok()?;
        bytes.extend_from_slice(changes);
        Some(bytes.into())
    }

    /// A message and the bytes behind its head; `None` when it cannot be read.
    pub(super) fn read(payload: &[u8]) -> Option<(Self, &[u8])> {
        if payload.first() != Some(&SCHEMA) {
            return None;
        }
        postcard::take_from_bytes(payload).ok()
    }
}

/// Changes as bytes, in parts. At least one part, which may be empty.
pub(super) fn parts_write<'a>(changes: impl Iterator<Item = &'a StateChange>) -> Option<Vec<Vec<u8>>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    for change in changes {
        let bytes = postcard::to_allocvec(change).ok()?;
        if !part.is_empty() && part.len() + bytes.len() > PART_BYTES_MAX {
            parts.push(std::mem::take(&mut part));
        }
        part.extend_from_slice(&bytes);
    }
    parts.push(part);
    (parts.len() <= usize::from(PARTS_MAX)).then_some(parts)
}

/// The changes of a part; `None` when they cannot be read.
pub(super) fn part_read(mut bytes: &[u8]) -> Option<Vec<StateChange>> {
    let mut changes = Vec::new();
    while !bytes.is_empty() {
        let (change, rest) = postcard::take_from_bytes(bytes).ok()?;
        changes.push(change);
        bytes = rest;
    }
    Some(changes)
}
