//! Who says what, since when: `evidence/<provider>.jsonl`, one line for the provider and one for each model.
//!
//! A source's statements are kept as runs: a value, the snapshot that first had it, and, once it is gone, the last one that had it. Together
//! with the list in `evidence/snapshots.json` that is every snapshot without loss, so that snapshots may be taken in in any
//! order, and the same one again changes no byte here.

use crate::decision::Rule;
use crate::statement::{Key, Stated, Value};
use memchr::{memchr, memchr_iter, memmem, memrchr};
use modeldex_formats::snapshot::Snapshot;
use modeldex_support::parallel::in_parallel;
use modeldex_table::Date;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The evidence of a catalog, by provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The providers, by this catalog's id.
    pub providers: BTreeMap<String, ProviderEvidence>,
}

/// The evidence of one provider: one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderEvidence {
    /// Of the provider itself.
    pub own: Line,
    /// Of its models, by id on the wire.
    pub models: BTreeMap<String, Line>,
}

/// The evidence of one model, or of a provider itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Each fact that a source has stated.
    pub facts: BTreeMap<Key, FactEvidence>,
}

/// Who claims what of one fact, and what was decided once it was. Files hold the claims alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactEvidence {
    /// The value that was chosen; nothing where no value could be believed.
    pub value: Option<Value>,
    /// The rule that chose it; nothing before the policy has decided.
    pub rule: Option<Rule>,
    /// The values side by side.
    pub claims: Claims,
}

/// Every value that was stated of one fact, by source and time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(pub Vec<Claim>);

/// A value that one source stated over some time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The value.
    pub value: Value,
    /// The source, by name.
    pub source: SourceName,
    /// The day of the first snapshot that had it.
    pub since: Date,
    /// The day of the last snapshot that had it; nothing while the newest has it.
    pub until: Option<Date>,
}

/// The name of a source. There are few, and many claims: each name is kept once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Arc<str>);

/// Why evidence cannot be read.
#[derive(Debug)]
pub struct EvidenceError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Evidence {
    /// Reads every file of an evidence folder. A folder that is not there is empty.
    ///
    /// # Errors
    /// When a file cannot be read, or a line is not evidence.
    pub fn read(dir: &Path) -> Result<Self, EvidenceError> {
        Ok(Self { providers: read_folder(dir)? })
    }

    /// The texts of all files, by their paths within the folder.
    ///
    /// # Errors
    /// When a line cannot be written as JSON; no line that was read can fail so.
    pub fn render(&self) -> serde_json::Result<Vec<(PathBuf, String)>> {
        self.providers.iter().map(|(id, own)| Ok((PathBuf::from(format!("{id}.jsonl")), own.render(id)?))).collect()
    }

    /// Takes in what `source` said on `date`. `known` are the days of its snapshots that were taken in before; where `date` is among them,
    /// what it said then is replaced.
    pub fn absorb(&mut self, source: &str, date: Date, known: &[Date], snapshot: &Snapshot) {
        let mut dates: Vec<Date> = known.iter().copied().chain([date]).collect();
        dates.sort_unstable();
        dates.dedup();
        let column = Column { source: SourceName(source.into()), date, known, dates: &dates };
        let ids: BTreeSet<String> = self.providers.keys().chain(snapshot.providers.keys()).cloned().collect();
        let nothing = BTreeMap::new();
        for id in ids {
            let said = snapshot.providers.get(&id);
            let evidence = self.providers.entry(id).or_default();
            column.absorb(&mut evidence.own, said.map_or(&nothing, |said| &said.facts));
            let said: &BTreeMap<String, _> = said.map_or(const { &BTreeMap::new() }, |said| &said.models);
            for (model, line) in &mut evidence.models {
                column.absorb(line, said.get(model).unwrap_or(&nothing));
            }
            for (model, facts) in said {
                if !evidence.models.contains_key(model) {
                    let mut line = Line::default();
                    column.absorb(&mut line, facts);
                    evidence.models.insert(model.clone(), line);
                }
            }
            evidence.models.retain(|_, line| !line.is_empty());
        }
        self.providers.retain(|_, provider| !provider.own.is_empty() || !provider.models.is_empty());
    }
}

impl ProviderEvidence {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The number of the line that is not evidence, and why.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut evidence = Self::default();
        for (at, line) in text.lines().enumerate() {
            evidence.add(line.as_bytes()).map_err(|reason| (at + 1, reason))?;
        }
        Ok(evidence)
    }

    /// Reads the lines of a file that name `base` and, where `ids` are given, are about one of them: of a large file only the blocks where those
    /// stand.
    pub(crate) fn read_naming(path: &Path, ids: Option<&[&str]>, base: &str) -> Result<Self, EvidenceError> {
        let mut evidence = Self::default();
        let whole = || std::fs::read(path).map_err(|error| unreadable(path, error));
        let Some(ids) = ids else {
            let text = whole()?;
            let added = evidence.add_naming(&text, &text, base);
            return added.map(|()| evidence).map_err(|(line, reason)| EvidenceError { path: path.into(), line, reason });
        };
        if let [_, ..] = ids {
            let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
            for id in ids {
                let block = block_of(&mut file, id).map_err(|error| unreadable(path, error))?;
                if let Err((_, reason)) = evidence.add_naming(&block, &block, base) {
                    // Its place in the file is that in the whole of it.
                    let text = whole()?;
                    let line = Self::default().add_naming(&text, &text, base).map_or_else(|(line, _)| line, |()| 0);
                    return Err(EvidenceError { path: path.into(), line, reason });
                }
            }
            evidence.models.retain(|id, _| ids.contains(&id.as_str()));
        }
        Ok(evidence)
    }

    /// Adds the lines of the file `text` that have the JSON string of `name`. It is looked for in `searched`, which is `text` itself or a
    /// copy of the same length in lower case. The other lines, most of megabytes, are not parsed.
    pub(crate) fn add_naming(&mut self, text: &[u8], searched: &[u8], name: &str) -> Result<(), (usize, String)> {
        let name = memmem::Finder::new(&serde_json::Value::from(name).to_string()).into_owned();
        let mut end = 0;
        while let Some(at) = name.find(&searched[end..]).map(|at| end + at) {
            let start = memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1);
            end = memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
            self.add(&text[start..end]).map_err(|reason| (memchr_iter(b'\n', &text[..at]).count() + 1, reason))?;
        }
        Ok(())
    }

    /// Adds the lines of the file `text` about the model `id`: those of ids that differ from it in upper and lower case only, that are
    /// aliases of it, or that it is an alias of.
    pub(crate) fn add_ids_of(&mut self, id: &str, text: &str) -> Result<(), (usize, String)> {
        for (at, line) in text.lines().enumerate() {
            // A broken line is reported for every model of the file; the claims of the others are passed over.
            serde_json::from_str::<Row<de::IgnoredAny>>(line).map_err(|error| (at + 1, error.to_string()))?;
        }
        let (text, folded) = (text.as_bytes(), text.to_ascii_lowercase().into_bytes());
        self.add_naming(text, &folded, &id.to_ascii_lowercase())?;
        let targets: Vec<Claim> = self.models.get(id).map(|line| line.claims(&Key::AliasOf).to_vec()).unwrap_or_default();
        let mut targets = targets.iter().filter_map(|claim| claim.value.text());
        targets.try_for_each(|target| self.add_naming(text, &folded, &target.to_ascii_lowercase()))
    }

    /// Adds a line of a file.
    fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let Row::<BTreeMap<Key, FactEvidence>> { model, provider, mut facts } =
            serde_json::from_slice(line).map_err(|error| error.to_string())?;
        facts.iter_mut().for_each(|(key, fact)| fact.set_types(key));
        match (model, provider) {
            (Some(model), None) => {
                self.models.insert(model, Line { facts });
            }
            (None, Some(_)) => self.own = Line { facts },
            _ => return Err("a line is about a `model` or a `provider`".to_owned()),
        }
        Ok(())
    }

    /// The text of the file of the provider `id`.
    ///
    /// # Errors
    /// When a line cannot be written as JSON; no line that was read can fail so.
    pub fn render(&self, id: &str) -> serde_json::Result<String> {
        let mut text = Vec::new();
        let mut row = |row: &WrittenRow<'_>| {
            serde_json::to_writer(&mut text, row)?;
            text.push(b'\n');
            Ok::<_, serde_json::Error>(())
        };
        row(&WrittenRow { provider: Some(id), model: None, facts: claimed(&self.own) })?;
        for (id, line) in &self.models {
            row(&WrittenRow { provider: None, model: Some(id), facts: claimed(line) })?;
        }
        String::from_utf8(text).map_err(serde::ser::Error::custom)
    }
}

impl FactEvidence {
    /// Gives the values the type of the fact, which is not known while they are read.
    fn set_types(&mut self, key: &Key) {
        let claims = self.claims.0.iter_mut().map(|claim| &mut claim.value);
        for value in self.value.iter_mut().chain(claims) {
            *value = key.typed(std::mem::replace(value, Value::Flag(false)));
        }
    }
}

impl Line {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Takes back prices that were decided, as impossible; zeros are none.
    pub(crate) fn doubt_prices(&mut self) {
        let decided = self.facts.iter().filter(|(key, _)| key.is_price()).filter_map(|(_, fact)| fact.value.as_ref());
        if decided.clone().all(Value::is_zero_rate) {
            return;
        }
        for (_, fact) in self.facts.iter_mut().filter(|(key, fact)| key.is_price() && fact.rule.is_some()) {
            (fact.value, fact.rule) = (None, Some(Rule::Impossible));
        }
    }

    /// The claims about a fact.
    #[must_use]
    pub fn claims(&self, key: &Key) -> &[Claim] {
        self.facts.get(key).map_or(&[], |fact| &fact.claims.0)
    }
}

impl Claim {
    /// Whether the newest snapshot of its source says it.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.until.is_none()
    }
}

impl SourceName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one copy of a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        static NAMES: Mutex<Option<HashSet<Arc<str>>>> = Mutex::new(None);
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let names = names.get_or_insert_default();
        if let Some(known) = names.get(name) {
            return Self(Arc::clone(known));
        }
        let new: Arc<str> = name.into();
        names.insert(Arc::clone(&new));
        Self(new)
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", modeldex_support::text::with_forward_slashes(&self.path))?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for EvidenceError {}

impl Serialize for FactEvidence {
    /// Writes each value with the sources that claim it, in the order of values:
    /// `[[128000,"litellm@2026-10-01","pi-ai@2026-11-10"],[131072,"portkey@2026-05-01..2026-08-21"]]`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut groups: Vec<Group> = Vec::new();
        for claim in &self.claims.0 {
            let by = match claim.until {
                Some(until) => format!("{}@{}..{until}", claim.source, claim.since),
                None => format!("{}@{}", claim.source, claim.since),
            };
            match groups.iter_mut().find(|group| group.value == claim.value) {
                Some(group) => group.by.push(by),
                None => groups.push(Group { value: claim.value.clone(), by: vec![by] }),
            }
        }
        groups.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FactEvidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let groups = Vec::<Group>::deserialize(deserializer)?;
        let mut claims = Vec::with_capacity(groups.iter().map(|group| group.by.len()).sum());
        for group in groups {
            for by in group.by {
                let wrong = || de::Error::custom(format_args!("`{by}` is not SOURCE@DAY or SOURCE@DAY..DAY"));
                let (source, days) = by.rsplit_once('@').ok_or_else(wrong)?;
                let (since, until) = days.split_once("..").map_or((days, None), |(since, until)| (since, Some(until)));
                let day = |text: &str| Date::parse(text).map_err(|_| wrong());
                let until = until.map(day).transpose()?;
                claims.push(Claim { value: group.value.clone(), source: SourceName::of(source), since: day(since)?, until });
            }
        }
        claims.sort_unstable();
        Ok(Self { value: None, rule: None, claims: Claims(claims) })
    }
}

/// A value and the sources that state it, as a list that begins with the value.
struct Group {
    value: Value,
    by: Vec<String>,
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1 + self.by.len()))?;
        list.serialize_element(&self.value)?;
        self.by.iter().try_for_each(|by| list.serialize_element(by))?;
        list.end()
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> de::Visitor<'de> for List {
            type Value = Group;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value and the sources that state it")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Group, A::Error> {
                let Stated(value) = list.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let mut by = Vec::new();
                while let Some(source) = list.next_element()? {
                    by.push(source);
                }
                Ok(Group { value, by })
            }
        }
        deserializer.deserialize_seq(List)
    }
}

fn unreadable(path: &Path, error: io::Error) -> EvidenceError {
    EvidenceError { path: path.into(), line: 0, reason: error.to_string() }
}

/// The files of an evidence folder, by provider. A folder that is not there has none.
pub(crate) fn files(dir: &Path) -> Result<BTreeMap<String, PathBuf>, EvidenceError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unreadable(dir, error)),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(dir, error))?.path();
        if let Some(id) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".jsonl")) {
            files.insert(id.to_owned(), path);
        }
    }
    Ok(files)
}

/// The lines of a file of evidence among which the one about the model `id` is, if the file has one: lines are sorted by id.
fn block_of(file: &mut (impl Read + Seek), id: &str) -> io::Result<Vec<u8>> {
    /// In bytes. What is smaller is read whole, in whatever order its lines are.
    const BLOCK: u64 = 8 << 10;
    let (mut start, mut end) = (0, file.seek(SeekFrom::End(0))?);
    while end - start > BLOCK {
        let Some((line, found)) = line_after(file, start.midpoint(end))?.filter(|(line, _)| *line < end) else { break };
        *(if found.as_str() <= id { &mut start } else { &mut end }) = line;
    }
    let mut block = Vec::with_capacity(usize::try_from(end - start).unwrap_or_default());
    file.seek(SeekFrom::Start(start))?;
    file.take(end - start).read_to_end(&mut block)?;
    Ok(block)
}

/// Where the first line after the byte `at` starts, and the model that it is about; nothing where that line is not about a model.
fn line_after(file: &mut (impl Read + Seek), at: u64) -> io::Result<Option<(u64, String)>> {
    file.seek(SeekFrom::Start(at))?;
    // Most lines are shorter than this.
    let mut file = BufReader::with_capacity(4 << 10, file);
    let start = at + file.skip_until(b'\n')? as u64;
    let mut key = *br#"{"model":"#;
    let is_about_a_model = file.read_exact(&mut key).is_ok() && key == *br#"{"model":"#;
    let id = is_about_a_model.then(|| String::deserialize(&mut serde_json::Deserializer::from_reader(file)));
    Ok(id.and_then(Result::ok).map(|id| (start, id)))
}

fn read_folder(dir: &Path) -> Result<BTreeMap<String, ProviderEvidence>, EvidenceError> {
    let files = Vec::from_iter(files(dir)?);
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
        ProviderEvidence::parse(&text).map_err(|(line, reason)| EvidenceError { path: path.into(), line, reason })
    };
    // Of several errors, the one in the first file is returned, whichever thread found it.
    in_parallel(&files, |_, (id, path)| Ok((id.clone(), read(path)?))).into_iter().collect()
}

#[derive(Deserialize)]
struct Row<F> {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    provider: Option<String>,
    facts: F,
}

#[derive(Serialize)]
struct WrittenRow<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'l str>,
    facts: BTreeMap<&'l Key, &'l FactEvidence>,
}

/// The facts of which something is claimed; what was only derived is no evidence.
fn claimed(line: &Line) -> BTreeMap<&Key, &FactEvidence> {
    line.facts.iter().filter(|(_, fact)| !fact.claims.0.is_empty()).collect()
}

/// One snapshot of one source, and where it stands among the others of that source.
struct Column<'d> {
    source: SourceName,
    date: Date,
    known: &'d [Date],
    dates: &'d [Date],
}

impl Column<'_> {
    fn absorb(&self, line: &mut Line, said: &BTreeMap<Key, Value>) {
        for (key, fact) in &mut line.facts {
            self.claims(&mut fact.claims.0, said.get(key));
        }
        for (key, value) in said {
            if !line.facts.contains_key(key) {
                let mut fact = FactEvidence::default();
                self.claims(&mut fact.claims.0, Some(value));
                line.facts.insert(key.clone(), fact);
            }
        }
        line.facts.retain(|_, fact| !fact.claims.0.is_empty());
    }

    /// Puts one value, or that there is none, in its place among the values of the source's other snapshots.
    fn claims(&self, claims: &mut Vec<Claim>, said: Option<&Value>) {
        let own: Vec<Claim> = claims.extract_if(.., |claim| claim.source == self.source).collect();
        if own.is_empty() && said.is_none() {
            return;
        }
        let covers = |claim: &&Claim, date: Date| claim.since <= date && claim.until.is_none_or(|until| date <= until);
        let mut run: Option<Claim> = None;
        let last = self.dates.last().copied();
        for &date in self.dates {
            let value = if date == self.date {
                said
            } else if self.known.contains(&date) {
                own.iter().find(|claim| covers(claim, date)).map(|claim| &claim.value)
            } else {
                None
            };
            match (&mut run, value) {
                (Some(run), Some(value)) if run.value == *value => run.until = Some(date),
                (_, value) => {
                    claims.extend(run.take());
                    run = value.map(|value| Claim {
                        value: value.clone(),
                        source: SourceName::of(self.source.as_str()),
                        since: date,
                        until: Some(date),
                    });
                }
            }
        }
        if let Some(mut run) = run {
            // A run that reaches the newest snapshot has no end yet.
            run.until = run.until.filter(|until| Some(*until) != last);
            claims.push(run);
        }
        claims.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_formats::snapshot::ProviderStatement;
    use modeldex_table::Fact;
    use std::iter;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    /// A snapshot with one model `m` whose name is `name`, or without any.
    fn snapshot(name: Option<&str>) -> Snapshot {
        let facts = name.map(|name| BTreeMap::from([(Key::Fact(Fact::Name), Value::Text(name.to_owned()))]));
        let models = facts.map(|facts| ("m".to_owned(), facts)).into_iter().collect();
        let statement = ProviderStatement { facts: BTreeMap::new(), models };
        Snapshot { providers: BTreeMap::from([("acme".to_owned(), statement)]), problems: Vec::new() }
    }

    fn history(evidence: &Evidence) -> Vec<String> {
        let claims = evidence.providers["acme"].models["m"].claims(&Key::Fact(Fact::Name));
        claims.iter().map(|claim| format!("{} {} {:?}", claim.value, claim.since, claim.until.map(|date| date.to_string()))).collect()
    }

    #[test]
    fn snapshots_in_any_order_are_one_history() {
        let days = ["2026-05-21", "2026-08-18", "2026-09-30", "2026-10-10"].map(day);
        let said = [Some("A"), Some("B"), None, Some("A")].map(snapshot);
        let mut orders = vec![vec![]];
        for _ in 0..4 {
            orders = orders
                .iter()
                .flat_map(|order: &Vec<usize>| {
                    (0..4).filter(|at| !order.contains(at)).map(|at| [order.clone(), vec![at]].concat()).collect::<Vec<_>>()
                })
                .collect();
        }
        assert_eq!(orders.len(), 24);
        for order in orders {
            let mut evidence = Evidence::default();
            let mut known = Vec::new();
            for at in order {
                evidence.absorb("x", days[at], &known, &said[at]);
                known.push(days[at]);
                known.sort_unstable();
            }
            assert_eq!(history(&evidence), ["A 2026-05-21 Some(\"2026-05-21\")", "A 2026-10-10 None", "B 2026-08-18 Some(\"2026-08-18\")"]);
        }
    }

    #[test]
    fn the_same_snapshot_again_changes_nothing_and_another_of_that_day_replaces_it() {
        let mut evidence = Evidence::default();
        evidence.absorb("x", day("2026-05-21"), &[], &snapshot(Some("A")));
        evidence.absorb("y", day("2026-05-20"), &[], &snapshot(Some("A")));
        let before = evidence.clone();
        evidence.absorb("x", day("2026-05-21"), &[day("2026-05-21")], &snapshot(Some("A")));
        assert_eq!(evidence, before);
        evidence.absorb("x", day("2026-05-21"), &[day("2026-05-21")], &snapshot(Some("C")));
        assert_eq!(history(&evidence), ["A 2026-05-20 None", "C 2026-05-21 None"]);
    }

    #[test]
    fn of_a_large_file_the_block_of_a_model_is_read() {
        let id = |at: usize| format!("maker/model \"{at:03}\"");
        let line = |at: usize| format!("{{\"model\":{},\"facts\":{}}}\n", serde_json::Value::from(id(at)), " ".repeat(at * 97 % 9_000));
        let text: String = iter::once("{\"provider\":\"p\"}\n".to_owned()).chain((0..400).map(line)).collect();
        let mut file = io::Cursor::new(text.as_bytes());
        for at in 0..400 {
            let block = block_of(&mut file, &id(at)).unwrap();
            assert!(block.len() < 20 << 10 && memmem::find(&block, line(at).as_bytes()).is_some(), "{at}: {} bytes", block.len());
        }
        for none in ["", "maker", "z"] {
            assert!(block_of(&mut file, none).unwrap().len() < 20 << 10, "{none}");
        }
        // What is no evidence, and what has no lines, is read whole.
        for text in [text.replace("\"model\"", "\"m\""), text.replace('\n', "")] {
            assert_eq!(block_of(&mut io::Cursor::new(text.as_bytes()), &id(1)).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn a_file_returns_from_its_text() {
        let mut evidence = Evidence::default();
        evidence.absorb("x", day("2026-05-21"), &[], &snapshot(Some("A")));
        evidence.absorb("y", day("2026-05-22"), &[], &snapshot(Some("A")));
        evidence.absorb("y", day("2026-05-23"), &[day("2026-05-22")], &snapshot(Some("B")));
        let provider = &evidence.providers["acme"];
        let text = provider.render("acme").unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some(r#"{"model":"m","facts":{"name":[["A","x@2026-05-21","y@2026-05-22..2026-05-22"],["B","y@2026-05-23"]]}}"#)
        );
        assert_eq!(ProviderEvidence::parse(&text).as_ref(), Ok(provider));
        assert_eq!(ProviderEvidence::parse("{}\n").unwrap_err().0, 1);
        assert!(ProviderEvidence::parse(&text.replace("x@2026", "x-2026")).unwrap_err().1.contains("SOURCE@DAY"));
    }
}
