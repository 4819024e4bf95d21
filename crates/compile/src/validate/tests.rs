//! Tests of schema violations, and of the checks of file names and first lines.

use super::Removals;
use crate::testing::{ACME, check, check_acme, compiled};
#[cfg(feature = "validate")]
use serde_json::{Value, json};

#[test]
fn invalid_file_ids() {
    assert_eq!(check(&[("providers/Acme Inc.yaml", ACME)]), ["file-id providers/Acme Inc.yaml:2:1"]);
    assert!(check(&[("providers/acme-2.0.yaml", ACME)]).is_empty());
}

#[test]
fn missing_schema_lines() {
    let acme = format!("{ACME}models: [{{id: m}}]\n");
    let found = compiled(&[("providers/acme.yaml", &acme), ("providers/other.yaml", "# Other\nextends: acme\n")]);
    let places: Vec<_> = found.diagnostics.iter().map(|found| (found.code, found.span.start, found.span.end)).collect();
    assert_eq!(places, [("schema-line", 0, "name: Acme".len()), ("schema-line", 0, "# Other".len())]);
    assert!(check_acme("").is_empty());
}

#[test]
fn schema_violations_have_positions() {
    for (more, found) in [
        ("models:\n  - id: a\n    contxt_window: 1\n", "unknown-key providers/acme.yaml:11:5"),
        ("models:\n  - name: A\n", "missing-key providers/acme.yaml:10:5"),
        ("models:\n  - id: a\n    context_window: 1k\n", "wrong-type providers/acme.yaml:11:21"),
        ("models: none\n", "wrong-type providers/acme.yaml:9:9"),
        ("models:\n  - id: a b\n", "invalid-value providers/acme.yaml:10:9"),
        ("models:\n  - {id: a, context_window: 0}\n", "limit providers/acme.yaml:10:29"),
        ("models:\n  - {id: a, max_output_tokens: -5}\n", "limit providers/acme.yaml:10:32"),
        ("models:\n  - id: a\n    prices:\n      - {currency: RMB, input: 1}\n", "unknown-currency providers/acme.yaml:12:20"),
        ("models:\n  - id: a\n    release_date: 2025-02-30\n", "invalid-date providers/acme.yaml:11:19"),
        ("models:\n  - id: a\n    prices: [{input: 1}, {from: 2025-02, input: 2}]\n", "invalid-date providers/acme.yaml:11:33"),
        ("models:\n  - id: a\n    prices:\n      - {input: -1}\n", "invalid-rate providers/acme.yaml:12:17"),
        ("models:\n  - id: a\n    prices:\n      - {input: 0.0000001}\n", "invalid-rate providers/acme.yaml:12:17"),
    ] {
        assert_eq!(check_acme(more), [found], "{more}");
    }
    assert_eq!(check(&[("models/acme.yaml", "models:\n  - name: A\n")]), ["missing-key models/acme.yaml:3:5"]);
    for (word, other, found) in [
        ("openai-completions", "openai", "invalid-value providers/acme.yaml:5:10"),
        ("ACME_API_KEY", "acme_key", "environment-name providers/acme.yaml:8:11"),
    ] {
        assert_eq!(check(&[("providers/acme.yaml", &ACME.replace(word, other))]), [found]);
    }
}

#[test]
fn inconsistent_usage_shapes() {
    let shape = "apis: [ollama]\nneeds: [a]\ncounts:\n  - {meter: input, fields: [a, a.b]}\n";
    assert_eq!(check(&[("providers/acme.yaml", ACME), ("usage/x.yaml", shape)]), ["invalid-value usage/x.yaml:5:32"]);
    assert!(check(&[("providers/acme.yaml", ACME), ("usage/x.yaml", &shape.replace("a.b", "b.c"))]).is_empty());
    assert_eq!(check(&[("usage/x.yaml", "apis: [ollama]\nneeds: [a]\n")]), ["missing-key usage/x.yaml:2:1"]);
}

#[test]
fn valid_values() {
    for more in [
        "",
        "models:\n  - id: a\n    context_window: 1\n",
        "models:\n  - id: no\n    context_window: 1000\n",
        "models:\n  - {id: a, context_window: 4294967295}\n",
        "models:\n  - id: a\n    prices:\n      - {currency: CNY, input: 1}\n",
        "models:\n  - id: a\n    release_date: 2025\n",
        "models:\n  - id: a\n    prices:\n      - {request: 0.000001}\n",
    ] {
        assert!(check_acme(more).is_empty(), "{more}");
    }
    assert!(check(&[("providers/acme.yaml", &ACME.replace("ACME_API_KEY", "_ACME_2"))]).is_empty());
}

#[test]
fn pointers_are_translated_to_the_original() {
    // From [a, b, c, d], first c and then a was removed: [b, d] remains.
    let removals = Removals(vec![std::collections::HashMap::from([("/models".to_owned(), vec![0, 2])])]);
    assert_eq!(removals.original("/models/0/id"), "/models/1/id");
    assert_eq!(removals.original("/models/1"), "/models/3");
    assert_eq!(removals.original("/modelsx/1"), "/modelsx/1");
    assert_eq!(removals.original("/name"), "/name");
}

#[test]
#[cfg(feature = "validate")]
fn other_validators_accept_what_check_accepts() {
    for &kind in crate::FileKind::ALL {
        same(&crate::schema::validation_schema(kind), &crate::schema::published(kind), kind.schema_file());
    }
}

/// Asserts that both forms of a schema, and of all its subschemas, accept the same values.
#[cfg(feature = "validate")]
fn same(validation: &Value, published: &Value, path: &str) {
    // Citations are removed before a file is validated.
    let published = if validation["x-citable"].is_null() { published } else { &published["anyOf"][0] };
    let (check, other) = (super::schema_check::validator(validation), jsonschema::validator_for(published).unwrap());
    let words = validation["enum"].as_array().into_iter().flatten().cloned();
    for value in values().into_iter().chain(words) {
        assert_eq!(check.is_valid(&value), other.is_valid(&value), "{path}: {value}");
    }
    for value in [json!(128_000.0), json!(0.000_000_1), json!("2026-02-30"), json!("2026-02-30T08:00Z")] {
        // Only `check` rejects these; another validator may accept them, but never rejects what `check` accepts.
        assert!(other.is_valid(&value) || !check.is_valid(&value), "{path}: {value}");
    }
    for (name, below) in validation["properties"].as_object().into_iter().flatten() {
        same(below, &published["properties"][name], &format!("{path}/{name}"));
    }
    for keyword in ["items", "additionalProperties", "propertyNames"] {
        if validation[keyword].is_object() {
            same(&validation[keyword], &published[keyword], &format!("{path}/{keyword}"));
        }
    }
}

#[cfg(feature = "validate")]
fn values() -> Vec<Value> {
    let texts = "| |a|A|a b|a,b|é|ACME_KEY|1A|Bearer|https://a.example|ftp://a.example\
        |2026|0999|2026-13|2026-00|2026-12|2026-1|2026-02-28|2026-02-32|1969-01-02|2026-02-28T08:00Z|2026-02-28T08:00|2026-02-28T25:00Z|08:00|24:00|24:01|25:00|8:00|UTC|+08:00|-18:00|+18:01|Asia/Shanghai";
    let mut values: Vec<Value> = texts.split('|').map(|text| json!(text)).collect();
    values.extend([2_000, 2_001].map(|length| json!("x".repeat(length))));
    values.extend([
        json!(null),
        json!(true),
        json!([]),
        json!(["a"]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
        json!({"a": "b"}),
        json!({"id": "a"}),
    ]);
    values.extend(
        [-1, 0, 1, 999, 1_000, 2_026, 9_999, 10_000, 999_999_999, 1_000_000_000, 4_294_967_295, 4_294_967_296]
            .map(|number: i64| json!(number)),
    );
    values.extend([-0.5, 0.5, 1.5, 0.000_001, 1e300].map(|number: f64| json!(number)));
    values
}
