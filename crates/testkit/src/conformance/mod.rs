//! The behaviors that every adapter of the table port shows, as tests.
//!
//! `conformance_tests!(fixture)` makes one test of each case. `async fn fixture() -> Option<Fixture>` gives an empty
//! table, or `None` to skip the case.

use std::any::Any;
use std::sync::Arc;

use cnop_store::{Condition, Item, Key, StoreError, Table, Write};

use crate::ManualClock;

pub mod concurrency;
pub mod conditions;
pub mod expiry;
pub mod limits;
pub mod reads;

/// An empty table and its clock.
#[derive(Debug)]
pub struct Fixture {
    /// The table under test.
    pub table: Arc<dyn Table>,
    /// The clock of the table: it decides which items have expired.
    pub clock: Arc<ManualClock>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Fixture {
    /// A table, its clock, and whatever must live as long (a directory, for example).
    pub fn new(table: Arc<dyn Table>, clock: Arc<ManualClock>, keep: impl Any + Send + Sync) -> Self {
        Self { table, clock, _keep: Box::new(keep) }
    }
}

/// Makes a test of every case. The path names an `async fn() -> Option<Fixture>`.
#[macro_export]
macro_rules! conformance_tests {
    ($fixture:path) => {
        $crate::conformance_tests!(@ $fixture;
            conditions: condition_absent, condition_present, condition_version, condition_any, versions_count,
                deleted_starts_again, failures_are_positional, all_or_nothing, check_writes_nothing,
                delete_of_nothing_is_fine, restored_with_its_version;
            reads: read_back, query_prefix, query_between, query_paging, query_after_outside, query_order_is_bytes,
                query_sees_one_partition, page_ends_at_its_bytes, odd_keys, scan_sees_everything_once,
                several_at_once;
            limits: transaction_limits, transaction_at_its_limits, read_limits;
            expiry: expired_is_not_read, expired_is_absent_to_conditions, expiry_can_change;
            concurrency: increments_lose_nothing, transfers_conserve_the_sum, one_creator_wins;
        );
    };
    (@ $fixture:path; $($module:ident: $($case:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(fixture) = $fixture().await {
                    $crate::conformance::$module::$case(fixture).await;
                }
            }
        )+)+
    };
}

/// A put without expiry, for short tests.
fn put(pk: &str, sk: &str, body: &str, condition: Condition) -> Write {
    Write::put(Key::new(pk, sk), body.to_owned(), condition)
}

async fn get(table: &dyn Table, pk: &str, sk: &str) -> Option<Item> {
    table.get(&Key::new(pk, sk)).await.expect("a read")
}

/// The failed indexes with the version of the current item.
async fn refused(table: &dyn Table, writes: Vec<Write>) -> Vec<(usize, Option<u64>)> {
    match table.transact(writes).await {
        Err(StoreError::Conflict(failed)) => {
            failed.into_iter().map(|failed| (failed.index, failed.current.map(|item| item.version))).collect()
        }
        other => panic!("expected a conflict, got {other:?}"),
    }
}
