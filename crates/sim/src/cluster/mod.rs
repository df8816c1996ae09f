//! A day of several servers on one table and one coordinator, with faults in both.
//!
//! | module | subject |
//! |---|---|
//! | `parameters` | parameters and result of the day |
//! | `member` | one server: its market, its way to the coordinator, its troubles |
//! | `group` | all servers; commands go to any of them |
//! | `watch` | checks on the way, by a server that only reads |
//! | `end` | checks at the end |

mod end;
mod group;
mod member;
mod parameters;
mod watch;

use std::sync::Arc;

use cnop_domain::Clock;
use cnop_services::TickReport;
use cnop_services::ledger::account_open;
use cnop_store::Table;
use cnop_testkit::{CoordinatorFaultRates, FaultInjector, FlakyTable, ManualClock, MemoryTable};

use crate::commands::Commands;
use crate::{Faults, Outcome, Prices};
use group::ServerGroup;
pub use parameters::{ClusterDay, ClusterReport};
use watch::Watch;

/// Start of the day, 2026-11-21T00:00:00Z.
const START_US: i64 = 1_795_219_200_000_000;
/// µs between two rounds, at least and at most.
const ROUND_US: (u64, u64) = (100_000, 400_000);
/// µs that prices move in a round: there are few rounds, and prices must reach orders.
const PATH_US: i64 = 40_000_000;
/// µs between two checks on the way.
const CHECK_US: i64 = 1_000_000;
/// Rounds without faults at the start, until every shard has an owner.
const FIRST_ROUNDS: u32 = 16;

/// A running day of several servers.
struct ClusterLife {
    clock: Arc<ManualClock>,
    /// The table without faults, for the checks.
    table: Arc<dyn Table>,
    faults: Arc<Faults>,
    prices: Prices,
    path_us: i64,
    group: ServerGroup,
    commands: Commands,
    watch: Watch,
    report: ClusterReport,
    /// Servers never failed: then the displayed size of a quote is known for certain.
    is_calm: bool,
}

impl ClusterDay {
    /// Runs the day in memory, on one thread, and verifies it.
    ///
    /// # Errors
    /// A sentence about the difference.
    pub fn live(&self) -> Outcome<ClusterReport> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(self.live_here())
    }

    async fn live_here(&self) -> Outcome<ClusterReport> {
        let clock = Arc::new(ManualClock::new(START_US));
        let table: Arc<dyn Table> = Arc::new(MemoryTable::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let faults = Arc::new(Faults::new(self.faults, self.seed));
        let injector = Arc::clone(&faults) as Arc<dyn FaultInjector>;
        let flaky: Arc<dyn Table> = Arc::new(FlakyTable::with_injector(Arc::clone(&table), injector));
        let mut prices = Prices::new(self.seed, START_US);
        prices.move_to(START_US);
        let group = ServerGroup::new(self, flaky, &prices, &clock);
        let watch = Watch::new(self.seed, Arc::clone(&table), prices.market(), &clock);
        let mut life = ClusterLife {
            path_us: START_US,
            commands: Commands::new(self.seed, self.accounts),
            report: ClusterReport::default(),
            is_calm: self.troubles == 0 && self.coordinator == CoordinatorFaultRates::default(),
            clock,
            table,
            faults,
            prices,
            group,
            watch,
        };
        life.begin(self).await?;
        let mut checked_us = life.clock.now_us();
        for _ in 0..self.rounds {
            life.round().await?;
            life.trouble().await?;
            for _ in 0..self.commands {
                life.command().await?;
            }
            if life.clock.now_us() - checked_us >= CHECK_US {
                checked_us = life.clock.now_us();
                life.watch.check(&life.prices, life.group.troubled_us).await?;
            }
        }
        life.end().await
    }
}

impl ClusterLife {
    /// Opens all accounts, and waits until every shard has an owner.
    async fn begin(&mut self, day: &ClusterDay) -> Outcome<()> {
        for caller in &self.commands.callers {
            self.table.transact(account_open(&caller.account_id, self.clock.now_us())?).await?;
        }
        for _ in 0..FIRST_ROUNDS {
            self.round().await?;
        }
        self.commands.begin(&mut self.group).await?;
        self.faults.enable(true);
        self.group.rates_set(day.coordinator);
        self.group.troubles = day.troubles;
        Ok(())
    }

    /// Clock and prices move, and every server that runs takes a step, in random order.
    async fn round(&mut self) -> Outcome<()> {
        let (from, to) = ROUND_US;
        let step_us = i64::try_from(self.group.rng.between(from, to))?;
        self.clock.advance_us(step_us);
        self.path_us += PATH_US;
        self.prices.move_fast(self.path_us, self.clock.now_us());
        let report = self.group.step(&self.prices).await?;
        self.add(report);
        Ok(())
    }

    async fn trouble(&mut self) -> Outcome<()> {
        self.group.trouble(&self.prices).await
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
        let who = self.commands.traders.who();
        let command = self.commands.traders.command(who, self.clock.now_us(), &self.prices);
        let command = command.ok_or("there are no prices")?;
        self.commands.execute(&mut self.group, who, command).await
    }
}
