//! The web interface: one shell, its pages and their server functions.
//!
//! Compiled twice: with `ssr` every page is rendered complete on the server and works without scripts; with
//! `hydrate` the same components take the page over in the browser and keep it live.
//!
//! The server needs [`App`], [`shell()`], [`SiteFiles`] and what [`context`] wants provided with each request.
#![recursion_limit = "512"]
// The component macro writes `pub` for parts that a private component hands out.
#![allow(unreachable_pub)]

mod chart;
mod components;
pub mod context;
mod drawn;
mod erased;
pub mod error;
mod format;
mod forms;
mod functions;
mod json;
mod labels;
mod live;
mod market;
mod pages;
mod remote;
mod routes;
mod shell;
mod theme;

pub use routes::App;
pub use shell::SiteFiles;
#[cfg(feature = "ssr")]
pub use shell::shell;
