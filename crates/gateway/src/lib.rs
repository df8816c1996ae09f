//! The gateway in front of every request: identity, quotas, limits, deadlines, cross-site checks, response headers,
//! metrics.
//!
//! [`Gateway::wrap`] applies these steps to a router, in this order: request id, client address, metrics, origin,
//! quotas of the network, body, load shedding, identity, account quota, handler. One deadline covers all of them, and
//! panics are caught. Handlers read [`RequestId`], [`ClientAddress`] and [`Identity`] from the request,
//! extract [`SignedIn`], and reject with [`ProblemRejection`]. [`problem_response`] alone turns a problem into a response; a
//! browser gets a small page instead. [`Breaker`] protects dependencies, and [`Drain`] ends streams.
//!
//! Modules in order of dependency; each uses only modules above it:
//!
//! | module | subject |
//! |---|---|
//! | `config` | [`GatewayConfig`] |
//! | `route` | the class of a route, which decides its quota |
//! | `headers`, `request_id`, `address` | headers of every response; the request's id; the client's address behind proxies |
//! | `fault` | [`FaultNote`]: the internal fault behind a response, for the log |
//! | `context` | [`RequestContext`]: the facts about a request for its handler |
//! | `problem`, `refusal_page`, `fallback` | a problem as a response: JSON, or a page for a person; unknown routes |
//! | `identity`, `origin`, `cors` | credentials; same-origin writes; listed other sites |
//! | `quotas`, `shedding`, `body` | request quotas; load shedding; size and time of a body |
//! | `breaker`, `drain` | [`Breaker`] around dependencies; [`Drain`] of open streams |
//! | `write_deadline` | [`WriteDeadline`]: a connection whose client must read |
//! | `metrics`, `encoding` | counters and their text; compression |
//! | `gateway` | [`Gateway`]: all steps in their order |

mod address;
mod body;
mod breaker;
mod config;
mod context;
mod cors;
mod drain;
mod encoding;
mod fallback;
mod fault;
mod gateway;
mod headers;
mod identity;
mod metrics;
mod origin;
mod problem;
mod quotas;
mod refusal_page;
mod request_id;
mod route;
mod shedding;
mod write_deadline;

pub use breaker::{Breaker, BreakerError, BreakerPermit, BreakerPolicy};
pub use config::{GatewayConfig, RequestCost};
pub use context::{
    ClientAddress, HealthOnly, Identity, ProblemRejection, RequestContext, RequestId, SignedIn,
};
pub use drain::{Drain, StreamGuard};
pub use fallback::{method_not_allowed, route_not_found};
pub use fault::FaultNote;
pub use gateway::Gateway;
pub use metrics::{MetricsError, MetricsHandle, metrics_install};
pub use problem::problem_response;
pub use shedding::connection_refused;
pub use write_deadline::WriteDeadline;
