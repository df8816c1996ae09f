//! The HTTP API: one module for each part of the contract, and the document that is made from them.

mod accounts;
mod alerts;
mod document;
mod fills;
mod guards;
mod inventory;
mod live;
mod money;
mod orders;
mod problems;
mod reader;
mod recurring;
mod trading;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use cnop_coordination::Coordinator;
use cnop_gateway::method_not_allowed;
use cnop_services::Services;
use cnop_store::Table;
use utoipa_axum::router::OpenApiRouter;

use crate::stream::Streams;

pub use document::Document;

/// What the handlers share, behind one pointer: the router hands it on several times a request.
#[derive(Debug, Clone)]
pub(crate) struct Venue(Arc<VenueParts>);

/// The parts of a [`Venue`].
#[derive(Debug)]
pub(crate) struct VenueParts {
    /// The use cases, prices and streams.
    pub(crate) streams: Streams,
    /// The table, for asking whether it answers.
    pub(crate) table: Arc<dyn Table>,
    /// Quotas and wake-ups, for asking whether they answer.
    pub(crate) coordinator: Arc<dyn Coordinator>,
    /// Where the venue is reached.
    pub(crate) public_url: Arc<str>,
}

impl From<VenueParts> for Venue {
    fn from(parts: VenueParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Venue {
    type Target = VenueParts;

    fn deref(&self) -> &VenueParts {
        &self.0
    }
}

impl FromRef<Venue> for Services {
    fn from_ref(venue: &Venue) -> Self {
        venue.streams.services.clone()
    }
}

/// Base path of the API.
const BASE: &str = "/api/v1";

/// All routes of the API with their description.
fn described() -> OpenApiRouter<Venue> {
    let versioned = OpenApiRouter::new()
        .merge(accounts::routes())
        .merge(money::routes())
        .merge(inventory::routes())
        .merge(orders::routes())
        .merge(fills::routes())
        .merge(trading::routes())
        .merge(recurring::routes())
        .merge(alerts::routes())
        .merge(guards::routes())
        .merge(live::routes());
    OpenApiRouter::with_openapi(document::frame())
        .nest(BASE, versioned)
        .merge(crate::health::routes())
        .merge(problems::keys_route())
}

/// The document of the API, for who wants it without a server.
#[must_use]
pub fn document(public_url: &str) -> Document {
    Document::new(&described().split_for_parts().1, public_url)
}

/// The router of the API, of its document and of the reader for it.
pub(crate) fn router(venue: Venue) -> Router {
    let (router, openapi) = described().split_for_parts();
    let document = Document::new(&openapi, &venue.public_url);
    let reader = reader::Reader::new(&document);
    // Only these see the document: a layer around all routes would be paid for by every order.
    let about = Router::new()
        .route(&format!("{BASE}/openapi.json"), get(document::serve))
        .route("/docs", get(reader::serve))
        .route("/docs.css", get(reader::serve_style))
        .route("/problems", get(problems::serve_list))
        .route("/problems/{code}", get(problems::serve_one))
        .route_layer(axum::Extension(document))
        .route_layer(axum::Extension(reader));
    router.merge(about).method_not_allowed_fallback(method_not_allowed).with_state(venue)
}
