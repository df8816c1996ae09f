//! Parsing of requests into terms of the domain: texts become numbers and enums here and nowhere else. The
//! server parses received requests, the browser those it is about to send. The domain decides which values
//! are allowed.

mod figure;

use cnop_domain::{
    AssetId, GroupKind, Link, NewOrder, OrderTerms, OrderType, Quantity, Revision, Role, Side,
    SidedOrderType, Size, TimeInForce, TimeInForceKind, TradingRules, Trail,
};

pub use figure::{amount_read, price_read, quantity_read};

use super::{GroupLeg, OrderGroupRequest, OrderReplaceRequest, OrderRequest};
use crate::refusal::unknown_asset;
use crate::{Code, FieldError, Problem};

/// Longest client order id.
const CLIENT_ORDER_ID_CHARACTERS_MAX: usize = 64;

/// Message for an unknown order type.
const TYPES: &str =
    "The type must be market, limit, stop, stop_limit, take_profit, take_profit_limit or trailing_stop.";

/// The assets that a request may name.
pub trait Assets {
    /// The trading rules of an asset; none for an asset that is not among them.
    fn rules(&self, asset_id: AssetId) -> Option<TradingRules>;
}

/// The asset that a request names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownAsset {
    /// Id of the asset.
    pub asset_id: AssetId,
    /// Trading rules of the asset.
    pub rules: TradingRules,
}

/// A request with well-formed fields.
#[derive(Debug)]
pub struct Parsed {
    /// One order, or those of a group.
    pub orders: Vec<NewOrder>,
    /// Position of each order in the request of a group; empty for a single order.
    pub legs: Vec<GroupLeg>,
    /// The asset of all of them.
    pub asset: KnownAsset,
    /// The client order id of the first order.
    pub client_order_id: Option<Box<str>>,
}

/// Reads the request of one order, or of one with its exits.
///
/// # Errors
/// `request.invalid` with every field that cannot be read; `order.group_invalid` for an odd number of orders.
pub fn parse_order(request: &OrderRequest, assets: &dyn Assets) -> Result<Parsed, Problem> {
    if let Some(kind) = request.group_kind() {
        return group(kind, request.legs(), assets);
    }
    let (terms, asset, client_order_id) = one(request, assets, true).map_err(Problem::invalid)?;
    Ok(Parsed { orders: vec![NewOrder::single(terms)], legs: Vec::new(), asset, client_order_id })
}

/// Reads the request of a group.
///
/// # Errors
/// As [`parse_order`].
pub fn parse_group(request: &OrderGroupRequest, assets: &dyn Assets) -> Result<Parsed, Problem> {
    let kind = GroupKind::from_text(&request.kind).ok_or_else(|| no_such_group(&request.kind))?;
    if kind == GroupKind::Oco && request.entry.is_some() {
        return Err(Problem::new(Code::OrderGroupInvalid, shape(kind)));
    }
    group(kind, request.legs(), assets)
}

fn no_such_group(kind: &str) -> Problem {
    let error = FieldError::new("kind", "one_of", "The kind must be oco, oto or bracket.");
    Problem::invalid(vec![error.given(kind)])
}

/// Message about the legs of a group.
const fn shape(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Oco => "An OCO has take_profit and stop_loss, and no entry.",
        GroupKind::Oto => "An OTO has an entry and one exit: take_profit or stop_loss.",
        GroupKind::Bracket => "A bracket has an entry and both exits: take_profit and stop_loss.",
    }
}

fn group(kind: GroupKind, legs: Vec<GroupLeg>, assets: &dyn Assets) -> Result<Parsed, Problem> {
    let wanted = if kind == GroupKind::Bracket { 3 } else { 2 };
    if legs.len() != wanted {
        return Err(Problem::new(Code::OrderGroupInvalid, shape(kind)));
    }
    let mut errors: Vec<FieldError> = Vec::new();
    let mut orders = Vec::with_capacity(legs.len());
    let mut shared = None;
    for leg in &legs {
        let role = leg.role;
        // An exit without a size sells what the entry buys.
        match one(&leg.order, assets, role == Role::Entry || kind == GroupKind::Oco) {
            Ok((terms, asset, client_order_id)) => {
                orders.push(NewOrder { terms, link: Some(Link { kind, role }) });
                let first = shared.get_or_insert((asset, None));
                first.1 = first.1.take().or(client_order_id);
            }
            Err(faults) => {
                errors.extend(faults.into_iter().map(|fault| leg.locate(fault)));
                errors.dedup();
            }
        }
    }
    match shared {
        Some((asset, client_order_id)) if errors.is_empty() => {
            Ok(Parsed { orders, legs, asset, client_order_id })
        }
        _ => Err(Problem::invalid(errors)),
    }
}

type One = (OrderTerms, KnownAsset, Option<Box<str>>);

/// Parses one order of a request.
fn one(request: &OrderRequest, assets: &dyn Assets, needs_size: bool) -> Result<One, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut keep = |error: FieldError| errors.push(error);
    let kind = kind_read(request).map_err(&mut keep).ok();
    let asset = asset_read(&request.asset_id, assets).map_err(&mut keep).ok();
    let rules = asset.as_ref().map(|asset| &asset.rules);
    let has_size = request.quantity.is_some() || request.quote_quantity.is_some();
    let size = if needs_size || has_size {
        size_read(request, rules).map_err(&mut keep).ok()
    } else {
        Some(Size::Base(Quantity::ZERO))
    };
    let limit = request.price.as_ref().map(|figure| price_read("price", figure, rules)).transpose();
    let limit = limit.map_err(&mut keep).ok().flatten();
    let stop = request.stop_price.as_ref().map(|figure| price_read("stop_price", figure, rules)).transpose();
    let stop = stop.map_err(&mut keep).ok().flatten();
    let trail = trail_read(request, rules).map_err(&mut keep).ok().flatten();
    let client_order_id = request.client_order_id.as_deref().map(client_order_id_read).transpose();
    let client_order_id = client_order_id.map_err(&mut keep).ok().flatten();
    let time_in_force = kind
        .map(|(order_type, _)| time_in_force_read(request, order_type))
        .transpose()
        .map_err(&mut keep)
        .ok()
        .flatten();
    match (kind, asset, size, time_in_force) {
        (Some((order_type, side)), Some(asset), Some(size), Some(time_in_force)) if errors.is_empty() => {
            let (quantity, quote_quantity) = match size {
                Size::Base(quantity) => (quantity, None),
                Size::Quote(amount) => (Quantity::ZERO, Some(amount)),
            };
            let terms = OrderTerms {
                asset_id: asset.asset_id,
                side,
                order_type,
                quantity,
                quote_quantity,
                limit,
                stop,
                trail,
                time_in_force,
                post_only: request.post_only,
            };
            Ok((terms, asset, client_order_id))
        }
        _ => Err(errors),
    }
}

/// Parses a change of an order of an asset with these rules.
///
/// # Errors
/// `request.invalid` with every field that cannot be parsed.
pub fn parse_replace(
    request: &OrderReplaceRequest,
    rules: Option<&TradingRules>,
) -> Result<Revision, Problem> {
    if request.is_empty() {
        let detail = "Say what to change: quantity, price, stop_price, trail_bps, trail_amount, expires_at or post_only.";
        return Err(Problem::new(Code::RequestInvalid, detail));
    }
    let mut errors = Vec::new();
    let mut keep = |error: FieldError| errors.push(error);
    let quantity = request.quantity.as_ref().map(|figure| quantity_read(figure, rules)).transpose();
    let quantity = quantity.map_err(&mut keep).ok().flatten();
    let limit = request.price.as_ref().map(|figure| price_read("price", figure, rules)).transpose();
    let limit = limit.map_err(&mut keep).ok().flatten();
    let stop = request.stop_price.as_ref().map(|figure| price_read("stop_price", figure, rules)).transpose();
    let stop = stop.map_err(&mut keep).ok().flatten();
    let as_order = OrderRequest {
        trail_bps: request.trail_bps,
        trail_amount: request.trail_amount.clone(),
        ..OrderRequest::default()
    };
    let trail = trail_read(&as_order, rules).map_err(&mut keep).ok().flatten();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    Ok(Revision {
        quantity,
        limit,
        stop,
        trail,
        expires_us: request.expires_at.map(|end| end.map(|time| time.0)),
        post_only: request.post_only,
        mark: None,
    })
}

fn trail_read(request: &OrderRequest, rules: Option<&TradingRules>) -> Result<Option<Trail>, FieldError> {
    match (request.trail_bps, &request.trail_amount) {
        (Some(_), Some(_)) => {
            let detail = "Send either trail_bps or trail_amount, not both.";
            Err(FieldError::new("trail_bps", "contradiction", detail))
        }
        (Some(points), None) => Ok(Some(Trail::BasisPoints(points))),
        (None, Some(figure)) => price_read("trail_amount", figure, rules).map(|it| Some(Trail::Amount(it))),
        (None, None) => Ok(None),
    }
}

fn time_in_force_read(request: &OrderRequest, order_type: OrderType) -> Result<TimeInForce, FieldError> {
    let expires = |time_in_force: TimeInForce| match request.expires_at {
        None => Ok(time_in_force),
        Some(_) => Err(FieldError::new(
            "expires_at",
            "contradiction",
            format!("Only gtd has expires_at, not {time_in_force}."),
        )),
    };
    let kind = match request.time_in_force.as_deref() {
        Some(text) => Some(TimeInForceKind::from_text(text).ok_or_else(|| {
            let detail = "The time_in_force must be gtc, gtd, ioc or fok.";
            FieldError::new("time_in_force", "one_of", detail).given(text)
        })?),
        None => None,
    };
    match (kind, request.expires_at) {
        (None, None) if order_type == OrderType::Market => Ok(TimeInForce::Ioc),
        (None, None) => Ok(TimeInForce::Gtc),
        (None | Some(TimeInForceKind::Gtd), Some(time)) => Ok(TimeInForce::Gtd { expires_us: time.0 }),
        (Some(TimeInForceKind::Gtd), None) => Err(FieldError::new(
            "expires_at",
            "required",
            "An order that is good till a date needs expires_at.",
        )),
        (Some(TimeInForceKind::Gtc), _) => expires(TimeInForce::Gtc),
        (Some(TimeInForceKind::Ioc), _) => expires(TimeInForce::Ioc),
        (Some(TimeInForceKind::Fok), _) => expires(TimeInForce::Fok),
    }
}

fn kind_read(request: &OrderRequest) -> Result<(OrderType, Side), FieldError> {
    let joined = match request.order_type.as_deref() {
        Some(text) => Some(text.parse::<SidedOrderType>().map_err(|_| {
            let detail =
                "The order_type must be a type and a side, as market_buy, limit_sell or trailing_stop_sell.";
            FieldError::new("order_type", "one_of", detail).given(text)
        })?),
        None => None,
    };
    let side =
        match request.side.as_deref() {
            Some(text) => Some(Side::from_text(text).ok_or_else(|| {
                FieldError::new("side", "one_of", "The side must be buy or sell.").given(text)
            })?),
            None => None,
        };
    let order_type = match request.kind.as_deref() {
        Some(text) => Some(
            OrderType::from_text(text).ok_or_else(|| FieldError::new("type", "one_of", TYPES).given(text))?,
        ),
        None => None,
    };
    match (joined, order_type, side) {
        (Some(SidedOrderType { order_type: joined_type, side: joined_side }), order_type, side) => {
            if side.is_some_and(|side| side != joined_side)
                || order_type.is_some_and(|order_type| order_type != joined_type)
            {
                let detail =
                    "The order_type contradicts side or type. Send either order_type, or side and type.";
                return Err(FieldError::new("order_type", "contradiction", detail));
            }
            Ok((joined_type, joined_side))
        }
        (None, Some(order_type), Some(side)) => Ok((order_type, side)),
        (None, None, Some(side)) => Ok((OrderType::Market, side)),
        (None, _, None) => {
            let detail = "Say what to do: order_type (market_buy and so on), or side and type.";
            Err(FieldError::new("order_type", "required", detail))
        }
    }
}

/// Reads the asset of a request.
///
/// # Errors
/// The fault of `asset_id`.
pub fn asset_read(text: &str, assets: &dyn Assets) -> Result<KnownAsset, FieldError> {
    let asset_id: AssetId = text.parse().map_err(|_| {
        let detail = "The asset_id must be 1 to 10 letters or digits, such as BTC.";
        FieldError::new("asset_id", "asset_id", detail)
    })?;
    let rules = assets.rules(asset_id).ok_or_else(|| {
        FieldError::new("asset_id", "known_asset", unknown_asset(asset_id)).given(asset_id.to_string())
    })?;
    Ok(KnownAsset { asset_id, rules })
}

fn size_read(request: &OrderRequest, rules: Option<&TradingRules>) -> Result<Size, FieldError> {
    match (&request.quantity, &request.quote_quantity) {
        (Some(quantity), None) => quantity_read(quantity, rules).map(Size::Base),
        (None, Some(amount)) => amount_read("quote_quantity", amount).map(Size::Quote),
        (None, None) => {
            let detail = "Say how much: quantity in coins, or quote_quantity in USD.";
            Err(FieldError::new("quantity", "required", detail))
        }
        (Some(_), Some(_)) => {
            let detail = "Send either quantity or quote_quantity, not both.";
            Err(FieldError::new("quantity", "contradiction", detail))
        }
    }
}

/// Reads a client order id.
///
/// # Errors
/// The fault of `client_order_id`.
pub fn client_order_id_read(text: &str) -> Result<Box<str>, FieldError> {
    if (1..=CLIENT_ORDER_ID_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
    {
        Ok(text.into())
    } else {
        let detail = "The client_order_id must be 1 to 64 visible ASCII characters.";
        Err(FieldError::new("client_order_id", "client_order_id", detail))
    }
}

#[cfg(test)]
mod tests;
