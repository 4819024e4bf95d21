//! Suggests a valid key or value in place of an invalid one. The help of a diagnostic states the suggestion.
//!
//! A wrong suggestion is worse than none. Therefore nothing is suggested for a text with two meanings, or if the suggested value would not satisfy
//! the schema either.

use crate::authored::field_schema;
use crate::per_token::rate_per_million;
use modeldex_support::secret::may_be_secret;
use modeldex_table::Rate;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Keys of other catalogs, each with the corresponding key of this catalog; one per line.
const SYNONYMS: &str = include_str!("synonyms.txt");

/// Iterates over all synonyms with the corresponding keys.
fn all_synonyms() -> impl Iterator<Item = (&'static str, &'static str)> {
    SYNONYMS.lines().filter_map(|line| line.split_once(" = "))
}

/// Returns the keys of this catalog that correspond to a key of another catalog, in the order of the file. The file is parsed once, because a catalog
/// can have thousands of unknown keys.
fn synonyms(key: &str) -> &'static [&'static str] {
    static BY_KEY: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut by_key: HashMap<&str, Vec<&str>> = HashMap::new();
        for (synonym, intended) in all_synonyms() {
            by_key.entry(synonym).or_default().push(intended);
        }
        by_key
    });
    BY_KEY.get(key).map_or(&[], Vec::as_slice)
}

/// Returns a help that suggests a key in place of `written`, an unknown key of `mapping`. The suggestion may include a value: `vision: true` probably
/// means `input: [text, image]`. Returns `None` if the meaning of `written` is unknown, or is not one of the keys in `known`.
pub(crate) fn key<'k>(written: &str, mapping: &Map<String, Value>, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
    let name = written.to_ascii_lowercase().replace('-', "_");
    let value = mapping.get(written);
    synonyms(&name).iter().copied().find_map(|intended| {
        let (key, states_value) = intended.split_once(':').map_or((intended, false), |(key, _)| (key, true));
        // `vision: true` states a modality. `vision: 0.6` in a price does not, and `vision: false` does not state which modalities there are.
        let has_meaning = !states_value || value == Some(&Value::Bool(true));
        if !has_meaning || !known.clone().any(|known| known == key) {
            return None;
        }
        Some(match mapping.contains_key(key) {
            true if states_value => format!("did you mean `{intended}`? the key `{key}` exists already: change its value"),
            true => format!("did you mean `{key}`? the key `{key}` exists already"),
            false => format!("did you mean `{intended}`?"),
        })
    })
}

/// Returns a help that suggests a value of the type `expected` in place of `value`, which has another type. `schema` is the schema of the value, and
/// `key` the key of the value.
pub(crate) fn of_type(value: &Value, expected: &str, schema: Option<&Value>, key: Option<&str>) -> Option<String> {
    match value {
        // The help does not repeat the value: `4.10` was parsed as the number 4.1.
        Value::Number(_) | Value::Bool(_) if expected == "a string" => Some("put the value in quotes".to_owned()),
        Value::String(text) if matches!(expected, "an integer" | "a number") => {
            let number = number(text, expected == "an integer")?;
            let number = if is_in_range(&number, schema) { Some(number) } else { rate_per_million(number.parse().ok()?, key) }?;
            Some(if number == *text { format!("write `{number}` without quotes") } else { format!("write `{number}`") })
        }
        Value::String(text) if expected.contains("`true`") => match text.as_str() {
            "true" | "false" => Some(format!("write `{text}` without quotes")),
            "yes" | "on" => Some("write `true`".to_owned()),
            "no" | "off" => Some("write `false`".to_owned()),
            _ => None,
        },
        Value::Null if key.is_some() => Some("write a value, or remove the key".to_owned()),
        _ if expected == "a list" => list(value, schema?.get("items")?),
        _ => None,
    }
}

/// Returns a help that suggests a list in place of `value`, which is not a list. `items` is the schema of the list's entries.
fn list(value: &Value, items: &Value) -> Option<String> {
    let entries = match value {
        Value::Object(_) if items["type"] == "object" => {
            return Some("put `- ` before the first key, to make the mapping an entry of a list".to_owned());
        }
        Value::String(text) if items["type"] == "string" || items["enum"].is_array() => text,
        _ => return None,
    };
    if entries.starts_with('[') && entries.ends_with(']') {
        return Some("remove the quotes around the list".to_owned());
    }
    let separators = |letter: char| letter == ',' || letter.is_whitespace();
    let entries = entries.split(separators).filter(|entry| !entry.is_empty()).map(|entry| list_entry(entry, items));
    let entries: Vec<String> = entries.collect::<Option<_>>()?;
    (!entries.is_empty()).then(|| format!("write `[{}]`", entries.join(", ")))
}

/// Returns `entry` as a valid entry of a list with the schema `items`. Returns `None` if the schema does not allow it, or if YAML requires quotes.
fn list_entry(entry: &str, items: &Value) -> Option<String> {
    let entry = match items["pattern"].as_str() {
        Some(pattern) if pattern.starts_with(field_schema::ENVIRONMENT_NAME) => variable(entry)?,
        Some(_) => return None,
        None => entry.to_owned(),
    };
    let is_allowed = items["enum"].as_array().is_none_or(|values| values.iter().any(|value| value == entry.as_str()));
    let is_plain = entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    // Without quotes, `4.10` is a number and `true` is a boolean.
    let is_text = modeldex_yaml::parse(&entry).is_ok_and(|value| value == entry.as_str());
    (is_allowed && is_plain && is_text).then_some(entry)
}

/// Returns whether a number is within the limits of a schema.
fn is_in_range(number: &str, schema: Option<&Value>) -> bool {
    let limit = |keyword: &str| schema.and_then(|schema| schema[keyword].as_f64());
    let is_rate = schema.is_some_and(|schema| schema.get("x-decimals").is_some());
    if is_rate && Rate::parse(number).is_err() {
        return false;
    }
    number.parse::<f64>().is_ok_and(|number| {
        limit("minimum").is_none_or(|minimum| number >= minimum)
            && limit("maximum").is_none_or(|maximum| number <= maximum)
            && limit("exclusiveMinimum").is_none_or(|minimum| number > minimum)
            && limit("exclusiveMaximum").is_none_or(|maximum| number < maximum)
    })
}

/// Returns the number that a text means, as a catalog file states it: without a currency sign, separators or a factor such as `k`. Returns `None` if
/// the text is not a number, or has two meanings: a rate of `1,250` is 1.25 or 1250.
pub(crate) fn number(text: &str, is_integer: bool) -> Option<String> {
    let bare = text.trim().trim_start_matches('$').trim_end_matches("USD").trim();
    // A rate of `0.6M` may be 0.6 per million tokens.
    let (bare, zeros) = match bare.chars().next_back()? {
        'k' | 'K' if is_integer => (&bare[..bare.len() - 1], 3),
        'm' | 'M' if is_integer => (&bare[..bare.len() - 1], 6),
        _ => (bare, 0),
    };
    let bare = bare.trim_end().replace(['_', ' '], "");
    let (first, mut groups) = (bare.split(',').next()?, bare.split(',').skip(1));
    let are_thousands = first != "0" && groups.all(|group| group.len() == 3);
    let bare = match bare.split(',').count() {
        1 => bare,
        _ if are_thousands && is_integer => bare.replace(',', ""),
        // One comma before other than three digits, or after a zero, is a decimal comma.
        2 if !are_thousands => bare.replace(',', "."),
        _ => return None,
    };
    // The point in `128.000` separates thousands in some countries.
    if is_integer && zeros == 0 && bare.contains('.') {
        return None;
    }
    scaled(&bare, zeros).filter(|number| !is_integer || !number.contains('.'))
}

/// Returns a decimal number multiplied by a power of ten, exactly. Returns `None` if the text is not a decimal number, or has more than 15 digits.
fn scaled(decimal: &str, zeros: usize) -> Option<String> {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // YAML reads a number with a leading zero as a text.
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    let is_too_long = whole.len() + zeros.max(fraction.len()) > 15;
    if whole.is_empty() || has_leading_zero || is_too_long || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    if zeros == 0 {
        return Some(decimal.trim_end_matches('.').to_owned());
    }
    let moved = format!("{fraction:0<zeros$}");
    let whole = format!("{whole}{}", &moved[..zeros]);
    let whole = whole.trim_start_matches('0');
    let fraction = moved[zeros..].trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// Returns the name of the environment variable that a text means: `$NAME`, `${NAME}`, `env:NAME` or a name in lower case. Returns `None` for
/// other texts, and for a text that may be a secret.
pub(crate) fn variable(text: &str) -> Option<String> {
    let bare = ["${", "$env:", "$", "env:", "env.", "os.environ/", "process.env."].iter().find_map(|prefix| text.strip_prefix(prefix));
    let bare = bare.unwrap_or(text).trim_end_matches('}').trim();
    let is_name = bare.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    // A text that may be an API key is not repeated in another case, because no mask would find it there.
    (is_name && !may_be_secret(bare)).then(|| bare.to_ascii_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_that_were_meant() {
        for (text, is_integer, meant) in [
            ("128000", true, Some("128000")),
            ("128k", true, Some("128000")),
            ("128 K", true, Some("128000")),
            ("1M", true, Some("1000000")),
            ("1.5M", true, Some("1500000")),
            ("1.001k", true, Some("1001")),
            ("0.5k", true, Some("500")),
            ("200_000", true, Some("200000")),
            ("200,000", true, Some("200000")),
            ("1,048,576", true, Some("1048576")),
            ("200 000", true, Some("200000")),
            ("$0.6", false, Some("0.6")),
            ("0,6", false, Some("0.6")),
            ("0,600", false, Some("0.600")),
            ("0,125", false, Some("0.125")),
            ("0.60 USD", false, Some("0.60")),
            ("$15", false, Some("15")),
            // Two readings.
            ("1,250", false, None),
            ("128.000", true, None),
            ("0,600", true, None),
            ("1,2,3", false, None),
            ("0.6M", false, None),
            ("0.6k", false, None),
            // Not a number, or not an integer.
            ("0.6", true, None),
            ("128kk", true, None),
            ("0128000", true, None),
            ("1km", true, None),
            ("1.0005k", true, None),
            ("many", true, None),
            ("k", true, None),
            ("", true, None),
            ("é", true, None),
            ("1e9", true, None),
            ("12345678901234567890", true, None),
        ] {
            assert_eq!(number(text, is_integer).as_deref(), meant, "{text}");
        }
        for thousandths in 1..300_000_u32 {
            let text = format!("{}.{:03}k", thousandths / 1000, thousandths % 1000);
            assert_eq!(number(&text, true), Some(thousandths.to_string()), "{text}");
        }
    }

    #[test]
    fn variables_that_were_meant() {
        for written in ["$ACME_API_KEY", "${ACME_API_KEY}", "acme_api_key", "env:ACME_API_KEY", "acme-api-key", "os.environ/ACME_API_KEY"] {
            assert_eq!(variable(written).as_deref(), Some("ACME_API_KEY"), "{written}");
        }
        for written in ["sk-abcdefghijklmnop", "!cmd", "", "1x", "a b"] {
            assert_eq!(variable(written), None, "{written}");
        }
    }

    #[test]
    fn suggested_values_satisfy_the_schema() {
        let rate = json!({"type": "number", "minimum": 0, "maximum": 1_000_000, "x-decimals": 6});
        let tokens = json!({"type": "integer", "minimum": 1, "maximum": 100_000_000});
        let names = json!({"items": {"type": "string", "pattern": field_schema::ENVIRONMENT_NAME}});
        let words = json!({"items": {"type": "string", "enum": ["text", "image"]}});
        let texts = json!({"items": {"type": "string"}});
        let mappings = json!({"items": {"type": "object"}});
        for (value, expected, schema, key, help) in [
            (json!("0.0000006"), "a number", &rate, "input", Some("write `0.6`")),
            (json!("$0.0000006"), "a number", &rate, "input", Some("write `0.6`")),
            (json!("0.1234567"), "a number", &rate, "input", None),
            (json!("2.5"), "a number", &rate, "input", Some("write `2.5` without quotes")),
            (json!("0"), "an integer", &tokens, "context_window", None),
            (json!("5000000k"), "an integer", &tokens, "context_window", None),
            (json!("${ACME_API_KEY}"), "a list", &names, "env", Some("write `[ACME_API_KEY]`")),
            (json!("A_KEY, B_KEY"), "a list", &names, "env", Some("write `[A_KEY, B_KEY]`")),
            (json!("text image"), "a list", &words, "input", Some("write `[text, image]`")),
            (json!("[text]"), "a list", &words, "input", Some("remove the quotes around the list")),
            (json!("sound"), "a list", &words, "input", None),
            (json!("4.10"), "a list", &texts, "endpoints", None),
            (json!("true"), "a list", &texts, "endpoints", None),
            (json!("default"), "a list", &texts, "endpoints", Some("write `[default]`")),
            (json!("gpt-4"), "a list", &mappings, "models", None),
            (
                json!({"input": 0.6}),
                "a list",
                &mappings,
                "prices",
                Some("put `- ` before the first key, to make the mapping an entry of a list"),
            ),
            (json!(4.1), "a string", &json!({}), "name", Some("put the value in quotes")),
            (json!(null), "a string", &json!({}), "name", Some("write a value, or remove the key")),
        ] {
            assert_eq!(of_type(&value, expected, Some(schema), Some(key)).as_deref(), help, "{value}");
        }
        assert_eq!(of_type(&Value::Null, "a mapping", None, None), None);
    }

    #[test]
    fn synonyms_lead_to_keys_of_the_mapping() {
        let model = ["id", "input", "tool_call", "status"];
        let price = ["input", "output", "cache_read", "input_audio", "image"];
        let help = |written: &str, mapping: Value, known: &[&'static str]| {
            let Value::Object(mapping) = mapping else { unreachable!("a mapping") };
            key(written, &mapping, known.iter().copied())
        };
        let expected = |text: &str| Some(text.to_owned());
        assert_eq!(help("tools", json!({"tools": true}), &model), expected("did you mean `tool_call`?"));
        assert_eq!(help("Function-Calling", json!({"Function-Calling": true}), &model), expected("did you mean `tool_call`?"));
        assert_eq!(help("vision", json!({"vision": true}), &model), expected("did you mean `input: [text, image]`?"));
        assert_eq!(help("vision", json!({"vision": false}), &model), None);
        assert_eq!(
            help("vision", json!({"input": ["text"], "vision": true}), &model),
            expected("did you mean `input: [text, image]`? the key `input` exists already: change its value")
        );
        assert_eq!(help("deprecated", json!({"deprecated": true}), &model), expected("did you mean `status: deprecated`?"));
        assert_eq!(help("deprecated", json!({"deprecated": false}), &model), None);
        assert_eq!(help("pricing", json!({"pricing": {}}), &model), None);
        assert_eq!(help("audio", json!({"audio": 0.6}), &price), expected("did you mean `input_audio`?"));
        assert_eq!(help("images", json!({"images": 0.6}), &price), expected("did you mean `image`?"));
        assert_eq!(help("cache", json!({"cache": 0.6}), &price), expected("did you mean `cache_read`?"));
        assert_eq!(help("prompt", json!({"prompt": 0.6}), &price), expected("did you mean `input`?"));
        assert_eq!(help("input_cost_per_token", json!({"input_cost_per_token": 0.6}), &price), expected("did you mean `input`?"));
        assert!(all_synonyms().is_sorted());
        assert_eq!(all_synonyms().count(), SYNONYMS.lines().filter(|line| !line.starts_with('#')).count());
    }
}
