//! Closing a position: the quantity, the confirmation and the outcome.

use cnop_api::trading::{OrderPreview, OrderRequest};
use cnop_api::{Code, FieldError, Figure, Problem};
use cnop_domain::matching::share_of;
use cnop_domain::{AssetId, BASIS_POINTS, OrderType, Quantity, Side};
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::PositionClose;
use crate::components::ui::{
    Button, ButtonSize, CONFIRM, Disclosure, Facts, FactsKind, FieldPair, FieldStack, Form, Look, Method,
    Muted, Notice, Panel, PanelHead, PanelKind, Tone,
};
use crate::components::{Outcome, StandingLinks};
use crate::error::AppError;
use crate::format;
use crate::forms::{FORM_RESULT, FormState, Hidden, TextInput, worded};
use crate::order_form::basis_points;
use crate::pages::order::outcome::outcome_text;
use crate::pages::{PageRequest, use_request};

/// Shares to choose from: on the wire in percent, and in words.
const SHARES: [(&str, &str); 5] =
    [("100", "100%"), ("75", "75%"), ("50", "50%"), ("25", "25%"), ("own", "Custom")];

/// Dollars and coins of one asset, with the form that closes the position, for the trading page of the asset.
#[component]
pub(in crate::pages) fn ClosePosition(
    /// Id of the asset.
    asset: AssetId,
) -> impl IntoView {
    Suspend::new(position(use_request(), asset))
}

async fn position(request: PageRequest, asset_id: AssetId) -> Result<impl IntoView, AppError> {
    let available = available(&request, asset_id).await?;
    let is_asked = !request.query("close").is_empty();
    let cash = request.services.ledger.balance(&request.caller).await.map_err(Problem::from)?.available;
    let quote = request.services.inventory.quotes(&[asset_id]).into_iter().next();
    let worth = quote.map(|quote| format!(" (about {})", format::usd_cents(quote.last.value_of(available))));
    let form = if available.is_zero() { None } else { Some(form(&request, asset_id, available).await) };
    let form = form.map(|form| {
        view! {
            <Disclosure label=format!("Close {asset_id} position…") open=is_asked>
                <FieldStack>{form}</FieldStack>
            </Disclosure>
        }
    });
    Ok(view! {
        {result(&request).await}
        <Panel kind=PanelKind::Form id="close" labelled_by="close-title">
            <h2 id="close-title">"Balances"</h2>
            <Facts kind=FactsKind::Paired>
                <div><dt>"USD available"</dt><dd>{format::usd(cash)}</dd></div>
                <div>
                    <dt>{format!("{asset_id} available")}</dt>
                    <dd>{format::quantity(available)} <Muted>{worth}</Muted></dd>
                </div>
            </Facts>
            {form}
            <StandingLinks />
        </Panel>
    })
}

/// Outcome of the last sale and, when the address names an asset, the form that closes its position.
pub(super) async fn close(request: PageRequest) -> Result<impl IntoView, AppError> {
    let result = result(&request).await;
    let Ok(asset_id) = request.query("close").parse() else { return Ok(result.into_any()) };
    let available = available(&request, asset_id).await?;
    let form = form(&request, asset_id, available).await;
    Ok(view! {
        {result}
        <Panel kind=PanelKind::Form id="close" labelled_by="close-title">
            <PanelHead>
                <h2 id="close-title">{format!("Close {asset_id} position")}</h2>
                <a href="/portfolio">"Cancel"</a>
            </PanelHead>
            {form}
        </Panel>
    }
    .into_any())
}

/// Coins that can be sold; none for an asset that was never held.
async fn available(request: &PageRequest, asset_id: AssetId) -> Result<Quantity, Problem> {
    match request.services.ledger.asset_balance(&request.caller, asset_id).await.map_err(Problem::from) {
        Ok(balance) => Ok(balance.available),
        Err(problem) if problem.status() < 500 => Ok(Quantity::ZERO),
        Err(problem) => Err(problem),
    }
}

async fn result(request: &PageRequest) -> impl IntoView + use<> {
    if request.query("result") != "closed" {
        return None;
    }
    let order_id = request.query("order").parse().ok()?;
    let order = request.services.orders.get(&request.caller, order_id).await.ok()?;
    Some(view! {
        <Outcome>
            {outcome_text(&order)} " " <a href=format!("/orders/{order_id}")>"Order details"</a>
        </Outcome>
    })
}

/// Quantity to close; once it is given, the proceeds with the button that sells.
async fn form(request: &PageRequest, asset_id: AssetId, available: Quantity) -> impl IntoView + use<> {
    let page = request.path();
    if available.is_zero() {
        return view! {
            <p>{format!("No {asset_id} available. Cancel open orders to release their reserved {asset_id}.")}</p>
        }
        .into_any();
    }
    let form = FormState::new(request, "close");
    let percent = percent(request);
    let is_confirming = request.query("look") == "1" && form.problem().is_none();
    let (form, look) = if is_confirming {
        match look(request, asset_id, available, &percent).await {
            Ok(preview) => (form, Some(preview)),
            Err(problem) => (form.refused(problem), None),
        }
    } else {
        (form, None)
    };
    let chosen = if request.query("percent").is_empty() { "100" } else { request.query("percent") };
    let own = form.text(&TextInput {
        name: "own",
        label: "Custom %",
        initial: request.query("own"),
        hint: "Above 0, up to 100, two decimals.",
        optional: true,
        ..TextInput::FIGURE
    });
    let key = form.key.clone();
    let look = look.map(|preview| confirmation(&preview, asset_id, &percent, page, key));
    view! {
        {look}
        <Form method=Method::Get action=format!("{page}#close")>
            {form.summary()}
            <Hidden name="close" value=asset_id.to_string() />
            <Hidden name="look" value="1" />
            <p>{format!("{} {asset_id} available", format::quantity(available))}</p>
            <FieldPair>{form.select("percent", "Amount", &SHARES, chosen)} {own}</FieldPair>
            <Button size=ButtonSize::Wide>"Preview sale"</Button>
        </Form>
    }
    .into_any()
}

/// The share that was chosen or typed, in percent.
fn percent(request: &PageRequest) -> String {
    let chosen = request.query("percent");
    if chosen == "own" { request.query("own").to_owned() } else { chosen.to_owned() }
}

fn share(percent: &str) -> Result<u32, Problem> {
    basis_points(percent).filter(|share| (1..=BASIS_POINTS).contains(&i128::from(*share))).ok_or_else(|| {
        let detail = "Enter a percentage above 0 and up to 100, with at most two decimals.";
        Problem::invalid(vec![FieldError::new("own", "range", detail)])
    })
}

/// Preview of selling the share now.
async fn look(
    request: &PageRequest,
    asset_id: AssetId,
    available: Quantity,
    percent: &str,
) -> Result<OrderPreview, Problem> {
    let share = share(percent)?;
    let rules = request.services.inventory.asset(asset_id).map_err(Problem::from)?.rules;
    let quantity = share_of(available, share, rules.step_size);
    if quantity.is_zero() {
        let detail = format!("This is less than one step, {} {asset_id}.", rules.step_size);
        return Err(Problem::new(Code::RequestInvalid, detail.clone()).with_error(FieldError::new(
            "own",
            "step_size",
            detail,
        )));
    }
    let order = OrderRequest {
        side: Some(Side::Sell.to_string()),
        kind: Some(OrderType::Market.to_string()),
        asset_id: asset_id.to_string(),
        quantity: Some(Figure(quantity.to_string())),
        ..OrderRequest::default()
    };
    request.services.orders.preview(&request.caller, order).await.map_err(Problem::from)
}

/// The result of the preview; without a button when it would be refused.
fn confirmation(
    preview: &OrderPreview,
    asset_id: AssetId,
    percent: &str,
    page: &str,
    key: String,
) -> impl IntoView + use<> {
    let quantity = format!("{} {asset_id}", format::quantity(preview.quantity));
    let warnings = preview
        .warnings
        .iter()
        .chain(preview.problems.iter().map(|problem| &problem.detail))
        .map(|text| view! { <Notice tone=Tone::Warning>{worded("", text)}</Notice> })
        .collect_view();
    let sell = preview.problems.is_empty().then(|| {
        let label = format!("Sell {quantity} for about {}", format::usd_cents(preview.notional));
        view! {
            <form method="post" action=PositionClose::PATH>
                <Hidden name="asset_id" value=asset_id.to_string() />
                <Hidden name="percent" value=percent />
                <Hidden name="key" value=key />
                <Hidden name="back" value=page />
                <Button look=Look::Sell size=ButtonSize::Wide id="close-sell">{label}</Button>
            </form>
        }
    });
    view! {
        <div class=format!("flex flex-col gap-4 {CONFIRM}") id=FORM_RESULT tabindex="-1" role="group" aria-labelledby="close-look">
            <h3 id="close-look">"Confirm sale"</h3>
            <p>{format!("Sells {percent}% of your available {asset_id} right away at the bid.")}</p>
            <Facts>
                <div><dt>"You sell"</dt><dd>{quantity.clone()}</dd></div>
                <div><dt>"Price, about"</dt><dd>{format!("{} USD", format::price(preview.price))}</dd></div>
                <div><dt>"Fee, about"</dt><dd>{format::usd(preview.fee)}</dd></div>
                <div><dt>"You receive after fee, about"</dt><dd>{format::usd(preview.total)}</dd></div>
            </Facts>
            {warnings}
            {sell}
        </div>
    }
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
