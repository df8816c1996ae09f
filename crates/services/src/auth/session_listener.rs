//! Ends of sessions on other servers.

use std::sync::Arc;
use std::time::Duration;

use cnop_coordination::{Subscription, SubscriptionError};

use super::opaque_token::{EndedSessions, TokenOwner};
use super::session_registry::SessionRegistry;

/// Topic of ended sessions; the payload is [`TokenOwner::message`].
pub(super) const TOPIC: &str = "auth.session_ended";
/// Pause before listening again after the coordinator failed.
const LISTEN_PAUSE: Duration = Duration::from_secs(1);

/// Receives ended sessions from other servers, without end.
pub(super) async fn listen(book: Arc<SessionRegistry>, coordinator: Arc<dyn cnop_coordination::Coordinator>) {
    loop {
        match coordinator.subscribe(TOPIC).await {
            Ok(subscription) => {
                // Messages before the subscription are lost.
                book.distrust();
                hear(&book, subscription).await;
            }
            Err(error) => {
                tracing::warn!(%error, "messages about ended sessions are not received; the table is read instead")
            }
        }
        tokio::time::sleep(LISTEN_PAUSE).await;
    }
}

async fn hear(book: &SessionRegistry, mut subscription: Subscription) {
    loop {
        match subscription.recv().await {
            Ok(payload) => match TokenOwner::from_message(&payload) {
                Some(EndedSessions::One(owner)) => book.end(&owner),
                Some(EndedSessions::Others(kept)) => book.end_others(&kept),
                None => tracing::warn!("a message about the end of a session is malformed"),
            },
            Err(SubscriptionError::Lagged(count)) => {
                tracing::warn!(
                    count,
                    "messages about ends of sessions were lost; all sessions are checked again"
                );
                book.distrust();
            }
            Err(SubscriptionError::Closed) => {
                book.distrust();
                return;
            }
        }
    }
}
