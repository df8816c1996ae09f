//! The API views of orders, groups and fills.

use cnop_api::Timestamp;
use cnop_api::trading::{
    AssetTransaction, AssetTransactionStatus, FillView, GroupMembership, OrderGroupView, OrderView, Reserved,
};
use cnop_domain::{Currency, FILL_MODEL, Fill, OrderId, OrderState, Price, Side, SidedOrderType, Trail};

use crate::records::{FillModel, FillRecord, OrderRecord, average};

impl FillRecord {
    /// The fill with its number, 1 for an order's first.
    pub(crate) fn view(&self, number: u32) -> FillView {
        let Fill { price, quantity, notional, fee, quote } = self.fill.fill;
        let fill_model = match self.model {
            FillModel::V1 | FillModel::V1Seen(_) => FILL_MODEL,
        };
        FillView {
            number,
            basis: self.fill.basis,
            price,
            quantity,
            notional,
            fee,
            filled_at: Some(Timestamp(self.time_us)),
            fill_model: fill_model.to_owned(),
            quote_seq: quote.seq,
            quote_bid: quote.bid,
            quote_ask: quote.ask,
            quote_bid_size: Some(quote.bid_size),
            quote_ask_size: Some(quote.ask_size),
            quote_last: Some(quote.last),
            quote_time: Timestamp(quote.time_us),
            quote_source: self.source,
        }
    }
}

impl OrderRecord {
    pub(crate) fn fill_views(&self) -> Vec<FillView> {
        (1..).zip(&self.fills).map(|(number, fill)| fill.view(number)).collect()
    }

    /// The order as it is.
    pub(crate) fn view(&self, order_id: OrderId) -> OrderView {
        let state = &self.state;
        let terms = &state.terms;
        let average_price = average(state.notional, state.filled);
        let is_open = !state.status.is_final();
        let (trail_bps, trail_amount) = trail_parts(terms.trail);
        OrderView {
            order_id,
            order_type: SidedOrderType { order_type: terms.order_type, side: terms.side },
            side: terms.side,
            kind: terms.order_type,
            asset_id: terms.asset_id,
            quote_asset: match self.quote_asset {
                Currency::Usd => "USD".to_owned(),
                Currency::Asset(asset_id) => asset_id.to_string(),
            },
            quantity: terms.quantity,
            quote_quantity: terms.quote_quantity,
            price: terms.limit.or(average_price).unwrap_or_default(),
            stop_price: terms.stop,
            trigger_price: state.trigger,
            mark_price: state.mark,
            trail_bps,
            trail_amount,
            time_in_force: terms.time_in_force.kind(),
            expires_at: terms.time_in_force.expires_us().map(Timestamp),
            post_only: terms.post_only,
            status: state.status,
            status_reason: state.reason,
            version: state.version,
            total_amount: state.notional,
            filled_quantity: state.filled,
            remaining_quantity: if is_open { state.remaining() } else { cnop_domain::Quantity::ZERO },
            average_price,
            fees: state.fees,
            realised_profit: (terms.side == Side::Sell && !state.filled.is_zero()).then_some(state.realised),
            reserved: reserved(state),
            group: self.membership(order_id),
            client_order_id: self.client_order_id.as_deref().map(str::to_owned),
            fills: self.fill_views(),
            created_at: Timestamp(self.created_us),
            updated_at: Timestamp(self.updated_us),
            triggered_at: self.triggered_us.map(Timestamp),
            closed_at: self.closed_us.map(Timestamp),
        }
    }

    fn membership(&self, own: OrderId) -> Option<GroupMembership> {
        let group = self.group.as_ref()?;
        Some(GroupMembership {
            group_id: group.members.first()?.group_id(),
            kind: group.kind,
            role: self.state.link?.role,
            others: group.members.iter().copied().filter(|member| *member != own).collect(),
        })
    }

    /// The order as one of its events left it.
    pub(crate) fn view_after(&self, order_id: OrderId, after: &OrderState, time_us: i64) -> OrderView {
        let mut then = self.clone();
        then.state = *after;
        then.fills.truncate(usize::try_from(after.fills).unwrap_or(usize::MAX));
        then.updated_us = time_us;
        then.triggered_us = then.triggered_us.filter(|triggered_us| *triggered_us <= time_us);
        then.closed_us = then.closed_us.filter(|_| after.status.is_final());
        then.view(order_id)
    }

    pub(crate) fn transaction(&self, order_id: OrderId) -> AssetTransaction {
        AssetTransaction {
            asset_id: self.state.terms.asset_id,
            transaction_type: self.state.terms.side.into(),
            quantity: self.state.filled,
            price: self.average_price().unwrap_or_default(),
            status: AssetTransactionStatus::Completed,
            timestamp: Timestamp(self.fills.last().map_or(self.updated_us, |fill| fill.time_us)),
            order_id,
            fee: self.state.fees,
        }
    }
}

/// Basis points and dollars of a trailing distance.
pub(crate) fn trail_parts(trail: Option<Trail>) -> (Option<u32>, Option<Price>) {
    match trail {
        Some(Trail::BasisPoints(points)) => (Some(points), None),
        Some(Trail::Amount(distance)) => (None, Some(distance)),
        None => (None, None),
    }
}

/// Reserve of an order.
pub(super) fn reserved(state: &OrderState) -> Option<Reserved> {
    if !state.reserved_cash.is_zero() {
        let amount = state.reserved_cash.to_string();
        return Some(Reserved { currency: "USD".to_owned(), amount });
    }
    let amount = state.reserved_coins;
    (!amount.is_zero())
        .then(|| Reserved { currency: state.terms.asset_id.to_string(), amount: amount.to_string() })
}

/// A group of orders.
pub(crate) fn group_view(orders: &[(OrderId, OrderRecord)]) -> Option<OrderGroupView> {
    let group = orders.first()?.1.group.as_ref()?;
    Some(OrderGroupView {
        group_id: group.members.first()?.group_id(),
        kind: group.kind,
        orders: orders.iter().map(|(order_id, record)| record.view(*order_id)).collect(),
    })
}
