//! The queue in front of the password threads: fair between networks, and sign-ins before registrations.
//!
//! One Argon2id computation holds a core for tens of milliseconds. Without turns, one network with many requests would
//! keep everybody else waiting.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cnop_api::{Code, Problem};
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// Sign-ins that may wait. At about 25 ms each, the last one waits less than two seconds on one thread.
pub(super) const SIGN_INS_WAITING_MAX: usize = 64;
/// Registrations that may wait.
pub(super) const REGISTRATIONS_WAITING_MAX: usize = 16;
/// Passwords of one network that may wait in one line. A campus behind one address signs in at nine o'clock.
pub(super) const NETWORK_WAITING_MAX: usize = 32;
/// Seconds after which a client may try again when too many wait.
pub(super) const RETRY_SECONDS: u32 = 1;

/// The reason for which a password is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordUse {
    /// A sign-in, or a signed-in user who confirms their password.
    SignIn,
    /// A registration, which waits for all sign-ins.
    Registration,
}

/// The queue. Cheap to clone.
#[derive(Clone)]
pub(super) struct PasswordQueue(Arc<Mutex<PasswordLines>>);

impl fmt::Debug for PasswordQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordQueue").finish_non_exhaustive()
    }
}

/// A place on a password thread. Dropping it passes it on.
#[derive(Debug)]
pub(super) struct PasswordPermit(Option<PasswordQueue>);

struct PasswordLines {
    free: usize,
    sign_ins: Line,
    registrations: Line,
}

/// Waiting passwords of one use, one queue for each network. Networks take turns.
#[derive(Default)]
struct Line {
    turns: VecDeque<String>,
    queues: HashMap<String, VecDeque<oneshot::Sender<PasswordPermit>>>,
    waiting: usize,
}

impl Line {
    fn push(&mut self, network: &str, waiter: oneshot::Sender<PasswordPermit>) {
        self.waiting += 1;
        if let Some(queue) = self.queues.get_mut(network) {
            queue.push_back(waiter);
        } else {
            self.turns.push_back(network.to_owned());
            self.queues.insert(network.to_owned(), VecDeque::from([waiter]));
        }
    }

    fn pop(&mut self) -> Option<oneshot::Sender<PasswordPermit>> {
        let network = self.turns.pop_front()?;
        let queue = self.queues.get_mut(&network)?;
        let waiter = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(&network);
        } else {
            self.turns.push_back(network);
        }
        self.waiting = self.waiting.saturating_sub(1);
        waiter
    }

    /// Makes room for another password of this network, if it may wait. Requests that were canceled do not count. When the
    /// line is full, the network with most in it gives up its newest for one with clearly fewer.
    fn make_room(&mut self, network: &str, waiting_max: usize) -> bool {
        if self.waiting >= waiting_max || self.of_network(network) >= NETWORK_WAITING_MAX {
            self.forget_canceled();
        }
        let own = self.of_network(network);
        if own >= NETWORK_WAITING_MAX {
            return false;
        }
        if self.waiting < waiting_max {
            return true;
        }
        let Some(longest) = self.queues.values_mut().max_by_key(|queue| queue.len()) else { return false };
        if longest.len() <= own + 1 {
            return false;
        }
        longest.pop_back();
        self.waiting = self.waiting.saturating_sub(1);
        true
    }

    fn of_network(&self, network: &str) -> usize {
        self.queues.get(network).map_or(0, VecDeque::len)
    }

    fn forget_canceled(&mut self) {
        for queue in self.queues.values_mut() {
            queue.retain(|waiter| !waiter.is_closed());
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        self.turns.retain(|network| self.queues.contains_key(network));
        self.waiting = self.queues.values().map(VecDeque::len).sum();
    }
}

impl PasswordQueue {
    /// A queue in front of this number of threads.
    pub(super) fn new(threads: usize) -> Self {
        let places =
            PasswordLines { free: threads, sign_ins: Line::default(), registrations: Line::default() };
        Self(Arc::new(Mutex::new(places)))
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// `service.overloaded` when too many wait, or too many of this network.
    pub(super) async fn enter(&self, network: &str, usage: PasswordUse) -> Result<PasswordPermit> {
        let waiting = {
            let mut places = self.places();
            if places.free > 0 {
                places.free -= 1;
                return Ok(PasswordPermit(Some(self.clone())));
            }
            let (line, waiting_max) = match usage {
                PasswordUse::SignIn => (&mut places.sign_ins, SIGN_INS_WAITING_MAX),
                PasswordUse::Registration => (&mut places.registrations, REGISTRATIONS_WAITING_MAX),
            };
            if !line.make_room(network, waiting_max) {
                return Err(overloaded());
            }
            let (waiter, waiting) = oneshot::channel();
            line.push(network, waiter);
            waiting
        };
        // The place in the line was given to another network.
        waiting.await.map_err(|_| overloaded())
    }

    /// Gives a place to the next one that still waits.
    fn pass_on(&self, mut permit: PasswordPermit) {
        loop {
            let next = {
                let mut places = self.places();
                let next = places.sign_ins.pop().or_else(|| places.registrations.pop());
                if next.is_none() {
                    places.free += 1;
                }
                next
            };
            let Some(waiter) = next else {
                permit.0 = None;
                return;
            };
            match waiter.send(permit) {
                Ok(()) => return,
                Err(unwanted) => permit = unwanted,
            }
        }
    }

    fn places(&self) -> MutexGuard<'_, PasswordLines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.places().free
    }
}

impl Drop for PasswordPermit {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.pass_on(Self(Some(queue.clone())));
        }
    }
}

fn overloaded() -> Error {
    Problem::new(Code::Overloaded, "Too many people are signing in at this moment. Try again in a second.")
        .retry_after(RETRY_SECONDS)
        .into()
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    type Entering = std::pin::Pin<Box<dyn Future<Output = Result<PasswordPermit>>>>;

    async fn poll(entering: &mut Entering) -> Poll<Result<PasswordPermit>> {
        std::future::poll_fn(|context| Poll::Ready(entering.as_mut().poll(context))).await
    }

    /// Starts to wait; `None` if it was refused.
    async fn waiting(queue: &PasswordQueue, network: &'static str, usage: PasswordUse) -> Option<Entering> {
        let queue = queue.clone();
        let mut entering: Entering = Box::pin(async move { queue.enter(network, usage).await });
        match poll(&mut entering).await {
            Poll::Pending => Some(entering),
            Poll::Ready(entered) => {
                assert!(entered.is_err(), "no place is free");
                None
            }
        }
    }

    async fn is_served(entering: &mut Entering) -> Option<PasswordPermit> {
        match poll(entering).await {
            Poll::Ready(entered) => Some(entered.unwrap()),
            Poll::Pending => None,
        }
    }

    /// Eighty networks with a registration each kept everybody else from signing in.
    #[tokio::test]
    async fn networks_take_turns_and_sign_ins_come_before_registrations() {
        let queue = PasswordQueue::new(1);
        let held = queue.enter("a", PasswordUse::SignIn).await.unwrap();
        let mut registration = waiting(&queue, "r", PasswordUse::Registration).await.unwrap();
        let mut many = Vec::new();
        for _ in 0..3 {
            many.push(waiting(&queue, "a", PasswordUse::SignIn).await.unwrap());
        }
        let mut other = waiting(&queue, "b", PasswordUse::SignIn).await.unwrap();
        drop(held);
        let first = is_served(&mut many[0]).await.expect("the first that came");
        drop(first);
        let second = is_served(&mut other).await.expect("the other network's turn");
        drop(second);
        for entering in &mut many[1..] {
            assert!(is_served(&mut registration).await.is_none());
            drop(is_served(entering).await.expect("the rest"));
        }
        drop(is_served(&mut registration).await.expect("last"));
        assert_eq!(queue.free(), 1);
    }

    #[tokio::test]
    async fn a_network_fills_its_own_queue_only_and_canceled_requests_leave_it() {
        let queue = PasswordQueue::new(1);
        let held = queue.enter("a", PasswordUse::SignIn).await.unwrap();
        let mut entering = Vec::new();
        for _ in 0..NETWORK_WAITING_MAX {
            entering.push(waiting(&queue, "a", PasswordUse::SignIn).await.unwrap());
        }
        assert!(waiting(&queue, "a", PasswordUse::SignIn).await.is_none(), "its queue is full");
        let mut other = waiting(&queue, "b", PasswordUse::SignIn).await.expect("the others' are not");
        entering.pop();
        let again = waiting(&queue, "a", PasswordUse::SignIn).await.expect("a canceled one left its place");
        drop((entering, again, held));
        drop(is_served(&mut other).await.expect("canceled ones are passed over"));
        assert_eq!(queue.free(), 1);
    }

    /// A few networks with full queues refused everybody else.
    #[tokio::test]
    async fn the_whole_queue_is_bounded_and_a_newcomer_takes_the_place_of_the_greediest() {
        let queue = PasswordQueue::new(0);
        let mut greedy = Vec::new();
        for number in 0..REGISTRATIONS_WAITING_MAX {
            let network = ["a", "b"][number % 2];
            greedy.push(waiting(&queue, network, PasswordUse::Registration).await.unwrap());
        }
        assert!(waiting(&queue, "a", PasswordUse::Registration).await.is_none(), "the line is full");
        let newcomer = waiting(&queue, "c", PasswordUse::Registration).await;
        assert!(newcomer.is_some(), "another network has its share");
        let mut given_up = 0;
        for entering in &mut greedy {
            if let Poll::Ready(refused) = poll(entering).await {
                let refused = Problem::from(refused.unwrap_err());
                assert_eq!(
                    (refused.code, refused.retry_after_seconds),
                    (Code::Overloaded, Some(RETRY_SECONDS))
                );
                given_up += 1;
            }
        }
        assert_eq!(given_up, 1, "the bound holds");
        assert!(waiting(&queue, "e", PasswordUse::SignIn).await.is_some(), "sign-ins have their own line");
    }
}
