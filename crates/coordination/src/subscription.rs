//! The subscriber's end of a topic.

use std::any::Any;
use std::fmt;

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Reason for a missing message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubscriptionError {
    /// Messages were lost: the subscriber was slow, or the connection failed. The number is that of the sequence
    /// numbers missed, at least 1, and no exact count. The next call returns the oldest message kept.
    #[error("messages were lost, up to {0}")]
    Lagged(u64),
    /// The topic has no further messages.
    #[error("the topic was closed")]
    Closed,
}

/// One step of a topic, from the adapter to its subscribers.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// A message with its sequence number.
    Message {
        /// Number of the message within its topic. The next message has the next number.
        sequence: u64,
        /// Content.
        payload: Bytes,
    },
    /// Messages may have been lost up to here, for example during a broken connection.
    Gap {
        /// Newest sequence number of the topic after the gap.
        position: u64,
    },
}

/// Listens to one topic until dropped.
pub struct Subscription {
    /// Declared before the guard, so that the guard sees a receiver less when it is dropped.
    receiver: Receiver<Delivery>,
    /// Newest sequence number received or reported as lost.
    position: u64,
    /// Message behind a gap that was reported.
    pending: Option<Bytes>,
    /// The channel dropped deliveries, and the loss was not reported yet.
    overflowed: bool,
    /// Notifies the adapter when the subscription is dropped, so that it can remove an unused topic.
    _guard: Box<dyn Any + Send + Sync>,
}

impl Subscription {
    /// A subscription on a broadcast channel, for adapters. `position` is the topic's newest sequence number at a
    /// moment after the receiver was made. The guard is dropped with the subscription.
    pub fn new(receiver: Receiver<Delivery>, position: u64, guard: impl Any + Send + Sync) -> Self {
        Self { receiver, position, pending: None, overflowed: false, _guard: Box::new(guard) }
    }

    /// The newest sequence number that this subscription has received or reported as lost. While it stays below
    /// [`Coordinator::position`](crate::Coordinator::position), a message is under way or lost.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Receives the next message. Canceling the future loses nothing.
    ///
    /// # Errors
    /// `Lagged` when messages were lost (the subscription continues), `Closed` when there will be no more.
    pub async fn recv(&mut self) -> Result<Bytes, SubscriptionError> {
        if let Some(payload) = self.pending.take() {
            return Ok(payload);
        }
        loop {
            match self.receiver.recv().await {
                Ok(Delivery::Message { sequence, payload }) => return self.message(sequence, payload),
                Ok(Delivery::Gap { position }) => {
                    let lost = position.saturating_sub(self.position).max(1);
                    self.position = position;
                    self.overflowed = false;
                    return Err(SubscriptionError::Lagged(lost));
                }
                // The next delivery tells the number.
                Err(RecvError::Lagged(_)) => self.overflowed = true,
                Err(RecvError::Closed) if self.overflowed => {
                    self.overflowed = false;
                    return Err(SubscriptionError::Lagged(1));
                }
                Err(RecvError::Closed) => return Err(SubscriptionError::Closed),
            }
        }
    }

    fn message(&mut self, sequence: u64, payload: Bytes) -> Result<Bytes, SubscriptionError> {
        let lost = sequence.saturating_sub(self.position.saturating_add(1));
        if self.overflowed || lost > 0 {
            self.overflowed = false;
            self.position = sequence;
            self.pending = Some(payload);
            return Err(SubscriptionError::Lagged(lost.max(1)));
        }
        // A message from between the receiver and the position has an older number.
        self.position = self.position.max(sequence);
        Ok(payload)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("position", &self.position)
            .field("waiting", &self.receiver.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::{Sender, channel};

    use super::*;

    fn message(sequence: u64) -> Delivery {
        Delivery::Message { sequence, payload: Bytes::from(sequence.to_string()) }
    }

    fn topic(position: u64) -> (Sender<Delivery>, Subscription) {
        let (sender, receiver) = channel(4);
        (sender, Subscription::new(receiver, position, ()))
    }

    #[tokio::test]
    async fn a_missing_number_is_reported_before_the_message_behind_it() {
        let (sender, mut subscription) = topic(7);
        for sequence in [8, 11, 12] {
            sender.send(message(sequence)).unwrap();
        }
        assert_eq!(subscription.recv().await.unwrap(), "8");
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(2)));
        assert_eq!(subscription.recv().await.unwrap(), "11");
        assert_eq!(subscription.recv().await.unwrap(), "12");
        assert_eq!(subscription.position(), 12);
    }

    /// A message that came between the subscription and the look at its position was taken for a loss.
    #[tokio::test]
    async fn a_message_older_than_the_position_is_no_loss() {
        let (sender, mut subscription) = topic(9);
        for sequence in [8, 9, 10] {
            sender.send(message(sequence)).unwrap();
        }
        for expected in ["8", "9", "10"] {
            assert_eq!(subscription.recv().await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_gap_is_reported_and_moves_the_position_also_back() {
        let (sender, mut subscription) = topic(9);
        sender.send(Delivery::Gap { position: 9 }).unwrap();
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(1)));
        sender.send(Delivery::Gap { position: 3 }).unwrap();
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(1)));
        sender.send(message(5)).unwrap();
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(1)));
        assert_eq!(subscription.recv().await.unwrap(), "5");
    }

    /// A gap that overflowed out of the channel was not reported when the numbers behind it were older.
    #[tokio::test]
    async fn an_overflow_is_reported_once_also_when_the_gap_went_with_it() {
        let (sender, mut subscription) = topic(9);
        sender.send(Delivery::Gap { position: 1 }).unwrap();
        for sequence in 2..=6 {
            sender.send(message(sequence)).unwrap();
        }
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Lagged(1)));
        for expected in ["3", "4", "5", "6"] {
            assert_eq!(subscription.recv().await.unwrap(), expected);
        }
        drop(sender);
        assert_eq!(subscription.recv().await, Err(SubscriptionError::Closed));
    }
}
