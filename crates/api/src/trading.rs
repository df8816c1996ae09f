//! Orders, groups, fills, recurring orders, price alerts and guard rails. `docs/orders.md` has their exact
//! rules.
//!
//! Requests carry words and figures as text, so that the parser can name the invalid field. Responses carry
//! exact types. Members that were added after the first version have a default, so that stored responses stay
//! readable. Optional members are omitted from requests and orders when absent.

mod alert;
mod fill;
mod group;
mod guard;
mod list;
mod order;
pub mod parse;
mod preview;
mod reason;
mod recurring;
mod request;
#[cfg(test)]
mod tests;

pub use alert::{AlertDirection, AlertRequest, AlertStatus, AlertView};
pub use fill::{FillExplanation, FillInputs, FillRule, FillView, RecomputedFill, RuleApplied};
pub use group::{EntryRequest, GroupLeg, OrderGroupRequest, OrderGroupView};
pub use guard::{GuardLimits, GuardName, GuardRails, GuardRailsUpdate, PendingGuard};
pub use list::{
    AssetTransaction, AssetTransactionStatus, AssetTransactionType, CancelResult, Data, OrderQuery, Page,
    StatusFilter,
};
pub use order::{GroupMembership, OrderView, Reserved};
pub use preview::{OrderPreview, PreviewProblem, PreviewedOrder};
pub use reason::RecurringReason;
pub use recurring::{
    RecurringOutcome, RecurringPreview, RecurringRequest, RecurringRun, RecurringStatus, RecurringUpdate,
    RecurringView,
};
pub use request::{
    ClosePositionRequest, OrderReplaceRequest, OrderRequest, StopLossRequest, TakeProfitRequest,
};
