//! All items of a table into a file. Run it while no server writes: pages of other moments would not fit together.

use std::io::Write;
use std::sync::Arc;

use cnop_store::{ScanPage, Table};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::error::TransferError;
use super::format::{ExportWriter, Summary};
use crate::unfinished_import as marker;

/// Segments that are read at once.
const SEGMENTS: u32 = 8;
/// Items of a page.
const PAGE_ITEMS: u32 = 1_000;
/// Pages that wait for the file.
const PAGES_WAITING_MAX: usize = 4;

/// Writes all items, and returns what is written to.
pub(super) async fn run<W: Write>(table: Arc<dyn Table>, out: W) -> Result<(W, Summary), TransferError> {
    let mut writer = ExportWriter::new(out)?;
    let (pages, mut read) = mpsc::channel::<ScanPage>(PAGES_WAITING_MAX);
    let mut segments = JoinSet::new();
    for segment in 0..SEGMENTS {
        segments.spawn(scan(Arc::clone(&table), segment, pages.clone()));
    }
    drop(pages);
    while let Some(page) = read.recv().await {
        for item in page.items.iter().filter(|item| !marker::is_of_process(&item.key)) {
            writer.item(item)?;
        }
    }
    // A segment that failed has sent no more pages: the file must not look whole.
    while let Some(ended) = segments.join_next().await {
        ended.map_err(|_| TransferError::Ended)??;
    }
    Ok(writer.finish()?)
}

async fn scan(
    table: Arc<dyn Table>,
    segment: u32,
    pages: mpsc::Sender<ScanPage>,
) -> Result<(), TransferError> {
    let mut cursor = None;
    loop {
        let page = table.scan(segment, SEGMENTS, cursor, PAGE_ITEMS).await?;
        cursor = page.cursor.clone();
        pages.send(page).await.map_err(|_| TransferError::Ended)?;
        if cursor.is_none() {
            return Ok(());
        }
    }
}
