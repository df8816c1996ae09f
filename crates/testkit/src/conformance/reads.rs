//! Reading one item, a range, and the whole table.

use std::collections::BTreeSet;

use bytes::Bytes;
use cnop_store::limits::BODY_BYTES_MAX;
use cnop_store::{Condition, Key, SortKeyRange, Table, TableQuery, Write};

use super::{Fixture, get, put};

async fn fill(table: &dyn Table, pk: &str, sort_keys: &[&str]) {
    let writes = sort_keys.iter().map(|sk| put(pk, sk, &format!("body of {sk}"), Condition::Absent));
    table.transact(writes.collect()).await.unwrap();
}

async fn sort_keys(table: &dyn Table, query: &TableQuery) -> Vec<String> {
    let page = table.query(query).await.unwrap();
    assert!(!page.more, "{query:?} has more");
    page.items.into_iter().map(|item| item.key.sk).collect()
}

/// A put item reads back with its key, body (any bytes, or none), expiry and version.
pub async fn read_back(Fixture { table, clock, .. }: Fixture) {
    let every_byte = Bytes::from_iter(0..=255);
    let expires_at = clock.now_seconds() + 60;
    table
        .transact(vec![
            Write::put(Key::new("p", "bytes"), every_byte.clone(), Condition::Any),
            Write::put(Key::new("p", "empty"), Bytes::new(), Condition::Any),
            Write::put_expiring(Key::new("p", "expiring"), "soon gone", expires_at, Condition::Any),
        ])
        .await
        .unwrap();
    let item = get(&*table, "p", "bytes").await.unwrap();
    assert_eq!((item.key, item.version, item.expires_at), (Key::new("p", "bytes"), 1, None));
    assert_eq!(item.body, every_byte);
    assert_eq!(get(&*table, "p", "empty").await.unwrap().body, "");
    assert_eq!(get(&*table, "p", "expiring").await.unwrap().expires_at, Some(expires_at));
    assert_eq!(get(&*table, "p", "byte").await, None);
    assert_eq!(get(&*table, "bytes", "p").await, None);
}

/// A prefix selects the matching keys, in both directions.
pub async fn query_prefix(Fixture { table, .. }: Fixture) {
    fill(&*table, "p", &["E", "E#1", "E#10", "E#2", "E#\u{10ffff}", "F#1", "E$", "D#9"]).await;
    let query = TableQuery::prefix("p", "E#", 10);
    assert_eq!(sort_keys(&*table, &query).await, ["E#1", "E#10", "E#2", "E#\u{10ffff}"]);
    assert_eq!(sort_keys(&*table, &query.descending()).await, ["E#\u{10ffff}", "E#2", "E#10", "E#1"]);
    assert_eq!(sort_keys(&*table, &TableQuery::prefix("p", "", 10)).await.len(), 8);
    assert_eq!(sort_keys(&*table, &TableQuery::prefix("p", "Z", 10)).await, [""; 0]);
    let page = table.query(&TableQuery::prefix("p", "F", 10)).await.unwrap();
    assert_eq!((page.items[0].version, &page.items[0].body[..]), (1, &b"body of F#1"[..]));
    assert_eq!(page.items[0].key, Key::new("p", "F#1"));
}

/// Both bounds are included; an absent one does not limit; an inverted range is empty.
pub async fn query_between(Fixture { table, .. }: Fixture) {
    fill(&*table, "p", &["a", "b", "ba", "c", "d"]).await;
    assert_eq!(sort_keys(&*table, &TableQuery::between("p", "b", "c", 10)).await, ["b", "ba", "c"]);
    assert_eq!(
        sort_keys(&*table, &TableQuery::between("p", "b", "c", 10).descending()).await,
        ["c", "ba", "b"]
    );
    assert_eq!(sort_keys(&*table, &TableQuery::between("p", "aa", "b~", 10)).await, ["b", "ba"]);
    assert_eq!(sort_keys(&*table, &TableQuery::between("p", "", "b", 10)).await, ["a", "b"]);
    assert_eq!(sort_keys(&*table, &TableQuery::between("p", "c", "b", 10)).await, [""; 0]);
    assert_eq!(sort_keys(&*table, &TableQuery::between("p", "", "", 10)).await, [""; 0]);
    let open = |from: Option<&str>, to: Option<&str>| TableQuery {
        range: SortKeyRange::Between { from: from.map(str::to_owned), to: to.map(str::to_owned) },
        ..TableQuery::prefix("p", "", 10)
    };
    assert_eq!(sort_keys(&*table, &open(Some("c"), None)).await, ["c", "d"]);
    assert_eq!(sort_keys(&*table, &open(None, Some("b"))).await, ["a", "b"]);
    assert_eq!(sort_keys(&*table, &open(None, None)).await.len(), 5);
}

/// Pages join without gap or overlap, and `more` is exact.
pub async fn query_paging(Fixture { table, .. }: Fixture) {
    let all: Vec<String> = (0..12).map(|index| format!("E#{index:03}")).collect();
    fill(&*table, "p", &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    fill(&*table, "p", &["D", "F"]).await;
    for is_descending in [false, true] {
        for limit in [1, 4, 5, 12, 13] {
            let mut expected = all.clone();
            let mut query = TableQuery::prefix("p", "E#", limit);
            if is_descending {
                expected.reverse();
                query = query.descending();
            }
            let mut seen = Vec::new();
            loop {
                let page = table.query(&query).await.unwrap();
                seen.extend(page.items.into_iter().map(|item| item.key.sk));
                assert_eq!(page.more, seen.len() < all.len(), "limit {limit}");
                if !page.more {
                    break;
                }
                query = query.after(seen.last().cloned());
            }
            assert_eq!(seen, expected);
        }
    }
}

/// `after` need not exist and may lie outside the range.
pub async fn query_after_outside(Fixture { table, .. }: Fixture) {
    fill(&*table, "p", &["b1", "b3", "b5"]).await;
    let query = |after: &str| TableQuery::prefix("p", "b", 10).after(Some(after.to_owned()));
    for (after, up, down) in [
        ("", vec!["b1", "b3", "b5"], vec![]),
        ("a", vec!["b1", "b3", "b5"], vec![]),
        ("b2", vec!["b3", "b5"], vec!["b1"]),
        ("b3", vec!["b5"], vec!["b1"]),
        ("b9", vec![], vec!["b5", "b3", "b1"]),
        ("c", vec![], vec!["b5", "b3", "b1"]),
    ] {
        assert_eq!(sort_keys(&*table, &query(after)).await, up, "after {after}");
        assert_eq!(sort_keys(&*table, &query(after).descending()).await, down, "before {after}");
    }
}

/// Sort keys are ordered by their UTF-8 bytes, not by any language.
pub async fn query_order_is_bytes(Fixture { table, .. }: Fixture) {
    let ordered = ["\u{1}", " ", "#", "9", "A", "Z", "a", "z", "~", "\u{e4}", "\u{ffff}", "\u{10000}", "😀"];
    let mut shuffled = ordered;
    shuffled.reverse();
    fill(&*table, "p", &shuffled).await;
    assert_eq!(sort_keys(&*table, &TableQuery::prefix("p", "", 100)).await, ordered);
}

/// A partition's neighbors are not seen, however alike their names are.
pub async fn query_sees_one_partition(Fixture { table, .. }: Fixture) {
    for pk in ["p", "p\u{1}", "pp", "o", "q", "P"] {
        fill(&*table, pk, &["a", "pa"]).await;
    }
    for query in [TableQuery::prefix("p", "", 10), TableQuery::prefix("p", "", 10).descending()] {
        let page = table.query(&query).await.unwrap();
        assert_eq!(page.items.len(), 2);
        assert!(page.items.iter().all(|item| item.key.pk == "p"));
    }
    assert_eq!(sort_keys(&*table, &TableQuery::prefix("nobody", "", 10)).await, [""; 0]);
}

/// A page ends early rather than grow beyond its bytes.
pub async fn page_ends_at_its_bytes(Fixture { table, .. }: Fixture) {
    let body = Bytes::from(vec![7; BODY_BYTES_MAX]);
    for index in 0..18 {
        let key = Key::new("p", format!("{index:02}"));
        table.transact(vec![Write::put(key, body.clone(), Condition::Absent)]).await.unwrap();
    }
    let first = table.query(&TableQuery::prefix("p", "", 100)).await.unwrap();
    assert!(first.more);
    assert_eq!(first.items.len(), 15);
    let last = first.items.last().map(|item| item.key.sk.clone());
    let second = table.query(&TableQuery::prefix("p", "", 100).after(last)).await.unwrap();
    assert!(!second.more);
    assert_eq!(second.items.len(), 3);
}

/// Any character except NUL may occur in a key.
pub async fn odd_keys(Fixture { table, .. }: Fixture) {
    let odd = [
        "\u{1}",
        "\u{7f}",
        "\"'\\",
        "a b\tc\nd",
        "a\u{301}",
        "á",
        "\u{202e}abc",
        "😀",
        "\u{10ffff}",
        ":v",
        "%_*",
    ];
    for pk in odd {
        for sk in odd {
            assert_eq!(get(&*table, pk, sk).await, None);
        }
        fill(&*table, pk, &odd).await;
    }
    for pk in odd {
        for sk in odd {
            assert_eq!(get(&*table, pk, sk).await.unwrap().key, Key::new(pk, sk));
        }
        assert_eq!(sort_keys(&*table, &TableQuery::prefix(pk, "", 100)).await.len(), odd.len());
    }
}

/// All segments together see each item once, whatever the page size.
pub async fn scan_sees_everything_once(Fixture { table, .. }: Fixture) {
    let mut expected = BTreeSet::new();
    for pk in ["a", "b", "c", "d"] {
        let all: Vec<String> = (0..40).map(|index| format!("{index}")).collect();
        fill(&*table, pk, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
        expected.extend(all.into_iter().map(|sk| Key::new(pk, sk)));
    }
    for (segments, limit) in [(1, 1_000), (1, 7), (3, 7), (5, 160)] {
        let mut seen = Vec::new();
        for segment in 0..segments {
            let mut cursor = None;
            loop {
                let page = table.scan(segment, segments, cursor, limit).await.unwrap();
                assert!(page.items.len() <= usize::try_from(limit).unwrap());
                assert!(
                    page.items.iter().all(|item| item.version == 1 && item.body.starts_with(b"body of "))
                );
                seen.extend(page.items.into_iter().map(|item| item.key));
                cursor = page.cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        assert_eq!(seen.len(), expected.len());
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}

/// Several items at once come in the order of their keys, absent and expired ones as nothing.
pub async fn several_at_once(Fixture { table, clock, .. }: Fixture) {
    let soon = clock.now_seconds() + 5;
    let key = |sk: &str| Key::new("p", sk);
    let writes = vec![
        Write::put(key("b"), "two", Condition::Any),
        Write::put(Key::new("q", "a"), "three", Condition::Any),
        Write::put_expiring(key("c"), "four", soon, Condition::Any),
    ];
    table.transact(writes).await.unwrap();
    clock.advance_seconds(10);
    let keys = [Key::new("q", "a"), key("missing"), key("b"), key("c")];
    let read = table.get_many(&keys).await.unwrap();
    let bodies: Vec<_> = read.iter().map(|item| item.as_ref().map(|item| &item.body[..])).collect();
    assert_eq!(bodies, [Some(&b"three"[..]), None, Some(b"two"), None]);
    assert!(table.get_many(&[]).await.unwrap().is_empty());
}
