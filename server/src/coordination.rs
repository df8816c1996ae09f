//! The coordinator: in process for one server, or the Redis that all servers of a table share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use cnop_coordination::{CoordinationError, Coordinator, LocalCoordinator};
use cnop_coordination_redis::{LinkState, RedisConnectError, RedisCoordinator};
use cnop_domain::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::command_line::{Settings, StoreChoice};
use crate::failure::{Failure, chain};
use crate::settings::CoordinationChoice;
use crate::supervisor::Supervisor;

/// Distance from the coordinator's clock beyond which a server takes no requests, in µs. Servers whose clocks differ
/// disagree about which prices and leases are alive.
const CLOCK_OFFSET_MAX_US: i64 = 2_000_000;
/// Time between two looks at the coordinator's clock.
const CLOCK_INTERVAL: Duration = Duration::from_secs(5);

/// The coordinator and its state. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Coordination {
    /// The coordinator.
    pub(crate) port: Arc<dyn Coordinator>,
    /// State of the connection; `None` in process.
    link: Option<watch::Receiver<LinkState>>,
    /// True while the shared coordinator does not answer and this server goes on alone.
    pub(crate) is_degraded: Arc<AtomicBool>,
    /// Distance of this server's clock from the coordinator's, in µs; above 0 when it is ahead.
    offset_us: Arc<AtomicI64>,
}

impl Coordination {
    /// Opens the coordinator that the settings name.
    ///
    /// # Errors
    /// One sentence. Exit code 2 for settings that cannot work, 1 for a Redis that does not answer.
    pub(crate) async fn open(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Self, Failure> {
        let (port, link): (Arc<dyn Coordinator>, _) = match &settings.coordination {
            CoordinationChoice::Local => (Arc::new(LocalCoordinator::new(Arc::clone(clock))), None),
            CoordinationChoice::Unreadable(error) => {
                return Err(Failure::refused(format!("CNOP_COORDINATION: {error}")));
            }
            CoordinationChoice::Redis(address) => {
                let (StoreChoice::Dynamodb, Some(venue)) = (settings.store, &settings.dynamodb_table) else {
                    return Err(Failure::refused(
                        "CNOP_COORDINATION with a Redis is for several servers on one table: set CNOP_STORE=dynamodb, \
                         or leave it out, because an embedded store has one server",
                    ));
                };
                let connected = RedisCoordinator::connect((**address).clone(), venue).await;
                let coordinator = connected.map_err(|error| {
                    let sentence = format!("CNOP_COORDINATION: {}", chain(&error));
                    match error {
                        RedisConnectError::Unreachable { .. } => Failure::failed(sentence),
                        RedisConnectError::Credentials { .. } | RedisConnectError::Refused { .. } => {
                            Failure::refused(sentence)
                        }
                    }
                })?;
                let link = coordinator.state();
                (Arc::new(coordinator), Some(link))
            }
        };
        let coordination = Self { port, link, is_degraded: Arc::default(), offset_us: Arc::default() };
        let compared = coordination.clock_compare(&**clock).await;
        compared.map_err(|error| Failure::failed(format!("CNOP_COORDINATION: {}", chain(&error))))?;
        Ok(coordination)
    }

    /// The distance from the coordinator's clock in words, if it is too large.
    pub(crate) fn clock_fault(&self) -> Option<String> {
        let offset_us = self.offset_us.load(Ordering::Relaxed);
        let (seconds, tenths) =
            (offset_us.unsigned_abs() / 1_000_000, offset_us.unsigned_abs() / 100_000 % 10);
        let side = if offset_us > 0 { "ahead of" } else { "behind" };
        (offset_us.saturating_abs() > CLOCK_OFFSET_MAX_US)
            .then(|| format!("{seconds}.{tenths} s {side} the clock of the other servers"))
    }

    /// Keeps the metric of the connection, its state and the distance of the clocks up to date.
    pub(crate) fn watch(
        &self,
        clock: &Arc<dyn Clock>,
        supervisor: &Supervisor,
        shutdown: &CancellationToken,
    ) {
        let Some(link) = self.link.clone() else { return };
        let (watched, clock, shutdown) = (self.clone(), Arc::clone(clock), shutdown.clone());
        supervisor.run("coordination", move |_| {
            let (watched, clock, shutdown) = (watched.clone(), Arc::clone(&clock), shutdown.clone());
            let link = link.clone();
            async move {
                tokio::select! {
                    () = state_show(link, &watched.is_degraded) => {}
                    () = watched.clocks_compare(&*clock) => {}
                    () = shutdown.cancelled() => {}
                }
            }
        });
    }

    async fn clocks_compare(&self, clock: &dyn Clock) {
        loop {
            tokio::time::sleep(CLOCK_INTERVAL).await;
            let had_fault = self.clock_fault().is_some();
            // While the coordinator is away, the last distance stays.
            if self.clock_compare(clock).await.is_ok()
                && let Some(fault) = self.clock_fault().filter(|_| !had_fault)
            {
                tracing::error!(clock = fault, "the clock of this server is wrong; it takes no requests");
            }
        }
    }

    /// Reads both clocks. The time of the question counts for this server, as far as it may.
    async fn clock_compare(&self, clock: &dyn Clock) -> Result<(), CoordinationError> {
        let before_us = clock.now_us();
        let shared_us = self.port.time_us().await?;
        let after_us = clock.now_us();
        let offset_us = match (shared_us < before_us, shared_us > after_us) {
            (true, _) => before_us.saturating_sub(shared_us),
            (_, true) => after_us.saturating_sub(shared_us),
            _ => 0,
        };
        self.offset_us.store(offset_us, Ordering::Relaxed);
        Ok(())
    }
}

/// Shows the state of the connection as that of a breaker, until the coordinator goes.
async fn state_show(mut link: watch::Receiver<LinkState>, is_degraded: &AtomicBool) {
    let gauge = metrics::gauge!("cnop_breaker_state", "dependency" => "redis");
    loop {
        let state = *link.borrow_and_update();
        is_degraded.store(state != LinkState::Connected, Ordering::Relaxed);
        gauge.set(match state {
            LinkState::Connected => 0.0,
            LinkState::Connecting => 1.0,
            LinkState::Disconnected => 2.0,
        });
        if link.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use cnop_testkit::ManualClock;

    use super::*;

    async fn compared(here_us: i64, shared_us: i64) -> Option<String> {
        let (here, shared) = (ManualClock::new(here_us), Arc::new(ManualClock::new(shared_us)));
        let coordination = Coordination {
            port: Arc::new(LocalCoordinator::new(shared)),
            link: None,
            is_degraded: Arc::default(),
            offset_us: Arc::default(),
        };
        coordination.clock_compare(&here).await.unwrap();
        coordination.clock_fault()
    }

    /// A server whose clock was wrong traded on prices that were too old for the others.
    #[tokio::test]
    async fn a_clock_more_than_two_seconds_off_is_a_fault() {
        let now = 1_700_000_000_000_000;
        for near in [now, now + 2_000_000, now - 2_000_000] {
            assert_eq!(compared(near, now).await, None);
        }
        assert_eq!(
            compared(now + 2_050_000, now).await.as_deref(),
            Some("2.0 s ahead of the clock of the other servers")
        );
        assert_eq!(
            compared(now - 93_400_000, now).await.as_deref(),
            Some("93.4 s behind the clock of the other servers")
        );
    }
}
