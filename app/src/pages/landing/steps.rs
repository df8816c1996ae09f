//! The first page below its prices.

use leptos::prelude::*;

use crate::components::ui::{MutedLine, Note, PanelHead, SmallLink, Stack};
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
            <ol class="grid gap-5 [counter-reset:step] [&_li]:pt-3 [&_li]:border-t-2 [&_li]:border-t-line [&_li]:[counter-increment:step] [&_li]:text-14 [&_li::before]:[content:counter(step)] [&_li::before]:text-accent [&_li::before]:font-[650] [&_h3]:my-1 [&_h3]:mx-0 [&_h3]:text-16 tablet:grid-cols-[repeat(3,1fr)]">
                <li>
                    <h3>"See the price first"</h3>
                    <MutedLine>"Before you confirm, you see price, fee and the balance you will have."</MutedLine>
                </li>
                <li>
                    <h3>"Filled at the bid or ask"</h3>
                    <MutedLine>{format!("Buys fill at the ask, sells at the bid. The fee is {fee} of the value, in USD.")}</MutedLine>
                </li>
                <li>
                    <h3>"Check every fill"</h3>
                    <MutedLine>"Every fill keeps its bid, ask and time. Orders never fill on a stale price."</MutedLine>
                </li>
            </ol>
        </section>
        <section>
            <h2>"For developers"</h2>
            <Note>"Everything here is also a REST API. "<a href="/docs">"Read the docs"</a></Note>
            <code class="block max-w-full py-3 px-3.5 overflow-x-auto border border-line rounded-control bg-surface whitespace-pre max-sm:whitespace-pre-wrap max-sm:wrap-anywhere" tabindex="0">{command}</code>
        </section>
        </Stack>
    })
}
