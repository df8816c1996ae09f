//! What is stored of an order, and how the world sees it.

use cnop_api::Timestamp;
use cnop_api::trading::{AssetTransaction, FillView, OrderView};
use cnop_domain::{
    Amount, AssetId, Currency, FILL_MODEL, Fill, OrderId, OrderStatus, OrderType, Price, Quantity, Side,
};
use cnop_market::Source;
use serde::{Deserialize, Serialize};

/// `O#order`: the order as it is. Its id is in its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    pub(crate) status: OrderStatus,
    pub(crate) asset_id: AssetId,
    /// What it is paid in.
    pub(crate) quote_asset: Currency,
    /// Coins ordered.
    pub(crate) quantity: Quantity,
    /// Dollars asked for, when the order was given by value.
    pub(crate) quote_quantity: Option<Amount>,
    pub(crate) client_order_id: Option<Box<str>>,
    pub(crate) fills: Vec<FillRecord>,
    /// Profit of a sale after fees.
    pub(crate) realised: Option<Amount>,
    pub(crate) created_us: i64,
    pub(crate) updated_us: i64,
}

/// A fill, the rules that made it and where its quote came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FillRecord {
    pub(crate) fill: Fill,
    pub(crate) model: FillModel,
    pub(crate) source: QuoteSource,
}

/// The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FillModel {
    V1,
}

/// The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum QuoteSource {
    Simulator,
    CoinGecko,
}

impl From<Source> for QuoteSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Simulator => Self::Simulator,
            Source::CoinGecko => Self::CoinGecko,
        }
    }
}

impl QuoteSource {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Simulator => Source::Simulator.as_str(),
            Self::CoinGecko => Source::CoinGecko.as_str(),
        }
    }
}

impl FillRecord {
    fn view(&self) -> FillView {
        let Fill { price, quantity, notional, fee, quote } = self.fill;
        let fill_model = match self.model {
            FillModel::V1 => FILL_MODEL,
        };
        FillView {
            price,
            quantity,
            notional,
            fee,
            fill_model: fill_model.to_owned(),
            quote_seq: quote.seq,
            quote_bid: quote.bid,
            quote_ask: quote.ask,
            quote_time: Timestamp(quote.time_us),
            quote_source: self.source.as_str().to_owned(),
        }
    }
}

impl OrderRecord {
    /// A sum over the fills. They were checked when they were made: a sum that does not fit is shown as the largest.
    fn total(&self, figure: impl Fn(&Fill) -> Amount) -> Amount {
        let add =
            |sum: Amount, record: &FillRecord| sum.checked_add(figure(&record.fill)).unwrap_or(Amount::MAX);
        self.fills.iter().fold(Amount::ZERO, add)
    }

    /// Filled value without fees.
    pub(crate) fn notional(&self) -> Amount {
        self.total(|fill| fill.notional)
    }

    /// All fees.
    pub(crate) fn fees(&self) -> Amount {
        self.total(|fill| fill.fee)
    }

    /// Coins filled.
    pub(crate) fn filled(&self) -> Quantity {
        let add = |sum: Quantity, record: &FillRecord| {
            sum.checked_add(record.fill.quantity).unwrap_or(Quantity::MAX)
        };
        self.fills.iter().fold(Quantity::ZERO, add)
    }

    /// Value ÷ coins, rounded down; exact for one fill.
    fn average_price(&self) -> Option<Price> {
        if let [only] = self.fills.as_slice() {
            return Some(only.fill.price);
        }
        let (notional, filled) = (self.notional().units(), self.filled().units());
        let units = notional.checked_mul(cnop_domain::UNITS_PER_WHOLE)?.checked_div(filled)?;
        Price::from_units(units).ok()
    }

    pub(crate) fn view(&self, order_id: OrderId) -> OrderView {
        let average_price = self.average_price();
        OrderView {
            order_id,
            order_type: self.order_type.with_side(self.side),
            side: self.side.as_str().to_owned(),
            kind: self.order_type.as_str().to_owned(),
            asset_id: self.asset_id,
            quote_asset: match self.quote_asset {
                Currency::Usd => "USD".to_owned(),
                Currency::Asset(asset_id) => asset_id.to_string(),
            },
            quantity: self.quantity,
            quote_quantity: self.quote_quantity,
            price: average_price.unwrap_or_default(),
            status: self.status.as_str().to_owned(),
            total_amount: self.notional(),
            filled_quantity: self.filled(),
            average_price,
            fees: self.fees(),
            realised_profit: self.realised,
            client_order_id: self.client_order_id.as_deref().map(str::to_owned),
            fills: self.fills.iter().map(FillRecord::view).collect(),
            created_at: Timestamp(self.created_us),
            updated_at: Timestamp(self.updated_us),
        }
    }

    pub(crate) fn transaction(&self, order_id: OrderId) -> AssetTransaction {
        AssetTransaction {
            asset_id: self.asset_id,
            transaction_type: match self.side {
                Side::Buy => "BUY",
                Side::Sell => "SELL",
            }
            .to_owned(),
            quantity: self.filled(),
            price: self.average_price().unwrap_or_default(),
            status: "COMPLETED".to_owned(),
            timestamp: Timestamp(self.updated_us),
            order_id,
            fee: self.fees(),
        }
    }
}

#[cfg(test)]
mod tests {
    use cnop_domain::Quote;

    use super::*;
    use crate::account::{decode, encode};

    #[test]
    fn the_stored_form_stays() {
        let quantity = Quantity::from_units(1_500_000).unwrap();
        let price = Price::from_units(6_200_000_000_000).unwrap();
        let quote = Quote {
            bid: price,
            ask: price,
            bid_size: quantity,
            ask_size: quantity,
            last: price,
            seq: 9,
            time_us: 3,
        };
        let record = OrderRecord {
            side: Side::Sell,
            order_type: OrderType::Market,
            status: OrderStatus::Completed,
            asset_id: "BTC".parse().unwrap(),
            quote_asset: Currency::Usd,
            quantity,
            quote_quantity: Some(Amount::from_units(100).unwrap()),
            client_order_id: Some("mine".into()),
            fills: vec![FillRecord {
                fill: Fill {
                    price,
                    quantity,
                    notional: price.times(quantity).unwrap(),
                    fee: Amount::ZERO,
                    quote,
                },
                model: FillModel::V1,
                source: QuoteSource::CoinGecko,
            }],
            realised: Some(Amount::from_units(-7).unwrap()),
            created_us: 1,
            updated_us: 2,
        };
        let body = encode(&record).unwrap();
        let hexadecimal: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hexadecimal,
            "010100040342544300c08db70101c80101046d696e650180c0e1ccf1e802c08db7018088dbf3b4050080c0e1ccf1e80280c0e1ccf1e802c08db701c08db70180c0e1ccf1e80209060001010d0204"
        );
        assert_eq!(decode::<OrderRecord>(&body).unwrap(), record);
    }
}
