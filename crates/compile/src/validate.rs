//! Validates YAML values against the JSON Schemas and decodes them into authored types. All schema violations of a file are reported. Invalid parts
//! are removed and valid parts are decoded, so that one error does not hide others.

mod hidden_text;

use crate::authored::citation::{self, Citations};
use crate::authored::held::HeldFacts;
use crate::authored::provider_map::ProviderMap;
use crate::authored::routing::Routing;
use crate::authored::sources::Sources;
use crate::authored::{Lab, Provider, View};
use crate::codes;
use crate::finding::{Findings, Place};
use crate::pointer::pointer;
use crate::read::{FileKind, TextFile};
use modeldex_support::parallel::in_parallel;
use modeldex_usage::{InvalidShape, Shape};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A decoded authored file.
#[derive(Debug)]
pub(crate) struct Doc<T> {
    /// The index of the file in `SourceFiles`.
    pub(crate) file: usize,
    /// The file name without extension.
    pub(crate) id: String,
    pub(crate) value: T,
}

impl<T> Doc<T> {
    /// Returns the place of the value at a pointer.
    pub(crate) fn at(&self, pointer: impl Into<String>) -> Place {
        Place::value(self.file, pointer)
    }

    /// Returns the place of the key at a pointer.
    pub(crate) fn key(&self, pointer: impl Into<String>) -> Place {
        Place::key(self.file, pointer)
    }
}

/// The decoded files of a catalog, by kind.
#[derive(Debug, Default)]
pub(crate) struct AuthoredFiles {
    pub(crate) labs: Vec<Doc<Lab>>,
    pub(crate) providers: Vec<Doc<Provider>>,
    pub(crate) views: Vec<Doc<View>>,
    pub(crate) usage: Vec<Doc<Shape>>,
    pub(crate) sources: Option<Doc<Sources>>,
    pub(crate) provider_map: Option<Doc<ProviderMap>>,
    pub(crate) routing: Option<Doc<Routing>>,
    /// Routing claims that are held back.
    pub(crate) held: Vec<Doc<HeldFacts>>,
    /// Ids of the providers with an imported file.
    pub(crate) imported: HashSet<String>,
    /// Files that are partly or entirely invalid. The rules do not report the contents of such a file as missing.
    pub(crate) broken: HashSet<(FileKind, String)>,
    /// The invalid list entries that were removed from each file, by the index of the file.
    pub(crate) removals: HashMap<usize, Removals>,
    /// The citations of each file that has citations, by the index of the file.
    pub(crate) citations: HashMap<usize, Citations>,
}

impl AuthoredFiles {
    /// Returns whether a file exists but is partly or entirely invalid, so that the rules do not report its contents as missing.
    pub(crate) fn is_broken(&self, kind: FileKind, id: &str) -> bool {
        self.broken.contains(&(kind, id.to_owned()))
    }

    /// Makes each hand-written provider with an imported file extend its own id, as in an overlay, unless it extends another provider. Removes
    /// imported aliases whose id is used by a hand-written provider.
    pub(crate) fn extend_imported(&mut self, imported: &mut Self) {
        for doc in self.providers.iter_mut().filter(|doc| imported.imported.contains(&doc.id)) {
            doc.value.extends.get_or_insert_with(|| doc.id.clone());
        }
        let names = |doc: &'_ Doc<Provider>| {
            let aliases = doc.value.aliases.iter().map(|alias| alias.id.clone());
            aliases.chain([doc.id.clone()]).map(|name| (name, doc.id.clone())).collect::<Vec<_>>()
        };
        let owners: HashMap<String, String> = self.providers.iter().flat_map(names).collect();
        for doc in &mut imported.providers {
            let id = &doc.id;
            doc.value.aliases.retain(|alias| owners.get(&alias.id).is_none_or(|owner| owner == id));
        }
    }
}

/// The list entries that were removed: for each round of removals, the sorted indices of the removed entries by the pointer to their list. Pointers
/// and indices refer to the value before the round.
#[derive(Debug, Default)]
pub(crate) struct Removals(Vec<HashMap<String, Vec<usize>>>);

impl Removals {
    /// Returns the pointer that a part of the value had before entries were removed. `pointer` is the pointer to this part after the removal.
    pub(crate) fn original(&self, pointer: &str) -> String {
        self.0.iter().rev().fold(pointer.to_owned(), |pointer, removed| {
            let mut original = String::with_capacity(pointer.len());
            for segment in pointer.split('/').skip(1) {
                let index = removed.get(&original).and_then(|removed| Some(index_before(removed, segment.parse().ok()?)));
                original.push('/');
                match index {
                    Some(index) => original.push_str(&index.to_string()),
                    None => original.push_str(segment),
                }
            }
            original
        })
    }
}

/// Returns the index of a list entry before the entries with the sorted indices `removed` were removed.
fn index_before(removed: &[usize], index: usize) -> usize {
    let (mut low, mut high) = (0, removed.len());
    while low < high {
        let middle = low.midpoint(high);
        // Before the removed entry, `removed[middle] - middle` entries were kept.
        if removed[middle] - middle <= index { low = middle + 1 } else { high = middle }
    }
    index + low
}

/// Adds a decoded document to the files of its kind.
type AddDoc = Box<dyn FnOnce(&mut AuthoredFiles) + Send>;

/// The result of validating one file.
struct ValidatedFile {
    add_doc: Option<AddDoc>,
    citations: Option<Citations>,
    /// Whether all parts of the file are valid.
    is_complete: bool,
    /// The number of models in the file.
    models: usize,
    removals: Removals,
    findings: Findings,
}

/// Maximum number of models in the files of a folder, eight times as many as the built-in catalog has. A model takes more than 1 KB of memory.
const MAX_MODELS: usize = 125_000;

/// Maximum size of the files that are validated at a time, in bytes.
const PART_BYTES: usize = 1024 * 1024;

/// Maximum number of files that are validated at a time.
const PART_FILES: usize = 256;

/// Validates and decodes files in parallel. Returns the imported and the hand-written files of the folder.
///
/// If there are more errors than a report lists, or too many models, the remaining files are not validated: each is an error instead.
pub(crate) fn validate_files(files: &[TextFile], findings: &mut Findings) -> (AuthoredFiles, AuthoredFiles) {
    schema_check::prepare(files);
    let (mut imported, mut hand_written) = (AuthoredFiles::default(), AuthoredFiles::default());
    let (mut rest, mut models) = (files, 0);
    while !rest.is_empty() && !findings.is_full(&codes::TOO_LONG) && models <= MAX_MODELS {
        // Each file has its own list of findings, so that their order does not depend on the threads. A part of the files is validated at a time, to
        // limit the memory of these lists.
        let (part, more) = rest.split_at(part_length(rest));
        let validated = in_parallel(part, |_, file| validate_file(file, findings.next()));
        for (file, validated) in part.iter().zip(validated) {
            let authored = if file.imported { &mut imported } else { &mut hand_written };
            findings.extend(validated.findings);
            models += validated.models;
            if models > MAX_MODELS && models - validated.models <= MAX_MODELS {
                let message =
                    format!("this file and the files before it have more models than the limit of {MAX_MODELS} models for a folder");
                findings.add(&codes::TOO_LONG, Place::file(file.index), message).help("divide the catalog into several folders");
            }
            if !validated.is_complete {
                authored.broken.insert((file.kind, file.id.clone()));
            }
            if validated.removals.0.iter().any(|removed| !removed.is_empty()) {
                authored.removals.insert(file.index, validated.removals);
            }
            authored.citations.extend(validated.citations.map(|citations| (file.index, citations)));
            if file.imported && file.kind == FileKind::Provider {
                authored.imported.insert(file.id.clone());
            }
            if let Some(add_doc) = validated.add_doc.filter(|_| models <= MAX_MODELS) {
                add_doc(authored);
            }
        }
        rest = more;
    }
    for file in rest {
        let authored = if file.imported { &mut imported } else { &mut hand_written };
        authored.broken.insert((file.kind, file.id.clone()));
        findings
            .add(&codes::TOO_LONG, Place::file(file.index), "the file was not checked, because other files have too many errors or models")
            .help("correct the other errors first");
    }
    (imported, hand_written)
}

/// Returns the number of files that are validated at a time.
fn part_length(files: &[TextFile]) -> usize {
    let mut bytes = 0;
    let fitting = files.iter().take(PART_FILES).take_while(|file| {
        bytes += file.text.len();
        bytes <= PART_BYTES
    });
    fitting.count().max(1)
}

fn validate_file(file: &TextFile, findings: Findings) -> ValidatedFile {
    let mut validated =
        ValidatedFile { add_doc: None, citations: None, is_complete: false, models: 0, removals: Removals::default(), findings };
    check_id(file, &mut validated.findings);
    check_schema_line(file, &mut validated.findings);
    let Some(value) = &file.parse(&mut validated.findings) else { return validated };
    hidden_text::check(file, value, &mut validated.findings);
    let has_citations = matches!(file.kind, FileKind::Provider | FileKind::Lab) && !file.imported;
    let split = if has_citations { citation::split(value) } else { None };
    let value = split.as_ref().map_or(value, |(value, _)| value);
    if let Some((_, citations)) = &split {
        let pruned = schema_check::check_citations(file, citations, &mut validated.findings);
        validated.citations = Citations::deserialize(pruned.as_ref().unwrap_or(citations)).ok();
    }
    let pruned = schema_check::check(file, value, &mut validated);
    let value = pruned.as_ref().unwrap_or(value);
    if value.is_null() {
        return validated;
    }
    validated.is_complete = pruned.is_none();
    validated.models = value["models"].as_array().map_or(0, Vec::len);
    let findings = &mut validated.findings;
    let add_doc = match file.kind {
        FileKind::Lab => decode(file, value, findings, |files, doc| files.labs.push(doc)),
        FileKind::Provider => decode(file, value, findings, |files, doc| files.providers.push(doc)),
        FileKind::View => decode(file, value, findings, |files, doc| files.views.push(doc)),
        FileKind::Usage if !(validated.is_complete && check_usage_shape(file, value, findings)) => None,
        FileKind::Usage => decode(file, value, findings, |files, doc| files.usage.push(doc)),
        FileKind::Sources => decode(file, value, findings, |files, doc| files.sources = Some(doc)),
        FileKind::ProviderMap => decode(file, value, findings, |files, doc| files.provider_map = Some(doc)),
        FileKind::Routing => decode(file, value, findings, |files, doc| files.routing = Some(doc)),
        FileKind::Held => decode(file, value, findings, |files, doc| files.held.push(doc)),
    };
    validated.is_complete &= add_doc.is_some();
    validated.add_doc = add_doc;
    validated
}

/// Checks that the name of a file, without its extension, is a valid id.
fn check_id(file: &TextFile, findings: &mut Findings) {
    let is_legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    let starts_legally = file.id.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !starts_legally || !file.id.bytes().all(is_legal) || file.id.len() > 64 {
        findings
            .add(
                &codes::FILE_ID,
                Place::file(file.index),
                format!("the file name `{name}` is not a valid {kind} id", name = file.id, kind = file.kind.noun()),
            )
            .help("rename the file: an id has at most 64 lowercase letters, digits, `-`, `_` and `.`, and begins with a letter or digit");
    }
}

/// Checks that the first line of a hand-written file names its schema, because editors use this line. Generated files have another first line.
fn check_schema_line(file: &TextFile, findings: &mut Findings) {
    if file.imported {
        return;
    }
    let expected = file.kind.schema_line();
    let first = file.text.lines().next().unwrap_or("").trim_end();
    // The mark is invisible in the excerpt of a diagnostic.
    if first.strip_prefix('\u{feff}') == Some(&expected) {
        findings
            .add(&codes::SCHEMA_LINE, Place::file(file.index), "the file begins with a byte order mark")
            .help("save the file as UTF-8 without a byte order mark (BOM), so that editors recognize the schema line");
    } else if first != expected {
        findings
            .add(&codes::SCHEMA_LINE, Place::bytes(file.index, 0, first.len()), "the first line does not name the schema of the file")
            .help(format!("write `{expected}` as the first line of the file"));
    }
}

/// Checks that the parts of a usage shape are consistent, and returns whether they are.
fn check_usage_shape(file: &TextFile, value: &Value, findings: &mut Findings) -> bool {
    let Ok(Err(InvalidShape { at, message })) = Shape::deserialize(value).map(|shape| shape.verify()) else { return true };
    let place = pointer_to(&at, value).map_or(Place::file(file.index), |pointer| Place::value(file.index, pointer));
    findings.add(&codes::INVALID_VALUE, place, message);
    false
}

/// Returns the pointer to the last string `text` in a value, or to the last value with the key `text`.
fn pointer_to(text: &str, value: &Value) -> Option<String> {
    let all: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, below)| (key.clone(), below)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, below)| (index.to_string(), below)).collect(),
        other => return (other == text).then(String::new),
    };
    all.into_iter().rev().find_map(|(key, below)| {
        let rest = if key == text { Some(String::new()) } else { pointer_to(text, below) };
        rest.map(|rest| format!("{}{rest}", pointer!(key)))
    })
}

/// Decodes a validated value into its type. Each type accepts all values that its schema allows. If it does not accept the value, the error of the
/// decoder is reported.
fn decode<T: DeserializeOwned + Send + 'static>(
    file: &TextFile,
    value: &Value,
    findings: &mut Findings,
    add: fn(&mut AuthoredFiles, Doc<T>),
) -> Option<AddDoc> {
    match T::deserialize(value) {
        Ok(value) => {
            let doc = Doc { file: file.index, id: file.id.clone(), value };
            Some(Box::new(move |files| add(files, doc)))
        }
        Err(error) => {
            // This error needs no detailed message: tests ensure that types accept every value that the schema allows.
            #[cfg(feature = "validate")]
            let (offset, help) = (0, None::<&str>);
            #[cfg(not(feature = "validate"))]
            let (offset, help) = type_error_place::<T>(file);
            findings
                .add(
                    &codes::INVALID_VALUE,
                    Place::bytes(file.index, offset, offset),
                    format!("invalid {kind}: {error}", kind = file.kind.noun()),
                )
                .maybe_help(help);
            None
        }
    }
}

/// Returns the byte offset of the first value that its type rejects, and a help. To find the offset, the text is decoded once more, by a decoder that
/// reports positions. Each type needs such a decoder, so this function exists only without the feature `validate`.
#[cfg(not(feature = "validate"))]
fn type_error_place<T: DeserializeOwned>(file: &TextFile) -> (usize, Option<&'static str>) {
    let offset = serde_yaml::from_str::<T>(&file.text).err().and_then(|error| error.location()).map_or(0, |location| location.index());
    let help =
        "this build checks only types; run `modeldex check --catalog DIR` to validate the file against its schema and to see all errors";
    (offset.min(file.text.len()), Some(help))
}

#[cfg(not(feature = "validate"))]
mod schema_check {
    //! Without the feature `validate`, values are checked only against the Rust types of catalog files, not against the schemas.

    use super::{Findings, TextFile, ValidatedFile, Value};

    pub(super) fn prepare(_: &[TextFile]) {}

    pub(super) fn check(_: &TextFile, _: &Value, _: &mut ValidatedFile) -> Option<Value> {
        None
    }

    pub(super) fn check_citations(_: &TextFile, _: &Value, _: &mut Findings) -> Option<Value> {
        None
    }
}

#[cfg(feature = "validate")]
mod schema_check;

#[cfg(test)]
mod tests;
