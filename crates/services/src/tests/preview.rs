//! A preview has the refusals and figures of the real command.

use cnop_api::trading::{
    EntryRequest, GuardRailsUpdate, OrderGroupRequest, OrderPreview, OrderRequest, OrderView,
    StopLossRequest, TakeProfitRequest,
};
use cnop_api::{Caller, Problem, Timestamp};
use cnop_domain::OrderStatus;

use super::{Cluster, Server, market_order, order};

/// A request that is previewed and then placed.
#[derive(Debug, Clone)]
enum Asked {
    Order(Box<OrderRequest>),
    Group(Box<OrderGroupRequest>),
}

impl Server {
    async fn foretold(&self, caller: &Caller, asked: &Asked) -> Result<OrderPreview, Problem> {
        let preview = match asked {
            Asked::Order(request) => self.orders.preview(caller, (**request).clone()).await,
            Asked::Group(request) => self.orders.preview_group(caller, (**request).clone()).await,
        };
        preview.map_err(Problem::from)
    }

    /// Result of the real call: the first order, then the others of its group.
    async fn done(&self, caller: &Caller, asked: &Asked) -> Result<Vec<OrderView>, Problem> {
        match asked {
            Asked::Order(request) => {
                let first =
                    self.orders.place(caller, (**request).clone(), None).await.map_err(Problem::from)?;
                let mut orders = vec![first.clone()];
                for other in first.group.iter().flat_map(|group| &group.others) {
                    orders.push(self.orders.get(caller, *other).await.unwrap());
                }
                Ok(orders)
            }
            Asked::Group(request) => {
                let group = self.orders.place_group(caller, (**request).clone(), None).await;
                group.map(|group| group.orders).map_err(Problem::from)
            }
        }
    }
}

fn same(asked: &Asked, foretold: Result<OrderPreview, Problem>, done: Result<Vec<OrderView>, Problem>) {
    let preview = match (foretold, done) {
        (Err(foretold), Err(done)) => return assert_eq!(foretold, done, "{asked:?}"),
        (Err(foretold), Ok(_)) => panic!("{asked:?} was done, foretold was {foretold}"),
        (Ok(preview), Err(problem)) => {
            return assert_eq!(preview.problems.first(), Some(&problem.into()), "{asked:?}");
        }
        (Ok(preview), Ok(orders)) => {
            assert_eq!(preview.problems, [], "{asked:?}");
            if preview.warnings.iter().any(|warning| warning.contains("was placed before")) {
                return;
            }
            let first = &orders[0];
            assert_eq!(
                (&preview.side, preview.quantity, preview.fill_quantity, preview.fill_average_price),
                (&first.side, first.quantity, first.filled_quantity, first.average_price),
                "{asked:?}"
            );
            assert_eq!(
                (preview.resting_quantity, &preview.reserve, preview.time_in_force.as_ref()),
                (first.remaining_quantity, &first.reserved, Some(&first.time_in_force)),
                "{asked:?}"
            );
            if first.status == OrderStatus::Completed {
                assert_eq!((preview.notional, preview.fee), (first.total_amount, first.fees), "{asked:?}");
            }
            assert_eq!(preview.others.len(), orders.len() - 1, "{asked:?}");
            for (other, order) in preview.others.iter().zip(&orders[1..]) {
                assert_eq!(
                    (other.role.as_str(), &other.side, &other.kind, other.quantity, &other.reserve),
                    (
                        order.group.as_ref().unwrap().role.as_str(),
                        &order.side,
                        &order.kind,
                        order.quantity,
                        &order.reserved
                    ),
                    "{asked:?}"
                );
                assert_eq!((&other.status, other.trigger_price), (&order.status, order.trigger_price));
                assert!(!other.consequences.is_empty());
            }
            preview
        }
    };
    assert!(!preview.consequences.is_empty() || preview.fill_quantity == preview.quantity, "{asked:?}");
}

fn asked(now: Timestamp) -> Vec<Asked> {
    let with = |request: OrderRequest, change: &dyn Fn(&mut OrderRequest)| {
        let mut request = request;
        change(&mut request);
        request
    };
    let limit = |side: &str, price: &str| order(&format!("limit_{side}"), "BTC", "0.01", Some(price), None);
    let force = |request, word: &str| with(request, &|it| it.time_in_force = Some(word.to_owned()));
    let profit = |price: &str| Some(TakeProfitRequest { price: price.into() });
    let loss =
        |stop: &str| Some(StopLossRequest { stop_price: Some(stop.into()), ..StopLossRequest::default() });
    let mut orders = vec![
        market_order("buy", "BTC", "0.01"),
        market_order("sell", "BTC", "0.01"),
        market_order("buy", "BTC", "0.0100001"),
        market_order("buy", "BTC", "5"),
        with(market_order("buy", "BTC", "1"), &|it| {
            (it.quantity, it.quote_quantity) = (None, Some("100".into()));
        }),
        limit("buy", "60000"),
        limit("buy", "62500"),
        limit("buy", "62000.15"),
        limit("sell", "64000"),
        limit("sell", "61000"),
        force(limit("buy", "62500"), "ioc"),
        force(limit("buy", "60000"), "ioc"),
        force(limit("buy", "62500"), "fok"),
        force(limit("buy", "60000"), "fok"),
        force(market_order("buy", "BTC", "0.01"), "gtc"),
        with(limit("buy", "62500"), &|it| it.post_only = true),
        with(limit("buy", "60000"), &|it| it.post_only = true),
        with(limit("buy", "60000"), &|it| it.expires_at = Some(Timestamp(now.0 + 60_000_000))),
        with(limit("buy", "60000"), &|it| it.expires_at = Some(now)),
        order("stop_buy", "BTC", "0.01", None, Some("64000")),
        order("stop_buy", "BTC", "0.01", None, Some("61000")),
        order("stop_sell", "BTC", "0.01", None, Some("60000")),
        order("stop_limit_buy", "BTC", "0.01", Some("64100"), Some("64000")),
        order("stop_limit_sell", "BTC", "0.01", Some("59900"), Some("60000")),
        order("take_profit_buy", "BTC", "0.01", None, Some("60000")),
        order("take_profit_sell", "BTC", "0.01", None, Some("64000")),
        order("take_profit_limit_buy", "BTC", "0.01", Some("60100"), Some("60000")),
        order("take_profit_limit_sell", "BTC", "0.01", Some("63900"), Some("64000")),
        with(order("trailing_stop_buy", "BTC", "0.01", None, None), &|it| it.trail_bps = Some(100)),
        with(order("trailing_stop_sell", "BTC", "0.01", None, None), &|it| {
            it.trail_amount = Some("500".into())
        }),
        with(order("trailing_stop_sell", "BTC", "0.01", None, None), &|it| it.trail_bps = Some(5)),
    ];
    for entry in [market_order("buy", "BTC", "0.01"), limit("buy", "60000")] {
        for (profit, loss) in [
            (profit("70000"), None),
            (None, loss("55000")),
            (profit("70000"), loss("55000")),
            (profit("59000"), loss("55000")),
        ] {
            orders.push(OrderRequest { take_profit: profit, stop_loss: loss, ..entry.clone() });
        }
    }
    let named = |id: &str, request| with(request, &|it| it.client_order_id = Some(id.to_owned()));
    orders.extend([
        named("mine", market_order("buy", "BTC", "0.001")),
        named("mine", market_order("buy", "BTC", "0.001")),
        named("mine", market_order("buy", "BTC", "0.002")),
        named("own", market_order("buy", "BTC", "0.002")),
    ]);
    let group = |kind: &str, side: &str, price: &str, stop: &str| OrderGroupRequest {
        kind: kind.to_owned(),
        asset_id: "BTC".to_owned(),
        side: Some(side.to_owned()),
        quantity: Some("0.01".into()),
        take_profit: profit(price),
        stop_loss: loss(stop),
        ..OrderGroupRequest::default()
    };
    let entry = EntryRequest { price: Some("60000".into()), ..EntryRequest::default() };
    let groups = [
        group("oco", "sell", "66000", "58000"),
        group("oco", "buy", "58000", "66000"),
        group("oco", "buy", "66000", "58000"),
        group("bracket", "buy", "66000", "58000"),
        OrderGroupRequest { entry: Some(entry), ..group("bracket", "buy", "66000", "58000") },
        OrderGroupRequest { take_profit: None, ..group("oto", "buy", "66000", "58000") },
        OrderGroupRequest {
            client_order_id: Some("own".to_owned()),
            ..group("oco", "sell", "66000", "58000")
        },
        group("oto", "buy", "66000", "58000"),
    ];
    // Groups first, while there is money for both legs of an OCO.
    let groups = groups.into_iter().map(|group| Asked::Group(Box::new(group)));
    groups.chain(orders.into_iter().map(|order| Asked::Order(Box::new(order)))).collect()
}

#[tokio::test]
async fn a_preview_foretells_the_order_in_every_circumstance() {
    let rich = GuardRailsUpdate::default();
    let largest = GuardRailsUpdate { largest_order: Some(Some("640".into())), ..rich.clone() };
    let pause = GuardRailsUpdate { cool_down_minutes: Some(Some(60)), ..rich.clone() };
    let daily = GuardRailsUpdate { daily_loss: Some(Some("1".into())), ..rich.clone() };
    let switch = GuardRailsUpdate { kill_switch: Some(true), ..rich.clone() };
    for (circumstance, guards) in [
        ("rich", rich.clone()),
        ("poor", rich.clone()),
        ("full", rich.clone()),
        ("nearly full", rich.clone()),
        ("shallow", rich.clone()),
        ("stale", rich.clone()),
        ("closed", rich.clone()),
        ("largest", largest),
        ("pause", pause),
        ("daily", daily),
        ("switch", switch),
    ] {
        let cluster = Cluster::new();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        server.deposit(&caller, if circumstance == "poor" { "700" } else { "10000" }).await;
        server.buy(&caller, "BTC", "0.011").await;
        if matches!(circumstance, "pause" | "daily") {
            cluster.price_set("BTC", "50000");
            server.sell(&caller, "BTC", "0.001").await;
            cluster.price_set("BTC", "62000");
        }
        if guards != rich {
            server.guards.update(&caller, guards, None).await.unwrap();
        }
        match circumstance {
            "full" => server.rest(&caller, "BTC", 200).await,
            "nearly full" => server.rest(&caller, "BTC", 197).await,
            "stale" => cluster.clock.advance_seconds(60),
            "closed" => cluster.market.tradable_set("BTC".parse().unwrap(), false),
            "shallow" => {
                let mut quote = cluster.market.market().snapshot().get("BTC".parse().unwrap()).unwrap().quote;
                (quote.ask_size, quote.bid_size) = ("0.004".parse().unwrap(), "0.003".parse().unwrap());
                quote.seq += 1;
                cluster.market.quote_set("BTC".parse().unwrap(), quote);
            }
            _ => {}
        }
        for asked in asked(Timestamp(cnop_domain::Clock::now_us(cluster.clock.as_ref()))) {
            let foretold = server.foretold(&caller, &asked).await;
            let before = server.ledger.balance(&caller).await.unwrap();
            assert_eq!(server.ledger.balance(&caller).await.unwrap(), before, "nothing is written");
            let done = server.done(&caller, &asked).await;
            same(&asked, foretold, done);
        }
        cluster.books_agree().await;
    }
}
