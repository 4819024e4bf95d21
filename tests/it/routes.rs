//! Keys go only where the catalog sends them: overlays that route keys to other hosts, keys in arguments, and values of variables in the log.

#![cfg(feature = "cli")]

use crate::program::{KEY, SCHEMA_LINE, TestFolder, bare, finish, write};
use serde_json::json;
use std::fs;

/// Creates a folder with the provider `acme`, and an overlay that has the file `name` with this text.
fn place(test: &str, name: &str, overlay: &str) -> TestFolder {
    let place = TestFolder::new("routes", test);
    place.acme("openai-completions", "https://api.acme.example/v1");
    write(&place.dir.join(format!("over/providers/{name}.yaml")), format!("{SCHEMA_LINE}{overlay}"));
    write(&place.dir.join("log.jsonl"), "");
    place
}

const GATEWAY: &str = "extends: acme\nendpoints:\n  - {base_url: https://gateway.corp.example/v1, api: openai-completions}\n";
const NEW: &str = "name: New\nendpoints:\n  - {base_url: https://new.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [NEW_API_KEY, ACME_API_KEY]}\nmodels: [{id: m}]\n";
const WARNING: &str = "over/providers/acme.yaml:4:16: this overlay sends the value of the variable `ACME_API_KEY` of the provider `acme` to `gateway.corp.example`; the catalog sends the value to `api.acme.example`";

/// Commands that use an overlay.
const COMMANDS: &[&[&str]] = &[
    &["models", "list", "--all"],
    &["models", "show", "acme/kimi-k2.5"],
    &["providers", "list"],
    &["providers", "show", "acme"],
    &["cost", "--model", "acme/kimi-k2.5", "--input", "1"],
    &["auth", "status"],
    &["probe", "acme", "--retries", "0"],
    &["message", "send", "--model", "acme/kimi-k2.5", "--retries", "0", "--message", "x"],
    &["emit", "zed"],
    &["export", "--out", "site"],
    &["audit", "over"],
    &["stats"],
    &["generate", "--typescript", "ts"],
];

#[test]
fn an_overlay_that_moves_a_key_is_reported_at_every_use() {
    let place = place("every-use", "acme", GATEWAY);
    for command in COMMANDS {
        let run = place.run(&[*command, &["--overlay", "over"]].concat());
        assert_ne!(run.code, 2, "{command:?}: {}", run.err);
        assert_eq!(run.messages().matches(WARNING).count(), 1, "{command:?}: {}", run.err);
        let strict = place.run(&[*command, &["--overlay", "over", "--strict"]].concat());
        assert!(strict.code == 1 && strict.out.is_empty(), "{command:?}: {}", strict.err);
        assert!(strict.messages().contains("error[overlay-route]"), "{command:?}: {}", strict.err);
    }
    let check = place.run(&["check", "--overlay", "over"]);
    assert!(check.code == 0 && check.err.contains("warning[overlay-route]"), "{}", check.err);
    assert_eq!(place.run(&["check", "--overlay", "over", "--deny-warnings"]).code, 1);
    assert_eq!(place.run(&["check", "--overlay", "over", "--strict"]).code, 1);
    assert_eq!(place.run(&["models", "list", "--all", "--strict"]).code, 0);
}

#[test]
fn a_new_provider_with_a_known_variable_is_reported() {
    let place = place("new", "new", NEW);
    let run = place.run(&["providers", "list", "--overlay", "over"]);
    let message = "this overlay sends the value of the variable `ACME_API_KEY` of the provider `acme` to `new.example`; the catalog sends the value to `api.acme.example`";
    assert!(run.code == 0 && run.messages().contains(message), "{}", run.err);
    // With the built-in catalog below.
    let overlay = NEW.replace("ACME_API_KEY", "OPENAI_API_KEY, DEEPSEEK_API_KEY");
    write(&place.dir.join("over/providers/new.yaml"), format!("{SCHEMA_LINE}{overlay}"));
    let run = finish(bare(&place.dir).args(["providers", "list", "--overlay", "over"]));
    assert!(run.code == 0 && run.messages().contains("`OPENAI_API_KEY` of the provider `openai"), "{}", run.err);
    assert!(run.messages().contains("`DEEPSEEK_API_KEY` of the provider `deepseek"), "{}", run.err);
    let named = NEW.replace("https://new.example/v1", "\"https://new.example/${ACME_API_KEY}/v1\"");
    write(&place.dir.join("over/providers/new.yaml"), format!("{SCHEMA_LINE}{named}"));
    let run = place.run(&["providers", "list", "--overlay", "over"]);
    assert!(run.code == 1 && run.err.contains("error[base-url-credential]"), "{}", run.err);
}

#[test]
fn ids_by_which_tools_know_a_provider_are_refused() {
    // A tool that knows the id reads the key of the provider, whatever the file of the overlay states.
    let overlay =
        "name: New\nendpoints:\n  - {base_url: https://new.example/v1, api: openai-completions}\nauth: [{kind: none}]\nmodels: [{id: m}]\n";
    for (id, owner) in [("azure-openai-responses", "azure-openai"), ("aws-bedrock", "amazon-bedrock"), ("doubao", "volcengine")] {
        let place = place(&format!("tool-{id}"), id, overlay);
        let run = finish(bare(&place.dir).args(["emit", "pi", "--overlay", "over", "--provider", id]));
        let message = format!("error[alias-collision]: the id `{id}` is also an alias of the provider `{owner}`");
        assert!(run.code == 1 && run.out.is_empty() && run.messages().contains(&message), "{id}: {}", run.err);
    }
}

#[test]
fn a_variable_that_refers_to_a_known_variable_is_reported() {
    let message = |place: &TestFolder, environment: &[(&str, &str)]| {
        let run = finish(place.program(&["models", "list", "--all", "--overlay", "over"]).envs(environment.iter().copied()));
        assert_eq!(run.code, 0, "{}", run.err);
        run.messages()
    };
    let place = place("references", "new", &NEW.replace("NEW_API_KEY, ACME_API_KEY", "WORK_KEY"));
    assert!(message(&place, &[]).is_empty());
    // In the environment, in the configuration, and in the other direction.
    let warning = "the value of the variable `ACME_API_KEY` (in `WORK_KEY`) of the provider `acme` to `new.example`";
    assert!(message(&place, &[("WORK_KEY", "${ACME_API_KEY}")]).contains(warning));
    assert_eq!(place.run(&["config", "set", "env.WORK_KEY", "${MIDDLE_KEY}"]).code, 0);
    assert_eq!(place.run(&["config", "set", "env.MIDDLE_KEY", "${ACME_API_KEY}"]).code, 0);
    assert!(message(&place, &[]).contains(warning));
    assert_eq!(place.run(&["config", "unset", "env", "--yes"]).code, 0);
    assert_eq!(place.run(&["config", "set", "env.ACME_API_KEY", "${WORK_KEY}"]).code, 0);
    let warning = "the value of the variable `WORK_KEY` of the provider `acme` to `new.example`";
    assert!(message(&place, &[("WORK_KEY", KEY), ("ACME_API_KEY", "")]).contains(warning));
    assert!(message(&place, &[("WORK_KEY", KEY)]).is_empty(), "the value in the environment takes precedence");
}

#[test]
fn only_the_configuration_of_the_user_confirms_a_host() {
    let place = place("trusted", "acme", GATEWAY);
    // What the overlay says of itself confirms nothing.
    let routing = "# yaml-language-server: $schema=../schema/routing.schema.json\nshared_variables: {ACME_API_KEY: [acme]}\nproviders:\n  acme:\n    endpoints: [{base_url: https://gateway.corp.example/v1, api: openai-completions}]\n    auth: [{kind: api-key, env: [ACME_API_KEY]}]\n";
    write(&place.dir.join("over/routing.yaml"), routing);
    write(&place.dir.join("over/config.json"), json!({"trusted_hosts": ["gateway.corp.example"]}).to_string());
    let list = ["models", "list", "--all", "--overlay", "over"];
    assert!(place.run(&list).messages().contains(WARNING));
    for host in ["https://gateway.corp.example/v1", "gateway.corp.example/v1", "a b", "x@y", ""] {
        assert_eq!(place.run(&["config", "set", "trusted_hosts", host]).code, 2, "{host}");
    }
    assert_eq!(place.run(&["config", "set", "trusted_hosts", "other.example", "Gateway.corp.example"]).code, 0);
    assert_eq!(place.run(&["config", "get", "trusted_hosts"]).out, "other.example\nGateway.corp.example\n");
    for more in [&[][..], &["--strict"]] {
        let run = place.run(&[&list[..], more].concat());
        assert!(run.code == 0 && !run.messages().contains("overlay"), "{}", run.err);
    }
    // `check` is the same on every machine.
    assert!(place.run(&["check", "--overlay", "over"]).err.contains("warning[overlay-route]"));
    // Overlays of the configuration are judged too.
    assert_eq!(place.run(&["config", "set", "overlays", "over"]).code, 0);
    assert!(!place.run(&["models", "list", "--all"]).messages().contains("this overlay"));
    assert_eq!(place.run(&["config", "unset", "trusted_hosts"]).code, 0);
    assert!(place.run(&["models", "list", "--all"]).messages().contains("this overlay sends"));
}

#[test]
fn an_overlay_that_moves_a_provider_with_a_variable_of_its_own_is_reported() {
    let place = place("own-variable", "acme", &format!("{GATEWAY}auth:\n  - {{kind: api-key, env: [CORP_API_KEY]}}\n"));
    let message =
        "this overlay sends requests of the provider `acme` to `gateway.corp.example`; the catalog sends them to `api.acme.example`";
    let list = ["providers", "list", "--overlay", "over"];
    let run = place.run(&list);
    assert!(run.code == 0 && run.messages().contains(message), "{}", run.err);
    assert_eq!(place.run(&[&list[..], &["--strict"]].concat()).code, 1);
    assert_eq!(place.run(&["config", "set", "trusted_hosts", "gateway.corp.example"]).code, 0);
    assert!(place.run(&list).messages().is_empty());
}

#[test]
fn other_warnings_do_not_hide_a_route() {
    let place = place("many-warnings", "new", NEW);
    let models: String = (0..1_001).map(|index| format!("  - {{name: M, id: a-{index}}}\n")).collect();
    let many = format!(
        "{SCHEMA_LINE}name: A0\nendpoints:\n  - {{base_url: http://localhost:1/v1, api: openai-completions}}\nauth: [{{kind: none}}]\nmodels:\n{models}"
    );
    write(&place.dir.join("over/providers/aaa.yaml"), many.clone());
    write(&place.dir.join("first/providers/aab.yaml"), many);
    for overlays in [&["--overlay", "over"][..], &["--overlay", "first", "--overlay", "over"]] {
        let list = [&["providers", "list"], overlays].concat();
        assert!(place.run(&list).messages().contains("`ACME_API_KEY` of the provider `acme` to `new.example`"));
        assert_eq!(place.run(&[&list[..], &["--strict"]].concat()).code, 1);
        let check = [&["check"], overlays].concat();
        assert!(place.run(&check).err.contains("warning[overlay-route]"));
        assert_eq!(place.run(&[&check[..], &["--strict"]].concat()).code, 1);
    }
}

#[test]
fn an_overlay_that_moves_no_key_is_silent() {
    for (name, overlay) in [
        ("acme", "extends: acme\nmodels:\n  - id: kimi-k2.5\n    context_window: 500\n".to_owned()),
        ("new", NEW.replace(", ACME_API_KEY", "")),
        ("acme", GATEWAY.replace("gateway.corp.example/v1", "api.acme.example/v2")),
    ] {
        let place = place("silent", name, &overlay);
        let run = place.run(&["providers", "list", "--overlay", "over", "--strict"]);
        assert!(run.code == 0 && run.messages().is_empty(), "{overlay}: {}", run.err);
    }
}

#[test]
fn the_log_has_no_value_of_a_variable() {
    let place = TestFolder::new("routes", "log");
    // The trace of a run that cannot connect.
    place.provider(
        "acme",
        "name: Acme\nendpoints:\n  - {base_url: \"http://localhost:1/${ACME_ACCOUNT_ID}/${ACME_REGION}\", api: openai-completions}\nauth:\n  - kind: api-key\n    env: [ACME_API_KEY]\n    variables:\n      - {env: [ACME_ACCOUNT_ID], role: account}\n      - {env: [ACME_REGION], role: region}\nmodels: [{id: m}]\n",
    );
    place.provider(
        "beta",
        "name: Beta\nendpoints:\n  - {base_url: https://api.beta.example/v1, api: openai-completions}\nauth:\n  - {kind: api-key, env: [BETA_API_KEY]}\nmodels: [{id: m}]\n",
    );
    let log = |level: &str, message: &str| {
        let mut program = place.program(&["message", "send", "--model", "acme/m", "--retries", "0", "--message", message]);
        program.env("ACME_ACCOUNT_ID", "Plain-Tenant-9").env("ACME_REGION", "${MY_REGION}").env("BETA_API_KEY", "two words of beta");
        // The catalog does not name this variable.
        program.env("MY_REGION", "zz-7");
        let run = finish(program.env("MODELDEX_LOG", level));
        run.err.lines().filter(|line| line.starts_with('[')).map(|line| format!("{line}\n")).collect::<String>()
    };
    for level in ["debug", "trace"] {
        let log = log(level, "Tell me: two words of beta, Plain-Tenant-9");
        assert!(log.contains("localhost:1/"), "{log}");
        for value in ["Tenant-9", "zz-7", "words of beta"] {
            assert!(!log.contains(value), "{level}: {value}: {log}");
        }
    }
}

#[test]
fn keys_in_arguments_are_not_repeated() {
    let place = TestFolder::new("routes", "arguments");
    place.acme("openai-completions", "https://api.acme.example/v1");
    write(&place.dir.join("log.jsonl"), "{}\n");
    // The second key has no known format. Every run is searched for both.
    let random = "aB3dE5S3CR3TgH7jK9mN1pQ3rT5vX7zA";
    for key in [KEY, random] {
        let (reference, assigned) = (format!("acme/{key}"), format!("--provider={key}"));
        for arguments in [
            &["models", "show", key][..],
            &["models", "show", &reference],
            &["models", "list", &assigned],
            &["models", "list", "--status", key],
            &["models", "list", "--sort", key],
            &["models", key],
            &[key],
            &["providers", "show", key],
            &["cost", "--model", key, "--input", "1"],
            &["cost", "--model", &reference, "--input", "1"],
            &["cost", "--shape", key, "log.jsonl"],
            &["cost", key],
            &["emit", key],
            &["emit", "zed", "--provider", key],
            &["emit", "zed", "--model", &reference],
            &["explain", key],
            &["probe", key],
            &["message", "send", "--model", key, "--message", "x"],
            &["schema", key],
            &["set", key, "context_window", "5"],
            &["set", "acme/kimi-k2.5", key, "5"],
            &["new", "provider", key],
            &["confirm", key],
            &["import", key, "log.jsonl"],
            &["config", "get", key],
            &["config", "set", "default_model", key],
            &["config", "set", "default_model", &reference],
            &["config", "set", "outdated_models", key],
            &["config", "set", "telegram.api_base", key],
            &["config", "set", "providers.acme.endpoint", key],
            &["config", "unset", key],
            &["--catalog", key, "stats"],
            &["completions", key],
        ] {
            let run = place.run(arguments);
            assert!(run.code == 1 || run.code == 2, "{arguments:?}: {} {}", run.code, run.err);
            assert!(!run.err.is_empty() && !place.config().exists(), "{arguments:?}");
        }
    }
    fs::remove_file(place.dir.join("log.jsonl")).expect("a file can be removed");
    // A word that is no key is repeated.
    assert!(place.run(&["models", "show", "acme/kimi-k2.6-preview"]).messages().contains("kimi-k2.6-preview"));
}
