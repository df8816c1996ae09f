//! Rules about classes that no compiler checks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files below a folder whose names end so.
fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ends));
        } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Class literals of a source, of two classes or more.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    source.split("class=").skip(1).filter_map(|rest| {
        let rest = rest.trim_start_matches('\\').strip_prefix('"')?;
        let (literal, _) = rest.split_once('"')?;
        Some(literal.trim_end_matches('\\')).filter(|literal| literal.contains(' '))
    })
}

#[test]
fn literals_are_read_from_views_and_from_text() {
    let source = r#"<p class="one two" id="x"><b class="one"> "<i class=\"three four\">" class=name"#;
    assert_eq!(literals(source).collect::<Vec<_>>(), ["one two", "three four"]);
}

/// The same classes were written out in several pages, and a change of their look missed some of them.
#[test]
fn classes_that_two_files_need_are_a_component() {
    let mut users: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let ui = root().join("src/components/ui");
    for path in files(&root().join("src"), &[".rs"]).into_iter().filter(|path| !path.starts_with(&ui)) {
        for literal in literals(&fs::read_to_string(&path).unwrap()) {
            let users = users.entry(literal.to_owned()).or_default();
            if !users.contains(&path) {
                users.push(path.clone());
            }
        }
    }
    users.retain(|_, files| files.len() > 1);
    assert!(users.is_empty(), "make these a component of `components/ui`: {users:#?}");
}

/// Classes that the selectors of a style sheet name.
fn selected(sheet: &str) -> Vec<&str> {
    let selectors = sheet.lines().filter(|line| line.ends_with('{') || line.ends_with(','));
    let parts = selectors.flat_map(|line| line.split('.').skip(1));
    let end = |part: &str| {
        part.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_')
    };
    parts
        .map(|part| part.get(..end(part).unwrap_or(part.len())).unwrap_or_default())
        .filter(|name| name.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        .collect()
}

/// Rules outlived the markup that they were written for.
#[test]
fn every_class_of_the_style_sheets_is_used() {
    let sources: String = files(&root().join("src"), &[".rs", ".js"])
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for path in files(&root().join("../style"), &[".css"]) {
        for class in selected(&fs::read_to_string(&path).unwrap()) {
            // The last word of a name may be a value of the page: `option-{value}`.
            let family = class.rsplit_once('-').map(|(family, _)| format!("{family}-{{"));
            let is_used = sources.contains(class) || family.is_some_and(|family| sources.contains(&family));
            assert!(is_used, "no page has the class `{class}` of {}", path.display());
        }
    }
}

/// A page kept a value that only its own thread may drop. Another thread ended the request: it panicked, and the browser
/// got no answer, now and then.
#[test]
fn no_view_keeps_what_only_its_thread_may_drop() {
    let bound = ["new", "_local("].concat();
    let users: Vec<_> = files(&root().join("src"), &[".rs"])
        .into_iter()
        .filter(|path| fs::read_to_string(path).unwrap().contains(&bound))
        .collect();
    assert!(users.is_empty(), "{users:?}");
}
