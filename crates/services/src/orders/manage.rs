//! Changing orders that are there, and closing positions.

use std::time::Duration;

use cnop_api::trading::{CancelResult, ClosePositionRequest, OrderReplaceRequest, OrderView};
use cnop_api::{Caller, Code, FieldError, Figure, Problem};
use cnop_domain::{AccountId, Amount, AssetId, NewOrder, OrderId, OrderTerms, Reason, Side, UNITS_PER_WHOLE};
use cnop_store::Query;
use serde::Serialize;

use super::act::{Act, Action, not_found};
use super::place::{OPEN_ORDERS_MAX, PlaceOne, Placement};
use super::request::{client_order_id_read, parse_replace, quantity_read};
use super::{Orders, order_load};
use crate::account::{Idempotent, Keep};
use crate::idempotency::{IdempotencyKey, fingerprint};
use crate::records::{OPEN_ORDER_PREFIX, account_pk, order_id, order_number};
use crate::{Error, Result};

/// A hundredth of a percent in the units of a percentage that was read as an amount.
const PERCENT_STEP: i128 = UNITS_PER_WHOLE / 100;
/// All of it, in hundredths of a percent.
const WHOLE_SHARE: u32 = 10_000;
/// The HTTP status of a problem that passes: the same may succeed in a moment. Another fault of ours, such as an order that
/// cannot be read, stays, so that its answer is kept.
const PASSING_STATUS: u16 = 503;
/// Most attempts to keep an answer, and the pause between two of them.
const KEEP_ATTEMPTS_MAX: u32 = 4;
const KEEP_PAUSE: Duration = Duration::from_millis(50);

/// What the fingerprint of a change is made of.
#[derive(Serialize)]
struct Change<'a, T> {
    order_id: &'a str,
    if_match: Option<Named<'a>>,
    request: T,
}

/// The versions that a change names, as they were sent. A single one is a number, as it is in fingerprints that are kept.
#[derive(Serialize)]
#[serde(untagged)]
enum Named<'a> {
    One(u32),
    Several(&'a [u32]),
}

impl Orders {
    /// Cancels an open order. An order of an OCO takes its sibling along.
    ///
    /// # Errors
    /// `order.not_found`, `order.closed`, `order.version` when it is at none of the versions in a list that is given.
    pub async fn cancel(
        &self,
        caller: &Caller,
        order_id: &OrderId,
        if_match: Option<Vec<u32>>,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let idempotent = bound("order-cancel", key, order_id, if_match.as_deref(), &())?;
        let number = order_number(order_id).ok_or_else(not_found)?;
        let act = Act { number, action: Action::Cancel(Reason::User), if_match };
        self.accounts.execute(&caller.account_id, &act, idempotent).await
    }

    /// Cancels all open orders, or those of one asset: one transaction each, one result each. All of it is done also
    /// when nobody waits for the answer any more.
    ///
    /// # Errors
    /// When the list of open orders cannot be read; what one order refuses is its result.
    pub async fn cancel_all(
        &self,
        caller: &Caller,
        asset_id: Option<AssetId>,
        key: Option<IdempotencyKey>,
    ) -> Result<Vec<CancelResult>> {
        let own = Idempotent::of("orders-cancel", key, &asset_id)?;
        let (orders, account_id) = (self.clone(), caller.account_id.clone());
        let work = async move { orders.cancel_all_once(&account_id, asset_id, own).await };
        let ended = tokio::spawn(work).await;
        ended.map_err(|error| Error::Internal(format!("canceling orders ended early: {error}")))?
    }

    async fn cancel_all_once(
        &self,
        account_id: &AccountId,
        asset_id: Option<AssetId>,
        own: Option<Idempotent>,
    ) -> Result<Vec<CancelResult>> {
        let Some(own) = own else {
            return self.cancel_each(account_id, asset_id, Reason::User).await;
        };
        let _turn = self.accounts.whole(account_id, &own).await?;
        if let Some(kept) = self.accounts.replay(account_id, &own).await? {
            return self.with_orders(account_id, kept).await;
        }
        let results = self.cancel_each(account_id, asset_id, Reason::User).await?;
        // What has failed for a passing reason is left to the next request with this key.
        if results.iter().any(|result| result.status == PASSING_STATUS) {
            return Ok(results);
        }
        self.keep(account_id, own, results).await
    }

    /// Keeps what was done under its key, so that a repeat does not cancel what comes later.
    async fn keep(
        &self,
        account_id: &AccountId,
        own: Idempotent,
        results: Vec<CancelResult>,
    ) -> Result<Vec<CancelResult>> {
        // An item has no room for so many orders. They have ended, so that they can be read again as they are.
        let bare = |result: &CancelResult| CancelResult { order: None, ..result.clone() };
        let kept: Vec<CancelResult> = results.iter().map(bare).collect();
        for attempt in 0..KEEP_ATTEMPTS_MAX {
            if attempt > 0 {
                tokio::time::sleep(KEEP_PAUSE).await;
            }
            match self.accounts.execute(account_id, &Keep(kept.clone()), Some(own.clone())).await {
                Ok(first) if first != kept => return self.with_orders(account_id, first).await,
                Ok(_) => return Ok(results),
                Err(error) => {
                    tracing::warn!(%error, "orders are canceled, and the answer could not be kept");
                }
            }
        }
        Err(not_kept(&results))
    }

    /// Kept results with their orders.
    async fn with_orders(
        &self,
        account_id: &AccountId,
        mut kept: Vec<CancelResult>,
    ) -> Result<Vec<CancelResult>> {
        for result in kept.iter_mut().filter(|result| result.problem.is_none() && result.order.is_none()) {
            result.order = order_load(&self.accounts, account_id, &result.order_id).await?;
        }
        Ok(kept)
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
            let record = match self.accounts.order(account_id, number).await {
                Ok(Some(loaded)) => loaded.record,
                Ok(None) => continue,
                Err(error) => {
                    results.push(CancelResult::new(order_id, Err(error.into())));
                    continue;
                }
            };
            if asset_id.is_some_and(|asset_id| asset_id != record.state.terms.asset_id) {
                continue;
            }
            // An earlier cancel of the group may have ended it.
            if record.state.status.is_final() {
                results.push(CancelResult::new(order_id.clone(), Ok(record.view(order_id))));
                continue;
            }
            let act = Act { number, action: Action::Cancel(reason), if_match: None };
            // However full the owner keeps his line, the kill switch gets through.
            let done = match reason {
                Reason::KillSwitch => self.accounts.execute_for_engine(account_id, &act).await,
                _ => self.accounts.execute(account_id, &act, None).await,
            };
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
        if_match: Option<Vec<u32>>,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let number = order_number(order_id).ok_or_else(not_found)?;
        let loaded = self.accounts.order(&caller.account_id, number).await?.ok_or_else(not_found)?;
        let catalogue = self.accounts.context.environment.market.catalogue();
        let revision = parse_replace(&request, catalogue.get(loaded.record.state.terms.asset_id))?;
        let idempotent = bound("order-replace", key, order_id, if_match.as_deref(), &request)?;
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
            closes: true,
        };
        let idempotent = key.map(|key| Idempotent { route: "position-close", key, fingerprint });
        let done = self.accounts.execute(&caller.account_id, &PlaceOne(placement), idempotent).await;
        match &request.percent {
            Some(percent) => done.map_err(|error| at_percent(error, percent)),
            None => done,
        }
    }
}

/// Binds a change of an order to its idempotency key.
fn bound<T: Serialize>(
    route: &'static str,
    key: Option<IdempotencyKey>,
    order_id: &OrderId,
    if_match: Option<&[u32]>,
    request: &T,
) -> Result<Option<Idempotent>> {
    let if_match = if_match.map(|versions| match versions {
        [version] => Named::One(*version),
        versions => Named::Several(versions),
    });
    Idempotent::of(route, key, &Change { order_id: order_id.as_str(), if_match, request })
}

/// Orders are canceled, and a repeat of the key would not know it.
fn not_kept(results: &[CancelResult]) -> Error {
    let canceled: Vec<&str> =
        results.iter().filter(|result| result.problem.is_none()).map(|it| it.order_id.as_str()).collect();
    let detail = format!(
        "{} of {} open orders are canceled, but the answer could not be kept under its Idempotency-Key: the same \
         request again would cancel what is open then. Look at your orders first.",
        canceled.len(),
        results.len()
    );
    Problem::new(Code::Unavailable, detail).with_fact("canceled", canceled.join(" ")).into()
}

/// What is wrong with the quantity that a percentage comes to is wrong with the percentage.
fn at_percent(error: Error, percent: &Figure) -> Error {
    let Error::Ticket { .. } = error else { return error };
    let mut problem = Problem::from(error);
    for fault in problem.errors.iter_mut().filter(|fault| fault.member() == Some("quantity")) {
        let detail = fault.detail.clone();
        *fault = FieldError::new("percent", &fault.rule, detail).given(percent.as_str());
    }
    problem.into()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A key that was used before lists were kept must still be known by the same request.
    #[test]
    fn a_list_of_one_is_bound_like_the_version_alone() {
        let order_id: OrderId = "ord_01M7YRRT80V7XF4VT652DF0BYX".parse().unwrap();
        let bound = |versions: Option<&[u32]>| {
            let key = Some("k".parse().unwrap());
            bound("order-cancel", key, &order_id, versions, &()).unwrap().unwrap().fingerprint
        };
        let earlier = |if_match: Option<u32>| {
            #[derive(Serialize)]
            struct Change<'a> {
                order_id: &'a str,
                if_match: Option<u32>,
                request: (),
            }
            fingerprint(&Change { order_id: order_id.as_str(), if_match, request: () }).unwrap()
        };
        assert_eq!(bound(None), earlier(None));
        assert_eq!(bound(Some(&[3])), earlier(Some(3)));
        let all = [bound(None), bound(Some(&[])), bound(Some(&[3])), bound(Some(&[3, 4]))];
        assert!((1..4).all(|index| !all[..index].contains(&all[index])), "each list is bound on its own");
    }
}
