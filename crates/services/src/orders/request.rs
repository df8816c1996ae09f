//! From the wire to terms: texts become numbers and words here and nowhere else. What they must be is the domain's to
//! say.

mod figure;

use cnop_api::trading::{GroupLeg, OrderGroupRequest, OrderReplaceRequest, OrderRequest};
use cnop_api::{Code, FieldError, Problem};
use cnop_domain::{
    AssetId, GroupKind, Link, NewOrder, OrderTerms, OrderType, Quantity, Revision, Role, Side, Size,
    TimeInForce, Trail,
};
use cnop_market::{Catalogue, CatalogueAsset};

pub(crate) use figure::{amount_read, price_read, quantity_read};

use crate::{Error, Result};

/// Longest client order id.
const CLIENT_ORDER_ID_CHARACTERS_MAX: usize = 64;

/// What the type of an order can be.
const TYPES: &str =
    "The type must be market, limit, stop, stop_limit, take_profit, take_profit_limit or trailing_stop.";

/// A request whose fields are all well-formed.
#[derive(Debug)]
pub(super) struct Parsed<'a> {
    /// One order, or those of a group.
    pub(super) orders: Vec<NewOrder>,
    /// Where each of them stands in the request of a group. Empty for a single order.
    pub(super) legs: Vec<GroupLeg>,
    pub(super) asset: &'a CatalogueAsset,
    /// Of the first order.
    pub(super) client_order_id: Option<Box<str>>,
}

/// Reads the request of one order, or of one with its exits.
pub(super) fn parse<'a>(request: &OrderRequest, catalogue: &'a Catalogue) -> Result<Parsed<'a>> {
    if let Some(kind) = request.group_kind() {
        let kind = GroupKind::from_text(kind).ok_or_else(|| no_such_group(kind))?;
        return group(kind, request.legs(), catalogue);
    }
    let (terms, asset, client_order_id) = one(request, catalogue, true).map_err(Error::Invalid)?;
    Ok(Parsed { orders: vec![NewOrder::single(terms)], legs: Vec::new(), asset, client_order_id })
}

/// Reads the request of a group.
pub(super) fn parse_group<'a>(request: &OrderGroupRequest, catalogue: &'a Catalogue) -> Result<Parsed<'a>> {
    let kind = GroupKind::from_text(&request.kind).ok_or_else(|| no_such_group(&request.kind))?;
    if kind == GroupKind::Oco && request.entry.is_some() {
        return Err(Problem::new(Code::OrderGroupInvalid, shape(kind)).into());
    }
    group(kind, request.legs(), catalogue)
}

fn no_such_group(kind: &str) -> Error {
    let error = FieldError::new("kind", "one_of", "The kind must be oco, oto or bracket.");
    Error::Invalid(vec![error.given(kind)])
}

/// What a group consists of.
const fn shape(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Oco => "An OCO has take_profit and stop_loss, and no entry.",
        GroupKind::Oto => "An OTO has an entry and one exit: take_profit or stop_loss.",
        GroupKind::Bracket => "A bracket has an entry and both exits: take_profit and stop_loss.",
    }
}

fn group(kind: GroupKind, legs: Vec<GroupLeg>, catalogue: &Catalogue) -> Result<Parsed<'_>> {
    let wanted = if kind == GroupKind::Bracket { 3 } else { 2 };
    if legs.len() != wanted {
        return Err(Problem::new(Code::OrderGroupInvalid, shape(kind)).into());
    }
    let mut errors: Vec<FieldError> = Vec::new();
    let mut orders = Vec::with_capacity(legs.len());
    let mut shared = None;
    for leg in &legs {
        let role = match leg.role {
            "entry" => Role::Entry,
            "take_profit" => Role::TakeProfit,
            _ => Role::StopLoss,
        };
        // An exit without a size sells what the entry buys.
        match one(&leg.order, catalogue, role == Role::Entry || kind == GroupKind::Oco) {
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
        _ => Err(Error::Invalid(errors)),
    }
}

type One<'a> = (OrderTerms, &'a CatalogueAsset, Option<Box<str>>);

/// Reads one order.
fn one<'a>(
    request: &OrderRequest,
    catalogue: &'a Catalogue,
    needs_size: bool,
) -> Result<One<'a>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut keep = |error: FieldError| errors.push(error);
    let kind = kind_read(request).map_err(&mut keep).ok();
    let asset = asset_read(&request.asset_id, catalogue).map_err(&mut keep).ok();
    let has_size = request.quantity.is_some() || request.quote_quantity.is_some();
    let size = if needs_size || has_size {
        size_read(request, asset).map_err(&mut keep).ok()
    } else {
        Some(Size::Base(Quantity::ZERO))
    };
    let limit = request.price.as_ref().map(|figure| price_read("price", figure, asset)).transpose();
    let limit = limit.map_err(&mut keep).ok().flatten();
    let stop = request.stop_price.as_ref().map(|figure| price_read("stop_price", figure, asset)).transpose();
    let stop = stop.map_err(&mut keep).ok().flatten();
    let trail = trail_read(request, asset).map_err(&mut keep).ok().flatten();
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

/// Reads what is to change of an order of this asset.
pub(super) fn parse_replace(
    request: &OrderReplaceRequest,
    asset: Option<&CatalogueAsset>,
) -> Result<Revision> {
    if request.is_empty() {
        let detail = "Say what to change: quantity, price, stop_price, trail_bps, trail_amount, expires_at or post_only.";
        return Err(Problem::new(Code::RequestInvalid, detail).into());
    }
    let mut errors = Vec::new();
    let mut keep = |error: FieldError| errors.push(error);
    let quantity = request.quantity.as_ref().map(|figure| quantity_read(figure, asset)).transpose();
    let quantity = quantity.map_err(&mut keep).ok().flatten();
    let limit = request.price.as_ref().map(|figure| price_read("price", figure, asset)).transpose();
    let limit = limit.map_err(&mut keep).ok().flatten();
    let stop = request.stop_price.as_ref().map(|figure| price_read("stop_price", figure, asset)).transpose();
    let stop = stop.map_err(&mut keep).ok().flatten();
    let as_order = OrderRequest {
        trail_bps: request.trail_bps,
        trail_amount: request.trail_amount.clone(),
        ..OrderRequest::default()
    };
    let trail = trail_read(&as_order, asset).map_err(&mut keep).ok().flatten();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok(Revision {
        quantity,
        limit,
        stop,
        trail,
        expires_us: request.expires_at.map(|time| time.0),
        post_only: request.post_only,
        mark: None,
    })
}

fn trail_read(request: &OrderRequest, asset: Option<&CatalogueAsset>) -> Result<Option<Trail>, FieldError> {
    match (request.trail_bps, &request.trail_amount) {
        (Some(_), Some(_)) => {
            let detail = "Send either trail_bps or trail_amount, not both.";
            Err(FieldError::new("trail_bps", "contradiction", detail))
        }
        (Some(points), None) => Ok(Some(Trail::BasisPoints(points))),
        (None, Some(figure)) => price_read("trail_amount", figure, asset).map(|it| Some(Trail::Amount(it))),
        (None, None) => Ok(None),
    }
}

fn time_in_force_read(request: &OrderRequest, order_type: OrderType) -> Result<TimeInForce, FieldError> {
    let expires = |time_in_force, what: &str| match request.expires_at {
        None => Ok(time_in_force),
        Some(_) => Err(FieldError::new(
            "expires_at",
            "contradiction",
            format!("Only gtd has expires_at, not {what}."),
        )),
    };
    match (request.time_in_force.as_deref(), request.expires_at) {
        (None, None) if order_type == OrderType::Market => Ok(TimeInForce::Ioc),
        (None, None) => Ok(TimeInForce::Gtc),
        (None | Some("gtd"), Some(time)) => Ok(TimeInForce::Gtd { expires_us: time.0 }),
        (Some("gtd"), None) => Err(FieldError::new(
            "expires_at",
            "required",
            "An order that is good till a date needs expires_at.",
        )),
        (Some("gtc"), _) => expires(TimeInForce::Gtc, "gtc"),
        (Some("ioc"), _) => expires(TimeInForce::Ioc, "ioc"),
        (Some("fok"), _) => expires(TimeInForce::Fok, "fok"),
        (Some(other), _) => {
            let detail = "The time_in_force must be gtc, gtd, ioc or fok.";
            Err(FieldError::new("time_in_force", "one_of", detail).given(other))
        }
    }
}

fn kind_read(request: &OrderRequest) -> Result<(OrderType, Side), FieldError> {
    let joined = match request.order_type.as_deref() {
        Some(text) => Some(OrderType::from_text_with_side(text).ok_or_else(|| {
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
        (Some((joined_type, joined_side)), order_type, side) => {
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

pub(crate) fn asset_read<'a>(text: &str, catalogue: &'a Catalogue) -> Result<&'a CatalogueAsset, FieldError> {
    let asset_id: AssetId = text.parse().map_err(|_| {
        let detail = "The asset_id must be 1 to 10 letters or digits, such as BTC.";
        FieldError::new("asset_id", "asset_id", detail)
    })?;
    catalogue.get(asset_id).ok_or_else(|| {
        FieldError::new("asset_id", "known_asset", format!("There is no asset {asset_id} at this venue."))
            .given(asset_id.to_string())
    })
}

fn size_read(request: &OrderRequest, asset: Option<&CatalogueAsset>) -> Result<Size, FieldError> {
    match (&request.quantity, &request.quote_quantity) {
        (Some(quantity), None) => quantity_read(quantity, asset).map(Size::Base),
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

pub(super) fn client_order_id_read(text: &str) -> Result<Box<str>, FieldError> {
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
mod tests {
    use cnop_api::trading::{StopLossRequest, TakeProfitRequest};

    use super::*;

    fn request() -> OrderRequest {
        OrderRequest {
            order_type: Some("market_buy".to_owned()),
            asset_id: "btc".to_owned(),
            quantity: Some("0.015".into()),
            ..OrderRequest::default()
        }
    }

    fn terms(request: &OrderRequest) -> OrderTerms {
        parse(request, &Catalogue::bundled()).unwrap().orders[0].terms
    }

    fn faults_at(request: &OrderRequest) -> Vec<String> {
        match parse(request, &Catalogue::bundled()) {
            Err(Error::Invalid(errors)) => {
                errors.into_iter().map(|error| error.pointer.unwrap_or_default()).collect()
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    fn faults(request: &OrderRequest) -> Vec<(String, String)> {
        match parse(request, &Catalogue::bundled()) {
            Err(Error::Invalid(errors)) => {
                errors.into_iter().map(|error| (error.member().unwrap().to_owned(), error.rule)).collect()
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn both_ways_of_naming_the_type_mean_the_same() {
        let catalogue = Catalogue::bundled();
        let old = parse(&request(), &catalogue).unwrap().orders;
        let new = OrderRequest {
            order_type: None,
            side: Some("buy".to_owned()),
            kind: Some("market".to_owned()),
            ..request()
        };
        assert_eq!(parse(&new, &catalogue).unwrap().orders, old);
        let terms = terms(&request());
        assert_eq!((terms.side, terms.order_type), (Side::Buy, OrderType::Market));
        assert_eq!(terms.asset_id.as_str(), "BTC");
    }

    #[test]
    fn a_market_order_with_a_price_is_left_to_the_domain_to_refuse() {
        let priced = OrderRequest { price: Some("0.01".into()), ..request() };
        assert_eq!(terms(&priced).limit, Some("0.01".parse().unwrap()));
    }

    #[test]
    fn time_in_force_is_what_the_type_and_the_end_say() {
        let of = |order_type: &str, word: Option<&str>, expires: Option<i64>| OrderRequest {
            order_type: Some(order_type.to_owned()),
            time_in_force: word.map(str::to_owned),
            expires_at: expires.map(cnop_api::Timestamp),
            price: Some("60000".into()),
            ..request()
        };
        assert_eq!(terms(&request()).time_in_force, TimeInForce::Ioc);
        assert_eq!(terms(&of("limit_buy", None, None)).time_in_force, TimeInForce::Gtc);
        assert_eq!(terms(&of("limit_buy", None, Some(7))).time_in_force, TimeInForce::Gtd { expires_us: 7 });
        assert_eq!(terms(&of("limit_buy", Some("fok"), None)).time_in_force, TimeInForce::Fok);
        assert_eq!(faults(&of("limit_buy", Some("gtd"), None))[0].1, "required");
        assert_eq!(faults(&of("limit_buy", Some("gtc"), Some(7)))[0].1, "contradiction");
        assert_eq!(faults(&of("limit_buy", Some("day"), None))[0].1, "one_of");
    }

    #[test]
    fn an_order_with_exits_is_a_group() {
        let catalogue = Catalogue::bundled();
        let bracket = OrderRequest {
            take_profit: Some(TakeProfitRequest { price: "70000".into() }),
            stop_loss: Some(StopLossRequest {
                stop_price: Some("50000".into()),
                ..StopLossRequest::default()
            }),
            ..request()
        };
        let parsed = parse(&bracket, &catalogue).unwrap();
        let roles: Vec<_> = parsed.orders.iter().map(|order| order.link.unwrap().role).collect();
        assert_eq!(roles, [Role::Entry, Role::TakeProfit, Role::StopLoss]);
        let bad = OrderRequest { take_profit: Some(TakeProfitRequest { price: "1e5".into() }), ..request() };
        assert_eq!(faults_at(&bad), ["#/take_profit/price"]);
    }

    #[test]
    fn every_bad_field_is_named() {
        let bad = OrderRequest {
            order_type: Some("market".to_owned()),
            asset_id: "B-T".to_owned(),
            quantity: Some("1e3".into()),
            client_order_id: Some("a b".to_owned()),
            ..OrderRequest::default()
        };
        let named: Vec<_> = faults(&bad).into_iter().map(|(member, _)| member).collect();
        assert_eq!(named, ["order_type", "asset_id", "quantity", "client_order_id"]);
        for (change, member, rule) in [
            (OrderRequest { asset_id: "NOSUCH".to_owned(), ..request() }, "asset_id", "known_asset"),
            (OrderRequest { quantity: None, ..request() }, "quantity", "required"),
            (OrderRequest { quote_quantity: Some("5".into()), ..request() }, "quantity", "contradiction"),
            (OrderRequest { side: Some("sell".to_owned()), ..request() }, "order_type", "contradiction"),
            (OrderRequest { quantity: Some("-1".into()), ..request() }, "quantity", "positive"),
            (
                OrderRequest { quantity: None, quote_quantity: Some("0".into()), ..request() },
                "quote_quantity",
                "positive",
            ),
            (OrderRequest { order_type: None, ..request() }, "order_type", "required"),
        ] {
            assert_eq!(faults(&change), [(member.to_owned(), rule.to_owned())]);
        }
    }

    #[test]
    fn too_many_digits_name_the_nearest_quantities() {
        let long = OrderRequest { quantity: Some("0.0150000001".into()), ..request() };
        match parse(&long, &Catalogue::bundled()) {
            Err(Error::Invalid(errors)) => {
                assert_eq!(errors[0].nearest.first().map(String::as_str), Some("0.015"));
                assert_eq!(errors[0].nearest.len(), 2);
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}
