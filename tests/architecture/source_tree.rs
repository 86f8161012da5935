//! The modules of our crates, and what each of them names.
//!
//! Every file is read as tokens: a path counts wherever it stands, in a macro too,
//! and text in comments and strings does not. Items under `#[cfg(test)]` are left
//! out. What this cannot see is a method whose definition stands in another module
//! than its type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as it is written, for example `["super", "event", "AccountId"]`.
type Written = Vec<String>;

/// What a module names, as full paths.
#[derive(Debug, Default)]
pub struct Module {
    /// Other modules of ours.
    pub imports: BTreeSet<String>,
    /// Paths into other crates, and macros as `println!`.
    pub external: BTreeSet<String>,
}

/// All modules, by their full path, for example `root_access_key_rule::rule::event`.
#[derive(Debug, Default)]
pub struct SourceTree(pub BTreeMap<String, Module>);

/// What one module says, before it is known what it means.
#[derive(Default)]
struct Text {
    paths: Vec<Written>,
    aliases: BTreeMap<String, Written>,
    macros: BTreeSet<String>,
}

impl SourceTree {
    /// Reads the crates in `roots`, each a name and its root file, and from there
    /// every module that a `mod` names. `read` gives the text of a file.
    pub fn read(roots: &[(&str, &str)], read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut texts = BTreeMap::new();
        for (name, root) in roots {
            let text = read(Path::new(root)).unwrap_or_else(|| panic!("no file {root}"));
            let folder = Path::new(root).parent().unwrap().to_owned();
            collect(name, &folder, parse(root, &text), read, &mut texts);
        }
        let mut tree = Self::default();
        for (name, text) in &texts {
            let mut module = Module::default();
            for path in &text.paths {
                let path = full_path(name, path, &texts);
                match of_ours(&path, &texts) {
                    Some(other) if other == *name => {}
                    Some(other) => drop(module.imports.insert(other)),
                    None => drop(module.external.insert(path.join("::"))),
                }
            }
            module.external.extend(text.macros.iter().cloned());
            tree.0.insert(name.clone(), module);
        }
        tree
    }

    /// Every module that `from` imports, directly or through others, each with the
    /// module that imports it.
    pub fn reached_from(&self, from: &str) -> BTreeMap<String, String> {
        let mut reached = BTreeMap::new();
        let mut open = vec![from.to_owned()];
        while let Some(module) = open.pop() {
            for import in &self.0[&module].imports {
                if !reached.contains_key(import) {
                    reached.insert(import.clone(), module.clone());
                    open.push(import.clone());
                }
            }
        }
        reached
    }
}

fn parse(file: &str, text: &str) -> TokenStream {
    text.parse()
        .unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Reads the module `name`, whose children's files are in `folder`.
fn collect(
    name: &str,
    folder: &Path,
    tokens: TokenStream,
    read: &dyn Fn(&Path) -> Option<String>,
    texts: &mut BTreeMap<String, Text>,
) {
    let mut text = Text::default();
    let mut children = Vec::new();
    walk(tokens, &mut text, &mut children);
    texts.insert(name.to_owned(), text);
    for (child, inside) in children {
        let (path, below) = (format!("{name}::{child}"), folder.join(&child));
        let tokens = inside.unwrap_or_else(|| {
            let files: [PathBuf; 2] = [folder.join(format!("{child}.rs")), below.join("mod.rs")];
            let found = files.iter().find_map(|file| Some((file, read(file)?)));
            let (file, text) = found.unwrap_or_else(|| panic!("no file for {path}"));
            parse(&file.to_string_lossy(), &text)
        });
        collect(&path, &below, tokens, read, texts);
    }
}

/// Takes the paths, imports and macros of `tokens`, and the modules that it
/// declares: a name, and the tokens between its braces if it has any.
fn walk(tokens: TokenStream, text: &mut Text, children: &mut Vec<(String, Option<TokenStream>)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) if is_attribute(&tokens, at) && is_cfg_test(group) => {
                at = end_of_item(&tokens, at);
            }
            TokenTree::Group(group) => walk(group.stream(), text, children),
            TokenTree::Ident(word) if word == "use" => {
                let end = end_of_item(&tokens, at);
                let tree = tokens[at + 1..end].iter().cloned().collect();
                imports(tree, &[], text);
                at = end;
            }
            TokenTree::Ident(word) if word == "mod" && at + 2 < tokens.len() => {
                let inside = match &tokens[at + 2] {
                    TokenTree::Group(group) => Some(group.stream()),
                    _ => None,
                };
                children.push((tokens[at + 1].to_string(), inside));
                at += 2;
            }
            TokenTree::Ident(_) => {
                let (path, end) = path(&tokens, at);
                let is_macro =
                    punct(&tokens, end) == Some('!') && punct(&tokens, end + 1) != Some('=');
                if is_macro && path.len() == 1 {
                    text.macros.insert(format!("{}!", path[0]));
                } else if path.len() > 1 && !is_method(&tokens, at) {
                    text.paths.push(path);
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
}

/// The path that begins at `at`, and where it ends.
fn path(tokens: &[TokenTree], at: usize) -> (Written, usize) {
    let (mut path, mut end) = (vec![tokens[at].to_string()], at + 1);
    while is_double_colon(tokens, end) {
        let Some(TokenTree::Ident(next)) = tokens.get(end + 2) else {
            break;
        };
        path.push(next.to_string());
        end += 3;
    }
    (path, end)
}

/// Takes a `use` tree that continues `before`, with the names that it brings in.
fn imports(tree: TokenStream, before: &[String], text: &mut Text) {
    let tokens: Vec<TokenTree> = tree.into_iter().collect();
    for branch in tokens.split(|token| matches!(token, TokenTree::Punct(it) if it.as_char() == ','))
    {
        let start = branch
            .iter()
            .position(|it| !matches!(it, TokenTree::Punct(_)));
        let Some(start) = start else { continue };
        let mut written = before.to_vec();
        let mut rest = start;
        if matches!(branch[start], TokenTree::Ident(_)) {
            let (path, end) = path(branch, start);
            written.extend(path);
            rest = end;
        }
        let group = branch[rest..].iter().find_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        });
        if let Some(group) = group {
            imports(group, &written, text);
            continue;
        }
        if written.last().is_some_and(|last| last == "self") && written.len() > 1 {
            written.pop();
        }
        let renamed = branch[rest..]
            .last()
            .filter(|it| matches!(it, TokenTree::Ident(_)));
        let name = renamed
            .map(ToString::to_string)
            .or_else(|| written.last().cloned());
        text.aliases
            .insert(name.unwrap_or_default(), written.clone());
        text.paths.push(written);
    }
}

/// Where the item that `at` belongs to ends: at its `;` or its braces.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_use = matches!(&tokens[at], TokenTree::Ident(_));
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => !is_use && group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    let length = tokens[at + 1..].iter().position(is_end);
    at + 1 + length.unwrap_or(tokens.len() - at - 1)
}

fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && punct(tokens, at - 1) == Some('#')
}

fn is_cfg_test(group: &Group) -> bool {
    group.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// Whether a single dot stands before `at`: two are a range or a struct's rest.
fn is_method(tokens: &[TokenTree], at: usize) -> bool {
    let dot = |back: usize| at >= back && punct(tokens, at - back) == Some('.');
    dot(1) && !dot(2)
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    punct(tokens, at) == Some(':') && punct(tokens, at + 1) == Some(':')
}

fn punct(tokens: &[TokenTree], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    }
}

/// The full path of what `module` writes as `path`.
fn full_path(module: &str, path: &[String], texts: &BTreeMap<String, Text>) -> Written {
    let own = || module.split("::").map(str::to_owned);
    let (first, rest) = path.split_first().expect("a path has a first word");
    let start: Written = match first.as_str() {
        "crate" => own().take(1).collect(),
        "self" => own().collect(),
        "super" => {
            let (parent, _) = module.rsplit_once("::").unwrap_or((module, ""));
            return match rest {
                [] => full_path(parent, &["self".to_owned()], texts),
                [next, ..] if next == "super" => full_path(parent, rest, texts),
                _ => full_path(parent, &[&["self".to_owned()], rest].concat(), texts),
            };
        }
        child if texts.contains_key(&format!("{module}::{child}")) => {
            own().chain([child.to_owned()]).collect()
        }
        name => match texts[module].aliases.get(name) {
            Some(alias) if alias[0] != *name => full_path(module, alias, texts),
            Some(alias) => alias.clone(),
            None => vec![name.to_owned()],
        },
    };
    [&start, rest].concat()
}

/// The module of ours that a full path leads into.
fn of_ours(path: &[String], texts: &BTreeMap<String, Text>) -> Option<String> {
    let prefixes = (1..=path.len())
        .rev()
        .map(|length| path[..length].join("::"));
    prefixes
        .into_iter()
        .find(|prefix| texts.contains_key(prefix))
}
