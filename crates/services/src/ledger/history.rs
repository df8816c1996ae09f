//! The list of transactions: the rows of the account's movements, newest first.
//!
//! It is read from the index of movements, so that events without a row cost nothing. Events from before the index are
//! read one by one, a bounded number for each request. The cursor says where the next request goes on.

use cnop_api::Caller;
use cnop_api::money::{Transaction, Transactions};

use super::Ledger;
use super::history_position::HistoryPosition;
use super::history_rows::rows_of;
use crate::error::Result;
use crate::paging::limit_check;
use crate::records::MovementRecord;

/// Events without an item in the index that one request reads at most: some 20 ms of work.
pub(crate) const WALK_EVENTS_MAX: u32 = 4_096;
/// Events of these that are read at once. So many are read apart from the threads that serve requests.
const WALK_EVENTS_AT_ONCE: u32 = 256;

/// A page as far as it has been read.
#[derive(Debug)]
struct PageDraft {
    wanted: usize,
    /// End of the page before.
    start: HistoryPosition,
    /// HistoryPosition that reading has reached.
    position: HistoryPosition,
    /// Each row with the position behind it. The last event may add one more than wanted.
    rows: Vec<(HistoryPosition, Transaction)>,
    /// Events read one by one.
    walked: u32,
}

impl Ledger {
    /// The account's cash movements, newest first. Their sum is the current balance.
    ///
    /// # Errors
    /// `request.invalid` for a limit above 100 or a foreign cursor; when the account cannot be read.
    pub async fn transactions(
        &self,
        caller: &Caller,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Transactions> {
        let limit = limit_check(limit)?;
        let head = self.accounts.head(&caller.account_id).await?;
        let start = match cursor {
            Some(cursor) => HistoryPosition::read(cursor, head.seq)?,
            None => HistoryPosition::newest(head.seq, head.transactions),
        };
        let mut page = PageDraft::new(limit, start);
        while !page.is_complete() {
            self.piece_read(caller, limit, &mut page).await?;
            // Between two pieces other requests get their turn, and a request that was given up ends.
            tokio::task::yield_now().await;
        }
        Ok(page.finish(head.transactions))
    }

    /// Reads rows from the index, or events where the index has a gap.
    async fn piece_read(&self, caller: &Caller, limit: u32, page: &mut PageDraft) -> Result<()> {
        // One event more than wanted: the first may have been shown already.
        let last = page.position.seq;
        let movements = self.accounts.movements_back_from(&caller.account_id, last, limit + 1).await?;
        for (seq, movement) in &movements {
            if page.has_gap_above(*seq, movement) {
                return self.walk(caller, *seq, page).await;
            }
            page.add(*seq, movement, Some(movement.total));
            if page.is_complete() {
                return Ok(());
            }
        }
        if movements.is_empty() { self.walk(caller, 0, page).await } else { Ok(()) }
    }

    /// Reads events, newest first, as long as they are newer than event `floor`.
    async fn walk(&self, caller: &Caller, floor: u64, page: &mut PageDraft) -> Result<()> {
        let last = page.position.seq;
        let events = self.accounts.events_back_from(&caller.account_id, last, WALK_EVENTS_AT_ONCE).await?;
        if events.is_empty() {
            page.position = HistoryPosition::END;
        }
        for (seq, event, hash) in events {
            if seq <= floor {
                // Events between are missing. The index goes on from here, so that each piece makes progress.
                page.position = HistoryPosition { seq: floor, rows: 0, left: page.position.left };
                return Ok(());
            }
            if page.is_complete() {
                return Ok(());
            }
            page.walked += 1;
            match event.movement(0, &hash)? {
                Some(movement) => page.add(seq, &movement, None),
                None => page.position = HistoryPosition::below(seq, page.position.left),
            }
        }
        Ok(())
    }
}

impl PageDraft {
    fn new(limit: u32, start: HistoryPosition) -> Self {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { wanted, start, position: start, rows: Vec::with_capacity(wanted), walked: 0 }
    }

    fn is_complete(&self) -> bool {
        self.rows.len() >= self.wanted || self.position.is_end() || self.walked >= WALK_EVENTS_MAX
    }

    /// Returns true if events that have rows and no item may lie above the next item of the index.
    fn has_gap_above(&self, seq: u64, movement: &MovementRecord) -> bool {
        seq < self.position.seq && self.position.left != Some(movement.total)
    }

    /// Adds the rows of an event that the page before did not show. `total` counts the account's rows up to it, if
    /// that is known.
    fn add(&mut self, seq: u64, movement: &MovementRecord, total: Option<u64>) {
        let shown = if seq == self.start.seq { self.start.rows } else { 0 };
        let mut left = match total {
            Some(total) => Some(total.saturating_sub(shown.min(movement.rows()))),
            None => self.position.left,
        };
        for (rows, row) in (1..).zip(rows_of(movement)).filter(|(rows, _)| *rows > shown) {
            left = left.map(|left| left.saturating_sub(1));
            self.rows.push((HistoryPosition { seq, rows, left }, row));
        }
        self.position = HistoryPosition::below(seq, left);
    }

    fn finish(mut self, total_count: u64) -> Transactions {
        let end = match self.rows.get(self.wanted..) {
            Some([_, ..]) => self.rows.get(self.wanted.saturating_sub(1)).map(|(position, _)| *position),
            _ => Some(self.position).filter(|position| !position.is_end()),
        };
        self.rows.truncate(self.wanted);
        Transactions {
            transactions: self.rows.into_iter().map(|(_, transaction)| transaction).collect(),
            total_count,
            has_more: end.is_some(),
            next_cursor: end.map(HistoryPosition::text),
        }
    }
}
