//! A table that fails when the dice say so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};

use crate::Dice;

/// How often a table fails, in a thousand calls each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultRates {
    /// A transaction is not done, and nobody is told.
    pub lost_before: u64,
    /// A transaction is done, and nobody is told.
    pub lost_after: u64,
    /// A transaction is refused as if another server had been first.
    pub conflict: u64,
    /// A transaction is refused because there is too much to do.
    pub busy: u64,
    /// A read is not answered.
    pub read: u64,
}

impl FaultRates {
    /// As bad as a day may become.
    pub const BAD_DAY: Self = Self { lost_before: 20, lost_after: 30, conflict: 20, busy: 10, read: 3 };
}

/// How often it failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Transactions that were not done.
    pub lost_before: u64,
    /// Transactions that were done all the same.
    pub lost_after: u64,
    /// Invented conflicts.
    pub conflict: u64,
    /// Invented load.
    pub busy: u64,
    /// Reads without an answer.
    pub read: u64,
}

/// A table in front of another one.
#[derive(Debug)]
pub struct FaultyTable {
    inner: Arc<dyn Table>,
    rates: FaultRates,
    is_on: AtomicBool,
    state: Mutex<(Dice, FaultCounts)>,
}

/// What becomes of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    LostBefore,
    LostAfter,
    Conflict,
    Busy,
}

impl FaultyTable {
    /// A table that fails at these rates as the seed's dice say. It begins without faults.
    #[must_use]
    pub fn new(inner: Arc<dyn Table>, rates: FaultRates, seed: u64) -> Self {
        let state = Mutex::new((Dice::new(seed, "faults"), FaultCounts::default()));
        Self { inner, rates, is_on: AtomicBool::new(false), state }
    }

    /// Lets faults happen, or stops them.
    pub fn faults_set(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::SeqCst);
    }

    /// How often it has failed.
    #[must_use]
    pub fn counts(&self) -> FaultCounts {
        self.state().1
    }

    fn state(&self) -> MutexGuard<'_, (Dice, FaultCounts)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fate(&self) -> Fate {
        if !self.is_on.load(Ordering::SeqCst) {
            return Fate::Done;
        }
        let (dice, counts) = &mut *self.state();
        let mut left = dice.below(1_000);
        for (rate, count, fate) in [
            (self.rates.lost_before, &mut counts.lost_before, Fate::LostBefore),
            (self.rates.lost_after, &mut counts.lost_after, Fate::LostAfter),
            (self.rates.conflict, &mut counts.conflict, Fate::Conflict),
            (self.rates.busy, &mut counts.busy, Fate::Busy),
        ] {
            if left < rate {
                *count += 1;
                return fate;
            }
            left -= rate;
        }
        Fate::Done
    }

    fn read_check(&self) -> Result<(), StoreError> {
        if !self.is_on.load(Ordering::SeqCst) {
            return Ok(());
        }
        let (dice, counts) = &mut *self.state();
        if !dice.per_mille(self.rates.read) {
            return Ok(());
        }
        counts.read += 1;
        Err(StoreError::unavailable("an injected fault: the read is not answered"))
    }
}

#[async_trait]
impl Table for FaultyTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.read_check()?;
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        self.read_check()?;
        self.inner.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        match self.fate() {
            Fate::Done => self.inner.transact(writes).await,
            Fate::LostBefore => Err(StoreError::unavailable("an injected fault: nothing was written")),
            Fate::LostAfter => {
                self.inner.transact(writes).await?;
                Err(StoreError::unavailable("an injected fault: all was written"))
            }
            Fate::Conflict => Err(StoreError::Conflict(Vec::new())),
            Fate::Busy => Err(StoreError::Busy),
        }
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.read_check()?;
        self.inner.scan(segment, segments, cursor, limit).await
    }
}
