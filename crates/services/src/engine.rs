//! The engine: lets each new quote do to the orders that wait for it what the published rules say.
//!
//! A tick asks each asset's book what its quote expires, triggers and fills, and runs one command for each, in its
//! account's queue like any other command. The order that a command finds in the table decides, not the book.

mod marks;
mod rebuild;

use std::collections::BTreeMap;
use std::time::Duration;

use cnop_api::Code;
use cnop_domain::book::{Grant, Triggered};
use cnop_domain::{AccountId, AssetId, Price, Quote};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) use marks::StoredMarks;

use crate::account::Accounts;
use crate::alerts::FireAlert;
use crate::number::is_alert;
use crate::orders::{Act, Action, QuoteSource};
use crate::recurring::DueRuns;
use crate::{Error, Result};

/// Accounts whose orders are worked on at once.
const ACCOUNTS_AT_ONCE: usize = 64;
/// Orders of one asset that expire in one tick at most; the rest follows with the next.
const EXPIRED_AT_ONCE: usize = 10_000;
/// Longest time between two looks at what expires, when no price moves.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Ticks the books, and does what is due. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    accounts: Accounts,
    runs: DueRuns,
}

/// What one tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Orders whose time was over.
    pub expired: usize,
    /// Orders that were triggered.
    pub triggered: usize,
    /// Resting orders that were filled, in part or whole.
    pub filled: usize,
    /// Price alerts whose level was reached.
    pub alerts: usize,
    /// Runs of recurring orders that bought or were left out.
    pub runs: usize,
    /// Commands that failed and are tried again with the next quote.
    pub failed: usize,
}

/// What a tick has for one order or alert.
#[derive(Debug, Clone, Copy)]
struct Job {
    asset_id: AssetId,
    number: u128,
    work: Work,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
enum Work {
    Order(Action),
    /// An alert fires at this last price.
    Alert(Price),
}

impl Engine {
    pub(crate) fn new(accounts: Accounts) -> Self {
        Self { runs: DueRuns::new(accounts.clone()), accounts }
    }

    /// Orders and alerts in the books.
    #[must_use]
    pub fn resting(&self) -> usize {
        self.accounts.books.len()
    }

    /// Lets the prices and the time of now work, and answers when all that they do is committed.
    pub async fn tick(&self) -> TickReport {
        let mut report = self.books_tick().await;
        let runs = self.runs.work().await;
        report.runs += runs.done;
        report.failed += runs.failed;
        report
    }

    /// What prices do to orders and alerts.
    async fn books_tick(&self) -> TickReport {
        let failed = self.accounts.doubts_settle().await;
        let mut report = TickReport { failed, ..TickReport::default() };
        let jobs = self.due(&mut report);
        let mut waiting = jobs.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < ACCOUNTS_AT_ONCE
                && let Some((account_id, jobs)) = waiting.next()
            {
                let engine = self.clone();
                running.spawn(async move { engine.work(&account_id, &jobs).await });
            }
            match running.join_next().await {
                Some(Ok(failed)) => report.failed += failed,
                Some(Err(error)) => {
                    tracing::error!(%error, "a tick's work ended early");
                    report.failed += 1;
                }
                None => return report,
            }
        }
    }

    /// What the quotes of now have for each account, in the order of the books.
    fn due(&self, report: &mut TickReport) -> BTreeMap<AccountId, Vec<Job>> {
        let context = &self.accounts.context;
        let snapshot = context.environment.market.snapshot();
        let (now_us, source) = (context.now_us(), QuoteSource::from(snapshot.source));
        let mut jobs: BTreeMap<AccountId, Vec<Job>> = BTreeMap::new();
        for asset_id in self.accounts.books.assets() {
            let books = &self.accounts.books;
            for (number, account_id) in books.expire(asset_id, now_us, EXPIRED_AT_ONCE) {
                report.expired += 1;
                jobs.entry(account_id).or_default().push(Job {
                    asset_id,
                    number,
                    work: Work::Order(Action::Expire),
                });
            }
            let state = snapshot.get(asset_id).filter(|state| state.tradable);
            let Some(quote) = state.map(|state| state.quote).filter(|quote| self.is_fresh(quote, now_us))
            else {
                continue;
            };
            let tick = books.tick(asset_id, &quote, now_us);
            report.filled += tick.grants.len();
            for Triggered { id: number, owner, mark } in tick.triggered {
                let work = if is_alert(number) {
                    report.alerts += 1;
                    Work::Alert(quote.last)
                } else {
                    report.triggered += 1;
                    Work::Order(Action::Trigger { quote, mark, source })
                };
                jobs.entry(owner).or_default().push(Job { asset_id, number, work });
            }
            for Grant { id: number, owner, quantity: granted, .. } in tick.grants {
                let work = Work::Order(Action::Fill { quote, granted, source });
                jobs.entry(owner).or_default().push(Job { asset_id, number, work });
            }
        }
        jobs
    }

    fn is_fresh(&self, quote: &Quote, now_us: i64) -> bool {
        let age_ms = u64::try_from((now_us - quote.time_us) / 1_000).unwrap_or(0);
        age_ms <= self.accounts.context.config.price_max_age_ms
    }

    /// Does what a tick has for one account; answers how much of it failed.
    async fn work(&self, account_id: &AccountId, jobs: &[Job]) -> usize {
        let mut failed = 0;
        for job in jobs {
            let Err(error) = self.job_do(account_id, job).await else { continue };
            let gone = matches!(
                &error,
                Error::Refused(problem)
                    if matches!(problem.code, Code::OrderClosed | Code::OrderNotFound | Code::AlertNotFound)
            );
            if gone {
                // Canceled, or filled with its sibling, between the tick and now; an alert was removed.
                self.accounts.books.forget(job.asset_id, job.number);
            } else {
                let asset_id = job.asset_id.as_str();
                tracing::warn!(%error, asset_id, "an order or alert waits for the next quote");
                match (&error, job.work) {
                    (Error::Store(_), Work::Order(Action::Fill { .. })) => {
                        self.accounts.books.wait_again(job.asset_id, job.number);
                    }
                    _ => self.accounts.books.release(job.asset_id, job.number),
                }
                failed += 1;
            }
        }
        failed
    }

    async fn job_do(&self, account_id: &AccountId, job: &Job) -> Result<()> {
        match job.work {
            Work::Order(action) => {
                let act = Act { number: job.number, action, if_match: None };
                self.accounts.execute(account_id, &act, None).await.map(|_| ())
            }
            Work::Alert(price) => {
                self.accounts.execute(account_id, &FireAlert { number: job.number, price }, None).await
            }
        }
    }

    /// Ticks with every new snapshot until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut news = self.accounts.context.environment.market.subscribe();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = tokio::time::timeout(PAUSE_MAX, news.changed()) => {
                    if matches!(changed, Ok(Err(_))) {
                        return;
                    }
                }
            }
            let report = self.tick().await;
            if report != TickReport::default() {
                tracing::debug!(?report, "tick");
            }
            if let Err(error) = self.marks_store().await {
                tracing::warn!(%error, "marks of trailing stops could not be stored");
            }
        }
    }
}
