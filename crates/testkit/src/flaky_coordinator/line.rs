//! Shared state of a server's calls and subscriptions.

use std::sync::atomic::AtomicBool;

use tokio::sync::watch;

use super::faults::CoordinatorFaults;

/// One server's line to the coordinator.
#[derive(Debug)]
pub(super) struct CoordinatorLine {
    pub(super) faults: CoordinatorFaults,
    pub(super) is_cut: AtomicBool,
    pub(super) panics_on_call: AtomicBool,
    /// Number of the advances. What is late waits for a change.
    pub(super) advances: watch::Sender<u64>,
}

impl CoordinatorLine {
    pub(super) fn new(seed: u64, name: &str) -> Self {
        Self {
            faults: CoordinatorFaults::new(seed, name),
            is_cut: AtomicBool::new(false),
            panics_on_call: AtomicBool::new(false),
            advances: watch::Sender::new(0),
        }
    }
}
