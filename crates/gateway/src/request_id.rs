//! The id of a request.
//!
//! Not tower-http's `SetRequestIdLayer`: it takes over any id that a client sends, however long or malformed.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName};

/// Carries the id, both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken over from a client.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Makes ids that no other server makes. They are names, no secrets.
#[derive(Debug)]
pub(crate) struct RequestIds {
    /// Distinguishes this run of this server from all others.
    run: u64,
    count: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(now_us: i64) -> Self {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_i64(now_us);
        Self { run: hasher.finish(), count: AtomicU64::new(0) }
    }

    /// The client's own id if it is well-formed, else a generated one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> String {
        let mut given = headers.get_all(REQUEST_ID).iter();
        match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
            (Some(id), None) if is_well_formed(id) => id.to_owned(),
            _ => format!("req-{:016x}-{:x}", self.run, self.count.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

fn is_well_formed(id: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !id.is_empty() && id.len() <= REQUEST_ID_BYTES_MAX && id.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_over_only_when_well_formed() {
        let ids = RequestIds::new(0);
        let of = |id: &str| ids.of(&HeaderMap::from_iter([(REQUEST_ID, id.parse().unwrap())]));
        assert_eq!(of("order.17_a-B"), "order.17_a-B");
        assert_eq!(of(&"a".repeat(64)), "a".repeat(64));
        for bad in ["", "a b", "a\"b", "ä", "<script>", &"a".repeat(65)] {
            assert!(of(bad).starts_with("req-"), "{bad}");
        }
        assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
        let twice = HeaderMap::from_iter([(REQUEST_ID, "a".parse().unwrap())]);
        let mut twice = twice;
        twice.append(REQUEST_ID, "b".parse().unwrap());
        assert!(ids.of(&twice).starts_with("req-"));
    }

    #[test]
    fn made_ids_are_well_formed() {
        assert!(is_well_formed(&RequestIds::new(1).of(&HeaderMap::new())));
    }
}
