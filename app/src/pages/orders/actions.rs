//! Actions on existing orders: cancel and change.
#![allow(clippy::too_many_arguments, reason = "one argument is one field of the form")]

use leptos::prelude::*;

use crate::address::with_member;
use crate::error::AppError;
use crate::forms::{Form, respond};

/// Cancels an open order, whatever has become of it since its owner saw it; an order of an OCO takes its sibling along.
/// `back` is the local address of the page that is shown next.
///
/// # Errors
/// An order that is missing or closed.
#[server(prefix = "/fn", endpoint = "order/cancel")]
pub(crate) async fn order_cancel(
    #[server(default)] order_id: String,
    #[server(default)] key: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let form =
        Form { name: "cancel", page: with_member(&back, "form=cancel"), key: key.clone(), kept: Vec::new() };
    let outcome = server::cancel(&order_id, &key).await;
    respond(outcome, form, |order| {
        let result = format!("result={}&order={}", server::canceled(order), order.order_id);
        with_member(&back, &result)
    })
}

/// Gives an open order new terms: those that differ from what the form showed. `back` is the local address of the page
/// that is shown after the change, `page` that of the form, `shown` what the fields held at first.
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
    #[server(default)] shown: String,
    #[server(default)] quantity: String,
    #[server(default)] price: String,
    #[server(default)] stop_price: String,
    #[server(default)] trail: String,
    #[server(default)] trail_amount: String,
    #[server(default)] expires_at: String,
    #[server(default)] post_only: String,
) -> Result<(), AppError> {
    let kept = vec![
        ("quantity", quantity),
        ("price", price),
        ("stop_price", stop_price),
        ("trail", trail),
        ("trail_amount", trail_amount),
        ("expires_at", expires_at),
        ("post_only", post_only),
    ];
    let outcome = server::replace(&order_id, &version, &key, &shown, &kept).await;
    let form = Form { name: "replace", page: with_member(&page, "form=replace"), key: key.clone(), kept };
    respond(outcome, form, |_| with_member(&back, "result=changed"))
}

/// Cancels all open orders, or those of one asset. `back` is the local path of the next page.
///
/// # Errors
/// An unknown asset; when the open orders cannot be read. Refusals of single orders are counted.
#[server(prefix = "/fn", endpoint = "orders/cancel")]
pub(crate) async fn orders_cancel_all(
    #[server(default)] asset_id: String,
    #[server(default)] back: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let page = with_member(&back, "form=cancel");
    let outcome = server::cancel_all(&asset_id, &key).await;
    respond(outcome, Form { name: "cancel", page, key: key.clone(), kept: Vec::new() }, |results| {
        let failed = results.iter().filter(|result| result.order.is_none()).count();
        let result = format!("result=canceled_all&count={}&failed={failed}", results.len() - failed);
        with_member(&back, &result)
    })
}

mod server {
    use cnop_api::trading::{CancelResult, OrderReplaceRequest, OrderView};
    use cnop_api::{Code, FieldError, Figure, Problem, Timestamp, TypedUnit};
    use cnop_domain::{GroupKind, OrderId, Role};

    use crate::context;
    use crate::forms::idempotency_key;
    use crate::order_form::basis_points;
    use crate::zone::ReaderZone;

    fn id(text: &str) -> Result<OrderId, Problem> {
        text.parse().map_err(|_| Problem::new(Code::OrderNotFound, "There is no such order in your account."))
    }

    /// The version that was seen; a form that tells none is about whatever is there.
    fn seen(version: &str) -> Result<Option<u32>, Problem> {
        let malformed =
            |_| Problem::new(Code::RequestMalformed, "The form could not be read. Reload the page.");
        if version.is_empty() { Ok(None) } else { version.parse().map(Some).map_err(malformed) }
    }

    pub(super) async fn cancel(order_id: &str, key: &str) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let (order_id, key) = (id(order_id)?, idempotency_key(key)?);
        context::services()?.orders.cancel(&caller, order_id, None, key).await.map_err(Problem::from)
    }

    /// Result of a cancel: whether other orders went with the order.
    pub(super) fn canceled(order: &OrderView) -> &'static str {
        match order.group.as_ref().map(|group| (group.kind, group.role)) {
            None | Some((GroupKind::Oto, Role::TakeProfit | Role::StopLoss)) => "canceled",
            Some((_, Role::Entry)) => "canceled_entry",
            Some(_) => "canceled_pair",
        }
    }

    pub(super) async fn cancel_all(asset_id: &str, key: &str) -> Result<Vec<CancelResult>, Problem> {
        let (caller, key) = (context::signed_in()?, idempotency_key(key)?);
        let unknown = |_| Problem::new(Code::AssetNotFound, "There is no such asset.");
        let asset_id = if asset_id.is_empty() { None } else { Some(asset_id.parse().map_err(unknown)?) };
        context::services()?.orders.cancel_all(&caller, asset_id, key).await.map_err(Problem::from)
    }

    pub(super) async fn replace(
        order_id: &str,
        version: &str,
        key: &str,
        shown: &str,
        sent: &[(&'static str, String)],
    ) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let (order_id, version, key) = (id(order_id)?, seen(version)?, idempotency_key(key)?);
        let request = changes(shown, sent).map_err(Problem::invalid)?;
        if request.is_empty() {
            let detail = "Nothing to update. Change a field or cancel.";
            return Err(Problem::new(Code::RequestInvalid, detail));
        }
        let version = version.map(|version| vec![version]);
        let replaced = context::services()?.orders.replace(&caller, order_id, request, version, key).await;
        replaced.map_err(|error| at_fields(error.into()))
    }

    /// A refusal whose errors stand at the form's fields.
    fn at_fields(mut problem: Problem) -> Problem {
        for error in &mut problem.errors {
            if error.member() == Some("trail_bps") {
                error.pointer = Some("#/trail".to_owned());
            }
        }
        problem
    }

    /// Differences from the values that the form showed. They follow from the form alone, so a repeated post
    /// is the same.
    fn changes(shown: &str, sent: &[(&'static str, String)]) -> Result<OrderReplaceRequest, Vec<FieldError>> {
        let shown: Vec<_> = form_urlencoded::parse(shown.as_bytes()).collect();
        let before =
            |name: &str| shown.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
        let now =
            |name: &str| sent.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.trim());
        // A field that this order does not have is not in the form.
        let changed = |name: &str| Some(now(name)).filter(|text| !text.is_empty() && *text != before(name));
        let mut errors = Vec::new();
        let mut figure = |name: &str, unit: TypedUnit<'_>| {
            let typed = changed(name).map(|text| Figure::typed(name, text, unit)).transpose();
            typed.map_err(|error| errors.push(error)).ok().flatten()
        };
        let quantity = figure("quantity", TypedUnit::Coins(""));
        let [price, stop_price, trail_amount] =
            ["price", "stop_price", "trail_amount"].map(|name| figure(name, TypedUnit::Dollars));
        let trail_bps = changed("trail").and_then(|text| {
            let points = basis_points(text);
            if points.is_none() {
                let detail = "Enter a percentage with at most two decimals, such as 1.5.";
                errors.push(FieldError::new("trail", "format", detail).given(text));
            }
            points
        });
        let expires_at = changed("expires_at").and_then(|text| {
            moment("expires_at", text, &context::reader_zone())
                .map_err(|error| errors.push(error))
                .ok()
                .flatten()
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        // An end that is emptied is taken away: the order stays until it is canceled.
        let lifts_end = now("expires_at").is_empty() && !before("expires_at").is_empty();
        Ok(OrderReplaceRequest {
            quantity,
            price,
            stop_price,
            trail_bps,
            trail_amount,
            expires_at: if lifts_end { Some(None) } else { expires_at.map(Some) },
            post_only: changed("post_only").map(|text| text == "true"),
        })
    }

    /// A time as a browser's field gives it, to the minute and on the reader's clock, or as the wire has it.
    fn moment(name: &str, text: &str, zone: &ReaderZone) -> Result<Option<Timestamp>, FieldError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let fault = || FieldError::new(name, "time", "Enter a time such as 2026-12-24T18:00.").given(text);
        let minutes = format!("{text}:00Z");
        let seconds = format!("{text}Z");
        let local = Timestamp::parse(&minutes).or_else(|| Timestamp::parse(&seconds));
        Timestamp::parse(text).or_else(|| local.map(|local| zone.moment(local))).map(Some).ok_or_else(fault)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn times_are_read_as_fields_and_the_wire_have_them() {
            let (known, zone) = (Timestamp::parse("2026-12-24T18:00:00Z"), ReaderZone::default());
            for text in ["2026-12-24T18:00", "2026-12-24T18:00:00", "2026-12-24T18:00:00Z"] {
                assert_eq!(moment("expires_at", text, &zone), Ok(known), "{text}");
            }
            assert_eq!(moment("expires_at", " ", &zone), Ok(None));
            assert_eq!(moment("expires_at", "tomorrow", &zone).unwrap_err().member(), Some("expires_at"));
        }

        /// The field has the time of the reader's clock. It was read as UTC.
        #[test]
        fn times_without_an_offset_are_those_of_the_readers_clock() {
            let known = Timestamp::parse("2026-12-24T18:00:00Z").unwrap();
            let zone = ReaderZone::named("Pacific/Auckland", known.0).unwrap();
            assert_eq!(moment("expires_at", "2026-12-25T07:00", &zone), Ok(Some(known)));
            assert_eq!(moment("expires_at", "2026-12-24T18:00:00Z", &zone), Ok(Some(known)));
        }

        #[test]
        fn a_version_may_be_left_out_but_not_made_up() {
            assert_eq!(seen(""), Ok(None));
            assert_eq!(seen("3"), Ok(Some(3)));
            assert_eq!(seen("x").unwrap_err().code, Code::RequestMalformed);
        }

        #[test]
        fn what_differs_from_what_was_shown_is_asked_for() {
            let shown = "price=61000.00&stop_price=&trail=1.5&quantity=0.01&expires_at=2026-12-24T18%3A00&post_only=false";
            let sent = |pairs: &[(&'static str, &str)]| {
                let sent: Vec<_> = pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
                changes(shown, &sent)
            };
            let same = [("price", " 61000.00 "), ("trail", "1.5"), ("quantity", ""), ("post_only", "false")];
            let same = [&same[..], &[("expires_at", "2026-12-24T18:00")]].concat();
            assert!(sent(&same).unwrap().is_empty());
            let other = [("price", "62000"), ("trail", "2.25"), ("post_only", "true")];
            let request = sent(&[&other[..], &[("expires_at", "2026-12-25T18:00")]].concat()).unwrap();
            assert_eq!(request.price, Some(Figure("62000".to_owned())));
            assert_eq!((request.trail_bps, request.post_only), (Some(225), Some(true)));
            assert_eq!(request.expires_at, Some(Timestamp::parse("2026-12-25T18:00:00Z")));
            assert_eq!(request.quantity, None);
            // An end that is emptied is taken away.
            assert_eq!(sent(&[("trail", "1.5"), ("expires_at", "")]).unwrap().expires_at, Some(None));
            let errors = sent(&[("trail", "far"), ("expires_at", "soon")]).unwrap_err();
            let named: Vec<_> = errors.iter().filter_map(FieldError::member).collect();
            assert_eq!(named, ["trail", "expires_at"]);
        }
    }
}
