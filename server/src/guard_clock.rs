//! A clock that neither follows a jump of the system's clock at once nor stands still after one.
//!
//! Between two readings the time must pass as on the monotonic clock. A difference is a jump: the time then follows
//! the monotonic clock, and the jump is told. One that lasts is accepted: forward at once, backward by running at half
//! speed, because no reading may be earlier than one before.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cnop_domain::Clock;

/// Difference from the monotonic clock beyond which the system's clock has jumped, in µs: 5 s. Time servers correct
/// less than that in small steps.
const JUMP_MIN_US: i64 = 5_000_000;
/// Time for which a jump must last before it is accepted, in µs: 5 minutes. A clock that was set wrongly for a moment
/// ends no order.
const JUMP_HOLD_US: i64 = 300_000_000;

/// The clocks of the operating system.
pub(crate) trait TimeSource: std::fmt::Debug + Send + Sync {
    /// Wall clock, in µs since 1970. It may jump.
    fn wall_us(&self) -> i64;
    /// Monotonic clock, in µs since any moment.
    fn monotonic_us(&self) -> i64;
}

/// The clocks of this machine.
#[derive(Debug)]
pub(crate) struct SystemTimeSource {
    started: Instant,
}

impl Default for SystemTimeSource {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl TimeSource for SystemTimeSource {
    fn wall_us(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
    }

    fn monotonic_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// The clock of a server.
pub(crate) type SystemClock = GuardClock<SystemTimeSource>;

/// The system's clock, guarded against jumps.
#[derive(Debug)]
pub(crate) struct GuardClock<S> {
    source: S,
    state: Mutex<ClockState>,
}

/// The latest reading.
#[derive(Debug, Clone, Copy)]
struct ClockState {
    now_us: i64,
    monotonic_us: i64,
    jump: Option<Jump>,
}

/// A jump that the time has not followed yet.
#[derive(Debug, Clone, Copy)]
struct Jump {
    /// Moment of its detection on the monotonic clock.
    since_us: i64,
    /// Distance of the wall clock from the time.
    by_us: i64,
}

impl Default for GuardClock<SystemTimeSource> {
    fn default() -> Self {
        Self::new(SystemTimeSource::default())
    }
}

impl<S: TimeSource> GuardClock<S> {
    /// A clock that starts at the wall clock's time.
    pub(crate) fn new(source: S) -> Self {
        let state = ClockState { now_us: source.wall_us(), monotonic_us: source.monotonic_us(), jump: None };
        Self { source, state: Mutex::new(state) }
    }

    /// Seconds by which the system's clock is ahead of (or, if negative, behind) the time because of a jump.
    pub(crate) fn jump_seconds(&self) -> Option<i64> {
        self.read().jump.map(|jump| jump.by_us / 1_000_000)
    }

    fn read(&self) -> ClockState {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let next = state.next(self.source.wall_us(), self.source.monotonic_us());
        *state = next;
        next
    }
}

impl<S: TimeSource> Clock for GuardClock<S> {
    fn now_us(&self) -> i64 {
        self.read().now_us
    }
}

impl ClockState {
    fn next(self, wall_us: i64, monotonic_us: i64) -> Self {
        let passed_us = (monotonic_us - self.monotonic_us).max(0);
        let expected_us = self.now_us + passed_us;
        let by_us = wall_us - expected_us;
        if by_us.abs() <= JUMP_MIN_US {
            if self.jump.is_some() {
                tracing::warn!("the system's clock and the time agree again");
            }
            // Behind the time within these bounds, the clock is met at half speed.
            return Self { now_us: wall_us.max(self.now_us + passed_us / 2), monotonic_us, jump: None };
        }
        let jump = self.jump.map_or(Jump { since_us: monotonic_us, by_us }, |jump| Jump { by_us, ..jump });
        if self.jump.is_none() {
            tracing::error!(
                moved_s = by_us / 1_000_000,
                hold_s = JUMP_HOLD_US / 1_000_000,
                "the system's clock moved; the time goes on without it for a while"
            );
        }
        if monotonic_us - jump.since_us < JUMP_HOLD_US {
            return Self { now_us: expected_us, monotonic_us, jump: Some(jump) };
        }
        if by_us > 0 {
            tracing::error!(
                moved_s = by_us / 1_000_000,
                "the system's clock stayed ahead; the time follows it now"
            );
            return Self { now_us: wall_us, monotonic_us, jump: None };
        }
        Self { now_us: self.now_us + passed_us / 2, monotonic_us, jump: Some(jump) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const SECOND_US: i64 = 1_000_000;
    const START_US: i64 = 1_795_230_222_000_000;
    const HOUR_S: i64 = 3_600;

    #[derive(Debug, Clone, Default)]
    struct Clocks {
        wall_us: Arc<AtomicI64>,
        monotonic_us: Arc<AtomicI64>,
    }

    impl TimeSource for Clocks {
        fn wall_us(&self) -> i64 {
            self.wall_us.load(Ordering::SeqCst)
        }

        fn monotonic_us(&self) -> i64 {
            self.monotonic_us.load(Ordering::SeqCst)
        }
    }

    impl Clocks {
        fn start() -> (Self, GuardClock<Self>) {
            let clocks = Self::default();
            clocks.wall_set(0);
            (clocks.clone(), GuardClock::new(clocks))
        }

        fn wall_set(&self, seconds: i64) {
            self.wall_us.store(START_US + seconds * SECOND_US, Ordering::SeqCst);
        }

        /// Both clocks go on, read every second as a running server does.
        fn pass(&self, clock: &GuardClock<Self>, seconds: i64) {
            for _ in 0..seconds {
                self.wall_us.fetch_add(SECOND_US, Ordering::SeqCst);
                self.monotonic_us.fetch_add(SECOND_US, Ordering::SeqCst);
                let before = clock.now_us();
                assert!(clock.now_us() >= before, "the time went back");
            }
        }
    }

    fn seconds(clock: &GuardClock<Clocks>) -> i64 {
        (clock.now_us() - START_US) / SECOND_US
    }

    /// A clock that was an hour ahead for a minute ended orders that were good until the evening, and then the market
    /// stood still for an hour.
    #[test]
    fn a_jump_that_is_taken_back_leaves_no_trace() {
        for jump in [HOUR_S, -HOUR_S] {
            let (clocks, clock) = Clocks::start();
            clocks.pass(&clock, 10);
            clocks.wall_set(10 + jump);
            clocks.pass(&clock, 60);
            assert_eq!((seconds(&clock), clock.jump_seconds()), (70, Some(jump)));
            clocks.wall_set(70);
            clocks.pass(&clock, 1);
            assert_eq!((seconds(&clock), clock.jump_seconds()), (71, None));
        }
    }

    #[test]
    fn a_jump_forward_that_lasts_is_followed_after_a_while() {
        let (clocks, clock) = Clocks::start();
        clocks.wall_set(HOUR_S);
        clocks.pass(&clock, 299);
        assert_eq!(seconds(&clock), 299);
        clocks.pass(&clock, 2);
        assert_eq!((seconds(&clock), clock.jump_seconds()), (HOUR_S + 301, None));
    }

    /// The time stood still for as long as the clock was set back, and with it every quote.
    #[test]
    fn after_a_jump_back_that_lasts_the_time_goes_on_and_meets_the_clock() {
        let (clocks, clock) = Clocks::start();
        clocks.wall_set(-HOUR_S);
        clocks.pass(&clock, 300);
        let held = seconds(&clock);
        clocks.pass(&clock, 100);
        assert!((45..=55).contains(&(seconds(&clock) - held)), "half as fast: {}", seconds(&clock) - held);
        clocks.pass(&clock, 2 * HOUR_S);
        assert_eq!(clock.jump_seconds(), None);
        clocks.pass(&clock, 100);
        assert_eq!(seconds(&clock), 300 + 100 + 2 * HOUR_S + 100 - HOUR_S);
    }

    #[test]
    fn small_corrections_are_followed_and_never_go_back() {
        let (clocks, clock) = Clocks::start();
        clocks.wall_set(3);
        assert_eq!(seconds(&clock), 3);
        clocks.wall_set(1);
        assert_eq!((seconds(&clock), clock.jump_seconds()), (3, None));
        clocks.pass(&clock, 3);
        assert_eq!(seconds(&clock), 4);
    }
}
