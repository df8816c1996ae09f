//! Conformance of the in-process coordinator.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cnop_coordination::conformance::{self, Harness};
use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_testkit::ManualClock;

struct LocalHarness {
    clock: Arc<ManualClock>,
    coordinator: LocalCoordinator,
}

impl LocalHarness {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        Self { coordinator: LocalCoordinator::new(clock.clone()), clock }
    }
}

#[async_trait]
impl Harness for LocalHarness {
    fn coordinators(&self) -> (Arc<dyn Coordinator>, Arc<dyn Coordinator>) {
        (Arc::new(self.coordinator.clone()), Arc::new(self.coordinator.clone()))
    }

    fn prefix(&self) -> String {
        "test:".to_owned()
    }

    async fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            conformance::$name(&LocalHarness::new()).await.unwrap();
        })+
    };
}

checks! {
    quota_is_exact_and_shared,
    quota_refills,
    quotas_end_at_the_first_refusal,
    keys_are_checked,
    lease_excludes_others,
    lease_expires,
    lease_epochs_grow,
    cache_keeps_and_forgets,
    messages_reach_every_listener,
    positions_follow_messages,
    a_slow_listener_is_told,
    time_is_shared_and_passes,
}

#[tokio::test]
async fn the_whole_suite_passes_on_one_coordinator() {
    conformance::all(&LocalHarness::new()).await.unwrap();
}
