//! Topics of a stream request.

use cnop_api::{FieldError, Problem};
use cnop_market::Catalogue;

use super::prices::PriceFilter;

/// Most assets that are named; more is `prices:*`.
const ASSETS_MAX: usize = 250;

/// Contents of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StreamTopics {
    /// The events of the signed-in account.
    pub(crate) account: bool,
    /// Prices of the requested assets.
    pub(crate) prices: Option<PriceFilter>,
    /// State of the venue.
    pub(crate) system: bool,
}

impl StreamTopics {
    /// Reads `account`, `system`, `prices:*` and `prices:BTC,ETH`, separated by commas, each topic once.
    ///
    /// # Errors
    /// 422 for anything else, with the parameter `topics`.
    pub(crate) fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, Problem> {
        let mut topics = Self::default();
        let mut assets_continue = false;
        for part in text.split(',') {
            let part = part.trim();
            match part {
                "account" if !topics.account => topics.account = true,
                "system" if !topics.system => topics.system = true,
                "prices:*" if topics.prices.is_none() => topics.prices = Some(PriceFilter::All),
                _ => {
                    let first = part.strip_prefix("prices:").filter(|_| topics.prices.is_none());
                    let asset = first.or(Some(part).filter(|_| assets_continue)).ok_or_else(unreadable)?;
                    topics.asset_add(asset, catalogue)?;
                    assets_continue = true;
                    continue;
                }
            }
            assets_continue = false;
        }
        Ok(topics)
    }

    fn asset_add(&mut self, text: &str, catalogue: &Catalogue) -> Result<(), Problem> {
        let asset_id = text.parse().map_err(|_| unreadable())?;
        if catalogue.get(asset_id).is_none() {
            return Err(refused("asset", format!("There is no asset {asset_id}.")));
        }
        match self.prices.get_or_insert_with(|| PriceFilter::Some(Vec::new())) {
            PriceFilter::Some(assets) if assets.contains(&asset_id) => Ok(()),
            PriceFilter::Some(assets) if assets.len() < ASSETS_MAX => {
                assets.push(asset_id);
                Ok(())
            }
            _ => Err(unreadable()),
        }
    }
}

fn unreadable() -> Problem {
    refused(
        "topics",
        "`topics` names account, system and prices:* or prices:BTC,ETH, each once, with commas.".to_owned(),
    )
}

fn refused(rule: &str, detail: String) -> Problem {
    Problem::invalid(vec![FieldError::parameter("topics", rule, detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StreamTopics, Problem> {
        StreamTopics::parse(text, &Catalogue::bundled())
    }

    #[test]
    fn reads_topics() {
        let topics = parse("account,prices:btc,ETH,BTC,system").unwrap();
        assert!(topics.account && topics.system);
        assert_eq!(
            topics.prices,
            Some(PriceFilter::Some(vec!["BTC".parse().unwrap(), "ETH".parse().unwrap()]))
        );
        assert_eq!(parse("prices:*").unwrap().prices, Some(PriceFilter::All));
    }

    #[test]
    fn refuses_anything_else() {
        for text in [
            "",
            ",",
            "BTC",
            "prices:",
            "prices:*,BTC",
            "prices:*,prices:BTC",
            "account,account",
            "prices:BTC,system,ETH",
            "orders",
            "prices:NOSUCHCOIN",
            "prices:BTC,ACCOUNT!",
        ] {
            assert_eq!(parse(text).unwrap_err().status(), 422, "{text}");
        }
    }
}
