//! Fails when files of a room come to need each other, or when files of [`HELD`] no longer do.
//!
//! A file needs another when it names an item that stands there, through whatever it was re-exported.
//! What a file re-exports of those below it, it does not need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Files that need each other, each group in the order of their names. A group that is smaller now
/// or gone is taken out of the list; none is added.
const HELD: &[&[&str]] = &[
    &[
        "app/deploy/function.rs",
        "app/deploy/instance.rs",
        "app/deploy/mod.rs",
        "app/deploy/project.rs",
        "app/deploy/references.rs",
        "app/deploy/saved.rs",
        "app/deploy/typed.rs",
        "app/rollout/account.rs",
        "app/rollout/deploy.rs",
        "app/rollout/dry_run.rs",
        "app/rollout/ending.rs",
        "app/rollout/glance.rs",
        "app/rollout/mod.rs",
        "app/rollout/place.rs",
        "app/rollout/project/functions.rs",
        "app/rollout/project/ids.rs",
        "app/rollout/project/read.rs",
        "app/rollout/project/start.rs",
        "app/rollout/project/tick.rs",
        "app/rollout/rehearse/mod.rs",
        "app/rollout/repeated.rs",
        "app/rollout/start.rs",
        "app/rollout/together.rs",
    ],
    &["app/rollout/project/verbs.rs", "app/rollout/verbs.rs"],
    &[
        "local/server/connections.rs",
        "local/server/cos.rs",
        "local/server/mod.rs",
        "local/server/unsigned.rs",
        "local/wire.rs",
    ],
    &[
        "local/state/account.rs",
        "local/state/aliases.rs",
        "local/state/balancers.rs",
        "local/state/buckets.rs",
        "local/state/code.rs",
        "local/state/concurrency.rs",
        "local/state/configuration.rs",
        "local/state/functions.rs",
        "local/state/layers.rs",
        "local/state/load.rs",
        "local/state/logs.rs",
        "local/state/mod.rs",
        "local/state/outdated.rs",
        "local/state/pages.rs",
        "local/state/request.rs",
        "local/state/routing.rs",
        "local/state/sessions.rs",
        "local/state/sources.rs",
        "local/state/triggers.rs",
        "local/state/versions.rs",
    ],
    &[
        "output/busy.rs",
        "output/mod.rs",
        "output/pages.rs",
        "output/pipeline.rs",
        "output/screen/mod.rs",
    ],
];

type Module = Vec<String>;

/// What a module has names for.
#[derive(Default)]
struct Names {
    items: BTreeSet<String>,
    /// Imported ones with the path that they stand for.
    imports: BTreeMap<String, Vec<String>>,
    /// Modules of which all is imported.
    globs: Vec<Vec<String>>,
}

#[derive(Default)]
struct Crate {
    modules: BTreeMap<Module, Names>,
    /// The file of each module that has one.
    files: BTreeMap<Module, String>,
    /// Modules that are compiled for tests alone.
    tests: BTreeSet<Module>,
}

/// What a walk over tokens comes across.
enum Seen {
    Item(String),
    Submodule { name: String, is_test: bool },
    Import { name: String, path: Vec<String>, is_public: bool },
    Glob(Vec<String>),
    Path(Vec<String>),
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn tokens_of(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

/// Whether `::` stands at a position.
fn is_path_sign(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

/// The leaves of a `use`, which stands before `;` at the end.
fn leaves(tokens: &[TokenTree], prefix: &[String], is_public: bool, tell: &mut dyn FnMut(Seen)) {
    let mut path = prefix.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(name) if name == "as" => {
                let alias = ident(tokens.get(at + 1)).expect("an alias");
                tell(Seen::Import { name: alias, path, is_public });
                return;
            }
            TokenTree::Ident(name) => path.push(name.to_string()),
            TokenTree::Group(group) => {
                let inner = tokens_of(group.stream());
                for leaf in inner.split(|token| is_punct(Some(token), ',')) {
                    if !leaf.is_empty() {
                        leaves(leaf, &path, is_public, tell);
                    }
                }
                return;
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => {
                tell(Seen::Glob(path));
                return;
            }
            _ => {}
        }
        at += 1;
    }
    if path.last().is_some_and(|name| name == "self") {
        path.pop();
    }
    let name = path.last().expect("a path").clone();
    tell(Seen::Import { name, path, is_public });
}

/// How many tokens an item has before its body or its end.
fn item_length(tokens: &[TokenTree]) -> usize {
    let ends = |token: Option<&TokenTree>| {
        is_group(token, Delimiter::Brace) || is_punct(token, ';') || is_punct(token, ',')
    };
    tokens.iter().map(Some).position(ends).unwrap_or(tokens.len())
}

/// Walks over the tokens of `module`, what is compiled for tests alone apart.
fn walk(tokens: &[TokenTree], module: &Module, is_enum: bool, tell: &mut dyn FnMut(&Module, Seen)) {
    let mut at = 0;
    let mut is_test = false;
    while let Some(token) = tokens.get(at) {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if let Some(TokenTree::Group(group)) = tokens.get(at + 1) {
                    is_test |= group.to_string().replace(' ', "") == "[cfg(test)]";
                    at += 1;
                }
            }
            _ if is_test => {
                let end = at + item_length(&tokens[at..]);
                if let [TokenTree::Ident(word), TokenTree::Ident(name)] = &tokens[at..end]
                    && word == "mod"
                {
                    tell(module, Seen::Submodule { name: name.to_string(), is_test });
                }
                at = end;
                is_test = false;
            }
            TokenTree::Group(group) => {
                walk(&tokens_of(group.stream()), module, false, tell);
            }
            // A lifetime.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => at += 1,
            TokenTree::Ident(word) if word == "use" => {
                let end = tokens[at..].iter().position(|token| is_punct(Some(token), ';'));
                // `use<'_>` of a type has none.
                if let Some(end) = end.filter(|_| !is_punct(tokens.get(at + 1), '<')) {
                    let is_public = is_group(before, Delimiter::Parenthesis)
                        || ident(before).is_some_and(|word| word == "pub");
                    leaves(&tokens[at + 1..at + end], &[], is_public, &mut |seen| {
                        tell(module, seen);
                    });
                    at += end;
                }
            }
            TokenTree::Ident(word) if word == "mod" => {
                if let Some(name) = ident(tokens.get(at + 1)) {
                    tell(module, Seen::Submodule { name: name.clone(), is_test: false });
                    at += 1;
                    if let Some(TokenTree::Group(group)) = tokens.get(at + 1) {
                        let inner = [module.as_slice(), &[name]].concat();
                        walk(&tokens_of(group.stream()), &inner, false, tell);
                        at += 1;
                    }
                }
            }
            TokenTree::Ident(word)
                if ["struct", "enum", "trait", "type", "fn", "const", "static", "macro_rules"]
                    .contains(&word.to_string().as_str()) =>
            {
                let skipped = usize::from(is_punct(tokens.get(at + 1), '!'));
                if let Some(name) = ident(tokens.get(at + 1 + skipped)) {
                    // `const fn name`.
                    if name != "fn" {
                        tell(module, Seen::Item(name));
                        at += 1 + skipped;
                    }
                }
                if word == "enum" {
                    let body =
                        tokens[at..].iter().position(|token| matches!(token, TokenTree::Group(_)));
                    if let Some(TokenTree::Group(group)) = body.map(|body| &tokens[at + body]) {
                        walk(&tokens_of(group.stream()), module, true, tell);
                        at += body.unwrap();
                    }
                }
            }
            // The name of a variant.
            TokenTree::Ident(_)
                if is_enum
                    && (before.is_none()
                        || is_punct(before, ',')
                        || is_group(before, Delimiter::Bracket)) => {}
            TokenTree::Ident(word) => {
                let first = at;
                let is_range = at > 1 && is_punct(tokens.get(at - 2), '.');
                let is_member = is_punct(before, '.') && !is_range;
                let mut path = vec![word.to_string()];
                while is_path_sign(tokens, at + 1) {
                    let Some(name) = ident(tokens.get(at + 3)) else { break };
                    path.push(name);
                    at += 3;
                }
                let is_called = is_group(tokens.get(at + 1), Delimiter::Parenthesis);
                let is_type = path[0].starts_with(char::is_uppercase);
                if !is_member && (at > first || is_called || is_type) {
                    tell(module, Seen::Path(path));
                }
            }
            _ => {}
        }
        at += 1;
    }
}

impl Crate {
    fn read(sources: &[(String, String)]) -> (Self, Vec<(Module, Vec<TokenTree>)>) {
        let mut all = Self::default();
        let mut parsed = Vec::new();
        for (file, text) in sources {
            let module = module_of(file);
            let stream = TokenStream::from_str(text).expect("Rust");
            all.files.insert(module.clone(), file.clone());
            parsed.push((module, tokens_of(stream)));
        }
        for (module, tokens) in &parsed {
            walk(tokens, module, false, &mut |module, seen| all.note(module, seen));
        }
        (all, parsed)
    }

    fn note(&mut self, module: &Module, seen: Seen) {
        let names = self.modules.entry(module.clone()).or_default();
        match seen {
            Seen::Item(name) => {
                names.items.insert(name);
            }
            Seen::Submodule { name, is_test } => {
                let inner = [module.as_slice(), &[name]].concat();
                if is_test {
                    self.tests.insert(inner);
                } else {
                    self.modules.entry(inner).or_default();
                }
            }
            Seen::Import { name, path, .. } => {
                names.imports.entry(name).or_insert(path);
            }
            Seen::Glob(path) => names.globs.push(path),
            Seen::Path(_) => {}
        }
    }

    /// What a name stands for in a module: the path of an item or of a module.
    fn look_up(&self, module: &Module, name: &str, depth: usize) -> Option<Module> {
        let names = self.modules.get(module)?;
        let inner = [module.as_slice(), &[name.to_owned()]].concat();
        if names.items.contains(name) || self.modules.contains_key(&inner) {
            return Some(inner);
        }
        if depth == 0 {
            return None;
        }
        if let Some(path) = names.imports.get(name) {
            return self.resolve(module, path, depth - 1);
        }
        names.globs.iter().find_map(|path| {
            let all = self.resolve(module, path, depth - 1)?;
            self.look_up(&all, name, depth - 1)
        })
    }

    /// The path from the top of what a path in a module names. None where that is not of this crate.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        let mut rest = path.iter();
        let mut found = match path.first()?.as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            name => self.look_up(module, name, depth)?,
        };
        rest.next();
        for name in rest {
            found = if name == "super" {
                found[..found.len().checked_sub(1)?].to_vec()
            } else if self.modules.contains_key(&found) {
                self.look_up(&found, name, depth)?
            } else {
                [found.as_slice(), std::slice::from_ref(name)].concat()
            };
        }
        Some(found)
    }

    /// The path from the top of the item that a path names, which a module beside it may have the
    /// name of. None where it is a module, or not of this crate.
    fn item(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        let (name, before) = path.split_last()?;
        let around = match before {
            [] => module.clone(),
            before => self.resolve(module, before, depth)?,
        };
        if let Some(names) = self.modules.get(&around)
            && depth > 0
        {
            if names.items.contains(name) {
                return Some([around.as_slice(), std::slice::from_ref(name)].concat());
            }
            if let Some(item) = names.imports.get(name).filter(|import| *import != path) {
                return self.item(&around, item, depth - 1);
            }
        }
        self.resolve(module, path, depth).filter(|path| !self.modules.contains_key(path))
    }

    /// The file that an item stands in.
    fn file_of(&self, path: &Module) -> Option<&Module> {
        Some((1..path.len()).rev().find_map(|end| self.files.get_key_value(&path[..end]))?.0)
    }

    fn is_test(&self, module: &Module) -> bool {
        (1..=module.len()).any(|end| self.tests.contains(&module[..end]))
    }

    /// The files that each file needs, with what it needs of them.
    fn needs(&self, parsed: &[(Module, Vec<TokenTree>)]) -> Needs {
        let mut needs = Needs::new();
        for (file, tokens) in parsed.iter().filter(|(module, _)| !self.is_test(module)) {
            walk(tokens, file, false, &mut |module, seen| {
                let (item, is_public) = match seen {
                    // What is imported beside a module of its name is needed where it is used.
                    Seen::Import { path, is_public, .. } => {
                        let found = self.resolve(module, &path, DEPTH);
                        (found.filter(|path| !self.modules.contains_key(path)), is_public)
                    }
                    Seen::Path(path) => (self.item(module, &path, DEPTH), false),
                    _ => return,
                };
                let Some(item) = item else { return };
                let Some(other) = self.file_of(&item) else { return };
                if other == file || is_public && other.starts_with(file) {
                    return;
                }
                let named = item[other.len()..].join("::");
                needs
                    .entry(file.clone())
                    .or_default()
                    .entry(other.clone())
                    .or_default()
                    .insert(named);
            });
        }
        needs
    }
}

type Needs = BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>;

/// Through how many imports a name is followed.
const DEPTH: usize = 12;

/// `app/rollout/mod.rs` is `app::rollout`.
fn module_of(file: &str) -> Module {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Module::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// All that a file needs, through others of its room.
fn reached(needs: &Needs, from: &Module) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        for other in needs.get(file).into_iter().flat_map(BTreeMap::keys) {
            if other[0] == from[0] && reached.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    reached
}

#[test]
fn files_do_not_need_each_other() {
    let sources: Vec<(String, String)> = super::files()
        .into_iter()
        .map(|(file, _, _)| file)
        .map(|file| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&file);
            (file, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let (all, parsed) = Crate::read(&sources);
    let needs = all.needs(&parsed);
    let reached: BTreeMap<&Module, BTreeSet<Module>> =
        needs.keys().map(|file| (file, reached(&needs, file))).collect();
    let in_circles = reached.iter().filter(|(file, others)| others.contains(**file));
    let circles: BTreeSet<Vec<&str>> = in_circles
        .map(|(file, others)| {
            let back = others
                .iter()
                .filter(|other| reached.get(other).is_some_and(|others| others.contains(*file)));
            let mut names: Vec<&str> = back.map(|other| all.files[other].as_str()).collect();
            names.sort_unstable();
            names
        })
        .collect();
    let held: BTreeSet<Vec<&str>> = HELD.iter().map(|group| group.to_vec()).collect();
    let mut said = Vec::new();
    for group in circles.difference(&held) {
        said.push(format!("need each other: {group:?}"));
        let inside = |module: &Module| group.contains(&all.files[module].as_str());
        for (file, others) in needs.iter().filter(|(file, _)| inside(file)) {
            for (other, items) in others.iter().filter(|(other, _)| inside(other)) {
                let [file, other] = [&all.files[file], &all.files[other]];
                said.push(format!("    {file} needs {items:?} of {other}"));
            }
        }
    }
    for group in held.difference(&circles) {
        said.push(format!("not in a circle as it is held: {group:?}"));
    }
    assert!(said.is_empty(), "{}", said.join("\n"));
}
