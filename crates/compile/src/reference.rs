//! Generates the reference tables of a Markdown page from the published schemas and the vocabularies, so that the tables always agree with the code.
//!
//! A table is between two comments of the page, `<!-- table of model, by modeldex generate -->` and `<!-- end of table -->`. The rest of the page is
//! written by hand.

use crate::authored::citation::Citation;
use crate::read::FileKind;
use crate::schema::published;
use modeldex_table::{Fact, Vocabulary};
use serde_json::{Map, Value};

const BEGIN: &str = "<!-- table of ";
const BEGIN_END: &str = ", by modeldex generate -->\n";
const END: &str = "<!-- end of table -->";

/// Updates the generated tables of `page`, a Markdown page, and returns the new text of the page.
///
/// # Errors
/// Returns a message if the page names an unknown table, or if a table has no end comment.
pub fn fill_tables(page: &str) -> Result<String, String> {
    let mut filled = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.find(BEGIN) {
        let (before, from) = rest.split_at(at);
        let (name, after) = from[BEGIN.len()..].split_once(BEGIN_END).ok_or_else(|| {
            format!("a comment that begins with `{begin}` does not end with `{end}`", begin = BEGIN.trim(), end = BEGIN_END.trim())
        })?;
        let (_, after) = after.split_once(END).ok_or_else(|| format!("the table `{name}` has no end comment `{END}`"))?;
        let table = table(name).ok_or_else(|| format!("unknown table `{name}`"))?;
        filled.push_str(&format!("{before}{BEGIN}{name}{BEGIN_END}{table}{END}"));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn table(name: &str) -> Option<String> {
    let provider = || published(FileKind::Provider);
    let rows = match name {
        "provider" => rows(&provider(), "", &["models", "defaults"]),
        "model" => return Some(models()),
        "citation" => rows(&crate::schema::for_type::<Citation>(), "", &[]),
        "routing" => rows(&published(FileKind::Routing)["properties"]["providers"]["additionalProperties"], "", &["endpoints", "auth"]),
        part @ ("held" | "absent") => rows(&published(FileKind::Held)["properties"][part]["items"], "", &[]),
        "view" => rows(&published(FileKind::View), "", &[]),
        "usage" => rows(&published(FileKind::Usage), "", &[]),
        "usage list" => rows(&published(FileKind::Usage)["properties"]["lists"]["additionalProperties"], "", &[]),
        "words" => return Some(vocabularies()),
        _ => return None,
    };
    let rows = rows.concat();
    Some(format!("| key | value | meaning |\n|---|---|---|\n{rows}"))
}

/// Returns a row for each key of a mapping and of the mappings in it. Mappings that are named in `apart` are left out, because they have tables of
/// their own.
fn rows(mapping: &Value, prefix: &str, apart: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for (key, schema) in properties(mapping) {
        all.push(format!("| `{prefix}{key}` | {} | {} |\n", value(schema), meaning(schema)));
        if !apart.contains(&key.as_str()) {
            let schema = bare(schema);
            let inner = schema.get("items").unwrap_or(schema);
            all.extend(rows(inner, &format!("{prefix}{key}."), apart));
        }
    }
    all
}

/// Returns the table of the keys of a model, with the kinds of entries that can state each key.
fn models() -> String {
    let (provider, lab) = (published(FileKind::Provider), published(FileKind::Lab));
    let model = &provider["properties"]["models"]["items"];
    let places =
        [("model", model), ("base model", &lab["properties"]["models"]["items"]), ("defaults", &provider["properties"]["defaults"])];
    let row = |(key, schema): (&String, &Value)| {
        let stated: Vec<&str> =
            places.iter().filter(|(_, place)| properties(place).any(|(other, _)| other == key)).map(|(name, _)| *name).collect();
        let value = match Fact::parse(key).map(Fact::fact_type) {
            Some(fact_type) => fact_type.unit().map_or_else(|| value(schema), |unit| format!("number of {unit}")),
            None => value(schema),
        };
        format!("| `{key}` | {value} | {meaning} | {entries} |\n", meaning = meaning(schema), entries = stated.join(", "))
    };
    let rows: String = properties(model).map(row).collect();
    format!("| key | value | meaning | stated in |\n|---|---|---|---|\n{rows}")
}

/// Returns the table of all vocabularies.
fn vocabularies() -> String {
    let mut table = "| vocabulary | value | meaning |\n|---|---|---|\n".to_owned();
    for vocabulary in Vocabulary::ALL {
        for (at, (word, documentation)) in vocabulary.words.iter().enumerate() {
            let of = if at == 0 { words_of(vocabulary.name) } else { String::new() };
            table.push_str(&format!("| {of} | `{word}` | {meaning} |\n", meaning = escape_cell(documentation)));
        }
    }
    table
}

/// Converts `AliasKind` to `alias kind`.
fn words_of(name: &str) -> String {
    let letters = name.char_indices().map(|(at, letter)| {
        let space = if at > 0 && letter.is_uppercase() { " " } else { "" };
        format!("{space}{}", letter.to_lowercase())
    });
    letters.collect()
}

/// Returns the schema of the plain value of a fact: without the alternative form that has a citation.
fn bare(schema: &Value) -> &Value {
    let is_cited = |choices: &&Vec<Value>| choices.len() == 2 && choices[1]["required"] == serde_json::json!(["value"]);
    schema["anyOf"].as_array().filter(is_cited).map_or(schema, |choices| &choices[0])
}

fn properties(mapping: &Value) -> impl Iterator<Item = (&String, &Value)> {
    mapping.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// Describes the values that a schema allows.
fn value(schema: &Value) -> String {
    let schema = bare(schema);
    let choices = schema.get("oneOf").or_else(|| schema.get("enum")).and_then(Value::as_array);
    if let Some(choices) = choices {
        let words: Vec<&str> = choices.iter().filter_map(|choice| choice.get("const").unwrap_or(choice).as_str()).collect();
        let is_of_facts = words.len() == Fact::ALL.len() && words.iter().all(|word| Fact::parse(word).is_some());
        return if is_of_facts { "keys of facts".to_owned() } else { format!("`{}`", words.join("` `")) };
    }
    let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => match schema.get("items") {
            Some(items) if items.get("properties").is_none() => format!("list: {}", value(items)),
            _ => "list".to_owned(),
        },
        Some("object") => "mapping".to_owned(),
        Some("boolean") => "`true` `false`".to_owned(),
        Some("integer" | "number") => "number".to_owned(),
        Some("string") if pattern.starts_with("^https?://") => "URL".to_owned(),
        Some("string") => "text".to_owned(),
        // Only dates have two types, because YAML reads a year as a number.
        _ if schema.get("anyOf").is_some() => "date".to_owned(),
        _ => "text".to_owned(),
    }
}

fn meaning(schema: &Value) -> String {
    let own = schema.get("description").or_else(|| schema.get("items")?.get("description"));
    escape_cell(own.and_then(Value::as_str).unwrap_or_default())
}

/// Escapes text for a table cell.
fn escape_cell(text: &str) -> String {
    text.replace('|', "\\|").replace("  ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::FactType;

    #[test]
    fn tables_are_filled_between_their_comments() {
        let page = "a\n<!-- table of words, by modeldex generate -->\nold\n<!-- end of table -->\nb\n";
        let filled = fill_tables(page).unwrap();
        assert!(filled.starts_with("a\n<!-- table of words, by modeldex generate -->\n| vocabulary | value | meaning |\n"), "{filled}");
        assert!(
            filled.contains("\n| alias kind | `legacy` | Old id that the provider no longer accepts. ")
                && filled.contains("\n|  | `pinned` | "),
            "{filled}"
        );
        assert!(filled.ends_with("|\n<!-- end of table -->\nb\n"), "{filled}");
        assert_eq!(fill_tables(&filled).unwrap(), filled);
    }

    #[test]
    fn every_fact_has_a_row() {
        let text = table("model").unwrap();
        for fact in Fact::ALL.iter().filter(|fact| !matches!(fact.fact_type(), FactType::Capabilities)) {
            assert!(text.contains(&format!("\n| `{fact}` | ")), "{fact} in {text}");
        }
        let window = "| `context_window` | number of tokens | Context window: maximum number of input and output tokens together. | model, base model, defaults |\n";
        assert!(text.contains(window), "{text}");
        assert!(text.contains("| `release_date` | date | "), "{text}");
        assert!(text.contains("| `input` | list: `text` `image` "), "{text}");
    }

    #[test]
    fn invalid_pages_are_errors() {
        for (page, fault) in [
            ("<!-- table of words -->", "a comment that begins with `<!-- table of` does not end with"),
            ("<!-- table of x, by modeldex generate -->\n<!-- end of table -->", "unknown table `x`"),
            ("<!-- table of words, by modeldex generate -->\n", "the table `words` has no end comment"),
        ] {
            assert!(fill_tables(page).unwrap_err().contains(fault));
        }
    }

    #[test]
    fn every_key_is_in_the_readme_of_the_catalog() {
        let page = include_str!("../../../catalog/README.md");
        let mut missing = Vec::new();
        for &kind in FileKind::ALL {
            keys(&published(kind), &mut |key| {
                let spellings = [format!("`{key}`"), format!(".{key}`"), format!("`{key}: ")];
                if !spellings.iter().any(|text| page.contains(text)) {
                    missing.push(format!("{}: {key}", kind.schema_file()));
                }
            });
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    fn keys(schema: &Value, found: &mut impl FnMut(&str)) {
        properties(schema).for_each(|(key, _)| found(key));
        match schema {
            Value::Object(object) => object.values().for_each(|inner| keys(inner, found)),
            Value::Array(list) => list.iter().for_each(|inner| keys(inner, found)),
            _ => {}
        }
    }
}
