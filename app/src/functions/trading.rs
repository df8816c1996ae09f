//! The ticket, orders and their stories.

use cnop_api::market::QuoteView;
use cnop_api::trading::{OrderPreview, OrderView, Page};
use cnop_domain::{Amount, AssetId, Quantity, TradingRules};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// Orders in one page of the list.
#[cfg(feature = "ssr")]
const ORDER_ROWS: u32 = 25;
/// Orders shown beneath the ticket.
#[cfg(feature = "ssr")]
const TICKET_ROWS: u32 = 8;

/// What the ticket starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketData {
    /// What is traded.
    pub(crate) asset_id: AssetId,
    /// Its name.
    pub(crate) name: String,
    /// Path of its icon.
    pub(crate) image: String,
    /// Whether it can be traded now.
    pub(crate) is_tradable: bool,
    /// Change of 24 hours, 0–100.
    pub(crate) change_24h: f64,
    /// Its trading rules.
    pub(crate) rules: TradingRules,
    /// What it can be bought and sold at.
    pub(crate) quote: QuoteView,
    /// Dollars that can be spent.
    pub(crate) available: Amount,
    /// Coins that can be sold.
    pub(crate) holding: Quantity,
    /// What an order pays, in basis points of its notional.
    pub(crate) fee_bps: u32,
    /// Largest notional of one order.
    pub(crate) order_notional_max: Amount,
    /// Oldest price that an order is filled at, in ms.
    pub(crate) price_max_age_ms: u64,
    /// The newest orders of this asset.
    pub(crate) orders: Page<OrderView>,
}

/// Everything around the ticket, read together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TradeData {
    /// The ticket.
    pub(crate) ticket: TicketData,
    /// What the order in the address would do; asked for without scripts.
    pub(crate) preview: Option<Result<OrderPreview, AppError>>,
    /// The order that the address says was placed; so told without scripts.
    pub(crate) placed: Option<OrderView>,
}

/// The ticket of one asset for the signed-in account, with what the address asks for beside it: `placed` is an order's
/// id or empty; `side` is empty unless an order is to be looked at a second time. A refusal of either is told inside
/// the answer.
///
/// # Errors
/// 401, 404 for an asset that does not exist, and 503 when the books or the price cannot be read.
#[server(name = TradeRead, prefix = "/fn", endpoint = "trade", input = GetUrl)]
pub(crate) async fn trade(
    #[server(default)] asset_id: String,
    #[server(default)] placed: String,
    #[server(default)] side: String,
    #[server(default)] unit: String,
    #[server(default)] amount: String,
) -> Result<TradeData, AppError> {
    let (services, caller) = super::private()?;
    let ticket = server::ticket(&services, &caller, &asset_id).await?;
    let preview = if side.is_empty() {
        None
    } else {
        Some(server::preview(&services, &caller, &asset_id, &side, &unit, &amount).await.map_err(AppError))
    };
    let placed = match placed.parse() {
        Ok(id) => services.orders.get(&caller, &id).await.ok(),
        Err(_) => None,
    };
    Ok(TradeData { ticket, preview, placed })
}
/// Places a market order.
///
/// # Errors
/// What the trading rules, the funds or the age of the price forbid.
#[server(prefix = "/fn", endpoint = "order/place")]
pub(crate) async fn order_place(
    #[server(default)] asset_id: String,
    #[server(default)] side: String,
    #[server(default)] unit: String,
    #[server(default)] amount: String,
    #[server(default)] key: String,
) -> Result<OrderView, AppError> {
    use crate::forms::{Form, respond};
    let page = server::page(&asset_id, &side);
    let form = Form { name: "ticket", page, kept: vec![("amount", amount.clone()), ("unit", unit.clone())] };
    let outcome = server::place(&asset_id, &side, &unit, &amount, &key).await;
    respond(outcome, form, |order| {
        format!("/trade/{}?side={}&done={}#result", order.asset_id, order.side, order.order_id)
    })
}

/// One page of the account's orders, newest first; empty filters mean all.
///
/// # Errors
/// 401, filters that are none, and 503 when they cannot be read.
#[server(name = OrdersRead, prefix = "/fn", endpoint = "orders", input = GetUrl)]
pub(crate) async fn orders(
    #[server(default)] asset_id: String,
    #[server(default)] order_type: String,
    #[server(default)] status: String,
    #[server(default)] cursor: String,
) -> Result<Page<OrderView>, AppError> {
    let (services, caller) = super::private()?;
    let filled = |text: String| (!text.is_empty()).then_some(text);
    let asset_id = match filled(asset_id) {
        Some(text) => Some(server::asset_id(&text).map_err(crate::forms::fail)?),
        None => None,
    };
    let query = cnop_api::trading::OrderQuery {
        asset_id,
        order_type: filled(order_type),
        status: filled(status),
        limit: ORDER_ROWS,
        cursor: filled(cursor),
        ..cnop_api::trading::OrderQuery::default()
    };
    services.orders.list(&caller, query).await.map_err(super::refused)
}

/// One order of the account.
///
/// # Errors
/// 401, 404 for one that is missing or another account's.
#[server(name = OrderRead, prefix = "/fn", endpoint = "order", input = GetUrl)]
pub(crate) async fn order(#[server(default)] order_id: String) -> Result<OrderView, AppError> {
    let (services, caller) = super::private()?;
    let order_id = order_id.parse().map_err(|_| crate::forms::fail(server::no_such_order()))?;
    services.orders.get(&caller, &order_id).await.map_err(super::refused)
}

#[cfg(feature = "ssr")]
mod server {
    use cnop_api::market::QuoteView;
    use cnop_api::trading::{OrderPreview, OrderRequest, OrderView};
    use cnop_api::{Caller, Code, FieldError, Figure, Problem};
    use cnop_domain::{AssetId, Quantity};
    use cnop_services::Services;

    use super::{TICKET_ROWS, TicketData};
    use crate::context;
    use crate::error::AppError;
    use crate::forms::{fail, idempotency_key};
    use crate::functions::refused;

    pub(super) fn asset_id(text: &str) -> Result<AssetId, Problem> {
        text.parse().map_err(|_| {
            Problem::new(Code::AssetNotFound, "There is no such asset. Choose one from the market.")
        })
    }

    pub(super) fn quote(services: &Services, asset_id: AssetId) -> Result<QuoteView, Problem> {
        services
            .inventory
            .quotes(&[asset_id])
            .into_iter()
            .next()
            .ok_or_else(|| Problem::new(Code::AssetNotTradable, "There is no price for this asset now."))
    }

    /// The ticket of an asset.
    pub(super) async fn ticket(
        services: &Services,
        caller: &Caller,
        asset_id: &str,
    ) -> Result<TicketData, AppError> {
        let asset_id = self::asset_id(asset_id).map_err(fail)?;
        let detail = services.inventory.asset(asset_id).map_err(refused)?;
        let quote = quote(services, asset_id).map_err(fail)?;
        let available = services.ledger.balance(caller).await.map_err(refused)?.available;
        let holding = holding(services, caller, asset_id).await?;
        let query = cnop_api::trading::OrderQuery {
            asset_id: Some(asset_id),
            limit: TICKET_ROWS,
            ..Default::default()
        };
        let orders = services.orders.list(caller, query).await.map_err(refused)?;
        let config = services.config();
        Ok(TicketData {
            asset_id,
            is_tradable: detail.asset.is_active && detail.availability_status == "available",
            name: detail.asset.name,
            image: detail.asset.image,
            change_24h: detail.asset.price_change_percentage_24h,
            rules: detail.rules,
            quote,
            available,
            holding,
            fee_bps: config.fee_bps,
            order_notional_max: config.order_notional_max,
            price_max_age_ms: config.price_max_age_ms,
            orders,
        })
    }

    /// What an order would do now. Nothing is written.
    pub(super) async fn preview(
        services: &Services,
        caller: &Caller,
        asset_id: &str,
        side: &str,
        unit: &str,
        amount: &str,
    ) -> Result<OrderPreview, Problem> {
        let request = request(asset_id, side, unit, amount)?;
        services.orders.preview(caller, request).await.map_err(Problem::from)
    }

    /// Coins that can be sold; none for an asset that was never held.
    pub(super) async fn holding(
        services: &Services,
        caller: &Caller,
        asset_id: AssetId,
    ) -> Result<Quantity, AppError> {
        match services.ledger.asset_balance(caller, asset_id).await.map_err(Problem::from) {
            Ok(balance) => Ok(balance.available),
            Err(problem) if problem.code == Code::BalanceAssetNotHeld => Ok(Quantity::ZERO),
            Err(problem) => Err(crate::forms::fail(problem)),
        }
    }

    /// The ticket's fields as the API's order.
    pub(super) fn request(
        asset_id: &str,
        side: &str,
        unit: &str,
        amount: &str,
    ) -> Result<OrderRequest, Problem> {
        let amount = amount.trim();
        if amount.is_empty() {
            let error = FieldError::new("amount", "required", "Enter how much you want to trade.");
            return Err(Problem::invalid(vec![error]));
        }
        let figure = Some(Figure(amount.to_owned()));
        let (quantity, quote_quantity) = if unit == "usd" { (None, figure) } else { (figure, None) };
        Ok(OrderRequest {
            side: Some(side.to_owned()),
            kind: Some("market".to_owned()),
            asset_id: asset_id.to_owned(),
            quantity,
            quote_quantity,
            ..OrderRequest::default()
        })
    }

    pub(super) async fn place(
        asset_id: &str,
        side: &str,
        unit: &str,
        amount: &str,
        key: &str,
    ) -> Result<OrderView, Problem> {
        let caller = context::signed_in()?;
        let request = request(asset_id, side, unit, amount)?;
        let key = idempotency_key(key)?;
        context::services()?.orders.place(&caller, request, key).await.map_err(Problem::from)
    }

    /// The ticket's page; what comes from the form only chooses between known ones.
    pub(super) fn page(asset_id: &str, side: &str) -> String {
        let side = if side == "sell" { "sell" } else { "buy" };
        asset_id
            .parse::<AssetId>()
            .map_or_else(|_| "/trade/BTC".to_owned(), |asset_id| format!("/trade/{asset_id}?side={side}"))
    }

    pub(super) fn no_such_order() -> Problem {
        Problem::new(Code::OrderNotFound, "There is no such order in your account.")
    }
}
