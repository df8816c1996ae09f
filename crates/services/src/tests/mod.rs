//! The money's use cases together, on a table in memory and on the real embedded one.

mod alerts;
mod audit;
mod automation;
mod cancel_all;
mod close;
mod concurrent;
mod concurrent_engine;
mod concurrent_orders;
mod doubt;
mod ends;
mod engine;
mod full_line;
mod groups;
mod guards;
mod held;
mod idempotent;
mod insights;
mod inventory;
mod kill_switch;
mod list;
mod orders;
mod portfolio;
mod preview;
mod random;
mod random_orders;
mod reached;
mod rebuild;
mod recurring;
mod repeated;
mod silent;
mod tampered;
mod torn;
mod transfers;

use std::sync::Arc;

use cnop_api::money::TransferRequest;
use cnop_api::trading::{OrderRequest, OrderView};
use cnop_api::{Caller, Code, Problem, Role};
use cnop_coordination::LocalCoordinator;
use cnop_domain::{Clock, Entropy, Price};
use cnop_market::fixed::FixedMarket;
use cnop_store::Table;
use cnop_store::memory::MemoryTable;

use crate::account::Accounts;
use crate::alerts::Alerts;
use crate::auth::fixture::{ManualClock, SeededEntropy};
use crate::engine::Engine;
use crate::guards::Guards;
use crate::insights::Insights;
use crate::inventory::Inventory;
use crate::ledger::{Ledger, account_open};
use crate::orders::Orders;
use crate::portfolio::Portfolios;
use crate::recurring::Recurring;
use crate::{Config, Context, Environment, Error};

/// A venue without sign-in: its use cases of money, and what stands behind them.
pub(crate) struct Desk {
    clock: Arc<ManualClock>,
    market: FixedMarket,
    pub(crate) table: Arc<dyn Table>,
    coordinator: Arc<LocalCoordinator>,
    entropy: Arc<SeededEntropy>,
    config: Config,
}

/// One server of a venue.
pub(crate) struct Server {
    ledger: Ledger,
    orders: Orders,
    pub(crate) engine: Engine,
    recurring: Recurring,
    alerts: Alerts,
    guards: Guards,
    inventory: Inventory,
    portfolio: Portfolios,
    insights: Insights,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let table = Arc::new(MemoryTable::new(Arc::clone(&clock) as Arc<dyn Clock>));
        Self::on(clock, table)
    }

    fn on(clock: Arc<ManualClock>, table: Arc<dyn Table>) -> Self {
        Self {
            market: FixedMarket::new(clock.now_us()),
            coordinator: Arc::new(LocalCoordinator::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            entropy: Arc::new(SeededEntropy::new(1)),
            config: Config::default(),
            clock,
            table,
        }
    }

    pub(crate) fn server(&self) -> Server {
        let environment = Environment {
            table: Arc::clone(&self.table),
            coordinator: Arc::clone(&self.coordinator) as _,
            market: self.market.market(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&self.entropy) as Arc<dyn Entropy>,
        };
        let context = Arc::new(Context { environment, config: self.config.clone() });
        let accounts = Accounts::new(Arc::clone(&context));
        let portfolio = Portfolios::new(accounts.clone());
        Server {
            ledger: Ledger::new(accounts.clone()),
            engine: Engine::new(accounts.clone()),
            recurring: Recurring::new(accounts.clone()),
            alerts: Alerts::new(accounts.clone()),
            guards: Guards::new(accounts.clone()),
            orders: Orders::new(accounts),
            inventory: Inventory::new(context),
            insights: Insights::new(portfolio.clone()),
            portfolio,
        }
    }

    /// Opens an account.
    async fn caller(&self, number: u32) -> Caller {
        let caller = Caller {
            user_id: format!("usr_{number:026}").parse().unwrap(),
            account_id: format!("acc_{number:026}").parse().unwrap(),
            username: format!("trader_{number}"),
            role: Role::Customer,
            session_id: "session".to_owned(),
        };
        self.table.transact(account_open(&caller.account_id, self.clock.now_us()).unwrap()).await.unwrap();
        caller
    }

    /// Time passes, and prices stay fresh.
    fn pass_seconds(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        self.market.time_set(self.clock.now_us());
    }

    fn price_set(&self, asset: &str, last: &str) {
        let last: Price = last.parse().unwrap();
        self.market.price_set(asset.parse().unwrap(), last, self.clock.now_us());
    }

    async fn books_agree(&self) {
        let report = crate::ledger::audit::run(self.table.as_ref()).await.unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
    }
}

fn transfer(amount: &str) -> TransferRequest {
    TransferRequest { amount: amount.into() }
}

fn market_order(side: &str, asset: &str, quantity: &str) -> OrderRequest {
    OrderRequest {
        side: Some(side.to_owned()),
        kind: Some("market".to_owned()),
        asset_id: asset.to_owned(),
        quantity: Some(quantity.into()),
        ..OrderRequest::default()
    }
}

/// A request of any type; the figures that are none are left out.
fn order(word: &str, asset: &str, quantity: &str, limit: Option<&str>, stop: Option<&str>) -> OrderRequest {
    OrderRequest {
        order_type: Some(word.to_owned()),
        asset_id: asset.to_owned(),
        quantity: Some(quantity.into()),
        price: limit.map(Into::into),
        stop_price: stop.map(Into::into),
        ..OrderRequest::default()
    }
}

impl Server {
    async fn place(&self, caller: &Caller, request: OrderRequest) -> OrderView {
        self.orders.place(caller, request, None).await.unwrap()
    }

    /// The order as it is now.
    async fn now(&self, caller: &Caller, order: &OrderView) -> OrderView {
        self.orders.get(caller, &order.order_id).await.unwrap()
    }

    async fn deposit(&self, caller: &Caller, amount: &str) {
        self.ledger.deposit(caller, transfer(amount), None).await.unwrap();
    }

    async fn buy(&self, caller: &Caller, asset: &str, quantity: &str) -> OrderView {
        self.orders.place(caller, market_order("buy", asset, quantity), None).await.unwrap()
    }

    async fn sell(&self, caller: &Caller, asset: &str, quantity: &str) -> OrderView {
        self.orders.place(caller, market_order("sell", asset, quantity), None).await.unwrap()
    }

    async fn cash(&self, caller: &Caller) -> String {
        self.ledger.balance(caller).await.unwrap().current_balance.to_string()
    }
}

/// The refusal as the world sees it.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: Code) -> Problem {
    let problem: Problem = result.expect_err("not refused").into();
    assert_eq!(problem.code, code, "{problem}");
    problem
}
