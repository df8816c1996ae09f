//! A value that is remembered for a moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The last value of something that is asked for more often than it changes. One caller reads it anew; meanwhile
/// others get the one before.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    kept: Mutex<Option<Reading<T>>>,
    is_reading: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Reading<T> {
    at_us: i64,
    value: T,
}

/// Clears the mark of a running reading, also when its caller goes away.
struct RunningReading<'a>(&'a AtomicBool);

impl Drop for RunningReading<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { kept: Mutex::new(None), is_reading: AtomicBool::new(false) }
    }
}

impl<T: Copy> Recent<T> {
    /// The value if it is young enough, else a new reading. `read` must end: until it has, others get the old value.
    pub(crate) async fn get(&self, now_us: i64, time_max: Duration, read: impl Future<Output = T>) -> T {
        let kept = *self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reading) = kept {
            let age_us = u64::try_from(now_us.saturating_sub(reading.at_us)).unwrap_or(0);
            if Duration::from_micros(age_us) < time_max || self.is_reading.swap(true, Ordering::Acquire) {
                return reading.value;
            }
        }
        let _running = RunningReading(&self.is_reading);
        let value = read.await;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Reading { at_us: now_us, value });
        value
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt as _;

    use super::*;

    const TIME_MAX: Duration = Duration::from_millis(250);

    /// Each question read the table, so a flood of them read it as often.
    #[tokio::test]
    async fn questions_within_a_moment_share_an_answer() {
        let recent = Recent::default();
        let readings = Cell::new(0);
        let read = || async {
            readings.set(readings.get() + 1);
            readings.get()
        };
        for now_us in [0, 1, 100_000, 249_999] {
            assert_eq!(recent.get(now_us, TIME_MAX, read()).await, 1);
        }
        assert_eq!(recent.get(250_000, TIME_MAX, read()).await, 2);
        assert_eq!(recent.get(0, TIME_MAX, read()).await, 2, "a clock that was set back");
    }

    #[tokio::test]
    async fn a_slow_reading_is_not_repeated_meanwhile() {
        let recent = Recent::default();
        assert_eq!(recent.get(0, TIME_MAX, async { 1 }).await, 1);
        {
            let mut slow = std::pin::pin!(recent.get(1_000_000, TIME_MAX, std::future::pending()));
            assert!(slow.as_mut().now_or_never().is_none());
            assert_eq!(recent.get(1_000_000, TIME_MAX, async { 2 }).await, 1);
        }
        assert_eq!(recent.get(1_000_000, TIME_MAX, async { 3 }).await, 3, "its caller went away");
    }
}
