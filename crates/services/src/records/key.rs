//! The keys of stored items.

use cnop_domain::{AccountId, AlertId, AssetId, OrderId, PlanId, Timestamp};
use cnop_store::Key;

/// Prefix of an account's partition.
pub(crate) const PARTITION_PREFIX: &str = "A#";
/// The account's balances and counters. It shares its first letter with the holdings, so that one query reads all.
pub(crate) const HEAD: &str = "HEAD";
/// Prefix of a holding's sort key.
pub(crate) const HOLDING_PREFIX: &str = "H#";
/// Prefix of an event's sort key; 20 digits follow.
pub(crate) const EVENT_PREFIX: &str = "E#";
/// Prefix of the sort key in the index of movements; the event's 20 digits follow.
pub(crate) const MOVEMENT_PREFIX: &str = "T#";
/// Prefix of an order's sort key; the order's id follows.
pub(crate) const ORDER_PREFIX: &str = "O#";
/// Prefix of an item of the open-order index; the order's id follows.
pub(crate) const OPEN_ORDER_PREFIX: &str = "W#";
/// Prefix of a client order id's sort key; the id follows.
pub(crate) const CLIENT_ORDER_PREFIX: &str = "C#";
/// Prefix of the partition of an asset's trigger index.
pub(crate) const BOOK_PARTITION_PREFIX: &str = "B#";
/// Sort key of the marks of an asset's trailing stops, and prefix of their further pieces.
pub(crate) const MARKS: &str = "MARKS";
/// Prefix of a recurring order's sort key; its id follows.
pub(crate) const PLAN_PREFIX: &str = "R#";
/// Prefix of a price alert's sort key, in its account and in the trigger index; its id follows.
pub(crate) const ALERT_PREFIX: &str = "P#";
/// Prefixes of the keys of partitions that the orders, alerts and recurring orders of all accounts write to. A table
/// whose partitions have limits spreads them.
pub const SPREAD_PREFIXES: &[&str] = &[BOOK_PARTITION_PREFIX, "Q#"];
/// The partition of the next runs of all recurring orders, in the order of their times.
pub(crate) const RUNS_PK: &str = "Q#recurring";
pub(crate) fn account_pk(account_id: &AccountId) -> String {
    let mut pk = String::with_capacity(PARTITION_PREFIX.len() + account_id.as_str().len());
    pk.push_str(PARTITION_PREFIX);
    pk.push_str(account_id.as_str());
    pk
}

pub(crate) fn head_key(account_id: &AccountId) -> Key {
    Key::new(account_pk(account_id), HEAD)
}

pub(crate) fn holding_key(account_id: &AccountId, asset_id: AssetId) -> Key {
    Key::new(account_pk(account_id), format!("{HOLDING_PREFIX}{}", asset_id.as_str()))
}

pub(crate) fn event_key(account_id: &AccountId, seq: u64) -> Key {
    Key::new(account_pk(account_id), event_sort_key(seq))
}

/// Zero-padded, so that the order of texts is the order of numbers.
fn event_sort_key(seq: u64) -> String {
    format!("{EVENT_PREFIX}{seq:020}")
}

/// The number of an event's sort key.
pub(crate) fn event_seq(sort_key: &str) -> Option<u64> {
    sort_key.strip_prefix(EVENT_PREFIX)?.parse().ok()
}

/// Key of an event in the index of movements.
pub(crate) fn movement_key(account_id: &AccountId, seq: u64) -> Key {
    Key::new(account_pk(account_id), format!("{MOVEMENT_PREFIX}{seq:020}"))
}

/// The number of the event that a sort key of the index of movements names.
pub(crate) fn movement_seq(sort_key: &str) -> Option<u64> {
    sort_key.strip_prefix(MOVEMENT_PREFIX)?.parse().ok()
}

pub(crate) fn order_key(account_id: &AccountId, order_id: OrderId) -> Key {
    Key::new(account_pk(account_id), format!("{ORDER_PREFIX}{order_id}"))
}

/// Key in the open-order index of an account.
pub(crate) fn open_order_key(account_id: &AccountId, order_id: OrderId) -> Key {
    Key::new(account_pk(account_id), format!("{OPEN_ORDER_PREFIX}{order_id}"))
}

/// The partition of an asset's live orders.
pub(crate) fn book_pk(asset_id: AssetId) -> String {
    format!("{BOOK_PARTITION_PREFIX}{}", asset_id.as_str())
}

/// Key of an order in the trigger index of its asset, from which the book is rebuilt.
pub(crate) fn book_order_key(asset_id: AssetId, order_id: OrderId) -> Key {
    Key::new(book_pk(asset_id), format!("{ORDER_PREFIX}{order_id}"))
}

/// A piece of the marks of an asset's trailing stops. The first one has no number.
pub(crate) fn book_marks_key(asset_id: AssetId, piece: usize) -> Key {
    let sk = if piece == 0 { MARKS.to_owned() } else { format!("{MARKS}#{piece:06}") };
    Key::new(book_pk(asset_id), sk)
}

pub(crate) fn client_order_key(account_id: &AccountId, client_order_id: &str) -> Key {
    Key::new(account_pk(account_id), format!("{CLIENT_ORDER_PREFIX}{client_order_id}"))
}

pub(crate) fn idempotency_key(account_id: &AccountId, route: &str, key: &str) -> Key {
    Key::new(account_pk(account_id), format!("I#{route}#{key}"))
}

pub(crate) fn plan_key(account_id: &AccountId, plan_id: PlanId) -> Key {
    Key::new(account_pk(account_id), format!("{PLAN_PREFIX}{plan_id}"))
}

/// The next run of a recurring order.
pub(crate) fn run_key(due: Timestamp, account_id: &AccountId, plan_id: PlanId) -> Key {
    // Zero-padded, so that the order of texts is the order of times.
    Key::new(RUNS_PK, format!("{:020}#{account_id}#{plan_id}", due.0.max(0)))
}

/// The time in a run's sort key.
pub(crate) fn run_due(sort_key: &str) -> Option<Timestamp> {
    sort_key.split('#').next()?.parse().ok().map(Timestamp)
}

pub(crate) fn alert_key(account_id: &AccountId, alert_id: AlertId) -> Key {
    Key::new(account_pk(account_id), format!("{ALERT_PREFIX}{alert_id}"))
}

/// Key of an alert in the trigger index of its asset, from which the book is rebuilt.
pub(crate) fn book_alert_key(asset_id: AssetId, alert_id: AlertId) -> Key {
    Key::new(book_pk(asset_id), format!("{ALERT_PREFIX}{alert_id}"))
}
