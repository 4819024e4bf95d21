//! `import`, `reconcile`, `confirm`, `set` and `unset`: the real program over small catalogs and small files in a source's shape.

#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run of the program left behind.
struct Run {
    code: i32,
    out: String,
    err: String,
}

/// A catalog folder of its own for one test, with nothing in it but the registry and the map.
struct Place(PathBuf);

const REGISTRY: &str = "\
# yaml-language-server: $schema=../schema/sources.schema.json
# Who is asked.
sources:
  litellm:
    name: LiteLLM
    licence: MIT
  models.dev:
    name: models.dev
    licence: MIT
    url: http://127.0.0.1:1/api.json
    faults:
      - {kind: zero-is-unknown, note: many}
";

const MAP: &str = "\
# yaml-language-server: $schema=../schema/provider-map.schema.json
providers:
  acme: {kind: lab, litellm: [acme], models.dev: [acme]}
  bolt: {kind: host, models.dev: [bolt]}
skip:
  litellm: {searcher: a search tool}
";

const ROUTING: &str = "\
# yaml-language-server: $schema=../schema/routing.schema.json
providers:
  acme:
    endpoints:
      - {base_url: https://api.acme.example/v1, api: openai-completions}
    auth:
      - {kind: api-key, env: [ACME_API_KEY]}
";

impl Place {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("catalog/providers")).expect("a folder can be made");
        let place = Self(folder);
        place.write("catalog/sources.yaml", REGISTRY);
        place.write("catalog/provider-map.yaml", MAP);
        place.write("catalog/routing.yaml", ROUTING);
        place
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).expect("a file can be written");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modeldex"));
        let Output { status, stdout, stderr } = command
            .env_clear()
            .env("MODELDEX_CONFIG", "no/such/config.json")
            .current_dir(&self.0)
            .args(arguments)
            .output()
            .expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("what is written is UTF-8");
        Run { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    /// Imports a snapshot of models.dev and expects that to work.
    fn import(&self, day: &str, snapshot: &str) -> Run {
        let file = format!("api.{day}.json");
        self.write(&file, snapshot);
        let run = self.run(&["import", "models.dev", &file, "--verbose"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        run
    }

    /// Every file of the catalog and the evidence.
    fn files(&self) -> BTreeMap<String, String> {
        fn collect(folder: &Path, files: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("the folder can be listed").path();
                // What is locked leaves a file.
                let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
                if path.is_dir() {
                    collect(&path, files);
                } else if !is_hidden {
                    files.insert(path.display().to_string(), fs::read_to_string(&path).expect("a file can be read"));
                }
            }
        }
        let mut files = BTreeMap::new();
        for part in ["catalog", "evidence"] {
            collect(&self.0.join(part), &mut files);
        }
        let prefix = self.0.display().to_string();
        files.into_iter().map(|(path, text)| (path.trim_start_matches(&prefix).to_owned(), text)).collect()
    }

    fn check(&self) {
        let run = self.run(&["check", "--deny-warnings"]);
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

/// A snapshot with the provider `acme` and these models, each with a context window and an input rate; the output's is 4, but 0 with 0.
fn snapshot(models: &[(&str, u32, &str)]) -> String {
    let models: Vec<String> = models
        .iter()
        .map(|(id, window, input)| {
            let output = if *input == "0" { "0" } else { "4" };
            format!(
                r#""{id}": {{"id": "{id}", "name": "Model {id}", "tool_call": true, "limit": {{"context": {window}, "output": 100}}, "cost": {{"input": {input}, "output": {output}}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"acme": {{"id": "acme", "name": "Acme", "npm": "@ai-sdk/openai-compatible", "api": "https://api.acme.example/v1", "env": ["ACME_API_KEY"], "models": {{{}}}}}}}"#,
        models.join(", ")
    )
}

/// A model: its id, context window and input rate.
type Row = (&'static str, u32, &'static str);

const SNAPSHOTS: [(&str, &[Row]); 3] = [
    ("2026-05-21", &[("old", 1000, "1"), ("one", 1000, "1"), ("two", 2000, "0.19999999999999998")]),
    ("2026-08-18", &[("one", 2000, "1"), ("three", 3000, "3"), ("two", 2000, "0.2")]),
    ("2026-09-30", &[("one", 2000, "0.5"), ("three", 3000, "3"), ("two", 2000, "0.2")]),
];

#[test]
fn a_provider_is_written_with_its_evidence() {
    let place = Place::new("written");
    let (day, models) = SNAPSHOTS[0];
    let run = place.import(day, &snapshot(models));
    assert!(run.out.starts_with("models.dev of 2026-05-21: 1 providers, 3 models, "), "{}", run.out);
    assert!(!run.out.contains("held"), "{}", run.out);
    assert_eq!(
        place.read("catalog/imported/providers/acme.yaml"),
        "\
# Generated by `modeldex import` and `modeldex reconcile`, do not edit. Correct a fact with `modeldex set`.
# yaml-language-server: $schema=../../../schema/provider.schema.json
name: Acme
kind: lab
sources:
  - {url: http://127.0.0.1:1/api.json}
endpoints:
  - {base_url: https://api.acme.example/v1, api: openai-completions}
auth:
  - {kind: api-key, env: [ACME_API_KEY]}
models:
  - {id: old, name: Model old, context_window: 1000, max_output_tokens: 100, tool_call: true, prices: [{input: 1, output: 4}]}
  - {id: one, name: Model one, context_window: 1000, max_output_tokens: 100, tool_call: true, prices: [{input: 1, output: 4}]}
  - {id: two, name: Model two, context_window: 2000, max_output_tokens: 100, tool_call: true, prices: [{input: 0.2, output: 4}]}
"
    );
    let evidence = place.read("evidence/acme.jsonl");
    let line = evidence.lines().nth(1).expect("a line a model");
    assert!(line.contains(r#""price.input":[[{"USD":"1"},"models.dev@2026-05-21"]]"#), "{line}");
    assert_eq!(place.read("catalog/sources.yaml"), REGISTRY);
    let snapshots = place.read("evidence/snapshots.json");
    assert!(snapshots.contains("\"date\": \"2026-05-21\",\n      \"providers\": 1,\n      \"models\": 3"), "{snapshots}");
    place.check();
}

#[test]
fn snapshots_in_any_order_give_the_same_catalog_and_the_right_history() {
    let mut first: Option<BTreeMap<String, String>> = None;
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let place = Place::new("order");
        for at in order {
            let (day, models) = SNAPSHOTS[at];
            place.import(day, &snapshot(models));
        }
        place.check();
        let files = place.files();
        if let Some(first) = &first {
            assert_eq!(&files, first, "{order:?}");
        } else {
            let evidence = &files["/evidence/acme.jsonl"];
            let line = |id: &str| evidence.lines().find(|line| line.starts_with(&format!("{{\"model\":\"{id}\""))).expect("a line a model");
            let windows = r#""context_window":[[1000,"models.dev@2026-05-21..2026-05-21"],[2000,"models.dev@2026-08-18"]]"#;
            assert!(line("one").contains(windows), "{}", line("one"));
            assert!(line("old").contains(r#""listed":[[true,"models.dev@2026-05-21..2026-05-21"]]"#));
            // What a source no longer lists is retired, not deleted.
            let yaml = &files["/catalog/imported/providers/acme.yaml"];
            assert!(yaml.contains("  - {id: old, status: retired, "), "{yaml}");
            first = Some(files);
        }
    }
}

#[test]
fn sources_in_any_order_give_the_same_catalog() {
    let mut first: Option<BTreeMap<String, String>> = None;
    for litellm_first in [true, false] {
        let place = Place::new("spelling");
        place.write(
            "prices.json",
            r#"{"acme/ONE": {"litellm_provider": "acme", "mode": "chat", "max_output_tokens": 50, "supports_tool_choice": true}}"#,
        );
        let litellm = || assert_eq!(place.run(&["import", "litellm", "prices.json", "--date", "2026-06-01"]).code, 0);
        if litellm_first {
            litellm();
        }
        place.import("2026-05-21", &snapshot(&[("one", 1000, "1")]));
        if !litellm_first {
            litellm();
        }
        place.check();
        let files = place.files();
        // The spelling of one source is an alias of the other's, whichever came first.
        let yaml = &files["/catalog/imported/providers/acme.yaml"];
        assert!(yaml.contains("  - {id: ONE, target: one, kind: display}\nmodels:\n  - {id: one, "), "{yaml}");
        assert!(yaml.contains("tool_choice: true"), "{yaml}");
        assert_eq!(&files, first.get_or_insert(files.clone()), "litellm first: {litellm_first}");
    }
}

#[test]
fn the_same_again_changes_no_byte() {
    let place = Place::new("again");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let before = place.files();
    let run = place.import(day, &snapshot(models));
    assert!(run.out.contains("0 files in all"), "{}", run.out);
    assert_eq!(place.run(&["reconcile"]).code, 0);
    assert_eq!(place.files(), before);
}

/// What a person says of `acme`: a value with a comment above and one behind, in an order of their own, and a model taken out.
const PERSON: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
name: Our Acme # so we call it
endpoints:
  - {base_url: https://eu.acme.example/v1, api: anthropic-messages} # ours
auth:
  - {kind: api-key, env: [ACME_TOKEN]}
omit_models: [old]
models:
  - id: one
    # Our favourite.
    name: Uno
    context_window: {value: 1500, source: https://acme.example, checked: 2026-05-01, reason: measured}
";

#[test]
fn no_import_opens_what_a_person_wrote() {
    let place = Place::new("edited");
    place.write("catalog/providers/acme.yaml", PERSON);
    let folder = place.0.join("catalog/providers");
    let read_only = |yes: bool| {
        for path in [&folder.join("acme.yaml"), &folder] {
            let mut permissions = fs::metadata(path).expect("it is there").permissions();
            permissions.set_readonly(yes);
            fs::set_permissions(path, permissions).expect("permissions can be set");
        }
    };
    read_only(true);
    for (day, models) in SNAPSHOTS {
        place.import(day, &snapshot(models));
    }
    place.write("prices.json", r#"{"acme/one": {"litellm_provider": "acme", "mode": "chat", "max_output_tokens": 50}}"#);
    assert_eq!(place.run(&["import", "litellm", "prices.json", "--date", "2026-06-01"]).code, 0);
    assert_eq!(place.run(&["reconcile"]).code, 0);
    assert_eq!(place.read("catalog/providers/acme.yaml"), PERSON);
    read_only(false);
    place.check();
    let shown = place.run(&["models", "show", "acme/one", "--catalog", "catalog", "--json"]);
    let model: serde_json::Value = serde_json::from_str(&shown.out).unwrap_or_else(|error| panic!("{error}: {}{}", shown.out, shown.err));
    assert_eq!((&model["name"], &model["context_window"]), (&"Uno".into(), &1500.into()));
    assert_eq!((&model["price"]["input"], &model["endpoints"][0]["base_url"]), (&0.5.into(), &"https://eu.acme.example/v1".into()));
    let origin = |fact: &str| model["origins"][fact]["file"].as_str().unwrap_or_default();
    assert_eq!((origin("context_window"), origin("prices")), ("catalog/providers/acme.yaml", "catalog/imported/providers/acme.yaml"));
    assert_eq!(place.run(&["models", "show", "acme/old", "--catalog", "catalog"]).code, 1);
    // Where the sources state something else, that is a conflict.
    let conflicts = place.run(&["conflicts", "--catalog", "catalog", "--provider", "acme", "--json"]).out;
    assert!(conflicts.contains(r#""kept":{"mine":1500,"theirs":2000}"#), "{conflicts}");
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be listed") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}

/// A snapshot of models.dev whose provider is asked at another host, with one more variable.
fn moved(snapshot: &str) -> String {
    snapshot.replace("api.acme.example", "evil.example").replace(r#"["ACME_API_KEY"]"#, r#"["ACME_API_KEY", "OPENAI_API_KEY"]"#)
}

#[test]
fn a_source_cannot_move_a_key() {
    let mut first: Option<BTreeMap<String, String>> = None;
    for order in [[0, 1], [1, 0]] {
        let place = Place::new("moved");
        let snapshots = [("2026-05-21", snapshot(&[("one", 1000, "1")])), ("2026-08-18", moved(&snapshot(&[("one", 1000, "2")])))];
        for at in order {
            let (day, text) = &snapshots[at];
            copy(&place.0.join("catalog"), &place.0.join("before"));
            let run = place.import(day, text);
            if at == 1 || order[0] == 1 {
                for held in [
                    "held: 2 unconfirmed routing claims",
                    "acme base_url https://evil.example/v1, claimed by models.dev since 2026-08-18",
                    "acme env OPENAI_API_KEY, claimed by models.dev since 2026-08-18",
                ] {
                    assert!(run.out.contains(held), "{held}: {}", run.out);
                }
            }
        }
        let yaml = place.read("catalog/imported/providers/acme.yaml");
        assert!(yaml.contains("https://api.acme.example/v1") && yaml.contains("input: 2,"), "{yaml}");
        assert!(!yaml.contains("evil") && !yaml.contains("OPENAI"), "{yaml}");
        place.check();
        let check = place.run(&["check"]);
        assert!(
            check.err.contains(
                "notice[held-route]: acme base_url https://evil.example/v1 is claimed by models.dev since 2026-08-18 and not confirmed"
            ),
            "{}",
            check.err
        );
        let show = place.run(&["providers", "show", "acme", "--catalog", "catalog"]);
        assert!(show.out.contains("https://evil.example/v1") && show.out.contains("Held"), "{}", show.out);
        if order[1] == 1 {
            let diff = place.run(&["diff", "before", "catalog"]);
            assert!(diff.out.trim_start().starts_with("Held (2)\n"), "{}{}", diff.out, diff.err);
            let diff = place.run(&["diff", "before", "catalog", "--json"]);
            let diff: serde_json::Value = serde_json::from_str(&diff.out).unwrap_or_else(|error| panic!("{error}: {}", diff.out));
            assert_eq!((&diff["held"][0]["fact"], diff["held"].as_array().map(Vec::len)), (&"base_url".into(), Some(2)));
        }
        let conflicts = place.run(&["conflicts", "--catalog", "catalog"]);
        assert!(conflicts.out.trim_start().starts_with("Held (2)\n"), "{}", conflicts.out);
        assert_eq!(&place.files(), first.get_or_insert(place.files()));
        // Where the file of the day that was honest is replaced by one that is not, the host stays as well.
        let run = place.import("2026-05-21", &moved(&snapshots[0].1));
        assert!(run.out.contains("held: 2 unconfirmed routing claims"), "{}", run.out);
        assert!(place.read("catalog/imported/providers/acme.yaml").contains("https://api.acme.example/v1"));
    }
}

#[test]
fn a_path_follows_the_sources() {
    let place = Place::new("path");
    place.import("2026-05-21", &snapshot(&[("one", 1000, "1")]));
    let run = place.import("2026-08-18", &snapshot(&[("one", 1000, "1")]).replace("example/v1", "example/v2"));
    assert!(!run.out.contains("held"), "{}", run.out);
    assert!(place.read("catalog/imported/providers/acme.yaml").contains("base_url: https://api.acme.example/v2"));
    place.check();
}

#[test]
fn a_new_provider_is_asked_nowhere_until_it_is_confirmed() {
    let place = Place::new("confirmed");
    let bolt = snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace("ACME", "BOLT");
    let run = place.import("2026-05-21", &bolt);
    assert!(run.out.contains("bolt base_url https://api.bolt.example/v1, claimed by models.dev since 2026-05-21"), "{}", run.out);
    let yaml = place.read("catalog/imported/providers/bolt.yaml");
    assert!(yaml.contains("{id: one,") && !yaml.contains("endpoints") && !yaml.contains("BOLT"), "{yaml}");
    place.check();
    // Its prices are known, and nothing is sent.
    let cost = place.run(&["cost", "--catalog", "catalog", "--model", "bolt/one", "--input", "1000000", "--output", "0"]);
    assert!(cost.code == 0 && cost.out.contains('1'), "{}{}", cost.out, cost.err);
    let sent = place.run(&["message", "send", "--catalog", "catalog", "--model", "bolt/one", "--message", "x"]);
    assert!(sent.code == 1 && sent.err.contains("confirm"), "{}", sent.err);

    let before = place.files();
    let run = place.run(&["confirm", "bolt", "--dry-run"]);
    assert!(run.code == 0 && run.out.contains("bolt env BOLT_API_KEY, claimed by models.dev since 2026-05-21"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
    assert_eq!(place.run(&["confirm", "nobody"]).code, 1);
    let run = place.run(&["confirm", "--all-new", "--source", "https://docs.bolt.example"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let routing = place.read("catalog/routing.yaml");
    let added = routing.strip_prefix(ROUTING).expect("the rest stays as it was");
    let expected = "    endpoints:\n      - {base_url: https://api.bolt.example/v1, api: openai-completions}\n    auth:\n      - {kind: api-key, env: [BOLT_API_KEY]}\n";
    assert!(added.starts_with("  bolt:\n    source: https://docs.bolt.example\n    checked: ") && added.ends_with(expected), "{added}");
    assert!(place.read("catalog/imported/providers/bolt.yaml").contains("https://api.bolt.example/v1"));
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    place.check();

    // A host that moves later is confirmed in place of the old one, and a variable that has no part in it is left where it is.
    place.import(
        "2026-08-18",
        &moved(&bolt)
            .replace("api.bolt.example", "new.bolt.example")
            .replace("\"BOLT_API_KEY\"", "\"BOLT_API_KEY\", \"BOLT_TOKEN\", \"OPENAI_API_KEY\""),
    );
    let run = place.run(&["confirm", "bolt", "--only", "https://new.bolt.example/v1", "--only", "BOLT_TOKEN"]);
    assert!(run.code == 0 && run.out.contains("  replaces https://api.bolt.example/v1"), "{}{}", run.out, run.err);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.contains("new.bolt.example/v1") && !routing.contains("api.bolt.example"), "{routing}");
    assert!(routing.contains("env: [BOLT_API_KEY, BOLT_TOKEN]") && !routing.contains("OPENAI"), "{routing}");

    // A rejected claim is neither used nor reported again.
    assert!(place.read("catalog/imported/held.yaml").contains("OPENAI_API_KEY"));
    let run = place.run(&["confirm", "bolt", "--reject"]);
    assert!(run.code == 0 && run.out.contains("rejected: bolt env OPENAI_API_KEY"), "{}{}", run.out, run.err);
    assert!(place.read("catalog/routing.yaml").ends_with("    rejected: [OPENAI_API_KEY]\n"), "{}", place.read("catalog/routing.yaml"));
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    assert!(!place.read("catalog/imported/providers/bolt.yaml").contains("OPENAI"));
    place.check();
}

#[test]
fn a_fact_is_set_and_taken_back() {
    let place = Place::new("set");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let before = place.files();
    let path = "catalog/providers/acme.yaml";
    let run = place.run(&["set", "acme/one", "context_window", "1500", "--source", "https://acme.example/docs", "--reason", "measured"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "catalog/providers/acme.yaml: acme/one context_window is 1500 (was 1000)\n"),
        "{}",
        run.err
    );
    let text = place.read(path);
    let (head, checked) = text.split_once(", checked: ").expect("the day is noted");
    assert_eq!(
        head,
        "# yaml-language-server: $schema=../../schema/provider.schema.json\nmodels:\n  - id: one\n    context_window: {value: 1500, source: https://acme.example/docs"
    );
    assert!(checked.ends_with(", reason: measured}\n"), "{checked}");
    let shown = place.run(&["evidence", "acme/one", "--catalog", "catalog"]);
    assert!(shown.out.contains("https://acme.example/docs") && shown.out.contains("measured"), "{}", shown.out);

    for (arguments, line) in [
        (&["acme", "name", "Acme & Sons"][..], "name: Acme & Sons"),
        (&["acme/one", "status", "retired"], "    status: retired"),
        (&["acme/one", "tool_call", "false"], "    tool_call: false"),
        (&["acme/one", "input", "[text, image]"], "    input: [text, image]"),
        (&["acme/one", "price.output", "5"], "      - {input: 1, output: 5}"),
        (&["acme/two", "release_date", "2026"], "    release_date: 2026"),
    ] {
        let run = place.run(&[&["set"], arguments].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.err);
        assert!(place.read(path).lines().any(|other| other == line), "{line} in {}", place.read(path));
    }
    place.check();
    // What equals the imported value says nothing, unless a source says why it stands there.
    let run = place.run(&["set", "acme/two", "context_window", "2000"]);
    assert!(run.code == 0 && run.err.contains("warning[restated]"), "{}", run.err);
    assert_eq!(place.run(&["check", "--deny-warnings"]).code, 1);
    assert_eq!(place.run(&["set", "acme/two", "context_window", "2000", "--source", "https://acme.example"]).code, 0);
    place.check();

    let text = place.read(path);
    for (arguments, code, why) in [
        (&["set", "acme/one", "context_window", "many"][..], 1, "was not changed: the catalog would have errors"),
        (&["set", "acme/one", "contxt_window", "5"], 2, "did you mean `context_window`?"),
        (&["set", "acme/none", "context_window", "5"], 1, "acme/none"),
        (&["set", "nobody", "name", "x"], 1, "unknown provider `nobody`"),
        (&["set", "acme/one", "price.output", "cheap"], 2, "is not a rate"),
        (&["set", "acme/one", "name", "x", "--source", "not a URL"], 2, "expected an http or https URL"),
        (&["unset", "acme/old", "name"], 1, "is not set by hand"),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(why), "{arguments:?}: {}", run.err);
        assert_eq!(place.read(path), text);
    }
    for [reference, fact] in [
        ["acme", "name"],
        ["acme/one", "status"],
        ["acme/one", "tool_call"],
        ["acme/one", "input"],
        ["acme/one", "prices"],
        ["acme/two", "release_date"],
        ["acme/two", "context_window"],
        ["acme/one", "context_window"],
    ] {
        let run = place.run(&["unset", reference, fact]);
        assert_eq!(run.code, 0, "{reference} {fact}: {}", run.err);
    }
    // Nothing is left of it, not even the file.
    assert_eq!(place.files(), before);
}

#[test]
fn taking_back_loses_nothing_else() {
    let place = Place::new("unset");
    let head = "# yaml-language-server: $schema=../../schema/provider.schema.json\nname: Own\nendpoints:\n  - {base_url: https://api.own.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [OWN_API_KEY]}\n";
    // All that there is of a model stays, with its id.
    place.write("catalog/providers/own.yaml", &format!("{head}default_model: a\nmodels:\n  - id: a\n    context_window: 5\n"));
    assert_eq!(place.run(&["unset", "own/a", "context_window"]).code, 0);
    assert_eq!(place.read("catalog/providers/own.yaml"), format!("{head}default_model: a\nmodels:\n  - id: a\n"));

    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    // A price list is one statement, and a comment behind an entry is about all of it.
    let noted = "# yaml-language-server: $schema=../../schema/provider.schema.json\nmodels:\n  - {id: one, tool_call: false} # ticket 13\n";
    place.write("catalog/providers/acme.yaml", noted);
    assert_eq!(place.run(&["unset", "acme/one", "tool_call"]).code, 1);
    assert_eq!(place.run(&["set", "acme/one", "price.input", "9"]).code, 0);
    assert_eq!(place.run(&["unset", "acme/one", "price.input"]).code, 2);
    assert_eq!(
        place.read("catalog/providers/acme.yaml"),
        noted.replace("false}", "false, prices: [{input: 9, output: 4}]}"),
        "the rest of the line stays"
    );
    // A comment is kept, wherever it is.
    for text in ["extends: acme\t# see ticket 13\n", "--- # ours\n"] {
        let text = format!("{text}models:\n  - id: one\n    tool_call: false\n");
        place.write("catalog/providers/acme.yaml", &text);
        let run = place.run(&["unset", "acme/one", "tool_call"]);
        assert!(run.code == 1 && run.err.contains("only comments would remain"), "{text}: {}{}", run.out, run.err);
        assert_eq!(place.read("catalog/providers/acme.yaml"), text);
    }
    place.write("catalog/providers/acme.yaml", noted);
    // What looks like a comment in a text is none.
    assert_eq!(place.run(&["set", "acme/two", "context_window", "2500", "--reason", "see ticket #12"]).code, 0);
    let run = place.run(&["unset", "acme/two", "context_window"]);
    assert_eq!((run.code, place.read("catalog/providers/acme.yaml").as_str()), (0, noted), "{}", run.err);
    for (value, why) in [("[]", "the value is empty"), ("a\nb", "control character"), ("\u{1b}[31m", "control character")] {
        let run = place.run(&["set", "acme/one", "input", value]);
        assert!(run.code == 2 && run.err.contains(why), "{value:?}: {}", run.err);
    }
}

#[test]
fn what_is_rejected_is_never_used() {
    let place = Place::new("rejected");
    let bolt =
        snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace(r#"["ACME_API_KEY"]"#, r#"["BOLT_API_KEY", "OPENAI_API_KEY"]"#);
    place.import("2026-05-21", &bolt);
    assert_eq!(place.run(&["confirm", "bolt", "--reject", "--only", "OPENAI_API_KEY"]).code, 0);
    let run = place.run(&["confirm", "bolt"]);
    assert!(run.code == 0 && !run.out.contains("OPENAI"), "{}{}", run.out, run.err);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.ends_with("env: [BOLT_API_KEY]}\n    rejected: [OPENAI_API_KEY]\n"), "{routing}");
    assert!(!place.read("catalog/imported/providers/bolt.yaml").contains("OPENAI"));

    // A path on a confirmed host is followed, unless it is rejected.
    place.import("2026-08-18", &bolt.replace("example/v1", "example/v2"));
    let yaml = || place.read("catalog/imported/providers/bolt.yaml");
    assert!(yaml().contains("https://api.bolt.example/v2"), "{}", yaml());
    assert_eq!(place.run(&["confirm", "bolt", "--reject", "--only", "https://api.bolt.example/v2"]).code, 0);
    assert!(yaml().contains("https://api.bolt.example/v1"), "{}", yaml());
    assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"));
    for spelling in ["https://API.bolt.example/v2", "https://api.bolt.example:443/v2", "https://api.bolt.example//v2/"] {
        place.import("2026-08-18", &bolt.replace("https://api.bolt.example/v1", spelling));
        assert!(yaml().contains("https://api.bolt.example/v1"), "{spelling}: {}", yaml());
        assert_eq!(place.read("catalog/imported/held.yaml").lines().nth(2), Some("held: []"), "{spelling}");
    }
    // What is confirmed is not rejected in the same breath, and what is rejected not twice.
    assert_eq!(place.run(&["confirm", "bolt", "--reject", "--only", "OPENAI_API_KEY"]).code, 1);
    let run = place.run(&["confirm", "bolt", "--reject", "--only", "BOLT_API_KEY"]);
    assert!(run.code == 1 && run.out.contains("it is confirmed"), "{}{}", run.out, run.err);
    place.check();
}

#[test]
fn only_what_is_named_is_confirmed() {
    let place = Place::new("only");
    let bolt =
        snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace(r#"["ACME_API_KEY"]"#, r#"["BOLT_API_KEY", "ACME_API_KEY"]"#);
    place.import("2026-05-21", &bolt);
    assert_eq!(place.run(&["confirm", "bolt", "--only", "BOLT_API_KEY"]).code, 0);
    let routing = place.read("catalog/routing.yaml");
    assert_eq!(routing.strip_prefix(ROUTING), Some("  bolt:\n    auth:\n      - {kind: api-key, env: [BOLT_API_KEY]}\n"));
    // A variable that another provider reads holds that one's key, and who confirms it is told.
    let run = place.run(&["confirm", "bolt", "--only", "ACME_API_KEY", "--dry-run"]);
    assert!(run.code == 0 && run.out.contains("also the variable of acme"), "{}{}", run.out, run.err);
    assert_eq!(place.run(&["confirm", "bolt", "--only", "https://api.bolt.example/v1"]).code, 0);
    let routing = place.read("catalog/routing.yaml");
    assert!(routing.contains("api.bolt.example/v1") && routing.ends_with("env: [BOLT_API_KEY]}\n"), "{routing}");
}

#[test]
fn who_left_a_host_does_not_say_what_is_spoken_there() {
    let place = Place::new("protocol");
    let honest = snapshot(&[("one", 1000, "1")]);
    place.import("2026-05-21", &honest);
    let other = |npm: &str| honest.replace("@ai-sdk/openai-compatible", npm);
    let protocol = || {
        let yaml = place.read("catalog/imported/providers/acme.yaml");
        let line = yaml.lines().find(|line| line.contains("base_url")).unwrap_or_default().to_owned();
        line.split("api: ").nth(1).unwrap_or_default().trim_end_matches('}').to_owned()
    };
    place.import("2026-06-21", &moved(&other("@ai-sdk/anthropic")));
    assert_eq!(protocol(), "openai-completions");
    place.import("2026-07-21", &other("@ai-sdk/anthropic"));
    assert_eq!(protocol(), "anthropic-messages");
    // Clients of these protocols make the host themselves.
    for (day, npm) in [("2026-08-21", "@ai-sdk/amazon-bedrock"), ("2026-08-22", "@ai-sdk/azure"), ("2026-08-23", "@ai-sdk/google-vertex")] {
        place.import(day, &other(npm));
        assert_eq!(protocol(), "openai-completions", "{npm}");
        let emitted = place.run(&["emit", "models.dev", "--catalog", "catalog", "--provider", "acme"]);
        assert!(emitted.out.contains("https://api.acme.example/v1"), "{npm}: {}{}", emitted.out, emitted.err);
    }
}

#[test]
fn what_would_break_the_catalog_is_not_written() {
    let place = Place::new("broken");
    place.import("2026-05-21", &moved(&snapshot(&[("one", 1000, "1")])));
    let before = place.files();
    for (arguments, why) in [
        (&["confirm", "acme", "--only", "OPENAI_API_KEY", "--source", "https://ann:hunter2@docs.acme.example/api"][..], "secret"),
        (&["confirm", "acme", "--only", "OPENAI_API_KEY", "--only", "OTHER_KEY"], "has no unconfirmed claim `OTHER_KEY`"),
    ] {
        let run = place.run(arguments);
        assert!(run.code != 0 && run.err.contains(why), "{arguments:?}: {}{}", run.out, run.err);
        assert_eq!(place.files(), before);
    }
    // Neither is a source's row that cannot be.
    let odd = snapshot(&[("one", 1000, "1")]).replace(
        r#""cost": {"#,
        r#""canonical_model_id": "x/ü", "cost": {"tiers": [{"tier": {"type": "context", "size": 1}, "input": 7}], "#,
    );
    let run = place.import("2026-08-18", &odd);
    assert!(run.out.contains("above no tokens") && run.out.contains("not `lab/model`"), "{}", run.out);
    place.check();
    // A seller states levels of effort for what its lab says does not reason.
    let lab =
        snapshot(&[("one", 1000, "1")]).replace(r#""tool_call""#, r#""canonical_model_id": "acme/one", "reasoning": false, "tool_call""#);
    let seller = snapshot(&[("one", 1000, "1")]).replace("acme", "bolt").replace(
        r#""tool_call""#,
        r#""canonical_model_id": "acme/one", "reasoning_options": [{"type": "effort", "values": ["low"]}], "tool_call""#,
    );
    place.import("2026-08-18", &format!("{}, {}", &lab[..lab.len() - 1], &seller[1..]));
    assert!(place.read("catalog/imported/providers/bolt.yaml").contains("base: acme/one"));
    assert!(!place.read("catalog/imported/providers/bolt.yaml").contains("reasoning_efforts"));
    place.check();
    // A person's slip in routing.yaml does not break what is imported.
    let before = place.files();
    let routing =
        place.read("catalog/routing.yaml").replace("https://api.acme.example/v1", "'https://api.acme.example/${ACME_ACCOUNT_ID}/v1'");
    place.write("catalog/routing.yaml", &routing);
    let run = place.run(&["reconcile"]);
    assert!(run.code == 1 && run.err.contains("nothing was written: the catalog would have errors"), "{}{}", run.out, run.err);
    place.write("catalog/routing.yaml", ROUTING);
    assert_eq!(place.files(), before);
}

#[test]
fn an_account_in_a_path_is_held() {
    let place = Place::new("account");
    let confirmed = ROUTING
        .replace("example/v1, api: openai-completions}", "example/${ACME_ACCOUNT_ID}/v1', api: openai-completions}")
        .replace("base_url: https", "base_url: 'https");
    place.write(
        "catalog/routing.yaml",
        &confirmed.replace("env: [ACME_API_KEY]}", "env: [ACME_API_KEY], variables: [{env: [ACME_ACCOUNT_ID], role: account}]}"),
    );
    let run = place.import("2026-05-21", &snapshot(&[("one", 1000, "1")]).replace("example/v1", "example/0xattacker/v1"));
    assert!(run.out.contains("acme base_url https://api.acme.example/0xattacker/v1, claimed by"), "{}", run.out);
    let yaml = place.read("catalog/imported/providers/acme.yaml");
    assert!(yaml.contains("example/${ACME_ACCOUNT_ID}/v1") && !yaml.contains("0xattacker"), "{yaml}");
}

#[test]
fn a_fact_that_breaks_another_file_is_not_set() {
    let place = Place::new("breaks");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let own = "# yaml-language-server: $schema=../../schema/provider.schema.json\nextends: acme\nname: Own\nmodels:\n  - {id: one, retirement_date: 2026-01-01}\n";
    place.write("catalog/providers/own.yaml", own);
    let before = place.files();
    let run = place.run(&["set", "acme/one", "release_date", "2027"]);
    assert!(run.code == 1 && run.err.contains("catalog/providers/own.yaml"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
    // What was wrong before does not stand in the way of another file.
    place.write("catalog/providers/own.yaml", &own.replace("2026-01-01", "2026-01-01, base: no/such"));
    assert_ne!(place.run(&["check"]).code, 0);
    let run = place.run(&["set", "acme/one", "context_window", "1500"]);
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn two_writers_lose_nothing() {
    let place = Place::new("writers");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let set = |fact: &'static str, value: &'static str| {
        let folder = place.0.clone();
        std::thread::spawn(move || Place(folder).run(&["set", "acme/one", fact, value]).code)
    };
    let writers = [set("context_window", "5000"), set("max_output_tokens", "50"), set("tool_call", "false"), set("name", "Uno")];
    assert!(writers.into_iter().all(|writer| writer.join().expect("it ends") == 0));
    let text = place.read("catalog/providers/acme.yaml");
    for line in ["    name: Uno", "    context_window: 5000", "    max_output_tokens: 50", "    tool_call: false"] {
        assert!(text.lines().any(|other| other == line), "{line} in {text}");
    }
}

#[test]
fn a_source_that_shrank_is_refused() {
    let place = Place::new("shrunk");
    place.import("2026-05-21", &snapshot(SNAPSHOTS[0].1));
    let before = place.files();
    place.write("api.2026-06-01.json", &snapshot(&[("one", 1000, "1"), ("two", 1000, "1")]));
    let run = place.run(&["import", "models.dev", "api.2026-06-01.json"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("had 3 models on 2026-05-21 and has 2 here") && run.err.contains("--allow-shrink"), "{}", run.err);
    assert_eq!(place.files(), before);
    assert_eq!(place.run(&["import", "models.dev", "api.2026-06-01.json", "--allow-shrink"]).code, 0);
    assert!(place.read("catalog/imported/providers/acme.yaml").contains("  - {id: old, status: retired, "));
}

#[test]
fn what_is_malformed_is_told_and_the_rest_is_taken() {
    let place = Place::new("malformed");
    let good = snapshot(&[("one", 1000, "1")]);
    let bad = good.replace(
        r#""models": {"#,
        r#""models": {"worse": 5, "with space": {"limit": {"context": 1}}, "negative": {"cost": {"input": -1, "output": 1}}, "#,
    );
    let bad = bad.replacen('{', r#"{"unheard-of": {"id": "unheard-of", "models": {}}, "#, 1);
    let run = place.import("2026-05-21", &bad);
    for told in [
        "acme/worse: ",
        "acme/with space: an id is",
        "acme/negative: `price.input`: a rate below zero is none",
        "unheard-of: this provider is not in catalog/provider-map.yaml",
    ] {
        assert!(run.out.contains(told), "{told}: {}", run.out);
    }
    assert!(place.read("catalog/imported/providers/acme.yaml").contains("id: one"));

    let before = place.files();
    for (text, why) in [
        ("[]", "this is not what models.dev publishes"),
        ("{", "this is not what models.dev publishes"),
        ("\u{0}", "this is not what models.dev publishes"),
    ] {
        place.write("api.2026-06-01.json", text);
        let run = place.run(&["import", "models.dev", "api.2026-06-01.json"]);
        assert_eq!(run.code, 1, "{text}");
        assert!(run.err.contains(why), "{}", run.err);
    }
    assert_eq!(place.files(), before);
}

#[test]
fn what_cannot_be_imported_says_why() {
    let place = Place::new("refused");
    place.write("api.json", &snapshot(SNAPSHOTS[0].1));
    for (arguments, code, why) in [
        (&["import", "models.dev", "api.json"][..], 2, "add `--date YYYY-MM-DD`"),
        (&["import", "models.dev", "api.json", "--date", "2026-05"], 2, "write the whole day"),
        (&["import", "models.dev", "nothing.2026-05-21.json"], 1, "`nothing.2026-05-21.json` cannot be read"),
        (&["import", "models.dev", "catalog", "--date", "2026-05-21"], 1, "it is no file"),
        (&["import", "models.dev"], 1, "`http://127.0.0.1:1/api.json` cannot be fetched"),
        (&["import", "litellm"], 2, "has no address in sources.yaml"),
        (&["import", "portkey", "api.json"], 2, "`portkey` is not in catalog/sources.yaml"),
        (&["import", "nobody", "api.json"], 2, "possible values"),
        (&["import", "models.dev", "api.json", "--overlay", "catalog"], 2, "use `--catalog`, not `--overlay`"),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(why), "{arguments:?}: {}", run.err);
    }
    assert!(!place.0.join("evidence").exists(), "nothing was written");

    place.write("catalog/provider-map.yaml", "providers:\n  acme: {models.dev: [acme]}\n  other: {models.dev: [acme]}\n");
    let run = place.run(&["import", "models.dev", "api.json", "--date", "2026-05-21"]);
    assert!(run.code == 1 && run.err.contains("stands for `acme` and for `other`"), "{}", run.err);

    place.write("catalog/sources.yaml", &REGISTRY.replace("faults:", "speaks_fro: [prices]\n    faults:"));
    let run = place.run(&["import", "models.dev", "api.json", "--date", "2026-05-21"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("catalog/sources.yaml:11:5: unknown key `speaks_fro`; did you mean `speaks_for`?"), "{}", run.err);
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new("dry");
    place.write("api.2026-05-21.json", &snapshot(SNAPSHOTS[0].1));
    let before = place.files();
    let run = place.run(&["import", "models.dev", "api.2026-05-21.json", "--dry-run"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("would change 1 of providers"), "{}", run.out);
    assert_eq!(place.files(), before);
}

#[test]
fn an_import_that_was_cut_off_is_repeated_first() {
    let place = Place::new("cut-off");
    place.import("2026-05-21", &snapshot(SNAPSHOTS[0].1));
    let done = place.files();
    // As it is when the program ended after some of the evidence.
    let (day, models) = SNAPSHOTS[1];
    place.import(day, &snapshot(models));
    let after = place.files();
    for (path, text) in done.iter().filter(|(path, _)| !path.ends_with("acme.jsonl")) {
        fs::write(format!("{}{path}", place.0.display()), text).expect("a file can be written");
    }
    place.write("evidence/.unfinished", &format!("import models.dev --date {day}\n"));
    place.write("other.json", &snapshot(SNAPSHOTS[2].1));
    for arguments in [&["reconcile"][..], &["import", "models.dev", "other.json", "--date", "2026-09-30"]] {
        let run = place.run(arguments);
        let expected = "`modeldex import models.dev --date 2026-08-18` was interrupted while writing; run it again first";
        assert!(run.code == 1 && run.err.contains(expected), "{}", run.err);
    }
    place.import(day, &snapshot(models));
    assert_eq!(place.files(), after);
    assert!(!place.0.join("evidence/.unfinished").exists());
    fs::remove_file(place.0.join("evidence/snapshots.json")).expect("the list can be removed");
    let run = place.run(&["reconcile"]);
    assert!(run.code == 1 && run.err.contains("snapshots.json`, which lists the snapshots of this evidence, is missing"), "{}", run.err);
}

#[test]
fn sources_are_weighed_against_each_other() {
    let place = Place::new("weighed");
    place.import("2026-05-21", &snapshot(&[("fine", 1000, "1"), ("gone", 1000, "1"), ("split", 1000, "1"), ("zero", 1000, "0")]));
    let row = |id: &str, input: &str, output: &str| {
        format!(
            r#""acme/{id}": {{"litellm_provider": "acme", "mode": "chat", "max_input_tokens": 1000, "max_output_tokens": 100, "input_cost_per_token": {input}, "output_cost_per_token": {output}}}"#
        )
    };
    let rows = [row("fine", "1e-06", "4e-06"), row("split", "7e-06", "9e-06"), row("zero", "2e-06", "4e-06"), row("extra", "0", "0")];
    place.write("prices.json", &format!("{{{}}}", rows.join(", ")));
    let run = place.run(&["import", "litellm", "prices.json", "--date", "2026-06-01"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    place.import("2026-06-02", &snapshot(&[("fine", 1000, "1"), ("split", 1000, "1"), ("zero", 1000, "0"), ("other", 1, "1")]));
    let yaml = place.read("catalog/imported/providers/acme.yaml");
    let block = |id: &str| {
        yaml.lines().find(|line| line.starts_with(&format!("  - {{id: {id},"))).unwrap_or_else(|| panic!("{id} is not in {yaml}"))
    };
    assert!(block("fine").contains("{input: 1, output: 4}"), "{yaml}");
    // Two against each other are contested, and none is written: unknown is not a guess.
    assert!(!block("split").contains("prices"), "{yaml}");
    // A zero where another asks for money is not believed.
    assert!(block("zero").contains("{input: 2, output: 4}"), "{yaml}");
    // A zero of one source alone may mean that it does not know.
    assert!(!block("extra").contains("prices") && !block("extra").contains("free"), "{yaml}");
    assert!(block("gone").contains("status: retired"), "{yaml}");
    let evidence = place.run(&["evidence", "acme/split", "--catalog", "catalog", "--json"]).out;
    assert!(evidence.contains(r#""rule": "contested""#), "{evidence}");
    place.check();
}

#[test]
fn an_address_is_fetched_once_for_each_of_its_states() {
    let place = Place::new("fetched");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/api.json", listener.local_addr().expect("it has an address"));
    let body = snapshot(SNAPSHOTS[0].1);
    let server = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for answer in [
            format!("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()),
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned(),
        ] {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            let mut head = [0; 4096];
            let count = std::io::Read::read(&mut stream, &mut head).expect("the question can be read");
            heads.push(String::from_utf8_lossy(&head[..count]).to_lowercase());
            stream.write_all(answer.as_bytes()).expect("the answer can be sent");
        }
        heads
    });
    let run = place.run(&["import", "models.dev", &url]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(place.read("evidence/snapshots.json").contains(r#""etag": "\"a\"""#), "{}", place.read("evidence/snapshots.json"));
    let before = place.files();
    let run = place.run(&["import", "models.dev", &url]);
    assert_eq!((run.code, run.out.as_str()), (0, "models.dev has not changed since it was last imported\n"));
    assert_eq!(place.files(), before);
    let heads = server.join().expect("the server ends well");
    assert!(!heads[0].contains("if-none-match") && heads[1].contains("if-none-match: \"a\""), "{heads:?}");
}
