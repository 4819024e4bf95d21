//! The configuration as people and programs meet it: the real program, a file of its own for each test.

#![cfg(feature = "cli")]

use crate::program::{Run, checked};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A key that must not be seen.
const KEY: &str = "sk-S3CR3T-hunter2";

/// A folder with a configuration in it.
struct Person(PathBuf);

impl Person {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// It is in a folder that is not there yet.
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

    /// Runs `config` with something on standard input.
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

/// What a run left behind, in which no secret was found.
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
fn what_is_set_is_got_listed_and_taken_out() {
    let person = Person::new("set");
    let unset = person.config(&["get", "default_model"]);
    assert_eq!((unset.code, unset.out.as_str()), (1, ""));
    assert!(unset.err.contains("modeldex config set default_model"), "{}", unset.err);
    assert_eq!(person.config(&["list"]).out, "");
    assert!(!person.file().exists(), "looking makes no file");

    let set = person.set("env.KIMI_API_KEY", KEY);
    assert_eq!(set.err.lines().count(), 1, "{}", set.err);
    person.set("default_model", "kimi-coding/kimi-k2.5");
    person.set("outdated_models", "refuse");
    person.set("providers.moonshot.region", "cn");
    person.set("providers.moonshotai.endpoint", "global");
    person.set("telegram.chat_id", "-1001234567890");
    person.set("telegram.api_base", "https://telegram.example/bot");
    let list = person.config(&["list"]);
    let wanted = "env.KIMI_API_KEY=****\ndefault_model=kimi-coding/kimi-k2.5\noutdated_models=refuse\nproviders.moonshotai.endpoint=global\nproviders.moonshotai.region=cn\ntelegram.api_base=https://telegram.example/bot\ntelegram.chat_id=-1001234567890\n";
    assert_eq!((list.code, list.out.as_str(), list.err.as_str()), (0, wanted, ""));
    assert_eq!(person.config(&["get", "providers.moonshotai.region"]).out, "cn\n");
    assert_eq!(person.config(&["path"]).out, format!("{}\n", person.file().display()));

    assert!(person.config(&["unset", "telegram.chat_id"]).err.contains("is taken out"));
    assert!(person.config(&["unset", "telegram.api_base"]).err.contains("is taken out"));
    assert!(person.config(&["unset", "telegram.api_base"]).err.contains("was not set"));
    assert_eq!(person.value().get("telegram"), None, "a mapping that is empty goes too");
    assert_eq!(person.value()["providers"], json!({"moonshotai": {"region": "cn", "endpoint": "global"}}));
}

#[test]
fn a_key_is_shown_only_when_that_is_asked_for() {
    let person = Person::new("reveal");
    let mut runs = vec![person.set("env.vars.KIMI_API_KEY", KEY)];
    assert_eq!(person.value(), json!({"env": {"vars": {"KIMI_API_KEY": KEY}}}), "both spellings are one place");
    // The one answer that is asked to have it.
    let revealed = person.program().args(["config", "get", "env.KIMI_API_KEY", "--reveal"]).output().unwrap();
    assert_eq!(revealed.stdout, format!("{KEY}\n").into_bytes());
    let masked = person.config(&["get", "env.KIMI_API_KEY"]);
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
        runs.push(person.run(words));
    }
    person.write(&format!("{{\"env\": {{\"vars\": {{\"KIMI_API_KEY\": [\"{KEY}\"]}}}}}}"));
    runs.push(person.run(&["models", "list"]));
    for run in runs {
        assert!(!run.out.contains("S3CR3T") && !run.err.contains("S3CR3T"), "{}{}", run.out, run.err);
    }
}

#[test]
fn a_key_in_the_configuration_makes_models_available() {
    let person = Person::new("available");
    let listed = |person: &Person| person.run(&["models", "list", "--provider", "kimi-coding", "--plain"]).out;
    assert_eq!(listed(&person), "");
    person.set("env.KIMI_API_KEY", KEY);
    assert!(listed(&person).contains("\tyes\t"));
    let show = person.run(&["providers", "show", "kimi-coding"]);
    assert!(show.out.contains("KIMI_API_KEY (set)"), "{}", show.out);
    let row: Value = serde_json::from_str(&person.run(&["models", "show", "kimi-coding/kimi-k2.5", "--json"]).out).unwrap();
    assert_eq!(row["auth"], json!({"available": true, "source": "KIMI_API_KEY"}));

    // A name is looked up, and is no key.
    let set = person.set("env.KIMI_API_KEY", "MY_KIMI_KEY");
    assert!(set.err.contains("`MY_KIMI_KEY`, which is not set now"), "{}", set.err);
    assert_eq!(person.config(&["get", "env.KIMI_API_KEY"]).out, "${MY_KIMI_KEY}\n");
    assert_eq!(listed(&person), "");
    let with = person.program().args(["models", "list", "--plain"]).env("MY_KIMI_KEY", "x").spawn().unwrap();
    assert!(finish(with).out.contains("kimi-coding/kimi-k2.5"));
    assert!(person.set("env.KIMI_API_KEY", "${KIMI_API_KEY}").err.contains("names itself"));
    assert_eq!(listed(&person), "");
    assert!(person.set("env.KIMI_APIKEY", "x").err.contains("nearest: `KIMI_API_KEY`"));
}

#[test]
fn a_value_comes_from_standard_input() {
    let person = Person::new("stdin");
    for (words, input) in [(&["set", "env.A_KEY", "-"][..], "one\n"), (&["set", "env.B_KEY"], "two\r\n"), (&["set", "env.C_KEY"], "three")]
    {
        let run = person.piped(words, input);
        assert_eq!((run.code, run.err.lines().count()), (0, 1), "{}", run.err);
    }
    assert_eq!(person.value()["env"]["vars"], json!({"A_KEY": "one", "B_KEY": "two", "C_KEY": "three"}));
    let spaced = person.piped(&["set", "env.A_KEY", "-"], " one \n\n");
    assert!(spaced.code == 0 && spaced.err.contains("white space around it"), "{}", spaced.err);
    let empty = person.piped(&["set", "env.A_KEY"], "\n");
    assert!(empty.code == 2 && empty.err.contains("config unset env.A_KEY"), "{}", empty.err);
    let broken = person.piped(&["set", "env.A_KEY"], "one\ntwo");
    assert!(broken.code == 2 && broken.err.contains("control character"), "{}", broken.err);
    assert_eq!(person.config(&["get", "env.A_KEY", "--reveal"]).out, "one\n");
}

#[test]
fn a_wrong_question_names_the_nearest_answer() {
    let person = Person::new("nearest");
    for (words, code, said) in [
        (&["set", "defalt_model", "x"][..], 2, "`default_model`"),
        (&["get", "KIMI_API_KEY"], 2, "`env.KIMI_API_KEY`"),
        (&["set", "outdated_models", "never"], 2, "`warn` or `refuse`"),
        (&["set", "providers.kimi-codng.region", "cn"], 1, "`kimi-coding`"),
        (&["set", "providers.moonshotai.region", "china"], 1, "`cn`"),
        (&["set", "providers.moonshotai.endpoint", "gobal"], 1, "`global`"),
        (&["set", "providers.kimi-coding.endpoint", "x"], 1, "only one"),
        (&["set", "overlays", "src"], 2, "no catalog folder"),
        (&["set", "default_model", ""], 2, "config unset default_model"),
        (&["set", "default_model", "a", "b"], 2, "one value"),
        (&["set", "telegram.api_base", "telegram.example"], 2, "https://"),
        (&["unset", "telegram.chat"], 2, "`telegram.chat_id`"),
    ] {
        let run = person.config(words);
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{words:?}: {}", run.err);
        assert!(run.err.contains(said), "{words:?}: {}", run.err);
    }
    assert!(!person.file().exists(), "nothing was set");
    let unknown = person.set("default_model", "kimi-coding/k2p6");
    assert!(unknown.err.contains("warning") && unknown.err.contains("kimi-coding/kimi-k2.5"), "{}", unknown.err);
    assert_eq!(person.value()["default_model"], "kimi-coding/k2p6");
}

#[test]
fn unknown_keys_stay_and_are_told() {
    let person = Person::new("unknown");
    person.write("{\n\t\"zeta\": [1, {\"deep\": true}],\n\t\"defalt_model\": \"a/b\",\n\t\"alpha\": null\n}\n");
    let set = person.set("outdated_models", "warn");
    let place = format!("{}:3:2: ", person.file().display());
    assert!(set.err.contains(&place) && set.err.contains("`default_model`"), "{}", set.err);
    let text = person.text();
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(at("\t\"zeta\"") < at("\"deep\": true") && at("defalt_model") < at("\"alpha\": null") && at("alpha") < at("outdated_models"));
    // Every command that reads it tells, once, and goes on.
    let list = person.run(&["models", "list", "--all", "--provider", "kimi-coding"]);
    assert_eq!((list.code, list.err.matches("`defalt_model`").count()), (0, 1), "{}", list.err);
    assert!(person.config(&["unset", "defalt_model"]).err.contains("is taken out"));
    assert!(!person.text().contains("defalt_model"));
}

#[test]
fn a_broken_file_is_an_error_with_its_place_and_stays_as_it_is() {
    let person = Person::new("broken");
    for (text, place) in [("{\"env\": {\"vars\": {\"A\": \"S3CR3T\"", "1:18"), ("{\n  \"overlays\": \"a\"\n}", "2:15"), ("[]", "1:1")] {
        person.write(text);
        for words in
            [&["config", "list"][..], &["config", "set", "outdated_models", "warn"], &["models", "list", "--all"], &["providers", "list"]]
        {
            let run = person.run(words);
            let at = format!("{}:{place}: ", person.file().display());
            assert_eq!((run.code, run.out.as_str()), (1, ""), "{words:?}: {}", run.err);
            assert!(run.err.contains(&at) && !run.err.contains("S3CR3T"), "{words:?}: {}", run.err);
        }
        assert_eq!(person.text(), text);
        // What speaks of the catalog itself does not ask.
        assert_eq!(person.run(&["explain", "limit"]).code, 0);
    }
    person.write("");
    person.set("outdated_models", "warn");
    fs::remove_file(person.file()).unwrap();
    fs::create_dir(person.file()).unwrap();
    let run = person.config(&["set", "outdated_models", "warn"]);
    assert!(run.code == 1 && run.err.contains("cannot be"), "{}", run.err);
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let person = Person::new("blocked");
    fs::write(person.0.join("own"), "a file where a folder should be").unwrap();
    let run = person.config(&["set", "outdated_models", "warn"]);
    assert!(run.code == 1 && run.err.contains("cannot be changed"), "{}", run.err);
}

#[test]
fn overlays_of_the_configuration_lie_below_those_of_the_command() {
    let person = Person::new("overlays");
    let overlay = |name: &str, window: u32| {
        let folder = person.0.join(name);
        fs::create_dir_all(folder.join("providers")).unwrap();
        let text = format!(
            "# yaml-language-server: $schema=../../schema/provider.schema.json\nextends: kimi-coding\nmodels:\n  - id: kimi-k2.5\n    context_window: {window}\n"
        );
        fs::write(folder.join("providers/kimi-coding.yaml"), text).unwrap();
        folder.to_str().unwrap().to_owned()
    };
    let (own, other) = (overlay("first", 100_000), overlay("second", 200_000));
    let window = |more: &[&str]| {
        let run = person.run(&[&["models", "show", "kimi-coding/kimi-k2.5", "--json"], more].concat());
        serde_json::from_str::<Value>(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err))["context_window"].clone()
    };
    assert_eq!(window(&[]), 256_000);
    person.set("overlays", &own);
    assert_eq!(window(&[]), 100_000);
    assert_eq!(window(&["--overlay", &other]), 200_000);
    // The catalog itself stays what it is.
    let check = person.run(&["check", "--catalog", "catalog"]);
    assert_eq!(check.code, 0, "{}", check.err);
    assert!(!person.run(&["stats", "--json"]).out.contains("first"));
    // Several, named from where the person is.
    let run = finish(person.program().current_dir(&person.0).args(["config", "set", "overlays", "second", "first"]).spawn().unwrap());
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(person.config(&["get", "overlays"]).out, format!("{other}\n{own}\n"));
    assert_eq!(window(&[]), 100_000);
    fs::remove_dir_all(&own).unwrap();
    let gone = person.run(&["models", "list"]);
    assert!(gone.code == 1 && gone.err.contains("config unset overlays"), "{}", gone.err);
}

#[test]
fn writers_at_once_lose_nothing() {
    let person = Person::new("at-once");
    let writers: Vec<Child> = (0..20)
        .map(|at| person.program().args(["config", "set", &format!("env.NAME_{at}"), &format!("value {at}")]).spawn().unwrap())
        .collect();
    for writer in writers {
        let run = finish(writer);
        assert_eq!(run.code, 0, "{}", run.err);
    }
    let vars = person.value()["env"]["vars"].clone();
    for at in 0..20 {
        assert_eq!(vars[format!("NAME_{at}")], format!("value {at}"));
    }
    let left: Vec<_> = fs::read_dir(person.file().parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the file and its lock, and nothing else: {left:?}");
}

#[test]
#[cfg(unix)]
fn only_the_owner_can_read_it() {
    let person = Person::new("mode");
    person.set("env.KIMI_API_KEY", KEY);
    let folder = person.file().parent().unwrap().to_owned();
    assert_eq!((mode(&person.file()), mode(&folder)), (0o600, 0o700));
    open_to(&person.file(), 0o644);
    let list = person.config(&["list"]);
    assert!(list.err.contains(&format!("chmod 600 {}", person.file().display())), "{}", list.err);
    person.set("outdated_models", "warn");
    assert_eq!(mode(&person.file()), 0o600, "what is written is the owner's alone");
    assert_eq!(person.config(&["list"]).err, "");
}

#[test]
#[cfg(unix)]
fn a_link_stays_a_link() {
    let person = Person::new("link");
    let real = person.0.join("dotfiles/modeldex.json");
    fs::create_dir_all(person.file().parent().unwrap()).unwrap();
    fs::create_dir_all(real.parent().unwrap()).unwrap();
    // Relative, and to nothing yet.
    std::os::unix::fs::symlink("../dotfiles/modeldex.json", person.file()).unwrap();
    for word in ["warn", "refuse"] {
        person.set("outdated_models", word);
        assert!(person.file().symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), format!("{{\n  \"outdated_models\": \"{word}\"\n}}\n"));
    }
}

#[test]
fn the_schema_is_the_committed_one() {
    let person = Person::new("schema");
    let printed = person.run(&["schema", "config"]).out;
    assert_eq!(printed, fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/config.schema.json")).unwrap());
    let schema: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(schema["properties"]["env"]["properties"]["vars"]["additionalProperties"]["type"], "string");
    let words = schema["properties"]["outdated_models"]["oneOf"].as_array().unwrap();
    assert_eq!(words.iter().map(|word| &word["const"]).collect::<Vec<_>>(), ["warn", "refuse"]);
    person.write("{\"$schema\": \"../schema/config.schema.json\"}");
    assert_eq!(person.config(&["list"]).err, "", "a file may name its schema");
}

#[test]
fn a_key_that_looks_like_a_name_is_shown_nowhere() {
    let person = Person::new("like-a-name");
    let key = "GSK_S3CR3T0123456789ABCDEF0123456789ABCDEF";
    let set = person.piped(&["set", "env.KIMI_API_KEY", "-"], key);
    assert_eq!((set.code, set.err.lines().count()), (0, 1), "{}", set.err);
    assert_eq!(person.value()["env"]["vars"]["KIMI_API_KEY"], key);
    assert_eq!(person.config(&["list"]).out, "env.KIMI_API_KEY=****\n");
    assert_eq!(person.config(&["get", "env.KIMI_API_KEY"]).out, "****\n");
    let status = person.run(&["auth", "status", "kimi-coding"]);
    assert!(status.out.contains(" yes "), "{}{}", status.out, status.err);
    // Whoever says that it is a name is believed, and still it is not repeated.
    let set = person.set("env.KIMI_API_KEY", &format!("${{{key}}}"));
    assert!(set.err.contains("names `****`, which is not set now"), "{}", set.err);
    assert_eq!(person.config(&["get", "env.KIMI_API_KEY"]).out, "${****}\n");
    for more in [&[][..], &["--json"]] {
        let status = person.run(&[&["auth", "status", "kimi-coding"], more].concat());
        assert!((status.out + &status.err).contains("**** is not set"));
        let found = person.program().args(["auth", "status", "kimi-coding"]).args(more).env(key, "x").spawn().unwrap();
        assert_eq!(finish(found).code, 0);
    }
}

#[test]
fn a_key_in_the_wrong_place_is_not_repeated() {
    let person = Person::new("wrong-place");
    for (words, said) in [
        (&["set", "KIMI_API_KEY=sk-S3CR3T"][..], "`config set env.KIMI_API_KEY VALUE`"),
        (&["set", "env.KIMI_API_KEY=sk-S3CR3T", "x"], "`config set env.KIMI_API_KEY VALUE`"),
        (&["set", "sk-S3CR3T", "x"], "`env.NAME`"),
        (&["get", "sk-S3CR3T"], "`env.NAME`"),
        (&["unset", "sk-S3CR3T"], "`env.NAME`"),
        (&["set", "providers.sk-S3CR3T", "x"], "`providers.ID.region`"),
        (&["set", "providers.sk-S3CR3T.region", "x"], "`modeldex providers list`"),
        (&["set", "env.GSK_S3CR3T0123456789ABCDEF", "x"], "`env.KIMI_API_KEY`"),
    ] {
        let run = person.config(words);
        assert!(run.code == 2 && run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn a_key_where_the_file_has_names_is_not_repeated() {
    let person = Person::new("secret-name");
    person.write("{\"sk-S3CR3T\": 1, \"KIMI_API_KEY=sk-S3CR3T\": 1}");
    let list = person.config(&["list"]);
    assert_eq!(list.err.matches("unknown key `****`").count(), 2, "{}", list.err);
}

#[test]
fn a_name_is_a_reference_however_it_is_written() {
    let person = Person::new("references");
    for text in ["$MY_KEY", "%MY_KEY%", "{{MY_KEY}}", "${ MY_KEY }", "\"MY_KEY\"", "'${MY_KEY}'"] {
        person.set("env.KIMI_API_KEY", text);
        assert_eq!(person.config(&["get", "env.KIMI_API_KEY"]).out, "${MY_KEY}\n", "{text}");
    }
    person.set("env.KIMI_API_KEY", "kimi_api_key");
    assert_eq!(person.config(&["get", "env.KIMI_API_KEY"]).out, "${KIMI_API_KEY}\n");
    let unclear = person.config(&["set", "env.KIMI_API_KEY", "${MY_KEY:-sk-S3CR3T}"]);
    assert!(unclear.code == 2 && unclear.err.contains("`${NAME}`"), "{}", unclear.err);
    let quoted = person.set("env.KIMI_API_KEY", "\"sk-1\"");
    assert!(quoted.err.contains("quotes around it"), "{}", quoted.err);
    assert_eq!(person.value()["env"]["vars"]["KIMI_API_KEY"], "sk-1");
}

#[test]
fn what_a_killed_writer_left_behind_goes() {
    let person = Person::new("leftovers");
    person.set("outdated_models", "warn");
    let beside = |name: &str| person.file().with_file_name(name);
    let ours = [".config.json.4711.tmp", ".config.json.0123456789abcdef.tmp"];
    let others = [".config.json.mine.tmp", ".other.json.4711.tmp", ".config.json.4711.bak"];
    for name in ours.iter().chain(&others) {
        fs::write(beside(name), "left behind").unwrap();
    }
    fs::create_dir(beside(".config.json.1.tmp")).unwrap();
    person.set("outdated_models", "refuse");
    assert!(ours.iter().all(|name| !beside(name).exists()) && others.iter().all(|name| beside(name).exists()));
    assert!(beside(".config.json.1.tmp").is_dir());
}

#[test]
fn what_is_not_ours_stays_byte_for_byte() {
    let person = Person::new("bytes");
    let text = "{ \"n\":[123456789012345678901234567890,18446744073709551616 , 1E2,1.50],\r\n\
                \r\n\t\"s\" : \"\\u00e9\\/\",\r\n\t\"default_model\" :\"a/b\"}";
    person.write(text);
    person.set("outdated_models", "warn");
    let added = text.replace("\"a/b\"}", "\"a/b\",\r\n\t\"outdated_models\": \"warn\"}");
    assert_eq!(person.text(), added);
    person.set("default_model", "kimi-coding/kimi-k2.5");
    assert_eq!(person.text(), added.replace("a/b", "kimi-coding/kimi-k2.5"));
    person.config(&["unset", "outdated_models"]);
    person.config(&["unset", "default_model"]);
    assert_eq!(person.text(), text.replace(",\r\n\t\"default_model\" :\"a/b\"", "\r\n"), "a closing brace stays on its line");
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_no_file_or_has_no_end_is_not_read() {
    let person = Person::new("no-file");
    let pipe = person.0.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let link = person.0.join("link");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for path in [&pipe, &link, Path::new("/dev/zero"), &person.0] {
        for words in [&["config", "list"][..], &["config", "set", "outdated_models", "warn"], &["models", "list"]] {
            let run = finish(person.program().args(words).env("MODELDEX_CONFIG", path).spawn().unwrap());
            assert!(run.code == 1 && run.err.contains("not a regular file"), "{}: {}", path.display(), run.err);
        }
    }
    let full = format!("{{\"a\": \"{}\"}}", "x".repeat((1 << 20) - 9));
    person.write(&full);
    assert_eq!(person.config(&["list"]).code, 0);
    let run = person.config(&["set", "outdated_models", "warn"]);
    assert!(run.code == 1 && run.err.contains("longer than 1 MiB"), "{}", run.err);
    assert_eq!(person.text(), full);
    person.write(&format!("{full} "));
    let run = person.config(&["list"]);
    assert!(run.code == 1 && run.err.contains("larger than 1 MiB"), "{}", run.err);
}
