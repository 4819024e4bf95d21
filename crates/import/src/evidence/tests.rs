use super::*;
use modeldex_formats::snapshot::ProviderFacts;
use modeldex_table::Fact;
use std::iter;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// Returns a snapshot with one model `m` with the given name, or without models.
fn snapshot(name: Option<&str>) -> Snapshot {
    let facts = name.map(|name| BTreeMap::from([(FactKey::Fact(Fact::Name), Value::Text(name.to_owned()))]));
    let models = facts.map(|facts| ("m".to_owned(), facts)).into_iter().collect();
    let statement = ProviderFacts { facts: BTreeMap::new(), models };
    Snapshot { providers: BTreeMap::from([("acme".to_owned(), statement)]), rejected: Vec::new() }
}

fn history(evidence: &Evidence) -> Vec<String> {
    let claims = evidence.providers["acme"].models["m"].claims(&FactKey::Fact(Fact::Name));
    claims.iter().map(|claim| format!("{} {} {:?}", claim.value, claim.since, claim.until.map(|date| date.to_string()))).collect()
}

#[test]
fn import_order_of_snapshots_does_not_matter() {
    let days = ["2026-05-21", "2026-08-18", "2026-09-30", "2026-10-10"].map(day);
    let snapshots = [Some("A"), Some("B"), None, Some("A")].map(snapshot);
    let mut orders = vec![vec![]];
    for _ in 0..4 {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                (0..4).filter(|at| !order.contains(at)).map(|at| [order.clone(), vec![at]].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    assert_eq!(orders.len(), 24);
    for order in orders {
        let mut evidence = Evidence::default();
        let mut imported_dates = Vec::new();
        for at in order {
            evidence.add_snapshot("x", days[at], &imported_dates, snapshots[at].clone());
            imported_dates.push(days[at]);
            imported_dates.sort_unstable();
        }
        assert_eq!(history(&evidence), ["A 2026-05-21 Some(\"2026-05-21\")", "A 2026-10-10 None", "B 2026-08-18 Some(\"2026-08-18\")"]);
    }
}

#[test]
fn importing_a_snapshot_again_changes_nothing_and_another_of_that_date_replaces_it() {
    let mut evidence = Evidence::default();
    evidence.add_snapshot("x", day("2026-05-21"), &[], snapshot(Some("A")));
    evidence.add_snapshot("y", day("2026-05-20"), &[], snapshot(Some("A")));
    let before = evidence.clone();
    evidence.add_snapshot("x", day("2026-05-21"), &[day("2026-05-21")], snapshot(Some("A")));
    assert_eq!(evidence, before);
    evidence.add_snapshot("x", day("2026-05-21"), &[day("2026-05-21")], snapshot(Some("C")));
    assert_eq!(history(&evidence), ["A 2026-05-20 None", "C 2026-05-21 None"]);
}

#[test]
fn reads_only_the_block_of_a_model_from_a_large_file() {
    let id = |at: usize| format!("maker/model \"{at:03}\"");
    let line = |at: usize| format!("{{\"model\":{},\"facts\":{}}}\n", serde_json::Value::from(id(at)), " ".repeat(at * 97 % 9_000));
    let text: String = iter::once("{\"provider\":\"p\"}\n".to_owned()).chain((0..400).map(line)).collect();
    let mut file = io::Cursor::new(text.as_bytes());
    for at in 0..400 {
        let block = block_of(&mut file, &id(at)).unwrap();
        assert!(block.len() < 20 << 10 && memmem::find(&block, line(at).as_bytes()).is_some(), "{at}: {} bytes", block.len());
    }
    for absent_id in ["", "maker", "z"] {
        assert!(block_of(&mut file, absent_id).unwrap().len() < 20 << 10, "{absent_id}");
    }
    // Text without evidence lines, and text without line breaks, is returned whole.
    for text in [text.replace("\"model\"", "\"m\""), text.replace('\n', "")] {
        assert_eq!(block_of(&mut io::Cursor::new(text.as_bytes()), &id(1)).unwrap(), text.as_bytes());
    }
}

#[test]
fn claims_are_read_in_one_order_and_values_without_claims_are_not_read() {
    // As texts, the dates are sorted after `x`; the sets of words are equal.
    let text = r#"{"provider":"acme","facts":{}}
{"model":"m","facts":{"kind":[["chat"]],"release_date":[["x","a@2026-01-01"],["2026-01-02","a@2026-01-01"]],"input":[[["text","image"],"b@2026-01-01"],[["image","text"],"a@2026-01-01"]]}}
"#;
    let read = ProviderEvidence::parse(text).unwrap();
    assert!(!read.models["m"].facts.contains_key(&FactKey::Fact(Fact::Kind)));
    for fact in read.models["m"].facts.values() {
        assert!(fact.claims.0.is_sorted(), "{fact:?}");
    }
    let rendered = read.render("acme").unwrap();
    assert_eq!(ProviderEvidence::parse(&rendered).unwrap(), read);
    assert_eq!(ProviderEvidence::parse(&rendered).unwrap().render("acme").unwrap(), rendered);
}

#[test]
fn a_rendered_file_parses_to_the_same_evidence() {
    let mut evidence = Evidence::default();
    evidence.add_snapshot("x", day("2026-05-21"), &[], snapshot(Some("A")));
    evidence.add_snapshot("y", day("2026-05-22"), &[], snapshot(Some("A")));
    evidence.add_snapshot("y", day("2026-05-23"), &[day("2026-05-22")], snapshot(Some("B")));
    let provider = &evidence.providers["acme"];
    let text = provider.render("acme").unwrap();
    assert_eq!(
        text.lines().nth(1),
        Some(r#"{"model":"m","facts":{"name":[["A","x@2026-05-21","y@2026-05-22..2026-05-22"],["B","y@2026-05-23"]]}}"#)
    );
    assert_eq!(ProviderEvidence::parse(&text).as_ref(), Ok(provider));
    assert_eq!(ProviderEvidence::parse("{}\n").unwrap_err().0, 1);
    assert!(ProviderEvidence::parse(&text.replace("x@2026", "x-2026")).unwrap_err().1.contains("SOURCE@DATE"));
}

#[test]
fn the_number_of_claims_and_models_is_limited() {
    let fact = |claims: usize| {
        let by: String = (0..claims).map(|at| format!(",\"s{at}@2026-01-01\"")).collect();
        ProviderEvidence::parse(&format!(
            "{{\"provider\":\"a\",\"facts\":{{}}}}\n{{\"model\":\"m\",\"facts\":{{\"name\":[[\"M\"{by}]]}}}}\n"
        ))
    };
    assert!(fact(MAX_CLAIMS).is_ok());
    let (line, reason) = fact(MAX_CLAIMS + 1).unwrap_err();
    assert!(line == 2 && reason.contains("501 claims, more than the limit of 500 claims"), "{reason}");
    let models = |models: usize| (0..models).map(|at| format!("{{\"model\":\"m{at}\",\"facts\":{{}}}}\n")).collect::<String>();
    assert!(ProviderEvidence::parse(&models(MAX_MODELS)).is_ok());
    let (line, reason) = ProviderEvidence::parse(&models(MAX_MODELS + 1)).unwrap_err();
    assert!(line == MAX_MODELS + 1 && reason.contains("the limit of 20000 models"), "{line}: {reason}");
}
