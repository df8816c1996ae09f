//! Order groups: OCO, OTO and bracket.

use cnop_api::trading::{
    ClosePositionRequest, GuardRailsUpdate, OrderGroupRequest, OrderReplaceRequest, OrderRequest, OrderView,
    StopLossRequest, TakeProfitRequest,
};
use cnop_api::{Caller, Code, Timestamp};
use cnop_domain::{Clock, OrderStatus, Reason};
use cnop_testkit::CommitFault;

use super::{Cluster, Server, market_order, order, refused};

fn oco(quantity: &str, profit: &str, stop: &str) -> OrderGroupRequest {
    OrderGroupRequest {
        kind: "oco".to_owned(),
        asset_id: "BTC".to_owned(),
        side: Some("sell".to_owned()),
        quantity: Some(quantity.into()),
        take_profit: Some(TakeProfitRequest { price: profit.into() }),
        stop_loss: Some(StopLossRequest { stop_price: Some(stop.into()), ..StopLossRequest::default() }),
        ..OrderGroupRequest::default()
    }
}

impl Server {
    /// An OCO sale of 0.02 Bitcoin whose legs both rest: at 63,000, and, triggered, at 61,500.
    pub(super) async fn two_limits(&self, cluster: &Cluster, caller: &Caller) -> Vec<OrderView> {
        let stop_loss = StopLossRequest {
            stop_price: Some("60000".into()),
            price: Some("61500".into()),
            ..StopLossRequest::default()
        };
        let request = OrderGroupRequest { stop_loss: Some(stop_loss), ..oco("0.02", "63000", "60000") };
        let group = self.orders.place_group(caller, request, None).await.unwrap();
        cluster.bitcoin("59900.00", "59901.00", "9");
        assert_eq!(self.engine.tick().await.triggered, 1);
        group.orders
    }
}

#[tokio::test]
async fn an_oco_reserves_once_and_one_leg_ends_the_other() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let group = server.orders.place_group(&caller, oco("0.02", "63000", "60000"), None).await.unwrap();
    let [profit, stop] = group.orders.as_slice() else { panic!("two legs") };
    assert_eq!((profit.status, stop.status.as_str()), (OrderStatus::Working, "waiting_trigger"));
    let holding = server.ledger.asset_balance(&caller, "BTC".parse().unwrap()).await.unwrap();
    assert_eq!((holding.available.to_string(), holding.reserved.to_string()), ("0".into(), "0.02".into()));

    cluster.bitcoin("63000.00", "63001.00", "0.005");
    server.engine.tick().await;
    let part = server.now(&caller, profit).await;
    assert_eq!(
        (part.filled_quantity.to_string(), part.price.to_string()),
        ("0.005".into(), "63000.00".into())
    );
    let shrunk = server.now(&caller, stop).await;
    assert_eq!((shrunk.quantity.to_string(), shrunk.version), ("0.015".into(), 2));

    cluster.bitcoin("59500.00", "59501.00", "9");
    server.engine.tick().await;
    let done = server.now(&caller, stop).await;
    assert_eq!((done.status, done.filled_quantity.to_string()), (OrderStatus::Completed, "0.015".into()));
    let ended = server.now(&caller, profit).await;
    assert_eq!(
        (ended.status, ended.status_reason.map(Reason::as_str)),
        (OrderStatus::Canceled, Some("oco_sibling"))
    );
    assert_eq!(server.engine.resting(), 0);
    cluster.books_agree().await;
}

/// Coins bought in a part had no stop-loss until the whole purchase was filled.
#[tokio::test]
async fn a_bracket_activates_its_exits_with_the_first_part_of_the_entry() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let bracket = OrderRequest {
        take_profit: Some(TakeProfitRequest { price: "66000".into() }),
        stop_loss: Some(StopLossRequest { trail_bps: Some(200), ..StopLossRequest::default() }),
        ..order("limit_buy", "BTC", "0.02", Some("61000"), None)
    };
    let entry = server.place(&caller, bracket).await;
    let others = entry.group.clone().unwrap().others;
    assert_eq!(others.len(), 2);
    cluster.bitcoin("60999.00", "61000.00", "0.01");
    server.engine.tick().await;
    for id in &others {
        let exit = server.orders.get(&caller, *id).await.unwrap();
        assert_eq!((exit.quantity.to_string(), exit.version), ("0.01".into(), 2));
    }
    let since = server.orders.get(&caller, others[1]).await.unwrap();
    cluster.bitcoin("60999.00", "61000.00", "0.01");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, &entry).await.status, OrderStatus::Completed);
    let grown = server.orders.get(&caller, others[1]).await.unwrap();
    assert_eq!((grown.quantity.to_string(), grown.mark_price), ("0.02".into(), since.mark_price));
    let statuses = [
        server.orders.get(&caller, others[0]).await.unwrap().status,
        server.orders.get(&caller, others[1]).await.unwrap().status,
    ];
    assert_eq!(statuses, [OrderStatus::Working, OrderStatus::WaitingTrigger]);
    let canceled = server.orders.cancel(&caller, others[0], None, None).await.unwrap();
    assert_eq!(canceled.status, OrderStatus::Canceled);
    assert_eq!(server.orders.get(&caller, others[1]).await.unwrap().status, OrderStatus::Canceled);
    cluster.books_agree().await;
}

#[tokio::test]
async fn exits_end_with_their_canceled_entry() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let one_exit = OrderRequest {
        take_profit: Some(TakeProfitRequest { price: "66000".into() }),
        ..order("limit_buy", "BTC", "0.02", Some("61000"), None)
    };
    let entry = server.place(&caller, one_exit).await;
    server.orders.cancel(&caller, entry.order_id, None, None).await.unwrap();
    let exit = server.orders.get(&caller, entry.group.unwrap().others[0]).await.unwrap();
    assert_eq!(
        (exit.status, exit.status_reason.map(Reason::as_str)),
        (OrderStatus::Canceled, Some("parent_closed"))
    );
    let wrong = OrderRequest {
        take_profit: Some(TakeProfitRequest { price: "60000".into() }),
        ..order("limit_buy", "BTC", "0.02", Some("61000"), None)
    };
    let problem = refused(server.orders.place(&caller, wrong, None).await, Code::OrderGroupInvalid);
    assert_eq!(problem.errors[0].pointer.as_deref(), Some("#/take_profit/price"));
    assert_eq!(server.cash(&caller).await, "5000.00");
    cluster.books_agree().await;
}

#[tokio::test]
async fn a_position_is_closed_by_percent_and_the_last_part_whole() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.orders.place(&caller, market_order("buy", "BTC", "0.03"), None).await.unwrap();
    let bitcoin = "BTC".parse().unwrap();
    let close = |percent: &str| ClosePositionRequest {
        percent: Some(percent.into()),
        ..ClosePositionRequest::default()
    };
    let half = server.orders.close_position(&caller, bitcoin, close("50"), None).await.unwrap();
    assert_eq!((half.side.as_str(), half.quantity.to_string()), ("sell", "0.015".into()));
    server.orders.close_position(&caller, bitcoin, close("100"), None).await.unwrap();
    let holding = server.ledger.asset_balance(&caller, bitcoin).await.unwrap();
    assert_eq!(holding.quantity.to_string(), "0");
    for percent in ["0", "100.01", "0.001", "-1", "ten"] {
        refused(
            server.orders.close_position(&caller, bitcoin, close(percent), None).await,
            Code::RequestInvalid,
        );
    }
    cluster.books_agree().await;
}

/// The entry's part and its exits, after the entry ended in each of its ways.
#[tokio::test]
async fn exits_stay_for_the_part_of_an_entry_that_ended() {
    for ending in ["cancel", "cancel_all", "kill", "expire", "ioc", "answer_lost"] {
        let (cluster, table) = Cluster::flaky();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        server.deposit(&caller, "5000").await;
        let end = Timestamp(cluster.clock.now_us() + 60_000_000);
        let ioc = ending == "ioc";
        if ioc {
            cluster.bitcoin("60999.00", "61000.00", "0.01");
        }
        let bracket = OrderRequest {
            take_profit: Some(TakeProfitRequest { price: "66000".into() }),
            stop_loss: Some(StopLossRequest {
                stop_price: Some("60000".into()),
                ..StopLossRequest::default()
            }),
            time_in_force: ioc.then(|| "ioc".to_owned()),
            expires_at: (ending == "expire").then_some(end),
            ..order("limit_buy", "BTC", "0.02", Some("61000"), None)
        };
        let entry = server.place(&caller, bracket).await;
        let others = entry.group.clone().unwrap().others;
        if ending == "answer_lost" {
            table.fail_next_commit(CommitFault::AnswerLost);
        }
        if !ioc {
            cluster.bitcoin("60999.00", "61000.00", "0.01");
            server.engine.tick().await;
            server.engine.tick().await;
        }
        match ending {
            "kill" => {
                let on = GuardRailsUpdate { kill_switch: Some(true), ..GuardRailsUpdate::default() };
                server.guards.update(&caller, on, None).await.unwrap();
            }
            "expire" => {
                cluster.pass_seconds(61);
                server.engine.tick().await;
            }
            "ioc" => {}
            _ => {
                server.orders.cancel(&caller, entry.order_id, None, None).await.unwrap();
            }
        }
        let ended = server.now(&caller, &entry).await;
        assert_eq!((ended.status.is_final(), ended.filled_quantity.to_string()), (true, "0.01".into()));
        for id in &others {
            let exit = server.orders.get(&caller, *id).await.unwrap();
            assert_eq!((exit.status.is_final(), exit.remaining_quantity.to_string()), (false, "0.01".into()));
        }
        assert_eq!(server.ledger.balance(&caller).await.unwrap().reserved.to_string(), "0.00", "{ending}");
        if ending == "cancel_all" {
            server.orders.cancel_all(&caller, None, None).await.unwrap();
            assert_eq!(server.engine.resting(), 0, "its owner wanted all of them gone");
            continue;
        }
        cluster.bitcoin("59500.00", "59501.00", "9");
        server.engine.tick().await;
        let stopped = server.orders.get(&caller, others[1]).await.unwrap();
        assert_eq!(stopped.filled_quantity.to_string(), "0.01", "{ending}");
        assert_eq!(server.engine.resting(), 0);
        cluster.books_agree().await;
    }
}

/// The preview was silent about what protects a part.
#[tokio::test]
async fn the_preview_says_how_exits_follow_their_entry() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    cluster.bitcoin("60999.00", "61000.00", "0.01");
    let with = |price: &str, time: Option<&str>| OrderRequest {
        stop_loss: Some(StopLossRequest { stop_price: Some("55000".into()), ..StopLossRequest::default() }),
        time_in_force: time.map(str::to_owned),
        ..order("limit_buy", "BTC", "0.02", Some(price), None)
    };
    for (request, sentence) in [
        (with("60000", None), "Starts with the first part of the entry that fills and grows with it."),
        (with("61000", None), "Starts immediately for the 0.01 BTC bought now and grows with the entry."),
        (with("61000", Some("ioc")), "Starts immediately for the 0.01 BTC bought now."),
        (with("60000", Some("ioc")), "Ends with the entry, which buys nothing now."),
    ] {
        let preview = server.orders.preview(&caller, request).await.unwrap();
        let said = &preview.others[0].consequences[0];
        assert!(said.starts_with(sentence), "{said}");
    }
}

/// Found by tracing: a partial fill of the other leg took the mark back to that of the acceptance.
#[tokio::test]
async fn a_trailing_leg_keeps_its_mark_when_the_other_fills_in_part() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let stop_loss = StopLossRequest { trail_bps: Some(1_000), ..StopLossRequest::default() };
    let trailing = OrderGroupRequest { stop_loss: Some(stop_loss), ..oco("0.02", "66000", "60000") };
    let group = server.orders.place_group(&caller, trailing, None).await.unwrap();
    let [profit, stop] = group.orders.as_slice() else { panic!("two legs") };
    cluster.pass_seconds(1);
    cluster.bitcoin_last("65990.00", "66110.00", "66100.00", "9");
    server.engine.tick().await;
    cluster.pass_seconds(1);
    cluster.bitcoin("66000.00", "66001.00", "0.005");
    server.engine.tick().await;
    assert_eq!(server.now(&caller, profit).await.filled_quantity.to_string(), "0.005");
    let shrunk = server.now(&caller, stop).await;
    assert_eq!((shrunk.quantity.to_string(), shrunk.version), ("0.015".into(), 2));
    let figures = (shrunk.mark_price.unwrap().to_string(), shrunk.trigger_price.unwrap().to_string());
    assert_eq!(figures, ("66100.00".into(), "59490.00".into()));
    server.engine.marks_store().await.unwrap();
    cluster.books_agree().await;

    let next = cluster.server();
    assert_eq!(next.engine.rebuild().await.unwrap(), 2);
    assert_eq!(next.engine.waiting(), server.engine.waiting());
    cluster.bitcoin("59480.00", "59481.00", "9");
    next.engine.tick().await;
    assert_eq!(next.now(&caller, stop).await.filled_quantity.to_string(), "0.015");
    cluster.books_agree().await;
}

/// Found by tracing: the fill of one leg, done late, made the book forget that a later quote had reached the other.
#[tokio::test]
async fn a_stop_that_was_reached_fires_although_the_other_leg_fills_in_part_first() {
    for failure in [CommitFault::Busy, CommitFault::RequestLost, CommitFault::AnswerLost] {
        let (cluster, table) = Cluster::flaky();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        server.deposit(&caller, "5000").await;
        server.buy(&caller, "BTC", "0.02").await;
        let group = server.orders.place_group(&caller, oco("0.02", "63000", "60000"), None).await.unwrap();
        let [profit, stop] = group.orders.as_slice() else { panic!("two legs") };
        cluster.bitcoin("63000.00", "63001.00", "0.005");
        table.fail_next_commit(failure);
        assert_eq!(server.engine.tick().await.failed, 1, "{failure:?}");
        cluster.pass_seconds(1);
        cluster.bitcoin("59500.00", "59501.00", "9");
        server.engine.tick().await;
        cluster.bitcoin("62000.00", "62001.00", "9");
        server.engine.tick().await;
        let part = server.now(&caller, profit).await;
        assert_eq!(part.filled_quantity.to_string(), "0.005", "{failure:?}");
        let done = server.now(&caller, stop).await;
        let first = (done.filled_quantity.to_string(), done.fills[0].price.to_string());
        assert_eq!(first, ("0.015".into(), "59500.00".into()), "{failure:?}");
        assert_eq!(server.engine.resting(), 0);
        cluster.books_agree().await;
    }
}

#[tokio::test]
async fn a_shrunken_leg_takes_only_its_remaining_size() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let [profit, loss] = &*server.two_limits(&cluster, &caller).await else { panic!("two legs") };
    cluster.bitcoin("61500.00", "61501.00", "0.005");
    table.fail_next_commit(CommitFault::Busy);
    assert_eq!(server.engine.tick().await.failed, 1);
    cluster.bitcoin("63000.00", "63001.00", "0.02");
    assert_eq!(server.engine.tick().await.failed, 0);
    assert_eq!(server.now(&caller, loss).await.filled_quantity.to_string(), "0.005");
    let done = server.now(&caller, profit).await;
    assert_eq!((done.status, done.filled_quantity.to_string()), (OrderStatus::Completed, "0.015".into()));
    // Its unused grant is available to others.
    server.buy(&caller, "BTC", "0.02").await;
    let late = server.place(&caller, order("limit_sell", "BTC", "0.02", Some("62500"), None)).await;
    assert_eq!(late.filled_quantity.to_string(), "0.005");
    cluster.books_agree().await;
}

/// A fill with an unknown outcome is not repeated after the other leg filled.
#[tokio::test]
async fn an_unknown_fill_is_done_once_although_the_order_has_shrunk() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    server.buy(&caller, "BTC", "0.02").await;
    let [profit, loss] = &*server.two_limits(&cluster, &caller).await else { panic!("two legs") };
    cluster.bitcoin("61500.00", "61501.00", "0.005");
    table.fail_next_commit(CommitFault::AnswerLost);
    assert_eq!(server.engine.tick().await.failed, 1);
    cluster.bitcoin("63000.00", "63001.00", "0.005");
    let end = Timestamp(cluster.clock.now_us() + 60_000_000);
    let change = OrderReplaceRequest { expires_at: Some(Some(end)), ..OrderReplaceRequest::default() };
    server.orders.replace(&caller, profit.order_id, change, None, None).await.unwrap();
    for _ in 0..2 {
        assert_eq!(server.engine.tick().await.failed, 0);
        for order in [profit, loss] {
            assert_eq!(server.now(&caller, order).await.filled_quantity.to_string(), "0.005");
        }
    }
    cluster.books_agree().await;
}

#[tokio::test]
async fn the_dearer_leg_of_a_replaced_buy_oco_shows_its_reservation() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "5000").await;
    let stop_loss = StopLossRequest {
        stop_price: Some("64000".into()),
        price: Some("60000".into()),
        ..StopLossRequest::default()
    };
    let request = OrderGroupRequest {
        side: Some("buy".to_owned()),
        stop_loss: Some(stop_loss),
        ..oco("0.02", "59000", "64000")
    };
    let group = server.orders.place_group(&caller, request, None).await.unwrap();
    let change = OrderReplaceRequest { price: Some("61000".into()), ..OrderReplaceRequest::default() };
    let id = group.orders[0].order_id;
    let dearer = server.orders.replace(&caller, id, change, None, None).await.unwrap();
    assert_eq!(dearer.reserved.unwrap().amount, "20.02");
    assert_eq!(server.ledger.balance(&caller).await.unwrap().reserved.to_string(), "1221.22");
    cluster.books_agree().await;
    server.orders.cancel(&caller, id, None, None).await.unwrap();
    assert_eq!(server.ledger.balance(&caller).await.unwrap().available.to_string(), "5000.00");
    cluster.books_agree().await;
}
