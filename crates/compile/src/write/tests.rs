use super::edit::EditError;
use super::render::ModelStyle;
use super::*;
use crate::write::parse as parsed;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn committed_generated_files_are_rendered_identically() {
    let imported = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog").join(crate::IMPORTED_FOLDER);
    let mut same = 0;
    for kind in [FileKind::Lab, FileKind::Provider] {
        for entry in fs::read_dir(imported.join(kind.folder().unwrap())).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let value = parsed(&text).unwrap();
            assert_eq!(render_generated(&value, kind), text);
            let by_hand = render(&value, kind);
            assert_eq!(parsed(&by_hand).unwrap(), value);
            assert_eq!(crate::fix::fix_order(&by_hand, kind), None);
            same += 1;
        }
    }
    assert!(same > 100, "only {same} computed files");
}

#[test]
fn each_model_of_a_generated_file_is_one_line() {
    let file = json!({"name": "A", "models": [{"id": "a-1", "prices": [{"input": 1}, {"tier": "batch", "input": 0.5}]}, {"id": "b"}]});
    let lines = "name: A\nmodels:\n  - {id: a-1, prices: [{input: 1}, {tier: batch, input: 0.5}]}\n  - {id: b}\n";
    let schema = "# yaml-language-server: $schema=../../../schema/provider.schema.json";
    assert_eq!(render_generated(&file, FileKind::Provider), format!("{GENERATED_HEADER}\n{schema}\n{lines}"));
}

#[test]
fn scalars() {
    let shown = |value: Value| render(&json!({"x": [value]}), FileKind::View).lines().nth(1).unwrap().to_owned();
    for (value, wanted) in [
        (json!("2025-09-05"), "2025-09-05"),
        (json!("2026-08-16T16:00Z"), "2026-08-16T16:00Z"),
        (json!("https://a.example/b?c=d#e"), "\"https://a.example/b?c=d#e\""),
        (json!("Kimi K2.5 (it's new)"), "Kimi K2.5 (it's new)"),
        (json!("no"), "no"),
        (json!("00:00"), "\"00:00\""),
        (json!("+08:00"), "\"+08:00\""),
        (json!("4.5"), "\"4.5\""),
        (json!("1e3"), "\"1e3\""),
        (json!("null"), "\"null\""),
        (json!(""), "\"\""),
        (json!("a: b"), "\"a: b\""),
        (json!("a -"), "\"a -\""),
        (json!("a #b"), "\"a #b\""),
        (json!("a\u{85}\u{2028}\u{7f}\n😀"), "\"a\\u0085\\u2028\\u007f\\n😀\""),
        (json!(0.000001), "0.000001"),
        (json!(0.1), "0.1"),
        (json!(8.0), "8"),
        (json!(1e300), &format!("1{}.0", "0".repeat(300))),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(false), "false"),
    ] {
        assert_eq!(shown(value), format!("x: [{wanted}]"));
    }
}

fn reads_back(value: &str) {
    let file = json!({
        "name": value,
        "defaults": {value: value},
        "omit_models": [value, value],
        "models": [{"id": value, value: [value, {value: value}]}],
    });
    let text = render(&file, FileKind::Provider);
    let read: Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(read, file, "{text}");
    let marks = crate::read::marks::scan(&text);
    assert!(marks.problems.is_empty(), "{:?}\n{text}", marks.problems);
    let found =
        modeldex_yaml::Events::new(&text).filter(|event| matches!(event, Ok((modeldex_yaml::Event::Scalar(read, ..), _)) if read == value));
    assert!(found.count() >= 9, "{text}");
}

fn tricky() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b1", "0", "1", "-", ".", "_", ":", "::", ": ", " ", "#", " #", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"",
        "%", "@", "`", "?", "? ", "- ", "\\", "/", "\n", "\r", "\t", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{0}", "\u{7f}", "é",
        "😀", "null", "true", "~", "0x1", "0o7", "1e5", ".5", ".nan", ".inf", "---", "...", "<<", "=", "+", "\u{fffe}", "\u{301}",
    ]);
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

const KEYS: &[&str] = &["base", "name", "family", "context_window", "input", "tool_call", "release_date", "prices", "sources", "mystery"];

fn field() -> impl Strategy<Value = (String, Value)> {
    let value = prop_oneof![
        tricky().prop_map(Value::from),
        (0_u32..5000).prop_map(Value::from),
        (0_u32..5_000_000).prop_map(|micros| json!(f64::from(micros) / 1e6)),
        any::<bool>().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!(null)),
        prop::collection::vec(tricky(), 1..3).prop_map(Value::from),
        prop::collection::vec((0_u32..9, tricky()), 1..3)
            .prop_map(|rows| rows.into_iter().map(|(input, region)| json!({"region": region, "input": input})).collect()),
    ];
    (prop::sample::select(KEYS).prop_map(str::to_owned), value)
}

fn id() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d", "1", "@e: f"]).prop_map(str::to_owned)
}

/// A file with keys in any order, entries in block and flow style, comments above and after lines, and blank lines.
fn file() -> impl Strategy<Value = String> {
    let comments = prop::collection::vec(0_u8..8, 0..60);
    let entry = (prop::collection::vec(field(), 0..5), any::<bool>(), any::<bool>());
    (prop::collection::vec(field(), 0..4), prop::collection::btree_map(id(), entry, 0..5), comments, any::<bool>(), any::<bool>()).prop_map(
        |(top, entries, comments, models_first, shuffled)| {
            let mut lines = Vec::new();
            let mut rest = String::new();
            // Each key once.
            for (key, value) in top.into_iter().collect::<BTreeMap<_, _>>() {
                super::render::push_field(&mut rest, &key, &value, &Value::Null, 0, ModelStyle::Blocks);
            }
            if !models_first {
                lines.extend(rest.lines().map(str::to_owned));
            }
            if !entries.is_empty() {
                lines.push("models:".to_owned());
            }
            let mut entries: Vec<_> = entries.into_iter().collect();
            if shuffled {
                entries.reverse();
            }
            for (id, (fields, flow, id_last)) in entries {
                let mut fields: Vec<(String, Value)> = fields.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
                fields.insert(if id_last { fields.len() } else { 0 }, ("id".to_owned(), json!(id)));
                let object = Map::from_iter(fields);
                let mut text = String::new();
                if flow {
                    text.push_str("  - ");
                    super::render::push_inline(&mut text, &Value::Object(object), &Value::Null);
                } else {
                    super::render::push_entry(&mut text, &object, &Value::Null, 2, 4);
                }
                lines.extend(text.lines().map(str::to_owned));
            }
            if models_first {
                lines.extend(rest.lines().map(str::to_owned));
            }
            let mut text = String::new();
            let mut comments = comments.into_iter();
            for (at, line) in lines.into_iter().enumerate() {
                let indent = " ".repeat(line.len() - line.trim_start().len());
                match comments.next() {
                    Some(1) => text.push_str(&format!("{indent}# above {at}\n{line}\n")),
                    Some(2) => text.push_str(&format!("\n{indent}# above {at}\n\n{line}\n")),
                    Some(3) => text.push_str(&format!("{line} # behind {at}\n")),
                    Some(4) => text.push_str(&format!("{line}\n{indent}  # below {at}\n")),
                    _ => text.push_str(&format!("{line}\n")),
                }
            }
            text
        },
    )
}

/// A value to set or remove, in the provider itself or in one of its models.
fn change() -> impl Strategy<Value = (Option<String>, String, Option<Value>)> {
    let value = prop_oneof![3 => field().prop_map(|(key, value)| (key, Some(value))), 1 => field().prop_map(|(key, _)| (key, None))];
    (prop::option::weighted(0.8, id()), value).prop_map(|(id, (key, value))| (id, key, value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string_is_read_back(value in any::<String>()) {
        reads_back(&value);
    }

    #[test]
    fn tricky_strings_are_read_back(value in tricky()) {
        reads_back(&value);
    }

    #[test]
    fn an_edit_changes_nothing_else(text in file(), change in change(), windows in any::<bool>(), ended in any::<bool>()) {
        let mut text = if windows { text.replace('\n', "\r\n") } else { text };
        if !ended {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        prop_assume!(parsed(&text).is_ok());
        let (id, key, value) = change;
        let path: Vec<PathSegment<'_>> = match &id {
            Some(id) => vec![PathSegment::Key("models"), PathSegment::Entry(id), PathSegment::Key(&key)],
            None => vec![PathSegment::Key(&key)],
        };
        match edit(&text, FileKind::Provider, &path, value.as_ref()) {
            // The function itself ensures that the values are the desired ones.
            Ok(edited) => {
                // Every comment on its own line is kept, in the same order.
                let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
                prop_assert_eq!(comments(&edited), comments(&text));
                prop_assert!(windows && text.contains('\n') || !edited.contains('\r'));
                prop_assert!(crate::read::marks::scan(&edited).problems.is_empty());
                if value.is_some() {
                    // The changed lines are contiguous.
                    let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), edited.lines().collect());
                    let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
                    let tail = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(one, other)| one == other).count();
                    prop_assert!(new.len() - same - tail <= 6 || old.len() <= 1, "{}\n{}", text, edited);
                }
            }
            Err(refused) => prop_assert!(refused != EditError::NotACatalogFile, "{}", text),
        }
    }

    #[test]
    fn invalid_texts_do_not_panic(text in "\\PC{0,40}(\n[ \\-a-c:{}\\[\\],#'\"|&]{0,12}){0,8}", (id, key, value) in change()) {
        let path = [PathSegment::Key("models"), PathSegment::Entry(id.as_deref().unwrap_or("a")), PathSegment::Key(&key)];
        let _ = edit(&text, FileKind::Lab, &path, value.as_ref());
    }
}
