//! The one error of every server function: the venue's problem, carried to the browser as it is.

use cnop_api::{Code, Problem};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Error of a server function. Its JSON is that of the problem, so a response of the gateway
/// (`application/problem+json`) is parsed the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppError(pub Problem);

impl AppError {
    /// Returns true if the visitor has to sign in first.
    #[must_use]
    pub fn wants_sign_in(&self) -> bool {
        matches!(self.0.code, Code::AuthRequired | Code::AuthInvalidCredentials)
    }
}

impl AppError {
    /// An error whose cause is not known here.
    pub(crate) fn internal() -> Self {
        let detail = "Something went wrong on our side. Reload the page to see the current state.";
        Self(Problem::new(Code::Internal, detail))
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl std::error::Error for AppError {}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// Faults of the transport. Their texts name internals, so none of them is passed on.
    fn from_server_fn_error(fault: ServerFnErrorErr) -> Self {
        Self(match fault {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::UnsupportedRequestMethod(_) => Problem::new(
                Code::Unavailable,
                "Can't reach the server. Your request may already be done. Press again to retry: it is never done twice.",
            ),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Serialization(_) => Problem::new(
                Code::RequestMalformed,
                "The form could not be read. Reload the page and fill it in again.",
            ),
            ServerFnErrorErr::Deserialization(_) => Problem::new(
                Code::Unavailable,
                "The server's answer could not be read. Reload the page to see the current state.",
            ),
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Response(_) => return Self::internal(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_answer_reads_as_the_same_problem() {
        let body = r#"{"type":"http://localhost/problems/quota.exceeded","title":"Too many requests","status":429,
            "detail":"Wait 3 seconds.","instance":"/fn/order/place","code":"quota.exceeded"}"#;
        let error = AppError::de(body.as_bytes().to_vec().into());
        assert_eq!(error.0, Problem::new(Code::QuotaExceeded, "Wait 3 seconds."));
    }

    #[test]
    fn a_problem_survives_the_way_to_the_browser() {
        let problem =
            Problem::invalid(vec![cnop_api::FieldError::new("amount", "decimals", "At most 2 decimals.")]);
        assert_eq!(AppError::de(AppError(problem.clone()).ser()).0, problem);
    }

    #[test]
    fn faults_of_the_transport_name_no_internals() {
        let error =
            AppError::from_server_fn_error(ServerFnErrorErr::Args("missing field `key` at src".to_owned()));
        assert_eq!(error.0.code, Code::RequestMalformed);
        assert!(!error.0.detail.contains("key"));
    }
}
