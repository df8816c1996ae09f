//! The ticket's fields as the API's order or group, and refusals of those at the ticket's fields.

use cnop_api::trading::{OrderGroupRequest, OrderRequest, StopLossRequest, TakeProfitRequest};
use cnop_api::{Code, FieldError, Figure, Problem, Timestamp, TypedUnit};
use cnop_domain::{GroupKind, OrderType, TimeInForceKind};

use super::{OrderForm, TicketKind, basis_points, field_of};
use crate::forms::in_words;
use crate::zone::ReaderZone;

/// Request made from the ticket.
pub(crate) enum Placement {
    One(Box<OrderRequest>),
    Group(Box<OrderGroupRequest>),
}

fn fault(field: &str, rule: &str, detail: &str) -> Problem {
    Problem::invalid(vec![FieldError::new(field, rule, detail)])
}

/// A distance: basis points of a percentage, or dollars.
fn distance(field: &str, text: &str, unit: &str) -> Result<(Option<u32>, Option<Figure>), Problem> {
    if text.trim().is_empty() {
        return Err(fault(field, "required", "Enter a trailing distance."));
    }
    if unit == "usd" {
        return dollars(true, field, text).map(|amount| (None, amount));
    }
    let detail = "Enter a percentage with at most two decimals, such as 1.5.";
    basis_points(text).map(|points| (Some(points), None)).ok_or_else(|| fault(field, "format", detail))
}

/// A figure that was filled in and has a meaning for this kind of order.
fn given(wanted: bool, field: &str, text: &str, unit: TypedUnit<'_>) -> Result<Option<Figure>, Problem> {
    let wanted = wanted && !text.trim().is_empty();
    let figure = wanted.then(|| Figure::typed(field, text, unit)).transpose();
    figure.map_err(|error| Problem::invalid(vec![error]))
}

fn dollars(wanted: bool, field: &str, text: &str) -> Result<Option<Figure>, Problem> {
    given(wanted, field, text, TypedUnit::Dollars)
}

fn price(field: &str, text: &str) -> Result<Figure, Problem> {
    dollars(true, field, text)?.ok_or_else(|| fault(field, "required", "Enter a price."))
}

impl OrderForm {
    /// The ticket's fields as the API's order or group. Days are those of the reader's time zone.
    pub(crate) fn request(&self, asset_id: &str, zone: &ReaderZone) -> Result<Placement, Problem> {
        if self.amount.trim().is_empty() {
            return Err(fault("amount", "required", "Enter an amount."));
        }
        let expires_at = match self.life() {
            Some(TimeInForceKind::Gtd) => {
                let missing = || fault("expires_at", "required", "Choose the last day of the order.");
                Some(self.expiry(zone).ok_or_else(missing)?)
            }
            _ => None,
        };
        match self.kind() {
            TicketKind::Oco => self.oco(asset_id, expires_at).map(Box::new).map(Placement::Group),
            TicketKind::One(order_type) => {
                self.single(asset_id, order_type, expires_at).map(Box::new).map(Placement::One)
            }
        }
    }

    fn oco(&self, asset_id: &str, expires_at: Option<Timestamp>) -> Result<OrderGroupRequest, Problem> {
        let take_profit = TakeProfitRequest { price: price("take_profit", &self.take_profit)? };
        Ok(OrderGroupRequest {
            kind: GroupKind::Oco.to_string(),
            asset_id: asset_id.to_owned(),
            side: Some(self.side().to_string()),
            quantity: given(true, "amount", &self.amount, TypedUnit::Coins(asset_id))?,
            time_in_force: self.life().map(|kind| kind.to_string()),
            expires_at,
            take_profit: Some(take_profit),
            stop_loss: Some(self.stop_loss()?),
            ..OrderGroupRequest::default()
        })
    }

    fn stop_loss(&self) -> Result<StopLossRequest, Problem> {
        let none = StopLossRequest::default();
        if self.loss_type() == OrderType::TrailingStop {
            let (trail_bps, trail_amount) =
                distance("stop_loss_trail", &self.stop_loss_trail, &self.stop_loss_unit)?;
            return Ok(StopLossRequest { trail_bps, trail_amount, ..none });
        }
        let stop_price = Some(price("stop_loss", &self.stop_loss)?);
        let limited = self.loss_type() == OrderType::StopLimit;
        let price = limited.then(|| price("stop_loss_price", &self.stop_loss_price)).transpose()?;
        Ok(StopLossRequest { stop_price, price, ..none })
    }

    fn single(
        &self,
        asset_id: &str,
        order_type: OrderType,
        expires_at: Option<Timestamp>,
    ) -> Result<OrderRequest, Problem> {
        let trails = order_type == OrderType::TrailingStop;
        let (trail_bps, trail_amount) =
            if trails { distance("trail", &self.trail, &self.trail_unit)? } else { (None, None) };
        let by_value = self.is_by_value();
        let profit = self
            .exit(&self.take_profit)
            .map(|text| dollars(true, "take_profit", text))
            .transpose()?
            .flatten();
        Ok(OrderRequest {
            side: Some(self.side().to_string()),
            kind: Some(order_type.to_string()),
            asset_id: asset_id.to_owned(),
            quantity: given(!by_value, "amount", &self.amount, TypedUnit::Coins(asset_id))?,
            quote_quantity: dollars(by_value, "amount", &self.amount)?,
            price: dollars(order_type.has_limit(), "price", &self.price)?,
            stop_price: dollars(order_type.waits() && !trails, "stop_price", &self.stop_price)?,
            trail_bps,
            trail_amount,
            time_in_force: self.life().map(|kind| kind.to_string()),
            expires_at,
            post_only: self.is_post_only(),
            take_profit: profit.map(|price| TakeProfitRequest { price }),
            stop_loss: self.has_loss().then(|| self.stop_loss()).transpose()?,
            ..OrderRequest::default()
        })
    }
}

/// The rule of a refusal that names no field and that another amount mends.
const fn amount_rule(code: Code) -> Option<&'static str> {
    match code {
        Code::BalanceInsufficientFunds | Code::BalanceInsufficientQuantity => Some("available"),
        Code::GuardOrderTooLarge => Some("order_max"),
        Code::OrderQuantityRange => Some("range"),
        _ => None,
    }
}

/// A refusal whose errors stand at the ticket's fields.
pub(crate) fn at_fields(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        if let Some(field) = error.member().map(field_of).map(str::to_owned) {
            error.pointer = Some(format!("#/{field}"));
        }
        error.detail = in_words(&error.rule, &error.detail);
    }
    if let (Some(rule), true) = (amount_rule(problem.code), problem.errors.is_empty()) {
        problem.errors.push(FieldError::new("amount", rule, problem.detail.clone()));
    }
    if let [only] = problem.errors.as_slice() {
        problem.detail.clone_from(&only.detail);
    }
    problem
}
