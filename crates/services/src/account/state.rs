//! How an event changes an account: the same pure steps when it is written and when it is audited.

use bytes::Bytes;
use cnop_domain::{
    Account, AccountId, Amount, AssetId, Bucket, Currency, Position, Posting, Postings, Quantity,
};
use cnop_store::{Condition, Write};

use super::key::{event_key, head_key, holding_key};
use super::record::{Event, EventKind, Head, HoldingAfter, HoldingRecord, encode, encode_event};
use crate::{Error, Result};

/// µs of a UTC day.
const DAY_US: i64 = 86_400_000_000;

/// The UTC day of a moment, counted from 1970.
pub(crate) const fn day_of(time_us: i64) -> i64 {
    time_us.div_euclid(DAY_US)
}

/// What a command decides from: the account as it was read.
#[derive(Debug)]
pub(crate) struct State<'a> {
    pub(crate) account_id: &'a AccountId,
    pub(crate) head: Head,
    pub(crate) head_version: u64,
    /// The holding of the command's asset, with its version; none when there never was one.
    pub(crate) holding: Option<(HoldingRecord, u64)>,
    /// Never earlier than the last event.
    pub(crate) now_us: i64,
}

/// An event that is ready to be committed.
#[derive(Debug)]
pub(crate) struct Appended {
    /// Head, holding and event, each under the version that was read.
    pub(crate) writes: Vec<Write>,
    pub(crate) head: Head,
    pub(crate) holding: Option<HoldingRecord>,
}

impl State<'_> {
    /// Adds an event to the account.
    pub(crate) fn append(&self, kind: EventKind, postings: Postings) -> Result<Appended> {
        let asset_id = coin_of(&postings);
        let mut event = Event {
            time_us: self.now_us,
            kind,
            postings,
            available: Amount::ZERO,
            reserved: Amount::ZERO,
            holding: None,
        };
        let mut head = self.head.after(&event)?;
        (event.available, event.reserved) = (head.available, head.reserved);
        let mut writes = Vec::with_capacity(6);
        let mut holding_after = None;
        if let Some(asset_id) = asset_id {
            let before = self.holding.map(|(holding, _)| holding);
            let holding = before.unwrap_or_default().after(asset_id, &event)?;
            event.holding = Some(holding.as_after(asset_id)?);
            let condition =
                self.holding.map_or(Condition::Absent, |(_, version)| Condition::Version(version));
            writes.push(Write::put(holding_key(self.account_id, asset_id), encode(&holding)?, condition));
            holding_after = Some(holding);
        }
        let (body, hash) = encode_event(&event, &self.head.hash, self.account_id, head.seq)?;
        head.hash = hash;
        writes.push(event_write(self.account_id, head.seq, body));
        writes.push(Write::put(
            head_key(self.account_id),
            encode(&head)?,
            Condition::Version(self.head_version),
        ));
        Ok(Appended { writes, head, holding: holding_after })
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
fn coin_of(postings: &Postings) -> Option<AssetId> {
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
    let after = before.checked_add(postings.net(Account::Trader(bucket), currency));
    after.filter(|units| *units >= 0).ok_or_else(|| broken("a balance would be below zero"))
}

fn amount(units: i128) -> Result<Amount> {
    Amount::from_units(units).map_err(|_| broken("an amount would leave its range"))
}

impl Event {
    /// Dollars that came from outside (positive) or went there.
    pub(crate) fn transfer(&self) -> Result<Amount> {
        amount(-self.postings.net(Account::VenueExternal, Currency::Usd))
    }

    /// The venue's fee.
    pub(crate) fn fee(&self) -> Result<Amount> {
        amount(self.postings.net(Account::VenueFees, Currency::Usd))
    }

    /// What the trader paid (negative) or received for coins, without the fee.
    pub(crate) fn payment(&self) -> Result<Amount> {
        amount(-self.postings.net(Account::VenueInventory, Currency::Usd))
    }

    /// Coins that the trader got (positive) or gave.
    pub(crate) fn coins(&self) -> Option<(AssetId, i128)> {
        let asset_id = coin_of(&self.postings)?;
        Some((asset_id, -self.postings.net(Account::VenueInventory, Currency::Asset(asset_id))))
    }
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
        match event.kind {
            EventKind::Opened => {}
            EventKind::TransferSettled => {
                (head.deposited_today, head.withdrawn_today) = self.transferred_on(day_of(event.time_us));
                head.day = day_of(event.time_us);
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
                let fee = event.fee()?;
                head.fees = add(head.fees, fee)?;
                head.orders += 1;
                head.transactions += 1 + u64::from(!fee.is_zero());
                head.last_order = order;
            }
        }
        Ok(head)
    }

    /// What was deposited and withdrawn on a day that is not before the last event's.
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
        let (_, coins) = event.coins().ok_or_else(|| broken("no coins moved"))?;
        let quantity =
            Quantity::from_units(coins.abs()).map_err(|_| broken("a fill would leave its range"))?;
        let (payment, fee) = (event.payment()?, event.fee()?);
        let before = self.position()?;
        let position = if coins > 0 {
            before.bought(quantity, payment.negated(), fee)
        } else {
            before.sold(quantity, payment, fee).map(|(after, _)| after)
        }
        .map_err(|_| broken("a position would leave its range"))?;
        let first = self.created_us == 0;
        Ok(Self {
            available,
            reserved,
            cost: position.cost,
            realised: position.realised,
            created_us: if first { event.time_us } else { self.created_us },
            updated_us: event.time_us,
        })
    }

    pub(crate) fn as_after(&self, asset_id: AssetId) -> Result<HoldingAfter> {
        let quantity = self.position()?.quantity;
        Ok(HoldingAfter { asset_id, quantity, available: self.available, cost: self.cost })
    }
}
