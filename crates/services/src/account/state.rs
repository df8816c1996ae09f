//! Event folding: how an event changes an account. Writing and auditing use the same pure steps.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use bytes::Bytes;
use cnop_domain::calendar::day_of;
use cnop_domain::{
    AccountId, AccountLimits, AlertId, Amount, AssetId, Bucket, Currency, DayTrades, LedgerAccount,
    NetTrades, OrderId, PlanId, Position, Posting, Postings, Quantity,
};
use cnop_store::{Condition, Write};

use crate::displayed_sizes::DisplayedWant;
use crate::error::{Error, Result};
use crate::records::{
    AlertRecord, AutomationEvent, Event, EventKind, Head, HoldingAfter, HoldingRecord, OrderEvent,
    OrderRecord, PlanRecord, Record, encode, encode_event, event_key, head_key, holding_key, movement_key,
};

/// The state of an account as a command reads it.
#[derive(Debug)]
pub(crate) struct AccountState<'a> {
    pub(crate) account_id: &'a AccountId,
    pub(crate) head: Head,
    pub(crate) head_version: u64,
    /// The holding of the command's asset, with its version; none when there never was one.
    pub(crate) holding: Option<(HoldingRecord, u64)>,
    /// The command's order and the others of its group: an entry first, then take-profit, then stop-loss.
    pub(crate) orders: Vec<Loaded<OrderRecord>>,
    /// The command's recurring order, or all of them, oldest first.
    pub(crate) plans: Vec<Loaded<PlanRecord>>,
    /// The command's price alert, or all of them, oldest first.
    pub(crate) alerts: Vec<Loaded<AlertRecord>>,
    /// Never earlier than the last event.
    pub(crate) now_us: i64,
    /// Displayed size that the decision needs and another server has to be asked for. The decision is then made again.
    pub(crate) displayed_want: OnceLock<Box<DisplayedWant>>,
}

/// A record that has an id of its own in its key.
pub(crate) trait Identified: Record {
    /// Type of the id in the key.
    type Id: Copy + fmt::Debug + FromStr;
}

impl Identified for OrderRecord {
    type Id = OrderId;
}

impl Identified for PlanRecord {
    type Id = PlanId;
}

impl Identified for AlertRecord {
    type Id = AlertId;
}

/// An order, a recurring order or a price alert as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Loaded<T: Identified> {
    pub(crate) id: T::Id,
    pub(crate) record: T,
    pub(crate) version: u64,
}

/// Events that are ready to be committed.
#[derive(Debug)]
pub(crate) struct AppendedEvents {
    /// Head, holding and events, each under the version that was read.
    pub(crate) writes: Vec<Write>,
    pub(crate) head: Head,
    pub(crate) holding: Option<HoldingRecord>,
}

/// Events being prepared: each follows from the state that the one before leaves.
#[derive(Debug)]
pub(crate) struct EventDraft<'a> {
    state: &'a AccountState<'a>,
    head: Head,
    holding: Option<HoldingRecord>,
    /// Asset of the moved coins; one transaction moves coins of one asset.
    asset_id: Option<AssetId>,
    writes: Vec<Write>,
}

impl<'a> AccountState<'a> {
    /// Begins to add events to the account.
    pub(crate) fn draft(&'a self) -> EventDraft<'a> {
        EventDraft {
            state: self,
            head: self.head.clone(),
            holding: self.holding.as_ref().map(|(holding, _)| holding.clone()),
            asset_id: None,
            writes: Vec::with_capacity(6),
        }
    }

    /// Present limits of the account besides its money.
    pub(crate) fn limits(&self) -> AccountLimits {
        AccountLimits {
            open_orders: self.head.open_orders,
            guard: self.head.guard.at(self.now_us),
            losses: self.head.losses,
        }
    }

    /// Adds one event to the account.
    pub(crate) fn append(&self, kind: EventKind, postings: Postings) -> Result<AppendedEvents> {
        let mut draft = self.draft();
        draft.push(kind, postings)?;
        draft.finish()
    }

    /// Adds one event about an alert or a recurring order.
    pub(crate) fn append_automation(&self, event: &AutomationEvent) -> Result<AppendedEvents> {
        self.append(EventKind::Enveloped(Box::new(event.seal()?)), Postings::default())
    }

    /// No event and no change. The head is written all the same, so that the counts the command relied on
    /// still hold at the commit.
    pub(crate) fn unchanged(&self) -> Result<AppendedEvents> {
        self.draft().finish()
    }
}

impl AppendedEvents {
    /// Appends one more event without postings.
    pub(crate) fn tell(mut self, state: &AccountState<'_>, kind: EventKind) -> Result<Self> {
        // The head is the last write: see [`EventDraft::finish`].
        self.writes.pop();
        let mut draft =
            EventDraft { state, head: self.head, holding: self.holding, asset_id: None, writes: self.writes };
        draft.push(kind, Postings::default())?;
        draft.finish()
    }
}

impl EventDraft<'_> {
    pub(crate) fn push(&mut self, kind: EventKind, postings: Postings) -> Result<()> {
        let asset_id = coin_of(&postings);
        let mut event = Event {
            time_us: self.state.now_us,
            kind,
            postings,
            available: Amount::ZERO,
            reserved: Amount::ZERO,
            holding: None,
        };
        let mut head = self.head.after(&event)?;
        (event.available, event.reserved) = (head.available, head.reserved);
        if let Some(asset_id) = asset_id {
            if self.asset_id.is_some_and(|known| known != asset_id) {
                return Err(broken("a transaction would move coins of two assets"));
            }
            self.asset_id = Some(asset_id);
            let holding = self.holding.take().unwrap_or_default().after(asset_id, &event)?;
            event.holding = Some(holding.as_after(asset_id)?);
            self.holding = Some(holding);
        }
        let account_id = self.state.account_id;
        let (body, hash) = encode_event(&event, &self.head.hash, account_id, head.seq)?;
        head.hash = hash;
        self.writes.push(event_write(account_id, head.seq, body));
        if let Some(movement) = event.movement(head.transactions, &hash)? {
            let key = movement_key(account_id, head.seq);
            self.writes.push(Write::put(key, encode(&movement)?, Condition::Absent));
        }
        self.head = head;
        Ok(())
    }

    /// All writes of the events, with head and holding as they leave them.
    pub(crate) fn finish(mut self) -> Result<AppendedEvents> {
        let account_id = self.state.account_id;
        if let (Some(asset_id), Some(holding)) = (self.asset_id, &self.holding) {
            let condition = self
                .state
                .holding
                .as_ref()
                .map_or(Condition::Absent, |(_, version)| Condition::Version(*version));
            self.writes.push(Write::put(holding_key(account_id, asset_id), encode(holding)?, condition));
        }
        self.writes.push(Write::put(
            head_key(account_id),
            encode(&self.head)?,
            Condition::Version(self.state.head_version),
        ));
        Ok(AppendedEvents { writes: self.writes, head: self.head, holding: self.holding })
    }
}

fn event_write(account_id: &AccountId, seq: u64, body: Bytes) -> Write {
    Write::put(event_key(account_id, seq), body, Condition::Absent)
}

/// The writes that open an account: its head and its first event.
pub(crate) fn opening(account_id: &AccountId, now_us: i64) -> Result<Vec<Write>> {
    let event = Event {
        time_us: now_us,
        kind: EventKind::Opened,
        postings: Postings::default(),
        available: Amount::ZERO,
        reserved: Amount::ZERO,
        holding: None,
    };
    let before = Head::default();
    let mut head = before.after(&event)?;
    let (body, hash) = encode_event(&event, &before.hash, account_id, head.seq)?;
    head.hash = hash;
    Ok(vec![
        event_write(account_id, head.seq, body),
        Write::put(head_key(account_id), encode(&head)?, Condition::Absent),
    ])
}

/// The asset whose coins move.
pub(super) fn coin_of(postings: &Postings) -> Option<AssetId> {
    postings.iter().find_map(|Posting { currency, .. }| match currency {
        Currency::Asset(asset_id) => Some(*asset_id),
        Currency::Usd => None,
    })
}

fn broken(what: &str) -> Error {
    Error::Invariant(what.to_owned())
}

/// A trader's balance after a movement; below zero is impossible.
fn moved(before: i128, postings: &Postings, bucket: Bucket, currency: Currency) -> Result<i128> {
    let after = before.checked_add(postings.net(LedgerAccount::Trader(bucket), currency));
    after.filter(|units| *units >= 0).ok_or_else(|| broken("a balance would be below zero"))
}

pub(super) fn amount(units: i128) -> Result<Amount> {
    Amount::from_units(units).map_err(|_| broken("an amount would leave its range"))
}

impl Head {
    /// The head after an event, all but its hash.
    pub(crate) fn after(&self, event: &Event) -> Result<Self> {
        let add = |sum: Amount, more: Amount| {
            sum.checked_add(more).map_err(|_| broken("a sum would leave its range"))
        };
        if event.time_us < self.time_us {
            return Err(broken("an event would be earlier than the one before"));
        }
        let mut head = self.clone();
        head.seq = self.seq.checked_add(1).ok_or_else(|| broken("the log is full"))?;
        head.time_us = event.time_us;
        head.available =
            amount(moved(self.available.units(), &event.postings, Bucket::Available, Currency::Usd)?)?;
        head.reserved =
            amount(moved(self.reserved.units(), &event.postings, Bucket::Reserved, Currency::Usd)?)?;
        match &event.kind {
            EventKind::Opened
            | EventKind::AlertFired { .. }
            | EventKind::Recurring { .. }
            | EventKind::Enveloped(_) => {}
            EventKind::TransferSettled => {
                head.day_turn(day_of(event.time_us));
                let transfer = event.transfer()?;
                if transfer.is_negative() {
                    head.withdrawn = add(head.withdrawn, transfer.negated())?;
                    head.withdrawn_today = add(head.withdrawn_today, transfer.negated())?;
                } else {
                    head.deposited = add(head.deposited, transfer)?;
                    head.deposited_today = add(head.deposited_today, transfer)?;
                }
                head.transactions += 1;
            }
            EventKind::OrderFilled { order } => {
                head.fees = add(head.fees, event.fee()?)?;
                head.orders += 1;
                head.transactions += event.rows()?;
                head.last_order = *order;
            }
            EventKind::Order(order_event) => {
                head.fees = add(head.fees, event.fee()?)?;
                head.transactions += event.rows()?;
                head.order_event_count(order_event, event.time_us)?;
            }
            EventKind::GuardChanged(guard) => head.guard = *guard,
        }
        Ok(head)
    }

    /// Resets the daily figures on a new day.
    fn day_turn(&mut self, day: i64) {
        if day != self.day {
            self.day = day;
            (self.deposited_today, self.withdrawn_today) = (Amount::ZERO, Amount::ZERO);
        }
    }

    /// Counts an order's event.
    fn order_event_count(&mut self, order_event: &OrderEvent, time_us: i64) -> Result<()> {
        if order_event.opens {
            self.orders += 1;
            self.last_order = order_event.order;
        }
        let closes = order_event.after.status.is_final();
        if order_event.opens && !closes {
            self.open_orders += 1;
        } else if !order_event.opens && closes {
            self.open_orders =
                self.open_orders.checked_sub(1).ok_or_else(|| broken("an order closed twice"))?;
        }
        if let Some(profit) = order_event.profit {
            self.losses = self.losses.after(profit, time_us);
        }
        Ok(())
    }

    /// Deposits and withdrawals of a day, which is not before that of the last event.
    pub(crate) fn transferred_on(&self, day: i64) -> (Amount, Amount) {
        if day == self.day {
            (self.deposited_today, self.withdrawn_today)
        } else {
            (Amount::ZERO, Amount::ZERO)
        }
    }
}

impl HoldingRecord {
    /// Coins, available and reserved, with their cost.
    pub(crate) fn position(&self) -> Result<Position> {
        let quantity =
            self.available.checked_add(self.reserved).map_err(|_| broken("a holding left its range"))?;
        Ok(Position { quantity, cost: self.cost, realised: self.realised })
    }

    /// The holding after an event that moved coins of its asset.
    pub(crate) fn after(&self, asset_id: AssetId, event: &Event) -> Result<Self> {
        let coin = Currency::Asset(asset_id);
        let bucket = |before: Quantity, bucket| {
            let units = moved(before.units(), &event.postings, bucket, coin)?;
            Quantity::from_units(units).map_err(|_| broken("a holding would leave its range"))
        };
        let (available, reserved) =
            (bucket(self.available, Bucket::Available)?, bucket(self.reserved, Bucket::Reserved)?);
        let position = self.position_after(event)?;
        let first = self.created_us == 0;
        Ok(Self {
            available,
            reserved,
            cost: position.cost,
            realised: position.realised,
            created_us: if first { event.time_us } else { self.created_us },
            updated_us: event.time_us,
            trades: self.trades_after(event)?,
        })
    }

    /// The trades of the day after an event. Coins that only move between available and reserved are no trade.
    fn trades_after(&self, event: &Event) -> Result<DayTrades> {
        let coins = event.coins().map_or(0, |(_, coins)| coins);
        if coins == 0 {
            return Ok(self.trades.clone());
        }
        let out_of_range = |_| broken("the trades of a day would leave their range");
        let dollars = event.payment()?.checked_sub(event.fee()?).map_err(out_of_range)?;
        self.trades.after(event.time_us, NetTrades { coins, dollars }).map_err(out_of_range)
    }

    fn position_after(&self, event: &Event) -> Result<Position> {
        let (_, coins) = event.coins().ok_or_else(|| broken("no coins moved"))?;
        let quantity =
            Quantity::from_units(coins.abs()).map_err(|_| broken("a fill would leave its range"))?;
        let (payment, fee) = (event.payment()?, event.fee()?);
        let before = self.position()?;
        match coins {
            0 => Ok(before),
            1.. => before.bought(quantity, payment.negated(), fee),
            _ => before.sold(quantity, payment, fee).map(|(after, _)| after),
        }
        .map_err(|_| broken("a position would leave its range"))
    }

    /// Returns true if it is the holding that all its events make. One stored before the trades of the day were kept lacks some.
    pub(crate) fn agrees_with(&self, replayed: &Self) -> bool {
        let trades = self.trades.clone();
        let started = trades.recorded_from_us();
        // Recording can only have begun after the first event.
        (started == 0 || started >= replayed.created_us)
            && trades.agrees_with(&replayed.trades)
            && *self == Self { trades, ..replayed.clone() }
    }

    pub(crate) fn as_after(&self, asset_id: AssetId) -> Result<HoldingAfter> {
        let quantity = self.position()?.quantity;
        Ok(HoldingAfter { asset_id, quantity, available: self.available, cost: self.cost })
    }
}
