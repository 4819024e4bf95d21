//! Conflicts and their severity. A conflict is a fact for which sources currently claim different values, or whose hand-written value differs from
//! the imported value.

use crate::comparison::{self, EvidenceLines, Override, ValueClaims, are_compatible};
use crate::decision::Rule;
use crate::evidence::{Evidence, ProviderEvidence};
use crate::imported::ImportedCatalog;
use crate::statement::{FactKey, Value};
use modeldex_compile::authored;
use modeldex_table::{Catalog, FactGroup, Provider};
use std::collections::{BTreeMap, HashMap};

/// Conflict: a fact for which sources currently claim different values, or whose hand-written value differs from the imported value.
#[derive(Clone, Debug)]
pub struct Conflict<'e> {
    /// Id of the provider.
    pub provider: &'e str,
    /// Id of the model; `None` for a fact of the provider.
    pub model: Option<&'e str>,
    /// The fact.
    pub key: FactKey,
    /// Value that the policy chose; `None` if the policy chose no value.
    pub chosen: Option<Value>,
    /// Policy rule that applied, even if it chose no value; `None` if the policy was not applied to the fact.
    pub rule: Option<Rule>,
    /// Current claims, grouped by value. The chosen value is first.
    pub claims_by_value: Vec<ValueClaims<'e>>,
    /// Hand-written value that differs from the imported value; `None` if there is no such value.
    pub manual_override: Option<Override>,
    /// Severity of the conflict, in tenths; see [`severity`].
    pub severity: u32,
}

/// Returns the severity of a conflict between `values`, in tenths. The severity is the weight of the fact multiplied by the distance of the values.
///
/// The weight is:
///
/// - 100 for prices;
/// - 30 for limits;
/// - 10 for capabilities, modalities, status and facts of providers;
/// - 3 for all other facts.
///
/// The distance is:
///
/// - for numbers: the largest number divided by the smallest number, minus 1, but at most 9. If one of the numbers is zero, the distance is 9.
/// - for dates that differ only in precision: 0.1.
/// - for all other values: 1.
///
/// `decided` is false if the policy chose no value. Then 10 is added to the distance, so that the conflict is more severe than every decided conflict
/// of equal weight.
#[must_use]
pub fn severity(key: &FactKey, values: &[&Value], decided: bool) -> u32 {
    let weight = match key.group() {
        Some(FactGroup::Prices) => 100,
        Some(FactGroup::Limits) => 30,
        Some(FactGroup::Capabilities | FactGroup::Modalities | FactGroup::Status | FactGroup::Providers) => 10,
        Some(FactGroup::Names | FactGroup::Dates | FactGroup::Aliases) | None => 3,
    };
    // The distance, in thousandths.
    let distance = distance(key, values) + if decided { 0 } else { 10_000 };
    u32::try_from(weight * distance / 100).unwrap_or(u32::MAX)
}

/// Returns all conflicts in a catalog, sorted by descending severity. Conflicts of equal severity are in the order of the catalog.
///
/// The facts `listed`, `base` and `alias_of` are not included.
#[must_use]
pub fn in_catalog<'e>(catalog: &'e Catalog<'e>, evidence: &'e Evidence, imported: &ImportedCatalog) -> Vec<Conflict<'e>> {
    let empty = authored::Provider::default();
    let found = catalog
        .providers()
        .filter_map(|provider| Some((provider, evidence.providers.get(provider.id())?)))
        .flat_map(|(provider, evidence)| in_provider(provider, evidence, imported.providers.get(provider.id()).unwrap_or(&empty)))
        .collect();
    sorted_by_severity(found)
}

/// Sorts conflicts by descending severity. Conflicts of equal severity keep their order.
#[must_use]
pub fn sorted_by_severity(mut found: Vec<Conflict<'_>>) -> Vec<Conflict<'_>> {
    found.sort_by_key(|conflict| std::cmp::Reverse(conflict.severity));
    found
}

/// Returns the conflicts about a provider and its models, in the order of the catalog.
#[must_use]
pub fn in_provider<'e>(provider: Provider<'e>, evidence: &'e ProviderEvidence, imported: &authored::Provider) -> Vec<Conflict<'e>> {
    let lines = EvidenceLines::of_provider(evidence);
    let overrides = comparison::overrides(&comparison::provider_values(provider), &comparison::imported_provider_values(imported), &lines);
    let mut found = find_in_lines(provider.id(), None, &lines, &overrides);
    let lines_by_model = EvidenceLines::by_model(evidence);
    let imported: HashMap<&str, &authored::Model> = imported.models.iter().map(|model| (model.id.as_str(), model)).collect();
    for model in provider.models() {
        let Some(lines) = lines_by_model.get(model.id()) else { continue };
        let stated = imported.get(model.id()).map(|model| comparison::imported_model_values(model)).unwrap_or_default();
        found.extend(find_in_lines(
            provider.id(),
            Some(model.id()),
            lines,
            &comparison::overrides(&comparison::model_values(model), &stated, lines),
        ));
    }
    found
}

/// Numbers of conflicts, for reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConflictCounts {
    /// Number of all conflicts.
    pub total: usize,
    /// Number of conflicts for which the policy chose no value.
    pub undecided: usize,
    /// Number of conflicts between a hand-written value and the imported value.
    pub overrides: usize,
    /// Number of conflicts in each fact group, in the order of reports. Groups without conflicts are not included.
    pub by_group: Vec<(&'static str, usize)>,
}

impl ConflictCounts {
    /// Counts conflicts.
    #[must_use]
    pub fn new(conflicts: &[Conflict<'_>]) -> Self {
        let count = |is_counted: &dyn Fn(&Conflict<'_>) -> bool| conflicts.iter().filter(|conflict| is_counted(conflict)).count();
        let of_group = |group: &Option<FactGroup>| (comparison::group_name(*group), count(&|conflict| conflict.key.group() == *group));
        Self {
            total: conflicts.len(),
            undecided: count(&|conflict| conflict.is_undecided()),
            overrides: count(&|conflict| conflict.manual_override.is_some()),
            by_group: comparison::GROUP_ORDER.iter().map(of_group).filter(|(_, count)| *count > 0).collect(),
        }
    }
}

impl Conflict<'_> {
    /// Returns whether the policy was applied to the fact, but chose no value.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        self.rule.is_some() && self.chosen.is_none()
    }
}

/// Returns the conflicts about a provider without its models, or about a model.
fn find_in_lines<'e>(
    provider: &'e str,
    model: Option<&'e str>,
    lines: &EvidenceLines<'e>,
    overrides: &BTreeMap<FactKey, Override>,
) -> Vec<Conflict<'e>> {
    let mut keys: Vec<&FactKey> =
        lines.keys().chain(overrides.keys()).filter(|key| !matches!(key, FactKey::Listed | FactKey::Base | FactKey::AliasOf)).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Vec::new();
    for key in keys {
        let manual_override = overrides.get(key);
        if manual_override.is_none() && claims_agree(lines, key) {
            continue;
        }
        let mut claims_by_value = lines.claims_by_value(key);
        claims_by_value.retain(|group| !group.current.is_empty());
        if claims_by_value.len() < 2 && manual_override.is_none() {
            continue;
        }
        let decision = lines.decision(key);
        let (chosen, rule) = (decision.and_then(|fact| fact.value.clone()), comparison::decided_rule(decision));
        let mut values: Vec<&Value> = claims_by_value.iter().map(|group| group.value).collect();
        values.extend(manual_override.into_iter().flat_map(|found| found.catalog_value.iter().chain([&found.imported_value])));
        let decided = chosen.is_some() || rule.is_none() || manual_override.is_some();
        let severity = severity(key, &values, decided);
        found.push(Conflict {
            provider,
            model,
            key: key.clone(),
            chosen,
            rule,
            claims_by_value,
            manual_override: manual_override.cloned(),
            severity,
        });
    }
    found
}

/// Returns whether all current claims about a fact have equal values, which is the usual case. The check allocates nothing.
fn claims_agree(lines: &EvidenceLines<'_>, key: &FactKey) -> bool {
    let lines = lines.primary.into_iter().chain(lines.aliases.iter().map(|(_, line)| *line));
    let mut values = lines.flat_map(|line| line.claims(key)).filter(|claim| claim.is_current()).map(|claim| &claim.value);
    values.next().is_none_or(|first| values.all(|value| value == first))
}

/// Returns the distance of values that [`severity`] defines, in thousandths.
fn distance(key: &FactKey, values: &[&Value]) -> u64 {
    const MAX_DISTANCE: u64 = 9_000;
    let number = |value: &&Value| match value {
        Value::Tokens(count) => Some(u64::from(*count)),
        Value::Rate(money) => Some(money.rate.micros()),
        _ => None,
    };
    let currency = |value: &&Value| match value {
        Value::Rate(money) => Some(money.currency),
        _ => None,
    };
    let numbers: Option<Vec<u64>> = values.iter().map(number).collect();
    // Rates in two currencies cannot be compared.
    let comparable = values.windows(2).all(|pair| currency(&pair[0]) == currency(&pair[1]));
    match numbers.filter(|_| comparable && values.len() > 1) {
        Some(numbers) => {
            let (least, most) = (numbers.iter().min().copied().unwrap_or(0), numbers.iter().max().copied().unwrap_or(0));
            if least == most {
                return 0;
            }
            // A ratio of 1.0004 must not round to 0.
            (most - least).saturating_mul(1_000).checked_div(least).unwrap_or(MAX_DISTANCE).clamp(1, MAX_DISTANCE)
        }
        None if values.windows(2).all(|pair| are_compatible(key, pair[0], pair[1])) && values.len() > 1 => 100,
        None => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::OwnedCondition;
    use modeldex_table::{Fact, Meter, Rate};

    fn rate(text: &str) -> Value {
        Value::dollars(Rate::parse(text).unwrap())
    }

    #[test]
    fn prices_are_the_most_severe() {
        let (price, window, name) =
            (FactKey::Rate(OwnedCondition::default(), Meter::Input), FactKey::Fact(Fact::ContextWindow), FactKey::Fact(Fact::Name));
        let (a, b) = (Value::Text("a".to_owned()), Value::Text("b".to_owned()));
        let of = |key: &FactKey, values: &[&Value], decided| severity(key, values, decided);
        let order = [
            of(&price, &[&rate("1"), &rate("1.01")], false),
            of(&price, &[&rate("0"), &rate("1")], true),
            of(&price, &[&rate("1"), &rate("4")], true),
            of(&window, &[&Value::Tokens(1000), &Value::Tokens(8000)], true),
            of(&window, &[&Value::Tokens(128_000), &Value::Tokens(131_072)], true),
            of(&name, &[&a, &b], true),
        ];
        assert_eq!(order, [10_010, 9_000, 3_000, 2_100, 7, 30].map(|points| points), "{order:?}");
        assert_eq!(of(&price, &[&rate("1"), &rate("1000")], true), 9_000, "a misplaced decimal point is as severe as a zero");
    }

    #[test]
    fn dates_that_differ_in_precision_are_the_least_severe() {
        let key = FactKey::Fact(Fact::ReleaseDate);
        let date = |text: &str| Value::Date(modeldex_table::Date::parse(text).unwrap());
        let (month, day, other) = (date("2026-01"), date("2026-01-27"), date("2025"));
        assert!(severity(&key, &[&month, &day], true) < severity(&key, &[&month, &other], true));
    }
}
