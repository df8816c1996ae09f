//! The commands `cnop export` and `cnop import`: a venue as one file, from any store and into any store.
//!
//! | module | subject |
//! |---|---|
//! | `error` | errors of both |
//! | `format` | the file: frames of items, and a checksum |
//! | `export` | all items of a table into a file |
//! | `import` | a file into an empty table |

mod error;
mod export;
mod format;
mod import;

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use cnop_domain::Clock;

use self::format::{ExportReader, FormatError};
use crate::command_line::Settings;
use crate::commands::{print, store_exists};
use crate::environment::SystemClock;
use crate::failure::{Failure, chain};
use crate::open_table::{Access, table_open};
use crate::unfinished_import::unfinished_import_check;

/// Bytes that are read from a file at once.
const BUFFER_BYTES: usize = 1 << 20;

/// Writes all items of the store into a new file.
///
/// # Errors
/// Exit code 2 when the file exists or the store is in use, 1 when the store or the file fails. No file is left then.
pub(crate) async fn export(settings: &Settings, path: &Path) -> Result<(), Failure> {
    store_exists(settings)?;
    if path.exists() {
        return Err(Failure::refused(format!("{} exists; name a new file", path.display())));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let table = table_open(settings, clock, Access::Command).await?.table;
    unfinished_import_check(&*table).await?;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let failed = |error: &dyn std::error::Error| {
        let _ = std::fs::remove_file(&part);
        Failure::failed(format!("{} was not written: {}", path.display(), chain(error)))
    };
    // It has the hashes of passwords: for its owner alone.
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    let file = opened.map_err(|error| failed(&error))?;
    let written = export::run(table, BufWriter::with_capacity(BUFFER_BYTES, file)).await;
    let (out, summary) = written.map_err(|error| failed(&error))?;
    let synced = out.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|mut file| {
        file.flush()?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    });
    synced.map_err(|error| failed(&error))?;
    print(&format!("{} items exported, SHA-256 {}", summary.items, hex::encode(summary.checksum)))
}

/// Reads a file of [`export`] into an empty store. An import that was interrupted goes on when it is repeated.
///
/// # Errors
/// Exit code 2 when the store is in use, 1 when the file is damaged, the store is not empty, or one of them fails.
pub(crate) async fn import(settings: &Settings, path: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::failed(format!("{} was not imported: {}", path.display(), chain(error)))
    };
    let open = || {
        let file = File::open(path).map_err(FormatError::from)?;
        ExportReader::open(BufReader::with_capacity(BUFFER_BYTES, file))
    };
    // Whole and undamaged, before anything is written.
    let mut whole = open().map_err(|error| failed(&error))?;
    while whole.next().map_err(|error| failed(&error))?.is_some() {}
    let summary = whole.summary().map_err(|error| failed(&error))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let table = table_open(settings, clock, Access::Import).await?.table;
    let items = open().map_err(|error| failed(&error))?;
    import::run(&*table, items, summary.checksum).await.map_err(|error| failed(&error))?;
    print(&format!("{} items imported, SHA-256 {}", summary.items, hex::encode(summary.checksum)))
}

#[cfg(test)]
mod tests;
