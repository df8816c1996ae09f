//! Expired items are invisible.

use cnop_store::{Condition, Key, TableQuery, Write};

use super::{Fixture, get, put, refused};

/// Not by key, not in a range (where it takes no place in the page), not in a scan.
pub async fn expired_is_not_read(Fixture { table, clock, .. }: Fixture) {
    let expires_at = clock.now_seconds() + 10;
    for index in 0..6 {
        let key = Key::new("p", format!("E#{index}"));
        let write = if index % 2 == 0 {
            Write::put_expiring(key, "short", expires_at, Condition::Any)
        } else {
            Write::put(key, "long", Condition::Any)
        };
        table.transact(vec![write]).await.unwrap();
    }
    clock.advance_seconds(9);
    assert_eq!(get(&*table, "p", "E#0").await.unwrap().body, "short");
    assert_eq!(table.query(&TableQuery::prefix("p", "E#", 10)).await.unwrap().items.len(), 6);
    clock.advance_seconds(1);
    assert_eq!(get(&*table, "p", "E#0").await, None);
    for query in [TableQuery::prefix("p", "E#", 3), TableQuery::prefix("p", "E#", 3).descending()] {
        let page = table.query(&query).await.unwrap();
        assert_eq!(page.items.len(), 3);
        assert!(!page.more);
        assert!(page.items.iter().all(|item| item.body == "long"));
    }
    let mut seen = 0;
    let mut cursor = None;
    loop {
        let page = table.scan(0, 1, cursor, 2).await.unwrap();
        assert!(page.items.iter().all(|item| item.body == "long"));
        seen += page.items.len();
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, 3);
}

/// For a condition an expired item is absent, and a conflict does not show it.
pub async fn expired_is_absent_to_conditions(Fixture { table, clock, .. }: Fixture) {
    let expires_at = clock.now_seconds() + 10;
    for sk in ["a", "b", "c", "d"] {
        let write = Write::put_expiring(Key::new("p", sk), "old", expires_at, Condition::Any);
        table.transact(vec![write]).await.unwrap();
    }
    assert_eq!(refused(&*table, vec![put("p", "a", "new", Condition::Absent)]).await, [(0, Some(1))]);
    clock.advance_seconds(10);
    let writes = vec![
        put("p", "a", "new", Condition::Present),
        put("p", "b", "new", Condition::Version(1)),
        Write::check(Key::new("p", "c"), Condition::Absent),
        Write::delete(Key::new("p", "d"), Condition::Version(1)),
    ];
    assert_eq!(refused(&*table, writes).await, [(0, None), (1, None), (3, None)]);
    table
        .transact(vec![
            put("p", "a", "new", Condition::Absent),
            put("p", "b", "new", Condition::Any),
            Write::delete(Key::new("p", "c"), Condition::Absent),
        ])
        .await
        .unwrap();
    let item = get(&*table, "p", "a").await.unwrap();
    assert_eq!((item.version, item.expires_at, &item.body[..]), (1, None, &b"new"[..]));
    assert_eq!(get(&*table, "p", "b").await.unwrap().body, "new");
}

/// A put replaces the expiry with its own or removes it.
pub async fn expiry_can_change(Fixture { table, clock, .. }: Fixture) {
    let soon = clock.now_seconds() + 10;
    let later = clock.now_seconds() + 1_000;
    for sk in ["kept", "longer", "shorter"] {
        let write = Write::put_expiring(Key::new("p", sk), "1", soon, Condition::Absent);
        table.transact(vec![write]).await.unwrap();
    }
    table
        .transact(vec![
            put("p", "kept", "2", Condition::Version(1)),
            Write::put_expiring(Key::new("p", "longer"), "2", later, Condition::Present),
            Write::put_expiring(Key::new("p", "shorter"), "2", soon - 5, Condition::Any),
        ])
        .await
        .unwrap();
    clock.advance_seconds(5);
    assert_eq!(get(&*table, "p", "shorter").await, None);
    clock.advance_seconds(95);
    // A write lets the adapter remove expired items.
    table.transact(vec![put("p", "other", "", Condition::Any)]).await.unwrap();
    assert_eq!(get(&*table, "p", "kept").await.unwrap().expires_at, None);
    assert_eq!(get(&*table, "p", "longer").await.unwrap().expires_at, Some(later));
    clock.advance_seconds(1_000);
    assert_eq!(get(&*table, "p", "longer").await, None);
    assert_eq!(get(&*table, "p", "kept").await.unwrap().body, "2");
}
