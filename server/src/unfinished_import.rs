//! The item that marks a store as the target of an import that has not ended: no server may use it.

use cnop_store::{Key, StoreError, Table};

use crate::failure::{Failure, chain};

/// Schema of the marker's body; the checksum of the file follows.
const SCHEMA: u8 = 1;
/// Items of running or ended processes, which belong to no venue: probes of readiness and of the start.
const PROCESS_PREFIXES: [&str; 2] = ["READY#", "START#"];
const VENUE: &str = "VENUE";

pub(crate) fn key() -> Key {
    Key::new(VENUE, "IMPORT")
}

/// Body of the marker for a file.
pub(crate) fn body(checksum: [u8; 32]) -> Vec<u8> {
    [&[SCHEMA][..], &checksum].concat()
}

/// Returns true if the item belongs to a process and not to the venue.
pub(crate) fn is_of_process(key: &Key) -> bool {
    key.pk == VENUE && PROCESS_PREFIXES.iter().any(|prefix| key.sk.starts_with(prefix))
}

/// Refuses a store whose import has not ended.
///
/// # Errors
/// One sentence, when there is a marker or the store cannot be read.
pub(crate) async fn unfinished_import_check(table: &dyn Table) -> Result<(), Failure> {
    let found: Result<_, StoreError> = table.get(&key()).await;
    match found.map_err(|error| Failure::failed(format!("the store cannot be read: {}", chain(&error))))? {
        None => Ok(()),
        Some(_) => Err(Failure::failed(
            "an import into the store has not ended; repeat `cnop import` with the same file, or begin with an empty store",
        )),
    }
}
