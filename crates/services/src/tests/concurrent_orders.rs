//! Cancels and changes that race with fills, on the embedded table: every answer is true.

use std::sync::Arc;

use cnop_api::trading::{
    OrderGroupRequest, OrderReplaceRequest, OrderView, StopLossRequest, TakeProfitRequest,
};
use cnop_api::{Caller, Code, Problem};
use cnop_domain::{OrderStatus, Quantity, Reason, Side};

use super::concurrent::embedded;
use super::{Cluster, Server, order};

/// Number of traders in the test.
const ACCOUNTS: u32 = 8;
/// Orders of each kind that each of them has.
const ORDERS: u32 = 8;
/// Quotes while they cancel and change.
const QUOTES: u32 = 40;

/// An owner's request with its answer.
enum Answer {
    Canceled(OrderView),
    Changed(OrderView),
    Refused(Problem),
}

/// Limit orders on both sides, stops, and pairs that exclude each other, a few dollars apart around 62,000.
async fn orders_of(server: &Server, caller: &Caller) -> Vec<OrderView> {
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        let away = 20 + number * 40;
        let (below, above) = ((62_000 - away).to_string(), (62_000 + away).to_string());
        orders.push(server.place(caller, order("limit_buy", "BTC", "0.002", Some(&below), None)).await);
        orders.push(server.place(caller, order("limit_sell", "BTC", "0.002", Some(&above), None)).await);
        orders.push(server.place(caller, order("stop_sell", "BTC", "0.001", None, Some(&below))).await);
        let pair = OrderGroupRequest {
            kind: "oco".to_owned(),
            asset_id: "BTC".to_owned(),
            side: Some("sell".to_owned()),
            quantity: Some("0.002".into()),
            take_profit: Some(TakeProfitRequest { price: above.as_str().into() }),
            stop_loss: Some(StopLossRequest {
                stop_price: Some(below.as_str().into()),
                ..StopLossRequest::default()
            }),
            ..OrderGroupRequest::default()
        };
        orders.extend(server.orders.place_group(caller, pair, None).await.unwrap().orders);
    }
    orders
}

/// Cancels and changes in turn, beginning somewhere else for each account.
async fn owner(server: Arc<Server>, caller: Caller, orders: Vec<OrderView>, first: usize) -> Vec<Answer> {
    let mut answer = Vec::new();
    for step in 0..orders.len() {
        let order = &orders[(first + step * 7) % orders.len()];
        let done = match (step % 3, order.kind.as_str()) {
            // Away from the market: that is refused of a closed order only.
            (0, "limit") if order.group.is_none() => {
                let away = if order.side == Side::Buy { -3 } else { 3 };
                let price = order.price.to_string().parse::<f64>().unwrap() + f64::from(away);
                let change = OrderReplaceRequest {
                    price: Some(format!("{price:.1}").as_str().into()),
                    ..OrderReplaceRequest::default()
                };
                server.orders.replace(&caller, order.order_id, change, None, None).await.map(Answer::Changed)
            }
            _ => server.orders.cancel(&caller, order.order_id, None, None).await.map(Answer::Canceled),
        };
        answer.push(done.unwrap_or_else(|error| Answer::Refused(error.into())));
        if step % 4 == 0 {
            tokio::task::yield_now().await;
        }
    }
    answer
}

/// Prices walk up and down over all orders with a small displayed size.
async fn prices(cluster: &Cluster, server: &Server) -> usize {
    let mut filled = 0;
    for number in 0..QUOTES {
        let wave = [0, 60, 130, 240, 350, 200, 90, 0][number as usize % 8];
        let last = if number / 8 % 2 == 0 { 62_000 + wave } else { 62_000 - wave };
        cluster.bitcoin(&last.to_string(), &(last + 1).to_string(), "0.005");
        let report = server.engine.tick().await;
        filled += report.filled + report.triggered;
        tokio::task::yield_now().await;
    }
    filled
}

/// Checks that the answer matches the final order.
fn is_true(answer: &Answer, now: &OrderView) {
    match answer {
        // Nothing happens to an order after its cancel: its fills are final.
        Answer::Canceled(answer) => {
            assert_eq!(answer, now);
            assert_eq!(
                (now.status, now.status_reason.map(Reason::as_str)),
                (OrderStatus::Canceled, Some("user"))
            );
            assert_eq!((now.remaining_quantity, &now.reserved), (Quantity::ZERO, &None));
        }
        Answer::Changed(answer) => {
            assert!(now.version >= answer.version && now.filled_quantity >= answer.filled_quantity);
            assert!(now.fills.starts_with(&answer.fills));
        }
        Answer::Refused(problem) => {
            assert_eq!(problem.code, Code::OrderClosed, "{problem}\n{now:?}");
            assert!(now.closed_at.is_some(), "{now:?}");
        }
    }
}

async fn race(servers: usize) {
    let directory = tempfile::tempdir().unwrap();
    let cluster = embedded(&directory);
    cluster.bitcoin("61999.90", "62000.10", "100");
    // The first server matches prices; owners use all of them.
    let servers: Vec<Arc<Server>> = (0..servers).map(|_| Arc::new(cluster.server())).collect();
    let mut owners = Vec::new();
    for number in 1..=ACCOUNTS {
        let caller = cluster.caller(number).await;
        servers[0].deposit(&caller, "9000").await;
        servers[0].buy(&caller, "BTC", "0.06").await;
        let orders = orders_of(&servers[0], &caller).await;
        owners.push((caller, orders));
    }
    let tasks: Vec<_> = owners
        .iter()
        .enumerate()
        .map(|(number, (caller, orders))| {
            let server = Arc::clone(&servers[number % servers.len()]);
            tokio::spawn(owner(server, caller.clone(), orders.clone(), number * 5))
        })
        .collect();
    let filled = prices(&cluster, &servers[0]).await;
    assert!(filled > 0);
    let (mut canceled, mut closed) = (0, 0);
    for ((caller, orders), (number, task)) in owners.iter().zip(tasks.into_iter().enumerate()) {
        for (step, answer) in task.await.unwrap().iter().enumerate() {
            let order = &orders[(number * 5 + step * 7) % orders.len()];
            let now = servers[0].now(caller, order).await;
            is_true(answer, &now);
            canceled += usize::from(matches!(answer, Answer::Canceled(_)));
            closed += usize::from(matches!(answer, Answer::Refused(_)));
        }
    }
    println!("{filled} fills and triggers, {canceled} canceled, {closed} came too late");
    cluster.books_agree().await;
    if servers.len() == 1 {
        let next = cluster.server();
        assert_eq!(next.engine.rebuild().await.unwrap(), servers[0].engine.resting());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancels_and_changes_meet_fills_and_every_answer_is_true() {
    race(1).await;
}

/// The second server's commands are not in the first one's books: versions alone keep the answers true.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancels_and_changes_on_another_server_get_true_answers() {
    race(2).await;
}
