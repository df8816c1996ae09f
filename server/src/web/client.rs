//! Extractors for the head of a request: its client and its idempotency key.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use cnop_api::cookies::device_cookie;
use cnop_api::{FieldError, Problem};
use cnop_gateway::{ClientAddress, RequestId};
use cnop_services::IdempotencyKey;
use cnop_services::auth::{ClientDetails, USER_AGENT_CHARACTERS_MAX};
use zeroize::Zeroizing;

use super::rejection::{HandlerResult, ProblemRejection};

/// The client of the request: address, user agent and request id.
#[derive(Debug, Clone)]
pub(crate) struct RequestClient(pub ClientDetails);

/// The `Idempotency-Key` of the request, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Idempotency(pub Option<IdempotencyKey>);

/// Client of a request, by its head.
#[must_use]
pub(crate) fn client_of(parts: &Parts) -> ClientDetails {
    let unknown = std::net::IpAddr::from(std::net::Ipv4Addr::UNSPECIFIED);
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    ClientDetails {
        address: parts.extensions.get::<ClientAddress>().map_or(unknown, |address| address.0),
        user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_CHARACTERS_MAX).collect()),
        request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        device: device_cookie(&parts.headers).map(|secret| Zeroizing::new(secret.to_owned())),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestClient {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> HandlerResult<Self> {
        Ok(Self(client_of(parts)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> HandlerResult<Self> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let key = value.to_str().ok().and_then(|text| text.parse().ok());
        match (key, values.next()) {
            (Some(key), None) => Ok(Self(Some(key))),
            _ => Err(ProblemRejection(Problem::invalid(vec![FieldError {
                pointer: None,
                ..FieldError::parameter(
                    "Idempotency-Key",
                    "idempotency_key",
                    "Idempotency-Key is given once and has 1 to 128 visible characters.",
                )
            }]))),
        }
    }
}
