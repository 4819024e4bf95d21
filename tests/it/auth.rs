//! `auth status`: variables, their origin and missing values, for all kinds of credentials.

#![cfg(feature = "cli")]

use crate::program::{KEY, TestFolder, bare, finish};
use serde_json::{Value, json};
use std::fs;

/// Creates a catalog with all kinds of credentials.
fn place(test: &str) -> TestFolder {
    let place = TestFolder::new("auth", test);
    let endpoint = "endpoints:\n  - {base_url: \"http://127.0.0.1:1\", api: openai-completions}\n";
    let provider = |id: &str, auth: &str| {
        place.provider(id, &format!("name: P\n{endpoint}auth:\n{auth}models:\n  - id: m\n"));
    };
    provider("any", "  - {kind: api-key, env: [FIRST_KEY, SECOND_KEY]}\n  - {kind: oauth, env: [LOGIN_TOKEN]}\n");
    provider(
        "all",
        "  - kind: api-key\n    env: [FIRST_KEY]\n    variables: [{env: [RESOURCE, OLD_RESOURCE], role: resource}, {env: [PLACE], role: region, default: eu}]\n",
    );
    provider(
        "aws",
        "  - kind: aws\n    variables: [{env: [AWS_ACCESS_KEY_ID], role: key-id}, {env: [AWS_SECRET_ACCESS_KEY], role: secret}]\n",
    );
    provider("gcp", "  - kind: gcp\n    variables: [{env: [GOOGLE_APPLICATION_CREDENTIALS], role: file}]\n");
    provider("login", "  - {kind: oauth}\n");
    provider("local", "  - {kind: none}\n");
    place
}

fn status(place: &TestFolder, environment: &[(&str, &str)], more: &[&str]) -> Vec<Value> {
    let mut program = bare(&place.dir);
    program.arg("--catalog").arg(place.dir.join("catalog")).args(["auth", "status", "--json"]).args(more);
    program.envs(environment.iter().copied());
    let run = finish(&mut program);
    assert_eq!(run.code, 0, "{}", run.err);
    run.json().as_array().expect("a list").clone()
}

fn of<'v>(rows: &'v [Value], provider: &str) -> &'v Value {
    rows.iter().find(|row| row["provider"] == provider).unwrap_or_else(|| panic!("{provider} is not there"))
}

#[test]
fn missing_variables_are_listed_as_alternatives() {
    let place = place("missing");
    let rows = status(&place, &[], &[]);
    assert_eq!(rows.len(), 6);
    assert_eq!(of(&rows, "any")["missing"], json!([[["FIRST_KEY", "SECOND_KEY"]], [["LOGIN_TOKEN"]]]));
    assert_eq!(of(&rows, "all")["missing"], json!([[["FIRST_KEY"], ["RESOURCE", "OLD_RESOURCE"]]]));
    assert_eq!(of(&rows, "aws")["missing"], json!([[["AWS_ACCESS_KEY_ID"], ["AWS_SECRET_ACCESS_KEY"]]]));
    assert!(of(&rows, "all")["error"].as_str().is_some_and(|error| error.contains("FIRST_KEY and RESOURCE or OLD_RESOURCE")));
    assert!(of(&rows, "login")["error"].as_str().is_some_and(|error| error.contains("OAuth login")), "{}", of(&rows, "login"));
    let local = of(&rows, "local");
    assert_eq!((&local["usable"], &local["kind"], &local["variable"]), (&json!(true), &json!("none"), &Value::Null));
    assert_eq!(status(&place, &[], &["--usable"]).len(), 1);
}

#[test]
fn variables_are_tried_in_order_and_the_environment_takes_precedence() {
    let place = place("order");
    let config = json!({"env": {"vars": {"FIRST_KEY": KEY, "LOGIN_TOKEN": KEY}}});
    fs::write(place.config(), config.to_string()).expect("a file can be written");
    let any = |environment: &[(&str, &str)]| {
        let rows = status(&place, environment, &["any"]);
        let row = of(&rows, "any").clone();
        (row["kind"].as_str().expect("a word").to_owned(), row["variable"].clone(), row["from"].clone())
    };
    assert_eq!(any(&[]), ("api-key".to_owned(), json!("FIRST_KEY"), json!("config")));
    assert_eq!(any(&[("SECOND_KEY", KEY)]), ("api-key".to_owned(), json!("SECOND_KEY"), json!("environment")));
    assert_eq!(any(&[("SECOND_KEY", KEY), ("FIRST_KEY", KEY)]), ("api-key".to_owned(), json!("FIRST_KEY"), json!("environment")));
    // Empty and blank values count as not set.
    assert_eq!(any(&[("SECOND_KEY", " \n"), ("FIRST_KEY", "")]), ("api-key".to_owned(), json!("FIRST_KEY"), json!("config")));
    fs::write(place.config(), "{}").expect("a file can be written");
    assert_eq!(any(&[("LOGIN_TOKEN", KEY)]), ("oauth".to_owned(), json!("LOGIN_TOKEN"), json!("environment")));
}

#[test]
fn clouds_with_signed_requests_are_listed_as_not_sendable() {
    let place = place("clouds");
    let rows = status(&place, &[("AWS_ACCESS_KEY_ID", "AKIAS3CR3T"), ("AWS_SECRET_ACCESS_KEY", KEY)], &["aws", "gcp"]);
    let aws = of(&rows, "aws");
    assert_eq!((&aws["kind"], &aws["usable"], &aws["sendable"]), (&json!("aws"), &json!(true), &json!(false)));
    assert_eq!(aws["variables"], json!(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]));
    assert_eq!(of(&rows, "gcp")["usable"], false);
}

#[test]
fn references_are_printed_and_unset_references_are_errors() {
    let place = place("references");
    let config = json!({"env": {"vars": {"FIRST_KEY": "${MINE}"}}});
    fs::write(place.config(), config.to_string()).expect("a file can be written");
    let rows = status(&place, &[("MINE", KEY)], &["any"]);
    assert_eq!((&rows[0]["variable"], &rows[0]["reference"], &rows[0]["from"]), (&json!("FIRST_KEY"), &json!("MINE"), &json!("config")));
    let rows = status(&place, &[], &["any"]);
    assert_eq!(rows[0]["usable"], false);
    assert!(rows[0]["error"].as_str().is_some_and(|error| error.contains("MINE is not set")), "{}", rows[0]);
    let rows = status(&place, &[("FIRST_KEY", "FIRST_KEY")], &["any"]);
    assert!(rows[0]["error"].as_str().is_some_and(|error| error.contains("FIRST_KEY is not set")), "{}", rows[0]);
}

#[test]
fn the_table_is_followed_by_full_errors() {
    let place = place("table");
    let mut program = bare(&place.dir);
    program.arg("--catalog").arg(place.dir.join("catalog")).args(["auth", "status", "any", "local"]).env("FIRST_KEY", "S3CR3T\u{7}");
    let run = finish(&mut program);
    assert!(run.out.contains("any") && run.out.contains("no") && run.out.lines().count() == 3, "{}", run.out);
    assert!(
        run.messages().contains("control character") && run.messages().contains("1 of 2 providers have credentials"),
        "{}",
        run.messages()
    );
    let mut program = bare(&place.dir);
    program.arg("--catalog").arg(place.dir.join("catalog")).args(["auth", "status", "anny"]);
    let run = finish(&mut program);
    assert!(run.code == 1 && run.messages().contains("nearest: `any`"), "{}", run.messages());
}

#[test]
fn a_variable_name_is_a_reference_in_any_form() {
    let place = place("written");
    for text in ["$MINE", "%MINE%", "{{MINE}}", "${ MINE }", "\"${MINE}\"", "'$MINE'"] {
        let rows = status(&place, &[("FIRST_KEY", text), ("MINE", KEY)], &["any"]);
        assert_eq!((&rows[0]["usable"], &rows[0]["reference"]), (&json!(true), &json!("MINE")), "{text}");
    }
    // Any variable of the provider, in any case.
    let rows = status(&place, &[("FIRST_KEY", "second_key"), ("SECOND_KEY", KEY)], &["any"]);
    assert_eq!(rows[0]["reference"], "SECOND_KEY");
    let rows = status(&place, &[("FIRST_KEY", "first_key")], &["any"]);
    assert!(rows[0]["error"].as_str().is_some_and(|error| error.contains("FIRST_KEY is not set")), "{}", rows[0]);
    let rows = status(&place, &[("FIRST_KEY", "${MINE:-sk-S3CR3T}"), ("MINE", KEY)], &["any"]);
    assert!(rows[0]["error"].as_str().is_some_and(|error| error.contains("write `${NAME}`")), "{}", rows[0]);
}

#[test]
fn an_empty_api_key_counts_as_not_given() {
    let place = place("blank");
    for blank in ["", " \n"] {
        let mut program = bare(&place.dir);
        program.arg("--catalog").arg(place.dir.join("catalog")).args(["message", "send", "-m", "all/m", "-M", "hi", "--api-key", blank]);
        let run = finish(&mut program);
        assert!(
            run.code == 1 && run.messages().contains("no credential found: set FIRST_KEY and RESOURCE or OLD_RESOURCE"),
            "{}",
            run.messages()
        );
    }
}

#[test]
fn a_variable_of_a_base_url_does_not_accept_a_reference() {
    let place = TestFolder::new("auth", "base-url");
    let endpoint = "endpoints:\n  - {base_url: \"https://${OWN_HOST}/v1\", api: openai-completions}\n";
    let text = format!(
        "name: P\n{endpoint}auth:\n  - {{kind: api-key, env: [FIRST_KEY]}}\n\
         \x20 - kind: oauth\n    env: [LOGIN_TOKEN]\n    variables: [{{env: [OWN_HOST], role: host}}]\nmodels:\n  - id: m\n"
    );
    place.provider("own", &text);
    let messages_with = |environment: &[(&str, &str)]| {
        let mut program = bare(&place.dir);
        program.arg("--catalog").arg(place.dir.join("catalog")).args(["message", "send", "-m", "own/m", "-M", "hi", "--retries", "0"]);
        program.env("FIRST_KEY", KEY).envs(environment.iter().copied());
        let run = finish(&mut program);
        assert_eq!(run.code, 1, "{}", run.messages());
        run.messages()
    };
    assert!(messages_with(&[]).contains("contains the variable OWN_HOST, which is not set"), "{}", messages_with(&[]));
    for text in ["MY_HOST", "$MY_HOST", "own_host"] {
        let messages = messages_with(&[("OWN_HOST", text)]);
        assert!(messages.contains("refers to the variable") || messages.contains("_HOST is not set"), "{messages}");
    }
    assert!(messages_with(&[("OWN_HOST", "MY_HOST"), ("MY_HOST", "127.0.0.1:1")]).contains("127.0.0.1:1"));
}
