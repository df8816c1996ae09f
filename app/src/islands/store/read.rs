//! Reading of the stream's figures.

#![cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "the stream is read in the browser")
)]

use cnop_api::events::{AccountSnapshot, BalanceState, HoldingState, PriceTick};

use crate::islands::json::Json;

/// The prices of a message; none if one of them cannot be read.
pub(in crate::islands) fn prices(json: &Json) -> Option<Vec<PriceTick>> {
    json.member("prices")?.elements()?.map(|tick| price_tick(&tick)).collect()
}

/// One changed price.
pub(in crate::islands) fn price_tick(json: &Json) -> Option<PriceTick> {
    Some(PriceTick {
        asset_id: json.text("a")?,
        bid: json.text("b")?,
        ask: json.text("k")?,
        bid_size: json.text("x")?,
        ask_size: json.text("y")?,
        last: json.text("l")?,
        change_percentage_24h: json.number("c")?,
        seq: json.count("s")?,
    })
}

/// The account at the stream's start.
pub(in crate::islands) fn snapshot(json: &Json) -> Option<AccountSnapshot> {
    Some(AccountSnapshot {
        seq: json.count("seq")?,
        account: json.text("account")?,
        balance: balance(&json.member("balance")?)?,
        holdings: json.member("holdings")?.elements()?.map(|held| holding(&held)).collect::<Option<_>>()?,
    })
}

pub(super) fn balance(json: &Json) -> Option<BalanceState> {
    Some(BalanceState { available: json.text("available")?, reserved: json.text("reserved")? })
}

pub(super) fn holding(json: &Json) -> Option<HoldingState> {
    Some(HoldingState {
        asset_id: json.text("asset_id")?,
        quantity: json.text("quantity")?,
        available: json.text("available")?,
        cost_basis: json.text("cost_basis")?,
    })
}

#[cfg(test)]
mod tests {
    use cnop_api::Timestamp;
    use cnop_api::events::PricesEvent;
    use cnop_domain::QuoteSource;

    use super::*;

    fn json(value: &impl serde::Serialize) -> Json {
        Json::parse(&serde_json::to_string(value).unwrap()).unwrap()
    }

    /// A member that this file reads under another name than the API writes would leave the page without live figures.
    #[test]
    fn it_reads_what_the_api_writes() {
        let tick = PriceTick {
            asset_id: "BTC".parse().unwrap(),
            bid: "63999.99".parse().unwrap(),
            ask: "64000.01".parse().unwrap(),
            bid_size: "0.5".parse().unwrap(),
            ask_size: "1.25".parse().unwrap(),
            last: "64000".parse().unwrap(),
            change_percentage_24h: -1.25,
            seq: 77,
        };
        let event = PricesEvent {
            time: Timestamp(1),
            source: QuoteSource::Simulator,
            prices: vec![tick.clone(), PriceTick { asset_id: "ETH".parse().unwrap(), ..tick }],
        };
        assert_eq!(prices(&json(&event)).unwrap(), event.prices);
        let account = AccountSnapshot {
            seq: 9,
            account: "k3v9x0ab".to_owned(),
            balance: BalanceState { available: "1.5".parse().unwrap(), reserved: "-0.5".parse().unwrap() },
            holdings: vec![HoldingState {
                asset_id: "BTC".parse().unwrap(),
                quantity: "2".parse().unwrap(),
                available: "1".parse().unwrap(),
                cost_basis: "99".parse().unwrap(),
            }],
        };
        assert_eq!(snapshot(&json(&account)).unwrap(), account);
    }

    #[test]
    fn a_message_with_a_figure_that_is_none_is_left_out_whole() {
        let text = r#"{"prices":[{"a":"BTC","s":1,"b":"1","k":"1","x":"1","y":"1","l":"one","c":0}]}"#;
        assert_eq!(prices(&Json::parse(text).unwrap()), None);
        assert_eq!(
            prices(&Json::parse(&text.replace("\"one\"", "\"1\"").replace("\"s\":1", "\"s\":-1")).unwrap()),
            None
        );
        assert!(Json::parse("{").is_none());
    }
}
