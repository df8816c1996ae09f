//! Storage of the marks of trailing stops, so that they survive a crash.
//!
//! An asset's marks are one item, `MARKS`, while they are few. The rest follows in numbered pieces. A
//! superfluous piece is deleted in the transaction that makes it so.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::AssetId;
use cnop_domain::book::Marks;
use cnop_store::limits::{TRANSACTION_BYTES_MAX, WRITES_MAX};
use cnop_store::{Condition, StoreError, Write};

use crate::account::{Accounts, ReadMarks};
use crate::error::{Error, Result};
use crate::ownership::BookShard;
use crate::records::{StoredMarks, book_marks_key, encode};
use crate::trigger_books::UnstoredMarks;

/// Writes the marks of trailing stops to the table, and reads them from it. Only the owner of a book writes its marks:
/// every write names the version of the item that was read or written last.
#[derive(Debug)]
pub(super) struct MarksStore {
    accounts: Accounts,
    /// State of each asset's marks in the table. Unknown after a write without an answer.
    stored: Mutex<BTreeMap<AssetId, StoredState>>,
}

/// State of an asset's marks in the table.
#[derive(Debug, Clone, Copy, Default)]
struct StoredState {
    /// Version of the first piece; none if there is none.
    version: Option<u64>,
    /// Number of pieces.
    pieces: usize,
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

/// One asset's marks on their way to the table.
struct Unstored {
    asset_id: AssetId,
    revision: u64,
    epoch: u64,
    after: StoredState,
    writes: Vec<Write>,
    bytes: usize,
}

impl Unstored {
    /// The marks in pieces, and the end of those that the table has beyond them.
    fn new(asset_id: AssetId, unstored: &UnstoredMarks, stored: StoredState) -> Result<Self> {
        let UnstoredMarks { revision, epoch, marks } = unstored;
        let side = |marks: usize| marks.div_ceil(SIDE_MARKS_MAX);
        let pieces = side(marks.highs.len()).max(side(marks.lows.len())).max(1);
        let (mut highs, mut lows) = (marks.highs.chunks(SIDE_MARKS_MAX), marks.lows.chunks(SIDE_MARKS_MAX));
        let (mut writes, mut bytes) = (Vec::with_capacity(pieces.max(stored.pieces)), 0);
        for piece in 0..pieces {
            let highs = highs.next().unwrap_or_default().to_vec();
            let marks = Marks { highs, lows: lows.next().unwrap_or_default().to_vec() };
            let body = encode(&StoredMarks { epoch: *epoch, marks })?;
            bytes += body.len();
            // The first piece stands for all: they are written together.
            let condition = match (piece, stored.version) {
                (0, Some(version)) => Condition::Version(version),
                (0, None) => Condition::Absent,
                _ => Condition::Any,
            };
            writes.push(Write::put(book_marks_key(asset_id, piece), body, condition));
        }
        writes.extend(
            (pieces..stored.pieces)
                .map(|piece| Write::delete(book_marks_key(asset_id, piece), Condition::Any)),
        );
        let after = StoredState { version: Some(stored.version.map_or(1, |version| version + 1)), pieces };
        Ok(Self { asset_id, revision: *revision, epoch: *epoch, after, writes, bytes })
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
        let assets: Vec<AssetId> = self.accounts.books.assets().collect();
        self.store_of(&assets).await
    }

    /// Stores the changed marks of these assets.
    pub(super) async fn store_of(&self, assets: &[AssetId]) -> Result<()> {
        let books = &self.accounts.books;
        let (mut unstored, mut done) = (Vec::new(), Ok(()));
        for asset_id in assets {
            if let Some(marks) = books.marks_unstored(*asset_id) {
                let stored = match self.known(*asset_id) {
                    Some(stored) => stored,
                    // A write before had no answer, or another owner wrote.
                    None => match self.look(*asset_id, marks.epoch).await {
                        Ok(Some(stored)) => stored,
                        Ok(None) => continue,
                        Err(error) => {
                            done = Err(error);
                            continue;
                        }
                    },
                };
                match Unstored::new(*asset_id, &marks, stored) {
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
        for Unstored { asset_id, revision, epoch, after, .. } in batch {
            match &written {
                Ok(()) => {
                    self.stored().insert(*asset_id, *after);
                    self.accounts.books.marks_stored(*asset_id, *revision, *epoch);
                }
                Err(StoreError::Invalid(_) | StoreError::Busy | StoreError::CircuitOpen { .. }) => {}
                // It may be written or not, and the version is the table's. A batch says nothing about one of it.
                Err(StoreError::Conflict(_)) if batch.len() > 1 => {}
                Err(_) => {
                    self.stored().remove(asset_id);
                }
            }
            if let (Err(error), [_]) = (&written, batch) {
                tracing::warn!(%error, %asset_id, "marks of trailing stops are not stored");
            }
        }
        written
    }

    /// Reads what the table has of an asset's marks. None if an owner with a later lease has written them: then this
    /// server does not own the book any more, whatever it believes.
    async fn look(&self, asset_id: AssetId, epoch: u64) -> Result<Option<StoredState>> {
        let read = self.accounts.marks_read(asset_id).await?;
        if read.epoch > epoch {
            tracing::warn!(%asset_id, "marks of trailing stops were written under a later lease; the shard is given up");
            self.accounts.ownership.supersede(BookShard::of(asset_id));
            return Ok(None);
        }
        let stored = StoredState { version: read.version, pieces: read.pieces };
        self.stored().insert(asset_id, stored);
        Ok(Some(stored))
    }

    /// Reads the stored marks of an asset, and counts its unreadable pieces.
    pub(super) async fn read(&self, asset_id: AssetId) -> Result<(Marks, usize)> {
        let ReadMarks { marks, version, pieces, unreadable, .. } = self.accounts.marks_read(asset_id).await?;
        self.stored().insert(asset_id, StoredState { version, pieces });
        Ok((marks, unreadable))
    }

    fn known(&self, asset_id: AssetId) -> Option<StoredState> {
        self.stored().get(&asset_id).copied()
    }

    fn stored(&self) -> MutexGuard<'_, BTreeMap<AssetId, StoredState>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cnop_domain::book::Interest;
    use cnop_domain::{Price, Quantity, Quote, Side, Trail};

    use cnop_store::TableQuery;

    use super::*;
    use crate::records::{MARKS, book_pk};
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
                self.accounts.books.apply(BookChanges { entries: vec![entry], hold: None });
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
        let before = engine.accounts.books.marks_unstored(bitcoin).unwrap().marks;
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
        let body = encode(&StoredMarks { epoch: u64::MAX, marks: Marks { highs: side.clone(), lows: side } })
            .unwrap();
        assert!(body.len() <= cnop_store::limits::BODY_BYTES_MAX, "{}", body.len());
    }
}
