//! Request context for handlers, and their rejection type.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use cnop_api::{Caller, Code, Problem};
use http::StatusCode;
use http::request::Parts;

/// Names one request in answers and logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Address of the client, behind proxies that are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Marks the requests of a connection that is there for health questions only, because the server is full. The
/// listener sets it; the gateway refuses every other question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthOnly;

/// Identity of the caller. Bad credentials do not close public routes: only [`SignedIn`] answers with their problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The request has no credentials.
    Anonymous,
    /// The credentials are valid.
    Known(Arc<Caller>),
    /// The credentials are invalid, or could not be verified now.
    Refused(Problem),
}

impl Identity {
    /// The signed-in caller, if any.
    #[must_use]
    pub const fn caller(&self) -> Option<&Arc<Caller>> {
        match self {
            Self::Known(caller) => Some(caller),
            Self::Anonymous | Self::Refused(_) => None,
        }
    }
}

/// Request context for [`problem_response`](crate::problem_response).
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Id of the request.
    pub request_id: String,
    /// The public URL and `/problems/`.
    pub problem_base: Arc<str>,
}

/// The caller of a route that needs one.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Arc<Caller>);

/// A handler's refusal: the bare problem, written out by the gateway on the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemRejection(pub Problem);

impl<E: Into<Problem>> From<E> for ProblemRejection {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ProblemRejection {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ProblemRejection> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Known(caller)) => Ok(Self(Arc::clone(caller))),
            Some(Identity::Refused(problem)) => Err(ProblemRejection(problem.clone())),
            Some(Identity::Anonymous) | None => Err(ProblemRejection(Problem::new(
                Code::AuthRequired,
                "Sign in, or send an access token as `Authorization: Bearer …`.",
            ))),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self::Anonymous))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self(String::new())))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}
