//! Conformance of the embedded adapter.
#![allow(clippy::unwrap_used, reason = "this is test code")]

use std::sync::Arc;

use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};
use cnop_testkit::ManualClock;
use cnop_testkit::conformance::Fixture;

async fn fixture() -> Option<Fixture> {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let path = directory.path().join("store");
    let table = EmbeddedTable::open(&path, &EmbeddedOptions::default(), clock.clone()).unwrap();
    Some(Fixture::new(Arc::new(table), clock, directory))
}

cnop_testkit::conformance_tests!(fixture);
