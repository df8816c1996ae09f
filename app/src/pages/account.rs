//! The account: money in, money out, history.

#[cfg(feature = "ssr")]
pub(in crate::pages) mod history;
mod transfer;

use cnop_api::money::Balance;
use cnop_domain::Amount;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[cfg(feature = "ssr")]
pub(super) use self::history::history as draw_history;
use self::transfer::{Direction, Transfer};
use super::private::{done, show};
use crate::components::standing_links;
use crate::drawn::{Follow, drawn};
use crate::erased::Erase;
use crate::format;
use crate::functions::BalanceRead;
use crate::live::Live;
use crate::remote::{PageData, ask};

/// Balance, deposit and withdrawal side by side, and every movement of dollars.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let balance: PageData<Balance> = PageData::new(|| ask!(BalanceRead {})).follow_account();
    let query = use_query_map();
    let told = RwSignal::new(query.with_untracked(|query| query.get("done")).and_then(|done| booked(&done)));
    let deposit = Transfer::new(Direction::In, told);
    let withdraw = Transfer::new(Direction::Out, told);
    view! {
        <Title text="Account · CNOP" />
        <div class="stack">
            <div class="page-head">
                <h1>"Account"</h1>
                {standing_links()}
            </div>
            {done(move || told.get())}
            {show(balance, move |balance| figures(&balance))}
            <div class="columns columns-even">
                {deposit.view(balance)}
                {withdraw.view(balance)}
            </div>
            {drawn("account/history", Follow::Account)}
        </div>
    }
}

/// What the redirect after a form without scripts says.
fn booked(done: &str) -> Option<String> {
    match done {
        "deposit" => Some("Your deposit is booked. The history below shows it.".to_owned()),
        "withdraw" => Some("Your withdrawal is booked. The history below shows it.".to_owned()),
        _ => None,
    }
}

fn figures(balance: &Balance) -> AnyView {
    let live = Live::current();
    let (available, reserved) = (balance.available, balance.reserved);
    let now = move || {
        live.account()
            .map_or((available, reserved), |account| (account.balance.available, account.balance.reserved))
    };
    view! {
        <dl class="figures">
            <div>
                <dt>"Available"</dt>
                <dd class="big-figure">
                    {move || format::amount_cents(now().0)}
                    <span class="tail">{move || beyond_cents(now().0)}</span>
                    "\u{a0}USD"
                </dd>
            </div>
            <div>
                <dt>"Reserved by open orders"</dt>
                <dd class="mid-figure">{move || format::usd(now().1)}</dd>
            </div>
        </dl>
    }
    .erased()
}

/// The digits of an amount beyond its cents: exact, but not what one looks for.
fn beyond_cents(amount: Amount) -> String {
    let text = amount.to_string();
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.get(2..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_and_tail_make_the_whole_amount() {
        for (text, tail) in [("4397.69584654", "584654"), ("100", ""), ("0.5", ""), ("-1.001", "1")] {
            assert_eq!(beyond_cents(text.parse().unwrap()), tail);
        }
    }
}
