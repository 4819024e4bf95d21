use super::common::*;
use crate::authored::citation::Citation;
use crate::authored::{BaseModel, Facts, Model};
use crate::lint::Folder;
use crate::resolve::{ResolvedModel, ResolvedProvider};
use crate::validate::Removals;
use modeldex_table::{Capability, Fact};
use std::collections::HashMap;

/// Reports hand-written values that equal the imported ones and cite no source.
pub(super) fn check(folder: &Folder<'_>, findings: &mut Findings) {
    let hand_written = folder.hand_written;
    for doc in hand_written.providers.iter().filter(|doc| doc.value.extends.as_ref() == Some(&doc.id)) {
        let Some(below) = folder.below.providers.get(&doc.id).filter(|_| folder.imported.imported.contains(&doc.id)) else { continue };
        let citations = hand_written.citations.get(&doc.file);
        let mut report = |pointer: String, message: String| self::report(findings, doc.file, pointer, message);
        for key in header(&doc.value, below) {
            if !citations.is_some_and(|citations| has_source(citations.of_file(key))) {
                report(pointer!(key), format!("the hand-written `{key}` equals the imported value"));
            }
        }
        for (index, model) in doc.value.models.iter().enumerate() {
            let Some(imported) = below.models.get(&model.id) else { continue };
            // Citations are indexed by the entries of the file before invalid entries were removed.
            let original = hand_written.removals.get(&doc.file).map(|removals: &Removals| removals.original(&pointer!("models", index)));
            let original_index = original.and_then(|pointer| pointer.rsplit('/').next()?.parse().ok()).unwrap_or(index);
            for key in facts(model, imported) {
                if !citations.is_some_and(|citations| has_source(citations.of_model(original_index, key))) {
                    let message = format!("the hand-written `{key}` of the model `{model}` equals the imported value", model = model.id);
                    report(pointer!("models", index, key), message);
                }
            }
        }
    }
    for doc in &hand_written.labs {
        let Some(below) = folder.imported.labs.iter().find(|lab| lab.id == doc.id) else { continue };
        let citations = hand_written.citations.get(&doc.file);
        let imported: HashMap<&str, &BaseModel> = below.value.models.iter().map(|base| (base.id.as_str(), base)).collect();
        for (index, base) in doc.value.models.iter().enumerate() {
            let Some(imported) = imported.get(base.id.as_str()) else { continue };
            for key in equal(&base.facts, &imported.facts, &base.omit) {
                if !citations.is_some_and(|citations| has_source(citations.of_model(index, key))) {
                    let message = format!("the hand-written `{key}` of the base model `{base}` equals the imported value", base = base.id);
                    report(findings, doc.file, pointer!("models", index, key), message);
                }
            }
        }
    }
}

fn report(findings: &mut Findings, file: usize, pointer: String, message: String) {
    findings
        .add(&codes::RESTATED, Place::key(file, pointer), message)
        .help("remove the hand-written value, or cite its source: `{value: …, source: https://…}`");
}

fn has_source(citation: Option<&Citation>) -> bool {
    citation.is_some_and(|citation| citation.source.is_some())
}

/// Returns the keys of the provider itself (not of its models) whose values equal the imported values.
fn header(own: &Provider, imported: &ResolvedProvider) -> Vec<&'static str> {
    let below = &imported.provider;
    let equal = [
        ("name", own.name.is_some() && own.name == below.name),
        ("kind", own.kind.is_some() && own.kind == below.kind),
        ("doc_url", own.doc_url.is_some() && own.doc_url == below.doc_url),
        ("endpoints", !own.endpoints.is_empty() && own.endpoints == below.endpoints),
        ("auth", !own.auth.is_empty() && own.auth == below.auth),
        ("default_model", own.default_model.is_some() && own.default_model == below.default_model),
    ];
    equal.into_iter().filter(|(_, equal)| *equal).map(|(key, _)| key).collect()
}

/// Returns the keys of a model whose values equal those that the imported model states or inherits.
fn facts(own: &Model, imported: &ResolvedModel) -> Vec<&'static str> {
    let below = &imported.model;
    let lists = [
        ("base", own.base.is_some() && own.base == below.base),
        ("endpoints", !own.endpoints.is_empty() && own.endpoints == below.endpoints),
        ("prices", !own.prices.is_empty() && own.prices == below.prices),
    ];
    let lists = lists.into_iter().filter(|(_, equal)| *equal).map(|(key, _)| key);
    lists.chain(equal(&own.facts, &below.facts, &own.omit)).collect()
}

/// Returns the keys of facts with equal values on both sides, except the omitted ones.
fn equal(own: &Facts, below: &Facts, omitted: &[Fact]) -> Vec<&'static str> {
    let mut below = below.clone();
    omitted.iter().for_each(|fact| below.remove(*fact));
    let same = own.iter().filter(|(fact, value)| *fact != Fact::Capabilities && below.get(*fact) == Some(value));
    let capabilities = own.capabilities();
    let can = capabilities.iter().filter(|(capability, can)| below.capabilities().get(*capability) == Some(*can));
    same.map(|(fact, _)| fact.as_str()).chain(can.map(|(capability, _): (Capability, bool)| capability.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const IMPORTED: &str = "name: Acme\nmodels:\n  - {id: a, context_window: 1000, tool_call: true, prices: [{input: 1, output: 2}]}\n";

    fn with(own: &str) -> Vec<String> {
        let mut found = check(&[("imported/providers/acme.yaml", IMPORTED), ("providers/acme.yaml", own)]);
        found.retain(|found| !found.starts_with("incomplete-provider"));
        found
    }

    #[test]
    fn values_equal_to_the_imported_ones_are_reported() {
        assert_eq!(with("name: Acme\n"), ["restated providers/acme.yaml:2:1"]);
        assert_eq!(with("name: Other\nmodels:\n  - id: a\n    context_window: 2000\n"), Vec::<String>::new());
        assert_eq!(
            with("models:\n  - id: a\n    context_window: 1000\n    tool_call: true\n    prices:\n      - {input: 1, output: 2}\n"),
            ["restated providers/acme.yaml:4:5", "restated providers/acme.yaml:5:5", "restated providers/acme.yaml:6:5"]
        );
        assert_eq!(with("models:\n  - id: b\n    context_window: 1000\n"), Vec::<String>::new());
    }

    #[test]
    fn values_with_a_source_are_not_reported() {
        let cited = |citation: &str| with(&format!("models:\n  - id: a\n    context_window: {{value: 1000, {citation}}}\n"));
        assert_eq!(cited("source: 'https://acme.example'"), Vec::<String>::new());
        assert_eq!(cited("reason: so it is"), ["restated providers/acme.yaml:4:5"]);
        assert_eq!(cited("sauce: x"), ["restated providers/acme.yaml:4:5", "unknown-key providers/acme.yaml:4:35"]);
        assert_eq!(cited("checked: soon"), ["restated providers/acme.yaml:4:5", "invalid-date providers/acme.yaml:4:44"]);
    }
}
