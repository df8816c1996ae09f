//! The way of a topic's messages from the shared coordinator to one server's subscription.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cnop_coordination::{Delivery, Subscription, SubscriptionError};
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

use super::faults::MessageFate;
use super::line::CoordinatorLine;

/// Messages kept for the server, like those of the in-process adapter.
const MESSAGES_MAX: usize = 1_024;
/// Late messages kept for a topic. The oldest is lost when another one comes.
const LATE_MAX: usize = 256;

/// A subscription behind the faults of a line.
pub(super) fn start(inner: Subscription, line: Arc<CoordinatorLine>) -> Subscription {
    let (sender, receiver) = broadcast::channel(MESSAGES_MAX);
    let position = inner.position();
    let task = tokio::spawn(pump(inner, sender, line));
    Subscription::new(receiver, position, PumpGuard(task.abort_handle()))
}

/// Ends the pump with its subscription.
struct PumpGuard(AbortHandle);

impl Drop for PumpGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn pump(mut inner: Subscription, sender: broadcast::Sender<Delivery>, line: Arc<CoordinatorLine>) {
    let mut advances = line.advances.subscribe();
    let mut late = VecDeque::new();
    loop {
        tokio::select! {
            biased;
            advanced = advances.changed() => {
                if advanced.is_err() {
                    return;
                }
                for message in late.drain(..) {
                    // The receiver leaves with this task.
                    let _ = sender.send(message);
                }
            }
            received = inner.recv() => {
                let position = inner.position();
                match received {
                    Ok(_) if line.is_cut.load(Ordering::SeqCst) => line.faults.lost(1),
                    Ok(payload) => {
                        let message = Delivery::Message { sequence: position, payload };
                        match line.faults.message() {
                            // The next number shows the gap.
                            MessageFate::Lost => {}
                            MessageFate::Delivered if late.is_empty() => {
                                let _ = sender.send(message);
                            }
                            MessageFate::Delivered | MessageFate::Late => {
                                if late.len() >= LATE_MAX {
                                    late.pop_front();
                                    line.faults.lost(1);
                                }
                                late.push_back(message);
                            }
                        }
                    }
                    Err(SubscriptionError::Lagged(count)) => {
                        line.faults.lost(count);
                        let _ = sender.send(Delivery::Gap { position });
                    }
                    Err(SubscriptionError::Closed) => return,
                }
            }
        }
    }
}
