//! Data of the trade page.

use cnop_api::events::HoldingState;
use cnop_api::market::{AssetDetail, Availability, QuoteView};
use cnop_api::trading::{OrderQuery, OrderView};
use cnop_api::{Code, Problem};
use cnop_domain::{AccountLimits, Amount, AssetId, GuardFault, GuardedOrder, Quantity, Side, guard_check};
use cnop_services::Services;

use super::result::rules_text;
use crate::context::reader_zone;
use crate::forms::{FormState, sign_in_redirect};
use crate::islands::{self, TICKET_FORM, TicketData, TicketStart};
use crate::order_form::{OrderForm, Placement, TicketKind, at_fields};
use crate::pages::PageRequest;
use crate::pages::order::others;
use crate::pages::request::PublicRequest;

/// Orders that are looked through for one that can be repeated.
const REPEATED: u32 = 5;

/// Data of the trade page.
#[derive(Debug, Clone)]
pub(super) struct TradeData {
    /// Data of the asset.
    pub(super) detail: AssetDetail,
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
pub(super) async fn trade(visit: &PublicRequest, name: &str) -> Result<TradeData, Problem> {
    let request = visit.signed_in();
    let (detail, ticket, guard) = ticket(visit, request.as_ref(), name).await?;
    let form = FormState::new(visit, TICKET_FORM);
    let mut order = OrderForm::read(|field| form.value(field, visit.query(field)));
    let has_limit = matches!(order.kind(), TicketKind::One(kind) if kind.has_limit());
    if has_limit && order.price.is_empty() && visit.query("review").is_empty() && form.problem().is_none() {
        order.price = ticket.quote.last.to_string();
    }
    let is_review = visit.query("review") == "1" && form.problem().is_none();
    let problem = match &request {
        // The venue knows more than the page; the page knows it sooner.
        Some(request) if is_review => refusal(request, ticket.asset_id, &order)
            .await
            .or_else(|| islands::ticket_refusal(&order, &ticket)),
        Some(_) => form.problem().cloned(),
        None if is_review => {
            let refused = islands::ticket_refusal(&order, &ticket);
            // Their input comes back with the address after the sign-in.
            if refused.is_none() {
                sign_in_redirect();
            }
            refused
        }
        None => None,
    };
    let start = TicketStart {
        order,
        key: form.key,
        is_confirming: is_review && problem.is_none() && request.is_some(),
        problem,
        is_open: islands::opens_sheet(|name| visit.query(name).to_owned()),
    };
    let placed = match &request {
        Some(request) => placed(request).await,
        None => Vec::new(),
    };
    Ok(TradeData { detail, ticket, start, placed, guard })
}

/// The ticket of an asset.
async fn ticket(
    visit: &PublicRequest,
    request: Option<&PageRequest>,
    name: &str,
) -> Result<(AssetDetail, TicketData, Option<GuardFault>), Problem> {
    let services = &visit.services;
    let asset_id = asset_id(&name.to_ascii_uppercase())?;
    let detail = services.inventory.asset(asset_id)?;
    let quote = quote(services, asset_id)?;
    let Holder { available, holding, limits, repeat } = match request {
        Some(request) => holder(request, asset_id).await?,
        None => Holder::default(),
    };
    let stopped = stopped(&limits, quote.time.0.saturating_add_unsigned(quote.age_ms * 1_000));
    let config = services.config();
    let data = TicketData {
        asset_id,
        is_tradable: detail.asset.is_active && detail.availability_status == Availability::Available,
        rules_text: rules_text(asset_id, &detail.rules, config.order_notional_max, config.fee_bps),
        rules: detail.rules,
        quote,
        available,
        holding: holding.as_ref().map_or(Quantity::ZERO, |held| held.available),
        held: holding.as_ref().map_or(Quantity::ZERO, |held| held.quantity),
        cost: holding.map_or(Amount::ZERO, |held| held.cost_basis),
        fee_bps: config.fee_bps,
        order_notional_max: config.order_notional_max,
        price_max_age_ms: config.price_max_age_ms,
        limits,
        is_visitor: request.is_none(),
        repeat,
        zone: reader_zone(),
    };
    Ok((detail, data, stopped))
}

/// The account, as far as the ticket needs it; nothing for a visitor.
#[derive(Debug, Default)]
struct Holder {
    available: Amount,
    holding: Option<HoldingState>,
    limits: AccountLimits,
    repeat: Option<OrderForm>,
}

async fn holder(request: &PageRequest, asset_id: AssetId) -> Result<Holder, Problem> {
    let (services, account_id) = (&request.services, &request.caller.account_id);
    let account = services.ledger.account_snapshot(account_id).await?;
    Ok(Holder {
        available: account.balance.available,
        holding: account.holdings.into_iter().find(|holding| holding.asset_id == asset_id),
        limits: services.ledger.limits(account_id).await?,
        repeat: repeat(request, asset_id).await,
    })
}

/// The last order of the asset as the ticket's fields; none unless its fields are side, type, size and prices.
async fn repeat(request: &PageRequest, asset_id: AssetId) -> Option<OrderForm> {
    let query = OrderQuery { asset_id: Some(asset_id), limit: REPEATED, ..OrderQuery::default() };
    // Without it the ticket is whole.
    let orders = request.services.orders.list(&request.caller, query).await.ok()?.data;
    let is_plain = |order: &OrderView| {
        order.group.is_none() && order.trail_bps.is_none() && order.trail_amount.is_none()
    };
    let order = orders.into_iter().find(is_plain)?;
    let has_limit = order.kind.has_limit();
    Some(OrderForm {
        side: order.side.to_string(),
        kind: order.kind.as_str().to_owned(),
        unit: "asset".to_owned(),
        amount: order.quantity.to_string(),
        price: if has_limit { order.price.to_string() } else { String::new() },
        stop_price: order.stop_price.map(|price| price.to_string()).unwrap_or_default(),
        ..OrderForm::default()
    })
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
    let preview = match order.request(asset_id.as_str(), &reader_zone()) {
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
