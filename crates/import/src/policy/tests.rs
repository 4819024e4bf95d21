use super::*;
use crate::evidence::Claims;
use modeldex_table::Rate;

const SOURCES: &str = "\
sources:
  copy: {name: Copy, licence: MIT, derived_from: [old], snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  guess: {name: Guess, licence: MIT, faults: [{kind: default-output-as-maximum}], snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  names: {name: Names, licence: MIT, authoritative_for: [names], snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  new: {name: New, licence: MIT, snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  old: {name: Old, licence: MIT, snapshots: [{date: 2026-05-20, providers: 1, models: 1}]}
  other: {name: Other, licence: MIT, snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  own: {name: Own, licence: MIT, first_party: [acme], snapshots: [{date: 2026-05-25, providers: 1, models: 1}]}
  stale: {name: Stale, licence: MIT, first_party: [acme], snapshots: [{date: 2025-05-25, providers: 1, models: 1}]}
";

const WINDOW: FactKey = FactKey::Fact(Limits::WINDOW);
const OUTPUT: FactKey = FactKey::Fact(Fact::MaxOutputTokens);

fn rate(meter: Meter) -> FactKey {
    FactKey::Rate(OwnedCondition::default(), meter)
}

fn dollars(text: &str) -> Value {
    Value::dollars(Rate::parse(text).unwrap())
}

/// Returns evidence of a model with these current claims of each source.
fn line(claims: &[(&str, &[(FactKey, Value)])]) -> EvidenceLine {
    let mut line = EvidenceLine::default();
    for (source, facts) in claims {
        for (key, value) in std::iter::once(&(FactKey::Listed, Value::Flag(true))).chain(*facts) {
            claim(&mut line, source, key, value.clone(), None);
        }
    }
    line
}

fn claim(line: &mut EvidenceLine, source: &str, key: &FactKey, value: Value, until: Option<&str>) {
    let day = |text| Date::parse(text).unwrap();
    let claim = Claim { value, source: SourceName::new(source), since: day("2025-01-01"), until: until.map(day) };
    let fact = line.facts.entry(key.clone()).or_default();
    let Claims(claims) = &mut fact.claims;
    claims.push(claim);
}

fn decided(line: &EvidenceLine) -> BTreeMap<String, String> {
    decided_by(PolicyOptions::default(), line)
}

fn decided_by(options: PolicyOptions, line: &EvidenceLine) -> BTreeMap<String, String> {
    let sources = crate::sources::with_snapshots(SOURCES);
    let decisions = Policy::with_options(&sources, options).unwrap().decide("acme", &[line]);
    let describe =
        |decision: &Decision| format!("{} {}", decision.rule, decision.value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string));
    decisions.iter().map(|(key, decision)| (key.to_string(), describe(decision))).collect()
}

fn window(tokens: u32) -> (FactKey, Value) {
    (WINDOW, Value::Tokens(tokens))
}

fn price(input: &str, output: &str) -> [(FactKey, Value); 2] {
    [(rate(Meter::Input), dollars(input)), (rate(Meter::Output), dollars(output))]
}

#[test]
fn first_party_wins_while_it_is_fresh() {
    let others: [(&str, &[(FactKey, Value)]); 3] = [("new", &[window(2)]), ("other", &[window(2)]), ("old", &[window(2)])];
    assert_eq!(decided(&line(&[&others[..], &[("own", &[window(1)])]].concat()))["context_window"], "first-party 1");
    assert_eq!(decided(&line(&[&others[..], &[("stale", &[window(1)])]].concat()))["context_window"], "agreement 2");
}

#[test]
fn most_votes_win_and_ties_go_to_the_newer_snapshot() {
    assert_eq!(decided(&line(&[("new", &[window(1)])]))["context_window"], "only 1");
    assert_eq!(decided(&line(&[("new", &[window(1)]), ("other", &[window(1)]), ("own", &[])]))["context_window"], "agreement 1");
    assert_eq!(decided(&line(&[("new", &[window(1)]), ("old", &[window(2)])]))["context_window"], "recency 1");
    // A source and its copy weigh less than two independent sources.
    let copies = [("old", &[window(1)][..]), ("copy", &[window(1)]), ("new", &[window(2)]), ("other", &[window(2)])];
    assert_eq!(decided(&line(&copies))["context_window"], "recency 2");
}

#[test]
fn claims_of_sources_without_authority_are_ignored() {
    let line = line(&[
        ("names", &[window(1), (FactKey::Fact(Fact::Name), Value::Text("A".to_owned()))]),
        ("guess", &[(OUTPUT, Value::Tokens(5))]),
    ]);
    let decided = decided(&line);
    assert_eq!(decided["name"], "only A");
    assert!(!decided.contains_key("context_window") && !decided.contains_key("max_output_tokens"), "{decided:?}");
}

#[test]
fn max_output_is_not_above_the_context_window() {
    let line = line(&[
        ("new", &[window(1000), (OUTPUT, Value::Tokens(2000))]),
        ("other", &[window(1000), (OUTPUT, Value::Tokens(2000))]),
        ("own", &[(OUTPUT, Value::Tokens(100))]),
    ]);
    assert_eq!(decided(&line)["max_output_tokens"], "first-party 100");
    // A maximum output equal to the window counts less than another value.
    let filler = [window(1000), (OUTPUT, Value::Tokens(1000))];
    let line = super::tests::line(&[("new", &filler[..]), ("other", &filler), ("old", &[window(1000), (OUTPUT, Value::Tokens(100))])]);
    assert_eq!(decided(&line)["max_output_tokens"], "recency 100");
}

#[test]
fn input_and_output_are_decided_together_and_contested_prices_left_out() {
    let (a, b) = (price("1", "4"), price("2", "4"));
    let agreed = decided(&line(&[("new", &a[..]), ("other", &a), ("old", &b)]));
    assert_eq!((&*agreed["price.input"], &*agreed["price.output"]), ("agreement $1", "agreement $4"));
    let contested = decided(&line(&[("new", &a[..]), ("old", &b)]));
    assert_eq!((&*contested["price.input"], &*contested["price.output"]), ("contested -", "contested -"));
    // Other rates come from the sources that agree on these two.
    let cached = |rates: &[(FactKey, Value)], rate_of: &str| [rates, &[(rate(Meter::CacheRead), dollars(rate_of))]].concat();
    let line = line(&[("new", &a[..]), ("other", &cached(&a, "0.1")), ("old", &cached(&b, "0.2"))]);
    assert_eq!(decided(&line)["price.cache_read"], "only $0.1");
}

#[test]
fn zeros_are_dropped_if_another_source_states_a_price() {
    let decided = decided(&line(&[("new", &price("0", "0")[..]), ("other", &price("0", "0")), ("old", &price("1", "4"))]));
    assert_eq!(decided["price.input"], "only $1");
}

#[test]
fn superseded_values_can_be_dropped() {
    let mut line = line(&[("old", &price("1", "4")[..]), ("new", &price("2", "4"))]);
    claim(&mut line, "new", &rate(Meter::Input), dollars("1"), Some("2026-03-01"));
    claim(&mut line, "new", &rate(Meter::Output), dollars("4"), Some("2026-03-01"));
    assert_eq!(decided_by(PolicyOptions { drop_superseded: true, ..PolicyOptions::default() }, &line)["price.input"], "agreement $2");
    assert_eq!(decided(&line)["price.input"], "contested -");
}

#[test]
fn last_claims_count_for_models_that_are_no_longer_listed() {
    let mut line = EvidenceLine::default();
    claim(&mut line, "new", &FactKey::Listed, Value::Flag(true), Some("2026-03-01"));
    claim(&mut line, "new", &WINDOW, Value::Tokens(1), Some("2026-03-01"));
    assert_eq!(decided(&line)["context_window"], "only 1");
    // But not if another source still lists the model without this fact.
    claim(&mut line, "other", &FactKey::Listed, Value::Flag(true), None);
    assert!(!decided(&line).contains_key("context_window"));
}
