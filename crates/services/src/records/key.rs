//! The keys of stored items.

use cnop_domain::{AccountId, AlertId, AssetId, OrderId, PlanId};
use cnop_store::Key;

/// What the partition of an account begins with.
pub(crate) const PARTITION_PREFIX: &str = "A#";
/// The account's balances and counters. It shares its first letter with the holdings, so that one query reads all.
pub(crate) const HEAD: &str = "HEAD";
/// What the sort key of a holding begins with.
pub(crate) const HOLDING_PREFIX: &str = "H#";
/// What the sort key of an event begins with; 20 digits follow.
pub(crate) const EVENT_PREFIX: &str = "E#";
/// What the sort key of an order begins with; the order's id follows.
pub(crate) const ORDER_PREFIX: &str = "O#";
/// What the sort key of an open order's sign begins with; the order's id follows.
pub(crate) const OPEN_ORDER_PREFIX: &str = "W#";
/// What the sort key of a client's order id begins with; the id follows.
pub(crate) const CLIENT_ORDER_PREFIX: &str = "C#";
/// What the partition of an asset's live orders begins with.
pub(crate) const BOOK_PARTITION_PREFIX: &str = "B#";
/// The marks of an asset's trailing stops; what the sort keys of their further pieces begin with.
pub(crate) const MARKS: &str = "MARKS";
/// What the sort key of a recurring order begins with; its id follows.
pub(crate) const PLAN_PREFIX: &str = "R#";
/// What the sort key of a price alert begins with, in its account and in its asset's book; its id follows.
pub(crate) const ALERT_PREFIX: &str = "P#";
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

pub(crate) fn order_key(account_id: &AccountId, order_id: OrderId) -> Key {
    Key::new(account_pk(account_id), format!("{ORDER_PREFIX}{order_id}"))
}

/// Says that an order is open: what the list of open orders is read from.
pub(crate) fn open_order_key(account_id: &AccountId, order_id: OrderId) -> Key {
    Key::new(account_pk(account_id), format!("{OPEN_ORDER_PREFIX}{order_id}"))
}

/// The partition of an asset's live orders.
pub(crate) fn book_pk(asset_id: AssetId) -> String {
    format!("{BOOK_PARTITION_PREFIX}{}", asset_id.as_str())
}

/// Says that an order waits for prices of its asset: what the trigger book is rebuilt from.
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

/// The next run of a recurring order, `due_us` in µs since 1970.
pub(crate) fn run_key(due_us: i64, account_id: &AccountId, plan_id: PlanId) -> Key {
    // Zero-padded, so that the order of texts is the order of times.
    Key::new(RUNS_PK, format!("{:020}#{account_id}#{plan_id}", due_us.max(0)))
}

/// The time of a run's sort key, in µs since 1970.
pub(crate) fn run_due_us(sort_key: &str) -> Option<i64> {
    sort_key.split('#').next()?.parse().ok()
}

pub(crate) fn alert_key(account_id: &AccountId, alert_id: AlertId) -> Key {
    Key::new(account_pk(account_id), format!("{ALERT_PREFIX}{alert_id}"))
}

/// Says that an alert waits for prices of its asset: what the trigger book is rebuilt from.
pub(crate) fn book_alert_key(asset_id: AssetId, alert_id: AlertId) -> Key {
    Key::new(book_pk(asset_id), format!("{ALERT_PREFIX}{alert_id}"))
}
