//! The parts of pages that run in the browser: live figures, the order ticket.
//!
//! An island is rendered by the server like any component and hydrated on its own. Its props are its only data; live
//! prices and the live account come from the one `Store` of the document. `shell/islands.js` starts them: each
//! `<leptos-island>` is a custom element that hydrates under an owner of its own when it enters the document and
//! disposes of that owner when it leaves, so islands in regions that are swapped neither leak effects nor panic.
//!
//! Rules that hydration asks for:
//! - the root of an island is an element: a text would join the text before the island;
//! - the structure of its view follows from the props alone. The store may be ahead of the server's HTML, so what
//!   depends on it is a text, a class or an attribute, never an element that comes and goes (texts are `String`,
//!   empty instead of absent);
//! - no `Resource` or `Suspense`, and no lazy island: data comes by props, and the bundle has no asynchronous hydration
//!   (`scripts/drop-async-hydration.js`).

mod browser;
mod cells;
mod fill_check;
mod header;
mod json;
mod news;
mod pair_quote;
mod portfolio_totals;
mod props;
#[cfg(feature = "hydrate")]
mod start;
mod store;
#[cfg(feature = "hydrate")]
mod stream;
mod ticket;
mod transfer;

#[cfg(feature = "ssr")]
pub(crate) use {
    cells::{Cells, DayFigures, DayRange, TabTitle},
    fill_check::{FillCheck, FillCheckInputs, VerifiedBy},
    header::{AvailableBalance, ConnectionState, PauseButton},
    news::{NewsToast, news_of},
    pair_quote::{PairFigures, PairQuote},
    portfolio_totals::{HeldValue, PortfolioFigures, PortfolioTotals},
    store::News,
    ticket::{FORM as TICKET_FORM, Ticket, TicketData, TicketStart, opens_sheet, refusal as ticket_refusal},
    transfer::{AccountFigures, FillAvailable},
};

use props::Packed;
use store::Store;
