//! Closing a position: a sale at market of a quantity, or of a share of what is available.

use cnop_api::trading::parse::{client_order_id_read, quantity_read};
use cnop_api::trading::{ClosePositionRequest, OrderView};
use cnop_api::{Caller, FieldError, Figure};
use cnop_domain::{AssetId, BASIS_POINTS, NewOrder, OrderTerms, Quantity, Side, basis_points_of_percent};

use super::Orders;
use super::place::{OrderSubmission, PlaceOne};
use crate::account::Idempotent;
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, fingerprint};

impl Orders {
    /// Sells a quantity, or a share of the available quantity, at market.
    ///
    /// # Errors
    /// As [`Orders::place`].
    pub async fn close_position(
        &self,
        caller: &Caller,
        asset_id: AssetId,
        request: ClosePositionRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let catalogue = self.accounts.context.environment.market.catalogue();
        let asset = catalogue.get(asset_id).ok_or_else(|| Error::unknown_asset(asset_id))?;
        let invalid = |error| Error::Invalid(vec![error]);
        let (quantity, share) = match (&request.quantity, &request.percent) {
            (Some(figure), None) => (quantity_read(figure, Some(&asset.rules)).map_err(invalid)?, None),
            (None, Some(figure)) => (Quantity::ZERO, Some(percent_read(figure).map_err(invalid)?)),
            (None, None) => {
                let detail = "Say how much: quantity in coins, or percent of what is available.";
                return Err(invalid(FieldError::new("percent", "required", detail)));
            }
            (Some(_), Some(_)) => {
                let detail = "Send either quantity or percent, not both.";
                return Err(invalid(FieldError::new("percent", "contradiction", detail)));
            }
        };
        let client_order_id =
            request.client_order_id.as_deref().map(client_order_id_read).transpose().map_err(invalid)?;
        let fingerprint = fingerprint(&(asset_id.as_str(), &request))?;
        let submission = OrderSubmission {
            orders: vec![NewOrder::single(OrderTerms::market(asset_id, Side::Sell, quantity))],
            asset_id,
            client_order: client_order_id.map(|id| (id, fingerprint)),
            legs: Vec::new(),
            share,
            closes: true,
        };
        let idempotent = key.map(|key| Idempotent { route: "position-close", key, fingerprint });
        let done = self.accounts.execute(&caller.account_id, &PlaceOne(submission), idempotent).await;
        match &request.percent {
            Some(percent) => done.map_err(|error| at_percent(error, percent)),
            None => done,
        }
    }
}

/// Errors of the computed quantity are errors of the percentage.
fn at_percent(error: Error, percent: &Figure) -> Error {
    let Error::Refused(mut problem) = error else { return error };
    for fault in problem.errors.iter_mut().filter(|fault| fault.member() == Some("quantity")) {
        let detail = fault.detail.clone();
        *fault = FieldError::new("percent", &fault.rule, detail).given(percent.as_str());
    }
    Error::Refused(problem)
}

/// A percentage in hundredths: above 0, at most 100, two decimals.
fn percent_read(figure: &Figure) -> Result<u32, FieldError> {
    let text = figure.as_str();
    let fault = || {
        let detail = "The percent must be above 0, at most 100, and have at most 2 decimals.";
        FieldError::new("percent", "range", detail).given(text)
    };
    let share =
        basis_points_of_percent(text).filter(|share| (1..=BASIS_POINTS).contains(&i128::from(*share)));
    share.ok_or_else(fault)
}
