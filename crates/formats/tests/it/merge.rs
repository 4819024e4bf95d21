//! Models put into files that people wrote.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstRootNode;
use modeldex_formats::merge::{Merged, hide, merge};
use serde_json::{Value, json};

/// A fragment with the provider `acme` and models with these ids.
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

/// Merges, and again: the second time nothing changes.
fn merged(text: &str, fragment: &Value) -> Merged {
    let fragment = serde_json::to_string_pretty(fragment).expect("it can be written") + "\n";
    let merged = merge(text, &fragment).expect("nothing stands in the way");
    let again = merge(&merged.text, &fragment).expect("nothing does now");
    assert_eq!(again.text, merged.text, "{text}");
    merged
}

/// What a JSON5 text says.
fn read(text: &str) -> Value {
    let text = text.trim_start_matches('\u{feff}');
    CstRootNode::parse(text, &ParseOptions::default()).expect("JSON5").to_serde_value().expect("a value")
}

#[test]
fn a_file_that_is_not_there_is_the_fragment() {
    let wanted = fragment(&["a"]);
    for text in ["", " \n", "\u{feff}", "{}", "{ }", "// nothing yet\n", "/* a */ {} // b\n"] {
        let text = merged(text, &wanted);
        assert_eq!(read(&text.text), wanted, "{}", text.text);
        assert_eq!(text.variables.into_iter().collect::<Vec<_>>(), ["ACME_API_KEY"]);
        assert_eq!(text.remarks, [""; 0]);
    }
    assert!(merged("/* a */ {} // b\n", &wanted).text.starts_with("/* a */ {\n") && merged("// x\n", &wanted).text.starts_with("// x\n"));
}

#[test]
fn every_other_byte_stays() {
    let text = "// mine\n{\n\t'gateway' : {port: 0x10, \"a\":[1,2,],},   // why not\n\n\tagents: {},\n\tmodels: {\n\t\t// the providers\n\
                \t\tproviders: {\n\t\t\tother: {baseUrl: 'http://x', models: []}, /* last */\n\t\t},\n\t},\n\tz: .5, // end\n}\n// bye";
    let new = merged(text, &fragment(&["a"]));
    let (before, after) = text.split_once("/* last */").unwrap();
    let start = new.text.strip_prefix(before).unwrap().strip_prefix("/* last */").unwrap();
    assert!(start.starts_with("\n\t\t\t\"acme\": {\n\t\t\t\t\"baseUrl\""), "{}", new.text);
    // The mode is the only other thing that was missing.
    let after = after.replacen("\t\t},\n\t},", "\t\t},\n\t\t\"mode\": \"merge\",\n\t},", 1);
    assert!(new.text.ends_with(&after), "{}", new.text);
}

#[test]
fn what_is_there_is_changed_in_its_place() {
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
    let mut wanted = fragment(&["a", "b"]);
    wanted["models"]["providers"]["acme"]["headers"] = json!({"x-mine": "c", "X-New": "d"});
    let new = merged(text, &wanted);
    let says = read(&new.text);
    assert_eq!(says["models"]["mode"], "replace");
    let acme = &says["models"]["providers"]["Acme"];
    assert_eq!((&acme["apiKey"], &acme["auth"], &acme["timeoutSeconds"]), (&json!("hunter2"), &json!("token"), &json!(9)));
    assert_eq!((&acme["baseUrl"], &acme["headers"]), (&json!("https://acme.example/v1"), &json!({"X-Mine": "b", "X-New": "d"})));
    let rows = acme["models"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), ["mine", "a", "b"]);
    assert_eq!((&rows[1]["params"], &rows[1]["contextWindow"]), (&json!({"x": 1}), &json!(1000)));
    assert_eq!(rows[1]["cost"], json!({"input": 2.0, "output": 12.5, "tieredPricing": [], "cacheRead": 0, "cacheWrite": 2}));
    for kept in ["// the old one", "// by hand", "/* was */", "// note", "{id: 'mine', name: 'Mine'}", "input: 2.0"] {
        assert!(new.text.contains(kept), "{kept}: {}", new.text);
    }
    assert_eq!(says["models"]["providers"].as_object().unwrap().len(), 1);
    let told = new.remarks.join("\n");
    assert!(told.contains("another baseUrl") && told.contains("stays as it is") && told.contains("1 other model "), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    // Its own key needs no variable.
    assert!(new.variables.is_empty());
}

#[test]
fn a_name_that_was_meant_as_a_reference_becomes_one() {
    let text = "{models: {mode: 'merge', providers: {acme: {apiKey: 'ACME_API_KEY', models: []}}}, env: {vars: {ACME_API_KEY: 'x'}}}";
    let new = merged(text, &fragment(&[]));
    assert_eq!(read(&new.text)["models"]["providers"]["acme"]["apiKey"], "${ACME_API_KEY}");
    assert!(new.remarks[0].contains("the name of a variable") && new.variables.is_empty(), "{new:?}");
    let other = text.replace("'ACME_API_KEY'", "{source: 'env', provider: 'default', id: 'MINE'}");
    assert!(merged(&other, &fragment(&[])).text.contains("id: 'MINE'"));
}

#[test]
fn a_protocol_that_the_provider_says_now_leaves_the_row() {
    let text = |more: &str| format!("{{models: {{providers: {{acme: {{models: [{{id: 'a', api: 'openai-responses'{more}}}]}}}}}}}}");
    assert!(!merged(&text(""), &fragment(&["a"])).text.contains("openai-responses"));
    assert!(merged(&text(", baseUrl: 'http://mine'"), &fragment(&["a"])).text.contains("openai-responses"));
}

#[test]
fn lines_end_and_begin_as_they_do_in_the_file() {
    let new = merged("{\r\n    \"a\": 1\r\n}\r\n", &fragment(&["a"])).text;
    assert!(new.starts_with("{\r\n    \"a\": 1,\r\n    \"models\": {\r\n        \"mode\": \"merge\",\r\n"), "{new}");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    assert!(merged("\u{feff}{\"a\": 1}", &fragment(&["a"])).text.starts_with('\u{feff}'));
}

#[test]
fn what_stands_in_the_way_is_told_with_its_place() {
    let fragment = fragment(&["a"]).to_string();
    for (text, place, what) in [
        ("[]", "1:1", "a mapping"),
        ("{\n  models: 5}", "2:11", "a mapping"),
        ("{models: {providers: []}}", "1:22", "a mapping"),
        ("{models: null}", "1:10", "a mapping"),
        ("{models: {providers: {ACME: 'x'}}}", "1:29", "a mapping"),
        ("{models: {providers: {acme: {models: {}}}}}", "1:38", "a list"),
        ("{models: {providers: {acme: {headers: 1}}}}", "1:39", "a mapping"),
        ("{models: {}, 'models': {}}", "1:14", "twice"),
        ("{models: {providers: {acme: {}, Acme: {}}}}", "1:33", "twice"),
        ("{models: {providers: {acme: {apiKey: 'S3CR3T', apiKey: 'S3CR3T'}}}}", "1:48", "twice"),
        ("{models: {providers: {acme: {models: [{id: 'a', id: 'a'}]}}}}", "1:49", "twice"),
        ("{\"é\": 1,\n  a: }", "2:6", "not JSON5"),
        ("{a: 1 b: 2}", "1:6", "not JSON5"),
        ("{a: 'S3CR3T", "1:5", "not JSON5"),
        ("{} {}", "1:4", "not JSON5"),
        ("{/*", "1:2", "not JSON5"),
    ] {
        let fault = merge(text, &fragment).unwrap_err();
        assert_eq!(format!("{}:{}", fault.line, fault.column), place, "{text}: {fault}");
        assert!(fault.what.contains(what) && !fault.what.contains("S3CR3T"), "{text}: {fault}");
    }
    // Two that nothing is put into are nobody's trouble.
    merge("{models: {providers: {other: {a: 1, a: 2}}}, x: {a: 1, a: 2}}", &fragment).unwrap();
}

#[test]
fn only_what_is_known_to_be_no_secret_is_shown() {
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
    let shown = hide(text, &mask);
    assert!(!shown.contains("S3CR3T"), "{shown}");
    assert_eq!((shown.len(), shown.lines().count()), (text.len(), text.lines().count()));
    assert!(shown.contains("port: *,") && shown.contains("  //****"), "{shown}");
    for kept in ["'${B}'", "id: 'a'", "api: 'openai-completions'", "acme.example'"] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    assert!(!hide("{a: 'S3CR3T", &mask).contains("S3CR3T"));
}

#[test]
fn a_whole_catalog_is_put_in_at_once() {
    let ids: Vec<String> = (0..3000).map(|number| format!("model-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let first = merged("{}", &fragment(&ids[..1500]));
    let second = merged(&first.text, &fragment(&ids));
    assert_eq!(read(&second.text), fragment(&ids));
}
