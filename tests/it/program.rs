//! Runs the program in an empty environment at the most verbose log level. All output of every test is searched for the secrets it was given.

#![cfg(feature = "cli")]

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

/// Contained in all secrets of the tests, and in nothing else.
pub(crate) const MARK: &str = "S3CR3T";

/// A valid key, and one that servers reject.
pub(crate) const KEY: &str = "sk-live-S3CR3T-0123456789abcdef";
pub(crate) const WRONG_KEY: &str = "sk-live-S3CR3T-wrong";
pub(crate) const TOKEN: &str = "123456:S3CR3T-bot-token";

/// The first line of a provider file.
pub(crate) const SCHEMA_LINE: &str = "# yaml-language-server: $schema=../../schema/provider.schema.json\n";

/// The result of a run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The folder of a test, with a catalog, a configuration and output files.
pub(crate) struct TestFolder {
    pub(crate) dir: PathBuf,
}

impl TestFolder {
    pub(crate) fn new(suite: &str, test: &str) -> Self {
        let dir = folder(suite, test);
        fs::create_dir_all(dir.join("catalog/providers")).expect("a folder can be made");
        Self { dir }
    }

    /// Writes the provider `id`.
    pub(crate) fn provider(&self, id: &str, yaml: &str) -> &Self {
        write(&self.dir.join(format!("catalog/providers/{id}.yaml")), format!("{SCHEMA_LINE}{yaml}"));
        self
    }

    /// Writes the provider `acme` with one endpoint of `api` at `base_url`, a key in ACME_API_KEY, and the priced model `kimi-k2.5`.
    pub(crate) fn acme(&self, api: &str, base_url: &str) -> &Self {
        self.provider(
            "acme",
            &format!(
                "name: Acme\nsources:\n  - {{url: https://acme.example}}\nendpoints:\n  - {{base_url: \"{base_url}\", api: {api}}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\n\
                 default_model: kimi-k2.5\nmodels:\n  - id: kimi-k2.5\n    context_window: 1000\n    max_output_tokens: 100\n    prices:\n      - {{input: 2, output: 12, cache_read: 0.2}}\n"
            ),
        )
    }

    /// Lets these providers read ACME_API_KEY, although they have different hosts.
    pub(crate) fn share_key(&self, providers: &str) {
        let text =
            format!("# yaml-language-server: $schema=../schema/routing.schema.json\nshared_variables: {{ACME_API_KEY: [{providers}]}}\n");
        write(&self.dir.join("catalog/routing.yaml"), text);
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.join("config.json")
    }

    /// The program with this folder's catalog, a key, and trace logging.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = bare(&self.dir);
        command.arg("--catalog").arg(self.dir.join("catalog")).args(arguments).env("ACME_API_KEY", KEY);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(&mut self.program(arguments))
    }
}

impl Drop for TestFolder {
    /// Searches written files for secrets, except the configuration, which may contain them.
    fn drop(&mut self) {
        if !thread::panicking() {
            search(&self.dir);
        }
    }
}

/// The arguments of most tests.
pub(crate) const SEND: &[&str] = &["message", "send", "--model", "acme/kimi-k2.5", "--message", "Hello"];

/// Runs [`SEND`].
pub(crate) fn send(place: &TestFolder, more: &[&str]) -> Run {
    place.run(&[SEND, more].concat())
}

/// Creates an empty folder for a test.
pub(crate) fn folder(suite: &str, test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(suite).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Writes a file, and creates its folder.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("the path has a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// The program in an empty environment, without configuration and log.
pub(crate) fn quiet(dir: impl AsRef<Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modeldex"));
    command.env_clear().current_dir(dir).env("MODELDEX_CONFIG", "no/such/config.json").stdin(Stdio::null());
    command
}

/// The program with trace logging, and the configuration of its working folder.
pub(crate) fn bare(dir: &Path) -> Command {
    let mut command = quiet(dir);
    command.env("MODELDEX_CONFIG", dir.join("config.json")).env("MODELDEX_LOG", "trace");
    command
}

pub(crate) fn finish(command: &mut Command) -> Run {
    checked(command.output().expect("the program runs"))
}

/// Runs with `text` on stdin.
pub(crate) fn finish_with_input(command: &mut Command, text: &[u8]) -> Run {
    let mut child = spawn(command.stdin(Stdio::piped()));
    let mut input = child.stdin.take().expect("the stream is piped");
    // Written from a thread, because both pipes have limited buffers; the program may close stdin early.
    let output = thread::scope(|scope| {
        scope.spawn(move || drop(input.write_all(text)));
        child.wait_with_output()
    });
    checked(output.expect("the program runs"))
}

pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

/// The result of a run, after searching it for secrets.
pub(crate) fn checked(output: Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is written is UTF-8");
    let run = Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    for (name, text) in [("standard output", &run.out), ("standard error", &run.err)] {
        assert!(!has_secret(text), "a secret is in {name}: {}", text.replace(MARK, "(the mark)"));
    }
    assert!(!run.err.contains("panicked at"), "{}", run.err);
    run
}

/// Whether a text contains a secret: in any case, and in base64 at any offset.
pub(crate) fn has_secret(text: &str) -> bool {
    // `S3CR3T` in base64 at each of the three offsets, without the characters that depend on its neighbors.
    const BASE64: [&str; 3] = ["UzNDUjNU", "MzQ1IzV", "TM0NSM1"];
    text.to_ascii_uppercase().contains(MARK) || BASE64.iter().any(|form| text.contains(form))
}

fn search(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path);
        } else if path.file_name().is_some_and(|name| name != "config.json") {
            let bytes = fs::read(&path).unwrap_or_default();
            assert!(!has_secret(&String::from_utf8_lossy(&bytes)), "a secret is in {}", path.display());
        }
    }
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// Stderr without log lines.
    pub(crate) fn messages(&self) -> String {
        self.err.lines().filter(|line| !line.starts_with('[')).map(|line| format!("{line}\n")).collect()
    }
}
