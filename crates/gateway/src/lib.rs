//! What stands before everything else: who asks and from where, how often and how long, what may come from another
//! site, and what every answer carries.
//!
//! [`Gateway::wrap`] puts all of it around a router, in this order: request id, client address, metrics, load
//! shedding, address quota, identity, account quota, origin of writes, body limit, then the handler, under one
//! deadline and with panics caught. Handlers read [`RequestId`], [`ClientAddress`] and [`Identity`] from the
//! request, ask for [`SignedIn`] and refuse with [`Refusal`]; [`problem_response`] is the one place where a problem
//! becomes an answer, and for a browser that shows it to a person a small page. [`Breaker`] stands around dependencies, [`Drain`] tells streams to end.

mod address;
mod body;
mod breaker;
mod config;
mod context;
mod cors;
mod drain;
mod encoding;
mod fallback;
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

pub use breaker::{Breaker, BreakerError, BreakerPolicy, BreakerTicket};
pub use config::GatewayConfig;
pub use context::{ClientAddress, Identity, Refusal, RequestContext, RequestId, SignedIn};
pub use drain::{Drain, StreamGuard};
pub use fallback::{method_not_allowed, route_not_found};
pub use gateway::Gateway;
pub use metrics::{MetricsError, MetricsHandle, metrics_install};
pub use problem::problem_response;
