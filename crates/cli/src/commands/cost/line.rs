//! Parses a usage line, and computes and writes its cost.

use super::Defaults;
use super::error::{LineError, cut};
use super::region::{self, Regions};
use super::summary::Summary;
use modeldex_formats::json::ConditionJson;
use modeldex_table::nearest::nearest;
use modeldex_table::{Api, Catalog, Cost, DateError, Model, Moment, RequestContext};
use modeldex_usage::{Shapes, Tier};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// Maximum length of a line in bytes; usage objects have a few hundred.
pub(super) const MAX_LINE_BYTES: usize = 1024 * 1024;

/// Computes the costs of usage lines, and adds them to a summary.
pub(super) struct LinePricer<'a> {
    catalog: &'a Catalog<'a>,
    shapes: &'a Shapes,
    defaults: Defaults<'a>,
    writer: CostWriter,
    regions: Regions<'a>,
    pub(super) summary: Summary,
}

/// Writes costs as JSON. Serialized price conditions are cached: there are few, and serializing one takes longer than all other fields.
#[derive(Default)]
pub(super) struct CostWriter {
    conditions: HashMap<usize, Vec<u8>>,
}

/// The error code of an unknown reference.
pub(super) const UNKNOWN_MODEL: &str = "unknown-model";

/// A usage line. Strings are borrowed where possible; unknown keys are ignored. A missing field is `None` and not an error of serde, because such an
/// error would take several times as long as the rest of a short line.
#[derive(Deserialize)]
struct UsageLine<'a> {
    #[serde(borrow, default, deserialize_with = "not_null")]
    model: Option<JsonStr<'a>>,
    #[serde(borrow, default, deserialize_with = "not_null")]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    at: Option<JsonStr<'a>>,
    #[serde(borrow)]
    tier: Option<JsonStr<'a>>,
    #[serde(borrow)]
    region: Option<JsonStr<'a>>,
    #[serde(borrow)]
    api: Option<JsonStr<'a>>,
}

/// The model of a line whose other fields are invalid.
#[derive(Deserialize)]
struct ModelOnly<'a> {
    #[serde(borrow)]
    model: JsonStr<'a>,
}

/// A string, borrowed if the JSON has no escapes. A plain `Cow` inside an `Option` would always be copied by serde.
struct JsonStr<'a>(Cow<'a, str>);

impl<'a> LinePricer<'a> {
    pub(super) fn new(catalog: &'a Catalog<'a>, shapes: &'a Shapes, defaults: Defaults<'a>) -> Self {
        Self { catalog, shapes, defaults, writer: CostWriter::default(), regions: Regions::default(), summary: Summary::default() }
    }

    /// Writes the result of a line to `out`. Returns `Ok(false)` for an empty line.
    pub(super) fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, LineError> {
        if line.len() > MAX_LINE_BYTES {
            return Err(LineError::of("too-long", format_args!("the line is longer than {MAX_LINE_BYTES} bytes")));
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(false);
        }
        let text = std::str::from_utf8(line).map_err(|error| {
            let column = error.valid_up_to() + 1;
            LineError::text("not-utf8", format!("the line is not UTF-8: the byte at column {column} is invalid"))
        })?;
        if line[0] != b'{' {
            return Err(LineError::fixed("invalid-line", "the line is not a JSON object"));
        }
        if line[line.len() - 1] != b'}' {
            return Err(LineError::fixed("invalid-line", "the line does not end with `}`; expected one JSON object on each line"));
        }
        let row: UsageLine<'_> = serde_json::from_str(text).map_err(|error| parse_error(text, &error))?;
        let Some(JsonStr(model)) = &row.model else {
            return Err(LineError::fixed("invalid-line", "missing field `model`"));
        };
        let priced = match row.usage {
            Some(usage) => self.price(&row, model, usage.get(), out),
            None => Err(LineError::fixed("invalid-line", "missing field `usage`")),
        };
        priced.map_err(|line_error| LineError { model: Some(cut(model).into_owned()), ..line_error })?;
        Ok(true)
    }

    fn price(&mut self, row: &UsageLine<'_>, reference: &str, usage: &str, out: &mut Vec<u8>) -> Result<(), LineError> {
        let catalog: &Catalog<'_> = self.catalog;
        let Some(model) = self.catalog.model(reference).ok().and_then(|model| catalog.model_at(model.index())) else {
            return Err(unknown_model(reference));
        };
        let api = row.api.as_ref().map(|api| Api::parse(&api.0).ok_or_else(|| unknown_api(&api.0))).transpose()?;
        let read = self.shapes.read(api, usage)?;
        let stated = row.tier.as_ref().map(|tier| Tier::parse(&tier.0).ok_or_else(|| unknown_tier(&tier.0))).transpose()?;
        let tier = stated.unwrap_or_default().unwrap_or(read.tier.unwrap_or(self.defaults.tier));
        let at = match &row.at {
            Some(at) => Moment::from_rfc3339(&at.0).map_err(|error| invalid_time(&at.0, error))?,
            None => self.defaults.at,
        };
        let region = row.region.as_ref().map(|region| &*region.0).or(self.defaults.region);
        if let Some(region) = region {
            region::check(&mut self.regions, model, region)?;
        }
        let cost = model.price(&read.usage, &RequestContext { at: Some(at), tier, region, ..RequestContext::default() })?;
        self.writer.write(model, &cost, out).map_err(|error| LineError::of("unwritable", error))?;
        self.summary.add(model, at, &read.usage, &cost);
        Ok(())
    }
}

impl CostWriter {
    /// Writes a cost as a JSON object on one line.
    pub(super) fn write(&mut self, model: Model<'_>, cost: &Cost<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.extend_from_slice(br#"{"model":""#);
        let reference = model.reference();
        escaped(reference.owner, out)?;
        out.push(b'/');
        escaped(reference.id, out)?;
        let (currency, amount) = (cost.currency().as_str(), cost.amount().digits());
        push_all(out, [r#"","currency":""#, currency, r#"","amount":""#, amount.as_str(), r#"","lines":["#]);
        for (at, line) in cost.lines().enumerate() {
            push_all(out, [if at == 0 { "" } else { "," }, r#"{"meter":""#, line.meter.as_str(), r#"","quantity":"#]);
            serde_json::to_writer(&mut *out, &line.quantity)?;
            let (rate, amount) = (line.rate.authored(line.meter).digits(), line.amount.digits());
            push_all(out, [r#","rate":""#, rate.as_str(), r#"","amount":""#, amount.as_str(), "\""]);
            if !line.price.is_always() {
                out.extend_from_slice(br#","condition":"#);
                let cached = self.conditions.entry(line.price.condition_index()).or_default();
                if cached.is_empty() {
                    serde_json::to_writer(&mut *cached, &ConditionJson(line.price.condition()))?;
                }
                out.extend_from_slice(cached);
            }
            if line.rate_meter != line.meter {
                push_all(out, [r#","rate_of":""#, line.rate_meter.as_str(), "\""]);
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"]}\n");
        Ok(())
    }
}

pub(super) fn push_all<const N: usize>(out: &mut Vec<u8>, parts: [&str; N]) {
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

/// Writes text as the contents of a JSON string, without quotes.
pub(super) fn escaped(text: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    // All bytes are checked without an early exit, which the compiler can vectorize.
    if text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    let quoted = serde_json::to_vec(text)?;
    out.extend_from_slice(quoted.get(1..quoted.len() - 1).unwrap_or_default());
    Ok(())
}

/// The error of a line that is not valid JSON, or has a value of the wrong type.
fn parse_error(text: &str, error: &serde_json::Error) -> LineError {
    let (mut message, column) = (error.to_string(), error.column());
    // serde reports line 1 for every line, because each is parsed on its own.
    let position = format!("line 1 column {column}");
    if message.ends_with(&position) {
        message.truncate(message.len() - position.len());
        message.push_str(&position["line 1 ".len()..]);
    }
    // If the line is not valid JSON, its model cannot be read either.
    let model = if error.is_data() { serde_json::from_str(text).ok() } else { None };
    LineError {
        model: model.map(|ModelOnly { model: JsonStr(model) }| cut(&model).into_owned()),
        ..LineError::text("invalid-line", message)
    }
}

/// Deserializes the value of an optional field for which null is not valid.
fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The error of an unknown model, without the nearest reference: finding the nearest reference reads the whole catalog, so it is added only to the
/// first messages on stderr.
pub(super) fn unknown_model(reference: &str) -> LineError {
    LineError::of(UNKNOWN_MODEL, format_args!("unknown model `{reference}`", reference = cut(reference)))
}

fn invalid_time(text: &str, error: DateError) -> LineError {
    let text = cut(text);
    LineError::of("invalid-time", format_args!("invalid time `{text}`: {error}; expected RFC 3339, such as 2026-08-16T16:00:30+08:00"))
}

fn unknown_api(text: &str) -> LineError {
    let known_names = known_names(text, Api::ALL.iter().map(|api| api.as_str()));
    LineError::of("unknown-api", format_args!("unknown protocol `{api}`; {known_names}", api = cut(text)))
}

fn unknown_tier(text: &str) -> LineError {
    let known_names = known_names(text, Tier::names());
    LineError::of("unknown-tier", format_args!("unknown service tier `{tier}`; {known_names}", tier = cut(text)))
}

/// Lists the known names for the error about an unknown name, the nearest one first.
fn known_names<'w>(text: &str, names: impl Iterator<Item = &'w str> + Clone) -> String {
    let known = names.clone().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match nearest(text, names) {
        Some(near) => format!("nearest: `{near}`; known names: {known}"),
        None => format!("known names: {known}"),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonStr<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonStrVisitor;
        impl<'de> Visitor<'de> for JsonStrVisitor {
            type Value = JsonStr<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<JsonStr<'de>, E> {
                Ok(JsonStr(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<JsonStr<'de>, E> {
                Ok(JsonStr(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(JsonStrVisitor)
    }
}
