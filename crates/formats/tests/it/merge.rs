//! Merges of models into hand-written files.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstRootNode;
use modeldex_formats::merge::{MergedConfig, merge_openclaw, redact_config};
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

/// Merges twice, and checks that the second merge changes nothing.
fn merged(text: &str, fragment: &Value) -> MergedConfig {
    let fragment = serde_json::to_string_pretty(fragment).expect("it can be written") + "\n";
    let merged = merge_openclaw(text, &fragment).expect("the text can be merged");
    let again = merge_openclaw(&merged.text, &fragment).expect("the merged text can be merged again");
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
        baseUrl: 'http://old', // the old one
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
    let other = text.replace("'ACME_API_KEY'", "{source: 'env', provider: 'default', id: 'MINE'}");
    assert!(merged(&other, &fragment(&[])).text.contains("id: 'MINE'"));
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
        let error = merge_openclaw(text, &fragment).unwrap_err();
        assert_eq!(format!("{}:{}", error.line, error.column), place, "{text}: {error}");
        assert!(error.message.contains(what) && !error.message.contains("S3CR3T"), "{text}: {error}");
    }
    // Duplicate keys that the merge does not change are allowed.
    merge_openclaw("{models: {providers: {other: {a: 1, a: 2}}}, x: {a: 1, a: 2}}", &fragment).unwrap();
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
