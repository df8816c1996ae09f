//! JSON bodies: accepted forms, and the extractor. A refusal names the position of the error and never
//! repeats a value.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use cnop_api::{Code, FieldError, Problem};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::json_reader::{self, malformed};
use super::rejection::{HandlerResult, ProblemRejection, refuse};

/// Deepest nesting of a body; ours need two levels.
const DEPTH_MAX: usize = 32;

/// A body of this type.
#[derive(Debug, Clone)]
pub(crate) struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ProblemRejection;

    async fn from_request(request: Request, state: &S) -> HandlerResult<Self> {
        body_read(request, state).await.map(Self)
    }
}

async fn body_read<T: DeserializeOwned>(request: Request, state: &(impl Send + Sync)) -> HandlerResult<T> {
    content_type_check(request.headers())?;
    content_encoding_check(request.headers())?;
    let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            refuse(Code::RequestTooLarge, "The body is larger than this address takes.")
        } else {
            refuse(Code::RequestMalformed, "The body ended early.")
        }
    })?;
    body_parse(&bytes).map_err(ProblemRejection)
}

/// None counts as JSON; anything else must say so.
fn content_type_check(headers: &HeaderMap) -> HandlerResult<()> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    if value.is_empty() {
        return Ok(());
    }
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    if subtype == "json" || subtype.ends_with("+json") {
        return Ok(());
    }
    Err(refuse(Code::RequestUnsupportedType, "Send JSON with Content-Type: application/json."))
}

/// Bodies are a few hundred bytes, so compression is useless, and decompression would allow zip bombs.
fn content_encoding_check(headers: &HeaderMap) -> HandlerResult<()> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    if values.all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    Err(refuse(Code::RequestUnsupportedType, "Send the JSON as it is, without a Content-Encoding."))
}

/// Parses a body.
///
/// # Errors
/// `request.malformed` (400) with the position for invalid JSON; `request.invalid` (422) with a pointer for a
/// member that is missing, duplicate or of the wrong type.
fn body_parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    shape_check(bytes)?;
    json_reader::read(bytes)
}

/// Refuses an empty body, too deep nesting, and anything but an object, before parsing.
fn shape_check(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.trim_ascii().is_empty() {
        return Err(Problem::new(Code::RequestMalformed, "The body is empty; send a JSON object."));
    }
    if depth_of(bytes) > DEPTH_MAX {
        let detail = format!("The body is nested deeper than {DEPTH_MAX} levels.");
        return Err(Problem::new(Code::RequestMalformed, detail));
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| malformed(&error))?;
        let mut error = FieldError::new("", "type", "The body must be a JSON object.");
        error.pointer = Some("#".to_owned());
        return Err(Problem::invalid(vec![error]));
    }
    Ok(())
}

/// Depth of nested brackets outside of strings.
fn depth_of(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use cnop_api::money::TransferRequest;
    use cnop_api::trading::OrderRequest;

    fn refused<T: DeserializeOwned>(body: &str) -> (u16, Option<String>, String) {
        match body_parse::<T>(body.as_bytes()) {
            Ok(_) => panic!("{body} is accepted"),
            Err(problem) => (
                problem.status(),
                problem.errors.first().and_then(|error| error.pointer.clone()),
                problem.detail,
            ),
        }
    }

    #[test]
    fn malformed_bodies_are_400_without_their_contents() {
        let deep = format!("{{\"a\":{}", "[".repeat(200_000));
        for body in [
            "",
            "  ",
            "{",
            "{\"amount\":secret}",
            "{\"amount\":\"1\"} x",
            "\u{feff}{}",
            "{'a':1}",
            "nul",
            &deep,
        ] {
            let (status, pointer, detail) = refused::<TransferRequest>(body);
            assert_eq!((status, pointer), (400, None), "{detail}");
            assert!(!detail.contains("secret"));
        }
        assert_eq!(
            refused::<TransferRequest>("{\"amount\": }").2,
            "The body is not valid JSON at line 1, column 12."
        );
    }

    #[test]
    fn wrong_members_are_422_with_a_pointer() {
        for (body, pointer) in [
            ("{}", "#/amount"),
            ("{\"amount\":true}", "#/amount"),
            ("{\"amount\":null}", "#/amount"),
            ("{\"amount\":[\"secret\"]}", "#/amount"),
            ("{\"amount\":\"1\",\"amount\":\"2\"}", "#/amount"),
            ("{\"amount\":\"1\",\"\\u0061mount\":\"1\"}", "#/amount"),
            ("{\"amount\":\"1\",\"x\":1,\"x\":1}", "#/x"),
            ("{\"amount\":\"1\",\"se cret\":1,\"se cret\":1}", "#"),
            ("[\"1\"]", "#"),
            ("\"secret\"", "#"),
            ("7", "#"),
        ] {
            let (status, found, detail) = refused::<TransferRequest>(body);
            assert_eq!((status, found.as_deref()), (422, Some(pointer)), "{body}: {detail}");
            assert!(!detail.contains("secret"), "{detail}");
        }
        let (_, pointer, detail) = refused::<OrderRequest>("{\"asset_id\":123456}");
        assert_eq!(pointer.as_deref(), Some("#/asset_id"));
        assert!(!detail.contains("123456"), "{detail}");
    }

    #[test]
    fn members_with_a_form_say_which() {
        for (members, pointer, detail) in [
            ("\"trail_bps\":1.5", "#/trail_bps", "`trail_bps` must be a whole number."),
            (
                "\"stop_loss\":{\"trail_bps\":1e2}",
                "#/stop_loss/trail_bps",
                "`trail_bps` must be a whole number.",
            ),
            (
                "\"expires_at\":\"tomorrow\"",
                "#/expires_at",
                "`expires_at` must be a time such as 2026-11-21T10:00:00Z or 2026-11-21T11:00:00+01:00.",
            ),
            ("\"take_profit\":{}", "#/take_profit/price", "`price` is required."),
        ] {
            let body = format!("{{\"asset_id\":\"BTC\",{members}}}");
            let expected = (422, Some(pointer.to_owned()), detail.to_owned());
            assert_eq!(refused::<OrderRequest>(&body), expected, "{body}");
        }
    }

    #[test]
    fn a_member_of_older_clients_is_ignored_and_a_number_is_read_from_its_text() {
        let body = br#"{"amount": 100.10, "description": {"a": [1]}}"#;
        assert_eq!(body_parse::<TransferRequest>(body).unwrap().amount.as_str(), "100.10");
    }

    #[test]
    fn a_change_is_made_whole_or_not_at_all() {
        use cnop_api::trading::{GuardRailsUpdate, OrderReplaceRequest};
        let (status, pointer, detail) =
            refused::<GuardRailsUpdate>(r#"{"kill_switch":true,"dayly_loss":"5"}"#);
        assert_eq!((status, pointer.as_deref()), (422, Some("#/dayly_loss")), "{detail}");
        assert!(detail.contains("`daily_loss`"), "{detail}");
        let (_, pointer, detail) = refused::<OrderReplaceRequest>(r#"{"price":"1","se cret":1}"#);
        assert_eq!(pointer.as_deref(), Some("#"));
        assert!(!detail.contains("cret"), "{detail}");
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert_eq!(depth_of(br#"{"a":"[[[[\"[[","b":[1]}"#), 2);
    }
}
