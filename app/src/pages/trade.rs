//! Trading one asset: chart, ticket, and the orders of the asset.

mod actions;
mod data;
mod result;

use cnop_domain::AssetId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::data::{TradeData, trade};
use self::result::OrderResult;
use super::orders::{LastOrders, OpenOrders};
use super::portfolio::ClosePosition;
use super::region::{MainPart, Part, Region};
use super::{PageRequest, use_request};
use crate::chart::Range;
use crate::components::ui::{FigureSize, Muted, Panel, PanelHead, PanelKind, SmallMuted};
use crate::components::{AssetIcon, ChartTable, LiveChange, LivePrice, RangeLinks};
use crate::error::AppError;
use crate::islands::{PriceChart, TabTitle, Ticket};
use crate::market;
use crate::pages::guards::GuardNotice;

/// Chart, ticket and orders of one asset.
#[component]
pub(crate) fn TradePage() -> impl IntoView {
    let request = use_request();
    let name = use_params_map().with_untracked(|params| params.get("asset")).unwrap_or_default();
    view! {
        <Title text="Trade · CNOP" />
        <div class="trade max-trade:pb-8 grid grid-cols-[minmax(0,1fr)] gap-5 items-start trade:grid-cols-[minmax(0,1fr)_360px] desk:grid-rows-[auto_auto_1fr] desk:[&_.sheet]:[grid-area:2/2/4/3]">
            <MainPart way_on=("/market", "Go to the market")>
                {Suspend::new(async move { trade(&request, &name).await.map(|data| page(data, request)) })}
            </MainPart>
        </div>
    }
}

fn page(data: TradeData, request: PageRequest) -> impl IntoView {
    let TradeData { asset, ticket, start, placed, guard } = data;
    let (id, last) = (ticket.asset_id, ticket.quote.last);
    let range = Range::from_text(request.query("range")).unwrap_or_default();
    let title = format!("{id} {} · Trade · CNOP", crate::format::price(last));
    view! {
        <Title text=title />
        <TabTitle asset=id rest="Trade · CNOP".to_owned() />
        <header class="trade:col-span-full flex flex-wrap items-center justify-between gap-y-2 gap-x-4">
            <h1 class="inline-flex items-center gap-2">
                <AssetIcon path=asset.image />
                <span>{asset.name} " " <Muted>{id.to_string()}</Muted></span>
            </h1>
            <p class="tabular-nums">
                <span class=FigureSize::Middle.class()><LivePrice asset=id price=last /></span> <Muted>"\u{a0}USD"</Muted> " "
                <LiveChange asset=id percentage=asset.price_change_percentage_24h /> <SmallMuted>" 24 h"</SmallMuted>
            </p>
        </header>
        <section class="trade-chart flex flex-col gap-3 min-w-0 [&_.tabs]:self-start max-trade:[&_.chart-field]:h-[45vh] max-trade:[&_.chart-field]:min-h-55 max-trade:[&_.chart-field]:max-h-95" aria-label="Price chart">
            <Region id="chart-region">
                <RangeLinks page="/trade" asset=id range keep="side type" />
                <Part>{Suspend::new(chart(id, range))}</Part>
            </Region>
        </section>
        <Region id="ticket-region" keeps=true>
            <Ticket data=ticket start>
                <OrderResult orders=placed />
                {guard.map(|fault| view! { <GuardNotice fault /> })}
            </Ticket>
        </Region>
        <div class="flex flex-col gap-6 trade:col-span-full desk:[grid-area:3/1] desk:min-w-0 desk:[&_:is(th,td)]:px-2">
            <Region id="position-region" follows_account=true><ClosePosition asset=id /></Region>
            <Region id="open-region" follows_account=true><OpenOrders asset=id /></Region>
            <Panel kind=PanelKind::Flush labelled_by="trade-orders">
                <PanelHead>
                    <h2 id="trade-orders">{format!("{id} order history")}</h2>
                    <a href=format!("/orders?asset={id}")>"View all"</a>
                </PanelHead>
                <Region id="last-region" follows_account=true><LastOrders asset=id /></Region>
            </Panel>
        </div>
    }
}

async fn chart(asset: AssetId, range: Range) -> Result<impl IntoView, AppError> {
    let data = market::chart(asset, range).await?;
    Ok(view! { <PriceChart asset range=data.range candles=data.rows.clone() /> <ChartTable data /> })
}
