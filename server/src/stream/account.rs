//! The account's part of a stream: a snapshot, then every event of the log in order, read by number after each
//! wake-up, so that a lost wake-up loses no event.

use bytes::Bytes;
use cnop_api::events::{BalanceState, EventName};
use cnop_api::{Code, Problem};
use cnop_domain::AccountId;
use cnop_services::Services;
use serde::Serialize;

use super::frame;

/// Events that are read at once.
const EVENTS_READ: u32 = 100;
/// Events that a client may be behind and still be given all of them; further behind it starts anew.
const RESUME_EVENTS_MAX: u64 = 1_000;

/// Where a stream stands in an account's log.
#[derive(Debug)]
pub(crate) struct AccountLog {
    services: Services,
    account_id: AccountId,
    /// Last event that was given.
    seq: u64,
    /// The balance as it was last told.
    balance: Option<BalanceState>,
}

impl AccountLog {
    /// Starts reading: after the client's last event if it is known, else with a snapshot. Subscribe first.
    pub(crate) async fn start(
        services: Services,
        account_id: AccountId,
        last_event_id: Option<&str>,
    ) -> Result<(Self, Vec<Bytes>), Problem> {
        let snapshot = services.ledger.account_snapshot(&account_id).await?;
        let seq = snapshot.seq;
        let mut log = Self { services, account_id, seq, balance: None };
        let mut frames = Vec::new();
        if let Some(last) = last_event_id {
            let known =
                last.parse::<u64>().ok().filter(|last| *last <= seq && seq - *last <= RESUME_EVENTS_MAX);
            if let Some(known) = known {
                log.seq = known;
                return Ok((log, frames));
            }
            frames.push(frame::RESYNC);
        }
        frames.push(written("snapshot", Some(seq), &snapshot)?);
        log.balance = Some(snapshot.balance);
        Ok((log, frames))
    }

    /// The next events, in order; empty when there are none.
    pub(crate) async fn next(&mut self) -> Result<Vec<Bytes>, Problem> {
        let events = self.services.ledger.events_after(&self.account_id, self.seq, EVENTS_READ).await?;
        let mut frames = Vec::with_capacity(events.len());
        for event in &events {
            // Views of the event that follows. They carry no id: a client that goes away between them and the event
            // comes back with the number before it, and is given all of them again.
            if self.balance.as_ref() != Some(&event.balance) {
                frames.push(written(EventName::BalanceChanged.as_str(), None, &event.balance)?);
                self.balance = Some(event.balance.clone());
            }
            if let Some(holding) = &event.holding {
                frames.push(written(EventName::PositionChanged.as_str(), None, holding)?);
            }
            frames.push(written(&event.name, Some(event.seq), event)?);
            self.seq = event.seq;
        }
        Ok(frames)
    }
}

fn written<T: Serialize>(name: &str, id: Option<u64>, data: &T) -> Result<Bytes, Problem> {
    frame::event(name, id, data).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Problem {
    tracing::error!(error = %error, "an account event could not be written as JSON");
    Problem::new(Code::Internal, "Something went wrong on our side.")
}
