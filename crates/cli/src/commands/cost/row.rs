//! One line: what it asks, and the answer.

use super::Defaults;
use super::fault::{Fault, cut};
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

/// The longest line that is read, in bytes; usage objects have a few hundred.
pub(super) const LONGEST: usize = 1024 * 1024;

/// Prices lines, and adds up what they cost.
pub(super) struct Pricer<'a> {
    catalog: &'a Catalog<'a>,
    shapes: &'a Shapes,
    defaults: Defaults<'a>,
    writer: Writer,
    regions: Regions<'a>,
    pub(super) summary: Summary,
}

/// Writes costs. Conditions are kept as they were written the first time: there are few, and they take longer than all the rest.
#[derive(Default)]
pub(super) struct Writer {
    conditions: HashMap<usize, Vec<u8>>,
}

/// The code of a reference that names nothing.
pub(super) const UNKNOWN_MODEL: &str = "unknown-model";

/// A line as it is written. Nothing is copied that can stay where it is; keys that are not known are for others.
#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    usage: &'a RawValue,
    #[serde(borrow)]
    at: Option<Text<'a>>,
    #[serde(borrow)]
    tier: Option<Text<'a>>,
    #[serde(borrow)]
    region: Option<Text<'a>>,
    #[serde(borrow)]
    api: Option<Text<'a>>,
}

/// A line of which only the model can be read.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    model: Text<'a>,
}

/// A text that is borrowed where it has no escapes; inside an option serde would always copy a `Cow`.
struct Text<'a>(Cow<'a, str>);

impl<'a> Pricer<'a> {
    pub(super) fn new(catalog: &'a Catalog<'a>, shapes: &'a Shapes, defaults: Defaults<'a>) -> Self {
        Self { catalog, shapes, defaults, writer: Writer::default(), regions: Regions::default(), summary: Summary::default() }
    }

    /// Answers one line into `out`; `Ok(false)` for one that is empty.
    pub(super) fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, Fault> {
        if line.len() > LONGEST {
            return Err(Fault::of("too-long", format_args!("the line is longer than {LONGEST} bytes")));
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(false);
        }
        let text = std::str::from_utf8(line).map_err(|error| Fault::of("not-utf8", format_args!("the line is not UTF-8: {error}")))?;
        if line[0] != b'{' {
            return Err(Fault::of("invalid-line", "the line is not a JSON object"));
        }
        let row: Row<'_> = serde_json::from_str(text).map_err(|error| {
            // Every line is the first of its own text.
            let fault = Fault::of("invalid-line", error.to_string().replace(" at line 1 column ", " at column "));
            Fault { model: serde_json::from_str(text).ok().map(|Named { model: Text(model) }| cut(&model).into_owned()), ..fault }
        })?;
        self.price(&row, out).map_err(|fault| Fault { model: Some(cut(&row.model.0).into_owned()), ..fault })?;
        Ok(true)
    }

    fn price(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let catalog: &Catalog<'_> = self.catalog;
        let Some(model) = self.catalog.model(&row.model.0).ok().and_then(|model| catalog.model_at(model.index())) else {
            return Err(unknown_model(&row.model.0));
        };
        let unknown_api = |text: &str| unknown_word("unknown-api", "protocol", text, Api::ALL.iter().map(|api| api.as_str()));
        let api = row.api.as_ref().map(|api| Api::parse(&api.0).ok_or_else(|| unknown_api(&api.0))).transpose()?;
        let read = self.shapes.read(api, row.usage.get())?;
        let unknown_tier = |text: &str| unknown_word("unknown-tier", "class of service", text, Tier::names());
        let said = row.tier.as_ref().map(|tier| Tier::parse(&tier.0).ok_or_else(|| unknown_tier(&tier.0))).transpose()?;
        let tier = said.unwrap_or_default().unwrap_or(read.tier.unwrap_or(self.defaults.tier));
        let at = match &row.at {
            Some(at) => Moment::from_rfc3339(&at.0).map_err(|error| invalid_time(&at.0, error))?,
            None => self.defaults.at,
        };
        let region = row.region.as_ref().map(|region| &*region.0).or(self.defaults.region);
        if let Some(region) = region {
            region::check(&mut self.regions, model, region)?;
        }
        let cost = model.price(&read.usage, &RequestContext { at: Some(at), tier, region, ..RequestContext::default() })?;
        self.writer.write(model, &cost, out).map_err(|error| Fault::of("unwritable", error))?;
        self.summary.add(model, at, &read.usage, &cost);
        Ok(())
    }
}

impl Writer {
    /// Writes a cost as an object on one line.
    pub(super) fn write(&mut self, model: Model<'_>, cost: &Cost<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.extend_from_slice(br#"{"model":""#);
        let reference = model.reference();
        escaped(reference.owner, out)?;
        out.push(b'/');
        escaped(reference.id, out)?;
        let (currency, amount) = (cost.currency().as_str(), cost.amount().digits());
        put(out, [r#"","currency":""#, currency, r#"","amount":""#, amount.as_str(), r#"","lines":["#]);
        for (at, line) in cost.lines().enumerate() {
            put(out, [if at == 0 { "" } else { "," }, r#"{"meter":""#, line.meter.as_str(), r#"","quantity":"#]);
            serde_json::to_writer(&mut *out, &line.quantity)?;
            let (rate, amount) = (line.rate.authored(line.meter).digits(), line.amount.digits());
            put(out, [r#","rate":""#, rate.as_str(), r#"","amount":""#, amount.as_str(), "\""]);
            if !line.price.is_always() {
                out.extend_from_slice(br#","condition":"#);
                let kept = self.conditions.entry(line.price.condition_index()).or_default();
                if kept.is_empty() {
                    serde_json::to_writer(&mut *kept, &ConditionJson(line.price.condition()))?;
                }
                out.extend_from_slice(kept);
            }
            if line.rate_meter != line.meter {
                put(out, [r#","rate_of":""#, line.rate_meter.as_str(), "\""]);
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"]}\n");
        Ok(())
    }
}

fn put<const N: usize>(out: &mut Vec<u8>, pieces: [&str; N]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece.as_bytes()));
}

/// Writes text as it stands inside the quotes of a JSON string.
fn escaped(text: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    // Every byte is looked at, since a loop without an early end is done for many at once.
    if text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    let quoted = serde_json::to_vec(text)?;
    out.extend_from_slice(quoted.get(1..quoted.len() - 1).unwrap_or_default());
    Ok(())
}

/// What perhaps was meant is said on stderr, and there only for the first few: looking for it reads the whole catalog.
pub(super) fn unknown_model(reference: &str) -> Fault {
    Fault::of(UNKNOWN_MODEL, format_args!("unknown model `{}`", cut(reference)))
}

fn invalid_time(text: &str, error: DateError) -> Fault {
    let text = cut(text);
    Fault::of("invalid-time", format_args!("`{text}` is no moment: {error}; RFC 3339 is such as 2026-08-16T16:00:30+08:00"))
}

/// A word that is none of those there are.
fn unknown_word<'w>(code: &'static str, what: &str, text: &str, words: impl Iterator<Item = &'w str> + Clone) -> Fault {
    let near = nearest(text, words.clone()).map_or_else(String::new, |near| format!("; nearest: `{near}`"));
    let all: String = words.map(|word| format!(" `{word}`")).collect();
    Fault::of(code, format_args!("unknown {what} `{}`{near}; there are{all}", cut(text)))
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Texts)
    }
}
