//! Facts of which sources, or a person and the sources, say different things now, and how much it matters.

use crate::beside::{self, Kept, Lines, Side, compatible};
use crate::decision::Rule;
use crate::evidence::{Evidence, ProviderEvidence};
use crate::imported::Imported;
use crate::statement::{Key, Value};
use modeldex_compile::authored;
use modeldex_table::{Catalog, FactGroup, Provider};
use std::collections::{BTreeMap, HashMap};

/// A fact of which different things are said.
#[derive(Clone, Debug)]
pub struct Conflict<'e> {
    /// The provider.
    pub provider: &'e str,
    /// The model; nothing where it is about the provider itself.
    pub model: Option<&'e str>,
    /// The fact.
    pub key: Key,
    /// The value that was chosen.
    pub chosen: Option<Value>,
    /// The rule that chose it, or that chose nothing.
    pub rule: Option<Rule>,
    /// The values that sources state now, the chosen one first.
    pub sides: Vec<Side<'e>>,
    /// What a person wrote, where the sources say otherwise.
    pub kept: Option<Kept>,
    /// How much it matters: see [`severity`].
    pub severity: u32,
}

/// How much it matters that of a fact these values are stated. `decided` says whether one of them was chosen.
///
/// It is the weight of the fact (prices 100, limits 30, capabilities, modalities, status and what belongs to a provider 10, names, dates and
/// the rest 3) times how far the values are apart: for numbers the largest over the smallest less one, at most 9, and 9 where one of them is
/// zero; for everything else 1, or a tenth for dates of which one is only more exact. Where nothing was chosen, 10 more are added to the
/// distance, so that such a fact stands above every decided one of its kind. The result is in tenths.
#[must_use]
pub fn severity(key: &Key, values: &[&Value], decided: bool) -> u32 {
    let weight = match key.group() {
        Some(FactGroup::Prices) => 100,
        Some(FactGroup::Limits) => 30,
        Some(FactGroup::Capabilities | FactGroup::Modalities | FactGroup::Status | FactGroup::Providers) => 10,
        Some(FactGroup::Names | FactGroup::Dates | FactGroup::Aliases) | None => 3,
    };
    // In thousandths.
    let apart = apart(key, values) + if decided { 0 } else { 10_000 };
    u32::try_from(weight * apart / 100).unwrap_or(u32::MAX)
}

/// Every conflict of the providers and models of a catalog, the worst first; of equals, in the order of the catalog.
///
/// That a model is listed, and which base model it is, is no fact of this kind.
#[must_use]
pub fn all<'e>(catalog: &'e Catalog<'e>, evidence: &'e Evidence, imported: &Imported) -> Vec<Conflict<'e>> {
    let nothing = authored::Provider::default();
    let found = catalog
        .providers()
        .filter_map(|provider| Some((provider, evidence.providers.get(provider.id())?)))
        .flat_map(|(provider, evidence)| of_provider(provider, evidence, imported.providers.get(provider.id()).unwrap_or(&nothing)))
        .collect();
    sorted(found)
}

/// Conflicts, the worst first; equals as they were.
#[must_use]
pub fn sorted(mut found: Vec<Conflict<'_>>) -> Vec<Conflict<'_>> {
    found.sort_by_key(|conflict| std::cmp::Reverse(conflict.severity));
    found
}

/// The conflicts of one provider and its models, in the order of the catalog.
#[must_use]
pub fn of_provider<'e>(provider: Provider<'e>, evidence: &'e ProviderEvidence, imported: &authored::Provider) -> Vec<Conflict<'e>> {
    let lines = Lines::provider(evidence);
    let kept = beside::kept(&beside::of_provider(provider), &beside::stated_header(imported), &lines);
    let mut found = of_lines(provider.id(), None, &lines, &kept);
    let all = Lines::all(evidence);
    let imported: HashMap<&str, &authored::Model> = imported.models.iter().map(|model| (model.id.as_str(), model)).collect();
    for model in provider.models() {
        let Some(lines) = all.get(model.id()) else { continue };
        let stated = imported.get(model.id()).map(|model| beside::stated(model)).unwrap_or_default();
        found.extend(of_lines(provider.id(), Some(model.id()), lines, &beside::kept(&beside::of_model(model), &stated, lines)));
    }
    found
}

/// The number of conflicts, the same in every report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Those of which no value was chosen.
    pub undecided: usize,
    /// Those between a value set by hand and the sources.
    pub kept: usize,
    /// The number for each group of facts that has any, in the order of reports.
    pub by_group: Vec<(&'static str, usize)>,
}

impl Counts {
    /// Counts.
    #[must_use]
    pub fn of(conflicts: &[Conflict<'_>]) -> Self {
        let count = |is_meant: &dyn Fn(&Conflict<'_>) -> bool| conflicts.iter().filter(|conflict| is_meant(conflict)).count();
        let of_group = |group: &Option<FactGroup>| (beside::word(*group), count(&|conflict| conflict.key.group() == *group));
        Self {
            total: conflicts.len(),
            undecided: count(&|conflict| conflict.is_undecided()),
            kept: count(&|conflict| conflict.kept.is_some()),
            by_group: beside::ORDER.iter().map(of_group).filter(|(_, count)| *count > 0).collect(),
        }
    }
}

impl Conflict<'_> {
    /// Whether the sources contradict each other and nothing was chosen.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        self.rule.is_some() && self.chosen.is_none()
    }
}

fn of_lines<'e>(provider: &'e str, model: Option<&'e str>, lines: &Lines<'e>, kept: &BTreeMap<Key, Kept>) -> Vec<Conflict<'e>> {
    let mut keys: Vec<&Key> =
        lines.keys().chain(kept.keys()).filter(|key| !matches!(key, Key::Listed | Key::Base | Key::AliasOf)).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Vec::new();
    for key in keys {
        let kept = kept.get(key);
        if kept.is_none() && agree(lines, key) {
            continue;
        }
        let mut sides = lines.sides(key);
        sides.retain(|side| !side.now.is_empty());
        if sides.len() < 2 && kept.is_none() {
            continue;
        }
        let decision = lines.decision(key);
        let (chosen, rule) = (decision.and_then(|fact| fact.value.clone()), beside::rule(decision));
        let mut values: Vec<&Value> = sides.iter().map(|side| side.value).collect();
        values.extend(kept.into_iter().flat_map(|kept| kept.mine.iter().chain([&kept.theirs])));
        let decided = chosen.is_some() || rule.is_none() || kept.is_some();
        let severity = severity(key, &values, decided);
        found.push(Conflict { provider, model, key: key.clone(), chosen, rule, sides, kept: kept.cloned(), severity });
    }
    found
}

/// Whether all that is stated of a fact now is the same: the usual case, told without a list being made.
fn agree(lines: &Lines<'_>, key: &Key) -> bool {
    let lines = lines.own.into_iter().chain(lines.others.iter().map(|(_, line)| *line));
    let mut values = lines.flat_map(|line| line.claims(key)).filter(|claim| claim.is_current()).map(|claim| &claim.value);
    values.next().is_none_or(|first| values.all(|value| value == first))
}

/// How far values are apart, in thousandths.
fn apart(key: &Key, values: &[&Value]) -> u64 {
    const MOST: u64 = 9_000;
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
            // A ratio of 1.0004 is still more than none.
            (most - least).saturating_mul(1_000).checked_div(least).unwrap_or(MOST).clamp(1, MOST)
        }
        None if values.windows(2).all(|pair| compatible(key, pair[0], pair[1])) && values.len() > 1 => 100,
        None => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Condition;
    use modeldex_table::{Fact, Meter, Rate};

    fn rate(text: &str) -> Value {
        Value::dollars(Rate::parse(text).unwrap())
    }

    #[test]
    fn what_costs_money_stands_first() {
        let (price, window, name) = (Key::Rate(Condition::default(), Meter::Input), Key::Fact(Fact::ContextWindow), Key::Fact(Fact::Name));
        let (a, b) = (Value::Text("a".to_owned()), Value::Text("b".to_owned()));
        let of = |key: &Key, values: &[&Value], decided| severity(key, values, decided);
        let order = [
            of(&price, &[&rate("1"), &rate("1.01")], false),
            of(&price, &[&rate("0"), &rate("1")], true),
            of(&price, &[&rate("1"), &rate("4")], true),
            of(&window, &[&Value::Tokens(1000), &Value::Tokens(8000)], true),
            of(&window, &[&Value::Tokens(128_000), &Value::Tokens(131_072)], true),
            of(&name, &[&a, &b], true),
        ];
        assert_eq!(order, [10_010, 9_000, 3_000, 2_100, 7, 30].map(|points| points), "{order:?}");
        assert_eq!(of(&price, &[&rate("1"), &rate("1000")], true), 9_000, "a slip of the decimal point is as bad as a zero");
    }

    #[test]
    fn dates_of_which_one_is_more_exact_matter_least() {
        let key = Key::Fact(Fact::ReleaseDate);
        let date = |text: &str| Value::Date(modeldex_table::Date::parse(text).unwrap());
        let (month, day, other) = (date("2026-01"), date("2026-01-27"), date("2025"));
        assert!(severity(&key, &[&month, &day], true) < severity(&key, &[&month, &other], true));
    }
}
