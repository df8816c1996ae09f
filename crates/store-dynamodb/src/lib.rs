//! The `Table` adapter for Amazon DynamoDB and DynamoDB Local, shared by many servers.
//!
//! An item has the keys `pk` and `sk` (strings), its version `v`, its expiry `x` (the time-to-live attribute)
//! and its body `b`. A transaction is one `TransactWriteItems`. Every read is consistent. Partitions that take many writes
//! are spread over several of DynamoDB's (see `spread`).

mod attributes;
mod check;
mod connect;
mod create;
mod failure;
mod layout;
mod read_many;
mod retry_budget;
mod spread;
mod table;
mod transact;

pub use check::{TableFault, TableFaultKind};
pub use connect::{AwsCredentials, ConnectError, DynamoOptions, DynamoTimeouts};
pub use create::TableError;
pub use layout::SPREAD_PARTS;
pub use table::DynamoTable;
