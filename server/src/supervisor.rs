//! Supervision of background tasks: a task that ends early is told, counted and started again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Restarts of one task within [`RESTARTS_WINDOW`]. After one more the process ends: then the fault is in all that it
/// does, and a service manager starts the process anew.
const RESTARTS_MAX: usize = 5;
/// Time in which restarts are counted.
const RESTARTS_WINDOW: Duration = Duration::from_secs(600);
/// Pause before a restart, so that a task which fails at once does not take a whole core.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// Supervises the background tasks of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Supervisor {
    shutdown: CancellationToken,
    /// Name of the task that was given up.
    given_up: Arc<watch::Sender<Option<&'static str>>>,
}

impl Supervisor {
    /// A supervisor whose tasks end with `shutdown`.
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self { shutdown, given_up: Arc::new(watch::Sender::new(None)) }
    }

    /// Completes with the name of a task that was given up.
    pub(crate) async fn gave_up(&self) -> &'static str {
        let mut given_up = self.given_up.subscribe();
        let name = given_up.wait_for(Option::is_some).await.ok().and_then(|name| *name);
        match name {
            Some(name) => name,
            // The sender lives as long as `self`.
            None => std::future::pending().await,
        }
    }

    /// Runs a task until the shutdown. `start` makes its future, for the first time and for each restart.
    pub(crate) fn run<F>(
        &self,
        name: &'static str,
        mut start: impl FnMut(Run) -> F + Send + 'static,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self { shutdown, given_up } = self.clone();
        tokio::spawn(async move {
            let mut restarts: VecDeque<Instant> = VecDeque::with_capacity(RESTARTS_MAX);
            let mut run = Run::First;
            loop {
                // A task of its own, so that its panic ends nothing else.
                let ended = tokio::spawn(start(run)).await;
                if shutdown.is_cancelled() {
                    return;
                }
                let why = if ended.is_ok() { "it returned" } else { "it panicked" };
                metrics::counter!("cnop_task_restarts_total", "task" => name).increment(1);
                while restarts.front().is_some_and(|at| at.elapsed() > RESTARTS_WINDOW) {
                    restarts.pop_front();
                }
                if restarts.len() >= RESTARTS_MAX {
                    tracing::error!(
                        task = name,
                        why,
                        restarts = RESTARTS_MAX,
                        "a background task ended too often"
                    );
                    given_up.send_replace(Some(name));
                    return;
                }
                restarts.push_back(Instant::now());
                tracing::error!(
                    task = name,
                    why,
                    restarts = restarts.len(),
                    "a background task ended; it is started again"
                );
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(RESTART_PAUSE) => {}
                }
                run = Run::Again;
            }
        })
    }
}

/// True if a task starts for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// With the server.
    First,
    /// After its early end.
    Again,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_started_again_until_it_does_so_too_often() {
        let supervisor = Supervisor::new(CancellationToken::new());
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&starts);
        let handle = supervisor.run("test", move |run| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            assert_eq!(run == Run::First, number == 0);
            async move { assert!(number == usize::MAX, "an injected panic") }
        });
        assert_eq!(supervisor.gave_up().await, "test");
        handle.await.unwrap();
        assert_eq!(starts.load(Ordering::SeqCst), RESTARTS_MAX + 1);
    }

    /// Six failures in a year are no reason to end the process.
    #[tokio::test(start_paused = true)]
    async fn old_restarts_are_forgotten_and_the_shutdown_ends_the_task() {
        let shutdown = CancellationToken::new();
        let supervisor = Supervisor::new(shutdown.clone());
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&starts);
        let handle = supervisor.run("test", move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { tokio::time::sleep(RESTARTS_WINDOW).await }
        });
        tokio::time::sleep(RESTARTS_WINDOW * 30).await;
        assert!(starts.load(Ordering::SeqCst) > 20);
        assert!(tokio::time::timeout(Duration::from_secs(1), supervisor.gave_up()).await.is_err());
        shutdown.cancel();
        handle.await.unwrap();
    }
}
