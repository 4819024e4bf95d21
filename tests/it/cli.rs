//! The command line, run as a program in an empty environment.

#![cfg(feature = "cli")]

use crate::program::{Run, SCHEMA_LINE, finish, folder, quiet, write};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program, run in the root of the repository.
fn program() -> Command {
    quiet(env!("CARGO_MANIFEST_DIR"))
}

fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Run {
    finish(program().args(arguments))
}

/// Like [`run`], with whitespace-separated arguments.
fn modeldex(arguments: &str) -> Run {
    run(&arguments.split(' ').collect::<Vec<_>>())
}

/// Creates a catalog with one provider and one model, without a key.
fn small_catalog(test: &str) -> PathBuf {
    let dir = folder("cli", test);
    let text = "name: Local\nendpoints:\n  - {base_url: http://localhost:1, api: ollama}\nauth:\n  - {kind: none}\nmodels:\n  - {id: m, billing: free}\n";
    write(&dir.join("providers/local.yaml"), format!("{SCHEMA_LINE}{text}"));
    dir
}

fn line_of(run: &Run, reference: &str) -> String {
    let line = run.out.lines().find(|line| line.split_whitespace().next() == Some(reference));
    line.unwrap_or_else(|| panic!("{reference} is not listed:\n{}{}", run.out, run.err)).to_owned()
}

#[test]
fn auth_is_yes_when_the_key_is_set_and_not_empty() {
    let words = ["models", "list", "--all", "--provider", "kimi-coding"];
    let auth = |command: &mut Command| {
        let line = line_of(&finish(command), "kimi-coding/kimi-k2.5");
        line.split_whitespace().nth(5).unwrap_or_default().to_owned()
    };
    assert_eq!(auth(program().args(words)), "no");
    assert_eq!(auth(program().args(words).env("KIMI_API_KEY", "")), "no");
    assert_eq!(auth(program().args(words).env("KIMI_API_KEY", "x")), "yes");
}

#[test]
fn without_all_only_models_with_credentials_are_listed() {
    let words = ["models", "list", "--provider", "kimi-coding"];
    let nothing = run(&words);
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
    assert!(nothing.err.contains("1 more") && nothing.err.contains("--all"), "{}", nothing.err);
    let one = finish(program().args(words).env("KIMI_API_KEY", "x"));
    assert!(line_of(&one, "kimi-coding/kimi-k2.5").contains("yes"));
    assert_eq!(one.err, "");
    // Retired models are only listed with `--status` or `--all`.
    let keyed = |more: &str| {
        finish(
            program()
                .args("models list --provider moonshotai --plain".split(' '))
                .args(more.split_whitespace())
                .env("MOONSHOT_API_KEY", "x"),
        )
    };
    assert!(!keyed("").out.contains("\tretired\t"));
    assert!(keyed("--status retired").out.contains("\tretired\t"));
}

#[test]
fn json_rows_have_these_fields() {
    let rows = modeldex("models list --all --json").json();
    let keys = [
        "ref",
        "provider",
        "id",
        "name",
        "input",
        "output",
        "context_window",
        "max_output_tokens",
        "billing",
        "price",
        "auth",
        "status",
        "aliases",
    ];
    let rows = rows.as_array().expect("an array of rows");
    assert_eq!(rows.len(), modeldex::catalog().models().len());
    for row in rows {
        let row = row.as_object().expect("an object");
        assert!(row.keys().eq(keys), "{row:?}");
        assert_eq!(row["billing"] == "metered", row["price"].is_object(), "{row:?}");
        assert!(row["auth"]["available"].is_boolean() && row["auth"].get("source").is_some());
    }
    let kimi = rows.iter().find(|row| row["ref"] == "kimi-coding/kimi-k2.5").expect("kimi-coding is listed");
    assert_eq!(kimi["context_window"], 256_000);
    assert_eq!(kimi["input"], serde_json::json!(["text"]));
    assert_eq!(kimi["aliases"], serde_json::json!(["k2p5"]));
    assert_eq!(kimi["auth"], serde_json::json!({"available": false, "source": null}));
    assert_eq!(kimi["price"], Value::Null);
}

#[test]
fn a_status_that_differs_between_providers_is_shown_with_its_reason() {
    let shown = modeldex("models show kimi-coding/kimi-k2.5");
    assert!(shown.out.lines().any(|line| line.starts_with("  status ") && line.contains("active")), "{}", shown.out);
    assert!(shown.out.lines().any(|line| line.starts_with("  reason ")), "{}", shown.out);
    let rival = "moonshotai/kimi-k2.5, which has the same base URL, is retired";
    assert!(shown.out.lines().any(|line| line.starts_with("  elsewhere ") && line.contains(rival)), "{}", shown.out);
    assert!(!shown.out.contains("reasoning_efforts"), "a model that does not reason has no levels: {}", shown.out);
}

#[test]
fn values_of_variables_are_never_printed() {
    let secret = "sk-do-not-show-this";
    for words in [
        "models list --all --json",
        "models list",
        "models show kimi-coding/kimi-k2.5",
        "models show kimi-coding/kimi-k2.5 --json",
        "providers show kimi-coding --json",
    ] {
        let run = finish(program().args(words.split(' ')).env("KIMI_API_KEY", secret));
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{words}");
        assert!(run.out.contains("yes") || run.out.contains("KIMI_API_KEY"), "{words}: {}", run.out);
    }
}

#[test]
fn filters_exclude_unknown_values_and_higher_prices() {
    let rows = |more: &str| modeldex(&format!("models list --all --json {more}")).json().as_array().cloned().unwrap_or_default();
    for row in rows("--min-context 200k --capability tool_call --input image --max-price 1") {
        assert!(row["context_window"].as_u64() >= Some(200_000), "{row}");
        assert!(row["input"].as_array().is_some_and(|input| input.contains(&"image".into())), "{row}");
        assert!(row["billing"] == "free" || row["price"]["currency"] == "USD" && row["price"]["input"].as_f64() <= Some(1.0), "{row}");
    }
    assert!(!rows("--max-price 1").is_empty());
    assert!(rows("--provider moonshot").iter().all(|row| row["provider"] == "moonshotai"), "an alias of a provider is one too");
}

#[test]
fn sorting_puts_unknown_values_last_in_both_directions() {
    for reverse in ["", " --reverse"] {
        let rows = modeldex(&format!("models list --all --json --sort context{reverse}")).json();
        let contexts: Vec<Option<u64>> = rows.as_array().expect("rows").iter().map(|row| row["context_window"].as_u64()).collect();
        let known: Vec<u64> = contexts.iter().copied().flatten().collect();
        assert!(contexts[..known.len()].iter().all(Option::is_some));
        assert!(if reverse.is_empty() { known.is_sorted() } else { known.iter().rev().is_sorted() });
    }
}

#[test]
fn plain_lines_have_the_documented_number_of_fields() {
    let run = modeldex("models list --all --plain");
    assert!(run.out.lines().all(|line| line.split('\t').count() == 14));
    assert_eq!(run.out.lines().count(), modeldex::catalog().models().len());
    assert!(modeldex("providers list --plain").out.lines().all(|line| line.split('\t').count() == 7));
}

#[test]
fn output_to_a_pipe_is_neither_truncated_nor_colored() {
    let run = modeldex("models list --all");
    assert!(!run.out.contains('…') && !run.out.contains('\u{1b}'));
    assert!(run.out.lines().all(|line| line == line.trim_end()));
    let forced = finish(program().args(["models", "list", "--all"]).env("CLICOLOR_FORCE", "1"));
    assert!(forced.out.contains('\u{1b}'));
    let refused = finish(program().args(["models", "list", "--all"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1"));
    assert!(!refused.out.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    for words in ["models list --all --json", "models list --all", "schema", "completions bash"] {
        let mut child = program().args(words.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut line = String::new();
        // Reads one line and closes the pipe, like `head -1`.
        BufReader::with_capacity(1, child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("a line");
        let mut err = String::new();
        child.stderr.take().expect("stderr is piped").read_to_string(&mut err).expect("stderr is text");
        assert_eq!(child.wait().expect("the program ends").code(), Some(0), "{words}: {err}");
        assert!(!err.contains("panic") && !err.contains("error"), "{words}: {err}");
    }
}

#[test]
fn an_alias_is_described_with_its_reason() {
    let run = modeldex("models show kimi-coding/k2p5");
    let first = run.out.lines().next().unwrap_or_default();
    assert!(first.contains("`kimi-coding/k2p5`") && first.contains("legacy") && first.contains("`kimi-coding/kimi-k2.5`"), "{first}");
    assert!(first.contains("rejects this id"), "{first}");
    let resolution = &modeldex("models show moonshot/kimi-k2.5 --json").json()["asked"];
    assert_eq!(resolution["provider_alias"]["id"], "moonshot");
    assert_eq!(resolution["alias"], Value::Null);
}

#[test]
fn unknown_names_suggest_the_nearest() {
    for (words, near) in [
        ("models show kimi-coding/kimi-k2.4", "kimi-coding/kimi-k2.5"),
        ("providers show kimi-codin", "kimi-coding"),
        ("models list --provider kimi-codng", "kimi-coding"),
        ("explain unknwon-key", "unknown-key"),
    ] {
        let run = modeldex(words);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{words}");
        assert!(run.err.starts_with("error: unknown") && run.err.contains(&format!("`{near}`")), "{words}: {}", run.err);
    }
}

#[test]
fn an_overlay_changes_a_value_and_is_its_origin() {
    let dir = folder("cli", "overlay");
    let text = "extends: kimi-coding\nmodels:\n  - id: kimi-k2.5\n    context_window: 262144\n";
    write(&dir.join("providers/kimi-coding.yaml"), format!("{SCHEMA_LINE}{text}"));
    let dir = dir.to_str().expect("the folder's name is text").replace('\\', "/");
    let shown = run(&["models", "show", "kimi-coding/kimi-k2.5", "--overlay", &dir]);
    let line = |fact: &str| shown.out.lines().find(|line| line.trim_start().starts_with(fact)).unwrap_or_default().to_owned();
    assert!(line("context_window").contains("262144"), "{}{}", shown.out, shown.err);
    assert!(line("context_window").contains(&format!("{dir}/providers/kimi-coding.yaml")), "{}", shown.out);
    assert!(line("max_output_tokens").contains("(catalog/providers/kimi-coding.yaml)"), "{}", shown.out);
    assert!(line("release_date").contains("(catalog/imported/models/moonshotai.yaml)"), "{}", shown.out);
    let whole = run(&["--overlay", &dir, "models", "list", "--all", "--json"]).json();
    assert_eq!(whole.as_array().map(Vec::len), Some(modeldex::catalog().models().len()), "the rest of the catalog is still there");
}

#[test]
fn retired_models_are_listed_on_request() {
    let dir = folder("cli", "retired");
    let text = "name: Acme\nendpoints:\n  - {base_url: https://api.acme.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [ACME_API_KEY]}\nmodels:\n  - id: new\n  - id: old\n    status: retired\n";
    write(&dir.join("providers/acme.yaml"), format!("{SCHEMA_LINE}{text}"));
    let listed = |more: &[&str]| {
        let run = finish(quiet(&dir).args(["models", "list", "--plain", "--catalog", "."]).args(more));
        run.out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&["--status", "retired"]), ["acme/old"]);
    assert_eq!(listed(&["--status", "retired", "--status", "active"]), ["acme/old"]);
    assert_eq!((listed(&[]), listed(&["--status", "active"])), (vec![], vec![]));
    assert_eq!(listed(&["--all"]), ["acme/new", "acme/old"]);
}

#[test]
fn a_catalog_folder_replaces_the_built_in_catalog() {
    let dir = small_catalog("own");
    let rows = run(&[OsStr::new("models"), "list".as_ref(), "--json".as_ref(), "--catalog".as_ref(), dir.as_os_str()]).json();
    assert_eq!(rows[0]["ref"], "local/m");
    assert_eq!(rows[0]["auth"], serde_json::json!({"available": true, "source": null}));
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
}

#[test]
fn request_settings_of_an_endpoint_are_shown() {
    let nvidia = modeldex("providers show nvidia").out;
    assert!(nvidia.contains("max_tokens, no developer_role, no store, no reasoning_effort"), "{nvidia}");
    assert!(nvidia.contains("NVCF-POLL-SECONDS: 3600"), "{nvidia}");
    let endpoint = &modeldex("providers show kimi-coding --json").json()["endpoints"][0];
    let compat = serde_json::json!({
        "max_tokens_field": "max_tokens", "developer_role": false, "store": false, "reasoning_effort": false, "stream_usage": null,
    });
    assert_eq!((&endpoint["compat"], &endpoint["headers"]), (&compat, &serde_json::json!({})));
}

#[test]
fn exit_codes_distinguish_failures_and_usage_errors() {
    let broken = folder("cli", "broken");
    write(&broken.join("providers/a.yaml"), format!("{SCHEMA_LINE}name: 3\n"));
    let broken = broken.to_str().expect("the folder's name is text");
    let clean = small_catalog("clean");
    let clean = clean.to_str().expect("the folder's name is text");
    for (words, code) in [
        (vec!["check"], 0),
        (vec!["check", "--catalog", clean, "--deny-warnings"], 0),
        (vec!["check", "--catalog", broken], 1),
        (vec!["models", "list", "--catalog", broken], 1),
        (vec!["check", "--catalog", "no/such/folder"], 2),
        (vec!["check", "--catalog", "src"], 2),
        (vec!["models", "list", "--sort", "nothing"], 2),
        (vec!["explain", "--catalog", clean], 2),
        (vec!["nonsense"], 2),
        (vec![], 2),
        (vec!["--help"], 0),
        (vec!["--version"], 0),
    ] {
        let run = run(&words);
        assert_eq!(run.code, code, "{words:?}\n{}{}", run.out, run.err);
        assert!(code == 0 || run.out.is_empty() && !run.err.is_empty(), "{words:?}");
    }
}

#[test]
fn warnings_only_fail_with_deny_warnings_and_are_counted_by_other_commands() {
    let dir = small_catalog("warned");
    let path = dir.join("providers/local.yaml");
    let text = fs::read_to_string(&path).expect("the file is there");
    write(&path, text.trim_start_matches(SCHEMA_LINE));
    let dir = dir.to_str().expect("the folder's name is text");
    assert_eq!(run(&["check", "--catalog", dir]).code, 0);
    assert_eq!(run(&["check", "--catalog", dir, "--deny-warnings"]).code, 1);
    let read = run(&["models", "list", "--catalog", dir]);
    assert_eq!((read.code, read.err.lines().count()), (0, 1), "{}", read.err);
    assert!(read.err.starts_with("warning: the catalog has 1 warning"), "{}", read.err);
}

#[test]
fn check_compiles_folders_as_one_catalog_like_generate() {
    let dir = small_catalog("as-one");
    let view = "# yaml-language-server: $schema=../../schema/view.schema.json\nexports:\n  - constants: M\n    models: [{ref: local/m}]\n";
    write(&dir.join("views/ui.yaml"), view);
    let over = folder("cli", "as-one-over");
    let facts = "context_window: 10, max_output_tokens: 5, input: [text]";
    let changed = |rest: &str| format!("{SCHEMA_LINE}extends: local\nmodels:\n  - {{id: m, {facts}{rest}}}\n");
    let (dir, over_dir) = (dir.to_str().expect("the folder's name is text"), over.to_str().expect("the folder's name is text"));
    let alone = run(&["check", "--catalog", dir]);
    assert_eq!((alone.code, alone.err.matches("view-fact").count()), (1, 3), "{}", alone.err);
    let out = folder("cli", "as-one-out");
    let generate = |dir: &str| run(&["generate", "--catalog", dir, "--out", out.to_str().expect("the folder's name is text")]).code;
    assert_eq!(generate(dir), 1);

    write(&over.join("providers/local.yaml"), changed(""));
    let both = ["--catalog", dir, "--overlay", over_dir];
    for words in [["check", "--deny-warnings"].as_slice(), &["models", "list", "--all"]] {
        let read = run(&[words, &both].concat());
        assert_eq!(read.code, 0, "{words:?}: {}", read.err);
    }
    let prices = ", prices: [{currency: CNY, input: 1, output: 1, cache_read: 1, cache_write: 1}]";
    write(&over.join("providers/local.yaml"), changed(prices));
    let priced = run(&[["check"].as_slice(), &both].concat());
    assert_eq!((priced.code, priced.err.matches("view-currency").count()), (1, 1), "{}", priced.err);
}

#[test]
fn machine_readable_reports_go_to_stdout() {
    let dir = folder("cli", "reports");
    write(&dir.join("providers/a.yaml"), format!("{SCHEMA_LINE}nmae: A\n"));
    let dir = dir.to_str().expect("the folder's name is text");
    let found = run(&["check", "--catalog", dir, "--format", "json"]);
    assert_eq!((found.code, found.err.as_str()), (1, ""));
    assert!(found.json().as_array().is_some_and(|found| found.iter().any(|one| one["code"] == "unknown-key")), "{}", found.out);
    let sarif = run(&["check", "--catalog", dir, "--format", "sarif"]).json();
    assert_eq!(sarif["version"], "2.1.0");
    let human = run(&["check", "--catalog", dir]);
    assert_eq!(human.out, "");
    assert!(human.err.contains("unknown-key") && human.err.contains("providers/a.yaml:2:1"), "{}", human.err);
    let notices = modeldex("check --format json").json();
    assert!(notices.as_array().is_some_and(|found| found.iter().all(|one| one["severity"] == "notice")), "{notices}");
}

#[test]
fn commands_print_the_catalog_they_use() {
    let here = folder("cli", "named");
    let there = small_catalog("named-other");
    let there = there.to_str().expect("the folder's name is text");
    let at = |words: &str| finish(program().current_dir(&here).args(words.split(' ')));
    for (words, hints) in [
        ("check", ["`--catalog DIR`", "`--overlay DIR`", "`mkdir catalog`", "`modeldex new provider ID`"].as_slice()),
        ("new provider acme", &["`mkdir catalog`", "`--catalog DIR`"]),
    ] {
        let run = at(words);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{words}: {}", run.err);
        assert!(run.err.contains("no folder `catalog`") && hints.iter().all(|hint| run.err.contains(hint)), "{words}: {}", run.err);
    }
    assert_eq!(at("models list --all --provider acme").err.lines().count(), 1, "there is no folder that could have it");

    fs::create_dir(here.join("catalog")).expect("a folder can be made");
    let made = at("new provider acme");
    assert!(made.err.contains("to use the folder `catalog`, add `--catalog catalog`"), "{}", made.err);
    let file = here.join("catalog/providers/acme.yaml");
    let filled = fs::read_to_string(&file).expect("it was written").replace("api.example.com", "api.acme.example");
    write(&file, filled.replace("example-model", "acme-1"));
    assert_eq!(at("check").err, "checked `catalog`: 1 provider, 1 model, 0 labs, no problems\n");
    assert!(at(&format!("check --overlay {there}")).err.starts_with(&format!("checked the built-in catalog and `{there}`: ")));
    write(&here.join("catalog/providers/broken.yaml"), "nmae: A\n");
    assert!(at("check").err.ends_with("\nchecked `catalog`\n"), "{}", at("check").err);
    fs::remove_file(here.join("catalog/providers/broken.yaml")).expect("it was written");

    // A model of the folder is not in the built-in catalog.
    for words in ["models list --all --provider acme", "models show acme/acme-1", "emit csv --model acme/acme-1"] {
        let run = at(words);
        assert_eq!(run.code, 1, "{words}: {}", run.err);
        assert!(
            run.err.ends_with("\nnote: using the built-in catalog; to use the folder `catalog`, add `--catalog catalog`\n"),
            "{}",
            run.err
        );
        let found = at(&format!("{words} --catalog catalog"));
        assert_eq!(found.code, 0, "{words}: {}", found.err);
    }
}

#[test]
fn a_new_provider_is_valid_once_filled_in() {
    let dir = small_catalog("new");
    let at = |words: &[&str]| run(&[words, &["--catalog", dir.to_str().expect("the folder's name is text")]].concat());
    let made = at(&["new", "provider", "acme-ai"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let text = fs::read_to_string(dir.join("providers/acme-ai.yaml")).expect("the file was written");
    assert!(text.starts_with(SCHEMA_LINE) && text.contains("ACME_AI_API_KEY"), "{text}");
    let unfilled = at(&["check"]);
    assert_eq!(unfilled.code, 1, "{}", unfilled.err);
    assert_eq!(unfilled.err.matches("error[placeholder]").count(), 2, "{}", unfilled.err);
    let filled = text.replace("api.example.com", "api.acme.example").replace("example-model", "acme-1");
    fs::write(dir.join("providers/acme-ai.yaml"), filled).expect("the file can be written");
    let checked = at(&["check", "--deny-warnings"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.err.contains("2 providers, 2 models"), "{}", checked.err);
    assert!(at(&["models", "list", "--all"]).out.contains("acme-ai/acme-1"));
    assert_eq!(at(&["new", "provider", "acme-ai"]).code, 1, "an existing file is kept");
    for illegal in ["Acme", "a b", "../acme", "-a", ""] {
        assert_eq!(at(&["new", "provider", "--", illegal]).code, 2, "{illegal}");
    }
}

#[test]
fn generate_check_reports_outdated_files() {
    let dir = folder("cli", "generate");
    let at = |words: &[&str]| run(&[words, &["--out", dir.to_str().expect("the folder's name is text")]].concat());
    let missing = at(&["generate", "--check"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("run `modeldex generate --catalog catalog --out "), "{}", missing.err);
    assert_eq!(at(&["generate"]).code, 0);
    assert_eq!(at(&["generate", "--check"]).code, 0);
    let schema = dir.join("schema/provider.schema.json");
    let when = |path: &Path| fs::metadata(path).and_then(|known| known.modified()).expect("the file has a time");
    let before = when(&schema);
    let again = at(&["generate"]);
    assert_eq!((again.out.as_str(), when(&schema)), ("", before), "what is up to date is not touched");
    let view = dir.join("ui/src/data/moonshot-kimi-k2.ts");
    let text = fs::read_to_string(&view).expect("the view was written");
    assert!(text.contains("export const KIMI_CODING_DEFAULT_ID = \"kimi-k2.5\" as const;"), "{text}");
    write(&view, text.replace("kimi-k2.5", "k2p5"));
    write(&dir.join("ui/src/data/gone.ts"), "// Generated by `modeldex generate` from views/gone.yaml.\n");
    write(&dir.join("ui/src/data/own.ts"), "export {};\n");
    let stale = at(&["generate", "--check"]);
    assert_eq!(stale.code, 1);
    assert!(stale.err.contains("moonshot-kimi-k2.ts") && stale.err.contains("gone.ts") && !stale.err.contains("own.ts"), "{}", stale.err);
    assert_eq!(at(&["generate"]).code, 0);
    assert_eq!(fs::read_to_string(&view).expect("the view was written again"), text);
    assert!(!dir.join("ui/src/data/gone.ts").exists() && dir.join("ui/src/data/own.ts").exists());
}

#[test]
fn generate_reads_the_catalog_folder_here() {
    let dir = folder("cli", "generate-own");
    fs::rename(small_catalog("generate-own-catalog"), dir.join("catalog")).expect("the folder can be moved");
    let schema_line = SCHEMA_LINE.replace("provider", "view");
    let view = "exports:\n  - array: MODELS\n    type: Model\n    models:\n      - ref: local/m\n";
    write(&dir.join("catalog/views/mine.yaml"), format!("{schema_line}{view}"));
    let at = |words: &str| finish(program().current_dir(&dir).args(words.split(' ')));
    let run = at("generate");
    let errors = at("check --format json").out;
    assert_eq!(run.code, 0, "{}{errors}", run.err);
    assert!(dir.join("ui/src/data/mine.ts").exists(), "{}", run.out);
    assert!(!dir.join("ui/src/data/moonshot-kimi-k2.ts").exists(), "a view of the built-in catalog was written: {}", run.out);
    assert_eq!(at("generate --check").code, 0);
}

#[test]
fn a_package_does_not_overwrite_other_files() {
    let dir = folder("cli", "package");
    let target = dir.join("catalog-ts");
    let at = |words: &[&str]| run(&[&["generate", "--typescript", target.to_str().expect("the folder's name is text")], words].concat());
    assert_eq!(at(&[]).code, 0);
    assert!(target.join("package.json").exists());
    assert_eq!(at(&[]).code, 0, "what was written by it is written over");
    assert_eq!(at(&["--check"]).code, 0);
    write(&target.join("package.json"), "{}\n");
    let refused = at(&[]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("--force"), "{}", refused.err);
    assert_eq!(at(&["--force"]).code, 0);
}

#[test]
fn fix_sorts_keys_and_preserves_comments() {
    let dir = folder("cli", "fix");
    let path = dir.join("providers/a.yaml");
    let rest = "endpoints:\n  - {base_url: https://a.example/v1, api: ollama}\n# why\nname: A\nauth:\n  - {kind: none}\nmodels:\n  - {id: b, billing: free}\n  - {id: a, billing: free}\n";
    write(&path, format!("{SCHEMA_LINE}{rest}"));
    let dir = dir.to_str().expect("the folder's name is text");
    assert_eq!(run(&["check", "--catalog", dir, "--deny-warnings"]).code, 1);
    let fixed = run(&["check", "--catalog", dir, "--deny-warnings", "--fix"]);
    assert_eq!(fixed.code, 0, "{}", fixed.err);
    let text = fs::read_to_string(&path).expect("the file is there");
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is gone:\n{text}"));
    assert!(at("# why") < at("name: A") && at("name: A") < at("endpoints:") && at("id: a") < at("id: b"), "{text}");
}

#[test]
fn every_code_is_listed_and_has_an_explanation() {
    let listed = modeldex("explain").out;
    for rule in modeldex_compile::codes::RULES {
        assert!(listed.contains(rule.code), "{}", rule.code);
        let explanation = modeldex(&format!("explain {}", rule.code)).out;
        assert!(explanation.starts_with(rule.code) && explanation.contains(rule.summary), "{explanation}");
    }
}

#[test]
fn schemas_are_json_and_completions_are_not_empty() {
    for kind in ["provider", "lab", "view", "sources", "provider-map", "config"] {
        let schema = modeldex(&format!("schema {kind}")).json();
        assert_eq!(schema["type"], "object");
        assert!(schema["$id"].as_str().is_some_and(|id| id.ends_with(&format!("/{kind}.schema.json"))), "{}", schema["$id"]);
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(modeldex(&format!("completions {shell}")).out.contains("modeldex"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_and_variables_that_are_not_utf8_are_accepted() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = OsStr::from_bytes(b"\xff\xfe");
    // Not valid in a header, so not a valid key.
    let keyed = finish(program().args(["models", "list", "--all", "--provider", "kimi-coding"]).env("KIMI_API_KEY", bytes));
    assert!(line_of(&keyed, "kimi-coding/kimi-k2.5").contains(" no "));
    assert_eq!(finish(program().args(["models", "show"]).arg(bytes)).code, 2);
    assert_eq!(finish(program().args(["check", "--catalog"]).arg(bytes)).code, 2);
}
