//! Messages about a shard. They say that something changed; the table has the content.

use bytes::Bytes;
use cnop_coordination::MESSAGE_BYTES_MAX;
use cnop_domain::{AccountId, AssetId, BookEntryId};
use serde::{Deserialize, Serialize};

use super::members::Heartbeat;
use crate::error::Result;
use crate::records::{decode, encode, first_schema};

/// Topic of the heartbeats.
pub(crate) const MEMBERS_TOPIC: &str = "members";
/// Entries in one message at most: each takes less than 128 bytes.
pub(crate) const ENTRIES_MAX: usize = MESSAGE_BYTES_MAX / 128;

/// A message to the owner of a shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ShardMessage {
    /// Entries that a commit has changed.
    Entries(Vec<ChangedEntry>),
    /// Something was not told: the books must be compared with the table.
    Reconcile,
}

/// An entry of a book that a commit has changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ChangedEntry {
    pub(crate) asset_id: AssetId,
    pub(crate) entry_id: BookEntryId,
    pub(crate) account_id: AccountId,
}

first_schema!(Heartbeat, ShardMessage);

impl ShardMessage {
    pub(crate) fn write(&self) -> Result<Bytes> {
        encode(self)
    }

    /// Reads a message. One of an unknown form, from a newer server, asks for a comparison: it may mean anything.
    pub(crate) fn read(body: &[u8]) -> Self {
        decode(body).unwrap_or(Self::Reconcile)
    }
}

impl Heartbeat {
    pub(crate) fn write(&self) -> Result<Bytes> {
        encode(self)
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        decode(body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ownership::members::MemberPhase;
    use crate::ownership::shard::ServerId;

    #[test]
    fn the_longest_message_fits() {
        let entry = ChangedEntry {
            asset_id: "ABCDEFGHIJ".parse().unwrap_or_else(|_| "BTC".parse().unwrap()),
            entry_id: BookEntryId::MAX,
            account_id: format!("acc_{:026}", 1).parse().unwrap(),
        };
        let message = ShardMessage::Entries(vec![entry; ENTRIES_MAX]);
        let body = message.write().unwrap();
        assert!(body.len() <= MESSAGE_BYTES_MAX, "{}", body.len());
        assert_eq!(ShardMessage::read(&body), message);
    }

    /// A newer server's message must not be skipped: it may say that an order was canceled.
    #[test]
    fn an_unknown_message_asks_for_everything() {
        assert_eq!(ShardMessage::read(&[9, 9]), ShardMessage::Reconcile);
        assert_eq!(ShardMessage::read(&[]), ShardMessage::Reconcile);
        let server_id = ServerId::from_bits(7).unwrap();
        let heartbeat = Heartbeat { server_id, phase: MemberPhase::Draining, holds: 1 << 32 };
        assert_eq!(Heartbeat::read(&heartbeat.write().unwrap()), Some(heartbeat));
        assert_eq!(Heartbeat::read(&[9]), None);
    }
}
