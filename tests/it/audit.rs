//! Runs `modeldex audit` on the cases in `tests/audit/`, whose reports are committed, and on invalid input.
//!
//! Cases use the small catalog next to them, so that facts of the built-in catalog do not change reports. If a report changes, review the
//! difference and update it with the command in the failure message.

#![cfg(feature = "cli")]

use crate::program::{KEY, MARK, Run, bare, finish, folder, quiet, write};
use expect_test::expect_file;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The time that the cases are checked as of.
const AT: &str = "2026-11-01T00:00:00Z";

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit")
}

/// Runs in `dir` with the catalog and time of the cases.
fn program(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = quiet(dir);
    command.args(["audit", "--at", AT, "--catalog"]).arg(cases().join("catalog")).args(arguments);
    command
}

fn audit(dir: &Path, arguments: &[&str]) -> Run {
    finish(&mut program(dir, arguments))
}

/// Formats each finding as `path:line:column code`.
fn places(run: &Run) -> Vec<String> {
    let found = run.json();
    let place = |it: &serde_json::Value| {
        format!("{}:{}:{} {}", it["file"].as_str().unwrap(), it["line"], it["column"], it["code"].as_str().unwrap())
    };
    found.as_array().unwrap().iter().map(place).collect()
}

/// Compares a report with the committed one.
fn compare(path: &Path, report: &str) {
    // SARIF contains the version, which would change with each release.
    let report = report.replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"VERSION\"");
    expect_file![path].assert_eq(&report);
}

#[test]
fn reports_of_all_cases_match() {
    for case in ["config", "code", "docs", "ignored", "quiet"] {
        let run = audit(&cases().join(case), &["."]);
        assert_eq!((run.code, run.out.as_str()), (i32::from(case != "quiet"), ""), "{case}: {}", run.err);
        compare(&cases().join(format!("{case}.txt")), &run.err);
    }
}

#[test]
fn reports_of_one_case_match_in_all_formats() {
    for (format, ending) in [("json", "json"), ("sarif", "sarif"), ("github", "github.txt")] {
        let run = audit(&cases().join("code"), &["--format", format]);
        assert_eq!(run.code, 1, "{}", run.err);
        compare(&cases().join(format!("code.{ending}")), &run.out);
    }
}

#[test]
fn the_built_in_catalog_finds_a_stale_reference() {
    let dir = folder("audit", "built_in");
    write(&dir.join("docs/models.md"), "Use `kimi-coding/k2p5`.\n");
    let run = finish(quiet(&dir).arg("audit"));
    assert_eq!(run.code, 1);
    assert!(run.err.contains("error[legacy-reference]: `kimi-coding/k2p5` no longer works"), "{}", run.err);
    assert!(run.err.contains("docs/models.md:1:6") && run.err.contains("write `kimi-coding/kimi-k2.5`"), "{}", run.err);
}

#[test]
fn a_catalog_folder_that_is_not_read_is_named() {
    let dir = folder("audit", "unread");
    write(&dir.join("catalog/providers/acme.yaml"), "name: Acme\n");
    let run = finish(quiet(&dir).arg("audit"));
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("note: using the built-in catalog; to use the folder `catalog`, add `--catalog catalog`"), "{}", run.err);
}

#[test]
fn warnings_only_fail_with_deny_warnings() {
    let dir = folder("audit", "warnings");
    write(&dir.join("a.yaml"), "model: anthropic/claude-opus-4-1-20250805\n");
    let run = audit(&dir, &["."]);
    assert!(run.code == 0 && run.err.contains("warning[deprecated-model]") && run.err.contains("retired on 2027-03-01"), "{}", run.err);
    assert_eq!(audit(&dir, &["--deny-warnings"]).code, 1);
    // Active on the retirement date, retired on the day after.
    let at = |moment: &str| finish(bare(&dir).args(["audit", "--at", moment, "--catalog"]).arg(cases().join("catalog"))).code;
    assert_eq!((at("2027-03-01T23:59:00Z"), at("2027-03-02T00:00:00Z")), (0, 1));
}

#[test]
fn a_baseline_suppresses_known_findings_and_reports_stale_entries() {
    let dir = folder("audit", "baseline");
    write(&dir.join("a.ts"), "x = \"kimi-coding/k2p5\";\ny = \"kimi-coding/k2p5\";\n");
    write(&dir.join("b.md"), "`kimi-coding/k2p5`\n");
    let run = audit(&dir, &["--write-baseline", "known.json"]);
    assert!(run.code == 0 && run.err.contains("wrote the baseline known.json with 3 findings"), "{}", run.err);
    let text = fs::read_to_string(dir.join("known.json")).unwrap();
    assert!(text.contains("\"count\": 2") && !text.contains("\"line\""), "{text}");
    audit(&dir, &["--write-baseline", "known.json"]);
    assert_eq!(fs::read_to_string(dir.join("known.json")).unwrap(), text);

    let run = audit(&dir, &["--baseline", "known.json"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    // The baseline itself is not searched.
    assert_eq!(audit(&dir, &["known.json"]).err, "");

    // Lines may move, but an additional finding is reported.
    write(&dir.join("a.ts"), "\n\nx = \"kimi-coding/k2p5\";\ny = \"kimi-coding/k2p5\";\nz = \"kimi-coding/k2p5\";\n");
    fs::remove_file(dir.join("b.md")).unwrap();
    let run = audit(&dir, &["--baseline", "known.json", "--format", "json"]);
    assert_eq!(places(&run), ["a.ts:5:6 legacy-reference"]);
    assert!(
        run.err.contains("the baseline lists a finding legacy-reference `kimi-coding/k2p5` in b.md, but this audit did not find it"),
        "{}",
        run.err
    );
    // Entries of files that were not searched are not stale.
    assert_eq!(audit(&dir, &["a.ts", "--baseline", "known.json", "--format", "json"]).err, "");
}

#[test]
fn an_invalid_baseline_is_an_error_with_its_position() {
    let dir = folder("audit", "no_baseline");
    for (text, place) in [
        ("{\"about\": \"\",\n \"version\": 1, \"findings\": [}", "no.json:2:29"),
        ("[]", "no.json:1:"),
        ("", "no.json:1:1"),
        ("{\"about\": \"\",\n \"version\": 2, \"findings\": []}", "no.json:2:2"),
        ("{\"about\": \"\", \"version\": 1, \"findings\": [], \"more\": 1}", "no.json:1:"),
    ] {
        write(&dir.join("no.json"), text);
        let run = audit(&dir, &["--baseline", "no.json"]);
        assert!(run.code == 2 && run.err.contains(place) && run.err.contains("invalid baseline"), "{text}: {}", run.err);
    }
    assert_eq!(audit(&dir, &["--baseline", "missing.json"]).code, 2);
}

#[test]
fn unreadable_files_are_noted_and_the_others_are_searched() {
    let dir = folder("audit", "odd");
    let finding = "x: \"kimi-coding/k2p5\"\n";
    write(&dir.join("a.yaml"), finding);
    write(&dir.join("binary.dat"), format!("\0{finding}"));
    write(&dir.join("latin.md"), [b"\xff\xfe\xe9 ".as_slice(), finding.as_bytes()].concat());
    write(&dir.join("long.json"), format!("{{\"a\": \"{}\", {finding}}}", "y ".repeat(1 << 20)));
    write(&dir.join("huge.txt"), vec![b' '; (16 << 20) + 1]);
    write(&dir.join("package-lock.json"), finding);
    write(&dir.join("CHANGELOG.md"), finding);
    write(&dir.join("x.min.js"), finding);
    write(&dir.join("bundle.js"), format!("{}{finding}", "y ".repeat(10_000)));
    write(&dir.join("ignored.ts"), finding);
    write(&dir.join("left.ts"), finding);
    write(&dir.join(".gitignore"), "/ignored.ts\n/out/\n");
    write(&dir.join(".modeldexignore"), "/left.ts\n");
    write(&dir.join("out/a.ts"), finding);
    write(&dir.join(".github/workflows/ci.yml"), finding);
    write(&dir.join(".git/config"), finding);
    write(&dir.join("empty"), "");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(".", dir.join("loop")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.join("broken")).unwrap();
    }
    let found = ["a.yaml:1:5", ".github/workflows/ci.yml:1:5", "latin.md:1:9", "long.json:1:2097167"];
    let mut found: Vec<String> = found.iter().map(|place| format!("{place} legacy-reference")).collect();
    found.sort();
    let run = audit(&dir, &["--format", "json"]);
    assert_eq!(places(&run), found);
    assert_eq!(run.err, "note: `huge.txt` is larger than 16 MiB and was not scanned\n");
    // The same file under two names is searched once.
    assert_eq!(places(&audit(&dir, &[".", "a.yaml", "./.", "--format", "json"])), found);

    // Files named on the command line are searched even if ignored.
    for named in ["ignored.ts", "left.ts", "out", "package-lock.json", "CHANGELOG.md", "x.min.js", "bundle.js"] {
        let run = audit(&dir, &[named, "--format", "json"]);
        assert_eq!(places(&run).len(), 1, "{named}: {}{}", run.out, run.err);
    }
    let run = audit(&dir, &["a.yaml", "missing"]);
    assert!(run.code == 2 && run.err.contains("cannot scan `missing`"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_noted() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder("audit", "unreadable");
    write(&dir.join("a.ts"), "x = \"kimi-coding/k2p5\";\n");
    write(&dir.join("b.ts"), "x = \"kimi-coding/k2p5\";\n");
    fs::set_permissions(dir.join("a.ts"), fs::Permissions::from_mode(0o000)).unwrap();
    // Permissions do not apply to root.
    let expected = 1 + usize::from(fs::read(dir.join("a.ts")).is_ok());
    let run = audit(&dir, &["--format", "json"]);
    assert_eq!(places(&run).len(), expected);
    assert!(expected == 2 || run.err.contains("note: `a.ts` cannot be read"), "{}", run.err);
}

#[test]
fn a_secret_on_a_line_with_a_finding_is_masked() {
    let dir = folder("audit", "secret");
    let text =
        format!("{{\"model\": \"kimi-coding/k2p5\", \"apiKey\": \"{}\", \"baseUrl\": \"https://u:{}@api.kimi.com/v1\"}}\n", KEY, MARK);
    write(&dir.join("config.json"), text);
    for format in ["human", "json", "sarif", "github"] {
        // The test helper searches all output for the secret.
        assert_eq!(audit(&dir, &["--format", format]).code, 1);
    }
}

#[test]
fn a_secret_in_the_name_of_a_file_is_masked() {
    let dir = folder("audit", "secret-name");
    let secret = "sk-ant-api03-Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0Lm9Nb8Vc7Xz6Qa5Ws4Ed3Rf2Tg1Yh0";
    let text = "{\"model\": \"kimi-coding/k2p5\", \"baseUrl\": \"https://api.kimi.com/v1\"}\n";
    write(&dir.join(format!("{secret}.json")), text);
    for format in ["human", "json", "sarif", "github"] {
        let run = audit(&dir, &["--format", format]);
        let report = run.out + &run.err;
        assert!(run.code == 1 && report.replace("%2A", "*").contains("*********") && !report.contains(secret), "{format}: {report}");
    }
}

#[test]
fn two_runs_have_the_same_output() {
    let run = || audit(&cases(), &["config", "code", "docs", "--format", "json"]).out;
    let first = run();
    assert!(first.len() > 1000);
    for _ in 0..5 {
        assert_eq!(run(), first);
    }
}

#[test]
fn every_code_has_an_explanation() {
    let run = finish(bare(&cases()).args(["explain", "legacy-reference"]));
    assert!(run.code == 0 && run.out.contains("The provider rejects requests with this id"), "{}{}", run.out, run.err);
    let run = finish(bare(&cases()).args(["explain", "legacy-referenc"]));
    assert!(run.code == 1 && run.err.contains("legacy-reference"), "{}", run.err);
}
