//! Actions of the page of price alerts.

use leptos::prelude::*;

use crate::error::AppError;
use crate::forms::{Form, respond};

/// Makes a price alert; whether it fires above or below its level is worked out from the last price.
///
/// # Errors
/// A level that breaks a rule or is reached already; too many alerts.
#[server(prefix = "/fn", endpoint = "alert/create")]
pub(crate) async fn alert_create(
    #[server(default)] asset_id: String,
    #[server(default)] price: String,
    #[server(default)] note: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let kept = vec![("asset_id", asset_id.clone()), ("price", price.clone()), ("note", note.clone())];
    let form = Form { name: "alert", page: "/alerts?form=alert".to_owned(), key: key.clone(), kept };
    let outcome = server::create(&asset_id, &price, note, &key).await;
    respond(outcome, form, |alert| format!("/alerts?result={}", alert.direction))
}

/// Removes a price alert.
///
/// # Errors
/// One that is missing.
#[server(prefix = "/fn", endpoint = "alert/remove")]
pub(crate) async fn alert_remove(
    #[server(default)] alert_id: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let form = Form {
        name: "alert-remove",
        page: "/alerts?form=alert-remove".to_owned(),
        key: key.clone(),
        kept: Vec::new(),
    };
    let outcome = server::remove(&alert_id, &key).await;
    respond(outcome, form, |()| "/alerts?result=removed".to_owned())
}

mod server {
    use cnop_api::trading::{AlertRequest, AlertView};
    use cnop_api::{FieldError, Figure, Problem, TypedUnit};

    use crate::context;
    use crate::forms::idempotency_key;

    pub(super) async fn create(
        asset_id: &str,
        price: &str,
        note: String,
        key: &str,
    ) -> Result<AlertView, Problem> {
        let caller = context::signed_in()?;
        let (asset_id, price) = (asset_id.trim(), price.trim());
        let missing = |name, detail: &str| FieldError::new(name, "required", detail);
        let errors: Vec<_> = [
            asset_id.is_empty().then(|| missing("asset_id", "Enter an asset symbol, such as BTC.")),
            price.is_empty().then(|| missing("price", "Enter a price level.")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let price = Figure::typed("price", price, TypedUnit::Dollars)
            .map_err(|error| Problem::invalid(vec![error]))?;
        let request =
            AlertRequest { asset_id: asset_id.to_owned(), price, direction: None, note: Some(note) };
        let key = idempotency_key(key)?;
        context::services()?.alerts.create(&caller, request, key).await.map_err(Problem::from)
    }

    pub(super) async fn remove(alert_id: &str, key: &str) -> Result<(), Problem> {
        let (caller, key) = (context::signed_in()?, idempotency_key(key)?);
        let id = alert_id.parse().map_err(|_| Problem::from(cnop_services::alerts::not_found()))?;
        context::services()?.alerts.delete(&caller, id, key).await.map_err(Problem::from)
    }
}
