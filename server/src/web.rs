//! What the HTTP handlers have in common: how a request is read and how it is refused.

mod client;
mod json_body;
mod members;
mod path;
mod query;
mod refusal;

pub(crate) use client::{From, Idempotency, client_of};
pub(crate) use json_body::{JsonBody, OrderBody};
pub(crate) use path::{AssetPath, OrderPath};
pub(crate) use query::Query;
pub(crate) use refusal::{Answer, refuse, refuse_parameter};
