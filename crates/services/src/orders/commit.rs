//! The commit of an order decision: events, orders, index items, and the entries of the trigger book.

use cnop_domain::{
    AccountId, Amount, OrderChange, OrderDecision, OrderId, OrderStep, QuoteSource, Reason, Side,
};
use cnop_store::{Condition, Write};

use crate::account::{AccountState, AppendedEvents};
use crate::error::{Error, Result};
use crate::records::{
    BookInterest, EventKind, FillModel, FillRecord, GroupRecord, OpenOrderIndexItem, OrderEvent, OrderRecord,
    TriggerIndexItem, book_order_key, encode, open_order_key, order_key,
};
use crate::trigger_books::{BookChange, BookChanges};

/// The ids of a new order.
#[derive(Debug, Clone)]
pub(super) struct NewOrderId {
    pub(super) id: OrderId,
    pub(super) client_order_id: Option<Box<str>>,
    pub(super) group: Option<GroupRecord>,
}

/// The writes of a command on orders.
#[derive(Debug)]
pub(crate) struct OrderWrites {
    pub(crate) appended: AppendedEvents,
    pub(crate) writes: Vec<Write>,
    pub(crate) books: BookChanges,
    /// The orders that it read or made, afterwards.
    pub(crate) orders: Vec<(OrderId, OrderRecord)>,
}

/// A draft of a stored order.
struct OrderDraft {
    id: OrderId,
    /// As it was read; none for a fresh one.
    before: Option<(OrderIndexState, u64)>,
    new_ids: Option<NewOrderId>,
    record: Option<OrderRecord>,
    touched: Touched,
}

/// The effect of a command on an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touched {
    /// The order is unchanged.
    Not,
    /// Another order of its group was filled in part: it has another size, and waits as before.
    Resized,
    /// Any other change of the order.
    Changed,
}

/// Turns a decision into writes. `source` is the origin of its quote, if it used one.
pub(super) fn commit_orders(
    state: &AccountState<'_>,
    new_ids: Vec<NewOrderId>,
    outcome: OrderDecision,
    source: Option<QuoteSource>,
) -> Result<OrderWrites> {
    let mut drafts: Vec<OrderDraft> = Vec::with_capacity(state.orders.len() + new_ids.len());
    drafts.extend(state.orders.iter().map(|loaded| OrderDraft {
        id: loaded.id,
        before: Some((OrderIndexState::of(&loaded.record), loaded.version)),
        new_ids: None,
        record: Some(loaded.record.clone()),
        touched: Touched::Not,
    }));
    drafts.extend(new_ids.into_iter().map(|new_ids| OrderDraft {
        id: new_ids.id,
        before: None,
        new_ids: Some(new_ids),
        record: None,
        touched: Touched::Not,
    }));
    let mut draft = state.draft();
    for step in outcome.steps {
        let draft_of = drafts.get_mut(step.order).ok_or_else(|| broken("a step of an unknown order"))?;
        let event = draft_of.take(&step, state.now_us, source)?;
        draft.push(EventKind::Order(Box::new(event)), step.postings)?;
    }
    let appended = draft.finish()?;
    let after = &outcome.after;
    let agrees = appended.head.available == after.cash_available
        && appended.head.reserved == after.cash_reserved
        && appended.holding.as_ref().is_none_or(|holding| {
            holding.available == after.coins_available
                && holding.reserved == after.coins_reserved
                && holding.cost == after.position.cost
                && holding.realised == after.position.realised
        });
    if !agrees {
        return Err(broken("orders and their postings disagree"));
    }
    let mut commit =
        OrderWrites { appended, writes: Vec::new(), books: BookChanges::default(), orders: Vec::new() };
    for draft_of in drafts {
        draft_of.write(state.account_id, &mut commit)?;
    }
    Ok(commit)
}

impl OrderDraft {
    /// Applies a step, and returns its event.
    fn take(&mut self, step: &OrderStep, now_us: i64, source: Option<QuoteSource>) -> Result<OrderEvent> {
        let opens = self.record.is_none();
        let new_ids = self.new_ids.take();
        let record = self.record.get_or_insert_with(|| OrderRecord {
            state: step.after,
            quote_asset: cnop_domain::Currency::Usd,
            client_order_id: new_ids.as_ref().and_then(|new_ids| new_ids.client_order_id.clone()),
            group: new_ids.and_then(|new_ids| new_ids.group),
            fills: Vec::new(),
            created_us: now_us,
            updated_us: now_us,
            triggered_us: None,
            closed_us: None,
            since_us: now_us,
        });
        let earned_before = if opens { Amount::ZERO } else { record.state.realised };
        let mut profit = None;
        let is_resized = matches!(
            step.change,
            OrderChange::Replaced { reason: Reason::SiblingFill | Reason::EntryFill, .. }
        );
        match &step.change {
            // Not requested by its owner: it keeps its time priority, its mark, and its dispatched job.
            OrderChange::Replaced { .. } if is_resized => {}
            OrderChange::Accepted | OrderChange::Activated | OrderChange::Replaced { .. } => {
                record.since_us = now_us
            }
            OrderChange::Triggered { .. } => {
                record.triggered_us = Some(now_us);
                record.since_us = now_us;
            }
            OrderChange::Filled(fill) => {
                record.fills.push(FillRecord {
                    fill: *fill,
                    model: FillModel::of(step.seen),
                    source: source.ok_or_else(|| broken("a fill without a quote"))?,
                    time_us: now_us,
                    limit: step.after.terms.limit,
                    ordered: step.after.terms.quantity,
                });
                if step.after.terms.side == Side::Sell {
                    let earned = step.after.realised.checked_sub(earned_before);
                    profit = Some(earned.map_err(|_| broken("a profit would leave its range"))?);
                }
            }
            OrderChange::Canceled(_) | OrderChange::Expired(_) | OrderChange::Rejected(_) => {}
        }
        record.state = step.after;
        record.updated_us = now_us;
        if step.after.status.is_final() {
            record.closed_us = Some(now_us);
        }
        self.touched = match self.touched {
            Touched::Not | Touched::Resized if is_resized => Touched::Resized,
            Touched::Not | Touched::Resized | Touched::Changed => Touched::Changed,
        };
        Ok(OrderEvent { order: self.id, opens, change: step.change, after: step.after, profit })
    }

    /// Writes the order and its signs where they changed.
    fn write(self, account_id: &AccountId, commit: &mut OrderWrites) -> Result<()> {
        let Some(record) = self.record else { return Err(broken("an order without a first step")) };
        if self.touched != Touched::Not {
            let condition = self.before.map_or(Condition::Absent, |(_, version)| Condition::Version(version));
            commit.writes.push(Write::put(order_key(account_id, self.id), encode(&record)?, condition));
            let before = self.before.map(|(index_state, _)| index_state).unwrap_or_default();
            let is_resized = self.touched == Touched::Resized;
            let change = before.write(account_id, self.id, &record, is_resized, &mut commit.writes)?;
            commit.books.entries.extend(change);
        }
        commit.orders.push((self.id, record));
        Ok(())
    }
}

pub(super) fn broken(what: &str) -> Error {
    Error::Invariant(what.to_owned())
}

/// The index state of an order: whether it is open, and its interest in prices.
#[derive(Debug, Clone, Copy, Default)]
struct OrderIndexState {
    is_open: bool,
    waits: Option<BookInterest>,
}

impl OrderIndexState {
    fn of(record: &OrderRecord) -> Self {
        Self { is_open: !record.state.status.is_final(), waits: BookInterest::of(record) }
    }

    /// Writes the differences to the indexes, and returns the change of the book entry. `is_resized` when
    /// only its size changed.
    fn write(
        self,
        account_id: &AccountId,
        id: OrderId,
        record: &OrderRecord,
        is_resized: bool,
        writes: &mut Vec<Write>,
    ) -> Result<Option<BookChange>> {
        let after = Self::of(record);
        if after.is_open && !self.is_open {
            writes.push(Write::put(
                open_order_key(account_id, id),
                encode(&OpenOrderIndexItem)?,
                Condition::Absent,
            ));
        } else if self.is_open && !after.is_open {
            writes.push(Write::delete(open_order_key(account_id, id), Condition::Any));
        }
        let asset_id = record.state.terms.asset_id;
        let key = || book_order_key(asset_id, id);
        Ok(match (self.waits, after.waits) {
            (before, Some(waits)) => {
                if before != Some(waits) {
                    let live = TriggerIndexItem { account_id: account_id.clone(), waits: Some(waits) };
                    writes.push(Write::put(key(), encode(&live)?, Condition::Any));
                }
                let account_id = account_id.clone();
                Some(match before {
                    Some(BookInterest { interest: from, .. }) if is_resized => {
                        BookChange::Resize { asset_id, entry_id: id.into(), from, waits, account_id }
                    }
                    _ => waits.entry(asset_id, id, account_id),
                })
            }
            (Some(_), None) => {
                writes.push(Write::delete(key(), Condition::Any));
                Some(BookChange::Remove { asset_id, entry_id: id.into() })
            }
            (None, None) => None,
        })
    }
}
