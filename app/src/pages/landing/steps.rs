//! The first page below its prices.

use leptos::prelude::*;

use crate::components::ui::{CodeLine, MutedLine, Note, PanelHead, SmallLink, Stack};
use crate::context::app_context;
use crate::pages::fills::fee_text;

/// The filling of an order in three steps, and the entry for developers.
#[component]
pub(super) fn Steps() -> impl IntoView {
    let app = app_context()?;
    let (fee, public_url) = (fee_text(app.fee_bps), app.public_url);
    let command = format!("curl {public_url}/api/v1/inventory/assets?limit=3");
    Some(view! {
        <Stack>
        <section>
            <PanelHead>
                <h2>"How orders are filled"</h2>
                <SmallLink href="/about/fills">"Full fill rules"</SmallLink>
            </PanelHead>
            <ol class="grid gap-5 [counter-reset:step] tablet:grid-cols-3">
                {step("See the price first", "Before you confirm, you see price, fee and the balance you will have.".to_owned())}
                {step("Filled at the bid or ask", format!("Buys fill at the ask, sells at the bid. The fee is {fee} of the value, in USD."))}
                {step("Check every fill", "Every fill keeps its bid, ask and time. Orders never fill on a stale price.".to_owned())}
            </ol>
        </section>
        <section>
            <h2>"For developers"</h2>
            <Note>"Everything here is also a REST API. "<a href="/docs">"Read the docs"</a></Note>
            <CodeLine>{command}</CodeLine>
        </section>
        </Stack>
    })
}

/// A step, numbered by the style sheet.
fn step(title: &'static str, text: String) -> impl IntoView {
    view! {
        <li class="pt-3 border-t-2 border-line text-14 [counter-increment:step] before:[content:counter(step)] before:text-accent before:font-[650]">
            <h3 class="my-1 text-16">{title}</h3>
            <MutedLine>{text}</MutedLine>
        </li>
    }
}
