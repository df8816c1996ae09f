//! What may stand around the calls to the server. The feed waits on its own after a failure; a guard also keeps
//! readers of charts from waiting for a server that fails.

use std::fmt::Debug;
use std::time::Duration;

/// Decides whether the server is asked: a circuit breaker, for example.
pub trait CallGuard: Debug + Send + Sync {
    /// Lets a call through.
    ///
    /// # Errors
    /// For how long no call is let through.
    fn admit(&self) -> Result<Box<dyn Call>, Duration>;
}

/// One call that was let through. Dropped without a word, it was given up and says nothing about the server.
pub trait Call: Send {
    /// Tells how it ended: whether by a fault of the server.
    fn ended(self: Box<Self>, is_fault: bool);
}
