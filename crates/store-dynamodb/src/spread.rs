//! Partitions that take more writes than one partition of DynamoDB allows, spread over several of them.
//!
//! The port sees one partition. Its items are in `PARTITION#0`, `PARTITION#1` and so on, by a hash of the sort key. A query
//! asks all of them at once and merges the answers by sort key.

use cnop_store::{Direction, Item, Key};

/// Most parts of a partition; each query of it is as many requests.
pub(crate) const PARTS_MAX: u32 = 64;
/// Items that a query asks each part for at least, if it may have as many.
const PART_ITEMS_MIN: u32 = 32;

/// The rule by which partitions are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Prefixes of the keys of spread partitions. After its prefix, such a key has no `#`.
    pub(crate) prefixes: &'static [&'static str],
    /// Number of parts; 1 spreads nothing.
    pub(crate) parts: u32,
}

impl Spread {
    /// Returns true if the partition is spread.
    pub(crate) fn applies(self, pk: &str) -> bool {
        self.parts > 1 && self.has_prefix(pk)
    }

    /// Returns true if the partition is one that may be spread.
    pub(crate) fn has_prefix(self, pk: &str) -> bool {
        self.prefixes.iter().any(|prefix| pk.starts_with(prefix))
    }

    /// Key of an item in the table.
    pub(crate) fn stored(self, key: &Key) -> Key {
        if !self.applies(&key.pk) {
            return key.clone();
        }
        let part = hash(&key.sk) % u64::from(self.parts);
        Key::new(format!("{}#{part}", key.pk), &*key.sk)
    }

    /// Partition of the port in which a stored item is.
    pub(crate) fn partition(self, stored_pk: &str) -> &str {
        if !self.applies(stored_pk) {
            return stored_pk;
        }
        stored_pk.rsplit_once('#').map_or(stored_pk, |(pk, _)| pk)
    }

    /// The item with its key of the port.
    pub(crate) fn seen(self, mut item: Item) -> Item {
        let length = self.partition(&item.key.pk).len();
        item.key.pk.truncate(length);
        item
    }

    /// Partitions to query for one of the port.
    pub(crate) fn partitions(self, pk: &str) -> Vec<String> {
        (0..self.parts).map(|part| format!("{pk}#{part}")).collect()
    }

    /// Items to ask each part for, so that together they fill a page in most cases.
    pub(crate) fn part_limit(self, limit: u32) -> u32 {
        (limit / self.parts.max(1)).saturating_mul(2).max(PART_ITEMS_MIN).min(limit)
    }
}

/// The answers of all parts in order, and whether there is more. What lies behind the end of a part that has more is
/// dropped, because the part may have items between.
pub(crate) fn merged(parts: Vec<(Vec<Item>, bool)>, direction: Direction) -> (Vec<Item>, bool) {
    let is_before = |left: &str, right: &str| match direction {
        Direction::Ascending => left < right,
        Direction::Descending => left > right,
    };
    let mut end: Option<String> = None;
    for last in parts.iter().filter(|(_, more)| *more).filter_map(|(items, _)| items.last()) {
        if end.as_deref().is_none_or(|end| is_before(&last.key.sk, end)) {
            end = Some(last.key.sk.clone());
        }
    }
    let more = parts.iter().any(|(_, more)| *more);
    let mut items: Vec<Item> = parts.into_iter().flat_map(|(items, _)| items).collect();
    items.retain(|item| end.as_deref().is_none_or(|end| !is_before(end, &item.key.sk)));
    match direction {
        Direction::Ascending => items.sort_unstable_by(|left, right| left.key.sk.cmp(&right.key.sk)),
        Direction::Descending => items.sort_unstable_by(|left, right| right.key.sk.cmp(&left.key.sk)),
    }
    (items, more)
}

/// FNV-1a: it must never change, because it says where stored items are.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const SPREAD: Spread = Spread { prefixes: &["B#", "Q#"], parts: 8 };

    fn item(sk: &str) -> Item {
        Item { key: Key::new("B#BTC", sk), version: 1, expires_at: None, body: Bytes::new() }
    }

    /// Another hash in a later version would not find the orders that wait.
    #[test]
    fn stored_keys_are_fixed() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        let stored = SPREAD.stored(&Key::new("B#BTC", "a"));
        assert_eq!((stored.pk.as_str(), stored.sk.as_str()), ("B#BTC#4", "a"));
        assert_eq!(SPREAD.partition(&stored.pk), "B#BTC");
        for (pk, sk) in [("A#acc_1", "HEAD"), ("VENUE", "SIMULATOR")] {
            let key = Key::new(pk, sk);
            assert_eq!(SPREAD.stored(&key), key);
            assert_eq!(SPREAD.partition(pk), pk);
        }
        let one = Spread { parts: 1, ..SPREAD };
        assert_eq!(one.stored(&Key::new("B#BTC", "a")).pk, "B#BTC");
    }

    #[test]
    fn orders_are_spread_evenly() {
        let mut counts = [0_u32; 8];
        for number in 0..8_000 {
            let stored = SPREAD.stored(&Key::new("B#BTC", format!("O#ord_{number:026}")));
            let part: usize = stored.pk.rsplit_once('#').unwrap().1.parse().unwrap();
            counts[part] += 1;
        }
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
    }

    /// A part with more may have items between those of the others: a page that skipped them would lose orders forever.
    #[test]
    fn a_page_ends_with_the_first_part_that_has_more() {
        let items = |sks: &[&str]| sks.iter().map(|sk| item(sk)).collect::<Vec<_>>();
        let parts = vec![(items(&["a", "d"]), true), (items(&["b", "c", "e"]), false), (items(&[]), false)];
        let (page, more) = merged(parts, Direction::Ascending);
        assert_eq!((page, more), (items(&["a", "b", "c", "d"]), true));
        let parts = vec![(items(&["d", "b"]), true), (items(&["c", "a"]), false)];
        assert_eq!(merged(parts, Direction::Descending), (items(&["d", "c", "b"]), true));
        let parts = vec![(items(&["b"]), false), (items(&["a"]), false)];
        assert_eq!(merged(parts, Direction::Ascending), (items(&["a", "b"]), false));
    }
}
