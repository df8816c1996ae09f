//! Fill model v1 and what belongs to it, in words for traders.

use cnop_domain::OrderType;
use leptos::prelude::*;

use super::fee::fee_text;
use crate::components::ui::{Prose, Scroll};

/// Order types: name, trigger condition, and effect.
const TYPES: [(OrderType, &str, &str); 7] = [
    (OrderType::Market, "nothing", "fills in full at once: buys at the ask, sells at the bid"),
    (OrderType::Limit, "nothing", "fills at your price or better, in parts if needed"),
    (OrderType::Stop, "last to rise to the stop price (sells: to fall to it)", "becomes a market order"),
    (OrderType::StopLimit, "the same", "becomes a limit order at your limit"),
    (
        OrderType::TakeProfit,
        "last to fall to the stop price (sells: to rise to it)",
        "becomes a market order",
    ),
    (OrderType::TakeProfitLimit, "the same", "becomes a limit order at your limit"),
    (
        OrderType::TrailingStop,
        "last to come back by the trailing distance from the peak price",
        "becomes a market order",
    ),
];

/// The rules of fill model v1, in their order.
const RULES: [(&str, &str); 6] = [
    (
        "Market orders and triggered stops fill in full, at the quote.",
        "Buys at the ask, sells at the bid, whatever size is displayed.",
    ),
    (
        "A limit order that arrives at or beyond the other side's price takes that price,",
        "not the limit, for at most the displayed size that is left. The rest stays open.",
    ),
    (
        "A resting limit order fills at the limit when the other side's price reaches it.",
        "If the price jumps past the limit, the order fills at the limit. At most the displayed size that is left; parts \
         are whole steps, and the hundredth fill takes all that remains.",
    ),
    (
        "Each quoted size can be used only once.",
        "Size that rules 2 and 3 take from a quote is gone until the next quote. Better prices come first, then older orders.",
    ),
    (
        "Stops trigger on the last price and fill at the quote that triggered them,",
        "not at their stop price. In a gap you get the worse price.",
    ),
    (
        "No order fills while the venue is down.",
        "The first quote after a restart counts like any other. Price moves in between are ignored.",
    ),
];

/// The rule of fills.
#[component]
pub(super) fn Article(
    /// Fee in basis points.
    fee_bps: u32,
    /// True if prices are made by the simulator.
    is_simulated: bool,
) -> impl IntoView {
    let fee = fee_text(fee_bps);
    let source = if is_simulated {
        "Prices on this venue are made by a simulator. It starts from plausible prices, moves each asset with a \
         realistic volatility and without a trend, from a secret that nobody can compute from prices. Money \
         here is not real, deposits move no bank account, and nothing you see is a forecast."
    } else {
        "Prices on this venue come from CoinGecko; orders are filled by the rules above and are sent to no exchange. \
         Money here is not real and deposits move no bank account."
    };
    let rules = RULES
        .into_iter()
        .map(|(rule, more)| view! { <li><strong>{rule}</strong> " " {more}</li> })
        .collect_view();
    view! {
        <Prose>
            <h1>"How orders are filled"</h1>
            <p>
                "Every order follows published rules, fill model v1. There is no hidden randomness in them: from the quote
                and the order anyone can compute the same fill, and each order's page does so in your browser."
            </p>
            <h2>"Order types"</h2>
            {types()}
            <p>
                "An order whose trigger is already reached is rejected: use a market order instead. Prices are
                multiples of the tick size, at least a fifth and at most five times the last price."
            </p>
            <h2>"The rules"</h2>
            <ol>{rules}</ol>
            <p>
                "The newest quote is used. If the quote is older than 15 seconds, a new order is rejected.
                Money, coins, order and event are written together or not at all, and each fill keeps its quote: number, bid,
                ask, sizes, time and source."
            </p>
            {lives()}
            {reserves(&fee)}
            {groups()}
            <h2>"Limits of the model"</h2>
            <p>
                "Your order does not move the price, and the size shown at the quote does not limit a market order. On a
                real exchange both would, so large orders look better here than they would there."
            </p>
            <h2 id="simulated">"Simulated market"</h2>
            <p>{source}</p>
            <h2>"Cost and P&L"</h2>
            <p>
                "Average cost is the weighted average of your buys, fees included. A sell realizes the difference between
                the proceeds after the fee and the average cost of the sold quantity."
            </p>
            <p>
                <a href="/market">"See the market"</a>
            </p>
        </Prose>
    }
}

fn types() -> impl IntoView + use<> {
    let lines = TYPES
        .into_iter()
        .map(|(kind, waits, then)| {
            view! {
                <tr>
                    <th scope="row">{crate::labels::order_type(kind)}</th>
                    <td>{waits}</td>
                    <td>{then}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Scroll role="group" label="Order types">
            <table class="data-table [&_td]:whitespace-normal [&_th]:whitespace-normal">
                <thead>
                    <tr>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Waits for"</th>
                        <th scope="col">"Then"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </Scroll>
    }
}

fn lives() -> impl IntoView + use<> {
    view! {
        <h2>"Time in force"</h2>
        <p>
            "A limit order and an order with a trigger stay until you cancel them, or until the end of a day that you choose, at
            most 366 days ahead. A limit order can also be for now only: what does not fill at once expires, or all of it
            unless it fills whole. Post-only refuses a limit order that would fill at once. Expiry is looked at before
            prices: an order past its time never fills."
        </p>
    }
}

fn reserves(fee: &str) -> impl IntoView + use<> {
    view! {
        <h2>"Reserve and fee"</h2>
        <p>
            {format!("The fee is {fee} of the value, charged in dollars and rounded up to the eighth decimal, on the sum of an order's fills: ")}
            "many small fills never cost more than one."
        </p>
        <p>
            "An open order reserves what it can cost. A sale reserves its coins. A purchase with a limit reserves its limit
            times what is not filled, and the fee. A purchase with a trigger and no limit reserves its trigger plus 2.5%; if the
            price has run further when it triggers, the difference comes from your balance, and if that is too small the
            order is rejected. What is not spent comes back when the order closes."
        </p>
    }
}

fn groups() -> impl IntoView + use<> {
    view! {
        <h2>"Linked orders"</h2>
        <p>
            "A sale at a profit and a stop on the same coins (OCO) reserve once. What one fills, the other shrinks by; when one
            is filled whole, the other is canceled. Both can never fill. The exits of a purchase become active with its
            first part that fills, and grow with it. If the purchase ends early, they stay for what was bought. An exit
            that sells all of it cancels the rest of the purchase."
        </p>
    }
}
