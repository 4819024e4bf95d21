//! The command `emit`: selection, output files, losses and usage errors.

#![cfg(feature = "cli")]

use crate::program::{Run, TestFolder};
use serde_json::Value;
use std::fs;

const OTHER: &str = "name: Other\nsources:\n  - {url: https://other.example}\nendpoints:\n  - {base_url: \"https://other.example/v1\", api: openai-completions}\nauth:\n  - {kind: api-key, env: [OTHER_API_KEY]}\nmodels:\n  - id: one\n    context_window: 1000\n    max_output_tokens: 100\n    input: [text]\n    billing: unpriced\n";

fn place(test: &str) -> TestFolder {
    let place = TestFolder::new("emit", test);
    place.acme("openai-completions", "https://acme.example/v1").provider("other", OTHER);
    place
}

fn json(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn only_selected_models_are_written() {
    let place = place("chosen");
    assert_eq!(keys(&json(&place.run(&["emit", "models.dev"]))), ["acme", "other"]);
    assert_eq!(keys(&json(&place.run(&["emit", "models.dev", "--provider", "other"]))), ["other"]);
    let both = json(&place.run(&["emit", "models.dev", "--provider", "other", "--model", "acme/kimi-k2.5"]));
    assert_eq!(keys(&both), ["acme", "other"]);
    // Only the key of `acme` is set.
    assert_eq!(keys(&json(&place.run(&["emit", "models.dev", "--usable"]))), ["acme"]);
}

#[test]
fn losses_are_only_reported_on_stderr() {
    let place = place("notes");
    let run = place.run(&["emit", "litellm"]);
    json(&run);
    assert!(run.err.contains("litellm: the output states only one of the context window and the input limit of 2 models"), "{}", run.err);
    assert!(run.err.contains("no field for"), "{}", run.err);
}

#[test]
fn list_prints_every_format() {
    let place = place("list");
    let list = json(&place.run(&["emit", "--list", "--json"]));
    let names: Vec<_> = list.as_array().expect("an array").iter().map(|row| row["target"].as_str().expect("a name")).collect();
    for name in [
        "openclaw",
        "models.dev",
        "litellm",
        "litellm-proxy",
        "catwalk",
        "pi",
        "aichat",
        "goose",
        "continue",
        "zed",
        "openai-models",
        "csv",
        "sql",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    let text = place.run(&["emit", "--list"]);
    assert!(names.iter().all(|name| text.out.contains(name)), "{}", text.out);
}

#[test]
fn an_unchanged_file_is_not_rewritten() {
    let place = place("file");
    let path = place.dir.join("deep/er/api.json");
    let path = path.to_str().expect("a path");
    let first = place.run(&["emit", "models.dev", "--out", path]);
    assert_eq!((first.code, first.out.as_str()), (0, ""), "{}", first.err);
    assert!(first.err.contains("written: "), "{}", first.err);
    let before = fs::metadata(path).expect("a file").modified().expect("a time");
    let second = place.run(&["emit", "models.dev", "--out", path]);
    assert!(second.err.contains("up to date: "), "{}", second.err);
    assert_eq!(fs::metadata(path).expect("a file").modified().expect("a time"), before);
    assert_eq!(fs::read_dir(place.dir.join("deep/er")).expect("a folder").count(), 1, "nothing is left beside it");
}

#[test]
fn a_format_of_several_files_requires_a_folder() {
    let place = place("folder");
    let run = place.run(&["emit", "goose"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
    assert!(run.err.contains("--out DIR"), "{}", run.err);
    let dir = place.dir.join("goose");
    assert_eq!(place.run(&["emit", "goose", "--out", dir.to_str().expect("a path")]).code, 0);
    assert!(dir.join("acme.json").is_file() && dir.join("other.json").is_file());
    // A format of one file does not.
    assert_eq!(json(&place.run(&["emit", "goose", "--provider", "acme"]))["name"], "acme");
}

#[test]
fn usage_errors_are_explained() {
    let place = place("wrong");
    for (arguments, code, words) in [
        (&["emit", "model.dev"][..], 2, "nearest: `models.dev`"),
        (&["emit", "xyzzy"], 2, "known formats: "),
        (&["emit"], 2, "<TARGET>"),
        (&["emit", "csv", "--list"], 2, "cannot be used with"),
        (&["emit", "csv", "--provider", "acne"], 1, "unknown provider `acne`; nearest: `acme`"),
        (&["emit", "csv", "--model", "acme/kimi-k2.6"], 1, "acme/kimi-k2.5"),
        (&["emit", "csv", "--at", "yesterday"], 2, "RFC 3339"),
        (&["emit", "csv", "--catalog", "/nowhere/at/all"], 2, "cannot read"),
    ] {
        let run = if arguments.contains(&"--catalog") {
            crate::program::finish(crate::program::bare(&place.dir).args(arguments))
        } else {
            place.run(arguments)
        };
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{arguments:?}: {}", run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn an_unwritable_path_is_an_error_and_leaves_no_files() {
    let place = place("unwritable");
    let file = place.dir.join("file");
    fs::write(&file, "mine").expect("a file can be written");
    let run = place.run(&["emit", "csv", "--out", file.join("below.csv").to_str().expect("a path")]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("cannot be"), "{}", run.err);
    let run = place.run(&["emit", "csv", "--out", place.dir.to_str().expect("a path")]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
}
