//! All servers of a day. Commands go to any of them.

use std::sync::Arc;

use cnop_api::Problem;
use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_domain::{Clock, Entropy};
use cnop_services::auth::SigningKey;
use cnop_services::{Environment, Error, Services, TickReport};
use cnop_store::Table;
use cnop_testkit::{CoordinatorFaultRates, FlakyCoordinator, ManualClock, SeededEntropy, SeededRng};

use super::member::{GroupMember, Trouble};
use super::parameters::ClusterDay;
use crate::commands::Venue;
use crate::server::{ATTEMPTS_MAX, is_passing, turns_pass};
use crate::{Outcome, Prices};

/// Length of a trouble in µs.
const TROUBLE_US: (u64, u64) = (200_000, 6_000_000);
/// Longest time until a server that ends in order has given its shards away, in µs.
const DRAIN_US: i64 = 4_000_000;
/// Commands in a thousand after which the server dies: between the commit and the message to the owner, or before.
const DEATHS: u64 = 4;
/// Turns of other tasks in which such a server still works.
const DEATH_TURNS: u64 = 40;

/// Servers that share a table and a coordinator.
#[derive(Debug)]
pub(super) struct ServerGroup {
    pub(super) rng: SeededRng,
    pub(super) members: Vec<GroupMember>,
    clock: Arc<ManualClock>,
    /// Troubles of a server in a thousand rounds.
    pub(super) troubles: u64,
    /// Start of the last trouble, or end of the last pause, in µs since 1970.
    pub(super) troubled_us: i64,
    /// Attempts that failed.
    pub(super) failures: u64,
    pub(super) kills: u64,
    pub(super) pauses: u64,
    pub(super) cuts: u64,
    pub(super) restarts: u64,
}

impl ServerGroup {
    pub(super) fn new(
        day: &ClusterDay,
        table: Arc<dyn Table>,
        prices: &Prices,
        clock: &Arc<ManualClock>,
    ) -> Self {
        let entropy = Arc::new(SeededEntropy::new(day.seed)) as Arc<dyn Entropy>;
        let signing_key = SigningKey::generate(entropy.as_ref());
        let of_day = Arc::clone(clock) as Arc<dyn Clock>;
        let shared = Arc::new(LocalCoordinator::new(Arc::clone(&of_day))) as Arc<dyn Coordinator>;
        let environment = Environment {
            table,
            coordinator: Arc::clone(&shared),
            market: prices.market(),
            clock: of_day,
            entropy,
            mailer: Arc::new(cnop_services::mailer::NoMailer),
        };
        let member = |number: usize| {
            let coordinator =
                FlakyCoordinator::new(Arc::clone(&shared), day.seed, &format!("server {number}"));
            GroupMember::new(&environment, &signing_key, coordinator, clock.now_us())
        };
        Self {
            rng: SeededRng::new(day.seed, "group"),
            members: (0..day.servers).map(member).collect(),
            clock: Arc::clone(clock),
            troubles: 0,
            troubled_us: clock.now_us(),
            failures: 0,
            kills: 0,
            pauses: 0,
            cuts: 0,
            restarts: 0,
        }
    }

    /// Fault rates of every server's way to the coordinator.
    pub(super) fn rates_set(&mut self, rates: CoordinatorFaultRates) {
        for member in &mut self.members {
            member.rates = rates;
            member.coordinator.rates_set(rates);
        }
    }

    /// Every server that runs takes a step, in random order.
    pub(super) async fn step(&mut self, prices: &Prices) -> Outcome<TickReport> {
        let mut left: Vec<usize> = (0..self.members.len()).collect();
        let mut sum = TickReport::default();
        while !left.is_empty() {
            let place = usize::try_from(self.rng.below(u64::try_from(left.len())?))?;
            let Some(member) = self.members.get_mut(left.swap_remove(place)) else { continue };
            if member.trouble != Trouble::None {
                let before = member.trouble;
                member.recover(self.clock.now_us());
                if before != member.trouble {
                    self.troubled_us = self.clock.now_us();
                }
            }
            if member.is_running() {
                let report = member.step(prices).await?;
                sum.expired += report.expired;
                sum.triggered += report.triggered;
                sum.filled += report.filled;
                sum.alerts += report.alerts;
                sum.runs += report.runs;
                sum.failed += report.failed;
            }
        }
        Ok(sum)
    }

    /// Gets a server into trouble now and then. One of them always runs.
    pub(super) async fn trouble(&mut self, prices: &Prices) -> Outcome<()> {
        if !self.rng.per_mille(self.troubles) {
            return Ok(());
        }
        let now_us = self.clock.now_us();
        let (from, to) = TROUBLE_US;
        let until_us = now_us + i64::try_from(self.rng.between(from, to))?;
        let index = self.any()?;
        let kind = self.rng.below(5);
        let is_last = self.members.iter().filter(|member| member.trouble == Trouble::None).count() <= 1;
        let Some(member) = self.members.get_mut(index) else { return Ok(()) };
        if is_last || member.trouble != Trouble::None {
            return Ok(());
        }
        self.troubled_us = now_us;
        match kind {
            0 => {
                // Killed in the middle of a tick.
                let turns = self.rng.below(DEATH_TURNS);
                tokio::select! {
                    biased;
                    step = member.step(prices) => { step?; }
                    () = turns_pass(turns) => {}
                }
                member.die(until_us);
                self.kills += 1;
            }
            1 | 2 => {
                member.trouble = Trouble::Paused { until_us };
                self.pauses += 1;
            }
            3 => {
                member.coordinator.cut(true);
                member.trouble = Trouble::Cut { until_us };
                self.cuts += 1;
            }
            _ => {
                // Its first turn announces the end; the steps give the shards away.
                let services = member.services.clone();
                tokio::select! {
                    biased;
                    () = services.engine.release_all() => {}
                    () = turns_pass(1) => {}
                }
                member.trouble = Trouble::Draining { until_us: now_us + DRAIN_US };
                self.restarts += 1;
            }
        }
        Ok(())
    }

    /// Ends all troubles and faults.
    pub(super) fn calm(&mut self) {
        self.troubles = 0;
        self.rates_set(CoordinatorFaultRates::default());
        for member in &mut self.members {
            member.recover(i64::MAX);
        }
    }

    /// A server that takes commands.
    fn any(&mut self) -> Outcome<usize> {
        let running: Vec<usize> = (0..self.members.len())
            .filter(|index| self.members.get(*index).is_some_and(GroupMember::is_running))
            .collect();
        Ok(self.rng.pick(&running).ok_or("no server runs")?)
    }

    /// Returns true if a server may die now, and another one still runs.
    fn may_die(&mut self, index: usize) -> bool {
        let others = self.members.iter().enumerate().filter(|(other, _)| *other != index);
        let has_other = others.into_iter().any(|(_, member)| member.trouble == Trouble::None);
        has_other && self.troubles > 0 && self.rng.per_mille(DEATHS)
    }
}

impl Venue for ServerGroup {
    async fn insist<T>(
        &mut self,
        call: impl AsyncFn(&Services) -> Result<T, Error>,
    ) -> Outcome<Result<T, Problem>> {
        for _ in 0..ATTEMPTS_MAX {
            let index = self.any()?;
            let dies = self.may_die(index);
            let Some(member) = self.members.get_mut(index) else { continue };
            let services = member.services.clone();
            if dies {
                let turns = self.rng.below(DEATH_TURNS);
                tokio::select! {
                    biased;
                    _ = call(&services) => {}
                    () = turns_pass(turns) => {}
                }
                let (from, to) = TROUBLE_US;
                self.troubled_us = self.clock.now_us();
                member.die(self.troubled_us + i64::try_from(self.rng.between(from, to))?);
                self.kills += 1;
                self.failures += 1;
                continue;
            }
            let problem: Problem = match call(&services).await {
                Ok(answer) => return Ok(Ok(answer)),
                Err(error @ (Error::Invariant(_) | Error::Internal(_))) => return Err(error.into()),
                Err(error) => error.into(),
            };
            if !is_passing(problem.code) {
                return Ok(Err(problem));
            }
            self.failures += 1;
        }
        Err("a command never got an answer".into())
    }

    fn failed(&mut self) {
        self.failures += 1;
    }
}
