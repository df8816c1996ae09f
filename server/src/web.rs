//! What the HTTP handlers have in common: how a request is read and how it is refused.

mod client;
mod json_body;
mod path;
mod query;
mod refusal;

pub use client::{From, Idempotency, client_of};
pub use json_body::JsonBody;
pub use path::{AssetPath, OrderPath};
pub use query::{ASSET_DETAIL, Query};
pub use refusal::{Answer, refuse, refuse_parameter};
