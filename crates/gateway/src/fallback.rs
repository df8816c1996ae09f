//! Responses for unknown paths and methods.

use axum::extract::Request;
use cnop_api::{Code, Problem};

use crate::ProblemRejection;

/// For `Router::fallback`: an unknown path.
pub async fn route_not_found(_: Request) -> ProblemRejection {
    ProblemRejection(not_found())
}

/// For `Router::method_not_allowed_fallback`; the router itself adds `Allow`.
pub async fn method_not_allowed(_: Request) -> ProblemRejection {
    ProblemRejection(not_allowed())
}

pub(crate) fn not_found() -> Problem {
    Problem::new(Code::RouteNotFound, "Check the address; /api/v1/openapi.json lists the API's.")
}

pub(crate) fn not_allowed() -> Problem {
    Problem::new(Code::RouteMethodNotAllowed, "The Allow field lists the methods that this address takes.")
}
