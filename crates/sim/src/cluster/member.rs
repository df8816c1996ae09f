//! One server of several: its market, its way to the coordinator, its troubles.

use std::sync::Arc;

use cnop_coordination::Coordinator;
use cnop_services::auth::SigningKey;
use cnop_services::{Environment, Services, TickReport};
use cnop_testkit::{CoordinatorFaultRates, FixedMarket, FlakyCoordinator};

use crate::server::{config, turns_pass};
use crate::{Outcome, Prices};

/// Turns of other tasks before late answers of the coordinator come.
const LATE_TURNS: u64 = 64;
/// Turns in which messages of other servers arrive.
const MESSAGE_TURNS: u64 = 8;
/// Advances of a step at most: late answers end there.
const ADVANCES_MAX: u32 = 200;

/// Trouble of a server, with its end in µs since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It runs.
    None,
    /// It does nothing and keeps its memory.
    Paused { until_us: i64 },
    /// It does not reach the coordinator.
    Cut { until_us: i64 },
    /// It has no process.
    Dead { until_us: i64 },
    /// It gives its shards away, and ends.
    Draining { until_us: i64 },
}

/// A server.
#[derive(Debug)]
pub(super) struct GroupMember {
    environment: Environment,
    signing_key: SigningKey,
    pub(super) coordinator: Arc<FlakyCoordinator>,
    market: FixedMarket,
    pub(super) services: Services,
    pub(super) trouble: Trouble,
    pub(super) rates: CoordinatorFaultRates,
}

impl GroupMember {
    pub(super) fn new(
        environment: &Environment,
        signing_key: &SigningKey,
        coordinator: FlakyCoordinator,
        start_us: i64,
    ) -> Self {
        let (coordinator, market) = (Arc::new(coordinator), FixedMarket::new(start_us));
        let environment = Environment {
            coordinator: Arc::clone(&coordinator) as Arc<dyn Coordinator>,
            market: market.market(),
            ..environment.clone()
        };
        let services = Services::new(environment.clone(), config(), signing_key.clone());
        let (trouble, rates) = (Trouble::None, CoordinatorFaultRates::default());
        Self { environment, signing_key: signing_key.clone(), coordinator, market, services, trouble, rates }
    }

    /// Returns true if it takes steps and commands.
    pub(super) const fn is_running(&self) -> bool {
        matches!(self.trouble, Trouble::None | Trouble::Cut { .. } | Trouble::Draining { .. })
    }

    /// Its process ends, with all its memory.
    pub(super) fn die(&mut self, until_us: i64) {
        self.trouble = Trouble::Dead { until_us };
        // The next process begins with empty books. Until it does, nobody calls this one.
        self.services = Services::new(self.environment.clone(), config(), self.signing_key.clone());
    }

    /// Ends a trouble whose time is over.
    pub(super) fn recover(&mut self, now_us: i64) {
        let (Trouble::Paused { until_us }
        | Trouble::Cut { until_us }
        | Trouble::Dead { until_us }
        | Trouble::Draining { until_us }) = self.trouble
        else {
            return;
        };
        if until_us > now_us {
            return;
        }
        self.coordinator.cut(false);
        if matches!(self.trouble, Trouble::Draining { .. }) {
            self.die(now_us);
        }
        self.trouble = Trouble::None;
    }

    /// Hears the other servers, keeps its shards, takes the newest quotes and does what they reach.
    pub(super) async fn step(&mut self, prices: &Prices) -> Outcome<TickReport> {
        prices.copy_to(&self.market);
        self.coordinator.advance();
        turns_pass(MESSAGE_TURNS).await;
        // A failure to read the table is repeated by the next step.
        let _ = self.with_late_answers(self.services.engine.ownership_step()).await?;
        let report = self.services.engine.tick().await;
        // So is a failure to write marks.
        let _ = self.services.engine.marks_store().await;
        Ok(report)
    }

    /// Late answers come when nothing else happens.
    async fn with_late_answers<T>(&self, step: impl Future<Output = T>) -> Outcome<T> {
        let mut step = std::pin::pin!(step);
        for _ in 0..ADVANCES_MAX {
            tokio::select! {
                biased;
                done = &mut step => return Ok(done),
                () = turns_pass(LATE_TURNS) => self.coordinator.advance(),
            }
        }
        Err("a step of a server never ends".into())
    }
}
