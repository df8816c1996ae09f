//! The trigger book of one asset, in memory: orders and alerts that wait for a price. A quote touches only the entries
//! that it reaches.
//!
//! | module | subject |
//! |---|---|
//! | `resting` | entries of the book, and the result of a quote |
//! | `trigger_book` | [`TriggerBook`]: insertion, removal, dispatch and return of entries |
//! | `tick` | matching of one quote, in order of priority |
//! | `price_ladder` | entries at a fixed price |
//! | `trailing`, `trailing_groups`, `price_history` | trailing orders, whose trigger follows the price |
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
