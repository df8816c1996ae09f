//! Concurrency with a bound for parallel work.

use std::future::Future;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::error::{Error, Result};

/// Runs `act` on every item, each in a task of its own, at most `limit` at once. The results come in the order in
/// which they end. After the first error none is started; those that run end by themselves.
pub(crate) async fn try_join_bounded<T, A, F>(
    items: impl IntoIterator<Item = T>,
    limit: usize,
    act: impl Fn(T) -> F,
) -> Result<Vec<A>>
where
    A: Send + 'static,
    F: Future<Output = Result<A>> + Send + 'static,
{
    stream::iter(items)
        .map(|item| tokio::spawn(act(item)))
        .buffer_unordered(limit.max(1))
        .map(|done| done.unwrap_or_else(|error| Err(Error::Internal(format!("work ended early: {error}")))))
        .try_collect()
        .await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn the_limit_is_reached_and_kept() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut answers = try_join_bounded(0..50_usize, 7, |number| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in number..50 {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(number * 2)
            }
        })
        .await
        .unwrap();
        answers.sort_unstable();
        assert_eq!(answers, (0..50).map(|number| number * 2).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 7);
    }

    #[tokio::test]
    async fn the_first_error_stops_the_remaining_work() {
        let done = try_join_bounded(0..5, 2, |number| async move {
            if number == 3 { Err(Error::Unavailable("the table")) } else { Ok(number) }
        });
        assert!(matches!(done.await, Err(Error::Unavailable(_))));
    }
}
