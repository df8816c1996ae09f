//! Lists over long logs: bounded, with a cursor, and with a pause between their pieces.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cnop_api::Caller;
use cnop_api::money::{Transaction, Transactions};
use cnop_api::trading::OrderQuery;
use cnop_domain::{Guarded, Postings, Side};
use cnop_store::{Condition, TableQuery, Write};
use cnop_testkit::{CountingTable, SeededRng};

use super::{Cluster, Server};
use crate::ledger::HISTORY_WALK_MAX;
use crate::records::{
    Event, EventKind, Head, MOVEMENT_PREFIX, account_pk, decode, encode, encode_event, event_key, head_key,
};

/// Events that one transaction of the tests writes, beside the head.
const EVENTS_PER_WRITE: u64 = 99;
/// Pages until a walk is taken for endless.
const PAGES_MAX: usize = 1_000;

/// Adds events without a row to the account's log, as a trader does who re-prices one order all day.
async fn log_lengthen(cluster: &Cluster, caller: &Caller, events: u64) {
    let account_id = &caller.account_id;
    let head = cluster.table.get(&head_key(account_id)).await.unwrap().unwrap();
    let (mut head, mut version): (Head, _) = (decode(&head.body).unwrap(), head.version);
    let mut left = events;
    while left > 0 {
        let mut writes = Vec::new();
        for _ in 0..left.min(EVENTS_PER_WRITE) {
            let event = Event {
                time_us: head.time_us,
                kind: EventKind::GuardChanged(Guarded::default()),
                postings: Postings::default(),
                available: head.available,
                reserved: head.reserved,
                holding: None,
            };
            let mut after = head.after(&event).unwrap();
            let (body, hash) = encode_event(&event, &head.hash, account_id, after.seq).unwrap();
            after.hash = hash;
            head = after;
            writes.push(Write::put(event_key(account_id, head.seq), body, Condition::Absent));
            left -= 1;
        }
        let body = encode(&head).unwrap();
        writes.push(Write::put(head_key(account_id), body, Condition::Version(version)));
        version += 1;
        cluster.table.transact(writes).await.unwrap();
    }
}

/// Removes items of the index, as in a store that was written before there was one.
async fn index_thin(cluster: &Cluster, caller: &Caller, mut is_removed: impl FnMut() -> bool) {
    let query = TableQuery::prefix(account_pk(&caller.account_id), MOVEMENT_PREFIX, 1_000);
    for item in cluster.table.query(&query).await.unwrap().items {
        if is_removed() {
            cluster.table.transact(vec![Write::delete(item.key, Condition::Any)]).await.unwrap();
        }
    }
}

impl Server {
    async fn movements(&self, caller: &Caller, limit: u32, cursor: Option<&str>) -> Transactions {
        self.ledger.transactions(caller, limit, cursor).await.unwrap()
    }

    /// All rows, page by page, and the number of pages.
    async fn all_movements(&self, caller: &Caller, limit: u32) -> (Vec<Transaction>, usize) {
        let (mut rows, mut cursor) = (Vec::new(), None);
        for pages in 1..PAGES_MAX {
            let page = self.movements(caller, limit, cursor.as_deref()).await;
            assert_eq!(page.has_more, page.next_cursor.is_some());
            rows.extend(page.transactions);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return (rows, pages);
            }
        }
        panic!("the list has no end");
    }
}

/// A cluster whose table counts reads.
fn counted() -> (Cluster, Arc<CountingTable>) {
    let mut cluster = Cluster::new();
    let table = Arc::new(CountingTable::new(Arc::clone(&cluster.table)));
    cluster.table = Arc::clone(&table) as _;
    (cluster, table)
}

/// One account that re-prices an order all day could stop the venue: each request for its list of transactions read
/// every event of the day to find a row.
#[tokio::test]
async fn events_without_a_row_are_not_read() {
    let (cluster, table) = counted();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "100").await;
    log_lengthen(&cluster, &caller, 100_000).await;
    table.items_read();
    let page = server.movements(&caller, 1, None).await;
    assert!(table.items_read() <= 4);
    assert_eq!((page.transactions.len(), page.total_count, page.has_more), (1, 1, false));

    // The same account in a store without the index: bounded for each request, and complete in the end.
    index_thin(&cluster, &caller, || true).await;
    let (mut cursor, mut pages) = (None, 0);
    let rows = loop {
        let page = server.movements(&caller, 1, cursor.as_deref()).await;
        pages += 1;
        assert!(table.items_read() <= u64::from(HISTORY_WALK_MAX) + 300);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break page.transactions;
        }
        assert!(page.transactions.is_empty(), "the only row is the oldest");
    };
    assert_eq!((rows.len(), pages), (1, 100_000 / usize::try_from(HISTORY_WALK_MAX).unwrap() + 1));
    cluster.books_agree().await;
}

/// A store may have been written by versions with and without the index in turn. No row may be lost or doubled where
/// the index has gaps.
#[tokio::test]
async fn a_list_over_an_index_with_gaps_is_the_whole_list() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    for round in 0..6 {
        cluster.pass_seconds(1);
        server.buy(&caller, "BTC", "0.01").await;
        log_lengthen(&cluster, &caller, round).await;
        server.sell(&caller, "BTC", "0.01").await;
    }
    let (whole, _) = server.all_movements(&caller, 100).await;
    assert_eq!(whole.len(), 25);
    let mut random = SeededRng::new(3, "gaps");
    for thinned in 0..5 {
        for limit in [1, 2, 3, 7, 24, 25, 26] {
            let (rows, _) = server.all_movements(&caller, limit).await;
            assert_eq!(rows, whole, "limit {limit}, thinned {thinned} times");
        }
        // Cursors of the version before say only which row was the last.
        for row in 0..whole.len() {
            let limit = u32::try_from(row + 1).unwrap();
            let Some(cursor) = server.movements(&caller, limit, None).await.next_cursor else { break };
            let earlier: Vec<&str> = cursor.split('-').take(2).collect();
            let rest = server.movements(&caller, 100, Some(&earlier.join("-"))).await;
            assert_eq!(rest.transactions, whole[row + 1..], "after row {row}");
        }
        cluster.books_agree().await;
        index_thin(&cluster, &caller, || random.below(3) == 0).await;
    }
    index_thin(&cluster, &caller, || true).await;
    assert_eq!(server.all_movements(&caller, 4).await.0, whole);
}

/// A second task's turns while the future runs on the same thread.
async fn turns_between<T>(list: impl Future<Output = T>) -> u64 {
    let turns = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    });
    list.await;
    other.abort();
    turns.load(Ordering::SeqCst)
}

/// A long list held a worker thread from its first item to its last: prices and health checks stood still.
#[tokio::test]
async fn other_tasks_run_between_the_pieces_of_a_list() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "100").await;
    log_lengthen(&cluster, &caller, 3_000).await;
    index_thin(&cluster, &caller, || true).await;
    let turns = turns_between(server.movements(&caller, 1, None)).await;
    assert!(turns >= 3_000 / 256, "{turns}");

    server.deposit(&caller, "5000").await;
    for _ in 0..200 {
        server.buy(&caller, "BTC", "0.0002").await;
    }
    let sales = OrderQuery { side: Some(Side::Sell), ..OrderQuery::default() };
    let turns = turns_between(server.orders.list(&caller, sales)).await;
    assert!(turns >= 1, "{turns}");
}

/// The deadline of a request could not fire, and a client that hung up did not stop its work.
#[tokio::test(start_paused = true)]
async fn a_deadline_ends_a_list_between_two_pieces() {
    let (cluster, table) = counted();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "100").await;
    log_lengthen(&cluster, &caller, 3_000).await;
    index_thin(&cluster, &caller, || true).await;
    table.items_read();
    let deadline = tokio::time::timeout(Duration::from_secs(10), server.movements(&caller, 1, None));
    let clock = tokio::spawn(tokio::time::advance(Duration::from_secs(11)));
    deadline.await.unwrap_err();
    assert!(table.items_read() < 1_000, "the work goes on");
    clock.await.unwrap();
}
