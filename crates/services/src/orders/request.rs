//! From the wire to a ticket: every field is checked here and nowhere else.

use cnop_api::trading::OrderRequest;
use cnop_api::{Code, FieldError, Figure, Problem};
use cnop_domain::{Amount, AssetId, MoneyError, OrderType, Quantity, SCALE, Side, Size, Ticket};
use cnop_market::{Catalogue, CatalogueAsset};

use crate::{Error, Result};

/// Longest client order id.
const CLIENT_ORDER_ID_CHARACTERS_MAX: usize = 64;

/// An order request whose fields are all well-formed.
#[derive(Debug)]
pub(super) struct Parsed<'a> {
    pub(super) ticket: Ticket,
    pub(super) asset: &'a CatalogueAsset,
    pub(super) client_order_id: Option<Box<str>>,
}

/// Reads a request.
pub(super) fn parse<'a>(request: &OrderRequest, catalogue: &'a Catalogue) -> Result<Parsed<'a>> {
    let mut errors = Vec::new();
    let mut keep = |error: FieldError| errors.push(error);
    let kind = kind_read(request).map_err(&mut keep).ok();
    let asset = asset_read(&request.asset_id, catalogue).map_err(&mut keep).ok();
    let size = size_read(request, asset).map_err(&mut keep).ok();
    let client_order_id = match request.client_order_id.as_deref().map(client_order_id_read) {
        Some(Ok(id)) => Some(id),
        Some(Err(error)) => {
            keep(error);
            None
        }
        None => None,
    };
    if let Some((order_type, _)) = kind {
        if !order_type.is_offered() {
            return Err(type_unsupported(order_type));
        }
        if let Some(price) = &request.price {
            keep(
                FieldError::new(
                    "price",
                    "market_price",
                    "A market order has no price: it fills at the venue's quote. Leave it out.",
                )
                .given(price.as_str()),
            );
        }
    }
    match (kind, asset, size) {
        (Some((order_type, side)), Some(asset), Some(size)) if errors.is_empty() => {
            let ticket = Ticket { asset_id: asset.asset_id, side, order_type, size };
            Ok(Parsed { ticket, asset, client_order_id })
        }
        _ => Err(Error::Invalid(errors)),
    }
}

pub(super) fn type_unsupported(order_type: OrderType) -> Error {
    Problem::new(
        Code::OrderTypeUnsupported,
        format!(
            "The venue takes market orders today; {} orders come later.",
            order_type.as_str().replace('_', " ")
        ),
    )
    .with_fact("type", order_type)
    .into()
}

fn kind_read(request: &OrderRequest) -> Result<(OrderType, Side), FieldError> {
    let joined = match request.order_type.as_deref() {
        Some(text) => Some(OrderType::from_text_with_side(text).ok_or_else(|| {
            let detail = "The order_type must be market_buy or market_sell.";
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
            OrderType::from_text(text)
                .ok_or_else(|| FieldError::new("type", "one_of", "The type must be market.").given(text))?,
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
            let detail = "Say what to do: order_type (market_buy or market_sell), or side and type.";
            Err(FieldError::new("order_type", "required", detail))
        }
    }
}

fn asset_read<'a>(text: &str, catalogue: &'a Catalogue) -> Result<&'a CatalogueAsset, FieldError> {
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
        (None, Some(amount)) => quote_quantity_read(amount).map(Size::Quote),
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

fn quantity_read(figure: &Figure, asset: Option<&CatalogueAsset>) -> Result<Quantity, FieldError> {
    let text = figure.as_str();
    let fault = |rule: &str, detail: &str| FieldError::new("quantity", rule, detail).given(text);
    if is_negative(text) {
        return Err(fault("positive", "The quantity must be above 0."));
    }
    text.parse::<Quantity>().map_err(|error| match error {
        MoneyError::Malformed => fault("decimal", "The quantity must be a number such as 0.015."),
        MoneyError::OutOfRange => fault("max_quantity", "The quantity is too large."),
        MoneyError::TooPrecise => {
            let nearest =
                cut(text).and_then(|cut| cut.parse::<Quantity>().ok()).map_or_else(Vec::new, |below| {
                    let step = asset.map_or(Quantity::ZERO, |asset| asset.rules.step_size);
                    let below = below.floor_to(step);
                    let above = below.checked_add(step).unwrap_or(below);
                    let mut nearest = vec![below, above];
                    nearest.retain(|quantity| !quantity.is_zero());
                    nearest.dedup();
                    nearest.iter().map(ToString::to_string).collect()
                });
            fault("step_size", "The quantity has more than 8 decimals.").nearest(nearest)
        }
    })
}

fn quote_quantity_read(figure: &Figure) -> Result<Amount, FieldError> {
    let text = figure.as_str();
    let fault = |rule: &str, detail: &str| FieldError::new("quote_quantity", rule, detail).given(text);
    let amount = text.parse::<Amount>().map_err(|error| match error {
        MoneyError::Malformed => fault("decimal", "The quote_quantity must be a number such as 100.50."),
        MoneyError::OutOfRange => fault("max_notional", "The quote_quantity is too large."),
        MoneyError::TooPrecise => fault("decimals", "The quote_quantity has more than 8 decimals.")
            .nearest(cut(text).map(str::to_owned).into_iter().collect()),
    })?;
    if amount <= Amount::ZERO {
        return Err(fault("positive", "The quote_quantity must be above 0."));
    }
    Ok(amount)
}

fn is_negative(text: &str) -> bool {
    text.parse::<Amount>().is_ok_and(Amount::is_negative)
}

/// A decimal without the digits that are too many.
fn cut(text: &str) -> Option<&str> {
    text.get(..text.find('.')? + 1 + usize::try_from(SCALE).ok()?)
}

fn client_order_id_read(text: &str) -> Result<Box<str>, FieldError> {
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
    use super::*;

    fn request() -> OrderRequest {
        OrderRequest {
            order_type: Some("market_buy".to_owned()),
            asset_id: "btc".to_owned(),
            quantity: Some("0.015".into()),
            ..OrderRequest::default()
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
        let old = parse(&request(), &catalogue).unwrap().ticket;
        let new = OrderRequest {
            order_type: None,
            side: Some("buy".to_owned()),
            kind: Some("market".to_owned()),
            ..request()
        };
        assert_eq!(parse(&new, &catalogue).unwrap().ticket, old);
        assert_eq!((old.side, old.order_type), (Side::Buy, OrderType::Market));
        assert_eq!(old.asset_id.as_str(), "BTC");
    }

    #[test]
    fn other_types_are_not_offered_and_a_market_order_has_no_price() {
        let limit = OrderRequest { order_type: Some("limit_buy".to_owned()), ..request() };
        let error = parse(&limit, &Catalogue::bundled()).unwrap_err();
        assert!(matches!(error, Error::Refused(problem) if problem.code == Code::OrderTypeUnsupported));
        let priced = OrderRequest { price: Some("0.01".into()), ..request() };
        assert_eq!(faults(&priced), [("price".to_owned(), "market_price".to_owned())]);
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
