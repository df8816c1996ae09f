//! The confirmation before everything is closed.

use cnop_api::Problem;
use cnop_domain::Amount;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::every_open::open_orders;
use super::many::OrdersFlatten;
use crate::components::ui::{Buttons, LinkButton, Look, Notice, Panel, PanelKind, Tone};
use crate::format;
use crate::forms::{ButtonForm, key_new};
use crate::pages::PageRequest;

/// Open orders and positions of the account, and the button that ends all of them.
pub(super) async fn flatten(request: &PageRequest, list: &str) -> Result<AnyView, Problem> {
    let orders = open_orders(request).await?.len();
    let held = request.services.ledger.asset_balances(&request.caller).await.map_err(Problem::from)?;
    let held: Vec<_> = held.into_iter().filter(|held| !held.quantity.is_zero()).collect();
    if orders == 0 && held.is_empty() {
        return Ok(view! { <Notice tone=Tone::Warning role="status">"There are no open orders or positions."</Notice> }.into_any());
    }
    let worth = held.iter().try_fold(Amount::ZERO, |sum, held| sum.checked_add(held.total_value_exact));
    let worth = worth.unwrap_or(Amount::ZERO);
    let positions = held
        .iter()
        .map(|held| {
            let text = format!(
                "{} {}, about {}",
                format::quantity(held.quantity),
                held.asset_id,
                format::usd_cents(held.total_value_exact)
            );
            view! { <li>{text}</li> }
        })
        .collect_view();
    let label = format!("Cancel orders ({orders}) and sell positions ({})", held.len());
    let fields = vec![("key", key_new(request.services.entropy())), ("back", list.to_owned())];
    Ok(view! {
        <Panel kind=PanelKind::Form labelled_by="flatten-title">
            <h2 id="flatten-title">"Flatten everything?"</h2>
            <p>
                {format!(
                    "Cancels all open orders ({orders}), stop-losses included. Then sells at market, at the bid, less the fee: about {} now.",
                    format::usd_cents(worth),
                )}
            </p>
            <ul>{positions}</ul>
            <Buttons>
                <ButtonForm action=OrdersFlatten::PATH fields id="flatten" look=Look::Sell>{label}</ButtonForm>
                <LinkButton href=list.to_owned()>"Back"</LinkButton>
            </Buttons>
        </Panel>
    }
    .into_any())
}
