//! Compression of dynamic responses. Files are compressed at build time.

use http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// Below this a body travels in one packet anyway.
const COMPRESSED_BYTES_MIN: u16 = 1_024;

/// Decides by the head of the answer.
type ByHead = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// The layer: brotli or gzip, at the level that costs least time.
pub(crate) fn compression() -> CompressionLayer<And<SizeAbove, ByHead>> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_BYTES_MIN).and(is_text as ByHead))
}

/// Text, but no event stream: its events must not wait in an encoder.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    match kind.split_once('/') {
        Some(("text", subtype)) => subtype != "event-stream",
        Some(("application", subtype)) => {
            matches!(subtype, "json" | "problem+json" | "javascript" | "xml" | "manifest+json")
        }
        Some(("image", subtype)) => subtype == "svg+xml",
        _ => false,
    }
}
