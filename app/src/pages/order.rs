//! One order with its whole story, and its fills computed again.

#[cfg(feature = "ssr")]
mod proof;
#[cfg(feature = "ssr")]
mod story;
#[cfg(feature = "ssr")]
pub(super) mod words;

use cnop_domain::engine::explain;
use cnop_domain::{Basis, Fill, OrderFill, OrderTerms, Price, Progress, Quote, Side};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::private::show_page;
use crate::components::{Icon, icon, order_actions, pager};
use crate::erased::{Erase, text};
use crate::functions::{FillProof, OrderRead, OrderStory};
use crate::remote::{PageData, ask};

#[cfg(feature = "ssr")]
pub(crate) use self::{
    proof::{detail as fill_detail, proof, title as fill_title},
    story::story,
};

/// One order of the account.
#[component]
pub(crate) fn OrderPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let page = Memo::new(move |_| query.with(|query| query.get("fills")).unwrap_or_default());
    let data: PageData<OrderStory> =
        PageData::new(move || ask!(OrderRead { order_id: id.get(), page: page.get() })).follow_account();
    view! {
        <Title text="Order · CNOP" />
        <div class="stack">
            {show_page(data, ("/orders", "All orders"), move |story| whole(&story, &id.get_untracked()))}
            {order_actions(id)}
        </div>
    }
}

/// The story as the server draws it, and the fills.
fn whole(story: &OrderStory, order_id: &str) -> AnyView {
    view! {
        <div class="stack">
            <div inner_html=story.html.clone()></div>
            {fills(story, order_id)}
        </div>
    }
    .erased()
}

/// Each fill with what made it, computed again here: by the server that draws the page, then by the browser that shows it.
fn fills(story: &OrderStory, order_id: &str) -> AnyView {
    if story.proofs.is_empty() {
        return ().into_any();
    }
    let by = RwSignal::new("the server that drew this page");
    Effect::new(move |_| by.set("your browser"));
    let lines = story.proofs.iter().map(one).collect_view();
    let path = |page: usize| format!("/orders/{order_id}?fills={page}#fills");
    let before = (story.page > 1).then(|| path(story.page - 1));
    let after = (story.page < story.pages).then(|| path(story.page + 1));
    view! {
        <section class="panel" id="fills" aria-labelledby="fills-title">
            <h2 id="fills-title">"Its fills, explained"</h2>
            <p class="muted small">
                "Each fill was computed again by " {text(Box::new(move || by.get().to_owned()))} ", from its quote and the published rules. "
                <a href="/about/fills">"How an order is filled"</a>
            </p>
            <ol class="story fills">{lines}</ol>
            {pager("Pages of fills", before, after)}
        </section>
    }
    .erased()
}

fn one(fill: &FillProof) -> AnyView {
    let rules = fill.rules.iter().map(|rule| view! { <li>{rule.clone()}</li> }).collect_view();
    let (class, mark, verdict) = match verify(&fill.figures) {
        Ok(()) => ("verified", Icon::Done, "verified".to_owned()),
        Err(mismatch) => ("verified not", Icon::Warning, format!("not as the rules make it: {mismatch}")),
    };
    view! {
        <li>
            <p class="row-title">{fill.title.clone()} " " <span class=class>{icon(mark)} {verdict}</span></p>
            <p class="muted small">{fill.detail.clone()}</p>
            <details class="more">
                <summary>"Explain"</summary>
                <ol class="rules small">{rules}</ol>
            </details>
        </li>
    }
    .erased()
}

/// In place of a limit that there is not.
const NONE: &str = "-";

/// Computes a fill again by the venue's own rules.
fn verify(figures: &str) -> Result<(), String> {
    let (terms, fee_bps, before, fill) =
        read(figures).ok_or_else(|| "its figures cannot be read".to_owned())?;
    explain(&terms, fee_bps, &before, &fill).map_err(|mismatch| mismatch.to_string())
}

/// The next word as a number.
fn next<T: std::str::FromStr>(words: &mut std::str::SplitAsciiWhitespace<'_>) -> Option<T> {
    words.next()?.parse().ok()
}

/// Reads the line that the server has written.
fn read(figures: &str) -> Option<(OrderTerms, u32, Progress, OrderFill)> {
    let mut words = figures.split_ascii_whitespace();
    let words = &mut words;
    let side = Side::from_text(words.next()?)?;
    let word = words.next()?;
    let basis =
        [Basis::Venue, Basis::Taker, Basis::Maker].into_iter().find(|basis| basis.as_str() == word)?;
    let limit = match words.next()? {
        NONE => None,
        limit => Some(limit.parse().ok()?),
    };
    let (fills, fee_bps) = (next(words)?, next(words)?);
    let (ordered, filled, quantity, displayed) = (next(words)?, next(words)?, next(words)?, next(words)?);
    let before = Progress { filled, notional: next(words)?, fees: next(words)?, fills };
    let (notional, fee, price) = (next(words)?, next(words)?, next(words)?);
    let quoted: Price = next(words)?;
    // A fill uses one side of the quote, and no rule looks at the asset.
    let quote = Quote {
        bid: quoted,
        ask: quoted,
        bid_size: displayed,
        ask_size: displayed,
        last: quoted,
        seq: 0,
        time_us: 0,
    };
    let terms = OrderTerms { limit, ..OrderTerms::market("BTC".parse().ok()?, side, ordered) };
    let fill = Fill { price, quantity, notional, fee, quote };
    Some((terms, fee_bps, before, OrderFill { fill, basis }))
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::proof::Figures;
    use super::*;

    fn figures() -> Figures<'static> {
        Figures {
            side: "buy",
            basis: "maker",
            limit: "61000".to_owned(),
            whole: [1, 10],
            coins: ["0.03", "0.01", "0.015", "0.015"].map(|text| text.parse().unwrap()),
            dollars: ["610", "0.61", "915", "0.915"].map(|text| text.parse().unwrap()),
            prices: ["61000", "60990"].map(|text| text.parse().unwrap()),
        }
    }

    #[test]
    fn a_fill_of_the_rules_is_verified_and_any_other_is_not() {
        assert_eq!(verify(&figures().line()), Ok(()));
        let prices = |texts: [&str; 2]| texts.map(|text| text.parse().unwrap());
        let coins = ["0.03", "0.01", "0.016", "0.015"].map(|text| text.parse().unwrap());
        let dollars = |texts: [&str; 4]| texts.map(|text| text.parse().unwrap());
        let wrong = [
            Figures { prices: prices(["60990", "60990"]), ..figures() },
            Figures { prices: prices(["61000", "61010"]), ..figures() },
            Figures { coins, ..figures() },
            Figures { dollars: dollars(["610", "0.61", "915.01", "0.915"]), ..figures() },
            Figures { dollars: dollars(["610", "0.61", "915", "0.92"]), ..figures() },
            Figures { limit: NONE.to_owned(), ..figures() },
        ];
        for wrong in wrong {
            assert!(verify(&wrong.line()).is_err(), "{}", wrong.line());
        }
        assert!(verify("").is_err() && verify("buy maker").is_err());
    }
}
