//! Data of the trade page.

use cnop_api::market::{Asset, Availability, QuoteView};
use cnop_api::trading::OrderView;
use cnop_api::{Code, Problem};
use cnop_domain::{AccountLimits, Amount, AssetId, GuardFault, GuardedOrder, Quantity, Side, guard_check};
use cnop_services::Services;

use super::result::rules_text;
use crate::error::AppError;
use crate::forms::FormState;
use crate::islands::{self, TICKET_FORM, TicketData, TicketStart};
use crate::order_form::{OrderForm, Placement, at_fields};
use crate::pages::PageRequest;
use crate::pages::order::others;

/// Data of the trade page.
#[derive(Debug, Clone)]
pub(super) struct TradeData {
    /// Data of the asset.
    pub(super) asset: Asset,
    /// Data of the ticket.
    pub(super) ticket: TicketData,
    /// State of the ticket to begin with.
    pub(super) start: TicketStart,
    /// The order that the address names as placed, and the others of its group.
    pub(super) placed: Vec<OrderView>,
    /// The guard rail that blocks orders now, if any.
    pub(super) guard: Option<GuardFault>,
}

/// Reads everything of the page that the ticket depends on.
///
/// # Errors
/// 404 for an asset that does not exist; when the books or the price cannot be read.
pub(super) async fn trade(request: &PageRequest, name: &str) -> Result<TradeData, AppError> {
    let (asset, ticket, guard) = ticket(request, name).await?;
    let form = FormState::new(request, TICKET_FORM);
    let order = OrderForm::read(|field| form.value(field, request.query(field)));
    let is_review = request.query("review") == "1" && form.problem().is_none();
    let problem = if is_review {
        // The venue knows more than the page; the page knows it sooner.
        refusal(request, ticket.asset_id, &order).await.or_else(|| islands::ticket_refusal(&order, &ticket))
    } else {
        form.problem().cloned()
    };
    let start = TicketStart {
        order,
        key: form.key,
        is_confirming: is_review && problem.is_none(),
        problem,
        is_open: islands::opens_sheet(|name| request.query(name).to_owned()),
    };
    let placed = placed(request).await;
    Ok(TradeData { asset, ticket, start, placed, guard })
}

/// The ticket of an asset.
async fn ticket(
    request: &PageRequest,
    name: &str,
) -> Result<(Asset, TicketData, Option<GuardFault>), Problem> {
    let (services, caller) = (&request.services, &request.caller);
    let asset_id = asset_id(&name.to_ascii_uppercase())?;
    let detail = services.inventory.asset(asset_id)?;
    let quote = quote(services, asset_id)?;
    let account = services.ledger.account_snapshot(&caller.account_id).await?;
    let holding = account.holdings.iter().find(|holding| holding.asset_id == asset_id);
    let limits = services.ledger.limits(&caller.account_id).await?;
    let stopped = stopped(&limits, quote.time.0.saturating_add_unsigned(quote.age_ms * 1_000));
    let config = services.config();
    let data = TicketData {
        asset_id,
        is_tradable: detail.asset.is_active && detail.availability_status == Availability::Available,
        rules_text: rules_text(asset_id, &detail.rules, config.order_notional_max, config.fee_bps),
        rules: detail.rules,
        quote,
        available: account.balance.available,
        holding: holding.map_or(Quantity::ZERO, |held| held.available),
        held: holding.map_or(Quantity::ZERO, |held| held.quantity),
        cost: holding.map_or(Amount::ZERO, |held| held.cost_basis),
        fee_bps: config.fee_bps,
        order_notional_max: config.order_notional_max,
        price_max_age_ms: config.price_max_age_ms,
        limits,
    };
    Ok((detail.asset, data, stopped))
}

fn asset_id(text: &str) -> Result<AssetId, Problem> {
    text.parse()
        .map_err(|_| Problem::new(Code::AssetNotFound, "There is no such asset. Choose one from the market."))
}

fn quote(services: &Services, asset_id: AssetId) -> Result<QuoteView, Problem> {
    services
        .inventory
        .quotes(&[asset_id])
        .into_iter()
        .next()
        .ok_or_else(|| Problem::new(Code::AssetNotTradable, "No price is available for this asset now."))
}

/// The guard rail that refuses every purchase now, if any.
fn stopped(limits: &AccountLimits, now_us: i64) -> Option<GuardFault> {
    let smallest = GuardedOrder { side: Side::Buy, notional: Amount::ZERO };
    guard_check(&limits.guard, &smallest, &limits.losses, now_us).err()
}

/// The venue's refusal of the order now, if any. Nothing is written.
async fn refusal(request: &PageRequest, asset_id: AssetId, order: &OrderForm) -> Option<Problem> {
    let (services, caller) = (&request.services, &request.caller);
    let preview = match order.request(asset_id.as_str()) {
        Ok(Placement::One(order)) => services.orders.preview(caller, *order).await,
        Ok(Placement::Group(group)) => services.orders.preview_group(caller, *group).await,
        Err(problem) => return Some(problem),
    };
    let preview = match preview {
        Ok(preview) => preview,
        Err(error) => return Some(at_fields(error.into())),
    };
    let first = preview.problems.into_iter().next()?;
    Some(at_fields(Problem { errors: first.errors, ..Problem::new(first.code, first.detail) }))
}

/// The order that the address names as placed, and the others of its group; nothing for a text that names none.
async fn placed(request: &PageRequest) -> Vec<OrderView> {
    let Ok(order_id) = request.query("placed").parse() else { return Vec::new() };
    let Ok(order) = request.services.orders.get(&request.caller, order_id).await else { return Vec::new() };
    let others = others(request, &order).await;
    std::iter::once(order).chain(others).collect()
}
