//! The list of orders against a model: complete, without duplicates, in order.

use cnop_api::trading::{OrderQuery, OrderView, Page, StatusFilter};
use cnop_api::{Caller, Code, Timestamp};
use cnop_domain::{OrderStatus, OrderType, Side};
use cnop_store::{Condition, Write};
use cnop_testkit::SeededRng;

use super::{Cluster, Server, market_order, order, refused};
use crate::records::order_key;

impl Server {
    async fn page(&self, caller: &Caller, query: &OrderQuery) -> Page<OrderView> {
        self.orders.list(caller, query.clone()).await.unwrap()
    }
}

/// Some hundred orders of all kinds, many of them in one millisecond; newest first.
async fn traded(cluster: &Cluster, server: &Server, caller: &Caller) -> Vec<OrderView> {
    let mut random = SeededRng::new(7, "orders");
    let mut ids = Vec::new();
    let coins = |asset: &str| if asset == "BTC" { "0.0002" } else { "0.01" };
    for number in 0..420 {
        let asset = random.pick(&["BTC", "ETH"]).unwrap();
        let price = if asset == "BTC" { "50000" } else { "2000" };
        let placed = match random.below(8) {
            0..3 => server.place(caller, market_order("buy", asset, coins(asset))).await,
            3 => server.place(caller, order("stop_buy", "BTC", "0.0002", None, Some("70000"))).await,
            _ => server.place(caller, order("limit_buy", asset, coins(asset), Some(price), None)).await,
        };
        let sells = number > 20 && random.below(10) == 0;
        let is_open = placed.status != OrderStatus::Completed;
        if is_open && (random.below(3) > 0 || number < 200) && number % 7 != 0 {
            server.orders.cancel(caller, placed.order_id, None, None).await.unwrap();
        }
        ids.push(placed.order_id);
        if sells
            && server
                .ledger
                .asset_balance(caller, asset.parse().unwrap())
                .await
                .is_ok_and(|held| held.available >= coins(asset).parse().unwrap())
        {
            ids.push(server.sell(caller, asset, coins(asset)).await.order_id);
        }
        cluster.clock.advance_us([0, 1, 137, 400, 1_000, 2_700][usize::try_from(random.below(6)).unwrap()]);
    }
    let mut orders = Vec::new();
    for id in ids.iter().rev() {
        orders.push(server.orders.get(caller, *id).await.unwrap());
    }
    assert!(orders.windows(2).all(|pair| pair[0].order_id > pair[1].order_id));
    orders
}

fn wants(query: &OrderQuery, order: &OrderView) -> bool {
    let is_closed =
        !["working", "waiting_trigger", "partially_filled", "held"].contains(&order.status.as_str());
    query.asset_id.is_none_or(|asset_id| asset_id == order.asset_id)
        && query.order_type.is_none_or(|sided| sided == order.order_type)
        && query.kind.is_none_or(|kind| kind == order.kind)
        && query.side.is_none_or(|side| side == order.side)
        && query.status.is_none_or(|status| match status {
            StatusFilter::Open => !is_closed,
            StatusFilter::Closed => is_closed,
            StatusFilter::One(one) => one == order.status,
        })
        && query.since.is_none_or(|since| order.created_at.0 >= since.0)
        && query.until.is_none_or(|until| order.created_at.0 < until.0)
}

#[tokio::test]
async fn every_page_of_every_filter_is_what_a_model_says() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let orders = traded(&cluster, &server, &caller).await;
    assert!(orders.len() > 400);
    let mut random = SeededRng::new(11, "queries");
    let mut came = 0;
    for _ in 0..160 {
        let maybe = |random: &mut SeededRng, words: &[&str]| {
            (random.below(3) == 0).then(|| random.pick(words).unwrap().to_owned())
        };
        let time = |random: &mut SeededRng| {
            let at = random.pick(&orders).unwrap().created_at.0 + i64::try_from(random.below(3)).unwrap() - 1;
            (random.below(3) == 0).then_some(Timestamp(at))
        };
        let mut query = OrderQuery {
            asset_id: maybe(&mut random, &["BTC", "ETH"]).map(|asset| asset.parse().unwrap()),
            order_type: maybe(&mut random, &["limit_buy", "market_sell", "stop_buy"])
                .map(|word| word.parse().unwrap()),
            kind: maybe(&mut random, &["limit", "market"]).map(|word| OrderType::from_text(&word).unwrap()),
            side: maybe(&mut random, &["buy", "sell"]).map(|word| Side::from_text(&word).unwrap()),
            status: maybe(&mut random, &["open", "closed", "completed", "canceled", "waiting_trigger"])
                .map(|word| StatusFilter::from_text(&word).unwrap()),
            since: time(&mut random),
            until: time(&mut random),
            updated_since: None,
            limit: random.pick(&[5, 17, 50, 100]).unwrap(),
            offset: random.pick(&[0, 0, 3, 150, 300, 500]).unwrap(),
            cursor: None,
        };
        let offset = usize::try_from(query.offset).unwrap();
        let expected: Vec<_> = orders.iter().filter(|order| wants(&query, order)).skip(offset).collect();
        // New orders that come between two pages change none of them.
        let comes = query.until.is_none() && random.below(20) == 0;
        let mut found = Vec::new();
        loop {
            let page = server.page(&caller, &query).await;
            assert!(page.data.len() <= usize::try_from(query.limit).unwrap());
            assert_eq!(page.has_more, page.next_cursor.is_some());
            found.extend(page.data);
            if comes && came < 20 {
                came += 1;
                cluster.clock.advance_us(300);
                server.sell(&caller, "BTC", "0.0002").await;
            }
            if !page.has_more {
                break;
            }
            query.cursor = page.next_cursor;
            // The offset of the first page may be repeated: it is ignored.
            if random.below(2) == 0 {
                query.offset = 0;
            }
        }
        // Those that came before this walk are newer than all the model has.
        found.retain(|order| order.order_id <= orders[0].order_id);
        if offset == 0 || came == 0 {
            assert!(found.iter().eq(expected.iter().copied()), "{query:?}");
        }
        assert!(found.windows(2).all(|pair| pair[0].order_id > pair[1].order_id), "{query:?}");
    }
}

#[tokio::test]
async fn a_cursor_leaves_out_no_more_than_an_offset_may() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let list = async |skip: &str| {
        let cursor = Some(format!("ord_01M7YRRT80V7XF4VT652DF0BYX.{skip}"));
        server.orders.list(&caller, OrderQuery { cursor, limit: 5, ..OrderQuery::default() }).await
    };
    assert!(list("100000").await.unwrap().data.is_empty());
    for skip in ["100001", "4294967295", "4294967296", "-1", ""] {
        refused(list(skip).await, Code::RequestInvalid);
    }
}

/// An offset into a long history held its thread until the last row was read, so its deadline could not fire.
#[tokio::test]
async fn a_large_offset_reaches_its_row_and_pauses_on_the_way() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let placed = server.buy(&caller, "BTC", "0.01").await;
    let table = &cluster.table;
    let newest = placed.order_id;
    let item = table.get(&order_key(&caller.account_id, newest)).await.unwrap().unwrap();
    let mut ids = vec![newest];
    for _ in 0..201 {
        let mut writes = Vec::new();
        for _ in 0..100 {
            let id = ids.last().unwrap().before();
            let key = order_key(&caller.account_id, id);
            writes.push(Write::put(key, item.body.clone(), Condition::Any));
            ids.push(id);
        }
        table.transact(writes).await.unwrap();
    }

    let query = OrderQuery { offset: 20_000, limit: 3, ..OrderQuery::default() };
    let mut listed = Box::pin(server.orders.list(&caller, query));
    let mut pauses = 0;
    let page = std::future::poll_fn(|context| {
        let polled = listed.as_mut().poll(context);
        pauses += u32::from(polled.is_pending());
        polled
    });
    let page = page.await.unwrap();
    let found: Vec<_> = page.data.iter().map(|order| order.order_id).collect();
    assert_eq!((found.as_slice(), page.has_more), (&ids[20_000..20_003], true));
    assert!(pauses >= 40, "{pauses} pauses");
}

#[tokio::test]
async fn all_open_orders_can_be_paged_through() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.rest(&caller, "BTC", 200).await;
    let open = server.open(&caller).await;
    assert_eq!(open.len(), 200);
    assert!(open.windows(2).all(|pair| pair[0].order_id > pair[1].order_id));
}

#[tokio::test]
async fn the_list_shows_the_current_mark_of_trailing_stops() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.01").await;
    let trail = cnop_api::trading::OrderRequest {
        trail_bps: Some(100),
        ..order("trailing_stop_sell", "BTC", "0.01", None, None)
    };
    let placed = server.place(&caller, trail).await;
    cluster.price_set("BTC", "65000");
    server.engine.tick().await;
    let now = server.now(&caller, &placed).await;
    assert_eq!(now.mark_price.unwrap().to_string(), "65000.00");
    assert!(now.trigger_price > placed.trigger_price);
    let listed = server.page(&caller, &OrderQuery::default()).await.data;
    assert_eq!(listed[0], now);
    assert_eq!(server.open(&caller).await, [now]);
}
