//! Trading one asset: its quote, chart, ticket, and what the account has to do with it.

mod actions;
mod bar;
mod data;
mod dock;
mod help;
mod result;
mod watch;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::bar::bar;
use self::data::{TradeData, trade};
use self::dock::dock;
use self::help::help;
use self::result::OrderResult;
use self::watch::watch;
use super::chart::ChartPanel;
use super::refusal;
use super::region::{MainPart, Region};
use super::request::PublicRequest;
use crate::error::AppError;
use crate::islands::{TabTitle, Ticket};
use crate::pages::guards::GuardNotice;

/// The workspace of one asset. Visitors see all of it; the ticket asks them to sign in at its end.
#[component]
pub(crate) fn TradePage() -> impl IntoView {
    let visit = match PublicRequest::current() {
        Ok(visit) => visit,
        Err(problem) => return refusal(&AppError(problem)).into_any(),
    };
    // The regions of a signed-in trader read it.
    visit.signed_in().into_iter().for_each(provide_context);
    let name = use_params_map().with_untracked(|params| params.get("asset")).unwrap_or_default();
    view! {
        <Title text="Trade · CNOP" />
        <div class="trade max-trade:pb-8 grid gap-x-2 gap-y-2 max-trade:gap-y-3 items-start">
            <MainPart way_on=("/market", "Go to the market")>
                {Suspend::new(async move {
                    let data = trade(&visit, &name).await.map_err(AppError)?;
                    page(data, visit).map_err(AppError)
                })}
            </MainPart>
        </div>
    }
    .into_any()
}

fn page(data: TradeData, visit: PublicRequest) -> Result<impl IntoView, cnop_api::Problem> {
    let TradeData { detail, ticket, start, placed, guard } = data;
    let (id, last) = (ticket.asset_id, ticket.quote.last);
    let title = format!("{id} {} · Trade · CNOP", crate::format::price(last));
    let bar = bar(&detail, ticket.quote.clone(), start.order.side().as_str());
    let watch = watch(&visit, id)?;
    Ok(view! {
        <Title text=title />
        <TabTitle asset=id rest="Trade · CNOP".to_owned() />
        {bar}
        <Region id="ticket-region" keeps=true>
            <Ticket data=ticket start>
                <OrderResult orders=placed />
                {guard.map(|fault| view! { <GuardNotice fault /> })}
            </Ticket>
        </Region>
        <div class="[grid-area:main] flex flex-col gap-2 min-w-0 max-trade:gap-4">
            <div class="trade-chart min-w-0 trade:px-4 trade:py-3 trade:border trade:border-line trade:rounded-panel trade:bg-surface"><ChartPanel asset=id page="/trade" moves=true /></div>
            {dock(&visit, id)}
        </div>
        {watch}
        {help()}
    })
}
