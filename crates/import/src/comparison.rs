//! Comparison of a catalog with its evidence. For each fact, the comparison has the catalog value, the claims of sources and, if a hand-written value
//! differs from the imported value, the override. All commands that show or count evidence use this module, so that their results agree.

use crate::decision::Rule;
use crate::evidence::{Claim, EvidenceLine, FactEvidence, ProviderEvidence, SourceName};
use crate::statement::{FactKey, Money, UntypedValue, Value, split_capabilities};
use modeldex_compile::authored::{self, to_owned_value};
use modeldex_table::{BaseModel, Billing, Currency, Date, Fact, FactGroup, FactType, Model, Origin, OriginPart, Provider};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Value that the catalog has for a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogValue {
    /// The value.
    pub value: Value,
    /// Part of the catalog that states the value, such as the entry of the model or of its base model.
    pub part: OriginPart,
    /// Whether the file that states the value is imported.
    pub imported: bool,
}

/// Values that the catalog has for the facts of one model, base model or provider.
pub type CatalogValues = BTreeMap<FactKey, CatalogValue>;

/// Lines about one model or provider in an evidence file. Sources may list a model under several ids, and each id has its own line.
#[derive(Clone, Debug, Default)]
pub struct EvidenceLines<'e> {
    /// Line for the provider itself, or for the model id that the catalog uses. `None` if no source uses this id.
    pub primary: Option<&'e EvidenceLine>,
    /// Lines of the model's aliases, each with the alias.
    pub aliases: Vec<(&'e str, &'e EvidenceLine)>,
}

/// Value of a fact, with the claims of sources that state this value.
#[derive(Clone, Debug)]
pub struct ValueClaims<'e> {
    /// The value.
    pub value: &'e Value,
    /// Claims of sources whose newest snapshot states the value.
    pub current: Vec<SourceClaim<'e>>,
    /// Claims of sources that stated the value in an earlier snapshot, but not in the newest snapshot.
    pub past: Vec<SourceClaim<'e>>,
}

/// Claim of a source, with the id under which the source lists the model.
#[derive(Clone, Copy, Debug)]
pub struct SourceClaim<'e> {
    /// The claim.
    pub claim: &'e Claim,
    /// Alias under which the source lists the model; `None` if the source uses the id of the catalog.
    pub alias: Option<&'e str>,
}

/// Hand-written value of a fact that differs from the imported value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Override {
    /// Value that the catalog has; null if a hand-written file omits the fact.
    #[schemars(with = "Option<UntypedValue>")]
    #[serde(rename = "mine")]
    pub catalog_value: Option<Value>,
    /// Value that the catalog would have without the hand-written file.
    #[schemars(with = "UntypedValue")]
    #[serde(rename = "theirs")]
    pub imported_value: Value,
}

/// Values that the policy chose for the models that inherit from one base model. For each fact, the most frequent value is first. Prices are not
/// included, because models do not inherit prices.
#[derive(Clone, Debug, Default)]
pub struct OfferedValues<'e>(HashMap<&'e FactKey, Vec<ValueWithProviders<'e>>>);

/// Value, and the ids of the providers for which the policy chose this value.
pub type ValueWithProviders<'e> = (&'e Value, Vec<&'e str>);

/// Order of the fact groups in reports. `None` stands for the facts without a fact group, such as `listed` and `base`.
pub const GROUP_ORDER: &[Option<FactGroup>] = &[
    Some(FactGroup::Limits),
    Some(FactGroup::Modalities),
    Some(FactGroup::Capabilities),
    Some(FactGroup::Dates),
    Some(FactGroup::Status),
    Some(FactGroup::Prices),
    Some(FactGroup::Names),
    Some(FactGroup::Providers),
    Some(FactGroup::Aliases),
    None,
];

/// Returns the name of a fact group in `sources.yaml` and in reports, such as `prices`. If `group` is `None`, returns `listing`, the name for facts
/// without a group.
#[must_use]
pub const fn group_name(group: Option<FactGroup>) -> &'static str {
    match group {
        Some(group) => group.as_str(),
        None => "listing",
    }
}

/// Returns the position of a fact's group in [`GROUP_ORDER`].
#[must_use]
pub fn group_rank(key: &FactKey) -> usize {
    GROUP_ORDER.iter().position(|group| *group == key.group()).unwrap_or(GROUP_ORDER.len())
}

/// Returns the catalog values of all facts that a model states or inherits. Kind, status and billing are included only if a file states them. The
/// billing `metered` is never included, because it follows from the prices.
#[must_use]
pub fn model_values(model: Model<'_>) -> CatalogValues {
    let mut values = CatalogValues::new();
    for &fact in Fact::ALL {
        let Some((Origin { part, imported, .. }, value)) = model.origin(fact).zip(model.value(fact)) else { continue };
        let value = match value {
            modeldex_table::Value::Capabilities(stated) => {
                let base = model.base();
                for (capability, can) in stated.iter() {
                    let inherited = base.filter(|base| base.can(capability) == Some(can)).and_then(|base| base.origin(fact));
                    let (part, imported) = inherited.map_or((part, imported), |origin| (OriginPart::Base, origin.imported));
                    values.insert(FactKey::Capability(capability), CatalogValue { value: Value::Flag(can), part, imported });
                }
                continue;
            }
            modeldex_table::Value::Word(word) if word == Billing::Metered.into() => continue,
            modeldex_table::Value::Text(reference) if matches!(fact.fact_type(), FactType::Reference) => {
                relative_reference(model, reference)
            }
            value => to_owned_value(value),
        };
        values.insert(FactKey::Fact(fact), CatalogValue { value, part, imported });
    }
    let (part, imported) = model.origin(Fact::Prices).map_or((OriginPart::Model, false), |origin| (origin.part, origin.imported));
    for (key, money) in authored_rates(&modeldex_compile::authored_prices(model)) {
        values.insert(key, CatalogValue { value: Value::Rate(money), part, imported });
    }
    values
}

/// Returns the catalog values of all facts that a base model states.
#[must_use]
pub fn base_model_values(base: BaseModel<'_>) -> CatalogValues {
    let part = OriginPart::Base;
    let stated = Fact::ALL.iter().filter_map(|fact| Some((*fact, base.origin(*fact)?.imported, to_owned_value(base.value(*fact)?))));
    let by_key = stated
        .flat_map(|(fact, imported, value)| split_capabilities(fact, value).into_iter().map(move |(key, value)| (key, value, imported)));
    by_key.map(|(key, value, imported)| (key, CatalogValue { value, part, imported })).collect()
}

/// Returns the catalog values of those facts of a provider that sources can claim: the name, the documentation URL, and the base URL and wire
/// protocol of the first endpoint.
#[must_use]
pub fn provider_values(provider: Provider<'_>) -> CatalogValues {
    let part = if provider.extends().is_some() { OriginPart::Extended } else { OriginPart::Model };
    let endpoint = provider.endpoints().next();
    let texts = [
        (FactKey::Fact(Fact::Name), Some(provider.name())),
        (FactKey::DocUrl, provider.doc_url()),
        (FactKey::BaseUrl, endpoint.map(modeldex_table::Endpoint::base_url)),
        (FactKey::Api, endpoint.map(|endpoint| endpoint.api().as_str())),
    ];
    let value = |text: &str| CatalogValue { value: Value::Text(text.to_owned()), part, imported: false };
    texts.into_iter().filter_map(|(key, text)| Some((key, value(text?)))).collect()
}

/// Returns the facts and rates of a model in an imported file, with the keys that evidence files use for them, such as `price.input`.
#[must_use]
pub fn imported_model_values(model: &authored::Model) -> BTreeMap<FactKey, Value> {
    let mut all = imported_fact_values(&model.facts);
    all.extend(authored_rates(&model.prices).map(|(key, money)| (key, Value::Rate(money))));
    all
}

/// Returns the facts of an entry in an imported file, with the keys that evidence files use for them, such as `context_window`.
#[must_use]
pub fn imported_fact_values(facts: &authored::Facts) -> BTreeMap<FactKey, Value> {
    facts.iter().flat_map(|(fact, value)| split_capabilities(fact, value.clone())).collect()
}

/// Returns the values that an imported file states for facts of a provider: the name, the documentation URL, and the base URL and wire protocol of
/// the first endpoint. [`provider_values`] returns the catalog values of the same facts.
#[must_use]
pub fn imported_provider_values(provider: &authored::Provider) -> BTreeMap<FactKey, Value> {
    let endpoint = provider.endpoints.first();
    let texts = [
        (FactKey::Fact(Fact::Name), provider.name.clone()),
        (FactKey::DocUrl, provider.doc_url.clone()),
        (FactKey::BaseUrl, endpoint.map(|endpoint| endpoint.base_url.clone())),
        (FactKey::Api, endpoint.map(|endpoint| endpoint.api.as_str().to_owned())),
    ];
    texts.into_iter().filter_map(|(key, text)| Some((key, Value::Text(text?)))).collect()
}

/// Returns the overrides: the facts for which a hand-written file changes or removes the value that the import chose.
///
/// `values` has the catalog values, `imported` has the values in the imported file, and `lines` has the values that the policy chose. A fact is an
/// override in two cases:
///
/// - The imported file states the fact, but the catalog has another value or does not have the fact.
/// - The imported file does not state the fact, because the model inherits it. But the hand-written file states a value in the entry of the model or
///   under `defaults`, and the policy chose another value.
#[must_use]
pub fn overrides(values: &CatalogValues, imported: &BTreeMap<FactKey, Value>, lines: &EvidenceLines<'_>) -> BTreeMap<FactKey, Override> {
    let mut overrides = BTreeMap::new();
    for (key, imported_value) in imported {
        let catalog_value = values.get(key).map(|found| &found.value);
        if catalog_value != Some(imported_value) {
            overrides.insert(key.clone(), Override { catalog_value: catalog_value.cloned(), imported_value: imported_value.clone() });
        }
    }
    for (key, CatalogValue { value, part, .. }) in values {
        let Some(chosen) = lines.decision(key).and_then(|fact| fact.value.as_ref()) else { continue };
        if !imported.contains_key(key) && matches!(part, OriginPart::Model | OriginPart::Defaults) && value != chosen {
            overrides.insert(key.clone(), Override { catalog_value: Some(value.clone()), imported_value: chosen.clone() });
        }
    }
    overrides
}

impl<'e> EvidenceLines<'e> {
    /// Returns the evidence lines about the model `id` of a provider.
    #[must_use]
    pub fn of_model(evidence: &'e ProviderEvidence, id: &str) -> Self {
        let is_alias = |line: &EvidenceLine| decided(line, &FactKey::AliasOf).and_then(Value::text) == Some(id);
        let aliases = evidence.models.iter().filter(|(_, line)| is_alias(line)).map(|(id, line)| (id.as_str(), line)).collect();
        Self { primary: evidence.models.get(id), aliases }
    }

    /// Returns the evidence lines about every model of a provider, by model id. One pass collects what [`EvidenceLines::of_model`] would return for
    /// each model.
    #[must_use]
    pub fn by_model(evidence: &'e ProviderEvidence) -> BTreeMap<&'e str, Self> {
        let mut all: BTreeMap<&str, Self> =
            evidence.models.iter().map(|(id, line)| (id.as_str(), Self { primary: Some(line), aliases: Vec::new() })).collect();
        for (id, line) in &evidence.models {
            if let Some(lines) = decided(line, &FactKey::AliasOf).and_then(Value::text).and_then(|target| all.get_mut(target)) {
                lines.aliases.push((id, line));
            }
        }
        all
    }

    /// Returns the line with the facts of a provider itself, without those of its models.
    #[must_use]
    pub const fn of_provider(evidence: &'e ProviderEvidence) -> Self {
        Self { primary: Some(&evidence.provider), aliases: Vec::new() }
    }

    /// Returns the evidence of a fact, with the decision. Returns `None` if the policy was not applied to the fact.
    #[must_use]
    pub fn decision(&self, key: &FactKey) -> Option<&'e FactEvidence> {
        self.primary?.facts.get(key).filter(|fact| fact.rule.is_some())
    }

    /// Returns all facts that have a claim or a decision. If sources claim a fact under several ids of the model, the fact occurs once for each id.
    pub fn keys(&self) -> impl Iterator<Item = &'e FactKey> {
        let aliases = self.aliases.iter().flat_map(|(_, line)| line.facts.keys()).filter(|key| **key != FactKey::AliasOf);
        self.primary.into_iter().flat_map(|line| line.facts.keys()).chain(aliases)
    }

    /// Returns the claims about a fact. Each source may claim the fact under several ids of the model. If a source claims the fact under the id in
    /// the catalog, only its claims under this id are returned. Otherwise only its claims under one alias are returned: the first alias under which
    /// the source claims the fact.
    pub fn source_claims(&self, key: &FactKey) -> Vec<SourceClaim<'e>> {
        let mut source_claims: Vec<SourceClaim<'e>> =
            self.primary.into_iter().flat_map(|line| line.claims(key)).map(|claim| SourceClaim { claim, alias: None }).collect();
        for (id, line) in &self.aliases {
            if *key == FactKey::AliasOf {
                continue;
            }
            let known_sources: Vec<&SourceName> = source_claims.iter().map(|source_claim| &source_claim.claim.source).collect();
            let new: Vec<SourceClaim<'e>> = line
                .claims(key)
                .iter()
                .filter(|claim| !known_sources.contains(&&claim.source))
                .map(|claim| SourceClaim { claim, alias: Some(id) })
                .collect();
            source_claims.extend(new);
        }
        source_claims
    }

    /// Returns the claims about a fact, grouped by value. The chosen value is first; the others are sorted by descending number of current claims.
    #[must_use]
    pub fn claims_by_value(&self, key: &FactKey) -> Vec<ValueClaims<'e>> {
        let mut groups: Vec<ValueClaims<'e>> = Vec::new();
        for source_claim in self.source_claims(key) {
            let value = &source_claim.claim.value;
            let at = groups.iter().position(|group| group.value == value).unwrap_or_else(|| {
                groups.push(ValueClaims { value, current: Vec::new(), past: Vec::new() });
                groups.len() - 1
            });
            let group = &mut groups[at];
            if source_claim.claim.is_current() { group.current.push(source_claim) } else { group.past.push(source_claim) }
        }
        let chosen = self.decision(key).and_then(|fact| fact.value.as_ref());
        groups.sort_by_key(|group| (Some(group.value) != chosen, std::cmp::Reverse(group.current.len()), group.value.clone()));
        groups
    }

    /// Returns whether the value has evidence: a source claims the value or claimed it in the past, or the policy chose the value.
    #[must_use]
    pub fn supports(&self, key: &FactKey, value: &Value) -> bool {
        self.decision(key).is_some_and(|fact| fact.value.as_ref() == Some(value))
            || self
                .primary
                .into_iter()
                .chain(self.aliases.iter().map(|(_, line)| *line))
                .any(|line| line.claims(key).iter().any(|claim| claim.value == *value))
    }
}

impl<'e> OfferedValues<'e> {
    /// Collects the values that the policy chose for models that inherit from a base model. The key of the result is the reference of the base model,
    /// `lab/model`. `providers` has the id and the evidence of each provider.
    #[must_use]
    pub fn by_base_model(providers: impl IntoIterator<Item = (&'e str, &'e ProviderEvidence)>) -> HashMap<&'e str, Self> {
        let mut all: HashMap<&str, Self> = HashMap::new();
        for (id, provider) in providers {
            for line in provider.models.values() {
                if let Some(base) = base_of(line) {
                    all.entry(base).or_default().add(id, line);
                }
            }
        }
        for values in all.values_mut().flat_map(|offered| offered.0.values_mut()) {
            values.sort_by(|(a, a_providers), (b, b_providers)| b_providers.len().cmp(&a_providers.len()).then_with(|| a.cmp(b)));
        }
        all
    }

    fn add(&mut self, provider: &'e str, line: &'e EvidenceLine) {
        for (key, fact) in line.facts.iter().filter(|(key, fact)| fact.rule.is_some() && !key.is_price()) {
            let Some(value) = &fact.value else { continue };
            let values = self.0.entry(key).or_default();
            match values.iter_mut().find(|(other, _)| *other == value) {
                Some((_, providers)) if providers.last() == Some(&provider) => {}
                Some((_, providers)) => providers.push(provider),
                None => values.push((value, vec![provider])),
            }
        }
    }

    /// Returns whether the policy chose the value for at least one provider.
    #[must_use]
    pub fn supports(&self, key: &FactKey, value: &Value) -> bool {
        self.values(key).iter().any(|(other, _)| *other == value)
    }

    /// Returns the values that the policy chose for a fact, each with the providers for which it chose this value. The most frequent value is first.
    #[must_use]
    pub fn values(&self, key: &FactKey) -> &[ValueWithProviders<'e>] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Returns the policy rule that applied to a fact. Returns `None` if the policy was not applied to the fact.
#[must_use]
pub fn decided_rule(fact: Option<&FactEvidence>) -> Option<Rule> {
    fact.and_then(|fact| fact.rule)
}

/// Returns the base model that was decided for an evidence line.
pub(crate) fn base_of(line: &EvidenceLine) -> Option<&str> {
    decided(line, &FactKey::Base)?.text()
}

/// Returns the value that was decided for a fact of a line.
fn decided<'l>(line: &'l EvidenceLine, key: &FactKey) -> Option<&'l Value> {
    line.facts.get(key).filter(|fact| fact.rule.is_some())?.value.as_ref()
}

/// Shortens the reference of a model to its id, which is the form in sources, if both models have the same provider.
fn relative_reference(model: Model<'_>, reference: &str) -> Value {
    let id = reference.strip_prefix(model.provider().id()).and_then(|rest| rest.strip_prefix('/'));
    Value::Text(id.unwrap_or(reference).to_owned())
}

/// Returns the rates of a price list as written, each with its condition.
fn authored_rates(prices: &[authored::Price]) -> impl Iterator<Item = (FactKey, Money)> {
    let mut currency = Currency::Usd;
    prices.iter().flat_map(move |price| {
        // An entry without a currency has the currency of the previous entry.
        currency = price.currency.unwrap_or(currency);
        let (condition, currency) = (&price.condition, currency);
        price.rates.0.iter().map(move |(meter, rate)| (FactKey::Rate(condition.clone(), *meter), Money { currency, rate: *rate }))
    })
}

/// Returns whether two values of a fact can both be correct: the values are equal, or they are dates and one is a more precise form of the other,
/// such as `2026-01-27` and `2026-01`.
#[must_use]
pub fn are_compatible(key: &FactKey, one: &Value, other: &Value) -> bool {
    let date = |value: &Value| match value {
        Value::Date(date) => Some(*date),
        _ => None,
    };
    let within = |one: Date, other: Date| other.earliest() <= one.earliest() && one.latest() <= other.latest();
    match (key.group(), date(one), date(other)) {
        (Some(FactGroup::Dates | FactGroup::Status), Some(one), Some(other)) => within(one, other) || within(other, one),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::decide;
    use crate::statement::OwnedCondition;
    use modeldex_compile::authored::routing::Routing;
    use modeldex_table::{Capability, Meter};

    const TEXT: &str = r#"{"provider":"acme","facts":{}}
{"model":"m","facts":{"listed":[[true,"x@2026-01-01","y@2026-01-01"]],"name":[["M","x@2026-01-01"]],"context_window":[[2000,"x@2026-01-01"],[1000,"y@2026-01-01..2026-02-01"],[3000,"y@2026-03-01"]],"price.input":[[{"USD":"1"},"x@2026-01-01"],[{"USD":"2"},"y@2026-01-01"]]}}
{"model":"M","facts":{"listed":[[true,"z@2026-01-01"]],"context_window":[[9000,"x@2026-01-01..2026-01-01"],[4000,"z@2026-01-01"]]}}
"#;

    const SOURCES: &str = "\
sources:
  models.dev: {name: N, licence: MIT}
  x: {name: X, licence: MIT, snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  y: {name: Y, licence: MIT, snapshots: [{date: 2026-05-25, providers: 1, models: 1}]}
  z: {name: Z, licence: MIT, snapshots: [{date: 2026-01-01, providers: 1, models: 1}]}
";

    fn decided() -> ProviderEvidence {
        let mut evidence = ProviderEvidence::parse(TEXT).unwrap();
        decide(&crate::sources::with_snapshots(SOURCES), None, &Routing::default(), "acme", &mut evidence);
        evidence
    }

    fn text(claims_by_value: &[ValueClaims<'_>]) -> Vec<String> {
        let names = |source_claims: &[SourceClaim<'_>]| {
            source_claims
                .iter()
                .map(|source_claim| format!("{}{}", source_claim.claim.source, source_claim.alias.unwrap_or_default()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        claims_by_value.iter().map(|group| format!("{}: {} / {}", group.value, names(&group.current), names(&group.past))).collect()
    }

    #[test]
    fn claims_by_value_starts_with_the_chosen_value_and_counts_each_source_once() {
        let evidence = decided();
        let lines = EvidenceLines::of_model(&evidence, "m");
        assert_eq!(
            text(&lines.claims_by_value(&FactKey::Fact(Fact::ContextWindow))),
            ["2000: x / ", "3000: y / ", "4000: zM / ", "1000:  / y"]
        );
        assert_eq!(text(&EvidenceLines::by_model(&evidence)["m"].claims_by_value(&FactKey::Fact(Fact::ContextWindow))).len(), 4);
        let input = FactKey::Rate(OwnedCondition::default(), Meter::Input);
        assert_eq!((lines.decision(&input).unwrap().value.as_ref(), lines.claims_by_value(&input).len()), (None, 2));
    }

    #[test]
    fn overrides_are_values_that_the_importer_wrote_differently_or_not_at_all() {
        let evidence = decided();
        let lines = EvidenceLines::of_model(&evidence, "m");
        let window = FactKey::Fact(Fact::ContextWindow);
        let values = |value, part| CatalogValues::from([(window.clone(), CatalogValue { value, part, imported: false })]);
        let imported =
            BTreeMap::from([(window.clone(), Value::Tokens(2000)), (FactKey::Capability(Capability::ToolCall), Value::Flag(true))]);
        let tool_call = FactKey::Capability(Capability::ToolCall);
        assert_eq!(imported.keys().collect::<Vec<_>>(), [&window, &tool_call]);
        let keys = |values: &CatalogValues, imported: &BTreeMap<FactKey, Value>| {
            overrides(values, imported, &lines).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(keys(&values(Value::Tokens(2000), OriginPart::Model), &imported), std::slice::from_ref(&tool_call));
        assert_eq!(keys(&values(Value::Tokens(5), OriginPart::Model), &imported), [window.clone(), tool_call]);
        // If the importer wrote nothing, an inherited value is not an override.
        assert_eq!(keys(&values(Value::Tokens(5), OriginPart::Base), &BTreeMap::new()), []);
        assert_eq!(keys(&values(Value::Tokens(5), OriginPart::Model), &BTreeMap::new()), [window]);
    }

    #[test]
    fn a_more_precise_date_is_compatible() {
        let date = |text: &str| Value::Date(Date::parse(text).unwrap());
        let key = FactKey::Fact(Fact::ReleaseDate);
        assert!(
            are_compatible(&key, &date("2026-01"), &date("2026-01-27")) && !are_compatible(&key, &date("2026-01"), &date("2026-02-01"))
        );
        assert!(!are_compatible(&FactKey::Fact(Fact::Name), &date("2026-01"), &date("2026-01-27")));
    }

    #[test]
    fn every_group_has_a_distinct_name() {
        let names: std::collections::BTreeSet<_> = GROUP_ORDER.iter().map(|group| group_name(*group)).collect();
        assert_eq!(names.len(), GROUP_ORDER.len());
    }
}
