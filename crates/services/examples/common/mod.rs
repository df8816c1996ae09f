//! A venue on the embedded store, for programs that measure.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cnop_api::money::TransferRequest;
use cnop_api::trading::OrderRequest;
use cnop_api::{Caller, Role};
use cnop_coordination::LocalCoordinator;
use cnop_domain::{AssetId, Clock, Entropy, Price, Quote};
use cnop_market::fixed::FixedMarket;
use cnop_services::auth::SigningKey;
use cnop_services::ledger::account_open;
use cnop_services::{Config, Environment, Services};
use cnop_store_embedded::{EmbeddedTable, Options};

/// A clock that stands until it is set.
#[derive(Debug)]
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    /// When it begins, in µs since 1970-01-01T00:00Z.
    pub(crate) const START_US: i64 = 1_795_255_200_000_000;

    /// Lets time pass, in µs.
    #[allow(dead_code, reason = "not every program lets time pass")]
    pub(crate) fn advance(&self, by_us: i64) {
        self.0.fetch_add(by_us, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let next = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        for (byte, random) in buffer.iter_mut().zip(next.to_be_bytes().iter().cycle()) {
            *byte = *random;
        }
    }
}

/// Everything that a program needs of a venue; its file is in the working directory and goes with it.
pub(crate) struct Venue {
    pub(crate) clock: Arc<SetClock>,
    pub(crate) environment: Environment,
    pub(crate) services: Services,
    pub(crate) market: FixedMarket,
    seq: u64,
    _directory: tempfile::TempDir,
}

impl Venue {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir_in(".").unwrap();
        let clock = Arc::new(SetClock(AtomicI64::new(SetClock::START_US)));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let path = directory.path().join("cnop.redb");
        let table = EmbeddedTable::open(&path, &Options::default(), Arc::clone(&shared)).unwrap();
        let market = FixedMarket::new(clock.now_us());
        let environment = Environment {
            table: Arc::new(table),
            coordinator: Arc::new(LocalCoordinator::new(Arc::clone(&shared))),
            market: market.market(),
            clock: shared,
            entropy: Arc::new(Counter(AtomicU64::new(1))),
        };
        let services = services(&environment);
        Self { clock, environment, services, market, seq: 10, _directory: directory }
    }

    /// Opens an account with dollars in it.
    #[allow(dead_code, reason = "a program with many accounts opens them side by side")]
    pub(crate) async fn open(&self, caller: &Caller, dollars: &str) {
        account_fund(&self.services, &self.environment, caller, dollars).await;
    }

    /// A quote of an asset around a price in dollars, a dime to each side.
    pub(crate) fn quote(&mut self, asset_id: &str, dollars: i128) {
        let asset_id: AssetId = asset_id.parse().unwrap();
        let price = |cents: i128| Price::from_units((dollars * 100 + cents) * 1_000_000).unwrap();
        let size = "1000".parse().unwrap();
        self.seq += 1;
        let quote = Quote {
            bid: price(-10),
            ask: price(10),
            bid_size: size,
            ask_size: size,
            last: price(0),
            seq: self.seq,
            time_us: self.clock.now_us(),
        };
        self.market.quote_set(asset_id, quote);
    }
}

/// Opens an account and deposits dollars.
pub(crate) async fn account_fund(
    services: &Services,
    environment: &Environment,
    caller: &Caller,
    dollars: &str,
) {
    let opening = account_open(&caller.account_id, environment.clock.now_us()).unwrap();
    environment.table.transact(opening).await.unwrap();
    let request = TransferRequest { amount: dollars.into() };
    services.ledger.deposit(caller, request, None).await.unwrap();
}

pub(crate) fn services(environment: &Environment) -> Services {
    let key = SigningKey::generate(environment.entropy.as_ref());
    Services::new(environment.clone(), Config::default(), key)
}

pub(crate) fn caller(number: usize) -> Caller {
    Caller {
        user_id: format!("usr_{number:026}").parse().unwrap(),
        account_id: format!("acc_{number:026}").parse().unwrap(),
        username: format!("trader_{number}"),
        role: Role::Customer,
        session_id: "session".to_owned(),
    }
}

/// An order of this `order_type` for a little of an asset.
pub(crate) fn order(word: &str, asset_id: &str, quantity: &str) -> OrderRequest {
    OrderRequest {
        order_type: Some(word.to_owned()),
        asset_id: asset_id.to_owned(),
        quantity: Some(quantity.into()),
        ..OrderRequest::default()
    }
}
