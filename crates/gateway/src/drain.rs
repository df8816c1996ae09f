//! Graceful shutdown: streams are notified, send a last event and close.

use std::sync::Arc;

use tokio::sync::watch;

/// Notifies streams of the shutdown, and the server when they have closed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Drain {
    started: Arc<watch::Sender<bool>>,
    streams: Arc<watch::Sender<usize>>,
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl Drain {
    /// One that has not started.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Arc::new(watch::Sender::new(false)), streams: Arc::new(watch::Sender::new(0)) }
    }

    /// Starts the drain. Calling it again has no effect.
    pub fn start(&self) {
        self.started.send_replace(true);
    }

    /// Returns true if it has started.
    #[must_use]
    pub fn is_started(&self) -> bool {
        *self.started.borrow()
    }

    /// Completes when it starts, or at once when it has.
    pub async fn started(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.started.subscribe().wait_for(|started| *started).await;
    }

    /// Counts a stream until the guard is dropped.
    #[must_use]
    pub fn stream(&self) -> StreamGuard {
        self.streams.send_modify(|count| *count += 1);
        StreamGuard { streams: Arc::clone(&self.streams) }
    }

    /// Number of open streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        *self.streams.borrow()
    }

    /// Completes when no stream is open.
    pub async fn idle(&self) {
        let _ = self.streams.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// An open stream, until dropped.
#[derive(Debug)]
pub struct StreamGuard {
    streams: Arc<watch::Sender<usize>>,
}

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.streams.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn draining_signals_open_streams_and_waits_for_them() {
        let drain = Drain::new();
        let waiter = tokio::spawn({
            let (drain, guard) = (drain.clone(), drain.stream());
            async move {
                drain.started().await;
                drop(guard);
            }
        });
        assert!(!drain.is_started());
        assert_eq!(drain.streams(), 1);
        drain.start();
        drain.start();
        drain.idle().await;
        assert_eq!(drain.streams(), 0);
        waiter.await.unwrap();
        drain.started().await;
    }
}
