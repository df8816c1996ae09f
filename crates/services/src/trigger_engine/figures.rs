//! The engine's metrics. Labels are constants.

use super::TriggerEngine;
use super::job::{Job, JobAction};
use crate::orders::OrderAction;

impl TriggerEngine {
    /// Shows the sizes of what this server has: once a second.
    pub(super) fn figures_show(&self) {
        let (books, ownership) = (&self.accounts.books, &self.accounts.ownership);
        metrics::gauge!("cnop_engine_shards_owned").set(figure(ownership.shards_owned()));
        metrics::gauge!("cnop_engine_members").set(figure(ownership.members()));
        metrics::gauge!("cnop_engine_resting_entries").set(figure(books.len()));
        metrics::gauge!("cnop_engine_backlog").set(figure(self.backlog.len()));
        let unknown = &books.unknown_outcomes;
        metrics::gauge!("cnop_engine_unknown_outcomes").set(figure(unknown.accounts_len()));
        metrics::gauge!("cnop_engine_quarantined").set(figure(unknown.quarantined_len()));
    }

    /// Counts a job that was done, and the time since the quote that reached it.
    pub(super) fn job_count(&self, job: &Job) {
        let (kind, quote_us) = match &job.action {
            JobAction::Order { action: OrderAction::Trigger { quote, .. }, .. } => {
                ("trigger", Some(quote.time_us))
            }
            JobAction::Order { action: OrderAction::Fill { quote, .. }, .. } => ("fill", Some(quote.time_us)),
            JobAction::Order { .. } => ("expiry", None),
            JobAction::Alert { .. } => ("alert", None),
        };
        metrics::counter!("cnop_engine_jobs_total", "kind" => kind).increment(1);
        if let Some(quote_us) = quote_us {
            let delay_us = self.accounts.context.now_us().saturating_sub(quote_us);
            let delay_us = u32::try_from(delay_us.max(0)).unwrap_or(u32::MAX);
            metrics::histogram!("cnop_engine_trigger_delay_seconds").record(f64::from(delay_us) / 1e6);
        }
    }
}

/// A number of things as a metric.
fn figure(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
