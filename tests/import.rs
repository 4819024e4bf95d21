//! `import` and `reconcile` as people meet them: the real program over small catalogs and small files in a source's shape.

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
    snapshots: []
  models.dev:
    name: models.dev
    licence: MIT
    url: http://127.0.0.1:1/api.json
    faults:
      - {kind: zero-is-unknown, note: many}
    snapshots: []
";

const MAP: &str = "\
# yaml-language-server: $schema=../schema/provider-map.schema.json
providers:
  acme: {kind: lab, litellm: [acme], models.dev: [acme]}
  bolt: {kind: host, models.dev: [bolt]}
skip:
  litellm: {searcher: a search tool}
";

impl Place {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("catalog/providers")).expect("a folder can be made");
        let place = Self(folder);
        place.write("catalog/sources.yaml", REGISTRY);
        place.write("catalog/provider-map.yaml", MAP);
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
                if path.is_dir() {
                    collect(&path, files);
                } else {
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
    assert_eq!(
        place.read("catalog/providers/acme.yaml"),
        "\
# yaml-language-server: $schema=../../schema/provider.schema.json
name: Acme
kind: lab
sources:
  - {url: http://127.0.0.1:1/api.json}
endpoints:
  - {base_url: https://api.acme.example/v1, api: openai-completions}
auth:
  - {kind: api-key, env: [ACME_API_KEY]}
models:
  - id: old
    name: Model old
    context_window: 1000
    max_output_tokens: 100
    tool_call: true
    prices:
      - {input: 1, output: 4}
  - id: one
    name: Model one
    context_window: 1000
    max_output_tokens: 100
    tool_call: true
    prices:
      - {input: 1, output: 4}
  - id: two
    name: Model two
    context_window: 2000
    max_output_tokens: 100
    tool_call: true
    prices:
      - {input: 0.2, output: 4}
"
    );
    let evidence = place.read("evidence/acme.jsonl");
    assert!(
        evidence
            .lines()
            .nth(1)
            .expect("a line a model")
            .contains(r#""price.input":{"rule":"only","claims":[[{"USD":"1"},"models.dev@2026-05-21"]]}"#)
    );
    let registry = place.read("catalog/sources.yaml");
    assert!(
        registry.starts_with("# yaml-language-server: $schema=../schema/sources.schema.json\n# Who is asked.\n")
            && registry.ends_with("    snapshots:\n      - {date: 2026-05-21, providers: 1, models: 3}\n")
    );
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
            assert!(line("one").contains(r#""context_window":{"rule":"only","claims":[[2000,"models.dev@2026-08-18"],[1000,"models.dev@2026-05-21..2026-05-21"]]}"#), "{}", line("one"));
            assert!(line("old").contains(r#""listed":{"rule":"only","claims":[[true,"models.dev@2026-05-21..2026-05-21"]]}"#));
            assert!(line("old").contains(r#""status":{"rule":"disappeared","claims":[["retired"]]}"#));
            // What a source no longer lists is retired, not deleted.
            let yaml = &files["/catalog/providers/acme.yaml"];
            assert!(yaml.contains("  - id: old\n    status: retired\n"), "{yaml}");
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
        let yaml = &files["/catalog/providers/acme.yaml"];
        assert!(
            yaml.contains("  - {id: ONE, target: one, kind: display}\nmodels:\n  - id: one\n") && !yaml.contains("- id: ONE"),
            "{yaml}"
        );
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

#[test]
fn what_a_person_wrote_stays_byte_for_byte() {
    let place = Place::new("edited");
    let (day, models) = SNAPSHOTS[0];
    place.import(day, &snapshot(models));
    let path = "catalog/providers/acme.yaml";
    // A value, a comment above, one behind, another order of models and of keys, and a model taken out.
    let text = place.read(path);
    let (head, models) = text.split_once("models:\n").expect("there are models");
    let blocks: Vec<&str> = models.split("  - id: ").skip(1).collect();
    let one = blocks[1]
        .replace("context_window: 1000\n", "context_window: 1500 # measured\n")
        .replace("    name: Model one\n", "    # Our favourite.\n    name: Uno\n");
    let two = "two\n    max_output_tokens: 100\n    name: Model two\n    context_window: 2000\n    tool_call: true\n    prices: # per million\n      - {input: 0.2, output: 4}\n";
    let edited = format!("{head}\nmodels:\n  - id: {two}  # The first.\n  - id: {one}");
    place.write(path, &edited);

    let run = place.import("2026-08-18", &snapshot(&[("old", 1000, "1"), ("one", 2000, "1"), ("two", 2000, "0.2")]));
    assert_eq!(place.read(path), edited, "nothing changed that was not a person's");
    assert!(run.out.contains("acme/one context_window: 1500, the sources say 2000"), "{}", run.out);
    assert!(run.out.contains("acme/one name: \"Uno\", the sources say \"Model one\""), "{}", run.out);

    // What was not edited follows the sources, in its place, with the comments around it.
    place.import("2026-09-30", &snapshot(&[("new", 500, "9"), ("one", 2000, "0.5"), ("two", 4000, "0.3")]));
    let expected = edited
        .replace("prices:\n      - {input: 1, output: 4}", "prices:\n      - {input: 0.5, output: 4}")
        .replace("context_window: 2000", "context_window: 4000")
        .replace("{input: 0.2, output: 4}", "{input: 0.3, output: 4}");
    let new = "  - id: new\n    name: Model new\n    context_window: 500\n    max_output_tokens: 100\n    tool_call: true\n    prices:\n      - {input: 9, output: 4}\n";
    let now = place.read(path);
    assert_eq!(now.replace(new, ""), expected);
    assert!(now.contains(new) && !now.contains("id: old"), "{now}");

    // Given back, a provider is the sources' again.
    let run = place.run(&["reconcile", "--adopt", "acme"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(place.read(path).contains("context_window: 2000 # measured\n"), "{}", place.read(path));
}

#[test]
fn a_header_that_a_person_wrote_stays_whatever_comes_when() {
    let place = Place::new("header");
    let head = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
name: Our Acme
endpoints:
  - {base_url: https://eu.acme.example/v1, api: anthropic-messages} # ours
auth:
  - {kind: api-key, env: [ACME_TOKEN]}
";
    place.write("catalog/providers/acme.yaml", head);
    // A source that names neither endpoint nor key comes first, one that names both later.
    place.write("prices.json", r#"{"acme/one": {"litellm_provider": "acme", "mode": "chat", "max_output_tokens": 50}}"#);
    assert_eq!(place.run(&["import", "litellm", "prices.json", "--date", "2026-06-01"]).code, 0);
    let run = place.import("2026-08-18", &snapshot(&[("one", 1000, "1")]));
    assert!(run.out.contains("acme endpoints: ") && run.out.contains("acme auth: "), "{}", run.out);
    let yaml = place.read("catalog/providers/acme.yaml");
    for line in head.lines() {
        assert!(yaml.lines().any(|other| other == line), "{line} is gone: {yaml}");
    }
    place.check();
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
    assert!(place.read("catalog/providers/acme.yaml").contains("  - id: old\n    status: retired\n"));
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
    assert!(place.read("catalog/providers/acme.yaml").contains("id: one"));

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
        (&["reconcile", "--adopt", "nobody"], 1, "there is no evidence of a provider `nobody`"),
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
    assert!(run.err.contains("catalog/sources.yaml:12:5: unknown key `speaks_fro`; did you mean `speaks_for`?"), "{}", run.err);
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
    // As it is when the program ended between the catalog's files and the evidence.
    let (day, models) = SNAPSHOTS[1];
    place.import(day, &snapshot(models));
    let after = place.files();
    for (path, text) in done.iter().filter(|(path, _)| path.ends_with(".jsonl")) {
        fs::write(format!("{}{path}", place.0.display()), text).expect("a file can be written");
    }
    place.write("catalog/sources.yaml", &done["/catalog/sources.yaml"]);
    let text = snapshot(models);
    let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    place.write("evidence/.unfinished", &format!("import models.dev --date {day}, {} bytes, sum {sum:016x}\n", text.len()));
    place.write("other.json", &snapshot(SNAPSHOTS[2].1));
    // Neither another command nor another file could tell what is a person's now.
    for arguments in [&["reconcile"][..], &["import", "models.dev", "other.json", "--date", day]] {
        let run = place.run(arguments);
        assert!(
            run.code == 1 && run.err.contains("`modeldex import models.dev --date 2026-08-18, ") && run.err.contains("repeat it first"),
            "{}",
            run.err
        );
    }
    let run = place.import(day, &snapshot(models));
    assert!(!run.out.contains("kept"), "{}", run.out);
    assert_eq!(place.files(), after);
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
    let yaml = place.read("catalog/providers/acme.yaml");
    let block = |id: &str| {
        let start = yaml.find(&format!("  - id: {id}\n")).unwrap_or_else(|| panic!("{id} is not in {yaml}"));
        let rest = &yaml[start + 1..];
        rest[..rest.find("  - id: ").unwrap_or(rest.len())].to_owned()
    };
    assert!(block("fine").contains("{input: 1, output: 4}"), "{yaml}");
    // Two against each other are contested, and none is written: unknown is not a guess.
    assert!(!block("split").contains("prices"), "{yaml}");
    // A zero where another asks for money is not believed.
    assert!(block("zero").contains("{input: 2, output: 4}"), "{yaml}");
    // A zero of one source alone may mean that it does not know.
    assert!(!block("extra").contains("prices") && !block("extra").contains("free"), "{yaml}");
    assert!(block("gone").contains("status: retired"), "{yaml}");
    let evidence = place.read("evidence/acme.jsonl");
    assert!(
        evidence.contains(
            r#""price.input":{"rule":"contested","claims":[[{"USD":"1"},"models.dev@2026-05-21"],[{"USD":"7"},"litellm@2026-06-01"]]}"#
        ),
        "{evidence}"
    );
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
    assert!(place.read("catalog/sources.yaml").contains("etag: \"\\\"a\\\"\"}"), "{}", place.read("catalog/sources.yaml"));
    let before = place.files();
    let run = place.run(&["import", "models.dev", &url]);
    assert_eq!((run.code, run.out.as_str()), (0, "models.dev has not changed since it was last imported\n"));
    assert_eq!(place.files(), before);
    let heads = server.join().expect("the server ends well");
    assert!(!heads[0].contains("if-none-match") && heads[1].contains("if-none-match: \"a\""), "{heads:?}");
}
