//! The rules check a catalog with overlays once, as a whole.

use crate::BUILT_IN;
use crate::folder::Folder;
use modeldex_compile::{Compiled, UserRoutes, compile_layers, compile_overlay};
use std::path::{Path, PathBuf};

/// Creates folders with files, each with the schema line of its kind.
fn folders(files: &[(&str, &str)]) -> Folder {
    let schema = |name: &str| match name.split('/').nth(1) {
        Some("models") => "lab",
        Some("views") => "view",
        _ => "provider",
    };
    let text = |name, text| format!("# yaml-language-server: $schema=../../schema/{}.schema.json\n{text}", schema(name));
    Folder::new(&files.iter().map(|&(name, rest)| (name, text(name, rest))).collect::<Vec<_>>())
}

/// Compiles folders as layers.
fn compiled(folders: &Folder, layers: &[&str]) -> Compiled {
    let dirs: Vec<PathBuf> = layers.iter().map(|layer| folders.0.join(layer)).collect();
    let compiled = compile_layers(None, &dirs, &UserRoutes::default());
    compiled.catalog().verify().unwrap();
    compiled
}

/// Returns each finding as `code folder/kind/file:line:column`, followed by related places.
fn found(layers: &[&str], files: &[(&str, &str)]) -> Vec<String> {
    let folders = folders(files);
    let compiled = compiled(&folders, layers);
    let root = format!("{}/", folders.0.to_string_lossy().replace('\\', "/"));
    let place = |span| {
        let (from, _) = compiled.source_files.positions(span);
        let path = &compiled.source_files.get(span.file).path;
        format!("{}:{}:{}", path.strip_prefix(&root).unwrap_or(path), from.line, from.column)
    };
    let shown = |found: &modeldex_compile::diagnostic::Diagnostic| {
        let labels: Vec<String> = found.labels.iter().map(|label| format!(" and {}", place(label.span))).collect();
        format!("{} {}{}", found.code, place(found.span), labels.concat())
    };
    compiled.diagnostics.iter().map(shown).collect()
}

const ACME: &str = "name: Acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: openai-completions\nauth:\n  - kind: api-key\n    env: [ACME_API_KEY]\n";
const BOTH: &[&str] = &["base", "over"];

#[test]
fn errors_fixed_by_an_upper_folder_are_not_reported() {
    let base = format!(
        "{ACME}default_model: new\nmodels:\n  - id: a\n    context_window: 100\n    max_output_tokens: 200\n    input: [text]\n  - id: b\n    context_window: 100\n    max_output_tokens: 200\n  - id: c\n    prices:\n      - {{input: 1}}\n      - {{input: 2}}\n  - id: d\n    base: lab/none\n  - id: e\n    successor: new\n"
    );
    let view = "unpriced_cost: 0\nexports:\n  - constants: A\n    models:\n      - ref: acme/a\n  - array: NEW\n    models:\n      - ref: acme/new\n  - constants: B\n    models:\n      - ref: acme/b\n    override: {reason: none, max_output_tokens: 1}\n";
    let over = "extends: acme\nomit_models: [d]\nmodels:\n  - id: a\n    context_window: 300\n  - id: b\n    omit: [max_output_tokens]\n    input: [text]\n  - id: c\n    prices:\n      - {input: 3}\n  - id: new\n";
    let files = [("base/providers/acme.yaml", base.as_str()), ("base/views/ui.yaml", view), ("over/providers/acme.yaml", over)];
    let alone = found(&["base"], &files);
    let codes: Vec<&str> = alone.iter().map(|found| found.split(' ').next().unwrap()).collect();
    let wanted = [
        "unknown-default-model",
        "output-above-context",
        "output-above-context",
        "price-overlap",
        "unknown-base",
        "unknown-successor",
        "view-reference",
        "view-fact",
    ];
    assert_eq!(codes, wanted);
    assert_eq!(found(BOTH, &files), [""; 0]);
}

#[test]
fn other_errors_are_reported_once_where_they_are_stated() {
    let base = format!(
        "{ACME}default_model: gone\nmodels:\n  - id: a\n  - id: b\n    context_window: 100\n    max_output_tokens: 200\n  - id: c\n    release_date: 2025-02-01\n"
    );
    let over = "extends: acme\nomit_models: [a]\nmodels:\n  - id: b\n    name: Bee\n  - id: c\n    retirement_date: 2025-01-01\n";
    let files = [("base/providers/acme.yaml", base.as_str()), ("over/providers/acme.yaml", over)];
    let expected = [
        "unknown-default-model base/providers/acme.yaml:9:16",
        "output-above-context base/providers/acme.yaml:14:24 and base/providers/acme.yaml:13:21",
        "date-order over/providers/acme.yaml:8:22 and base/providers/acme.yaml:16:19",
    ];
    assert_eq!(found(BOTH, &files), expected);
}

#[test]
fn errors_of_an_upper_folder_are_reported_there() {
    let base = format!("{ACME}models:\n  - id: a\n    context_window: 300\n    max_output_tokens: 200\n");
    let over = "extends: acme\nmodel_aliases:\n  - {id: x, target: y, kind: legacy}\nmodels:\n  - id: a\n    context_window: 100\n";
    let files = [("base/providers/acme.yaml", base.as_str()), ("over/providers/acme.yaml", over)];
    let expected = [
        "alias-dangling over/providers/acme.yaml:4:21",
        "output-above-context base/providers/acme.yaml:12:24 and over/providers/acme.yaml:7:21",
    ];
    let mut got = found(BOTH, &files);
    got.sort();
    assert_eq!(got, expected);
}

#[test]
fn a_file_without_extends_replaces_the_one_below() {
    let base = format!("{ACME}default_model: gone\n");
    let over = ACME.replace("Acme", "Other") + "models: [{id: m}]\n";
    let files = [("base/providers/acme.yaml", base.as_str()), ("over/providers/acme.yaml", over.as_str())];
    assert_eq!(found(BOTH, &files), [""; 0]);
    let folders = folders(&files);
    assert_eq!(compiled(&folders, BOTH).catalog().provider("acme").unwrap().name(), "Other");
}

#[test]
fn views_and_labs_of_every_folder_count() {
    let acme = format!("{ACME}models:\n  - id: a\n    base: lab/a\n  - id: b\n    base: lab/b\n");
    let low = "name: Lab\nmodels:\n  - id: a\n    context_window: 100\n    max_output_tokens: 200\n";
    let high = "name: Lab\nmodels:\n  - id: a\n    max_output_tokens: 50\n  - id: b\n    context_window: 10\n    max_output_tokens: 20\n";
    let bad = "exports:\n  - array: A\n    models: [{ref: acme/none}]\n";
    let good = "exports:\n  - array: A\n    models: [{ref: acme/a}]\n";
    let files = [
        ("base/providers/acme.yaml", acme.as_str()),
        ("base/models/lab.yaml", low),
        ("base/views/one.yaml", bad),
        ("base/views/two.yaml", good),
        ("over/models/lab.yaml", high),
        ("over/views/one.yaml", good),
    ];
    assert_eq!(found(BOTH, &files), ["output-above-context over/models/lab.yaml:8:24 and over/models/lab.yaml:7:21"]);
    let folders = folders(&files);
    let compiled = compiled(&folders, BOTH);
    let names: Vec<&str> = compiled.views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["two", "one"]);
}

#[test]
fn errors_within_a_file_are_reported_for_every_folder() {
    let base = format!("{ACME}models:\n  - id: 7\n  - id: a\n    context_window: 100\n    max_output_tokens: 200\n");
    let over = "extends: acme\nmodles: []\n";
    let files = [("base/providers/acme.yaml", base.as_str()), ("base/providers/acme.yml", ACME), ("over/providers/acme.yaml", over)];
    let expected = [
        "wrong-type base/providers/acme.yaml:10:9",
        "output-above-context base/providers/acme.yaml:13:24 and base/providers/acme.yaml:12:21",
        "duplicate-file base/providers/acme.yml:2:1 and base/providers/acme.yaml:2:1",
        "unknown-key over/providers/acme.yaml:3:1",
    ];
    assert_eq!(found(BOTH, &files), expected);
}

#[test]
fn three_folders_are_merged() {
    let base = format!("{ACME}models:\n  - id: a\n    context_window: 100\n    max_output_tokens: 200\n");
    let over = "extends: acme\nmodels:\n  - id: a\n    max_output_tokens: 150\n";
    let top = "extends: acme\nmodels:\n  - id: a\n    max_output_tokens: 100\n";
    let files = [("base/providers/acme.yaml", base.as_str()), ("over/providers/acme.yaml", over), ("top/providers/acme.yaml", top)];
    assert_eq!(found(&["base", "over", "top"], &files), [""; 0]);
    let two = ["output-above-context over/providers/acme.yaml:5:24 and base/providers/acme.yaml:11:21"];
    assert_eq!(found(&["base", "over"], &files), two);
}

#[test]
fn compiling_folders_together_or_successively_gives_the_same_tables() {
    let over = "extends: kimi-coding\nmodels:\n  - id: kimi-k2.5\n    omit: [knowledge_cutoff]\n  - id: mine\n    context_window: 10\n";
    let lab = "name: Moonshot AI\nmodels:\n  - id: kimi-k2.6\n    context_window: 300000\n";
    let folders = folders(&[("over/providers/kimi-coding.yaml", over), ("over/models/moonshotai.yaml", lab)]);
    let over = folders.0.join("over");
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let after = compile_overlay(&BUILT_IN.catalog(), &over);
    let at_once = compile_layers(None, &[base, over], &UserRoutes::default());
    assert!(!at_once.has_errors(), "{:?}", at_once.diagnostics);
    assert_eq!(at_once.catalog().models().len(), after.catalog().models().len());
    for (one, other) in at_once.catalog().models().zip(after.catalog().models()) {
        let known = |model: modeldex_table::Model<'_>| {
            let origins: Vec<_> = modeldex_table::Fact::ALL.iter().map(|fact| model.origin(*fact)).collect();
            let limits = [model.context_window(), model.max_input_tokens(), model.max_output_tokens()];
            (
                format!("{}", model.reference()),
                model.name().to_owned(),
                limits,
                format!("{:?} {origins:?}", model.prices().iter().collect::<Vec<_>>()),
            )
        };
        assert_eq!(known(one), known(other));
    }
}

/// A base model with reasoning, and a provider whose model denies it.
const REASONING: [(&str, &str); 2] = [
    ("base/models/lab.yaml", "name: Lab\nmodels:\n  - id: x\n    reasoning: true\n    reasoning_efforts: [low, high]\n"),
    (
        "base/providers/acme.yaml",
        "name: Acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: openai-completions\nauth:\n  - kind: api-key\n    env: [ACME_API_KEY]\nmodels:\n  - id: off\n    base: lab/x\n    reasoning: false\n  - id: on\n    base: lab/x\n",
    ),
];

/// Returns the reasoning-effort levels of a model with an overlay without findings, compiled over the folder and over its tables.
fn efforts(over: (&str, &str), model: &str) -> Vec<&'static str> {
    let files = [REASONING[0], REASONING[1], over];
    let folders = folders(&files);
    let both = compiled(&folders, BOTH);
    assert!(both.diagnostics.is_empty(), "{:?}", both.diagnostics);
    let base = compiled(&folders, &["base"]);
    let laid = compile_overlay(&base.catalog(), &folders.0.join("over"));
    assert!(laid.diagnostics.is_empty(), "{:?}", laid.diagnostics);
    let levels = |compiled: &Compiled| {
        let catalog = compiled.catalog();
        catalog.model(model).unwrap().reasoning_efforts().iter().map(|level| level.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(levels(&both), levels(&laid));
    levels(&both)
}

#[test]
fn levels_of_effort_follow_reasoning_through_overlays() {
    let acme = |models: &'static str| ("over/providers/acme.yaml", models);
    assert_eq!(efforts(acme("extends: acme\nmodels:\n  - id: on\n    reasoning: false\n"), "acme/on"), [""; 0]);
    assert_eq!(efforts(acme("extends: acme\nmodels:\n  - id: off\n    reasoning: true\n"), "acme/off"), ["low", "high"]);
    let lab = ("over/models/lab.yaml", "name: Lab\nmodels:\n  - id: x\n    reasoning: false\n");
    assert_eq!(efforts(lab, "acme/on"), [""; 0]);
}

#[test]
fn levels_for_a_model_below_without_reasoning_are_reported() {
    let over = ("over/providers/acme.yaml", "extends: acme\nmodels:\n  - id: off\n    reasoning_efforts: [low]\n");
    let folders = folders(&[REASONING[0], REASONING[1], over]);
    let base = compiled(&folders, &["base"]);
    for compiled in [compiled(&folders, BOTH), compile_overlay(&base.catalog(), &folders.0.join("over"))] {
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(codes, ["reasoning-efforts"]);
    }
}

#[test]
fn a_reason_stays_with_the_status_that_it_explains() {
    let base = format!("{ACME}models:\n  - id: a\n    reason: The plan keeps it.\n  - id: b\n    reason: The plan keeps it.\n");
    let over = "extends: acme\nmodels:\n  - id: a\n    status: preview\n  - id: b\n    context_window: 1\n";
    let folders = folders(&[("base/providers/acme.yaml", &base), ("over/providers/acme.yaml", over)]);
    let compiled = compiled(&folders, BOTH);
    let catalog = compiled.catalog();
    assert_eq!(catalog.model("acme/a").unwrap().reason(), None);
    assert_eq!(catalog.model("acme/b").unwrap().reason(), Some("The plan keeps it."));
}

#[test]
fn levels_in_the_defaults_of_a_file_are_not_stated_by_its_models() {
    let base = format!(
        "{ACME}defaults:\n  reasoning_efforts: [medium]\nmodels:\n  - id: dumb\n    reasoning: false\n  - id: thinks\n    reasoning: true\n"
    );
    let over = "extends: acme\nmodels:\n  - id: new\n    reasoning: true\n";
    let folders = folders(&[("base/providers/acme.yaml", &base), ("over/providers/acme.yaml", over)]);
    for folder in [&["base"][..], BOTH] {
        let compiled = compiled(&folders, folder);
        assert!(compiled.diagnostics.is_empty(), "{:?}", compiled.diagnostics);
    }
    let compiled = compiled(&folders, BOTH);
    let levels = |model: &str| compiled.catalog().model(model).unwrap().reasoning_efforts().iter().count();
    assert_eq!([levels("acme/dumb"), levels("acme/thinks"), levels("acme/new")], [0, 1, 0]);
}

#[test]
fn inherited_limits_yield_to_an_imported_window() {
    let imported = "name: Acme\nmodels:\n  - {id: a, context_window: 100}\n";
    let lab = "name: Lab\nmodels:\n  - id: one\n    context_window: 300\n    max_output_tokens: 200\n";
    let own = format!("{ACME}models:\n  - id: a\n    base: lab/one\n");
    let files =
        [("base/imported/providers/acme.yaml", imported), ("base/models/lab.yaml", lab), ("base/providers/acme.yaml", own.as_str())];
    let got = found(&["base"], &files);
    assert!(got.iter().all(|found| !found.starts_with("output-above-context")), "{got:?}");
    // Hand-written values are kept.
    let own = format!("{own}    max_output_tokens: 200\n");
    let got = found(&["base"], &[files[0], files[1], ("base/providers/acme.yaml", own.as_str())]);
    assert!(got.iter().any(|found| found.starts_with("output-above-context base/providers/acme.yaml")), "{got:?}");
}
