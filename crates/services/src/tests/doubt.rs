//! Commits whose answer is lost: the books in memory say what the table says all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use cnop_api::Code;
use cnop_api::trading::OrderReplaceRequest;
use cnop_domain::Clock;
use cnop_store::memory::MemoryTable;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};

use super::{Desk, order, refused};
use crate::auth::fixture::ManualClock;

/// Commits, and once it is told to does not say so.
#[derive(Debug)]
struct Silent {
    inner: MemoryTable,
    next_is_lost: AtomicBool,
}

#[async_trait]
impl Table for Silent {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.inner.transact(writes).await?;
        if self.next_is_lost.swap(false, Ordering::SeqCst) {
            return Err(StoreError::unavailable("the answer is lost"));
        }
        Ok(())
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.inner.scan(segment, segments, cursor, limit).await
    }
}

/// Found by simulated days: an order whose commit was not told was never in the book, although the trader's second
/// attempt was answered with it. It would have waited for ever.
#[tokio::test]
async fn an_order_whose_commit_was_not_told_waits_all_the_same() {
    let clock = Arc::new(ManualClock::new());
    let inner = MemoryTable::new(Arc::clone(&clock) as Arc<dyn Clock>);
    let table = Arc::new(Silent { inner, next_is_lost: AtomicBool::new(false) });
    let desk = Desk::on(clock, Arc::clone(&table) as Arc<dyn Table>);
    let lose = || table.next_is_lost.store(true, Ordering::SeqCst);
    let (server, caller) = (desk.server(), desk.caller(1).await);
    server.deposit(&caller, "5000").await;
    let key = || Some("again".parse().unwrap());
    let request = order("limit_buy", "BTC", "0.01", Some("60000"), None);

    lose();
    refused(server.orders.place(&caller, request.clone(), key()).await, Code::Unavailable);
    let placed = server.orders.place(&caller, request, key()).await.unwrap();
    assert_eq!(server.engine.resting(), 0);
    server.engine.tick().await;
    assert_eq!(server.engine.resting(), 1);

    lose();
    let change = OrderReplaceRequest { price: Some("61000".into()), ..OrderReplaceRequest::default() };
    refused(server.orders.replace(&caller, &placed.order_id, change, None, None).await, Code::Unavailable);
    desk.bitcoin("60899.00", "60900.00", "1");
    lose();
    let report = server.engine.tick().await;
    assert_eq!((report.filled, report.failed), (1, 1), "filled, and nobody was told");
    assert_eq!(server.now(&caller, &placed).await.status, "completed");
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.engine.resting(), 0);
    desk.books_agree().await;
}
