//! Orders: the words for them, what a trader asks for, how an order stands and what can happen to it.

mod change;
mod state;
mod terms;
mod words;

pub use change::{Basis, Change, OrderFill};
pub use state::{FILLS_MAX, IllegalTransition, OrderState, Progress};
pub use terms::{GroupKind, Link, OrderTerms, Reason, Role, TimeInForce, Trail};
pub use words::{OrderStatus, OrderType, Side};
