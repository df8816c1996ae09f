//! The document around every page.

mod document;
mod reload;
mod scripts;

pub use document::shell;

/// Absolute paths of the site's built files, such as `/pkg/cnop.<hash>.js`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFiles {
    /// The script that loads the bundle.
    pub js: String,
    /// File name of the WASM bundle.
    pub wasm: String,
    /// File name of the style sheet.
    pub css: String,
    /// The script of live charts; empty in a build without it.
    pub chart: String,
    /// The library that draws live charts; empty in a build without it.
    pub chart_library: String,
}
