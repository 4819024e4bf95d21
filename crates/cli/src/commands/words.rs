//! Parsers of arguments that accept a fixed list of values. The values are spelled as in catalog files, and `--help` lists them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use modeldex_compile::render::Format;
use modeldex_formats::SortKey;
use modeldex_import::guard::GuardGroup;
use modeldex_serve::LogFormat;
use modeldex_table::{Capability, Modality, ModelKind, Status, nearest};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident: $word:ident,)+) => {$(
        $(#[$meta])*
        pub(crate) fn $name() -> impl TypedValueParser<Value = $word> {
            let words = PossibleValuesParser::new($word::ALL.iter().map(|word| word.as_str()));
            words.try_map(|text| $word::ALL.iter().copied().find(|word| word.as_str() == text).ok_or("unknown value"))
        }
    )+};
}

words! {
    /// A capability.
    capability: Capability,
    /// A modality.
    modality: Modality,
    /// The task of a model.
    kind: ModelKind,
    /// The status of a model.
    status: Status,
    /// The format of diagnostics.
    format: Format,
    /// The group that a guard of `import` compares.
    guard_group: GuardGroup,
}

/// A sort key of `models list`.
pub(crate) fn sort() -> impl TypedValueParser<Value = SortKey> {
    let words = PossibleValuesParser::new(SortKey::ALL.iter().map(|(word, _, help)| PossibleValue::new(*word).help(*help)));
    words.try_map(|text| SortKey::parse(&text).ok_or("unknown value"))
}

/// The name of a source from which facts can be imported.
pub(crate) fn source() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(modeldex_formats::SOURCE_READERS.iter().map(|reader| reader.source))
}

/// The format of the request log.
pub(crate) fn log() -> impl TypedValueParser<Value = LogFormat> {
    use LogFormat::{Json, None, Text};
    let formats =
        [("none", "No request log", None), ("text", "Text, one line per request", Text), ("json", "JSON, one object per line", Json)];
    let words = PossibleValuesParser::new(formats.map(|(word, help, _)| PossibleValue::new(word).help(help)));
    words.try_map(move |text| formats.into_iter().find(|(word, ..)| *word == text).map(|(.., format)| format).ok_or("unknown value"))
}

/// Returns the suggestion at the end of an error about an unknown word: the most similar known word, else the result of `otherwise`.
pub(crate) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>, otherwise: impl FnOnce() -> String) -> String {
    nearest::nearest(word, words).map_or_else(otherwise, |near| format!("; nearest: `{near}`"))
}

/// Parses the URL of a web page, with the scheme http or https.
pub(crate) fn web_address(text: &str) -> Result<String, String> {
    if modeldex_compile::is_web_url(text) {
        return Ok(text.to_owned());
    }
    Err("expected an http or https URL without user name, quotes, spaces or non-ASCII characters".to_owned())
}
