//! The sessions that this server has seen lately, with their state.
//!
//! Everything that trusts a session (a cached token, an open stream) holds its [`SessionState`]; ending the session
//! reaches all of them at once through it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::watch;

use super::opaque_token::TokenOwner;

/// States that the book remembers before it first looks for dead entries.
const SWEEP_MIN: usize = 1_024;
/// Means that the table was not read yet.
const NEVER: i64 = i64::MIN;

/// State of one session on this server.
#[derive(Debug)]
pub(super) struct SessionState {
    pub(super) owner: TokenOwner,
    has_ended: watch::Sender<bool>,
    /// Changes when the state must be read again: messages about it may have been lost.
    doubts: watch::Sender<()>,
    /// Time of the last read that found it active.
    checked_at_us: AtomicI64,
}

impl SessionState {
    fn new(owner: TokenOwner) -> Self {
        Self {
            owner,
            has_ended: watch::Sender::new(false),
            doubts: watch::Sender::new(()),
            checked_at_us: AtomicI64::new(NEVER),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        *self.has_ended.borrow()
    }

    /// Ends the session for good: session ids are never reused.
    pub(super) fn end(&self) {
        self.has_ended.send_replace(true);
    }

    /// Returns true if the table said in the last `interval_us` that it is alive.
    pub(super) fn is_fresh(&self, now_us: i64, interval_us: i64) -> bool {
        now_us.saturating_sub(self.checked_at_us.load(Ordering::Acquire)) < interval_us
    }

    pub(super) fn checked(&self, now_us: i64) {
        self.checked_at_us.store(now_us, Ordering::Release);
    }

    /// Doubts about the state, from now on.
    pub(super) fn doubts(&self) -> watch::Receiver<()> {
        self.doubts.subscribe()
    }

    /// Completes when it has ended.
    pub(super) async fn ended(&self) {
        // The sender is in `self`, so that this cannot fail.
        let _ = self.has_ended.subscribe().wait_for(|has_ended| *has_ended).await;
    }
}

/// All session states in use: at most one per cached token and one per open stream, both bounded elsewhere.
#[derive(Debug, Default)]
pub(super) struct SessionRegistry(Mutex<SessionStates>);

#[derive(Debug, Default)]
struct SessionStates {
    states: HashMap<TokenOwner, Weak<SessionState>>,
    sweep_at: usize,
}

impl SessionRegistry {
    /// The state of a session. Get it before asking the table: then an end that comes in between is not missed.
    pub(super) fn state(&self, owner: &TokenOwner) -> Arc<SessionState> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = shelf.states.get(owner).and_then(Weak::upgrade) {
            return state;
        }
        if shelf.states.len() >= shelf.sweep_at.max(SWEEP_MIN) {
            shelf.states.retain(|_, state| state.strong_count() > 0);
            shelf.sweep_at = shelf.states.len() * 2;
        }
        let state = Arc::new(SessionState::new(owner.clone()));
        shelf.states.insert(owner.clone(), Arc::downgrade(&state));
        state
    }

    /// Ends a session for everything on this server that trusts it.
    pub(super) fn end(&self, owner: &TokenOwner) {
        let state = {
            let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            shelf.states.remove(owner).and_then(|state| state.upgrade())
        };
        if let Some(state) = state {
            state.end();
        }
    }

    /// Ends every session of the user but this one.
    pub(super) fn end_others(&self, kept: &TokenOwner) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = |owner: &TokenOwner| owner.user_id == kept.user_id && owner != kept;
        for (_, state) in shelf.states.extract_if(|owner, _| ended(owner)) {
            if let Some(state) = state.upgrade() {
                state.end();
            }
        }
    }

    /// Requires a new check of every session: messages about ended sessions may have been lost.
    pub(super) fn distrust(&self) {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for state in shelf.states.values().filter_map(Weak::upgrade) {
            state.checked(NEVER);
            state.doubts.send_replace(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(number: usize) -> TokenOwner {
        TokenOwner {
            user_id: "usr_00000000000000000000000001".parse().unwrap(),
            session_id: format!("session-{number}"),
        }
    }

    #[tokio::test]
    async fn the_end_of_a_session_reaches_every_holder() {
        let book = SessionRegistry::default();
        let (one, two, other) = (book.state(&owner(1)), book.state(&owner(1)), book.state(&owner(2)));
        let waiting = tokio::spawn(async move { two.ended().await });
        book.end(&owner(1));
        waiting.await.unwrap();
        one.ended().await;
        assert!(one.has_ended() && !other.has_ended());
    }

    #[test]
    fn the_other_sessions_of_a_user_end_together() {
        let book = SessionRegistry::default();
        let (kept, other) = (book.state(&owner(1)), book.state(&owner(2)));
        let stranger = TokenOwner { user_id: "usr_00000000000000000000000002".parse().unwrap(), ..owner(3) };
        let stranger = book.state(&stranger);
        book.end_others(&owner(1));
        assert!(other.has_ended() && !kept.has_ended() && !stranger.has_ended());
    }

    #[test]
    fn after_lost_messages_nothing_is_fresh() {
        let book = SessionRegistry::default();
        let state = book.state(&owner(1));
        assert!(!state.is_fresh(0, 10), "never asked");
        state.checked(100);
        assert!(state.is_fresh(109, 10) && !state.is_fresh(110, 10));
        book.distrust();
        assert!(!state.is_fresh(100, 10));
    }

    #[test]
    fn a_session_without_holders_is_dropped_from_the_registry() {
        let book = SessionRegistry::default();
        let held = book.state(&owner(0));
        for number in 1..10 * SWEEP_MIN {
            book.state(&owner(number));
        }
        assert!(book.0.lock().unwrap().states.len() <= SWEEP_MIN + 1);
        assert!(Arc::ptr_eq(&held, &book.state(&owner(0))), "what is held stays");
    }
}
