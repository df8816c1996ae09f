//! Load shedding: a request that would wait too long is refused at once.

use std::net::IpAddr;
use std::sync::Arc;

use cnop_api::{Code, Problem};
use cnop_coordination::{Place, PlaceLimits, PlaceRefusal, Places};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Health questions that are answered at once: probes ask one at a time. They have places of their own, so that a
/// loaded server is not taken for a dead one, and a flood of them takes nothing from others.
const HEALTH_IN_FLIGHT_MAX: usize = 64;
/// Seconds until a refused client may try again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Limits the requests in flight.
#[derive(Debug)]
pub(crate) struct Shedding {
    in_flight: Places,
    health: Arc<Semaphore>,
}

/// The place of a request in flight, until dropped.
#[derive(Debug)]
pub(crate) enum InFlight {
    Request(#[allow(dead_code, reason = "held until dropped")] Place),
    Health(#[allow(dead_code, reason = "held until dropped")] OwnedSemaphorePermit),
}

impl Shedding {
    pub(crate) fn new(limits: PlaceLimits) -> Self {
        Self { in_flight: Places::new(limits), health: Arc::new(Semaphore::new(HEALTH_IN_FLIGHT_MAX)) }
    }

    /// Admits the request of a client unless too many are in flight.
    ///
    /// # Errors
    /// `service.overloaded`.
    pub(crate) fn enter(&self, address: IpAddr) -> Result<InFlight, Problem> {
        self.in_flight.take(address, 0).map(InFlight::Request).map_err(|refusal| match refusal {
            PlaceRefusal::All => overloaded(),
            PlaceRefusal::Network => refused("Too many requests of your network are being answered."),
        })
    }

    /// Admits a health question.
    ///
    /// # Errors
    /// `service.overloaded`.
    pub(crate) fn enter_health(&self) -> Result<InFlight, Problem> {
        let permit = Arc::clone(&self.health).try_acquire_owned();
        permit.map(InFlight::Health).map_err(|_| refused("Too many health questions are being answered."))
    }
}

/// The refusal of a request for which the server has no room.
pub(crate) fn overloaded() -> Problem {
    refused("Too many requests are being answered.")
}

fn refused(what: &str) -> Problem {
    Problem::new(Code::Overloaded, format!("{what} Try again in a moment.")).retry_after(RETRY_AFTER_SECONDS)
}

/// Counts a connection that the listener refused.
pub fn connection_refused(refusal: PlaceRefusal) {
    let bound = match refusal {
        PlaceRefusal::All => "all",
        PlaceRefusal::Network => "network",
    };
    metrics::counter!("cnop_connections_refused_total", "bound" => bound).increment(1);
}
