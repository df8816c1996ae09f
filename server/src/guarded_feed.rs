//! A circuit breaker around a price feed on the network.

use std::sync::Arc;
use std::time::Duration;

use cnop_domain::Clock;
use cnop_gateway::{Breaker, BreakerPermit, BreakerPolicy};
use cnop_market::coingecko::{Call, CallGuard};

/// A feed is polled once a minute, and again soon after a failure. Three faults in a row are enough to open,
/// and one success to close.
const POLICY: BreakerPolicy = BreakerPolicy {
    window: Duration::from_secs(300),
    calls_min: 3,
    faults_percentage: 50,
    faults_in_a_row: 3,
    silence: Duration::from_secs(5),
    open: Duration::from_secs(30),
    probes: 1,
};

/// Keeps the feed from asking a server that fails.
#[derive(Debug)]
pub(crate) struct GuardedFeed {
    breaker: Breaker,
}

impl GuardedFeed {
    /// A breaker of this name.
    pub(crate) fn new(name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { breaker: Breaker::new(name, POLICY, clock) }
    }
}

impl CallGuard for GuardedFeed {
    fn admit(&self) -> Result<Box<dyn Call>, Duration> {
        self.breaker.admit().map(|ticket| Box::new(Admitted(ticket)) as Box<dyn Call>)
    }
}

/// One call that was let through.
struct Admitted(BreakerPermit);

impl Call for Admitted {
    fn ended(self: Box<Self>, is_fault: bool) {
        self.0.report(is_fault);
    }
}

#[cfg(test)]
mod tests {
    use cnop_testkit::ManualClock;

    use super::*;

    #[test]
    fn three_faults_open_the_breaker_and_one_good_answer_closes_the_breaker() {
        let clock = Arc::new(ManualClock::default());
        let feed = GuardedFeed::new("coingecko-test", clock.clone());
        for _ in 0..3 {
            feed.admit().unwrap().ended(true);
        }
        assert_eq!(feed.admit().err(), Some(Duration::from_secs(30)));
        clock.advance(Duration::from_secs(30));
        let probe = feed.admit().unwrap();
        assert!(feed.admit().is_err(), "one probe at a time");
        probe.ended(false);
        assert!(feed.breaker.is_closed());
        feed.admit().unwrap().ended(false);
    }

    #[test]
    fn a_call_that_was_given_up_counts_as_nothing() {
        let feed = GuardedFeed::new("coingecko-test", Arc::new(ManualClock::default()));
        for _ in 0..100 {
            drop(feed.admit().unwrap());
        }
        assert!(feed.breaker.is_closed());
    }
}
