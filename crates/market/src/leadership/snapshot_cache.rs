//! The whole snapshot in the coordinator's cache, in parts: for servers that start, or have missed a tick.

use std::time::Duration;

use cnop_coordination::{CoordinationError, Coordinator};

use super::difference::whole;
use super::message::{FeedIdentity, FeedMessage, FeedNews, FeedStamp, PARTS_MAX, TickPart, parts_write};
use super::ticks::{FeedTick, TickAssembly};
use crate::Snapshot;

/// Time for which a snapshot is kept: a leader that starts after a pause of all servers continues its numbers.
const KEPT: Duration = Duration::from_secs(86_400);

fn key(part: u16) -> String {
    format!("feed/snapshot/{part}")
}

/// Puts the snapshot into the cache.
pub(super) async fn put(
    coordinator: &dyn Coordinator,
    feed: FeedIdentity,
    snapshot: &Snapshot,
    stamp: FeedStamp,
) -> Result<(), CoordinationError> {
    let parts = parts_write(whole(snapshot).iter())
        .ok_or(CoordinationError::Invalid("a snapshot has too many parts"))?;
    let count = u16::try_from(parts.len()).unwrap_or(u16::MAX);
    for (number, changes) in (0..count).zip(&parts) {
        let part = TickPart { stamp, after: None, time_us: snapshot.time_us, number, count };
        let message = FeedMessage::new(feed, stamp.epoch, stamp.generation, FeedNews::Part(part));
        let value =
            message.write(changes).ok_or(CoordinationError::Invalid("a snapshot cannot be written"))?;
        coordinator.cache_put(&key(number), value, KEPT).await?;
    }
    Ok(())
}

/// The whole snapshot; `None` when a part is missing or another snapshot is just being written.
pub(super) async fn get(
    coordinator: &dyn Coordinator,
    feed: FeedIdentity,
) -> Result<Option<FeedTick>, CoordinationError> {
    let mut assembly = TickAssembly::default();
    for number in 0..PARTS_MAX {
        let Some(value) = coordinator.cache_get(&key(number)).await? else { return Ok(None) };
        let Some((message, changes)) = FeedMessage::read(&value) else { return Ok(None) };
        let FeedNews::Part(part) = message.news else { return Ok(None) };
        if message.feed != feed || part.number != number {
            return Ok(None);
        }
        let tick = assembly.add(&part, changes);
        if tick.is_some() || number + 1 >= part.count {
            return Ok(tick);
        }
    }
    Ok(None)
}
