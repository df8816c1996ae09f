//! Work on many things side by side, a bounded number at once.

use std::future::Future;

use tokio::task::JoinSet;

use crate::{Error, Result};

/// Does something with each, `at_once` at a time; the answers come in the same order. The first error ends it.
pub(crate) async fn each<T, A, F>(
    all: impl IntoIterator<Item = T>,
    at_once: usize,
    act: impl Fn(T) -> F,
) -> Result<Vec<A>>
where
    A: Send + 'static,
    F: Future<Output = Result<A>> + Send + 'static,
{
    let mut waiting = all.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut answers = Vec::new();
    loop {
        while running.len() < at_once.max(1)
            && let Some((place, one)) = waiting.next()
        {
            let work = act(one);
            running.spawn(async move { work.await.map(|answer| (place, answer)) });
        }
        match running.join_next().await {
            Some(Ok(answer)) => answers.push(answer?),
            Some(Err(error)) => return Err(Error::Internal(format!("work ended early: {error}"))),
            None => break,
        }
    }
    answers.sort_unstable_by_key(|(place, _)| *place);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn as_many_at_once_as_it_may_and_in_order() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let answers = each(0..50_usize, 7, |number| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // The later ones end first.
                for _ in number..50 {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(number * 2)
            }
        })
        .await
        .unwrap();
        assert_eq!(answers, (0..50).map(|number| number * 2).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 7);
    }

    #[tokio::test]
    async fn the_first_error_ends_it() {
        let done = each(0..5, 2, |number| async move {
            if number == 3 { Err(Error::Unavailable("the table")) } else { Ok(number) }
        });
        assert!(matches!(done.await, Err(Error::Unavailable(_))));
    }
}
