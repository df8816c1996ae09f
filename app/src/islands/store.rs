//! Live prices and the live account: one stream for each document, its state in signals.
//!
//! On the server the store is empty, and islands render the values of their props.

mod account;
mod event;
pub(super) mod read;

use cnop_api::events::PriceTick;
use cnop_domain::{Amount, AssetId, Price};
use leptos::prelude::*;

pub(super) use account::LiveAccount;
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub(super) use event::LiveEvent;
pub(crate) use event::News;
#[cfg(feature = "hydrate")]
pub(super) use {account::Applied, event::LiveEvent};

/// State of the live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "the connection is the browser's"))]
pub(crate) enum Connection {
    /// Connecting, without data yet.
    Connecting,
    /// Connected: prices are updated.
    Live,
    /// Connected, but prices are late.
    Delayed,
    /// The connection broke and is being made again.
    Reconnecting,
    /// The device has no network.
    Offline,
    /// Live prices are paused by the user.
    Paused,
}

impl Connection {
    /// Label of this value.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Delayed => "Delayed",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline",
            Self::Paused => "Paused",
        }
    }

    /// Its name in the style sheet.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Delayed => "delayed",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
            Self::Paused => "paused",
        }
    }
}

/// Latest price of one asset, none before the first message.
type PriceSignal = ArcRwSignal<Option<PriceTick>>;

/// The document's live state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Store {
    pub(super) connection: RwSignal<Connection>,
    pub(super) paused: RwSignal<bool>,
    /// Seconds since the last update of prices, or since the islands started.
    pub(super) age: RwSignal<u32>,
    /// One signal an asset, so that a message touches only the cells that it changes. Bounded by the catalog, so small
    /// that a search beats the bytes of a hash table.
    prices: StoredValue<Vec<(AssetId, PriceSignal)>>,
    pub(super) account: RwSignal<Option<LiveAccount>>,
    pub(super) news: RwSignal<Option<News>>,
    /// The price that a press on the quote took last.
    taken: RwSignal<Option<(AssetId, Price)>>,
}

impl Store {
    /// Makes an empty store and provides it to the islands below the current owner.
    pub(super) fn provide() -> Self {
        let store = Self {
            connection: RwSignal::new(Connection::Connecting),
            paused: RwSignal::new(false),
            age: RwSignal::new(0),
            prices: StoredValue::new(Vec::new()),
            account: RwSignal::new(None),
            news: RwSignal::new(None),
            taken: RwSignal::new(None),
        };
        provide_context(store);
        store
    }

    /// The document's store; an empty one on the server.
    pub(crate) fn current() -> Self {
        use_context::<Self>().unwrap_or_else(Self::provide)
    }

    /// State of the connection (tracked).
    pub(crate) fn connection(&self) -> Connection {
        if self.paused.get() { Connection::Paused } else { self.connection.get() }
    }

    /// Returns true if the user has paused live prices (tracked).
    pub(crate) fn is_paused(&self) -> bool {
        self.paused.get()
    }

    /// Age of the prices on the page in seconds (tracked).
    pub(crate) fn age_seconds(&self) -> u32 {
        self.age.get()
    }

    /// Pauses live prices, or lets them run again. The account stays live.
    pub(crate) fn pause_toggle(&self) {
        self.paused.update(|paused| *paused = !*paused);
    }

    /// The newest prices of an asset, none before the first message (tracked).
    pub(crate) fn tick(&self, asset: &AssetId) -> Option<PriceTick> {
        self.price_signal(asset).get()
    }

    /// The newest last price of an asset (tracked).
    pub(crate) fn price(&self, asset: &AssetId) -> Option<Price> {
        self.price_signal(asset).with(|tick| tick.as_ref().map(|tick| tick.last))
    }

    /// The account from the stream; `None` before its snapshot and without a session (tracked).
    pub(crate) fn account(&self) -> Option<LiveAccount> {
        self.account.get()
    }

    /// The newest event of the account that its owner did not cause (tracked).
    pub(crate) fn news(&self) -> Option<News> {
        self.news.get()
    }

    /// Takes a price of the quote into the ticket.
    pub(crate) fn price_take(&self, asset: AssetId, price: Price) {
        self.taken.set(Some((asset, price)));
    }

    /// The price that was taken last, of this asset (tracked).
    pub(crate) fn price_taken(&self, asset: AssetId) -> Option<Price> {
        self.taken.get().filter(|(known, _)| *known == asset).map(|(_, price)| price)
    }

    /// Dollars that can be spent (tracked).
    pub(crate) fn available(&self) -> Option<Amount> {
        self.account.with(|account| account.as_ref().map(|account| account.balance.available))
    }

    /// The signal of an asset, made at its first use.
    pub(super) fn price_signal(&self, asset: &AssetId) -> PriceSignal {
        let known = |prices: &Vec<(AssetId, PriceSignal)>| {
            prices.iter().find(|(known, _)| known == asset).map(|(_, signal)| signal.clone())
        };
        if let Some(signal) = self.prices.with_value(known) {
            return signal;
        }
        let signal = PriceSignal::new(None);
        self.prices.update_value(|prices| {
            prices.push((*asset, signal.clone()));
        });
        signal
    }
}
