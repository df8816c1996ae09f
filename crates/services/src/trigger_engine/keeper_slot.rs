//! The place where the keeper of the shards waits while nobody works with it.

use std::sync::{Mutex, PoisonError};

use super::kept::Keeper;

/// Holds the keeper between two steps.
#[derive(Debug, Default)]
pub(super) struct KeeperSlot(Mutex<KeeperPlace>);

#[derive(Debug, Default)]
enum KeeperPlace {
    /// None was made yet, or the last one was lost.
    #[default]
    Empty,
    Waits(Box<Keeper>),
    InUse,
}

impl KeeperSlot {
    /// Takes the keeper, or a new one if there is none. None while somebody has it.
    pub(super) fn take(&self, make: impl FnOnce() -> Box<Keeper>) -> Option<Box<Keeper>> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *place, KeeperPlace::InUse) {
            KeeperPlace::Empty => Some(make()),
            KeeperPlace::Waits(keeper) => Some(keeper),
            KeeperPlace::InUse => None,
        }
    }

    /// Gives the keeper back; without one, the next is made anew.
    pub(super) fn put(&self, keeper: Option<Box<Keeper>>) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = keeper.map_or(KeeperPlace::Empty, KeeperPlace::Waits);
    }
}
