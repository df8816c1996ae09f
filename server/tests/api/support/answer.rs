//! The answer to a request, read to its end.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

use super::text;

/// Status, headers and body of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    path: String,
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

/// Ways to send a request that was built.
pub(crate) trait RequestExt {
    /// Sends the request and reads the answer to its end.
    async fn answer(self) -> Answer;

    /// Sends the request and leaves the body open, for a stream.
    async fn open(self) -> Response;
}

impl RequestExt for RequestBuilder {
    async fn answer(self) -> Answer {
        let response = self.open().await;
        let (status, headers) = (response.status(), response.headers().clone());
        let path = response.url().path().to_owned();
        let body = response.bytes().await.unwrap();
        Answer { path, status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn open(self) -> Response {
        self.send().await.unwrap()
    }
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn text(&self) -> &str {
        &self.body
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The JSON of an answer with this status; `null` when the body is not JSON.
    pub(crate) fn expect(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The status, the code and the first bad field of a problem, after checking that the problem is complete.
    pub(crate) fn refusal(&self) -> (u16, String, Option<String>) {
        let status = self.status.as_u16();
        let content_type = self.headers.get("content-type").map(|value| value.to_str().unwrap());
        assert_eq!(content_type, Some("application/problem+json"), "{status} {}", self.body);
        assert!(self.headers.contains_key("x-request-id"));
        let problem = self.json();
        assert_eq!(problem["status"], status);
        let code = text(&problem, "code");
        crate::documents::assert_documented(&self.path, &code);
        assert!(text(&problem, "type").ends_with(&format!("/problems/{code}")));
        assert!(!text(&problem, "detail").is_empty() && !text(&problem, "title").is_empty());
        let first = &problem["errors"][0];
        let field = first["pointer"].as_str().or(first["parameter"].as_str()).map(ToOwned::to_owned);
        (status, code, field)
    }
}
