//! Placing an order: one decision, one transaction.

use cnop_api::trading::{OrderRequest, OrderView};
use cnop_api::{Caller, Code, Problem};
use cnop_domain::{
    AccountId, AssetId, Currency, Entropy, Execution, Holder, OrderId, OrderStatus, Position, Quantity,
    Refusal, Size, Terms, Ticket, TradingRules, market_fill,
};
use cnop_store::{Condition, Write};

use super::record::{FillModel, FillRecord, OrderRecord, QuoteSource};
use super::request::{parse, type_unsupported};
use super::{Orders, order_load};
use crate::account::{
    Accounts, Attempt, ClientOrder, Command, EventKind, Idempotent, State, client_order_key, decode, encode,
    order_id, order_key,
};
use crate::idempotency::{IdempotencyKey, fingerprint};
use crate::{Context, Error, Result, base32};

/// What is charged and allowed now, and where the quote comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) terms: Terms,
    pub(super) source: QuoteSource,
    pub(super) age_ms: u64,
}

#[derive(Debug)]
struct Placement {
    ticket: Ticket,
    rules: TradingRules,
    is_active: bool,
    client_order: Option<(Box<str>, [u8; 32])>,
}

impl Orders {
    /// Places an order; a market order is filled whole when this answers.
    ///
    /// # Errors
    /// What the ticket, the funds or the price refuse; what every command refuses. Nothing is written then.
    pub async fn place(
        &self,
        caller: &Caller,
        request: OrderRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let catalogue = self.accounts.context.environment.market.catalogue();
        let parsed = parse(&request, catalogue)?;
        let needs_fingerprint = key.is_some() || parsed.client_order_id.is_some();
        let fingerprint = if needs_fingerprint { fingerprint(&request)? } else { [0; 32] };
        let placement = Placement {
            ticket: parsed.ticket,
            rules: parsed.asset.rules,
            is_active: parsed.asset.is_active,
            client_order: parsed.client_order_id.map(|id| (id, fingerprint)),
        };
        let idempotent = key.map(|key| Idempotent { route: "order", key, fingerprint });
        self.accounts.execute(&caller.account_id, &placement, idempotent).await
    }
}

impl Command for Placement {
    type Answer = OrderView;

    fn asset(&self) -> Option<AssetId> {
        Some(self.ticket.asset_id)
    }

    async fn earlier(&self, accounts: &Accounts, account_id: &AccountId) -> Result<Option<OrderView>> {
        let Some((client_order_id, fingerprint)) = &self.client_order else { return Ok(None) };
        let key = client_order_key(account_id, client_order_id);
        let Some(item) = accounts.context.environment.table.get(&key).await? else { return Ok(None) };
        let earlier: ClientOrder = decode(&item.body)?;
        if earlier.fingerprint != *fingerprint {
            return Err(Problem::new(
                Code::OrderClientIdReused,
                "This client_order_id belongs to another order of yours. Nothing was done; choose a new one.",
            )
            .into());
        }
        let order_id = order_id(earlier.order)
            .ok_or_else(|| Error::Internal("a client order id leads nowhere".to_owned()))?;
        order_load(accounts, account_id, &order_id).await
    }

    fn decide(&self, accounts: &Accounts, state: &State<'_>) -> Result<Attempt<OrderView>> {
        let context = &accounts.context;
        let offer = offer(context, &self.ticket, self.rules, self.is_active, state.now_us)?;
        offer.age_check(context)?;
        let holder = holder(state)?;
        let execution = market_fill(&self.ticket, &offer.terms, &holder)
            .map_err(|refusal| refused(refusal, &self.ticket))?;
        let number = next_number(state, context.environment.entropy.as_ref());
        let order_id =
            order_id(number).ok_or_else(|| Error::Internal("an order id has the wrong form".to_owned()))?;
        let record = self.record(&execution, offer.source, state.now_us);
        let appended = state.append(EventKind::OrderFilled { order: number }, execution.postings)?;
        books_check(&execution.after, &appended.head, appended.holding.as_ref())?;
        let writes = self.writes(state.account_id, &order_id, number, &record)?;
        Ok(Attempt { appended, writes, answer: record.view(order_id) })
    }
}

impl Placement {
    fn record(&self, execution: &Execution, source: QuoteSource, now_us: i64) -> OrderRecord {
        OrderRecord {
            side: self.ticket.side,
            order_type: self.ticket.order_type,
            status: OrderStatus::Completed,
            asset_id: self.ticket.asset_id,
            quote_asset: Currency::Usd,
            quantity: execution.fill.quantity,
            quote_quantity: match self.ticket.size {
                Size::Base(_) => None,
                Size::Quote(amount) => Some(amount),
            },
            client_order_id: self.client_order.as_ref().map(|(id, _)| id.clone()),
            fills: vec![FillRecord { fill: execution.fill, model: FillModel::V1, source }],
            realised: execution.realised,
            created_us: now_us,
            updated_us: now_us,
        }
    }

    fn writes(
        &self,
        account_id: &AccountId,
        order_id: &OrderId,
        number: u128,
        record: &OrderRecord,
    ) -> Result<Vec<Write>> {
        let mut writes = Vec::with_capacity(2);
        writes.push(Write::put(order_key(account_id, order_id), encode(record)?, Condition::Absent));
        if let Some((client_order_id, fingerprint)) = &self.client_order {
            let body = encode(&ClientOrder { fingerprint: *fingerprint, order: number })?;
            writes.push(Write::put(client_order_key(account_id, client_order_id), body, Condition::Absent));
        }
        Ok(writes)
    }
}

/// What the venue offers for an asset now.
pub(super) fn offer(
    context: &Context,
    ticket: &Ticket,
    rules: TradingRules,
    is_active: bool,
    now_us: i64,
) -> Result<Offer> {
    let snapshot = context.environment.market.snapshot();
    let state = snapshot.get(ticket.asset_id).filter(|state| is_active && state.tradable);
    let state = state.ok_or_else(|| {
        let detail =
            format!("{} cannot be traded now. Prices of other assets are not affected.", ticket.asset_id);
        Problem::new(Code::AssetNotTradable, detail).with_fact("asset_id", ticket.asset_id)
    })?;
    let terms = Terms {
        rules,
        quote: state.quote,
        fee_bps: context.config.fee_bps,
        order_notional_max: context.config.order_notional_max,
    };
    let age_ms = u64::try_from((now_us - state.quote.time_us) / 1_000).unwrap_or(0);
    Ok(Offer { terms, source: snapshot.source.into(), age_ms })
}

impl Offer {
    /// Refuses a price that is too old to trade on.
    pub(super) fn age_check(&self, context: &Context) -> Result<()> {
        let max_ms = context.config.price_max_age_ms;
        if self.age_ms <= max_ms { Ok(()) } else { Err(Error::PriceStale { age_ms: self.age_ms, max_ms }) }
    }
}

/// What the trader has of the ticket's asset.
pub(super) fn holder(state: &State<'_>) -> Result<Holder> {
    let (available, position) = match &state.holding {
        Some((holding, _)) => (holding.available, holding.position()?),
        None => (Quantity::ZERO, Position::default()),
    };
    Ok(Holder { cash: state.head.available, available, position })
}

pub(super) fn refused(refusal: Refusal, ticket: &Ticket) -> Error {
    match refusal {
        Refusal::Ticket(fault) => Error::Ticket { asset_id: ticket.asset_id, fault: Box::new(fault) },
        Refusal::TypeUnsupported(order_type) => type_unsupported(order_type),
        Refusal::InsufficientFunds { available, needed } => {
            Error::InsufficientFunds { available, needed, purpose: "order" }
        }
        Refusal::InsufficientQuantity { available, needed } => {
            Error::InsufficientQuantity { asset_id: ticket.asset_id, available, needed }
        }
        Refusal::OutOfRange => {
            let detail = format!(
                "With this order you would have more than the {} {} that an account can hold. Nothing was done.",
                Quantity::MAX,
                ticket.asset_id
            );
            Problem::new(Code::OrderQuantityRange, detail).with_fact("asset_id", ticket.asset_id).into()
        }
    }
}

/// The decision and the sum of its postings are computed apart; they must agree before anything is written.
fn books_check(
    after: &Holder,
    head: &crate::account::Head,
    holding: Option<&crate::account::HoldingRecord>,
) -> Result<()> {
    let agrees = holding.is_some_and(|holding| {
        holding.available == after.available
            && holding.cost == after.position.cost
            && holding.realised == after.position.realised
    });
    if agrees && head.available == after.cash {
        Ok(())
    } else {
        Err(Error::Invariant("a fill and its postings disagree".to_owned()))
    }
}

/// A number with the time in it, above every earlier order of the account.
fn next_number(state: &State<'_>, entropy: &dyn Entropy) -> u128 {
    base32::timed(state.now_us, entropy).max(state.head.last_order.saturating_add(1))
}
