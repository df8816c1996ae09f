//! The dashboard: the state of the account, its movers, and the next steps.

mod attention;
mod moved;

use cnop_api::Problem;
use leptos::prelude::*;
use leptos_meta::Title;

use self::attention::attention;
use self::moved::moved;
use super::orders::LastOrders;
use super::portfolio::Totals;
use super::region::Region;
use super::{PageRequest, use_request};
use crate::components::ui::{
    Buttons, Columns, LinkButton, Look, PageHead, Panel, PanelHead, PanelKind, Stack,
};
use crate::components::{Outcome, StandingLinks};
use crate::error::AppError;

/// The first page after signing in.
#[component]
pub(crate) fn DashboardPage() -> impl IntoView {
    let is_new = use_request().query("result") == "register";
    view! {
        <Title text="Dashboard · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Dashboard"</h1>
                <Buttons>
                    <LinkButton look=Look::Primary href="/trade">"Trade"</LinkButton>
                    <LinkButton href="/account#deposit-title">"Deposit"</LinkButton>
                    <LinkButton href="/account#withdraw-title">"Withdraw"</LinkButton>
                </Buttons>
            </PageHead>
            <StandingLinks />
            <Show when=move || is_new>
                <Outcome>"Welcome. Your account is ready: deposit USD to start."</Outcome>
            </Show>
            <Region id="totals-region" follows_account=true>{Suspend::new(totals(use_request()))}</Region>
            <Columns even=true>
                <Panel kind=PanelKind::Flush labelled_by="moved-title">
                    <h2 id="moved-title">"Biggest movers in your portfolio"</h2>
                    <Region id="moved-region" follows_account=true>{Suspend::new(moved(use_request()))}</Region>
                </Panel>
                <Panel labelled_by="attention-title">
                    <h2 id="attention-title">"Needs attention"</h2>
                    <Region id="attention-region" follows_account=true>{Suspend::new(attention(use_request()))}</Region>
                </Panel>
            </Columns>
            <Panel kind=PanelKind::Flush labelled_by="recent-title">
                <PanelHead>
                    <h2 id="recent-title">"Recent orders"</h2>
                    <a href="/orders">"All orders"</a>
                </PanelHead>
                <Region id="last-region" follows_account=true><LastOrders /></Region>
            </Panel>
        </Stack>
    }
}

async fn totals(request: PageRequest) -> Result<impl IntoView, AppError> {
    let portfolio = request.services.portfolio.portfolio(&request.caller).await.map_err(Problem::from)?;
    Ok(view! { <Totals portfolio /> })
}
