//! Reading the stored marks of trailing stops.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use cnop_api::trading::parse::Assets as _;
use cnop_domain::book::{Marks, TriggerBook};
use cnop_domain::{AssetId, OrderId, OrderStatus, Price};
use cnop_store::TableQuery;

use super::Accounts;
use crate::error::Result;
use crate::records::{BookInterest, MARKS, OrderRecord, StoredMarks, book_pk, decode};

/// Pieces that are read at once.
const PIECES_AT_ONCE: u32 = 16;

/// The marks of an asset as the table has them.
#[derive(Debug, Default)]
pub(crate) struct ReadMarks {
    pub(crate) marks: Marks,
    /// Epoch under which the first piece was written.
    pub(crate) epoch: u64,
    /// Version of the first piece; none if there is none.
    pub(crate) version: Option<u64>,
    /// Number of pieces.
    pub(crate) pieces: usize,
    /// Number of pieces that cannot be read.
    pub(crate) unreadable: usize,
}

impl Accounts {
    /// Reads the stored marks of an asset. Unreadable pieces are logged and counted.
    pub(crate) async fn marks_read(&self, asset_id: AssetId) -> Result<ReadMarks> {
        let table = &self.context.environment.table;
        let mut read = ReadMarks::default();
        let mut after = None;
        loop {
            let query = TableQuery::prefix(book_pk(asset_id), MARKS, PIECES_AT_ONCE).after(after.take());
            let page = table.query(&query).await?;
            for item in &page.items {
                read.pieces += 1;
                if item.key.sk == MARKS {
                    read.version = Some(item.version);
                }
                match decode::<StoredMarks>(&item.body) {
                    Ok(StoredMarks { epoch, marks }) => {
                        read.epoch = read.epoch.max(epoch);
                        read.marks.highs.extend(marks.highs);
                        read.marks.lows.extend(marks.lows);
                    }
                    Err(error) => {
                        tracing::error!(cause = ?error, pk = item.key.pk, sk = item.key.sk, "marks cannot be read");
                        read.unreadable += 1;
                    }
                }
            }
            after = page.items.last().map(|item| item.key.sk.clone());
            if !page.more {
                return Ok(read);
            }
        }
    }

    /// Present mark and trigger of a trailing stop: from its book, or from the marks that the owner of the book has
    /// stored. None for any other order.
    pub(crate) async fn trail_now(
        &self,
        order_id: OrderId,
        record: &OrderRecord,
    ) -> Result<Option<(Price, Price)>> {
        self.trail_now_with(order_id, record, &mut BTreeMap::new()).await
    }

    /// The same for one of several orders; the marks of each asset are read once.
    pub(crate) async fn trail_now_with(
        &self,
        order_id: OrderId,
        record: &OrderRecord,
        known: &mut BTreeMap<AssetId, ReadMarks>,
    ) -> Result<Option<(Price, Price)>> {
        let terms = &record.state.terms;
        if record.state.status != OrderStatus::WaitingTrigger || terms.trail.is_none() {
            return Ok(None);
        }
        let asset_id = terms.asset_id;
        if self.books.is_open(asset_id) {
            return Ok(self.books.trail(asset_id, order_id.into()));
        }
        let (Some(waits), Some(rules)) =
            (BookInterest::of(record), self.context.environment.market.catalogue().rules(asset_id))
        else {
            return Ok(None);
        };
        let stored = match known.entry(asset_id) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(place) => place.insert(self.marks_read(asset_id).await?),
        };
        let mut book = TriggerBook::restore(&rules, &stored.marks);
        book.insert(order_id.into(), waits.since_us, waits.interest, waits.expires_us, ());
        Ok(book.trail(order_id.into()))
    }
}
