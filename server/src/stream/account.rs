//! The account part of a stream: a snapshot, then every event of the log in order. Events are read by number
//! after each wake-up, so a lost wake-up loses no event.

use bytes::Bytes;
use cnop_api::events::{AccountEvent, BalanceState, EventName};
use cnop_api::trading::OrderView;
use cnop_api::{Code, Problem};
use cnop_domain::AccountId;
use cnop_services::Services;
use serde::Serialize;

use super::frame;

/// Events that are read at once.
pub(super) const EVENTS_READ: u32 = 100;

/// Position of a stream in an account's log.
#[derive(Debug)]
pub(crate) struct AccountLog {
    services: Services,
    account_id: AccountId,
    /// Number of the last event sent.
    seq: u64,
    /// Balance that was last sent.
    balance: Option<BalanceState>,
}

impl AccountLog {
    /// Starts reading: after the client's last event, however long ago that was, or with a snapshot when there is no such
    /// event. Subscribe first.
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
            if let Some(known) = last.parse::<u64>().ok().filter(|last| *last <= seq) {
                log.seq = known;
                return Ok((log, frames));
            }
            frames.push(frame::RESYNC);
        }
        frames.push(written("snapshot", Some(seq), &snapshot)?);
        log.balance = Some(snapshot.balance);
        Ok((log, frames))
    }

    /// The next events, in order, at most [`EVENTS_READ`] of them; whether there may be more.
    pub(crate) async fn next(&mut self) -> Result<(Vec<Bytes>, bool), Problem> {
        let events = self.services.ledger.events_after(&self.account_id, self.seq, EVENTS_READ).await?;
        let mut frames = Vec::with_capacity(events.len());
        for event in &events {
            // Implied events precede their event and have no id. A client that disconnects in between returns
            // with the previous number, and receives all of them again.
            if let Some(order) = &event.accepted {
                frames.push(self.accepted(event, order)?);
            }
            if self.balance.as_ref() != Some(&event.balance) {
                frames.push(written(EventName::BalanceChanged.as_str(), None, &event.balance)?);
                self.balance = Some(event.balance.clone());
            }
            if let Some(holding) = &event.holding {
                frames.push(written(EventName::PositionChanged.as_str(), None, holding)?);
            }
            frames.push(written(event.name.as_str(), Some(event.seq), event)?);
            self.seq = event.seq;
        }
        let is_full = u32::try_from(events.len()).is_ok_and(|count| count >= EVENTS_READ);
        Ok((frames, is_full))
    }

    /// The acceptance of an order that the event has filled, as an event of its own. It has the number of the
    /// previous event, so a client that counts misses none and does not skip the fill.
    fn accepted(&self, event: &AccountEvent, order: &OrderView) -> Result<Bytes, Problem> {
        let name = EventName::OrderAccepted;
        let accepted = AccountEvent {
            seq: self.seq,
            name,
            balance: self.balance.clone().unwrap_or_else(|| event.balance.clone()),
            holding: None,
            order: Some(order.clone()),
            fill: None,
            accepted: None,
            ..event.clone()
        };
        written(name.as_str(), None, &accepted)
    }
}

fn written<T: Serialize>(name: &str, id: Option<u64>, data: &T) -> Result<Bytes, Problem> {
    frame::event(name, id, data).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Problem {
    Problem::new(Code::Internal, "Something went wrong on our side.")
        .caused_by(format!("an account event could not be written as JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cnop_services::auth::SigningKey;
    use cnop_services::ledger::account_open;
    use cnop_services::{Config, Environment};
    use cnop_testkit::{Backend, caller, transfer};
    use futures::FutureExt as _;

    use super::*;

    /// A server on these ports, as after its start.
    fn server(backend: &Backend) -> Services {
        let environment = Environment {
            table: Arc::clone(&backend.table),
            coordinator: Arc::clone(&backend.coordinator) as _,
            market: backend.market.market(),
            clock: Arc::clone(&backend.clock) as _,
            entropy: Arc::clone(&backend.entropy) as _,
            mailer: Arc::new(cnop_services::mailer::NoMailer),
        };
        Services::new(environment, Config::default(), SigningKey::from_bytes(&[9; 32]))
    }

    /// The numbers of the events in a stream's frames.
    fn ids(frames: &[Bytes]) -> Vec<u64> {
        let texts = frames.iter().map(|frame| std::str::from_utf8(frame).unwrap());
        texts.filter_map(|text| text.strip_prefix("id: ")?.split('\n').next()?.parse().ok()).collect()
    }

    /// A stream heard of events of another server up to 15 seconds late. A client that moves to another server must
    /// get each event that it missed, once.
    #[tokio::test]
    async fn events_of_another_server_arrive_at_once_and_a_move_loses_and_repeats_none() {
        let backend = Backend::in_memory();
        let (first, second, trader) = (server(&backend), server(&backend), caller(1));
        let account_id = trader.account_id.clone();
        backend.table.transact(account_open(&account_id, 1).unwrap()).await.unwrap();

        let mut updates = first.ledger.subscribe(&account_id).await.unwrap();
        let (mut log, opening) = AccountLog::start(first.clone(), account_id.clone(), None).await.unwrap();
        let start = ids(&opening)[0];
        let mut seen = Vec::new();
        for _ in 0..3 {
            assert!(updates.changed().now_or_never().is_none());
            second.ledger.deposit(&trader, transfer("10"), None).await.unwrap();
            assert_eq!(updates.changed().now_or_never(), Some(true), "told with the commit");
            seen.extend(ids(&log.next().await.unwrap().0));
        }
        // More events than a subscription keeps: it is told that it missed some, and reads them all.
        for _ in 0..40 {
            second.ledger.deposit(&trader, transfer("10"), None).await.unwrap();
        }
        assert_eq!(updates.changed().now_or_never(), Some(true));
        seen.extend(ids(&log.next().await.unwrap().0));
        drop((log, updates));

        // The client comes to the other server with its last number, while the first one goes on.
        first.ledger.deposit(&trader, transfer("10"), None).await.unwrap();
        let last = seen.last().unwrap().to_string();
        let mut updates = second.ledger.subscribe(&account_id).await.unwrap();
        first.ledger.deposit(&trader, transfer("10"), None).await.unwrap();
        let (mut log, opening) =
            AccountLog::start(second.clone(), account_id.clone(), Some(&last)).await.unwrap();
        assert_eq!(opening, Vec::<Bytes>::new(), "it continues, without a snapshot");
        seen.extend(ids(&log.next().await.unwrap().0));
        first.ledger.deposit(&trader, transfer("10"), None).await.unwrap();
        assert!(updates.changed().await);
        seen.extend(ids(&log.next().await.unwrap().0));
        assert_eq!(seen, (start + 1..=start + 46).collect::<Vec<_>>());
    }
}
