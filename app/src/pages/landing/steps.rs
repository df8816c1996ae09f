//! The first page below its prices.

use leptos::prelude::*;

use crate::components::ui::{MutedLine, Note, PanelHead, SmallLink, Stack};
use crate::context::app_context;
use crate::pages::fills::fee_text;

/// How an order is filled, in three steps, and where developers begin.
#[component]
pub(super) fn Steps() -> impl IntoView {
    let app = app_context()?;
    let (fee, public_url) = (fee_text(app.fee_bps), app.public_url);
    let command = format!("curl {public_url}/api/v1/inventory/assets?limit=3");
    Some(view! {
        <Stack>
        <section>
            <PanelHead>
                <h2>"How an order is filled"</h2>
                <SmallLink href="/about/fills">"The whole rule"</SmallLink>
            </PanelHead>
            <ol class="steps">
                <li>
                    <h3>"You see the quote"</h3>
                    <MutedLine>"What you would buy and sell at, the fee and your balance afterwards, before you confirm."</MutedLine>
                </li>
                <li>
                    <h3>"It fills whole, at that side"</h3>
                    <MutedLine>{format!("A purchase at the ask, a sale at the bid. The fee is {fee} of the value, in dollars.")}</MutedLine>
                </li>
                <li>
                    <h3>"You can check it"</h3>
                    <MutedLine>"Each fill keeps the bid, the ask and the time it used. A price that is too old fills nothing."</MutedLine>
                </li>
            </ol>
        </section>
        <section>
            <h2>"For developers"</h2>
            <Note>"Everything here is also an HTTP API. "<a href="/docs">"Read its documentation"</a></Note>
            <code class="code" tabindex="0">{command}</code>
        </section>
        </Stack>
    })
}
