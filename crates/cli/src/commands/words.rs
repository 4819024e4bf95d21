//! Arguments that are words of the catalog's vocabularies, spelled as they are in YAML and listed by `--help`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use modeldex_compile::render::Format;
use modeldex_formats::SortKey;
use modeldex_serve::LogFormat;
use modeldex_table::{Capability, Modality, ModelKind, Status, nearest};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident: $word:ident,)+) => {$(
        $(#[$meta])*
        pub(crate) fn $name() -> impl TypedValueParser<Value = $word> {
            let words = PossibleValuesParser::new($word::ALL.iter().map(|word| word.as_str()));
            words.try_map(|text| $word::ALL.iter().copied().find(|word| word.as_str() == text).ok_or("there is no such word"))
        }
    )+};
}

words! {
    /// What a model can do.
    capability: Capability,
    /// What goes in or comes out.
    modality: Modality,
    /// What a model is called for.
    kind: ModelKind,
    /// Where a model stands in its life.
    status: Status,
    /// How diagnostics are written.
    format: Format,
}

/// What a list of models is sorted by.
pub(crate) fn sort() -> impl TypedValueParser<Value = SortKey> {
    let words = PossibleValuesParser::new(SortKey::ALL.iter().map(|(word, _, help)| PossibleValue::new(*word).help(*help)));
    words.try_map(|text| SortKey::parse(&text).ok_or("there is no such word"))
}

/// A catalog that facts are taken over from.
pub(crate) fn source() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(modeldex_formats::SOURCE_READERS.iter().map(|reader| reader.source))
}

/// How requests are logged.
pub(crate) fn log() -> impl TypedValueParser<Value = LogFormat> {
    use LogFormat::{Json, None, Text};
    let formats = [("none", "Not at all", None), ("text", "A line for people", Text), ("json", "An object a line", Json)];
    let words = PossibleValuesParser::new(formats.map(|(word, help, _)| PossibleValue::new(word).help(help)));
    words
        .try_map(move |text| formats.into_iter().find(|(word, ..)| *word == text).map(|(.., format)| format).ok_or("there is no such word"))
}

/// The end of an error about a word that there is not: the nearest of those there are, else `otherwise`.
pub(crate) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>, otherwise: impl FnOnce() -> String) -> String {
    nearest::nearest(word, words).map_or_else(otherwise, |near| format!("; nearest: `{near}`"))
}

/// An address of a page: an http or https URL.
pub(crate) fn web_address(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    let is_url = !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(is_plain);
    if is_url { Ok(text.to_owned()) } else { Err("expected an http or https URL".to_owned()) }
}
