//! The store that the settings name, opened for a server or for a command.

use std::path::Path;
use std::sync::Arc;

use cnop_domain::Clock;
use cnop_services::SPREAD_PREFIXES;
use cnop_store::Table;
use cnop_store_dynamodb::{DynamoOptions, DynamoTable, TableError};
use cnop_store_embedded::{EmbeddedTable, OpenError};

use crate::command_line::{Settings, StoreChoice};
use crate::environment::OsEntropy;
use crate::failure::{Failure, chain};
use crate::guarded_table::GuardedTable;
use crate::logs::panics_expected;

/// Name of the store's file in the data directory.
const STORE_FILE: &str = "store.redb";
/// Name of the signing key's file in the data directory.
pub(crate) const SIGNING_KEY_FILE: &str = "signing-key.pem";

/// Refuses a store that is empty or missing beside a signing key. The key is created after the store, so the store has
/// lost its content, and a fresh start would hide that.
fn lost_store_check(settings: &Settings, store: &Path) -> Result<(), Failure> {
    let key = settings.data_dir.join(SIGNING_KEY_FILE);
    let state = match std::fs::metadata(store) {
        Ok(file) if file.len() == 0 => "is empty",
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "is missing",
        Ok(_) | Err(_) => return Ok(()),
    };
    // A key that the operator names may be there before the first start.
    if !settings.signing_key_file.is_empty() || !key.exists() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{} {state}, although the venue ran here before; restore a backup, or remove {} to begin anew",
        store.display(),
        key.display()
    )))
}

/// Purpose for which the store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A server, whose clients wait for each answer.
    Serve,
    /// A command of the operator, which may take its time.
    Command,
    /// The command that fills an empty store.
    Import,
}

/// The store that the settings name.
#[derive(Debug)]
pub(crate) struct OpenTable {
    pub(crate) table: Arc<dyn Table>,
    /// The same without its breaker, if it is on the network.
    on_network: Option<Arc<DynamoTable>>,
}

impl OpenTable {
    /// From now on clients wait for the answers.
    pub(crate) fn serve(&self) {
        if let Some(table) = &self.on_network {
            table.serve();
        }
    }
}

/// Opens the store that the settings name.
///
/// # Errors
/// One sentence when it cannot be opened; exit code 2 when another process has it.
pub(crate) async fn table_open(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    access: Access,
) -> Result<OpenTable, Failure> {
    match settings.store {
        StoreChoice::Embedded => {
            let path = settings.data_dir.join(STORE_FILE);
            // An import brings back a store that was lost.
            if access != Access::Import {
                lost_store_check(settings, &path)?;
            }
            // Opening repairs a file that was not closed in order, which may take a while.
            let opened = tokio::task::spawn_blocking(move || {
                panics_expected(|| EmbeddedTable::open(&path, &Default::default(), clock))
            });
            let opened = opened.await.map_err(|_| Failure::failed("the store could not be opened"))?;
            match opened {
                Ok(table) => Ok(OpenTable { table: Arc::new(table), on_network: None }),
                Err(error @ OpenError::Locked { .. }) => Err(Failure::refused(format!(
                    "{error}; stop that server first, or use another data directory"
                ))),
                Err(error) => Err(Failure::failed(chain(&error))),
            }
        }
        StoreChoice::Dynamodb => {
            let table = Arc::new(dynamodb_connect(settings, Arc::clone(&clock)).await?);
            // On this machine the table is made at once; elsewhere that is the operator's decision.
            if dynamodb_options(settings)?.is_local() {
                table.table_create_if_missing().await.map_err(table_failed)?;
            }
            match access {
                Access::Serve => table.table_check_for_serving().await.map_err(table_failed)?,
                Access::Command | Access::Import => table.table_check().await.map_err(table_failed)?,
            }
            match access {
                Access::Serve | Access::Import => table.layout_settle().await.map_err(table_failed)?,
                Access::Command => table.layout_load().await.map_err(table_failed)?,
            }
            if access != Access::Serve {
                // A command waits for the table and tries again: nobody is spared by its giving up.
                return Ok(OpenTable { table, on_network: None });
            }
            let guarded = GuardedTable::new(Arc::clone(&table) as _, "dynamodb", clock);
            Ok(OpenTable { table: Arc::new(guarded), on_network: Some(table) })
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it converts errors")]
fn table_failed(error: TableError) -> Failure {
    Failure::failed(chain(&error))
}

fn dynamodb_options(settings: &Settings) -> Result<DynamoOptions, Failure> {
    let table = settings.dynamodb_table.clone();
    let table = table.ok_or_else(|| Failure::refused("CNOP_STORE=dynamodb needs CNOP_DYNAMODB_TABLE"))?;
    let endpoint = settings.dynamodb_endpoint.clone();
    Ok(DynamoOptions { table, endpoint, spread_prefixes: SPREAD_PREFIXES, ..DynamoOptions::default() })
}

/// The DynamoDB table that the settings name, before any request to it.
///
/// # Errors
/// One sentence when the settings are incomplete.
pub(crate) async fn dynamodb_connect(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<DynamoTable, Failure> {
    let options = dynamodb_options(settings)?;
    let connected = DynamoTable::connect(options, clock, Arc::new(OsEntropy)).await;
    connected.map_err(|error| Failure::failed(chain(&error)))
}
