//! Fills and alerts of one asset.

use cnop_api::Problem;
use cnop_api::trading::{AlertDirection, AlertStatus, AlertView, AssetTransaction, AssetTransactionType};
use cnop_domain::{AssetId, Side};
use leptos::prelude::*;

use crate::components::ui::{
    HiddenCaption, NumberCell, NumberHead, Panel, PanelKind, Scroll, Table, TableKind, WorthCell,
};
use crate::error::AppError;
use crate::pages::{PageRequest, use_request};
use crate::{format, labels};

/// Fills in the dock.
const FILL_ROWS: u32 = 10;

/// The newest fills of an asset.
pub(super) fn fills(asset: AssetId) -> impl IntoView {
    Suspend::new(fill_table(use_request(), asset))
}

async fn fill_table(request: PageRequest, asset: AssetId) -> Result<impl IntoView, AppError> {
    let page = request.services.orders.asset_transactions(&request.caller, asset, FILL_ROWS, 0, None).await;
    let fills = page.map_err(Problem::from)?.data;
    if fills.is_empty() {
        return Ok(view! { <p class="text-muted text-14">{format!("No {asset} fills yet.")}</p> }.into_any());
    }
    let rows = fills.iter().map(fill_row).collect_view();
    Ok(view! {
        <Panel kind=PanelKind::Flush label="Fills">
            <Scroll>
                <Table kind=TableKind::Stacked>
                    <HiddenCaption>"Fills, newest first"</HiddenCaption>
                    <thead>
                        <tr>
                            <th scope="col">"Time"</th>
                            <th scope="col">"Side"</th>
                            <NumberHead>{format!("Quantity, {asset}")}</NumberHead>
                            <NumberHead>"Price, USD"</NumberHead>
                            <NumberHead>"Value, USD"</NumberHead>
                            <NumberHead>"Fee, USD"</NumberHead>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Scroll>
        </Panel>
    }
    .into_any())
}

fn fill_row(fill: &AssetTransaction) -> impl IntoView + use<> {
    let side = match fill.transaction_type {
        AssetTransactionType::Buy => Side::Buy,
        AssetTransactionType::Sell => Side::Sell,
    };
    view! {
        <tr>
            <td class="when">
                <a class="row-link" href=format!("/orders/{}", fill.order_id) title=format::moment(fill.timestamp)>
                    {format::moment_short(fill.timestamp)}
                </a>
            </td>
            <td class="what"><span class=labels::side_class(side)>{labels::side(side)}</span></td>
            <NumberCell label="Quantity">{format::quantity(fill.quantity)}</NumberCell>
            <NumberCell label="Price, USD">{format::price(fill.price)}</NumberCell>
            <WorthCell>{format::money(fill.price.value_of(fill.quantity))}</WorthCell>
            <NumberCell end=true label="Fee, USD">{format::money(fill.fee)}</NumberCell>
        </tr>
    }
}

/// The alerts of an asset, waiting ones first, and the way to a new one.
pub(super) fn alerts(asset: AssetId) -> impl IntoView {
    Suspend::new(alert_table(use_request(), asset))
}

async fn alert_table(request: PageRequest, asset: AssetId) -> Result<impl IntoView, AppError> {
    let all = request.services.alerts.list(&request.caller).await.map_err(Problem::from)?;
    let of_asset = all.into_iter().filter(|alert| alert.asset_id == asset);
    let (waiting, fired): (Vec<_>, Vec<_>) = of_asset.partition(|alert| alert.status == AlertStatus::Waiting);
    let rows = waiting.iter().chain(&fired).map(alert_row).collect_view();
    let empty = waiting.is_empty() && fired.is_empty();
    let list = if empty {
        view! { <p class="px-4 pt-4 text-muted text-14">{format!("No {asset} alerts.")}</p> }.into_any()
    } else {
        view! { <ul class="px-4 pt-2 text-14">{rows}</ul> }.into_any()
    };
    Ok(view! {
        <Panel kind=PanelKind::Flush label="Alerts">
            {list}
            <p class="px-4 py-3 text-14"><a href=format!("/alerts?asset={asset}")>"Set alert"</a></p>
        </Panel>
    })
}

fn alert_row(alert: &AlertView) -> impl IntoView + use<> {
    let how = match alert.direction {
        AlertDirection::Above => "Rises to",
        AlertDirection::Below => "Falls to",
    };
    let state = alert
        .fired_at
        .map_or_else(|| "Waiting".to_owned(), |time| format!("Triggered {}", format::moment_short(time)));
    let title = alert.fired_at.map(format::moment);
    view! {
        <li class="flex flex-wrap justify-between gap-x-4 py-1.5 border-b border-line last:border-0">
            <span>{how} " " {format::price(alert.price)} " USD" {alert.note.as_ref().map(|note| format!(" · {note}"))}</span>
            <span class="text-muted" title=title>{state}</span>
        </li>
    }
}
