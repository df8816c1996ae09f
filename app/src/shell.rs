//! The document around every page, and the frame that all pages share.

mod frame;
mod navigation;

mod document;
mod reload;
mod scripts;

pub use document::shell;
pub(crate) use frame::Frame;

/// Absolute paths of the site's built files, such as `/pkg/cnop.<hash>.js`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFiles {
    /// The script that loads the bundle.
    pub js: String,
    /// File name of the WASM bundle.
    pub wasm: String,
    /// File name of the style sheet.
    pub css: String,
}
