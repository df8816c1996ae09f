//! The breaker around asynchronous calls.

use std::sync::Arc;
use std::time::Duration;

use cnop_gateway::{Breaker, BreakerError, BreakerPolicy};
use cnop_testkit::ManualClock;
use futures::FutureExt;

/// A dependency's answer that is its fault or not.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    Down,
    NotFound,
}

fn is_down(failure: &Failure) -> bool {
    *failure == Failure::Down
}

fn breaker() -> (Breaker, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let policy = BreakerPolicy { calls_min: 4, probes: 1, ..BreakerPolicy::default() };
    (Breaker::new("price_feed", policy, clock.clone()), clock)
}

async fn fail(breaker: &Breaker, failure: Failure) -> BreakerError<Failure> {
    breaker.call(async { Err::<(), _>(failure) }, is_down).await.unwrap_err()
}

#[tokio::test]
async fn a_failing_dependency_is_spared_and_used_again() {
    let (breaker, clock) = breaker();
    for _ in 0..4 {
        assert!(matches!(fail(&breaker, Failure::Down).await, BreakerError::Failed(Failure::Down)));
    }
    let mut was_asked = false;
    let call = async {
        was_asked = true;
        Ok::<_, Failure>(())
    };
    let refused = breaker.call(call, is_down).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "price_feed is not asked for another 5000 ms because it failed too often"
    );
    assert!(!was_asked);
    clock.advance(Duration::from_secs(5));
    assert_eq!(breaker.call(async { Ok::<_, Failure>(7) }, is_down).await.unwrap(), 7);
    assert!(breaker.is_closed());
}

#[tokio::test]
async fn client_errors_and_cancelled_calls_do_not_open_the_breaker() {
    let (breaker, _) = breaker();
    for _ in 0..100 {
        assert!(matches!(fail(&breaker, Failure::NotFound).await, BreakerError::Failed(Failure::NotFound)));
        let waiting = breaker.call(std::future::pending::<Result<(), Failure>>(), is_down);
        assert!(waiting.now_or_never().is_none());
    }
    assert!(breaker.is_closed());
}

#[tokio::test]
async fn a_probe_that_was_given_up_makes_room_for_another() {
    let (breaker, clock) = breaker();
    for _ in 0..4 {
        fail(&breaker, Failure::Down).await;
    }
    clock.advance(Duration::from_secs(5));
    let probe = breaker.call(std::future::pending::<Result<(), Failure>>(), is_down);
    assert!(probe.now_or_never().is_none());
    assert!(breaker.call(async { Ok::<_, Failure>(()) }, is_down).await.is_ok());
    assert!(breaker.is_closed());
}
