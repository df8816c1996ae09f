//! Actions for closing positions.

use leptos::prelude::*;

use crate::address::{encoded, with_member};
use crate::error::AppError;
use crate::forms::{Form, respond};

/// Sells a share of what is available of an asset, in percent, at market. `back` is the local address of the page that is
/// shown next.
///
/// # Errors
/// Refusals of the trading rules, a price that is too old, or an invalid share.
#[server(prefix = "/fn", endpoint = "position/close")]
pub(crate) async fn position_close(
    #[server(default)] asset_id: String,
    #[server(default)] percent: String,
    #[server(default)] key: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let again = format!("close={}&percent=own&form=close", encoded(&asset_id));
    let kept = vec![("own", percent.clone())];
    let form = Form { name: "close", page: with_member(&back, &again), key: key.clone(), kept };
    let outcome = server::close(&asset_id, &percent, &key).await;
    respond(outcome, form, |order| with_member(&back, &format!("result=closed&order={}", order.order_id)))
}

mod server {
    use cnop_api::trading::{ClosePositionRequest, OrderView};
    use cnop_api::{Code, Figure, Problem, TypedUnit};

    use crate::context;
    use crate::forms::idempotency_key;

    pub(super) async fn close(asset_id: &str, percent: &str, key: &str) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let unknown = |_| Problem::new(Code::AssetNotFound, "There is no such asset.");
        let (asset_id, key) = (asset_id.parse().map_err(unknown)?, idempotency_key(key)?);
        let percent = Figure::typed("own", percent, TypedUnit::Percent);
        let percent = percent.map_err(|error| Problem::invalid(vec![error]))?;
        let request = ClosePositionRequest { percent: Some(percent), ..ClosePositionRequest::default() };
        context::services()?.orders.close_position(&caller, asset_id, request, key).await.map_err(at_field)
    }

    /// The form's field for the share.
    fn at_field(error: cnop_services::Error) -> Problem {
        let mut problem = Problem::from(error);
        for error in &mut problem.errors {
            error.pointer = Some("#/own".to_owned());
        }
        problem
    }
}
