//! A day in isolation: one thread, a clock that moves only when all tasks wait, a table in memory.

use std::sync::{Arc, Mutex, PoisonError};

use cnop_domain::Clock;
use cnop_store::Table;
use cnop_testkit::MemoryTable;

use crate::{Day, DayReport, Digests, Outcome, digests};

impl Day {
    /// Runs the day and returns the report and the digests of the table.
    ///
    /// # Errors
    /// As [`Day::live`].
    pub fn live_alone(&self) -> Outcome<(DayReport, Digests)> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(async {
            let kept: Mutex<Option<Arc<dyn Table>>> = Mutex::new(None);
            let make = |clock: Arc<dyn Clock>| {
                let table: Arc<dyn Table> = Arc::new(MemoryTable::new(clock));
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&table));
                table
            };
            let report = self.live(make).await?;
            let table = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok((report, digests(table.ok_or("there is no table")?.as_ref()).await?))
        })
    }
}
