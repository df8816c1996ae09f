//! Orders: kinds, terms, state machine, changes and fills.

mod change;
mod fill;
mod kind;
mod state;
mod terms;

pub use change::OrderChange;
pub(crate) use fill::value;
pub use fill::{Basis, FILL_MODEL, Fill, OrderFill, fee};
pub use kind::{OrderStatus, OrderType, Side, SidedOrderType, SidedOrderTypeError};
pub use state::{FILLS_MAX, IllegalTransition, OrderState, Progress};
pub use terms::{GroupKind, Link, OrderTerms, Reason, Role, TimeInForce, TimeInForceKind, Trail};
