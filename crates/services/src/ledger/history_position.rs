//! A position in the list of transactions, and its text in a cursor.

use crate::error::Result;
use crate::paging::cursor_fault;

/// Most rows of one event: its payment and its fee.
const ROWS_MAX: u64 = 2;

/// Everything above event `seq` has been read, and the first `rows` rows of that event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HistoryPosition {
    pub(super) seq: u64,
    pub(super) rows: u64,
    /// Rows that follow; unknown behind a cursor from before it was counted.
    pub(super) left: Option<u64>,
}

impl HistoryPosition {
    /// Behind the first event.
    pub(super) const END: Self = Self { seq: 0, rows: 0, left: Some(0) };

    /// In front of the newest event.
    pub(super) const fn newest(seq: u64, rows: u64) -> Self {
        Self { seq, rows: 0, left: Some(rows) }
    }

    /// Behind event `seq`.
    pub(super) const fn below(seq: u64, left: Option<u64>) -> Self {
        Self { seq: seq.saturating_sub(1), rows: 0, left }
    }

    pub(super) fn is_end(&self) -> bool {
        self.seq == 0 || self.left == Some(0)
    }

    /// The text `event-row`, or `event-row-left`: the last row that was shown, numbered from 0. `newest` is the number of
    /// the account's last event: a cursor of ours names none above the one after it.
    pub(super) fn read(text: &str, newest: u64) -> Result<Self> {
        let mut parts = text.split('-').map(str::parse::<u64>);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(seq)), Some(Ok(row)), left, None)
                if row < ROWS_MAX && seq <= newest.saturating_add(1) =>
            {
                let left = left.transpose().map_err(|_| cursor_fault())?;
                Ok(Self { seq, rows: row + 1, left })
            }
            _ => Err(cursor_fault()),
        }
    }

    pub(super) fn text(self) -> String {
        let (seq, row) = match self.rows {
            // In front of an event is behind the last row of the one above.
            0 => (self.seq.saturating_add(1), ROWS_MAX - 1),
            rows => (self.seq, rows - 1),
        };
        self.left.map_or_else(|| format!("{seq}-{row}"), |left| format!("{seq}-{row}-{left}"))
    }
}

#[cfg(test)]
mod tests {
    use super::HistoryPosition;

    /// A client that keeps a cursor over an update of the server goes on where it was.
    #[test]
    fn a_cursor_survives_and_the_earlier_form_is_read() {
        for position in [
            HistoryPosition { seq: 7, rows: 1, left: Some(3) },
            HistoryPosition { seq: 7, rows: 2, left: None },
            HistoryPosition { seq: u64::MAX, rows: 1, left: Some(u64::MAX) },
        ] {
            assert_eq!(HistoryPosition::read(&position.text(), u64::MAX).unwrap(), position);
        }
        let front = HistoryPosition { seq: 7, rows: 0, left: Some(3) };
        assert_eq!(
            HistoryPosition::read(&front.text(), u64::MAX).unwrap(),
            HistoryPosition { seq: 8, rows: 2, left: Some(3) }
        );
        assert_eq!(
            HistoryPosition::read("12-0", u64::MAX).unwrap(),
            HistoryPosition { seq: 12, rows: 1, left: None }
        );
        for foreign in ["", "x", "1", "-", "1-", "1-2", "1-0-x", "1-0-1-1", "99999999999999999999999-0"] {
            assert!(HistoryPosition::read(foreign, u64::MAX).is_err(), "{foreign}");
        }
    }
}
