//! The dock beneath the chart: what the account has to do with the asset, one tab at a time.

mod lists;

use cnop_domain::AssetId;
use leptos::prelude::*;

use self::lists::{alerts, fills};
use crate::components::ui::{LinkButton, Look, Panel, PanelKind, TabBar};
use crate::islands::TICKET_FORM;
use crate::pages::orders::{LastOrders, OpenOrders};
use crate::pages::portfolio::ClosePosition;
use crate::pages::region::Region;
use crate::pages::request::PublicRequest;

/// A tab of the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Open,
    History,
    Fills,
    Balances,
    Alerts,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Open, Self::History, Self::Fills, Self::Balances, Self::Alerts];

    /// Its text in the address.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::History => "history",
            Self::Fills => "fills",
            Self::Balances => "balances",
            Self::Alerts => "alerts",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open orders",
            Self::History => "History",
            Self::Fills => "Fills",
            Self::Balances => "Balances",
            Self::Alerts => "Alerts",
        }
    }

    /// The tab that an address shows: the one it names, or the one that a form of it needs.
    fn of(visit: &PublicRequest) -> Self {
        let named = visit.query("dock");
        let (result, problem) = (visit.query("result"), visit.query("problem"));
        if !visit.query("close").is_empty() || result == "closed" {
            return Self::Balances;
        }
        // Open orders tell the outcome of their forms, and of a line that was moved on the chart.
        if !result.is_empty() || (!problem.is_empty() && visit.query("form") != TICKET_FORM) {
            return Self::Open;
        }
        Self::ALL.into_iter().find(|tab| tab.as_str() == named).unwrap_or(Self::Open)
    }
}

/// The dock; visitors are told what it will hold.
pub(super) fn dock(visit: &PublicRequest, asset: AssetId) -> impl IntoView + use<> {
    let shown = Tab::of(visit);
    let links = Tab::ALL
        .into_iter()
        .map(|tab| {
            view! {
                <a
                    href=format!("/trade/{asset}?dock={}#dock", tab.as_str())
                    data-keep="side type range interval"
                    aria-current=(tab == shown).then_some("true")
                >
                    {tab.label()}
                </a>
            }
        })
        .collect_view();
    let content =
        if visit.caller.is_some() { content(shown, asset).into_any() } else { visitor(visit).into_any() };
    view! {
        <section class="dock flex flex-col gap-3 min-w-0" id="dock" aria-label="Orders and balances">
            <Region id="dock-region" follows_account=true alone=true>
                <div class="overflow-x-auto [scrollbar-width:none]"><TabBar label="Orders and balances">{links}</TabBar></div>
                <div class="dock-content flex flex-col gap-3 min-w-0">{content}</div>
            </Region>
        </section>
    }
}

fn content(shown: Tab, asset: AssetId) -> impl IntoView {
    match shown {
        Tab::Open => view! {
            <OpenOrders asset />
            <p class="hidden only:block text-muted text-14">{format!("No open {asset} orders.")}</p>
        }
        .into_any(),
        Tab::History => view! {
            <Panel kind=PanelKind::Flush label="Order history">
                <LastOrders asset />
                <p class="px-4 py-2 text-14"><a href=format!("/orders?asset={asset}")>"View all"</a></p>
            </Panel>
        }
        .into_any(),
        Tab::Fills => fills(asset).into_any(),
        Tab::Balances => view! { <ClosePosition asset /> }.into_any(),
        Tab::Alerts => alerts(asset).into_any(),
    }
}

fn visitor(visit: &PublicRequest) -> impl IntoView + use<> {
    let next = crate::address::encoded(visit.path());
    view! {
        <Panel label="Sign in">
            <p class="mb-3 text-muted text-14">"Your orders, fills and balances appear here. Practice with simulated dollars: it takes a minute."</p>
            <div class="flex flex-wrap gap-2">
                <LinkButton href=format!("/login?next={next}")>"Sign in"</LinkButton>
                <LinkButton look=Look::Quiet href="/register">"Open an account"</LinkButton>
            </div>
        </Panel>
    }
}
