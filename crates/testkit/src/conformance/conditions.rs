//! Conditions, versions and atomicity.

use cnop_store::{Condition, Item, Key, StoreError, Write};

use super::{Fixture, get, put, refused};

/// `Absent` lets exactly the first one in.
pub async fn condition_absent(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "a", "one", Condition::Absent)]).await.unwrap();
    assert_eq!(refused(&*table, vec![put("p", "a", "two", Condition::Absent)]).await, [(0, Some(1))]);
    assert_eq!(get(&*table, "p", "a").await.unwrap().body, "one");
    let delete = Write::delete(Key::new("p", "a"), Condition::Absent);
    assert_eq!(refused(&*table, vec![delete]).await, [(0, Some(1))]);
    table.transact(vec![Write::check(Key::new("p", "b"), Condition::Absent)]).await.unwrap();
}

/// `Present` wants an item, of any version.
pub async fn condition_present(Fixture { table, .. }: Fixture) {
    assert_eq!(refused(&*table, vec![put("p", "a", "one", Condition::Present)]).await, [(0, None)]);
    assert_eq!(get(&*table, "p", "a").await, None);
    table.transact(vec![put("p", "a", "one", Condition::Any)]).await.unwrap();
    table.transact(vec![put("p", "a", "two", Condition::Present)]).await.unwrap();
    let item = get(&*table, "p", "a").await.unwrap();
    assert_eq!((item.version, &item.body[..]), (2, &b"two"[..]));
    table.transact(vec![Write::delete(Key::new("p", "a"), Condition::Present)]).await.unwrap();
    let check = Write::check(Key::new("p", "a"), Condition::Present);
    assert_eq!(refused(&*table, vec![check]).await, [(0, None)]);
}

/// `Version` wants exactly that version.
pub async fn condition_version(Fixture { table, .. }: Fixture) {
    assert_eq!(refused(&*table, vec![put("p", "a", "one", Condition::Version(1))]).await, [(0, None)]);
    table.transact(vec![put("p", "a", "one", Condition::Absent)]).await.unwrap();
    table.transact(vec![put("p", "a", "two", Condition::Version(1))]).await.unwrap();
    for stale in [1, 3, u64::MAX - 1] {
        let writes = vec![put("p", "a", "three", Condition::Version(stale))];
        assert_eq!(refused(&*table, writes).await, [(0, Some(2))]);
    }
    let stale = Write::delete(Key::new("p", "a"), Condition::Version(1));
    assert_eq!(refused(&*table, vec![stale]).await, [(0, Some(2))]);
    table.transact(vec![Write::check(Key::new("p", "a"), Condition::Version(2))]).await.unwrap();
    table.transact(vec![Write::delete(Key::new("p", "a"), Condition::Version(2))]).await.unwrap();
    assert_eq!(get(&*table, "p", "a").await, None);
}

/// `Any` creates and replaces.
pub async fn condition_any(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "a", "one", Condition::Any)]).await.unwrap();
    table.transact(vec![put("p", "a", "two", Condition::Any)]).await.unwrap();
    let item = get(&*table, "p", "a").await.unwrap();
    assert_eq!((item.version, &item.body[..]), (2, &b"two"[..]));
    table.transact(vec![Write::check(Key::new("p", "nothing"), Condition::Any)]).await.unwrap();
}

/// Each put counts one, whatever its condition.
pub async fn versions_count(Fixture { table, .. }: Fixture) {
    let conditions = [Condition::Absent, Condition::Version(1), Condition::Present, Condition::Any];
    for (condition, version) in conditions.into_iter().zip(1..) {
        table.transact(vec![put("p", "a", "", condition)]).await.unwrap();
        assert_eq!(get(&*table, "p", "a").await.unwrap().version, version);
    }
}

/// An import keeps versions, and overwrites nothing.
pub async fn restored_with_its_version(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "b", "here", Condition::Any)]).await.unwrap();
    let item = |sk: &str, expires_at| Item {
        key: Key::new("p", sk),
        version: 41,
        expires_at,
        body: "restored".into(),
    };
    table.transact(vec![Write::Restore(item("a", Some(4_102_448_400)))]).await.unwrap();
    assert_eq!(get(&*table, "p", "a").await, Some(item("a", Some(4_102_448_400))));
    table.transact(vec![put("p", "a", "next", Condition::Version(41))]).await.unwrap();
    assert_eq!(get(&*table, "p", "a").await.unwrap().version, 42);
    let both = vec![Write::Restore(item("b", None)), Write::Restore(item("c", None))];
    let Err(StoreError::Conflict(failed)) = table.transact(both).await else { panic!("it is there") };
    assert_eq!(failed.iter().map(|failed| failed.index).collect::<Vec<_>>(), [0]);
    assert!(get(&*table, "p", "c").await.is_none());
    let zero = Item { version: 0, ..item("d", None) };
    assert!(matches!(table.transact(vec![Write::Restore(zero)]).await, Err(StoreError::Invalid(_))));
}

/// A deleted item is absent, and its successor starts at 1.
pub async fn deleted_starts_again(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "a", "one", Condition::Any)]).await.unwrap();
    table.transact(vec![put("p", "a", "two", Condition::Any)]).await.unwrap();
    table.transact(vec![Write::delete(Key::new("p", "a"), Condition::Any)]).await.unwrap();
    table.transact(vec![put("p", "a", "three", Condition::Absent)]).await.unwrap();
    assert_eq!(get(&*table, "p", "a").await.unwrap().version, 1);
}

/// A conflict names each failed write and its current item.
pub async fn failures_are_positional(Fixture { table, .. }: Fixture) {
    table
        .transact(vec![put("p", "a", "old a", Condition::Any), put("q", "c", "old c", Condition::Any)])
        .await
        .unwrap();
    let writes = vec![
        put("p", "new", "x", Condition::Absent),
        put("p", "a", "x", Condition::Version(9)),
        Write::check(Key::new("p", "b"), Condition::Present),
        Write::check(Key::new("r", "b"), Condition::Absent),
        Write::delete(Key::new("q", "c"), Condition::Absent),
    ];
    let Err(StoreError::Conflict(failed)) = table.transact(writes).await else { panic!("no conflict") };
    let indexes: Vec<usize> = failed.iter().map(|failed| failed.index).collect();
    assert_eq!(indexes, [1, 2, 4]);
    assert_eq!(failed[0].current, get(&*table, "p", "a").await);
    assert_eq!(failed[0].current.as_ref().unwrap().body, "old a");
    assert_eq!(failed[1].current, None);
    assert_eq!(failed[2].current.as_ref().unwrap().key, Key::new("q", "c"));
    assert_eq!(failed[2].current.as_ref().unwrap().body, "old c");
}

/// A refused transaction has no effect; an accepted one is complete.
pub async fn all_or_nothing(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "a", "old", Condition::Any)]).await.unwrap();
    let before = get(&*table, "p", "a").await;
    let mut writes: Vec<Write> =
        (0..30).map(|index| put("p", &format!("n{index}"), "new", Condition::Absent)).collect();
    writes.push(Write::delete(Key::new("p", "a"), Condition::Version(1)));
    writes.push(put("q", "z", "new", Condition::Present));
    assert_eq!(refused(&*table, writes.clone()).await, [(31, None)]);
    assert_eq!(get(&*table, "p", "a").await, before);
    for index in 0..30 {
        assert_eq!(get(&*table, "p", &format!("n{index}")).await, None);
    }
    table.transact(vec![put("q", "z", "old", Condition::Any)]).await.unwrap();
    table.transact(writes).await.unwrap();
    assert_eq!(get(&*table, "p", "a").await, None);
    assert_eq!(get(&*table, "q", "z").await.unwrap().version, 2);
    for index in 0..30 {
        assert_eq!(get(&*table, "p", &format!("n{index}")).await.unwrap().version, 1);
    }
}

/// A check neither creates nor counts.
pub async fn check_writes_nothing(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "a", "one", Condition::Any)]).await.unwrap();
    let before = get(&*table, "p", "a").await;
    let checks = vec![
        Write::check(Key::new("p", "a"), Condition::Version(1)),
        Write::check(Key::new("p", "b"), Condition::Absent),
    ];
    table.transact(checks).await.unwrap();
    assert_eq!(get(&*table, "p", "a").await, before);
    assert_eq!(get(&*table, "p", "b").await, None);
}

/// Deleting an absent item is no error unless a condition demands it.
pub async fn delete_of_nothing_is_fine(Fixture { table, .. }: Fixture) {
    table.transact(vec![Write::delete(Key::new("p", "a"), Condition::Any)]).await.unwrap();
    table.transact(vec![Write::delete(Key::new("p", "a"), Condition::Absent)]).await.unwrap();
    let present = Write::delete(Key::new("p", "a"), Condition::Present);
    assert_eq!(refused(&*table, vec![present]).await, [(0, None)]);
}
