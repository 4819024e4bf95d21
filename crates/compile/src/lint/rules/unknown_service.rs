use super::common::*;
use crate::validate::AuthoredFiles;

pub(super) fn check(layer: &AuthoredFiles, findings: &mut Findings) {
    let Some(map) = layer.provider_map.as_ref().filter(|doc| !layer.is_broken(FileKind::ProviderMap, &doc.id)) else { return };
    let Some(sources) = &layer.sources else { return };
    let known = &map.value.providers;
    let mut suggest = Suggest::new();
    let mut report = |pointer: String, id: &str| {
        if !known.contains_key(id) {
            findings
                .add(&codes::UNKNOWN_SERVICE, sources.at(pointer), format!("`provider-map.yaml` has no provider `{id}`"))
                .maybe_help(suggest.help(id, known.keys().map(String::as_str)));
        }
    };
    for (name, source) in &sources.value.sources {
        for (index, id) in source.first_party.iter().enumerate() {
            report(pointer!("sources", name, "first_party", index), id);
        }
        for (fault, known_fault) in source.faults.iter().enumerate() {
            for (index, id) in known_fault.providers.iter().enumerate() {
                report(pointer!("sources", name, "faults", fault, "providers", index), id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const SOURCES: &str = "sources:\n  a: {name: A, licence: MIT, first_party: [acme], faults: [{kind: no-dates, providers: [acme]}]}\n";

    #[test]
    fn unknown_providers() {
        let with = |map| check(&[("providers/acme.yaml", ACME), ("sources.yaml", SOURCES), ("provider-map.yaml", map)]);
        assert_eq!(with("providers: {bolt: {a: [bolt]}}\n"), ["unknown-service sources.yaml:3:44", "unknown-service sources.yaml:3:89"]);
        assert!(with("providers: {acme: {a: [acme]}}\n").is_empty());
        assert!(check(&[("providers/acme.yaml", ACME), ("sources.yaml", SOURCES)]).is_empty());
    }
}
