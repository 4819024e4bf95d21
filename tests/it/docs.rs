//! The documentation shows what the program does now: every fenced code block of README.md, CONTRIBUTING.md and docs/ is run, parsed or compiled.
//!
//! | block | check |
//! |---|---|
//! | `console` | a line `$ COMMAND` is run by `sh` with `modeldex` on its PATH; the lines below it are its output, of which a line `...` matches any lines |
//! | `yaml`, `json` | parsed; with `file=PATH` also written there, and judged by `modeldex check` where the first line names a schema |
//! | `toml` | read by cargo as part of a manifest |
//! | `rust` | compiled as a doc test, by `src/lib.rs` |
//! | `ts` | compiled by `.ci/typescript` |
//! | `sh no-run`, `console no-run`, ... | not run: it needs the network, a key, another program or minutes |
//!
//! The blocks of a page are one session: they run in their order, in a folder with a copy of `catalog/` and `evidence/`. `UPDATE_EXPECT=1 cargo test
//! --test it docs` writes the outputs as they are now.

#![cfg(all(feature = "cli", unix))]

use crate::program::{folder, write};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// How many blocks of all pages may be `no-run`.
const MAX_NO_RUN: usize = 15;

/// Languages of blocks that are data of other programs, which other checks cover (`tests/clients/sql`, `tests/clients/nginx`), or drawings.
const DATA: &[&str] = &["text", "diff", "sql", "ini", "nginx"];

/// A fenced code block.
struct Block {
    /// Number of the first line of its text, from 0.
    start: usize,
    language: String,
    attributes: Vec<String>,
    lines: Vec<String>,
}

impl Block {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|other| other == attribute)
    }

    fn file(&self) -> Option<&str> {
        self.attributes.iter().find_map(|attribute| attribute.strip_prefix("file="))
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

#[test]
fn every_block_is_tagged_and_few_are_not_run() {
    let mut no_run = Vec::new();
    for page in pages() {
        for block in blocks(&read(&page)) {
            let place = place(&page, block.start);
            let language = block.language.as_str();
            let is_known = ["console", "sh", "yaml", "json", "toml", "rust", "ts"].contains(&language) || DATA.contains(&language);
            assert!(is_known, "{place}: the language of this block is `{language}`");
            assert!(language != "sh" || block.has("no-run"), "{place}: commands are a `console` block, or `sh no-run`");
            assert!(!block.has("ignore"), "{place}: a `rust` block is compiled; `no_run` and `compile_fail` are possible");
            if language == "rust" {
                let include = format!("include_str!(\"../{}\")", page.display());
                assert!(read(Path::new("src/lib.rs")).contains(&include), "{place}: src/lib.rs lacks `{include}`");
            }
            if block.has("no-run") {
                no_run.push(place);
            }
        }
    }
    assert!(no_run.len() <= MAX_NO_RUN, "{} blocks are not run, of at most {MAX_NO_RUN}: {no_run:#?}", no_run.len());
}

#[test]
fn every_block_is_what_the_program_does() {
    let all = pages();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(2, std::num::NonZero::get).min(all.len());
    let failures = thread::scope(|scope| {
        let worker = || {
            let mut failures = Vec::new();
            while let Some(page) = all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                run_page(page, &mut failures);
            }
            failures
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect::<Vec<String>>()
    });
    assert!(
        failures.is_empty(),
        "{}\n{} differences; `UPDATE_EXPECT=1 cargo test --test it docs` writes outputs as they are now",
        failures.join("\n"),
        failures.len()
    );
}

/// Runs, parses and writes the blocks of one page, in their order.
fn run_page(page: &Path, failures: &mut Vec<String>) {
    let text = read(page);
    let session = Session::new(page);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut shift = 0_isize;
    for block in blocks(&text) {
        let place = place(page, block.start);
        let mut fail = |what: String| failures.push(format!("{place}: {what}"));
        let body = block.text();
        match block.language.as_str() {
            _ if block.has("no-run") => {}
            "console" => {
                let run = session.console(&block.lines);
                if run != block.lines {
                    if env::var_os("UPDATE_EXPECT").is_some() {
                        let start = block.start.checked_add_signed(shift).expect("blocks are in order");
                        lines.splice(start..start + block.lines.len(), run.iter().cloned());
                        shift += isize::try_from(run.len()).expect("short") - isize::try_from(block.lines.len()).expect("short");
                    } else {
                        fail(format!("the page has\n{body}\nand the program does\n{}\n", run.join("\n")));
                    }
                }
            }
            "yaml" => {
                if let Err(error) = modeldex_yaml::parse(&body) {
                    fail(format!("not YAML: {error}"));
                } else if body.starts_with("# yaml-language-server: $schema=") && block.file().is_none() {
                    fail("a file of a catalog states where it is, as in `yaml file=catalog/providers/acme.yaml`".to_owned());
                }
            }
            "json" => {
                let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
                if !is_json(&body) && !body.lines().all(is_json) {
                    fail("neither JSON nor JSON Lines".to_owned());
                }
            }
            "toml" => {
                if let Err(error) = session.manifest(&body) {
                    fail(format!("not a part of a manifest: {error}"));
                }
            }
            _ => {}
        }
        if let Some(path) = block.file() {
            write(&session.dir.join(path), &body);
            if body.starts_with("# yaml-language-server: $schema=")
                && let Err(report) = session.check(path, &body)
            {
                fail(report);
            }
        }
    }
    if env::var_os("UPDATE_EXPECT").is_some() {
        let updated = lines.join("\n") + "\n";
        if updated != text {
            fs::write(root().join(page), updated).expect("a page can be written");
        }
    }
}

/// The folder in which the blocks of one page run.
struct Session {
    dir: PathBuf,
    path: String,
}

impl Session {
    fn new(page: &Path) -> Self {
        let dir = folder("docs", &page.with_extension("").display().to_string().replace('/', "-"));
        let (work, programs) = (dir.join("work"), dir.join("bin"));
        for name in ["catalog", "evidence"] {
            copy(&root().join(name), &work.join(name));
        }
        fs::create_dir_all(&programs).expect("a folder can be made");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_modeldex"), programs.join("modeldex")).expect("a link can be made");
        // `cargo run -- COMMAND` of a checkout: the same program over the files of `catalog/`.
        let cargo = "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done; shift\n\
            case $1 in\n  models | providers | cost | emit | auth | message | probe | stats | evidence | conflicts) exec modeldex --catalog catalog \"$@\" ;;\n  *) exec modeldex \"$@\" ;;\nesac\n";
        write(&programs.join("cargo"), cargo);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(programs.join("cargo"), mode).expect("a file can be made executable");
        let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap_or_default());
        Self { dir: work, path }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env_clear().current_dir(&self.dir).env("PATH", &self.path).env("HOME", &self.dir).env("LC_ALL", "C.UTF-8");
        command.env("MODELDEX_CONFIG", self.dir.join(".config/modeldex/config.json")).stdin(Stdio::null());
        command
    }

    /// A block with the outputs as they are now; where `...` stands for the lines that it hides, the line stays.
    fn console(&self, block: &[String]) -> Vec<String> {
        let mut run = Vec::new();
        let mut at = 0;
        while at < block.len() {
            let end = (at + 1..block.len()).find(|&line| block[line].starts_with("$ ")).unwrap_or(block.len());
            run.push(block[at].clone());
            let expected = &block[at + 1..end];
            let Some(command) = block[at].strip_prefix("$ ") else {
                run.push("(a block begins with a line `$ COMMAND`)".to_owned());
                return run;
            };
            // Standard output and standard error into one pipe, as a terminal shows them.
            let output = self.program("sh").args(["-c", &format!("exec 2>&1; {command}")]).output().expect("sh runs");
            let text = String::from_utf8_lossy(&output.stdout).replace(&*self.dir.display().to_string(), "~");
            let actual: Vec<&str> = text.lines().map(str::trim_end).collect();
            run.extend(shown(expected, &actual));
            at = end;
        }
        run
    }

    /// Reads a part of a `Cargo.toml` as cargo does.
    fn manifest(&self, part: &str) -> Result<(), String> {
        let package = self.dir.join("manifest");
        let head = if part.contains("[package]") { "" } else { "[package]\nname = \"example\"\nedition = \"2024\"\n[workspace]\n" };
        write(&package.join("Cargo.toml"), format!("{head}{part}"));
        write(&package.join("src/lib.rs"), "");
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let output = cargo.args(["read-manifest", "--manifest-path"]).arg(package.join("Cargo.toml")).output().expect("cargo runs");
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    /// Checks the catalog file `path` as the only file of an overlay, which compiles no catalog again.
    fn check(&self, path: &str, text: &str) -> Result<(), String> {
        let (_, path) = path.split_once('/').unwrap_or_default();
        let overlay = self.dir.join("check");
        let _ = fs::remove_dir_all(&overlay);
        write(&overlay.join(path), text);
        let output = self.program("modeldex").args(["check", "--deny-warnings", "--overlay", "check"]).output().expect("the program runs");
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }
}

/// The expected lines where they match, else the actual ones, with as many lines before and after `...` as the page has now.
fn shown(expected: &[String], actual: &[&str]) -> Vec<String> {
    if matches(expected, actual) {
        return expected.to_vec();
    }
    let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
    let Some(gap) = expected.iter().position(|line| line == "...") else { return owned(actual) };
    let after = expected.len() - 1 - expected.iter().rposition(|line| line == "...").unwrap_or(gap);
    if gap + after >= actual.len() {
        return owned(actual);
    }
    let mut lines = owned(&actual[..gap]);
    lines.push("...".to_owned());
    lines.extend(owned(&actual[actual.len() - after..]));
    lines
}

/// Whether the lines are the expected ones, in which `...` matches any lines.
fn matches(expected: &[String], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first == "..." => (0..=actual.len()).any(|skipped| matches(rest, &actual[skipped..])),
        Some((first, rest)) => actual.split_first().is_some_and(|(line, lines)| line == first && matches(rest, lines)),
    }
}

/// README.md, CONTRIBUTING.md and every page of docs/, relative to the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("CONTRIBUTING.md"), PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder can be read").flatten() {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The fenced code blocks of a page.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (open.take(), fence) {
            (None, Some(info)) => {
                let mut words = info.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned);
                let language = words.next().unwrap_or_default();
                open = Some(Block { start: at + 1, language, attributes: words.collect(), lines: Vec::new() });
            }
            (Some(block), Some(_)) => blocks.push(block),
            (Some(mut block), None) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block has no end:\n{}", open.map(|block| block.text()).unwrap_or_default());
    blocks
}

fn place(page: &Path, line: usize) -> String {
    format!("{}:{line}", page.display())
}

fn read(page: &Path) -> String {
    fs::read_to_string(root().join(page)).expect("a page can be read")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)
        } else {
            fs::copy(entry.path(), &to).map(|_| ()).expect("a file can be copied")
        }
    }
}

/// The pages that name tests do so as `` `NAME` in `PATH` ``, or with several names: each test is in this file, and each path exists.
#[test]
fn the_tests_that_hold_a_promise_exist() {
    let mut count = 0;
    for page in ["docs/architecture.md", "docs/security.md"] {
        for line in read(Path::new(page)).lines().filter(|line| line.starts_with('|')) {
            let mut names = Vec::new();
            // Text and code take turns.
            for (text, code) in line.split('`').collect::<Vec<_>>().chunks_exact(2).map(|pair| (pair[0], pair[1])) {
                let is_path = code.ends_with(".rs") && code.contains('/');
                assert!(!is_path || root().join(code).exists(), "{page}: there is no file `{code}`");
                if is_path && text == " in " {
                    let tests = read(Path::new(code));
                    for name in names.drain(..) {
                        assert!(tests.contains(&format!("fn {name}(")), "{page}: there is no test `{name}` in `{code}`");
                        count += 1;
                    }
                } else if !matches!(text, ", " | " and ") {
                    names.clear();
                }
                if code.contains('_') && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
                    names.push(code);
                }
            }
        }
    }
    assert!(count > 40, "{count} names are found");
}

#[test]
fn a_gap_matches_any_lines() {
    let lines = |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    for (expected, actual, is_match) in [
        ("a b", vec!["a", "b"], true),
        ("a ...", vec!["a", "b", "c"], true),
        ("... c", vec!["a", "b", "c"], true),
        ("a ... c", vec!["a", "c"], true),
        ("a ... c", vec!["a", "b"], false),
        ("a", vec!["a", "b"], false),
        ("", vec![], true),
    ] {
        assert_eq!(matches(&lines(expected), &actual), is_match, "{expected}");
    }
    assert_eq!(shown(&lines("a ... d"), &["x", "b", "c", "y"]), lines("x ... y"));
    assert_eq!(shown(&lines("a ..."), &["x"]), lines("x"));
}
