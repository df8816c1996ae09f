//! Changing orders that are there, and closing positions.

use cnop_api::trading::{CancelResult, ClosePositionRequest, OrderReplaceRequest, OrderView};
use cnop_api::{Caller, FieldError, Figure};
use cnop_domain::{AccountId, Amount, AssetId, NewOrder, OrderId, OrderTerms, Reason, Side, UNITS_PER_WHOLE};
use cnop_store::Query;
use serde::Serialize;

use super::Orders;
use super::act::{Act, Action, not_found};
use super::place::{OPEN_ORDERS_MAX, PlaceOne, Placement};
use super::request::{client_order_id_read, parse_replace, quantity_read};
use crate::account::{Idempotent, Keep, OPEN_ORDER_PREFIX, account_pk, order_id, order_number};
use crate::idempotency::{IdempotencyKey, fingerprint};
use crate::{Error, Result};

/// A hundredth of a percent in the units of a percentage that was read as an amount.
const PERCENT_STEP: i128 = UNITS_PER_WHOLE / 100;
/// All of it, in hundredths of a percent.
const WHOLE_SHARE: u32 = 10_000;

/// What the fingerprint of a change is made of.
#[derive(Serialize)]
struct Change<'a, T> {
    order_id: &'a str,
    if_match: Option<u32>,
    request: T,
}

impl Orders {
    /// Cancels an open order. An order of an OCO takes its sibling along.
    ///
    /// # Errors
    /// `order.not_found`, `order.closed`, `order.version` when it is not at the version that the caller has seen.
    pub async fn cancel(
        &self,
        caller: &Caller,
        order_id: &OrderId,
        if_match: Option<u32>,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let idempotent = bound("order-cancel", key, order_id, if_match, &())?;
        let number = order_number(order_id).ok_or_else(not_found)?;
        let act = Act { number, action: Action::Cancel(Reason::User), if_match };
        self.accounts.execute(&caller.account_id, &act, idempotent).await
    }

    /// Cancels all open orders, or those of one asset: one transaction each, one result each.
    ///
    /// # Errors
    /// When the list of open orders cannot be read; what one order refuses is its result.
    pub async fn cancel_all(
        &self,
        caller: &Caller,
        asset_id: Option<AssetId>,
        key: Option<IdempotencyKey>,
    ) -> Result<Vec<CancelResult>> {
        let account_id = &caller.account_id;
        let Some(own) = Idempotent::of("orders-cancel", key, &asset_id)? else {
            return self.cancel_each(account_id, asset_id, Reason::User).await;
        };
        if let Some(answer) = self.accounts.replay(account_id, &own).await? {
            return Ok(answer);
        }
        let results = self.cancel_each(account_id, asset_id, Reason::User).await?;
        self.accounts.execute(account_id, &Keep(results), Some(own)).await
    }

    pub(crate) async fn cancel_each(
        &self,
        account_id: &AccountId,
        asset_id: Option<AssetId>,
        reason: Reason,
    ) -> Result<Vec<CancelResult>> {
        let mut results: Vec<CancelResult> = Vec::new();
        for number in self.open_orders(account_id).await? {
            let Some(order_id) = order_id(number) else { continue };
            let loaded = self.accounts.order(account_id, number).await?;
            let Some(record) = loaded.map(|loaded| loaded.record) else { continue };
            if asset_id.is_some_and(|asset_id| asset_id != record.state.terms.asset_id) {
                continue;
            }
            // An earlier cancel of the group may have ended it.
            if record.state.status.is_final() {
                results.push(CancelResult::new(order_id.clone(), Ok(record.view(order_id))));
                continue;
            }
            let act = Act { number, action: Action::Cancel(reason), if_match: None };
            let done = self.accounts.execute(account_id, &act, None).await;
            results.push(CancelResult::new(order_id, done.map_err(Into::into)));
        }
        Ok(results)
    }

    /// The 128 bits of the ids of an account's open orders, oldest first.
    pub(crate) async fn open_orders(&self, account_id: &AccountId) -> Result<Vec<u128>> {
        let query = Query::prefix(account_pk(account_id), OPEN_ORDER_PREFIX, OPEN_ORDERS_MAX);
        let page = self.accounts.context.environment.table.query(&query).await?;
        let number = |sk: &str| order_number(&sk.strip_prefix(OPEN_ORDER_PREFIX)?.parse().ok()?);
        Ok(page.items.iter().filter_map(|item| number(&item.key.sk)).collect())
    }

    /// Gives an open order new terms: the same order, one version later.
    ///
    /// # Errors
    /// As a new order and as [`Orders::cancel`]. Nothing is written then.
    pub async fn replace(
        &self,
        caller: &Caller,
        order_id: &OrderId,
        request: OrderReplaceRequest,
        if_match: Option<u32>,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let number = order_number(order_id).ok_or_else(not_found)?;
        let loaded = self.accounts.order(&caller.account_id, number).await?.ok_or_else(not_found)?;
        let catalogue = self.accounts.context.environment.market.catalogue();
        let revision = parse_replace(&request, catalogue.get(loaded.record.state.terms.asset_id))?;
        let idempotent = bound("order-replace", key, order_id, if_match, &request)?;
        let act = Act { number, action: Action::Replace(revision), if_match };
        self.accounts.execute(&caller.account_id, &act, idempotent).await
    }

    /// Sells a quantity, or a share of what is available, at market.
    ///
    /// # Errors
    /// As [`Orders::place`].
    pub async fn close_position(
        &self,
        caller: &Caller,
        asset_id: AssetId,
        request: ClosePositionRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let catalogue = self.accounts.context.environment.market.catalogue();
        let asset = catalogue.get(asset_id).ok_or_else(|| Error::unknown_asset(asset_id))?;
        let invalid = |error| Error::Invalid(vec![error]);
        let (quantity, share) = match (&request.quantity, &request.percent) {
            (Some(figure), None) => (quantity_read(figure, Some(asset)).map_err(invalid)?, None),
            (None, Some(figure)) => {
                (cnop_domain::Quantity::ZERO, Some(percent_read(figure).map_err(invalid)?))
            }
            (None, None) => {
                let detail = "Say how much: quantity in coins, or percent of what is available.";
                return Err(invalid(FieldError::new("percent", "required", detail)));
            }
            (Some(_), Some(_)) => {
                let detail = "Send either quantity or percent, not both.";
                return Err(invalid(FieldError::new("percent", "contradiction", detail)));
            }
        };
        let client_order_id =
            request.client_order_id.as_deref().map(client_order_id_read).transpose().map_err(invalid)?;
        let fingerprint = fingerprint(&(asset_id.as_str(), &request))?;
        let placement = Placement {
            orders: vec![NewOrder::single(OrderTerms::market(asset_id, Side::Sell, quantity))],
            asset_id,
            client_order: client_order_id.map(|id| (id, fingerprint)),
            legs: Vec::new(),
            share,
        };
        let idempotent = key.map(|key| Idempotent { route: "position-close", key, fingerprint });
        self.accounts.execute(&caller.account_id, &PlaceOne(placement), idempotent).await
    }
}

/// Binds a change of an order to its idempotency key.
fn bound<T: Serialize>(
    route: &'static str,
    key: Option<IdempotencyKey>,
    order_id: &OrderId,
    if_match: Option<u32>,
    request: &T,
) -> Result<Option<Idempotent>> {
    Idempotent::of(route, key, &Change { order_id: order_id.as_str(), if_match, request })
}

/// A percentage in hundredths: above 0, at most 100, two decimals.
fn percent_read(figure: &Figure) -> Result<u32, FieldError> {
    let text = figure.as_str();
    let fault = || {
        let detail = "The percent must be above 0, at most 100, and have at most 2 decimals.";
        FieldError::new("percent", "range", detail).given(text)
    };
    let units = text.parse::<Amount>().map_err(|_| fault())?.units();
    let share = u32::try_from(units / PERCENT_STEP).map_err(|_| fault())?;
    if units % PERCENT_STEP == 0 && (1..=WHOLE_SHARE).contains(&share) { Ok(share) } else { Err(fault()) }
}
