//! Pipes and devices in place of the files of a catalog folder and of its evidence.

#![cfg(unix)]

use super::place::{TestFolder, copy, moved, snapshot};
use crate::program::{Run, checked, folder, spawn};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const WRITING: [&[&str]; 3] =
    [&["import", "models.dev", "api.2026-08-18.json"], &["reconcile"], &["confirm", "acme", "--only", "OPENAI_API_KEY", "--dry-run"]];
const CHECKING: [&[&str]; 3] = [&["check"], &["check", "--fix"], &["stats", "--catalog", "catalog"]];
const EVIDENCE: &[&str] = &["evidence", "acme/one", "--catalog", "catalog"];

/// Each file with the commands that fail because of it.
fn files() -> Vec<(&'static str, Vec<&'static [&'static str]>)> {
    let all = || [&WRITING[..], &CHECKING, &[EVIDENCE]].concat();
    vec![
        ("catalog/sources.yaml", all()),
        ("catalog/provider-map.yaml", all()),
        ("catalog/routing.yaml", all()),
        // An import is independent of errors in hand-written files.
        ("catalog/providers/acme.yaml", vec![CHECKING[0], CHECKING[1]]),
        ("catalog/imported/providers/acme.yaml", all()),
        ("catalog/imported/held.yaml", all()),
        ("evidence/acme.jsonl", [&WRITING[..], &[EVIDENCE]].concat()),
        ("evidence/snapshots.json", [&WRITING[..], &[EVIDENCE]].concat()),
        ("evidence/absent.yaml", WRITING[..2].to_vec()),
        ("evidence/probes/acme.jsonl", vec![EVIDENCE]),
    ]
}

/// Runs the program with limited memory, and fails if it does not end.
fn run(dir: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new("/bin/sh");
    // Systems that cannot limit the memory run without a limit.
    command.args(["-c", r#"ulimit -v 8388608 2>/dev/null; exec "$0" "$@""#, env!("CARGO_BIN_EXE_modeldex")]).args(arguments);
    command.env_clear().current_dir(dir).env("MODELDEX_CONFIG", "no/such/config.json").stdin(Stdio::null());
    let mut child = spawn(&mut command);
    let start = Instant::now();
    while child.try_wait().expect("the program can be waited for").is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().expect("the program can be killed");
            panic!("{arguments:?} does not end: {}", checked(child.wait_with_output().expect("it ends")).err);
        }
        sleep(Duration::from_millis(5));
    }
    checked(child.wait_with_output().expect("it has ended"))
}

#[test]
fn pipes_and_devices_are_not_read() {
    let place = TestFolder::new("odd-files");
    place.import("2026-05-21", &moved(&snapshot(&[("one", 1000, "1")])));
    place.write("api.2026-08-18.json", &moved(&snapshot(&[("one", 2000, "1")])));
    fs::create_dir_all(place.0.join("evidence/probes")).expect("a folder can be made");
    let mut unexpected = Vec::new();
    for kind in ["pipe", "device"] {
        for (file, readers) in files() {
            for arguments in [&WRITING[..], &CHECKING, &[EVIDENCE]].concat() {
                let dir = folder("import", "odd-file");
                copy(&place.0, &dir);
                let path = dir.join(file);
                let _ = fs::remove_file(&path);
                match kind {
                    "pipe" => assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo runs").success()),
                    _ => symlink("/dev/zero", &path).expect("a link can be made"),
                }
                let run = run(&dir, arguments);
                let is_expected = match readers.contains(&arguments) {
                    true => run.code > 0 && run.err.contains(file) && run.err.contains("not a regular file"),
                    false => run.code == 0 || run.err.contains(file),
                };
                if !is_expected {
                    unexpected.push(format!("{kind} {file}, {arguments:?}: exit {}\n{}{}", run.code, run.out, run.err));
                }
            }
        }
    }
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
}
