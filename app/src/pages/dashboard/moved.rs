//! The holdings with the largest results in 24 hours.

use cnop_api::Problem;
use cnop_api::portfolio::Holding;
use leptos::prelude::*;

use crate::components::Empty;
use crate::components::ui::{Change, Gain, HiddenCaption, NumberCell, NumberHead, Table};
use crate::error::AppError;
use crate::pages::PageRequest;

/// Holdings that are named as movers.
const MOVERS: usize = 5;

/// The movers, largest effect first.
pub(super) async fn moved(request: PageRequest) -> Result<impl IntoView + use<>, AppError> {
    let portfolio = request.services.portfolio.portfolio(&request.caller).await.map_err(Problem::from)?;
    if portfolio.assets.is_empty() {
        let (text, step) = if portfolio.cash.is_zero() {
            ("Your account is empty. Deposit USD, then choose an asset.", ("/account", "Deposit USD"))
        } else {
            ("You only hold cash. Assets you buy appear here.", ("/market", "Choose an asset"))
        };
        return Ok(view! { <Empty title="No holdings yet" text step /> }.into_any());
    }
    let mut movers: Vec<_> = portfolio.assets.iter().collect();
    movers.sort_by_key(|held| std::cmp::Reverse(held.day_change.units().unsigned_abs()));
    let rows = movers.into_iter().take(MOVERS).map(mover).collect_view();
    Ok(view! { <Table><HiddenCaption>"Holdings by their result in 24 hours"</HiddenCaption>
        <thead><tr><th scope="col">"Asset"</th><NumberHead>"Price, 24 h"</NumberHead><NumberHead>"Result, 24 h (USD)"</NumberHead></tr></thead>
        <tbody>{rows}</tbody></Table> }
    .into_any())
}

fn mover(held: &Holding) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row"><a href=format!("/market/{}", held.asset_id)>{held.name.clone()}</a></th>
            <NumberCell><Change percentage=held.price_change_percentage_24h /></NumberCell>
            <NumberCell>
                <Gain amount=held.day_change />
            </NumberCell>
        </tr>
    }
}
