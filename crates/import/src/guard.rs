//! Guards against poisoned and broken snapshots: a snapshot is compared with the previous snapshot of the same source. If too many models disappear,
//! lose facts of a group, or have sharply different facts, the snapshot is probably wrong, because providers rarely change that much at once.
//!
//! The limits are measured from pairs of real snapshots: see `docs/decisions/0017-import-guards.md`.

use crate::evidence::{Claim, Evidence, EvidenceLine};
use crate::statement::{FactKey, Value};
use modeldex_formats::snapshot::Snapshot;
use modeldex_table::{Date, Fact, FactGroup, Meter, Status};
use std::collections::BTreeMap;
use std::fmt;

/// What a guard compares in two snapshots of one source: which models the snapshots list, or the facts of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuardGroup {
    /// The models of the source.
    Models,
    /// Rates.
    Prices,
    /// Context window and maximum output.
    Limits,
    /// Lifecycle status, deprecation date and retirement date.
    Status,
    /// Release date, last update and knowledge cutoff.
    Dates,
    /// Capabilities.
    Capabilities,
}

/// Kind of change that a guard counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// The previous snapshot has the model, but the new snapshot does not. Or the previous snapshot states a main fact of the group, but the new
    /// snapshot does not. Every fact is a main fact, except rates with conditions and rates of other meters than input and output.
    Lost,
    /// A value of the model has changed sharply: a rate or limit by a factor of 3 or more, a date by more than a year, or a capability to its
    /// opposite. It is also a sharp change if the model is now deprecated or retired.
    Changed,
    /// The total number of models in the new snapshot is smaller than in the previous snapshot. Models that only the new snapshot has are counted
    /// too.
    Fewer,
}

/// Number of models for which one kind of change was found between the previous snapshot and a new snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardCount {
    /// What was compared.
    pub group: GuardGroup,
    /// The kind of change.
    pub kind: ChangeKind,
    /// The provider whose models were counted; `None` for all models of the source.
    pub provider: Option<String>,
    /// Number of models that the change can affect. For the group `Models`, these are all models of the previous snapshot. For all other groups,
    /// these are the models in both snapshots that had facts of the group in the previous snapshot.
    pub before: usize,
    /// Number of the models counted in `before` that the change affects.
    pub affected: usize,
    /// Some of the changes, such as `acme/one: price.input was $1 and is now $900`.
    pub examples: Vec<String>,
}

/// Comparison of a snapshot with the previous snapshot of the same source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotComparison {
    /// Date of the previous snapshot.
    pub previous_date: Date,
    /// The counts of all models, then those of each provider with many models.
    pub counts: Vec<GuardCount>,
}

/// Factor by which a rate or limit has changed sharply.
const SHARP_FACTOR: u64 = 3;
/// Number of days by which a date has changed sharply.
const SHARP_DAYS: u32 = 366;
/// A provider with fewer models has no guard of its own.
const MIN_PROVIDER_MODELS: usize = 20;
/// Providers with fewer models may lose all of them: providers close, and sources stop listing them.
const MIN_PROVIDER_MODELS_TO_LOSE: usize = 100;
/// Fewer changed models are never refused, unless the number of models decreases.
const MIN_AFFECTED: usize = 5;
/// Number of examples.
const MAX_EXAMPLES: usize = 3;

impl GuardGroup {
    /// All groups.
    pub const ALL: &'static [Self] = &[Self::Models, Self::Prices, Self::Limits, Self::Status, Self::Dates, Self::Capabilities];

    /// Returns the name of the group, such as `prices`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::Prices => FactGroup::Prices.as_str(),
            Self::Limits => FactGroup::Limits.as_str(),
            Self::Status => FactGroup::Status.as_str(),
            Self::Dates => FactGroup::Dates.as_str(),
            Self::Capabilities => FactGroup::Capabilities.as_str(),
        }
    }

    /// Returns the group of a fact. Returns `None` if no guard compares the fact.
    fn of(key: &FactKey) -> Option<Self> {
        match key {
            FactKey::Rate(..) => Some(Self::Prices),
            FactKey::Capability(_) => Some(Self::Capabilities),
            FactKey::Fact(fact) => match fact.group() {
                FactGroup::Limits => Some(Self::Limits),
                FactGroup::Status => Some(Self::Status),
                FactGroup::Dates => Some(Self::Dates),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the maximum share of models, in percent, that may change at once: of all models of a source, and of the models of one provider.
    const fn max_percent(self, kind: ChangeKind) -> (usize, usize) {
        match (self, kind) {
            (_, ChangeKind::Fewer) => (10, 100),
            (Self::Models, _) => (30, 60),
            (Self::Prices, ChangeKind::Lost) => (5, 30),
            (Self::Prices, ChangeKind::Changed) => (10, 35),
            (Self::Limits, ChangeKind::Lost) => (5, 30),
            (Self::Limits, ChangeKind::Changed) => (20, 60),
            (Self::Status, ChangeKind::Lost) => (25, 60),
            (Self::Status, ChangeKind::Changed) => (10, 60),
            (Self::Dates, ChangeKind::Lost) => (10, 50),
            (Self::Dates, ChangeKind::Changed) => (5, 30),
            (Self::Capabilities, ChangeKind::Lost) => (10, 50),
            (Self::Capabilities, ChangeKind::Changed) => (25, 60),
        }
    }
}

impl GuardCount {
    /// Returns the share of affected models in percent, rounded down.
    #[must_use]
    pub const fn percent(&self) -> usize {
        match (self.affected * 100).checked_div(self.before) {
            Some(percent) => percent,
            None => 0,
        }
    }

    /// Returns the limit for the share of affected models, in percent: the limit for one provider if `provider` is set, otherwise the limit for the
    /// whole source. [`is_excessive`](Self::is_excessive) compares the share with this limit.
    #[must_use]
    pub const fn max_percent(&self) -> usize {
        let (of_source, of_provider) = self.group.max_percent(self.kind);
        if self.provider.is_some() { of_provider } else { of_source }
    }

    /// Returns whether the count exceeds its limit. Counts of correct snapshots rarely exceed their limits.
    #[must_use]
    pub const fn is_excessive(&self) -> bool {
        let is_enough = match (self.group, &self.provider) {
            (GuardGroup::Models, None) => matches!(self.kind, ChangeKind::Fewer) || self.affected >= MIN_AFFECTED,
            (GuardGroup::Models, Some(_)) => self.before >= MIN_PROVIDER_MODELS_TO_LOSE,
            (_, Some(_)) if self.before < MIN_PROVIDER_MODELS => false,
            _ => self.affected >= MIN_AFFECTED,
        };
        is_enough && self.affected * 100 > self.before * self.max_percent()
    }
}

impl SnapshotComparison {
    /// Returns the counts that exceed their limits. If the count of the whole source exceeds its limit, the counts of single providers for the same
    /// group and the same kind of change are left out.
    #[must_use]
    pub fn excessive(&self) -> Vec<&GuardCount> {
        let all: Vec<&GuardCount> = self.counts.iter().filter(|count| count.is_excessive()).collect();
        let of_source =
            |count: &GuardCount| all.iter().any(|other| other.provider.is_none() && (other.group, other.kind) == (count.group, count.kind));
        all.iter().copied().filter(|count| count.provider.is_none() || !of_source(count)).collect()
    }
}

impl fmt::Display for GuardCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, kind, provider, before, affected, .. } = self;
        let change = match (group, kind) {
            (_, ChangeKind::Fewer) => {
                return write!(
                    f,
                    "{now} models instead of {before} ({percent} % fewer)",
                    now = before - affected,
                    percent = self.percent()
                );
            }
            (GuardGroup::Models, _) => "are missing",
            (_, ChangeKind::Lost) => "lose facts",
            (GuardGroup::Status, ChangeKind::Changed) => "become deprecated or retired",
            (_, ChangeKind::Changed) => "change sharply",
        };
        let of_provider = provider.as_ref().map_or_else(String::new, |provider| format!(" of the provider {provider}"));
        write!(f, "{affected} of {before} models{of_provider} {change} ({percent} %)", percent = self.percent())
    }
}

/// Compares a snapshot with the snapshot of the same source on the day `previous_date`, whose claims the evidence has.
pub(crate) fn compare(evidence: &Evidence, source: &str, previous_date: Date, snapshot: &Snapshot) -> SnapshotComparison {
    let mut all = Counter::default();
    let mut of_providers = Vec::new();
    for (id, provider) in &evidence.providers {
        let mut counter = Counter::default();
        let now = snapshot.providers.get(id);
        for (model, line) in &provider.models {
            if let Some(before) = facts_on(line, source, previous_date) {
                counter.add(&format!("{id}/{model}"), &before, now.and_then(|now| now.models.get(model)));
            }
        }
        if counter.models >= MIN_PROVIDER_MODELS {
            of_providers.extend(counter.counts(Some(id)));
        }
        all.merge(counter);
    }
    let mut counts = all.counts(None);
    let (before, now) = (all.models, snapshot.model_count());
    let affected = before.saturating_sub(now);
    counts.push(GuardCount { group: GuardGroup::Models, kind: ChangeKind::Fewer, provider: None, before, affected, examples: Vec::new() });
    counts.extend(of_providers);
    SnapshotComparison { previous_date, counts }
}

/// Returns what `source` stated about a model on the day `date`. Returns `None` if the source did not list the model.
fn facts_on<'e>(line: &'e EvidenceLine, source: &str, date: Date) -> Option<BTreeMap<&'e FactKey, &'e Value>> {
    let covers = |claim: &&Claim| claim.source.as_str() == source && claim.since <= date && claim.until.is_none_or(|until| date <= until);
    let stated = |key| line.claims(key).iter().find(covers).map(|claim| &claim.value);
    stated(&FactKey::Listed)?;
    Some(line.facts.keys().filter_map(|key| Some((key, stated(key)?))).collect())
}

/// Counts the changes of models, by group and kind.
#[derive(Default)]
struct Counter {
    models: usize,
    counts: BTreeMap<(GuardGroup, ChangeKind), (usize, usize, Vec<String>)>,
}

impl Counter {
    fn add(&mut self, reference: &str, before: &BTreeMap<&FactKey, &Value>, now: Option<&BTreeMap<FactKey, Value>>) {
        self.models += 1;
        self.count(GuardGroup::Models, ChangeKind::Lost, now.is_none().then(|| format!("{reference} is missing")));
        let Some(now) = now else { return };
        for &group in &GuardGroup::ALL[1..] {
            let mut facts = before.iter().filter(|(key, value)| GuardGroup::of(key) == Some(group) && !value.is_zero_rate()).peekable();
            let has_facts = facts.peek().is_some();
            let mut lost = None;
            let mut changed = None;
            for (key, old) in facts {
                match now.get(*key).filter(|new| !new.is_zero_rate()) {
                    None if is_main(key) => lost = lost.or_else(|| Some(format!("{reference}: {key} was {old} and is now missing"))),
                    Some(new) if is_sharp(key, old, new) => {
                        changed = changed.or_else(|| Some(format!("{reference}: {key} was {old} and is now {new}")))
                    }
                    _ => {}
                }
            }
            if group == GuardGroup::Status {
                // A model without a status is active, and can become deprecated too.
                let was_ending = before.iter().any(|(key, value)| is_ending(key, value));
                let ending = now.iter().find(|(key, value)| is_ending(key, value)).filter(|_| !was_ending);
                self.count(group, ChangeKind::Changed, ending.map(|(key, value)| format!("{reference}: {key} is now {value}")));
            } else if has_facts {
                self.count(group, ChangeKind::Changed, changed);
            }
            if has_facts {
                self.count(group, ChangeKind::Lost, lost);
            }
        }
    }

    fn count(&mut self, group: GuardGroup, kind: ChangeKind, change: Option<String>) {
        let (before, affected, examples) = self.counts.entry((group, kind)).or_default();
        *before += 1;
        *affected += usize::from(change.is_some());
        examples.extend(change.filter(|_| examples.len() < MAX_EXAMPLES));
    }

    fn merge(&mut self, other: Self) {
        self.models += other.models;
        for (key, (before, affected, examples)) in other.counts {
            let own = self.counts.entry(key).or_default();
            own.0 += before;
            own.1 += affected;
            let room = MAX_EXAMPLES - own.2.len();
            own.2.extend(examples.into_iter().take(room));
        }
    }

    fn counts(&self, provider: Option<&str>) -> Vec<GuardCount> {
        let count =
            |(&(group, kind), (before, affected, examples)): (&(GuardGroup, ChangeKind), &(usize, usize, Vec<String>))| GuardCount {
                group,
                kind,
                provider: provider.map(str::to_owned),
                before: *before,
                affected: *affected,
                examples: examples.clone(),
            };
        self.counts.iter().map(count).collect()
    }
}

/// Returns whether a model that lacks the fact counts as a model that has lost facts of the group.
fn is_main(key: &FactKey) -> bool {
    match key {
        FactKey::Rate(condition, meter) => condition.is_always() && matches!(meter, Meter::Input | Meter::Output),
        _ => true,
    }
}

/// Returns whether a value has changed more than providers usually change it.
fn is_sharp(key: &FactKey, old: &Value, new: &Value) -> bool {
    let is_factor = |old: u64, new: u64| old.max(new) >= old.min(new).saturating_mul(SHARP_FACTOR);
    match (old, new) {
        (Value::Rate(old), Value::Rate(new)) => old.currency == new.currency && is_factor(old.rate.micros(), new.rate.micros()),
        (Value::Tokens(old), Value::Tokens(new)) => is_factor((*old).into(), (*new).into()),
        (Value::Date(old), Value::Date(new)) => old.days_until(*new).max(new.days_until(*old)) >= SHARP_DAYS,
        (Value::Flag(old), Value::Flag(new)) => matches!(key, FactKey::Capability(_)) && old != new,
        _ => false,
    }
}

/// Returns whether the value states that the provider has ended or will end the model.
fn is_ending(key: &FactKey, value: &Value) -> bool {
    match key {
        FactKey::Fact(Fact::Status) => {
            let word = value.to_string();
            [Status::Deprecated, Status::Retired].iter().any(|status| status.as_str() == word)
        }
        // The dates of this group are those on which a model is deprecated or retired.
        FactKey::Fact(fact) => fact.group() == FactGroup::Status && matches!(value, Value::Date(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::OwnedCondition;
    use modeldex_formats::snapshot::ProviderFacts;
    use modeldex_table::{Capability, Rate, Word};

    /// Returns a snapshot of providers with the given numbers of models, all with the same facts.
    fn snapshot(providers: &[(&str, usize)], facts: &[(FactKey, Value)]) -> Snapshot {
        let facts: BTreeMap<FactKey, Value> = facts.iter().cloned().chain([(FactKey::Listed, Value::Flag(true))]).collect();
        let models = |count: usize| (0..count).map(|at| (format!("m{at:03}"), facts.clone())).collect();
        let provider = |&(id, count): &(&str, usize)| (id.to_owned(), ProviderFacts { facts: BTreeMap::new(), models: models(count) });
        Snapshot { providers: providers.iter().map(provider).collect(), rejected: Vec::new() }
    }

    fn rate(meter: Meter, text: &str) -> (FactKey, Value) {
        (FactKey::Rate(OwnedCondition::default(), meter), Value::dollars(Rate::parse(text).unwrap()))
    }

    fn all_facts() -> Vec<(FactKey, Value)> {
        vec![
            rate(Meter::Input, "1"),
            rate(Meter::Output, "2"),
            (FactKey::Fact(Fact::ContextWindow), Value::Tokens(1000)),
            (FactKey::Fact(Fact::ReleaseDate), Value::Date(Date::parse("2026-01-01").unwrap())),
            (FactKey::Capability(Capability::ToolCall), Value::Flag(true)),
        ]
    }

    /// Returns the excessive changes from a snapshot with two providers to `new`, as group, kind and provider.
    fn excessive(new: &Snapshot) -> Vec<(&'static str, ChangeKind, Option<String>)> {
        let day = Date::parse("2026-05-21").unwrap();
        let mut evidence = Evidence::default();
        evidence.add_snapshot("x", day, &[], snapshot(&[("a", 400), ("b", 20)], &all_facts()));
        let comparison = compare(&evidence, "x", day, new);
        comparison.excessive().into_iter().map(|count| (count.group.as_str(), count.kind, count.provider.clone())).collect()
    }

    #[test]
    fn an_unchanged_snapshot_passes_and_every_group_is_guarded() {
        let both = [("a", 400), ("b", 20)];
        assert_eq!(excessive(&snapshot(&both, &all_facts())), []);
        let with = |at: usize, value: Option<Value>| {
            let mut facts = all_facts();
            let (key, _) = facts.remove(at);
            facts.extend(value.map(|value| (key, value)));
            snapshot(&both, &facts)
        };
        use ChangeKind::{Changed, Fewer, Lost};
        for (new, group, kind) in [
            (with(0, None), "prices", Lost),
            (with(1, Some(Value::dollars(Rate::parse("0").unwrap()))), "prices", Lost),
            (with(0, Some(Value::dollars(Rate::parse("900").unwrap()))), "prices", Changed),
            (with(0, Some(Value::dollars(Rate::parse("0.3").unwrap()))), "prices", Changed),
            (with(2, None), "limits", Lost),
            (with(2, Some(Value::Tokens(100))), "limits", Changed),
            (with(3, None), "dates", Lost),
            (with(3, Some(Value::Date(Date::parse("2024-01-01").unwrap()))), "dates", Changed),
            (with(4, None), "capabilities", Lost),
            (with(4, Some(Value::Flag(false))), "capabilities", Changed),
        ] {
            assert_eq!(excessive(&new), [(group, kind, None)], "{group} {kind:?}");
        }
        for ending in [
            (FactKey::Fact(Fact::Status), Value::Word(Word::from(Status::Deprecated))),
            (FactKey::Fact(Fact::RetirementDate), Value::Date(Date::parse("2026-06-01").unwrap())),
        ] {
            let facts: Vec<_> = all_facts().into_iter().chain([ending]).collect();
            assert_eq!(excessive(&snapshot(&both, &facts)), [("status", Changed, None)]);
        }
        assert_eq!(excessive(&snapshot(&[("a", 370), ("b", 20)], &all_facts())), [], "a loss of 7 % passes");
        assert_eq!(excessive(&snapshot(&[("a", 350), ("b", 20)], &all_facts())), [("models", Fewer, None)]);
        // New models do not hide that old models are missing.
        assert_eq!(excessive(&snapshot(&[("a", 100), ("b", 20), ("c", 500)], &all_facts())), [("models", Lost, None)]);
        // A small provider may close.
        assert_eq!(excessive(&snapshot(&[("a", 400)], &all_facts())), []);
    }

    #[test]
    fn one_provider_is_guarded_too() {
        let mut new = snapshot(&[("a", 400), ("b", 20)], &all_facts());
        for model in new.providers.get_mut("b").unwrap().models.values_mut() {
            let (key, value) = rate(Meter::Input, "900");
            model.insert(key, value);
        }
        assert_eq!(excessive(&new), [("prices", ChangeKind::Changed, Some("b".to_owned()))]);
    }
}
