//! The ticket, orders and their stories.

use cnop_api::Problem;
use cnop_api::market::QuoteView;
use cnop_domain::{AccountLimits, Amount, AssetId, Quantity, TradingRules};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use super::order_form::OrderForm;
use crate::error::AppError;

/// Fills that one page of an order explains.
#[cfg(feature = "ssr")]
const PROOFS: usize = 20;

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
    /// Those that matter while typing, in words.
    pub(crate) rules_text: String,
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
    /// The bounds of the account besides its money.
    pub(crate) limits: AccountLimits,
    /// What the trader's guards stop now, as HTML; empty when nothing.
    pub(crate) notice: String,
}

/// Everything around the ticket, read together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TradeData {
    /// The ticket.
    pub(crate) ticket: TicketData,
    /// What the venue would refuse the order in the address for; looked at without scripts.
    pub(crate) refusal: Option<Problem>,
    /// What came of the order that the address names, as HTML; so told without scripts.
    pub(crate) placed: String,
}

/// What came of an order that was placed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Placed {
    /// Its id.
    pub(crate) order_id: String,
    /// The order and its group in words, as HTML.
    pub(crate) html: String,
}

/// The ticket of one asset for the signed-in account, with what the address asks for beside it: `placed` is an order's
/// id or empty; `review` is `1` when the order is to be looked at a second time. A refusal of it is told inside the
/// answer.
///
/// # Errors
/// 401, 404 for an asset that does not exist, and 503 when the books or the price cannot be read.
#[server(name = TradeRead, prefix = "/fn", endpoint = "trade", input = GetUrl)]
pub(crate) async fn trade(
    #[server(default)] asset_id: String,
    #[server(default)] placed: String,
    #[server(default)] review: String,
    #[server(flatten)] order: OrderForm,
) -> Result<TradeData, AppError> {
    let (services, caller) = super::private()?;
    let ticket = server::ticket(&services, &caller, &asset_id).await?;
    let refusal =
        if review == "1" { server::refusal(&services, &caller, &asset_id, &order).await } else { None };
    let placed = crate::pages::result(&server::placed(&services, &caller, &placed).await);
    Ok(TradeData { ticket, refusal, placed })
}

/// Places what the ticket asks for: an order, one with its exits, or two that exclude each other.
///
/// # Errors
/// What the trading rules, the funds or the age of the price forbid.
#[server(prefix = "/fn", endpoint = "order/place")]
pub(crate) async fn order_place(
    #[server(default)] asset_id: String,
    #[server(default)] key: String,
    #[server(flatten)] order: OrderForm,
) -> Result<Placed, AppError> {
    use crate::forms::{Form, respond};
    let kept = order.fields().map(|(name, value)| (name, value.to_owned())).into_iter().collect();
    let page = server::page(&asset_id, &order);
    let done = format!("/trade/{}?side={}", asset_id, order.side());
    let form = Form { name: "ticket", page, kept };
    let outcome = server::place(&asset_id, &order, &key).await.map(|orders| Placed {
        order_id: orders.first().map(|order| order.order_id.to_string()).unwrap_or_default(),
        html: crate::pages::result(&orders),
    });
    respond(outcome, form, |placed| format!("{done}&done={}#result", placed.order_id))
}

/// The name of the text of the first page.
pub(crate) const STEPS: &str = "steps";

/// How an order is filled, as HTML: the whole of it or, when `text` is `steps`, what the first page says of it.
///
/// # Errors
/// 503 while the venue starts.
#[server(name = FillsRead, prefix = "/fn", endpoint = "about/fills", input = GetUrl)]
pub(crate) async fn fills(#[server(default)] text: String) -> Result<String, AppError> {
    let app = crate::context::app_context().ok_or_else(|| {
        let detail = "The venue is starting. Try again in a moment.";
        crate::forms::fail(Problem::new(cnop_api::Code::Unavailable, detail))
    })?;
    if text == STEPS {
        return Ok(crate::pages::steps(app.fee_bps, &app.public_url));
    }
    Ok(crate::pages::article(app.fee_bps, app.source != cnop_domain::QuoteSource::CoinGecko))
}

/// One order with all that its page tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OrderStory {
    /// Terms, group and times, as HTML.
    pub(crate) html: String,
    /// Which page of its fills is shown, from 1.
    pub(crate) page: usize,
    /// How many there are.
    pub(crate) pages: usize,
    /// The fills of that page.
    pub(crate) proofs: Vec<FillProof>,
}

/// A fill in words, and all that it follows from: whoever has the fill model computes the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FillProof {
    /// What was filled.
    pub(crate) title: String,
    /// The quote that was used, and what it came to.
    pub(crate) detail: String,
    /// The rules in the order they were applied, each with its figures.
    pub(crate) rules: Vec<String>,
    /// What it follows from, as [`crate::pages`] writes and reads it: figures in one line, so that the browser needs no
    /// reader for each of them.
    pub(crate) figures: String,
}

/// One order of the account; `page` says which of its fills are explained, the first ones when it is empty.
///
/// # Errors
/// 401, 404 for one that is missing or another account's.
#[server(name = OrderRead, prefix = "/fn", endpoint = "order", input = GetUrl)]
pub(crate) async fn order(
    #[server(default)] order_id: String,
    #[server(default)] page: String,
) -> Result<OrderStory, AppError> {
    let (services, caller) = super::private()?;
    let order_id = order_id.parse().map_err(|_| crate::forms::fail(server::no_such_order()))?;
    let order = services.orders.get(&caller, &order_id).await.map_err(super::refused)?;
    let others = server::others(&services, &caller, &order).await;
    let pages = order.fills.len().div_ceil(PROOFS).max(1);
    let page = page.parse().unwrap_or(1).clamp(1, pages);
    let proofs = server::proofs(&services, &caller, &order, page).await.map_err(super::refused)?;
    Ok(OrderStory { html: crate::pages::story(&order, &others), page, pages, proofs })
}

#[cfg(feature = "ssr")]
mod server {
    use cnop_api::market::QuoteView;
    use cnop_api::trading::OrderView;
    use cnop_api::{Caller, Code, Problem};
    use cnop_domain::{
        AccountLimits, Amount, AssetId, GuardFault, GuardedOrder, OrderType, Quantity, Side, guard_check,
    };
    use cnop_services::Services;

    use super::{FillProof, PROOFS, TicketData};
    use crate::context;
    use crate::error::AppError;
    use crate::forms::{fail, idempotency_key};
    use crate::functions::order_form::{Asked, OrderForm, at_fields};
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
        let limits = services.ledger.limits(&caller.account_id).await.map_err(refused)?;
        let stopped = stopped(&limits, quote.time.0.saturating_add_unsigned(quote.age_ms * 1_000));
        let config = services.config();
        Ok(TicketData {
            asset_id,
            is_tradable: detail.asset.is_active
                && detail.availability_status == cnop_api::market::Availability::Available,
            name: detail.asset.name,
            image: detail.asset.image,
            change_24h: detail.asset.price_change_percentage_24h,
            rules_text: crate::pages::rules_text(
                asset_id,
                &detail.rules,
                config.order_notional_max,
                config.fee_bps,
            ),
            rules: detail.rules,
            quote,
            available,
            holding,
            fee_bps: config.fee_bps,
            order_notional_max: config.order_notional_max,
            price_max_age_ms: config.price_max_age_ms,
            limits,
            notice: stopped.map(|fault| crate::pages::guard_notice(&fault)).unwrap_or_default(),
        })
    }

    /// What the guard refuses of any purchase now, however small.
    fn stopped(limits: &AccountLimits, now_us: i64) -> Option<GuardFault> {
        let smallest =
            GuardedOrder { side: Side::Buy, order_type: OrderType::Market, notional: Amount::ZERO };
        guard_check(&limits.guard, &smallest, &limits.losses, now_us).err()
    }

    /// What the venue would refuse the order for now. Nothing is written.
    pub(super) async fn refusal(
        services: &Services,
        caller: &Caller,
        asset_id: &str,
        order: &OrderForm,
    ) -> Option<Problem> {
        let preview = match order.request(asset_id) {
            Ok(Asked::One(request)) => services.orders.preview(caller, *request).await,
            Ok(Asked::Group(request)) => services.orders.preview_group(caller, *request).await,
            Err(problem) => return Some(problem),
        };
        let preview = match preview {
            Ok(preview) => preview,
            Err(error) => return Some(at_fields(error.into())),
        };
        let first = preview.problems.into_iter().next()?;
        Some(at_fields(Problem { errors: first.errors, ..Problem::new(first.code, first.detail) }))
    }

    /// The order with this id and the others of its group; nothing for a text that names none.
    pub(super) async fn placed(services: &Services, caller: &Caller, order_id: &str) -> Vec<OrderView> {
        let Ok(order_id) = order_id.parse() else { return Vec::new() };
        let Ok(order) = services.orders.get(caller, &order_id).await else { return Vec::new() };
        let others = others(services, caller, &order).await;
        std::iter::once(order).chain(others).collect()
    }

    /// The other orders of an order's group. One that cannot be read now is left out: its link stays in the order.
    pub(super) async fn others(services: &Services, caller: &Caller, order: &OrderView) -> Vec<OrderView> {
        let mut others = Vec::new();
        for order_id in order.group.iter().flat_map(|group| &group.others) {
            if let Ok(other) = services.orders.get(caller, order_id).await {
                others.push(other);
            }
        }
        others
    }

    /// What the fills of a page, counted from 1, follow from.
    pub(super) async fn proofs(
        services: &Services,
        caller: &Caller,
        order: &OrderView,
        page: usize,
    ) -> cnop_services::Result<Vec<FillProof>> {
        let mut proofs = Vec::new();
        for fill in order.fills.iter().skip((page - 1) * PROOFS).take(PROOFS) {
            let explained = services.orders.explain(caller, &order.order_id, fill.number).await?;
            proofs.push(crate::pages::proof(order, explained));
        }
        Ok(proofs)
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

    /// Places what the ticket asks for; the first order is the one it is about.
    pub(super) async fn place(
        asset_id: &str,
        order: &OrderForm,
        key: &str,
    ) -> Result<Vec<OrderView>, Problem> {
        let caller = context::signed_in()?;
        let request = order.request(asset_id)?;
        let key = idempotency_key(key)?;
        let services = context::services()?;
        let refused = |error: cnop_services::Error| at_fields(error.into());
        match request {
            Asked::Group(request) => {
                services.orders.place_group(&caller, *request, key).await.map_err(refused).map(|it| it.orders)
            }
            Asked::One(request) => {
                let order = services.orders.place(&caller, *request, key).await.map_err(refused)?;
                let others = others(&services, &caller, &order).await;
                Ok(std::iter::once(order).chain(others).collect())
            }
        }
    }

    /// The ticket's page; what comes from the form only chooses between known ones.
    pub(super) fn page(asset_id: &str, order: &OrderForm) -> String {
        let (side, kind) = (order.side(), order.kind().as_str());
        asset_id.parse::<AssetId>().map_or_else(
            |_| "/trade/BTC".to_owned(),
            |asset_id| format!("/trade/{asset_id}?side={side}&type={kind}"),
        )
    }

    pub(super) fn no_such_order() -> Problem {
        Problem::new(Code::OrderNotFound, "There is no such order in your account.")
    }
}
