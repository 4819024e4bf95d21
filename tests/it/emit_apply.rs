//! `emit openclaw --apply`: merging into an openclaw.json without losing or printing the user's content.

#![cfg(feature = "cli")]

use crate::program::{KEY, Run, TestFolder, bare, finish};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Creates a folder with the provider `acme`; `config.json` in it is the only file that may contain secrets.
fn place(test: &str) -> TestFolder {
    let place = TestFolder::new("emit-apply", test);
    place.acme("openai-completions", "https://acme.example/v1");
    place
}

fn apply(place: &TestFolder, more: &[&str]) -> Run {
    apply_to(place, &place.config(), more)
}

fn apply_to(place: &TestFolder, file: &Path, more: &[&str]) -> Run {
    let file = file.to_string_lossy();
    let arguments = [&["emit", "openclaw", "--provider", "acme", "--apply", &*file], more].concat();
    // The configuration of modeldex is another file.
    finish(place.program(&arguments).env("MODELDEX_CONFIG", place.dir.join("none.json")))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a file can be read")
}

/// The names of the files in a folder, without locks and the catalog.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder can be read");
    let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "catalog" && !name.ends_with(".lock"));
    names.sort();
    names
}

/// Reads and removes the backups. They may contain secrets, which the helper would find.
fn backups(dir: &Path) -> Vec<PathBuf> {
    names(dir).iter().filter(|name| name.contains(".modeldex-backup-")).map(|name| dir.join(name)).collect()
}

fn no_backup(dir: &Path) -> bool {
    backups(dir).is_empty()
}

/// A hand-written file with a secret in every possible place.
fn by_hand() -> String {
    "\
// my own: token: SECRET
{
  env: {vars: {OTHER: 'SECRET'}}, // here
  gateway: {auth: {token: \"SECRET\"}, port: 0x10,},
  models: {
    providers: {
      acme: {
        baseUrl: 'https://acme.example/old', apiKey: 'SECRET', headers: {'X-Mine': 'SECRET'},
        models: [
          {id: 'mine', name: 'Mine'}, /* stays */
        ],
      },
    },
  },
}
"
    .replace("SECRET", KEY)
}

#[test]
fn a_missing_file_is_created_for_its_owner_only() {
    let place = place("new");
    let file = place.dir.join("state/openclaw.json");
    let run = apply_to(&place, &file, &[]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let wanted = finish(&mut place.program(&["emit", "openclaw", "--provider", "acme"]));
    assert_eq!(text(&file), wanted.out);
    assert!(no_backup(file.parent().expect("a folder")));
    assert!(has_mode(&file, 0o600));
    let again = apply_to(&place, &file, &[]);
    assert!(again.code == 0 && again.messages().contains("up to date"), "{}", again.err);
}

#[test]
fn user_content_is_preserved_and_a_backup_is_written() {
    let place = place("own");
    let before = by_hand();
    fs::write(place.config(), &before).expect("a file can be written");
    set_mode(&place.config(), 0o640);
    let run = apply(&place, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    for expected in [
        "written: ",
        "replaced the `baseUrl` of the provider `acme`",
        "kept the `apiKey` of the provider `acme`",
        "for the provider `acme`, kept 1 model",
    ] {
        assert!(run.messages().contains(expected), "{expected}: {}", run.err);
    }
    let after = text(&place.config());
    let start = before.split_once("baseUrl").expect("it is there").0;
    assert!(after.starts_with(start) && after.contains("{id: 'mine', name: 'Mine'}, /* stays */"), "another start");
    assert!(after.contains("\"kimi-k2.5\"") && after.contains("\"mode\": \"merge\"") && !after.contains("example/old"));
    assert_eq!(after.matches(KEY).count(), before.matches(KEY).count());
    let kept = backups(&place.dir);
    assert_eq!((kept.len(), text(&kept[0])), (1, before));
    assert!(has_mode(&kept[0], 0o640) && has_mode(&place.config(), 0o640));
    // Applying again changes nothing.
    let again = apply(&place, &[]);
    assert!(again.code == 0 && again.messages().contains("up to date"), "{}", again.err);
    assert_eq!((text(&place.config()), backups(&place.dir)), (after.clone(), kept.clone()));
    // A second change in the same minute gets its own backup.
    fs::write(place.config(), after.replace("https://acme.example/v1", "https://acme.example/x")).expect("a file can be written");
    assert_eq!(apply(&place, &[]).code, 0);
    assert_eq!((text(&place.config()), backups(&place.dir).len()), (after, 2));
    backups(&place.dir).iter().for_each(|path| fs::remove_file(path).expect("a file can be removed"));
    assert_eq!(names(&place.dir), ["config.json"]);
}

#[test]
fn a_key_of_a_gateway_is_not_sent_to_the_vendor() {
    let place = place("gateway");
    let before = by_hand().replace("https://acme.example/old", "https://gateway.corp.example/v1");
    fs::write(place.config(), &before).expect("a file can be written");
    let run = apply(&place, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let message = "kept the base URL, the key and the headers of the provider `acme`: the key in your configuration does not come from a variable in the catalog, so the key must not be sent to the host that the catalog states for this provider";
    assert!(run.messages().contains(message), "{}", run.err);
    let after = text(&place.config());
    // A new model of the catalog would be asked for at the gateway.
    assert!(run.messages().contains("added no models to the provider `acme`"), "{}", run.err);
    assert!(after.contains("gateway.corp.example") && !after.contains("//acme.example") && !after.contains("kimi-k2.5"), "another route");
    backups(&place.dir).iter().for_each(|path| fs::remove_file(path).expect("a file can be removed"));
}

#[test]
fn a_dry_run_prints_the_changes_without_secrets() {
    let place = place("dry");
    let before = by_hand();
    fs::write(place.config(), &before).expect("a file can be written");
    let run = apply(&place, &["--dry-run"]);
    assert_eq!((run.code, text(&place.config())), (0, before), "{}", run.err);
    assert_eq!(names(&place.dir), ["config.json"]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].starts_with("--- ") && lines[1].starts_with("+++ ") && lines[2].starts_with("@@ -"), "{}", run.out);
    let shown = run.out.replace(' ', "");
    assert!(shown.contains("+\"id\":\"kimi-k2.5\",") && shown.contains("{id:'mine',name:'Mine'}"), "{}", run.out);
    assert!(lines.iter().any(|line| line.starts_with('-') && line.contains("example/old") && line.contains("****")), "{}", run.out);
    // A missing file is all additions; an up-to-date file has no changes.
    let file = place.dir.join("none/openclaw.json");
    let run = apply_to(&place, &file, &["--dry-run"]);
    assert!(run.code == 0 && run.out.contains("@@ -0,0 +1,") && run.out.contains("${ACME_API_KEY}"), "{}", run.out);
    assert!(!place.dir.join("none").exists());
    assert_eq!(apply(&place, &[]).code, 0);
    let run = apply(&place, &["--dry-run"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    backups(&place.dir).iter().for_each(|path| fs::remove_file(path).expect("a file can be removed"));
}

#[test]
fn a_dry_run_is_colored_on_request() {
    let place = place("colour");
    let file = place.dir.join("openclaw.json");
    let arguments = ["emit", "openclaw", "--provider", "acme", "--dry-run", "--apply", &file.to_string_lossy()];
    let run = finish(place.program(&arguments).env("CLICOLOR_FORCE", "1"));
    assert!(run.out.contains("\u{1b}[32m+") && !finish(&mut place.program(&arguments)).out.contains('\u{1b}'), "{}", run.out);
}

#[test]
fn a_file_that_cannot_be_merged_is_not_changed() {
    let place = place("faults");
    for (before, what) in [
        (format!("{{a: '{KEY}',\n  b }}"), "config.json:2:"),
        (format!("['{KEY}']"), "config.json:1:1: expected an object"),
        (format!("{{models: {{providers: '{KEY}'}}}}"), "config.json:1:22: expected an object"),
        (format!("{{models: {{providers: {{acme: {{apiKey: '{KEY}', apiKey: 1}}}}}}}}"), "duplicate key"),
    ] {
        fs::write(place.config(), &before).expect("a file can be written");
        for more in [&[][..], &["--dry-run"]] {
            let run = apply(&place, more);
            assert_eq!((run.code, run.out.as_str()), (1, ""), "{}", run.err);
            assert!(run.messages().contains(what), "{what}: {}", run.err);
        }
        assert_eq!(text(&place.config()), before);
        assert_eq!(names(&place.dir), ["config.json"]);
    }
    fs::write(place.config(), b"{a: '\xff'}").expect("a file can be written");
    assert!(apply(&place, &[]).messages().contains("not UTF-8"));
    let folder = place.dir.join("folder");
    fs::create_dir(&folder).expect("a folder can be made");
    let run = apply_to(&place, &folder, &[]);
    assert!(run.code == 1 && run.messages().contains("not a regular file"), "{}", run.err);
    let file = fs::File::create(place.dir.join("huge.json")).expect("a file can be made");
    file.set_len((1 << 20) + 1).expect("it can be long");
    let run = apply_to(&place, &place.dir.join("huge.json"), &[]);
    assert!(run.code == 1 && run.messages().contains("larger than 1 MiB"), "{}", run.err);
    fs::remove_file(place.dir.join("huge.json")).expect("a file can be removed");
    // A folder that even root cannot write to: it is a file.
    let run = apply_to(&place, &place.config().join("openclaw.json"), &[]);
    assert!(run.code == 1 && run.messages().contains("cannot be"), "{}", run.err);
}

#[test]
fn temporary_files_of_a_killed_writer_are_removed() {
    let place = place("killed");
    fs::write(place.config(), "{}").expect("a file can be written");
    fs::write(place.dir.join(".config.json.0123456789abcdef.tmp"), "{\"half").expect("a file can be written");
    assert_eq!(apply(&place, &[]).code, 0);
    assert_eq!(names(&place.dir).iter().filter(|name| name.ends_with(".tmp")).count(), 0);
    serde_json::from_str::<Value>(&text(&place.config())).expect("it is whole");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_preserved() {
    let place = place("link");
    fs::create_dir(place.dir.join("dotfiles")).expect("a folder can be made");
    fs::write(place.dir.join("dotfiles/openclaw.json"), "{} // mine\n").expect("a file can be written");
    let link = place.dir.join("openclaw.json");
    std::os::unix::fs::symlink("dotfiles/openclaw.json", &link).expect("a link can be made");
    assert_eq!(apply_to(&place, &link, &[]).code, 0);
    assert!(link.symlink_metadata().expect("it is there").is_symlink());
    let after = text(&place.dir.join("dotfiles/openclaw.json"));
    assert!(after.contains("acme") && after.ends_with(" // mine\n"), "{after}");
    // The backup is next to the link, and not in the target's folder, which may be a repository.
    assert_eq!((backups(&place.dir).len(), names(&place.dir.join("dotfiles"))), (1, vec!["openclaw.json".to_owned()]));
}

#[test]
fn without_a_path_the_file_of_openclaw_is_used() {
    let place = place("usual");
    let run = |variables: &[(&str, &str)]| {
        let mut program = bare(&place.dir);
        program.arg("--catalog").arg(place.dir.join("catalog")).args(["emit", "openclaw", "--model", "acme/kimi-k2.5", "--apply"]);
        let run = finish(program.env("HOME", place.dir.join("home")).envs(variables.iter().copied()));
        assert_eq!(run.code, 0, "{}", run.err);
        run
    };
    let run_again = run(&[]);
    assert!(run_again.messages().contains("`ACME_API_KEY` is not set"), "{}", run_again.err);
    assert!(place.dir.join("home/.openclaw/openclaw.json").exists());
    fs::write(place.dir.join("home/.openclaw/.env"), "export ACME_API_KEY=x\n").expect("a file can be written");
    assert!(!run(&[]).messages().contains("is not set"));
    run(&[("OPENCLAW_STATE_DIR", "~/state"), ("ACME_API_KEY", "x")]);
    assert!(place.dir.join("home/state/openclaw.json").exists());
    run(&[("OPENCLAW_STATE_DIR", "~/state"), ("OPENCLAW_CONFIG_PATH", " ~/a.json "), ("ACME_API_KEY", "x")]);
    assert!(place.dir.join("home/a.json").exists());
}

#[test]
fn a_key_refers_to_the_variable_that_is_set() {
    let place = place("second");
    let yaml = "\
name: Two
sources:
  - {url: https://two.example}
endpoints:
  - {base_url: https://two.example, api: anthropic-messages}
auth:
  - {kind: api-key, env: [FIRST_KEY, SECOND_KEY]}
models:
  - {id: m, context_window: 9, max_output_tokens: 9, billing: free}
";
    place.provider("two", yaml);
    let file = place.dir.join("openclaw.json");
    let arguments = ["emit", "openclaw", "--usable", "--apply", &file.to_string_lossy()];
    let run = finish(place.program(&arguments).env("SECOND_KEY", "x"));
    assert!(run.code == 0 && !run.messages().contains("is not set"), "{}", run.err);
    let value: Value = serde_json::from_str(&text(&file)).expect("JSON");
    let providers = value["models"]["providers"].as_object().expect("a mapping");
    let keys: Vec<_> = providers.values().map(|entry| entry["apiKey"].clone()).collect();
    assert_eq!(keys, [json!("${ACME_API_KEY}"), json!("${SECOND_KEY}")]);
}

#[test]
fn apply_requires_openclaw_and_a_selection() {
    let place = place("asked");
    for (arguments, what) in [
        (&["emit", "zed", "--provider", "acme", "--apply", "x"][..], "supports only the format `openclaw`"),
        (&["emit", "openclaw", "--apply"], "requires a selection"),
        (&["emit", "openclaw", "--provider", "acme", "--apply", "x", "--out", "y"], "cannot be used with"),
        (&["emit", "openclaw", "--provider", "acme", "--dry-run"], "--apply"),
        (&["emit", "--list", "--apply"], "cannot be used with"),
    ] {
        let run = place.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}: {}", run.err);
        assert!(run.messages().contains(what), "{what}: {}", run.err);
    }
    assert_eq!(names(&place.dir), [""; 0]);
    // No model of the selection can be expressed.
    place.acme("ollama", "http://localhost:1");
    let run = apply(&place, &[]);
    assert!(run.code == 1 && run.messages().contains("nothing was changed"), "{}", run.err);
    assert_eq!(names(&place.dir), [""; 0]);
}

/// Whether a file has these permissions; always true where there are none.
fn has_mode(path: &Path, mode: u32) -> bool {
    #[cfg(unix)]
    let has = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).expect("it is there").permissions()) & 0o777 == mode;
    #[cfg(not(unix))]
    let has = path.exists() && mode != 0;
    has
}

fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("it can be set");
    let _ = (path, mode);
}
