use super::common::*;
use crate::validate::AuthoredFiles;

pub(super) fn check(layer: &AuthoredFiles, findings: &mut Findings) {
    let Some(sources) = layer.sources.as_ref().filter(|doc| !layer.is_broken(FileKind::Sources, &doc.id)) else { return };
    let known = &sources.value.sources;
    let mut suggest = Suggest::new();
    let mut report = |place: Place, name: &str| {
        if !known.contains_key(name) {
            findings
                .add(&codes::UNKNOWN_SOURCE, place, format!("`sources.yaml` has no source `{name}`"))
                .maybe_help(suggest.help(name, known.keys().map(String::as_str)));
        }
    };
    for (name, source) in known {
        for (index, parent) in source.derived_from.iter().enumerate() {
            report(sources.at(pointer!("sources", name, "derived_from", index)), parent);
        }
    }
    let Some(map) = &layer.provider_map else { return };
    for (provider, mapped) in &map.value.providers {
        for source in mapped.ids.keys() {
            report(map.key(pointer!("providers", provider, source)), source);
        }
    }
    for source in map.value.skip.keys() {
        report(map.key(pointer!("skip", source)), source);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const SOURCES: &str = "sources:\n  a: {name: A, licence: MIT}\n  b: {name: B, licence: MIT, derived_from: [a]}\n";
    const MAP: &str = "providers:\n  acme: {kind: lab, a: [acme]}\nskip:\n  b: {search: a web search}\n";

    #[test]
    fn unknown_sources() {
        let (sources, map) = (SOURCES.replace("[a]", "[a, c]"), MAP.replace("a: [acme]", "a: [acme], d: [acme]").replace("b:", "e:"));
        assert_eq!(
            check(&[("providers/acme.yaml", ACME), ("sources.yaml", &sources), ("provider-map.yaml", &map)]),
            ["unknown-source provider-map.yaml:3:32", "unknown-source provider-map.yaml:5:3", "unknown-source sources.yaml:4:48",]
        );
        assert!(check(&[("providers/acme.yaml", ACME), ("sources.yaml", SOURCES), ("provider-map.yaml", MAP)]).is_empty());
    }

    #[test]
    fn missing_or_invalid_sources_are_not_reported_as_unknown() {
        assert!(check(&[("providers/acme.yaml", ACME), ("provider-map.yaml", MAP)]).is_empty());
        let broken = "sources:\n  a: {name: A, licence: MIT}\n  b: {name: B}\n";
        let found = check(&[("providers/acme.yaml", ACME), ("sources.yaml", broken), ("provider-map.yaml", MAP)]);
        assert_eq!(found, ["missing-key sources.yaml:4:6"]);
    }
}
