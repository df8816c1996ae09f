//! Canceling all open orders of an account.

use std::time::Duration;

use cnop_api::trading::CancelResult;
use cnop_api::{Caller, Code, Problem};
use cnop_domain::{AccountId, AssetId, OPEN_ORDERS_MAX, OrderId, Reason, Side};
use cnop_store::TableQuery;

use super::order_command::{OrderAction, OrderCommand};
use super::{Orders, order_load};
use crate::account::{Idempotent, KeepAnswer};
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::records::{OPEN_ORDER_PREFIX, account_pk};

/// The HTTP status of a problem that passes: the same may succeed in a moment. Another fault of ours, such as an order that
/// cannot be read, stays, so that its answer is kept.
const PASSING_STATUS: u16 = 503;
/// Most attempts to keep an answer, and the pause between two of them.
const KEEP_ATTEMPTS_MAX: u32 = 4;
const KEEP_PAUSE: Duration = Duration::from_millis(50);

impl Orders {
    /// Cancels all open orders, or those of one asset: one transaction and one result each. It continues
    /// after the client disconnects.
    ///
    /// # Errors
    /// The list of open orders cannot be read; a refusal of one order is its result.
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
        let _turn = self.accounts.batch_turn(account_id, &own).await?;
        if let Some(kept) = self.accounts.replay(account_id, &own).await? {
            return self.with_orders(account_id, kept).await;
        }
        let results = self.cancel_each(account_id, asset_id, Reason::User).await?;
        // Temporary failures are left to the next request with this key.
        if results.iter().any(|result| result.status == PASSING_STATUS) {
            return Ok(results);
        }
        self.keep(account_id, own, results).await
    }

    /// Stores the answer under its key, so that a repetition does not cancel later orders.
    async fn keep(
        &self,
        account_id: &AccountId,
        own: Idempotent,
        results: Vec<CancelResult>,
    ) -> Result<Vec<CancelResult>> {
        // An item is too small for so many orders. They are closed, so they can be read again unchanged.
        let bare = |result: &CancelResult| CancelResult { order: None, ..result.clone() };
        let kept: Vec<CancelResult> = results.iter().map(bare).collect();
        for attempt in 0..KEEP_ATTEMPTS_MAX {
            if attempt > 0 {
                tokio::time::sleep(KEEP_PAUSE).await;
            }
            match self.accounts.execute(account_id, &KeepAnswer(kept.clone()), Some(own.clone())).await {
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
            result.order = order_load(&self.accounts, account_id, result.order_id).await?;
        }
        Ok(kept)
    }

    /// Cancels each open order, of one asset or of all. A kill switch spares sales: they only reduce a holding.
    pub(crate) async fn cancel_each(
        &self,
        account_id: &AccountId,
        asset_id: Option<AssetId>,
        reason: Reason,
    ) -> Result<Vec<CancelResult>> {
        let mut results: Vec<CancelResult> = Vec::new();
        for order_id in self.open_orders(account_id).await? {
            let record = match self.accounts.order(account_id, order_id).await {
                Ok(Some(loaded)) => loaded.record,
                Ok(None) => continue,
                Err(error) => {
                    results.push(not_canceled(order_id, error));
                    continue;
                }
            };
            let terms = record.state.terms;
            let is_spared = reason == Reason::KillSwitch && terms.side == Side::Sell;
            if is_spared || asset_id.is_some_and(|asset_id| asset_id != terms.asset_id) {
                continue;
            }
            // An earlier cancel of the group may have ended it.
            if record.state.status.is_final() {
                results.push(CancelResult::new(order_id, Ok(record.view(order_id))));
                continue;
            }
            let command = OrderCommand { order_id, action: OrderAction::Cancel(reason), if_match: None };
            // The kill switch gets through however full the account's queue is.
            let done = match reason {
                Reason::KillSwitch => self.accounts.execute_for_engine(account_id, &command).await,
                _ => self.accounts.execute(account_id, &command, None).await,
            };
            results.push(match done {
                Ok(order) => CancelResult::new(order_id, Ok(order)),
                Err(error) => not_canceled(order_id, error),
            });
        }
        Ok(results)
    }

    /// An account's open orders, oldest first.
    pub(crate) async fn open_orders(&self, account_id: &AccountId) -> Result<Vec<OrderId>> {
        let query = TableQuery::prefix(account_pk(account_id), OPEN_ORDER_PREFIX, OPEN_ORDERS_MAX);
        let page = self.accounts.context.environment.table.query(&query).await?;
        let id = |sk: &str| sk.strip_prefix(OPEN_ORDER_PREFIX)?.parse().ok();
        Ok(page.items.iter().filter_map(|item| id(&item.key.sk)).collect())
    }
}

/// Result of an order that is still open. The client receives it in the answer, which does not carry the
/// cause to the log.
fn not_canceled(order_id: OrderId, error: Error) -> CancelResult {
    let problem = Problem::from(error);
    if let Some(cause) = &problem.cause {
        tracing::warn!(%order_id, cause, "an order could not be canceled");
    }
    CancelResult::new(order_id, Err(problem))
}

/// Orders are canceled, but a repetition of the key would not know it.
fn not_kept(results: &[CancelResult]) -> Error {
    let canceled: Vec<String> =
        results.iter().filter(|result| result.problem.is_none()).map(|it| it.order_id.to_string()).collect();
    let detail = format!(
        "{} of {} open orders are canceled, but the answer could not be kept under its Idempotency-Key: the same \
         request again would cancel what is open then. Look at your orders first.",
        canceled.len(),
        results.len()
    );
    Problem::new(Code::Unavailable, detail).with_fact("canceled", canceled.join(" ")).into()
}
