//! Which of several values is believed: the written policy. What was tried, and how each choice moved agreement between sources that were
//! held out in turn, is in `docs/decisions/0004-import-policy.md`.
//!
//! 1. Only sources that may speak for a fact are heard, and only what their newest snapshot says. For a model that nobody lists any more,
//!    each source's last word counts.
//! 2. What cannot be is dropped: rates of zero where others ask for money, an answer longer than the context window.
//! 3. The provider's own publication wins while it is fresh.
//! 4. Else the value with the most weight wins. A source that says what one says that it copies from counts for less, and so does an older
//!    snapshot.
//! 5. A price for which there is too little weight is contested, and none is written: unknown is better than a guess that is wrong two times
//!    in five.
//!
//! The rates of input and output are one statement: they are chosen together, and the other rates come from the sources that agree on them.

use crate::base_url::base_url;
use crate::decision::{Decision, Decisions, Rule};
use crate::evidence::{Claim, Line, SourceName};
use crate::sources::{FaultKind, Source, Sources};
use crate::statement::{Condition, Key, Value};
use modeldex_compile::authored::routing::Confirmed;
use modeldex_table::{Date, Fact, Limits, Meter};
use std::collections::{BTreeMap, BTreeSet};

/// The policy, over a registry of sources.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'s> {
    sources: &'s Sources,
    today: Date,
    choices: Choices,
}

/// The choices that the policy is made of. Each can be made otherwise, so that what it is good for can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices {
    /// A provider's own publication wins for so many days.
    pub first_party_days: u32,
    /// After so many days a snapshot counts half.
    pub half_life_days: u32,
    /// A source that says what one says that it copies from counts so many hundredths.
    pub copy_percent: u32,
    /// A price is chosen when so many hundredths of the weight are for it; else it is contested and left out.
    pub price_percent: u32,
    /// A value that a source, seen no earlier, stated once and gave up is not counted. Measured and not taken: it settles what is contested,
    /// and is wrong two times in five.
    pub drop_superseded: bool,
    /// Zero where others ask for money is dropped.
    pub drop_zeros: bool,
    /// Input and output are chosen together.
    pub joint_prices: bool,
    /// An output limit equal to the context window counts less than one that is not.
    pub doubt_output_of_context: bool,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            first_party_days: 60,
            half_life_days: 120,
            copy_percent: 70,
            price_percent: 60,
            drop_superseded: false,
            drop_zeros: true,
            joint_prices: true,
            doubt_output_of_context: true,
        }
    }
}

impl<'s> Policy<'s> {
    /// The policy as it stands. Nothing where no snapshot was ever imported.
    #[must_use]
    pub fn new(sources: &'s Sources) -> Option<Self> {
        Self::with(sources, Choices::default())
    }

    /// The policy with other choices, to measure what they are good for.
    #[must_use]
    pub fn with(sources: &'s Sources, choices: Choices) -> Option<Self> {
        Some(Self { sources, today: sources.newest()?, choices })
    }

    /// The day that counts as today: that of the newest snapshot.
    #[must_use]
    pub const fn today(&self) -> Date {
        self.today
    }

    /// The day of the newest snapshot of a source.
    #[must_use]
    pub fn newest(&self, source: &SourceName) -> Option<Date> {
        self.source(source).and_then(Source::newest)
    }

    /// Whether a source's list makes a model of a provider: one whose ids are not those on the wire only speaks of models that others list.
    #[must_use]
    pub fn introduces(&self, source: &SourceName, provider: &str) -> bool {
        let invented = |source: &Source| source.faults.iter().any(|fault| fault.kind == FaultKind::IdsOfItsOwn && fault.concerns(provider));
        self.source(source).is_some_and(|source| !invented(source))
    }

    /// Decides every fact of a model or provider from what the sources say of it under one or several ids.
    #[must_use]
    pub fn decide(&self, provider: &str, lines: &[&Line]) -> Decisions {
        self.decide_from(provider, &Heard::new(self, lines, |_, _| true))
    }

    /// Decides every fact of a provider itself. Unconfirmed base URLs are ignored.
    #[must_use]
    pub fn decide_routed(&self, provider: &str, line: &Line, confirmed: Option<&Confirmed>) -> Decisions {
        let allows = |key: &Key, value: &Value| {
            let url = || value.text().and_then(base_url);
            *key != Key::BaseUrl || confirmed.is_none_or(|confirmed| url().is_some_and(|url| confirmed.allows_url(&url)))
        };
        self.decide_from(provider, &Heard::new(self, &[line], allows))
    }

    /// The claims of a fact that count: the current ones, or the newest where none is current.
    pub(crate) fn latest<'l>(&self, line: &'l Line, key: &Key) -> Vec<&'l Claim> {
        let speaks = |source: &Source| key.group().is_none_or(|group| source.speaks_for(group));
        let claims: Vec<&Claim> = line.claims(key).iter().filter(|claim| self.source(&claim.source).is_some_and(speaks)).collect();
        let last = claims.iter().map(|claim| claim.until).max_by_key(|until| (until.is_none(), *until)).flatten();
        claims.into_iter().filter(|claim| claim.until == last).collect()
    }

    fn decide_from(&self, provider: &str, heard: &Heard<'_>) -> Decisions {
        let mut decisions = Decisions::new();
        self.modalities(provider, heard, &mut decisions);
        let is_alone = |key: &Key| {
            !key.is_price() && !matches!(key, Key::Fact(fact) if *fact == Fact::Input || Limits::BOUNDED_BY_WINDOW.contains(fact))
        };
        for key in heard.by_key.keys().filter(|key| is_alone(key)) {
            if let Some(decision) = self.choose(provider, heard, key, |_| 1) {
                decisions.insert((*key).clone(), decision);
            }
        }
        self.protocol(provider, heard, &mut decisions);
        self.limits(provider, heard, &mut decisions);
        self.prices(provider, heard, &mut decisions);
        decisions
    }

    /// Who knows text and images only does not outvote who knows more words.
    fn modalities(&self, provider: &str, heard: &Heard<'_>, decisions: &mut Decisions) {
        let key = Key::Fact(Fact::Input);
        let knows_all = |source: &SourceName| self.source(source).is_some_and(|source| !source.has(FaultKind::KnowsTextAndImages));
        let somebody = heard.sources(&key).any(knows_all);
        if let Some(decision) = self.choose(provider, heard, &key, |voice| u64::from(!somebody || knows_all(voice.source))) {
            decisions.insert(key, decision);
        }
    }

    /// A protocol belongs to a base URL: only who names the chosen URL says what is spoken there.
    fn protocol(&self, provider: &str, heard: &Heard<'_>, decisions: &mut Decisions) {
        decisions.remove(&Key::Api);
        let Some(url) = decisions.get(&Key::BaseUrl).and_then(|decision| decision.value.clone()) else { return };
        let names_it = |voice: &Voice<'_, &Value>| u64::from(heard.value(voice.source, &Key::BaseUrl) == Some(&url));
        if let Some(decision) = self.choose(provider, heard, &Key::Api, names_it) {
            decisions.insert(Key::Api, decision);
        }
    }

    /// The most that goes in and comes out is never above the context window.
    fn limits(&self, provider: &str, heard: &Heard<'_>, decisions: &mut Decisions) {
        let window = |source: &SourceName| heard.value(source, &Key::Fact(Limits::WINDOW));
        let chosen = decisions.get(&Key::Fact(Limits::WINDOW)).and_then(|decision| decision.value.clone());
        for fact in Limits::BOUNDED_BY_WINDOW {
            let key = Key::Fact(fact);
            let decision = self.choose(provider, heard, &key, |voice| {
                if chosen.as_ref().is_some_and(|window| *voice.value > *window) {
                    return 0;
                }
                let filler = self.choices.doubt_output_of_context && window(voice.source) == Some(voice.value);
                if filler { 1 } else { 4 }
            });
            // A request limit that is the whole window says nothing.
            if let Some(decision) = decision.filter(|decision| fact == Limits::OUTPUT || decision.value != chosen) {
                decisions.insert(key, decision);
            }
        }
    }

    fn prices(&self, provider: &str, heard: &Heard<'_>, decisions: &mut Decisions) {
        let always = |meter| Key::Rate(Condition::default(), meter);
        let (input, output) = (always(Meter::Input), always(Meter::Output));
        if !self.choices.joint_prices {
            for key in heard.by_key.keys().filter(|key| key.is_price()) {
                if let Some(decision) = self.choose(provider, heard, key, |_| 1) {
                    decisions.insert((*key).clone(), decision);
                }
            }
            return;
        }
        let sources: BTreeSet<&SourceName> = [&input, &output].iter().flat_map(|key| heard.sources(key)).collect();
        let pair = |source: &SourceName| {
            let [input, output] = [&input, &output].map(|key| heard.value(source, key));
            // Models that answer with no tokens have no rate for them; some catalogs write that as zero, and some leave it out.
            [input, output.filter(|output| !output.is_zero_rate() || input.is_none_or(Value::is_zero_rate))]
        };
        let is_zero = |source: &SourceName| pair(source).into_iter().flatten().all(Value::is_zero_rate);
        let asked = sources.iter().any(|source| !is_zero(source));
        let voices: Vec<Voice<'_, [Option<&Value>; 2]>> = sources
            .iter()
            .filter(|source| !(self.choices.drop_zeros && asked && is_zero(source)))
            .map(|source| Voice { source, value: pair(source), seen: heard.seen(source) })
            .collect();
        // One of the two may have stayed as it was.
        let past = |source: &SourceName, value: &[Option<&Value>; 2]| {
            let stated = |key: &Key, value: Option<&Value>| value.is_none_or(|value| heard.stated(source, key, value));
            pair(source) != *value && stated(&input, value[0]) && stated(&output, value[1])
        };
        let winner = self.vote(provider, &voices, past, |_| 1, self.choices.price_percent);
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
                voices.iter().filter(|voice| voice.value == *pair).map(|voice| voice.source).collect()
            }
            // Nothing is paid per token; other meters stand for themselves.
            None => heard.by_key.keys().filter(|key| key.is_price()).flat_map(|key| heard.sources(key)).collect(),
        };
        for key in heard.by_key.keys().filter(|key| key.is_price() && **key != &input && **key != &output) {
            let from_agreeing = |voice: &Voice<'_, &Value>| u64::from(agreeing.contains(&voice.source));
            if let Some(decision) = self.choose(provider, heard, key, from_agreeing) {
                decisions.insert((*key).clone(), decision);
            }
        }
    }

    fn choose(&self, provider: &str, heard: &Heard<'_>, key: &Key, factor: impl Fn(&Voice<'_, &Value>) -> u64) -> Option<Decision> {
        let voices: Vec<Voice<'_, &Value>> = heard
            .by_key
            .get(key)?
            .iter()
            .map(|(source, claim)| Voice { source, value: &claim.value, seen: heard.seen(source) })
            .filter(|voice| factor(voice) > 0)
            .collect();
        let percent = if key.is_price() { self.choices.price_percent } else { 0 };
        let (value, rule) = self.vote(provider, &voices, |source, value| heard.had(source, key, value), factor, percent)?;
        Some(Decision { value: value.cloned(), rule })
    }

    /// The value that wins, and by which rule; none where the best has less than `percent` of the weight. `had` says whether a source stated a value before and no longer does.
    fn vote<V: Clone + PartialEq>(
        &self,
        provider: &str,
        voices: &[Voice<'_, V>],
        had: impl Fn(&SourceName, &V) -> bool,
        factor: impl Fn(&Voice<'_, V>) -> u64,
        percent: u32,
    ) -> Option<(Option<V>, Rule)> {
        let own =
            |voice: &&Voice<'_, V>| self.source(voice.source).is_some_and(|source| source.first_party.iter().any(|id| id == provider));
        let fresh = |voice: &&Voice<'_, V>| voice.seen.is_some_and(|seen| seen.days_until(self.today) <= self.choices.first_party_days);
        if let Some(voice) = voices.iter().filter(own).filter(fresh).max_by_key(|voice| voice.seen) {
            return Some((Some(voice.value.clone()), Rule::FirstParty));
        }
        // Out of date: a source that was seen no earlier said the same once, and gave it up.
        let superseded = |voice: &Voice<'_, V>| {
            self.choices.drop_superseded
                && voices.iter().any(|other| other.value != voice.value && other.seen >= voice.seen && had(other.source, &voice.value))
        };
        let copied = |voice: &Voice<'_, V>| {
            let parents = self.source(voice.source).map_or(&[][..], |source| &source.derived_from);
            let says_so = |parent: &String| voices.iter().any(|other| other.source.as_str() == parent && other.value == voice.value);
            parents.iter().any(says_so)
        };
        let mut tally: Vec<Tally<V>> = Vec::new();
        for voice in voices {
            let at = tally.iter().position(|tally| tally.value == voice.value).unwrap_or_else(|| {
                tally.push(Tally { value: voice.value.clone(), weight: 0, voices: 0, newest: None });
                tally.len() - 1
            });
            let entry = &mut tally[at];
            entry.newest = entry.newest.max(voice.seen);
            if !superseded(voice) {
                entry.voices += 1;
                let percent = if copied(voice) { self.choices.copy_percent } else { 100 };
                entry.weight += factor(voice) * self.weight(voice.seen) * u64::from(percent);
            }
        }
        let whole: u64 = tally.iter().map(|tally| tally.weight).sum();
        let best = tally.iter().max_by_key(|tally| (tally.weight, tally.newest))?;
        let most = tally.iter().all(|other| other.value == best.value || other.voices < best.voices);
        let rule = match (tally.len(), best.voices, most) {
            _ if best.weight * 100 < whole * u64::from(percent) => return Some((None, Rule::Contested)),
            (1, 0 | 1, _) => Rule::Only,
            (_, _, true) => Rule::Agreement,
            _ => Rule::Recency,
        };
        Some((Some(best.value.clone()), rule))
    }

    /// How much a statement of that day counts.
    fn weight(&self, seen: Option<Date>) -> u64 {
        let half = u64::from(self.choices.half_life_days);
        let age = seen.map_or(u64::MAX / 2, |seen| seen.days_until(self.today).into());
        1_000_000 * half / half.saturating_add(age).max(1)
    }

    fn source(&self, name: &SourceName) -> Option<&'s Source> {
        self.sources.sources.get(name.as_str())
    }
}

/// What the sources say now, by fact and source.
struct Heard<'l> {
    by_key: BTreeMap<&'l Key, BTreeMap<&'l SourceName, &'l Claim>>,
    lines: Vec<&'l Line>,
    seen: BTreeMap<&'l SourceName, Date>,
}

/// What one source says, and when it was last heard.
struct Voice<'c, V> {
    source: &'c SourceName,
    value: V,
    seen: Option<Date>,
}

struct Tally<V> {
    value: V,
    weight: u64,
    voices: u32,
    newest: Option<Date>,
}

impl<'l> Heard<'l> {
    /// The values that sources claim and `allows` accepts.
    fn new(policy: &Policy<'_>, lines: &[&'l Line], allows: impl Fn(&Key, &Value) -> bool) -> Self {
        let may_say = |source: &Source, key: &Key, value: &Value| may_say(source, key, value) && allows(key, value);
        let listed: Vec<&Claim> = lines.iter().flat_map(|line| line.claims(&Key::Listed)).collect();
        let current = listed.iter().any(|claim| claim.is_current());
        let mut seen = BTreeMap::new();
        for claim in &listed {
            let newest = || policy.source(&claim.source).and_then(Source::newest);
            if let Some(date) = claim.until.or_else(newest).filter(|_| claim.is_current() == current) {
                let entry = seen.entry(&claim.source).or_insert(date);
                *entry = (*entry).max(date);
            }
        }
        let mut by_key: BTreeMap<&Key, BTreeMap<&SourceName, &Claim>> = BTreeMap::new();
        for line in lines {
            for (key, fact) in &line.facts {
                for claim in &fact.claims.0 {
                    let last_word = claim.is_current() == current && (current || seen.get(&claim.source) == claim.until.as_ref());
                    if last_word && policy.source(&claim.source).is_some_and(|source| may_say(source, key, &claim.value)) {
                        by_key.entry(key).or_default().entry(&claim.source).or_insert(claim);
                    }
                }
            }
        }
        // A provider goes on being where it was, also when the newest snapshots do not say so again.
        for line in lines {
            for (key, fact) in
                line.facts.iter().filter(|(key, _)| matches!(key, Key::BaseUrl | Key::Api | Key::Env | Key::Fact(Fact::Name)))
            {
                if by_key.contains_key(key) {
                    continue;
                }
                // A source that claims another value now does not claim the earlier one, even if that other value is not allowed.
                let claims_another = |source: &SourceName| fact.claims.0.iter().any(|claim| claim.is_current() && claim.source == *source);
                let usable = |claim: &&Claim| {
                    !claims_another(&claim.source) && policy.source(&claim.source).is_some_and(|source| may_say(source, key, &claim.value))
                };
                let latest = fact.claims.0.iter().filter(usable).filter_map(|claim| claim.until).max();
                for claim in fact.claims.0.iter().filter(usable).filter(|claim| claim.until.is_some() && claim.until == latest) {
                    seen.entry(&claim.source).or_insert(claim.until.unwrap_or(claim.since));
                    by_key.entry(key).or_default().insert(&claim.source, claim);
                }
            }
        }
        Self { by_key, lines: lines.to_vec(), seen }
    }

    fn sources(&self, key: &Key) -> impl Iterator<Item = &'l SourceName> {
        self.by_key.get(key).into_iter().flat_map(|sources| sources.keys().copied())
    }

    fn claim(&self, source: &SourceName, key: &Key) -> Option<&'l Claim> {
        self.by_key.get(key)?.get(source).copied()
    }

    fn value(&self, source: &SourceName, key: &Key) -> Option<&'l Value> {
        self.claim(source, key).map(|claim| &claim.value)
    }

    /// Whether the source stated the value once, and states another one now.
    fn had(&self, source: &SourceName, key: &Key, value: &Value) -> bool {
        self.value(source, key) != Some(value) && self.stated(source, key, value)
    }

    /// Whether the source ever stated the value.
    fn stated(&self, source: &SourceName, key: &Key, value: &Value) -> bool {
        self.lines.iter().any(|line| line.claims(key).iter().any(|claim| claim.source == *source && claim.value == *value))
    }

    fn seen(&self, source: &SourceName) -> Option<Date> {
        self.seen.get(source).copied()
    }
}

/// Whether a source may state a fact, and whether this value is one at all, given what is known to be wrong with it.
fn may_say(source: &Source, key: &Key, value: &Value) -> bool {
    let Some(group) = key.group() else { return true };
    if !source.speaks_for(group) {
        return false;
    }
    match key {
        Key::BaseUrl => value.text().and_then(base_url).is_some(),
        Key::Fact(Limits::OUTPUT) => !source.has(FaultKind::DefaultOutputAsMaximum),
        Key::Rate(_, Meter::Input | Meter::Output) => true,
        // A zero beside the price of a token is mostly a field that had to be filled in.
        Key::Rate(..) => !(value.is_zero_rate() && source.has(FaultKind::ZeroIsUnknown)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Claims;
    use modeldex_table::Rate;

    const SOURCES: &str = "\
sources:
  copy: {name: Copy, licence: MIT, derived_from: [old], snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  guess: {name: Guess, licence: MIT, faults: [{kind: default-output-as-maximum}], snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  names: {name: Names, licence: MIT, speaks_for: [names], snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  new: {name: New, licence: MIT, snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  old: {name: Old, licence: MIT, snapshots: [{date: 2026-05-20, providers: 1, models: 1}]}
  other: {name: Other, licence: MIT, snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  own: {name: Own, licence: MIT, first_party: [acme], snapshots: [{date: 2026-05-25, providers: 1, models: 1}]}
  stale: {name: Stale, licence: MIT, first_party: [acme], snapshots: [{date: 2025-05-25, providers: 1, models: 1}]}
";

    const WINDOW: Key = Key::Fact(Limits::WINDOW);
    const OUTPUT: Key = Key::Fact(Fact::MaxOutputTokens);

    fn rate(meter: Meter) -> Key {
        Key::Rate(Condition::default(), meter)
    }

    fn dollars(text: &str) -> Value {
        Value::dollars(Rate::parse(text).unwrap())
    }

    /// The evidence of a model of which each source says these values now.
    fn line(said: &[(&str, &[(Key, Value)])]) -> Line {
        let mut line = Line::default();
        for (source, facts) in said {
            for (key, value) in std::iter::once(&(Key::Listed, Value::Flag(true))).chain(*facts) {
                claim(&mut line, source, key, value.clone(), None);
            }
        }
        line
    }

    fn claim(line: &mut Line, source: &str, key: &Key, value: Value, until: Option<&str>) {
        let day = |text| Date::parse(text).unwrap();
        let claim = Claim { value, source: SourceName::of(source), since: day("2025-01-01"), until: until.map(day) };
        let fact = line.facts.entry(key.clone()).or_default();
        let Claims(claims) = &mut fact.claims;
        claims.push(claim);
    }

    fn decided(line: &Line) -> BTreeMap<String, String> {
        decided_by(Choices::default(), line)
    }

    fn decided_by(choices: Choices, line: &Line) -> BTreeMap<String, String> {
        let sources = crate::sources::with_snapshots(SOURCES);
        let decisions = Policy::with(&sources, choices).unwrap().decide("acme", &[line]);
        let told = |decision: &Decision| {
            format!("{} {}", decision.rule, decision.value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string))
        };
        decisions.iter().map(|(key, decision)| (key.to_string(), told(decision))).collect()
    }

    fn window(tokens: u32) -> (Key, Value) {
        (WINDOW, Value::Tokens(tokens))
    }

    fn price(input: &str, output: &str) -> [(Key, Value); 2] {
        [(rate(Meter::Input), dollars(input)), (rate(Meter::Output), dollars(output))]
    }

    #[test]
    fn the_provider_itself_wins_while_it_is_fresh() {
        let others: [(&str, &[(Key, Value)]); 3] = [("new", &[window(2)]), ("other", &[window(2)]), ("old", &[window(2)])];
        assert_eq!(decided(&line(&[&others[..], &[("own", &[window(1)])]].concat()))["context_window"], "first-party 1");
        assert_eq!(decided(&line(&[&others[..], &[("stale", &[window(1)])]].concat()))["context_window"], "agreement 2");
    }

    #[test]
    fn what_most_say_wins_and_a_tie_goes_to_the_newer() {
        assert_eq!(decided(&line(&[("new", &[window(1)])]))["context_window"], "only 1");
        assert_eq!(decided(&line(&[("new", &[window(1)]), ("other", &[window(1)]), ("own", &[])]))["context_window"], "agreement 1");
        assert_eq!(decided(&line(&[("new", &[window(1)]), ("old", &[window(2)])]))["context_window"], "recency 1");
        // A source and its copy weigh less than two that looked for themselves.
        let copies = [("old", &[window(1)][..]), ("copy", &[window(1)]), ("new", &[window(2)]), ("other", &[window(2)])];
        assert_eq!(decided(&line(&copies))["context_window"], "recency 2");
    }

    #[test]
    fn who_may_not_speak_is_not_heard() {
        let line = line(&[
            ("names", &[window(1), (Key::Fact(Fact::Name), Value::Text("A".to_owned()))]),
            ("guess", &[(OUTPUT, Value::Tokens(5))]),
        ]);
        let decided = decided(&line);
        assert_eq!(decided["name"], "only A");
        assert!(!decided.contains_key("context_window") && !decided.contains_key("max_output_tokens"), "{decided:?}");
    }

    #[test]
    fn an_answer_is_not_longer_than_the_window() {
        let line = line(&[
            ("new", &[window(1000), (OUTPUT, Value::Tokens(2000))]),
            ("other", &[window(1000), (OUTPUT, Value::Tokens(2000))]),
            ("own", &[(OUTPUT, Value::Tokens(100))]),
        ]);
        assert_eq!(decided(&line)["max_output_tokens"], "first-party 100");
        // The window given as the most output as well counts less than a limit of its own.
        let filler = [window(1000), (OUTPUT, Value::Tokens(1000))];
        let line = super::tests::line(&[("new", &filler[..]), ("other", &filler), ("old", &[window(1000), (OUTPUT, Value::Tokens(100))])]);
        assert_eq!(decided(&line)["max_output_tokens"], "recency 100");
    }

    #[test]
    fn prices_are_one_statement_and_contested_ones_are_left_out() {
        let (a, b) = (price("1", "4"), price("2", "4"));
        let agreed = decided(&line(&[("new", &a[..]), ("other", &a), ("old", &b)]));
        assert_eq!((&*agreed["price.input"], &*agreed["price.output"]), ("agreement $1", "agreement $4"));
        let contested = decided(&line(&[("new", &a[..]), ("old", &b)]));
        assert_eq!((&*contested["price.input"], &*contested["price.output"]), ("contested -", "contested -"));
        // The other rates come from those who agree on these two.
        let cached = |rates: &[(Key, Value)], rate_of: &str| [rates, &[(rate(Meter::CacheRead), dollars(rate_of))]].concat();
        let line = line(&[("new", &a[..]), ("other", &cached(&a, "0.1")), ("old", &cached(&b, "0.2"))]);
        assert_eq!(decided(&line)["price.cache_read"], "only $0.1");
    }

    #[test]
    fn zeros_are_not_believed_where_others_ask_for_money() {
        let decided = decided(&line(&[("new", &price("0", "0")[..]), ("other", &price("0", "0")), ("old", &price("1", "4"))]));
        assert_eq!(decided["price.input"], "only $1");
    }

    #[test]
    fn what_another_gave_up_since_can_be_left_out() {
        let mut line = line(&[("old", &price("1", "4")[..]), ("new", &price("2", "4"))]);
        claim(&mut line, "new", &rate(Meter::Input), dollars("1"), Some("2026-03-01"));
        claim(&mut line, "new", &rate(Meter::Output), dollars("4"), Some("2026-03-01"));
        assert_eq!(decided_by(Choices { drop_superseded: true, ..Choices::default() }, &line)["price.input"], "agreement $2");
        assert_eq!(decided(&line)["price.input"], "contested -");
    }

    #[test]
    fn of_what_is_gone_the_last_word_counts() {
        let mut line = Line::default();
        claim(&mut line, "new", &Key::Listed, Value::Flag(true), Some("2026-03-01"));
        claim(&mut line, "new", &WINDOW, Value::Tokens(1), Some("2026-03-01"));
        assert_eq!(decided(&line)["context_window"], "only 1");
        // But not where another still lists the model and says nothing of it.
        claim(&mut line, "other", &Key::Listed, Value::Flag(true), None);
        assert!(!decided(&line).contains_key("context_window"));
    }
}
