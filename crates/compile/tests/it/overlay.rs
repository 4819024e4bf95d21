//! An overlay changes only what it states.

use crate::BUILT_IN;
use crate::folder::Folder;
use modeldex_compile::compile_overlay;
use modeldex_table::{Auth, Capability, Catalog, Endpoint, Fact, MaxTokensField, Model, Provider, WireFeature};
use std::fs;

/// Describes a model with all facts, except their origins.
fn known(model: Model<'_>) -> String {
    let capabilities: Vec<_> = Capability::ALL.iter().map(|capability| model.can(*capability)).collect();
    let facts: Vec<_> = Fact::ALL.iter().filter(|fact| model.origin(**fact).is_some()).collect();
    format!(
        "{:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {capabilities:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {facts:?}",
        model,
        model.name(),
        model.family(),
        model.kind(),
        model.context_window(),
        model.max_input_tokens(),
        model.max_output_tokens(),
        model.input(),
        model.output(),
        model.reasoning_efforts(),
        model.open_weights(),
        model.release_date(),
        model.knowledge_cutoff(),
        model.status(),
        model.billing(),
        model.retirement_date(),
        model.lifecycle().replacement,
        model.weights().collect::<Vec<_>>(),
        model.endpoints().map(|endpoint| endpoint.base_url()).collect::<Vec<_>>(),
        model.prices().iter().collect::<Vec<_>>(),
    )
}

/// Describes endpoints and authentication methods of a provider.
fn routing(provider: Provider<'_>) -> String {
    let endpoint = |endpoint: Endpoint<'_>| {
        let features: Vec<_> = WireFeature::ALL.iter().map(|feature| endpoint.supports(*feature)).collect();
        let headers: Vec<_> = endpoint.headers().collect();
        format!("{endpoint:?} {:?} {:?} {features:?} {headers:?}", endpoint.region(), endpoint.max_tokens_field())
    };
    let auth = |auth: Auth<'_>| {
        format!("{} {:?} {:?} {:?} {:?}", auth.kind(), auth.env().collect::<Vec<_>>(), auth.header(), auth.scheme(), auth.query())
    };
    format!("{:?} {:?}", provider.endpoints().map(endpoint).collect::<Vec<_>>(), provider.auth().map(auth).collect::<Vec<_>>())
}

fn compare(below: &Catalog<'_>, above: &Catalog<'_>) {
    for (before, after) in below.providers().zip(above.providers()) {
        assert_eq!(routing(before), routing(after));
    }
    assert_eq!(below.models().len(), above.models().len());
    for (before, after) in below.models().zip(above.models()) {
        assert_eq!(known(before), known(after));
    }
}

#[test]
fn empty_entries_change_nothing() {
    let below = BUILT_IN.catalog();
    let files: Vec<(String, String)> = below
        .providers()
        .map(|provider| {
            let models: String = provider.models().map(|model| format!("  - id: \"{}\"\n", model.id())).collect();
            let models = if models.is_empty() { models } else { format!("models:\n{models}") };
            (format!("providers/{}.yaml", provider.id()), format!("extends: {}\n{models}", provider.id()))
        })
        .collect();
    let over = compile_overlay(&below, &Folder::new(&files).0);
    assert!(!over.has_errors(), "{:?}", over.diagnostics);
    over.catalog().verify().unwrap();
    compare(&below, &over.catalog());
}

#[test]
fn an_empty_overlay_gives_the_same_catalog() {
    let below = BUILT_IN.catalog();
    let folder = Folder::new(&[("", ""); 0]);
    fs::create_dir_all(folder.0.join("providers")).unwrap();
    let over = compile_overlay(&below, &folder.0);
    assert!(over.diagnostics.is_empty(), "{:?}", over.diagnostics);
    compare(&below, &over.catalog());
}

#[test]
fn changes_of_a_lab_reach_inheriting_models() {
    let below = BUILT_IN.catalog();
    let lab = "name: Moonshot AI\nmodels:\n  - id: kimi-k2.6\n    context_window: 300000\n";
    let over = compile_overlay(&below, &Folder::new(&[("models/moonshotai.yaml", lab)]).0);
    assert!(!over.has_errors(), "{:?}", over.diagnostics);
    let catalog = over.catalog();
    let model = catalog.model("moonshotai/kimi-k2.6").unwrap();
    assert_eq!(model.context_window(), Some(300_000));
    assert_eq!(model.origin(Fact::ContextWindow).unwrap().layer, 1);
    // Other facts are unchanged, and so are models that state the fact themselves.
    assert_eq!(model.family(), Some("kimi-k2"));
    assert_eq!(catalog.model("kimi-coding/kimi-k2.5").unwrap().context_window(), Some(256_000));
}

#[test]
fn routing_survives_encoding_and_decoding() {
    let provider = "name: Acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: openai-completions\n    headers: {X-B: \"2\", X-A: \"1\"}\n    compat: {max_tokens_field: max_completion_tokens, store: false, stream_usage: true}\nauth:\n  - {kind: api-key, env: [ACME_API_KEY], header: Authorization, scheme: Token}\n  - {kind: api-key, env: [ACME_API_KEY], query: key}\n";
    let below = BUILT_IN.catalog();
    let over = compile_overlay(&below, &Folder::new(&[("providers/acme.yaml", provider)]).0);
    assert!(!over.has_errors(), "{:?}", over.diagnostics);
    let again = compile_overlay(&over.catalog(), &Folder::new(&[("providers/acme.yaml", "extends: acme\n")]).0);
    again.catalog().verify().unwrap();
    compare(&over.catalog(), &again.catalog());
    let catalog = again.catalog();
    let acme = catalog.provider("acme").unwrap();
    let endpoint = acme.endpoints().next().unwrap();
    assert!(endpoint.headers().eq([("X-A", "1"), ("X-B", "2")]));
    assert_eq!(endpoint.max_tokens_field(), Some(MaxTokensField::MaxCompletionTokens));
    let features = WireFeature::ALL.iter().map(|feature| endpoint.supports(*feature));
    assert!(features.eq([None, Some(false), None, Some(true)]));
    let places: Vec<_> = acme.auth().map(|way| (way.header(), way.scheme(), way.query())).collect();
    assert_eq!(places, [(Some("Authorization"), Some("Token"), None), (None, None, Some("key"))]);
}

#[test]
fn an_authored_alias_replaces_an_inherited_one() {
    let below = BUILT_IN.catalog();
    let provider = "extends: kimi-coding\nmodel_aliases:\n  - {id: k2p5, target: mine, kind: display}\nmodels:\n  - id: mine\n";
    let over = compile_overlay(&below, &Folder::new(&[("providers/kimi-coding.yaml", provider)]).0);
    assert!(!over.has_errors(), "{:?}", over.diagnostics);
    assert_eq!(over.catalog().model("kimi-coding/k2p5").unwrap().id(), "mine");
}
