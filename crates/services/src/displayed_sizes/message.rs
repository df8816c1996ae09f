//! Messages about displayed size, each to one server.

use bytes::Bytes;
use cnop_domain::{AssetId, Quantity, Quote, Side};
use serde::{Deserialize, Serialize};

use crate::ownership::ServerId;

/// Version of the format. A message of another version is ignored.
const SCHEMA: u8 = 1;

/// A part of a quote's displayed size that a command may need: an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DisplayedWant {
    pub(crate) asset_id: AssetId,
    pub(crate) side: Side,
    /// The whole quote: the owner may not have heard of it yet.
    pub(crate) quote: Quote,
    pub(crate) quantity: Quantity,
}

/// A message about displayed size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum DisplayedMessage {
    /// To the owner.
    Request { from: ServerId, request: u64, want: DisplayedWant },
    /// From the owner: so much is the asker's.
    Reply { request: u64, quantity: Quantity },
    /// To the owner: this rest of what these requests were granted is not used.
    Return {
        from: ServerId,
        asset_id: AssetId,
        side: Side,
        quote_seq: u64,
        requests: Vec<u64>,
        quantity: Quantity,
    },
}

impl DisplayedMessage {
    pub(super) fn write(&self) -> Option<Bytes> {
        postcard::to_allocvec(&(SCHEMA, self)).ok().map(Bytes::from)
    }

    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        if payload.first() != Some(&SCHEMA) {
            return None;
        }
        postcard::from_bytes::<(u8, Self)>(payload).ok().map(|(_, message)| message)
    }
}

/// Topic of the messages to a server.
pub(super) fn topic(server_id: ServerId) -> String {
    format!("displayed/{server_id}")
}
