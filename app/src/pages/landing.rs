//! The first page: it sells by working.

mod steps;

use leptos::prelude::*;
use leptos_meta::Title;

use self::steps::Steps;
use super::region::Part;
use crate::components::MarketTable;
use crate::components::ui::{Buttons, LinkButton, Look, Panel, PanelHead, PanelKind, SmallLink};
use crate::context::use_viewer;
use crate::error::AppError;
use crate::market;

/// The landing page of the venue.
#[component]
pub(crate) fn LandingPage() -> impl IntoView {
    let is_signed_in = use_viewer().is_signed_in();
    let top = market::top().map(|rows| view! { <MarketTable rows /> }).map_err(AppError);
    view! {
        <Title text="CNOP · Trade crypto. See why every order got its price." />
        <div class="flex flex-col gap-12">
            <section class="grid gap-7 items-start trade:grid-cols-[minmax(0,5fr)_minmax(0,7fr)] trade:gap-12">
                <div class="trade:sticky trade:top-24">
                    <h1 class="max-w-[18ch] text-28 trade:text-40 trade:leading-[1.1]">"Trade crypto. See why every order got its price."</h1>
                    <p class="mt-3 mb-5 max-w-[46ch] text-muted">
                        "Live prices, exact balances, and the bid and ask behind every fill."
                    </p>
                    <Buttons>
                        <Show
                            when=move || is_signed_in
                            fallback=|| view! { <LinkButton look=Look::Primary href="/register">"Open an account"</LinkButton> }
                        >
                            <LinkButton look=Look::Primary href="/dashboard">"Go to your dashboard"</LinkButton>
                        </Show>
                        <LinkButton href="/market">"See the market"</LinkButton>
                    </Buttons>
                </div>
                <Panel kind=PanelKind::Flush>
                    <PanelHead>
                        <h2>"Top 10 by market cap"</h2>
                        <SmallLink href="/market">"All assets"</SmallLink>
                    </PanelHead>
                    <Part>{top}</Part>
                </Panel>
            </section>
            <Steps />
        </div>
    }
}
