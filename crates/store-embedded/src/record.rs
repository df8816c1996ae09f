//! Record encoding: version (8 bytes), expiry (8 bytes, both little-endian), body.

use bytes::Bytes;
use cnop_store::Item;

use crate::key;

const VERSION_BYTES: usize = 8;
const HEADER_BYTES: usize = VERSION_BYTES + 8;
/// Encoding of "never expires". No item may have this expiry.
const NEVER: i64 = i64::MAX;

/// Header of a stored item, all that a transaction needs without the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Number of puts of the item.
    pub(crate) version: u64,
    /// Expiry in seconds since 1970.
    pub(crate) expires_at: Option<i64>,
}

impl Header {
    /// Returns true if the item has expired at this moment.
    pub(crate) fn is_expired(&self, now_s: i64) -> bool {
        self.expires_at.is_some_and(|at| at <= now_s)
    }
}

/// The stored bytes, in a buffer that is reused.
pub(crate) fn encode<'buffer>(buffer: &'buffer mut Vec<u8>, header: &Header, body: &[u8]) -> &'buffer [u8] {
    buffer.clear();
    buffer.extend_from_slice(&header.version.to_le_bytes());
    buffer.extend_from_slice(&header.expires_at.unwrap_or(NEVER).to_le_bytes());
    buffer.extend_from_slice(body);
    buffer
}

/// Splits a record into header and body, or `None` if it is too short.
pub(crate) fn decode(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let version = bytes.get(..VERSION_BYTES)?.try_into().ok()?;
    let expires_at = bytes.get(VERSION_BYTES..HEADER_BYTES)?.try_into().ok()?;
    let expires_at = Some(i64::from_le_bytes(expires_at)).filter(|at| *at != NEVER);
    Some((Header { version: u64::from_le_bytes(version), expires_at }, bytes.get(HEADER_BYTES..)?))
}

/// Decodes an item, or `None` if the bytes are not one.
pub(crate) fn item(key: &[u8], record: &[u8]) -> Option<Item> {
    let (header, body) = decode(record)?;
    Some(Item {
        key: key::decode(key)?,
        version: header.version,
        expires_at: header.expires_at,
        body: Bytes::copy_from_slice(body),
    })
}

#[cfg(test)]
mod tests {
    use super::{Header, decode, encode};

    /// The format on disk: a change needs a new format number in `open`.
    #[test]
    fn the_stored_bytes_stay_as_they_are() {
        let mut buffer = Vec::new();
        let header = Header { version: 258, expires_at: Some(1) };
        let bytes = encode(&mut buffer, &header, b"body");
        assert_eq!(bytes, [2, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, b'b', b'o', b'd', b'y']);
        assert_eq!(decode(bytes), Some((header, &b"body"[..])));
        let header = Header { version: 1, expires_at: None };
        let bytes = encode(&mut buffer, &header, b"");
        assert_eq!(bytes, [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127]);
        assert_eq!(decode(bytes), Some((header, &b""[..])));
        assert_eq!(decode(&[0; 15]), None);
    }
}
