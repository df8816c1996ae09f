//! The holdings, one row each; on a phone a row becomes a small list.

use cnop_api::portfolio::Holding;
use leptos::prelude::*;

use crate::components::ui::{
    Dot, Gain, HiddenCaption, Muted, NumberCell, NumberHead, Panel, PanelKind, Scroll, SpokenOnly, Table,
    TableKind, WorthCell,
};
use crate::components::{AssetIcon, LivePrice, LiveProfit, LiveValue};
use crate::format;

/// Class of what has no color of its own.
pub(super) const REST: &str = "text-slice-rest";

/// Class of the color of the holding at this place, in the ring and in the table.
pub(super) const fn slice_class(place: usize) -> &'static str {
    match place {
        0 => "text-slice-0",
        1 => "text-slice-1",
        2 => "text-slice-2",
        3 => "text-slice-3",
        4 => "text-slice-4",
        5 => "text-slice-5",
        6 => "text-slice-6",
        _ => REST,
    }
}

/// Holdings with the colors of the allocation.
#[component]
pub(super) fn Holdings(
    /// The holdings, most valuable first.
    holdings: Vec<Holding>,
    /// Paths of their icons, in the same order.
    icons: Vec<Option<String>>,
) -> impl IntoView {
    let rows = holdings
        .iter()
        .zip(icons)
        .enumerate()
        .map(|(place, (holding, icon))| row(place, holding, icon))
        .collect_view();
    view! {
        <Panel kind=PanelKind::Flush labelled_by="holdings-title">
            <h2 id="holdings-title">"Holdings"</h2>
            <Scroll>
                <Table kind=TableKind::Stacked>
                    <HiddenCaption>"Holdings, most valuable first"</HiddenCaption>
                    <thead>
                        <tr>
                            <th scope="col">"Asset"</th>
                            <NumberHead>"Quantity"</NumberHead>
                            <NumberHead>"Avg. cost, USD"</NumberHead>
                            <NumberHead>"Price, USD"</NumberHead>
                            <NumberHead>"Value, USD"</NumberHead>
                            <NumberHead>"Allocation"</NumberHead>
                            <NumberHead>"Unrealized P&L, USD"</NumberHead>
                            <NumberHead>"Realized P&L, USD"</NumberHead>
                            <th scope="col"><SpokenOnly>"Actions"</SpokenOnly></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Scroll>
        </Panel>
    }
}

fn row(place: usize, holding: &Holding, icon: Option<String>) -> impl IntoView + use<> {
    let (asset, quantity) = (holding.asset_id, holding.quantity);
    let realised = holding.realised_profit;
    view! {
        <tr>
            <th scope="row" class="what">
                <a class="row-link inline-flex items-center gap-2 text-text hover:underline" href=format!("/trade/{asset}")>
                    <Dot color=slice_class(place) />
                    {icon.map(|path| view! { <AssetIcon path /> })}
                    <span>{holding.name.clone()} " " <Muted>{asset.to_string()}</Muted></span>
                </a>
            </th>
            <NumberCell label="Quantity">{format::quantity(quantity)}</NumberCell>
            <NumberCell label="Avg. cost">{format::price_f64(holding.average_cost.to_f64_lossy())}</NumberCell>
            <NumberCell end=true label="Price"><LivePrice asset price=holding.current_price /></NumberCell>
            <WorthCell><LiveValue asset quantity value=holding.market_value /></WorthCell>
            <NumberCell label="Allocation">{format!("{}%", holding.percentage)}</NumberCell>
            <NumberCell label="Unrealized">
                <LiveProfit asset quantity cost=holding.cost_basis profit=holding.unrealised_profit />
            </NumberCell>
            <NumberCell end=true label="Realized">
                <Gain amount=realised />
            </NumberCell>
            <td class="end">
                <a class="relative z-[1]" href=format!("/portfolio?close={asset}#close")>"Close…" <SpokenOnly>{format!(" {asset}")}</SpokenOnly></a>
            </td>
        </tr>
    }
}
