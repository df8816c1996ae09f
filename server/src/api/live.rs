//! `/stream`: opening a live stream.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cnop_gateway::{ClientAddress, Identity, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::Venue;
use crate::stream::{Topics, open};
use crate::web::{Answer, Query, refuse_parameter};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<Venue> {
    OpenApiRouter::new().routes(routes!(open_stream))
}

/// Server-sent events: your account without loss, prices, and the venue's state.
///
/// Topic `account` begins with `snapshot` (its id is the account's last event), then every event in order, each
/// with its number as id. With `Last-Event-ID` it goes on after that event, however many there are since; `resync` and a
/// new snapshot come when the account has no such event. What an event implies comes before it without an id:
/// `order.accepted` of an order that filled as it arrived, `balance.changed`, `position.changed`. `prices` begins with all asked assets, then what has changed, at most four times a second.
#[utoipa::path(get, path = "/stream", tag = "Trading", security((), ("bearer" = []), ("session" = [])),
    params(("topics" = String, Query, description = "`account`, `system`, `prices:*` or `prices:BTC,ETH`, separated by commas."),
        ("last_event_id" = Option<String>, Query, description = "As the header, for clients that cannot set it."),
        ("Last-Event-ID" = Option<String>, Header, description = "The last account event that you have.")),
    responses((status = 200, description = "The stream.", content_type = "text/event-stream", body = String)))]
async fn open_stream(
    State(venue): State<Venue>,
    ClientAddress(address): ClientAddress,
    identity: Identity,
    signed_in: Result<SignedIn, cnop_gateway::Refusal>,
    headers: HeaderMap,
    query: Query,
) -> Answer<Response> {
    let query = query.only(&["topics", "last_event_id"])?;
    let asked = query.text("topics").ok_or_else(|| {
        refuse_parameter("topics", "required", "Name the topics: ?topics=account,prices:*.")
    })?;
    let topics = Topics::parse(asked, venue.streams.market.catalogue())?;
    let caller = if topics.account { Some(signed_in?.0) } else { identity.caller().cloned() };
    // One that is no text is no event of ours: the client is told to start anew.
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default().to_owned());
    let last = last.or_else(|| query.owned("last_event_id"));
    let account = caller.as_ref().map(|caller| caller.account_id.clone());
    let slot = venue.streams.limits.take(address, account)?;
    let caller = caller.filter(|_| topics.account);
    Ok(open(venue.streams.clone(), topics, caller, last, slot).await?)
}
