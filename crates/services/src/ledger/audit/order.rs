//! Audit of an account's orders against its events.

use std::collections::BTreeMap;

use cnop_domain::{
    AccountId, Amount, AssetId, OrderChange, OrderFill, OrderId, OrderState, Price, Quantity, Side,
};
use cnop_store::{Key, Table, TableQuery};

use super::report::{AuditReport, PAGE_ITEMS};
use crate::error::Result;
use crate::records::{
    BOOK_PARTITION_PREFIX, BookInterest, CLIENT_ORDER_PREFIX, ClientOrder, Event, EventKind, FillRecord,
    OPEN_ORDER_PREFIX, ORDER_PREFIX, OrderEvent, OrderRecord, TriggerIndexItem, book_order_key, decode,
};

/// Orders of one account, from its events.
pub(super) struct OrderAudit<'a> {
    table: &'a dyn Table,
    partition: &'a str,
    account_id: &'a AccountId,
    /// Orders that have not ended.
    open: BTreeMap<OrderId, ReplayedOrder>,
    /// Number of orders in the events.
    order_event: u64,
    /// Number of orders with a client order id.
    named: u64,
}

/// An order replayed from its events.
#[derive(Debug)]
struct ReplayedOrder {
    state: OrderState,
    fills: Vec<ReplayedFill>,
}

/// A fill from an event, without the source of its quote, which only the order has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ReplayedFill {
    fill: OrderFill,
    time_us: i64,
    limit: Option<Price>,
    ordered: Quantity,
}

impl<'a> OrderAudit<'a> {
    pub(super) const fn new(table: &'a dyn Table, partition: &'a str, account_id: &'a AccountId) -> Self {
        Self { table, partition, account_id, open: BTreeMap::new(), order_event: 0, named: 0 }
    }

    /// Replays an event with its realized profit. A closed order is compared with its stored form.
    pub(super) async fn event(
        &mut self,
        seq: u64,
        event: &Event,
        earned: Amount,
        report: &mut AuditReport,
    ) -> Result<()> {
        match &event.kind {
            EventKind::OrderFilled { order } => {
                self.order_event += 1;
                self.first_schema(*order, event, report).await
            }
            EventKind::Order(order_event) => {
                self.order_event(seq, order_event, (event, earned), report).await
            }
            EventKind::Opened
            | EventKind::TransferSettled
            | EventKind::GuardChanged(_)
            | EventKind::AlertFired { .. }
            | EventKind::Recurring { .. }
            | EventKind::Enveloped(_) => Ok(()),
        }
    }

    async fn order_event(
        &mut self,
        seq: u64,
        order_event: &OrderEvent,
        (event, earned): (&Event, Amount),
        report: &mut AuditReport,
    ) -> Result<()> {
        let before = self.open.remove(&order_event.order);
        let differs = |report: &mut AuditReport, what: &str| {
            report.differs(format!("{}: event {seq}: {what}", self.partition));
        };
        if order_event.opens {
            self.order_event += 1;
        }
        if order_event.opens == before.is_some() {
            differs(report, "an order begins twice, or an unknown one changes");
        }
        let new =
            || OrderState::new(order_event.after.terms, order_event.after.link, order_event.after.fee_bps);
        let (from, mut fills) = before.map_or_else(|| (new(), Vec::new()), |it| (it.state, it.fills));
        let sold = matches!(order_event.change, OrderChange::Filled(_)) && from.terms.side == Side::Sell;
        let realised = if sold { from.realised.checked_add(earned) } else { Ok(from.realised) };
        if realised != Ok(order_event.after.realised) || order_event.profit != sold.then_some(earned) {
            differs(report, "the profit is not what the holding earned");
        }
        if let OrderChange::Filled(fill) = order_event.change {
            let terms = &order_event.after.terms;
            let (limit, ordered) = (terms.limit, terms.quantity);
            fills.push(ReplayedFill { fill, time_us: event.time_us, limit, ordered });
        }
        match from.apply(&order_event.change) {
            Ok(after) if same_but_for_money(&after, &order_event.after) => {}
            Ok(_) => differs(report, "the order after it is not what its change makes"),
            Err(_) => differs(report, "this cannot happen to an order in that status"),
        }
        let reserved =
            order_event.after.reserved_cash.is_zero() && order_event.after.reserved_coins.is_zero();
        if order_event.after.status.is_final() && !reserved {
            differs(report, "an order that has ended still holds something");
        }
        if event.fee().is_ok_and(|fee| from.fees.checked_add(fee) != Ok(order_event.after.fees)) {
            differs(report, "the fee that was posted is not the order's");
        }
        let order = ReplayedOrder { state: order_event.after, fills };
        if order.state.status.is_final() {
            self.compare(order_event.order, &order, report).await
        } else {
            self.open.insert(order_event.order, order);
            Ok(())
        }
    }

    /// Checks that the stored order matches its events.
    async fn compare(
        &mut self,
        id: OrderId,
        order_event: &ReplayedOrder,
        report: &mut AuditReport,
    ) -> Result<()> {
        report.orders += 1;
        let Some(record) = self.stored(id, report).await? else { return Ok(()) };
        self.named += u64::from(record.client_order_id.is_some());
        let differs = |report: &mut AuditReport, what: &str| {
            report.differs(format!("{} {}: {what}", self.partition, id));
        };
        if record.state != order_event.state {
            differs(report, "order and events differ");
        }
        let stored = record.fills.iter().map(|stored| {
            let FillRecord { fill, time_us, limit, ordered, .. } = *stored;
            ReplayedFill { fill, time_us, limit, ordered }
        });
        if !order_event.fills.iter().copied().eq(stored) {
            differs(report, "its fills are not those of its events");
        }
        Ok(())
    }

    async fn first_schema(&mut self, id: OrderId, event: &Event, report: &mut AuditReport) -> Result<()> {
        report.orders += 1;
        let Some(record) = self.stored(id, report).await? else { return Ok(()) };
        self.named += u64::from(record.client_order_id.is_some());
        let agrees = match (event.coins(), event.payment(), event.fee()) {
            (Some((asset_id, coins)), Ok(payment), Ok(fee)) => {
                let state = &record.state;
                state.terms.asset_id == asset_id
                    && (state.terms.side == cnop_domain::Side::Buy) == (coins > 0)
                    && state.filled.units() == coins.abs()
                    && state.notional.units() == payment.units().abs()
                    && state.fees == fee
            }
            _ => false,
        };
        if !agrees {
            report.differs(format!("{} {}: fills and postings differ", self.partition, id));
        }
        Ok(())
    }

    async fn stored(&self, id: OrderId, report: &mut AuditReport) -> Result<Option<OrderRecord>> {
        let item = self.table.get(&Key::new(self.partition, format!("{ORDER_PREFIX}{}", id))).await?;
        match item.map(|item| decode::<OrderRecord>(&item.body)) {
            Some(Ok(record)) => return Ok(Some(record)),
            Some(Err(error)) => {
                report.differs(format!("{} {} cannot be read: {error}", self.partition, id));
            }
            None => report.differs(format!("{} {}: the order is missing", self.partition, id)),
        }
        Ok(None)
    }

    /// Compares the open orders, their index items and reserves; a stored order without events is a stray.
    pub(super) async fn finish(
        mut self,
        cash_reserved: Amount,
        coins_reserved: &BTreeMap<AssetId, Quantity>,
        report: &mut AuditReport,
    ) -> Result<()> {
        let mut cash = 0;
        let mut coins: BTreeMap<AssetId, i128> = BTreeMap::new();
        let open = std::mem::take(&mut self.open);
        for (id, order_event) in &open {
            self.compare(*id, order_event, report).await?;
            self.signs(*id, report).await?;
            let state = &order_event.state;
            cash += state.reserved_cash.units();
            *coins.entry(state.terms.asset_id).or_default() += state.reserved_coins.units();
        }
        if cash != cash_reserved.units() {
            report.differs(format!(
                "{}: open orders hold {cash} units of dollars, {} are reserved",
                self.partition,
                cash_reserved.units()
            ));
        }
        for (asset_id, reserved) in coins_reserved {
            let held = coins.remove(asset_id).unwrap_or(0);
            if held != reserved.units() {
                report.differs(format!(
                    "{}: open orders hold {held} units of {asset_id}, {} are reserved",
                    self.partition,
                    reserved.units()
                ));
            }
        }
        self.count(ORDER_PREFIX, self.order_event, report).await?;
        let open = u64::try_from(open.len()).unwrap_or(u64::MAX);
        self.count(OPEN_ORDER_PREFIX, open, report).await?;
        self.client_ids(report).await
    }

    /// Checks that each client's id leads to the order that has it, and that each order that has one is led to.
    async fn client_ids(&self, report: &mut AuditReport) -> Result<()> {
        let mut found = 0;
        let mut after = None;
        loop {
            let query = TableQuery::prefix(self.partition, CLIENT_ORDER_PREFIX, PAGE_ITEMS).after(after);
            let page = self.table.query(&query).await?;
            for item in &page.items {
                found += 1;
                let sk = item.key.sk.as_str();
                let Ok(ClientOrder { order, .. }) = decode(&item.body) else {
                    report.differs(format!("{} {sk} cannot be read", self.partition));
                    continue;
                };
                let record = self.stored(order, report).await?;
                let known = record.and_then(|record| record.client_order_id);
                if known.as_deref() != sk.strip_prefix(CLIENT_ORDER_PREFIX) {
                    report.differs(format!("{} {sk} leads to an order without it", self.partition));
                }
            }
            after = page.items.last().map(|item| item.key.sk.clone());
            if !page.more {
                break;
            }
        }
        if found != self.named {
            let named = self.named;
            report.differs(format!(
                "{}: {named} orders have a client's id, {found} are listed",
                self.partition
            ));
        }
        Ok(())
    }

    /// Checks that an open order has its item in the open-order index and, if a price can affect it, a correct
    /// one in the trigger index.
    async fn signs(&self, id: OrderId, report: &mut AuditReport) -> Result<()> {
        if self.table.get(&Key::new(self.partition, format!("{OPEN_ORDER_PREFIX}{id}"))).await?.is_none() {
            report.differs(format!("{} {id} is open and not listed as open", self.partition));
        }
        let Some(record) = self.stored(id, report).await? else { return Ok(()) };
        let waits = BookInterest::of(&record);
        report.live_orders += u64::from(waits.is_some());
        let asset_id = record.state.terms.asset_id;
        let item = self.table.get(&book_order_key(asset_id, id)).await?;
        let live = match item.map(|item| decode::<TriggerIndexItem>(&item.body)).transpose() {
            Ok(live) => live,
            Err(error) => {
                report.differs(format!("{BOOK_PARTITION_PREFIX}{asset_id} {id} cannot be read: {error}"));
                return Ok(());
            }
        };
        let agrees = match (&live, waits) {
            (None, None) => true,
            // Items written before more was stored contain only the owner.
            (Some(live), Some(waits)) => {
                live.account_id == *self.account_id && live.waits.is_none_or(|stored| stored == waits)
            }
            _ => false,
        };
        if !agrees {
            report.differs(format!(
                "{} {id}: the book {BOOK_PARTITION_PREFIX}{asset_id} and the order disagree",
                self.partition
            ));
        }
        Ok(())
    }

    /// Checks the number of items.
    async fn count(&self, prefix: &str, expected: u64, report: &mut AuditReport) -> Result<()> {
        let mut found = 0;
        let mut after = None;
        loop {
            let page = self
                .table
                .query(&TableQuery::prefix(self.partition, prefix, PAGE_ITEMS).after(after))
                .await?;
            found += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            after = page.items.last().map(|item| item.key.sk.clone());
            for item in &page.items {
                let id: Option<OrderId> = item.key.sk.strip_prefix(prefix).and_then(|id| id.parse().ok());
                if id.is_none() {
                    report.differs(format!("{} {}: this is no order's id", self.partition, item.key.sk));
                }
            }
            if !page.more {
                break;
            }
        }
        if found != expected {
            report.differs(format!(
                "{}: events tell of {expected} items under {prefix}, there are {found}",
                self.partition
            ));
        }
        Ok(())
    }
}

/// Compares two states of an order, except for values that depend on more than the order. These are reserve
/// and realized profit (compared with the holding), the mark and trigger of a trailing stop, and whether a
/// quote was beyond its limit.
fn same_but_for_money(folded: &OrderState, order_event: &OrderState) -> bool {
    let folded = OrderState {
        reserved_cash: order_event.reserved_cash,
        reserved_coins: order_event.reserved_coins,
        realised: order_event.realised,
        mark: order_event.mark,
        trigger: order_event.trigger,
        beyond: order_event.beyond,
        ..*folded
    };
    folded == *order_event
}
