//! The command `cnop migrate`: the DynamoDB table as the venue needs it.

use std::sync::Arc;

use cnop_store_dynamodb::TableError;

use crate::command_line::{Settings, StoreChoice};
use crate::commands::print;
use crate::environment::SystemClock;
use crate::failure::{Failure, chain};
use crate::open_table::dynamodb_connect;

/// Creates the table, or checks it and mends what can be mended while servers use it.
///
/// # Errors
/// Exit code 1 when something stays wrong (the list goes to stdout), 2 when the settings name no DynamoDB table.
pub(crate) async fn run(settings: &Settings, spread: Option<u32>) -> Result<(), Failure> {
    if settings.store != StoreChoice::Dynamodb {
        return Err(Failure::refused(
            "`cnop migrate` is for DynamoDB: set CNOP_STORE=dynamodb and CNOP_DYNAMODB_TABLE; the embedded store needs none",
        ));
    }
    let clock = Arc::new(SystemClock::default());
    let table = dynamodb_connect(settings, clock).await?;
    let failed = |error: TableError| Failure::failed(chain(&error));
    if !table.table_exists().await.map_err(failed)? {
        table.table_create_if_missing().await.map_err(failed)?;
        print("the table was created")?;
    }
    let mut wrong: usize = 0;
    for fault in table.table_faults().await.map_err(failed)? {
        match table.table_mend(fault.kind).await {
            Ok(true) => print(&format!("mended: {}", fault.sentence))?,
            Ok(false) => {
                wrong += 1;
                print(&fault.sentence)?;
            }
            Err(error) => {
                wrong += 1;
                print(&format!("{} (not mended: {})", fault.sentence, chain(&error)))?;
            }
        }
    }
    table.rights_check().await.map_err(failed)?;
    if let Some(parts) = spread {
        let moved = table.layout_move(parts).await.map_err(failed)?;
        print(&format!(
            "waiting orders and due runs are spread over {parts} parts; {moved} items were moved"
        ))?;
    }
    match wrong {
        0 => print("the table is as the venue needs it"),
        1 => Err(Failure::failed("one property of the table is wrong")),
        _ => Err(Failure::failed(format!("{wrong} properties of the table are wrong"))),
    }
}
