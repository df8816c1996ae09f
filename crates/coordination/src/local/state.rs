//! Access to the state that the parts of the coordinator keep in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Locks, also after a panic of another holder: every critical section here leaves its data whole.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `now + duration` in µs, at most the end of time.
pub(super) fn after(now_us: i64, duration: Duration) -> i64 {
    now_us.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
