//! Commands that are killed, that run at the same time, that find a full disk, or that find links and other files in place of theirs.

#![cfg(unix)]

use super::place::{TestFolder, copy, snapshot};
use crate::program::{Run, bare, checked, finish, quiet, spawn};
use ring::digest::{SHA256, digest};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Number of providers of the catalog, so that a command writes many files.
const PROVIDERS: usize = 24;
const JOURNAL: &str = "catalog/.modeldex-journal";

/// Creates a catalog whose map has many providers.
fn place(test: &str) -> TestFolder {
    let place = TestFolder::new(test);
    let entry = |at: usize| format!("  p{at:02}: {{kind: host, models.dev: [p{at:02}]}}\n");
    let map: String = (0..PROVIDERS).map(entry).collect();
    let head = "# yaml-language-server: $schema=../schema/provider-map.schema.json\nproviders:\n  acme: {kind: lab, litellm: [acme], models.dev: [acme]}\n";
    place.write("catalog/provider-map.yaml", &format!("{head}{map}"));
    place
}

/// A snapshot of all providers, each with one model with this context window.
fn snapshot_of_all(window: u32) -> String {
    let acme = snapshot(&[("one", window, "1"), ("two", window, "1")]);
    let of = |at: usize| {
        let one = snapshot(&[("one", window, "1")]).replace("acme", &format!("p{at:02}")).replace("ACME", &format!("P{at:02}"));
        one[1..one.len() - 1].to_owned()
    };
    format!("{}, {}}}", &acme[..acme.len() - 1], (0..PROVIDERS).map(of).collect::<Vec<_>>().join(", "))
}

/// Creates a catalog with a first snapshot, and writes the second one.
pub(super) fn imported(test: &str) -> TestFolder {
    let place = place(test);
    place.import("2026-05-21", &snapshot_of_all(1000));
    place.write("api.2026-08-18.json", &snapshot_of_all(2000));
    place
}

pub(super) const IMPORT: &[&str] = &["import", "models.dev", "api.2026-08-18.json"];

/// Reads all files below a folder, except locks and backups. The content of a link is its target.
pub(super) fn tree(dir: &Path) -> BTreeMap<String, String> {
    fn read(dir: &Path, base: &Path, into: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(base).expect("it is inside").display().to_string();
            if path.is_symlink() {
                into.insert(name, format!("link to {}", fs::read_link(&path).expect("a link").display()));
            } else if path.is_dir() {
                read(&path, base, into);
            } else if name.ends_with(".tmp") || !name.ends_with(".lock") && !name.contains("modeldex-backup") {
                into.insert(name, String::from_utf8_lossy(&fs::read(&path).expect("a file can be read")).into_owned());
            }
        }
    }
    let mut found = BTreeMap::new();
    read(dir, dir, &mut found);
    found
}

fn has_temporary_file(tree: &BTreeMap<String, String>) -> bool {
    tree.keys().any(|path| path.ends_with(".tmp") || path.contains("journal"))
}

pub(super) fn first_difference(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Option<String> {
    let mut names = one.keys().chain(other.keys());
    names.find(|name| one.get(*name) != other.get(*name)).map(|name| format!("{name}: {:?} and {:?}", one.get(name), other.get(name)))
}

/// When to kill a process.
#[derive(Clone, Copy, Debug)]
enum Kill {
    After(Duration),
    /// As soon as the journal is there.
    AtJournal,
    /// As soon as there is a temporary file in one of these folders.
    AtTemporaryFile,
}

fn kill(dir: &Path, arguments: &[&str], when: Kill) {
    let mut child = quiet(dir).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    let is_temporary = |folder: &str| {
        let names = fs::read_dir(dir.join(folder)).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.into_iter().any(|name| name.to_string_lossy().ends_with(".tmp"))
    };
    let started = Instant::now();
    while child.try_wait().expect("the state is known").is_none() {
        let is_due = match when {
            Kill::After(delay) => started.elapsed() >= delay,
            Kill::AtJournal => dir.join(JOURNAL).exists(),
            Kill::AtTemporaryFile => {
                ["evidence", "catalog/imported/providers", "catalog/providers", "out", "no/such", "."].into_iter().any(is_temporary)
            }
        };
        if is_due {
            let _ = child.kill();
        }
        if matches!(when, Kill::After(_)) {
            sleep(Duration::from_millis(1));
        }
    }
}

/// Kills a command at many moments, repeats it, and compares the result with that of a command that was not killed. Each run has a copy of `start`.
fn kill_and_repeat(name: &str, start: &TestFolder, arguments: &[&str]) {
    let copy_of_start = |suffix: &str| {
        let place = TestFolder(start.0.with_file_name(format!("kill-{name}{suffix}")));
        copy(&start.0, &place.0);
        place
    };
    let whole = copy_of_start("-whole");
    let before = tree(&whole.0);
    let started = Instant::now();
    let run = whole.run(arguments);
    assert_eq!(run.code, 0, "{name}: {}{}", run.out, run.err);
    let duration = started.elapsed();
    let expected = tree(&whole.0);
    assert!(first_difference(&before, &expected).is_some() && !has_temporary_file(&expected), "{name}: {:?}", expected.keys());
    const DELAYS: u32 = 5;
    let moments = (1..=DELAYS).map(|at| Kill::After(duration * at / DELAYS));
    for when in moments.chain([Kill::AtJournal, Kill::AtJournal, Kill::AtTemporaryFile, Kill::AtTemporaryFile]) {
        let place = copy_of_start("");
        kill(&place.0, arguments, when);
        if place.0.join(JOURNAL).exists() {
            let check = place.run(&["check"]);
            let is_named = check.err.contains("error[interrupted-write]") && check.err.contains(".modeldex-journal");
            assert!(check.code == 1 && is_named, "{name} {when:?}: {}", check.err);
        }
        let repeated = place.run(arguments);
        // A command that had been done before it was killed may refuse to be repeated.
        let is_done = ["already exists", "no unconfirmed claims"].iter().any(|reason| repeated.err.contains(reason));
        assert!(repeated.code == 0 || is_done, "{name} {when:?}: {}{}", repeated.out, repeated.err);
        let found = tree(&place.0);
        assert_eq!(first_difference(&expected, &found), None, "{name} {when:?}");
    }
}

#[test]
fn a_killed_import_is_completed() {
    kill_and_repeat("import", &imported("to-import"), IMPORT);
}

#[test]
fn a_killed_first_import_is_completed() {
    let place = place("to-import-first");
    place.write("api.2026-08-18.json", &snapshot_of_all(2000));
    kill_and_repeat("first-import", &place, IMPORT);
}

#[test]
fn a_killed_reconcile_is_completed() {
    let place = imported("to-reconcile");
    let map = place.read("catalog/provider-map.yaml");
    place.write("catalog/provider-map.yaml", &map.replace("kind: host", "kind: aggregator"));
    kill_and_repeat("reconcile", &place, &["reconcile"]);
}

#[test]
fn a_killed_confirm_is_completed() {
    kill_and_repeat("confirm", &imported("to-confirm"), &["confirm", "--all-new"]);
}

#[test]
fn killed_edits_of_one_file_are_completed() {
    let place = imported("to-edit");
    kill_and_repeat("set", &place, &["set", "acme/one", "context_window", "1500"]);
    kill_and_repeat("new", &place, &["new", "provider", "fresh"]);
    kill_and_repeat("config", &place, &["config", "set", "outdated_models", "refuse"]);
    let unsorted =
        "# yaml-language-server: $schema=../../schema/provider.schema.json\nmodels:\n  - {context_window: 1500, id: one}\nname: Ours\n";
    place.write("catalog/providers/acme.yaml", unsorted);
    kill_and_repeat("fix", &place, &["check", "--fix"]);
}

#[test]
fn killed_outputs_are_completed() {
    let place = imported("to-output");
    kill_and_repeat("generate", &place, &["generate", "--catalog", "catalog", "--typescript", "out"]);
    kill_and_repeat("export", &place, &["export", "--catalog", "catalog", "--out", "out"]);
    place.write("openclaw.json", "{\"gateway\": {\"port\": 1}}\n");
    kill_and_repeat("apply", &place, &["emit", "openclaw", "--catalog", "catalog", "--provider", "acme", "--apply", "openclaw.json"]);
}

/// Runs with a limit on the size of written files, in units of 1 KiB.
fn with_limit(place: &TestFolder, arguments: &[&str], limit: u32) -> Run {
    let mut command = Command::new("bash");
    let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
    command.env_clear().current_dir(&place.0).env("MODELDEX_CONFIG", "no/such/config.json").stdin(Stdio::null());
    finish(command.args(["-c", &script, env!("CARGO_BIN_EXE_modeldex")]).args(arguments))
}

#[test]
fn a_full_disk_changes_nothing() {
    // Most evidence files are smaller than the limit, and that of `acme` is larger.
    let prepare = |test: &str| {
        let place = imported(test);
        let models: Vec<String> = (0..40).map(|at| format!("model-with-a-long-name-{at}")).collect();
        let rows: Vec<_> = models.iter().map(|id| (id.as_str(), 2000, "1")).collect();
        let acme = snapshot(&rows);
        let others = snapshot_of_all(2000);
        let at = others.find(", \"p00\"").expect("the second provider");
        place.write("api.2026-08-18.json", &format!("{}{}", &acme[..acme.len() - 1], &others[at..]));
        place
    };
    let place = prepare("full-disk");
    let before = tree(&place.0);
    let run = with_limit(&place, &[IMPORT, &["--allow", "models"]].concat(), 4);
    assert!(run.code == 1 && run.err.contains("acme") && run.err.contains("cannot be written"), "{}{}", run.out, run.err);
    assert_eq!(first_difference(&before, &tree(&place.0)), None);
    // Without the limit, the same command works.
    assert_eq!(place.run(&[IMPORT, &["--allow", "models"]].concat()).code, 0);
    place.check();
}

#[test]
fn imports_at_the_same_time_lose_nothing() {
    const EACH: usize = 12;
    let place = TestFolder::new("at-once");
    place.write("prices.json", r#"{"acme/one": {"litellm_provider": "acme", "mode": "chat", "max_output_tokens": 50}}"#);
    place.write("api.json", &snapshot(&[("one", 1000, "1")]));
    let mut children = Vec::new();
    for at in 1..=EACH {
        for (source, file) in [("models.dev", "api.json"), ("litellm", "prices.json")] {
            let date = format!("2026-05-{at:02}");
            children.push(spawn(quiet(&place.0).args(["import", source, file, "--date", &date])));
        }
    }
    children.push(spawn(quiet(&place.0).args(["new", "provider", "fresh"])));
    for child in children {
        let run = checked(child.wait_with_output().expect("the program ends"));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    let snapshots: serde_json::Value = serde_json::from_str(&place.read("evidence/snapshots.json")).expect("it is JSON");
    for source in ["models.dev", "litellm"] {
        assert_eq!(snapshots[source].as_array().map(Vec::len), Some(EACH), "{source}: {snapshots}");
    }
    assert!(place.read("evidence/acme.jsonl").contains(r#""litellm@2026-05-01""#), "{}", place.read("evidence/acme.jsonl"));
    assert!(place.0.join("catalog/providers/fresh.yaml").exists());
    let before = tree(&place.0);
    assert!(!has_temporary_file(&before));
    assert_eq!(place.run(&["reconcile"]).code, 0);
    assert_eq!(first_difference(&before, &tree(&place.0)), None);
}

#[test]
fn a_command_that_waits_names_the_lock() {
    let place = imported("waits");
    let lock = fs::File::options().write(true).open(place.0.join("catalog/.write.lock")).expect("the lock file stays");
    lock.lock().expect("it can be locked");
    let mut child = spawn(quiet(&place.0).args(["set", "acme/one", "context_window", "1500"]));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stderr.as_mut().expect("a pipe")), &mut line).expect("a line");
    assert!(line.contains("waiting for another modeldex process") && line.contains("catalog/.write.lock"), "{line}");
    drop(lock);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_lock_of_another_kind_is_refused() {
    for (kind, expected) in [("link", "is a symbolic link"), ("pipe", "is not a regular file"), ("folder", "is not a regular file")] {
        for folder in ["catalog", "evidence"] {
            let place = imported("lock-kinds");
            let lock = place.0.join(folder).join(".write.lock");
            let _ = fs::remove_file(&lock);
            match kind {
                "link" => symlink("elsewhere", &lock).expect("a link"),
                "pipe" => assert!(Command::new("mkfifo").arg(&lock).status().expect("mkfifo runs").success()),
                _ => fs::create_dir(&lock).expect("a folder"),
            }
            let before = tree(&place.0.join("catalog/imported"));
            let run = place.run(IMPORT);
            assert!(run.code == 1 && run.err.contains(expected) && run.err.contains(".write.lock"), "{kind}: {}", run.err);
            assert_eq!(tree(&place.0.join("catalog/imported")), before);
            assert!(!place.0.join(folder).join("elsewhere").exists());
        }
    }
}

#[test]
fn temporary_files_of_killed_commands_are_removed_and_no_others() {
    let place = imported("leftovers");
    let folders = ["catalog", "catalog/providers", "catalog/imported", "catalog/imported/providers", "evidence", "evidence/probes"];
    fs::create_dir_all(place.0.join("evidence/probes")).expect("a folder");
    for folder in folders {
        for name in [".acme.yaml.0123456789abcdef.tmp", "mine.tmp", ".mine.0123456789abcde.tmp", ".mine.tmp"] {
            place.write(&format!("{folder}/{name}"), "half");
        }
    }
    assert_eq!(place.run(&["reconcile"]).code, 0);
    for folder in folders {
        let names: Vec<String> =
            tree(&place.0.join(folder)).into_keys().filter(|name| name.ends_with(".tmp") && !name.contains('/')).collect();
        assert_eq!(names, [".mine.0123456789abcde.tmp", ".mine.tmp", "mine.tmp"], "{folder}");
    }
}

/// The journal that a command leaves if it is killed after it is committed. `place` gets the temporary files of the first `staged` changes, and the
/// final state of the others.
fn leave_journal(place: &TestFolder, expected: &BTreeMap<String, String>, staged: usize) {
    let before = tree(&place.0);
    let id = "0123456789abcdef";
    let mut changes = Vec::new();
    let names: BTreeSet<&String> = before.keys().chain(expected.keys()).collect();
    for name in names.into_iter().filter(|name| before.get(*name) != expected.get(*name)) {
        let Some((folder, path)) = name.split_once('/').filter(|(folder, _)| ["catalog", "evidence"].contains(folder)) else { continue };
        let is_staged = changes.len() < staged;
        let file = place.0.join(name);
        let new = expected.get(name).map(|text| {
            let hash: String = digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            let temporary = file.with_file_name(format!(".{}.{id}.tmp", file.file_name().expect("a name").to_string_lossy()));
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
            fs::write(if is_staged { &temporary } else { &file }, text).expect("a file can be written");
            format!(r#", "new": {{"temporary": "{id}", "sha256": "{hash}"}}"#)
        });
        if new.is_none() && !is_staged {
            fs::remove_file(&file).expect("a file can be removed");
        }
        changes.push(format!(r#"{{"folder": "{folder}", "path": "{path}"{}}}"#, new.unwrap_or_default()));
    }
    assert!(changes.len() > PROVIDERS, "{changes:?}");
    place.write(JOURNAL, &format!(r#"{{"command": "import models.dev", "changes": [{}]}}"#, changes.join(", ")));
}

#[test]
fn a_committed_command_is_completed() {
    let start = imported("committed");
    let whole = TestFolder(start.0.with_file_name("committed-whole"));
    copy(&start.0, &whole.0);
    assert_eq!(whole.run(IMPORT).code, 0);
    let expected = tree(&whole.0);
    for staged in [usize::MAX, PROVIDERS / 2, 0] {
        let place = TestFolder(start.0.with_file_name("committed-killed"));
        copy(&start.0, &place.0);
        leave_journal(&place, &expected, staged);
        let run = place.run(&["reconcile"]);
        assert!(run.code == 0 && run.err.contains("completed"), "{staged}: {}{}", run.out, run.err);
        assert_eq!(first_difference(&expected, &tree(&place.0)), None, "{staged}");
    }
}

#[test]
fn a_hostile_journal_changes_nothing_outside_the_folders() {
    let id = "0123456789abcdef";
    let entry =
        |folder: &str, path: &str| format!(r#"{{"folder": "{folder}", "path": "{path}", "new": {{"temporary": "{id}", "sha256": "00"}}}}"#);
    let removal = |path: &str| format!(r#"{{"folder": "catalog", "path": "{path}"}}"#);
    let absolute = |place: &TestFolder| place.0.join("victim.yaml").display().to_string();
    for at in 0..10 {
        let place = imported("hostile-journal");
        place.write("victim.yaml", "theirs");
        place.write(&format!(".victim.yaml.{id}.tmp"), "evil");
        symlink("..", place.0.join("catalog/up")).expect("a link");
        symlink("../victim.yaml", place.0.join("catalog/linked.yaml")).expect("a link");
        let changes = match at {
            0 => entry("catalog", "../victim.yaml"),
            1 => entry("evidence", "../victim.yaml"),
            2 => entry("catalog", &absolute(&place)),
            3 => entry("catalog", "up/victim.yaml"),
            4 => removal("../victim.yaml"),
            5 => removal("up/victim.yaml"),
            6 => removal(&absolute(&place)),
            7 => entry("catalog", "providers/../../victim.yaml"),
            8 => entry("catalog", "linked.yaml"),
            _ => entry("catalog", ".write.lock"),
        };
        place.write(JOURNAL, &format!(r#"{{"command": "import x", "changes": [{changes}]}}"#));
        let before = tree(&place.0);
        for arguments in [IMPORT, &["reconcile"], &["set", "acme/one", "context_window", "1500"]] {
            let run = place.run(arguments);
            assert!(run.code == 1 && run.err.contains("does not match the files"), "{changes}: {}{}", run.out, run.err);
            assert_eq!(first_difference(&before, &tree(&place.0)), None, "{changes}");
        }
    }
    // A journal that cannot be read, that is a link, and that is about another evidence folder.
    for (journal, expected) in [
        ("{", "does not match the files"),
        (r#"{"command": "import x", "evidence": "/tmp", "changes": []}"#, "`/tmp` is not an evidence folder"),
        (r#"{"command": "import x", "evidence": "evidence", "changes": []}"#, "`evidence` is not an evidence folder"),
        (
            r#"{"command": "import x", "changes": [{"folder": "evidence", "path": "x.jsonl"}, {"folder": "evidence", "path": "x.jsonl"}]}"#,
            "twice",
        ),
        ("link", "not a regular file"),
    ] {
        let place = imported("hostile-journal");
        match journal {
            "link" => symlink("../api.2026-08-18.json", place.0.join(JOURNAL)).expect("a link"),
            text => place.write(JOURNAL, text),
        }
        let before = tree(&place.0);
        let run = place.run(&["reconcile"]);
        assert!(run.code == 1 && run.err.contains(expected), "{journal}: {}", run.err);
        assert_eq!(first_difference(&before, &tree(&place.0)), None, "{journal}");
        let dry = place.run(&["reconcile", "--dry-run"]);
        assert!(dry.code == 1 && dry.err.contains("was interrupted"), "{}", dry.err);
    }
}

/// Leaves a journal of `command` with one change: the removal of a file, or its new content `evil`, for which there is a temporary file.
fn leave_change(place: &TestFolder, command: &str, (folder, path): (&str, &str), is_removal: bool) {
    let id = "0123456789abcdef";
    let hash: String = digest(&SHA256, b"evil").as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let file = place.0.join(folder).join(path);
    let name = file.file_name().expect("a name").to_string_lossy();
    fs::write(file.with_file_name(format!(".{name}.{id}.tmp")), "evil").expect("a file can be written");
    let new = if is_removal { String::new() } else { format!(r#", "new": {{"temporary": "{id}", "sha256": "{hash}"}}"#) };
    place.write(JOURNAL, &format!(r#"{{"command": "{command}", "changes": [{{"folder": "{folder}", "path": "{path}"{new}}}]}}"#));
}

#[test]
fn a_journal_of_a_cloned_folder_changes_only_generated_files() {
    for (folder, path, is_removal) in [
        ("catalog", "providers/acme.yaml", true),
        ("catalog", "routing.yaml", true),
        ("catalog", "sources.yaml", true),
        ("catalog", "usage/mine.yaml", true),
        ("catalog", "sources.yaml", false),
        ("catalog", "usage/mine.yaml", false),
        ("catalog", "imported/providers/deep/acme.yaml", false),
        ("catalog", "notes/mine.yaml", false),
        ("evidence", "snapshots.json", true),
        ("evidence", "absent.yaml", true),
        ("evidence", "package.json", false),
        ("evidence", "probes/mine.jsonl", false),
        ("evidence", "probes/mine.jsonl", true),
        ("evidence", "logs/mine.jsonl", true),
        ("evidence", "logs/mine.jsonl", false),
    ] {
        let place = imported("cloned-journal");
        let file = place.0.join(folder).join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
        if !file.exists() {
            fs::write(&file, "theirs").expect("a file can be written");
        }
        leave_change(&place, "import x", (folder, path), is_removal);
        let before = tree(&place.0);
        let run = place.run(&["reconcile"]);
        assert!(run.code == 1 && run.err.contains("does not match the files"), "{folder}/{path}: {}{}", run.out, run.err);
        assert_eq!(first_difference(&before, &tree(&place.0)), None, "{folder}/{path}");
    }
    // The hint is one word of a shell.
    let place = imported("cloned-journal");
    let other = place.0.join("it's; rm -r x");
    fs::create_dir_all(&other).expect("a folder can be made");
    fs::write(other.join("snapshots.json"), "{}").expect("a file can be written");
    place.write(JOURNAL, &format!(r#"{{"command": "import x", "evidence": "{}", "changes": []}}"#, other.display()));
    let run = place.run(&["reconcile"]);
    assert!(run.code == 1 && run.err.contains(r"/it'\''s; rm -r x'`") && run.err.contains("--evidence '/"), "{}", run.err);
    // No command completes a command whose journal it cannot read.
    for journal in ["{", r#"{"command": "import x"}"#] {
        place.write(JOURNAL, journal);
        let check = place.run(&["check"]);
        let help = "help: the journal cannot be read; restore the catalog folder";
        assert!(check.code == 1 && check.err.contains(help) && !check.err.contains("reconcile"), "{}", check.err);
    }
}

#[test]
fn a_journal_changes_only_the_files_of_its_command() {
    for (command, path, is_completed) in [
        ("import models.dev --date 2026-08-18", "routing.yaml", false),
        ("import models.dev --date 2026-08-18", "providers/openai.yaml", false),
        ("import models.dev --date 2026-08-18", "models/acme.yaml", false),
        ("import models.dev --date 2026-08-18", "imported/held.yaml", true),
        ("reconcile", "routing.yaml", false),
        ("reconcile", "provider-map.yaml", false),
        ("reconcile", "imported/notes.yaml", false),
        ("reconcile", "imported/providers/acme.yaml", true),
        ("confirm", "providers/openai.yaml", false),
        ("confirm", "sources.yaml", false),
        ("confirm", "imported/providers/acme.yaml", true),
        ("confirm", "routing.yaml", true),
        // Commands that have no journal, and an unknown command.
        ("set", "imported/held.yaml", false),
        ("check --fix", "providers/openai.yaml", false),
        ("new provider openai", "providers/openai.yaml", false),
        ("imports", "imported/held.yaml", false),
        ("", "imported/held.yaml", false),
    ] {
        let place = imported("command-journal");
        fs::create_dir_all(place.0.join("catalog/models")).expect("a folder can be made");
        place.write("catalog/providers/openai.yaml", "theirs");
        leave_change(&place, command, ("catalog", path), false);
        let before = tree(&place.0);
        // Completes the journal first, and then fails.
        let run = place.run(&["set", "acme/none", "context_window", "1500"]);
        if is_completed {
            assert_eq!(place.read(&format!("catalog/{path}")), "evil", "{command} {path}: {}", run.err);
            assert!(run.err.contains(&format!("completed `modeldex {command}`")), "{command} {path}: {}", run.err);
            let note = "command `modeldex confirm` replaced the hand-written file `catalog/routing.yaml`";
            assert_eq!(run.err.contains(note), run.err.contains("hand-written") || path == "routing.yaml", "{command} {path}: {}", run.err);
            continue;
        }
        assert_eq!(first_difference(&before, &tree(&place.0)), None, "{command} {path}");
        for arguments in [&["reconcile"][..], &["confirm", "--all-new"], IMPORT] {
            let run = place.run(arguments);
            let reason = format!("`{path}` is not a file that `modeldex {command}` writes");
            assert!(run.code == 1 && run.err.contains(&reason), "{command} {path}: {}{}", run.out, run.err);
            assert_eq!(first_difference(&before, &tree(&place.0)), None, "{command} {path}");
        }
    }
}

#[test]
fn lost_evidence_does_not_remove_the_imported_catalog() {
    let start = imported("lost-evidence");
    let lose = |test: &str| {
        let place = TestFolder(start.0.with_file_name(format!("lost-evidence-{test}")));
        copy(&start.0, &place.0);
        place
    };
    let refused = |place: &TestFolder, expected: &str| {
        let before = place.files();
        for arguments in [&["reconcile"][..], &["reconcile", "--dry-run"], IMPORT, &["confirm", "--all-new"]] {
            let run = place.run(arguments);
            let is_named = run.err.contains(expected) || arguments[0] == "confirm" && run.err.contains("there is no evidence folder");
            assert!(run.code == 1 && is_named, "{arguments:?}: {}{}", run.out, run.err);
        }
        assert_eq!(place.files(), before);
    };
    let place = lose("folder");
    fs::remove_dir_all(place.0.join("evidence")).expect("it can be removed");
    refused(&place, "restore the evidence folder, or remove `catalog/imported` to start anew");
    fs::remove_dir_all(place.0.join("catalog/imported")).expect("it can be removed");
    assert_eq!(place.run(IMPORT).code, 0);
    let place = lose("file");
    fs::remove_file(place.0.join("evidence/p07.jsonl")).expect("it can be removed");
    refused(&place, "the models.dev snapshot of 2026-05-21 has 26 models, but `evidence` lists only 25 of them");
    let place = lose("cut");
    let text = place.read("evidence/acme.jsonl");
    place.write("evidence/acme.jsonl", &format!("{}\n", text.lines().take(2).collect::<Vec<_>>().join("\n")));
    refused(&place, "26 models, but `evidence` lists only 25 of them");
    // A folder that is mistyped.
    let place = lose("mistyped");
    let before = place.files();
    let import: Vec<&str> = IMPORT.iter().copied().chain(["--evidence", "evidense"]).collect();
    for arguments in [&["reconcile", "--evidence", "evidense"][..], &import] {
        let run = place.run(arguments);
        assert!(run.code == 1 && run.err.contains("there is no evidence folder `evidense`"), "{}{}", run.out, run.err);
    }
    assert_eq!(place.files(), before);
    // Removed files are counted separately.
    place.write("catalog/imported/providers/gone.yaml", &place.read("catalog/imported/providers/p07.yaml"));
    for (arguments, expected) in [(&["reconcile", "--dry-run"][..], "would remove 1 file\n"), (&["reconcile"], "removed 1 file\n")] {
        let run = place.run(arguments);
        assert!(run.code == 0 && run.out.contains("0 files (") && run.out.contains(expected), "{}{}", run.out, run.err);
    }
    assert_eq!(place.files(), before);
}

#[test]
fn a_journal_of_an_overlay_changes_nothing() {
    let place = imported("overlay-journal");
    fs::create_dir_all(place.0.join("over/imported/providers")).expect("a folder can be made");
    let remove = r#"{"command": "reconcile", "changes": [{"folder": "evidence", "path": "acme.jsonl"}, {"folder": "catalog", "path": "imported/providers/acme.yaml"}]}"#;
    place.write("over/.modeldex-journal", remove);
    place.write("over/imported/providers/acme.yaml", "theirs");
    let before = tree(&place.0);
    assert!(before.contains_key("evidence/acme.jsonl"), "{:?}", before.keys());
    for arguments in
        [&["set", "openai/gpt-5.5", "context_window", "1500"][..], &["unset", "openai/gpt-5.5", "context_window"], &["check", "--fix"]]
    {
        // Without `--catalog`, because `set` writes to one folder.
        let run = finish(bare(&place.0).args(arguments).args(["--overlay", "over"]));
        let reason = "the overlay `over` contains the journal of an interrupted command";
        assert!(run.code == 1 && run.err.contains(reason) && !run.err.contains("completed"), "{arguments:?}: {}{}", run.out, run.err);
        assert_eq!(first_difference(&before, &tree(&place.0)), None, "{arguments:?}");
    }
}
