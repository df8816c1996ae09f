//! The web interface: pages that the server renders, and the islands in them that the browser brings to life.
//!
//! Compiled twice. With `ssr` everything is here: routes, shell, pages and the actions that their forms post to. With
//! `hydrate` only [`islands`] and the modules that they use are here; the browser's bundle has nothing else.
//!
//! The server needs [`App`], [`shell()`], [`SiteFiles`] and the contexts of [`context`] with each request.
#![recursion_limit = "512"]
// The component macro writes `pub` for the parts of a private component.
#![allow(unreachable_pub)]
// The props of a component are owned.
#![allow(clippy::needless_pass_by_value)]

mod address;
mod components;
mod format;
mod forms;
pub mod islands;
mod labels;
mod order_form;
mod zone;

#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
mod market;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod theme;

#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{SiteFiles, shell};
