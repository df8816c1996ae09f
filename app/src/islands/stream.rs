//! The browser's end of `/api/v1/stream`: opens it, notices silence, opens it again, and hands prices over in
//! batches.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cnop_api::events::{EventName, PriceTick};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Event, EventSource, EventTarget, MessageEvent};

use super::json::Json;
use super::store::{Applied, Connection, LiveAccount, LiveEvent, News, Store, read};

/// Prices of everything, for visitors.
const ADDRESS_PUBLIC: &str = "/api/v1/stream?topics=prices:*";
/// Prices of everything and the account, for signed-in users.
const ADDRESS_PRIVATE: &str = "/api/v1/stream?topics=prices:*,account";
/// Display time of news; their subject stays in the lists.
const NEWS_MS: u64 = 12_000;
/// Shortest time between two updates of prices.
const DRAW_MS: u64 = 100;
/// Interval between two checks of the clock below.
const WATCH_MS: u64 = 1_000;
/// Without any message for this long the connection counts as delayed (ticks of the watch). A heartbeat comes every
/// 15 s, however slow prices are.
const DELAYED_TICKS: u32 = 20;
/// Time without any message after which the connection is replaced, in ticks of the watch: two missed heartbeats.
const SILENT_TICKS: u32 = 35;
/// First and longest pause before a refused connection is tried again (ticks of the watch).
const RETRY_TICKS: (u32, u32) = (1, 32);

/// Name of the event of the document after a change of the account.
const ACCOUNT_CHANGED: &str = "account-changed";

#[wasm_bindgen]
extern "C" {
    /// Opens a stream that all tabs of the browser share: `shell/stream.js`. It has the interface of an `EventSource`.
    #[wasm_bindgen(js_name = openStream)]
    fn open_stream(address: &str) -> EventSource;
}

/// One for each document.
struct Source {
    store: Store,
    address: &'static str,
    stream: Option<EventSource>,
    /// Prices that wait for the next drawing; bounded by the catalog.
    waiting: Vec<PriceTick>,
    drawing: bool,
    /// Ticks since the last message of any kind.
    silent: u32,
    /// Ticks until the next try; none while a stream is open.
    retry: Option<u32>,
    retry_next: u32,
}

type Shared = Rc<RefCell<Source>>;

/// Opens the stream and keeps it for the life of the page.
pub(super) fn start(store: Store, signed_in: bool) {
    let source = Rc::new(RefCell::new(Source {
        store,
        address: if signed_in { ADDRESS_PRIVATE } else { ADDRESS_PUBLIC },
        stream: None,
        waiting: Vec::new(),
        drawing: false,
        silent: 0,
        retry: None,
        retry_next: RETRY_TICKS.0,
    }));
    open(&source);
    listen_to_window(&source);
    let watched = Rc::clone(&source);
    // The page's life is the interval's life.
    let _ = set_interval_with_handle(move || watch(&watched), Duration::from_millis(WATCH_MS));
    let resumed = Rc::clone(&source);
    Effect::new(move |_| {
        if !store.is_paused() {
            draw_soon(&resumed);
        }
    });
}

/// Listens for an event for as long as its target lives.
fn listen<E: JsCast + 'static>(target: &EventTarget, name: &str, handler: impl Fn(E) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if let Ok(event) = event.dyn_into::<E>() {
            handler(event);
        }
    });
    // A target that refuses listeners leaves the page as it was rendered.
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Opens a new stream in place of the old one.
fn open(source: &Shared) {
    close(source);
    let stream = open_stream(source.borrow().address);
    let shared = Rc::clone(source);
    listen(&stream, "prices", move |message: MessageEvent| prices(&shared, &message));
    let shared = Rc::clone(source);
    listen(&stream, "heartbeat", move |_: MessageEvent| heard(&shared));
    let shared = Rc::clone(source);
    listen(&stream, "snapshot", move |message: MessageEvent| snapshot(&shared, &message));
    for name in EventName::ALL.into_iter().filter(|name| is_numbered(*name)) {
        let shared = Rc::clone(source);
        listen(&stream, name.as_str(), move |message: MessageEvent| account_event(&shared, &message));
    }
    let shared = Rc::clone(source);
    listen(&stream, "resync", move |_: MessageEvent| open(&shared));
    let shared = Rc::clone(source);
    listen(&stream, "server.draining", move |_: MessageEvent| {
        set_connection(&shared, Connection::Reconnecting)
    });
    let shared = Rc::clone(source);
    let mine = stream.clone();
    listen(&stream, "error", move |_: Event| failed(&shared, &mine));
    let mut source = source.borrow_mut();
    source.stream = Some(stream);
    source.silent = 0;
    source.retry = None;
}

/// Returns true if an event is one of the account's log. The others repeat what those say. An event whose name came later than
/// this bundle is not heard of: the next one tells the gap, and the snapshot closes it.
const fn is_numbered(name: EventName) -> bool {
    !matches!(name, EventName::BalanceChanged | EventName::PositionChanged)
}

/// Closes the stream, if there is one.
fn close(source: &Shared) {
    if let Some(stream) = source.borrow_mut().stream.take() {
        stream.close();
    }
}

/// The connection broke. The browser makes it again by itself unless the server refused it.
fn failed(source: &Shared, stream: &EventSource) {
    set_connection(source, if online() { Connection::Reconnecting } else { Connection::Offline });
    if stream.ready_state() != EventSource::CLOSED {
        return;
    }
    let mut source = source.borrow_mut();
    source.stream = None;
    source.retry = Some(source.retry_next);
    source.retry_next = (source.retry_next * 2).min(RETRY_TICKS.1);
}

/// A page that leaves gives its connection back (browsers allow six); one that comes back takes it again.
fn listen_to_window(source: &Shared) {
    let window = window();
    let shared = Rc::clone(source);
    listen(&window, "pagehide", move |_: Event| close(&shared));
    let shared = Rc::clone(source);
    listen(&window, "pageshow", move |_: Event| {
        let closed = shared.borrow().stream.is_none();
        if closed {
            open(&shared);
        }
    });
    let shared = Rc::clone(source);
    listen(&window, "offline", move |_: Event| set_connection(&shared, Connection::Offline));
    let shared = Rc::clone(source);
    listen(&window, "online", move |_: Event| {
        set_connection(&shared, Connection::Reconnecting);
        open(&shared);
    });
}

/// Returns true if the device has a network, as far as it knows.
fn online() -> bool {
    window().navigator().on_line()
}

/// Counts silence and pauses once a second.
fn watch(source: &Shared) {
    source.borrow().store.age.update(|age| *age = age.saturating_add(1));
    let reopen = {
        let mut source = source.borrow_mut();
        if let Some(ticks) = source.retry {
            source.retry = ticks.checked_sub(1);
            ticks == 0
        } else {
            source.silent = source.silent.saturating_add(1);
            if source.silent == DELAYED_TICKS && source.store.connection.get_untracked() == Connection::Live {
                source.store.connection.set(Connection::Delayed);
            }
            source.stream.is_some() && source.silent >= SILENT_TICKS
        }
    };
    if reopen {
        set_connection(source, if online() { Connection::Reconnecting } else { Connection::Offline });
        open(source);
    }
}

/// Shows a state of the connection; the same one again changes nothing.
fn set_connection(source: &Shared, state: Connection) {
    let connection = source.borrow().store.connection;
    if connection.get_untracked() != state {
        connection.set(state);
    }
}

/// The message's JSON.
fn json(message: &MessageEvent) -> Option<Json> {
    Json::parse(&message.data().as_string()?)
}

/// Notes that the line is alive. A quiet feed is no dead line.
fn heard(source: &Shared) {
    {
        let mut source = source.borrow_mut();
        source.silent = 0;
        source.retry_next = RETRY_TICKS.0;
    }
    set_connection(source, Connection::Live);
}

/// Handles a message with prices.
fn prices(source: &Shared, message: &MessageEvent) {
    let Some(prices) = json(message).and_then(|json| read::prices(&json)) else { return };
    heard(source);
    {
        let mut source = source.borrow_mut();
        for tick in prices {
            match source.waiting.iter_mut().find(|waiting| waiting.asset_id == tick.asset_id) {
                Some(waiting) => *waiting = tick,
                None => source.waiting.push(tick),
            }
        }
    }
    draw_soon(source);
}

/// Draws what waits, once, a moment from now.
fn draw_soon(source: &Shared) {
    {
        let mut source = source.borrow_mut();
        if source.drawing || source.store.paused.get_untracked() {
            return;
        }
        source.drawing = true;
    }
    let shared = Rc::clone(source);
    set_timeout(move || request_animation_frame(move || draw(&shared)), Duration::from_millis(DRAW_MS));
}

/// Hands the waiting prices to the cells that show them.
fn draw(source: &Shared) {
    let (store, waiting) = {
        let mut source = source.borrow_mut();
        source.drawing = false;
        if source.store.paused.get_untracked() {
            return;
        }
        (source.store, std::mem::take(&mut source.waiting))
    };
    if !waiting.is_empty() {
        store.age.set(0);
    }
    for tick in waiting {
        let signal = store.price_signal(&tick.asset_id);
        if signal.with_untracked(|shown| shown.as_ref() != Some(&tick)) {
            signal.set(Some(tick));
        }
    }
}

/// Shows news for a while, unless others come in between.
fn show_news(store: Store, news: News) {
    store.news.set(Some(news.clone()));
    let clear = move || {
        if store.news.with_untracked(|shown| shown.as_ref() == Some(&news)) {
            store.news.set(None);
        }
    };
    set_timeout(clear, Duration::from_millis(NEWS_MS));
}

/// The account's state at the stream's start.
fn snapshot(source: &Shared, message: &MessageEvent) {
    let Some(snapshot) = json(message).and_then(|json| read::snapshot(&json)) else { return };
    let account = source.borrow().store.account;
    let seq = |account: &Option<LiveAccount>| account.as_ref().map(|account| account.seq);
    let before = account.with_untracked(seq);
    account.set(Some(snapshot.into()));
    // The first snapshot is the state that the page was rendered with.
    if before.is_some() && before != account.with_untracked(seq) {
        announce_account_change();
    }
}

/// Handles one event of the account. After a gap the stream is reopened and starts with a snapshot.
fn account_event(source: &Shared, message: &MessageEvent) {
    let Some(event) = json(message).and_then(|json| LiveEvent::read(&json)) else { return };
    let store = source.borrow().store;
    let applied =
        store.account.try_update_untracked(|account| account.as_mut().map(|account| account.apply(&event)));
    match applied.flatten() {
        Some(Applied::Next) => {
            store.account.notify();
            announce_account_change();
            if let Some(news) = event.news() {
                show_news(store, news);
            }
        }
        Some(Applied::Known) => {}
        Some(Applied::Gap) | None => open(source),
    }
}

/// Tells `shell/enhance.js` that regions which follow the account are out of date.
fn announce_account_change() {
    if let Ok(event) = Event::new(ACCOUNT_CHANGED) {
        // No listener cancels it.
        let _ = document().dispatch_event(&event);
    }
}
