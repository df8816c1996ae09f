//! Trading one asset: chart, ticket, and the orders of the asset.

mod actions;
mod data;
mod result;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::data::{TradeData, trade};
use self::result::OrderResult;
use super::chart::ChartPanel;
use super::orders::{LastOrders, OpenOrders};
use super::portfolio::ClosePosition;
use super::region::{MainPart, Region};
use super::use_request;
use crate::components::ui::{FigureSize, Muted, Panel, PanelHead, PanelKind, SmallMuted};
use crate::components::{AssetIcon, LiveChange, LivePrice};
use crate::islands::{TabTitle, Ticket};
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
                {Suspend::new(async move { trade(&request, &name).await.map(|data| page(data)) })}
            </MainPart>
        </div>
    }
}

fn page(data: TradeData) -> impl IntoView {
    let TradeData { asset, ticket, start, placed, guard } = data;
    let (id, last) = (ticket.asset_id, ticket.quote.last);
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
        <div class="trade-chart min-w-0"><ChartPanel asset=id page="/trade" moves=true /></div>
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
