//! Every format: what it is for a small catalog that has one of each trap, and that what was written can be read again with nothing lost but
//! what the format declares.

use modeldex::{Catalog, Model, Moment};
use modeldex_compile::compile;
use modeldex_formats::{Loss, Lost, Selection, TARGETS, Target, target};
use std::fs;
use std::path::{Path, PathBuf};

mod again;

/// The day of which prices are written.
fn day() -> Moment {
    Moment::parse("2026-06-15").expect("a day")
}

fn fixture() -> modeldex_compile::Compiled {
    let compiled = compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit/catalog"));
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    compiled
}

fn golden(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit/golden").join(target.name)
}

/// Compares with the files of a folder, or writes them when UPDATE_GOLDENS is set.
fn compare(folder: &Path, files: &[(String, String)]) {
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("a folder can be made");
        files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).expect("a file can be written"));
    }
    let mut there: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE_GOLDENS=1 cargo test --test it emit writes it", folder.display()))
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    there.sort();
    let mut names: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    assert_eq!(there, names, "{}", folder.display());
    for (name, text) in files {
        let golden = fs::read_to_string(folder.join(name)).expect("a file can be read");
        assert_eq!(text, &golden, "{}/{name} differs; UPDATE_GOLDENS=1 cargo test --test it emit writes it anew", folder.display());
    }
}

#[test]
fn every_format_is_as_it_was() {
    let compiled = fixture();
    let catalog = compiled.catalog();
    let selection = Selection::all(&catalog, day());
    for target in TARGETS {
        let mut lost = Lost::default();
        let mut files: Vec<_> = target.write(&selection, &mut lost).into_iter().map(|document| (document.path, document.text)).collect();
        let lines: Vec<String> = lost.counts().map(|(loss, count)| loss.describe(count)).collect();
        files.push(("lost.txt".to_owned(), lines.join("\n") + "\n"));
        compare(&golden(target), &files);
    }
}

#[test]
fn the_same_selection_gives_the_same_bytes_and_only_declared_losses() {
    let catalog = modeldex::catalog();
    let selection = Selection::all(catalog, day());
    for target in TARGETS {
        let mut lost = Lost::default();
        let once = target.write(&selection, &mut lost);
        assert_eq!(once, target.write(&selection, &mut Lost::default()), "{}", target.name);
        let declared = target.losses();
        for (loss, _) in lost.counts() {
            assert!(declared.contains(&loss), "{} lost {loss:?} without declaring it", target.name);
        }
        let names: Vec<_> = once.iter().map(|document| document.path.as_str()).collect();
        assert_eq!(target.file.is_some(), once.len() == 1, "{}: {names:?}", target.name);
        assert!(once.iter().all(|document| document.text.ends_with('\n')), "{}", target.name);
    }
}

#[test]
fn nothing_that_is_declared_is_said_twice() {
    for target in TARGETS {
        let mut declared = target.losses();
        let count = declared.len();
        declared.sort();
        declared.dedup();
        assert_eq!(declared.len(), count, "{}", target.name);
        assert!(declared.iter().all(|loss| !loss.describe(1).is_empty() && loss.describe(1) != loss.describe(2)), "{}", target.name);
    }
}

#[test]
fn an_empty_selection_is_written_too() {
    let catalog = Catalog::default();
    let selection = Selection::all(&catalog, day());
    for target in TARGETS {
        let mut lost = Lost::default();
        target.write(&selection, &mut lost);
        assert_eq!(lost.counts().count(), 0, "{}", target.name);
    }
}

#[test]
fn an_id_that_names_a_secret_is_not_filled_in() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emit/template");
    fs::create_dir_all(folder.join("providers")).expect("a folder can be made");
    let text = "name: Acme\nendpoints:\n  - {base_url: https://api.acme.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [ACME_API_KEY]}\nmodels:\n  - {id: '${{secrets.OPENAI_API_KEY}}'}\n  - {id: plain}\n";
    fs::write(folder.join("providers/acme.yaml"), text).expect("a file can be written");
    let compiled = compile(&folder);
    let catalog = compiled.catalog();
    let mut lost = Lost::default();
    let written = known("continue").write(&Selection::all(&catalog, day()), &mut lost);
    let text: String = written.into_iter().map(|document| document.text).collect();
    assert!(text.contains("acme/plain") && !text.contains("OPENAI"), "{text}");
    assert!(lost.counts().any(|(loss, count)| loss == Loss::Template && count == 1));
}

#[test]
fn models_dev_can_be_read_again() {
    again::read("models.dev", "models.dev", &fixture().catalog(), day());
    again::read("models.dev", "models.dev", modeldex::catalog(), day());
}

#[test]
fn litellm_can_be_read_again() {
    again::read("litellm", "litellm", &fixture().catalog(), day());
    again::read("litellm", "litellm", modeldex::catalog(), day());
}

#[test]
fn aichat_can_be_read_again() {
    again::read("aichat", "aichat", &fixture().catalog(), day());
    again::read("aichat", "aichat", modeldex::catalog(), day());
}

#[test]
fn openclaw_can_be_read_again() {
    again::read("openclaw", "openclaw", &fixture().catalog(), day());
    again::read("openclaw", "openclaw", modeldex::catalog(), day());
}

#[test]
fn pi_can_be_read_again() {
    again::read("pi", "pi-ai", &fixture().catalog(), day());
    again::read("pi", "pi-ai", modeldex::catalog(), day());
}

#[test]
fn catwalk_can_be_read_again() {
    again::read("catwalk", "catwalk", &fixture().catalog(), day());
    again::read("catwalk", "catwalk", modeldex::catalog(), day());
}

/// Whether something was noted of a model that leaves all of it out.
fn is_left_out(target: &Target, lost: &Lost, model: Model<'_>) -> bool {
    target.losses().into_iter().filter(|loss: &Loss| loss.leaves_out()).any(|loss| lost.happened(loss, model))
}

fn known(name: &str) -> &'static Target {
    target(name).unwrap_or_else(|| panic!("there is a target {name}"))
}
