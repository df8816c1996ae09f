//! Memory of the keeper of this server's shards between two passes.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use cnop_coordination::{Lease, Subscription, SubscriptionError};
use cnop_domain::AccountId;
use tokio::task::{JoinError, JoinSet};

use crate::error::{Error, Result};
use crate::ownership::{BookShard, ChangedEntry, ClusterMembers, ServerId, ShardState};

/// Keeps the shards of one server. One exists at a time.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) shards: Vec<KeptShard>,
    pub(super) members: ClusterMembers,
    pub(super) members_topic: Option<Subscription>,
    /// Time of the last heartbeat, and the shards that it named.
    pub(super) beat: (i64, u64),
    /// Time of the last message of another server, or of one that may be lost, in µs since 1970.
    pub(super) others_us: i64,
    /// The coordinator did not answer, in µs since 1970.
    pub(super) away_us: i64,
    /// Time since which a server is silent that did not announce its end, in µs since 1970. It may be cut off and go on
    /// committing.
    pub(super) silent_us: i64,
    /// Members that take shards, as of the last choice of preferred owners.
    pub(super) working: Vec<ServerId>,
    /// Time of the last look at the positions of topics.
    pub(super) looked_us: i64,
    /// Deliveries that were received while the loop waited.
    pub(super) inbox: VecDeque<(Option<BookShard>, Heard)>,
    pub(super) work: JoinSet<WorkDone>,
    pub(super) ended: Vec<Result<WorkDone, JoinError>>,
    /// The first failure to fill books since the last step.
    pub(super) failure: Option<Error>,
}

/// One delivery of a subscription.
pub(super) type Heard = Result<Bytes, SubscriptionError>;

/// One shard, as its keeper sees it.
#[derive(Debug)]
pub(super) struct KeptShard {
    pub(super) shard: BookShard,
    pub(super) state: ShardState,
    pub(super) lease: Option<Lease>,
    pub(super) topic: Option<Subscription>,
    pub(super) preferred: Option<ServerId>,
    /// Epoch for which the books must be filled.
    pub(super) fill: Option<u64>,
    /// Not before this time, in µs since 1970: the last attempt failed.
    pub(super) fill_after_us: i64,
    pub(super) is_filling: bool,
    /// Owners of its orders whose kill switches are to be completed.
    pub(super) owners: Option<Arc<BTreeSet<AccountId>>>,
    /// Those whose kill switches are being completed.
    pub(super) completing: Option<Arc<BTreeSet<AccountId>>>,
    /// Not before this time: the last attempt failed.
    pub(super) complete_after_us: i64,
    pub(super) is_reloading: bool,
    /// Changed entries that are to be read.
    pub(super) changed: BTreeSet<ChangedEntry>,
    /// The books must be compared with the table.
    pub(super) reconcile: bool,
    pub(super) is_reconciling: bool,
    /// Not before this time: the last comparison failed.
    pub(super) reconcile_after_us: i64,
    pub(super) reconciled_us: i64,
    /// Newest number of the topic at the last look, if it had not been received then.
    pub(super) behind: Option<u64>,
    /// A call about its lease is under way.
    pub(super) is_called: bool,
}

impl KeptShard {
    fn new(shard: BookShard) -> Self {
        Self {
            shard,
            state: ShardState::default(),
            lease: None,
            topic: None,
            preferred: None,
            fill: None,
            fill_after_us: i64::MIN,
            is_filling: false,
            owners: None,
            completing: None,
            complete_after_us: i64::MIN,
            is_reloading: false,
            changed: BTreeSet::new(),
            reconcile: false,
            is_reconciling: false,
            reconcile_after_us: i64::MIN,
            reconciled_us: i64::MIN,
            behind: None,
            is_called: false,
        }
    }
}

/// Work that has ended.
#[derive(Debug)]
pub(super) struct WorkDone {
    pub(super) shard: BookShard,
    pub(super) kind: WorkKind,
    pub(super) result: Result<WorkFound>,
}

/// Findings of work that has succeeded.
#[derive(Debug)]
pub(super) enum WorkFound {
    /// The owners of the orders in books that were filled.
    Owners(BTreeSet<AccountId>),
    /// Number of entries that were different from the table.
    Different(usize),
    Nothing,
}

/// The kind of work on a shard's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorkKind {
    Fill { epoch: u64 },
    KillSwitches,
    Reconcile,
    Reload,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            shards: BookShard::all().map(KeptShard::new).collect(),
            members: ClusterMembers::default(),
            members_topic: None,
            beat: (i64::MIN, 0),
            others_us: i64::MIN,
            away_us: i64::MIN,
            silent_us: i64::MIN,
            working: Vec::new(),
            looked_us: i64::MIN,
            inbox: VecDeque::new(),
            work: JoinSet::new(),
            ended: Vec::new(),
            failure: None,
        }
    }
}
