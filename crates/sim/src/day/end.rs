//! End of a day: nothing may be missing, doubled or left over.

use cnop_api::events::EventName;
use cnop_domain::{Clock, Currency, LedgerAccount};
use cnop_services::TickReport;
use cnop_services::ledger::audit;

use super::{DayReport, Life};
use crate::Outcome;

/// Ticks after which a market without faults must be quiet.
const LAST_TICKS_MAX: u32 = 50;
/// Events of an account that are read at once.
const EVENTS_AT_ONCE: u32 = 1_000;

impl Life {
    /// The faults end, the market becomes quiet, and everything is examined.
    pub(super) async fn end(mut self) -> Outcome<DayReport> {
        self.faults.enable(false);
        self.clock.advance_us(1_000_000);
        self.prices.close(self.clock.now_us());
        let mut quiet = false;
        for _ in 0..LAST_TICKS_MAX {
            let report = self.server.tick().await;
            self.add(report);
            quiet = report == TickReport::default();
            if quiet {
                break;
            }
        }
        if !quiet {
            return Err("the market does not become quiet".into());
        }
        let before = self.server.services.engine.waiting();
        self.server.restart().await?;
        self.server.waits_as(&before)?;
        self.report.resting = before.len();
        let missed = self.server.tick().await;
        if missed != TickReport::default() {
            return Err(format!("a new server finds what the old one missed: {missed:?}").into());
        }
        self.examine().await?;
        self.report.done = self.commands.done;
        self.report.refused = self.commands.refused;
        self.report.restarts = self.server.restarts;
        self.report.failures = self.server.failures;
        self.report.faults = self.faults.counts();
        Ok(self.report)
    }

    async fn examine(&mut self) -> Outcome<()> {
        let audited = audit::run(self.table.as_ref()).await?;
        if !audited.agrees() {
            return Err(audited.differences.join("\n").into());
        }
        (self.report.orders, self.report.events) = (audited.orders, audited.events);
        let (acknowledged, ran) = (self.commands.answers.orders(), self.orders_of_plans().await?);
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
        let displayed = self.commands.answers.check(&self.server.services, &self.commands.callers).await?;
        // A crashed server forgets how much of its quote's displayed size was used.
        if self.has_faults { Ok(()) } else { displayed.check() }
    }

    /// Number of orders made by recurring orders, from the event logs.
    async fn orders_of_plans(&self) -> Outcome<u64> {
        let (services, mut ran) = (&self.server.services, 0);
        for caller in &self.commands.callers {
            if services.recurring.list(caller).await?.is_empty() {
                continue;
            }
            let mut last = 0;
            loop {
                let events = services.ledger.events_after(&caller.account_id, last, EVENTS_AT_ONCE).await?;
                let Some(newest) = events.last() else { break };
                last = newest.seq;
                ran += u64::try_from(
                    events.iter().filter(|event| event.name == EventName::RecurringRan).count(),
                )?;
            }
        }
        Ok(ran)
    }
}
