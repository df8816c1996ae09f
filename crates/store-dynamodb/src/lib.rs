//! The `Table` adapter for Amazon DynamoDB and DynamoDB Local, shared by many servers.
//!
//! An item has the keys `pk` and `sk` (strings), its version `v`, its expiry `x` (the time-to-live attribute)
//! and its body `b`. A transaction is one `TransactWriteItems`. Every read is consistent.

mod attributes;
mod check;
mod connect;
mod create;
mod failure;
mod read_many;
mod retry_budget;
mod table;
mod transact;

pub use check::{TableFault, TableFaultKind};
pub use connect::{AwsCredentials, ConnectError, DynamoOptions, DynamoTimeouts};
pub use create::TableError;
pub use table::DynamoTable;
