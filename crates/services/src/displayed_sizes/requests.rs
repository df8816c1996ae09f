//! The asker's side: requests that wait for a reply, and those that do not any more.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::Quantity;
use tokio::sync::oneshot;

use super::message::DisplayedWant;
use crate::ownership::ServerId;

/// Requests that are remembered after their end, for late replies. One that is older is ignored: the quote has passed.
const ENDED_MAX: usize = 1_024;
/// Requests that wait at most; further ones get nothing.
const WAITING_MAX: usize = 4_096;

/// Requests by number.
#[derive(Debug, Default)]
pub(super) struct DisplayedRequests(Mutex<RequestLog>);

#[derive(Debug, Default)]
struct RequestLog {
    last: u64,
    waiting: BTreeMap<u64, oneshot::Sender<Quantity>>,
    /// Requests that were given up, with their owner: a late grant goes back.
    given_up: VecDeque<(u64, ServerId, DisplayedWant)>,
}

/// A request whose command waits. Dropped without a reply, it is given up: the command may have reached its deadline, or
/// its client may have left.
#[derive(Debug)]
pub(super) struct WaitingRequest<'a> {
    requests: &'a DisplayedRequests,
    number: u64,
    owner: ServerId,
    want: DisplayedWant,
}

impl Drop for WaitingRequest<'_> {
    fn drop(&mut self) {
        self.requests.give_up(self.number, self.owner, self.want);
    }
}

/// The effect of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReplyEffect {
    /// Its command has it, or it was a repetition.
    Taken,
    /// Nobody waits any more: the grant goes back to this owner.
    TooLate(ServerId, DisplayedWant),
}

impl DisplayedRequests {
    /// A new request, with the end at which its reply arrives; `None` when too many wait.
    pub(super) fn begin(&self) -> Option<(u64, oneshot::Receiver<Quantity>)> {
        let mut log = self.log();
        if log.waiting.len() >= WAITING_MAX {
            return None;
        }
        log.last += 1;
        let (number, (sender, receiver)) = (log.last, oneshot::channel());
        log.waiting.insert(number, sender);
        Some((number, receiver))
    }

    /// Gives the request up when the guard is dropped.
    pub(super) const fn waiting(
        &self,
        number: u64,
        owner: ServerId,
        want: DisplayedWant,
    ) -> WaitingRequest<'_> {
        WaitingRequest { requests: self, number, owner, want }
    }

    /// Nobody waits for the reply any more. Without effect after the reply.
    pub(super) fn give_up(&self, number: u64, owner: ServerId, want: DisplayedWant) {
        let mut log = self.log();
        if log.waiting.remove(&number).is_none() {
            return;
        }
        if log.given_up.len() >= ENDED_MAX {
            log.given_up.pop_front();
        }
        log.given_up.push_back((number, owner, want));
    }

    /// Takes a reply. A repetition has no effect.
    pub(super) fn reply(&self, number: u64, quantity: Quantity) -> ReplyEffect {
        let mut log = self.log();
        if let Some(sender) = log.waiting.remove(&number) {
            // The receiver may just have been dropped with its command; the grant then lapses with the quote.
            let _ = sender.send(quantity);
            return ReplyEffect::Taken;
        }
        match log.given_up.iter().position(|(known, ..)| *known == number) {
            Some(place) => match log.given_up.remove(place) {
                Some((_, owner, want)) => ReplyEffect::TooLate(owner, want),
                None => ReplyEffect::Taken,
            },
            None => ReplyEffect::Taken,
        }
    }

    /// Number of requests that wait.
    #[cfg(test)]
    pub(super) fn waiting_count(&self) -> usize {
        self.log().waiting.len()
    }

    fn log(&self) -> MutexGuard<'_, RequestLog> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
