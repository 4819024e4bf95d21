//! The import policy, which chooses one of the values that sources claim for a fact.
//!
//! 1. For each fact, only the claims of sources that `sources.yaml` declares authoritative for the fact are considered. Of each source, only the
//!    claims in its newest snapshot are considered. If no source lists a model any more, the last claims of each source about the model are
//!    considered instead.
//! 2. Impossible values are ignored: rates of zero if another source states a price, and a maximum output above the context window.
//! 3. If the provider itself is a source and its snapshot is recent, the provider's value is chosen.
//! 4. Otherwise, the value with the most weight is chosen. An older snapshot has less weight. A source that copies from another source has less
//!    weight if the two sources claim the same value.
//! 5. If no price has enough weight, no price is chosen. A missing price is better than a guess: in the measurements of the policy, a guess would
//!    have been right for only 17 of 39 such prices.
//!
//! The rate of input tokens and the rate of output tokens are chosen together, as a pair. All other rates come from the sources that claim the chosen
//! pair.
//!
//! `docs/decisions/0004-import-policy.md` lists the rejected variants of the policy, and measures each option: some sources are left out, and the
//! values that the policy chooses without these sources are compared with the claims of these sources.

use crate::base_url::base_url;
use crate::decision::{Decision, Decisions, Rule};
use crate::evidence::{Claim, EvidenceLine, SourceName};
use crate::sources::{Source, SourceFaultKind, Sources};
use crate::statement::{FactKey, OwnedCondition, Value};
use modeldex_compile::authored::routing::ConfirmedRouting;
use modeldex_table::{Date, Fact, Limits, Meter};
use std::collections::{BTreeMap, BTreeSet};

/// The rules by which an import chooses the value of each fact from the claims of the sources.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'s> {
    sources: &'s Sources,
    today: Date,
    options: PolicyOptions,
}

/// Options of the policy. Imports use the default values. Other values are used only to measure the effect of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyOptions {
    /// Age, in days, up to which a snapshot that the provider itself publishes takes precedence over the snapshots of all other sources.
    pub first_party_days: u32,
    /// Age, in days, at which a snapshot has half the weight of a new snapshot.
    pub half_life_days: u32,
    /// Weight of a source that copies from another source and claims the same value as that source, in percent of its normal weight.
    pub copy_percent: u32,
    /// Minimum share of the total weight, in percent, that a price must have. If no price has this share, no price is chosen.
    pub price_percent: u32,
    /// Whether to ignore a claim if another source has replaced the claimed value by a different value, in a snapshot that is at least as new.
    /// The default is false. In measurements, this option made the policy choose additional prices, but two of five additional prices were wrong.
    pub drop_superseded: bool,
    /// Whether to ignore prices of zero if another source states a price.
    pub drop_zeros: bool,
    /// Whether to choose the rates of input and output tokens together.
    pub joint_prices: bool,
    /// Whether the weight of a claimed output limit is reduced to a quarter if the same source claims an equal context window.
    pub discount_output_equal_to_context: bool,
}

impl Default for PolicyOptions {
    fn default() -> Self {
        Self {
            first_party_days: 60,
            half_life_days: 120,
            copy_percent: 70,
            price_percent: 60,
            drop_superseded: false,
            drop_zeros: true,
            joint_prices: true,
            discount_output_equal_to_context: true,
        }
    }
}

impl<'s> Policy<'s> {
    /// Creates the policy with the default options. Returns `None` if no snapshot has been imported yet.
    #[must_use]
    pub fn new(sources: &'s Sources) -> Option<Self> {
        Self::with_options(sources, PolicyOptions::default())
    }

    /// Creates the policy with the given options. Returns `None` if no snapshot has been imported yet.
    #[must_use]
    pub fn with_options(sources: &'s Sources, options: PolicyOptions) -> Option<Self> {
        Some(Self { sources, today: sources.newest_snapshot()?, options })
    }

    /// Returns the date of the newest snapshot of any source, which the policy uses as the current date.
    #[must_use]
    pub const fn today(&self) -> Date {
        self.today
    }

    /// Returns the date of the newest snapshot of a source. Returns `None` if the source has no snapshot.
    #[must_use]
    pub fn newest_snapshot(&self, source: &SourceName) -> Option<Date> {
        self.source(source).and_then(Source::newest_snapshot)
    }

    /// Returns whether `source` alone can add a model of a provider to the catalog, without another source that lists the model. The result is false
    /// if the ids of the source differ from the ids in requests to the provider. Such a source only adds claims about models that other sources list.
    #[must_use]
    pub fn can_introduce_models(&self, source: &SourceName, provider: &str) -> bool {
        let has_other_ids =
            |source: &Source| source.faults.iter().any(|fault| fault.kind == SourceFaultKind::IdsOfItsOwn && fault.applies_to(provider));
        self.source(source).is_some_and(|source| !has_other_ids(source))
    }

    /// Chooses the values of all facts of one model, or of one provider itself, from the claims in `lines`. `lines` has one evidence line for each id
    /// of the model, or only the line about the provider. `provider` is the id of the provider.
    #[must_use]
    pub fn decide(&self, provider: &str, lines: &[&EvidenceLine]) -> Decisions {
        self.decide_from(provider, &CurrentClaims::new(self, lines, |_, _| true))
    }

    /// Chooses the values of all facts of a provider from the claims in `line`. The facts of the provider's models are not included. A claim of a base
    /// URL or of a wire protocol is ignored if `confirmed` does not contain this URL or protocol. If `confirmed` is `None`, no claim is ignored.
    #[must_use]
    pub fn decide_with_routing(&self, provider: &str, line: &EvidenceLine, confirmed: Option<&ConfirmedRouting>) -> Decisions {
        let allows = |key: &FactKey, value: &Value| match (key, confirmed) {
            (FactKey::BaseUrl, Some(confirmed)) => value.text().and_then(base_url).is_some_and(|url| confirmed.allows_url(&url)),
            (FactKey::Api, Some(confirmed)) => value.text().is_some_and(|api| confirmed.allows_protocol(api)),
            _ => true,
        };
        self.decide_from(provider, &CurrentClaims::new(self, &[line], allows))
    }

    /// Chooses the values of all facts of a provider, without its models, as if sources claimed only the base URL `claimed_url`, which must be in its
    /// normal form.
    #[must_use]
    pub(crate) fn decide_for_url(&self, provider: &str, line: &EvidenceLine, claimed_url: &str) -> Decisions {
        let allows = |key: &FactKey, value: &Value| {
            *key != FactKey::BaseUrl || value.text().and_then(base_url).is_some_and(|url| url == claimed_url)
        };
        self.decide_from(provider, &CurrentClaims::new(self, &[line], allows))
    }

    /// Returns the claims about a fact that are considered: the current claims or, if there are none, the newest past claims.
    pub(crate) fn latest_claims<'l>(&self, line: &'l EvidenceLine, key: &FactKey) -> Vec<&'l Claim> {
        let is_authoritative = |source: &Source| key.group().is_none_or(|group| source.authoritative_for(group));
        let claims: Vec<&Claim> =
            line.claims(key).iter().filter(|claim| self.source(&claim.source).is_some_and(is_authoritative)).collect();
        let last = claims.iter().map(|claim| claim.until).max_by_key(|until| (until.is_none(), *until)).flatten();
        claims.into_iter().filter(|claim| claim.until == last).collect()
    }

    fn decide_from(&self, provider: &str, claims: &CurrentClaims<'_>) -> Decisions {
        let mut decisions = Decisions::new();
        self.decide_modalities(provider, claims, &mut decisions);
        let is_independent = |key: &FactKey| {
            !key.is_price() && !matches!(key, FactKey::Fact(fact) if *fact == Fact::Input || Limits::BOUNDED_BY_WINDOW.contains(fact))
        };
        for key in claims.by_key.keys().filter(|key| is_independent(key)) {
            if let Some(decision) = self.decide_fact(provider, claims, key, |_| 1) {
                decisions.insert((*key).clone(), decision);
            }
        }
        self.decide_protocol(provider, claims, &mut decisions);
        self.decide_limits(provider, claims, &mut decisions);
        self.decide_prices(provider, claims, &mut decisions);
        decisions
    }

    /// Decides the input modalities. Sources that only distinguish text and images are ignored if another source distinguishes more modalities.
    fn decide_modalities(&self, provider: &str, claims: &CurrentClaims<'_>, decisions: &mut Decisions) {
        let key = FactKey::Fact(Fact::Input);
        let knows_all =
            |source: &SourceName| self.source(source).is_some_and(|source| !source.has_fault(SourceFaultKind::KnowsTextAndImages));
        let any_knows_all = claims.sources(&key).any(knows_all);
        if let Some(decision) = self.decide_fact(provider, claims, &key, |vote| u64::from(!any_knows_all || knows_all(vote.source))) {
            decisions.insert(key, decision);
        }
    }

    /// Decides the wire protocol. A protocol belongs to a base URL, so only sources that claim the chosen base URL are considered.
    fn decide_protocol(&self, provider: &str, claims: &CurrentClaims<'_>, decisions: &mut Decisions) {
        decisions.remove(&FactKey::Api);
        let Some(url) = decisions.get(&FactKey::BaseUrl).and_then(|decision| decision.value.clone()) else { return };
        let claims_url = |vote: &Vote<'_, &Value>| u64::from(claims.value(vote.source, &FactKey::BaseUrl) == Some(&url));
        if let Some(decision) = self.decide_fact(provider, claims, &FactKey::Api, claims_url) {
            decisions.insert(FactKey::Api, decision);
        }
    }

    /// Decides the maximum input and output. Values above the chosen context window are ignored.
    fn decide_limits(&self, provider: &str, claims: &CurrentClaims<'_>, decisions: &mut Decisions) {
        let window = |source: &SourceName| claims.value(source, &FactKey::Fact(Limits::WINDOW));
        let chosen = decisions.get(&FactKey::Fact(Limits::WINDOW)).and_then(|decision| decision.value.clone());
        for fact in Limits::BOUNDED_BY_WINDOW {
            let key = FactKey::Fact(fact);
            let decision = self.decide_fact(provider, claims, &key, |vote| {
                if chosen.as_ref().is_some_and(|window| *vote.value > *window) {
                    return 0;
                }
                let is_copy_of_window = self.options.discount_output_equal_to_context && window(vote.source) == Some(vote.value);
                if is_copy_of_window { 1 } else { 4 }
            });
            // An input limit that equals the context window is redundant.
            if let Some(decision) = decision.filter(|decision| fact == Limits::OUTPUT || decision.value != chosen) {
                decisions.insert(key, decision);
            }
        }
    }

    /// Decides the prices: the rates of input and output tokens as a pair, then all other rates from the sources that claim the chosen pair.
    fn decide_prices(&self, provider: &str, claims: &CurrentClaims<'_>, decisions: &mut Decisions) {
        let base_rate = |meter| FactKey::Rate(OwnedCondition::default(), meter);
        let (input, output) = (base_rate(Meter::Input), base_rate(Meter::Output));
        if !self.options.joint_prices {
            for key in claims.by_key.keys().filter(|key| key.is_price()) {
                if let Some(decision) = self.decide_fact(provider, claims, key, |_| 1) {
                    decisions.insert((*key).clone(), decision);
                }
            }
            return;
        }
        let sources: BTreeSet<&SourceName> = [&input, &output].iter().flat_map(|key| claims.sources(key)).collect();
        let pair = |source: &SourceName| {
            let [input, output] = [&input, &output].map(|key| claims.value(source, key));
            // Models without output tokens have no output rate. Some catalogs state zero, and some omit the rate.
            [input, output.filter(|output| !output.is_zero_rate() || input.is_none_or(Value::is_zero_rate))]
        };
        let is_zero = |source: &SourceName| pair(source).into_iter().flatten().all(Value::is_zero_rate);
        let any_price = sources.iter().any(|source| !is_zero(source));
        let votes: Vec<Vote<'_, [Option<&Value>; 2]>> = sources
            .iter()
            .filter(|source| !(self.options.drop_zeros && any_price && is_zero(source)))
            .map(|source| Vote { source, value: pair(source), seen: claims.seen(source) })
            .collect();
        // Returns whether a source once claimed both rates of the pair, and now claims another pair. One of the rates may still be the same.
        let had_pair = |source: &SourceName, value: &[Option<&Value>; 2]| {
            let stated = |key: &FactKey, value: Option<&Value>| value.is_none_or(|value| claims.ever_claimed(source, key, value));
            pair(source) != *value && stated(&input, value[0]) && stated(&output, value[1])
        };
        let winner = self.count_votes(provider, &votes, had_pair, |_| 1, self.options.price_percent);
        let agreeing: Vec<&SourceName> = match &winner {
            Some((None, rule)) => {
                for key in [&input, &output] {
                    decisions.insert(key.clone(), Decision { value: None, rule: *rule });
                }
                return;
            }
            Some((Some(pair), rule)) => {
                for (key, value) in [&input, &output].into_iter().zip(pair) {
                    if let Some(value) = value {
                        decisions.insert(key.clone(), Decision { value: Some((*value).clone()), rule: *rule });
                    }
                }
                votes.iter().filter(|vote| vote.value == *pair).map(|vote| vote.source).collect()
            }
            // No source states a rate per token, so the rate of each other meter is decided independently.
            None => claims.by_key.keys().filter(|key| key.is_price()).flat_map(|key| claims.sources(key)).collect(),
        };
        for key in claims.by_key.keys().filter(|key| key.is_price() && **key != &input && **key != &output) {
            let from_agreeing = |vote: &Vote<'_, &Value>| u64::from(agreeing.contains(&vote.source));
            if let Some(decision) = self.decide_fact(provider, claims, key, from_agreeing) {
                decisions.insert((*key).clone(), decision);
            }
        }
    }

    /// Decides one fact. The weight of each vote is multiplied by the result of `factor`. A vote with the factor 0 is ignored.
    fn decide_fact(
        &self,
        provider: &str,
        claims: &CurrentClaims<'_>,
        key: &FactKey,
        factor: impl Fn(&Vote<'_, &Value>) -> u64,
    ) -> Option<Decision> {
        let votes: Vec<Vote<'_, &Value>> = claims
            .by_key
            .get(key)?
            .iter()
            .map(|(source, claim)| Vote { source, value: &claim.value, seen: claims.seen(source) })
            .filter(|vote| factor(vote) > 0)
            .collect();
        let percent = if key.is_price() { self.options.price_percent } else { 0 };
        let (value, rule) = self.count_votes(provider, &votes, |source, value| claims.changed_from(source, key, value), factor, percent)?;
        Some(Decision { value: value.cloned(), rule })
    }

    /// Returns the value with the most weight, and the policy rule. The value is `None` if its weight is less than `percent` of the total weight. The
    /// function `had` returns whether a source once claimed a value and now claims another value.
    fn count_votes<V: Clone + PartialEq>(
        &self,
        provider: &str,
        votes: &[Vote<'_, V>],
        had: impl Fn(&SourceName, &V) -> bool,
        factor: impl Fn(&Vote<'_, V>) -> u64,
        percent: u32,
    ) -> Option<(Option<V>, Rule)> {
        let is_first_party =
            |vote: &&Vote<'_, V>| self.source(vote.source).is_some_and(|source| source.first_party.iter().any(|id| id == provider));
        let is_fresh = |vote: &&Vote<'_, V>| vote.seen.is_some_and(|seen| seen.days_until(self.today) <= self.options.first_party_days);
        if let Some(vote) = votes.iter().filter(is_first_party).filter(is_fresh).max_by_key(|vote| vote.seen) {
            return Some((Some(vote.value.clone()), Rule::FirstParty));
        }
        // A value is superseded if another source, with a snapshot that is at least as new, once claimed the value and now claims another value.
        let is_superseded = |vote: &Vote<'_, V>| {
            self.options.drop_superseded
                && votes.iter().any(|other| other.value != vote.value && other.seen >= vote.seen && had(other.source, &vote.value))
        };
        let is_copy = |vote: &Vote<'_, V>| {
            let parents = self.source(vote.source).map_or(&[][..], |source| &source.derived_from);
            let agrees = |parent: &String| votes.iter().any(|other| other.source.as_str() == parent && other.value == vote.value);
            parents.iter().any(agrees)
        };
        let mut tally: Vec<Tally<V>> = Vec::new();
        for vote in votes {
            let at = tally.iter().position(|tally| tally.value == vote.value).unwrap_or_else(|| {
                tally.push(Tally { value: vote.value.clone(), weight: 0, votes: 0, newest: None });
                tally.len() - 1
            });
            let entry = &mut tally[at];
            entry.newest = entry.newest.max(vote.seen);
            if !is_superseded(vote) {
                entry.votes += 1;
                let percent = if is_copy(vote) { self.options.copy_percent } else { 100 };
                entry.weight += factor(vote) * self.weight(vote.seen) * u64::from(percent);
            }
        }
        let total_weight: u64 = tally.iter().map(|tally| tally.weight).sum();
        let best = tally.iter().max_by_key(|tally| (tally.weight, tally.newest))?;
        let has_most_votes = tally.iter().all(|other| other.value == best.value || other.votes < best.votes);
        let rule = match (tally.len(), best.votes, has_most_votes) {
            _ if best.weight * 100 < total_weight * u64::from(percent) => return Some((None, Rule::Contested)),
            (1, 0 | 1, _) => Rule::Only,
            (_, _, true) => Rule::Agreement,
            _ => Rule::Recency,
        };
        Some((Some(best.value.clone()), rule))
    }

    /// Returns the weight of a claim, which depends on the date `seen` of its snapshot.
    fn weight(&self, seen: Option<Date>) -> u64 {
        let half = u64::from(self.options.half_life_days);
        let age = seen.map_or(u64::MAX / 2, |seen| seen.days_until(self.today).into());
        1_000_000 * half / half.saturating_add(age).max(1)
    }

    fn source(&self, name: &SourceName) -> Option<&'s Source> {
        self.sources.sources.get(name.as_str())
    }
}

/// Claims that the policy considers, by fact and source: the current claims, or the last claims if no source lists the model any more.
struct CurrentClaims<'l> {
    by_key: BTreeMap<&'l FactKey, BTreeMap<&'l SourceName, &'l Claim>>,
    lines: Vec<&'l EvidenceLine>,
    /// Date of each source's last snapshot that lists the model or provider.
    seen: BTreeMap<&'l SourceName, Date>,
}

/// Vote: the value that one source claims, with the date of the source's last snapshot that lists the model or provider.
struct Vote<'c, V> {
    source: &'c SourceName,
    value: V,
    seen: Option<Date>,
}

/// Sum of the votes for one value.
struct Tally<V> {
    value: V,
    weight: u64,
    votes: u32,
    newest: Option<Date>,
}

impl<'l> CurrentClaims<'l> {
    /// Collects the claims for which both [`accepts_claim`] and `allows` return true.
    fn new(policy: &Policy<'_>, lines: &[&'l EvidenceLine], allows: impl Fn(&FactKey, &Value) -> bool) -> Self {
        let accepts_claim = |source: &Source, key: &FactKey, value: &Value| accepts_claim(source, key, value) && allows(key, value);
        let listed: Vec<&Claim> = lines.iter().flat_map(|line| line.claims(&FactKey::Listed)).collect();
        let current = listed.iter().any(|claim| claim.is_current());
        let mut seen = BTreeMap::new();
        for claim in &listed {
            let newest = || policy.source(&claim.source).and_then(Source::newest_snapshot);
            if let Some(date) = claim.until.or_else(newest).filter(|_| claim.is_current() == current) {
                let entry = seen.entry(&claim.source).or_insert(date);
                *entry = (*entry).max(date);
            }
        }
        let mut by_key: BTreeMap<&FactKey, BTreeMap<&SourceName, &Claim>> = BTreeMap::new();
        for line in lines {
            for (key, fact) in &line.facts {
                for claim in &fact.claims.0 {
                    let counts = claim.is_current() == current && (current || seen.get(&claim.source) == claim.until.as_ref());
                    if counts && policy.source(&claim.source).is_some_and(|source| accepts_claim(source, key, &claim.value)) {
                        by_key.entry(key).or_default().entry(&claim.source).or_insert(claim);
                    }
                }
            }
        }
        // If the newest snapshots do not state the endpoint or the name of a provider any more, the last stated values are used.
        for line in lines {
            for (key, fact) in line
                .facts
                .iter()
                .filter(|(key, _)| matches!(key, FactKey::BaseUrl | FactKey::Api | FactKey::Env | FactKey::Fact(Fact::Name)))
            {
                if by_key.contains_key(key) {
                    continue;
                }
                // If a source now claims another value, its earlier value is not used, even if the new value is not allowed.
                let claims_another = |source: &SourceName| fact.claims.0.iter().any(|claim| claim.is_current() && claim.source == *source);
                let is_usable = |claim: &&Claim| {
                    !claims_another(&claim.source)
                        && policy.source(&claim.source).is_some_and(|source| accepts_claim(source, key, &claim.value))
                };
                let latest = fact.claims.0.iter().filter(is_usable).filter_map(|claim| claim.until).max();
                for claim in fact.claims.0.iter().filter(is_usable).filter(|claim| claim.until.is_some() && claim.until == latest) {
                    seen.entry(&claim.source).or_insert(claim.until.unwrap_or(claim.since));
                    by_key.entry(key).or_default().insert(&claim.source, claim);
                }
            }
        }
        Self { by_key, lines: lines.to_vec(), seen }
    }

    fn sources(&self, key: &FactKey) -> impl Iterator<Item = &'l SourceName> {
        self.by_key.get(key).into_iter().flat_map(|sources| sources.keys().copied())
    }

    fn claim(&self, source: &SourceName, key: &FactKey) -> Option<&'l Claim> {
        self.by_key.get(key)?.get(source).copied()
    }

    fn value(&self, source: &SourceName, key: &FactKey) -> Option<&'l Value> {
        self.claim(source, key).map(|claim| &claim.value)
    }

    /// Returns whether the source once claimed the value, and now claims another value or none.
    fn changed_from(&self, source: &SourceName, key: &FactKey, value: &Value) -> bool {
        self.value(source, key) != Some(value) && self.ever_claimed(source, key, value)
    }

    /// Returns whether the source claims the value or has claimed it.
    fn ever_claimed(&self, source: &SourceName, key: &FactKey, value: &Value) -> bool {
        self.lines.iter().any(|line| line.claims(key).iter().any(|claim| claim.source == *source && claim.value == *value))
    }

    fn seen(&self, source: &SourceName) -> Option<Date> {
        self.seen.get(source).copied()
    }
}

/// Returns whether the policy considers a claim: the source is authoritative for the fact, and none of the source's known faults affects the value.
fn accepts_claim(source: &Source, key: &FactKey, value: &Value) -> bool {
    let Some(group) = key.group() else { return true };
    if !source.authoritative_for(group) {
        return false;
    }
    match key {
        FactKey::BaseUrl => value.text().and_then(base_url).is_some(),
        FactKey::Fact(Limits::OUTPUT) => !source.has_fault(SourceFaultKind::DefaultOutputAsMaximum),
        FactKey::Rate(_, Meter::Input | Meter::Output) => true,
        // A rate of zero for other meters usually means that the source's format requires a number, and the rate is unknown.
        FactKey::Rate(..) => !(value.is_zero_rate() && source.has_fault(SourceFaultKind::ZeroIsUnknown)),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
