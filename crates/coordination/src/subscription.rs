//! The subscriber's end of a topic.

use std::any::Any;
use std::fmt;

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Reason for a missing message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubscriptionError {
    /// This many messages were dropped because the subscriber was slow. The next call returns the oldest one
    /// kept.
    #[error("{0} messages were dropped because the listener was slow")]
    Lagged(u64),
    /// The topic has no further messages.
    #[error("the topic was closed")]
    Closed,
}

/// Listens to one topic until dropped.
pub struct Subscription {
    /// Declared before the guard, so that the guard sees a receiver less when it is dropped.
    receiver: Receiver<Bytes>,
    /// Notifies the adapter when the subscription is dropped, so that it can remove an unused topic.
    _guard: Box<dyn Any + Send + Sync>,
}

impl Subscription {
    /// A subscription on a broadcast channel. Adapters use it; the guard is dropped with the subscription.
    pub fn new(receiver: Receiver<Bytes>, guard: impl Any + Send + Sync) -> Self {
        Self { receiver, _guard: Box::new(guard) }
    }

    /// Receives the next message. Canceling the future loses nothing.
    ///
    /// # Errors
    /// `Lagged` when messages were dropped (the subscription continues), `Closed` when there will be no more.
    pub async fn recv(&mut self) -> Result<Bytes, SubscriptionError> {
        self.receiver.recv().await.map_err(|error| match error {
            RecvError::Lagged(count) => SubscriptionError::Lagged(count),
            RecvError::Closed => SubscriptionError::Closed,
        })
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("waiting", &self.receiver.len()).finish_non_exhaustive()
    }
}
