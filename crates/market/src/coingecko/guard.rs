//! Port for a guard around calls to the server. The feed backs off on its own. A guard also keeps readers of
//! charts from waiting for a failing server.

use std::fmt::Debug;
use std::time::Duration;

/// Decides whether a call is allowed: a circuit breaker, for example.
pub trait CallGuard: Debug + Send + Sync {
    /// Lets a call through.
    ///
    /// # Errors
    /// For how long no call is let through.
    fn admit(&self) -> Result<Box<dyn Call>, Duration>;
}

/// An allowed call. Dropping it without a result means that it was abandoned and says nothing about the
/// server.
pub trait Call: Send {
    /// Reports the end of the call, and whether it was the server's fault.
    fn ended(self: Box<Self>, is_fault: bool);
}
