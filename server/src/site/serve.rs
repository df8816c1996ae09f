//! Responses for files of the site.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;

use super::kind::{content_type, is_hashed};
use super::{Accepted, FileContent, Site};

/// Files with a hash in their name never change.
const CACHE_HASHED: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Files without one, during development, may change at any time.
const CACHE_BUILT: HeaderValue = HeaderValue::from_static("no-cache");
/// Others may change with the next version.
const CACHE_PLAIN: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The file at this path (with its first slash), if there is one.
pub(crate) async fn serve(
    site: &Site,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<Response<Body>> {
    let path = path.strip_prefix('/')?;
    if !matches!(*method, Method::GET | Method::HEAD) || path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let content = site.files.find(path, accepted(headers)).await?;
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| matches(tags, &content.etag));
    let mut response = Response::new(Body::empty());
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else if *method == Method::GET {
        *response.body_mut() = Body::from(content.bytes.clone());
    }
    fields(response.headers_mut(), path, &content, same);
    Some(response)
}

fn fields(headers: &mut HeaderMap, path: &str, content: &FileContent, same: bool) {
    headers.insert(header::ETAG, content.etag.clone());
    let kept = match path.starts_with("pkg/") {
        true if is_hashed(path) => CACHE_HASHED,
        true => CACHE_BUILT,
        false => CACHE_PLAIN,
    };
    headers.insert(header::CACHE_CONTROL, kept);
    if content.varies {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if same {
        return;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(content.bytes.len()));
    if let Some(encoding) = content.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
}

/// A response with an entity tag, or 304 if the client has the content.
pub(crate) fn tagged(
    headers: &HeaderMap,
    bytes: &Bytes,
    tag: &HeaderValue,
    kind: &'static str,
) -> Response<Body> {
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| matches(tags, tag));
    let mut response = Response::new(if same { Body::empty() } else { Body::from(bytes.clone()) });
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response.headers_mut().insert(header::ETAG, tag.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

/// Returns true if one of the client's tags is this one. Tags are compared weakly, as RFC 9110 wants here.
fn matches(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(tags), Ok(etag)) = (tags.to_str(), etag.to_str()) else { return false };
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn accepted(headers: &HeaderMap) -> Accepted {
    let mut accepted = Accepted { brotli: false, gzip: false };
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for part in values.flat_map(|value| value.split(',')) {
        let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
        let quality = parameters.trim().strip_prefix("q=").and_then(|text| text.parse::<f32>().ok());
        let taken = quality.is_none_or(|quality| quality > 0.0);
        match name.trim().to_ascii_lowercase().as_str() {
            "br" => accepted.brotli = taken,
            "gzip" => accepted.gzip = taken,
            _ => {}
        }
    }
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_read_with_their_quality() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, br;q=0"));
        assert_eq!(accepted(&headers), Accepted { brotli: false, gzip: true });
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("GZIP;q=0.5, br"));
        assert_eq!(accepted(&headers), Accepted { brotli: true, gzip: true });
        assert_eq!(accepted(&HeaderMap::new()), Accepted { brotli: false, gzip: false });
    }

    #[test]
    fn tags_are_compared_weakly() {
        let tag = HeaderValue::from_static("\"a\"");
        for tags in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(matches(&HeaderValue::from_str(tags).unwrap(), &tag), "{tags}");
        }
        assert!(!matches(&HeaderValue::from_static("\"b\""), &tag));
    }
}
