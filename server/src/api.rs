//! The HTTP API: one module for each group of routes, and the OpenAPI document made from them.

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
pub(crate) mod state;
mod trading;

use axum::Router;
use axum::routing::get;
use cnop_gateway::method_not_allowed;
use utoipa_axum::router::OpenApiRouter;

pub use document::ApiDocument;
use state::ApiState;

/// Base path of the API.
const BASE: &str = "/api/v1";

/// All routes of the API with their description.
fn described() -> OpenApiRouter<ApiState> {
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
pub fn document(public_url: &str) -> ApiDocument {
    ApiDocument::new(&described().split_for_parts().1, public_url)
}

/// The router of the API, of its document and of the reader for it.
pub(crate) fn router(state: ApiState) -> Router {
    let (router, openapi) = described().split_for_parts();
    let document = ApiDocument::new(&openapi, &state.public_url);
    let reader = reader::Reader::new(&document);
    // Only these see the document: a layer around all routes would be paid for by every order.
    let about = Router::new()
        .route(&format!("{BASE}/openapi.json"), get(document::serve))
        .route("/docs", get(reader::serve))
        .route("/docs.css", get(reader::serve_style))
        .route("/.well-known/security.txt", get(problems::serve_security_contact))
        .route("/problems", get(problems::serve_list))
        .route("/problems/{code}", get(problems::serve_one))
        .route_layer(axum::Extension(document))
        .route_layer(axum::Extension(reader));
    router.merge(about).method_not_allowed_fallback(method_not_allowed).with_state(state)
}
