//! Checks values against their JSON Schemas, and words the messages.

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

/// A schema, and its validator.
type Compiled = (Value, Validator);

/// Compiles, in parallel, the validators that these files need.
pub(super) fn prepare(files: &[TextFile]) {
    let kinds: Vec<FileKind> = FileKind::ALL.iter().copied().filter(|kind| files.iter().any(|file| file.kind == *kind)).collect();
    in_parallel(&kinds, |_, kind| compiled_of_kind(*kind).is_some());
}

/// Returns the schema of a kind with its validator. They are compiled once per process: this takes longer than the validation of most files, and an
/// import or a server compiles catalogs several times.
fn compiled_of_kind(kind: FileKind) -> Option<&'static Compiled> {
    static COMPILED: [OnceLock<Compiled>; FileKind::ALL.len()] = [const { OnceLock::new() }; FileKind::ALL.len()];
    let place = COMPILED.get(FileKind::ALL.iter().position(|other| *other == kind)?)?;
    Some(place.get_or_init(|| compiled(schema::validation_schema(kind))))
}

/// Reports invalid citations of a file, and returns the valid ones; `None` if all citations are valid.
pub(super) fn check_citations(file: &TextFile, citations: &Value, findings: &mut Findings) -> Option<Value> {
    // Compiled on first use, because few catalogs have citations.
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    let schema = || compiled(citation::schema_of_citations(&schema::for_type::<citation::Citation>()));
    remove_invalid(file, citations, COMPILED.get_or_init(schema), findings, &mut Removals::default())
}

/// Reports schema violations in `value`, and returns its valid parts; `None` if the whole value is valid.
pub(super) fn check(file: &TextFile, value: &Value, validated: &mut ValidatedFile) -> Option<Value> {
    let compiled = compiled_of_kind(file.kind)?;
    crate::order::check(file, value, &compiled.0, &mut validated.findings);
    remove_invalid(file, value, compiled, &mut validated.findings, &mut validated.removals)
}

fn compiled(schema: Value) -> Compiled {
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

/// Removes the values at `pointers`. The deepest values are removed first, so that pointers to values not yet removed stay valid.
fn remove_all(value: &mut Value, pointers: Vec<String>, removals: &mut Removals) {
    let mut by_parent: HashMap<String, HashSet<String>> = HashMap::new();
    for pointer in pointers {
        let Some(cut) = pointer.rfind('/') else {
            *value = Value::Null;
            return;
        };
        let last = pointer::segments(&pointer[cut..]).next().unwrap_or_default();
        by_parent.entry(pointer[..cut].to_owned()).or_default().insert(last);
    }
    let mut by_parent: Vec<(String, HashSet<String>)> = by_parent.into_iter().collect();
    by_parent.sort_by_cached_key(|(parent, _)| std::cmp::Reverse(parent.matches('/').count()));
    let mut removed_entries = HashMap::new();
    for (parent, removed) in by_parent {
        match value.pointer_mut(&parent) {
            Some(Value::Object(object)) => object.retain(|key, _| !removed.contains(key)),
            Some(Value::Array(list)) => {
                let mut indices: Vec<usize> =
                    removed.iter().filter_map(|index| index.parse().ok()).filter(|index| *index < list.len()).collect();
                indices.sort_unstable();
                let (mut at, mut next) = (0, indices.iter().peekable());
                list.retain(|_| {
                    let is_removed = next.next_if(|index| **index == at).is_some();
                    at += 1;
                    !is_removed
                });
                removed_entries.insert(parent, indices);
            }
            _ => {}
        }
    }
    removals.0.push(removed_entries);
}

fn report(file: &TextFile, schema: &Value, error: &ValidationError<'_>, findings: &mut Findings) {
    let at = error.instance_path().to_string();
    let here = schema::parent(schema, &error.schema_path().to_string());
    let value = error.instance();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = || here.and_then(|here| here["properties"].as_object()).into_iter().flat_map(|known| known.keys());
            for (at_key, key) in unexpected.iter().enumerate() {
                if findings.is_full(&codes::UNKNOWN_KEY) {
                    // Place and text of the first finding that is not listed are needed.
                    findings.add(&codes::UNKNOWN_KEY, Place::key(file.index, pointer::key(&at, key)), format!("unknown key `{key}`"));
                    findings.add_unlisted(&codes::UNKNOWN_KEY, unexpected.len() - at_key - 1);
                    break;
                }
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

/// Returns a help that suggests a valid value in place of an invalid rate or environment variable name. Returns `None` if there is no suggestion.
fn suggest(kind: &ValidationErrorKind, value: &Value, key: Option<&str>) -> Option<String> {
    match kind {
        ValidationErrorKind::Custom { .. } if value.is_number() => {
            let rate = crate::per_token::rate_per_million(value.as_f64()?, key)?;
            let per_token = without_exponent(value);
            Some(format!("rates are stated per million tokens; if the rate is {per_token} per token, write `{rate}`"))
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
    (field_schema::MODEL_ID, "id", "letters, digits and `-._:/@~()+[]`"),
    (field_schema::PROVIDER_ID, "provider id", "lowercase letters, digits, `-`, `_` and `.`, beginning with a letter or digit"),
    (field_schema::HTTP_TOKEN, "header token", "letters, digits, `-` and `_`"),
    (field_schema::WEB_URL, "URL", "an http or https URL without user name, quotes, spaces or non-ASCII characters"),
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
