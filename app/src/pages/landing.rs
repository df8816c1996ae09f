//! The first page: it sells by working.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::{failure, market_table};
use crate::context::use_viewer;
use crate::erased::Erase;
use crate::market::{MarketRow, MarketTop};
use crate::remote::{PageData, ask};

/// The first page.
#[component]
pub(crate) fn LandingPage() -> impl IntoView {
    let rows: PageData<Vec<MarketRow>> = PageData::new(|| ask!(MarketTop {}));
    let table = rows.show(
        || view! { <p class="muted loading">"Loading prices"</p> }.erased(),
        |outcome| outcome.map_or_else(|error| failure(&error.0), |rows| market_table(&rows, None)),
    );
    let viewer = use_viewer();
    let command = format!("curl {}/api/v1/inventory/assets?limit=3", viewer.public_url);
    let step = if viewer.is_signed_in() {
        view! {
            <a class="button primary" href="/dashboard">"Go to your dashboard"</a>
            <a class="button" href="/market">"See the market"</a>
        }
        .erased()
    } else {
        view! {
            <a class="button primary" href="/register">"Open an account"</a>
            <a class="button" href="/market">"See the market"</a>
        }
        .erased()
    };
    view! {
        <Title text="CNOP · Trade crypto with every fill explained" />
        <div class="stack landing">
            <section class="hero">
                <div class="hero-text">
                    <h1>"Trade crypto with every fill explained"</h1>
                    <p class="lead">
                        "Live prices, exact money to eight decimals, and for each order the quote it was filled at."
                    </p>
                    <div class="buttons">{step}</div>
                </div>
                <div class="panel panel-flush">
                    <div class="panel-head">
                        <h2>"Ten largest, now"</h2>
                        <a class="small" href="/market">"All assets"</a>
                    </div>
                    {table}
                </div>
            </section>
            {steps(viewer.fee_bps)}
            <section>
                <h2>"For developers"</h2>
                <p class="muted small">"Everything here is also an HTTP API. "<a href="/docs">"Read its documentation"</a></p>
                <code class="code" tabindex="0">{command}</code>
            </section>
        </div>
    }
}

/// How an order is filled, in three steps.
fn steps(fee_bps: u32) -> AnyView {
    let fee = super::fills::fee_text(fee_bps);
    view! {
        <section>
            <div class="panel-head">
                <h2>"How an order is filled"</h2>
                <a class="small" href="/about/fills">"The whole rule"</a>
            </div>
            <ol class="steps">
                <li>
                    <h3>"You see the quote"</h3>
                    <p class="muted">"What you would buy and sell at, the fee and your balance afterwards, before you confirm."</p>
                </li>
                <li>
                    <h3>"It fills whole, at that side"</h3>
                    <p class="muted">{format!("A purchase at the ask, a sale at the bid. The fee is {fee} of the value, in dollars.")}</p>
                </li>
                <li>
                    <h3>"You can check it"</h3>
                    <p class="muted">"Each fill keeps the bid, the ask and the time it used. A price older than 15 seconds fills nothing."</p>
                </li>
            </ol>
        </section>
    }
    .erased()
}
