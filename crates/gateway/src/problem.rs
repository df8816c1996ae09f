//! Conversion of a problem to a response (RFC 9457), in this one place.

use axum::body::Body;
use axum::response::Response;
use cnop_api::{Code, Problem};
use http::{HeaderValue, StatusCode, header};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::RequestContext;

/// Members defined by the standard or by the API; a fact with such a name is omitted.
const OWN_MEMBERS: [&str; 7] = ["type", "title", "status", "detail", "instance", "code", "errors"];

/// The response for a problem.
#[must_use]
pub fn problem_response(problem: &Problem, context: &RequestContext) -> Response {
    // Serializing strings and numbers into memory cannot fail; an empty object would still be valid.
    let body = serde_json::to_vec(&ProblemDocument { problem, context }).unwrap_or_else(|_| b"{}".to_vec());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status() == 401 {
        let challenge = if problem.code == Code::AuthInvalidCredentials {
            "Bearer realm=\"cnop\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"cnop\""
        };
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// The body: the standard's members first, then ours, then the facts.
struct ProblemDocument<'a> {
    problem: &'a Problem,
    context: &'a RequestContext,
}

impl Serialize for ProblemDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { problem, context } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format_args!("{}{}", context.problem_base, problem.code.as_str()))?;
        map.serialize_entry("title", problem.code.title())?;
        map.serialize_entry("status", &problem.status())?;
        map.serialize_entry("detail", &problem.detail)?;
        map.serialize_entry("instance", &format_args!("urn:cnop:request:{}", context.request_id))?;
        map.serialize_entry("code", problem.code.as_str())?;
        if !problem.errors.is_empty() {
            map.serialize_entry("errors", &problem.errors)?;
        }
        for (index, (name, value)) in problem.facts.iter().enumerate() {
            let is_repeated = problem.facts.iter().take(index).any(|(earlier, _)| earlier == name);
            if !is_repeated && !OWN_MEMBERS.contains(&name.as_str()) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use cnop_api::FieldError;
    use http_body_util::BodyExt;

    use super::*;

    fn context() -> RequestContext {
        RequestContext { request_id: "r-1".to_owned(), problem_base: "https://cnop.example/problems/".into() }
    }

    async fn text(problem: &Problem) -> String {
        let body = problem_response(problem, &context()).into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_whole_document() {
        let problem =
            Problem::invalid(vec![FieldError::new("quantity", "step_size", "Too fine.").given("0.1")])
                .with_fact("available", "12.00")
                .with_fact("status", "hidden")
                .with_fact("available", "13.00");
        let expected = r##"{"type":"https://cnop.example/problems/request.invalid","title":"Some fields break a rule","status":422,"detail":"Too fine.","instance":"urn:cnop:request:r-1","code":"request.invalid","errors":[{"pointer":"#/quantity","detail":"Too fine.","rule":"step_size","given":"0.1"}],"available":"12.00"}"##;
        assert_eq!(text(&problem).await, expected);
    }

    #[test]
    fn the_fields_of_the_head() {
        let answer = problem_response(&Problem::new(Code::Overloaded, "Later.").retry_after(3), &context());
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.headers()["retry-after"], "3");
        assert!(!answer.headers().contains_key("www-authenticate"));
        let answer = problem_response(&Problem::new(Code::AuthRequired, "Who?"), &context());
        assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"cnop\"");
        let answer = problem_response(&Problem::new(Code::AuthInvalidCredentials, "No."), &context());
        assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"cnop\", error=\"invalid_token\"");
    }

    #[test]
    fn every_code_has_a_valid_status() {
        for code in Code::ALL {
            assert_eq!(problem_response(&Problem::new(*code, ""), &context()).status(), code.status());
        }
    }
}
