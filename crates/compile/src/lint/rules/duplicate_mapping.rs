use super::common::*;
use crate::validate::AuthoredFiles;
use std::collections::HashMap;

pub(super) fn check(layer: &AuthoredFiles, findings: &mut Findings) {
    let Some(map) = &layer.provider_map else { return };
    let mut first: HashMap<(&str, &str), (&str, String)> = HashMap::new();
    for (provider, mapped) in &map.value.providers {
        for (source, ids) in &mapped.ids {
            for (index, id) in ids.iter().enumerate() {
                let here = pointer!("providers", provider, source, index);
                if let Some((other, there)) = first.get(&(source, id)) {
                    let message = match *other == provider {
                        true => format!("the id `{id}` of the source `{source}` is listed twice for the provider `{provider}`"),
                        false => format!("the id `{id}` of the source `{source}` is mapped to two providers, `{other}` and `{provider}`"),
                    };
                    findings
                        .add(&codes::DUPLICATE_MAPPING, map.at(here), message)
                        .also(map.at(there), format!("`{id}` is mapped to `{other}` here"));
                    continue;
                }
                if map.value.skip.get(source).is_some_and(|ids| ids.contains_key(id)) {
                    let message = format!("the id `{id}` of the source `{source}` is both mapped to `{provider}` and listed under `skip`");
                    findings
                        .add(&codes::DUPLICATE_MAPPING, map.at(&here), message)
                        .also(map.key(pointer!("skip", source, id)), format!("`skip` lists `{id}` here"));
                }
                first.insert((source, id), (provider, here));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn an_id_maps_to_one_provider() {
        let with = |map| check(&[("providers/acme.yaml", ACME), ("provider-map.yaml", map)]);
        assert_eq!(with("providers:\n  a: {x: [one]}\n  b: {x: [two, one]}\n"), ["duplicate-mapping provider-map.yaml:4:16"]);
        assert_eq!(with("providers:\n  a: {x: [one, one]}\n"), ["duplicate-mapping provider-map.yaml:3:16"]);
        assert_eq!(with("providers:\n  a: {x: [one]}\nskip:\n  x: {one: why}\n"), ["duplicate-mapping provider-map.yaml:3:11"]);
        assert!(with("providers:\n  a: {x: [one], y: [one]}\n  b: {x: [two]}\nskip:\n  x: {three: why}\n").is_empty());
    }
}
