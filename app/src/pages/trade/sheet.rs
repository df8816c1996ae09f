//! On a phone the ticket is a sheet over the page. Whether it is open stands in the address (it names a side), so that
//! it opens, closes and goes back by plain links; scripts add the focus and Escape. On a wide page the ticket stands
//! beside the chart and nothing here is seen.

use leptos::prelude::*;

use super::state::TicketState;
use crate::components::live_price;
use crate::erased::Erase;
use crate::functions::TicketData;

/// The link that closes the sheet; the focus goes there when it opens.
const CLOSE: &str = "sheet-close";
/// The link that opens it; the focus goes back there.
#[cfg(feature = "hydrate")]
const OPEN: &str = "sheet-open";

/// Whether an address asks for the sheet: by a side, or by what came of an order.
pub(super) fn is_asked(read: &impl Fn(&str) -> String) -> bool {
    ["side", "review", "done", "problem"].iter().any(|name| !read(name).is_empty())
}

/// The sheet. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Sheet {
    asset: Memo<String>,
    open: Memo<bool>,
}

impl Sheet {
    pub(super) const fn new(asset: Memo<String>, open: Memo<bool>) -> Self {
        Self { asset, open }
    }

    /// Whether it is open (tracked).
    pub(super) fn is_open(self) -> bool {
        self.open.get()
    }

    /// Moves the focus when it opens and closes, and closes it with Escape.
    pub(super) fn watch(self, state: TicketState) {
        #[cfg(feature = "hydrate")]
        {
            use crate::forms::{focus, press};
            Effect::new(move |before: Option<bool>| {
                let now = self.open.get();
                if before == Some(!now) {
                    // On a wide page neither of the two is shown, and the focus stays.
                    request_animation_frame(move || focus(if now { CLOSE } else { OPEN }));
                }
                now
            });
            let key = window_event_listener(leptos::ev::keydown, move |event| {
                if event.key() != "Escape" {
                    return;
                }
                if state.confirming.with_untracked(Option::is_some) {
                    state.look_away();
                } else if self.open.get_untracked() {
                    press(CLOSE);
                }
            });
            on_cleanup(move || key.remove());
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = state;
    }

    fn closed_path(self) -> String {
        format!("/trade/{}", self.asset.get())
    }

    /// What covers the page beneath: pointing at it closes the sheet. Keys have the link at its head.
    pub(super) fn scrim(self) -> AnyView {
        view! {
            <a
                class="sheet-scrim"
                class:open=move || self.is_open()
                href=move || self.closed_path()
                data-noscroll="true"
                tabindex="-1"
                aria-hidden="true"
            ></a>
        }
        .erased()
    }

    /// The price, which the sheet may cover, and the way back.
    pub(super) fn head(self, data: &TicketData) -> AnyView {
        let asset = data.asset_id;
        view! {
            <div class="sheet-head">
                <p>{asset.to_string()} " " {live_price(asset, data.quote.last)} <span class="muted small">"\u{a0}USD"</span></p>
                <a class="button quiet" id=CLOSE href=move || self.closed_path() data-noscroll="true">"Close"</a>
            </div>
        }
        .erased()
    }

    /// The two buttons that open it.
    pub(super) fn bar(self) -> AnyView {
        let path = move |side: &str| format!("/trade/{}?side={side}", self.asset.get());
        view! {
            <nav class="trade-bar" aria-label="Order ticket">
                <a class="button buy" id="sheet-open" href=move || path("buy") data-noscroll="true">"Buy"</a>
                <a class="button sell" href=move || path("sell") data-noscroll="true">"Sell"</a>
            </nav>
        }
        .erased()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_opens_the_sheet_by_a_side_or_by_an_outcome() {
        let asks = |name: &'static str| {
            is_asked(&move |asked: &str| if asked == name { "1".to_owned() } else { String::new() })
        };
        for name in ["side", "review", "done", "problem"] {
            assert!(asks(name), "{name}");
        }
        assert!(!asks("range") && !asks(""));
    }
}
