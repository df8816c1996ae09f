//! Pages about the problem codes, for readers of a problem's `type`; and the public keys.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use cnop_api::{Code, Timestamp};
use cnop_services::Services;
use cnop_services::auth::Jwks;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::reader;
use super::state::ApiState;
use crate::web::{HandlerResult, refuse};

/// Time in µs for which a fetched contact may be used: half a year.
const CONTACT_LIFE_US: i64 = 180 * 86_400 * 1_000_000;

/// The route of the public keys.
pub(crate) fn keys_route() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(find_keys))
}

/// The public keys that access tokens are signed with (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "Operations",
    responses((status = 200, description = "The key set.", body = serde_json::Value)))]
async fn find_keys(State(services): State<Services>) -> (HeaderMap, Json<Jwks>) {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    (headers, Json(services.auth.jwks()))
}

/// `GET /.well-known/security.txt`: who to tell about a vulnerability (RFC 9116), if the operator has said so.
pub(crate) async fn serve_security_contact(State(venue): State<ApiState>) -> HandlerResult<Response> {
    let contact = venue.security_contact.as_deref().ok_or_else(|| {
        refuse(Code::RouteNotFound, "This venue names no contact for security researchers.")
    })?;
    let expires = Timestamp(venue.streams.services.clock().now_us().saturating_add(CONTACT_LIFE_US));
    let url = &venue.public_url;
    let text = format!("Contact: {contact}\nExpires: {expires}\nCanonical: {url}/.well-known/security.txt\n");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
    ];
    Ok((headers, text).into_response())
}

/// `GET /problems`: all codes.
pub(crate) async fn serve_list(headers: HeaderMap) -> Response {
    if wants_html(&headers) {
        let rows: String = Code::ALL.iter().map(|code| row(*code)).collect();
        let page = reader::page(
            "Problems",
            &format!(
                "<h1>Problems</h1>{INTRODUCTION}<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>"
            ),
        );
        return (VARIES, page).into_response();
    }
    let codes: Vec<_> = Code::ALL.iter().map(|code| described(*code)).collect();
    (VARIES, Json(json!({ "data": codes }))).into_response()
}

/// `GET /problems/{code}`: one code.
pub(crate) async fn serve_one(path: Option<Path<String>>, headers: HeaderMap) -> HandlerResult<Response> {
    let code = path.and_then(|Path(text)| Code::from_text(&text));
    let code =
        code.ok_or_else(|| refuse(Code::RouteNotFound, "There is no such problem code; see /problems."))?;
    if !wants_html(&headers) {
        return Ok((VARIES, Json(described(code))).into_response());
    }
    let (title, status) = (code.title(), code.status());
    let advice = advice(code);
    let body = format!(
        "<p><a href=\"/problems\">All problems</a></p><h1>{title}</h1><p><code>{}</code>, HTTP status {status}.</p><p>{advice}</p>",
        code.as_str()
    );
    Ok((VARIES, reader::page(title, &body)).into_response())
}

/// A person gets a page, a program a document: a shared cache must not give one the other's.
const VARIES: [(header::HeaderName, HeaderValue); 1] = [(header::VARY, HeaderValue::from_static("Accept"))];
const INTRODUCTION: &str = "<p>Every refusal of the API is a problem document (RFC 9457). Its <code>code</code> is one of \
                            these and does not change; its <code>detail</code> says what to do.</p>";

fn row(code: Code) -> String {
    let (text, status, title) = (code.as_str(), code.status(), code.title());
    format!(
        "<tr><td><a href=\"/problems/{text}\"><code>{text}</code></a></td><td>{status}</td><td>{title}.</td></tr>"
    )
}

fn described(code: Code) -> serde_json::Value {
    json!({ "code": code.as_str(), "status": code.status(), "title": code.title(), "advice": advice(code) })
}

/// Advice for a client, by kind of response.
const fn advice(code: Code) -> &'static str {
    match code.status() {
        400 | 413 | 415 | 422 => {
            "The request has to be changed before it can succeed. The members of errors, where there are any, name the fields. Nothing was written."
        }
        401 => "Sign in again, or refresh the access token. Nothing was written.",
        403 => "Repeating the request does not help; the detail says when or for whom it is allowed.",
        404 | 405 => "Check the address and the method. What belongs to another account is not found either.",
        409 | 412 => "Something else came first. Read the present state, then decide.",
        429 => "Wait for the seconds of Retry-After, then go on more slowly.",
        503 => {
            "Wait for the seconds of Retry-After. Repeat a command that moves money with the same Idempotency-Key only."
        }
        _ => "It was logged. Quote the instance when you report it.",
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains("text/html"))
}
