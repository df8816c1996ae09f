//! The fixture of the use cases' tests: servers that share a backend.
//!
//! The doubles behind it are those of `cnop-testkit`. [`Cluster`] and [`Server`] are defined here, because the kit
//! would build them from the other copy of this crate (see its documentation).

mod coordinator;
mod sign_in;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use cnop_api::trading::{OrderRequest, OrderView};
use cnop_api::{Caller, Code, Problem};
use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_domain::Clock;
use cnop_store::Table;
use cnop_testkit::{Backend, FlakyTable, ManualClock, market_order, transfer};

pub(crate) use coordinator::OwnLeases;
pub(crate) use sign_in::{
    CHEAP, NoticeLog, PASSWORD, client, client_at, login_request, register_request, wrong_request,
};

use crate::UseCases;
use crate::auth::SigningKey;
use crate::context::{Config, Environment};
use crate::error::Error;
use crate::ledger::account_open;
use crate::services::Services;

/// Servers on one backend, with the same rules of the operator.
#[derive(Debug)]
pub(crate) struct Cluster {
    backend: Backend,
    pub(crate) config: Config,
    pub(crate) mailer: Arc<NoticeLog>,
}

/// One server of a cluster.
#[derive(Debug)]
pub(crate) struct Server(Services);

impl Deref for Cluster {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl DerefMut for Cluster {
    fn deref_mut(&mut self) -> &mut Backend {
        &mut self.backend
    }
}

impl Deref for Server {
    type Target = UseCases;

    fn deref(&self) -> &UseCases {
        &self.0
    }
}

impl Cluster {
    /// A cluster on an empty table in memory.
    pub(crate) fn new() -> Self {
        Self::with(Backend::in_memory())
    }

    /// A cluster on an existing table with its clock.
    pub(crate) fn on(clock: Arc<ManualClock>, table: Arc<dyn Table>) -> Self {
        Self::with(Backend::on(clock, table))
    }

    /// A cluster on a table in memory that fails by script.
    pub(crate) fn flaky() -> (Self, Arc<FlakyTable>) {
        let mut cluster = Self::new();
        let table = cluster.make_flaky();
        (cluster, table)
    }

    fn with(backend: Backend) -> Self {
        Self { backend, config: Config { password_cost: CHEAP, ..Config::default() }, mailer: Arc::default() }
    }

    /// A new server that owns all books, as after a start: it has read nothing yet. Servers of one cluster do so all at
    /// once: as when each is cut off from the leases of the others.
    pub(crate) fn server(&self) -> Server {
        let alone = self.coordinator_alone();
        let server = self.server_with(Arc::new(OwnLeases { shared: Arc::clone(&self.coordinator), alone }));
        server.engine.own_all();
        server
    }

    /// A server that no message of the others reaches.
    pub(crate) fn server_without_messages(&self) -> Server {
        let server = self.server_with(self.coordinator_alone());
        server.engine.own_all();
        server
    }

    /// A server that shares leases and messages with the other members. It owns nothing before its first step.
    pub(crate) fn member(&self) -> Server {
        self.server_with(Arc::clone(&self.coordinator) as _)
    }

    fn coordinator_alone(&self) -> Arc<LocalCoordinator> {
        Arc::new(LocalCoordinator::new(Arc::clone(&self.clock) as _))
    }

    /// A server on this coordinator.
    pub(crate) fn server_with(&self, coordinator: Arc<dyn Coordinator>) -> Server {
        let environment = Environment {
            table: Arc::clone(&self.table),
            coordinator,
            market: self.market.market(),
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::clone(&self.entropy) as _,
            mailer: Arc::clone(&self.mailer) as _,
        };
        Server(Services::new(environment, self.config.clone(), SigningKey::from_bytes(&[9; 32])))
    }

    /// Opens an account and returns its caller.
    pub(crate) async fn caller(&self, number: u32) -> Caller {
        let caller = cnop_testkit::caller(usize::try_from(number).unwrap());
        self.table.transact(account_open(&caller.account_id, self.clock.now_us()).unwrap()).await.unwrap();
        caller
    }

    pub(crate) async fn books_agree(&self) {
        let report = crate::ledger::audit::run(self.table.as_ref()).await.unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
    }
}

impl Server {
    pub(crate) async fn place(&self, caller: &Caller, request: OrderRequest) -> OrderView {
        self.orders.place(caller, request, None).await.unwrap()
    }

    /// The order as it is now.
    pub(crate) async fn now(&self, caller: &Caller, order: &OrderView) -> OrderView {
        self.orders.get(caller, order.order_id).await.unwrap()
    }

    pub(crate) async fn deposit(&self, caller: &Caller, amount: &str) {
        self.ledger.deposit(caller, transfer(amount), None).await.unwrap();
    }

    pub(crate) async fn buy(&self, caller: &Caller, asset: &str, quantity: &str) -> OrderView {
        self.place(caller, market_order("buy", asset, quantity)).await
    }

    pub(crate) async fn sell(&self, caller: &Caller, asset: &str, quantity: &str) -> OrderView {
        self.place(caller, market_order("sell", asset, quantity)).await
    }

    pub(crate) async fn cash(&self, caller: &Caller) -> String {
        self.ledger.balance(caller).await.unwrap().current_balance.to_string()
    }
}

/// The problem of a command that is refused with this code.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: Code) -> Problem {
    let problem: Problem = result.expect_err("not refused").into();
    assert_eq!(problem.code, code, "{problem}");
    problem
}

/// The code of a refusal.
pub(crate) fn code<T>(result: Result<T, Error>) -> Code {
    match result {
        Ok(_) => panic!("not refused"),
        Err(error) => Problem::from(error).code,
    }
}
