//! The modules of a crate, and the names that each takes from others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tokens::{Token, tokens};

/// Names of modules from the root of the crate.
pub(crate) type ModulePath = Vec<String>;

/// A path in the code of a module.
#[derive(Debug)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// `pub use`: the name is handed on.
    is_reexport: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) mentions: Vec<Mention>,
    /// Types and traits that the module defines.
    pub(crate) types: Vec<String>,
    /// Names in scope by a `use`, with their paths.
    aliases: BTreeMap<String, Vec<String>>,
    /// Number of times that each word occurs in the file.
    words: BTreeMap<String, usize>,
}

/// The modules of one crate, without those that only tests have.
#[derive(Debug, Default)]
pub(crate) struct Modules(pub(crate) BTreeMap<ModulePath, Module>);

impl Modules {
    /// Reads a crate from its `lib.rs`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut modules = Self::default();
        modules.file_read(root, Vec::new());
        modules
    }

    fn file_read(&mut self, file: &Path, here: ModulePath) {
        let source = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut words = BTreeMap::new();
        let tokens = tokens(&source);
        for token in tokens.iter().filter(|token| token.is_word()) {
            *words.entry(token.text.clone()).or_default() += 1;
        }
        self.0.insert(here.clone(), Module { file: file.to_owned(), words, ..Module::default() });
        let mut reader = Reader { modules: self, file, tokens, index: 0, here, ends: Vec::new(), depth: 0 };
        reader.read();
    }

    /// The module that defines what a path names; `None` outside the crate.
    pub(crate) fn resolve(&self, from: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        let parent = || from.split_last().map(|(_, parent)| parent.to_vec());
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => parent()?,
            name => self.child(from, name)?,
        };
        let mut module = start;
        for (index, name) in rest.iter().enumerate() {
            if name == "super" {
                module.pop()?;
            } else if let Some(child) = self.child(&module, name) {
                module = child;
            } else if let Some(alias) = self.0.get(&module)?.aliases.get(name) {
                let aliased: Vec<_> = alias.iter().chain(&rest[index + 1..]).cloned().collect();
                return if aliased.as_slice() == path {
                    Some(module)
                } else {
                    self.resolve(&module, &aliased)
                };
            } else {
                break;
            }
        }
        Some(module)
    }

    fn child(&self, module: &ModulePath, name: &str) -> Option<ModulePath> {
        let path: Vec<_> = module.iter().cloned().chain([name.to_owned()]).collect();
        self.0.contains_key(&path).then_some(path)
    }

    /// True for a mention that only hands on a name of a module below.
    pub(crate) fn is_face(&self, path: &ModulePath, mention: &Mention) -> bool {
        let (Some(name), Some(module)) = (mention.path.last(), self.0.get(path)) else { return false };
        let declared = usize::from(self.child(path, name).is_some());
        let named = mention.path.iter().filter(|part| *part == name).count();
        mention.is_reexport && module.words.get(name).is_none_or(|words| *words == declared + named)
    }
}

struct Reader<'a> {
    modules: &'a mut Modules,
    file: &'a Path,
    tokens: Vec<Token>,
    index: usize,
    here: ModulePath,
    /// Depth of the braces at which each inline module ends.
    ends: Vec<usize>,
    depth: usize,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.index < self.tokens.len() {
            match self.text(0) {
                "#" if self.is_test_attribute() => self.item_skip(),
                "#" if matches!(self.text(1), "[" | "!") => self.attribute_skip(),
                "mod" if self.text(2) == ";" => self.file_module(),
                "mod" if self.text(2) == "{" => self.inline_module(),
                "use" if self.text(1) != "<" => self.use_declaration(),
                "{" => {
                    self.depth += 1;
                    self.index += 1;
                }
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.ends.last() == Some(&self.depth) {
                        self.ends.pop();
                        self.here.pop();
                    }
                    self.index += 1;
                }
                "struct" | "enum" | "trait" | "type" if self.is_type_definition() => self.type_definition(),
                _ if self.text(1) == "::" && self.is_path_start() => self.path(),
                _ => self.index += 1,
            }
        }
    }

    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.index + ahead).map_or("", |token| &token.text)
    }

    fn before(&self, back: usize) -> &str {
        self.index.checked_sub(back).and_then(|index| self.tokens.get(index)).map_or("", |token| &token.text)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.index).map_or(0, |token| token.line)
    }

    /// False inside a path, and for the module that `pub(in …)` names.
    fn is_path_start(&self) -> bool {
        self.tokens[self.index].is_word() && !matches!(self.before(1), "::" | "." | "in")
    }

    /// True outside functions and `impl` blocks. A macro's types have a visibility.
    fn is_type_definition(&self) -> bool {
        matches!(self.before(1), "pub" | ")") || self.depth == self.ends.last().map_or(0, |depth| depth + 1)
    }

    fn is_test_attribute(&self) -> bool {
        self.text(1) == "["
            && self.text(2) == "cfg"
            && (self.text(4) == "test" || (self.text(4) == "all" && self.text(6) == "test"))
    }

    /// Moves behind the closing bracket that belongs to the next opening one.
    fn attribute_skip(&mut self) {
        let mut depth = 0;
        while self.index < self.tokens.len() {
            match self.text(0) {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            self.index += 1;
            if depth == 0 && self.before(1) == "]" {
                return;
            }
        }
    }

    /// Moves behind an item and its attributes.
    fn item_skip(&mut self) {
        while self.text(0) == "#" {
            self.attribute_skip();
        }
        let mut depth = 0_usize;
        while self.index < self.tokens.len() {
            match self.text(0) {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" if depth == 0 => return,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            self.index += 1;
            if depth == 0 && matches!(self.before(1), "}" | ";") {
                return;
            }
        }
    }

    fn file_module(&mut self) {
        let name = self.text(1).to_owned();
        self.index += 3;
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let mut folder = self.file.parent().map(Path::to_owned).unwrap_or_default();
        if !matches!(stem, "lib" | "main" | "mod") {
            folder.push(stem);
        }
        let path: Vec<_> = self.here.iter().cloned().chain([name.clone()]).collect();
        let file = folder.join(format!("{name}.rs"));
        let file = if file.exists() { file } else { folder.join(name).join("mod.rs") };
        // A module whose file depends on a feature is not read.
        if file.exists() {
            self.modules.file_read(&file, path);
        }
    }

    fn inline_module(&mut self) {
        self.here.push(self.text(1).to_owned());
        self.ends.push(self.depth);
        let module = Module { file: self.file.to_owned(), ..Module::default() };
        self.modules.0.insert(self.here.clone(), module);
        self.index += 2;
    }

    fn type_definition(&mut self) {
        let name = self.text(1).to_owned();
        if name != "$"
            && let Some(module) = self.modules.0.get_mut(&self.here)
        {
            module.types.push(name);
        }
        self.index += 2;
    }

    fn use_declaration(&mut self) {
        let is_reexport = matches!(self.before(1), "pub" | ")");
        self.index += 1;
        self.use_tree(&[], is_reexport);
    }

    fn use_tree(&mut self, prefix: &[String], is_reexport: bool) {
        let (mut path, line) = (prefix.to_vec(), self.line());
        loop {
            match self.text(0) {
                "{" => {
                    self.index += 1;
                    while !matches!(self.text(0), "}" | "") {
                        self.use_tree(&path, is_reexport);
                        if self.text(0) == "," {
                            self.index += 1;
                        }
                    }
                    self.index += 1;
                    return;
                }
                "," | "}" | ";" | "" => break,
                "as" => {
                    let alias = self.text(1).to_owned();
                    self.index += 2;
                    return self.mention(path, line, is_reexport, Some(alias));
                }
                "::" | "*" => self.index += 1,
                "self" if !path.is_empty() => self.index += 1,
                name => {
                    path.push(name.to_owned());
                    self.index += 1;
                }
            }
        }
        let alias = path.last().cloned();
        self.mention(path, line, is_reexport, alias);
    }

    fn path(&mut self) {
        let (mut path, line) = (vec![self.text(0).to_owned()], self.line());
        self.index += 1;
        while self.text(0) == "::" && self.tokens.get(self.index + 1).is_some_and(Token::is_word) {
            path.push(self.text(1).to_owned());
            self.index += 2;
        }
        self.mention(path, line, false, None);
    }

    fn mention(&mut self, path: Vec<String>, line: usize, is_reexport: bool, alias: Option<String>) {
        let Some(module) = self.modules.0.get_mut(&self.here) else { return };
        if let Some(alias) = alias {
            module.aliases.insert(alias, path.clone());
        }
        module.mentions.push(Mention { path, line, is_reexport });
    }
}
