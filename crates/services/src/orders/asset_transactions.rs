//! Trades in one asset, by the time of their last fill.

use std::collections::HashSet;

use cnop_api::trading::{AssetTransaction, Page};
use cnop_api::{Caller, FieldError, Timestamp};
use cnop_domain::{Amount, AssetId, OrderChange, OrderId, Price, Quantity};

use super::Orders;
use crate::error::{Error, Result};
use crate::paging::{OFFSET_MAX, cursor_fault, limit_check};
use crate::records::{Event, EventKind, OrderRecord, average};

/// Events that are read at once.
const READ_AT_ONCE: u32 = 256;
/// Most events read for one page: a rare asset ends it early, with a cursor to continue.
const READ_MAX: u32 = if cfg!(test) { 64 } else { 5_120 };

impl Orders {
    /// Orders of one asset that have filled, newest fill first; empty for an asset that was never traded. The pages of one
    /// list show the fills up to its first page, so an order that fills in between is neither lost nor doubled.
    ///
    /// # Errors
    /// `request.invalid` for an invalid limit, offset or cursor; the account cannot be read.
    pub async fn asset_transactions(
        &self,
        caller: &Caller,
        asset_id: AssetId,
        limit: u32,
        offset: u32,
        cursor: Option<&str>,
    ) -> Result<Page<AssetTransaction>> {
        let limit = usize::try_from(limit_check(limit)?).unwrap_or(usize::MAX);
        if offset > OFFSET_MAX {
            let detail = format!("The offset may be at most {OFFSET_MAX}. Use the cursor to go further.");
            return Err(Error::Invalid(vec![FieldError::parameter("offset", "range", detail)]));
        }
        let mut position = match cursor {
            Some(text) => ListPosition::read(text)?,
            None => {
                let head = self.accounts.head(&caller.account_id).await?;
                ListPosition { next: head.seq, until_us: head.time_us, skip: offset }
            }
        };
        let (mut rows, mut seen, mut read) = (Vec::with_capacity(limit), HashSet::new(), 0);
        // One more than the page shows whether there are more.
        while rows.len() <= limit && position.next > 0 && read < READ_MAX {
            let events =
                self.accounts.events_back_from(&caller.account_id, position.next, READ_AT_ONCE).await?;
            if events.is_empty() {
                position.next = 0;
            }
            for (seq, event, _) in &events {
                (position.next, read) = (seq.saturating_sub(1), read + 1);
                let Some((order_id, fills)) = filled(event, asset_id).filter(|(id, _)| seen.insert(*id))
                else {
                    continue;
                };
                let Some(row) = self.row(caller, order_id, fills, position.until_us).await? else { continue };
                if rows.len() == limit {
                    position.next = *seq;
                    let next_cursor = Some(position.text());
                    return Ok(Page { data: rows, has_more: true, next_cursor });
                }
                if position.skip > 0 {
                    position.skip -= 1;
                } else {
                    rows.push(row);
                }
            }
            // Between two pieces other requests get their turn.
            tokio::task::yield_now().await;
        }
        let has_more = position.next > 0;
        Ok(Page { data: rows, has_more, next_cursor: has_more.then(|| position.text()) })
    }

    /// The row of an order at its fill with this number, up to a moment; none if a later fill shows it.
    async fn row(
        &self,
        caller: &Caller,
        order_id: OrderId,
        fills: usize,
        until_us: i64,
    ) -> Result<Option<AssetTransaction>> {
        let loaded = self.accounts.order(&caller.account_id, order_id).await?;
        let record = loaded.ok_or_else(|| Error::Internal("a filled order is missing".to_owned()))?.record;
        // It was shown on an earlier page then.
        let has_later = record.fills.get(fills).is_some_and(|next| next.time_us <= until_us);
        if has_later { Ok(None) } else { record.transaction_until(order_id, until_us).map(Some) }
    }
}

/// The order of the asset that an event fills, and the number of its fills so far.
fn filled(event: &Event, asset_id: AssetId) -> Option<(OrderId, usize)> {
    let (filled_id, coins) = event.coins()?;
    if filled_id != asset_id || coins == 0 {
        return None;
    }
    match &event.kind {
        EventKind::OrderFilled { order } => Some((*order, 1)),
        EventKind::Order(order) if matches!(order.change, OrderChange::Filled(_)) => {
            Some((order.order, usize::try_from(order.after.fills).unwrap_or(usize::MAX)))
        }
        _ => None,
    }
}

impl OrderRecord {
    /// The trade with the fills up to a moment.
    fn transaction_until(&self, order_id: OrderId, until_us: i64) -> Result<AssetTransaction> {
        let out_of_range = |_| Error::Invariant("the fills of an order do not add up".to_owned());
        let (mut quantity, mut notional, mut fee) = (Quantity::ZERO, Amount::ZERO, Amount::ZERO);
        let mut time_us = self.updated_us;
        for fill in self.fills.iter().filter(|fill| fill.time_us <= until_us) {
            quantity = quantity.checked_add(fill.fill.fill.quantity).map_err(out_of_range)?;
            notional = notional.checked_add(fill.fill.fill.notional).map_err(out_of_range)?;
            fee = fee.checked_add(fill.fill.fill.fee).map_err(out_of_range)?;
            time_us = fill.time_us;
        }
        let price: Option<Price> = average(notional, quantity);
        Ok(AssetTransaction {
            quantity,
            price: price.unwrap_or_default(),
            timestamp: Timestamp(time_us),
            fee,
            ..self.transaction(order_id)
        })
    }
}

/// Place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ListPosition {
    /// The next event to read.
    next: u64,
    /// Time of the last event when the first page was read: later fills belong to a newer list.
    until_us: i64,
    /// Rows still to skip: a page may end before the first one.
    skip: u32,
}

impl ListPosition {
    fn read(text: &str) -> Result<Self> {
        let mut parts = text.split('.');
        let (Some(next), Some(until), Some(skip), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(cursor_fault());
        };
        let skip = skip.parse().ok().filter(|skip| *skip <= OFFSET_MAX);
        Ok(Self {
            next: next.parse().map_err(|_| cursor_fault())?,
            until_us: until.parse().map_err(|_| cursor_fault())?,
            skip: skip.ok_or_else(cursor_fault)?,
        })
    }

    fn text(self) -> String {
        format!("{}.{}.{}", self.next, self.until_us, self.skip)
    }
}
