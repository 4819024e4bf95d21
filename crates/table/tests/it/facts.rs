//! Checks that each fact is declared once. Code that handles all facts loops over the declarations, so only few files name a fact.

use modeldex_table::Fact;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// Maximum number of files that may name a fact, including its declaration and its row.
const MAX_FILES: usize = 4;

/// Excluded folders, which map facts to the fields of other formats: other tools, wire protocols, and TypeScript output.
const FORMATS: &[&str] = &["crates/formats/src/tools", "crates/compile/src/emit/typescript", "crates/client/src/wire"];

/// Excluded facts, whose keys are also common names of other things: fields of providers, endpoints, prices, requests and rows.
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

/// Excluded uses of a fact's key with another meaning: folder names of weights, which audits skip.
const OTHER_MEANINGS: &[(Fact, &str)] = &[(Fact::Weights, "crates/audit/src/find/reference.rs")];

#[test]
fn facts_are_named_in_few_files() {
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
    for (fact, path) in OTHER_MEANINGS {
        assert!(texts.iter().any(|(other, text)| other == path && is_named(*fact, text)), "{path} no longer has the word `{fact}`");
    }
    let mut errors = Vec::new();
    for &fact in Fact::ALL.iter().filter(|fact| !ORDINARY_WORDS.contains(fact)) {
        let has_other_meaning = |path: &str| OTHER_MEANINGS.contains(&(fact, path));
        let names = texts.iter().filter(|(path, text)| !has_other_meaning(path) && is_named(fact, text)).map(|(path, _)| path.as_str());
        let names: Vec<&str> = names.collect();
        assert!(names.contains(&"crates/table/src/facts.rs"), "the declaration of `{fact}` is not found");
        if names.len() > MAX_FILES {
            errors.push(format!(
                "`{fact}` is named in {} files, at most {MAX_FILES} are allowed:\n    {}",
                names.len(),
                names.join("\n    ")
            ));
        }
    }
    assert!(errors.is_empty(), "{}\nloop over `Fact::ALL` instead", errors.join("\n"));
}

/// Collects the files of production code in a folder, recursively.
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

/// Returns the code of a file without comments and without its tests, which are the last module.
fn production(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_tests = |at: &usize| lines[*at] == "#[cfg(test)]" && lines.get(at + 1).is_some_and(|next| next.ends_with("mod tests {"));
    let end = (0..lines.len()).find(is_tests).unwrap_or(lines.len());
    lines[..end].iter().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| iter::once(*line).chain(["\n"])).collect()
}

/// Returns whether code names a fact as a variant, accessor, field or key. Variables of the same name do not count.
fn is_named(fact: Fact, text: &str) -> bool {
    let variant: String = fact.as_str().split('_').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect();
    let is_variant = words(text, &variant).any(|(before, _)| before.ends_with("Fact::"));
    let quoted = |text: &str| text.starts_with(['"', '`']);
    let is_key = words(text, fact.as_str()).any(|(before, after)| {
        before.ends_with(['.', ':']) || before.ends_with(['"', '`']) && quoted(after) || after.starts_with(':') && !after.starts_with("::")
    });
    is_variant || is_key
}

/// Returns the text before and after each occurrence of a whole word.
fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let occurrences = text.match_indices(word).map(move |(at, _)| (&text[..at], &text[at + word.len()..]));
    occurrences.filter(move |(before, after)| !before.ends_with(is_part) && !after.starts_with(is_part))
}
