//! An order with its fills.

use cnop_domain::{
    Amount, AssetId, Basis, Currency, Fill, FillContext, GroupKind, OrderFill, OrderId, OrderState,
    OrderStatus, OrderTerms, OrderType, Price, Quantity, QuoteSource, Side, TimeInForce,
};
use serde::{Deserialize, Serialize};

use super::codec::{Record, exact, unknown_schema};
use crate::error::Result;

/// `O#order`: the order as it is. Its id is in its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    /// Terms, status and sums over fills.
    pub(crate) state: OrderState,
    /// Currency of the price.
    pub(crate) quote_asset: Currency,
    pub(crate) client_order_id: Option<Box<str>>,
    pub(crate) group: Option<GroupRecord>,
    pub(crate) fills: Vec<FillRecord>,
    pub(crate) created_us: i64,
    pub(crate) updated_us: i64,
    /// Time at which its trigger was reached.
    pub(crate) triggered_us: Option<i64>,
    /// Time of its end.
    pub(crate) closed_us: Option<i64>,
    /// Its place in time among orders of the same price: when it was accepted, activated, triggered or last changed by
    /// its owner.
    pub(crate) since_us: i64,
}

/// The group that an order belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupRecord {
    pub(crate) kind: GroupKind,
    /// All its orders: an entry first, then take-profit, then stop-loss.
    pub(crate) members: Vec<OrderId>,
}

/// A fill, the rules that made it and where its quote came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FillRecord {
    pub(crate) fill: OrderFill,
    pub(crate) model: FillModel,
    pub(crate) source: QuoteSource,
    /// Time in µs since 1970.
    pub(crate) time_us: i64,
    /// The order's limit at that moment.
    pub(crate) limit: Option<Price>,
    /// The order's whole size at that moment.
    pub(crate) ordered: Quantity,
}

/// The rules of a fill and their inputs. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FillModel {
    /// As stored before the displayed size was recorded.
    V1,
    /// The same rules, with their inputs.
    V1Seen(FillContext),
}

impl FillModel {
    pub(crate) fn of(seen: Option<FillContext>) -> Self {
        seen.map_or(Self::V1, Self::V1Seen)
    }

    pub(crate) const fn seen(&self) -> Option<&FillContext> {
        match self {
            Self::V1 => None,
            Self::V1Seen(seen) => Some(seen),
        }
    }
}

/// An order as it was stored when there were market orders only.
#[derive(Debug, Deserialize)]
struct FirstOrder {
    side: Side,
    order_type: OrderType,
    status: OrderStatus,
    asset_id: AssetId,
    quote_asset: Currency,
    quantity: Quantity,
    quote_quantity: Option<Amount>,
    client_order_id: Option<Box<str>>,
    fills: Vec<FirstFill>,
    realised: Option<Amount>,
    created_us: i64,
    updated_us: i64,
}

#[derive(Debug, Deserialize)]
struct FirstFill {
    fill: Fill,
    model: FillModel,
    source: QuoteSource,
}

impl Record for OrderRecord {
    const SCHEMA: u8 = 2;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            1 => exact::<FirstOrder>(bytes).map(Self::from),
            Self::SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}

impl From<FirstOrder> for OrderRecord {
    fn from(first: FirstOrder) -> Self {
        let terms = OrderTerms {
            asset_id: first.asset_id,
            side: first.side,
            order_type: first.order_type,
            quantity: first.quantity,
            quote_quantity: first.quote_quantity,
            limit: None,
            stop: None,
            trail: None,
            time_in_force: TimeInForce::Ioc,
            post_only: false,
        };
        let sum = |figure: fn(&Fill) -> Amount| {
            first.fills.iter().fold(Amount::ZERO, |sum, record| {
                sum.checked_add(figure(&record.fill)).unwrap_or(Amount::MAX)
            })
        };
        let (notional, fees) = (sum(|fill| fill.notional), sum(|fill| fill.fee));
        let state = OrderState {
            status: first.status,
            filled: first.quantity,
            notional,
            fees,
            fills: u32::try_from(first.fills.len()).unwrap_or(u32::MAX),
            realised: first.realised.unwrap_or(Amount::ZERO),
            version: 1,
            ..OrderState::new(terms, None, 0)
        };
        let venue_fill = |record: &FirstFill| FillRecord {
            fill: OrderFill { fill: record.fill, basis: Basis::Venue },
            model: record.model,
            source: record.source,
            time_us: first.created_us,
            limit: None,
            ordered: first.quantity,
        };
        Self {
            state,
            quote_asset: first.quote_asset,
            client_order_id: first.client_order_id,
            group: None,
            fills: first.fills.iter().map(venue_fill).collect(),
            created_us: first.created_us,
            updated_us: first.updated_us,
            triggered_us: None,
            closed_us: Some(first.updated_us),
            since_us: first.created_us,
        }
    }
}

impl OrderRecord {
    /// Notional ÷ quantity of its fills, rounded down; exact for one fill.
    pub(crate) fn average_price(&self) -> Option<Price> {
        average(self.state.notional, self.state.filled)
    }
}

/// Value ÷ coins, rounded down.
pub(crate) fn average(notional: Amount, filled: Quantity) -> Option<Price> {
    let units = notional.units().checked_mul(cnop_domain::UNITS_PER_WHOLE)?.checked_div(filled.units())?;
    Price::from_units(units).ok()
}

#[cfg(test)]
mod tests {
    use cnop_domain::{Link, Quote, Reason, Role};

    use super::*;
    use crate::records::{decode, encode};

    fn fill() -> Fill {
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
        Fill { price, quantity, notional: price.times(quantity).unwrap(), fee: Amount::ZERO, quote }
    }

    #[test]
    fn the_first_schema_stays_readable() {
        let body = hex::decode("010100040342544300c08db70101c80101046d696e650180c0e1ccf1e802c08db7018088dbf3b4050080c0e1ccf1e80280c0e1ccf1e802c08db701c08db70180c0e1ccf1e80209060001010d0204").unwrap();
        let record: OrderRecord = decode(&body).unwrap();
        let terms = &record.state.terms;
        assert_eq!(
            (terms.side, terms.order_type, terms.asset_id.as_str()),
            (Side::Sell, OrderType::Market, "BTC")
        );
        assert_eq!(record.state.status, OrderStatus::Completed);
        assert_eq!(record.client_order_id.as_deref(), Some("mine"));
        assert_eq!((record.created_us, record.updated_us, record.closed_us), (1, 2, Some(2)));
        assert_eq!(record.fills.len(), 1);
        assert_eq!((record.fills[0].fill.fill, record.fills[0].fill.basis), (fill(), Basis::Venue));
        assert_eq!((record.state.filled, record.state.notional), (fill().quantity, fill().notional));
        assert_eq!(record.state.realised, Amount::from_units(-7).unwrap());
    }

    #[test]
    fn the_stored_form_stays() {
        let quantity = fill().quantity;
        let terms = OrderTerms {
            asset_id: "BTC".parse().unwrap(),
            side: Side::Sell,
            order_type: OrderType::StopLimit,
            quantity,
            quote_quantity: None,
            limit: Some(fill().price),
            stop: Some(fill().price),
            trail: None,
            time_in_force: TimeInForce::Gtd { expires_us: 77 },
            post_only: false,
        };
        let link = Link { kind: GroupKind::Oco, role: Role::StopLoss };
        let state = OrderState {
            status: OrderStatus::Canceled,
            reason: Some(Reason::OcoSibling),
            version: 3,
            ..OrderState::new(terms, Some(link), 10)
        };
        let record = OrderRecord {
            state,
            quote_asset: Currency::Usd,
            client_order_id: None,
            group: Some(GroupRecord {
                kind: GroupKind::Oco,
                members: vec![OrderId::from_bits(5), OrderId::from_bits(6)],
            }),
            fills: vec![FillRecord {
                fill: OrderFill { fill: fill(), basis: Basis::Maker },
                model: FillModel::V1,
                source: QuoteSource::CoinGecko,
                time_us: 4,
                limit: Some(fill().price),
                ordered: quantity,
            }],
            created_us: 1,
            updated_us: 2,
            triggered_us: Some(2),
            closed_us: Some(3),
            since_us: 2,
        };
        let body = encode(&record).unwrap();
        assert_eq!(
            hex::encode(&body),
            "02034254430103c08db701000180c0e1ccf1e8020180c0e1ccf1e80200039a0100050101030a00000000000000000180c0e1ccf1e80201000200000001000205060180c0e1ccf1e802c08db7018088dbf3b4050080c0e1ccf1e80280c0e1ccf1e802c08db701c08db70180c0e1ccf1e8020906020001080180c0e1ccf1e802c08db70102040104010604"
        );
        assert_eq!(decode::<OrderRecord>(&body).unwrap(), record);
    }

    #[test]
    fn a_fill_keeps_its_quote_and_older_fills_without_one_stay_readable() {
        let record = |model| FillRecord {
            fill: OrderFill { fill: fill(), basis: Basis::Maker },
            model,
            source: QuoteSource::CoinGecko,
            time_us: 4,
            limit: None,
            ordered: fill().quantity,
        };
        let step_size = Quantity::from_units(1_000).unwrap();
        let seen = |displayed_left| FillContext { displayed_left, tick_size: fill().price, step_size };
        let given = "80c0e1ccf1e802c08db7018088dbf3b4050080c0e1ccf1e80280c0e1ccf1e802c08db701c08db70180c0e1ccf1e802090602";
        for (model, stored) in [
            (FillModel::V1, "00"),
            (FillModel::V1Seen(seen(Some(fill().quantity))), "0101c08db70180c0e1ccf1e802d00f"),
            (FillModel::V1Seen(seen(None)), "010080c0e1ccf1e802d00f"),
        ] {
            let body = hex::decode(format!("{given}{stored}010800c08db701")).unwrap();
            assert_eq!(postcard::to_allocvec(&record(model)).unwrap(), body);
            assert_eq!(exact::<FillRecord>(&body).unwrap(), record(model));
        }
    }
}
