//! The `Table` adapter for Amazon DynamoDB and DynamoDB Local, shared by many servers.
//!
//! An item has the keys `pk` and `sk` (strings), its version `v`, its expiry `x` (the time-to-live attribute)
//! and its body `b`. A transaction is one `TransactWriteItems`. Every read is consistent.

mod attributes;
mod connect;
mod create;
mod failure;
mod table;
mod transact;

pub use connect::{AwsCredentials, ConnectError, DynamoOptions};
pub use create::TableError;
pub use table::DynamoTable;
