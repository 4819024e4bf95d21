//! Suggests a valid key or value in place of an invalid one. The help of a diagnostic states the suggestion.

use modeldex_support::secret::may_be_secret;
use modeldex_table::Rate;

/// Keys of other catalogs, each with the corresponding key of this catalog; one per line.
const SYNONYMS: &str = include_str!("synonyms.txt");

fn synonyms() -> impl Iterator<Item = (&'static str, &'static str)> {
    SYNONYMS.lines().filter_map(|line| line.split_once(" = "))
}

/// Returns the key that was probably meant by `written`, an unknown key in a mapping with the keys `known`. The result may include a value: `vision`
/// probably means `input: [text, image]`. Returns `None` if the meaning of `written` is unknown or is not one of the known keys.
pub(crate) fn key<'k>(written: &str, mut known: impl Iterator<Item = &'k str>) -> Option<&'static str> {
    let written = written.to_ascii_lowercase().replace('-', "_");
    let (_, meant) = synonyms().find(|(synonym, _)| *synonym == written)?;
    let key = meant.split_once(':').map_or(meant, |(key, _)| key);
    known.any(|known| known == key).then_some(meant)
}

/// Returns the number that a text means, as a catalog file states it: without a currency sign, separators or a factor such as `k`. Returns `None` if
/// the text is not a number.
pub(crate) fn number(text: &str, is_integer: bool) -> Option<String> {
    let bare = text.trim().trim_start_matches('$').trim_end_matches("USD").trim();
    let bare = bare.replace(['_', ' '], "");
    let groups_of_three = bare.split(',').skip(1).all(|group| group.len() == 3);
    let bare = if groups_of_three { bare.replace(',', "") } else { bare.replace(',', ".") };
    let factor = match bare.chars().next_back()? {
        'k' | 'K' => 1e3,
        'm' | 'M' => 1e6,
        _ => 1.0,
    };
    let digits = bare.trim_end_matches(['k', 'K', 'm', 'M']);
    let is_plain = |text: &str| !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = digits.parse().ok().filter(|_| is_plain(digits))?;
    let number = number * factor;
    match number.fract() == 0.0 {
        true => Some(format!("{number:.0}")),
        false if is_integer => None,
        false if factor == 1.0 => Some(digits.to_owned()),
        false => Some(number.to_string()),
    }
}

/// Converts a rate per token to a rate per million tokens. Returns `None` if `per_token` is too high for a rate per token, or if the result is not a
/// valid rate.
pub(crate) fn per_million(per_token: f64) -> Option<String> {
    let rate = format!("{:.6}", per_token * 1e6);
    let rate = rate.trim_end_matches('0').trim_end_matches('.');
    let is_usual = per_token < 0.001 && rate != "0";
    (is_usual && Rate::parse(rate).is_ok()).then(|| rate.to_owned())
}

/// Returns the name of the environment variable that a text means: `$NAME`, `${NAME}`, `env:NAME` or a name in lower case. Returns `None` if the text
/// is none of these, or may be a secret.
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

    #[test]
    fn numbers_that_were_meant() {
        for (text, is_integer, meant) in [
            ("128000", true, Some("128000")),
            ("128k", true, Some("128000")),
            ("1M", true, Some("1000000")),
            ("1.5M", true, Some("1500000")),
            ("200_000", true, Some("200000")),
            ("200,000", true, Some("200000")),
            ("200 000", true, Some("200000")),
            ("$0.6", false, Some("0.6")),
            ("0,6", false, Some("0.6")),
            ("0.60 USD", false, Some("0.60")),
            ("$15", false, Some("15")),
            ("0.6", true, None),
            ("many", true, None),
            ("k", true, None),
            ("", true, None),
            ("1e9", true, None),
            ("12345678901234567890", true, None),
        ] {
            assert_eq!(number(text, is_integer).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn rates_per_token() {
        assert_eq!(per_million(0.0000006).as_deref(), Some("0.6"));
        assert_eq!(per_million(0.000_015).as_deref(), Some("15"));
        assert_eq!(per_million(0.000_000_000_000_1), None);
        assert_eq!(per_million(0.123_456_78), None);
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
    fn synonyms_lead_to_keys_of_the_mapping() {
        let known = ["id", "input", "tool_call"];
        assert_eq!(key("tools", known.into_iter()), Some("tool_call"));
        assert_eq!(key("Function-Calling", known.into_iter()), Some("tool_call"));
        assert_eq!(key("vision", known.into_iter()), Some("input: [text, image]"));
        assert_eq!(key("pricing", known.into_iter()), None);
        assert!(synonyms().is_sorted() && synonyms().count() + 1 == SYNONYMS.lines().count());
    }
}
