//! Placement of orders: one decision, one transaction.

use cnop_api::trading::parse::{Parsed, parse_group, parse_order};
use cnop_api::trading::{GroupLeg, OrderGroupRequest, OrderGroupView, OrderRequest, OrderView};
use cnop_api::{Caller, Code, FieldError, Problem};
use cnop_domain::matching::{place, share_of};
use cnop_domain::{AccountId, Amount, AssetId, NewOrder, OrderId, OrderTerms, Quantity, Side, TradingState};
use cnop_store::{Condition, Write};

use super::commit::{NewOrderId, OrderWrites, commit_orders};
use super::decision::{decision_error, market_quote, trading_state};
use super::view::group_view;
use super::{Orders, order_load};
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Idempotent, Reads};
use crate::daily_allowance::StorageUse;
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, fingerprint};
use crate::records::{ClientOrder, GroupRecord, client_order_key, decode, encode};

/// A submitted order or group.
#[derive(Debug)]
pub(crate) struct OrderSubmission {
    pub(super) orders: Vec<NewOrder>,
    pub(super) asset_id: AssetId,
    pub(super) client_order: Option<(Box<str>, [u8; 32])>,
    /// Position of each order in the request of a group; empty for a single order.
    pub(super) legs: Vec<GroupLeg>,
    /// Share of the available quantity to sell, in basis points, instead of the order's quantity.
    pub(super) share: Option<u32>,
    /// True if it closes a position: the venue's largest order must not trap its holder then.
    pub(super) closes: bool,
}

/// A placement that answers with its first order.
#[derive(Debug)]
pub(super) struct PlaceOne(pub(super) OrderSubmission);

/// A placement that answers with the whole group.
#[derive(Debug)]
struct PlaceGroup(OrderSubmission);

impl Orders {
    /// Places an order; a market order is filled when this returns. An order with exits becomes a group, and
    /// its entry is returned.
    ///
    /// # Errors
    /// Refusals of terms, funds, guard rails or price; those of every command. Nothing is written then.
    pub async fn place(
        &self,
        caller: &Caller,
        request: OrderRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let (submission, idempotent) = self.prepare_one(request, key)?;
        self.accounts.execute(&caller.account_id, &PlaceOne(submission), idempotent).await
    }

    /// By value, so that the request is freed before the wait.
    #[expect(clippy::needless_pass_by_value, reason = "it ends here")]
    fn prepare_one(
        &self,
        request: OrderRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<(OrderSubmission, Option<Idempotent>)> {
        let parsed = parse_order(&request, self.accounts.context.environment.market.catalogue())?;
        prepare(parsed, &request, key, "order")
    }

    /// Places orders that belong together, all or none.
    ///
    /// # Errors
    /// As [`Orders::place`].
    pub async fn place_group(
        &self,
        caller: &Caller,
        request: OrderGroupRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderGroupView> {
        let parsed = parse_group(&request, self.accounts.context.environment.market.catalogue())?;
        let (submission, idempotent) = prepare(parsed, &request, key, "order-group")?;
        self.accounts.execute(&caller.account_id, &PlaceGroup(submission), idempotent).await
    }
}

/// Binds a parsed request to its ids.
pub(super) fn prepare<T: serde::Serialize>(
    parsed: Parsed,
    request: &T,
    key: Option<IdempotencyKey>,
    route: &'static str,
) -> Result<(OrderSubmission, Option<Idempotent>)> {
    let needs_fingerprint = key.is_some() || parsed.client_order_id.is_some();
    let fingerprint = if needs_fingerprint { fingerprint(request)? } else { [0; 32] };
    let submission = OrderSubmission {
        asset_id: parsed.asset.asset_id,
        orders: parsed.orders,
        client_order: parsed.client_order_id.map(|id| (id, fingerprint)),
        legs: parsed.legs,
        share: None,
        closes: false,
    };
    Ok((submission, key.map(|key| Idempotent { route, key, fingerprint })))
}

impl OrderSubmission {
    /// A purchase at market for an amount.
    pub(crate) fn purchase(asset_id: AssetId, amount: Amount) -> Self {
        Self {
            orders: vec![NewOrder::single(purchase_terms(asset_id, amount))],
            asset_id,
            client_order: None,
            legs: Vec::new(),
            share: None,
            closes: false,
        }
    }

    /// The order that was placed before under the same client order id.
    pub(super) async fn earlier(
        &self,
        accounts: &Accounts,
        account_id: &AccountId,
    ) -> Result<Option<OrderId>> {
        let Some((client_order_id, fingerprint)) = &self.client_order else { return Ok(None) };
        let key = client_order_key(account_id, client_order_id);
        let Some(item) = accounts.context.environment.table.get(&key).await? else { return Ok(None) };
        let earlier: ClientOrder = decode(&item.body)?;
        if earlier.fingerprint == *fingerprint {
            return Ok(Some(earlier.order));
        }
        Err(Problem::new(
            Code::OrderClientIdReused,
            "This client_order_id belongs to another order of yours. Nothing was done; choose a new one.",
        )
        .into())
    }

    pub(crate) fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<OrderWrites> {
        let context = &accounts.context;
        let first = self.orders.first().ok_or_else(|| Error::Internal("nothing was asked for".to_owned()))?;
        let mut quoted = market_quote(context, self.asset_id, state.now_us)?;
        quoted.age_check(context)?;
        if self.closes {
            quoted.market.order_notional_max = Amount::MAX;
        }
        let trading_state = trading_state(state)?;
        let orders = self.sized(&trading_state, quoted.market.rules.step_size)?;
        let limits = state.limits();
        let decided = quoted.decide(accounts, state, (self.asset_id, first.terms.side), |market| {
            let outcome = place(&trading_state, &orders, market)?;
            limits.check(&orders, &outcome, market)?;
            Ok(outcome)
        });
        let (outcome, hold) = decided.map_err(|fault| decision_error(fault, self.asset_id, &self.legs))?;
        let new_ids = self.new_ids(accounts, state);
        let commit = new_ids.and_then(|new_ids| commit_orders(state, new_ids, outcome, Some(quoted.source)));
        let mut commit = commit.inspect_err(|_| {
            if let Some(hold) = hold {
                accounts.books.give_back(hold);
            }
        })?;
        commit.books.hold = hold;
        self.client_order_write(state.account_id, &mut commit)?;
        Ok(commit)
    }

    /// The orders with the quantity that results from a share.
    fn sized(&self, trading_state: &TradingState, step_size: Quantity) -> Result<Vec<NewOrder>> {
        let mut orders = self.orders.clone();
        if let (Some(share), [only]) = (self.share, orders.as_mut_slice()) {
            only.terms.quantity = share_of(trading_state.coins_available, share, step_size);
            if only.terms.quantity.is_zero() {
                return Err(nothing_to_close(self.asset_id, trading_state, step_size));
            }
        }
        Ok(orders)
    }

    /// Ids for the new orders, above every earlier one of the account.
    fn new_ids(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<Vec<NewOrderId>> {
        let entropy = accounts.context.environment.entropy.as_ref();
        let first = OrderId::next(state.now_us, entropy, state.head.last_order);
        let ids: Vec<OrderId> = (0..).zip(&self.orders).map(|(place, _)| first.plus(place)).collect();
        let group = self
            .orders
            .first()
            .and_then(|order| order.link)
            .map(|link| GroupRecord { kind: link.kind, members: ids.clone() });
        let client_order_id = self.client_order.as_ref().map(|(id, _)| id.clone());
        let mut new_ids: Vec<NewOrderId> = ids
            .into_iter()
            .map(|id| NewOrderId { id, client_order_id: None, group: group.clone() })
            .collect();
        match new_ids.first_mut() {
            Some(first) => first.client_order_id = client_order_id,
            None => return Err(Error::Internal("nothing was asked for".to_owned())),
        }
        Ok(new_ids)
    }

    fn client_order_write(&self, account_id: &AccountId, commit: &mut OrderWrites) -> Result<()> {
        if let (Some((client_order_id, fingerprint)), Some((order_id, _))) =
            (&self.client_order, commit.orders.first())
        {
            let body = encode(&ClientOrder { fingerprint: *fingerprint, order: *order_id })?;
            let key = client_order_key(account_id, client_order_id);
            commit.writes.push(Write::put(key, body, Condition::Absent));
        }
        Ok(())
    }
}

/// Reason why a share of a position is zero.
fn nothing_to_close(asset_id: AssetId, trading_state: &TradingState, step_size: Quantity) -> Error {
    let (available, reserved) = (trading_state.coins_available, trading_state.coins_reserved);
    let (code, rule, detail) = if !available.is_zero() {
        let detail = format!(
            "This share of your {available} {asset_id} is less than one step of {step_size}. Nearest: 100."
        );
        (Code::RequestInvalid, "positive", detail)
    } else if reserved.is_zero() {
        (Code::BalanceInsufficientQuantity, "available", format!("You hold no {asset_id}."))
    } else {
        let detail = format!(
            "All {reserved} {asset_id} that you hold are reserved by your open orders. Cancel those first, then close the position."
        );
        (Code::BalanceInsufficientQuantity, "available", detail)
    };
    let error = FieldError::new("percent", rule, detail.clone());
    let error = if available.is_zero() { error } else { error.nearest(vec!["100".to_owned()]) };
    Problem::new(code, detail)
        .with_error(error)
        .with_fact("asset_id", asset_id)
        .with_fact("available", available)
        .with_fact("reserved", reserved)
        .into()
}

fn lost() -> Error {
    Error::Internal("a client order id leads nowhere".to_owned())
}

impl AccountCommand for PlaceOne {
    type Output = OrderView;

    fn storage_use(&self) -> StorageUse {
        // A position can always be sold; its size bounds the number of sales.
        if self.0.closes { StorageUse::Free } else { StorageUse::Counted }
    }

    fn reads(&self) -> Reads {
        Reads::Asset(self.0.asset_id)
    }

    async fn earlier(&self, accounts: &Accounts, account_id: &AccountId) -> Result<Option<OrderView>> {
        match self.0.earlier(accounts, account_id).await? {
            Some(order_id) => order_load(accounts, account_id, order_id).await,
            None => Ok(None),
        }
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<OrderView>> {
        let commit = self.0.decide(accounts, state)?;
        let (order_id, record) = commit.orders.first().ok_or_else(lost)?;
        let answer = record.view(*order_id);
        Ok(CommitPlan { appended: commit.appended, writes: commit.writes, books: commit.books, answer })
    }
}

impl AccountCommand for PlaceGroup {
    type Output = OrderGroupView;

    fn reads(&self) -> Reads {
        Reads::Asset(self.0.asset_id)
    }

    async fn earlier(&self, accounts: &Accounts, account_id: &AccountId) -> Result<Option<OrderGroupView>> {
        let Some(order_id) = self.0.earlier(accounts, account_id).await? else { return Ok(None) };
        let orders = accounts.group(account_id, order_id).await?;
        let orders: Vec<_> = orders.into_iter().map(|loaded| (loaded.id, loaded.record)).collect();
        Ok(group_view(&orders))
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<OrderGroupView>> {
        let commit = self.0.decide(accounts, state)?;
        let answer = group_view(&commit.orders).ok_or_else(lost)?;
        Ok(CommitPlan { appended: commit.appended, writes: commit.writes, books: commit.books, answer })
    }
}

/// The terms of a purchase at market for an amount.
pub(crate) fn purchase_terms(asset_id: AssetId, amount: Amount) -> OrderTerms {
    OrderTerms { quote_quantity: Some(amount), ..OrderTerms::market(asset_id, Side::Buy, Quantity::ZERO) }
}
