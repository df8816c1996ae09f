//! The OpenAPI document: generated once from the handlers' types, then served as bytes.

mod envelope;
mod parameter;
mod refusal;

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::site::{etag_of, tagged};

/// The document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiDocument {
    bytes: Bytes,
    etag: HeaderValue,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "CNOP",
        description = "A trading venue for crypto assets. Money, prices and quantities are decimal strings. \
                       Times are RFC 3339: answers in UTC, requests with any offset. A body with an unknown member is \
                       refused. Errors are RFC 9457 problems with a stable dotted `code`.",
        license(name = "Apache-2.0")
    ),
    components(schemas(
        cnop_api::FieldError,
        cnop_api::events::AccountSnapshot,
        cnop_api::events::AccountEvent,
        cnop_api::events::PricesEvent,
        cnop_api::events::SystemEvent,
        cnop_api::events::PriceTick,
        cnop_api::market::AssetSort,
        cnop_api::market::Interval
    )),
    modifiers(&Schemes),
    tags((name = "Accounts"), (name = "Money"), (name = "Market"), (name = "Trading"), (name = "Operations"))
)]
struct Frame;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("cnop")));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("session", session);
    }
}

/// The document without its paths.
pub(crate) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

impl ApiDocument {
    /// Completes the document with the possible errors of every operation and the public URL.
    pub(crate) fn new(document: &utoipa::openapi::OpenApi, public_url: &str) -> Self {
        let mut value = serde_json::to_value(document).unwrap_or_default();
        complete(&mut value, public_url);
        let bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
        let etag = etag_of(&Sha256::digest(&bytes));
        Self { bytes: bytes.into(), etag: etag.unwrap_or(HeaderValue::from_static("\"\"")) }
    }

    /// The text, as it is served.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The document as a tree.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

fn complete(document: &mut Value, public_url: &str) {
    if let Some(document) = document.as_object_mut() {
        document.insert("servers".to_owned(), json!([{ "url": public_url }]));
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.insert("Problem".to_owned(), refusal::problem_schema());
    }
    envelope::name_envelopes(document);
    let Some(paths) = document.pointer_mut("/paths").and_then(Value::as_object_mut) else { return };
    for path in paths.values_mut().filter_map(Value::as_object_mut) {
        for (method, operation) in path {
            let Some(operation) = operation.as_object_mut() else { continue };
            operation.entry("security").or_insert_with(|| json!([]));
            parameter::document_parameters(operation);
            refusal::document_refusals(method, operation);
        }
    }
}

/// Handler of `GET /api/v1/openapi.json`.
pub(crate) async fn serve(Extension(document): Extension<ApiDocument>, headers: HeaderMap) -> Response {
    tagged(&headers, &document.bytes, &document.etag, "application/json")
}
