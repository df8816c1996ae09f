//! Binary key encoding `pk NUL sk`. Keys contain no NUL, so partitions do not mix and the order is that of
//! the port.

use std::ops::Bound;

use cnop_store::{Direction, Key, QueryStart, SortKeyRange, TableQuery};

/// Between the parts; sorts before every character that a key may have.
const SEPARATOR: u8 = 0;
/// Used in place of the separator, it sorts after every key of a partition.
const BEHIND_SEPARATOR: u8 = 1;

/// The lower and the upper end of a range of key bytes.
type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The bytes of a key.
pub(crate) fn encode(key: &Key) -> Vec<u8> {
    join(&key.pk, SEPARATOR, &key.sk)
}

/// Decodes a key, or `None` if the bytes are not a key.
pub(crate) fn decode(bytes: &[u8]) -> Option<Key> {
    let middle = bytes.iter().position(|byte| *byte == SEPARATOR)?;
    let pk = std::str::from_utf8(bytes.get(..middle)?).ok()?;
    let sk = std::str::from_utf8(bytes.get(middle + 1..)?).ok()?;
    Some(Key::new(pk, sk))
}

/// Byte range that contains the items of a query; `None` if it is empty.
pub(crate) fn bounds(query: &TableQuery) -> Option<Bounds> {
    let pk = &query.pk;
    let (mut lower, mut upper) = match &query.range {
        SortKeyRange::Prefix(prefix) => {
            (Bound::Included(join(pk, SEPARATOR, prefix)), Bound::Excluded(behind_prefix(pk, prefix)))
        }
        SortKeyRange::Between { from, to } => (
            Bound::Included(join(pk, SEPARATOR, from.as_deref().unwrap_or_default())),
            to.as_ref().map_or_else(
                || Bound::Excluded(join(pk, BEHIND_SEPARATOR, "")),
                |to| Bound::Included(join(pk, SEPARATOR, to)),
            ),
        ),
    };
    match (query.start(), query.direction) {
        (QueryStart::Nowhere, _) => return None,
        (QueryStart::Edge, _) => {}
        (QueryStart::After(sk), Direction::Ascending) => lower = Bound::Excluded(join(pk, SEPARATOR, sk)),
        (QueryStart::After(sk), Direction::Descending) => upper = Bound::Excluded(join(pk, SEPARATOR, sk)),
    }
    let is_empty = match (&lower, &upper) {
        (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
        (
            Bound::Included(lower) | Bound::Excluded(lower),
            Bound::Included(upper) | Bound::Excluded(upper),
        ) => lower >= upper,
        _ => false,
    };
    (!is_empty).then_some((lower, upper))
}

fn join(pk: &str, separator: u8, sk: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pk.len() + 1 + sk.len());
    bytes.extend_from_slice(pk.as_bytes());
    bytes.push(separator);
    bytes.extend_from_slice(sk.as_bytes());
    bytes
}

/// The first bytes behind all that begin with the prefix. UTF-8 has no byte 255, so the last one can be raised.
fn behind_prefix(pk: &str, prefix: &str) -> Vec<u8> {
    let mut bytes = join(pk, SEPARATOR, prefix);
    if let Some(last) = bytes.last_mut() {
        *last = last.saturating_add(1);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use cnop_store::Key;

    use super::{decode, encode};

    #[test]
    fn keys_survive_and_keep_their_order() {
        let mut keys: Vec<Key> = ["a", "a\u{1}", "aa", "b", "é", "😀"]
            .into_iter()
            .flat_map(|pk| ["a", "\u{1}", "zz", "\u{10ffff}"].map(|sk| Key::new(pk, sk)))
            .collect();
        keys.sort();
        let bytes: Vec<Vec<u8>> = keys.iter().map(encode).collect();
        assert!(bytes.is_sorted());
        assert_eq!(bytes.iter().map(|bytes| decode(bytes).unwrap()).collect::<Vec<_>>(), keys);
    }

    #[test]
    fn a_malformed_key_is_refused() {
        assert_eq!(decode(b"no separator"), None);
        assert_eq!(decode(b"\xff\0a"), None);
        assert_eq!(decode(b"a\0\xff"), None);
    }
}
