//! The subscriptions of this process. Each topic is subscribed once in Redis and dispatched here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cnop_coordination::{CoordinationError, Delivery};
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::sync::mpsc;

/// Maximum number of topics with a listener.
const TOPICS_MAX: usize = 65_536;
/// Messages kept for the slowest listener of a topic. The channel allocates its places up front.
const TOPIC_MESSAGES_MAX: usize = 64;

/// Channels of the topics that have a listener.
#[derive(Debug)]
pub(crate) struct Listeners {
    channels: Mutex<HashMap<Arc<str>, Sender<Delivery>>>,
    /// Topics whose last listener has left. When it is full, the next message of such a topic reports it again.
    unused: mpsc::Sender<Arc<str>>,
}

impl Listeners {
    pub(crate) fn new(unused: mpsc::Sender<Arc<str>>) -> Self {
        Self { channels: Mutex::default(), unused }
    }

    /// A receiver of the topic from now on. The guard goes with the receiver and after it.
    ///
    /// # Errors
    /// `Exhausted` when there are too many topics.
    pub(crate) fn add(
        listeners: &Arc<Self>,
        topic: &str,
    ) -> Result<(Receiver<Delivery>, ListenerGuard), CoordinationError> {
        let mut channels = listeners.channels();
        let (topic, receiver) = match channels.get_key_value(topic) {
            Some((topic, sender)) => (Arc::clone(topic), sender.subscribe()),
            None if channels.len() >= TOPICS_MAX => {
                return Err(CoordinationError::Exhausted("too many topics have listeners"));
            }
            None => {
                let topic: Arc<str> = topic.into();
                let (sender, receiver) = channel(TOPIC_MESSAGES_MAX);
                channels.insert(Arc::clone(&topic), sender);
                (topic, receiver)
            }
        };
        drop(channels);
        Ok((receiver, ListenerGuard { listeners: Arc::clone(listeners), topic }))
    }

    /// Hands a delivery to the listeners of the topic.
    pub(crate) fn deliver(&self, topic: &str, delivery: Delivery) {
        match self.channels().get(topic) {
            // The last listener may be leaving.
            Some(sender) => drop(sender.send(delivery)),
            None => drop(self.unused.try_send(topic.into())),
        }
    }

    /// Hands a delivery to the listeners of the topic, if there are any.
    pub(crate) fn deliver_here(&self, topic: &str, delivery: Delivery) {
        if let Some(sender) = self.channels().get(topic) {
            let _ = sender.send(delivery);
        }
    }

    pub(crate) fn has(&self, topic: &str) -> bool {
        self.channels().contains_key(topic)
    }

    pub(crate) fn topics(&self) -> Vec<Arc<str>> {
        self.channels().keys().cloned().collect()
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<Arc<str>, Sender<Delivery>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the topic with its last listener.
pub(crate) struct ListenerGuard {
    listeners: Arc<Listeners>,
    topic: Arc<str>,
}

impl Drop for ListenerGuard {
    fn drop(&mut self) {
        let mut channels = self.listeners.channels();
        if channels.get(&self.topic).is_some_and(|sender| sender.receiver_count() == 0) {
            channels.remove(&self.topic);
            let _ = self.listeners.unused.try_send(Arc::clone(&self.topic));
        }
    }
}
