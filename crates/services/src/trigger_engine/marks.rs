//! Storage of the marks of trailing stops, so that they survive a crash.
//!
//! An asset's marks are one item, `MARKS`, while they are few. The rest follows in numbered pieces. A
//! superfluous piece is deleted in the transaction that makes it so.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::AssetId;
use cnop_domain::book::Marks;
use cnop_store::limits::{TRANSACTION_BYTES_MAX, WRITES_MAX};
use cnop_store::{Condition, StoreError, TableQuery, Write};

use crate::account::Accounts;
use crate::error::{Error, Result};
use crate::records::{MARKS, StoredMarks, book_marks_key, book_pk, decode, encode};

/// Writes the marks of trailing stops to the table, and reads them from it.
#[derive(Debug)]
pub(super) struct MarksStore {
    accounts: Accounts,
    /// Number of stored pieces of each asset's marks.
    stored: Mutex<BTreeMap<AssetId, usize>>,
}

/// Maximum marks of each side in one piece: a mark has at most 29 bytes, 10 for the time and 19 for the
/// price, and a body 64 KiB.
const SIDE_MARKS_MAX: usize = 1_000;
/// Marks that are written in one transaction at most: as many items as one may have.
const MARKS_AT_ONCE: usize = WRITES_MAX;
/// Their maximum size in one transaction; the rest is for keys.
const MARKS_BYTES_AT_ONCE: usize = TRANSACTION_BYTES_MAX - MARKS_AT_ONCE * KEY_BYTES;
/// Bytes of the key of a piece at most: `B#`, the asset, `MARKS#` and six digits.
const KEY_BYTES: usize = 32;

/// Pieces that are read at once when a book is rebuilt.
const PIECES_AT_ONCE: u32 = 16;

/// One asset's marks on their way to the table.
struct Unstored {
    asset_id: AssetId,
    revision: u64,
    pieces: usize,
    writes: Vec<Write>,
    bytes: usize,
}

impl Unstored {
    /// The marks in pieces, and the end of those that the table has beyond them.
    fn new(asset_id: AssetId, (revision, marks): (u64, &Marks), stored: usize) -> Result<Self> {
        let side = |marks: usize| marks.div_ceil(SIDE_MARKS_MAX);
        let pieces = side(marks.highs.len()).max(side(marks.lows.len())).max(1);
        let (mut highs, mut lows) = (marks.highs.chunks(SIDE_MARKS_MAX), marks.lows.chunks(SIDE_MARKS_MAX));
        let (mut writes, mut bytes) = (Vec::with_capacity(pieces.max(stored)), 0);
        for piece in 0..pieces {
            let highs = highs.next().unwrap_or_default().to_vec();
            let body = encode(&StoredMarks(Marks { highs, lows: lows.next().unwrap_or_default().to_vec() }))?;
            bytes += body.len();
            writes.push(Write::put(book_marks_key(asset_id, piece), body, Condition::Any));
        }
        writes.extend(
            (pieces..stored).map(|piece| Write::delete(book_marks_key(asset_id, piece), Condition::Any)),
        );
        Ok(Self { asset_id, revision, pieces, writes, bytes })
    }
}

impl MarksStore {
    pub(super) fn new(accounts: Accounts) -> Self {
        Self { accounts, stored: Mutex::default() }
    }

    /// Stores the marks that have changed, so that they survive a crash. A failure of one asset does not
    /// delay the others.
    ///
    /// # Errors
    /// The last error, when some could not be written. The next call retries them.
    pub(super) async fn store(&self) -> Result<()> {
        let books = &self.accounts.books;
        let (mut unstored, mut done) = (Vec::new(), Ok(()));
        for asset_id in books.assets() {
            if let Some((revision, marks)) = books.marks_unstored(asset_id) {
                match Unstored::new(asset_id, (revision, &marks), self.pieces(asset_id)) {
                    Ok(marks) => unstored.push(marks),
                    Err(error) => done = Err(error),
                }
            }
        }
        let mut waiting = unstored.into_iter().peekable();
        while let Some(first) = waiting.next() {
            let (mut items, mut bytes, mut batch) = (first.writes.len(), first.bytes, vec![first]);
            while let Some(next) = waiting.next_if(|next| {
                items + next.writes.len() <= MARKS_AT_ONCE && bytes + next.bytes <= MARKS_BYTES_AT_ONCE
            }) {
                (items, bytes) = (items + next.writes.len(), bytes + next.bytes);
                batch.push(next);
            }
            match self.write(&batch).await {
                Ok(()) => {}
                // The table is away: it will be for the others, too.
                Err(
                    error @ (StoreError::Unavailable(_) | StoreError::Busy | StoreError::CircuitOpen { .. }),
                ) => return Err(error.into()),
                Err(error) if batch.len() == 1 => done = Err(error.into()),
                Err(_) => {
                    for marks in batch.chunks(1) {
                        done = self.write(marks).await.map_err(Error::from).and(done);
                    }
                }
            }
        }
        done
    }

    async fn write(&self, batch: &[Unstored]) -> Result<(), StoreError> {
        let writes = batch.iter().flat_map(|marks| marks.writes.iter().cloned()).collect();
        let written = self.accounts.context.environment.table.transact(writes).await;
        for Unstored { asset_id, revision, pieces, .. } in batch {
            match &written {
                Ok(()) => {
                    self.pieces_set(*asset_id, *pieces);
                    self.accounts.books.marks_stored(*asset_id, *revision);
                }
                // It may be written or not: then there may be as many pieces as in either case.
                Err(_) => self.pieces_set(*asset_id, (*pieces).max(self.pieces(*asset_id))),
            }
            if let (Err(error), [_]) = (&written, batch) {
                tracing::warn!(%error, %asset_id, "marks of trailing stops are not stored");
            }
        }
        written
    }

    /// Reads the stored marks of an asset, and counts its unreadable pieces.
    pub(super) async fn read(&self, asset_id: AssetId) -> Result<(Marks, usize)> {
        let table = &self.accounts.context.environment.table;
        let (mut marks, mut pieces, mut unreadable) = (Marks::default(), 0, 0);
        let mut after = None;
        loop {
            let query = TableQuery::prefix(book_pk(asset_id), MARKS, PIECES_AT_ONCE).after(after.take());
            let page = table.query(&query).await?;
            for item in &page.items {
                pieces += 1;
                match decode::<StoredMarks>(&item.body) {
                    Ok(StoredMarks(piece)) => {
                        marks.highs.extend(piece.highs);
                        marks.lows.extend(piece.lows);
                    }
                    Err(error) => {
                        tracing::error!(cause = ?error, pk = item.key.pk, sk = item.key.sk, "marks cannot be read");
                        unreadable += 1;
                    }
                }
            }
            after = page.items.last().map(|item| item.key.sk.clone());
            if !page.more {
                self.pieces_set(asset_id, pieces);
                return Ok((marks, unreadable));
            }
        }
    }

    fn pieces(&self, asset_id: AssetId) -> usize {
        self.stored().get(&asset_id).copied().unwrap_or(0)
    }

    fn pieces_set(&self, asset_id: AssetId, pieces: usize) {
        self.stored().insert(asset_id, pieces);
    }

    fn stored(&self) -> MutexGuard<'_, BTreeMap<AssetId, usize>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cnop_domain::book::Interest;
    use cnop_domain::{Price, Quantity, Quote, Side, Trail};

    use super::*;
    use crate::tests::support::Cluster;
    use crate::trigger_books::{BookChange, BookChanges};
    use crate::trigger_engine::TriggerEngine;

    fn dollars(dollars: i64) -> Price {
        dollars.to_string().parse().unwrap()
    }

    impl TriggerEngine {
        fn see(&self, asset_id: AssetId, last: i64, seq: i64) {
            let (last, size) = (dollars(last), Quantity::ZERO);
            let seq_of = u64::try_from(seq).unwrap();
            let quote = Quote {
                bid: last,
                ask: last,
                bid_size: size,
                ask_size: size,
                last,
                seq: seq_of,
                time_us: seq,
            };
            self.accounts.books.tick(asset_id, &quote, seq * 10);
        }

        /// As many marks as orders: the price falls, and between any two quotes an order is accepted.
        fn fall(&self, asset_id: AssetId, orders: i64) {
            for number in 1..=orders {
                let last = 60_000 - number;
                let trail = Trail::BasisPoints(5_000);
                let entry = BookChange::Put {
                    asset_id,
                    entry_id: cnop_domain::OrderId::from_bits(u128::try_from(number).unwrap()).into(),
                    since_us: number * 10 - 5,
                    interest: Interest::Trail { side: Side::Sell, trail, mark: dollars(1) },
                    expires_us: None,
                    account_id: "acc_00000000000000000000000001".parse().unwrap(),
                };
                self.accounts.books.apply(BookChanges { entries: vec![entry], hold: None }, true);
                self.see(asset_id, last, number);
            }
        }
    }

    /// 4,000 extremes of one asset were too long for one item, and then no marks were stored any more.
    #[tokio::test]
    async fn many_marks_are_stored_in_pieces_and_few_in_one() {
        let cluster = Cluster::new();
        let (engine, bitcoin) = (cluster.server().engine.clone(), "BTC".parse().unwrap());
        let stored = async || {
            let query = TableQuery::prefix(book_pk(bitcoin), MARKS, 100);
            cluster.table.query(&query).await.unwrap().items
        };
        engine.fall(bitcoin, 4_500);
        let (_, before) = engine.accounts.books.marks_unstored(bitcoin).unwrap();
        engine.marks_store().await.unwrap();
        let pieces = stored().await;
        assert_eq!(pieces.len(), 5);
        assert_eq!(pieces[0].key.sk, MARKS, "the first piece is where all marks were before");

        let next = cluster.server().engine.clone();
        let (marks, unreadable) = next.marks.read(bitcoin).await.unwrap();
        assert_eq!((&marks, unreadable), (&before, 0));
        assert_eq!(marks.highs.len(), 4_500);
        let spoiled = Write::put(pieces[2].key.clone(), vec![9], Condition::Present);
        cluster.table.transact(vec![spoiled]).await.unwrap();
        let (marks, unreadable) = next.marks.read(bitcoin).await.unwrap();
        assert_eq!((marks.highs.len(), unreadable), (3_500, 1));

        // A new high is the mark of all.
        engine.see(bitcoin, 61_000, 10_000);
        engine.marks_store().await.unwrap();
        assert_eq!(stored().await.len(), 1);
        let (marks, unreadable) = next.marks.read(bitcoin).await.unwrap();
        assert_eq!((marks.highs.len(), unreadable), (1, 0));
    }

    #[test]
    fn the_longest_piece_fits_into_an_item() {
        let seen = cnop_domain::book::MarkPoint { seen_us: i64::MIN, mark: Price::MAX };
        let side = vec![seen; SIDE_MARKS_MAX];
        let body = encode(&StoredMarks(Marks { highs: side.clone(), lows: side })).unwrap();
        assert!(body.len() <= cnop_store::limits::BODY_BYTES_MAX, "{}", body.len());
    }
}
