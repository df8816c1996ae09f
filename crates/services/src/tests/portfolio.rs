//! Value, cost and profit.

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
    assert_eq!(bitcoin.day_change.to_string(), "120.00");
    assert_eq!(bitcoin.cost_basis.to_string(), "2482.484004");
    assert_eq!(bitcoin.average_cost.to_string(), "62062.1001");
    assert_eq!(portfolio.net_deposits.to_string(), "9000.00");
    // Everything that came in is still there, gained or lost.
    let whole = portfolio.net_deposits.units()
        + portfolio.realised_profit.units()
        + portfolio.unrealised_profit.units();
    assert_eq!(portfolio.total_value.units(), whole);
    let shares: f64 = portfolio
        .assets
        .iter()
        .map(|asset| &asset.percentage)
        .chain([&portfolio.cash_percentage])
        .map(|text| text.parse::<f64>().unwrap())
        .sum();
    assert!((shares - 100.0).abs() < 0.02);
    assert_eq!(portfolio.fees_paid.to_string(), "4.960009");
    server.sell(&caller, "BTC", "0.04").await;
    let sold = server.portfolio.portfolio(&caller).await.unwrap();
    assert_eq!(sold.assets.len(), 1, "what is sold out is not held");
    assert!(sold.realised_profit > portfolio.realised_profit);
}
