//! The end of a day: nothing may be missing, doubled or left over.

use cnop_domain::{Account, Clock, Currency};
use cnop_services::TickReport;
use cnop_services::ledger::audit;

use super::{DayReport, Life};
use crate::Outcome;

/// Ticks after which a market without faults must be quiet.
const LAST_TICKS_MAX: u32 = 50;

impl Life {
    /// The faults end, the market becomes quiet, and everything is examined.
    pub(super) async fn end(mut self) -> Outcome<DayReport> {
        self.table.faults_set(false);
        self.clock.advance(1_000_000);
        self.prices.close(self.clock.now_us());
        let mut quiet = false;
        for _ in 0..LAST_TICKS_MAX {
            let report = self.venue.tick().await;
            self.add(report);
            quiet = report == TickReport::default();
            if quiet {
                break;
            }
        }
        if !quiet {
            return Err("the market does not become quiet".into());
        }
        let before = self.venue.services.engine.waiting();
        self.venue.restart().await?;
        self.venue.waits_as(&before)?;
        self.report.resting = before.len();
        let missed = self.venue.tick().await;
        if missed != TickReport::default() {
            return Err(format!("a new server finds what the old one missed: {missed:?}").into());
        }
        self.examine().await?;
        self.report.restarts = self.venue.restarts;
        self.report.failures = self.venue.failures;
        self.report.faults = self.table.counts();
        Ok(self.report)
    }

    async fn examine(&mut self) -> Outcome<()> {
        let audited = audit::run(self.table.as_ref()).await?;
        if !audited.agrees() {
            return Err(audited.differences.join("\n").into());
        }
        (self.report.orders, self.report.events) = (audited.orders, audited.events);
        if audited.orders != self.answers.orders() {
            let told = self.answers.orders();
            return Err(
                format!("{told} orders were acknowledged, {} are in the books", audited.orders).into()
            );
        }
        let outside = audited.totals.get(&(Account::VenueExternal, Currency::Usd)).copied().unwrap_or(0);
        if outside != -self.answers.deposits {
            let told = self.answers.deposits;
            return Err(format!("{told} units were transferred, the books say {outside}").into());
        }
        let displayed = self.answers.check(&self.venue.services, &self.callers).await?;
        // A server that dies forgets what its quote has displayed to orders before.
        if self.has_faults { Ok(()) } else { displayed.check() }
    }
}
