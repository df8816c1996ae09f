//! A whole day: accounts are opened, prices move, traders trade, servers crash, and the audit runs at the
//! end.

mod end;

use std::collections::BTreeMap;
use std::sync::Arc;

use cnop_api::trading::{OrderGroupView, OrderRequest, OrderView};
use cnop_api::{Caller, Figure, Problem};
use cnop_domain::Clock;
use cnop_domain::calendar::DAY_US;
use cnop_services::ledger::account_open;
use cnop_services::{IdempotencyKey, Services, TickReport};
use cnop_store::Table;
use cnop_testkit::{FaultInjector, FlakyTable, ManualClock, caller};

use crate::answers::Answers;
use crate::server::RestartingServer;
use crate::traders::{TraderCommand, Traders};
use crate::{ASSETS, FaultCounts, FaultRates, Faults, Outcome, Prices};

/// Start of the day, 2026-11-21T00:00:00Z.
const START_US: i64 = 1_795_219_200_000_000;
/// Commands between two quotes.
const COMMANDS_PER_QUOTE: u64 = 25;
/// First deposit of each account, in dollars.
const FIRST_DEPOSIT: &str = "20000";
/// First purchase of some assets by each account, in dollars.
const FIRST_PURCHASE: &str = "600";
/// Number of assets in the first purchases.
const FIRST_PURCHASES: usize = 4;
/// Restarts in a thousand quotes.
const RESTARTS: u64 = 10;
/// Restarts in a thousand quotes that come in the middle of a tick.
const DEATHS: u64 = 10;

/// Parameters of a day. The same parameters give the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Decides everything that is left open.
    pub seed: u64,
    /// Number of trading accounts.
    pub accounts: usize,
    /// Number of commands after the initial ones.
    pub commands: u64,
    /// Fault rates of the table.
    pub faults: FaultRates,
}

/// Result of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayReport {
    /// Successful commands by kind.
    pub done: BTreeMap<String, u64>,
    /// Commands that were refused, by the problem's code.
    pub refused: BTreeMap<String, u64>,
    /// Sum of all tick reports.
    pub ticks: TickReport,
    /// Servers that were started after the first.
    pub restarts: u64,
    /// Attempts that had to be repeated.
    pub failures: u64,
    /// Faults that were injected.
    pub faults: FaultCounts,
    /// Orders in the books.
    pub orders: u64,
    /// Events in the books.
    pub events: u64,
    /// Orders that still wait at the day's end.
    pub resting: usize,
}

/// A day that is being lived.
struct Life {
    clock: Arc<ManualClock>,
    table: Arc<dyn Table>,
    faults: Arc<Faults>,
    prices: Prices,
    server: RestartingServer,
    traders: Traders,
    callers: Vec<Caller>,
    answers: Answers,
    report: DayReport,
    /// Numbers the commands; their keys are made of it.
    number: u64,
    has_faults: bool,
}

impl Day {
    /// Runs the day on a table made for its clock, and verifies it: the audit agrees, every acknowledged
    /// order exists in its acknowledged state, there are no others, and no trigger was missed.
    ///
    /// # Errors
    /// A sentence about the difference.
    pub async fn live(&self, table: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn Table>) -> Outcome<DayReport> {
        let clock = Arc::new(ManualClock::new(START_US));
        let inner = table(Arc::clone(&clock) as Arc<dyn Clock>);
        let faults = Arc::new(Faults::new(self.faults, self.seed));
        let table: Arc<dyn Table> =
            Arc::new(FlakyTable::with_injector(inner, Arc::clone(&faults) as Arc<dyn FaultInjector>));
        let mut prices = Prices::new(self.seed, START_US);
        prices.move_to(START_US);
        let server = RestartingServer::new(self.seed, Arc::clone(&table), prices.market(), &clock);
        let mut life = Life {
            traders: Traders::new(self.seed, self.accounts),
            callers: (1..=self.accounts).map(caller).collect(),
            answers: Answers::default(),
            report: DayReport::default(),
            number: 0,
            has_faults: self.faults != FaultRates::default(),
            clock,
            table,
            faults,
            prices,
            server,
        };
        life.server.start().await?;
        life.begin().await?;
        let quotes = (self.commands / COMMANDS_PER_QUOTE).max(1);
        let step_us = DAY_US / i64::try_from(quotes)?;
        let mut left = self.commands;
        for quote in 1..=i64::try_from(quotes)? {
            life.clock.advance_to(START_US + quote * step_us);
            life.quote().await?;
            for _ in 0..left.min(COMMANDS_PER_QUOTE) {
                life.command().await?;
                left -= 1;
            }
        }
        life.end().await
    }
}

impl Life {
    /// Opens all accounts with money and some coins.
    async fn begin(&mut self) -> Outcome<()> {
        for caller in &self.callers {
            self.table.transact(account_open(&caller.account_id, self.clock.now_us())?).await?;
        }
        self.faults.enable(true);
        for who in 0..self.callers.len() {
            let amount = Figure(FIRST_DEPOSIT.to_owned());
            let deposit = cnop_api::money::TransferRequest::from(amount);
            self.execute(who, TraderCommand::Deposit(deposit)).await?;
            for offset in 0..FIRST_PURCHASES {
                let asset_id = ASSETS.get((who + offset) % ASSETS.len()).ok_or("there are no assets")?;
                let request = OrderRequest {
                    order_type: Some("market_buy".to_owned()),
                    asset_id: (*asset_id).to_owned(),
                    quote_quantity: Some(Figure(FIRST_PURCHASE.to_owned())),
                    ..OrderRequest::default()
                };
                self.execute(who, TraderCommand::Order(Box::new(request))).await?;
            }
        }
        Ok(())
    }

    /// Prices move and do their work.
    async fn quote(&mut self) -> Outcome<()> {
        self.prices.move_to(self.clock.now_us());
        if self.has_faults && self.traders.per_mille(DEATHS) {
            let turns = self.traders.below(200);
            self.server.tick_and_die(turns).await?;
        }
        if self.traders.per_mille(RESTARTS) {
            let before = self.server.services.engine.waiting();
            self.server.restart().await?;
            if !self.has_faults {
                self.server.waits_as(&before)?;
            }
        }
        let report = self.server.tick().await;
        if !self.has_faults && report.failed > 0 {
            return Err(format!("{} commands of a tick failed without a fault", report.failed).into());
        }
        self.add(report);
        Ok(())
    }

    fn add(&mut self, report: TickReport) {
        let ticks = &mut self.report.ticks;
        ticks.expired += report.expired;
        ticks.triggered += report.triggered;
        ticks.filled += report.filled;
        ticks.alerts += report.alerts;
        ticks.runs += report.runs;
        ticks.failed += report.failed;
    }

    /// Sends one command of one trader.
    async fn command(&mut self) -> Outcome<()> {
        self.clock.advance_us(self.traders.pause_us());
        let who = self.traders.who();
        let command =
            self.traders.command(who, self.clock.now_us(), &self.prices).ok_or("there are no prices")?;
        self.execute(who, command).await
    }

    /// Sends a command until it has an answer, and records the answer.
    async fn execute(&mut self, who: usize, command: TraderCommand) -> Outcome<()> {
        self.number += 1;
        let key: IdempotencyKey = format!("sim-{}", self.number).parse()?;
        let name = command.name();
        match self.answer(who, command, &key).await? {
            None => *self.report.done.entry(name.to_owned()).or_default() += 1,
            Some(problem) => *self.report.refused.entry(problem.code.as_str().to_owned()).or_default() += 1,
        }
        Ok(())
    }

    /// The venue's answer is kept; its refusal is returned.
    async fn answer(
        &mut self,
        who: usize,
        command: TraderCommand,
        key: &IdempotencyKey,
    ) -> Outcome<Option<Problem>> {
        let key = || Some(key.clone());
        let caller = self.callers.get(who).cloned().ok_or("nobody asks")?;
        let server = &mut self.server;
        match command {
            TraderCommand::Order(request) => self.order(who, &caller, *request, key()).await,
            TraderCommand::Group(request) => {
                let place = async |services: &Services| {
                    services.orders.place_group(&caller, (*request).clone(), key()).await
                };
                let done = server.insist(place).await?;
                self.grouped(who, done)
            }
            TraderCommand::Cancel(order_id) => {
                let cancel =
                    async |services: &Services| services.orders.cancel(&caller, order_id, None, key()).await;
                let done = server.insist(cancel).await?;
                self.changed(who, done)
            }
            TraderCommand::Replace(order_id, request) => {
                let replace = async |services: &Services| {
                    services.orders.replace(&caller, order_id, (*request).clone(), None, key()).await
                };
                let done = server.insist(replace).await?;
                self.changed(who, done)
            }
            TraderCommand::CancelAll(asset_id) => {
                self.cancel_all(who, &caller, asset_id).await.map(|()| None)
            }
            TraderCommand::Close(asset_id, request) => {
                let close = async |services: &Services| {
                    services.orders.close_position(&caller, asset_id, request.clone(), key()).await
                };
                let done = server.insist(close).await?;
                self.placed(who, done)
            }
            TraderCommand::Alert(request) => {
                let create =
                    async |services: &Services| services.alerts.create(&caller, request.clone(), key()).await;
                Ok(server.insist(create).await?.err())
            }
            TraderCommand::Plan(request) => {
                let create = async |services: &Services| {
                    services.recurring.create(&caller, request.clone(), key()).await
                };
                Ok(server.insist(create).await?.err())
            }
            TraderCommand::Guards(update) => {
                let change =
                    async |services: &Services| services.guards.update(&caller, update.clone(), key()).await;
                Ok(server.insist(change).await?.err())
            }
            TraderCommand::Deposit(request) => {
                let deposit = async |services: &Services| {
                    services.ledger.deposit(&caller, request.clone(), key()).await
                };
                let done = server.insist(deposit).await?;
                self.transferred(request.amount.as_str(), true, done)
            }
            TraderCommand::Withdraw(request) => {
                let withdraw = async |services: &Services| {
                    services.ledger.withdraw(&caller, request.clone(), key()).await
                };
                let done = server.insist(withdraw).await?;
                self.transferred(request.amount.as_str(), false, done)
            }
        }
    }

    /// One third of the orders is repeated under the client order id alone, one third under the key alone,
    /// one third under both.
    async fn order(
        &mut self,
        who: usize,
        caller: &Caller,
        mut request: OrderRequest,
        key: Option<IdempotencyKey>,
    ) -> Outcome<Option<Problem>> {
        request.client_order_id = (self.number % 3 != 1).then(|| format!("own-{}", self.number));
        let key = key.filter(|_| !self.number.is_multiple_of(3));
        let place =
            async |services: &Services| services.orders.place(caller, request.clone(), key.clone()).await;
        let done = self.server.insist(place).await?;
        self.placed(who, done)
    }

    fn grouped(&mut self, who: usize, done: Result<OrderGroupView, Problem>) -> Outcome<Option<Problem>> {
        let group = match done {
            Ok(group) => group,
            Err(problem) => return Ok(Some(problem)),
        };
        self.answers.group(who, &group.orders)?;
        for order in &group.orders {
            self.traders.remember(who, order);
        }
        Ok(None)
    }

    fn placed(&mut self, who: usize, done: Result<OrderView, Problem>) -> Outcome<Option<Problem>> {
        let order = match done {
            Ok(order) => order,
            Err(problem) => return Ok(Some(problem)),
        };
        self.answers.placed(who, &order)?;
        self.traders.remember(who, &order);
        Ok(None)
    }

    fn changed(&mut self, who: usize, done: Result<OrderView, Problem>) -> Outcome<Option<Problem>> {
        match done {
            Ok(order) => self.answers.changed(who, &order).map(|()| None),
            Err(problem) => Ok(Some(problem)),
        }
    }

    fn transferred<T>(
        &mut self,
        amount: &str,
        is_deposit: bool,
        done: Result<T, Problem>,
    ) -> Outcome<Option<Problem>> {
        match done {
            Ok(_) => self.answers.transferred(amount, is_deposit).map(|()| None),
            Err(problem) => Ok(Some(problem)),
        }
    }

    /// Cancels until no result is a failure of the table.
    async fn cancel_all(
        &mut self,
        who: usize,
        caller: &Caller,
        asset_id: Option<cnop_domain::AssetId>,
    ) -> Outcome<()> {
        loop {
            let done = self
                .server
                .insist(async |services| services.orders.cancel_all(caller, asset_id, None).await)
                .await?
                .map_err(|problem| format!("canceling all was refused: {problem}"))?;
            for result in &done {
                match &result.order {
                    Some(order) => self.answers.changed(who, order)?,
                    None if result.status == 503 => self.server.failures += 1,
                    None => return Err(format!("an open order was not canceled: {result:?}").into()),
                }
            }
            if done.iter().all(|result| result.order.is_some()) {
                return Ok(());
            }
        }
    }
}
