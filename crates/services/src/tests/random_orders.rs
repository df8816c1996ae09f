//! Random days with every type of order: the ledger balances, closed orders reserve nothing, and equal days end alike.

use cnop_api::trading::{
    OrderGroupRequest, OrderQuery, OrderReplaceRequest, OrderRequest, StatusFilter, StopLossRequest,
    TakeProfitRequest,
};
use cnop_domain::{Amount, OrderStatus, Role};
use proptest::prelude::*;

use super::{Cluster, Server, order};

const TYPES: [&str; 7] =
    ["market", "limit", "stop", "stop_limit", "take_profit", "take_profit_limit", "trailing_stop"];
const TIMES: [Option<&str>; 4] = [None, Some("gtc"), Some("ioc"), Some("fok")];

#[derive(Debug, Clone)]
enum Step {
    /// Prices are in per mille of 62,000.
    Order {
        kind: usize,
        buys: bool,
        steps: u32,
        limit: u32,
        stop: u32,
        time: usize,
        ends: Option<i64>,
    },
    Bracket {
        steps: u32,
        entry: u32,
        profit: u32,
        stop: u32,
        trails: bool,
        time: usize,
    },
    Oco {
        buys: bool,
        steps: u32,
        profit: u32,
        stop: u32,
    },
    Cancel(usize),
    Replace {
        which: usize,
        limit: Option<u32>,
        steps: Option<u32>,
        stop: Option<u32>,
    },
    CancelAll,
    Quote {
        last: u32,
        size: u32,
    },
    Wait(i64),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
    let near = || 900..1_100_u32;
    let step = prop_oneof![
        6 => (0..TYPES.len(), any::<bool>(), 1..400_u32, near(), near(), 0..TIMES.len(), prop::option::of(1..40_i64))
            .prop_map(|(kind, buys, steps, limit, stop, time, ends)| Step::Order {
                kind, buys, steps, limit, stop, time, ends
            }),
        3 => (1..400_u32, near(), 1_000..1_200_u32, 800..1_000_u32, any::<bool>(), 0..TIMES.len()).prop_map(
            |(steps, entry, profit, stop, trails, time)| Step::Bracket { steps, entry, profit, stop, trails, time }
        ),
        2 => (any::<bool>(), 1..400_u32, near(), near())
            .prop_map(|(buys, steps, profit, stop)| Step::Oco { buys, steps, profit, stop }),
        2 => (0..50_usize).prop_map(Step::Cancel),
        2 => (0..50_usize, prop::option::of(near()), prop::option::of(1..400_u32), prop::option::of(near()))
            .prop_map(|(which, limit, steps, stop)| Step::Replace { which, limit, steps, stop }),
        1 => Just(Step::CancelAll),
        8 => (850..1_150_u32, 1..300_u32).prop_map(|(last, size)| Step::Quote { last, size }),
        2 => (0..20_i64).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec((any::<bool>(), step), 1..80)
}

fn price(per_mille: u32) -> String {
    (62 * per_mille).to_string()
}

fn quantity(steps: u32) -> String {
    format!("0.{steps:04}")
}

fn single(kind: usize, buys: bool, steps: u32, limit: u32, stop: u32) -> OrderRequest {
    let name = TYPES[kind];
    let word = format!("{name}_{}", if buys { "buy" } else { "sell" });
    let (limit, stop) = (price(limit), price(stop));
    let limit = (name.ends_with("limit")).then_some(limit.as_str());
    let stop = (kind > 1 && name != "trailing_stop").then_some(stop.as_str());
    let trail_bps = (name == "trailing_stop").then_some(10 + steps);
    OrderRequest { trail_bps, ..order(&word, "BTC", &quantity(steps), limit, stop) }
}

fn oco(buys: bool, steps: u32, profit: u32, stop: u32) -> OrderGroupRequest {
    OrderGroupRequest {
        kind: "oco".to_owned(),
        asset_id: "BTC".to_owned(),
        side: Some(if buys { "buy" } else { "sell" }.to_owned()),
        quantity: Some(quantity(steps).as_str().into()),
        take_profit: Some(TakeProfitRequest { price: price(profit).as_str().into() }),
        stop_loss: Some(StopLossRequest {
            stop_price: Some(price(stop).as_str().into()),
            ..StopLossRequest::default()
        }),
        ..OrderGroupRequest::default()
    }
}

fn bracket(steps: u32, entry: u32, profit: u32, stop: u32, trails: bool) -> OrderRequest {
    let stop_loss = if trails {
        StopLossRequest { trail_bps: Some(100), ..StopLossRequest::default() }
    } else {
        StopLossRequest { stop_price: Some(price(stop).as_str().into()), ..StopLossRequest::default() }
    };
    OrderRequest {
        take_profit: Some(TakeProfitRequest { price: price(profit).as_str().into() }),
        stop_loss: Some(stop_loss),
        ..order("limit_buy", "BTC", &quantity(steps), Some(&price(entry)), None)
    }
}

/// Runs a day, and returns its orders and balances as text.
async fn live(day: &[(bool, Step)]) -> String {
    let cluster = Cluster::new();
    let mut server = cluster.server();
    let callers = [cluster.caller(1).await, cluster.caller(2).await];
    for caller in &callers {
        server.deposit(caller, "9000").await;
        server.buy(caller, "BTC", "0.05").await;
    }
    for (who, step) in day {
        let caller = &callers[usize::from(*who)];
        let open = OrderQuery { status: Some(StatusFilter::Open), limit: 100, ..OrderQuery::default() };
        // Refusals are part of the day; the ledger must balance after them.
        match step.clone() {
            Step::Order { kind, buys, steps, limit, stop, time, ends } => {
                let mut request = single(kind, buys, steps, limit, stop);
                request.time_in_force = TIMES[time].map(str::to_owned);
                if let (Some(seconds), None) = (ends, TIMES[time]) {
                    let now_us = cnop_domain::Clock::now_us(cluster.clock.as_ref());
                    request.expires_at = Some(cnop_api::Timestamp(now_us + seconds * 1_000_000));
                }
                let _ = server.orders.place(caller, request, None).await;
            }
            Step::Bracket { steps, entry, profit, stop, trails, time } => {
                let request = OrderRequest {
                    time_in_force: TIMES[time].map(str::to_owned),
                    ..bracket(steps, entry, profit, stop, trails)
                };
                let _ = server.orders.place(caller, request, None).await;
            }
            Step::Oco { buys, steps, profit, stop } => {
                let _ = server.orders.place_group(caller, oco(buys, steps, profit, stop), None).await;
            }
            Step::Cancel(which) => {
                let open = server.orders.list(caller, open).await.unwrap().data;
                if let Some(order) = open.get(which % open.len().max(1)) {
                    server.orders.cancel(caller, order.order_id, None, None).await.unwrap();
                }
            }
            Step::Replace { which, limit, steps, stop } => {
                let open = server.orders.list(caller, open).await.unwrap().data;
                if let Some(order) = open.get(which % open.len().max(1)) {
                    let change = OrderReplaceRequest {
                        price: limit.map(|limit| price(limit).as_str().into()),
                        quantity: steps.map(|steps| quantity(steps).as_str().into()),
                        stop_price: stop.map(|stop| price(stop).as_str().into()),
                        ..OrderReplaceRequest::default()
                    };
                    let _ = server.orders.replace(caller, order.order_id, change, None, None).await;
                }
            }
            Step::CancelAll => {
                let results = server.orders.cancel_all(caller, None, None).await.unwrap();
                assert!(results.iter().all(|result| result.status == 200));
            }
            Step::Quote { last, size } => {
                let bid = 62 * last;
                cluster.bitcoin(&bid.to_string(), &(bid + 1).to_string(), &quantity(size));
                assert_eq!(server.engine.tick().await.failed, 0);
            }
            Step::Wait(seconds) => {
                cluster.pass_seconds(seconds);
                assert_eq!(server.engine.tick().await.failed, 0);
            }
            Step::Restart => {
                server.engine.marks_store().await.unwrap();
                let before = server.engine.resting();
                server = cluster.server();
                assert_eq!(server.engine.rebuild().await.unwrap(), before);
            }
        }
    }
    cluster.books_agree().await;
    let mut left = String::new();
    for caller in &callers {
        exits_never_fill_both(&server, caller).await;
        exits_protect_what_was_bought(&server, caller).await;
        let portfolio = server.portfolio.portfolio(caller).await.unwrap();
        assert!(portfolio.cash >= Amount::ZERO);
        let all = OrderQuery { limit: 100, ..OrderQuery::default() };
        let orders = server.orders.list(caller, all).await.unwrap().data;
        let lines = orders.iter().map(|order| {
            format!("{} {} {} {}", order.order_type, order.status, order.filled_quantity, order.fees)
        });
        left.push_str(&lines.collect::<Vec<_>>().join("\n"));
        left.push_str(&format!("\n{} {}\n", portfolio.cash, portfolio.total_value));
    }
    left
}

/// The exits of one purchase, and the legs of one OCO, never sell more than the group has.
async fn exits_never_fill_both(server: &Server, caller: &cnop_api::Caller) {
    let all = OrderQuery { limit: 100, ..OrderQuery::default() };
    let orders = server.orders.list(caller, all).await.unwrap().data;
    for order in &orders {
        if order.status != OrderStatus::Completed {
            continue;
        }
        let Some(group) = order.group.as_ref().filter(|group| group.role != Role::Entry) else { continue };
        for other in &group.others {
            let other = server.orders.get(caller, *other).await.unwrap();
            let is_exit = other.group.as_ref().is_some_and(|group| group.role != Role::Entry);
            assert!(!is_exit || other.status == OrderStatus::Canceled, "{order:?}\n{other:?}");
        }
    }
}

/// An exit that is open sells exactly what its purchase has bought and no exit has sold; nothing more was sold.
async fn exits_protect_what_was_bought(server: &Server, caller: &cnop_api::Caller) {
    let all = OrderQuery { limit: 100, ..OrderQuery::default() };
    for entry in server.orders.list(caller, all).await.unwrap().data {
        let Some(group) = entry.group.as_ref().filter(|group| group.role == Role::Entry) else { continue };
        let (mut sold, mut open) = (0, Vec::new());
        for id in &group.others {
            let exit = server.orders.get(caller, *id).await.unwrap();
            sold += exit.filled_quantity.units();
            if !exit.status.is_final() {
                open.push((exit.status == OrderStatus::Held, exit.remaining_quantity.units()));
            }
        }
        let left = entry.filled_quantity.units() - sold;
        assert!(left >= 0, "{entry:?}");
        for (is_held, remaining) in open {
            assert!(if is_held { left == 0 } else { remaining == left }, "{remaining} of {left}: {entry:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn books_balance_and_equal_days_end_alike(day in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let first = runtime.block_on(live(&day));
        let second = runtime.block_on(live(&day));
        prop_assert_eq!(first, second);
    }
}
