//! One order with its whole story, and its fills computed again.

#[cfg(feature = "ssr")]
mod proof;
#[cfg(feature = "ssr")]
mod story;
#[cfg(feature = "ssr")]
pub(super) mod words;

use cnop_domain::engine::explain;
use cnop_domain::{Basis, Fill, OrderFill, OrderState, OrderTerms, OrderType, Price, Quote, Seen, Side};
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

/// In place of a figure that there is not.
const NONE: &str = "-";

/// Computes a fill again by the venue's own rules.
fn verify(figures: &str) -> Result<(), String> {
    let (before, seen, fill) = read(figures).ok_or_else(|| "its figures cannot be read".to_owned())?;
    explain(&before, seen.as_ref(), &fill).map_err(|mismatch| mismatch.to_string())
}

/// The next word as a number.
fn next<T: std::str::FromStr>(words: &mut std::str::SplitAsciiWhitespace<'_>) -> Option<T> {
    words.next()?.parse().ok()
}

/// The next word as a number that there may not be.
fn next_if<T: std::str::FromStr>(words: &mut std::str::SplitAsciiWhitespace<'_>) -> Option<Option<T>> {
    match words.next()? {
        NONE => Some(None),
        word => word.parse().ok().map(Some),
    }
}

/// Reads the line that the server has written.
fn read(figures: &str) -> Option<(OrderState, Option<Seen>, OrderFill)> {
    let mut words = figures.split_ascii_whitespace();
    let words = &mut words;
    let side = Side::from_text(words.next()?)?;
    let order_type = OrderType::from_text(words.next()?)?;
    let basis = Basis::from_text(words.next()?)?;
    let (limit, stop) = (next_if(words)?, next_if(words)?);
    let (displayed_left, step_size) = (next_if(words)?, next_if(words)?);
    let (fills, fee_bps) = (next(words)?, next(words)?);
    let (ordered, filled, quantity, displayed) = (next(words)?, next(words)?, next(words)?, next(words)?);
    let (notional_before, fees) = (next(words)?, next(words)?);
    let (notional, fee, price) = (next(words)?, next(words)?, next(words)?);
    let (quoted, last): (Price, Price) = (next(words)?, next(words)?);
    // A fill uses one side of the quote, and no rule looks at the asset.
    let quote = Quote {
        bid: quoted,
        ask: quoted,
        bid_size: displayed,
        ask_size: displayed,
        last,
        seq: 0,
        time_us: 0,
    };
    // The trigger of a trailing order stands for the stop here: what it was made of stands in the explanation.
    let market = OrderTerms::market("BTC".parse().ok()?, side, ordered);
    let terms = OrderTerms { order_type, limit, stop, ..market };
    let before = OrderState {
        filled,
        notional: notional_before,
        fees,
        fills,
        ..OrderState::new(terms, None, fee_bps)
    };
    let seen = step_size.map(|step_size| Seen { displayed_left, tick_size: Price::ZERO, step_size });
    let fill = Fill { price, quantity, notional, fee, quote };
    Some((before, seen, OrderFill { fill, basis }))
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::proof::Figures;
    use super::*;

    fn figures() -> Figures {
        Figures {
            side: Side::Buy,
            kind: OrderType::Limit,
            basis: Basis::Maker,
            limits: ["61000", NONE].map(str::to_owned),
            seen: ["0.0155", "0.001"].map(str::to_owned),
            whole: [1, 10],
            coins: ["0.03", "0.01", "0.015", "0.016"].map(|text| text.parse().unwrap()),
            dollars: ["610", "0.61", "915", "0.915"].map(|text| text.parse().unwrap()),
            prices: ["61000", "60990", "60980"].map(|text| text.parse().unwrap()),
        }
    }

    #[test]
    fn a_fill_of_the_rules_is_verified_and_any_other_is_not() {
        assert_eq!(verify(&figures().line()), Ok(()));
        let prices = |texts: [&str; 3]| texts.map(|text| text.parse().unwrap());
        let coins = ["0.03", "0.01", "0.016", "0.016"].map(|text| text.parse().unwrap());
        let dollars = |texts: [&str; 4]| texts.map(|text| text.parse().unwrap());
        let wrong = [
            Figures { prices: prices(["60990", "60990", "60980"]), ..figures() },
            Figures { prices: prices(["61000", "61010", "60980"]), ..figures() },
            Figures { coins, ..figures() },
            Figures { dollars: dollars(["610", "0.61", "915.01", "0.915"]), ..figures() },
            Figures { dollars: dollars(["610", "0.61", "915", "0.92"]), ..figures() },
            Figures { limits: [NONE, NONE].map(str::to_owned), ..figures() },
            Figures { seen: ["0.0145", "0.001"].map(str::to_owned), ..figures() },
            Figures { seen: ["0.0165", "0.001"].map(str::to_owned), ..figures() },
            Figures { seen: ["0.0155", "0.002"].map(str::to_owned), ..figures() },
            Figures { basis: Basis::Venue, ..figures() },
            Figures { side: Side::Sell, ..figures() },
        ];
        for wrong in wrong {
            assert!(verify(&wrong.line()).is_err(), "{}", wrong.line());
        }
        let stop = |last| Figures {
            kind: OrderType::Stop,
            basis: Basis::Venue,
            limits: [NONE, "60990"].map(str::to_owned),
            seen: [NONE, "0.001"].map(str::to_owned),
            coins: ["0.025", "0.01", "0.015", "0"].map(|text| text.parse().unwrap()),
            prices: prices(["61000", "61000", last]),
            ..figures()
        };
        assert_eq!(verify(&stop("60990").line()), Ok(()));
        assert!(verify(&stop("60989.99").line()).is_err(), "its trigger was not reached");
        assert!(verify("").is_err() && verify("buy maker").is_err());
    }
}
