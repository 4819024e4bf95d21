//! Invariants of the built-in catalog.

use modeldex::*;

#[test]
fn tables_are_sorted_unique_and_in_bounds() {
    CATALOG.verify().unwrap();
    for model in CATALOG.models() {
        assert_eq!(CATALOG.model(&model.reference().to_string()).unwrap(), model);
    }
    for alias in CATALOG.aliases() {
        assert_eq!(CATALOG.model(&alias.reference().to_string()).ok(), alias.model());
    }
}

#[test]
fn kimi_coding_facts() {
    let model = model!("kimi-coding/kimi-k2.5");
    let provider = ProviderId::KimiCoding.provider();
    let endpoint = provider.endpoints().next().unwrap();
    assert_eq!(endpoint.base_url(), "https://api.moonshot.cn/v1");
    assert_eq!(endpoint.api(), Api::OpenaiCompletions);
    assert_eq!(endpoint.region(), Some("cn"));
    assert_eq!(endpoint.max_tokens_field(), Some(MaxTokensField::MaxTokens));
    let features = [WireFeature::DeveloperRole, WireFeature::Store, WireFeature::ReasoningEffort, WireFeature::StreamUsage];
    assert_eq!(features.map(|feature| endpoint.supports(feature)), [Some(false), Some(false), Some(false), None]);
    assert!(provider.auth().next().unwrap().env().eq(["KIMI_API_KEY"]));
    assert_eq!((model.context_window(), model.max_output_tokens()), (Some(256_000), Some(8_192)));
    assert!(model.input().iter().eq([Modality::Text]));
    assert_eq!(model.can(Capability::Reasoning), Some(false));
    assert_eq!(model.billing(), Billing::Unpriced);
    assert!(model.prices().is_empty() && model.is_default());
}

#[test]
fn references_resolve_by_alias() {
    let found = CATALOG.resolve("kimi-coding/k2p5").unwrap();
    assert_eq!(found.model, model!("kimi-coding/kimi-k2.5"));
    let alias = found.alias.unwrap();
    assert_eq!(alias.kind(), AliasKind::Legacy);
    assert!(alias.reason().is_some());

    let found = CATALOG.resolve("moonshot/kimi-k2.5").unwrap();
    assert_eq!(found.model, model!("moonshotai/kimi-k2.5"));
    assert_eq!(found.provider_alias.unwrap().id(), "moonshot");
    assert!(found.alias.is_none());

    // The id contains a slash: references are split at the first one.
    assert_eq!(CATALOG.model("openrouter/moonshotai/kimi-k2.5").unwrap().id(), "moonshotai/kimi-k2.5");
}

#[test]
fn unknown_reference_suggests_the_nearest() {
    for (reference, nearest) in [
        ("kimi-coding/k2p6", "kimi-coding/kimi-k2.5"),
        ("kimi-codng/kimi-k2.5", "kimi-coding/kimi-k2.5"),
        ("moonshotai/kimi-k2-thinkng", "moonshotai/kimi-k2-thinking"),
    ] {
        let error = CATALOG.model(reference).unwrap_err();
        assert!(error.to_string().contains(nearest), "{error}");
    }
    assert!(CATALOG.model("kimi").unwrap_err().to_string().contains("expected a model reference"));
    assert!(CATALOG.model("").is_err() && CATALOG.model("/").is_err() && CATALOG.model("kimi-coding/").is_err());
}

#[test]
fn region_with_prices_in_another_currency() {
    let prices = model!("moonshotai/kimi-k2.6").prices();
    let dollars = prices.base_rates().unwrap();
    assert_eq!((dollars.currency(), dollars.get(Meter::Input)), (Currency::Usd, Some(Rate::parse("0.95").unwrap())));
    let yuan = prices.rates_for(&RequestContext { region: Some("cn"), ..RequestContext::default() }).unwrap();
    assert_eq!((yuan.currency(), yuan.get(Meter::Input)), (Currency::Cny, Some(Rate::parse("6.5").unwrap())));
}

/// The data model has no unused parts: each vocabulary value occurs in the catalog.
#[test]
fn every_word_occurs() {
    macro_rules! assert_all {
        ($vocabulary:ident, $used:expr) => {
            let used: Vec<$vocabulary> = $used.collect();
            for word in $vocabulary::ALL {
                assert!(used.contains(word), "no fact of the catalog uses {} `{word}`", stringify!($vocabulary));
            }
        };
    }
    let endpoints = || CATALOG.providers().flat_map(Provider::endpoints);
    let auth = || CATALOG.providers().flat_map(Provider::auth);
    let prices = || CATALOG.models().flat_map(|model| model.prices().iter());
    assert_all!(Api, endpoints().map(Endpoint::api));
    assert_all!(MaxTokensField, endpoints().filter_map(Endpoint::max_tokens_field));
    assert_all!(ProviderKind, CATALOG.providers().filter_map(Provider::kind));
    assert_all!(AuthKind, auth().map(Auth::kind));
    assert_all!(VariableRole, auth().flat_map(Auth::variables).map(Variable::role));
    assert_all!(Modality, CATALOG.models().flat_map(|model| model.input().iter().chain(model.output().iter()).collect::<Vec<_>>()));
    assert_all!(ModelKind, CATALOG.models().map(Model::kind));
    assert_all!(Status, CATALOG.models().map(Model::status));
    assert_all!(Billing, CATALOG.models().map(Model::billing));
    assert_all!(ReasoningEffort, CATALOG.models().flat_map(|model| model.reasoning_efforts().iter().collect::<Vec<_>>()));
    assert_all!(AliasKind, CATALOG.aliases().map(Alias::kind).chain(CATALOG.provider_aliases().map(ProviderAlias::kind)));
    assert_all!(Currency, prices().map(PriceEntry::currency));
    assert_all!(ServiceTier, prices().filter_map(|price| price.condition().tier));
    assert_all!(Meter, prices().flat_map(|price| price.rates().map(|(meter, _)| meter).collect::<Vec<_>>()));
    for capability in Capability::ALL {
        assert!(CATALOG.models().any(|model| model.can(*capability).is_some()), "no model states {capability}");
    }
    for feature in WireFeature::ALL {
        assert!(endpoints().any(|endpoint| endpoint.supports(*feature).is_some()), "no endpoint states {feature}");
    }
    assert!(endpoints().any(|endpoint| endpoint.headers().len() > 0));
    let conditions = || prices().map(PriceEntry::condition);
    assert!(conditions().any(|condition| condition.above.is_some()));
    assert!(conditions().any(|condition| condition.from.is_some()));
    assert!(conditions().any(|condition| condition.until.is_some()));
    assert!(conditions().any(|condition| condition.hours.is_some()));
    assert!(conditions().any(|condition| condition.region.is_some()));
    assert!(CATALOG.models().any(|model| model.lifecycle().replacement.is_some()));
    assert!(CATALOG.models().any(|model| model.deprecation_date().is_some()));
    assert!(CATALOG.models().any(|model| model.retirement_date().is_some()));
    assert!(CATALOG.providers().any(|provider| provider.endpoints().len() > 1));
    assert!(endpoints().any(|endpoint| endpoint.variables().next().is_some()));
}

/// Every price list has rates for every request context, without panics.
#[test]
fn price_lists_have_rates_for_all_contexts() {
    let moments = ["2025-01-01", "2026-08-16T16:00Z", "2026-11-22T03:00Z", "2026-11-23T07:30Z"].map(|text| Moment::parse(text).unwrap());
    for model in CATALOG.models().filter(|model| model.billing() == Billing::Metered) {
        for tokens in [0, 100_000, 300_000, u64::MAX] {
            for tier in [None, Some(ServiceTier::Batch), Some(ServiceTier::Priority)] {
                for at in moments {
                    let context = RequestContext { input_tokens: tokens, tier, at: Some(at), region: Some("cn") };
                    let rates = model.prices().rates_for(&context).unwrap();
                    assert!(rates.iter().count() > 0, "{model:?}");
                }
            }
        }
    }
}

/// Panic messages of invalid references in `model!`. The examples of the macro check that these do not compile.
#[test]
fn invalid_reference_in_model_macro_panics_with_reason() {
    for (reference, expected) in [
        ("kimi-coding/k2p6", "provider `kimi-coding` has no model `k2p6`; `modeldex models list --all --provider kimi-coding` lists"),
        ("kimi-coding/kimi-k25", "provider `kimi-coding` has no model `kimi-k25`; did you mean `kimi-k2.5`?"),
        ("kimi-codng/kimi-k2.5", "the catalog has no provider `kimi-codng`; did you mean `kimi-coding`?"),
        ("kimi-coding/k2p5", "legacy alias"),
        ("kimi-k2.5", "expected a model reference, such as `openai/gpt-5.5`"),
    ] {
        let panic = std::panic::catch_unwind(|| CATALOG.index_of(reference)).unwrap_err();
        let message = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str)).unwrap();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(CATALOG.model_at(CATALOG.index_of("moonshot/kimi-k2.5")), Some(model!("moonshotai/kimi-k2.5")));
}
