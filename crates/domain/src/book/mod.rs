//! The orders of one asset that wait for a price, in memory, so that a quote touches only those it reaches.
//!
//! | part | subject |
//! |---|---|
//! | `resting` | what waits in the book and what a quote takes out of it |
//! | `trigger_book` | [`Book`]: orders come, go, are handed out and come back |
//! | `tick` | what one quote reaches, in which order |
//! | `ladder` | orders that wait at a fixed price |
//! | `trails`, `groups`, `history` | trailing orders, whose trigger follows the price |
//! | `displayed` | the displayed size, consumed once per quote |

mod displayed;
mod groups;
mod history;
mod ladder;
mod resting;
mod tick;
mod trails;
mod trigger_book;

#[cfg(test)]
mod tests;

pub use resting::{Grant, Handed, Interest, MarkSeen, Marks, Resting, Tick, Triggered};
pub use trigger_book::Book;
