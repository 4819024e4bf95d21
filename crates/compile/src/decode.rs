//! Converts compiled tables back to a resolved catalog. An overlay can be compiled on top of this catalog.

use crate::authored::*;
use crate::resolve::{Origins, Resolved, ResolvedBase, ResolvedLab, ResolvedModel, ResolvedProvider};
use modeldex_table as table;
use modeldex_table::{Catalog, Fact, OriginPart, WireFeature};

/// Returns the owned values of the facts for which `known` returns `true`. `value` returns the value of a fact.
fn facts<'a>(known: impl Fn(Fact) -> bool, value: impl Fn(Fact) -> Option<table::Value<&'a str, table::TextList<'a>>>) -> Facts {
    let mut facts = Facts::default();
    for &fact in Fact::ALL.iter().filter(|fact| known(**fact)) {
        if let Some(value) = value(fact) {
            facts.set(fact, to_owned_value(value));
        }
    }
    facts
}

/// Converts all tables of `catalog`.
pub(crate) fn decode(catalog: &Catalog<'_>) -> Resolved {
    Resolved {
        layers: catalog.layers().map(str::to_owned).collect(),
        labs: catalog.labs().map(|lab| (lab.id().to_owned(), self::lab(lab))).collect(),
        providers: catalog.providers().map(|provider| (provider.id().to_owned(), self::provider(provider))).collect(),
    }
}

fn lab(lab: table::Lab<'_>) -> ResolvedLab {
    let base = |model: table::BaseModel<'_>| ResolvedBase {
        base: BaseModel {
            id: model.id().to_owned(),
            omit: Vec::new(),
            facts: facts(|fact| model.origin(fact).is_some(), |fact| model.value(fact)),
            sources: sources(model.sources()),
        },
        origins: origins(|fact| model.origin(fact)),
    };
    ResolvedLab {
        lab: Lab { name: Some(lab.name().to_owned()), sources: sources(lab.sources()), models: Vec::new() },
        models: lab.models().map(|model| (model.id().to_owned(), base(model))).collect(),
    }
}

fn provider(provider: table::Provider<'_>) -> ResolvedProvider {
    let aliases = provider.models().flat_map(|model| model.aliases().map(move |alias| (alias, model)));
    let alias = |(alias, model): (table::Alias<'_>, table::Model<'_>)| {
        let target = model.id().to_owned();
        let authored = ModelAlias {
            id: alias.id().to_owned(),
            target: target.clone(),
            kind: alias.kind(),
            reason: alias.reason().map(str::to_owned),
            until: alias.until().map(PartialDate),
        };
        (authored.id.clone(), (authored, target))
    };
    ResolvedProvider {
        file: None,
        models: provider.models().map(|model| (model.id().to_owned(), self::model(model))).collect(),
        aliases: aliases.map(alias).collect(),
        provider: Provider {
            extends: provider.extends().map(str::to_owned),
            name: Some(provider.name().to_owned()),
            kind: provider.kind(),
            doc_url: provider.doc_url().map(str::to_owned),
            aliases: provider.aliases().map(provider_alias).collect(),
            sources: sources(provider.sources()),
            endpoints: provider.endpoints().map(endpoint).collect(),
            auth: provider.auth().map(auth).collect(),
            default_model: provider.default_model().map(|model| model.id().to_owned()),
            ..Provider::default()
        },
    }
}

pub(crate) fn provider_alias(alias: table::ProviderAlias<'_>) -> ProviderAlias {
    ProviderAlias {
        id: alias.id().to_owned(),
        kind: alias.kind(),
        reason: alias.reason().map(str::to_owned),
        until: alias.until().map(PartialDate),
    }
}

pub(crate) fn endpoint(endpoint: table::Endpoint<'_>) -> Endpoint {
    let compat = Compat {
        max_tokens_field: endpoint.max_tokens_field(),
        features: WireFeature::ALL.iter().filter_map(|word| Some((*word, endpoint.supports(*word)?))).collect(),
    };
    Endpoint {
        id: Some(endpoint.id().to_owned()).filter(|id| !id.is_empty()),
        base_url: endpoint.base_url().to_owned(),
        api: endpoint.api(),
        region: endpoint.region().map(str::to_owned),
        plan: endpoint.plan().map(str::to_owned),
        headers: endpoint.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        compat: Some(compat).filter(|compat| *compat != Compat::default()),
    }
}

pub(crate) fn auth(auth: table::Auth<'_>) -> Auth {
    let variable = |variable: table::Variable<'_>| Variable {
        env: variable.env().map(str::to_owned).collect(),
        role: variable.role(),
        optional: variable.is_optional(),
        default: variable.default().map(str::to_owned),
    };
    Auth {
        kind: auth.kind(),
        env: auth.env().map(str::to_owned).collect(),
        variables: auth.variables().map(variable).collect(),
        header: auth.header().map(str::to_owned),
        scheme: auth.scheme().map(str::to_owned),
        query: auth.query().map(str::to_owned),
    }
}

fn model(model: table::Model<'_>) -> ResolvedModel {
    let origin = |fact: Fact| model.origin(fact);
    let states = |fact: Fact| origin(fact).is_some();
    // Only a model that states its own endpoints gets a list of endpoints; a model without this list is served by all endpoints.
    let lists_endpoints = origin(Fact::Endpoints).is_some_and(|origin| origin.part != OriginPart::Base);
    let authored = Model {
        id: model.id().to_owned(),
        base: model.base().map(|base| base.reference().to_string()),
        // A fact that the base model has and the model does not have was omitted, unless it requires a capability that the model does not have.
        omit: model.base().map_or_else(Vec::new, |base| {
            let is_impossible = |fact: Fact| fact.required_capability().is_some_and(|capability| model.can(capability) == Some(false));
            let omitted = |fact: &Fact| base.origin(*fact).is_some() && !states(*fact) && *fact != Fact::Sources && !is_impossible(*fact);
            Fact::ALL.iter().copied().filter(omitted).collect()
        }),
        reason: model.reason().map(str::to_owned),
        facts: facts(states, |fact| model.value(fact)),
        endpoints: if lists_endpoints { model.endpoints().map(|endpoint| endpoint.id().to_owned()).collect() } else { Vec::new() },
        prices: model.prices().iter().map(price).collect(),
        sources: sources(model.sources()),
    };
    ResolvedModel { model: authored, origins: origins(origin), index: None }
}

fn origins(of: impl Fn(Fact) -> Option<table::Origin>) -> Origins {
    let mut origins = Origins::default();
    for &fact in Fact::ALL {
        origins.0[fact.code() as usize] = of(fact).map_or(0, table::Origin::code);
    }
    origins
}

/// Returns the price list of a model as catalog files state it: an entry states its currency only if the currency differs from that of the previous
/// entry.
pub fn authored_prices(model: table::Model<'_>) -> Vec<Price> {
    let mut list: Vec<Price> = model.prices().iter().map(price).collect();
    // An entry without a currency has the currency of the previous entry; the first entry has US dollars.
    let mut currency = table::Currency::Usd;
    for price in &mut list {
        let stated = price.currency.take();
        price.currency = stated.filter(|stated| *stated != currency);
        currency = stated.unwrap_or(currency);
    }
    list
}

pub(crate) fn price(price: table::PriceEntry<'_>) -> Price {
    Price {
        condition: price.condition().map_region(str::to_owned),
        currency: Some(price.currency()),
        rates: Rates(price.rates().map(|(meter, rate)| (meter, rate.authored(meter))).collect()),
    }
}

pub(crate) fn sources<'a>(sources: impl Iterator<Item = table::Source<'a>>) -> Vec<SourceLink> {
    sources.map(|source| SourceLink { url: source.url().to_owned(), checked: source.checked().map(PartialDate) }).collect()
}
