//! The use cases on the embedded store.

use std::sync::Arc;

use cnop_api::Caller;
use cnop_coordination::LocalCoordinator;
use cnop_domain::{AssetId, Clock, Price, Quote};
use cnop_services::auth::SigningKey;
use cnop_services::ledger::account_open;
use cnop_services::{Config, Environment, Services};
use cnop_store_embedded::{EmbeddedOptions, EmbeddedTable};

use crate::{Backend, ManualClock, transfer};

/// One server on an embedded store in a temporary directory.
#[derive(Debug)]
pub struct TestServer {
    /// Ports of the server.
    pub backend: Backend,
    /// The same ports, as the use cases take them.
    pub environment: Environment,
    /// The use cases of the venue.
    pub services: Services,
    quote_seq: u64,
    _directory: tempfile::TempDir,
}

impl TestServer {
    /// A server with a temporary directory in the working directory, so on the disk of the project.
    #[must_use]
    pub fn new() -> Self {
        let directory = tempfile::tempdir_in(".").expect("a directory");
        let clock = Arc::new(ManualClock::default());
        let path = directory.path().join("cnop.redb");
        let table =
            EmbeddedTable::open(&path, &EmbeddedOptions::default(), Arc::clone(&clock) as Arc<dyn Clock>);
        let backend = Backend::on(clock, Arc::new(table.expect("an embedded store")));
        let environment = Environment {
            table: Arc::clone(&backend.table),
            coordinator: Arc::clone(&backend.coordinator) as _,
            market: backend.market.market(),
            clock: Arc::clone(&backend.clock) as _,
            entropy: Arc::clone(&backend.entropy) as _,
            mailer: Arc::new(cnop_services::mailer::NoMailer),
        };
        let services = services(&environment);
        Self { backend, environment, services, quote_seq: 10, _directory: directory }
    }

    /// Opens an account with dollars in it.
    pub async fn open_account(&self, caller: &Caller, dollars: &str) {
        open_account(&self.services, &self.environment, caller, dollars).await;
    }

    /// Quotes an asset around a price in dollars, a dime to each side.
    pub fn quote(&mut self, asset_id: &str, dollars: i128) {
        let asset_id: AssetId = asset_id.parse().expect("an asset id");
        let price = |cents: i128| Price::from_units((dollars * 100 + cents) * 1_000_000).expect("a price");
        let size = "1000".parse().expect("a quantity");
        self.quote_seq += 1;
        let quote = Quote {
            bid: price(-10),
            ask: price(10),
            bid_size: size,
            ask_size: size,
            last: price(0),
            seq: self.quote_seq,
            time_us: self.backend.clock.now_us(),
        };
        self.backend.market.quote_set(asset_id, quote);
    }
}

impl Default for TestServer {
    fn default() -> Self {
        Self::new()
    }
}

/// Opens an account and deposits dollars.
pub async fn open_account(services: &Services, environment: &Environment, caller: &Caller, dollars: &str) {
    let opening = account_open(&caller.account_id, environment.clock.now_us()).expect("an opening");
    environment.table.transact(opening).await.expect("a new account");
    services.ledger.deposit(caller, transfer(dollars), None).await.expect("a deposit");
}

/// Another server on these ports, as after a start: with a coordinator of its own. Its books are filled by
/// `engine.rebuild()`.
#[must_use]
pub fn services(environment: &Environment) -> Services {
    let coordinator = Arc::new(LocalCoordinator::new(Arc::clone(&environment.clock)));
    let environment = Environment { coordinator, ..environment.clone() };
    let key = SigningKey::generate(environment.entropy.as_ref());
    // A measurement stores more in a day than an account may.
    let config = Config { events_per_day: u64::MAX, ..Config::default() };
    Services::new(environment, config, key)
}
