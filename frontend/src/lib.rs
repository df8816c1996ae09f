//! The browser's bundle: the islands of the web interface.

pub use app::islands;
