//! Evidence commands, run as a program on small folders and on imported ones.

#![cfg(feature = "cli")]

use crate::import::place::ROUTING;
use crate::program::{Run, finish, folder, quiet, write};
use expect_test::expect_file;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Runs in `dir` in an empty environment.
fn run(dir: &Path, arguments: &[&str]) -> Run {
    finish(quiet(dir).args(arguments))
}

/// Like [`run`], with the catalog folder `catalog` in `dir`.
fn modeldex(dir: &Path, arguments: &str) -> Run {
    let arguments: Vec<&str> = ["--catalog", "catalog"].into_iter().chain(arguments.split(' ')).collect();
    run(dir, &arguments)
}

const LAB: &str = "\
# yaml-language-server: $schema=../../schema/lab.schema.json
models:
  - id: one
    open_weights: true
";

const PROVIDER: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
model_aliases:
  - {id: uno, target: one, kind: display}
models:
  - id: one
    max_output_tokens: {value: 9000, source: https://acme.example/docs, checked: 2026-05-01, reason: measured}
";

const SOURCES: &str = "\
# yaml-language-server: $schema=../schema/sources.schema.json
sources:
  x: {name: X, licence: MIT}
  y: {name: Y, licence: MIT}
  z: {name: Z, licence: MIT}
";

const SNAPSHOTS: &str = r#"{"x": [{"date": "2025-01-01", "providers": 1, "models": 1}, {"date": "2025-06-01", "providers": 1, "models": 1}, {"date": "2026-06-01", "providers": 2, "models": 3}],
"y": [{"date": "2026-06-01", "providers": 1, "models": 1}], "z": [{"date": "2026-03-01", "providers": 1, "models": 1}]}
"#;

const EVIDENCE: &str = r#"{"provider":"acme","facts":{"listed":[[true,"x@2026-01-01","y@2026-02-01"]],"name":[["ACME","z@2026-02-01"],["Acme","x@2026-01-01"]],"base_url":[["https://api.acme.example/v1","x@2026-01-01"]],"api":[["openai-completions","x@2026-01-01"]]}}
{"model":"one","facts":{"listed":[[true,"x@2026-01-01","y@2026-02-01","z@2026-03-01"]],"base":[["lab/one","x@2026-01-01"]],"context_window":[[128000,"x@2026-01-01","y@2026-02-01"],[131072,"x@2025-01-01..2025-06-01","z@2026-03-01"]],"max_output_tokens":[[8000,"x@2026-01-01"]],"tool_call":[[true,"x@2026-01-01"]],"price.input":[[{"USD":"1"},"x@2026-01-01"],[{"USD":"3"},"z@2026-03-01"]],"price.output":[[{"USD":"2"},"x@2026-01-01"]]}}
{"model":"two","facts":{"listed":[[true,"x@2026-01-01","y@2026-02-01"]],"context_window":[[1000,"x@2026-01-01"]],"price.input":[[{"USD":"0.1"},"x@2026-01-01"],[{"USD":"0.2"},"y@2026-02-01"]]}}
"#;

const OTHER: &str = r#"{"provider":"other","facts":{"listed":[[true,"x@2026-01-01"]]}}
{"model":"lab-one","facts":{"listed":[[true,"x@2026-01-01"]],"family":[["ones","x@2026-01-01"]],"base":[["lab/one","x@2026-01-01"]]}}
"#;

/// Creates a catalog with one imported provider, hand-written values and evidence.
fn small(test: &str) -> PathBuf {
    let dir = folder("evidence", test);
    write(&dir.join("catalog/providers/acme.yaml"), PROVIDER);
    write(&dir.join("catalog/models/lab.yaml"), LAB);
    write(&dir.join("catalog/sources.yaml"), SOURCES);
    write(&dir.join("catalog/routing.yaml"), ROUTING);
    write(&dir.join("evidence/acme.jsonl"), EVIDENCE);
    write(&dir.join("evidence/other.jsonl"), OTHER);
    write(&dir.join("evidence/snapshots.json"), SNAPSHOTS);
    let run = modeldex(&dir, "reconcile");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let run = modeldex(&dir, "check --deny-warnings");
    assert_eq!(run.code, 0, "{}", run.err);
    dir
}

#[test]
fn claims_are_listed_with_their_sources() {
    let dir = small("shown");
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    for (golden, words) in [
        ("model.txt", "evidence acme/one"),
        // Aliases resolve.
        ("model.txt", "evidence acme/uno"),
        ("base.txt", "evidence --base lab/one"),
        // No provider offers this reference.
        ("base.txt", "evidence lab/one"),
        ("provider.txt", "evidence acme"),
        ("conflicts.txt", "conflicts"),
    ] {
        let run = modeldex(&dir, words);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{words}");
        expect_file![goldens.join(golden)].assert_eq(&run.out);
    }
}

#[test]
fn json_has_all_claims() {
    let whole = modeldex(&small("json"), "evidence acme/one --json").json();
    assert_eq!((&whole["ref"], &whole["kind"], &whole["base"]), (&json!("acme/one"), &json!("model"), &json!("lab/one")));
    let of = |name: &str| whole["facts"].as_array().expect("a list").iter().find(|fact| fact["fact"] == name).expect("the fact").clone();
    assert_eq!(
        of("max_output_tokens"),
        json!({
            "fact": "max_output_tokens", "group": "limits", "value": 8000, "rule": "only",
            "why": "one source claims the value, and no source claims another value", "catalog": 9000, "part": "own",
            "kept": {"mine": 9000, "theirs": 8000},
            "claims": [{"value": 8000, "source": "x", "since": "2026-01-01", "until": null, "under": null}],
            "providers": [],
            "citation": {"source": "https://acme.example/docs", "checked": "2026-05-01", "reason": "measured"},
        })
    );
    assert_eq!(of("price.input")["value"], json!({"USD": "1"}));
    let two = modeldex(&small("json-two"), "evidence acme/two --json").json();
    let price = two["facts"].as_array().and_then(|facts| facts.iter().find(|fact| fact["fact"] == "price.input")).expect("the price");
    assert_eq!((&price["value"], &price["rule"]), (&Value::Null, &json!("contested")));
    assert_eq!(of("context_window")["claims"][3]["until"], "2025-06-01");
    assert_eq!(of("family")["providers"], json!([{"value": "ones", "providers": ["other"]}]));
}

#[test]
fn conflicts_are_ordered_by_severity() {
    let dir = small("conflicts");
    let rows = |words: &str| {
        let all = modeldex(&dir, &format!("conflicts --json {words}")).json();
        let rows = all["conflicts"].as_array().expect("a list");
        (all["total"].clone(), rows.iter().map(|row| row["fact"].as_str().expect("a text").to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(rows("--limit 2").1, ["price.input", "price.input"]);
    assert_eq!(rows("--limit 0"), (json!(5), rows("--limit 40").1));
    assert_eq!(rows("--fact prices").1, ["price.input", "price.input"]);
    assert_eq!(rows("--fact context_window --provider acme").1, ["context_window"]);
    assert_eq!(rows("--fact aliases"), (json!(0), Vec::new()));
    assert_eq!(modeldex(&dir, "conflicts --fact aliases").out, "no conflicts\n");
    let unknown = modeldex(&dir, "conflicts --fact context_windows");
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("nearest: `context_window`"), "{}", unknown.err);
}

#[test]
fn stats_counts_match_the_catalog() {
    let dir = small("stats");
    let stats = modeldex(&dir, "stats --json").json();
    let number = |name: &str| stats[name].as_u64().unwrap_or_else(|| panic!("`{name}` is not a number: {stats}"));
    let counted = ["providers", "providers_complete", "models", "priced_models", "labs", "base_models", "aliases", "provider_aliases"];
    assert_eq!(counted.map(number), [1, 1, 2, 1, 1, 1, 1, 0]);
    // `one`: family, open_weights, context_window, max_output_tokens, tool_call and two rates; `two`: context_window.
    assert_eq!(["facts", "facts_with_evidence"].map(number), [8, 6]);
    assert_eq!(["imported_facts", "imported_facts_with_evidence"].map(number), [6, 6]);
    assert_eq!(["conflicts", "conflicts_undecided", "kept"].map(number), [5, 1, 1]);
    // The counts match the lists of other commands.
    let listed = modeldex(&dir, "conflicts --json").json();
    assert_eq!((&stats["conflicts"], &stats["conflicts_by_group"]), (&listed["total"], &listed["counts"]));
    assert_eq!(stats["facts_by_rule"], json!({"agreement": 1, "contested": 2, "only": 6, "recency": 3}));
    assert_eq!(stats["sources"]["z"], json!({"date": "2026-03-01", "snapshots": 1, "providers": 0, "models": 1, "claims": 3}));
    assert!(modeldex(&dir, "stats").out.contains("\n  with evidence            6  75.0 %\n"));
}

#[test]
fn models_show_prints_the_sources_of_facts() {
    let dir = small("show");
    let run = modeldex(&dir, "models show acme/one");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for line in [
        "  family              ones            (catalog/imported/models/lab.yaml)  (1 of 1 providers of the base model agree)",
        "  context_window      128000 tokens   (catalog/imported/models/lab.yaml)  (agreement: x and y; 1 source disagrees)",
        "  max_output_tokens   9000 tokens     (catalog/providers/acme.yaml)  (set by hand; 1 source disagrees)",
        "  prices              1 entry, below  (catalog/imported/providers/acme.yaml)  (recency 2; 1 disputed)",
    ] {
        assert!(run.out.lines().any(|shown| shown == line), "{line}\nis not in\n{}", run.out);
    }
    let evidence = &modeldex(&dir, "models show acme/one --json").json()["evidence"];
    let others = json!([{"source": "z", "value": 131_072}]);
    assert_eq!(evidence["context_window"], json!({"rule": "agreement", "sources": ["x", "y"], "others": others}));
    // Without evidence, the output has no sources.
    fs::remove_dir_all(dir.join("evidence")).expect("the folder can be removed");
    let run = modeldex(&dir, "models show acme/one");
    assert!(run.code == 0 && run.out.contains("  (catalog/providers/acme.yaml)\n") && !run.out.contains("agreement"), "{}", run.out);
    assert_eq!(modeldex(&dir, "models show acme/one --json").json().get("evidence"), None);
    let missing = modeldex(&dir, "models show acme/one --evidence nowhere");
    assert_eq!((missing.code, missing.out.as_str()), (1, ""));
}

#[test]
fn errors_state_the_next_step() {
    let dir = small("errors");
    let fails = |words: &str, expected: &str| {
        let run = modeldex(&dir, words);
        assert!(run.code == 1 && run.out.is_empty() && run.err.contains(expected), "{words}: {}{}", run.out, run.err);
    };
    fails("evidence acme/on", "nearest: `acme/one`");
    fails("evidence acm", "nearest: `acme`");
    fails("evidence --base lab/on", "nearest: `lab/one`");
    for words in ["evidence acme/one", "evidence acme", "conflicts", "stats"] {
        fails(&format!("{words} --evidence nowhere"), "there is no evidence folder `nowhere`; name the folder with `--evidence DIR`");
    }
    write(&dir.join("evidence/acme.jsonl"), format!("{EVIDENCE}{{\"model\": 1}}\n"));
    for words in ["evidence acme/one", "evidence acme", "conflicts", "stats", "models show acme/one"] {
        fails(words, "evidence/acme.jsonl:4: ");
    }
}

#[test]
fn control_characters_in_evidence_are_not_printed() {
    let dir = small("control");
    write(&dir.join("evidence/acme.jsonl"), EVIDENCE.replace("\"ACME\"", "\"A\\u001b[31mC\""));
    for words in ["evidence acme", "conflicts"] {
        let run = modeldex(&dir, words);
        assert!(run.out.contains("A [31mC") && !run.out.contains('\u{1b}'), "{}", run.out);
    }
}

/// Runs `stats --json` and checks that all imported facts have evidence; the exceptions are in the message.
fn imported(dir: &Path, expected: &str) -> Value {
    let stats = modeldex(dir, "stats --json").json();
    assert_eq!(stats["imported_facts"], stats["imported_facts_with_evidence"], "{expected}:\n{stats:#}");
    stats
}

#[test]
fn every_imported_fact_has_evidence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = folder("evidence", "imported");
    // The registry before the first import.
    let registry = fs::read_to_string(root.join("catalog/sources.yaml")).expect("the registry can be read");
    write(&dir.join("catalog/sources.yaml"), &registry);
    let readers = root.join("crates/formats/tests/readers");
    write(&dir.join("catalog/provider-map.yaml"), fs::read_to_string(readers.join("map.yaml")).expect("the map can be read"));
    // Facts that no source in these files states: endpoints and authentication.
    let (head, acme) = ROUTING.split_once("  acme:\n").expect("there is one provider");
    let routing: String = ["acme", "bolt", "router"].map(|id| format!("  {id}:\n{acme}")).concat();
    write(&dir.join("catalog/routing.yaml"), format!("{head}{routing}"));
    fs::create_dir_all(dir.join("catalog/providers")).expect("a folder can be made");
    for (source, day) in [("models.dev", "2026-09-01"), ("litellm", "2026-09-02"), ("openrouter", "2026-09-03"), ("aichat", "2026-09-04")] {
        let inputs = fs::read_dir(readers.join(source)).expect("the folder can be read").map(|entry| entry.expect("an entry").path());
        let mut inputs: Vec<String> =
            inputs.map(|path| path.to_string_lossy().into_owned()).filter(|path| path.contains("input.")).collect();
        inputs.sort();
        let fixed = ["--catalog", "catalog", "import", source, "--date", day];
        let arguments: Vec<&str> = fixed.into_iter().chain(inputs.iter().map(String::as_str)).collect();
        let run = run(&dir, &arguments);
        assert_eq!(run.code, 0, "{source}: {}{}", run.out, run.err);
    }
    let stats = imported(&dir, "after importing");
    assert!(stats["imported_facts"].as_u64() > Some(20), "{stats}");
    assert_eq!(stats["facts"], stats["imported_facts"], "nobody else wrote any");
}

#[test]
fn every_imported_fact_of_the_repository_has_evidence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.join("catalog/sources.yaml").is_file() && root.join("evidence").is_dir() {
        let stats = imported(root, "the catalog of this repository");
        assert!(stats["imported_facts"].as_u64() > Some(0) && stats["conflicts"].as_u64() > Some(0), "{stats}");
        assert_eq!(stats["conflicts"], modeldex(root, "conflicts --json --limit 1").json()["total"]);
    }
}
