//! Value, cost and profit.

use cnop_domain::{Amount, UNITS_PER_WHOLE};

use super::Cluster;

#[tokio::test]
async fn value_cost_and_profit_fit_together() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let empty = server.portfolio.portfolio(&caller).await.unwrap();
    assert!(empty.assets.is_empty() && empty.total_value.is_zero() && empty.day_change_ratio.is_none());
    server.deposit(&caller, "10000").await;
    server.ledger.withdraw(&caller, super::transfer("1000"), None).await.unwrap();
    server.buy(&caller, "BTC", "0.05").await;
    server.buy(&caller, "ETH", "0.5").await;
    server.sell(&caller, "BTC", "0.01").await;
    cluster.price_set("BTC", "65000");
    let portfolio = server.portfolio.portfolio(&caller).await.unwrap();
    let bitcoin = &portfolio.assets[0];
    assert_eq!((bitcoin.asset_id.as_str(), bitcoin.market_value.to_string().as_str()), ("BTC", "2600.00"));
    // Bought today: the result of the day is the whole result, not that of a day in which it was not held.
    for asset in &portfolio.assets {
        let whole = asset.unrealised_profit.units() + asset.realised_profit.units();
        assert_eq!(asset.day_change.units(), whole);
    }
    let whole = portfolio.total_value.units() - portfolio.net_deposits.units();
    assert_eq!(portfolio.day_change.units(), whole, "deposits and withdrawals are no result");
    assert_eq!(bitcoin.cost_basis.to_string(), "2482.484004");
    assert_eq!(bitcoin.average_cost.to_string(), "62062.1001");
    assert_eq!(portfolio.net_deposits.to_string(), "9000.00");
    // Everything that came in is still there, gained or lost.
    let whole = portfolio.net_deposits.units()
        + portfolio.realised_profit.units()
        + portfolio.unrealised_profit.units();
    assert_eq!(portfolio.total_value.units(), whole);
    let shares = portfolio.assets.iter().map(|asset| &asset.percentage).chain([&portfolio.cash_percentage]);
    let whole: i128 = shares.map(|text| text.parse::<Amount>().unwrap().units()).sum();
    assert_eq!(whole, 100 * UNITS_PER_WHOLE);
    assert_eq!(portfolio.fees_paid.to_string(), "4.960009");
    server.sell(&caller, "BTC", "0.04").await;
    let sold = server.portfolio.portfolio(&caller).await.unwrap();
    assert_eq!(sold.assets.len(), 1, "what is sold out is not held");
    assert!(sold.realised_profit > portfolio.realised_profit);
    let whole = sold.total_value.units() - sold.net_deposits.units();
    assert_eq!(sold.day_change.units(), whole, "with what was sold out");
}

/// A gain of 1,258.74 stood beside an account that had lost 48.60: purchases and deposits counted as gains.
#[tokio::test]
async fn the_result_of_a_day_leaves_out_transfers_and_what_was_earlier() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "10000").await;
    server.buy(&caller, "BTC", "0.05").await;
    cluster.pass_seconds(26 * 3_600);
    // The price of 24 hours ago is the test market's first one.
    cluster.price_set("BTC", "65000");
    let day = server.portfolio.portfolio(&caller).await.unwrap();
    assert_eq!(day.day_change.to_string(), "150.00", "0.05 × 3,000, without the fee of the day before");
    let ratio = day.day_change_ratio.unwrap();
    assert!((ratio - 150.0 / (day.total_value.to_f64_lossy() - 150.0)).abs() < 1e-9, "{ratio}");
    server.deposit(&caller, "5000").await;
    server.ledger.withdraw(&caller, super::transfer("700"), None).await.unwrap();
    let moved = server.portfolio.portfolio(&caller).await.unwrap();
    assert_eq!(moved.day_change, day.day_change);
    server.buy(&caller, "BTC", "0.05").await;
    let bought = server.portfolio.portfolio(&caller).await.unwrap();
    let cost = bought.day_change.units() - day.day_change.units();
    assert!((-5 * UNITS_PER_WHOLE..0).contains(&cost), "spread and fee, {cost}");
    cluster.books_agree().await;
}
