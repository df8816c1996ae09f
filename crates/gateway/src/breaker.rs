//! A circuit breaker around a dependency: when most calls fail, the next ones fail at once, which spares the
//! dependency and the waiting. Only faults of the dependency count: a malformed or an abandoned call opens nothing.
//!
//! Not `failsafe` or a tower layer: the calls are those of a port, and tests and metrics need its clock and its states.

mod machine;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cnop_domain::Clock;
use metrics::Gauge;
use thiserror::Error;

pub use machine::BreakerPolicy;
use machine::{CallOutcome, Machine, Permit};

/// A call through a breaker gave no result.
#[derive(Debug, Error)]
pub enum BreakerError<E> {
    /// Not sent: the breaker is open after too many failures.
    #[error("{dependency} is not asked for another {} ms because it failed too often", retry_after.as_millis())]
    Open {
        /// Name of the dependency.
        dependency: &'static str,
        /// Time until the next probe.
        retry_after: Duration,
    },
    /// The call was made and failed.
    #[error("the dependency was asked and failed")]
    Failed(E),
}

/// The breaker of one dependency. Cheap to clone.
#[derive(Clone)]
pub struct Breaker {
    inner: Arc<BreakerInner>,
}

struct BreakerInner {
    dependency: &'static str,
    clock: Arc<dyn Clock>,
    machine: Mutex<Machine>,
    /// 0 closed, 1 half open, 2 open.
    state: Gauge,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("dependency", &self.inner.dependency).finish_non_exhaustive()
    }
}

impl Breaker {
    /// A closed breaker around the dependency of this name.
    #[must_use]
    pub fn new(dependency: &'static str, policy: BreakerPolicy, clock: Arc<dyn Clock>) -> Self {
        let state = metrics::gauge!("cnop_breaker_state", "dependency" => dependency);
        state.set(0.0);
        Self {
            inner: Arc::new(BreakerInner {
                dependency,
                clock,
                machine: Mutex::new(Machine::new(policy)),
                state,
            }),
        }
    }

    /// Returns true if calls go through as usual.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.machine().is_closed()
    }

    /// Makes the call unless the breaker is open. `is_fault` distinguishes faults of the dependency
    /// (timeouts, overload) from ordinary errors. An abandoned call does not count, except after a long silence.
    ///
    /// # Errors
    /// `Open` without a call, else the call's own error.
    pub async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        is_fault: impl Fn(&E) -> bool,
    ) -> Result<T, BreakerError<E>> {
        let permit = self
            .admit()
            .map_err(|retry_after| BreakerError::Open { dependency: self.inner.dependency, retry_after })?;
        let result = call.await;
        permit.report(result.as_ref().is_err_and(is_fault));
        result.map_err(BreakerError::Failed)
    }

    /// Lets a call through, for callers that cannot hand it over as a future.
    ///
    /// # Errors
    /// For how long no call is let through.
    pub fn admit(&self) -> Result<BreakerPermit, Duration> {
        let admitted = self.inner.machine().admit(self.inner.clock.now_us());
        self.inner.show();
        let inner = Arc::clone(&self.inner);
        admitted.map(|permit| BreakerPermit { inner, permit, outcome: CallOutcome::Abandoned })
    }
}

impl BreakerInner {
    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self) {
        let state = self.machine().state_number();
        self.state.set(f64::from(state));
    }
}

/// Permit for one call. If it is dropped without a report, the call counts only after a long silence: as a fault.
pub struct BreakerPermit {
    inner: Arc<BreakerInner>,
    permit: Permit,
    outcome: CallOutcome,
}

impl fmt::Debug for BreakerPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerPermit").field("dependency", &self.inner.dependency).finish_non_exhaustive()
    }
}

impl BreakerPermit {
    /// Returns true if the call is one of the few that decide whether the breaker closes again.
    #[must_use]
    pub const fn is_probe(&self) -> bool {
        self.permit.is_probe()
    }

    /// Reports the end of the call, and whether it was a fault of the dependency.
    pub fn report(mut self, is_fault: bool) {
        self.outcome = if is_fault { CallOutcome::Fault } else { CallOutcome::Success };
    }
}

impl Drop for BreakerPermit {
    fn drop(&mut self) {
        let was_closed = self.inner.machine().is_closed();
        self.inner.machine().report(self.permit, self.outcome, self.inner.clock.now_us());
        let is_closed = self.inner.machine().is_closed();
        if was_closed != is_closed {
            let dependency = self.inner.dependency;
            tracing::warn!(dependency, is_closed, "the breaker changed");
        }
        self.inner.show();
    }
}
