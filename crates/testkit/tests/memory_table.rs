//! The table in memory behaves as the port says.

use std::sync::Arc;

use cnop_testkit::conformance::Fixture;
use cnop_testkit::{ManualClock, MemoryTable};

async fn fixture() -> Option<Fixture> {
    let clock = Arc::new(ManualClock::default());
    Some(Fixture::new(Arc::new(MemoryTable::new(clock.clone())), clock, ()))
}

cnop_testkit::conformance_tests!(fixture);
