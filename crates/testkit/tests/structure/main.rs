//! The structure of the code, read from its sources.
//!
//! Modules import only what stands above them in the table of their crate. No files import each other in a circle. No
//! two types have one name.
#![allow(clippy::indexing_slicing, clippy::panic, reason = "this is test code")]

mod modules;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use modules::{ModulePath, Modules};

/// Crates whose files have no circles.
const CRATES: [&str; 14] = [
    "app",
    "crates/api",
    "crates/coordination",
    "crates/coordination-redis",
    "crates/domain",
    "crates/gateway",
    "crates/market",
    "crates/services",
    "crates/sim",
    "crates/store",
    "crates/store-dynamodb",
    "crates/store-embedded",
    "crates/testkit",
    "server",
];

/// Crates whose `lib.rs` lists their modules in order of dependency.
const LAYERED: [&str; 3] = ["crates/gateway", "crates/services", "server"];

/// A file that takes names from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    from: ModulePath,
    to: ModulePath,
    line: usize,
    name: String,
}

struct Sources {
    modules: Modules,
}

impl Sources {
    fn read(folder: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder).join("src/lib.rs");
        Self { modules: Modules::read(&root) }
    }

    fn file(&self, module: &ModulePath) -> &Path {
        &self.modules.0[module].file
    }

    fn file_name(&self, module: &ModulePath) -> String {
        let file = self.file(module).to_string_lossy();
        file.split_once("../../").map_or_else(|| file.to_string(), |(_, path)| path.to_owned())
    }

    fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (from, module) in &self.modules.0 {
            for mention in module.mentions.iter().filter(|mention| !self.modules.is_face(from, mention)) {
                let Some(to) = self.modules.resolve(from, &mention.path) else { continue };
                if self.file(from) != self.file(&to) {
                    let name = mention.path.join("::");
                    imports.push(Import { from: from.clone(), to, line: mention.line, name });
                }
            }
        }
        imports
    }

    fn place(&self, import: &Import) -> String {
        format!(
            "{}:{} takes `{}` from {}",
            self.file_name(&import.from),
            import.line,
            import.name,
            self.file_name(&import.to)
        )
    }

    /// The modules that the table in a module's documentation lists, in its order.
    fn table(&self, module: &ModulePath) -> Vec<String> {
        let source = fs::read_to_string(self.file(module)).unwrap_or_default();
        let table = source.lines().skip_while(|line| !line.starts_with("//! | module |"));
        let rows = table.take_while(|line| line.starts_with("//! |"));
        rows.filter_map(|row| row.split('|').nth(1))
            .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }
}

/// A name with two meanings sends the reader to the imports of each file.
#[test]
fn a_type_has_its_name_alone() {
    // Twins in one file, of which a feature chooses one, are one type.
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in CRATES {
        let sources = Sources::read(folder);
        for (path, module) in &sources.modules.0 {
            for name in &module.types {
                places.entry(name.clone()).or_default().insert(sources.file_name(path));
            }
        }
    }
    let shared = places.into_iter().filter(|(_, files)| files.len() > 1);
    let shared: Vec<_> = shared.map(|(name, files)| format!("{name}: {files:?}")).collect();
    assert!(shared.is_empty(), "types with the name of another:\n{}", shared.join("\n"));
}

/// A reader looks in vain for a module that has got another name.
#[test]
fn tables_of_modules_list_modules_that_exist() {
    let mut faults = Vec::new();
    for folder in CRATES {
        let sources = Sources::read(folder);
        for module in sources.modules.0.keys() {
            let is_missing = |name: &String| {
                !sources.modules.0.contains_key(&module.iter().chain([name]).cloned().collect::<Vec<_>>())
            };
            let missing = sources.table(module).into_iter().filter(is_missing);
            faults.extend(missing.map(|name| format!("{}: no module `{name}`", sources.file_name(module))));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// An import that runs up makes two modules one: neither can be read or changed alone.
#[test]
fn modules_import_only_what_stands_above_them_in_the_table_of_their_crate() {
    let mut faults = Vec::new();
    for folder in LAYERED {
        let sources = Sources::read(folder);
        let layers = sources.table(&Vec::new());
        let rank = |module: &ModulePath| match module.first() {
            Some(first) => layers.iter().position(|layer| layer == first),
            None => Some(layers.len()),
        };
        let declared = sources.modules.0.keys().filter(|module| module.len() == 1);
        let unlisted = declared.filter(|module| rank(module).is_none());
        faults.extend(unlisted.map(|module| format!("{folder}/src/lib.rs: its table lacks `{}`", module[0])));
        for import in sources.imports() {
            if import.from.first() != import.to.first() && rank(&import.to) >= rank(&import.from) {
                faults.push(format!("{}, which stands no lower", sources.place(&import)));
            }
        }
    }
    assert!(faults.is_empty(), "imports that run up:\n{}", faults.join("\n"));
}

/// A reader of one file of a circle has to read all of them.
#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut faults = Vec::new();
    for folder in CRATES {
        let sources = Sources::read(folder);
        let imports = sources.imports();
        let mut targets: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for import in &imports {
            let to = sources.file(&import.to).to_owned();
            targets.entry(sources.file(&import.from).to_owned()).or_default().insert(to);
        }
        let reached: BTreeMap<_, _> = targets.keys().map(|file| (file, reachable(&targets, file))).collect();
        for import in &imports {
            let (from, to) = (sources.file(&import.from), sources.file(&import.to));
            if reached.get(&to.to_owned()).is_some_and(|files| files.contains(from)) {
                faults.push(sources.place(import));
            }
        }
    }
    assert!(faults.is_empty(), "imports that close a circle:\n{}", faults.join("\n"));
}

fn reachable(targets: &BTreeMap<PathBuf, BTreeSet<PathBuf>>, file: &Path) -> BTreeSet<PathBuf> {
    let (mut found, mut open) = (BTreeSet::new(), vec![file]);
    while let Some(next) = open.pop() {
        for target in targets.get(next).into_iter().flatten() {
            if found.insert(target.clone()) {
                open.push(target);
            }
        }
    }
    found
}
