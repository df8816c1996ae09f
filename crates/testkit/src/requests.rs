//! Callers and requests that break no rule.

use cnop_api::Caller;
use cnop_api::accounts::UserRole;
use cnop_api::money::TransferRequest;
use cnop_api::trading::OrderRequest;

/// A customer: `trader_7`, with the ids that end in 7.
#[must_use]
pub fn caller(number: usize) -> Caller {
    Caller {
        user_id: format!("usr_{number:026}").parse().expect("a user id"),
        account_id: format!("acc_{number:026}").parse().expect("an account id"),
        username: format!("trader_{number}"),
        role: UserRole::Customer,
        session_id: "session".to_owned(),
        credentials_end_us: i64::MAX,
    }
}

/// A deposit or a withdrawal.
#[must_use]
pub fn transfer(amount: &str) -> TransferRequest {
    TransferRequest::from(cnop_api::Figure::from(amount))
}

/// A market order with `side` and `type` apart.
#[must_use]
pub fn market_order(side: &str, asset_id: &str, quantity: &str) -> OrderRequest {
    OrderRequest {
        side: Some(side.to_owned()),
        kind: Some("market".to_owned()),
        asset_id: asset_id.to_owned(),
        quantity: Some(quantity.into()),
        ..OrderRequest::default()
    }
}

/// An order of any `order_type` (`limit_buy`, `stop_sell`, …).
#[must_use]
pub fn order(
    order_type: &str,
    asset_id: &str,
    quantity: &str,
    limit: Option<&str>,
    stop: Option<&str>,
) -> OrderRequest {
    OrderRequest {
        order_type: Some(order_type.to_owned()),
        asset_id: asset_id.to_owned(),
        quantity: Some(quantity.into()),
        price: limit.map(Into::into),
        stop_price: stop.map(Into::into),
        ..OrderRequest::default()
    }
}
