//! Placing, refusing, previewing and listing orders.

use cnop_api::Code;
use cnop_api::trading::{OrderQuery, OrderRequest, StatusFilter};
use cnop_domain::{AssetId, OrderId};

use super::{Cluster, market_order, order, refused};

fn by_value(side: &str, asset: &str, amount: &str) -> OrderRequest {
    OrderRequest { quantity: None, quote_quantity: Some(amount.into()), ..market_order(side, asset, "1") }
}

#[tokio::test]
async fn a_market_order_fills_at_the_quote_with_its_fee() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let order = server.buy(&caller, "btc", "0.015").await;
    assert_eq!((order.order_type.to_string(), order.status.as_str()), ("market_buy".to_owned(), "completed"));
    assert_eq!(
        (order.side.as_str(), order.kind.as_str(), order.quote_asset.as_str()),
        ("buy", "market", "USD")
    );
    assert_eq!(order.price.to_string(), "62000.10");
    assert_eq!(order.total_amount.to_string(), "930.0015");
    assert_eq!(order.fees.to_string(), "0.9300015");
    assert_eq!(order.fills.len(), 1);
    assert_eq!(
        (order.fills[0].fill_model.as_str(), order.fills[0].quote_source.as_str()),
        ("v1", "simulator")
    );
    assert_eq!(server.cash(&caller).await, "4069.0684985");
    assert!(order.order_id.to_string().len() == 30);

    let sold = server.sell(&caller, "BTC", "0.015").await;
    assert_eq!(sold.price.to_string(), "61999.90");
    assert_eq!(sold.realised_profit.unwrap().to_string(), "-1.863");
    assert!(sold.order_id > order.order_id, "ids are ordered by time, also within one moment");
    assert_eq!(server.orders.get(&caller, sold.order_id).await.unwrap(), sold);
    cluster.books_agree().await;
}

#[tokio::test]
async fn an_order_by_value_never_costs_more_than_the_value() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let order = server.orders.place(&caller, by_value("buy", "BTC", "100"), None).await.unwrap();
    assert!(order.total_amount.to_f64_lossy() <= 100.0 && order.total_amount.to_f64_lossy() > 99.0);
    assert_eq!(order.quote_quantity.unwrap().to_string(), "100.00");
    cluster.books_agree().await;
}

#[tokio::test]
async fn sales_beyond_holdings_and_purchases_beyond_cash_are_refused() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "120").await;
    let sale = server.orders.place(&caller, market_order("sell", "BTC", "0.01"), None).await;
    let problem = refused(sale, Code::BalanceInsufficientQuantity);
    assert_eq!(problem.detail, "You have 0 BTC available. This order needs 0.01 BTC.");
    let purchase = server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await;
    let problem = refused(purchase, Code::BalanceInsufficientFunds);
    assert_eq!(problem.detail, "You have 120.00 USD available. This order needs 620.621001 USD.");
    assert_eq!(server.cash(&caller).await, "120.00");
    assert!(server.orders.list(&caller, OrderQuery::default()).await.unwrap().data.is_empty());
}

#[tokio::test]
async fn the_cap_cannot_be_passed_by() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    for _ in 0..3 {
        server.deposit(&caller, "10000").await;
        cluster.pass_seconds(86_400);
    }
    for request in [
        market_order("buy", "BTC", "0.2"),
        by_value("buy", "BTC", "20000"),
        OrderRequest { price: None, ..market_order("buy", "BTC", "0.16130") },
    ] {
        let problem = refused(server.orders.place(&caller, request, None).await, Code::OrderNotionalRange);
        assert_eq!(problem.errors[0].rule, "order_notional_max");
        assert!(!problem.errors[0].nearest.is_empty());
    }
    let priced = OrderRequest { price: Some("0.01".into()), ..market_order("buy", "BTC", "0.2") };
    let problem = refused(server.orders.place(&caller, priced, None).await, Code::RequestInvalid);
    assert_eq!(problem.errors[0].pointer.as_deref(), Some("#/price"));
    assert_eq!(server.cash(&caller).await, "30000.00");
}

/// A remainder below every minimum can be sold completely, and the ledger has all of it.
#[tokio::test]
async fn a_sale_of_all_that_is_held_sweeps_the_dust() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.01").await;
    server.sell(&caller, "BTC", "0.009997").await;
    let part = server.orders.place(&caller, market_order("sell", "BTC", "0.000002"), None).await;
    let problem = refused(part, Code::OrderNotionalRange);
    assert_eq!(problem.errors[0].nearest, ["0.000003"], "{problem:?}");
    let all = market_order("sell", "BTC", "0.000003");
    let preview = server.orders.preview(&caller, all.clone()).await.unwrap();
    assert_eq!(preview.problems, []);
    let sold = server.orders.place(&caller, all, None).await.unwrap();
    assert_eq!((preview.notional, preview.fee), (sold.total_amount, sold.fees));
    assert_eq!(sold.total_amount.to_string(), "0.1859997");
    assert_eq!(preview.balance_after.to_string(), server.cash(&caller).await);
    let held = server.ledger.asset_balance(&caller, "BTC".parse().unwrap()).await.unwrap();
    assert!(held.quantity.is_zero());
    let again = server.orders.place(&caller, market_order("sell", "BTC", "0.000003"), None).await;
    refused(again, Code::OrderNotionalRange);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_purchase_beyond_the_largest_countable_holding_is_refused() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    // 10¹⁰ coins of the cheapest asset are worth less than 100,000 dollars.
    let asset = cluster.market.market();
    let cheapest = asset.catalogue().iter().min_by_key(|asset| asset.rules.tick_size).unwrap().asset_id;
    cluster.price_set(cheapest.as_str(), "0.0000094");
    let order = by_value("buy", cheapest.as_str(), "9900");
    let mut bought = 0;
    let problem = loop {
        cluster.pass_seconds(86_400);
        server.deposit(&caller, "10000").await;
        match server.orders.place(&caller, order.clone(), None).await {
            Ok(_) => bought += 1,
            Err(error) => break cnop_api::Problem::from(error),
        }
    };
    assert_eq!((problem.code, bought), (Code::OrderQuantityRange, 9), "{problem}");
    assert_eq!(problem.status(), 422);
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_stale_price_is_refused_with_its_age() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    cluster.clock.advance_seconds(15);
    server.buy(&caller, "BTC", "0.01").await;
    cluster.clock.advance_seconds(1);
    let order = server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await;
    let problem = refused(order, Code::MarketPriceStale);
    assert!(problem.facts.contains(&("age_ms".to_owned(), "16000".to_owned())), "{:?}", problem.facts);
    assert!(problem.retry_after_seconds.is_some());
    let preview = server.orders.preview(&caller, market_order("buy", "BTC", "0.01")).await.unwrap();
    assert_eq!(preview.problems[0].code, Code::MarketPriceStale);
}

#[tokio::test]
async fn an_untradable_asset_is_not_traded() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let bitcoin: AssetId = "BTC".parse().unwrap();
    cluster.market.tradable_set(bitcoin, false);
    let order = server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await;
    refused(order, Code::AssetNotTradable);
    cluster.market.price_remove(bitcoin);
    let order = server.orders.place(&caller, market_order("buy", "BTC", "0.01"), None).await;
    refused(order, Code::AssetNotTradable);
}

#[tokio::test]
async fn a_preview_says_what_the_order_then_does() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    for request in [
        market_order("buy", "BTC", "0.015"),
        by_value("buy", "ETH", "333.33"),
        market_order("sell", "BTC", "0.01"),
        by_value("sell", "ETH", "100"),
    ] {
        let preview = server.orders.preview(&caller, request.clone()).await.unwrap();
        assert_eq!(preview.problems, []);
        let order = server.orders.place(&caller, request, None).await.unwrap();
        assert_eq!((preview.quantity, preview.price), (order.quantity, order.price));
        assert_eq!((preview.notional, preview.fee), (order.total_amount, order.fees));
        assert_eq!(preview.balance_after.to_string(), server.cash(&caller).await);
    }
    for request in [
        market_order("buy", "BTC", "0.1"),
        market_order("sell", "BTC", "3"),
        market_order("sell", "SOL", "1"),
        market_order("buy", "BTC", "0.00000001"),
        market_order("buy", "BTC", "0"),
    ] {
        let preview = server.orders.preview(&caller, request.clone()).await.unwrap();
        let real: cnop_api::Problem = server.orders.place(&caller, request, None).await.unwrap_err().into();
        let previewed: Vec<_> = preview.problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(previewed, [real.code.as_str()]);
        assert_eq!((&preview.problems[0].detail, &preview.problems[0].errors), (&real.detail, &real.errors));
    }
    let before = server.cash(&caller).await;
    assert_eq!(server.cash(&caller).await, before, "a preview writes nothing");
    cluster.books_agree().await;
}

#[tokio::test]
async fn lists_page_filter_and_keep_their_order() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "10000").await;
    for number in 0..13 {
        server.buy(&caller, if number % 3 == 0 { "ETH" } else { "BTC" }, "0.01").await;
        if number % 4 == 0 {
            cluster.pass_seconds(1);
        }
    }
    server.sell(&caller, "ETH", "0.01").await;
    let whole = server.orders.list(&caller, OrderQuery::default()).await.unwrap();
    assert_eq!((whole.data.len(), whole.has_more, whole.next_cursor), (14, false, None));
    assert!(whole.data.windows(2).all(|pair| pair[0].order_id > pair[1].order_id));
    for limit in [1, 3, 13, 14] {
        let (mut rows, mut query) = (Vec::new(), OrderQuery { limit, ..OrderQuery::default() });
        loop {
            let page = server.orders.list(&caller, query.clone()).await.unwrap();
            assert_eq!(page.has_more, page.next_cursor.is_some());
            rows.extend(page.data);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(rows, whole.data, "limit {limit}");
    }
    let offset = OrderQuery { offset: 10, limit: 3, ..OrderQuery::default() };
    let page = server.orders.list(&caller, offset).await.unwrap();
    assert_eq!((page.data.as_slice(), page.has_more), (&whole.data[10..13], true));
    let ether: AssetId = "ETH".parse().unwrap();
    let bought = OrderQuery {
        asset_id: Some(ether),
        order_type: Some("market_buy".parse().unwrap()),
        status: StatusFilter::from_text("completed"),
        ..OrderQuery::default()
    };
    assert_eq!(server.orders.list(&caller, bought).await.unwrap().data.len(), 5);
    let traded = server.orders.asset_transactions(&caller, ether, 2, 0, None).await.unwrap();
    assert_eq!((traded.data.len(), traded.has_more), (2, true));
    assert_eq!(traded.data[0].transaction_type.as_str(), "SELL");
    let rest = server.orders.asset_transactions(&caller, ether, 100, 2, None).await.unwrap();
    assert_eq!((rest.data.len(), rest.has_more), (4, false));
    let never = server.orders.asset_transactions(&caller, "SOL".parse().unwrap(), 0, 0, None).await.unwrap();
    assert!(never.data.is_empty() && !never.has_more);
    for query in [
        OrderQuery { limit: 101, ..OrderQuery::default() },
        OrderQuery { cursor: Some("nonsense!".to_owned()), ..OrderQuery::default() },
        OrderQuery { cursor: Some("ord_lower0000000000000000".to_owned()), ..OrderQuery::default() },
        OrderQuery { offset: 100_001, ..OrderQuery::default() },
    ] {
        refused(server.orders.list(&caller, query).await, Code::RequestInvalid);
    }
}

#[tokio::test]
async fn orders_of_another_account_are_not_found() {
    let cluster = Cluster::new();
    let (server, owner, other) = (cluster.server(), cluster.caller(1).await, cluster.caller(2).await);
    server.deposit(&owner, "5000").await;
    let order = server.buy(&owner, "BTC", "0.01").await;
    refused(server.orders.get(&other, order.order_id).await, Code::OrderNotFound);
    let unknown: OrderId = "ord_00000000000000000000000000".parse().unwrap();
    refused(server.orders.get(&owner, unknown).await, Code::OrderNotFound);
    assert!(server.orders.list(&other, OrderQuery::default()).await.unwrap().data.is_empty());
}

/// Today's fill of last week's order was not among today's trades, and no filter found it.
#[tokio::test]
async fn a_fill_of_an_older_order_is_found_by_its_time() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let bitcoin = "BTC".parse().unwrap();
    let old = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("60000"), None)).await;
    let never = server.place(&caller, order("limit_buy", "BTC", "0.01", Some("50000"), None)).await;
    cluster.pass_seconds(60);
    let since = cnop_api::Timestamp(cnop_domain::Clock::now_us(cluster.clock.as_ref()));
    let new = server.buy(&caller, "BTC", "0.01").await;
    cluster.pass_seconds(60);
    cluster.bitcoin("59998.00", "59999.00", "9");
    server.engine.tick().await;

    let list = |query: OrderQuery| {
        let (server, caller) = (&server, &caller);
        async move {
            let page = server.orders.list(caller, query).await.unwrap();
            page.data.into_iter().map(|order| order.order_id).collect::<Vec<_>>()
        }
    };
    let accepted = list(OrderQuery { since: Some(since), ..OrderQuery::default() }).await;
    assert_eq!(accepted, [new.order_id], "`since` is the time of acceptance");
    let updated = list(OrderQuery { updated_since: Some(since), ..OrderQuery::default() }).await;
    assert_eq!(updated, [new.order_id, old.order_id]);
    assert!(!updated.contains(&never.order_id));

    let trades = server.orders.asset_transactions(&caller, bitcoin, 0, 0, None).await.unwrap();
    let ids: Vec<_> = trades.data.iter().map(|trade| trade.order_id).collect();
    assert_eq!((ids, trades.has_more), (vec![old.order_id, new.order_id], false));
    assert_eq!(trades.data[0].timestamp, server.now(&caller, &old).await.updated_at);
}

/// An order that filled again between two pages moved to the top and was on neither.
#[tokio::test]
async fn a_page_of_trades_loses_no_order_that_fills_in_between() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    let bitcoin = "BTC".parse().unwrap();
    let parts = server.place(&caller, order("limit_buy", "BTC", "0.02", Some("61000"), None)).await;
    cluster.pass_seconds(1);
    cluster.bitcoin("60999.00", "61000.00", "0.01");
    server.engine.tick().await;
    cluster.bitcoin("61999.00", "62000.00", "9");
    for _ in 0..70 {
        cluster.pass_seconds(1);
        let resting = server.place(&caller, order("limit_buy", "BTC", "0.001", Some("50000"), None)).await;
        server.orders.cancel(&caller, resting.order_id, None, None).await.unwrap();
    }
    for _ in 0..3 {
        cluster.pass_seconds(1);
        server.buy(&caller, "BTC", "0.001").await;
    }
    let first = server.orders.asset_transactions(&caller, bitcoin, 2, 0, None).await.unwrap();
    assert!(first.has_more);
    cluster.pass_seconds(1);
    cluster.bitcoin("60999.00", "61000.00", "0.01");
    server.engine.tick().await;
    let (mut rows, mut cursor) = (first.data, first.next_cursor);
    while let Some(next) = cursor {
        let page = server.orders.asset_transactions(&caller, bitcoin, 2, 0, Some(&next)).await.unwrap();
        rows.extend(page.data);
        cursor = page.next_cursor;
    }
    let last = rows.last().unwrap();
    assert_eq!(
        (rows.len(), last.order_id, last.quantity.to_string()),
        (4, parts.order_id, "0.01".to_owned())
    );
    let fresh = server.orders.asset_transactions(&caller, bitcoin, 1, 0, None).await.unwrap();
    assert_eq!(
        (fresh.data[0].order_id, fresh.data[0].quantity.to_string()),
        (parts.order_id, "0.02".to_owned())
    );
    let skipped = server.orders.asset_transactions(&caller, bitcoin, 100, 1, None).await.unwrap();
    assert_eq!(skipped.data.len(), 3);
    for cursor in ["", "ord_1", "1.2", "1.2.3.4", "1.2.100001", "x.2.3"] {
        let page = server.orders.asset_transactions(&caller, bitcoin, 1, 0, Some(cursor)).await;
        refused(page, Code::RequestInvalid);
    }
}
