//! The `Table` port: one table that holds all state.
//!
//! An item has a partition key, a sort key, a version that counts its puts, an optional expiry and a body. A
//! transaction writes all its items or none, each under a condition on the current item. The rest of the
//! program sees only [`Table`]. Each adapter is a crate of its own and passes the conformance suite of `cnop-testkit`.

mod error;
mod item;
pub mod limits;
mod query;
mod table;
mod validate;

pub use error::{FailedCondition, Invalid, StoreError};
pub use item::{Condition, Item, Key, Write};
pub use query::{
    Direction, PageBuilder, QueryPage, QueryStart, RangePosition, ScanPage, SortKeyRange, TableQuery,
};
pub use table::{Table, TableHealth};
pub use validate::{validate, validate_key, validate_query, validate_scan};
