//! How an order is filled, and what a simulated market is.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::context::use_viewer;
use crate::format;

/// A fee in percent: `0.10 %`.
pub(super) fn fee_text(fee_bps: u32) -> String {
    format::share(f64::from(fee_bps) / 100.0)
}

/// The rule of fills.
#[component]
pub(crate) fn FillsPage() -> impl IntoView {
    let viewer = use_viewer();
    let fee = fee_text(viewer.fee_bps);
    let source = if viewer.is_simulated() {
        "Prices on this venue are made by a simulator. It starts from plausible prices, moves each asset with a \
         realistic volatility and pulls it back towards where it began. The same seed gives the same prices. Money \
         here is not real, deposits move no bank account, and nothing you see is a forecast."
    } else {
        "Prices on this venue come from CoinGecko; orders are filled by the rule above and are sent to no exchange. \
         Money here is not real and deposits move no bank account."
    };
    view! {
        <Title text="How an order is filled · CNOP" />
        <article class="prose">
            <h1>"How an order is filled"</h1>
            <p>"Every market order follows one published rule, fill model v1. There is no hidden randomness in it."</p>
            <ol>
                <li>
                    "The order is checked against the asset's rules: step size, smallest and largest quantity, value. A
                    sale of all the coins you have is never too small and needs no whole steps, so that nothing stays
                    behind that cannot be sold."
                </li>
                <li>"The newest quote is taken. If it is older than 15 seconds the order is refused and nothing happens."</li>
                <li>"A purchase fills whole at the ask, a sale fills whole at the bid."</li>
                <li>{format!("The fee is {fee} of the value, charged in dollars and rounded up to the eighth decimal.")}</li>
                <li>"Money, coins, order and event are written together or not at all."</li>
                <li>"The fill keeps the quote it used: number, bid, ask, time and source. You find it on the order's page."</li>
            </ol>
            <h2>"What it leaves out"</h2>
            <p>
                "Your order does not move the price, and the size shown at the quote does not limit a market order. On a
                real exchange both would, so large orders look better here than they would there."
            </p>
            <h2 id="simulated">"What simulated means"</h2>
            <p>{source}</p>
            <h2>"Cost and profit"</h2>
            <p>
                "Cost is the weighted average of your purchases, fees included. A sale realises the difference between
                what it brings after its fee and the average cost of what was sold."
            </p>
            <p>
                <a href="/market">"See the market"</a>
            </p>
        </article>
    }
}
