//! What the HTTP handlers have in common: how a request is read and how it is refused.

mod client;
mod json_body;
mod members;
mod path;
mod query;
mod refusal;
mod version;

pub(crate) use client::{From, Idempotency, client_of};
pub(crate) use json_body::JsonBody;
pub(crate) use path::{AssetPath, FillPath, OrderPath, RecordPath};
pub(crate) use query::{NoQuery, Query};
pub(crate) use refusal::{Answer, refuse, refuse_parameter};
pub(crate) use version::{IfMatch, VersionedOrder, versioned};
