//! Matching of quotes against trigger books. The time is proportional to the number of matches; nothing blocks.

use std::sync::PoisonError;

use cnop_domain::book::{Grant, Triggered};
use cnop_domain::{AssetId, BookEntryId, Quote, QuoteSource};
use cnop_market::Snapshot;

use super::job::{Job, JobAction};
use super::{TickReport, TriggerEngine};
use crate::orders::OrderAction;

/// Orders of one asset that one look finds expired at most; the rest follows with the next.
const EXPIRED_AT_ONCE: usize = 10_000;

impl TriggerEngine {
    /// Dispatches everything that the quotes of a snapshot and the present time reach, in the order of the
    /// books.
    pub(super) fn match_quotes(&self, snapshot: &Snapshot) -> TickReport {
        let mut report = TickReport::default();
        for asset_id in self.accounts.books.assets() {
            self.match_quote(asset_id, snapshot, &mut report);
        }
        report
    }

    /// Looks again at the newest quotes that have not seen all entries of their books; says whether there are any.
    pub(super) fn recheck(&self, report: &mut TickReport) -> bool {
        let assets = self.accounts.books.recheck_take();
        let snapshot = self.accounts.context.environment.market.snapshot();
        for asset_id in &assets {
            self.match_quote(*asset_id, &snapshot, report);
        }
        !assets.is_empty()
    }

    fn match_quote(&self, asset_id: AssetId, snapshot: &Snapshot, report: &mut TickReport) {
        let _looking = self.matching.lock().unwrap_or_else(PoisonError::into_inner);
        let (now_us, source) = (self.accounts.context.now_us(), snapshot.source);
        for (id, account_id) in self.accounts.books.expire(asset_id, now_us, EXPIRED_AT_ONCE) {
            // Alerts have no end.
            let BookEntryId::Order(order_id) = id else { continue };
            report.expired += 1;
            let action = JobAction::Order { order_id, action: OrderAction::Expire };
            self.backlog.add(account_id, Job { asset_id, action });
        }
        let state = snapshot.get(asset_id).filter(|state| state.tradable);
        if let Some(quote) = state.map(|state| state.quote).filter(|quote| self.is_fresh(quote, now_us)) {
            self.match_at(asset_id, &quote, source, now_us, report);
        }
    }

    /// Dispatches the entries that one quote reaches.
    fn match_at(
        &self,
        asset_id: AssetId,
        quote: &Quote,
        source: QuoteSource,
        now_us: i64,
        report: &mut TickReport,
    ) {
        let (quote, tick) = (*quote, self.accounts.books.tick(asset_id, quote, now_us));
        report.filled += tick.grants.len();
        let dispatched = tick.grants.len() + tick.triggered.len();
        if dispatched > 0 {
            metrics::counter!("cnop_engine_dispatched_total")
                .increment(u64::try_from(dispatched).unwrap_or(u64::MAX));
        }
        for Triggered { id, owner, mark } in tick.triggered {
            let action = match id {
                BookEntryId::Alert(alert_id) => {
                    report.alerts += 1;
                    JobAction::Alert { alert_id, price: quote.last, quote_seq: quote.seq }
                }
                BookEntryId::Order(order_id) => {
                    report.triggered += 1;
                    JobAction::Order { order_id, action: OrderAction::Trigger { quote, mark, source } }
                }
            };
            self.backlog.add(owner, Job { asset_id, action });
        }
        for Grant { id, owner, quantity: granted, .. } in tick.grants {
            // Alerts do not fill.
            let BookEntryId::Order(order_id) = id else { continue };
            let action = JobAction::Order { order_id, action: OrderAction::Fill { quote, granted, source } };
            self.backlog.add(owner, Job { asset_id, action });
        }
    }

    fn is_fresh(&self, quote: &Quote, now_us: i64) -> bool {
        let age_ms = u64::try_from((now_us - quote.time_us) / 1_000).unwrap_or(0);
        age_ms <= self.accounts.context.config.price_max_age_ms
    }
}
