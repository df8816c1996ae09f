//! Live prices and the live account: one stream for each tab, its state in signals.
//!
//! On the server, and before the bundle has loaded, everything here answers "nothing yet" and pages show what
//! they were rendered with.

mod account;
mod event;
#[cfg(feature = "hydrate")]
mod source;

use std::collections::HashMap;

use cnop_api::events::PriceTick;
use cnop_domain::{Amount, AssetId, Price};
use leptos::prelude::*;

pub(crate) use account::LiveAccount;
pub(crate) use event::News;

/// State of the live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "the connection is the browser's"))]
pub(crate) enum Connection {
    /// No data yet.
    Connecting,
    /// Prices arrive.
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
    /// Its word.
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

/// The tab's live state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    connection: RwSignal<Connection>,
    paused: RwSignal<bool>,
    /// Seconds since prices were drawn last, or since the page took over.
    age: RwSignal<u32>,
    /// One signal an asset, so that a message touches only the cells that it changes. Bounded by the catalogue.
    prices: StoredValue<HashMap<AssetId, PriceSignal>>,
    account: RwSignal<Option<LiveAccount>>,
    news: RwSignal<Option<News>>,
}

impl Live {
    /// Makes the live state known to all components and, in the browser, opens the stream once the page has
    /// hydrated.
    pub(crate) fn provide() {
        let live = Self {
            connection: RwSignal::new(Connection::Connecting),
            paused: RwSignal::new(false),
            age: RwSignal::new(0),
            prices: StoredValue::new(HashMap::new()),
            account: RwSignal::new(None),
            news: RwSignal::new(None),
        };
        provide_context(live);
        #[cfg(feature = "hydrate")]
        {
            let signed_in = crate::context::use_viewer().is_signed_in();
            Effect::new(move |_| source::start(live, signed_in));
        }
    }

    /// The tab's live state.
    pub(crate) fn current() -> Self {
        use_context::<Self>().unwrap_or_else(|| {
            Self::provide();
            expect_context::<Self>()
        })
    }

    /// State of the connection (tracked).
    pub(crate) fn connection(&self) -> Connection {
        if self.paused.get() { Connection::Paused } else { self.connection.get() }
    }

    /// Whether the user has paused live prices (tracked).
    pub(crate) fn is_paused(&self) -> bool {
        self.paused.get()
    }

    /// Seconds since the prices on the page were drawn (tracked).
    pub(crate) fn age_seconds(&self) -> u32 {
        self.age.get()
    }

    /// Pauses live prices, or lets them run again. The account stays live.
    pub(crate) fn pause_toggle(&self) {
        self.paused.update(|paused| *paused = !*paused);
    }

    /// The newest prices of an asset, none before the first message (tracked).
    pub(crate) fn tick(&self, asset: &AssetId) -> Option<PriceTick> {
        if cfg!(feature = "hydrate") { self.price_signal(asset).get() } else { None }
    }

    /// The newest last price of an asset (tracked).
    pub(crate) fn price(&self, asset: &AssetId) -> Option<Price> {
        if cfg!(feature = "hydrate") {
            self.price_signal(asset).with(|tick| tick.as_ref().map(|tick| tick.last))
        } else {
            None
        }
    }

    /// The day's change of an asset, 0–100 (tracked).
    pub(crate) fn change_percentage(&self, asset: &AssetId) -> Option<f64> {
        if cfg!(feature = "hydrate") {
            self.price_signal(asset).with(|tick| tick.as_ref().map(|tick| tick.change_percentage_24h))
        } else {
            None
        }
    }

    /// The account as the stream tells it, none before its snapshot or when nobody is signed in (tracked).
    pub(crate) fn account(&self) -> Option<LiveAccount> {
        self.account.get()
    }

    /// What just happened to the account without being asked for, if anything (tracked).
    pub(crate) fn news(&self) -> Option<News> {
        self.news.get()
    }

    /// Dollars that can be spent (tracked).
    pub(crate) fn available(&self) -> Option<Amount> {
        self.account.with(|account| account.as_ref().map(|account| account.balance.available))
    }

    /// The last event that the live account has, none before its snapshot (tracked). Pages fetch what they show again
    /// when it changes: by the next event, or by the snapshot after an interruption that was too long to be resumed.
    pub(crate) fn account_seq(&self) -> Option<u64> {
        self.account.with(|account| account.as_ref().map(|account| account.seq))
    }

    /// The signal of an asset, made when first asked for.
    fn price_signal(&self, asset: &AssetId) -> PriceSignal {
        if let Some(signal) = self.prices.with_value(|prices| prices.get(asset).cloned()) {
            return signal;
        }
        let signal = PriceSignal::new(None);
        self.prices.update_value(|prices| {
            prices.insert(*asset, signal.clone());
        });
        signal
    }
}
