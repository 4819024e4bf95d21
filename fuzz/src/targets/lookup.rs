//! Looks up references, ids, aliases and words of vocabularies, one per line.
//!
//! A resolved reference names a model that its own reference resolves to. A suggestion for an unknown reference can be resolved.

use crate::fixture;
use modeldex_client::credential;
use modeldex_formats::filter::{FILTER_PARAMETERS, ModelFilter, ParameterParser};
use modeldex_formats::provider_map::is_provider_id;
use modeldex_formats::statement::FactKey;
use modeldex_formats::{EMIT_TARGETS, SortKey, emit_target};
use modeldex_table::nearest::nearest;

pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    // The nearest of all references takes time for each line.
    text.lines().take(64).for_each(line);
}

fn line(text: &str) {
    let catalog = fixture::catalog();
    match catalog.resolve(text) {
        Ok(found) => {
            let reference = found.model.reference().to_string();
            let again = catalog.resolve(&reference).expect("the reference of a model resolves");
            assert!(again.model.index() == found.model.index() && again.alias.is_none() && again.provider_alias.is_none(), "{text}");
            let (provider, id) = text.split_once('/').expect("a reference has a slash");
            assert_eq!(catalog.resolve_in(provider, id).map(|found| found.model.index()), Some(found.model.index()));
        }
        Err(unknown) => {
            assert!(!unknown.to_string().is_empty());
            for model in unknown.nearest() {
                assert!(catalog.model(&model.reference().to_string()).is_ok());
            }
            if let Some((provider, id)) = text.split_once('/') {
                assert!(catalog.resolve_in(provider, id).is_none(), "{text}");
            }
        }
    }
    if let Some(provider) = catalog.provider(text) {
        assert!(catalog.provider(provider.id()).is_some_and(|again| again.index() == provider.index()));
    }
    let names = || EMIT_TARGETS.iter().map(|target| target.name);
    assert_eq!(emit_target(text).map(|target| target.name), names().find(|name| *name == text));
    assert!(emit_target(text).is_none() || nearest(text, names()) == Some(text));
    let mut filter = ModelFilter::default();
    for parameter in FILTER_PARAMETERS {
        match parameter.parser {
            ParameterParser::Value(parse) => drop(parse(&mut filter, text)),
            ParameterParser::Vocabulary(_, parse) => drop(parse(&mut filter, text)),
        }
    }
    let _ = catalog.models().filter(|model| filter.matches(*model, None)).count();
    let _ = (SortKey::parse(text), is_provider_id(text));
    if let Ok(key) = text.parse::<FactKey>() {
        assert_eq!(key.to_string().parse::<FactKey>().as_ref(), Ok(&key), "{text}");
    }
    if let Ok(Some(name)) = credential::parse_reference(text) {
        assert!(credential::is_variable_name(name), "{text}");
    }
    let (stripped, changed) = credential::strip_whitespace_and_quotes(text);
    assert!(stripped.len() == text.len() || changed, "{text}");
}
