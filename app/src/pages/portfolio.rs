//! The portfolio: holdings, their cost and their value.

mod actions;
mod changes;
mod close;
mod donut;
mod findings;
mod holdings;

use cnop_api::Problem;
use cnop_api::portfolio::Portfolio;
use leptos::prelude::*;
use leptos_meta::Title;

use self::changes::changes;
use self::close::close;
use self::findings::insights;
use self::holdings::Holdings;
use super::region::Region;
use super::{PageRequest, use_request};
use crate::components::Empty;
use crate::components::ui::{Panel, Stack};
use crate::error::AppError;
use crate::islands::{HeldValue, PortfolioFigures, PortfolioTotals};

pub(super) use self::close::ClosePosition;
pub(super) use self::findings::line as finding_line;

/// Total, holdings, allocation and findings.
#[component]
pub(crate) fn PortfolioPage() -> impl IntoView {
    view! {
        <Title text="Portfolio · CNOP" />
        <Stack>
            <h1>"Portfolio"</h1>
            <Region id="close-region">{Suspend::new(close(use_request()))}</Region>
            <Region id="holdings-region" follows_account=true>{Suspend::new(portfolio(use_request()))}</Region>
            <Region id="insights-region" follows_account=true>{Suspend::new(insights(use_request()))}</Region>
            <Region id="changes-region" follows_account=true>{Suspend::new(changes(use_request()))}</Region>
        </Stack>
    }
}

async fn portfolio(request: PageRequest) -> Result<impl IntoView, AppError> {
    let portfolio = request.services.portfolio.portfolio(&request.caller).await.map_err(Problem::from)?;
    let holdings = if portfolio.assets.is_empty() {
        let step = if portfolio.cash.is_zero() {
            ("/account", "Deposit USD")
        } else {
            ("/market", "Choose an asset")
        };
        let text = "Assets you buy appear here with cost, value and P&L.";
        view! { <Panel><Empty title="No holdings yet" text step /></Panel> }.into_any()
    } else {
        let icon = |asset_id| request.services.inventory.asset(asset_id).map(|detail| detail.asset.image);
        let icons = portfolio.assets.iter().map(|held| icon(held.asset_id).ok()).collect();
        view! { <Holdings holdings=portfolio.assets.clone() icons /> }.into_any()
    };
    Ok(view! { <Totals portfolio /> {holdings} })
}

/// The large figures of a portfolio.
#[component]
pub(super) fn Totals(
    /// Portfolio that is shown.
    portfolio: Portfolio,
) -> impl IntoView {
    let held = portfolio.assets.iter().map(|held| HeldValue {
        asset: held.asset_id,
        quantity: held.quantity,
        value: held.market_value,
    });
    let figures = PortfolioFigures {
        held: held.collect(),
        cash: portfolio.cash,
        total: portfolio.total_value,
        day_change: portfolio.day_change,
        cost: portfolio.cost_basis,
        realised: portfolio.realised_profit,
    };
    view! { <PortfolioTotals figures /> }
}
