//! From what the domain decided to what is written: events, orders, their index items, and the entries of the trigger
//! book.

use cnop_domain::{AccountId, Amount, Change, OrderId, Outcome, QuoteSource, Reason, Side, Step};
use cnop_store::{Condition, Write};

use crate::account::{Appended, State};
use crate::books::{BookChange, BookChanges};
use crate::records::{
    EventKind, FillModel, FillRecord, GroupRecord, LiveOrder, OpenOrder, OrderEvent, OrderRecord, Waits,
    book_order_key, encode, open_order_key, order_id, order_key,
};
use crate::{Error, Result};

/// An order that a command makes.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    /// The 128 bits of its id.
    pub(super) number: u128,
    pub(super) client_order_id: Option<Box<str>>,
    pub(super) group: Option<GroupRecord>,
}

/// All that a command on orders does.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) appended: Appended,
    pub(crate) writes: Vec<Write>,
    pub(crate) books: BookChanges,
    /// The orders that it read or made, afterwards.
    pub(crate) orders: Vec<(u128, OrderRecord)>,
}

/// An order in the making.
struct Slot {
    number: u128,
    /// As it was read; none for a fresh one.
    before: Option<(Signs, u64)>,
    fresh: Option<Fresh>,
    record: Option<OrderRecord>,
    touched: Touched,
}

/// What a command has done to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touched {
    /// Nothing.
    Not,
    /// The other order of its OCO was filled in part: it is smaller, and waits as before.
    Resized,
    /// Anything else.
    Changed,
}

/// Turns an outcome into what is written. `source` is where its quote came from.
pub(super) fn settle(
    state: &State<'_>,
    fresh: Vec<Fresh>,
    outcome: Outcome,
    source: QuoteSource,
) -> Result<Settled> {
    let mut slots: Vec<Slot> = Vec::with_capacity(state.orders.len() + fresh.len());
    slots.extend(state.orders.iter().map(|loaded| Slot {
        number: loaded.number,
        before: Some((Signs::of(&loaded.record), loaded.version)),
        fresh: None,
        record: Some(loaded.record.clone()),
        touched: Touched::Not,
    }));
    slots.extend(fresh.into_iter().map(|fresh| Slot {
        number: fresh.number,
        before: None,
        fresh: Some(fresh),
        record: None,
        touched: Touched::Not,
    }));
    let mut draft = state.draft();
    for step in outcome.steps {
        let slot = slots.get_mut(step.order).ok_or_else(|| broken("a step of an unknown order"))?;
        let told = slot.take(&step, state.now_us, source)?;
        draft.push(EventKind::Order(Box::new(told)), step.postings)?;
    }
    let appended = draft.finish()?;
    let after = &outcome.after;
    let agrees = appended.head.available == after.cash_available
        && appended.head.reserved == after.cash_reserved
        && appended.holding.is_none_or(|holding| {
            holding.available == after.coins_available
                && holding.reserved == after.coins_reserved
                && holding.cost == after.position.cost
                && holding.realised == after.position.realised
        });
    if !agrees {
        return Err(broken("orders and their postings disagree"));
    }
    let mut settled =
        Settled { appended, writes: Vec::new(), books: BookChanges::default(), orders: Vec::new() };
    for slot in slots {
        slot.write(state.account_id, &mut settled)?;
    }
    Ok(settled)
}

impl Slot {
    /// Takes a step in, and says what the log tells of it.
    fn take(&mut self, step: &Step, now_us: i64, source: QuoteSource) -> Result<OrderEvent> {
        let opens = self.record.is_none();
        let fresh = self.fresh.take();
        let record = self.record.get_or_insert_with(|| OrderRecord {
            state: step.after,
            quote_asset: cnop_domain::Currency::Usd,
            client_order_id: fresh.as_ref().and_then(|fresh| fresh.client_order_id.clone()),
            group: fresh.and_then(|fresh| fresh.group),
            fills: Vec::new(),
            created_us: now_us,
            updated_us: now_us,
            triggered_us: None,
            closed_us: None,
            since_us: now_us,
        });
        let earned_before = if opens { Amount::ZERO } else { record.state.realised };
        let mut profit = None;
        let is_resized = matches!(step.change, Change::Replaced { reason: Reason::SiblingFill, .. });
        match &step.change {
            // Not its owner's wish: it keeps its place in time, its mark, and what a quote has reached.
            Change::Replaced { .. } if is_resized => {}
            Change::Accepted | Change::Activated | Change::Replaced { .. } => record.since_us = now_us,
            Change::Triggered { .. } => {
                record.triggered_us = Some(now_us);
                record.since_us = now_us;
            }
            Change::Filled(fill) => {
                record.fills.push(FillRecord {
                    fill: *fill,
                    model: FillModel::of(step.seen),
                    source,
                    time_us: now_us,
                    limit: step.after.terms.limit,
                    ordered: step.after.terms.quantity,
                });
                if step.after.terms.side == Side::Sell {
                    let earned = step.after.realised.checked_sub(earned_before);
                    profit = Some(earned.map_err(|_| broken("a profit would leave its range"))?);
                }
            }
            Change::Canceled(_) | Change::Expired(_) | Change::Rejected(_) => {}
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
        Ok(OrderEvent { order: self.number, opens, change: step.change, after: step.after, profit })
    }

    /// Writes the order and its signs where they changed.
    fn write(self, account_id: &AccountId, settled: &mut Settled) -> Result<()> {
        let Some(record) = self.record else { return Err(broken("an order without a first step")) };
        if self.touched != Touched::Not {
            let id = order_id(self.number).ok_or_else(|| broken("an order id has the wrong form"))?;
            let condition = self.before.map_or(Condition::Absent, |(_, version)| Condition::Version(version));
            settled.writes.push(Write::put(order_key(account_id, &id), encode(&record)?, condition));
            let before = self.before.map(|(signs, _)| signs).unwrap_or_default();
            let is_resized = self.touched == Touched::Resized;
            let change =
                before.write(account_id, (self.number, &id), &record, is_resized, &mut settled.writes)?;
            settled.books.entries.extend(change);
        }
        settled.orders.push((self.number, record));
        Ok(())
    }
}

pub(super) fn broken(what: &str) -> Error {
    Error::Invariant(what.to_owned())
}

/// An order's signs before a command: whether it was open, and what it waited for.
#[derive(Debug, Clone, Copy, Default)]
struct Signs {
    is_open: bool,
    waits: Option<Waits>,
}

impl Signs {
    fn of(record: &OrderRecord) -> Self {
        Self { is_open: !record.state.status.is_final(), waits: Waits::of(record) }
    }

    /// Puts and deletes what differs afterwards, and answers how the order's entry in the book changes. `is_resized` when
    /// nothing but its size did.
    fn write(
        self,
        account_id: &AccountId,
        (number, id): (u128, &OrderId),
        record: &OrderRecord,
        is_resized: bool,
        writes: &mut Vec<Write>,
    ) -> Result<Option<BookChange>> {
        let after = Self::of(record);
        if after.is_open && !self.is_open {
            writes.push(Write::put(open_order_key(account_id, id), encode(&OpenOrder)?, Condition::Absent));
        } else if self.is_open && !after.is_open {
            writes.push(Write::delete(open_order_key(account_id, id), Condition::Any));
        }
        let asset_id = record.state.terms.asset_id;
        let key = || book_order_key(asset_id, id);
        Ok(match (self.waits, after.waits) {
            (before, Some(waits)) => {
                if before != Some(waits) {
                    let live = LiveOrder { account_id: account_id.clone(), waits: Some(waits) };
                    writes.push(Write::put(key(), encode(&live)?, Condition::Any));
                }
                let account_id = account_id.clone();
                Some(match before {
                    Some(Waits { interest: from, .. }) if is_resized => {
                        BookChange::Resize { asset_id, number, from, waits, account_id }
                    }
                    _ => waits.entry(asset_id, number, account_id),
                })
            }
            (Some(_), None) => {
                writes.push(Write::delete(key(), Condition::Any));
                Some(BookChange::Remove { asset_id, number })
            }
            (None, None) => None,
        })
    }
}
