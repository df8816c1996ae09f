//! Links of the documents: every relative link has a target, and every link of the walkthroughs names an item of its file.

use std::path::{Path, PathBuf};

/// Keywords that define an item.
const KEYWORDS: [&str; 7] = ["fn", "struct", "enum", "trait", "type", "const", "static"];
/// Fewest links of the walkthroughs: with fewer, the test would no longer find them.
const WALKTHROUGH_LINKS_MIN: usize = 40;

/// A link with its label, as in `[label](target)`.
struct Link<'a> {
    label: &'a str,
    target: &'a str,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Markdown files of a folder.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// Links of a document to files of the repository.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let (before, after) = (&rest[..middle], &rest[middle + 2..]);
        let start = before.rfind('[').map_or(0, |start| start + 1);
        let end = after.find(')').unwrap_or(0);
        let target = &after[..end];
        if !target.is_empty() && !target.contains("://") && !target.starts_with('#') {
            let target = target.split('#').next().unwrap_or(target);
            found.push(Link { label: &before[start..], target });
        }
        rest = &after[end..];
    }
    found
}

/// Returns true if a source file defines an item of this name.
fn defines(source: &str, name: &str) -> bool {
    KEYWORDS.iter().any(|keyword| {
        let definition = format!("{keyword} {name}");
        source.match_indices(&definition).any(|(at, _)| {
            let follows = source[at + definition.len()..].chars().next();
            let precedes = source[..at].chars().next_back();
            let is_word = |character: char| character.is_alphanumeric() || character == '_';
            !follows.is_some_and(is_word) && !precedes.is_some_and(is_word)
        })
    })
}

#[test]
fn every_relative_link_of_a_document_has_a_target() {
    let root = root();
    let folders = [root.clone(), root.join("docs"), root.join("docs/adr")];
    let mut count = 0;
    for document in folders.iter().flat_map(|folder| documents(folder)) {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let target = document.parent().unwrap().join(link.target);
            assert!(target.exists(), "{}: {} does not exist", document.display(), link.target);
            count += 1;
        }
    }
    assert!(count > WALKTHROUGH_LINKS_MIN, "{count} links");
}

#[test]
fn the_walkthroughs_name_items_of_the_files_they_link_to() {
    let docs = root().join("docs");
    let text = std::fs::read_to_string(docs.join("walkthroughs.md")).unwrap();
    let mut count = 0;
    for link in links(&text).iter().filter(|link| link.target.ends_with(".rs")) {
        let name = link.label.trim_matches('`');
        let source = std::fs::read_to_string(docs.join(link.target)).unwrap_or_default();
        assert!(defines(&source, name), "{} does not define {name}", link.target);
        count += 1;
    }
    assert!(count >= WALKTHROUGH_LINKS_MIN, "{count} links");
}

#[test]
fn an_item_is_found_by_its_whole_name() {
    let source = "pub(crate) async fn place_order() {}\nstruct Job<T>;\n";
    assert!(defines(source, "place_order") && defines(source, "Job"));
    assert!(!defines(source, "place") && !defines(source, "order") && !defines(source, "Jobs"));
}
