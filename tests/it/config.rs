//! The configuration, with the program in a configuration folder per test.

#![cfg(feature = "cli")]

use crate::program::{Run, checked};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A key that must never be printed.
const KEY: &str = "sk-S3CR3T-hunter2";

/// A user with a configuration folder.
struct User(PathBuf);

impl User {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// The path of the configuration file, in a folder that does not exist yet.
    fn file(&self) -> PathBuf {
        self.0.join("own").join("config.json")
    }

    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modeldex"));
        command.env_clear().env("MODELDEX_LOG", "trace").env("MODELDEX_CONFIG", self.file()).current_dir(env!("CARGO_MANIFEST_DIR"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        finish(self.program().args(arguments).spawn().unwrap())
    }

    fn config(&self, arguments: &[&str]) -> Run {
        finish(self.program().arg("config").args(arguments).spawn().unwrap())
    }

    /// Runs `config` with input on stdin.
    fn piped(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self.program().arg("config").args(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        finish(child)
    }

    fn set(&self, key: &str, value: &str) -> Run {
        let run = self.config(&["set", key, value]);
        assert_eq!((run.code, run.out.as_str()), (0, ""), "{key}: {}", run.err);
        run
    }

    fn write(&self, text: &str) {
        fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        fs::write(self.file(), text).unwrap();
        open_to(&self.file(), 0o600);
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn value(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }
}

/// Waits for a run, and checks that its output has no secret.
fn finish(child: Child) -> Run {
    checked(child.wait_with_output().unwrap())
}

#[cfg(unix)]
fn open_to(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn open_to(_: &Path, _: u32) {}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn values_are_set_printed_listed_and_removed() {
    let user = User::new("set");
    let unset = user.config(&["get", "default_model"]);
    assert_eq!((unset.code, unset.out.as_str()), (1, ""));
    assert!(unset.err.contains("modeldex config set default_model"), "{}", unset.err);
    assert_eq!(user.config(&["list"]).out, "");
    assert!(!user.file().exists(), "looking makes no file");

    let set = user.set("env.KIMI_API_KEY", KEY);
    assert_eq!(set.err.lines().count(), 1, "{}", set.err);
    user.set("default_model", "kimi-coding/kimi-k2.5");
    user.set("outdated_models", "refuse");
    user.set("providers.moonshot.region", "cn");
    user.set("providers.moonshotai.endpoint", "global");
    user.set("telegram.chat_id", "-1001234567890");
    user.set("telegram.api_base", "https://telegram.example/bot");
    let list = user.config(&["list"]);
    let wanted = "env.KIMI_API_KEY=****\ndefault_model=kimi-coding/kimi-k2.5\noutdated_models=refuse\nproviders.moonshotai.endpoint=global\nproviders.moonshotai.region=cn\ntelegram.api_base=https://telegram.example/bot\ntelegram.chat_id=-1001234567890\n";
    assert_eq!((list.code, list.out.as_str(), list.err.as_str()), (0, wanted, ""));
    assert_eq!(user.config(&["get", "providers.moonshotai.region"]).out, "cn\n");
    assert_eq!(user.config(&["path"]).out, format!("{}\n", user.file().display()));

    assert!(user.config(&["unset", "telegram.chat_id"]).err.contains("was removed"));
    assert!(user.config(&["unset", "telegram.api_base"]).err.contains("was removed"));
    assert!(user.config(&["unset", "telegram.api_base"]).err.contains("was not set"));
    assert_eq!(user.value().get("telegram"), None, "an empty object is removed too");
    assert_eq!(user.value()["providers"], json!({"moonshotai": {"region": "cn", "endpoint": "global"}}));
}

#[test]
fn a_key_is_only_printed_with_reveal() {
    let user = User::new("reveal");
    let mut runs = vec![user.set("env.vars.KIMI_API_KEY", KEY)];
    assert_eq!(user.value(), json!({"env": {"vars": {"KIMI_API_KEY": KEY}}}), "both spellings are one place");
    // The only output that contains the key.
    let revealed = user.program().args(["config", "get", "env.KIMI_API_KEY", "--reveal"]).output().unwrap();
    assert_eq!(revealed.stdout, format!("{KEY}\n").into_bytes());
    let masked = user.config(&["get", "env.KIMI_API_KEY"]);
    assert_eq!(masked.out, "****\n");
    runs.push(masked);
    for words in [
        &["config", "list"][..],
        &["config", "set", "env.KIMI_API_KEY", "sk-S3CR3T-hunter2\u{7}x"],
        &["config", "unset", "env.OTHER"],
        &["providers", "show", "kimi-coding"],
        &["providers", "show", "kimi-coding", "--json"],
        &["models", "list", "--json"],
    ] {
        runs.push(user.run(words));
    }
    user.write(&format!("{{\"env\": {{\"vars\": {{\"KIMI_API_KEY\": [\"{KEY}\"]}}}}}}"));
    runs.push(user.run(&["models", "list"]));
    for run in runs {
        assert!(!run.out.contains("S3CR3T") && !run.err.contains("S3CR3T"), "{}{}", run.out, run.err);
    }
}

#[test]
fn a_key_in_the_configuration_makes_models_available() {
    let user = User::new("available");
    let listed = |user: &User| user.run(&["models", "list", "--provider", "kimi-coding", "--plain"]).out;
    assert_eq!(listed(&user), "");
    user.set("env.KIMI_API_KEY", KEY);
    assert!(listed(&user).contains("\tyes\t"));
    let show = user.run(&["providers", "show", "kimi-coding"]);
    assert!(show.out.contains("KIMI_API_KEY (set)"), "{}", show.out);
    let row: Value = serde_json::from_str(&user.run(&["models", "show", "kimi-coding/kimi-k2.5", "--json"]).out).unwrap();
    assert_eq!(row["auth"], json!({"available": true, "source": "KIMI_API_KEY"}));

    // The name of a variable is a reference, not a key.
    let set = user.set("env.KIMI_API_KEY", "MY_KIMI_KEY");
    assert!(set.err.contains("`MY_KIMI_KEY`, which is not set"), "{}", set.err);
    assert_eq!(user.config(&["get", "env.KIMI_API_KEY"]).out, "${MY_KIMI_KEY}\n");
    assert_eq!(listed(&user), "");
    let with = user.program().args(["models", "list", "--plain"]).env("MY_KIMI_KEY", "x").spawn().unwrap();
    assert!(finish(with).out.contains("kimi-coding/kimi-k2.5"));
    assert!(user.set("env.KIMI_API_KEY", "${KIMI_API_KEY}").err.contains("refers to itself"));
    assert_eq!(listed(&user), "");
    assert!(user.set("env.KIMI_APIKEY", "x").err.contains("did you mean `KIMI_API_KEY`?"));
}

#[test]
fn a_value_is_read_from_stdin() {
    let user = User::new("stdin");
    for (words, input) in [(&["set", "env.A_KEY", "-"][..], "one\n"), (&["set", "env.B_KEY"], "two\r\n"), (&["set", "env.C_KEY"], "three")]
    {
        let run = user.piped(words, input);
        assert_eq!((run.code, run.err.lines().count()), (0, 1), "{}", run.err);
    }
    assert_eq!(user.value()["env"]["vars"], json!({"A_KEY": "one", "B_KEY": "two", "C_KEY": "three"}));
    let spaced = user.piped(&["set", "env.A_KEY", "-"], " one \n\n");
    assert!(spaced.code == 0 && spaced.err.contains("removed white space around"), "{}", spaced.err);
    let empty = user.piped(&["set", "env.A_KEY"], "\n");
    assert!(empty.code == 2 && empty.err.contains("config unset env.A_KEY"), "{}", empty.err);
    let broken = user.piped(&["set", "env.A_KEY"], "one\ntwo");
    assert!(broken.code == 2 && broken.err.contains("control character"), "{}", broken.err);
    assert_eq!(user.config(&["get", "env.A_KEY", "--reveal"]).out, "one\n");
}

#[test]
fn invalid_keys_and_values_suggest_the_nearest() {
    let user = User::new("nearest");
    for (words, code, expected) in [
        (&["set", "defalt_model", "x"][..], 2, "`default_model`"),
        (&["get", "KIMI_API_KEY"], 2, "`env.KIMI_API_KEY`"),
        (&["set", "outdated_models", "never"], 2, "`warn` or `refuse`"),
        (&["set", "providers.kimi-codng.region", "cn"], 1, "`kimi-coding`"),
        (&["set", "providers.moonshotai.region", "china"], 1, "`cn`"),
        (&["set", "providers.moonshotai.endpoint", "gobal"], 1, "`global`"),
        (&["set", "providers.kimi-coding.endpoint", "x"], 1, "its only endpoint has no id"),
        (&["set", "overlays", "src"], 2, "not a catalog folder"),
        (&["set", "default_model", ""], 2, "config unset default_model"),
        (&["set", "default_model", "a", "b"], 2, "one value"),
        (&["set", "telegram.api_base", "telegram.example"], 2, "https://"),
        (&["unset", "telegram.chat"], 2, "`telegram.chat_id`"),
    ] {
        let run = user.config(words);
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{words:?}: {}", run.err);
        assert!(run.err.contains(expected), "{words:?}: {}", run.err);
    }
    assert!(!user.file().exists(), "nothing was set");
    let unknown = user.set("default_model", "kimi-coding/k2p6");
    assert!(unknown.err.contains("warning") && unknown.err.contains("kimi-coding/kimi-k2.5"), "{}", unknown.err);
    assert_eq!(user.value()["default_model"], "kimi-coding/k2p6");
}

#[test]
fn many_values_are_removed_only_on_request() {
    let user = User::new("unset-many");
    let text = "{\"env\": {\"vars\": {\"A_KEY\": \"S3CR3T-a\", \"a.b\": \"S3CR3T-b\"}}, \"telegram\": {\"chat_id\": \"1\"}, \"x\": {\"y.z\": 1}}\n";
    user.write(text);
    for (key, expected) in [("env", "2 values"), ("env.vars", "2 values"), ("telegram", "1 value"), ("x", "1 value")] {
        let run = user.config(&["unset", key]);
        assert_eq!((run.code, user.text().as_str()), (2, text), "{key}: {}", run.err);
        assert!(run.err.contains(expected) && run.err.contains("--yes"), "{key}: {}", run.err);
    }
    for key in ["env.a.b", "x.y.z", "env.A_KEY"] {
        let run = user.config(&["unset", key]);
        assert!(run.code == 0 && run.err.contains("was removed"), "{key}: {}", run.err);
    }
    assert_eq!(user.value(), serde_json::json!({"telegram": {"chat_id": "1"}}));
    user.write(text);
    assert_eq!(user.config(&["unset", "env.\"a.b\""]).code, 0);
    assert!(user.text().contains("A_KEY") && !user.text().contains("a.b"));
    assert_eq!(user.config(&["unset", "env", "--yes"]).code, 0);
    assert!(!user.text().contains("env") && user.text().contains("chat_id"));
}

#[test]
fn a_key_is_not_stored_as_a_model() {
    let user = User::new("model-key");
    for value in ["sk-S3CR3T-0123456789abcdef", "sk-S3CR3T", "openai/sk-S3CR3T-0123456789", "S3CR3T4aB5cD6eF7gH8iJ9kL0mN"] {
        let run = user.config(&["set", "default_model", value]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("looks like an API key") && run.err.contains("config set env.NAME -"), "{}", run.err);
        assert!(!user.file().exists());
    }
    assert_eq!(user.config(&["set", "default_model", "openai/gpt-5.5"]).code, 0);
}

#[test]
fn unknown_keys_are_preserved_with_a_warning() {
    let user = User::new("unknown");
    user.write("{\n\t\"zeta\": [1, {\"deep\": true}],\n\t\"defalt_model\": \"a/b\",\n\t\"alpha\": null\n}\n");
    let set = user.set("outdated_models", "warn");
    let place = format!("{}:3:2: ", user.file().display());
    assert!(set.err.contains(&place) && set.err.contains("`default_model`"), "{}", set.err);
    let text = user.text();
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(at("\t\"zeta\"") < at("\"deep\": true") && at("defalt_model") < at("\"alpha\": null") && at("alpha") < at("outdated_models"));
    // Every command that reads the configuration warns once and continues.
    let list = user.run(&["models", "list", "--all", "--provider", "kimi-coding"]);
    assert_eq!((list.code, list.err.matches("`defalt_model`").count()), (0, 1), "{}", list.err);
    assert!(user.config(&["unset", "defalt_model"]).err.contains("was removed"));
    assert!(!user.text().contains("defalt_model"));
}

#[test]
fn an_invalid_file_is_an_error_with_a_position_and_is_not_changed() {
    let user = User::new("broken");
    for (text, place) in [("{\"env\": {\"vars\": {\"A\": \"S3CR3T\"", "1:18"), ("{\n  \"overlays\": \"a\"\n}", "2:15"), ("[]", "1:1")] {
        user.write(text);
        for words in
            [&["config", "list"][..], &["config", "set", "outdated_models", "warn"], &["models", "list", "--all"], &["providers", "list"]]
        {
            let run = user.run(words);
            let at = format!("{}:{place}: ", user.file().display());
            assert_eq!((run.code, run.out.as_str()), (1, ""), "{words:?}: {}", run.err);
            assert!(run.err.contains(&at) && !run.err.contains("S3CR3T"), "{words:?}: {}", run.err);
        }
        assert_eq!(user.text(), text);
        // Commands about the catalog itself do not read the configuration.
        assert_eq!(user.run(&["explain", "limit"]).code, 0);
    }
    user.write("");
    user.set("outdated_models", "warn");
    fs::remove_file(user.file()).unwrap();
    fs::create_dir(user.file()).unwrap();
    let run = user.config(&["set", "outdated_models", "warn"]);
    assert!(run.code == 1 && run.err.contains("cannot read the configuration"), "{}", run.err);
}

#[test]
fn an_unwritable_path_is_an_error() {
    let user = User::new("blocked");
    fs::write(user.0.join("own"), "a file where a folder should be").unwrap();
    let run = user.config(&["set", "outdated_models", "warn"]);
    assert!(run.code == 1 && run.err.contains("cannot change the configuration"), "{}", run.err);
}

#[test]
fn overlays_of_the_configuration_are_below_those_of_the_options() {
    let user = User::new("overlays");
    let overlay = |name: &str, window: u32| {
        let folder = user.0.join(name);
        fs::create_dir_all(folder.join("providers")).unwrap();
        let text = format!(
            "# yaml-language-server: $schema=../../schema/provider.schema.json\nextends: kimi-coding\nmodels:\n  - id: kimi-k2.5\n    context_window: {window}\n"
        );
        fs::write(folder.join("providers/kimi-coding.yaml"), text).unwrap();
        folder.to_str().unwrap().to_owned()
    };
    let (own, other) = (overlay("first", 100_000), overlay("second", 200_000));
    let window = |more: &[&str]| {
        let run = user.run(&[&["models", "show", "kimi-coding/kimi-k2.5", "--json"], more].concat());
        serde_json::from_str::<Value>(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err))["context_window"].clone()
    };
    assert_eq!(window(&[]), 256_000);
    user.set("overlays", &own);
    assert_eq!(window(&[]), 100_000);
    assert_eq!(window(&["--overlay", &other]), 200_000);
    // Commands about the catalog itself ignore the overlays of the configuration.
    let check = user.run(&["check", "--catalog", "catalog"]);
    assert_eq!(check.code, 0, "{}", check.err);
    assert!(!user.run(&["stats", "--json"]).out.contains("first"));
    // Several overlays, relative to the current folder.
    let run = finish(user.program().current_dir(&user.0).args(["config", "set", "overlays", "second", "first"]).spawn().unwrap());
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(user.config(&["get", "overlays"]).out, format!("{other}\n{own}\n"));
    assert_eq!(window(&[]), 100_000);
    fs::remove_dir_all(&own).unwrap();
    let gone = user.run(&["models", "list"]);
    assert!(gone.code == 1 && gone.err.contains("config unset overlays"), "{}", gone.err);
}

#[test]
fn concurrent_edits_are_not_lost() {
    let user = User::new("at-once");
    let writers: Vec<Child> = (0..20)
        .map(|at| user.program().args(["config", "set", &format!("env.NAME_{at}"), &format!("value {at}")]).spawn().unwrap())
        .collect();
    for writer in writers {
        let run = finish(writer);
        assert_eq!(run.code, 0, "{}", run.err);
    }
    let vars = user.value()["env"]["vars"].clone();
    for at in 0..20 {
        assert_eq!(vars[format!("NAME_{at}")], format!("value {at}"));
    }
    let left: Vec<_> = fs::read_dir(user.file().parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the file and its lock, and nothing else: {left:?}");
}

#[test]
#[cfg(unix)]
fn the_file_is_only_readable_by_its_owner() {
    let user = User::new("mode");
    user.set("env.KIMI_API_KEY", KEY);
    let folder = user.file().parent().unwrap().to_owned();
    assert_eq!((mode(&user.file()), mode(&folder)), (0o600, 0o700));
    open_to(&user.file(), 0o644);
    let list = user.config(&["list"]);
    assert!(list.err.contains(&format!("chmod 600 {}", user.file().display())), "{}", list.err);
    user.set("outdated_models", "warn");
    assert_eq!(mode(&user.file()), 0o600, "what is written is the owner's alone");
    assert_eq!(user.config(&["list"]).err, "");
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_is_preserved() {
    let user = User::new("link");
    let real = user.0.join("dotfiles/modeldex.json");
    fs::create_dir_all(user.file().parent().unwrap()).unwrap();
    fs::create_dir_all(real.parent().unwrap()).unwrap();
    // A relative link to a file that does not exist yet.
    std::os::unix::fs::symlink("../dotfiles/modeldex.json", user.file()).unwrap();
    for word in ["warn", "refuse"] {
        user.set("outdated_models", word);
        assert!(user.file().symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), format!("{{\n  \"outdated_models\": \"{word}\"\n}}\n"));
    }
}

#[test]
fn the_printed_schema_is_the_committed_one() {
    let user = User::new("schema");
    let printed = user.run(&["schema", "config"]).out;
    assert_eq!(printed, fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/config.schema.json")).unwrap());
    let schema: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(schema["properties"]["env"]["properties"]["vars"]["additionalProperties"]["type"], "string");
    let words = schema["properties"]["outdated_models"]["oneOf"].as_array().unwrap();
    assert_eq!(words.iter().map(|word| &word["const"]).collect::<Vec<_>>(), ["warn", "refuse"]);
    user.write("{\"$schema\": \"../schema/config.schema.json\"}");
    assert_eq!(user.config(&["list"]).err, "", "a file may name its schema");
}

#[test]
fn a_key_that_looks_like_a_variable_name_is_never_printed() {
    let user = User::new("like-a-name");
    let key = "GSK_S3CR3T0123456789ABCDEF0123456789ABCDEF";
    let set = user.piped(&["set", "env.KIMI_API_KEY", "-"], key);
    assert_eq!((set.code, set.err.lines().count()), (0, 1), "{}", set.err);
    assert_eq!(user.value()["env"]["vars"]["KIMI_API_KEY"], key);
    assert_eq!(user.config(&["list"]).out, "env.KIMI_API_KEY=****\n");
    assert_eq!(user.config(&["get", "env.KIMI_API_KEY"]).out, "****\n");
    let status = user.run(&["auth", "status", "kimi-coding"]);
    assert!(status.out.contains(" yes "), "{}{}", status.out, status.err);
    // An explicit reference is accepted, but not printed.
    let set = user.set("env.KIMI_API_KEY", &format!("${{{key}}}"));
    assert!(set.err.contains("refers to the variable `****`, which is not set"), "{}", set.err);
    assert_eq!(user.config(&["get", "env.KIMI_API_KEY"]).out, "${****}\n");
    for more in [&[][..], &["--json"]] {
        let status = user.run(&[&["auth", "status", "kimi-coding"], more].concat());
        let printed = status.out + &status.err;
        assert!(printed.contains("**** is not set"), "{printed}");
        let found = user.program().args(["auth", "status", "kimi-coding"]).args(more).env(key, "x").spawn().unwrap();
        assert_eq!(finish(found).code, 0);
    }
}

#[test]
fn a_key_given_as_a_config_key_is_not_repeated() {
    let user = User::new("wrong-place");
    for (words, expected) in [
        (&["set", "KIMI_API_KEY=sk-S3CR3T"][..], "`config set env.KIMI_API_KEY VALUE`"),
        (&["set", "env.KIMI_API_KEY=sk-S3CR3T", "x"], "`config set env.KIMI_API_KEY VALUE`"),
        (&["set", "sk-S3CR3T", "x"], "`env.NAME`"),
        (&["get", "sk-S3CR3T"], "`env.NAME`"),
        (&["unset", "sk-S3CR3T"], "`env.NAME`"),
        (&["set", "providers.sk-S3CR3T", "x"], "`providers.ID.region`"),
        (&["set", "providers.sk-S3CR3T.region", "x"], "`modeldex providers list`"),
        (&["set", "env.GSK_S3CR3T0123456789ABCDEF", "x"], "`env.KIMI_API_KEY`"),
    ] {
        let run = user.config(words);
        assert!(run.code == 2 && run.err.contains(expected), "{}", run.err);
    }
}

#[test]
fn a_key_in_place_of_a_name_in_the_file_is_not_repeated() {
    let user = User::new("secret-name");
    user.write("{\"sk-S3CR3T\": 1, \"KIMI_API_KEY=sk-S3CR3T\": 1}");
    let list = user.config(&["list"]);
    assert_eq!(list.err.matches("unknown key `****`").count(), 2, "{}", list.err);
}

#[test]
fn a_key_in_place_of_another_value_is_masked() {
    let user = User::new("key-as-value");
    let key = "sk-proj-S3CR3Tv2Lm9Kd4Wn8Ty3Rb6Hp1Jc5Gf0Se";
    for (text, name, shown) in [
        (format!("{{\"default_model\": \"openai/{key}\"}}"), "default_model", "openai/"),
        (format!("{{\"telegram\": {{\"api_base\": \"https://u:{key}@proxy.example/\"}}}}"), "telegram.api_base", "@proxy.example/"),
        (format!("{{\"providers\": {{\"openai\": {{\"region\": \"{key}\"}}}}}}"), "providers.openai.region", "*"),
        (format!("{{\"env\": {{\"vars\": {{\"OPENAI_API_KEY={key}\": \"x\"}}}}}}"), "", "env.OPENAI_API_KEY=*"),
    ] {
        user.write(&text);
        let list = user.config(&["list"]);
        assert!(list.out.contains(shown) && list.out.contains("***"), "{}", list.out);
        if !name.is_empty() {
            assert!(user.config(&["get", name]).out.contains(shown), "{name}");
            // `finish` would fail on the key itself.
            let reveal = user.program().args(["config", "get", name, "--reveal"]).output().unwrap();
            assert!(String::from_utf8_lossy(&reveal.stdout).contains(key), "{name}");
        }
    }
}

#[test]
fn a_variable_name_is_a_reference_in_any_form() {
    let user = User::new("references");
    for text in ["$MY_KEY", "%MY_KEY%", "{{MY_KEY}}", "${ MY_KEY }", "\"MY_KEY\"", "'${MY_KEY}'"] {
        user.set("env.KIMI_API_KEY", text);
        assert_eq!(user.config(&["get", "env.KIMI_API_KEY"]).out, "${MY_KEY}\n", "{text}");
    }
    user.set("env.KIMI_API_KEY", "kimi_api_key");
    assert_eq!(user.config(&["get", "env.KIMI_API_KEY"]).out, "${KIMI_API_KEY}\n");
    let unclear = user.config(&["set", "env.KIMI_API_KEY", "${MY_KEY:-sk-S3CR3T}"]);
    assert!(unclear.code == 2 && unclear.err.contains("`${NAME}`"), "{}", unclear.err);
    let quoted = user.set("env.KIMI_API_KEY", "\"sk-1\"");
    assert!(quoted.err.contains("removed quotes around"), "{}", quoted.err);
    assert_eq!(user.value()["env"]["vars"]["KIMI_API_KEY"], "sk-1");
}

#[test]
fn temporary_files_of_a_killed_writer_are_removed() {
    let user = User::new("leftovers");
    user.set("outdated_models", "warn");
    let beside = |name: &str| user.file().with_file_name(name);
    let ours = [".config.json.4711.tmp", ".config.json.0123456789abcdef.tmp"];
    let others = [".config.json.mine.tmp", ".other.json.4711.tmp", ".config.json.4711.bak"];
    for name in ours.iter().chain(&others) {
        fs::write(beside(name), "left behind").unwrap();
    }
    fs::create_dir(beside(".config.json.1.tmp")).unwrap();
    user.set("outdated_models", "refuse");
    assert!(ours.iter().all(|name| !beside(name).exists()) && others.iter().all(|name| beside(name).exists()));
    assert!(beside(".config.json.1.tmp").is_dir());
}

#[test]
fn unknown_content_is_preserved_byte_for_byte() {
    let user = User::new("bytes");
    let text = "{ \"n\":[123456789012345678901234567890,18446744073709551616 , 1E2,1.50],\r\n\
                \r\n\t\"s\" : \"\\u00e9\\/\",\r\n\t\"default_model\" :\"a/b\"}";
    user.write(text);
    user.set("outdated_models", "warn");
    let added = text.replace("\"a/b\"}", "\"a/b\",\r\n\t\"outdated_models\": \"warn\"}");
    assert_eq!(user.text(), added);
    user.set("default_model", "kimi-coding/kimi-k2.5");
    assert_eq!(user.text(), added.replace("a/b", "kimi-coding/kimi-k2.5"));
    user.config(&["unset", "outdated_models"]);
    user.config(&["unset", "default_model"]);
    assert_eq!(user.text(), text.replace(",\r\n\t\"default_model\" :\"a/b\"", "\r\n"), "a closing brace stays on its line");
}

#[test]
#[cfg(target_os = "linux")]
fn devices_and_endless_files_are_not_read() {
    let user = User::new("no-file");
    let pipe = user.0.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let link = user.0.join("link");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for path in [&pipe, &link, Path::new("/dev/zero"), &user.0] {
        for words in [&["config", "list"][..], &["config", "set", "outdated_models", "warn"], &["models", "list"]] {
            let run = finish(user.program().args(words).env("MODELDEX_CONFIG", path).spawn().unwrap());
            assert!(run.code == 1 && run.err.contains("not a regular file"), "{}: {}", path.display(), run.err);
        }
    }
    let full = format!("{{\"a\": \"{}\"}}", "x".repeat((1 << 20) - 9));
    user.write(&full);
    assert_eq!(user.config(&["list"]).code, 0);
    let run = user.config(&["set", "outdated_models", "warn"]);
    assert!(run.code == 1 && run.err.contains("1 MiB"), "{}", run.err);
    assert_eq!(user.text(), full);
    user.write(&format!("{full} "));
    let run = user.config(&["list"]);
    assert!(run.code == 1 && run.err.contains("1 MiB"), "{}", run.err);
}
