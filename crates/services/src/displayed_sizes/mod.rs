//! Displayed size is consumed once by all servers together. The owner of an asset's trigger book is the one authority. A
//! command on another server asks it for what its order may fill at once, decides from what it is granted, and gives the
//! unused rest back.
//!
//! An owner that is silent grants nothing: it may sell everything itself, so a share beside it could exceed the quote. The
//! order then rests, and the owner fills it. Without any owner, each server has its share: the displayed size divided by
//! the number of servers. A server that does not hear all others has no share: one of them may be the owner.
//!
//! | module | subject |
//! |---|---|
//! | `message` | requests, replies and returns |
//! | `requests` | the asker's requests |
//! | `grants` | the owner's grants |

mod grants;
mod message;
mod requests;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use cnop_coordination::{Coordinator, Subscription, SubscriptionError};
use cnop_domain::{AssetId, Quantity, Quote, Side};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use self::grants::DisplayedGrants;
pub(crate) use self::message::DisplayedWant;
use self::message::{DisplayedMessage, topic};
use self::requests::{DisplayedRequests, ReplyEffect};
use crate::ownership::{Owner, Ownership, ServerId};
use crate::trigger_books::{DisplayedSizeHold, TriggerBooks};

/// Longest wait for the owner.
const REPLY_WAIT: Duration = Duration::from_millis(200);
/// Answers that are on their way at most. Beyond them no request is heard, so none is granted that cannot be answered.
const SENDS_MAX: usize = 64;
/// Pause before listening again when that failed.
const LISTEN_PAUSE: Duration = Duration::from_millis(500);

/// Displayed size for commands on this server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DisplayedSizes {
    inner: Arc<DisplayedSizesInner>,
}

#[derive(Debug)]
struct DisplayedSizesInner {
    coordinator: Arc<dyn Coordinator>,
    books: Arc<TriggerBooks>,
    ownership: Arc<Ownership>,
    requests: DisplayedRequests,
    grants: DisplayedGrants,
}

/// A request whose command is not done.
#[derive(Debug)]
pub(crate) struct DisplayedRequest {
    number: u64,
    owner: ServerId,
    asset_id: AssetId,
    side: Side,
    quote_seq: u64,
}

/// The source from which a command takes displayed size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisplayedSource {
    /// The trigger book of this server.
    Book,
    /// This server's share of the quote.
    Share(Quantity),
    /// The owner has to be asked first.
    Ask,
}

impl DisplayedSizes {
    pub(crate) fn new(
        coordinator: Arc<dyn Coordinator>,
        books: Arc<TriggerBooks>,
        ownership: Arc<Ownership>,
    ) -> Self {
        let inner = DisplayedSizesInner {
            coordinator,
            books,
            ownership,
            requests: DisplayedRequests::default(),
            grants: DisplayedGrants::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The source of displayed size for an order of this side. A server that has always been alone uses its book, at the cost
    /// of one load. A server that has lost the others asks: they may own the book and sell from it.
    pub(crate) fn source(&self, asset_id: AssetId, side: Side, quote: &Quote) -> DisplayedSource {
        let DisplayedSizesInner { books, ownership, .. } = &*self.inner;
        if !ownership.had_company() {
            return DisplayedSource::Book;
        }
        // A share of this quote is used up before anything else: the book does not know of it.
        match books.shares.left(asset_id, side, quote) {
            Some(left) => DisplayedSource::Share(left),
            None if ownership.owner_of(asset_id) == Owner::Here => DisplayedSource::Book,
            None => DisplayedSource::Ask,
        }
    }

    /// Displayed size for a preview, which asks nobody.
    pub(crate) fn estimate(&self, asset_id: AssetId, side: Side, quote: &Quote) -> Quantity {
        match self.source(asset_id, side, quote) {
            DisplayedSource::Book => self.inner.books.displayed_left(asset_id, side, quote),
            DisplayedSource::Share(_) | DisplayedSource::Ask => displayed(side, quote),
        }
    }

    /// Takes a part of a quote's displayed size from its source; `None` when too little is left.
    pub(crate) fn take(
        &self,
        source: DisplayedSource,
        (asset_id, side): (AssetId, Side),
        quote: &Quote,
        quantity: Quantity,
    ) -> Option<DisplayedSizeHold> {
        match source {
            DisplayedSource::Book => self.inner.books.take(asset_id, side, quote, quantity),
            DisplayedSource::Share(_) => self.inner.books.shares.take(asset_id, side, quote, quantity),
            DisplayedSource::Ask => None,
        }
    }

    /// Gets a share of a quote for a command, from the owner or as this server's own. Waits at most [`REPLY_WAIT`] for the
    /// owner.
    pub(crate) async fn ask(&self, want: &DisplayedWant) -> Option<DisplayedRequest> {
        let DisplayedWant { asset_id, side, quote, .. } = *want;
        let DisplayedSizesInner { books, ownership, requests, .. } = &*self.inner;
        let owner = match ownership.owner_of(asset_id) {
            // It has just become the owner: the next decision uses the book.
            Owner::Here => return None,
            Owner::Unknown => {
                let share = self.own_share(asset_id, side, &quote).await;
                // With an owner by now, the next decision asks it.
                if ownership.owner_of(asset_id) == Owner::Unknown {
                    books.shares.own(asset_id, side, quote.seq, share);
                }
                return None;
            }
            Owner::Server(owner) => owner,
        };
        let Some((number, reply)) = requests.begin() else {
            self.refuse(want);
            return None;
        };
        let _waiting = requests.waiting(number, owner, *want);
        let message = DisplayedMessage::Request { from: ownership.server_id(), request: number, want: *want };
        let replied = tokio::time::timeout(REPLY_WAIT, async {
            self.send(owner, &message).await;
            reply.await
        });
        let quantity = match replied.await {
            Ok(Ok(quantity)) => quantity,
            Ok(Err(_)) | Err(_) => {
                tracing::debug!(asset = %asset_id, %owner, "the owner of displayed size does not answer");
                Quantity::ZERO
            }
        };
        books.shares.grant(asset_id, side, quote.seq, (number, quantity));
        Some(DisplayedRequest { number, owner, asset_id, side, quote_seq: quote.seq })
    }

    /// Gives a command nothing of a quote, without asking.
    pub(crate) fn refuse(&self, want: &DisplayedWant) {
        self.inner.books.shares.own(want.asset_id, want.side, want.quote.seq, Quantity::ZERO);
    }

    /// The command of a request is done: the unused rest goes back to the owner.
    pub(crate) async fn done(&self, request: DisplayedRequest) {
        let DisplayedRequest { number, owner, asset_id, side, quote_seq } = request;
        if let Some(rest) = self.inner.books.shares.done(asset_id, side, quote_seq, number) {
            let message = self.rest((asset_id, side, quote_seq), rest.requests, rest.quantity);
            self.send(owner, &message).await;
        }
    }

    /// Answers other servers until the token ends it.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.listen() => {}
        }
    }

    async fn listen(&self) {
        let topic = topic(self.inner.ownership.server_id());
        loop {
            match self.inner.coordinator.subscribe(&topic).await {
                Ok(subscription) => self.hear(subscription).await,
                Err(error) => tracing::debug!(%error, "requests for displayed size cannot be heard"),
            }
            tokio::time::sleep(LISTEN_PAUSE).await;
        }
    }

    /// Decides messages at once, in their order. The answers go out side by side: none waits for another's way.
    async fn hear(&self, mut subscription: Subscription) {
        let mut sends = FuturesUnordered::new();
        loop {
            tokio::select! {
                biased;
                heard = subscription.recv(), if sends.len() < SENDS_MAX => match heard {
                    Ok(payload) => match DisplayedMessage::read(&payload) {
                        Some(message) => {
                            let answer = self.take_message(message);
                            sends.extend(answer.map(|(to, answer)| async move { self.send(to, &answer).await }));
                        }
                        None => tracing::warn!("a message about displayed size cannot be read"),
                    },
                    // Whoever sent it gets nothing this time.
                    Err(SubscriptionError::Lagged(_)) => {}
                    Err(SubscriptionError::Closed) => break,
                },
                Some(()) = sends.next() => {}
            }
        }
        while sends.next().await.is_some() {}
    }

    /// Takes a message. Returns the answer to it, and the server that it is for.
    fn take_message(&self, message: DisplayedMessage) -> Option<(ServerId, DisplayedMessage)> {
        let DisplayedSizesInner { books, ownership, requests, grants, .. } = &*self.inner;
        match message {
            DisplayedMessage::Request { from, request, want } => {
                let DisplayedWant { asset_id, side, quote, quantity } = want;
                let is_mine = self.source(asset_id, side, &quote) == DisplayedSource::Book
                    && ownership.owner_of(asset_id) == Owner::Here;
                let quantity = if is_mine {
                    let place = (asset_id, side, quote.seq);
                    grants.grant(place, (from, request), || books.take_part(asset_id, side, &quote, quantity))
                } else {
                    Quantity::ZERO
                };
                Some((from, DisplayedMessage::Reply { request, quantity }))
            }
            DisplayedMessage::Reply { request, quantity } => match requests.reply(request, quantity) {
                ReplyEffect::TooLate(owner, want) if !quantity.is_zero() => {
                    let place = (want.asset_id, want.side, want.quote.seq);
                    Some((owner, self.rest(place, vec![request], quantity)))
                }
                ReplyEffect::TooLate(..) | ReplyEffect::Taken => None,
            },
            DisplayedMessage::Return { from, asset_id, side, quote_seq, requests, quantity } => {
                let quantity = grants.give_back((asset_id, side, quote_seq), (from, &requests), quantity);
                books.give_back(DisplayedSizeHold::of_book(asset_id, side, quote_seq, quantity));
                None
            }
        }
    }

    /// The message that gives a rest back.
    fn rest(
        &self,
        (asset_id, side, quote_seq): (AssetId, Side, u64),
        requests: Vec<u64>,
        quantity: Quantity,
    ) -> DisplayedMessage {
        let from = self.inner.ownership.server_id();
        DisplayedMessage::Return { from, asset_id, side, quote_seq, requests, quantity }
    }

    /// Sends a message, within the time of a reply. One that is lost costs a quote's size, never too much of it.
    async fn send(&self, to: ServerId, message: &DisplayedMessage) {
        let Some(payload) = message.write() else { return };
        let topic = topic(to);
        match tokio::time::timeout(REPLY_WAIT, self.inner.coordinator.publish(&topic, payload)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a message about displayed size could not be sent"),
            Err(_) => tracing::debug!("a message about displayed size could not be sent in time"),
        }
    }

    /// This server's part of a quote when nobody owns the book, in whole steps. It is nothing while a server that is not
    /// heard may own the book.
    async fn own_share(&self, asset_id: AssetId, side: Side, quote: &Quote) -> Quantity {
        if !self.hears_all().await {
            tracing::debug!(asset = %asset_id, "no share of displayed size: not all servers are heard");
            return Quantity::ZERO;
        }
        let members = i128::try_from(self.inner.ownership.members().max(1)).unwrap_or(i128::MAX);
        let step = self.inner.books.step_size(asset_id).units().max(1);
        let units = displayed(side, quote).units() / members / step * step;
        Quantity::from_units(units).unwrap_or(Quantity::ZERO)
    }

    /// Returns true if the coordinator answers, and no server that it counts is missing among the members.
    async fn hears_all(&self) -> bool {
        let DisplayedSizesInner { coordinator, ownership, .. } = &*self.inner;
        let answered = tokio::time::timeout(REPLY_WAIT, coordinator.time_us()).await;
        let servers = usize::try_from(coordinator.servers()).unwrap_or(usize::MAX);
        matches!(answered, Ok(Ok(_))) && ownership.members() >= servers
    }
}

/// The size that a quote displays to an order of this side.
pub(crate) const fn displayed(side: Side, quote: &Quote) -> Quantity {
    match side {
        Side::Buy => quote.ask_size,
        Side::Sell => quote.bid_size,
    }
}
