//! What owners do with orders that are there.
#![allow(clippy::too_many_arguments, reason = "one argument is one field of the form")]

use leptos::prelude::*;

use super::Arrived;
use crate::error::AppError;

/// Cancels an open order at the version that its owner has seen; an order of an OCO takes its sibling along. `back` is
/// the local address of the page that is shown next.
///
/// # Errors
/// An order that is missing, closed, or has changed since.
#[server(prefix = "/fn", endpoint = "order/cancel")]
pub(crate) async fn order_cancel(
    #[server(default)] order_id: String,
    #[server(default)] version: String,
    #[server(default)] key: String,
    #[server(default)] back: String,
) -> Result<Arrived, AppError> {
    use crate::forms::{Form, respond_in_place};
    let form =
        Form { name: "cancel", page: crate::drawn::with_member(&back, "form=cancel"), kept: Vec::new() };
    let outcome = server::cancel(&order_id, &version, &key).await;
    respond_in_place(outcome, form, |_| crate::drawn::with_member(&back, "told=canceled"))
}

/// Gives an open order new terms: what is empty or as it was stays. `back` is the local address of the page that is shown
/// after the change, `page` that of the form.
///
/// # Errors
/// An order that is missing, closed, or has changed since; terms that break a rule, with the nearest that do not.
#[server(prefix = "/fn", endpoint = "order/replace")]
pub(crate) async fn order_replace(
    #[server(default)] order_id: String,
    #[server(default)] version: String,
    #[server(default)] key: String,
    #[server(default)] back: String,
    #[server(default)] page: String,
    #[server(default)] quantity: String,
    #[server(default)] price: String,
    #[server(default)] stop_price: String,
    #[server(default)] trail_bps: String,
    #[server(default)] trail_amount: String,
    #[server(default)] expires_at: String,
) -> Result<Arrived, AppError> {
    use crate::forms::{Form, respond_in_place};
    let kept = vec![
        ("quantity", quantity.clone()),
        ("price", price.clone()),
        ("stop_price", stop_price.clone()),
        ("trail_bps", trail_bps.clone()),
        ("trail_amount", trail_amount.clone()),
        ("expires_at", expires_at.clone()),
    ];
    let form = Form { name: "replace", page: crate::drawn::with_member(&page, "form=replace"), kept };
    let terms = server::Terms { quantity, price, stop_price, trail_bps, trail_amount, expires_at };
    let outcome = server::replace(&order_id, &version, &key, &terms).await;
    respond_in_place(outcome, form, |_| crate::drawn::with_member(&back, "told=changed"))
}

/// Cancels all open orders, or those of one asset. `back` is the local address of the page that is shown next.
///
/// # Errors
/// An asset that there is not; when the open orders cannot be read. What one order refuses is counted.
#[server(prefix = "/fn", endpoint = "orders/cancel")]
pub(crate) async fn orders_cancel_all(
    #[server(default)] asset_id: String,
    #[server(default)] back: String,
) -> Result<Arrived, AppError> {
    use crate::forms::{Form, respond_in_place};
    let page = crate::drawn::with_member(&back, "form=cancel");
    let outcome = server::cancel_all(&asset_id).await;
    respond_in_place(outcome, Form { name: "cancel", page, kept: Vec::new() }, |results| {
        let failed = results.iter().filter(|result| result.order.is_none()).count();
        let told = format!("told=canceled_all&count={}&failed={failed}", results.len() - failed);
        crate::drawn::with_member(&back, &told)
    })
}

#[cfg(feature = "ssr")]
mod server {
    use cnop_api::trading::{CancelResult, OrderReplaceRequest, OrderView};
    use cnop_api::{Code, FieldError, Figure, Problem, Timestamp};
    use cnop_domain::OrderId;

    use crate::context;
    use crate::forms::idempotency_key;

    /// The fields of the form, as they were sent.
    pub(super) struct Terms {
        pub(super) quantity: String,
        pub(super) price: String,
        pub(super) stop_price: String,
        pub(super) trail_bps: String,
        pub(super) trail_amount: String,
        pub(super) expires_at: String,
    }

    fn id(text: &str) -> Result<OrderId, Problem> {
        text.parse().map_err(|_| Problem::new(Code::OrderNotFound, "There is no such order in your account."))
    }

    /// The version that was seen; a form that tells none is about whatever is there.
    fn seen(version: &str) -> Result<Option<u32>, Problem> {
        let malformed =
            |_| Problem::new(Code::RequestMalformed, "The form could not be read. Load the page again.");
        if version.is_empty() { Ok(None) } else { version.parse().map(Some).map_err(malformed) }
    }

    pub(super) async fn cancel(order_id: &str, version: &str, key: &str) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let (order_id, version, key) = (id(order_id)?, seen(version)?, idempotency_key(key)?);
        let orders = context::services()?.orders;
        orders.cancel(&caller, &order_id, version, key).await.map_err(Problem::from)
    }

    pub(super) async fn cancel_all(asset_id: &str) -> Result<Vec<CancelResult>, Problem> {
        let caller = context::signed_in()?;
        let unknown = |_| Problem::new(Code::AssetNotFound, "There is no such asset.");
        let asset_id = if asset_id.is_empty() { None } else { Some(asset_id.parse().map_err(unknown)?) };
        context::services()?.orders.cancel_all(&caller, asset_id, None).await.map_err(Problem::from)
    }

    pub(super) async fn replace(
        order_id: &str,
        version: &str,
        key: &str,
        terms: &Terms,
    ) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let (order_id, version, key) = (id(order_id)?, seen(version)?, idempotency_key(key)?);
        let orders = context::services()?.orders;
        let order = orders.get(&caller, &order_id).await.map_err(Problem::from)?;
        let request = changes(&order, terms).map_err(Problem::invalid)?;
        orders.replace(&caller, &order_id, request, version, key).await.map_err(Problem::from)
    }

    /// What the form changes: a field that is empty, or holds what the order has, changes nothing.
    fn changes(order: &OrderView, terms: &Terms) -> Result<OrderReplaceRequest, Vec<FieldError>> {
        let mut errors = Vec::new();
        let trail_bps = whole("trail_bps", &terms.trail_bps).map_err(|error| errors.push(error));
        let expires_at = moment("expires_at", &terms.expires_at).map_err(|error| errors.push(error));
        let (Ok(trail_bps), Ok(expires_at)) = (trail_bps, expires_at) else { return Err(errors) };
        // The form shows minutes, the order may end at a second.
        let minute = |time: Timestamp| time.0.div_euclid(60_000_000);
        let is_same_minute =
            |time: &Timestamp| order.expires_at.is_some_and(|end| minute(end) == minute(*time));
        Ok(OrderReplaceRequest {
            quantity: figure(&terms.quantity, |text| text.parse().ok() == Some(order.quantity)),
            price: figure(&terms.price, |text| text.parse().ok() == Some(order.price)),
            stop_price: figure(&terms.stop_price, |text| text.parse().ok() == order.stop_price),
            trail_bps: trail_bps.filter(|given| Some(*given) != order.trail_bps),
            trail_amount: figure(&terms.trail_amount, |text| text.parse().ok() == order.trail_amount),
            expires_at: expires_at.filter(|time| !is_same_minute(time)).map(Some),
            post_only: None,
        })
    }

    fn figure(text: &str, is_same: impl Fn(&str) -> bool) -> Option<Figure> {
        let text = text.trim();
        (!text.is_empty() && !is_same(text)).then(|| Figure(text.to_owned()))
    }

    fn whole(name: &str, text: &str) -> Result<Option<u32>, FieldError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let fault = |_| FieldError::new(name, "whole", "Enter a whole number.").given(text);
        text.parse().map(Some).map_err(fault)
    }

    /// A time as a browser's field gives it, to the minute, or as the wire has it.
    fn moment(name: &str, text: &str) -> Result<Option<Timestamp>, FieldError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let fault = || {
            FieldError::new(name, "time", "Enter a time such as 2026-12-24T18:00; it is read as UTC.")
                .given(text)
        };
        let minutes = format!("{text}:00Z");
        let seconds = format!("{text}Z");
        Timestamp::parse(text)
            .or_else(|| Timestamp::parse(&minutes))
            .or_else(|| Timestamp::parse(&seconds))
            .map(Some)
            .ok_or_else(fault)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn times_are_read_as_fields_and_the_wire_have_them() {
            let known = Timestamp::parse("2026-12-24T18:00:00Z");
            for text in ["2026-12-24T18:00", "2026-12-24T18:00:00", "2026-12-24T18:00:00Z"] {
                assert_eq!(moment("expires_at", text), Ok(known), "{text}");
            }
            assert_eq!(moment("expires_at", " "), Ok(None));
            assert_eq!(moment("expires_at", "tomorrow").unwrap_err().member(), Some("expires_at"));
        }

        #[test]
        fn a_version_may_be_left_out_but_not_made_up() {
            assert_eq!(seen(""), Ok(None));
            assert_eq!(seen("3"), Ok(Some(3)));
            assert_eq!(seen("x").unwrap_err().code, Code::RequestMalformed);
        }

        #[test]
        fn what_is_as_it_was_is_no_change() {
            assert_eq!(
                figure(" 1.50 ", |text| text.parse::<cnop_domain::Price>().ok() == "1.5".parse().ok()),
                None
            );
            assert_eq!(figure("", |_| false), None);
            assert_eq!(figure("2", |_| false).map(|figure| figure.0), Some("2".to_owned()));
        }
    }
}
