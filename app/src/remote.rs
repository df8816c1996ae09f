//! What pages ask the server for and send to it, in one shape for all of them.
//!
//! Answers cross as text ([`payload`]), so one resource, one way to fetch, one way to show and one way to send serve
//! every page; only the reading of the text is written for each type. In the browser's bundle all that machinery is
//! there once instead of once for each answer.

mod data;
#[cfg(feature = "hydrate")]
mod fetch;
mod payload;
mod question;
mod sending;

pub(crate) use data::PageData;
#[cfg(feature = "hydrate")]
pub(crate) use fetch::post;
pub(crate) use question::{Question, ask, urlencoded};
pub(crate) use sending::{Inputs, Sending};
