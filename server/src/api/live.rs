//! The route `/stream`: opens a stream.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cnop_api::{Code, Problem, account_tag};
use cnop_gateway::{ClientAddress, Identity, SignedIn};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::stream::{StreamTopics, open};
use crate::web::{HandlerResult, Query, refuse_parameter};

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(open_stream))
}

/// Query of a stream: topics and start.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StreamParams {
    /// `account`, `system`, `prices:*` or `prices:BTC,ETH`, separated by commas.
    #[param(required = true)]
    topics: Option<String>,
    /// As the header, for clients that cannot set it.
    last_event_id: Option<String>,
    /// Tag of the account that the client shows, as in `snapshot`. The stream of another account is refused with
    /// `auth.other_account`: somebody else may have signed in since, and numbers of events say nothing of the account.
    account: Option<String>,
}

/// Server-sent events: your account without loss, prices, and the venue's state.
///
/// Topic `account` starts with `snapshot` (its id is the account's last event), then every event in order,
/// each with its number as id. With `Last-Event-ID` it continues after that event, however many there are
/// since. `resync` and a new snapshot come when the account has no such event. Implied events come directly
/// before, without an id: `order.accepted` of an order that filled on arrival, `balance.changed`,
/// `position.changed`. `prices` starts with all requested assets, then sends changes, at most four times a
/// second.
#[utoipa::path(get, path = "/stream", tag = "Trading", security((), ("bearer" = []), ("session" = [])),
    params(StreamParams, ("Last-Event-ID" = Option<String>, Header, description = "The last account event that you have.")),
    responses((status = 200, description = "The stream.", content_type = "text/event-stream", body = String)))]
async fn open_stream(
    State(state): State<ApiState>,
    ClientAddress(address): ClientAddress,
    identity: Identity,
    signed_in: Result<SignedIn, cnop_gateway::ProblemRejection>,
    headers: HeaderMap,
    Query(params): Query<StreamParams>,
) -> HandlerResult<Response> {
    let names = params.topics.ok_or_else(|| {
        refuse_parameter("topics", "required", "Name the topics: ?topics=account,prices:*.")
    })?;
    let topics = StreamTopics::parse(&names, state.streams.market.catalogue())?;
    let caller = if topics.account { Some(signed_in?.0) } else { identity.caller().cloned() };
    if let (Some(wanted), Some(caller)) = (&params.account, &caller)
        && topics.account
        && *wanted != account_tag(&caller.account_id)
    {
        let detail = "Somebody else is signed in now. Load the page again.";
        return Err(Problem::new(Code::AuthOtherAccount, detail).into());
    }
    // An id that is no text is not one of ours: the client must resync.
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default().to_owned());
    let last = last.or(params.last_event_id);
    let account = caller.as_ref().map(|caller| caller.account_id.clone());
    let permit = state.streams.limits.take(address, account)?;
    let caller = caller.filter(|_| topics.account);
    Ok(open(state.streams.clone(), topics, caller, last, permit).await?)
}
