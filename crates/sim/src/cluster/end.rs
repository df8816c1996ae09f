//! End of a day of several servers: nothing may be missing, doubled, left over, or in two books.

use std::collections::BTreeMap;

use cnop_api::events::EventName;
use cnop_domain::book::Resting;
use cnop_domain::{AccountId, Clock, Currency, LedgerAccount};
use cnop_services::ledger::audit;
use cnop_services::{Services, TickReport};

use super::watch::Waiting;
use super::{ClusterLife, ClusterReport, PATH_US};
use crate::Outcome;

/// Rounds without faults in which every shard gets its owner and every book the changes that it missed.
const CALM_ROUNDS: u32 = 60;
/// µs of a round without faults.
const CALM_US: i64 = 250_000;
/// Rounds after which the market must be quiet.
const QUIET_ROUNDS_MAX: u32 = 60;
/// Events of an account that are read at once.
const EVENTS_AT_ONCE: u32 = 1_000;

impl ClusterLife {
    /// The faults end, the servers settle, the market becomes quiet, and everything is examined.
    pub(super) async fn end(mut self) -> Outcome<ClusterReport> {
        self.faults.enable(false);
        self.group.calm();
        for _ in 0..CALM_ROUNDS {
            self.clock.advance_us(CALM_US);
            self.path_us += PATH_US;
            self.prices.move_fast(self.path_us, self.clock.now_us());
            let report = self.group.step(&self.prices).await?;
            self.add(report);
        }
        let mut quiet = false;
        for _ in 0..QUIET_ROUNDS_MAX {
            self.clock.advance_us(CALM_US);
            self.prices.close_fast(self.path_us, self.clock.now_us());
            let report = self.group.step(&self.prices).await?;
            self.add(report);
            quiet = report == TickReport::default();
            if quiet {
                break;
            }
        }
        if !quiet {
            return Err("the market does not become quiet".into());
        }
        let looker = self.watch.looker().await?;
        let waiting = looker.engine.waiting();
        self.books_check(&waiting)?;
        self.report.resting = waiting.len();
        let missed = looker.engine.tick().await;
        if missed != TickReport::default() {
            return Err(format!("a new server finds what the others missed: {missed:?}").into());
        }
        self.examine(&looker).await?;
        let group = &self.group;
        let report = &mut self.report;
        (report.kills, report.pauses, report.cuts) = (group.kills, group.pauses, group.cuts);
        (report.restarts, report.failures) = (group.restarts, group.failures);
        report.faults = self.faults.counts();
        report.coordinator = group.members.iter().map(|member| member.coordinator.counts()).collect();
        report.delay_max_us = self.watch.delay_max_us;
        Ok(self.report)
    }

    /// Each order that waits is in the book of exactly one server, as the table has it.
    fn books_check(&self, waiting: &Waiting) -> Outcome<()> {
        let mut held: BTreeMap<_, Vec<(usize, Resting<AccountId>)>> = BTreeMap::new();
        for (number, member) in self.group.members.iter().enumerate() {
            for (asset_id, entry_id, entry) in member.services.engine.waiting() {
                held.entry((asset_id, entry_id)).or_default().push((number, entry));
            }
        }
        for (asset_id, entry_id, entry) in waiting {
            match held.remove(&(*asset_id, *entry_id)).as_deref() {
                Some([(_, in_book)]) if in_book == entry => {}
                Some([(number, in_book)]) => {
                    return Err(format!("server {number} has {in_book:?}, the table {entry:?}").into());
                }
                Some(several) => return Err(format!("in several books: {several:?}").into()),
                None => return Err(format!("in no book: {asset_id} {entry_id:?} {entry:?}").into()),
            }
        }
        match held.first_key_value() {
            Some(left) => Err(format!("in a book and not in the table: {left:?}").into()),
            None => Ok(()),
        }
    }

    async fn examine(&mut self, services: &Services) -> Outcome<()> {
        let audited = audit::run(self.table.as_ref()).await?;
        if !audited.agrees() {
            return Err(audited.differences.join("\n").into());
        }
        (self.report.orders, self.report.events) = (audited.orders, audited.events);
        let (ran, fired) = self.automation(services).await?;
        let acknowledged = self.commands.answers.orders();
        if audited.orders != acknowledged + ran {
            let found = audited.orders;
            return Err(format!(
                "{acknowledged} orders were acknowledged and {ran} runs made, {found} found"
            )
            .into());
        }
        let outside =
            audited.totals.get(&(LedgerAccount::VenueExternal, Currency::Usd)).copied().unwrap_or(0);
        if outside != -self.commands.answers.deposits {
            let transferred = self.commands.answers.deposits;
            return Err(format!("{transferred} units were transferred, the books say {outside}").into());
        }
        let mut alerts = 0;
        for caller in &self.commands.callers {
            let listed = services.alerts.list(caller).await?;
            alerts += listed.iter().filter(|alert| alert.fired_at.is_some()).count();
        }
        if fired != u64::try_from(alerts)? {
            return Err(format!("{alerts} alerts have fired, {fired} times").into());
        }
        let displayed = self.commands.answers.check(services, &self.commands.callers).await?;
        // An owner that dies takes with it how much of its quote's displayed size was used.
        if self.is_calm { displayed.check() } else { Ok(()) }
    }

    /// Number of orders made by recurring orders and of fired alerts, from the event logs.
    async fn automation(&self, services: &Services) -> Outcome<(u64, u64)> {
        let (mut ran, mut fired) = (0, 0);
        for caller in &self.commands.callers {
            let mut last = 0;
            loop {
                let events = services.ledger.events_after(&caller.account_id, last, EVENTS_AT_ONCE).await?;
                let Some(newest) = events.last() else { break };
                last = newest.seq;
                for event in &events {
                    ran += u64::from(event.name == EventName::RecurringRan);
                    fired += u64::from(event.name == EventName::AlertFired);
                }
            }
        }
        Ok((ran, fired))
    }
}
