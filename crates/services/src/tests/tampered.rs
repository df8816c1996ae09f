//! The audit recomputes events and finds false ones, even with a right hash.

use cnop_api::Caller;
use cnop_api::trading::OrderRequest;
use cnop_domain::{Amount, Quantity};
use cnop_store::{Condition, Item, Key, TableQuery, Write};

use super::{Cluster, order};
use crate::ledger::audit;
use crate::records::{
    ClientOrder, Event, EventKind, Head, OrderEvent, OrderRecord, decode, decode_event, encode, event_hash,
};

/// A purchase with a client's id that filled in three parts, and two sales at a loss and a profit.
async fn traded() -> (Cluster, Caller) {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let named = OrderRequest {
        client_order_id: Some("mine".to_owned()),
        ..order("limit_buy", "BTC", "0.01", Some("61000"), None)
    };
    server.place(&caller, named).await;
    let bitcoin = "BTC".parse().unwrap();
    let mut quote = cluster.market.market().snapshot().get(bitcoin).unwrap().quote;
    quote.ask_size = "0.004".parse().unwrap();
    (quote.last, quote.bid, quote.ask) =
        ("60999".parse().unwrap(), "60998".parse().unwrap(), "61000".parse().unwrap());
    for _ in 0..3 {
        quote.seq += 1;
        cluster.market.quote_set(bitcoin, quote);
        server.engine.tick().await;
    }
    server.sell(&caller, "BTC", "0.004").await;
    cluster.price_set("BTC", "63000");
    server.sell(&caller, "BTC", "0.004").await;
    cluster.books_agree().await;
    (cluster, caller)
}

async fn items(cluster: &Cluster, caller: &Caller, prefix: &str) -> Vec<Item> {
    let query = TableQuery::prefix(format!("A#{}", caller.account_id), prefix, 1_000);
    cluster.table.query(&query).await.unwrap().items
}

async fn put(cluster: &Cluster, key: &Key, body: impl Into<bytes::Bytes>) {
    cluster.table.transact(vec![Write::put(key.clone(), body, Condition::Any)]).await.unwrap();
}

/// Changes the events of orders and makes the chain and the head fit again; says whether anything was changed.
async fn events_change(cluster: &Cluster, caller: &Caller, change: impl Fn(&mut OrderEvent) -> bool) -> bool {
    let mut head = Head::default();
    let mut is_changed = false;
    for item in items(cluster, caller, "E#").await {
        let (mut event, _, _): (Event, _, _) = decode_event(&item.body).unwrap();
        if let EventKind::Order(event) = &mut event.kind {
            is_changed = is_changed || change(event);
        }
        let payload = postcard::to_extend(&event, vec![1]).unwrap();
        let before = head.hash;
        head = head.after(&event).unwrap();
        head.hash = event_hash(&before, &caller.account_id, head.seq, &[payload.as_slice()]);
        put(cluster, &item.key, [&[1], head.hash.as_slice(), &payload[1..]].concat()).await;
    }
    let key = Key::new(format!("A#{}", caller.account_id), "HEAD");
    put(cluster, &key, encode(&head).unwrap()).await;
    is_changed
}

async fn is_found(cluster: &Cluster) -> bool {
    !audit::run(cluster.table.as_ref()).await.unwrap().agrees()
}

#[tokio::test]
async fn a_false_profit_is_found_in_event_and_order() {
    let cent: Amount = "0.01".parse().unwrap();
    let (cluster, caller) = traded().await;
    events_change(&cluster, &caller, |_| false).await;
    cluster.books_agree().await;
    let lied = events_change(&cluster, &caller, |event| {
        let Some(profit) = event.profit.as_mut() else { return false };
        *profit = profit.checked_add(cent).unwrap();
        true
    });
    assert!(lied.await && is_found(&cluster).await, "a loss limit would be counted from it");

    let (cluster, caller) = traded().await;
    let lied = events_change(&cluster, &caller, |event| {
        event.profit.is_some() && {
            event.after.realised = event.after.realised.checked_add(cent).unwrap();
            true
        }
    });
    assert!(lied.await);
    for item in items(&cluster, &caller, "O#").await {
        let mut record: OrderRecord = decode(&item.body).unwrap();
        if !record.state.realised.is_zero() {
            record.state.realised = record.state.realised.checked_add(cent).unwrap();
            put(&cluster, &item.key, encode(&record).unwrap()).await;
            break;
        }
    }
    assert!(is_found(&cluster).await, "order and event agree on a profit that the holding does not know");
}

#[tokio::test]
async fn a_fill_that_no_event_tells_of_is_found() {
    let (cluster, caller) = traded().await;
    let mut items = items(&cluster, &caller, "O#").await.into_iter();
    let item = items.find(|item| decode::<OrderRecord>(&item.body).unwrap().fills.len() == 3).unwrap();
    let whole: OrderRecord = decode(&item.body).unwrap();
    let unit = Quantity::from_units(1).unwrap();
    let changes: [fn(&mut OrderRecord, Quantity); 8] = [
        |record, unit| record.fills[1].fill.fill.quantity = unit,
        |record, _| record.fills[0].fill.fill.quote.seq += 1,
        |record, _| record.fills[2].time_us += 1,
        |record, _| record.fills[2].limit = None,
        |record, unit| record.fills[0].ordered = unit,
        |record, _| record.fills.swap(0, 1),
        |record, _| record.fills.truncate(2),
        |record, _| record.fills.push(record.fills[0]),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut record = whole.clone();
        change(&mut record, unit);
        put(&cluster, &item.key, encode(&record).unwrap()).await;
        assert!(is_found(&cluster).await, "change {number}");
    }
    put(&cluster, &item.key, item.body.clone()).await;
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_client_id_that_leads_astray_is_found() {
    let (cluster, caller) = traded().await;
    let listed = items(&cluster, &caller, "C#").await.remove(0);
    let stored: ClientOrder = decode(&listed.body).unwrap();
    let astray = ClientOrder { order: stored.order.plus(1), ..stored };
    put(&cluster, &listed.key, encode(&astray).unwrap()).await;
    assert!(is_found(&cluster).await, "to no order");
    let others = items(&cluster, &caller, "O#").await;
    let other = others.iter().find(|item| !item.key.sk.contains(&stored.order.to_string()));
    let other = other.unwrap().key.sk.strip_prefix("O#").unwrap().parse().unwrap();
    let astray = ClientOrder { order: other, ..stored };
    put(&cluster, &listed.key, encode(&astray).unwrap()).await;
    assert!(is_found(&cluster).await, "to an order without it");
    cluster.table.transact(vec![Write::delete(listed.key.clone(), Condition::Any)]).await.unwrap();
    assert!(is_found(&cluster).await, "it would be given a second time");
    put(&cluster, &listed.key, listed.body.clone()).await;
    let double = Key::new(listed.key.pk.clone(), "C#other");
    put(&cluster, &double, listed.body.clone()).await;
    assert!(is_found(&cluster).await, "two ids of one order");
    cluster.table.transact(vec![Write::delete(double, Condition::Any)]).await.unwrap();
    cluster.books_agree().await;
}
