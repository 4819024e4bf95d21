//! Checks files for characters that are not displayed, and names for letters that look like other letters.

use crate::codes;
use crate::finding::{Findings, Place};
use crate::pointer::pointer;
use crate::read::TextFile;
use modeldex_support::text::is_hidden;
use serde_json::Value;
use std::collections::BTreeSet;

const HELP: &str = "delete the character, and type the text around it again";

/// Ranges of letters that look like Latin letters, of other scripts: Greek, Cyrillic, Armenian, Georgian, Cherokee, Coptic, Lisu, and the phonetic
/// and small letters of Latin. The list is short on purpose: a table of all confusable characters has thousands of entries.
const LOOKALIKES: &[(char, char)] = &[
    ('\u{250}', '\u{2af}'),
    ('\u{370}', '\u{58f}'),
    ('\u{10a0}', '\u{10ff}'),
    ('\u{13a0}', '\u{13ff}'),
    ('\u{1c80}', '\u{1c8f}'),
    ('\u{1d00}', '\u{1dbf}'),
    ('\u{1f00}', '\u{1fff}'),
    ('\u{2c80}', '\u{2cff}'),
    ('\u{2de0}', '\u{2dff}'),
    ('\u{a4d0}', '\u{a4ff}'),
    ('\u{a640}', '\u{a69f}'),
    ('\u{ab30}', '\u{abbf}'),
];

/// Ranges of styled copies of Latin letters and digits: letter-like symbols, Roman numerals, circled, fullwidth and mathematical letters.
const STYLED: &[(char, char)] =
    &[('\u{2100}', '\u{214f}'), ('\u{2160}', '\u{2188}'), ('\u{2460}', '\u{24ff}'), ('\u{ff10}', '\u{ff5a}'), ('\u{1d400}', '\u{1d7ff}')];

/// Reports hidden characters in `file`, whose content is `value`, and names with confusable letters.
pub(super) fn check(file: &TextFile, value: &Value, findings: &mut Findings) {
    if file.text.is_ascii() && !file.text.contains('\\') && !file.text.bytes().any(|byte| byte == 0x7f) {
        return;
    }
    let mut seen = BTreeSet::new();
    // The rule `schema-line` reports a byte order mark at the start of a file.
    for (at, letter) in file.text.char_indices().filter(|(at, letter)| is_hidden(*letter) && (*at, *letter) != (0, '\u{feff}')) {
        if !matches!(letter, '\n' | '\r' | '\t') && seen.insert(letter) {
            let place = Place::bytes(file.index, at, at + letter.len_utf8());
            findings.add(&codes::HIDDEN_CHARACTER, place, format!("the file contains {name}", name = describe(letter))).help(HELP);
        }
    }
    check_value(file.index, value, "", false, &seen, findings);
}

/// Checks a value and all values in it. Characters in `seen` occur in the file as they are, and are reported already; here, characters that are
/// written as escapes are found.
fn check_value(file: usize, value: &Value, at: &str, is_name: bool, seen: &BTreeSet<char>, findings: &mut Findings) {
    match value {
        Value::String(text) => {
            check_escapes(text, Place::value(file, at), seen, findings);
            if let Some(word) = confusable_word(text).filter(|_| is_name) {
                let message =
                    format!("the word `{word}` of the name contains characters that look like ordinary Latin letters, but are not");
                findings
                    .add(&codes::CONFUSABLE_TEXT, Place::value(file, at), message)
                    .help("type the word again, in ordinary letters of one script");
            }
        }
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(index, below)| check_value(file, below, &format!("{at}{}", pointer!(index)), is_name, seen, findings));
        }
        Value::Object(object) => {
            for (key, below) in object {
                let at = format!("{at}{}", pointer!(key));
                check_escapes(key, Place::key(file, at.clone()), seen, findings);
                // A name with a citation is a mapping with the key `value`.
                check_value(file, below, &at, key == "name" || key == "value" && is_name, seen, findings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check_escapes(text: &str, place: Place, seen: &BTreeSet<char>, findings: &mut Findings) {
    // A block of several lines ends with a newline.
    let text = text.trim_end_matches('\n');
    if let Some(letter) = text.chars().find(|letter| is_hidden(*letter) && !seen.contains(letter)) {
        findings.add(&codes::HIDDEN_CHARACTER, place, format!("the text contains {name}", name = describe(letter))).help(HELP);
    }
}

fn describe(letter: char) -> String {
    let kind = match letter {
        '\n' => return "a newline".to_owned(),
        '\t' => return "a tab".to_owned(),
        _ if letter.is_control() => "the control character",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "the bidirectional control character",
        '\u{2028}' | '\u{2029}' => "the line separator",
        _ => "the invisible character",
    };
    format!("{kind} U+{code:04X}", code = u32::from(letter))
}

/// Returns the first word that mixes Latin letters with similar letters of other scripts, or that has styled copies of Latin letters.
fn confusable_word(text: &str) -> Option<&str> {
    if text.is_ascii() {
        return None;
    }
    let is_in = |letter: char, ranges: &[(char, char)]| ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter));
    let is_latin = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    text.split(|letter: char| !letter.is_alphanumeric()).find(|word| {
        word.contains(|letter| is_in(letter, STYLED)) || word.contains(is_latin) && word.contains(|letter| is_in(letter, LOOKALIKES))
    })
}

#[cfg(test)]
mod tests {
    use super::confusable_word;
    use crate::testing::{ACME, check, check_acme};

    #[test]
    fn hidden_characters_in_every_text_are_reported() {
        for letter in [
            '\u{1}',
            '\u{1b}',
            '\u{7f}',
            '\u{80}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0041}',
            '\u{e0100}',
        ] {
            let code = u32::from(letter);
            let escaped = check(&[("providers/acme.yaml", &ACME.replace("Acme", &format!("\"Ac\\U{code:08x}me\"")))]);
            assert_eq!(escaped, ["hidden-character providers/acme.yaml:2:7"], "U+{code:04X}");
            // The YAML parser reports most control characters itself.
            let raw = check(&[("providers/acme.yaml", &ACME.replace("Acme", &format!("\"Ac{letter}me\"")))]);
            assert!(!raw.is_empty(), "U+{code:04X}");
            let comment = check(&[("providers/acme.yaml", &ACME.replace("Acme\n", &format!("Acme # a{letter}b\n")))]);
            assert!(!comment.is_empty(), "U+{code:04X}");
        }
        let at = |place: &str| [format!("hidden-character providers/acme.yaml:{place}")];
        let model = |rest: &str| check_acme(&format!("models:\n  - id: m\n    {rest}\n"));
        assert_eq!(model("name: \"a\\nb\""), at("11:11"));
        assert_eq!(model("reason: \"a\\u202eb\"\n    status: deprecated"), at("11:13"));
        assert_eq!(model("name: Ünïcödé – 模型 🙂"), [""; 0]);
        assert_eq!(model("reason: |\n      One line.\n    status: deprecated"), [""; 0]);
        assert_eq!(check_acme("# \u{202e}\n"), at("9:3"));
    }

    #[test]
    fn words_with_letters_that_look_alike() {
        for text in ["gрt-5", "Сlaude", "Gemini Ρro", "Llаmа 4", "ｇｐｔ", "𝐆𝐏𝐓-5", "Ꮯlaude", "gptⅤ"] {
            assert!(confusable_word(text).is_some(), "{text}");
        }
        for text in ["GPT-5.5", "Ünïcödé", "通义千问Max", "Русский", "Γεια σου GPT", "GigaChat Про", "한국어model", "K2 – 1.5×", "µ-model"]
        {
            assert!(confusable_word(text).is_none(), "{text}");
        }
        let found = check_acme("models:\n  - id: m\n    name: gрt-5\n");
        assert_eq!(found, ["confusable-text providers/acme.yaml:11:11"]);
    }
}
