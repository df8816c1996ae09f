//! The scripts of every page: forms and links in place, the stream of all tabs, and the start of islands and charts.

use std::sync::LazyLock;

use super::SiteFiles;

/// Forms, links and menus.
const ENHANCE: &str = include_str!("enhance.js");
/// Keys of the trading page, the search of its assets, settings.
const KEYS: &str = include_str!("keys.js");
/// The check of whose page it is, and the stream that all tabs share.
const STREAM: &str = include_str!("stream.js");
/// Start of the islands.
const ISLANDS: &str = include_str!("islands.js");

/// Start of the live charts.
const CHARTS: &str = include_str!("charts.js");

/// The scripts without indentation and comments: a page carries them.
static SCRIPTS: LazyLock<String> = LazyLock::new(|| {
    let lines = ENHANCE
        .lines()
        .chain(KEYS.lines())
        .chain(STREAM.lines())
        .chain(ISLANDS.lines())
        .chain(CHARTS.lines())
        .map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/**"))
        .collect::<Vec<_>>()
        .join("\n")
});

/// The module script of a page with these files.
pub(super) fn page(files: &SiteFiles) -> String {
    let SiteFiles { js, wasm, chart, chart_library, .. } = files;
    let bundle = format!("js:{js:?},wasm:{wasm:?},chart:{chart:?},chartLibrary:{chart_library:?}");
    format!("const BUNDLE={{{bundle}}};\n{}", *SCRIPTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_code_without_comments_and_cannot_end_its_element() {
        let files = SiteFiles {
            js: "/pkg/cnop.js".to_owned(),
            wasm: "/pkg/cnop.wasm".to_owned(),
            css: "/pkg/cnop.css".to_owned(),
            chart: "/pkg/chart.js".to_owned(),
            chart_library: String::new(),
        };
        let script = page(&files);
        assert!(script.starts_with("const BUNDLE={js:\"/pkg/cnop.js\",wasm:\"/pkg/cnop.wasm\",chart:"));
        assert!(
            !script
                .lines()
                .any(|line| line.starts_with("//") || line.starts_with("/**") || line.starts_with(' '))
        );
        assert!(!script.contains("</"), "it stands inside a script element");
    }
}
