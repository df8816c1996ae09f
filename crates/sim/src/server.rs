//! A server that is restarted, and commands that are repeated until they have an answer.

use std::sync::Arc;

use cnop_api::{Code, Problem};
use cnop_coordination::LocalCoordinator;
use cnop_domain::book::Resting;
use cnop_domain::{AccountId, Amount, AssetId, BookEntryId, Clock, Entropy, UNITS_PER_WHOLE};
use cnop_market::Market;
use cnop_services::auth::SigningKey;
use cnop_services::{Config, Environment, Error, Services, TickReport};
use cnop_store::Table;
use cnop_testkit::{ManualClock, SeededEntropy, SeededRng};

use crate::Outcome;
use crate::commands::Venue;

/// Maximum attempts of one command before the day fails.
pub(crate) const ATTEMPTS_MAX: u32 = 200;
/// Failures in a thousand after which a trader comes back to another server.
const RESTARTS_AFTER_FAILURE: u64 = 30;
/// Daily deposit and withdrawal limit of an account, in dollars.
const TRANSFERS_DAILY: i128 = 1_000_000;

/// The venue's server: one at a time, each on the table of the one before.
#[derive(Debug)]
pub(crate) struct RestartingServer {
    environment: Environment,
    config: Config,
    signing_key: SigningKey,
    rng: SeededRng,
    pub(crate) services: Services,
    /// Attempts that ended in a failure of the table.
    pub(crate) failures: u64,
    pub(crate) restarts: u64,
}

impl RestartingServer {
    pub(crate) fn new(seed: u64, table: Arc<dyn Table>, market: Market, clock: &Arc<ManualClock>) -> Self {
        let clock = Arc::clone(clock) as Arc<dyn Clock>;
        let entropy = Arc::new(SeededEntropy::new(seed)) as Arc<dyn Entropy>;
        let signing_key = SigningKey::generate(entropy.as_ref());
        let environment = Environment {
            table,
            coordinator: Arc::new(LocalCoordinator::new(Arc::clone(&clock))),
            market,
            clock,
            entropy,
            mailer: Arc::new(cnop_services::mailer::NoMailer),
        };
        let config = config();
        let services = Services::new(environment.clone(), config.clone(), signing_key.clone());
        let rng = SeededRng::new(seed, "venue");
        Self { environment, config, signing_key, rng, services, failures: 0, restarts: 0 }
    }

    /// Crashes the server with all its memory, and starts the next one.
    pub(crate) async fn restart(&mut self) -> Outcome<()> {
        self.restarts += 1;
        // The coordinator of a single server lives and dies with it.
        self.environment.coordinator = Arc::new(LocalCoordinator::new(Arc::clone(&self.environment.clock)));
        self.services =
            Services::new(self.environment.clone(), self.config.clone(), self.signing_key.clone());
        self.start().await
    }

    /// Fills the books of a new server.
    pub(crate) async fn start(&mut self) -> Outcome<()> {
        for _ in 0..ATTEMPTS_MAX {
            let Err(error) = self.services.engine.rebuild().await else { return Ok(()) };
            let problem = Problem::from(error);
            if !is_passing(problem.code) {
                return Err(format!("the books cannot be rebuilt: {problem}").into());
            }
            self.failures += 1;
        }
        Err("the books are never rebuilt".into())
    }

    /// Compares the trigger books with those before a restart, entry by entry.
    pub(crate) fn waits_as(&self, before: &[(AssetId, BookEntryId, Resting<AccountId>)]) -> Outcome<()> {
        let after = self.services.engine.waiting();
        if before.len() != after.len() {
            let (before, after) = (before.len(), after.len());
            return Err(format!("{before} orders waited before a restart, {after} after it").into());
        }
        match before.iter().zip(&after).find(|(before, after)| before != after) {
            Some((before, after)) => Err(format!("a restart made {after:?} of {before:?}").into()),
            None => Ok(()),
        }
    }

    /// One tick and its stored state.
    pub(crate) async fn tick(&mut self) -> TickReport {
        let report = self.services.engine.tick().await;
        if self.services.engine.marks_store().await.is_err() {
            self.failures += 1;
        }
        report
    }

    /// The server is killed while it works on a tick.
    pub(crate) async fn tick_and_die(&mut self, turns: u64) -> Outcome<()> {
        let services = self.services.clone();
        tokio::select! {
            biased;
            _ = services.engine.tick() => {}
            () = turns_pass(turns) => {}
        }
        self.restart().await
    }
}

impl Venue for RestartingServer {
    async fn insist<T>(
        &mut self,
        call: impl AsyncFn(&Services) -> Result<T, Error>,
    ) -> Outcome<Result<T, Problem>> {
        for _ in 0..ATTEMPTS_MAX {
            let problem: Problem = match call(&self.services).await {
                Ok(answer) => return Ok(Ok(answer)),
                Err(error @ (Error::Invariant(_) | Error::Internal(_))) => return Err(error.into()),
                Err(error) => error.into(),
            };
            if !is_passing(problem.code) {
                return Ok(Err(problem));
            }
            self.failures += 1;
            if self.rng.per_mille(RESTARTS_AFTER_FAILURE) {
                self.restart().await?;
            }
        }
        Err("a command never got an answer".into())
    }

    fn failed(&mut self) {
        self.failures += 1;
    }
}

/// The rules of the venue in all days.
pub(crate) fn config() -> Config {
    let daily = Amount::from_units(TRANSFERS_DAILY * UNITS_PER_WHOLE).unwrap_or(Amount::MAX);
    Config { daily_deposit_limit: daily, daily_withdraw_limit: daily, ..Config::default() }
}

/// Lets the other tasks run for a number of turns.
pub(crate) async fn turns_pass(turns: u64) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// Returns true if a client retries after this problem.
pub(crate) const fn is_passing(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::Contention | Code::Overloaded)
}
