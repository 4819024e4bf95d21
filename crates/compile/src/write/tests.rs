use super::*;
use crate::write::cut::parse;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const SAMPLE: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
# Acme sells models; this file is kept by hand.

# The name on the door.
name: Acme # not ACME
kind: host

sources:
  # Two of them.
  - {url: https://acme.example/models, checked: 2026-01-01}
  - {url: \"https://acme.example/a,b\", checked: 2026}
default_model: a
models:
  # The first model.
  - id: a
    # What it is called.
    name: Model A # by marketing
    context_window: 1000
    input: [text, image] # no video
    prices:
      - {input: 1, output: 2}
      - {above: 500, input: 2}
    # Nothing known about its release.

  # Flow.
  - {id: b, context_window: 5, \"x,y\": 'it''s'} # note
  - prices: # in dollars
      - {input: 1}
      # Output is free.
      - {above: 10, input: 2}
    id: d
    context_window: 7
# The end.
";

fn set(entry: &str, key: &str, value: Value) -> Change {
    Change::Set { entry: entry_of(entry), key: key.to_owned(), value }
}

fn remove(entry: &str, key: &str) -> Change {
    Change::Remove { entry: entry_of(entry), key: key.to_owned() }
}

fn entry_of(entry: &str) -> Entry {
    if entry.is_empty() { Entry::File } else { Entry::Model(entry.to_owned()) }
}

fn provider(text: &str, changes: &[Change]) -> (String, Vec<(usize, Why)>) {
    let edited = edit(text, FileKind::Provider, changes);
    (edited.text, edited.refused.iter().map(|refused| (refused.change, refused.why)).collect())
}

/// That `changes` turn `from` into `to` wherever it stands in the sample, with each kind of line end and without the last one.
#[track_caller]
fn check(changes: &[Change], from: &str, to: &str) {
    assert_eq!(SAMPLE.matches(from).count(), 1, "{from}");
    check_text(SAMPLE, changes, &SAMPLE.replace(from, to));
}

#[track_caller]
fn check_text(text: &str, changes: &[Change], wanted: &str) {
    let windows = |text: &str| text.replace('\n', "\r\n");
    let unended = |text: &str| text.strip_suffix('\n').unwrap_or(text).to_owned();
    assert_eq!(provider(text, changes), (wanted.to_owned(), vec![]));
    assert_eq!(provider(&windows(text), changes), (windows(wanted), vec![]));
    assert_eq!(provider(&unended(text), changes), (unended(wanted), vec![]));
    assert_eq!(provider(&format!("\u{feff}{text}"), changes), (format!("\u{feff}{wanted}"), vec![]));
}

#[track_caller]
fn refused(text: &str, changes: &[Change], why: &[(usize, Why)]) {
    assert_eq!(provider(text, changes), (text.to_owned(), why.to_vec()));
}

#[test]
fn a_value_changes_and_its_comment_stays() {
    check(&[set("a", "context_window", json!(2000))], "1000", "2000");
    check(&[set("", "name", json!("Acme: more"))], "Acme # not", "\"Acme: more\" # not");
    check(&[set("a", "name", json!("B"))], "Model A # by", "B # by");
    check(&[set("a", "input", json!(["text"]))], "[text, image] # no", "[text] # no");
    check(&[set("a", "input", json!([]))], "[text, image] # no", "[] # no");
    check(
        &[set("a", "prices", json!([{"output": 0.5, "input": 1.0}]))],
        "      - {input: 1, output: 2}\n      - {above: 500, input: 2}\n",
        "      - {input: 1, output: 0.5}\n",
    );
    check(
        &[set("a", "prices", json!([]))],
        "    prices:\n      - {input: 1, output: 2}\n      - {above: 500, input: 2}\n",
        "    prices: []\n",
    );
    check(&[set("a", "input", json!([{"input": 1}]))], "input: [text, image] # no video\n", "input: # no video\n      - {input: 1}\n");
    check(&[set("", "kind", json!("lab")), set("", "kind", json!("aggregator"))], "kind: host", "kind: aggregator");
}

#[test]
fn what_is_as_wanted_is_left_alone() {
    let changes = [
        set("", "sources", parse(SAMPLE).unwrap()["sources"].clone()),
        set("a", "context_window", json!(1000.0)),
        set("b", "x,y", json!("it's")),
        set("d", "prices", json!([{"input": 1}, {"input": 2, "above": 10}])),
        remove("a", "family"),
        Change::Delete { id: "z".into() },
    ];
    assert_eq!(provider(SAMPLE, &changes), (SAMPLE.to_owned(), vec![]));
    assert_eq!(provider(SAMPLE, &[]), (SAMPLE.to_owned(), vec![]));
}

#[test]
fn a_new_key_stands_where_the_schema_has_it() {
    check(&[set("a", "base", json!("acme/a"))], "    # What it is called.\n", "    base: acme/a\n    # What it is called.\n");
    check(
        &[set("a", "family", json!("a")), set("a", "kind", json!("chat"))],
        "    context_window: 1000\n",
        "    family: a\n    kind: chat\n    context_window: 1000\n",
    );
    check(
        &[set("a", "sources", json!([{"checked": "2026", "url": "https://a.example"}]))],
        "    # Nothing known",
        "    sources:\n      - {url: https://a.example, checked: 2026}\n    # Nothing known",
    );
    check(&[set("", "doc_url", json!("https://acme.example"))], "kind: host\n", "kind: host\ndoc_url: https://acme.example\n");
    check(&[set("", "extends", json!("b"))], "\n\n# The name on the door.", "\n\nextends: b\n# The name on the door.");
    check(&[set("", "unheard_of", json!(1))], "# The end.", "unheard_of: 1\n# The end.");
    // People chose an order of their own in this entry.
    check(&[set("d", "base", json!("x/d"))], "  - prices: # in", "  - base: x/d\n    prices: # in");
    check(&[set("d", "weights", json!(["https://a.example"]))], "window: 7\n", "window: 7\n    weights: [https://a.example]\n");
    check(
        &[set("", "defaults", json!({"input": ["text"], "context_window": 5}))],
        "default_model: a\n",
        "default_model: a\ndefaults:\n  context_window: 5\n  input: [text]\n",
    );
}

#[test]
fn entries_in_brackets() {
    let line = "{id: b, context_window: 5, \"x,y\": 'it''s'} # note";
    check(&[set("b", "context_window", json!(6))], line, "{id: b, context_window: 6, \"x,y\": 'it''s'} # note");
    check(&[set("b", "name", json!("x: y"))], line, "{id: b, name: \"x: y\", context_window: 5, \"x,y\": 'it''s'} # note");
    check(&[set("b", "billing", json!("free"))], line, "{id: b, context_window: 5, \"x,y\": 'it''s', billing: free} # note");
    check(&[remove("b", "x,y")], line, "{id: b, context_window: 5} # note");
    check(&[remove("b", "x,y"), remove("b", "context_window")], line, "{id: b} # note");
    check(
        &[remove("b", "context_window"), set("b", "prices", json!([{"input": 1.5}])), set("b", "base", json!("l/b"))],
        line,
        "{id: b, base: l/b, \"x,y\": 'it''s', prices: [{input: 1.5}]} # note",
    );
    check_text("{name: A}\n", &[set("", "kind", json!("lab"))], "{name: A, kind: lab}\n");
}

#[test]
fn a_key_goes_and_the_comments_above_it_stay() {
    // One behind the key would go with it, so the key stays.
    refused(SAMPLE, &[remove("a", "name")], &[(0, Why::Comment)]);
    check(&[remove("a", "prices")], "    prices:\n      - {input: 1, output: 2}\n      - {above: 500, input: 2}\n", "");
    check(&[remove("", "kind")], "kind: host\n", "");
    check_text(
        "models:\n  - name: x\n    id: a\n    family: y\n",
        &[remove("a", "name"), set("a", "base", json!("l/a"))],
        "models:\n  - base: l/a\n    id: a\n    family: y\n",
    );
    check_text("# Top.\nname: x\n# End.\n", &[remove("", "name")], "# Top.\n# End.\n");
}

#[test]
fn entries_come_and_go() {
    let add = |id: &str| Change::Add { value: json!({"context_window": 9, "id": id}) };
    check(&[add("0")], "  # The first model.", "  - id: \"0\"\n    context_window: 9\n  # The first model.");
    check(
        &[add("c"), add("bb")],
        "  - prices: # in",
        "  - id: bb\n    context_window: 9\n  - id: c\n    context_window: 9\n  - prices: # in",
    );
    check(&[add("e")], "# The end.", "  - id: e\n    context_window: 9\n# The end.");
    check(&[add("e"), set("e", "name", json!("E")), remove("e", "context_window")], "# The end.", "  - id: e\n    name: E\n# The end.");
    check(&[add("e"), Change::Delete { id: "e".into() }], "# The end.", "# The end.");
    refused(SAMPLE, &[Change::Delete { id: "b".into() }], &[(0, Why::Comment)]);
    let plain = SAMPLE.replace("} # note", "}");
    check_text(&plain, &[Change::Delete { id: "b".into() }], &plain.replace("  - {id: b, context_window: 5, \"x,y\": 'it''s'}\n", ""));
    let d = "  - prices: # in dollars\n      - {input: 1}\n      # Output is free.\n      - {above: 10, input: 2}\n    id: d\n    context_window: 7\n";
    let changes =
        [Change::Delete { id: "b".into() }, add("b"), add("e"), set("", "unheard_of", json!(1)), set("d", "weights", json!(["w"]))];
    let expected = plain.replace(
        &format!("  - {{id: b, context_window: 5, \"x,y\": 'it''s'}}\n{d}"),
        &format!("  - id: b\n    context_window: 9\n{d}    weights: [w]\n  - id: e\n    context_window: 9\nunheard_of: 1\n"),
    );
    check_text(&plain, &changes, &expected);
}

#[test]
fn a_list_that_was_empty_and_one_that_becomes_it() {
    let add = |id: &str| Change::Add { value: json!({"id": id}) };
    for (text, wanted) in [
        ("name: A\n", "name: A\nmodels:\n  - id: a\n  - id: b\n"),
        ("name: A\nmodels: [] # none\n# End.\n", "name: A\nmodels: # none\n  - id: a\n  - id: b\n# End.\n"),
        ("name: A\nmodels:\n", "name: A\nmodels:\n  - id: a\n  - id: b\n"),
        ("name: A\nmodels: # none\n", "name: A\nmodels: # none\n  - id: a\n  - id: b\n"),
        ("# Nothing yet.\n", "# Nothing yet.\nmodels:\n  - id: a\n  - id: b\n"),
        ("models:\n- id: aa\n  name: x\n", "models:\n- id: a\n- id: aa\n  name: x\n- id: b\n"),
        ("models:\n    -   id: aa\n        name: x\n", "models:\n    -   id: a\n    -   id: aa\n        name: x\n    -   id: b\n"),
        ("models:\n  - {id: aa}\nx: 1\n", "models:\n  - id: a\n  - {id: aa}\n  - id: b\nx: 1\n"),
    ] {
        check_text(text, &[add("b"), add("a")], wanted);
    }
    assert_eq!(provider("", &[add("a")]), ("models:\n  - id: a\n".to_owned(), vec![]));
    let gone = [Change::Delete { id: "a".into() }, Change::Delete { id: "b".into() }];
    check_text("models: # all\n  # A.\n  - id: a\n  - id: b\nx: 1\n", &gone, "models: [] # all\n  # A.\nx: 1\n");
}

#[test]
fn ids_and_keys_that_need_quotes() {
    let text = "models:\n  - id: \"a: #b\"\n    name: x\n  - id: '@c/d'\n";
    let changes = [
        set("a: #b", "name", json!("y")),
        set("@c/d", "name", json!("- z")),
        Change::Add { value: json!({"id": "@c/e"}) },
        Change::Add { value: json!({"id": "1"}) },
    ];
    let wanted = "models:\n  - id: \"1\"\n  - id: \"a: #b\"\n    name: y\n  - id: '@c/d'\n    name: \"- z\"\n  - id: \"@c/e\"\n";
    // The first entry greater than `@c/e` is `a: #b`: the list is not in order, and stays so.
    let wanted = wanted.replace("  - id: \"@c/e\"\n", "").replace("  - id: \"a: #b\"", "  - id: \"@c/e\"\n  - id: \"a: #b\"");
    check_text(text, &changes, &wanted);
    check_text("name: A\n", &[set("", "a: b", json!("c"))], "name: A\n\"a: b\": c\n");
}

#[test]
fn values_over_several_lines() {
    let text = "name: |\n  one\n  # two\nkind: \"a\n  b\"\ndoc_url:\n  https://a.example\naliases: [\n  {id: x}\n]\nmodels:\n  - id: a\n";
    check_text(text, &[set("", "name", json!("N"))], &text.replace("|\n  one\n  # two\n", "N\n"));
    check_text(text, &[set("", "kind", json!("K"))], &text.replace("\"a\n  b\"", "K"));
    check_text(text, &[set("", "doc_url", json!("x"))], &text.replace("\n  https://a.example", " x"));
    check_text(
        text,
        &[set("", "aliases", json!([{"id": "y"}]))],
        &text.replace(" [\n  {id: x}\n]", "\n  - {id: \"y\"}").replace("\"y\"", "y"),
    );
    check_text(text, &[remove("", "kind")], &text.replace("kind: \"a\n  b\"\n", ""));
    check_text("kind:\nname: x\n", &[set("", "kind", json!("lab"))], "kind: lab\nname: x\n");
    check_text("kind: ~ # ?\nname: x\n", &[set("", "kind", json!("lab"))], "kind: lab # ?\nname: x\n");
}

#[test]
fn what_cannot_be_done_safely_is_refused() {
    refused(SAMPLE, &[set("d", "prices", json!([]))], &[(0, Why::Comment)]);
    refused(SAMPLE, &[remove("d", "prices")], &[(0, Why::Comment)]);
    refused(SAMPLE, &[set("", "sources", json!([]))], &[(0, Why::Comment)]);
    refused(SAMPLE, &[Change::Delete { id: "a".into() }, Change::Delete { id: "d".into() }], &[(0, Why::Comment), (1, Why::Comment)]);
    refused(SAMPLE, &[set("z", "name", json!("x")), remove("z", "name")], &[(0, Why::NoEntry), (1, Why::NoEntry)]);
    refused(SAMPLE, &[set("a", "id", json!("x")), remove("", "models")], &[(0, Why::Fixed), (1, Why::Fixed)]);
    refused(SAMPLE, &[Change::Add { value: json!({"id": "b"}) }, Change::Add { value: json!([1]) }], &[(0, Why::Exists), (1, Why::NoId)]);
    refused("models:\n  - id: a\n  - id: a\n", &[set("a", "name", json!("x"))], &[(0, Why::Ambiguous)]);
    refused("models: [{id: a}]\n", &[set("a", "name", json!("x"))], &[(0, Why::Style)]);
    refused("models:\n  -\n    id: a\n", &[set("a", "name", json!("x"))], &[(0, Why::Style)]);
    refused("models:\n  - {id: a,\n     name: b}\n", &[set("a", "name", json!("x"))], &[(0, Why::Style)]);
    refused("name: x\naliases: [ # why\n  a]\n", &[set("", "aliases", json!([]))], &[(0, Why::Comment)]);
    for text in ["a: [\n", "a: 1\na: 2\n", "- a\n", "a: &x 1\nb: *x\n", "a: 1\rb: 2\n", "a: 1\n---\nb: 2\n"] {
        refused(text, &[set("", "name", json!("x"))], &[(0, Why::Unreadable)]);
    }
    // What follows the end of a document is no part of it, and no key can be put there.
    let (text, why) = provider("name: x\n...\n", &[set("", "name", json!("y")), set("", "kind", json!("lab"))]);
    assert_eq!((text.as_str(), why), ("name: y\n...\n", vec![(1, Why::Unsafe)]));
    // One change refused is no reason for another.
    let (text, why) = provider(SAMPLE, &[set("d", "prices", json!([])), set("d", "context_window", json!(8))]);
    assert_eq!((text, why), (SAMPLE.replace("window: 7", "window: 8"), vec![(0, Why::Comment)]));
}

#[test]
fn canonical_files_are_rendered_as_they_are() {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut same = 0;
    for kind in [FileKind::Lab, FileKind::Provider] {
        for entry in fs::read_dir(catalog.join(kind.folder().unwrap())).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let value = parse(&text).unwrap();
            let rendered = render(&value, kind);
            assert_eq!(parse(&rendered).unwrap(), value);
            let bare = |text: &str| text.lines().skip(1).filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
            same += usize::from(bare(&text) == bare(&rendered) && text.lines().next() == rendered.lines().next());
            assert_eq!(render(&parse(&rendered).unwrap(), kind), rendered, "rendering twice is rendering once");
            assert_eq!(crate::fix::fix_order(&rendered, kind), None);
        }
    }
    assert!(same > 10, "only {same} files are in the style of the catalog");
}

#[test]
fn the_authored_types_are_rendered() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/providers/moonshotai.yaml")).unwrap();
    let provider: crate::authored::Provider = serde_yaml::from_str(&text).unwrap();
    let comment = "  # A key of one region is refused by the other, and each has a price list in its own currency.\n";
    assert_eq!(render(&serde_json::to_value(&provider).unwrap(), FileKind::Provider), text.replace(comment, ""));
}

#[test]
fn scalars() {
    let shown = |value: Value| render(&json!({"x": [value]}), FileKind::View).lines().nth(1).unwrap().to_owned();
    for (value, wanted) in [
        (json!("2025-09-05"), "2025-09-05"),
        (json!("2026-08-16T16:00Z"), "2026-08-16T16:00Z"),
        (json!("https://a.example/b?c=d#e"), "https://a.example/b?c=d#e"),
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
    let found = saphyr_parser::Parser::new_from_str(&text)
        .filter(|event| matches!(event, Ok((saphyr_parser::Event::Scalar(read, ..), _)) if read == value));
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

fn change() -> impl Strategy<Value = Change> {
    let entry = || prop_oneof![1 => Just(Entry::File), 4 => id().prop_map(Entry::Model)];
    prop_oneof![
        6 => (entry(), field()).prop_map(|(entry, (key, value))| Change::Set { entry, key, value }),
        3 => (entry(), prop::sample::select(KEYS)).prop_map(|(entry, key)| Change::Remove { entry, key: key.to_owned() }),
        2 => (id(), prop::collection::vec(field(), 0..4)).prop_map(|(id, fields)| Change::Add { value: entry_value(&id, fields) }),
        1 => id().prop_map(|id| Change::Delete { id }),
    ]
}

fn id() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d", "1", "@e: f"]).prop_map(str::to_owned)
}

fn entry_value(id: &str, fields: Vec<(String, Value)>) -> Value {
    let mut entry = Map::from_iter([("id".to_owned(), json!(id))]);
    entry.extend(fields);
    Value::Object(entry)
}

/// A file with keys in any order, entries of both forms, comments above and behind lines, and blank lines.
fn file() -> impl Strategy<Value = String> {
    let comments = prop::collection::vec(0_u8..8, 0..60);
    let entry = (prop::collection::vec(field(), 0..5), any::<bool>(), any::<bool>());
    (prop::collection::vec(field(), 0..4), prop::collection::btree_map(id(), entry, 0..5), comments, any::<bool>(), any::<bool>()).prop_map(
        |(top, entries, comments, models_first, shuffled)| {
            let mut lines = Vec::new();
            let mut rest = String::new();
            // Each key once.
            for (key, value) in top.into_iter().collect::<BTreeMap<_, _>>() {
                super::render::push_field(&mut rest, &key, &value, &Value::Null, 0);
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

/// What `changes` make of a value, without a thought for text.
fn applied(mut file: Value, changes: &[&Change]) -> Value {
    let as_read = |value: &Value, key: &str| {
        let schema = super::cut::schema_of(FileKind::Provider);
        let schemas = [&schema["properties"][key], &schema["properties"]["models"]["items"]["properties"][key]];
        super::scalar::as_read(value, schemas.into_iter().find(|schema| !schema.is_null()).unwrap_or(&Value::Null))
    };
    if file.is_null() {
        file = json!({});
    }
    for change in changes {
        match change {
            Change::Set { entry, key, value } => target(&mut file, entry)[key] = as_read(value, key),
            Change::Remove { entry, key } => drop(target(&mut file, entry).as_object_mut().unwrap().shift_remove(key)),
            Change::Add { value } => {
                let list = models(&mut file);
                let value = value.as_object().unwrap().iter().map(|(key, value)| (key.clone(), as_read(value, key))).collect();
                list.push(Value::Object(value));
            }
            Change::Delete { id } => models(&mut file).retain(|entry| entry["id"] != **id),
        }
    }
    models(&mut file).sort_by_key(|entry| entry["id"].to_string());
    file
}

fn models(file: &mut Value) -> &mut Vec<Value> {
    let list = file.as_object_mut().unwrap().entry("models").or_insert_with(|| json!([]));
    list.as_array_mut().unwrap()
}

fn target<'v>(file: &'v mut Value, entry: &Entry) -> &'v mut Value {
    match entry {
        Entry::File => file,
        Entry::Model(id) => models(file).iter_mut().find(|entry| entry["id"] == **id).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back(value in any::<String>()) {
        reads_back(&value);
    }

    #[test]
    fn tricky_texts_are_read_back(value in tricky()) {
        reads_back(&value);
    }

    #[test]
    fn any_changes_to_any_file(
        text in file(), changes in prop::collection::vec(change(), 0..12), windows in any::<bool>(), ended in any::<bool>(),
    ) {
        let mut text = if windows { text.replace('\n', "\r\n") } else { text };
        if !ended {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        let before = parse(&text);
        prop_assume!(before.is_some());
        let edited = edit(&text, FileKind::Provider, &changes);
        // Every comment that has a line of its own is still there, in the same order.
        let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(comments(&edited.text), comments(&text));
        // Where a blank line was last but one, it may be last now.
        let blank = text.lines().any(|line| line.is_empty());
        let wanted = text.ends_with('\n') || text.is_empty();
        prop_assert!(blank || edited.text.is_empty() || edited.text.ends_with('\n') == wanted);
        prop_assert!(windows && text.contains('\n') || !edited.text.contains('\r'));
        let rough = edited.refused.iter().any(|refused| matches!(refused.why, Why::Unreadable | Why::Unsafe));
        prop_assert!(!rough, "{:?}\n{}", edited.refused, edited.text);
        let refused = |at: usize| edited.refused.iter().any(|refused| refused.change == at);
        let made: Vec<&Change> = changes.iter().enumerate().filter(|(at, _)| !refused(*at)).map(|(_, change)| change).collect();
        let wanted = applied(before.unwrap_or_default(), &made);
        let read = applied(parse(&edited.text).unwrap_or_default(), &[]);
        prop_assert_eq!(&read, &wanted, "{}", edited.text);
        let marks = crate::read::marks::scan(&edited.text);
        prop_assert!(marks.problems.is_empty());
    }

    #[test]
    fn one_change_touches_nothing_else(text in file(), value in tricky(), pick in any::<prop::sample::Index>()) {
        let Some(Value::Object(file)) = parse(&text) else { return Ok(()) };
        let keys: Vec<&String> = file.keys().filter(|key| *key != "models").collect();
        if keys.is_empty() {
            return Ok(());
        }
        let edited = edit(&text, FileKind::Provider, &[set("", keys[pick.index(keys.len())], json!(value))]);
        // The lines that differ are one run, and it begins with the key.
        let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), edited.text.lines().collect());
        let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
        let tail = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(one, other)| one == other).count();
        prop_assert!(new.len() - same - tail <= 1, "{}\n{}", text, edited.text);
    }

    #[test]
    fn no_text_is_too_broken(
        text in "\\PC{0,40}(\n[ \\-a-c:{}\\[\\],#'\"|&]{0,12}){0,8}", changes in prop::collection::vec(change(), 1..4),
    ) {
        let edited = edit(&text, FileKind::Lab, &changes);
        prop_assert!(edited.refused.len() <= changes.len());
    }
}

#[test]
fn many_changes_take_no_longer_than_many_lines() {
    let models: Vec<Value> = (0..5000)
        .map(|at| {
            json!({
                "id": format!("model-{at:05}"), "base": "lab/model", "name": format!("Model {at}"), "context_window": at + 1,
                "input": ["text", "image"], "tool_call": true, "release_date": "2026-01-02",
                "prices": [{"input": 0.5, "output": 1.5}], "sources": [{"url": "https://a.example/b"}],
            })
        })
        .collect();
    let text = render(&json!({"name": "A", "models": models}), FileKind::Provider);
    let changes: Vec<Change> = (0..5000)
        .map(|at| {
            let id = format!("model-{at:05}");
            match at % 5 {
                0 => set(&id, "context_window", json!(7)),
                1 => set(&id, "family", json!("f")),
                2 => set(&id, "prices", json!([{"input": 9}])),
                3 => Change::Add { value: json!({"id": format!("{id}-new")}) },
                _ => Change::Delete { id },
            }
        })
        .collect();
    let started = Instant::now();
    let edited = edit(&text, FileKind::Provider, &changes);
    assert!(edited.refused.is_empty());
    // Far above what was measured, so that only another growth rate fails it.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
