//! Pages that mix two moments, as those of DynamoDB may.

use cnop_domain::Amount;
use cnop_store::{QueryPage, TableQuery};

use super::Cluster;

/// A listener that has seen an event has seen all before it.
#[tokio::test]
async fn events_are_delivered_without_gaps_from_a_stale_page() {
    let (cluster, table) = Cluster::flaky();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    for _ in 0..4 {
        server.deposit(&caller, "10").await;
    }
    let events =
        table.inner().query(&TableQuery::prefix(format!("A#{}", caller.account_id), "E#", 10)).await.unwrap();
    let visible = async |missing: usize| {
        let mut items = events.items.clone();
        items.remove(missing);
        table.answer_next_query(QueryPage { items, more: false });
        let events = server.ledger.events_after(&caller.account_id, 0, 10).await.unwrap();
        events.iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(visible(2).await, [1, 2]);
    assert!(visible(0).await.is_empty());
    assert_eq!(visible(4).await, [1, 2, 3, 4]);
    assert_eq!(server.ledger.events_after(&caller.account_id, 0, 10).await.unwrap().len(), 5);
}

/// Money turned into coins is never shown twice and never missing: cash and coins are from one moment.
#[tokio::test]
async fn a_portfolio_is_consistent_on_a_page_of_two_moments() {
    for holdings_are_older in [true, false] {
        let (cluster, table) = Cluster::flaky();
        let (server, caller) = (cluster.server(), cluster.caller(1).await);
        server.deposit(&caller, "5000").await;
        server.buy(&caller, "BTC", "0.01").await;
        let query = TableQuery::prefix(format!("A#{}", caller.account_id), "H", 10);
        let before = table.inner().query(&query).await.unwrap().items;
        cluster.pass_seconds(1);
        server.buy(&caller, "BTC", "0.05").await;
        let after = table.inner().query(&query).await.unwrap().items;
        let [holdings, head] = if holdings_are_older { [&before, &after] } else { [&after, &before] };
        let page = vec![holdings[0].clone(), head[1].clone()];
        assert_eq!((page[0].key.sk.as_str(), page[1].key.sk.as_str()), ("H#BTC", "HEAD"));
        table.answer_next_get(before[1].clone());
        table.answer_next_query(QueryPage { items: page, more: false });

        let portfolio = server.portfolio.portfolio(&caller).await.unwrap();
        assert!(!table.has_prepared_answer(), "both were read");
        assert_eq!(portfolio.assets[0].quantity.to_string(), "0.06");
        let whole = portfolio.net_deposits.units() + portfolio.unrealised_profit.units();
        assert_eq!(portfolio.total_value, Amount::from_units(whole).unwrap());
    }
}
