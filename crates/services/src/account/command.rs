//! Execution of a command: turn, replay, read, decide, commit, retry.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use cnop_api::{Code, Problem};
use cnop_domain::{AccountId, AssetId};
use cnop_market::Snapshot;
use cnop_store::{Condition, StoreError, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::queue::Turn;
use super::read::{Reads, topic};
use super::state::{AccountState, AppendedEvents};
use super::unknown_outcome::PendingCommit;
use super::{ATTEMPTS_MAX, Accounts};
use crate::daily_allowance::{StorageUse, keyed_answer_take};
use crate::displayed_sizes::{DisplayedRequest, DisplayedWant};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, fingerprint};
use crate::records::{StoredAnswer, decode, encode, idempotency_key};
use crate::trigger_books::{BookChanges, TriggerBooks};

/// Seconds for which the answer to an idempotency key is kept: 30 days.
const ANSWER_KEPT_S: i64 = 30 * 86_400;

/// Requests of one command for displayed size that wait for an answer. Afterwards it gets none of newer quotes.
const ASKS_MAX: usize = 3;

/// Outcome of a commit, and the turn for another attempt.
type Committed = Result<(Turn, Result<(), StoreError>)>;

/// Outcome of a decision.
enum Decided<A, F> {
    /// The answer once it is committed, and the running commit.
    Commits(Box<A>, F),
    /// Displayed size has to be asked for first.
    Wants(Turn, Box<DisplayedWant>),
}

/// A command on one account.
pub(crate) trait AccountCommand: Send + Sync {
    /// The answer to the caller.
    type Output: Serialize + DeserializeOwned + Send;

    /// The items to read with the account.
    fn reads(&self) -> Reads {
        Reads::Head
    }

    /// Kind of its use of storage.
    fn storage_use(&self) -> StorageUse {
        StorageUse::Counted
    }

    /// The answer, if this command was committed before under an id of its own.
    fn earlier(
        &self,
        _accounts: &Accounts,
        _account_id: &AccountId,
    ) -> impl Future<Output = Result<Option<Self::Output>>> + Send {
        async { Ok(None) }
    }

    /// Decides from the current state. May be called again with a newer state.
    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<Self::Output>>;
}

/// The writes, book changes and answer that a command has prepared and not committed yet.
#[derive(Debug)]
pub(crate) struct CommitPlan<A> {
    /// Events, and the head and holding after them.
    pub(crate) appended: AppendedEvents,
    /// Additional writes of the command.
    pub(crate) writes: Vec<Write>,
    /// Changes of the trigger books after the commit.
    pub(crate) books: BookChanges,
    /// The answer once it is committed.
    pub(crate) answer: A,
}

/// Idempotency key of a command, with the request it is bound to.
#[derive(Debug, Clone)]
pub(crate) struct Idempotent {
    pub(crate) route: &'static str,
    pub(crate) key: IdempotencyKey,
    /// SHA-256 of the request.
    pub(crate) fingerprint: [u8; 32],
}

impl Idempotent {
    /// Binds a key to a route and a request; `None` without a key.
    pub(crate) fn of<T: Serialize>(
        route: &'static str,
        key: Option<IdempotencyKey>,
        request: &T,
    ) -> Result<Option<Self>> {
        key.map(|key| Ok(Self { route, key, fingerprint: fingerprint(request)? })).transpose()
    }

    /// The key by which requests with the same idempotency key are found in the account's queue.
    fn waiting_key(&self) -> String {
        format!("{}#{}", self.route, self.key.as_str())
    }
}

/// Stores the answer of work in several transactions, so that its key gives the same answer again.
#[derive(Debug)]
pub(crate) struct KeepAnswer<A>(pub(crate) A);

impl<A: Clone + Serialize + DeserializeOwned + Send + Sync> AccountCommand for KeepAnswer<A> {
    type Output = A;

    fn storage_use(&self) -> StorageUse {
        StorageUse::Free
    }

    fn decide(&self, _accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<A>> {
        Ok(CommitPlan {
            appended: state.unchanged()?,
            writes: Vec::new(),
            books: BookChanges::default(),
            answer: self.0.clone(),
        })
    }
}

impl Accounts {
    /// Runs a command exactly once and answers when it is durable.
    pub(crate) async fn execute<C: AccountCommand>(
        &self,
        account_id: &AccountId,
        command: &C,
        idempotent: Option<Idempotent>,
    ) -> Result<C::Output> {
        let Some(time_max) = self.context.config.command_time_max else {
            return self.execute_patiently(account_id, command, idempotent).await;
        };
        // A commit that has begun goes on by itself, and the account is fenced before its next command.
        let ended = timeout(time_max, self.execute_patiently(account_id, command, idempotent));
        Box::pin(ended).await.unwrap_or(Err(Error::Unavailable("the table")))
    }

    async fn execute_patiently<C: AccountCommand>(
        &self,
        account_id: &AccountId,
        command: &C,
        idempotent: Option<Idempotent>,
    ) -> Result<C::Output> {
        let waiting_key = idempotent.as_ref().map(Idempotent::waiting_key);
        let turn = self.queue.enter(account_id, waiting_key).await?;
        self.execute_in(turn, account_id, command, command.storage_use(), idempotent).await
    }

    /// Runs a command of the venue itself. It always gets a place in the account's queue, however many of the
    /// owner's commands wait.
    pub(crate) async fn execute_for_engine<C: AccountCommand>(
        &self,
        account_id: &AccountId,
        command: &C,
    ) -> Result<C::Output> {
        let turn = self.queue.enter_always(account_id).await?;
        // What was ordered is carried out, however much the account has stored today.
        self.execute_in(turn, account_id, command, StorageUse::Free, None).await
    }

    async fn execute_in<C: AccountCommand>(
        &self,
        turn: Turn,
        account_id: &AccountId,
        command: &C,
        storage_use: StorageUse,
        idempotent: Option<Idempotent>,
    ) -> Result<C::Output> {
        let mut requests = Vec::new();
        let done = self.attempt(turn, account_id, command, storage_use, idempotent, &mut requests).await;
        for request in requests {
            self.displayed_sizes.done(request).await;
        }
        done
    }

    async fn attempt<C: AccountCommand>(
        &self,
        mut turn: Turn,
        account_id: &AccountId,
        command: &C,
        storage_use: StorageUse,
        idempotent: Option<Idempotent>,
        requests: &mut Vec<DisplayedRequest>,
    ) -> Result<C::Output> {
        let mut is_conflict = false;
        // Before any answer: an earlier command may be committed without its entries in the books.
        self.own_outcome_resolve(account_id).await?;
        for attempt in 0..ATTEMPTS_MAX {
            if std::mem::take(&mut is_conflict) {
                tokio::time::sleep(self.pause(attempt)).await;
            }
            if let Some(own) = &idempotent
                && let Some(answer) = self.replay(account_id, own).await?
            {
                return Ok(answer);
            }
            if let Some(answer) = command.earlier(self, account_id).await? {
                return Ok(answer);
            }
            if attempt == 0 && idempotent.is_some() && !storage_use.counts_answers() {
                let (coordinator, now_us) = (&self.context.environment.coordinator, self.context.now_us());
                keyed_answer_take(coordinator.as_ref(), account_id, now_us).await?;
            }
            let state = self.state(account_id, command.reads()).await?;
            self.growth_check(account_id, &state.head, storage_use).await?;
            let (answer, committed) = match self.decided(state, turn, command, idempotent.as_ref())? {
                Decided::Commits(answer, committed) => (answer, committed),
                Decided::Wants(kept, want) => {
                    turn = kept;
                    if requests.len() < ASKS_MAX {
                        requests.extend(self.displayed_sizes.ask(&want).await);
                    } else {
                        self.displayed_sizes.refuse(&want);
                    }
                    continue;
                }
            };
            turn = match committed.await? {
                (_, Ok(())) => return Ok(*answer),
                (turn, Err(StoreError::Conflict(_))) => {
                    is_conflict = true;
                    turn
                }
                (_, Err(error)) => return Err(error.into()),
            };
        }
        Err(Error::Contention)
    }

    /// Decides, and starts the commit. The data read and decided here would otherwise be part of every
    /// command's future, and futures are copied. Only the answer outlives this call, boxed for the same
    /// reason.
    #[expect(clippy::needless_pass_by_value, reason = "the state ends here")]
    fn decided<C: AccountCommand>(
        &self,
        state: AccountState<'_>,
        turn: Turn,
        command: &C,
        idempotent: Option<&Idempotent>,
    ) -> Result<Decided<C::Output, impl Future<Output = Committed> + Send + use<C>>> {
        let seen = self.context.environment.market.snapshot();
        let plan = command.decide(self, &state);
        if let Some(want) = state.displayed_want.get() {
            return Ok(Decided::Wants(turn, want.clone()));
        }
        let CommitPlan { appended, writes: own_writes, books, answer } = plan?;
        let mut writes = appended.writes;
        writes.extend(own_writes);
        if let Some(own) = idempotent {
            writes.push(answer_write(state.account_id, own, &answer, state.now_us)?);
        }
        let committed = self.commit(state.account_id, turn, writes, appended.head.seq, (books, seen));
        Ok(Decided::Commits(Box::new(answer), committed))
    }

    /// The account's turn for keyed work in several commands, each with a turn of its own. Duplicates wait
    /// for all of it.
    pub(crate) async fn batch_turn(&self, account_id: &AccountId, own: &Idempotent) -> Result<Turn> {
        Ok(self.batch_queues.enter(account_id, Some(own.waiting_key())).await?)
    }

    /// Starts the commit at once, and notifies subscribers. The returned future only waits for the end: the
    /// work continues when the caller is dropped.
    fn commit(
        &self,
        account_id: &AccountId,
        turn: Turn,
        writes: Vec<Write>,
        seq: u64,
        (changes, seen): (BookChanges, Arc<Snapshot>),
    ) -> impl Future<Output = Committed> + Send + use<> {
        let (context, books) = (Arc::clone(&self.context), Arc::clone(&self.books));
        let ownership = Arc::clone(&self.ownership);
        let (owner, topic) = (account_id.clone(), topic(account_id));
        let pending = PendingCommit::new(Arc::clone(&books), owner.clone(), &changes);
        let task = tokio::spawn(async move {
            let environment = &context.environment;
            // A local of the task: in a panic it is dropped before the account's turn is passed on.
            let mut pending = pending;
            let done = environment.table.transact(writes).await;
            // Still in the account's turn: its changes reach the books in the order of their commits.
            match &done {
                Ok(()) => {
                    let assets = changes.assets_put();
                    for place in books.apply(changes) {
                        ownership.tell(place, &owner);
                    }
                    recheck_newest_quote(&books, &assets, &seen, &environment.market.snapshot());
                    pending.known();
                }
                Err(
                    StoreError::Conflict(_)
                    | StoreError::Invalid(_)
                    | StoreError::Busy
                    | StoreError::CircuitOpen { .. },
                ) => {
                    books.drop_changes(&changes);
                    pending.known();
                }
                // Unknown outcome: it is resolved before the account's next command.
                Err(StoreError::Unavailable(_) | StoreError::Corrupt(_)) => drop(pending),
            }
            if done.is_ok() {
                let payload = Bytes::copy_from_slice(&seq.to_be_bytes());
                if let Err(error) = environment.coordinator.publish(&topic, payload).await {
                    // The event is committed; a listener sees it with the next one.
                    tracing::warn!(%error, "a committed event could not be published");
                }
            }
            (turn, done)
        });
        // The outcome is unknown then, so it must not be reported as "nothing written".
        async move {
            task.await
                .map_err(|error| StoreError::unavailable(format!("a commit did not end: {error}")).into())
        }
    }

    /// The committed answer of a key, when there is one.
    pub(crate) async fn replay<A: DeserializeOwned>(
        &self,
        account_id: &AccountId,
        own: &Idempotent,
    ) -> Result<Option<A>> {
        let key = idempotency_key(account_id, own.route, own.key.as_str());
        let Some(item) = self.context.environment.table.get(&key).await? else { return Ok(None) };
        let stored: StoredAnswer = decode(&item.body)?;
        if stored.fingerprint != own.fingerprint {
            return Err(Problem::new(
                Code::IdempotencyKeyReused,
                "This Idempotency-Key was used with another request. Nothing was done; send a new key.",
            )
            .into());
        }
        serde_json::from_slice(&stored.json)
            .map(Some)
            .map_err(|error| StoreError::corrupt(format!("a stored answer cannot be read: {error}")).into())
    }
}

/// A quote published between the decision and the commit was not matched against the new entry.
fn recheck_newest_quote(books: &TriggerBooks, assets: &[AssetId], seen: &Snapshot, now: &Snapshot) {
    let seq = |snapshot: &Snapshot, asset_id| snapshot.get(asset_id).map(|state| state.quote.seq);
    for asset_id in assets {
        if seq(now, *asset_id) > seq(seen, *asset_id) {
            books.recheck(*asset_id);
        }
    }
}

fn answer_write<A: Serialize>(
    account_id: &AccountId,
    own: &Idempotent,
    answer: &A,
    now_us: i64,
) -> Result<Write> {
    let json = serde_json::to_vec(answer)
        .map_err(|error| Error::Internal(format!("an answer cannot be written: {error}")))?;
    let body = encode(&StoredAnswer { fingerprint: own.fingerprint, json })?;
    let key = idempotency_key(account_id, own.route, own.key.as_str());
    let expires_at = now_us.div_euclid(1_000_000) + ANSWER_KEPT_S;
    Ok(Write::put_expiring(key, body, expires_at, Condition::Absent))
}
