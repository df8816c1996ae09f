//! The portfolio and what can be said about it.

use cnop_api::portfolio::Portfolio;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The portfolio with what its rows need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PortfolioView {
    /// Cash and holdings, from one read.
    pub(crate) portfolio: Portfolio,
    /// Names and icons' paths of the assets held, in the portfolio's order.
    pub(crate) icons: Vec<String>,
}

/// The signed-in account's portfolio.
///
/// # Errors
/// 401, and 503 when the books or the prices cannot be read.
#[server(name = PortfolioRead, prefix = "/fn", endpoint = "portfolio", input = GetUrl)]
pub(crate) async fn portfolio_view() -> Result<PortfolioView, AppError> {
    let (services, caller) = super::private()?;
    let portfolio = services.portfolio.portfolio(&caller).await.map_err(super::refused)?;
    let icon =
        |asset_id| services.inventory.asset(asset_id).map(|detail| detail.asset.image).unwrap_or_default();
    let icons = portfolio.assets.iter().map(|holding| icon(holding.asset_id)).collect();
    Ok(PortfolioView { portfolio, icons })
}
