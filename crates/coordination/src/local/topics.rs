//! Topics with bounded channels. A topic exists while it has a subscriber.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::broadcast::{Sender, channel};

use super::state::locked;
use crate::{CoordinationError, Delivery, MESSAGE_BYTES_MAX, Subscription};

/// Maximum number of topics: one for each account with a subscriber, and a few shared ones.
const TOPICS_MAX: usize = 65_536;
/// Messages kept for the slowest subscriber of a topic. Messages only wake a reader, so a few suffice; the
/// channel allocates its slots up front.
const TOPIC_MESSAGES_MAX: usize = 32;

#[derive(Debug, Default)]
pub(super) struct TopicRegistry {
    state: Mutex<Topics>,
}

#[derive(Debug, Default)]
struct Topics {
    channels: HashMap<Arc<str>, TopicChannel>,
    /// The newest number of any topic that was removed. New topics continue from it, so no number goes back.
    base: u64,
}

#[derive(Debug)]
struct TopicChannel {
    sender: Sender<Delivery>,
    /// Number of the newest message.
    position: u64,
}

impl TopicRegistry {
    pub(super) fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError> {
        if payload.len() > MESSAGE_BYTES_MAX {
            return Err(CoordinationError::Invalid("a message is too large"));
        }
        if let Some(channel) = locked(&self.state).channels.get_mut(topic) {
            channel.position = channel.position.saturating_add(1);
            // Sent under the lock, so that numbers arrive in order. The last subscriber may have left a moment ago.
            // The message then reaches no one, like any later one.
            let _ = channel.sender.send(Delivery::Message { sequence: channel.position, payload });
        }
        Ok(())
    }

    pub(super) fn position(&self, topic: &str) -> u64 {
        locked(&self.state).channels.get(topic).map_or(0, |channel| channel.position)
    }
}

pub(super) fn subscribe(topics: &Arc<TopicRegistry>, topic: &str) -> Result<Subscription, CoordinationError> {
    let mut state = locked(&topics.state);
    let (topic, receiver, position) = match state.channels.get_key_value(topic) {
        Some((topic, open)) => (Arc::clone(topic), open.sender.subscribe(), open.position),
        None if state.channels.len() >= TOPICS_MAX => {
            return Err(CoordinationError::Exhausted("too many topics have listeners"));
        }
        None => {
            let topic: Arc<str> = topic.into();
            let (sender, receiver) = channel(TOPIC_MESSAGES_MAX);
            let position = state.base;
            state.channels.insert(Arc::clone(&topic), TopicChannel { sender, position });
            (topic, receiver, position)
        }
    };
    drop(state);
    Ok(Subscription::new(receiver, position, TopicGuard { topics: Arc::clone(topics), topic }))
}

/// Removes the topic with its last listener.
struct TopicGuard {
    topics: Arc<TopicRegistry>,
    topic: Arc<str>,
}

impl Drop for TopicGuard {
    fn drop(&mut self) {
        let mut state = locked(&self.topics.state);
        if let Some(unused) = state.channels.get(&self.topic).filter(|open| open.sender.receiver_count() == 0)
        {
            state.base = state.base.max(unused.position);
            state.channels.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SubscriptionError;

    fn count(topics: &TopicRegistry) -> usize {
        locked(&topics.state).channels.len()
    }

    #[tokio::test]
    async fn a_topic_goes_with_its_last_listener() {
        let topics = Arc::new(TopicRegistry::default());
        topics.publish("news", Bytes::from_static(b"unheard")).unwrap();
        assert_eq!(count(&topics), 0);
        let mut first = subscribe(&topics, "news").unwrap();
        let second = subscribe(&topics, "news").unwrap();
        assert_eq!(count(&topics), 1);
        drop(second);
        assert_eq!(count(&topics), 1);
        topics.publish("news", Bytes::from_static(b"heard")).unwrap();
        assert_eq!(first.recv().await.unwrap(), "heard");
        drop(first);
        assert_eq!(count(&topics), 0);
    }

    #[tokio::test]
    async fn a_slow_listener_learns_how_many_messages_it_missed() {
        let topics = Arc::new(TopicRegistry::default());
        let mut slow = subscribe(&topics, "news").unwrap();
        for index in 0..TOPIC_MESSAGES_MAX + 3 {
            topics.publish("news", Bytes::from(index.to_string())).unwrap();
        }
        assert_eq!(slow.recv().await, Err(SubscriptionError::Lagged(3)));
        assert_eq!(slow.recv().await.unwrap(), "3");
    }

    /// A topic that was dropped and used again began at 0, below a number seen before.
    #[tokio::test]
    async fn numbers_continue_over_a_topic_without_listeners() {
        let topics = Arc::new(TopicRegistry::default());
        let first = subscribe(&topics, "news").unwrap();
        topics.publish("news", Bytes::from_static(b"one")).unwrap();
        let before = topics.position("news");
        drop(first);
        assert_eq!(topics.position("news"), 0);
        let mut second = subscribe(&topics, "news").unwrap();
        topics.publish("news", Bytes::from_static(b"two")).unwrap();
        assert_eq!(second.recv().await.unwrap(), "two");
        assert!(second.position() > before);
        assert_eq!(second.position(), topics.position("news"));
    }
}
