//! Replay of one account's events.

use std::collections::BTreeMap;

use cnop_domain::{AccountId, Amount, AssetId, Bucket, Currency, LedgerAccount};
use cnop_store::{Item, Key, Table, TableQuery};

use super::automation::Automation;
use super::movement::MovementAudit;
use super::order::OrderAudit;
use super::read_ahead::ReadAhead;
use super::report::{AuditReport, PAGE_ITEMS};
use crate::error::Result;
use crate::records::{
    EVENT_PREFIX, Event, EventKind, HEAD, HOLDING_PREFIX, Head, HoldingRecord, ORDER_PREFIX,
    PARTITION_PREFIX, decode, decode_event, event_hash, event_seq,
};

/// State after the replayed events.
struct Replay<'a> {
    account_id: AccountId,
    head: Head,
    holdings: BTreeMap<AssetId, HoldingRecord>,
    /// Sums of the trader's postings, computed apart from head and holdings.
    sums: BTreeMap<(Bucket, Currency), i128>,
    report: &'a mut AuditReport,
}

/// Replays one account and compares.
pub(super) async fn audit(table: &dyn Table, partition: &str, report: &mut AuditReport) -> Result<()> {
    let ahead = ReadAhead::new(table);
    let table: &dyn Table = &ahead;
    let id = partition.strip_prefix(PARTITION_PREFIX).and_then(|id| id.parse().ok());
    let Some(account_id) = id else {
        report.differs(format!("{partition}: this is no account's id"));
        return Ok(());
    };
    let mut replay = Replay {
        account_id,
        head: Head::default(),
        holdings: BTreeMap::new(),
        sums: BTreeMap::new(),
        report,
    };
    let own_id = replay.account_id.clone();
    let mut orders = OrderAudit::new(table, partition, &own_id);
    let mut automation = Automation::new(table, partition, &own_id);
    let mut movements = MovementAudit::new(table, partition, &own_id);
    let mut after = None;
    loop {
        let query = TableQuery::prefix(partition, EVENT_PREFIX, PAGE_ITEMS).after(after);
        let page = table.query(&query).await?;
        ahead.load(page.items.iter().filter_map(|item| closed_order(partition, item)).collect()).await?;
        for item in &page.items {
            if let Some((seq, event, earned)) = replay.event(item) {
                orders.event(seq, &event, earned, replay.report).await?;
                automation.event(seq, &event, replay.report).await?;
                movements.event(seq, &event, &replay.head, replay.report).await?;
            }
        }
        after = page.items.last().map(|item| item.key.sk.clone());
        if !page.more {
            break;
        }
    }
    let coins_reserved =
        replay.holdings.iter().map(|(asset_id, holding)| (*asset_id, holding.reserved)).collect();
    orders.finish(replay.head.reserved, &coins_reserved, replay.report).await?;
    automation.finish(replay.report).await?;
    movements.finish(replay.report).await?;
    replay.compare(table, partition).await
}

/// Key of the order that an event closes: it is compared with the event.
fn closed_order(partition: &str, item: &Item) -> Option<Key> {
    let (event, ..) = decode_event(&item.body).ok()?;
    let order_id = match event.kind {
        EventKind::Order(order_event) if order_event.after.status.is_final() => order_event.order,
        EventKind::OrderFilled { order } => order,
        _ => return None,
    };
    Some(Key::new(partition, format!("{ORDER_PREFIX}{order_id}")))
}

impl Replay<'_> {
    fn differs(&mut self, what: &str) {
        let sentence = format!("account {}: {what}", self.account_id.as_str());
        self.report.differs(sentence);
    }

    /// Replays an event, and returns it with its number and realized profit; `None` when it is unreadable.
    fn event(&mut self, item: &Item) -> Option<(u64, Event, Amount)> {
        self.report.events += 1;
        let seq = self.head.seq + 1;
        if event_seq(&item.key.sk) != Some(seq) {
            self.differs(&format!("event {} stands where number {seq} should", item.key.sk));
        }
        let (event, stored_hash, payload) = match decode_event(&item.body) {
            Ok(decoded) => decoded,
            Err(error) => {
                self.differs(&format!("event {} cannot be read: {error}", item.key.sk));
                self.head.seq = event_seq(&item.key.sk).unwrap_or(seq);
                return None;
            }
        };
        let hash = event_hash(&self.head.hash, &self.account_id, seq, &payload);
        if hash != stored_hash {
            self.differs(&format!("event {seq} does not fit into the hash chain"));
        }
        self.sum(&event);
        match self.head.after(&event) {
            Ok(head) => self.head = head,
            Err(error) => {
                self.differs(&format!("event {seq} cannot follow: {error}"));
                self.head.seq = seq;
            }
        }
        self.head.hash = stored_hash;
        if (event.available, event.reserved) != (self.head.available, self.head.reserved) {
            self.differs(&format!("event {seq} states another balance than its postings make"));
        }
        let earned = self.holding(seq, &event);
        Some((seq, event, earned))
    }

    fn sum(&mut self, event: &Event) {
        for posting in event.postings.iter() {
            let total = self.report.totals.entry((posting.account, posting.currency)).or_default();
            *total = total.saturating_add(posting.units);
            if let LedgerAccount::Trader(bucket) = posting.account {
                let sum = self.sums.entry((bucket, posting.currency)).or_default();
                *sum = sum.saturating_add(posting.units);
            }
        }
    }

    /// Updates the holding, and returns the change of its realized profit.
    fn holding(&mut self, seq: u64, event: &Event) -> Amount {
        let Some((asset_id, _)) = event.coins() else { return Amount::ZERO };
        let before = self.holdings.get(&asset_id).cloned().unwrap_or_default();
        match before.after(asset_id, event) {
            Ok(holding) => {
                if event.holding != holding.as_after(asset_id).ok() {
                    self.differs(&format!("event {seq} states another holding than its postings make"));
                }
                let earned = holding.realised.checked_sub(before.realised).unwrap_or(Amount::ZERO);
                self.holdings.insert(asset_id, holding);
                earned
            }
            Err(error) => {
                self.differs(&format!("event {seq} cannot change the holding: {error}"));
                Amount::ZERO
            }
        }
    }

    /// Compares the replayed state with the stored one.
    async fn compare(&mut self, table: &dyn Table, partition: &str) -> Result<()> {
        match table.get(&Key::new(partition, HEAD)).await?.map(|item| decode::<Head>(&item.body)) {
            Some(Ok(head)) if head == self.head => {}
            Some(Ok(head)) => {
                let (stored, replayed) = (head, self.head.clone());
                self.differs(&format!("HEAD says {stored:?}, its events say {replayed:?}"));
            }
            Some(Err(error)) => self.differs(&format!("HEAD cannot be read: {error}")),
            None => self.differs("there is no HEAD"),
        }
        let page = table.query(&TableQuery::prefix(partition, HOLDING_PREFIX, PAGE_ITEMS)).await?;
        let mut replayed = std::mem::take(&mut self.holdings);
        let mut sums = std::mem::take(&mut self.sums);
        self.sum_compare(&mut sums, Currency::Usd, self.head.available.units(), self.head.reserved.units());
        for item in page.items {
            let asset: Option<AssetId> =
                item.key.sk.strip_prefix(HOLDING_PREFIX).and_then(|asset| asset.parse().ok());
            let expected = asset.and_then(|asset_id| replayed.remove(&asset_id));
            match decode::<HoldingRecord>(&item.body) {
                Ok(stored) => {
                    if expected.as_ref().is_none_or(|expected| !stored.agrees_with(expected)) {
                        let sentence =
                            format!("{} says {stored:?}, its events say {expected:?}", item.key.sk);
                        self.differs(&sentence);
                    }
                    if let Some(asset_id) = asset {
                        let (available, reserved) = (stored.available.units(), stored.reserved.units());
                        self.sum_compare(&mut sums, Currency::Asset(asset_id), available, reserved);
                    }
                }
                Err(error) => self.differs(&format!("{} cannot be read: {error}", item.key.sk)),
            }
        }
        for asset_id in replayed.into_keys() {
            self.differs(&format!("there is no holding of {asset_id} although events moved it"));
        }
        for ((bucket, currency), sum) in sums {
            if sum != 0 {
                self.differs(&format!(
                    "postings of {currency:?} in {bucket:?} sum to {sum} units without a balance"
                ));
            }
        }
        Ok(())
    }

    fn sum_compare(
        &mut self,
        sums: &mut BTreeMap<(Bucket, Currency), i128>,
        currency: Currency,
        available: i128,
        reserved: i128,
    ) {
        for (bucket, stored) in [(Bucket::Available, available), (Bucket::Reserved, reserved)] {
            let sum = sums.remove(&(bucket, currency)).unwrap_or(0);
            if sum != stored {
                let sentence =
                    format!("{bucket:?} {currency:?} is stored as {stored} units, its postings sum to {sum}");
                self.differs(&sentence);
            }
        }
    }
}
