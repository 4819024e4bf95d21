//! Merges of models into hand-written files.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstRootNode;
use modeldex_formats::merge::{MergedConfig, ProviderVariables, merge_openclaw, redact_config};
use serde_json::{Value, json};

/// Returns a fragment with the provider `acme` and models with these ids.
fn fragment(ids: &[&str]) -> Value {
    let row = |id: &&str| {
        json!({"id": id, "name": id.to_uppercase(), "reasoning": false, "input": ["text"],
            "cost": {"input": 2, "output": 12.5, "cacheRead": 0, "cacheWrite": 2}, "contextWindow": 1000, "maxTokens": 100})
    };
    let rows: Vec<_> = ids.iter().map(row).collect();
    let acme = json!({"baseUrl": "https://acme.example/v1", "apiKey": "${ACME_API_KEY}", "auth": "api-key",
        "api": "openai-completions", "models": rows});
    json!({"models": {"mode": "merge", "providers": {"acme": acme}}})
}

/// The variables of the provider `acme`.
fn variables() -> ProviderVariables {
    ProviderVariables::from([("acme".to_owned(), vec!["ACME_API_KEY".to_owned(), "ACME_TOKEN".to_owned()])])
}

/// Merges twice, and checks that the second merge changes nothing.
fn merged(text: &str, fragment: &Value) -> MergedConfig {
    let fragment = serde_json::to_string_pretty(fragment).expect("it can be written") + "\n";
    let merged = merge_openclaw(text, &fragment, &variables()).expect("the text can be merged");
    let again = merge_openclaw(&merged.text, &fragment, &variables()).expect("the merged text can be merged again");
    assert_eq!(again.text, merged.text, "{text}");
    merged
}

/// Parses a JSON5 text.
fn read(text: &str) -> Value {
    let text = text.trim_start_matches('\u{feff}');
    CstRootNode::parse(text, &ParseOptions::default()).expect("JSON5").to_serde_value().expect("a value")
}

#[test]
fn empty_files_become_the_fragment() {
    let generated = fragment(&["a"]);
    for text in ["", " \n", "\u{feff}", "{}", "{ }", "// nothing yet\n", "/* a */ {} // b\n"] {
        let text = merged(text, &generated);
        assert_eq!(read(&text.text), generated, "{}", text.text);
        assert_eq!(text.required_variables.into_iter().collect::<Vec<_>>(), ["ACME_API_KEY"]);
        assert_eq!(text.notes, [""; 0]);
    }
    assert!(
        merged("/* a */ {} // b\n", &generated).text.starts_with("/* a */ {\n") && merged("// x\n", &generated).text.starts_with("// x\n")
    );
}

#[test]
fn all_other_bytes_stay() {
    let text = "// mine\n{\n\t'gateway' : {port: 0x10, \"a\":[1,2,],},   // why not\n\n\tagents: {},\n\tmodels: {\n\t\t// the providers\n\
                \t\tproviders: {\n\t\t\tother: {baseUrl: 'http://x', models: []}, /* last */\n\t\t},\n\t},\n\tz: .5, // end\n}\n// bye";
    let new = merged(text, &fragment(&["a"]));
    let (before, after) = text.split_once("/* last */").unwrap();
    let start = new.text.strip_prefix(before).unwrap().strip_prefix("/* last */").unwrap();
    assert!(start.starts_with("\n\t\t\t\"acme\": {\n\t\t\t\t\"baseUrl\""), "{}", new.text);
    // Only the mode was missing.
    let after = after.replacen("\t\t},\n\t},", "\t\t},\n\t\t\"mode\": \"merge\",\n\t},", 1);
    assert!(new.text.ends_with(&after), "{}", new.text);
}

#[test]
fn existing_values_are_replaced_in_place() {
    let text = "\
{
  models: {
    mode: 'replace',
    providers: {
      Acme: {
        timeoutSeconds: 9,
        baseUrl: 'https://acme.example/old', // the old one
        apiKey: 'hunter2',
        auth: 'token',
        headers: {'X-Mine': 'b'},
        models: [
          // by hand
          {id: 'mine', name: 'Mine'},
          {
            id: 'a', name: 'A', cost: {input: 2.0, output: 1 /* was */, tieredPricing: []}, // note
            params: {x: 1},
            contextWindow: 5,
          },
        ],
      },
    },
  },
}
";
    let mut generated = fragment(&["a", "b"]);
    generated["models"]["providers"]["acme"]["headers"] = json!({"x-mine": "c", "X-New": "d"});
    let new = merged(text, &generated);
    let value = read(&new.text);
    assert_eq!(value["models"]["mode"], "replace");
    let acme = &value["models"]["providers"]["Acme"];
    assert_eq!((&acme["apiKey"], &acme["auth"], &acme["timeoutSeconds"]), (&json!("hunter2"), &json!("token"), &json!(9)));
    assert_eq!((&acme["baseUrl"], &acme["headers"]), (&json!("https://acme.example/v1"), &json!({"X-Mine": "b", "X-New": "d"})));
    let rows = acme["models"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), ["mine", "a", "b"]);
    assert_eq!((&rows[1]["params"], &rows[1]["contextWindow"]), (&json!({"x": 1}), &json!(1000)));
    assert_eq!(rows[1]["cost"], json!({"input": 2.0, "output": 12.5, "tieredPricing": [], "cacheRead": 0, "cacheWrite": 2}));
    for expected in ["// the old one", "// by hand", "/* was */", "// note", "{id: 'mine', name: 'Mine'}", "input: 2.0"] {
        assert!(new.text.contains(expected), "{expected}: {}", new.text);
    }
    assert_eq!(value["models"]["providers"].as_object().unwrap().len(), 1);
    let notes = new.notes.join("\n");
    assert!(notes.contains("replaced the `baseUrl`") && notes.contains("kept the `apiKey`") && notes.contains("kept 1 model "), "{notes}");
    assert!(!notes.contains("hunter2"), "{notes}");
    // A literal API key references no variable.
    assert!(new.required_variables.is_empty());
}

#[test]
fn bare_variable_names_become_references() {
    let text = "{models: {mode: 'merge', providers: {acme: {apiKey: 'ACME_API_KEY', models: []}}}, env: {vars: {ACME_API_KEY: 'x'}}}";
    let new = merged(text, &fragment(&[]));
    assert_eq!(read(&new.text)["models"]["providers"]["acme"]["apiKey"], "${ACME_API_KEY}");
    assert!(new.notes[0].contains("the name of a variable") && new.required_variables.is_empty(), "{new:?}");
    let other = text.replace("'ACME_API_KEY'", "{source: 'env', provider: 'default', id: 'ACME_TOKEN'}");
    assert!(merged(&other, &fragment(&[])).text.contains("id: 'ACME_TOKEN'"));
}

/// Merges the models `a` and `b` into an entry of the provider `acme`; `b` has another host. Returns the entry and the notes.
fn route(entry: &str) -> (Value, String) {
    let mut generated = fragment(&["a", "b"]);
    let acme = &mut generated["models"]["providers"]["acme"];
    acme["headers"] = json!({"X-New": "d"});
    acme["models"][1]["baseUrl"] = "https://cn.acme.example/v1".into();
    let new = merged(&format!("{{models: {{mode: 'merge', providers: {{acme: {entry}}}}}}}"), &generated);
    (read(&new.text)["models"]["providers"]["acme"].clone(), new.notes.join("\n"))
}

#[test]
fn the_base_url_of_the_catalog_is_never_written_next_to_a_key_of_the_user() {
    for credential in [
        "apiKey: 'gw-hunter2'",
        "apiKey: '${CORP_API_KEY}'",
        "apiKey: 'CORP_API_KEY'",
        "apiKey: '${ACME_API_KEY}${CORP}'",
        "apiKey: '$${ACME_API_KEY}'",
        "apiKey: {source: 'env', provider: 'default', id: 'CORP_API_KEY'}",
        "apiKey: {source: 'file', provider: 'vault', id: 'ACME_API_KEY'}",
        "apiKey: {source: 'env', provider: 'vault', id: 'ACME_API_KEY'}",
        "apiKey: {source: 'env', id: 'ACME_API_KEY', vault: 'x'}",
        "apiKey: {source: 'exec', id: 'x'}",
        "apiKey: 7",
        "headers: {Authorization: 'Bearer hunter2'}",
        "headers: {'x-corp-token': '${CORP_TOKEN}', 'X-New': 'd'}",
        "apiKey: '${ACME_API_KEY}', headers: {cookie: 'a'}",
        "'$include': './secrets.json5'",
    ] {
        for base_url in [
            "",
            "baseUrl: 'https://gateway.corp.example/v1', ",
            "baseUrl: 'https://acme.example:8443/v1', ",
            "baseUrl: 'http://acme.example/v1', ",
        ] {
            let before = format!("{{{base_url}{credential}, api: 'openai-responses', models: [{{id: 'a'}}]}}");
            let (entry, notes) = route(&before);
            let stated = read(&before);
            for key in ["baseUrl", "apiKey", "headers", "api", "auth"] {
                assert_eq!(entry.get(key), stated.get(key), "{before}: {key}");
            }
            assert!(!entry.to_string().contains("acme.example/v1\"") || base_url.contains("acme.example"), "{before}: {entry}");
            assert!(notes.contains("kept the base URL, the key and the headers of the provider `acme`"), "{before}: {notes}");
            // Facts of models are merged, but no model of another host.
            let rows = entry["models"].as_array().unwrap();
            assert_eq!((rows.len(), &rows[0]["contextWindow"]), (1, &json!(1000)), "{before}");
        }
        if credential.contains("apiKey") && !credential.contains("headers") {
            // The key is sent to this host already. A model of another host is left out.
            let (entry, _) = route(&format!("{{baseUrl: 'https://ACME.example:443/v0', {credential}, models: []}}"));
            assert_eq!(entry["baseUrl"], "https://acme.example/v1", "{credential}");
            assert_eq!(entry["models"].as_array().unwrap().len(), 1, "{credential}");
            let (entry, _) = route(&format!("{{baseUrl: 'https://acme.example/v0', {credential}}}"));
            assert_eq!(entry["models"].as_array().unwrap().len(), 1, "{credential}");
        }
    }
}

#[test]
fn a_variable_of_the_catalog_is_never_written_next_to_a_base_url_of_the_user() {
    for before in [
        "{baseUrl: 'https://gateway.corp.example/v1', models: []}",
        "{baseUrl: 'http://localhost:4000', api: 'anthropic-messages', models: []}",
        "{baseUrl: '${CORP_URL}', models: []}",
        "{baseUrl: 5, models: []}",
        "{models: [{id: 'x', baseUrl: 'https://gateway.corp.example/v1'}]}",
    ] {
        let (entry, notes) = route(before);
        for key in ["apiKey", "headers", "auth"] {
            assert!(entry.get(key).is_none(), "{before}: {entry}");
        }
        assert_eq!(entry.get("baseUrl"), read(before).get("baseUrl"), "{before}");
        assert!(notes.contains("so the key from the variable in the catalog must not be sent to your base URL"), "{before}: {notes}");
    }
    for before in
        ["{}", "{models: []}", "{baseUrl: 'https://acme.example/old'}", "{apiKey: '${ACME_TOKEN}', baseUrl: 'https://acme.example/old'}"]
    {
        let (entry, _) = route(before);
        assert_eq!(entry["baseUrl"], "https://acme.example/v1", "{before}");
        assert!(entry["apiKey"].as_str().unwrap().starts_with("${ACME_"), "{before}");
        assert_eq!(entry["models"].as_array().unwrap().len(), 2, "{before}");
    }
}

#[test]
fn a_base_url_of_the_user_stays_even_next_to_a_variable_of_the_catalog() {
    // The variable may contain the key of the gateway: the file itself may set it, or a shell script.
    let gateway = "baseUrl: 'https://gateway.corp.example/v1'";
    for before in [
        &format!("{{{gateway}, apiKey: '${{ACME_API_KEY}}', api: 'openai-responses', models: [{{id: 'mine'}}]}}"),
        &format!("{{{gateway}, apiKey: 'ACME_API_KEY', models: []}}"),
        &format!("{{{gateway}, apiKey: {{source: 'env', provider: 'default', id: 'ACME_API_KEY'}}, models: [{{id: 'a', api: 'x'}}]}}"),
        &format!("{{apiKey: '${{ACME_API_KEY}}', models: [{{id: 'a', {gateway}}}]}}"),
        &format!("{{apiKey: '${{ACME_API_KEY}}', models: [{{id: 'a', {gateway}, headers: {{Authorization: 'hunter2'}}}}]}}"),
    ] {
        let (entry, notes) = route(before);
        let stated = read(before);
        for key in ["baseUrl", "apiKey", "headers", "api", "auth"] {
            assert_eq!(entry.get(key), stated.get(key), "{before}: {key}");
        }
        let ids = |entry: &Value| entry["models"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&entry), ids(&stated), "{before}: {entry}");
        for key in ["baseUrl", "headers", "api"] {
            assert_eq!(entry["models"][0].get(key), stated["models"][0].get(key), "{before}: {key}");
        }
        assert!(
            notes.contains("a base URL in your configuration differs from the base URL in the catalog") || before.contains("hunter2"),
            "{before}: {notes}"
        );
        assert!(notes.contains("kept the base URL"), "{before}: {notes}");
    }
}

#[test]
fn credentials_of_models_and_requests_are_those_of_the_user() {
    for own in [
        "models: [{id: 'x', headers: {Authorization: 'hunter2'}}]",
        "models: [{id: 'a', apiKey: 'hunter2'}]",
        "models: [{id: 'a', auth: 'token'}]",
        "models: [{id: 'a', request: {auth: {mode: 'header', value: 'hunter2'}}}]",
        "request: {auth: {value: 'hunter2'}}, models: []",
    ] {
        let (entry, notes) = route(&format!("{{apiKey: '${{ACME_API_KEY}}', {own}}}"));
        assert!(entry.get("baseUrl").is_none() && notes.contains("may contain a key"), "{own}: {entry} {notes}");
        // The user sends them to this host already.
        let (entry, _) = route(&format!("{{baseUrl: 'https://acme.example/old', apiKey: '${{ACME_API_KEY}}', {own}}}"));
        assert_eq!(entry["baseUrl"], "https://acme.example/v1", "{own}");
        assert!(!entry.to_string().contains("cn.acme.example"), "{own}: {entry}");
    }
}

#[test]
fn providers_that_an_included_file_may_contain_are_not_routed() {
    for before in [
        "{'$include': './base.json5'}",
        "{'$include': './base.json5', models: {mode: 'merge'}}",
        "{models: {'$include': './models.json5'}}",
        "{models: {mode: 'merge', providers: {'$include': './providers.json5'}}}",
        "{'$include': './base.json5', models: {mode: 'merge', providers: {acme: {models: [{id: 'a'}]}}}}",
        "{models: {mode: 'merge', providers: {'$include': './providers.json5', acme: {apiKey: '${ACME_API_KEY}', models: []}}}}",
    ] {
        let new = merged(before, &fragment(&["a", "b"]));
        assert!(!new.text.contains("https://acme.example") && !new.text.contains("'b'"), "{before}: {}", new.text);
        assert!(new.notes.iter().any(|note| note.contains("includes another file")), "{before}: {:?}", new.notes);
    }
}

#[test]
fn redundant_protocols_are_removed_from_models() {
    let text = |more: &str| format!("{{models: {{providers: {{acme: {{models: [{{id: 'a', api: 'openai-responses'{more}}}]}}}}}}}}");
    assert!(!merged(&text(""), &fragment(&["a"])).text.contains("openai-responses"));
    assert!(merged(&text(", baseUrl: 'http://mine'"), &fragment(&["a"])).text.contains("openai-responses"));
}

#[test]
fn line_endings_and_indentation_are_kept() {
    let new = merged("{\r\n    \"a\": 1\r\n}\r\n", &fragment(&["a"])).text;
    assert!(new.starts_with("{\r\n    \"a\": 1,\r\n    \"models\": {\r\n        \"mode\": \"merge\",\r\n"), "{new}");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    assert!(merged("\u{feff}{\"a\": 1}", &fragment(&["a"])).text.starts_with('\u{feff}'));
}

#[test]
fn errors_have_positions() {
    let fragment = fragment(&["a"]).to_string();
    for (text, place, what) in [
        ("[]", "1:1", "an object"),
        ("{\n  models: 5}", "2:11", "an object"),
        ("{models: {providers: []}}", "1:22", "an object"),
        ("{models: null}", "1:10", "an object"),
        ("{models: {providers: {ACME: 'x'}}}", "1:29", "an object"),
        ("{models: {providers: {acme: {models: {}}}}}", "1:38", "an array"),
        ("{models: {providers: {acme: {headers: 1}}}}", "1:39", "an object"),
        ("{models: {}, 'models': {}}", "1:14", "duplicate key"),
        ("{models: {providers: {acme: {}, Acme: {}}}}", "1:33", "duplicate key"),
        ("{models: {providers: {acme: {apiKey: 'S3CR3T', apiKey: 'S3CR3T'}}}}", "1:48", "duplicate key"),
        ("{models: {providers: {acme: {models: [{id: 'a', id: 'a'}]}}}}", "1:49", "duplicate key"),
        ("{\"é\": 1,\n  a: }", "2:6", "invalid JSON5"),
        ("{a: 1 b: 2}", "1:6", "invalid JSON5"),
        ("{a: 'S3CR3T", "1:5", "invalid JSON5"),
        ("{} {}", "1:4", "invalid JSON5"),
        ("{/*", "1:2", "invalid JSON5"),
    ] {
        let error = merge_openclaw(text, &fragment, &variables()).unwrap_err();
        assert_eq!(format!("{}:{}", error.line, error.column), place, "{text}: {error}");
        assert!(error.message.contains(what) && !error.message.contains("S3CR3T"), "{text}: {error}");
    }
    // Duplicate keys that the merge does not change are allowed.
    merge_openclaw("{models: {providers: {other: {a: 1, a: 2}}}, x: {a: 1, a: 2}}", &fragment, &variables()).unwrap();
}

#[test]
fn only_known_fields_are_shown() {
    let text = "\
{
  // \"token\": \"S3CR3T-x\"
  env: {vars: {A: 'S3CR3T', B: '${B}'}},
  port: 5, list: ['S3CR3T'], multi: 'S3CR3T\\
  S3CR3T',
  models: {providers: {acme: {
    baseUrl: 'https://u:S3CR3T@acme.example', apiKey: \"S3CR3T\", headers: {x: 'S3CR3T'},
    models: [{id: 'a', params: {y: 'S3CR3T'}, api: 'openai-completions'}],
  }}},
}
";
    let mask = |text: &str| if text.contains("token") || text.contains("u:") { text.replace("S3CR3T", "******") } else { text.to_owned() };
    let shown = redact_config(text, &mask);
    assert!(!shown.contains("S3CR3T"), "{shown}");
    assert_eq!((shown.len(), shown.lines().count()), (text.len(), text.lines().count()));
    assert!(shown.contains("port: *,") && shown.contains("  //****"), "{shown}");
    for expected in ["'${B}'", "id: 'a'", "api: 'openai-completions'", "acme.example'"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!redact_config("{a: 'S3CR3T", &mask).contains("S3CR3T"));
}

#[test]
fn merges_a_complete_catalog() {
    let ids: Vec<String> = (0..3000).map(|number| format!("model-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let first = merged("{}", &fragment(&ids[..1500]));
    let second = merged(&first.text, &fragment(&ids));
    assert_eq!(read(&second.text), fragment(&ids));
}
