//! Identifiers in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use cnop_domain::{AssetId, OrderId};

use super::query::ASSET_DETAIL;
use super::refusal::{Answer, Refusal, refuse_parameter};

/// An asset's identifier in the path, in any case; 422 for what cannot be one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssetPath(pub AssetId);

/// An order's identifier in the path; 422 for what cannot be one.
#[derive(Debug, Clone)]
pub(crate) struct OrderPath(pub OrderId);

impl<S: Send + Sync> FromRequestParts<S> for AssetPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let id = text(parts, state).await.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(|| refuse_parameter("asset_id", "asset_id", ASSET_DETAIL))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let id = text(parts, state).await.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(|| {
            refuse_parameter(
                "order_id",
                "order_id",
                "An order's identifier has 10 to 50 letters, digits, _ or -.",
            )
        })
    }
}

async fn text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<String> {
    Path::<String>::from_request_parts(parts, state).await.ok().map(|Path(text)| text)
}
