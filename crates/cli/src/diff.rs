//! Computes the differences between two catalogs. This module has no input or output; the command `diff` formats the differences.
//!
//! A model is compared with the model that has the same reference in the other catalog. A change of a base model appears as a change of each model
//! that inherits the changed fact.

use modeldex_compile::authored::{Value, to_owned_value};
use modeldex_table::{
    Alias, AliasKind, Auth, Billing, Capability, Catalog, Date, Endpoint, Fact, FactGroup, FactType, Meter, Model, PriceEntry, Provider,
    Rate, Source, Status, Variable, WireFeature,
};
use std::fmt::Display;

/// All differences between an old and a new catalog. Lists have the order of the catalogs, unless stated otherwise.
#[derive(Default)]
pub(crate) struct Difference<'a> {
    /// Providers in the new catalog only.
    pub(crate) providers_added: Vec<Unmatched<Provider<'a>>>,
    /// Providers in the old catalog only.
    pub(crate) providers_removed: Vec<Unmatched<Provider<'a>>>,
    /// Changed facts of providers, without their sources.
    pub(crate) providers: Vec<FactChange<Provider<'a>>>,
    /// Models in the new catalog only, including those of new providers.
    pub(crate) added: Vec<Unmatched<Model<'a>>>,
    /// Models in the old catalog only, including those of removed providers.
    pub(crate) removed: Vec<Unmatched<Model<'a>>>,
    /// Changed statuses of models.
    pub(crate) statuses: Vec<StatusChange<'a>>,
    /// Changed prices of models, largest change first.
    pub(crate) prices: Vec<PriceChange<'a>>,
    /// Changed limits of models, in tokens.
    pub(crate) limits: Vec<FactChange<Model<'a>>>,
    /// Changed modalities, capabilities and reasoning efforts of models.
    pub(crate) capabilities: Vec<FactChange<Model<'a>>>,
    /// Changed facts of models that no other list contains.
    pub(crate) facts: Vec<FactChange<Model<'a>>>,
    /// Changed sources of models. Separate from other facts because sources are checked more often than facts change.
    pub(crate) sources: Vec<FactChange<Model<'a>>>,
    /// Changed sources of providers.
    pub(crate) provider_sources: Vec<FactChange<Provider<'a>>>,
}

/// A provider or model that only one of the two catalogs has.
pub(crate) struct Unmatched<T> {
    /// The provider or model, in the catalog that has it.
    pub(crate) item: T,
    /// The provider or model of the other catalog that has the id of `item` as an alias; `None` if no item has this alias.
    pub(crate) alias_of: Option<T>,
}

/// A changed fact of a provider or model.
pub(crate) struct FactChange<T> {
    /// The provider or model, in the new catalog.
    pub(crate) subject: T,
    /// The YAML key of the fact.
    pub(crate) fact: &'static str,
    /// The old value; `None` if unknown.
    pub(crate) old: Option<Value>,
    /// The new value; `None` if unknown.
    pub(crate) new: Option<Value>,
}

/// A changed status of a model.
pub(crate) struct StatusChange<'a> {
    /// The model, in the new catalog.
    pub(crate) model: Model<'a>,
    pub(crate) old: Status,
    pub(crate) new: Status,
}

/// A changed price of a model.
pub(crate) struct PriceChange<'a> {
    pub(crate) old: Model<'a>,
    pub(crate) new: Model<'a>,
    /// Changed unconditional rates; empty if one of the two models has no price list.
    pub(crate) rates: Vec<RateChange>,
    /// Added, removed and changed conditional entries of the price list.
    pub(crate) entries: Vec<EntryChange<'a>>,
    /// Whether the entries that are in both price lists are in a different order. The order matters, because later entries take precedence.
    pub(crate) is_reordered: bool,
}

/// The old and the new rate of a meter, in the unit of catalog files; `None` if the price list has no rate for the meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateChange {
    pub(crate) meter: Meter,
    pub(crate) old: Option<Rate>,
    pub(crate) new: Option<Rate>,
    /// Whether both rates are in the same currency.
    pub(crate) is_comparable: bool,
}

/// The old and the new version of a conditional entry of a price list; at least one of them is present.
pub(crate) struct EntryChange<'a> {
    pub(crate) old: Option<PriceEntry<'a>>,
    pub(crate) new: Option<PriceEntry<'a>>,
}

/// Key of the endpoints of a provider, and of the ids of the endpoints that serve a model.
pub(crate) const ENDPOINTS: &str = "endpoints";
/// Key of the authentication methods of a provider.
pub(crate) const AUTH: &str = "auth";

/// Formats the endpoints of a provider with all their fields.
pub(crate) fn endpoints_of(provider: Provider<'_>) -> Vec<String> {
    provider.endpoints().map(endpoint).collect()
}

/// Formats the authentication methods of a provider with all their fields.
pub(crate) fn auth_of(provider: Provider<'_>) -> Vec<String> {
    provider.auth().map(auth).collect()
}

/// Compares two catalogs.
pub(crate) fn compare<'a>(old: &'a Catalog<'a>, new: &'a Catalog<'a>) -> Difference<'a> {
    let mut difference = Difference::default();
    for before in old.providers() {
        match new.provider(before.id()) {
            Some(after) if after.id() == before.id() => difference.compare_providers(before, after),
            alias_of => difference.providers_removed.push(Unmatched { item: before, alias_of }),
        }
    }
    let added = |provider: Provider<'a>| match old.provider(provider.id()) {
        Some(before) if before.id() == provider.id() => None,
        alias_of => Some(Unmatched { item: provider, alias_of }),
    };
    difference.providers_added = new.providers().filter_map(added).collect();
    let (old_aliases, new_aliases) = (Aliases::of(old), Aliases::of(new));
    for before in old.models() {
        match counterpart(new, before) {
            Ok(after) => {
                difference.compare_models(before, after);
                let aliases = [old_aliases.describe(before), new_aliases.describe(after)];
                difference.facts.extend(compared(after, "aliases", aliases, listed));
                difference.facts.extend(compared(after, "reason", [before, after].map(Model::reason), text));
            }
            Err(alias_of) => difference.removed.push(Unmatched { item: before, alias_of }),
        }
    }
    difference.added =
        new.models().filter_map(|model| counterpart(old, model).err().map(|alias_of| Unmatched { item: model, alias_of })).collect();
    difference.prices.sort_by(|a, b| b.severity().total_cmp(&a.severity()));
    difference
}

impl<'a> Difference<'a> {
    /// Returns whether the catalogs are equal.
    pub(crate) fn is_empty(&self) -> bool {
        let of_models = [&self.limits, &self.capabilities, &self.facts, &self.sources];
        let of_providers = [&self.providers, &self.provider_sources];
        of_models.iter().all(|changed| changed.is_empty())
            && of_providers.iter().all(|changed| changed.is_empty())
            && [&self.added, &self.removed].iter().all(|only| only.is_empty())
            && [&self.providers_added, &self.providers_removed].iter().all(|only| only.is_empty())
            && self.statuses.is_empty()
            && self.prices.is_empty()
    }

    fn compare_providers(&mut self, old: Provider<'a>, new: Provider<'a>) {
        let both = [old, new];
        let default = both.map(|provider| provider.default_model().map(Model::id));
        let [endpoints, auth] = [both.map(endpoints_of), both.map(auth_of)];
        let aliases =
            both.map(|provider| provider.aliases().map(|of| alias(of.id(), of.kind(), of.reason(), of.until())).collect::<Vec<_>>());
        self.providers.extend(
            [
                compared(new, "name", both.map(Provider::name), |name| text(Some(name))),
                compared(new, "kind", both.map(Provider::kind), text),
                compared(new, "doc_url", both.map(Provider::doc_url), text),
                compared(new, "extends", both.map(Provider::extends), text),
                compared(new, ENDPOINTS, endpoints, listed),
                compared(new, AUTH, auth, listed),
                compared(new, "default_model", default, text),
                compared(new, "aliases", aliases, listed),
            ]
            .into_iter()
            .flatten(),
        );
        self.provider_sources.extend(compared_sources(new, old.sources(), new.sources()));
    }

    fn compare_models(&mut self, old: Model<'a>, new: Model<'a>) {
        let both = [old, new];
        let base = both.map(|model| model.base().map(modeldex_table::BaseModel::reference));
        self.facts.extend(compared(new, "base", base, text));
        for &fact in Fact::ALL {
            let list = match (fact, fact.group(), fact.fact_type()) {
                (Fact::Status, ..) => {
                    let change = StatusChange { model: new, old: old.status(), new: new.status() };
                    self.statuses.extend((change.old != change.new).then_some(change));
                    continue;
                }
                (.., FactType::Prices) => {
                    self.prices.extend(PriceChange::of(old, new));
                    continue;
                }
                // Compared with the prices.
                (Fact::Billing, ..) => continue,
                (.., FactType::Capabilities) => {
                    let changed = Capability::ALL.iter().map(|word| (word.as_str(), both.map(|model| model.can(*word))));
                    self.capabilities.extend(changed.filter_map(|(word, both)| compared(new, word, both, |can| can.map(Value::Flag))));
                    continue;
                }
                (.., FactType::Sources) => {
                    self.sources.extend(compared_sources(new, old.sources(), new.sources()));
                    continue;
                }
                (.., FactType::Endpoints) => {
                    self.facts.extend(compared(new, fact.as_str(), both.map(endpoints), |ids| match ids {
                        None => text(Some("all")),
                        Some(ids) if ids.is_empty() => None,
                        Some(ids) => listed(ids.into_iter().map(str::to_owned).collect()),
                    }));
                    continue;
                }
                (_, FactGroup::Limits, _) => &mut self.limits,
                (.., FactType::Words(_)) => &mut self.capabilities,
                _ => &mut self.facts,
            };
            list.extend(compared(new, fact.as_str(), both.map(|model| model.value(fact)), |value| value.map(to_owned_value)));
        }
    }
}

impl<'a> PriceChange<'a> {
    /// Compares the prices of two models; `None` if they are equal.
    fn of(old: Model<'a>, new: Model<'a>) -> Option<Self> {
        let (mut entries, is_reordered) = entry_changes(old, new);
        // Removed entries come first.
        entries.sort_by_key(|entry| entry.new.is_some());
        let change = Self { old, new, rates: base_changes(old, new), entries, is_reordered };
        let is_same = old.billing() == new.billing()
            && old.prices().base_rates().is_some() == new.prices().base_rates().is_some()
            && change.rates.is_empty()
            && change.entries.is_empty()
            && !is_reordered;
        (!is_same).then_some(change)
    }

    /// Returns the relative change, in percent, of the unconditional rate that changed most; `None` if no rates are comparable.
    pub(crate) fn percent(&self) -> Option<f64> {
        largest(&self.rates)
    }

    /// Returns the sort key. A change of the billing, or of a rate that was zero, counts as larger than any percentage. Models that were unpriced
    /// come last: their price is newly known, and may be the same as before.
    fn severity(&self) -> f64 {
        let billing = [self.old.billing(), self.new.billing()];
        let is_billing_changed = billing[0] != billing[1] && !billing.contains(&Billing::Unpriced);
        if is_billing_changed || self.rates.iter().any(|rate| !rate.is_comparable || rate.was_zero()) {
            return f64::INFINITY;
        }
        self.percent().map_or(0.0, f64::abs)
    }
}

impl RateChange {
    /// Returns the relative change in percent; `None` if it is undefined: one rate is missing, the currencies differ, or the old rate is zero.
    pub(crate) fn percent(self) -> Option<f64> {
        let (old, new) = (self.old?.micros() as f64, self.new?.micros() as f64);
        (self.is_comparable && old > 0.0).then(|| (new - old) / old * 100.0)
    }

    /// Returns whether the old rate was stated as zero, and there is a new rate.
    fn was_zero(self) -> bool {
        self.old.is_some_and(Rate::is_zero) && self.new.is_some()
    }
}

impl EntryChange<'_> {
    /// Returns the changed rates; all rates if the currency changed.
    pub(crate) fn rates(&self) -> Vec<RateChange> {
        let rate = |price: Option<PriceEntry<'_>>, meter: Meter| {
            price.and_then(|price| price.rates().find(|(other, _)| *other == meter)).map(|(_, rate)| rate)
        };
        let is_comparable = match (self.old, self.new) {
            (Some(old), Some(new)) => old.currency() == new.currency(),
            _ => true,
        };
        rate_changes(is_comparable, |meter| [rate(self.old, meter), rate(self.new, meter)])
    }
}

/// Returns the relative change with the largest absolute value, in percent. If an increase and a decrease are equally large, returns the increase.
pub(crate) fn largest(rates: &[RateChange]) -> Option<f64> {
    rates.iter().filter_map(|rate| rate.percent()).max_by(|a, b| a.abs().total_cmp(&b.abs()).then(a.total_cmp(b)))
}

/// Finds the model with the same reference in another catalog. If that catalog has no such model, the error is its model that has the reference as an
/// alias, or `None`.
fn counterpart<'a>(catalog: &'a Catalog<'a>, model: Model<'_>) -> Result<Model<'a>, Option<Model<'a>>> {
    match catalog.resolve_in(model.provider().id(), model.id()) {
        Some(found) if found.alias.is_none() && found.provider_alias.is_none() => Ok(found.model),
        found => Err(found.map(|found| found.model)),
    }
}

/// Compares the old and the new value of a fact; `None` if they are equal. Calls `value` to convert them only if they differ, because almost all
/// facts are equal.
fn compared<T, V: PartialEq>(
    subject: T,
    fact: &'static str,
    [old, new]: [V; 2],
    value: impl Fn(V) -> Option<Value>,
) -> Option<FactChange<T>> {
    (old != new).then(|| FactChange { subject, fact, old: value(old), new: value(new) })
}

/// Returns the unconditional rates that differ.
fn base_changes(old: Model<'_>, new: Model<'_>) -> Vec<RateChange> {
    let (Some(old), Some(new)) = (old.prices().base_rates(), new.prices().base_rates()) else { return Vec::new() };
    rate_changes(old.currency() == new.currency(), |meter| [old.get(meter), new.get(meter)])
}

fn rate_changes(is_comparable: bool, rates: impl Fn(Meter) -> [Option<Rate>; 2]) -> Vec<RateChange> {
    let change = |&meter: &Meter| {
        let [old, new] = rates(meter).map(|rate| rate.map(|rate| rate.authored(meter)));
        let differs = if is_comparable { old != new } else { old.is_some() || new.is_some() };
        differs.then_some(RateChange { meter, old, new, is_comparable })
    };
    Meter::ALL.iter().filter_map(change).collect()
}

/// Pairs the conditional entries of two price lists by their condition. Returns the entries that differ or have no pair, and whether the paired
/// entries changed their order.
fn entry_changes<'a>(old: Model<'a>, new: Model<'a>) -> (Vec<EntryChange<'a>>, bool) {
    let conditional = |model: Model<'a>| model.prices().iter().filter(|price| !price.is_always()).collect::<Vec<_>>();
    let (old, new) = (conditional(old), conditional(new));
    let is_same = |a: PriceEntry<'_>, b: PriceEntry<'_>| a.condition() == b.condition() && same_rates(a, b);
    if old.len() == new.len() && old.iter().zip(&new).all(|(a, b)| is_same(*a, *b)) {
        return (Vec::new(), false);
    }
    let mut is_taken = vec![false; new.len()];
    let mut places = Vec::new();
    let mut changes = Vec::new();
    for before in old {
        let place = (0..new.len()).find(|&at| !is_taken[at] && before.condition() == new[at].condition());
        let Some(place) = place else {
            changes.push(EntryChange { old: Some(before), new: None });
            continue;
        };
        is_taken[place] = true;
        places.push(place);
        if !same_rates(before, new[place]) {
            changes.push(EntryChange { old: Some(before), new: Some(new[place]) });
        }
    }
    let added = new.iter().zip(&is_taken).filter(|(_, is_taken)| !**is_taken);
    changes.extend(added.map(|(&price, _)| EntryChange { old: None, new: Some(price) }));
    (changes, !places.is_sorted())
}

fn same_rates(a: PriceEntry<'_>, b: PriceEntry<'_>) -> bool {
    a.currency() == b.currency() && a.rates().eq(b.rates())
}

/// The aliases of all models of a catalog, sorted by model. Built once, so that the aliases of the catalog are not scanned for each model.
struct Aliases<'a>(Vec<(usize, Alias<'a>)>);

impl<'a> Aliases<'a> {
    fn of(catalog: &'a Catalog<'a>) -> Self {
        let mut by_model: Vec<_> = catalog.aliases().filter_map(|alias| Some((alias.model()?.index(), alias))).collect();
        by_model.sort_by_key(|(place, _)| *place);
        Self(by_model)
    }

    /// Formats the aliases of a model with all their fields.
    fn describe(&self, model: Model<'_>) -> Vec<String> {
        let place = model.index();
        let start = self.0.partition_point(|(other, _)| *other < place);
        let own = self.0[start..].iter().take_while(|(other, _)| *other == place);
        own.map(|(_, of)| alias(of.id(), of.kind(), of.reason(), of.until())).collect()
    }
}

fn alias(id: &str, kind: AliasKind, reason: Option<&str>, until: Option<Date>) -> String {
    with_details(id, [Some(kind.to_string()), reason.map(str::to_owned), until.map(|date| format!("until {date}"))])
}

fn endpoint(endpoint: Endpoint<'_>) -> String {
    let id = Some(endpoint.id()).filter(|id| !id.is_empty());
    let rest = [
        Some(endpoint.api().to_string()),
        id.map(|id| format!("id {id}")),
        endpoint.region().map(|region| format!("region {region}")),
        endpoint.plan().map(|plan| format!("plan {plan}")),
    ];
    let features = WireFeature::ALL.iter().filter_map(|feature| match endpoint.supports(*feature)? {
        true => Some(format!("with {feature}")),
        false => Some(format!("no {feature}")),
    });
    let headers = endpoint.headers().map(|(name, value)| format!("header {name}: {value}"));
    let more = endpoint.max_tokens_field().map(|field| field.to_string()).into_iter().chain(features).chain(headers).map(Some);
    with_details(endpoint.base_url(), rest.into_iter().chain(more))
}

fn auth(auth: Auth<'_>) -> String {
    let names = |names: Vec<&str>| Some(names.join(" or ")).filter(|names| !names.is_empty());
    let variable = |variable: Variable<'_>| {
        let rest = [
            variable.is_optional().then(|| "optional".to_owned()),
            variable.default().map(|default| format!("default {default}")),
            names(variable.env().collect()),
        ];
        with_details(variable.role().as_str(), rest)
    };
    let needed = auth.variables().map(|needed| Some(variable(needed)));
    let place = [
        auth.header().map(|header| format!("header {header}")),
        auth.scheme().map(|scheme| format!("scheme {scheme}")),
        auth.query().map(|query| format!("query {query}")),
    ];
    with_details(auth.kind().as_str(), std::iter::once(names(auth.env().collect())).chain(needed).chain(place))
}

fn compared_sources<'a, T, I>(subject: T, old: I, new: I) -> Option<FactChange<T>>
where
    I: Iterator<Item = Source<'a>> + Clone,
{
    let facts = |source: Source<'a>| (source.url(), source.checked());
    if old.clone().map(facts).eq(new.clone().map(facts)) {
        return None;
    }
    let shown = |source: Source<'a>| with_details(source.url(), [source.checked().map(|date| format!("checked {date}"))]);
    let [old, new] = [old, new].map(|sources| listed(sources.map(shown).collect()));
    Some(FactChange { subject, fact: Fact::Sources.as_str(), old, new })
}

/// Returns the ids of the endpoints that serve a model; `None` if all endpoints of the provider serve it, so that a new endpoint of the provider
/// does not count as a change of the model.
fn endpoints(model: Model<'_>) -> Option<Vec<&str>> {
    let serves_all = model.endpoints().count() == model.provider().endpoints().len();
    (!serves_all).then(|| model.endpoints().map(Endpoint::id).collect())
}

/// Formats a value with details in parentheses: `first (detail, detail)`.
fn with_details(first: &str, rest: impl IntoIterator<Item = Option<String>>) -> String {
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    if rest.is_empty() { first.to_owned() } else { format!("{first} ({})", rest.join(", ")) }
}

fn text(value: Option<impl Display>) -> Option<Value> {
    value.map(|value| Value::Text(value.to_string()))
}

/// Converts a list, whose changes are printed as added and removed items. An empty list is a known value.
fn listed(list: Vec<String>) -> Option<Value> {
    Some(Value::Texts(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository_catalog;
    use modeldex_compile::{Compiled, compile_named};
    use modeldex_table::{Modality, Words};
    use std::{env, fs, process};

    /// Compiles a catalog of one provider `p` with these models; `test` is a unique name for its folder.
    fn catalog(test: &str, models: &str) -> Compiled {
        let dir = env::temp_dir().join(format!("modeldex-diff-{test}-{}", process::id()));
        fs::create_dir_all(dir.join("providers")).unwrap();
        let head = "name: P\nendpoints:\n  - {base_url: http://localhost:1, api: ollama}\nauth:\n  - {kind: none}\n";
        fs::write(dir.join("providers/p.yaml"), format!("{head}{models}")).unwrap();
        let compiled = compile_named(&dir, test);
        fs::remove_dir_all(&dir).unwrap();
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
        compiled
    }

    fn models(test: &str, prices: &[&str]) -> Compiled {
        let models = prices.iter().enumerate().map(|(at, facts)| format!("  - {{id: m{at}, {facts}}}\n"));
        catalog(test, &format!("models:\n{}", models.collect::<String>()))
    }

    #[test]
    fn a_catalog_does_not_differ_from_itself() {
        let catalog = repository_catalog();
        assert!(compare(&catalog, &catalog).is_empty());
    }

    #[test]
    fn every_model_is_new_to_an_empty_catalog() {
        let (empty, full) = (Catalog::default(), &repository_catalog());
        let added = compare(&empty, full);
        assert_eq!((added.added.len(), added.providers_added.len()), (full.models().len(), full.providers().len()));
        let removed = compare(full, &empty);
        assert_eq!((removed.removed.len(), removed.providers_removed.len()), (full.models().len(), full.providers().len()));
        assert!(removed.added.is_empty() && removed.prices.is_empty() && removed.facts.is_empty());
    }

    #[test]
    fn the_largest_price_change_comes_first_and_new_prices_last() {
        let metered = |rates: &str| format!("prices: [{{{rates}}}]");
        let old = models(
            "sorted-old",
            &[
                "billing: unpriced",
                &metered("input: 1, output: 10"),
                &metered("input: 2, output: 2"),
                "billing: free",
                &metered("input: 0, output: 1"),
            ],
        );
        let new = models(
            "sorted-new",
            &[
                &metered("input: 9, output: 9"),
                &metered("input: 1, output: 9"),
                &metered("input: 1, output: 3"),
                &metered("input: 1, output: 1"),
                &metered("input: 1, output: 1"),
            ],
        );
        let (old, new) = (old.catalog(), new.catalog());
        let prices = compare(&old, &new).prices;
        assert_eq!(prices.iter().map(|change| change.new.id()).collect::<Vec<_>>(), ["m3", "m4", "m2", "m1", "m0"]);
        assert_eq!(prices.iter().map(PriceChange::percent).collect::<Vec<_>>(), [None, None, Some(50.0), Some(-10.0), None]);
    }

    #[test]
    fn entries_are_paired_by_their_conditions() {
        let list = |entries: &str| format!("prices: [{{input: 1, output: 1}}, {entries}]");
        let change = |test: &str, old: &str, new: &str| {
            let (old, new) = (models(&format!("{test}-old"), &[&list(old)]), models(&format!("{test}-new"), &[&list(new)]));
            let (old, new) = (old.catalog(), new.catalog());
            let prices = compare(&old, &new).prices;
            prices.first().map(|change| {
                let entries = change.entries.iter().map(|entry| (entry.old.is_some(), entry.new.is_some(), entry.rates().len()));
                (entries.collect::<Vec<_>>(), change.is_reordered)
            })
        };
        let (batch, flex) = ("{tier: batch, input: 0.5, output: 0.5}", "{tier: flex, input: 0.2, output: 0.5}");
        assert_eq!(change("same", batch, batch), None);
        assert_eq!(change("other", batch, flex), Some((vec![(true, false, 2), (false, true, 2)], false)));
        assert_eq!(change("rates", batch, "{tier: batch, input: 0.4, output: 0.5}"), Some((vec![(true, true, 1)], false)));
        assert_eq!(change("order", &format!("{batch}, {flex}"), &format!("{flex}, {batch}")), Some((vec![], true)));
    }

    #[test]
    fn currencies_are_not_compared() {
        let old = models("currency-old", &["prices: [{input: 1, output: 2}]"]);
        let new = models("currency-new", &["prices: [{currency: CNY, input: 7, output: 2}]"]);
        let (old, new) = (old.catalog(), new.catalog());
        let prices = compare(&old, &new).prices;
        assert_eq!((prices[0].rates.len(), prices[0].percent()), (2, None));
    }

    #[test]
    fn a_model_may_become_an_alias_and_an_alias_a_model() {
        let old = catalog("alias-old", "models:\n  - {id: a, billing: free}\n  - {id: b, billing: free}\n");
        let new = catalog("alias-new", "model_aliases:\n  - {id: a, target: b, kind: legacy}\nmodels:\n  - {id: b, billing: free}\n");
        let (old, new) = (old.catalog(), new.catalog());
        let forward = compare(&old, &new);
        let removed: Vec<_> = forward.removed.iter().map(|only| (only.item.id(), only.alias_of.map(Model::id))).collect();
        assert_eq!(removed, [("a", Some("b"))]);
        assert_eq!(forward.facts.iter().map(|changed| changed.fact).collect::<Vec<_>>(), ["aliases"]);
        let back = compare(&new, &old);
        let added: Vec<_> = back.added.iter().map(|only| (only.item.id(), only.alias_of.map(Model::id))).collect();
        assert_eq!(added, [("a", Some("b"))]);
    }

    #[test]
    fn unknown_is_never_zero() {
        let old = models("unknown-old", &["billing: free"]);
        let new = models("unknown-new", &["billing: free, context_window: 1000, input: [text], tool_call: false"]);
        let (old, new) = (old.catalog(), new.catalog());
        let difference = compare(&old, &new);
        assert_eq!((&difference.limits[0].old, &difference.limits[0].new), (&None, &Some(Value::Tokens(1000))));
        let changes: Vec<_> = difference.capabilities.iter().map(|changed| (changed.fact, &changed.old, &changed.new)).collect();
        let text = Words::parse(Modality::VOCABULARY, ["text"]).map(Value::Words);
        assert_eq!(changes, [("input", &None, &text), ("tool_call", &None, &Some(Value::Flag(false)))]);
    }
}
