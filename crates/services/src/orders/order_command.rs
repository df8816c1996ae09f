//! Commands on an existing order: cancel, replace, trigger, fill, expire.

use cnop_api::trading::parse::{Assets, parse_replace};
use cnop_api::trading::{OrderReplaceRequest, OrderView};
use cnop_api::{Caller, Code, Problem};
use cnop_domain::book::Dispatched;
use cnop_domain::matching::{cancel, expire, fill_resting, replace, trigger};
use cnop_domain::{
    GuardFault, OrderDecision, OrderId, Price, Quantity, Quote, QuoteSource, Reason, Refusal, Revision, Side,
    purchases_check,
};
use serde::Serialize;

use super::Orders;
use super::commit::commit_orders;
use super::decision::{
    DecisionError, MarketQuote, change_check, closed, decision_error, market, market_quote, not_found,
    refused, trading_state,
};
use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Idempotent, Loaded, Reads};
use crate::daily_allowance::StorageUse;
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::records::{BookInterest, OrderRecord};
use crate::trigger_books::DisplayedSizeHold;

/// A command on one order.
#[derive(Debug)]
pub(crate) struct OrderCommand {
    pub(crate) order_id: OrderId,
    pub(crate) action: OrderAction,
    /// The versions of which the caller wants to change one; any when there is no list.
    pub(crate) if_match: Option<Vec<u32>>,
}

/// The action of the command.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OrderAction {
    Cancel(Reason),
    Replace(Revision),
    /// Its trigger was reached by a quote.
    Trigger {
        quote: Quote,
        mark: Option<Price>,
        source: QuoteSource,
    },
    /// A quote reached its limit, and this much of the displayed size is its.
    Fill {
        quote: Quote,
        granted: Quantity,
        source: QuoteSource,
    },
    /// Its time is over.
    Expire,
}

/// Content of a change's fingerprint.
#[derive(Serialize)]
struct OrderPatch<'a, T> {
    order_id: OrderId,
    if_match: Option<NamedVersions<'a>>,
    request: T,
}

/// The versions that a change names, as they were sent. A single one is a number, as it is in fingerprints that are kept.
#[derive(Serialize)]
#[serde(untagged)]
enum NamedVersions<'a> {
    One(u32),
    Several(&'a [u32]),
}

impl Orders {
    /// Cancels an open order, and the other leg of an OCO with it.
    ///
    /// # Errors
    /// `order.not_found`, `order.closed`, `order.version` when it has none of the given versions.
    pub async fn cancel(
        &self,
        caller: &Caller,
        order_id: OrderId,
        if_match: Option<Vec<u32>>,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let idempotent = bound("order-cancel", key, order_id, if_match.as_deref(), &())?;
        let command = OrderCommand { order_id, action: OrderAction::Cancel(Reason::User), if_match };
        self.accounts.execute(&caller.account_id, &command, idempotent).await
    }

    /// Gives an open order new terms: the same order with the next version.
    ///
    /// # Errors
    /// As for a new order and [`Orders::cancel`]. Nothing is written then.
    pub async fn replace(
        &self,
        caller: &Caller,
        order_id: OrderId,
        request: OrderReplaceRequest,
        if_match: Option<Vec<u32>>,
        key: Option<IdempotencyKey>,
    ) -> Result<OrderView> {
        let loaded = self.accounts.order(&caller.account_id, order_id).await?.ok_or_else(not_found)?;
        let catalogue = self.accounts.context.environment.market.catalogue();
        let rules = catalogue.rules(loaded.record.state.terms.asset_id);
        let mut revision = parse_replace(&request, rules.as_ref())?;
        // The book may be another server's; then the mark is the one that its owner has stored.
        revision.mark = self.accounts.trail_now(order_id, &loaded.record).await?.map(|(mark, _)| mark);
        let idempotent = bound("order-replace", key, order_id, if_match.as_deref(), &request)?;
        let command = OrderCommand { order_id, action: OrderAction::Replace(revision), if_match };
        self.accounts.execute(&caller.account_id, &command, idempotent).await
    }
}

/// Binds a change of an order to its idempotency key.
fn bound<T: Serialize>(
    route: &'static str,
    key: Option<IdempotencyKey>,
    order_id: OrderId,
    if_match: Option<&[u32]>,
    request: &T,
) -> Result<Option<Idempotent>> {
    let if_match = if_match.map(|versions| match versions {
        [version] => NamedVersions::One(*version),
        versions => NamedVersions::Several(versions),
    });
    Idempotent::of(route, key, &OrderPatch { order_id, if_match, request })
}

fn another_version(now: u32, named: &[u32]) -> Error {
    let named: Vec<String> = named.iter().map(u32::to_string).collect();
    let detail = if named.is_empty() {
        format!("The order is at version {now}, and what you named is no version of it. Read it again.")
    } else {
        let named = named.join(" or ");
        format!("The order has changed since: it is at version {now}, you named {named}. Read it again.")
    };
    Problem::new(Code::OrderVersion, detail).with_fact("version", now).into()
}

impl OrderCommand {
    fn find<'s>(&self, state: &'s AccountState<'_>) -> Result<(usize, &'s Loaded<OrderRecord>)> {
        let mut orders = state.orders.iter().enumerate();
        let (index, loaded) = orders.find(|(_, loaded)| loaded.id == self.order_id).ok_or_else(not_found)?;
        let order = &loaded.record.state;
        if order.status.is_final() {
            return Err(closed(order.status));
        }
        match &self.if_match {
            Some(named) if !named.contains(&order.version) => Err(another_version(order.version, named)),
            Some(_) | None => Ok((index, loaded)),
        }
    }

    /// Checks that the order is still the one the quote reached: not changed since, and not done already with
    /// a lost answer.
    fn still_reached(&self, accounts: &Accounts, record: &OrderRecord) -> Result<()> {
        let handed = match self.action {
            OrderAction::Cancel(_) | OrderAction::Replace(_) => return Ok(()),
            OrderAction::Trigger { quote, .. } => Dispatched::Triggered { quote_seq: quote.seq },
            OrderAction::Fill { quote, granted, .. } => {
                Dispatched::Granted { granted, left: granted, quote_seq: quote.seq }
            }
            OrderAction::Expire => Dispatched::Expired,
        };
        let is_dispatched = BookInterest::of(record).is_some_and(|waits| {
            accounts.books.is_dispatched(record.state.terms.asset_id, self.order_id.into(), handed, &waits)
        });
        if is_dispatched {
            return Ok(());
        }
        let detail = "The order has changed since the quote that reached it.";
        Err(Problem::new(Code::OrderVersion, detail).with_fact("version", record.state.version).into())
    }

    /// The domain's decision, the source of its quote, and the displayed size that it took.
    fn outcome(
        &self,
        accounts: &Accounts,
        state: &AccountState<'_>,
        index: usize,
    ) -> Result<(OrderDecision, Option<QuoteSource>, Option<DisplayedSizeHold>)> {
        let trading_state = trading_state(state)?;
        let loaded = state.orders.get(index).ok_or_else(not_found)?;
        let terms = loaded.record.state.terms;
        let fault = |refusal| refused(&refusal, terms.asset_id, &[]);
        let free = |outcome| (outcome, None, None);
        self.still_reached(accounts, &loaded.record)?;
        let now_us = state.now_us;
        match self.action {
            OrderAction::Cancel(reason) => {
                cancel(&trading_state, index, reason, now_us).map(free).map_err(fault)
            }
            OrderAction::Expire => expire(&trading_state, index, now_us).map(free).map_err(fault),
            OrderAction::Trigger { .. } | OrderAction::Fill { .. }
                if let Some(reason) = purchase_end(state, terms.side) =>
            {
                cancel(&trading_state, index, reason, now_us).map(free).map_err(fault)
            }
            OrderAction::Trigger { quote, mark, source } => {
                let market = market(accounts, state, &quote, terms.asset_id, Quantity::ZERO)?;
                let quoted = MarketQuote { market, source, age_ms: 0 };
                // A limit form arrives and takes the remaining displayed size.
                let decided = quoted.decide(accounts, state, (terms.asset_id, terms.side), |market| {
                    trigger(&trading_state, index, market, mark)
                });
                match decided {
                    Ok((outcome, hold)) => Ok((outcome, Some(source), hold)),
                    // Other orders were always faster: it triggers all the same, and takes from the next
                    // quote.
                    Err(DecisionError::Busy) => {
                        let outcome = trigger(&trading_state, index, &market, mark).map_err(fault)?;
                        Ok((outcome, Some(source), None))
                    }
                    Err(DecisionError::Rules(refusal)) => Err(fault(refusal)),
                }
            }
            OrderAction::Fill { quote, granted, source } => {
                let market = market(accounts, state, &quote, terms.asset_id, granted)?;
                let outcome = fill_resting(&trading_state, index, granted, &market).map_err(fault)?;
                Ok((outcome, Some(source), None))
            }
            OrderAction::Replace(mut revision) => {
                if let Some((mark, _)) = accounts.books.trail(terms.asset_id, self.order_id.into()) {
                    revision.mark = Some(mark);
                }
                let quoted = market_quote(&accounts.context, terms.asset_id, state.now_us)?;
                quoted.age_check(&accounts.context)?;
                let before = &loaded.record.state;
                let (outcome, hold) = quoted
                    .decide(accounts, state, (terms.asset_id, terms.side), |market| {
                        let outcome = replace(&trading_state, index, &revision, market)?;
                        let changed = outcome.after.orders.get(index).ok_or(Refusal::NoSuchOrder)?;
                        change_check(state, &changed.terms, before, market)?;
                        Ok(outcome)
                    })
                    .map_err(|refusal| decision_error(refusal, terms.asset_id, &[]))?;
                Ok((outcome, Some(quoted.source), hold))
            }
        }
    }
}

/// The reason for which a guard rail ends a purchase that a quote has reached, if one forbids purchases now. Its owner
/// may have set the guard, or realized the loss, after placing the order; the cancel of a kill switch may also be later
/// than a quote.
fn purchase_end(state: &AccountState<'_>, side: Side) -> Option<Reason> {
    if side == Side::Sell {
        return None;
    }
    let guard = state.head.guard.at(state.now_us);
    match purchases_check(&guard, &state.head.losses, state.now_us) {
        Ok(()) => None,
        Err(GuardFault::KillSwitch) => Some(Reason::KillSwitch),
        Err(GuardFault::OrderMax { .. } | GuardFault::DailyLoss { .. } | GuardFault::Pause { .. }) => {
            Some(Reason::Guard)
        }
    }
}

impl AccountCommand for OrderCommand {
    type Output = OrderView;

    fn storage_use(&self) -> StorageUse {
        match self.action {
            OrderAction::Replace(_) => StorageUse::Change,
            OrderAction::Cancel(_)
            | OrderAction::Trigger { .. }
            | OrderAction::Fill { .. }
            | OrderAction::Expire => StorageUse::Free,
        }
    }

    fn reads(&self) -> Reads {
        Reads::Order(self.order_id)
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<OrderView>> {
        let (index, _) = self.find(state)?;
        let (outcome, source, hold) = self.outcome(accounts, state, index)?;
        let mut commit = commit_orders(state, Vec::new(), outcome, source).inspect_err(|_| {
            if let Some(hold) = hold {
                accounts.books.give_back(hold);
            }
        })?;
        commit.books.hold = hold;
        let (order_id, record) = commit.orders.get(index).ok_or_else(not_found)?;
        let answer = record.view(*order_id);
        Ok(CommitPlan { appended: commit.appended, writes: commit.writes, books: commit.books, answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::fingerprint;

    /// A key used before versions were lists must still match the same request.
    #[test]
    fn a_list_of_one_is_bound_like_the_version_alone() {
        let order_id: OrderId = "ord_01M7YRRT80V7XF4VT652DF0BYX".parse().unwrap();
        let bound = |versions: Option<&[u32]>| {
            let key = Some("k".parse().unwrap());
            bound("order-cancel", key, order_id, versions, &()).unwrap().unwrap().fingerprint
        };
        let earlier = |if_match: Option<u32>| {
            #[derive(Serialize)]
            struct EarlierPatch<'a> {
                order_id: &'a str,
                if_match: Option<u32>,
                request: (),
            }
            fingerprint(&EarlierPatch { order_id: &order_id.to_string(), if_match, request: () }).unwrap()
        };
        assert_eq!(bound(None), earlier(None));
        assert_eq!(bound(Some(&[3])), earlier(Some(3)));
        let all = [bound(None), bound(Some(&[])), bound(Some(&[3])), bound(Some(&[3, 4]))];
        assert!((1..4).all(|index| !all[..index].contains(&all[index])), "each list is bound on its own");
    }
}
