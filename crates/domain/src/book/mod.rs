//! The trigger book of one asset, in memory: orders and alerts that wait for a price. A quote touches only the entries
//! that it reaches.
//!
//! | part | subject |
//! |---|---|
//! | `resting` | what waits in the book and what a quote takes out of it |
//! | `trigger_book` | [`TriggerBook`]: insertion, removal, dispatch and return of entries |
//! | `tick` | what one quote reaches, in which order |
//! | `ladder` | orders that wait at a fixed price |
//! | `trails`, `groups`, `history` | trailing orders, whose trigger follows the price |
//! | `displayed` | the displayed size, consumed once per quote |

mod displayed;
mod price_history;
mod price_ladder;
mod resting;
mod tick;
mod trailing;
mod trailing_groups;
mod trigger_book;

#[cfg(test)]
mod tests;

pub use resting::{Dispatched, Grant, Interest, MarkPoint, Marks, Resting, TickResult, Triggered};
pub use trigger_book::TriggerBook;
