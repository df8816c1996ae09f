//! Topics with bounded channels. A topic exists while it has a subscriber.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::broadcast::{Sender, channel};

use super::state::locked;
use crate::{CoordinationError, MESSAGE_BYTES_MAX, Subscription};

/// Maximum number of topics: one for each account with a subscriber, and a few shared ones.
const TOPICS_MAX: usize = 65_536;
/// Messages kept for the slowest subscriber of a topic. Messages only wake a reader, so a few suffice; the
/// channel allocates its slots up front.
const TOPIC_MESSAGES_MAX: usize = 32;

#[derive(Debug, Default)]
pub(super) struct TopicRegistry {
    senders: Mutex<HashMap<Arc<str>, Sender<Bytes>>>,
}

impl TopicRegistry {
    pub(super) fn publish(&self, topic: &str, payload: Bytes) -> Result<(), CoordinationError> {
        if payload.len() > MESSAGE_BYTES_MAX {
            return Err(CoordinationError::Invalid("a message is too large"));
        }
        let sender = locked(&self.senders).get(topic).cloned();
        if let Some(sender) = sender {
            // The last subscriber may have left a moment ago. The message then reaches no one, like any later
            // one.
            let _ = sender.send(payload);
        }
        Ok(())
    }
}

pub(super) fn subscribe(topics: &Arc<TopicRegistry>, topic: &str) -> Result<Subscription, CoordinationError> {
    let mut senders = locked(&topics.senders);
    let (topic, receiver) = match senders.get_key_value(topic) {
        Some((topic, sender)) => (Arc::clone(topic), sender.subscribe()),
        None if senders.len() >= TOPICS_MAX => {
            return Err(CoordinationError::Exhausted("too many topics are listened to"));
        }
        None => {
            let topic: Arc<str> = topic.into();
            let (sender, receiver) = channel(TOPIC_MESSAGES_MAX);
            senders.insert(Arc::clone(&topic), sender);
            (topic, receiver)
        }
    };
    drop(senders);
    Ok(Subscription::new(receiver, TopicGuard { topics: Arc::clone(topics), topic }))
}

/// Removes the topic with its last listener.
struct TopicGuard {
    topics: Arc<TopicRegistry>,
    topic: Arc<str>,
}

impl Drop for TopicGuard {
    fn drop(&mut self) {
        let mut senders = locked(&self.topics.senders);
        if senders.get(&self.topic).is_some_and(|sender| sender.receiver_count() == 0) {
            senders.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SubscriptionError;

    fn count(topics: &TopicRegistry) -> usize {
        locked(&topics.senders).len()
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
}
