//! Orders: the words for them, what a trader asks for, how an order stands and what can happen to it.

mod change;
mod fill;
mod state;
mod terms;
mod words;

pub use change::Change;
pub(crate) use fill::value;
pub use fill::{Basis, FILL_MODEL, Fill, OrderFill, fee};
pub use state::{FILLS_MAX, IllegalTransition, OrderState, Progress};
pub use terms::{GroupKind, Link, OrderTerms, Reason, Role, TimeInForce, TimeInForceKind, Trail};
pub use words::{OrderStatus, OrderType, Side, SidedOrderType, SidedOrderTypeError};
