//! Extractors and rejections that the HTTP handlers share.

mod client;
mod json_body;
mod json_reader;
mod path;
pub(crate) mod query;
mod query_reader;
mod rejection;
mod version;

pub(crate) use client::{Idempotency, RequestClient, client_of};
pub(crate) use json_body::JsonBody;
pub(crate) use path::{AlertPath, AssetPath, FillPath, OrderPath, PlanPath};
pub(crate) use query::{NoQuery, Query};
pub(crate) use rejection::{HandlerResult, refuse, refuse_parameter};
pub(crate) use version::{IfMatch, VersionedOrder, versioned};
