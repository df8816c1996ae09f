//! Parameters of a day of several servers, and its result.

use cnop_services::TickReport;
use cnop_testkit::{CoordinatorFaultCounts, CoordinatorFaultRates};

use crate::{FaultCounts, FaultRates};

/// Parameters of a day of several servers. The same parameters give the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterDay {
    /// Decides everything that is left open.
    pub seed: u64,
    /// Number of servers.
    pub servers: usize,
    /// Number of trading accounts.
    pub accounts: usize,
    /// Number of rounds: in each the clock and the prices move, and every server takes a step.
    pub rounds: u32,
    /// Commands in a round.
    pub commands: u32,
    /// Fault rates of the table.
    pub faults: FaultRates,
    /// Fault rates of each server's way to the coordinator.
    pub coordinator: CoordinatorFaultRates,
    /// Troubles of a server in a thousand rounds: killed, paused, cut off, restarted.
    pub troubles: u64,
}

/// Result of such a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterReport {
    /// Sum of all tick reports.
    pub ticks: TickReport,
    /// Servers that were killed.
    pub kills: u64,
    /// Servers that were paused.
    pub pauses: u64,
    /// Servers that were cut off from the coordinator.
    pub cuts: u64,
    /// Servers that were stopped in order.
    pub restarts: u64,
    /// Attempts that had to be repeated.
    pub failures: u64,
    /// Faults of the table.
    pub faults: FaultCounts,
    /// Faults of the coordinator, by server.
    pub coordinator: Vec<CoordinatorFaultCounts>,
    /// Orders in the books.
    pub orders: u64,
    /// Events in the books.
    pub events: u64,
    /// Orders that still wait at the day's end.
    pub resting: usize,
    /// Longest time for which a stop or an alert was reached and waited, in µs, as the checks saw it.
    pub delay_max_us: i64,
}
