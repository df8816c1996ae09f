//! The hash chain over an account's events.

use cnop_domain::AccountId;
use sha2::{Digest as _, Sha256};

/// SHA-256 of the previous event's hash (all zero before the first), the account's id, the event's number (8 bytes,
/// big-endian) and the event's payload as it is stored, schema byte first.
pub(crate) fn event_hash(
    previous: &[u8; 32],
    account_id: &AccountId,
    seq: u64,
    payload: &[&[u8]],
) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(account_id.as_str().as_bytes());
    hasher.update(seq.to_be_bytes());
    for part in payload {
        hasher.update(part);
    }
    hasher.finalize().into()
}
