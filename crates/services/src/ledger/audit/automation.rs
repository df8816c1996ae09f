//! Audit of an account's price alerts and recurring orders against its events and index items.

use std::collections::{BTreeMap, BTreeSet};

use cnop_domain::{AccountId, AlertId, OrderId, PlanId};
use cnop_store::{Key, Table, TableQuery};

use super::report::{AuditReport, PAGE_ITEMS};
use crate::error::Result;
use crate::records::{
    ALERT_PREFIX, AlertIndexItem, AlertRecord, AutomationEvent, DueRun, Event, EventKind, PLAN_PREFIX,
    PlanRecord, RecurringChange, RunOutcome, book_alert_key, decode, run_key,
};

/// Alerts and recurring orders of one account, from its events.
pub(super) struct Automation<'a> {
    table: &'a dyn Table,
    partition: &'a str,
    account_id: &'a AccountId,
    fired: BTreeSet<AlertId>,
    /// Number of runs of each plan that bought.
    runs: BTreeMap<PlanId, u32>,
    /// The order of the event before.
    order: Option<OrderId>,
    /// Alerts and plans whose creation or change is an event, as the last event left them.
    alerts: BTreeMap<AlertId, AlertRecord>,
    plans: BTreeMap<PlanId, PlanRecord>,
}

impl<'a> Automation<'a> {
    pub(super) const fn new(table: &'a dyn Table, partition: &'a str, account_id: &'a AccountId) -> Self {
        Self {
            table,
            partition,
            account_id,
            fired: BTreeSet::new(),
            runs: BTreeMap::new(),
            order: None,
            alerts: BTreeMap::new(),
            plans: BTreeMap::new(),
        }
    }

    fn differs(&self, report: &mut AuditReport, what: &str) {
        report.differs(format!("{}: {what}", self.partition));
    }

    /// Takes an event in.
    pub(super) async fn event(&mut self, seq: u64, event: &Event, report: &mut AuditReport) -> Result<()> {
        let order = self.order.take();
        match &event.kind {
            EventKind::Order(event) if event.opens => self.order = Some(event.order),
            EventKind::AlertFired { alert, after } => {
                if !self.fired.insert(*alert) {
                    self.differs(report, &format!("event {seq}: an alert fires twice"));
                }
                let key = Key::new(self.partition, format!("{ALERT_PREFIX}{alert}"));
                // Its owner may have removed it since.
                let stored = self.table.get(&key).await?.map(|item| decode::<AlertRecord>(&item.body));
                if after.fired.is_none() || stored.is_some_and(|stored| !stored.is_ok_and(|is| is == **after))
                {
                    self.differs(report, &format!("event {seq}: the alert and its event differ"));
                }
                self.alerts.entry(*alert).and_modify(|known| known.clone_from(after));
            }
            EventKind::Recurring { plan, what, after } => {
                let runs = self.runs.entry(*plan).or_default();
                *runs += u32::from(*what == RecurringChange::Ran);
                let counts = after.run_count == *runs;
                let bought = match after.last_run.as_ref().map(|run| &run.outcome) {
                    Some(RunOutcome::Ran { order }) => Some(*order),
                    Some(RunOutcome::Skipped { .. }) | None => None,
                };
                if !counts || (*what == RecurringChange::Ran && (bought.is_none() || bought != order)) {
                    self.differs(report, &format!("event {seq}: a run and its order do not belong together"));
                }
                self.plans.entry(*plan).and_modify(|known| known.clone_from(after));
            }
            EventKind::Enveloped(envelope) => match envelope.open() {
                Ok(event) => self.changed(event),
                Err(error) => self.differs(report, &format!("event {seq} cannot be read: {error}")),
            },
            _ => {}
        }
        Ok(())
    }

    fn changed(&mut self, event: Option<AutomationEvent>) {
        match event {
            Some(AutomationEvent::AlertCreated { alert, after }) => drop(self.alerts.insert(alert, after)),
            Some(AutomationEvent::AlertRemoved { alert, .. }) => drop(self.alerts.remove(&alert)),
            Some(
                AutomationEvent::RecurringCreated { plan, after }
                | AutomationEvent::RecurringChanged { plan, after },
            ) => drop(self.plans.insert(plan, after)),
            Some(AutomationEvent::RecurringRemoved { plan, .. }) => drop(self.plans.remove(&plan)),
            None => {}
        }
    }

    /// Compares the stored state with the events and the index items.
    pub(super) async fn finish(mut self, report: &mut AuditReport) -> Result<()> {
        self.alerts(report).await?;
        self.plans(report).await?;
        for alert in self.alerts.keys() {
            self.differs(report, &format!("{ALERT_PREFIX}{alert} is missing although an event made it"));
        }
        for plan in self.plans.keys() {
            self.differs(report, &format!("{PLAN_PREFIX}{plan} is missing although an event made it"));
        }
        Ok(())
    }

    async fn alerts(&mut self, report: &mut AuditReport) -> Result<()> {
        let page = self.table.query(&TableQuery::prefix(self.partition, ALERT_PREFIX, PAGE_ITEMS)).await?;
        for item in page.items {
            let sk = item.key.sk.as_str();
            let id = sk.strip_prefix(ALERT_PREFIX).and_then(|id| id.parse().ok());
            let (Some(id), Ok(alert)) = (id, decode::<AlertRecord>(&item.body)) else {
                self.differs(report, &format!("{sk} cannot be read"));
                continue;
            };
            if alert.fired.is_some() != self.fired.contains(&id) {
                self.differs(report, &format!("{sk}: alert and events disagree whether it has fired"));
            }
            if self.alerts.remove(&id).is_some_and(|known| known != alert) {
                self.differs(report, &format!("{sk}: the alert and its events differ"));
            }
            if alert.fired.is_none() {
                report.alerts += 1;
                let item = self.table.get(&book_alert_key(alert.asset_id, id)).await?;
                let live = item.and_then(|item| decode::<AlertIndexItem>(&item.body).ok());
                if live != Some(alert.live(self.account_id)) {
                    self.differs(report, &format!("{sk} waits and its asset's book does not say so"));
                }
            }
        }
        Ok(())
    }

    async fn plans(&mut self, report: &mut AuditReport) -> Result<()> {
        let page = self.table.query(&TableQuery::prefix(self.partition, PLAN_PREFIX, PAGE_ITEMS)).await?;
        for item in page.items {
            let sk = item.key.sk.as_str();
            let id = sk.strip_prefix(PLAN_PREFIX).and_then(|id| id.parse().ok());
            let (Some(id), Ok(plan)) = (id, decode::<PlanRecord>(&item.body)) else {
                self.differs(report, &format!("{sk} cannot be read"));
                continue;
            };
            if plan.run_count != self.runs.get(&id).copied().unwrap_or(0) {
                self.differs(report, &format!("{id}: plan and events count other runs"));
            }
            if self.plans.remove(&id).is_some_and(|known| known != plan) {
                self.differs(report, &format!("{sk}: the plan and its events differ"));
            }
            if let Some(next) = plan.status.next() {
                report.recurring += 1;
                let item = self.table.get(&run_key(next, self.account_id, id)).await?;
                let due = item.and_then(|item| decode::<DueRun>(&item.body).ok());
                let expected =
                    DueRun { account_id: self.account_id.clone(), plan: id, asset_id: plan.asset_id };
                if due != Some(expected) {
                    self.differs(report, &format!("{sk} runs and is not among the runs to come"));
                }
            }
        }
        Ok(())
    }
}
