//! Orders, groups of orders, fills, recurring orders, price alerts and guard rails. What each of them means is in
//! `docs/orders.md`.
//!
//! Requests carry words and figures as text: whoever reads them names the field that is wrong. Answers carry
//! exact types. Members that were added after the first version have a default, so that stored answers stay
//! readable; optional members are left out of requests and orders when they are absent.

mod alert;
mod fill;
mod group;
mod guard;
mod list;
mod order;
pub mod parse;
mod preview;
mod recurring;
mod request;
#[cfg(test)]
mod tests;

pub use alert::{AlertRequest, AlertView};
pub use fill::{FillExplanation, FillInputs, FillView, RecomputedFill, RuleApplied};
pub use group::{EntryRequest, GroupLeg, OrderGroupRequest, OrderGroupView};
pub use guard::{GuardLimits, GuardRails, GuardRailsUpdate, PendingGuard};
pub use list::{AssetTransaction, CancelResult, Data, OrderQuery, Page};
pub use order::{GroupMembership, OrderView, Reserved};
pub use preview::{OrderPreview, PreviewProblem, PreviewedOrder};
pub use recurring::{RecurringPreview, RecurringRequest, RecurringRun, RecurringUpdate, RecurringView};
pub use request::{
    ClosePositionRequest, OrderReplaceRequest, OrderRequest, StopLossRequest, TakeProfitRequest,
};
