//! Order groups: OCO, OTO and bracket.

use cnop_domain::{GroupId, GroupKind, OrderType, Role, Side};
use serde::{Deserialize, Serialize};

use super::{OrderRequest, OrderView, StopLossRequest, TakeProfitRequest};
use crate::{FieldError, Figure, Timestamp};

/// Body of `POST /order-groups`. An `oco` has `take_profit` and `stop_loss`, two orders of the given side. An
/// `oto` has a purchase and one of the two as its exit. A `bracket` has a purchase and both.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderGroupRequest {
    /// `oco`, `oto` or `bracket`.
    #[cfg_attr(feature = "openapi", schema(value_type = GroupKind))]
    pub kind: String,
    /// The asset, in any case.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 10, pattern = "^[A-Za-z0-9]+$"))]
    pub asset_id: String,
    /// `buy` or `sell`: of both orders of an OCO, of the entry else, which must be `buy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Side>))]
    pub side: Option<String>,
    /// Coins of each order, a multiple of the step size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Figure>,
    /// Dollars to spend on the entry, without the fee, instead of `quantity`; not for an OCO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_quantity: Option<Figure>,
    /// Of both orders of an OCO (`gtc` or `gtd`), of the entry else. Exits of an entry live until canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<cnop_domain::TimeInForceKind>))]
    pub time_in_force: Option<String>,
    /// Expiry of a `gtd` order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Client's own id for the entry, or for the take-profit of an OCO. Unique in the account forever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$"))]
    pub client_order_id: Option<String>,
    /// The purchase of an OTO or a bracket; at market when left out. Not for an OCO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryRequest>,
    /// The order on the profitable side of the last price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_profit: Option<TakeProfitRequest>,
    /// The order on the other side of the last price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_loss: Option<StopLossRequest>,
}

/// The purchase of an OTO or a bracket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryRequest {
    /// Type of the entry: `market` or `limit`. If omitted, it follows from `price`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<OrderType>))]
    pub kind: Option<String>,
    /// Limit of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Figure>,
    /// Refuse the group when the entry would fill at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub post_only: bool,
}

/// One order of a group, as if it had been sent alone.
#[derive(Debug, Clone)]
pub struct GroupLeg {
    /// `entry`, `take_profit` or `stop_loss`: its role, and the member of the group's request that describes it.
    pub role: Role,
    /// Order of the leg. An exit has no quantity when the entry is by value: it sells what the entry buys.
    pub order: OrderRequest,
    own: &'static [&'static str],
}

impl GroupLeg {
    /// A leg whose members are all at the top level of the request.
    pub(super) const fn bare(role: Role, order: OrderRequest) -> Self {
        Self { role, order, own: &[] }
    }

    /// A fault of this order with the pointer into the whole request (`#/stop_loss/price`). Members that all orders of
    /// a group share keep theirs (`#/quantity`).
    #[must_use]
    pub fn locate(&self, error: FieldError) -> FieldError {
        match error.member().filter(|member| self.own.contains(member)) {
            Some(member) => FieldError { pointer: Some(format!("#/{}/{member}", self.role)), ..error },
            None => error,
        }
    }
}

/// Members of a leg's order that come from the leg's own object.
const ENTRY_MEMBERS: &[&str] = &["type", "price", "post_only"];
/// Like [`ENTRY_MEMBERS`], for the take-profit.
const TAKE_PROFIT_MEMBERS: &[&str] = &["price"];
/// Like [`ENTRY_MEMBERS`], for the stop-loss.
const STOP_LOSS_MEMBERS: &[&str] = &["stop_price", "price", "trail_bps", "trail_amount"];

impl OrderRequest {
    /// Its orders as single requests: itself without its exits, then take-profit, then stop-loss.
    #[must_use]
    pub fn legs(&self) -> Vec<GroupLeg> {
        let joined = || self.order_type.as_deref()?.rsplit_once('_').map(|(_, side)| side);
        let exit = OrderRequest {
            side: self.side.as_deref().or_else(joined).map(opposite),
            asset_id: self.asset_id.clone(),
            quantity: self.quantity.clone(),
            ..Self::default()
        };
        let entry = Self { take_profit: None, stop_loss: None, ..self.clone() };
        let exits = exit_legs(&exit, self.take_profit.as_ref(), self.stop_loss.as_ref());
        std::iter::once(GroupLeg::bare(Role::Entry, entry)).chain(exits).collect()
    }
}

impl OrderGroupRequest {
    /// The legs as single requests: entry first, then take-profit, then stop-loss. An OCO has no entry.
    /// Does not check that the legs fit the kind.
    #[must_use]
    pub fn legs(&self) -> Vec<GroupLeg> {
        let shared = OrderRequest {
            asset_id: self.asset_id.clone(),
            quantity: self.quantity.clone(),
            ..OrderRequest::default()
        };
        let is_oco = GroupKind::from_text(&self.kind) == Some(GroupKind::Oco);
        let first = OrderRequest {
            side: self.side.clone().or_else(|| (!is_oco).then(|| Side::Buy.to_string())),
            quote_quantity: self.quote_quantity.clone(),
            time_in_force: self.time_in_force.clone(),
            expires_at: self.expires_at,
            ..shared.clone()
        };
        let (take_profit, stop_loss) = (self.take_profit.as_ref(), self.stop_loss.as_ref());
        if is_oco {
            let mut legs = exit_legs(&first, take_profit, stop_loss);
            if let Some(leg) = legs.first_mut() {
                leg.order.client_order_id.clone_from(&self.client_order_id);
            }
            return legs;
        }
        let exit = OrderRequest { side: first.side.as_deref().map(opposite), ..shared };
        let exits = exit_legs(&exit, take_profit, stop_loss);
        std::iter::once(self.entry_leg(first)).chain(exits).collect()
    }

    fn entry_leg(&self, first: OrderRequest) -> GroupLeg {
        let EntryRequest { kind, price, post_only } = self.entry.clone().unwrap_or_default();
        let implied = if price.is_some() { OrderType::Limit } else { OrderType::Market };
        let order = OrderRequest {
            kind: kind.or_else(|| Some(implied.to_string())),
            price,
            post_only,
            client_order_id: self.client_order_id.clone(),
            ..first
        };
        GroupLeg { role: Role::Entry, order, own: ENTRY_MEMBERS }
    }
}

/// The requested exits, with their shared members.
fn exit_legs(
    shared: &OrderRequest,
    take_profit: Option<&TakeProfitRequest>,
    stop_loss: Option<&StopLossRequest>,
) -> Vec<GroupLeg> {
    let take_profit = take_profit.map(|leg| GroupLeg {
        role: Role::TakeProfit,
        order: OrderRequest {
            kind: Some(OrderType::Limit.to_string()),
            price: Some(leg.price.clone()),
            ..shared.clone()
        },
        own: TAKE_PROFIT_MEMBERS,
    });
    let stop_loss = stop_loss.map(|leg| GroupLeg {
        role: Role::StopLoss,
        order: OrderRequest {
            kind: Some(leg.kind().to_string()),
            stop_price: leg.stop_price.clone(),
            price: leg.price.clone(),
            trail_bps: leg.trail_bps,
            trail_amount: leg.trail_amount.clone(),
            ..shared.clone()
        },
        own: STOP_LOSS_MEMBERS,
    });
    take_profit.into_iter().chain(stop_loss).collect()
}

/// The side of an exit; a word that is no side stays, to be refused by its name.
fn opposite(side: &str) -> String {
    Side::from_text(side).map_or_else(|| side.to_owned(), |side| side.opposite().to_string())
}

/// Orders that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderGroupView {
    /// The group's id, the same in each of its orders.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub group_id: GroupId,
    /// `oco`, `oto` or `bracket`.
    pub kind: GroupKind,
    /// Its orders: the entry first, then take-profit, then stop-loss.
    pub orders: Vec<OrderView>,
}
