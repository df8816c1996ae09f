//! The scripts of every page: forms and links in place, the stream of all tabs, and the start of the islands.

use std::sync::LazyLock;

/// Forms, links and menus.
const ENHANCE: &str = include_str!("enhance.js");
/// The check of whose page it is, and the stream that all tabs share.
const STREAM: &str = include_str!("stream.js");
/// Start of the islands.
const ISLANDS: &str = include_str!("islands.js");

/// The scripts without indentation and comments: a page carries them.
static SCRIPTS: LazyLock<String> = LazyLock::new(|| {
    let lines = ENHANCE.lines().chain(STREAM.lines()).chain(ISLANDS.lines()).map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/**"))
        .collect::<Vec<_>>()
        .join("\n")
});

/// The module script of a page. `js` and `wasm` are the paths of the bundle's files.
pub(super) fn page(js: &str, wasm: &str) -> String {
    format!("const BUNDLE={{js:{js:?},wasm:{wasm:?}}};\n{}", *SCRIPTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_code_without_comments_and_cannot_end_its_element() {
        let script = page("/pkg/cnop.js", "/pkg/cnop.wasm");
        assert!(script.starts_with("const BUNDLE={js:\"/pkg/cnop.js\",wasm:\"/pkg/cnop.wasm\"};"));
        assert!(
            !script
                .lines()
                .any(|line| line.starts_with("//") || line.starts_with("/**") || line.starts_with(' '))
        );
        assert!(!script.contains("</"), "it stands inside a script element");
    }
}
