//! The document around every page, and the frame that all pages share.

mod frame;
#[cfg(feature = "hydrate")]
mod menus;
mod navigation;

#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod reload;

#[cfg(feature = "ssr")]
pub use document::shell;
pub(crate) use frame::Frame;

/// Absolute paths of the site's built files, such as `/pkg/cnop.<hash>.js`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFiles {
    /// The script that loads the bundle.
    pub js: String,
    /// The bundle.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}
