//! Reads an evidence file, and computes the imported catalog from it.
//!
//! The evidence is rendered and read again without a change. Computing twice gives the same files. No claim becomes an endpoint or an authentication
//! method of the imported catalog, because nothing is confirmed.

use crate::fixture;
use modeldex_compile::authored::routing::Routing;
use modeldex_formats::ProviderIdMap;
use modeldex_import::evidence::{Evidence, ProviderEvidence};
use modeldex_import::imported::ImportedCatalog;
use modeldex_import::routing_check::RoutingCheck;
use std::path::PathBuf;

pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(provider) = ProviderEvidence::parse(&text) else { return };
    check_round_trip("acme", &provider);
    let evidence = Evidence { providers: [("acme".to_owned(), provider)].into() };
    compute(evidence, fixture::provider_map("models.dev"));
}

/// Checks that rendered evidence is read as the same evidence.
pub(crate) fn check_round_trip(id: &str, provider: &ProviderEvidence) {
    let rendered = provider.render(id).expect("evidence is rendered");
    let again = ProviderEvidence::parse(&rendered).expect("rendered evidence is read");
    assert_eq!(&again, provider, "{rendered}");
    assert_eq!(again.render(id).expect("evidence is rendered"), rendered);
}

/// Computes and checks the imported catalog, and returns its files.
pub(crate) fn compute(mut evidence: Evidence, map: &ProviderIdMap) -> Vec<(PathBuf, String)> {
    let nothing = Routing::default();
    let claims = evidence.render().expect("evidence is rendered");
    let mut compute = || ImportedCatalog::compute(&mut evidence, fixture::sources(), map, RoutingCheck::Confirmed(&nothing));
    let (imported, again) = (compute(), compute());
    for (id, provider) in &imported.providers {
        assert!(provider.endpoints.is_empty() && provider.auth.is_empty(), "{id} has routing that nobody confirmed: {provider:?}");
    }
    assert_eq!(imported, again);
    assert_eq!(evidence.render().expect("evidence is rendered"), claims, "a decision changes no claim");
    let files = imported.files();
    for (path, text) in &files {
        assert!(modeldex_yaml::parse(text).is_ok(), "{}: {text}", path.display());
    }
    files
}
