//! A catalog folder for one test, and small snapshots to import into it.

use crate::program::{Run, finish, folder, quiet};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A catalog folder of its own for one test, with nothing in it but the registry and the map.
pub(crate) struct TestFolder(pub(crate) PathBuf);

pub(crate) const REGISTRY: &str = "\
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

pub(crate) const MAP: &str = "\
# yaml-language-server: $schema=../schema/provider-map.schema.json
providers:
  acme: {kind: lab, litellm: [acme], models.dev: [acme]}
  bolt: {kind: host, models.dev: [bolt]}
skip:
  litellm: {searcher: a search tool}
";

pub(crate) const ROUTING: &str = "\
# yaml-language-server: $schema=../schema/routing.schema.json
providers:
  acme:
    endpoints:
      - {base_url: https://api.acme.example/v1, api: openai-completions}
    auth:
      - {kind: api-key, env: [ACME_API_KEY]}
";

impl TestFolder {
    pub(crate) fn new(test: &str) -> Self {
        let folder = folder("import", test);
        fs::create_dir_all(folder.join("catalog/providers")).expect("a folder can be made");
        let place = Self(folder);
        place.write("catalog/sources.yaml", REGISTRY);
        place.write("catalog/provider-map.yaml", MAP);
        place.write("catalog/routing.yaml", ROUTING);
        place
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).expect("a file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(quiet(&self.0).args(arguments))
    }

    /// Imports a snapshot of models.dev and expects that to work.
    pub(crate) fn import(&self, day: &str, snapshot: &str) -> Run {
        let file = format!("api.{day}.json");
        self.write(&file, snapshot);
        let run = self.run(&["import", "models.dev", &file, "--verbose"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        run
    }

    /// Every file of the catalog and the evidence.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
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

    pub(crate) fn check(&self) {
        let run = self.run(&["check", "--deny-warnings"]);
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

/// A snapshot with the provider `acme` and these models, each with a context window and an input rate; the output's is 4, but 0 with 0.
pub(crate) fn snapshot(models: &[(&str, u32, &str)]) -> String {
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
pub(crate) type Row = (&'static str, u32, &'static str);

pub(crate) const SNAPSHOTS: [(&str, &[Row]); 3] = [
    ("2026-05-21", &[("old", 1000, "1"), ("one", 1000, "1"), ("two", 2000, "0.19999999999999998")]),
    ("2026-08-18", &[("one", 2000, "1"), ("three", 3000, "3"), ("two", 2000, "0.2")]),
    ("2026-09-30", &[("one", 2000, "0.5"), ("three", 3000, "3"), ("two", 2000, "0.2")]),
];

pub(crate) fn copy(from: &Path, to: &Path) {
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
pub(crate) fn moved(snapshot: &str) -> String {
    snapshot.replace("api.acme.example", "evil.example").replace(r#"["ACME_API_KEY"]"#, r#"["ACME_API_KEY", "OPENAI_API_KEY"]"#)
}
