//! Bounded waits for the coordinator.

use std::future::Future;
use std::time::Duration;

use cnop_coordination::CoordinationError;

/// Longest wait for the coordinator. Prices must not wait for it.
const PATIENCE: Duration = Duration::from_millis(200);

/// Waits no longer than [`PATIENCE`].
pub(super) async fn patiently<T>(
    answer: impl Future<Output = Result<T, CoordinationError>>,
) -> Result<T, CoordinationError> {
    tokio::time::timeout(PATIENCE, answer)
        .await
        .unwrap_or_else(|elapsed| Err(CoordinationError::Unavailable(Box::new(elapsed))))
}
