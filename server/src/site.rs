//! The site's files: scripts, styles, icons. Release builds embed them; development serves them from disk.

#[cfg_attr(feature = "embed-site", path = "site/embedded.rs")]
#[cfg_attr(not(feature = "embed-site"), path = "site/disk.rs")]
mod files;
mod kind;
mod serve;

use std::sync::Arc;

use app::SiteFiles;
use axum::http::HeaderValue;
use bytes::Bytes;

pub(crate) use files::Files;
pub(crate) use serve::{serve, tagged};

/// A file in the form that a client takes.
#[derive(Debug, Clone)]
pub(crate) struct FileContent {
    /// Content of the file in bytes.
    pub(crate) bytes: Bytes,
    /// `br` or `gzip` when they are compressed.
    pub(crate) encoding: Option<&'static str>,
    /// Entity tag of the content.
    pub(crate) etag: HeaderValue,
    /// True if other forms of the file exist, which depend on `Accept-Encoding`.
    pub(crate) varies: bool,
}

/// Encodings that the client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// True if it accepts brotli.
    pub(crate) brotli: bool,
    /// True if it accepts gzip.
    pub(crate) gzip: bool,
}

/// The site. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    files: Arc<Files>,
}

impl Site {
    /// The site of these files.
    #[must_use]
    pub(crate) fn new(files: Files) -> Self {
        Self { files: Arc::new(files) }
    }

    /// Paths of script, bundle and style sheet, as pages name them.
    #[must_use]
    pub(crate) fn names(&self) -> SiteFiles {
        self.files.site_files()
    }
}

/// A strong tag of these bytes by their hash.
pub(crate) fn etag_of(hash: &[u8]) -> Option<HeaderValue> {
    let digits = hex::encode(hash.get(..ETAG_BYTES).unwrap_or(hash));
    HeaderValue::from_str(&format!("\"{digits}\"")).ok()
}

/// Bytes of a hash in a tag: enough that no two files meet.
const ETAG_BYTES: usize = 12;
/// The output's name, as in the workspace's manifest.
const OUTPUT: &str = "cnop";

/// Picks the files that pages name, with a hash in their names or without; of several the first.
fn names_of(names: &[String]) -> SiteFiles {
    let find = |stem: &str, suffix: &str| {
        let is_it = |name: &&String| {
            name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(suffix))
        };
        names.iter().find(is_it).map(|name| format!("/pkg/{name}"))
    };
    let pick = |suffix: &str| find(OUTPUT, suffix).unwrap_or_else(|| format!("/pkg/{OUTPUT}{suffix}"));
    let optional = |stem: &str| find(stem, ".js").unwrap_or_default();
    SiteFiles {
        js: pick(".js"),
        wasm: pick(".wasm"),
        css: pick(".css"),
        chart: optional("chart"),
        chart_library: optional("lightweight-charts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_hashed_names() {
        let names = [
            "chart.Q-1.js",
            "lightweight-charts.Z.js",
            "cnop.css",
            "cnop.AbC_d-12.js",
            "cnop.js.br",
            "cnop.XyZ.wasm",
            "snippets/cnop.js",
        ];
        let names: Vec<String> = names.into_iter().map(ToOwned::to_owned).collect();
        let found = names_of(&names);
        assert_eq!(found.js, "/pkg/cnop.AbC_d-12.js");
        assert_eq!(found.wasm, "/pkg/cnop.XyZ.wasm");
        assert_eq!(found.css, "/pkg/cnop.css");
        assert_eq!(found.chart, "/pkg/chart.Q-1.js");
        assert_eq!(found.chart_library, "/pkg/lightweight-charts.Z.js");
        let none = names_of(&[]);
        assert_eq!((none.wasm.as_str(), none.chart.as_str()), ("/pkg/cnop.wasm", ""));
    }
}
