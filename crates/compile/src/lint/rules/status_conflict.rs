use super::common::*;
use modeldex_table::{Catalog, Fact, Model, Status};
use std::collections::{HashMap, HashSet};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let contested = contested(&context.catalog);
    for doc in &context.files.providers {
        let Some((provider, own)) = resolved(context, doc).zip(context.catalog.provider(&doc.id)) else { continue };
        for model in own.models().filter(|model| keys(*model).any(|key| contested.contains(&key))) {
            let entry = |model: Model<'_>| context.resolved.providers.get(model.provider().id())?.models.get(model.id())?.index;
            let Some(index) = provider.models.get(model.id()).and_then(|model| model.index) else { continue };
            // If both entries of a pair are in files, only the first entry is reported.
            let is_other = |rival: &Model<'_>| model.provider().index() < rival.provider().index() || entry(*rival).is_none();
            for rival in model.models_with_same_id_and_base_url().filter(is_other).filter(|rival| contradicts(model, *rival)) {
                let (one, one_status) = (model.reference(), model.status());
                let (other, other_status) = (rival.reference(), rival.status());
                let message =
                    format!("the model `{one}` is {one_status}, but the model `{other}`, with the same id and base URL, is {other_status}");
                let rival_doc = context.files.providers.iter().find(|doc| doc.id == rival.provider().id());
                let other_place = rival_doc.zip(entry(rival)).map(|(doc, index)| place(doc, index));
                findings
                    .add(&codes::STATUS_CONFLICT, place(doc, index), message)
                    .also(other_place, format!("`{other}` is {other_status}"))
                    .help("make the two statuses agree, or add the key `reason` to one of the two entries, to explain the difference");
            }
        }
    }
}

/// Returns the place of the status of an entry, or of its id if it states no status.
fn place(doc: &Doc<Provider>, index: usize) -> Place {
    let states = doc.value.models.get(index).is_some_and(|own| own.facts.states(Fact::Status));
    doc.at(pointer!("models", index, if states { Fact::Status.as_str() } else { "id" }))
}

/// Returns whether two models have different statuses and neither states a reason.
fn contradicts(one: Model<'_>, other: Model<'_>) -> bool {
    one.status() != other.status() && one.reason().is_none() && other.reason().is_none()
}

/// Returns the keys that models with different statuses share. There are few such keys, so few models need to be compared.
fn contested<'c>(catalog: &'c Catalog<'c>) -> HashSet<Key<'c>> {
    let mut first: HashMap<Key<'c>, Status> = HashMap::new();
    let models = catalog.models().flat_map(|model| keys(model).map(move |key| (key, model.status())));
    models.filter(|(key, status)| first.entry(*key).or_insert(*status) != status).map(|(key, _)| key).collect()
}

/// Returns the pairs of base URL and id by which requests can address a model.
fn keys<'c>(model: Model<'c>) -> impl Iterator<Item = Key<'c>> {
    model.endpoints().map(move |endpoint| (endpoint.normalized_base_url(), model.id()))
}

/// A base URL and an id.
type Key<'c> = (&'c str, &'c str);

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    fn found(acme: &str, other: &str) -> Vec<String> {
        let file = |models: &str| format!("{ACME}models:\n{models}");
        check(&[("providers/acme.yaml", &file(acme)), ("providers/other.yaml", &file(other))])
    }

    #[test]
    fn one_model_with_two_statuses() {
        let retired = "  - id: a\n    status: retired\n";
        assert_eq!(found("  - id: a\n", retired), ["status-conflict providers/acme.yaml:10:9"]);
        assert_eq!(found(retired, "  - id: a\n"), ["status-conflict providers/acme.yaml:11:13"]);
        assert!(found(retired, retired).is_empty());
        assert!(found("  - id: b\n", retired).is_empty());
    }

    #[test]
    fn aliases_and_other_base_urls_do_not_conflict() {
        let retired = "  - id: a\n    status: retired\n";
        // An alias is sent as the id of its model, and another base URL addresses another model.
        let file = |more: &str, models: &str| format!("{ACME}{more}models:\n{models}");
        let alias = "model_aliases:\n  - {id: a, target: b, kind: moving}\n";
        let found = |acme: &str, other: &str| check(&[("providers/acme.yaml", acme), ("providers/other.yaml", other)]);
        assert!(found(&file(alias, "  - id: b\n"), &file("", retired)).is_empty());
        let elsewhere = ACME.replace("https://", "https://elsewhere.").replace("ACME_", "OTHER_") + "models:\n" + retired;
        assert!(found(&file("", "  - id: a\n"), &elsewhere).is_empty());
    }

    #[test]
    fn each_pair_of_three_is_reported_once() {
        let file = |models: &str| format!("{ACME}models:\n{models}");
        let (one, two, three) =
            (file("  - id: a\n"), file("  - id: a\n    status: retired\n"), file("  - id: a\n    status: deprecated\n"));
        let found = check(&[("providers/one.yaml", &one), ("providers/two.yaml", &two), ("providers/three.yaml", &three)]);
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_reason_resolves_the_conflict() {
        let retired = "  - id: a\n    status: retired\n";
        assert!(found("  - id: a\n    reason: This plan keeps it.\n", retired).is_empty());
    }
}
