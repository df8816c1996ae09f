//! Limits: values at a limit are accepted, values beyond it are refused.

use bytes::Bytes;
use cnop_store::limits::{
    BODY_BYTES_MAX, PAGE_ITEMS_MAX, PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX, TRANSACTION_BYTES_MAX,
    WRITES_MAX,
};
use cnop_store::{Condition, Invalid, Key, StoreError, TableQuery, Write};

use super::{Fixture, get, put};

/// Each limit of a transaction refuses the first value beyond it.
pub async fn transaction_limits(Fixture { table, .. }: Fixture) {
    let one = |pk: &str, sk: &str| vec![put(pk, sk, "", Condition::Any)];
    let body = Bytes::from(vec![0; BODY_BYTES_MAX]);
    let long_body = Bytes::from(vec![0; BODY_BYTES_MAX + 1]);
    let many = |count: usize, body: &Bytes| -> Vec<Write> {
        (0..count)
            .map(|index| Write::put(Key::new("p", index.to_string()), body.clone(), Condition::Any))
            .collect()
    };
    for (writes, expected) in [
        (vec![], Invalid::NoWrites),
        (many(WRITES_MAX + 1, &Bytes::new()), Invalid::TooManyWrites),
        (
            vec![put("p", "a", "", Condition::Any), Write::check(Key::new("p", "a"), Condition::Any)],
            Invalid::DuplicateItem,
        ),
        ([many(50, &Bytes::new()), one("p", "7")].concat(), Invalid::DuplicateItem),
        (one("", "a"), Invalid::KeyEmpty),
        (one("p", ""), Invalid::KeyEmpty),
        (one("p\0", "a"), Invalid::KeyNul),
        (one("p", "\0a"), Invalid::KeyNul),
        (one(&"p".repeat(PARTITION_KEY_BYTES_MAX + 1), "a"), Invalid::PartitionKeyTooLong),
        (one("p", &"é".repeat(SORT_KEY_BYTES_MAX / 2 + 1)), Invalid::SortKeyTooLong),
        (vec![Write::put(Key::new("p", "a"), long_body, Condition::Any)], Invalid::BodyTooLong),
        (many(TRANSACTION_BYTES_MAX / BODY_BYTES_MAX, &body), Invalid::TransactionTooLong),
        (vec![put("p", "a", "", Condition::Version(0))], Invalid::VersionZero),
        (vec![Write::put_expiring(Key::new("p", "a"), "", -1, Condition::Any)], Invalid::Expiry),
        (vec![Write::put_expiring(Key::new("p", "a"), "", i64::MAX, Condition::Any)], Invalid::Expiry),
    ] {
        let result = table.transact(writes).await;
        assert!(
            matches!(&result, Err(StoreError::Invalid(invalid)) if *invalid == expected),
            "{expected:?} {result:?}"
        );
    }
    assert_eq!(get(&*table, "p", "a").await, None);
    assert_eq!(get(&*table, "p", "0").await, None);
}

/// Values exactly at the limits are accepted.
pub async fn transaction_at_its_limits(Fixture { table, .. }: Fixture) {
    let writes = (0..WRITES_MAX).map(|index| put("p", &index.to_string(), "", Condition::Absent));
    table.transact(writes.collect()).await.unwrap();
    let key = Key::new("p".repeat(PARTITION_KEY_BYTES_MAX), "é".repeat(SORT_KEY_BYTES_MAX / 2));
    let body = Bytes::from(vec![255; BODY_BYTES_MAX]);
    let mut writes = vec![Write::put(key.clone(), body.clone(), Condition::Absent)];
    let mut left = TRANSACTION_BYTES_MAX - PARTITION_KEY_BYTES_MAX - SORT_KEY_BYTES_MAX - BODY_BYTES_MAX;
    while left > 0 {
        let key = Key::new("q", format!("{:02}", writes.len()));
        let length = (left - 3).min(BODY_BYTES_MAX);
        writes.push(Write::put(key, body.slice(..length), Condition::Absent));
        left -= length + 3;
    }
    table.transact(writes).await.unwrap();
    assert_eq!(table.get(&key).await.unwrap().unwrap().body, body);
    let query = TableQuery::prefix(key.pk.clone(), key.sk.clone(), PAGE_ITEMS_MAX);
    assert_eq!(table.query(&query).await.unwrap().items[0].key, key);
    assert_eq!(
        table.query(&TableQuery::prefix("p", "", PAGE_ITEMS_MAX)).await.unwrap().items.len(),
        WRITES_MAX
    );
}

/// Reads have limits as well.
pub async fn read_limits(Fixture { table, .. }: Fixture) {
    for (key, expected) in [
        (Key::new("", "a"), Invalid::KeyEmpty),
        (Key::new("p", ""), Invalid::KeyEmpty),
        (Key::new("p", "a\0"), Invalid::KeyNul),
        (Key::new("p", "a".repeat(SORT_KEY_BYTES_MAX + 1)), Invalid::SortKeyTooLong),
    ] {
        let result = table.get(&key).await;
        assert!(matches!(&result, Err(StoreError::Invalid(invalid)) if *invalid == expected), "{result:?}");
    }
    for (query, expected) in [
        (TableQuery::prefix("", "a", 1), Invalid::KeyEmpty),
        (TableQuery::prefix("p", "\0", 1), Invalid::KeyNul),
        (TableQuery::prefix("p", "a", 0), Invalid::PageSize),
        (TableQuery::prefix("p", "a", PAGE_ITEMS_MAX + 1), Invalid::PageSize),
        (TableQuery::between("p", "a", "b".repeat(SORT_KEY_BYTES_MAX + 1), 1), Invalid::SortKeyTooLong),
        (TableQuery::prefix("p", "a", 1).after(Some("\0".into())), Invalid::KeyNul),
    ] {
        let result = table.query(&query).await;
        assert!(matches!(&result, Err(StoreError::Invalid(invalid)) if *invalid == expected), "{result:?}");
    }
    for (segment, segments, limit, expected) in [
        (0, 0, 1, Invalid::Segment),
        (2, 2, 1, Invalid::Segment),
        (0, 1, 0, Invalid::PageSize),
        (0, 1, PAGE_ITEMS_MAX + 1, Invalid::PageSize),
    ] {
        let result = table.scan(segment, segments, None, limit).await;
        assert!(matches!(&result, Err(StoreError::Invalid(invalid)) if *invalid == expected), "{result:?}");
    }
}
