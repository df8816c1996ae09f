//! The `system` message of a stream: where prices come from, and whether they are fresh.

use cnop_api::events::{CoordinationStatus, PriceStatus, SystemEvent};
use cnop_market::Market;
use cnop_services::Services;

/// Age of the newest price in ms.
pub(crate) fn price_age_ms(services: &Services, market: &Market) -> u64 {
    let newest_us = market.snapshot().iter().map(|state| state.quote.time_us).max().unwrap_or(0);
    u64::try_from((services.clock().now_us() - newest_us) / 1_000).unwrap_or(0)
}

/// State of the venue for streams.
pub(super) fn system_state(services: &Services, market: &Market, is_degraded: bool) -> SystemEvent {
    let price_max_age_ms = services.config().price_max_age_ms;
    let fresh = price_age_ms(services, market) <= price_max_age_ms;
    SystemEvent {
        prices: if fresh { PriceStatus::Live } else { PriceStatus::Stale },
        coordination: if is_degraded { CoordinationStatus::Degraded } else { CoordinationStatus::Ok },
        source: market.snapshot().source,
        price_max_age_ms,
    }
}
