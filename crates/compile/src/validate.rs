//! Validates YAML values against the JSON Schemas and decodes them into authored types. All schema violations of a file are reported. Invalid parts
//! are removed and valid parts are decoded, so that one typo does not hide other findings.

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

/// The list entries that were removed, in order of removal: for each entry, the pointer to its list and its index in the list.
#[derive(Debug, Default)]
pub(crate) struct Removals(Vec<(String, usize)>);

impl Removals {
    /// Returns the pointer that a part of the value had before entries were removed. `pointer` is the pointer to this part after the removal.
    pub(crate) fn original(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        for (list, removed) in self.0.iter().rev() {
            let Some(rest) = pointer.strip_prefix(list.as_str()).and_then(|rest| rest.strip_prefix('/')) else { continue };
            let (index, tail) = rest.split_once('/').map_or((rest, ""), |(index, _)| (index, &rest[index.len()..]));
            if let Ok(index) = index.parse::<usize>()
                && index >= *removed
            {
                pointer = format!("{list}/{}{tail}", index + 1);
            }
        }
        pointer
    }
}

/// Adds a decoded document to the files of its kind.
type AddDoc = Box<dyn FnOnce(&mut AuthoredFiles) + Send>;

/// The result of validating one file.
struct ValidatedFile {
    add_doc: Option<AddDoc>,
    citations: Option<Citations>,
    /// Whether all parts of the file are valid.
    is_complete: bool,
    removals: Removals,
    findings: Findings,
}

/// Validates and decodes files in parallel. Returns the imported and the hand-written files of the folder.
pub(crate) fn validate_files(files: &[TextFile], findings: &mut Findings) -> (AuthoredFiles, AuthoredFiles) {
    let validators = schema_check::SchemaValidators::new(files);
    let validated = in_parallel(files, |_, file| validate_file(&validators, file));
    let (mut imported, mut hand_written) = (AuthoredFiles::default(), AuthoredFiles::default());
    for (file, validated) in files.iter().zip(validated) {
        let authored = if file.imported { &mut imported } else { &mut hand_written };
        findings.extend(validated.findings);
        if !validated.is_complete {
            authored.broken.insert((file.kind, file.id.clone()));
        }
        if !validated.removals.0.is_empty() {
            authored.removals.insert(file.index, validated.removals);
        }
        authored.citations.extend(validated.citations.map(|citations| (file.index, citations)));
        if file.imported && file.kind == FileKind::Provider {
            authored.imported.insert(file.id.clone());
        }
        if let Some(add_doc) = validated.add_doc {
            add_doc(authored);
        }
    }
    (imported, hand_written)
}

fn validate_file(validators: &schema_check::SchemaValidators, file: &TextFile) -> ValidatedFile {
    let mut validated =
        ValidatedFile { add_doc: None, citations: None, is_complete: false, removals: Removals::default(), findings: Findings::default() };
    check_id(file, &mut validated.findings);
    check_schema_line(file, &mut validated.findings);
    let Some(value) = &file.parse(&mut validated.findings) else { return validated };
    let has_citations = matches!(file.kind, FileKind::Provider | FileKind::Lab) && !file.imported;
    let split = if has_citations { citation::split(value) } else { None };
    let value = split.as_ref().map_or(value, |(value, _)| value);
    if let Some((_, citations)) = &split {
        let pruned = validators.check_citations(file, citations, &mut validated.findings);
        validated.citations = Citations::deserialize(pruned.as_ref().unwrap_or(citations)).ok();
    }
    let pruned = validators.check(file, value, &mut validated);
    let value = pruned.as_ref().unwrap_or(value);
    if value.is_null() {
        return validated;
    }
    validated.is_complete = pruned.is_none();
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
    //! Without the feature `validate`, values are checked only against the authored Rust types, not against the schemas.

    use super::{Findings, TextFile, ValidatedFile, Value};

    pub(super) struct SchemaValidators;

    impl SchemaValidators {
        pub(super) fn new(_: &[TextFile]) -> Self {
            Self
        }

        pub(super) fn check(&self, _: &TextFile, _: &Value, _: &mut ValidatedFile) -> Option<Value> {
            None
        }

        pub(super) fn check_citations(&self, _: &TextFile, _: &Value, _: &mut Findings) -> Option<Value> {
            None
        }
    }
}

#[cfg(feature = "validate")]
mod schema_check {
    use super::*;
    use crate::authored::field_schema;
    use crate::authored::notation::{NOTATIONS, notation};
    use crate::codes::{self, Rule};
    use crate::pointer;
    use crate::{schema, suggestion};
    use jsonschema::error::{TypeKind, ValidationErrorKind};
    use jsonschema::{Keyword, ValidationError, Validator};
    use modeldex_table::nearest::nearest;
    use modeldex_table::{DateError, Rate};
    use std::sync::OnceLock;

    /// Maximum number of times that one file is validated. If an invalid value is removed, its parent may become incomplete, so the file is validated
    /// again after each removal.
    const MAX_ROUNDS: usize = 8;

    /// The schemas with their compiled validators.
    pub(super) struct SchemaValidators {
        by_kind: HashMap<FileKind, (Value, Validator)>,
        /// Compiled on first use, because few catalogs have citations.
        citations: OnceLock<(Value, Validator)>,
    }

    impl SchemaValidators {
        pub(super) fn new(files: &[TextFile]) -> Self {
            let kinds: Vec<FileKind> = FileKind::ALL.iter().copied().filter(|kind| files.iter().any(|file| file.kind == *kind)).collect();
            let by_kind = in_parallel(&kinds, |_, kind| (*kind, compiled(schema::validation_schema(*kind)))).into_iter().collect();
            Self { by_kind, citations: OnceLock::new() }
        }

        /// Reports invalid citations of a file, and returns the valid ones; `None` if all citations are valid.
        pub(super) fn check_citations(&self, file: &TextFile, citations: &Value, findings: &mut Findings) -> Option<Value> {
            let schema = || compiled(citation::schema_of_citations(&schema::for_type::<citation::Citation>()));
            remove_invalid(file, citations, self.citations.get_or_init(schema), findings, &mut Removals::default())
        }

        /// Reports schema violations in `value`, and returns its valid parts; `None` if the whole value is valid.
        pub(super) fn check(&self, file: &TextFile, value: &Value, validated: &mut ValidatedFile) -> Option<Value> {
            let compiled = self.by_kind.get(&file.kind)?;
            crate::order::check(file, value, &compiled.0, &mut validated.findings);
            remove_invalid(file, value, compiled, &mut validated.findings, &mut validated.removals)
        }
    }

    fn compiled(schema: Value) -> (Value, Validator) {
        let validator = validator(&schema);
        (schema, validator)
    }

    /// Reports schema violations in `value`, and returns its valid parts; `None` if the whole value is valid.
    fn remove_invalid(
        file: &TextFile,
        value: &Value,
        (schema, validator): &(Value, Validator),
        findings: &mut Findings,
        removals: &mut Removals,
    ) -> Option<Value> {
        if validator.is_valid(value) {
            return None;
        }
        let mut rest = value.clone();
        for round in 0..MAX_ROUNDS {
            let mut removed: Vec<String> = Vec::new();
            for error in validator.iter_errors(&rest) {
                if round == 0 {
                    report(file, schema, &error, findings);
                }
                removed.extend(invalid_pointers(&error));
            }
            if removed.is_empty() {
                return Some(rest);
            }
            remove_all(&mut rest, removed, removals);
            if rest.is_null() {
                break;
            }
        }
        Some(Value::Null)
    }

    /// Compiles a validator with the custom keywords and notations of [`schema`].
    pub(super) fn validator(schema: &Value) -> Validator {
        let options = jsonschema::options().should_validate_formats(true);
        NOTATIONS
            .iter()
            .fold(options, |options, notation| options.with_format(notation.format, |text: &str| (notation.parse)(text).is_ok()))
            .with_keyword("x-decimals", |_, _, _| Ok(Box::new(RateDecimals)))
            .with_keyword("x-whole", |_, _, _| Ok(Box::new(IntegerNotation)))
            .build(schema)
            .expect("schemas generated from the authored types compile; tests ensure it")
    }

    /// The keyword `x-decimals`: a number must be exactly representable as a rate. JSON Schema cannot express this rule.
    struct RateDecimals;

    impl<'i> Keyword<'i> for RateDecimals {
        fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
            match Rate::parse(&instance.to_string()) {
                Err(error @ (modeldex_table::RateError::TooPrecise | modeldex_table::RateError::NotANumber)) if instance.is_number() => {
                    Err(ValidationError::custom(format!("invalid rate `{rate}`: {error}", rate = without_exponent(instance))))
                }
                _ => Ok(()),
            }
        }

        fn is_valid(&self, instance: &'i Value) -> bool {
            self.validate(instance).is_ok()
        }
    }

    /// The keyword `x-whole`: an integer must be written without a fraction. JSON Schema accepts `128000.0` as an integer, but the authored types
    /// do not.
    struct IntegerNotation;

    impl<'i> Keyword<'i> for IntegerNotation {
        fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
            match instance.as_f64().filter(|number| instance.is_f64() && number.fract() == 0.0) {
                Some(number) => Err(ValidationError::custom(format!("expected an integer, found `{instance}`; write `{number:.0}`"))),
                None => Ok(()),
            }
        }

        fn is_valid(&self, instance: &'i Value) -> bool {
            self.validate(instance).is_ok()
        }
    }

    /// Returns the pointers to the invalid values that an error reports. These values are removed.
    fn invalid_pointers(error: &ValidationError<'_>) -> Vec<String> {
        let at = error.instance_path().to_string();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => unexpected.iter().map(|key| pointer::key(&at, key)).collect(),
            ValidationErrorKind::PropertyNames { error } => vec![invalid_key(&at, error)],
            _ => vec![at],
        }
    }

    /// Returns the pointer to the invalid key of the mapping at `at`.
    fn invalid_key(at: &str, error: &ValidationError<'_>) -> String {
        pointer::key(at, error.instance().as_str().unwrap_or_default())
    }

    /// Removes the values at `pointers`. The deepest and last values are removed first, so that pointers to values not yet removed stay valid.
    fn remove_all(value: &mut Value, pointers: Vec<String>, removals: &mut Removals) {
        let key = |pointer: &String| -> Vec<(usize, String)> {
            pointer::segments(pointer).map(|segment| (segment.parse().unwrap_or(usize::MAX), segment)).collect()
        };
        let mut pointers = pointers;
        pointers.sort_by_cached_key(key);
        pointers.dedup();
        for pointer in pointers.iter().rev() {
            let Some(cut) = pointer.rfind('/') else {
                *value = Value::Null;
                return;
            };
            let (parent, last) = (&pointer[..cut], pointer::segments(&pointer[cut..]).next().unwrap_or_default());
            match value.pointer_mut(parent) {
                Some(Value::Object(object)) => {
                    object.shift_remove(&last);
                }
                Some(Value::Array(list)) => {
                    if let Some(index) = last.parse().ok().filter(|index| *index < list.len()) {
                        list.remove(index);
                        removals.0.push((parent.to_owned(), index));
                    }
                }
                _ => {}
            }
        }
    }

    fn report(file: &TextFile, schema: &Value, error: &ValidationError<'_>, findings: &mut Findings) {
        let at = error.instance_path().to_string();
        let here = schema::parent(schema, &error.schema_path().to_string());
        let value = error.instance();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = || here.and_then(|here| here["properties"].as_object()).into_iter().flat_map(|known| known.keys());
                for key in unexpected {
                    let synonym = value.as_object().and_then(|mapping| suggestion::key(key, mapping, known().map(String::as_str)));
                    let help = synonym.unwrap_or_else(|| match nearest(key, known().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known keys: {keys}", keys = quoted_list(known().map(String::as_str))),
                    });
                    findings
                        .add(&codes::UNKNOWN_KEY, Place::key(file.index, pointer::key(&at, key)), format!("unknown key `{key}`"))
                        .help(help);
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let description = here.and_then(|here| here["properties"][key]["description"].as_str()).map(str::to_owned);
                findings
                    .add(&codes::MISSING_KEY, Place::value(file.index, at), format!("missing key `{key}`"))
                    .label(format!("`{key}` is required here"))
                    .maybe_help(description.map(|text| format!("`{key}`: {description}", description = lower_first(&text))));
            }
            ValidationErrorKind::Type { kind } => {
                let expected = match kind {
                    TypeKind::Single(kind) => noun(&kind.to_string()).to_owned(),
                    TypeKind::Multiple(kinds) => kinds.iter().map(|kind| noun(&kind.to_string())).collect::<Vec<_>>().join(" or "),
                };
                let message = format!("expected {expected}, found {found}", found = describe_type(value));
                let key = pointer::segments(&at).last().filter(|segment| segment.parse::<usize>().is_err());
                let help = suggestion::of_type(value, &expected, here, key.as_deref());
                findings.add(&codes::WRONG_TYPE, Place::value(file.index, at), message).maybe_help(help);
            }
            ValidationErrorKind::Enum { options } => {
                let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let rule = rule_of(here);
                if !value.is_string() {
                    // The wrong type is reported instead.
                    return;
                }
                let help = match nearest(value.as_str().unwrap_or_default(), options.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`? valid values: {values}", values = quoted_list(options.iter().copied())),
                    None => format!("valid values: {values}", values = quoted_list(options.iter().copied())),
                };
                let found = describe(value);
                let message = match last_key(&at) {
                    Some(key) => format!("invalid value {found} for `{key}`"),
                    None => format!("invalid value {found}"),
                };
                findings.add(rule, Place::value(file.index, at), message).help(help);
            }
            ValidationErrorKind::PropertyNames { error } => {
                let message = violation(error.kind(), error.instance());
                findings.add(&codes::INVALID_VALUE, Place::key(file.index, invalid_key(&at, error)), message);
            }
            kind => {
                let rule = rule_of(here);
                let description = here.and_then(|here| here["description"].as_str());
                let describe_key =
                    || last_key(&at).zip(description).map(|(key, text)| format!("`{key}`: {description}", description = lower_first(text)));
                let help = suggest(kind, value, last_key(&at).as_deref()).or_else(describe_key);
                findings.add(rule, Place::value(file.index, at), violation(kind, value)).maybe_help(help);
            }
        }
    }

    /// Returns a help that suggests a valid value in place of an invalid rate or environment variable name; `None` if there is no suggestion.
    fn suggest(kind: &ValidationErrorKind, value: &Value, key: Option<&str>) -> Option<String> {
        match kind {
            ValidationErrorKind::Custom { .. } if value.is_number() => {
                let rate = crate::per_token::rate_per_million(value.as_f64()?, key)?;
                let per_token = without_exponent(value);
                Some(format!("rates are per million tokens: if the rate is {per_token} per token, write `{rate}`"))
            }
            ValidationErrorKind::Pattern { pattern } if pattern.starts_with(field_schema::ENVIRONMENT_NAME) => {
                suggestion::variable(value.as_str()?).map(|name| format!("did you mean `{name}`?"))
            }
            _ => None,
        }
    }

    /// Returns the last key of a pointer, skipping list indices.
    fn last_key(pointer: &str) -> Option<String> {
        pointer::segments(pointer).filter(|segment| segment.parse::<usize>().is_err()).last()
    }

    /// Returns the rule that the schema names with `x-code` for a value.
    fn rule_of(here: Option<&Value>) -> &'static Rule {
        here.and_then(|here| codes::rule(here["x-code"].as_str()?)).unwrap_or(&codes::INVALID_VALUE)
    }

    /// The patterns of strings: the beginning of the pattern, what a string with this pattern is called, and how it is written.
    const PATTERNS: &[(&str, &str, &str)] = &[
        (field_schema::ENVIRONMENT_NAME, "environment variable name", "uppercase letters, digits and `_`"),
        (field_schema::MODEL_ID, "id", "printable ASCII characters without spaces and commas"),
        (field_schema::PROVIDER_ID, "provider id", "lowercase letters, digits, `-`, `_` and `.`, beginning with a letter or digit"),
        (field_schema::HTTP_TOKEN, "header token", "letters, digits and `-`"),
        ("^https", "URL", "an http or https URL"),
    ];

    /// Describes how a value violates the schema.
    fn violation(kind: &ValidationErrorKind, invalid: &Value) -> String {
        let value = describe(invalid);
        match kind {
            ValidationErrorKind::Minimum { limit } => format!("{value} is below the minimum of {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("{value} is above the maximum of {limit}"),
            ValidationErrorKind::ExclusiveMaximum { limit } => format!("{value} is not less than {limit}"),
            ValidationErrorKind::MinLength { .. } => "expected a non-empty string".to_owned(),
            ValidationErrorKind::MinItems { .. } => "expected a non-empty list".to_owned(),
            ValidationErrorKind::MaxLength { limit } => format!("the string has more than {limit} characters"),
            ValidationErrorKind::MaxItems { limit } => format!("the list has more than {limit} entries"),
            ValidationErrorKind::Pattern { pattern } => match PATTERNS.iter().find(|(known, ..)| pattern.starts_with(known)) {
                Some((_, name, expected)) => format!("invalid {name} {value}: expected {expected}"),
                None => format!("{value} does not match the pattern `{pattern}`"),
            },
            ValidationErrorKind::Format { format } => format_violation(format, invalid),
            ValidationErrorKind::Custom { message, .. } => message.clone(),
            other => format!("{value} violates the schema keyword `{keyword}`", keyword = other.keyword()),
        }
    }

    fn format_violation(format: &str, invalid: &Value) -> String {
        let value = describe(invalid);
        let Some(notation) = notation(format) else { return format!("{value} is not in the format `{format}`") };
        match (notation.parse)(invalid.as_str().unwrap_or_default()) {
            Err(error) if error != DateError::Format => format!("invalid {notation} {value}: {error}", notation = notation.name),
            _ => format!("invalid {notation} {value}: expected {expected}", notation = notation.name, expected = notation.expected),
        }
    }

    fn noun(kind: &str) -> &'static str {
        match kind {
            "string" => "a string",
            "integer" => "an integer",
            "number" => "a number",
            "boolean" => "`true` or `false`",
            "array" => "a list",
            "object" => "a mapping",
            _ => "null",
        }
    }

    /// Describes a value of the wrong type. A string that would be a number or a boolean without quotes is shown in quotes.
    fn describe_type(value: &Value) -> String {
        let needs_quotes = |text: &&str| matches!(*text, "true" | "false") || text.parse::<f64>().is_ok();
        match value.as_str().filter(needs_quotes) {
            Some(text) => format!("the string `\"{text}\"`"),
            None => describe(value),
        }
    }

    /// Formats a number without an exponent, unless the text would be longer than 24 characters.
    fn without_exponent(number: &Value) -> String {
        let digits = number.as_f64().filter(|_| number.is_f64()).map(|number| number.to_string());
        digits.filter(|digits| digits.len() <= 24).unwrap_or_else(|| number.to_string())
    }

    fn describe(value: &Value) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(_) => format!("`{}`", without_exponent(value)),
            Value::String(text) if text.chars().count() > 60 => format!("`{}…`", text.chars().take(60).collect::<String>()),
            Value::String(text) => format!("`{text}`"),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a mapping".to_owned(),
        }
    }

    fn quoted_list<'w>(words: impl Iterator<Item = &'w str>) -> String {
        let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
        words.join(", ")
    }

    fn lower_first(text: &str) -> String {
        let mut letters = text.chars();
        let Some(first) = letters.next() else { return String::new() };
        // Keep acronyms.
        if letters.clone().next().is_some_and(char::is_uppercase) { text.to_owned() } else { first.to_lowercase().chain(letters).collect() }
    }
}

#[cfg(test)]
mod tests;
