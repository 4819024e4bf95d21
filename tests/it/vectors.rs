//! Conformance vectors, shared with other implementations; documented in `tests/vectors/README.md`.

#![cfg(feature = "cli")]

use crate::program::{folder, write};
use modeldex::{Api, Catalog, Moment, PriceError, RequestContext};
use modeldex_compile::{Compiled, compile};
use modeldex_usage::{Tier, UsageError};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceCase<'a> {
    name: String,
    #[serde(borrow, default)]
    prices: Option<&'a RawValue>,
    #[serde(default)]
    billing: Option<String>,
    #[serde(borrow)]
    usage: &'a RawValue,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    tier: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    api: Option<String>,
    expected: Value,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceCase<'a> {
    name: String,
    #[serde(borrow)]
    catalog: Providers<'a>,
    reference: String,
    expected: Value,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Providers<'a> {
    #[serde(borrow)]
    providers: BTreeMap<String, &'a RawValue>,
}

#[test]
fn prices() {
    let text = read("price.jsonl");
    let cases: Vec<PriceCase<'_>> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 200);
    assert_eq!(cases.iter().map(|case| &case.name).collect::<BTreeSet<_>>().len(), cases.len(), "duplicate case name");
    // Each case is a model. JSON is valid YAML, so that prices keep their digits.
    let models: Vec<String> =
        cases.iter().enumerate().map(|(at, case)| format!("{{\"id\":\"{}\"{}}}", id(at), billing_fields(case))).collect();
    let (endpoints, models) = (["us", "eu", "cn"].map(endpoint).join(","), models.join(","));
    let auth = r#"[{"kind":"none"}]"#;
    let provider = format!(r#"{{"name":"Vectors","endpoints":[{endpoints}],"auth":{auth},"models":[{models}]}}"#);
    let compiled = compiled("price", &[("vectors", &provider)]);
    let catalog = compiled.catalog();
    let failures: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(at, case)| {
            let found = priced(&catalog, at, case).unwrap_or_else(|code| json!({"error": code}));
            (found != case.expected).then(|| format!("{}\n  found    {found}\n  expected {}", case.name, case.expected))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn references() {
    let text = read("reference.jsonl");
    let cases: Vec<ReferenceCase<'_>> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 20);
    for (at, case) in cases.iter().enumerate() {
        let files: Vec<(&str, &str)> = case.catalog.providers.iter().map(|(id, provider)| (id.as_str(), provider.get())).collect();
        let compiled = compiled(&format!("reference-{at}"), &files);
        let catalog = compiled.catalog();
        let found = match catalog.resolve(&case.reference) {
            Ok(resolved) => {
                let mut found = json!({"model": resolved.model.reference().to_string()});
                if let Some(alias) = resolved.alias {
                    found["alias"] = json!({"id": alias.id(), "kind": alias.kind().as_str()});
                }
                if let Some(alias) = resolved.provider_alias {
                    found["provider_alias"] = json!({"id": alias.id(), "kind": alias.kind().as_str()});
                }
                found
            }
            Err(unknown) => {
                let mut found = json!({"error": "unknown-model"});
                if case.expected.get("nearest").is_some() {
                    found["nearest"] = json!(unknown.nearest().next().map(|model| model.reference().to_string()));
                }
                found
            }
        };
        assert_eq!(found, case.expected, "{}", case.name);
    }
}

fn priced(catalog: &Catalog<'_>, at: usize, case: &PriceCase<'_>) -> Result<Value, &'static str> {
    let reference = format!("vectors/{}", id(at));
    let model = catalog.model(&reference).unwrap();
    let api = case.api.as_ref().map(|api| Api::parse(api).unwrap());
    let read = modeldex_usage::read(api, case.usage.get()).map_err(|error: UsageError| error.code())?;
    let stated_tier = case.tier.as_ref().map_or(Ok(Tier::Unstated), |tier| Tier::parse(tier).ok_or("unknown-tier"))?;
    let at = case.at.as_ref().map(|at| Moment::from_rfc3339(at).map_err(|_| "invalid-time")).transpose()?;
    let context = RequestContext {
        tier: stated_tier.unwrap_or(read.tier.unwrap_or(None)),
        at,
        region: case.region.as_deref(),
        ..RequestContext::default()
    };
    let cost = model.price(&read.usage, &context).map_err(|error: PriceError| error.code())?;
    let expected_lines = case.expected["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines: Vec<Value> = cost
        .lines()
        .enumerate()
        .map(|(at, line)| {
            // Entries with the same condition are interchangeable.
            let expected = expected_lines.get(at).and_then(|line| line["entry"].as_u64()).unwrap_or(0) as usize;
            let has_condition = |entry: usize| model.prices().get(entry).is_some_and(|price| price.condition() == line.price.condition());
            let entry =
                if has_condition(expected) { Some(expected) } else { (0..model.prices().iter().len()).find(|entry| has_condition(*entry)) };
            let mut found = json!({
                "meter": line.meter.as_str(),
                "quantity": line.quantity,
                "rate": line.rate.authored(line.meter).to_string(),
                "entry": entry,
                "amount": line.amount.to_string(),
            });
            if line.rate_meter != line.meter {
                found["rate_of"] = json!(line.rate_meter.as_str());
            }
            found
        })
        .collect();
    Ok(json!({"currency": cost.currency().as_str(), "amount": cost.amount().to_string(), "lines": lines}))
}

fn id(at: usize) -> String {
    format!("case-{at:03}")
}

fn billing_fields(case: &PriceCase<'_>) -> String {
    let billing = case.billing.as_ref().map(|billing| format!(",\"billing\":\"{billing}\""));
    billing.or_else(|| case.prices.map(|prices| format!(",\"prices\":{}", prices.get()))).unwrap_or_default()
}

fn endpoint(region: &str) -> String {
    format!("{{\"id\":\"{region}\",\"base_url\":\"https://{region}.example\",\"api\":\"openai-completions\",\"region\":\"{region}\"}}")
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).unwrap()
}

/// Compiles a catalog of these providers, ignoring warnings.
fn compiled(test: &str, providers: &[(&str, &str)]) -> Compiled {
    let dir = folder("vectors", test);
    providers.iter().for_each(|(id, text)| write(&dir.join(format!("providers/{id}.yaml")), format!("{text}\n")));
    let compiled = compile(&dir);
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics.iter().map(|finding| &finding.message).collect::<Vec<_>>());
    compiled
}
