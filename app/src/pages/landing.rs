//! The first page: it sells by working.

#[cfg(feature = "ssr")]
mod steps;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::{failure, market_table};
use crate::context::use_viewer;
use crate::erased::Erase;
use crate::functions::{FillsRead, STEPS};
use crate::market::{MarketRow, MarketTop};
use crate::remote::{PageData, ask};

#[cfg(feature = "ssr")]
pub(crate) use self::steps::steps;

/// The first page.
#[component]
pub(crate) fn LandingPage() -> impl IntoView {
    let rows: PageData<Vec<MarketRow>> = PageData::new(|| ask!(MarketTop {}));
    let table = rows.show(
        || view! { <p class="muted loading">"Loading prices"</p> }.erased(),
        |outcome| outcome.map_or_else(|error| failure(&error.0), |rows| market_table(&rows, None)),
    );
    let viewer = use_viewer();
    // A text: the server alone has it.
    let text: PageData<String> = PageData::new(|| ask!(FillsRead { text: STEPS.to_owned() }));
    let text = text.show(
        || ().into_any(),
        |outcome| {
            outcome.map_or_else(
                |error| failure(&error.0),
                |html| view! { <div class="stack" inner_html=html></div> }.erased(),
            )
        },
    );
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
            {text}
        </div>
    }
}
