//! The engine: lets each new quote do to the orders that wait for it what the published rules say.
//!
//! A tick asks each asset's book what its quote expires, triggers and fills, and runs one command for each, in its
//! account's queue like any other command. The order that a command finds in the table decides, not the book.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cnop_api::Code;
use cnop_domain::book::{Grant, Marks, Triggered};
use cnop_domain::{AccountId, AssetId, Price, Quote};
use cnop_store::{Condition, Query, Write};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::account::{
    Accounts, ORDER_PREFIX, Record, book_marks_key, book_pk, decode, encode, order_number, read_first,
};
use crate::alerts::{self, FireAlert};
use crate::books::BookChanges;
use crate::number::is_alert;
use crate::orders::{Act, Action, LiveOrder, QuoteSource, book_change};
use crate::recurring::DueRuns;
use crate::{Error, Result, guards};

/// Accounts whose orders are worked on at once.
const ACCOUNTS_AT_ONCE: usize = 64;
/// Orders of one asset that expire in one tick at most; the rest follows with the next.
const EXPIRED_AT_ONCE: usize = 10_000;
/// Live orders that are read at once when the books are rebuilt.
const READ_AT_ONCE: u32 = 1_000;
/// Longest time between two looks at what expires, when no price moves.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// `B#asset` / `MARKS`: the extremes that trailing stops follow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredMarks(Marks);

impl Record for StoredMarks {
    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_first(schema, bytes)
    }
}

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

    /// Fills the books from the table, and cancels what a kill switch has not come to before a crash. Call it before the
    /// first tick; answers how many orders and alerts wait.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn rebuild(&self) -> Result<usize> {
        let mut owners = BTreeSet::new();
        for asset_id in self.accounts.books.assets() {
            let stored = self.accounts.context.environment.table.get(&book_marks_key(asset_id)).await?;
            let marks = stored.map(|item| decode::<StoredMarks>(&item.body)).transpose()?;
            self.accounts.books.restore(asset_id, &marks.unwrap_or_default().0);
            alerts::rebuild(&self.accounts, asset_id).await?;
            let mut after = None;
            loop {
                let query = Query::prefix(book_pk(asset_id), ORDER_PREFIX, READ_AT_ONCE).after(after.take());
                let page = self.accounts.context.environment.table.query(&query).await?;
                for item in &page.items {
                    let live: LiveOrder = decode(&item.body)?;
                    let id = item.key.sk.strip_prefix(ORDER_PREFIX).and_then(|id| id.parse().ok());
                    let number = id.as_ref().and_then(order_number);
                    self.enter(number, &live.account_id).await?;
                    owners.insert(live.account_id);
                }
                after = page.items.last().map(|item| item.key.sk.clone());
                if !page.more {
                    break;
                }
            }
        }
        guards::kill_switches_finish(&self.accounts, &owners).await?;
        Ok(self.resting())
    }

    /// Puts an order into its book as the table has it.
    async fn enter(&self, number: Option<u128>, account_id: &AccountId) -> Result<()> {
        let number = number.ok_or_else(|| Error::Internal("a live order has no id".to_owned()))?;
        let Some(loaded) = self.accounts.order(account_id, number).await? else {
            return Err(Error::Internal("a live order is missing".to_owned()));
        };
        let entries = book_change(account_id, number, Some(&loaded.record.state), &loaded.record);
        let changes = BookChanges { entries: entries.into_iter().collect(), taken: None };
        self.accounts.books.apply(changes, true);
        Ok(())
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

    /// Stores the marks of trailing stops that have changed, so that they survive a crash.
    ///
    /// # Errors
    /// When the table cannot be written; the next call tries again.
    pub async fn marks_store(&self) -> Result<()> {
        let books = &self.accounts.books;
        let unstored: Vec<_> = books
            .assets()
            .filter_map(|asset_id| {
                books.marks_unstored(asset_id).map(|(revision, marks)| (asset_id, revision, marks))
            })
            .collect();
        for (asset_id, revision, marks) in unstored {
            let write = Write::put(book_marks_key(asset_id), encode(&StoredMarks(marks))?, Condition::Any);
            self.accounts.context.environment.table.transact(vec![write]).await?;
            books.marks_stored(asset_id, revision);
        }
        Ok(())
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
