//! A whole day: accounts are opened, prices move, traders trade, servers crash, and the audit runs at the
//! end.

mod end;

use std::collections::BTreeMap;
use std::sync::Arc;

use cnop_domain::Clock;
use cnop_domain::calendar::DAY_US;
use cnop_services::TickReport;
use cnop_services::ledger::account_open;
use cnop_store::Table;
use cnop_testkit::{FaultInjector, FlakyTable, ManualClock};

use crate::commands::Commands;
use crate::server::RestartingServer;
use crate::{FaultCounts, FaultRates, Faults, Outcome, Prices};

/// Start of the day, 2026-11-21T00:00:00Z.
const START_US: i64 = 1_795_219_200_000_000;
/// Commands between two quotes.
const COMMANDS_PER_QUOTE: u64 = 25;
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
    commands: Commands,
    report: DayReport,
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
            commands: Commands::new(self.seed, self.accounts),
            report: DayReport::default(),
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
        for caller in &self.commands.callers {
            self.table.transact(account_open(&caller.account_id, self.clock.now_us())?).await?;
        }
        self.faults.enable(true);
        self.commands.begin(&mut self.server).await
    }

    /// Prices move and do their work.
    async fn quote(&mut self) -> Outcome<()> {
        self.prices.move_to(self.clock.now_us());
        if self.has_faults && self.commands.traders.per_mille(DEATHS) {
            let turns = self.commands.traders.below(200);
            self.server.tick_and_die(turns).await?;
        }
        if self.commands.traders.per_mille(RESTARTS) {
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
        self.clock.advance_us(self.commands.traders.pause_us());
        let who = self.commands.traders.who();
        let command = self
            .commands
            .traders
            .command(who, self.clock.now_us(), &self.prices)
            .ok_or("there are no prices")?;
        self.commands.execute(&mut self.server, who, command).await
    }
}
