//! A fact is declared once, and what treats all facts alike is a loop: few files name a single fact.

use modeldex_table::Fact;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// The most files that may name a fact, with its declaration and its row.
const MOST: usize = 4;

/// Where the names of formats are written, and which of their facts are which of ours: of other tools, of wire protocols, and of the data
/// for web UIs.
const FORMATS: &[&str] = &["crates/formats/src/tools", "crates/compile/src/emit/typescript", "crates/client/src/wire"];

/// Facts whose keys are words for other things, too: of providers, endpoints, prices, requests and rows. Counting them says nothing.
const ORDINARY_WORDS: &[Fact] = &[
    Fact::Name,
    Fact::Kind,
    Fact::Input,
    Fact::Output,
    Fact::Capabilities,
    Fact::Status,
    Fact::Billing,
    Fact::Prices,
    Fact::Endpoints,
    Fact::Sources,
];

/// Where the key of a fact is a word for something else: the folders of weights' files, whose names audits pass over.
const SOMETHING_ELSE: &[(Fact, &str)] = &[(Fact::Weights, "crates/audit/src/find/reference.rs")];

#[test]
fn a_fact_is_named_in_few_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    ["src", "crates"].iter().for_each(|folder| add_files(&root.join(folder), &mut files));
    files.sort();
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            (file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"), production(&fs::read_to_string(file).unwrap()))
        })
        .filter(|(path, _)| !FORMATS.iter().any(|folder| path.starts_with(folder)))
        .collect();
    for folder in FORMATS {
        assert!(root.join(folder).is_dir(), "{folder}");
    }
    for (fact, path) in SOMETHING_ELSE {
        assert!(texts.iter().any(|(other, text)| other == path && is_named(*fact, text)), "{path} no longer has the word `{fact}`");
    }
    let mut faults = Vec::new();
    for &fact in Fact::ALL.iter().filter(|fact| !ORDINARY_WORDS.contains(fact)) {
        let is_else = |path: &str| SOMETHING_ELSE.contains(&(fact, path));
        let names = texts.iter().filter(|(path, text)| !is_else(path) && is_named(fact, text)).map(|(path, _)| path.as_str());
        let names: Vec<&str> = names.collect();
        assert!(names.contains(&"crates/table/src/facts.rs"), "the declaration of `{fact}` is not found");
        if names.len() > MOST {
            faults.push(format!("`{fact}` is named in {} files, {MOST} are allowed:\n    {}", names.len(), names.join("\n    ")));
        }
    }
    assert!(faults.is_empty(), "{}\nloop over `Fact::ALL` instead", faults.join("\n"));
}

/// The files of production code below a folder.
fn add_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["tests", "examples", "target"].contains(&name) {
                add_files(&path, files);
            }
        } else if name.ends_with(".rs") && !["tests.rs", "testing.rs", "fixture.rs"].contains(&name) {
            files.push(path);
        }
    }
}

/// The code of a file without its comments and its tests, which are its last module.
fn production(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_tests = |at: &usize| lines[*at] == "#[cfg(test)]" && lines.get(at + 1).is_some_and(|next| next.ends_with("mod tests {"));
    let end = (0..lines.len()).find(is_tests).unwrap_or(lines.len());
    lines[..end].iter().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| iter::once(*line).chain(["\n"])).collect()
}

/// Whether code names a fact: as a variant, accessor, field or key. A variable that is called the same is something else.
fn is_named(fact: Fact, text: &str) -> bool {
    let variant: String = fact.as_str().split('_').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect();
    let is_variant = words(text, &variant).any(|(before, _)| before.ends_with("Fact::"));
    let quoted = |text: &str| text.starts_with(['"', '`']);
    let is_key = words(text, fact.as_str()).any(|(before, after)| {
        before.ends_with(['.', ':']) || before.ends_with(['"', '`']) && quoted(after) || after.starts_with(':') && !after.starts_with("::")
    });
    is_variant || is_key
}

/// What is before and after each place at which a whole word stands.
fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let places = text.match_indices(word).map(move |(at, _)| (&text[..at], &text[at + word.len()..]));
    places.filter(move |(before, after)| !before.ends_with(is_part) && !after.starts_with(is_part))
}
