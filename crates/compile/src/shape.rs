//! From values to authored types: judges each file by its schema, reports everything that is wrong with its shape, and goes on with the
//! parts that are right, so that one typo does not hide what else there is to say.

use crate::authored::cited::{self, Citations};
use crate::authored::held::HeldFacts;
use crate::authored::provider_map::ProviderMap;
use crate::authored::routing::Routing;
use crate::authored::sources::Sources;
use crate::authored::{Lab, Provider, View};
use crate::codes;
use crate::finding::{Findings, Place};
use crate::pointer::pointer;
use crate::read::{File, FileKind};
use modeldex_support::parallel::in_parallel;
use modeldex_usage::{InvalidShape, Shape};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// An authored file that has the right shape.
#[derive(Debug)]
pub(crate) struct Doc<T> {
    pub(crate) file: usize,
    pub(crate) id: String,
    pub(crate) value: T,
}

impl<T> Doc<T> {
    /// The place of the value at a pointer.
    pub(crate) fn at(&self, pointer: impl Into<String>) -> Place {
        Place::value(self.file, pointer)
    }

    /// The place of the key at a pointer.
    pub(crate) fn key(&self, pointer: impl Into<String>) -> Place {
        Place::key(self.file, pointer)
    }
}

/// The files of a catalog by what they describe.
#[derive(Debug, Default)]
pub(crate) struct Shaped {
    pub(crate) labs: Vec<Doc<Lab>>,
    pub(crate) providers: Vec<Doc<Provider>>,
    pub(crate) views: Vec<Doc<View>>,
    pub(crate) usage: Vec<Doc<Shape>>,
    pub(crate) sources: Option<Doc<Sources>>,
    pub(crate) provider_map: Option<Doc<ProviderMap>>,
    pub(crate) routing: Option<Doc<Routing>>,
    /// What sources claim of routing and nobody confirmed.
    pub(crate) held: Vec<Doc<HeldFacts>>,
    /// Ids of the providers with an imported file.
    pub(crate) imported: HashSet<String>,
    /// Files that exist but could not be taken whole; what they may have held is not reported as missing.
    pub(crate) broken: HashSet<(FileKind, String)>,
    /// For each file that lost entries: what was taken out of which list.
    pub(crate) removals: HashMap<usize, Removals>,
    /// The citations of each file that has some.
    pub(crate) citations: HashMap<usize, Citations>,
}

impl Shaped {
    /// Whether a file exists and could not be taken whole; what it may have held is not reported as missing.
    pub(crate) fn is_broken(&self, kind: FileKind, id: &str) -> bool {
        self.broken.contains(&(kind, id.to_owned()))
    }

    /// Lets the files of providers that are also `imported` change those, as an overlay does that extends its own id. One that extends another
    /// provider stands for itself. What is called here as an imported alias is, is not that alias.
    pub(crate) fn lie_over(&mut self, imported: &mut Self) {
        for doc in self.providers.iter_mut().filter(|doc| imported.imported.contains(&doc.id)) {
            doc.value.extends.get_or_insert_with(|| doc.id.clone());
        }
        let named = |doc: &'_ Doc<Provider>| {
            let aliases = doc.value.aliases.iter().map(|alias| alias.id.clone());
            aliases.chain([doc.id.clone()]).map(|name| (name, doc.id.clone())).collect::<Vec<_>>()
        };
        let owners: HashMap<String, String> = self.providers.iter().flat_map(named).collect();
        for doc in &mut imported.providers {
            let id = &doc.id;
            doc.value.aliases.retain(|alias| owners.get(&alias.id).is_none_or(|owner| owner == id));
        }
    }
}

/// Entries that were taken out of lists, in the order in which they were.
#[derive(Debug, Default)]
pub(crate) struct Removals(Vec<(String, usize)>);

impl Removals {
    /// The pointer into the text for one into what was left of it.
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

/// Puts a document that was read where it belongs.
type Put = Box<dyn FnOnce(&mut Shaped) + Send>;

struct Judged {
    put: Option<Put>,
    citations: Option<Citations>,
    whole: bool,
    removals: Removals,
    findings: Findings,
}

/// Judges every file, on all processors: those of the imported half of a folder, and those of its hand-written half.
pub(crate) fn shape(files: &[File], findings: &mut Findings) -> (Shaped, Shaped) {
    let judge = judge::Judge::new(files);
    let judged = in_parallel(files, |_, file| shape_file(&judge, file));
    let (mut imported, mut own) = (Shaped::default(), Shaped::default());
    for (file, judged) in files.iter().zip(judged) {
        let shaped = if file.imported { &mut imported } else { &mut own };
        findings.extend(judged.findings);
        if !judged.whole {
            shaped.broken.insert((file.kind, file.id.clone()));
        }
        if !judged.removals.0.is_empty() {
            shaped.removals.insert(file.at, judged.removals);
        }
        shaped.citations.extend(judged.citations.map(|citations| (file.at, citations)));
        if file.imported && file.kind == FileKind::Provider {
            shaped.imported.insert(file.id.clone());
        }
        if let Some(put) = judged.put {
            put(shaped);
        }
    }
    (imported, own)
}

fn shape_file(judge: &judge::Judge, file: &File) -> Judged {
    let mut judged = Judged { put: None, citations: None, whole: false, removals: Removals::default(), findings: Findings::default() };
    check_name(file, &mut judged.findings);
    check_first_line(file, &mut judged.findings);
    let Some(value) = &file.parse(&mut judged.findings) else { return judged };
    let has_citations = matches!(file.kind, FileKind::Provider | FileKind::Lab) && !file.imported;
    let cited = if has_citations { cited::take_out(value) } else { None };
    let value = cited.as_ref().map_or(value, |(value, _)| value);
    if let Some((_, citations)) = &cited {
        let pruned = judge.judge_citations(file, citations, &mut judged.findings);
        judged.citations = Citations::deserialize(pruned.as_ref().unwrap_or(citations)).ok();
    }
    let pruned = judge.judge(file, value, &mut judged);
    let value = pruned.as_ref().unwrap_or(value);
    if value.is_null() {
        return judged;
    }
    judged.whole = pruned.is_none();
    let found = &mut judged.findings;
    let put = match file.kind {
        FileKind::Lab => read_as(file, value, found, |shaped, doc| shaped.labs.push(doc)),
        FileKind::Provider => read_as(file, value, found, |shaped, doc| shaped.providers.push(doc)),
        FileKind::View => read_as(file, value, found, |shaped, doc| shaped.views.push(doc)),
        FileKind::Usage if !(judged.whole && is_readable(file, value, found)) => None,
        FileKind::Usage => read_as(file, value, found, |shaped, doc| shaped.usage.push(doc)),
        FileKind::Sources => read_as(file, value, found, |shaped, doc| shaped.sources = Some(doc)),
        FileKind::ProviderMap => read_as(file, value, found, |shaped, doc| shaped.provider_map = Some(doc)),
        FileKind::Routing => read_as(file, value, found, |shaped, doc| shaped.routing = Some(doc)),
        FileKind::Held => read_as(file, value, found, |shaped, doc| shaped.held.push(doc)),
    };
    judged.whole &= put.is_some();
    judged.put = put;
    judged
}

/// The name of a file is an id that people type and URLs carry.
fn check_name(file: &File, findings: &mut Findings) {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    let first = file.id.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !first || !file.id.bytes().all(legal) || file.id.len() > 64 {
        findings
            .add(&codes::FILE_ID, Place::file(file.at), format!("`{}` is not a legal {} id", file.id, file.kind.noun()))
            .help("name the file with lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit, 64 at the most");
    }
}

/// The first line tells editors by which schema to complete and check.
///
/// Generated files have another first line.
fn check_first_line(file: &File, findings: &mut Findings) {
    if file.imported {
        return;
    }
    let wanted = file.kind.schema_line();
    let first = file.text.lines().next().unwrap_or("").trim_end();
    if first != wanted {
        findings
            .add(&codes::SCHEMA_LINE, Place::bytes(file.at, 0, first.len()), "the first line does not name the file's schema")
            .help(format!("make it `{wanted}`"));
    }
}

/// Whether usage objects can be read by a shape: its parts must fit each other.
fn is_readable(file: &File, value: &Value, findings: &mut Findings) -> bool {
    let Ok(Err(InvalidShape { at, message })) = Shape::deserialize(value).map(|shape| shape.verify()) else { return true };
    let place = pointer_to(&at, value).map_or(Place::file(file.at), |pointer| Place::value(file.at, pointer));
    findings.add(&codes::INVALID_VALUE, place, message);
    false
}

/// The pointer to the last text in a value, or to what has it as its key.
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

/// What the schema allows, the types take; a type that does not says so itself.
fn read_as<T: DeserializeOwned + Send + 'static>(
    file: &File,
    value: &Value,
    findings: &mut Findings,
    put: fn(&mut Shaped, Doc<T>),
) -> Option<Put> {
    match T::deserialize(value) {
        Ok(value) => {
            let doc = Doc { file: file.at, id: file.id.clone(), value };
            Some(Box::new(move |shaped| put(shaped, doc)))
        }
        Err(error) => {
            // The schema and the types are held together by tests, so there is little to say about what only a type refuses.
            #[cfg(feature = "validate")]
            let (offset, help) = (0, None::<&str>);
            #[cfg(not(feature = "validate"))]
            let (offset, help) = unjudged::<T>(file);
            findings
                .add(&codes::INVALID_VALUE, Place::bytes(file.at, offset, offset), format!("this is not a {}: {error}", file.kind.noun()))
                .maybe_help(help);
            None
        }
    }
}

/// Where the first value is that its type does not take, and what to do. Only a reader with positions can say where; it is not built in where
/// the schema reports everything, because it is one more reader for each type.
#[cfg(not(feature = "validate"))]
fn unjudged<T: DeserializeOwned>(file: &File) -> (usize, Option<&'static str>) {
    let offset = serde_yaml::from_str::<T>(&file.text).err().and_then(|error| error.location()).map_or(0, |location| location.index());
    let help = "this build judges by the types alone; `modeldex check --catalog DIR` judges by the schema and reports everything at once";
    (offset.min(file.text.len()), Some(help))
}

#[cfg(not(feature = "validate"))]
mod judge {
    //! Without the `validate` feature the authored types alone decide.

    use super::{File, Findings, Judged, Value};

    pub(super) struct Judge;

    impl Judge {
        pub(super) fn new(_: &[File]) -> Self {
            Self
        }

        pub(super) fn judge(&self, _: &File, _: &Value, _: &mut Judged) -> Option<Value> {
            None
        }

        pub(super) fn judge_citations(&self, _: &File, _: &Value, _: &mut Findings) -> Option<Value> {
            None
        }
    }
}

#[cfg(feature = "validate")]
mod judge {
    use super::*;
    use crate::authored::field_schema;
    use crate::authored::notation::{NOTATIONS, notation};
    use crate::codes::{self, Rule};
    use crate::pointer;
    use crate::schema;
    use jsonschema::error::{TypeKind, ValidationErrorKind};
    use jsonschema::{Keyword, ValidationError, Validator};
    use modeldex_table::Rate;
    use modeldex_table::nearest::nearest;
    use std::sync::OnceLock;

    /// How often a file is judged again after what was wrong was taken out: each round can only uncover that a parent is now incomplete.
    const ROUNDS: usize = 8;

    /// Compiled schemas.
    pub(super) struct Judge {
        /// One for each kind of file.
        kinds: HashMap<FileKind, (Value, Validator)>,
        /// That of citations, which few catalogs have.
        citations: OnceLock<(Value, Validator)>,
    }

    impl Judge {
        pub(super) fn new(files: &[File]) -> Self {
            let kinds: Vec<FileKind> = FileKind::ALL.iter().copied().filter(|kind| files.iter().any(|file| file.kind == *kind)).collect();
            let kinds = in_parallel(&kinds, |_, kind| (*kind, compiled(schema::judged(*kind)))).into_iter().collect();
            Self { kinds, citations: OnceLock::new() }
        }

        /// Reports what is wrong with the citations of a file, and returns what is left of them; `None` when nothing was wrong.
        pub(super) fn judge_citations(&self, file: &File, citations: &Value, findings: &mut Findings) -> Option<Value> {
            let schema = || compiled(cited::schema_of_citations(&schema::of::<cited::Citation>()));
            take_out_wrong(file, citations, self.citations.get_or_init(schema), findings, &mut Removals::default())
        }

        /// Reports what is wrong with `value`, and returns what is left of it once that is taken out; `None` when nothing was wrong.
        pub(super) fn judge(&self, file: &File, value: &Value, judged: &mut Judged) -> Option<Value> {
            let compiled = self.kinds.get(&file.kind)?;
            crate::order::check(file, value, &compiled.0, &mut judged.findings);
            take_out_wrong(file, value, compiled, &mut judged.findings, &mut judged.removals)
        }
    }

    fn compiled(schema: Value) -> (Value, Validator) {
        let validator = validator(&schema);
        (schema, validator)
    }

    /// Reports what is wrong with `value`, and returns what is left of it once that is taken out; `None` when nothing was wrong.
    fn take_out_wrong(
        file: &File,
        value: &Value,
        (schema, validator): &(Value, Validator),
        findings: &mut Findings,
        removals: &mut Removals,
    ) -> Option<Value> {
        if validator.is_valid(value) {
            return None;
        }
        let mut left = value.clone();
        for round in 0..ROUNDS {
            let mut removed: Vec<String> = Vec::new();
            for error in validator.iter_errors(&left) {
                if round == 0 {
                    report(file, schema, &error, findings);
                }
                removed.extend(culprits(&error));
            }
            if removed.is_empty() {
                return Some(left);
            }
            remove_all(&mut left, removed, removals);
            if left.is_null() {
                break;
            }
        }
        Some(Value::Null)
    }

    /// Judges by a schema with our own keywords and notations.
    pub(super) fn validator(schema: &Value) -> Validator {
        let options = jsonschema::options().should_validate_formats(true);
        NOTATIONS
            .iter()
            .fold(options, |options, notation| options.with_format(notation.name, |text: &str| (notation.fault)(text).is_none()))
            .with_keyword("x-decimals", |_, _, _| Ok(Box::new(Decimals)))
            .with_keyword("x-whole", |_, _, _| Ok(Box::new(Whole)))
            .build(schema)
            .expect("a schema generated from our own types compiles; a test holds it")
    }

    /// Whether a number is a rate that can be kept exactly; the schema cannot say so by itself.
    struct Decimals;

    impl<'i> Keyword<'i> for Decimals {
        fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
            match Rate::parse(&instance.to_string()) {
                Err(error @ (modeldex_table::RateError::TooPrecise | modeldex_table::RateError::NotANumber)) if instance.is_number() => {
                    Err(ValidationError::custom(format!("`{instance}` is not a rate: {error}")))
                }
                _ => Ok(()),
            }
        }

        fn is_valid(&self, instance: &'i Value) -> bool {
            self.validate(instance).is_ok()
        }
    }

    /// Whether a whole number is written as one: JSON Schema takes `128000.0` for an integer, and the types do not.
    struct Whole;

    impl<'i> Keyword<'i> for Whole {
        fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
            match instance.as_f64().filter(|number| instance.is_f64() && number.fract() == 0.0) {
                Some(number) => Err(ValidationError::custom(format!("a whole number is wanted here: write `{number:.0}`"))),
                None => Ok(()),
            }
        }

        fn is_valid(&self, instance: &'i Value) -> bool {
            self.validate(instance).is_ok()
        }
    }

    /// The pointers whose values an error condemns.
    fn culprits(error: &ValidationError<'_>) -> Vec<String> {
        let at = error.instance_path().to_string();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => unexpected.iter().map(|key| pointer::key(&at, key)).collect(),
            ValidationErrorKind::PropertyNames { error } => vec![named(&at, error)],
            _ => vec![at],
        }
    }

    /// The pointer to the key of the mapping at `at` whose name is wrong.
    fn named(at: &str, error: &ValidationError<'_>) -> String {
        pointer::key(at, error.instance().as_str().unwrap_or_default())
    }

    /// Takes values out, deepest and last first, so that the pointers before stay right.
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

    fn report(file: &File, schema: &Value, error: &ValidationError<'_>, findings: &mut Findings) {
        let at = error.instance_path().to_string();
        let here = schema::parent(schema, &error.schema_path().to_string());
        let value = error.instance();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = || here.and_then(|here| here["properties"].as_object()).into_iter().flat_map(|known| known.keys());
                for key in unexpected {
                    let help = match nearest(key, known().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the keys here are {}", words(known().map(String::as_str))),
                    };
                    findings
                        .add(&codes::UNKNOWN_KEY, Place::key(file.at, pointer::key(&at, key)), format!("unknown key `{key}`"))
                        .help(help);
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let text = here.and_then(|here| here["properties"][key]["description"].as_str()).map(str::to_owned);
                findings
                    .add(&codes::MISSING_KEY, Place::value(file.at, at), format!("the key `{key}` is missing"))
                    .label(format!("this has no `{key}`"))
                    .maybe_help(text.map(|text| format!("`{key}`: {}", lower_first(&text))));
            }
            ValidationErrorKind::Type { kind } => {
                let wanted = match kind {
                    TypeKind::Single(kind) => noun(&kind.to_string()).to_owned(),
                    TypeKind::Multiple(kinds) => kinds.iter().map(|kind| noun(&kind.to_string())).collect::<Vec<_>>().join(" or "),
                };
                let message = format!("{wanted} is wanted here, not {}", described(value));
                findings.add(&codes::WRONG_TYPE, Place::value(file.at, at), message).maybe_help(type_help(value, &wanted));
            }
            ValidationErrorKind::Enum { options } => {
                let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let rule = code(here);
                if !value.is_string() {
                    // The type is reported as well, and says it better.
                    return;
                }
                let help = match nearest(value.as_str().unwrap_or_default(), options.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`? The words are {}", words(options.iter().copied())),
                    None => format!("the words are {}", words(options.iter().copied())),
                };
                findings.add(rule, Place::value(file.at, at), format!("{} is not one of the words for this", described(value))).help(help);
            }
            ValidationErrorKind::PropertyNames { error } => {
                let message = complaint(error.kind(), error.instance());
                findings.add(&codes::INVALID_VALUE, Place::key(file.at, named(&at, error)), message);
            }
            kind => {
                let rule = code(here);
                let text = here.and_then(|here| here["description"].as_str()).map(str::to_owned);
                findings
                    .add(rule, Place::value(file.at, at), complaint(kind, value))
                    .maybe_help(text.map(|text| format!("this is: {}", lower_first(&text))));
            }
        }
    }

    /// The rule that the schema itself names for a value.
    fn code(here: Option<&Value>) -> &'static Rule {
        here.and_then(|here| codes::rule(here["x-code"].as_str()?)).unwrap_or(&codes::INVALID_VALUE)
    }

    /// What is wrong with a text that does not match a pattern which begins so.
    const PATTERNS: &[(&str, &str)] = &[
        (field_schema::ENVIRONMENT_NAME, "is not the name of an environment variable: capital letters, digits and `_` make one"),
        (field_schema::MODEL_ID, "is not an id: printable ASCII characters without spaces and commas make one"),
        (
            field_schema::PROVIDER_ID,
            "is not a provider id: lower-case letters, digits, `-`, `_` and `.` make one, beginning with a letter or digit",
        ),
        (field_schema::HTTP_TOKEN, "cannot stand in a header here: letters, digits and `-` can"),
        ("^https", "is not an http or https URL"),
    ];

    fn complaint(kind: &ValidationErrorKind, value: &Value) -> String {
        let shown = described(value);
        match kind {
            ValidationErrorKind::Minimum { limit } => format!("{shown} is less than {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("{shown} is more than {limit}"),
            ValidationErrorKind::ExclusiveMaximum { limit } => format!("{shown} is not less than {limit}"),
            ValidationErrorKind::MinLength { .. } => "the text is empty".to_owned(),
            ValidationErrorKind::MinItems { .. } => "the list is empty".to_owned(),
            ValidationErrorKind::MaxLength { limit } => format!("the text has more than {limit} characters"),
            ValidationErrorKind::MaxItems { limit } => format!("the list has more than {limit} entries"),
            ValidationErrorKind::Pattern { pattern } => match PATTERNS.iter().find(|(known, _)| pattern.starts_with(known)) {
                Some((_, fault)) => format!("{shown} {fault}"),
                None => format!("{shown} does not match `{pattern}`"),
            },
            ValidationErrorKind::Format { format } => format_complaint(format, value),
            ValidationErrorKind::Custom { message, .. } => message.clone(),
            other => format!("{shown} breaks the schema's `{}`", other.keyword()),
        }
    }

    fn format_complaint(format: &str, value: &Value) -> String {
        let shown = described(value);
        let Some(notation) = notation(format) else { return format!("{shown} is not in the format `{format}`") };
        match (notation.fault)(value.as_str().unwrap_or_default()) {
            Some(why) => format!("{shown} is not {}: {why} ({})", notation.what, notation.shape),
            None => format!("{shown} is not {} ({})", notation.what, notation.shape),
        }
    }

    fn noun(kind: &str) -> &'static str {
        match kind {
            "string" => "a text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "`true` or `false`",
            "array" => "a list",
            "object" => "a mapping",
            _ => "nothing",
        }
    }

    fn described(value: &Value) -> String {
        match value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(value) => format!("`{value}`"),
            Value::String(text) if text.chars().count() > 60 => format!("`{}…`", text.chars().take(60).collect::<String>()),
            Value::String(text) => format!("`{text}`"),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a mapping".to_owned(),
        }
    }

    fn type_help(value: &Value, wanted: &str) -> Option<String> {
        match value {
            Value::Number(_) | Value::Bool(_) if wanted == "a text" => Some(format!("put it in quotes: \"{value}\"")),
            Value::String(text) if wanted.contains("number") && text.contains(['_', ',']) => Some("write the digits alone".to_owned()),
            Value::String(text) if wanted.contains("`true`") && matches!(text.as_str(), "yes" | "on") => Some("write `true`".to_owned()),
            Value::String(text) if wanted.contains("`true`") && matches!(text.as_str(), "no" | "off") => Some("write `false`".to_owned()),
            Value::String(text) if wanted == "a list" => Some(format!("write `[{text}]`")),
            Value::Null => Some("leave the key out where there is nothing to say".to_owned()),
            _ => None,
        }
    }

    fn words<'w>(words: impl Iterator<Item = &'w str>) -> String {
        let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
        words.join(", ")
    }

    fn lower_first(text: &str) -> String {
        let mut letters = text.chars();
        let Some(first) = letters.next() else { return String::new() };
        // An acronym stays as it is.
        if letters.clone().next().is_some_and(char::is_uppercase) { text.to_owned() } else { first.to_lowercase().chain(letters).collect() }
    }
}

#[cfg(test)]
mod tests;
