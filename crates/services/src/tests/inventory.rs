//! Lists of assets and their filters.

use cnop_api::Code;
use cnop_api::market::{AssetQuery, AssetSort, Interval};

use super::{Cluster, refused};

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let cluster = Cluster::new();
    let inventory = cluster.server().inventory.clone();
    let whole = inventory.assets(&AssetQuery { limit: 250, ..AssetQuery::default() }).unwrap();
    assert!(whole.total_count >= 120 && whole.data.len() >= 120 && !whole.has_more);
    assert!(whole.data.windows(2).all(|pair| pair[0].market_cap_rank < pair[1].market_cap_rank));
    let (mut rows, mut query) = (Vec::new(), AssetQuery { limit: 50, ..AssetQuery::default() });
    loop {
        let page = inventory.assets(&query).unwrap();
        rows.extend(page.data);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(rows, whole.data);
    // Back again by the same pages.
    query.cursor = Some("150".to_owned());
    let mut starts = Vec::new();
    while let Some(cursor) = inventory.assets(&query).unwrap().previous_cursor {
        starts.push(cursor.clone());
        query.cursor = Some(cursor);
    }
    assert_eq!(starts, ["100", "50", "0"]);
    let found =
        inventory.assets(&AssetQuery { q: Some(" bitcoi".to_owned()), ..AssetQuery::default() }).unwrap();
    assert!(found.data.iter().any(|asset| asset.asset_id.as_str() == "BTC"));
    let dear = AssetQuery { sort: AssetSort::PriceDescending, ..AssetQuery::default() };
    let dear = inventory.assets(&dear).unwrap();
    assert!(dear.data.windows(2).all(|pair| pair[0].price >= pair[1].price));
    cluster.market.tradable_set("BTC".parse().unwrap(), false);
    assert_eq!(inventory.assets(&AssetQuery::default()).unwrap().total_count, whole.total_count - 1);
    let all = inventory.assets(&AssetQuery { active_only: false, ..AssetQuery::default() }).unwrap();
    assert_eq!((all.total_count, all.active_count), (whole.total_count, whole.total_count - 1));
    let sum: usize = inventory.categories().iter().map(|category| category.count).sum();
    assert_eq!(u64::try_from(sum).unwrap(), whole.total_count);
    for query in [
        AssetQuery { limit: 0, ..AssetQuery::default() },
        AssetQuery { limit: 251, ..AssetQuery::default() },
        AssetQuery { cursor: Some("x".to_owned()), ..AssetQuery::default() },
    ] {
        refused(inventory.assets(&query), Code::RequestInvalid);
    }
}

/// An asset that rose between two pages of a list by price was on neither, and one that fell was on both.
#[tokio::test]
async fn pages_by_a_moving_figure_lose_and_double_no_asset() {
    let cluster = Cluster::new();
    let inventory = cluster.server().inventory.clone();
    let sort = AssetSort::PriceDescending;
    let whole = inventory.assets(&AssetQuery { limit: 250, sort, ..AssetQuery::default() }).unwrap().data;
    let (top, bottom) = (whole[0].asset_id, whole.last().unwrap().asset_id);
    let (mut rows, mut query) = (Vec::new(), AssetQuery { limit: 50, sort, ..AssetQuery::default() });
    let mut previous = None;
    loop {
        let page = inventory.assets(&query).unwrap();
        rows.extend(page.data.iter().map(|asset| asset.asset_id));
        (query.cursor, previous) = (page.next_cursor, page.previous_cursor.or(previous));
        if query.cursor.is_none() {
            break;
        }
        cluster.price_set(bottom.as_str(), "900000");
        cluster.price_set(top.as_str(), "0.1");
    }
    let ids: Vec<_> = whole.iter().map(|asset| asset.asset_id).collect();
    assert_eq!(rows, ids, "in the order of the first page");
    query.cursor = previous;
    let before = inventory.assets(&query).unwrap();
    let start_of_last = (ids.len() - 1) / 50 * 50;
    assert_eq!(before.data[0].asset_id, ids[start_of_last - 50], "back by the same pages");
    let fresh = inventory.assets(&AssetQuery { limit: 50, sort, ..AssetQuery::default() }).unwrap();
    assert_eq!(fresh.data[0].asset_id, bottom);
    for cursor in ["50.A", "50.A*", "x.AA", "-1.AA", "50.ÄÄ"] {
        let query = AssetQuery { cursor: Some(cursor.to_owned()), sort, ..AssetQuery::default() };
        refused(inventory.assets(&query), Code::RequestInvalid);
    }
    let strange =
        AssetQuery { cursor: Some("0.__--zz00".to_owned()), sort, limit: 250, ..AssetQuery::default() };
    assert_eq!(inventory.assets(&strange).unwrap().data.len(), whole.len(), "unknown places are left out");
}

#[tokio::test]
async fn an_asset_has_details_quotes_and_candles() {
    let cluster = Cluster::new();
    let inventory = cluster.server().inventory.clone();
    let (bitcoin, unknown) = ("BTC".parse().unwrap(), "NOSUCH".parse().unwrap());
    let detail = inventory.asset(bitcoin).unwrap();
    assert_eq!((detail.asset.price.to_string().as_str(), detail.source.as_str()), ("62000.00", "simulator"));
    assert_eq!((detail.availability_status.as_str(), detail.coingecko_id.as_str()), ("available", "bitcoin"));
    refused(inventory.asset(unknown), Code::AssetNotFound);
    cluster.clock.advance_seconds(3);
    let quotes = inventory.quotes(&[bitcoin, unknown]);
    assert_eq!((quotes.len(), quotes[0].age_ms), (1, 3_000));
    let candles = inventory.candles(bitcoin, Interval::Hour, Some(7_200), 2).await.unwrap();
    assert_eq!((candles.data.len(), candles.next_cursor.as_deref()), (2, Some("0")));
    refused(inventory.candles(unknown, Interval::Hour, None, 2).await, Code::AssetNotFound);
    refused(inventory.candles(bitcoin, Interval::Hour, None, 1_001).await, Code::RequestInvalid);
}
