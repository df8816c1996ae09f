//! A table whose pages are not of one moment, as DynamoDB's may be.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cnop_domain::Amount;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};

use super::Desk;

/// Answers once what it was given, then as the table does.
#[derive(Debug)]
struct Torn {
    inner: Arc<dyn Table>,
    head: Mutex<Option<Item>>,
    page: Mutex<Option<QueryPage>>,
}

#[async_trait]
impl Table for Torn {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let prepared = self.head.lock().unwrap().take_if(|item| item.key == *key);
        if prepared.is_some() { Ok(prepared) } else { self.inner.get(key).await }
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        let prepared = self.page.lock().unwrap().take();
        if let Some(page) = prepared { Ok(page) } else { self.inner.query(query).await }
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.inner.transact(writes).await
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

impl Torn {
    fn on(desk: &mut Desk) -> Arc<Self> {
        let inner = Arc::clone(&desk.table);
        let torn = Arc::new(Self { inner, head: Mutex::default(), page: Mutex::default() });
        desk.table = Arc::clone(&torn) as Arc<dyn Table>;
        torn
    }
}

/// A listener that has seen an event has seen all before it.
#[tokio::test]
async fn no_event_is_told_before_the_one_before_it() {
    let mut desk = Desk::new();
    let torn = Torn::on(&mut desk);
    let (server, caller) = (desk.server(), desk.caller(1).await);
    for _ in 0..4 {
        server.deposit(&caller, "10").await;
    }
    let events =
        torn.inner.query(&Query::prefix(format!("A#{}", caller.account_id), "E#", 10)).await.unwrap();
    let told = async |missing: usize| {
        let mut items = events.items.clone();
        items.remove(missing);
        *torn.page.lock().unwrap() = Some(QueryPage { items, more: false });
        let told = server.ledger.events_after(&caller.account_id, 0, 10).await.unwrap();
        told.iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(told(2).await, [1, 2]);
    assert!(told(0).await.is_empty());
    assert_eq!(told(4).await, [1, 2, 3, 4]);
    assert_eq!(server.ledger.events_after(&caller.account_id, 0, 10).await.unwrap().len(), 5);
}

/// Money that has become coins is never shown twice and never missing: cash and coins are of one moment.
#[tokio::test]
async fn a_portfolio_is_of_one_moment_even_where_a_page_is_not() {
    for holdings_are_older in [true, false] {
        let mut desk = Desk::new();
        let torn =
            Arc::new(Torn { inner: Arc::clone(&desk.table), head: Mutex::default(), page: Mutex::default() });
        desk.table = Arc::clone(&torn) as Arc<dyn Table>;
        let (server, caller) = (desk.server(), desk.caller(1).await);
        server.deposit(&caller, "5000").await;
        server.buy(&caller, "BTC", "0.01").await;
        let query = Query::prefix(format!("A#{}", caller.account_id), "H", 10);
        let before = torn.inner.query(&query).await.unwrap().items;
        desk.pass_seconds(1);
        server.buy(&caller, "BTC", "0.05").await;
        let after = torn.inner.query(&query).await.unwrap().items;
        let [holdings, head] = if holdings_are_older { [&before, &after] } else { [&after, &before] };
        let page = vec![holdings[0].clone(), head[1].clone()];
        assert_eq!((page[0].key.sk.as_str(), page[1].key.sk.as_str()), ("H#BTC", "HEAD"));
        *torn.head.lock().unwrap() = Some(before[1].clone());
        *torn.page.lock().unwrap() = Some(QueryPage { items: page, more: false });

        let portfolio = server.portfolio.portfolio(&caller).await.unwrap();
        assert!(torn.head.lock().unwrap().is_none() && torn.page.lock().unwrap().is_none(), "both were read");
        assert_eq!(portfolio.assets[0].quantity.to_string(), "0.06");
        let whole = portfolio.net_deposits.units() + portfolio.unrealised_profit.units();
        assert_eq!(portfolio.total_value, Amount::from_units(whole).unwrap());
    }
}
