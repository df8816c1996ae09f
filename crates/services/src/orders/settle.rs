//! From what the domain decided to what is written: events, orders, their signs in the lists of open and live orders,
//! and the entries of the trigger book.

use cnop_domain::book::Interest;
use cnop_domain::{AccountId, Amount, Change, OrderId, OrderState, OrderStatus, Outcome, Side, Step};
use cnop_store::{Condition, Write};
use serde::{Deserialize, Serialize};

use super::record::{FillModel, FillRecord, GroupRecord, OrderRecord, QuoteSource};
use crate::account::{
    Appended, EventKind, OrderEvent, Record, State, book_order_key, encode, open_order_key, order_id,
    order_key, read_first,
};
use crate::books::{BookChange, BookChanges};
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

/// `B#asset` / `O#order`: whose order waits for prices of the asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveOrder {
    pub(crate) account_id: AccountId,
}

/// `W#order`: the order is open. All there is to say is in the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenOrder;

impl Record for LiveOrder {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

impl Record for OpenOrder {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

/// An order in the making.
struct Slot {
    number: u128,
    /// As it was read; none for a fresh one.
    before: Option<(OrderState, u64)>,
    fresh: Option<Fresh>,
    record: Option<OrderRecord>,
    touched: bool,
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
        before: Some((loaded.record.state, loaded.version)),
        fresh: None,
        record: Some(loaded.record.clone()),
        touched: false,
    }));
    slots.extend(fresh.into_iter().map(|fresh| Slot {
        number: fresh.number,
        before: None,
        fresh: Some(fresh),
        record: None,
        touched: false,
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
        match &step.change {
            Change::Accepted | Change::Activated | Change::Replaced { .. } => record.since_us = now_us,
            Change::Triggered { .. } => {
                record.triggered_us = Some(now_us);
                record.since_us = now_us;
            }
            Change::Filled(fill) => {
                record.fills.push(FillRecord {
                    fill: *fill,
                    model: FillModel::V1,
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
        self.touched = true;
        Ok(OrderEvent { order: self.number, opens, change: step.change, after: step.after, profit })
    }

    /// Writes the order and its signs where they changed.
    fn write(self, account_id: &AccountId, settled: &mut Settled) -> Result<()> {
        let Some(record) = self.record else { return Err(broken("an order without a first step")) };
        if self.touched {
            let id = order_id(self.number).ok_or_else(|| broken("an order id has the wrong form"))?;
            let condition = self.before.map_or(Condition::Absent, |(_, version)| Condition::Version(version));
            settled.writes.push(Write::put(order_key(account_id, &id), encode(&record)?, condition));
            let before = self.before.map(|(state, _)| state);
            signs_write(account_id, &id, before.as_ref(), &record.state, &mut settled.writes)?;
            settled.books.entries.extend(book_change(account_id, self.number, before.as_ref(), &record));
        }
        settled.orders.push((self.number, record));
        Ok(())
    }
}

/// Puts and deletes what says that the order is open, and that it waits for prices.
fn signs_write(
    account_id: &AccountId,
    id: &OrderId,
    before: Option<&OrderState>,
    after: &OrderState,
    writes: &mut Vec<Write>,
) -> Result<()> {
    let was_open = before.is_some_and(|state| !state.status.is_final());
    let is_open = !after.status.is_final();
    if is_open && !was_open {
        writes.push(Write::put(open_order_key(account_id, id), encode(&OpenOrder)?, Condition::Absent));
    } else if was_open && !is_open {
        writes.push(Write::Delete { key: open_order_key(account_id, id), condition: Condition::Any });
    }
    let (was_live, is_live) = (before.is_some_and(is_live), is_live(after));
    let key = book_order_key(after.terms.asset_id, id);
    if is_live && !was_live {
        let body = encode(&LiveOrder { account_id: account_id.clone() })?;
        writes.push(Write::put(key, body, Condition::Any));
    } else if was_live && !is_live {
        writes.push(Write::Delete { key, condition: Condition::Any });
    }
    Ok(())
}

/// Whether prices can change the order.
const fn is_live(state: &OrderState) -> bool {
    matches!(state.status, OrderStatus::WaitingTrigger | OrderStatus::Working | OrderStatus::PartiallyFilled)
}

/// How the order's entry in its asset's book changes.
pub(crate) fn book_change(
    account_id: &AccountId,
    number: u128,
    before: Option<&OrderState>,
    record: &OrderRecord,
) -> Option<BookChange> {
    let asset_id = record.state.terms.asset_id;
    match interest(&record.state) {
        Some(interest) => Some(BookChange::Put {
            asset_id,
            number,
            since_us: record.since_us,
            interest,
            expires_us: record.state.terms.time_in_force.expires_us(),
            account_id: account_id.clone(),
        }),
        None if before.is_some_and(is_live) => Some(BookChange::Remove { asset_id, number }),
        None => None,
    }
}

/// What the order waits for.
pub(crate) fn interest(state: &OrderState) -> Option<Interest> {
    let terms = &state.terms;
    match state.status {
        OrderStatus::WaitingTrigger => match (terms.trail, state.mark) {
            (Some(trail), Some(mark)) => Some(Interest::Trail { side: terms.side, trail, mark }),
            _ => Some(Interest::Trigger {
                above: terms.order_type.triggers_above(terms.side),
                price: terms.stop?,
            }),
        },
        OrderStatus::Working | OrderStatus::PartiallyFilled => {
            Some(Interest::Limit { side: terms.side, price: terms.limit?, remaining: state.remaining() })
        }
        _ => None,
    }
}

pub(super) fn broken(what: &str) -> Error {
    Error::Invariant(what.to_owned())
}
