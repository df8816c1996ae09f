//! Headers of every response.

use http::{HeaderMap, HeaderName, HeaderValue, header};

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// Policy for responses without their own: nothing may load or run.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; form-action 'none'; frame-ancestors 'none'");
/// Two years, the value that preload lists expect.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Adds the security fields, and how long the answer may be kept if the handler did not say.
pub(crate) fn protect(headers: &mut HeaderMap, is_https: bool, is_api: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    // No other site embeds what is here; a listed site reads the API by CORS, which this does not touch.
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(
        PERMISSIONS_POLICY,
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    // A page shows who is signed in. It may be stored, but must be revalidated before it is shown again.
    let cache = HeaderValue::from_static(if is_api { "no-store" } else { "private, no-cache" });
    headers.entry(header::CACHE_CONTROL).or_insert(cache);
}
