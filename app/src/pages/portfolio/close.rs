//! Closing a position: how much of it, a second look, and what came of it.

use cnop_api::trading::{OrderPreview, OrderRequest};
use cnop_api::{Code, FieldError, Figure, Problem};
use cnop_domain::engine::share_of;
use cnop_domain::{AssetId, BASIS_POINTS, OrderType, Quantity, Side};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::super::trade::told_of_order;
use crate::components::standing_links;
use crate::drawn::{Asked, DrawnForm, TOLD_ID, Text, hidden};
use crate::erased::Erase;
use crate::format;
use crate::forms::worded;
use crate::functions::{PositionClose, basis_points};

/// Shares to choose from: on the wire in percent, and in words.
const SHARES: [(&str, &str); 5] =
    [("100", "All of it"), ("75", "75 %"), ("50", "50 %"), ("25", "25 %"), ("own", "Another share")];

/// What came of the sale before, and the form that sells: on the page of an asset folded, beneath what is held, with the
/// links to what else can be asked for; on the portfolio's page for the asset that the address names.
///
/// # Errors
/// When the account cannot be read.
pub(crate) async fn close(asked: &Asked) -> Result<AnyView, Problem> {
    let at = asked.get("at");
    let told = told(asked).await;
    let name = if at.is_empty() { asked.get("close") } else { asked.get("asset") };
    let Ok(asset_id) = name.parse::<AssetId>() else { return Ok(told) };
    let available = match asked.services.ledger.asset_balance(&asked.caller, asset_id).await {
        Ok(balance) => balance.available,
        Err(error) => match Problem::from(error) {
            problem if problem.status() < 500 => Quantity::ZERO,
            problem => return Err(problem),
        },
    };
    if at.is_empty() {
        let body = form(asked, asset_id, available, "/portfolio").await;
        return Ok(view! {
            {told}
            <section class="panel form" id="close" aria-labelledby="close-title">
                <div class="panel-head">
                    <h2 id="close-title">{format!("Close your position in {asset_id}")}</h2>
                    <a href="/portfolio">"Leave it as it is"</a>
                </div>
                {body}
            </section>
        }
        .into_any());
    }
    let is_asked = !asked.get("close").is_empty();
    let cash = asked.services.ledger.balance(&asked.caller).await.map_err(Problem::from)?.available;
    let quote = asked.services.inventory.quotes(&[asset_id]).into_iter().next();
    let worth = quote.map(|quote| format!(" (about {})", format::usd_cents(quote.last.value_of(available))));
    let body = if available.is_zero() {
        ().into_any()
    } else {
        let body = form(asked, asset_id, available, at).await;
        view! {
            <details class="more" open=is_asked>
                <summary>{format!("Close your position in {asset_id}…")}</summary>
                <div class="form">{body}</div>
            </details>
        }
        .into_any()
    };
    Ok(view! {
        {told}
        <section class="panel form" id="close" aria-labelledby="close-title">
            <h2 id="close-title">"What you have"</h2>
            <dl class="facts facts-2">
                <div><dt>"Dollars available"</dt><dd>{format::usd(cash)}</dd></div>
                <div>
                    <dt>{format!("{asset_id} available")}</dt>
                    <dd>{format::quantity(available)} <span class="muted">{worth}</span></dd>
                </div>
            </dl>
            {body}
            {standing_links()}
        </section>
    }
    .into_any())
}

async fn told(asked: &Asked) -> AnyView {
    if asked.get("told") != "closed" {
        return ().into_any();
    }
    let Ok(order_id) = asked.get("order").parse() else { return ().into_any() };
    let Ok(order) = asked.services.orders.get(&asked.caller, &order_id).await else { return ().into_any() };
    view! {
        <p class="notice good" id=TOLD_ID role="status" tabindex="-1">
            {told_of_order(&order)} " " <a href=format!("/orders/{order_id}")>"The order's story"</a>
        </p>
    }
    .erased()
}

/// How much; when that was said, what it comes to with the button that sells.
async fn form(asked: &Asked, asset_id: AssetId, available: Quantity, page: &str) -> AnyView {
    if available.is_zero() {
        return view! {
            <p>{format!("Nothing of your {asset_id} is available. What open orders hold back is free again when they are canceled.")}</p>
        }
        .into_any();
    }
    let form = DrawnForm::new(asked, "close");
    let percent = percent(asked);
    let is_looked_at = asked.get("look") == "1" && !form.is_refused();
    let (form, look) = if is_looked_at {
        match look(asked, asset_id, available, &percent).await {
            Ok(preview) => (form, Some(preview)),
            Err(problem) => (form.refused(problem), None),
        }
    } else {
        (form, None)
    };
    let chosen = if asked.get("percent").is_empty() { "100" } else { asked.get("percent") };
    let own = form.text(&Text {
        name: "own",
        label: "Another share in %",
        initial: asked.get("own"),
        hint: "Above 0, at most 100, two decimals.",
        optional: true,
        ..Text::FIGURE
    });
    let key = form.key.clone();
    let look = look.map(|preview| second_look(&preview, asset_id, &percent, page, key));
    view! {
        {look}
        <form class="form" method="get" action=format!("{page}#close")>
            {form.summary()}
            {hidden("close", asset_id.to_string())}
            {hidden("look", "1")}
            <p>{format!("{} {asset_id} are available.", format::quantity(available))}</p>
            <div class="fields-2">{form.select("percent", "How much", &SHARES, chosen)} {own}</div>
            <button class="button block" r#type="submit">"Look at the sale"</button>
        </form>
    }
    .into_any()
}

/// The share that was chosen or typed, in percent.
fn percent(asked: &Asked) -> String {
    let chosen = asked.get("percent");
    if chosen == "own" { asked.get("own").to_owned() } else { chosen.to_owned() }
}

fn share(percent: &str) -> Result<u32, Problem> {
    basis_points(percent).filter(|share| (1..=BASIS_POINTS).contains(&i128::from(*share))).ok_or_else(|| {
        let detail = "Enter a share above 0 and at most 100, with at most two decimals.";
        Problem::invalid(vec![FieldError::new("own", "range", detail)])
    })
}

/// What selling the share would do now.
async fn look(
    asked: &Asked,
    asset_id: AssetId,
    available: Quantity,
    percent: &str,
) -> Result<OrderPreview, Problem> {
    let share = share(percent)?;
    let rules = asked.services.inventory.asset(asset_id).map_err(Problem::from)?.rules;
    let quantity = share_of(available, share, rules.step_size);
    if quantity.is_zero() {
        let detail = format!("This share is less than one step, {} {asset_id}.", rules.step_size);
        return Err(Problem::new(Code::RequestInvalid, detail.clone()).with_error(FieldError::new(
            "own",
            "step_size",
            detail,
        )));
    }
    let request = OrderRequest {
        side: Some(Side::Sell.to_string()),
        kind: Some(OrderType::Market.to_string()),
        asset_id: asset_id.to_string(),
        quantity: Some(Figure(quantity.to_string())),
        ..OrderRequest::default()
    };
    asked.services.orders.preview(&asked.caller, request).await.map_err(Problem::from)
}

/// What it comes to; without a button when it would be refused.
fn second_look(preview: &OrderPreview, asset_id: AssetId, percent: &str, page: &str, key: String) -> AnyView {
    let quantity = format!("{} {asset_id}", format::quantity(preview.quantity));
    let warnings = preview
        .warnings
        .iter()
        .chain(preview.problems.iter().map(|problem| &problem.detail))
        .map(|text| view! { <p class="notice warn">{worded("", text)}</p> })
        .collect_view();
    let sell = preview.problems.is_empty().then(|| {
        let label = format!("Sell {quantity} for about {}", format::usd_cents(preview.notional));
        view! {
            <form method="post" action=PositionClose::PATH>
                {hidden("asset_id", asset_id.to_string())}
                {hidden("percent", percent)}
                {hidden("key", key)}
                {hidden("back", page)}
                <button class="button sell block" r#type="submit" id="close-sell">{label}</button>
            </form>
        }
    });
    view! {
        <div class="confirm form" id=TOLD_ID tabindex="-1" role="group" aria-labelledby="close-look">
            <h3 id="close-look">"Check the sale"</h3>
            <p>{format!("It sells {percent} % of what is available at once, at the venue's price of that moment.")}</p>
            <dl class="facts">
                <div><dt>"You give"</dt><dd>{quantity.clone()}</dd></div>
                <div><dt>"At about"</dt><dd>{format!("{} USD", format::price(preview.price))}</dd></div>
                <div><dt>"Fee, about"</dt><dd>{format::usd(preview.fee)}</dd></div>
                <div><dt>"You get, after the fee, about"</dt><dd>{format::usd(preview.total)}</dd></div>
            </dl>
            {warnings}
            {sell}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_above_nothing_and_at_most_all() {
        for (text, bps) in [("100", 10_000), ("0.01", 1), (" 33.33 ", 3_333)] {
            assert_eq!(share(text), Ok(bps), "{text}");
        }
        for text in ["", "0", "100.01", "-1", "1.234", "half"] {
            let problem = share(text).unwrap_err();
            assert_eq!(problem.errors[0].member(), Some("own"), "{text}");
        }
    }
}
