//! All output formats: the committed output for a small catalog with all special cases, and reading it back without losses other than the
//! declared ones.

use expect_test::expect_file;
use modeldex::{Catalog, Model, Moment};
use modeldex_compile::compile;
use modeldex_formats::{EMIT_TARGETS, EmitTarget, Loss, LossReport, ModelSelection, emit_target};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

mod again;

/// The time of the written prices.
fn day() -> Moment {
    Moment::parse("2026-06-15").expect("a day")
}

fn fixture() -> modeldex_compile::Compiled {
    let compiled = compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit/catalog"));
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    compiled
}

fn golden(target: &EmitTarget) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit/golden").join(target.name)
}

/// Compares the output with the files of a folder, which must have no other files.
fn compare(folder: &Path, files: &BTreeMap<String, String>) {
    files.iter().for_each(|(name, text)| expect_file![folder.join(name)].assert_eq(text));
    let there = fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("an entry").file_name());
    let stale: Vec<_> = there.filter(|name| !files.contains_key(&*name.to_string_lossy())).collect();
    assert!(stale.is_empty(), "{stale:?} in {} are not written; remove them", folder.display());
}

#[test]
fn every_format_matches_the_committed_output() {
    let compiled = fixture();
    let catalog = compiled.catalog();
    let selection = ModelSelection::all(&catalog, day());
    for target in EMIT_TARGETS {
        let mut lost = LossReport::default();
        let documents = target.write(&selection, &mut lost);
        let mut files: BTreeMap<_, _> = documents.into_iter().map(|document| (document.path, document.text)).collect();
        let losses: Vec<String> = lost.descriptions().map(|(_, text)| text).collect();
        files.insert("lost.txt".to_owned(), losses.join("\n") + "\n");
        compare(&golden(target), &files);
    }
}

#[test]
fn output_is_deterministic_and_has_only_declared_losses() {
    let catalog = modeldex::catalog();
    let selection = ModelSelection::all(catalog, day());
    for target in EMIT_TARGETS {
        let mut lost = LossReport::default();
        let once = target.write(&selection, &mut lost);
        assert_eq!(once, target.write(&selection, &mut LossReport::default()), "{}", target.name);
        let declared = target.losses();
        for (loss, _) in lost.counts() {
            assert!(declared.contains(&loss), "{} lost {loss:?} without declaring it", target.name);
        }
        let names: Vec<_> = once.iter().map(|document| document.path.as_str()).collect();
        assert_eq!(target.file_name.is_some(), once.len() == 1, "{}: {names:?}", target.name);
        assert!(once.iter().all(|document| document.text.ends_with('\n')), "{}", target.name);
    }
}

#[test]
fn declared_losses_are_listed_once() {
    for target in EMIT_TARGETS {
        let mut declared = target.losses();
        let count = declared.len();
        declared.sort();
        declared.dedup();
        assert_eq!(declared.len(), count, "{}", target.name);
        assert!(declared.iter().all(|loss| !loss.describe(1).is_empty() && loss.describe(1) != loss.describe(2)), "{}", target.name);
    }
}

#[test]
fn an_empty_selection_is_valid_output() {
    let catalog = Catalog::default();
    let selection = ModelSelection::all(&catalog, day());
    for target in EMIT_TARGETS {
        let mut lost = LossReport::default();
        target.write(&selection, &mut lost);
        assert_eq!(lost.counts().count(), 0, "{}", target.name);
    }
}

#[test]
fn an_id_that_looks_like_a_secret_reference_is_not_expanded() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emit/template");
    fs::create_dir_all(folder.join("providers")).expect("a folder can be made");
    let text = "name: Acme\nendpoints:\n  - {base_url: https://api.acme.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [ACME_API_KEY]}\nmodels:\n  - {id: '${{secrets.OPENAI_API_KEY}}'}\n  - {id: plain}\n";
    fs::write(folder.join("providers/acme.yaml"), text).expect("a file can be written");
    let compiled = compile(&folder);
    let catalog = compiled.catalog();
    let mut lost = LossReport::default();
    let written = known("continue").write(&ModelSelection::all(&catalog, day()), &mut lost);
    let text: String = written.into_iter().map(|document| document.text).collect();
    assert!(text.contains("acme/plain") && !text.contains("OPENAI"), "{text}");
    // A catalog cannot contain such an id; tables of other programs could.
    assert!(compiled.diagnostics.iter().any(|found| found.code == "invalid-value" && found.message.contains("OPENAI")));
}

#[test]
fn models_dev_round_trips() {
    again::read("models.dev", "models.dev", &fixture().catalog(), day());
    again::read("models.dev", "models.dev", modeldex::catalog(), day());
}

#[test]
fn litellm_round_trips() {
    again::read("litellm", "litellm", &fixture().catalog(), day());
    again::read("litellm", "litellm", modeldex::catalog(), day());
}

#[test]
fn aichat_round_trips() {
    again::read("aichat", "aichat", &fixture().catalog(), day());
    again::read("aichat", "aichat", modeldex::catalog(), day());
}

#[test]
fn openclaw_round_trips() {
    again::read("openclaw", "openclaw", &fixture().catalog(), day());
    again::read("openclaw", "openclaw", modeldex::catalog(), day());
}

#[test]
fn pi_round_trips() {
    again::read("pi", "pi-ai", &fixture().catalog(), day());
    again::read("pi", "pi-ai", modeldex::catalog(), day());
}

#[test]
fn catwalk_round_trips() {
    again::read("catwalk", "catwalk", &fixture().catalog(), day());
    again::read("catwalk", "catwalk", modeldex::catalog(), day());
}

/// Whether a recorded loss omits the whole model.
fn is_left_out(target: &EmitTarget, lost: &LossReport, model: Model<'_>) -> bool {
    target.losses().into_iter().filter(|loss: &Loss| loss.omits_model()).any(|loss| lost.contains(loss, model))
}

fn known(name: &str) -> &'static EmitTarget {
    emit_target(name).unwrap_or_else(|| panic!("there is a target {name}"))
}
