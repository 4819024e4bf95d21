//! Evidence: the claims of sources, with dates. The file `evidence/<provider>.jsonl` has one line for the provider, and one line for each of its
//! models.
//!
//! A claim states a value and the date of the first snapshot with the value. If a later snapshot does not have the value, the claim also states the
//! date of the last snapshot with the value. Together with the dates of all snapshots in `evidence/snapshots.json`, the claims contain all values of
//! all snapshots. Therefore snapshots can be imported in any order, and importing a snapshot again changes no byte.

use crate::decision::Rule;
use crate::statement::{FactKey, ParsedValue, Value};
use memchr::{memchr, memchr_iter, memmem, memrchr};
use modeldex_formats::snapshot::Snapshot;
use modeldex_support::file;
use modeldex_support::parallel::in_parallel;
use modeldex_table::Date;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum number of claims about one fact. The policy compares the claims about a fact with each other.
const MAX_CLAIMS: usize = 500;

/// Maximum number of models in one evidence file. The maximum for a snapshot is the same.
pub const MAX_MODELS: usize = modeldex_formats::snapshot::MAX_MODELS;

/// Evidence of a catalog: the claims of sources about all providers and models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Evidence of each provider, by the id of the provider in the catalog.
    pub providers: BTreeMap<String, ProviderEvidence>,
}

/// Evidence of one provider and its models, which is the content of one evidence file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderEvidence {
    /// Line about the provider.
    pub provider: EvidenceLine,
    /// Lines about the models of the provider, by model id.
    pub models: BTreeMap<String, EvidenceLine>,
}

/// Line of an evidence file: the evidence of one model, or of a provider itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvidenceLine {
    /// Evidence of each fact that a source claims.
    pub facts: BTreeMap<FactKey, FactEvidence>,
}

/// Claims about one fact and, after the policy is applied, the decision about the fact. Evidence files contain only the claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactEvidence {
    /// Value that the policy chose; `None` if the policy chose no value.
    pub value: Option<Value>,
    /// Policy rule that applied; `None` before the policy is applied.
    pub rule: Option<Rule>,
    /// Claims of all sources.
    pub claims: Claims,
}

/// Claims about one fact, sorted by value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(pub Vec<Claim>);

/// Claim: a value that one source states for a fact or has stated in the past.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The value.
    pub value: Value,
    /// Name of the source.
    pub source: SourceName,
    /// Date on which a snapshot of the source first states the value.
    pub since: Date,
    /// Date on which a snapshot of the source last states the value; `None` if the source's newest snapshot states the value.
    pub until: Option<Date>,
}

/// Name of a source. Equal names share their memory, because there are few sources and many claims.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Arc<str>);

/// Failure to read evidence.
#[derive(Debug)]
pub struct EvidenceError {
    /// Path of the file.
    pub path: PathBuf,
    /// Line of the error; the first line is 1. The line is 0 if the error applies to the whole file.
    pub line: usize,
    /// Description of the error.
    pub reason: String,
}

impl Evidence {
    /// Reads all files of an evidence folder. The evidence is empty if the folder does not exist.
    ///
    /// # Errors
    /// Fails if a file cannot be read or parsed.
    pub fn read(dir: &Path) -> Result<Self, EvidenceError> {
        Ok(Self { providers: read_folder(dir)? })
    }

    /// Renders all evidence files. Returns for each file its path in the evidence folder and its text.
    ///
    /// # Errors
    /// Fails if a line cannot be serialized. This does not happen for lines that were read from an evidence file.
    pub fn render(&self) -> serde_json::Result<Vec<(PathBuf, String)>> {
        self.providers.iter().map(|(id, provider)| Ok((PathBuf::from(format!("{id}.jsonl")), provider.render(id)?))).collect()
    }

    /// Adds the snapshot of `source` on the day `date`. `imported_dates` has one date for each snapshot of this source that is already imported. If
    /// `date` is one of these dates, the new snapshot replaces the old snapshot of this day.
    pub fn add_snapshot(&mut self, source: &str, date: Date, imported_dates: &[Date], mut snapshot: Snapshot) {
        let mut all_dates: Vec<Date> = imported_dates.iter().copied().chain([date]).collect();
        all_dates.sort_unstable();
        all_dates.dedup();
        let merge = SnapshotMerge { source: SourceName(source.into()), date, imported_dates, all_dates: &all_dates };
        let ids: BTreeSet<String> = self.providers.keys().chain(snapshot.providers.keys()).cloned().collect();
        for id in ids {
            let mut statement = snapshot.providers.remove(&id).unwrap_or_default();
            let evidence = self.providers.entry(id).or_default();
            merge.merge_line(&mut evidence.provider, &statement.facts);
            // The facts of each model are dropped as soon as they are merged: the largest snapshots take most of the memory.
            for (model, line) in &mut evidence.models {
                merge.merge_line(line, &statement.models.remove(model).unwrap_or_default());
            }
            for (model, facts) in statement.models {
                let mut line = EvidenceLine::default();
                merge.merge_line(&mut line, &facts);
                evidence.models.insert(model, line);
            }
            evidence.models.retain(|_, line| !line.is_empty());
        }
        self.providers.retain(|_, provider| !provider.provider.is_empty() || !provider.models.is_empty());
    }
}

impl ProviderEvidence {
    /// Parses the text of an evidence file.
    ///
    /// # Errors
    /// Returns the number of the first invalid line, and the reason why this line is invalid. Line numbers begin at 1.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut evidence = Self::default();
        for (at, line) in text.lines().enumerate() {
            evidence.add_line(line.as_bytes()).map_err(|reason| (at + 1, reason))?;
        }
        Ok(evidence)
    }

    /// Reads those lines of an evidence file that contain the reference `base` of a base model. If `ids` is given, reads only the lines about these
    /// models, and only the blocks of a large file that contain these lines.
    pub(crate) fn read_naming(path: &Path, ids: Option<&[&str]>, base: &str) -> Result<Self, EvidenceError> {
        let mut evidence = Self::default();
        let whole = || file::read(path, file::MAX_FILE_BYTES).map(Option::unwrap_or_default).map_err(|error| unreadable(path, error));
        let Some(ids) = ids else {
            let text = whole()?;
            let added = evidence.add_naming(&text, &text, base);
            return added.map(|()| evidence).map_err(|(line, reason)| EvidenceError { path: path.into(), line, reason });
        };
        if let [_, ..] = ids {
            let file = file::open(path, file::MAX_FILE_BYTES).map_err(|error| unreadable(path, error))?;
            let Some(mut file) = file else { return Ok(evidence) };
            for id in ids {
                let block = block_of(&mut file, id).map_err(|error| unreadable(path, error))?;
                if let Err((_, reason)) = evidence.add_naming(&block, &block, base) {
                    // The line number in the error is relative to the block, so the file is parsed again to find the line.
                    let text = whole()?;
                    let line = Self::default().add_naming(&text, &text, base).map_or_else(|(line, _)| line, |()| 0);
                    return Err(EvidenceError { path: path.into(), line, reason });
                }
            }
            evidence.models.retain(|id, _| ids.contains(&id.as_str()));
        }
        Ok(evidence)
    }

    /// Adds the lines of the file `text` that contain the JSON string `name`. The string is searched in `searched`, which is `text` or a copy of
    /// `text` in lowercase. All other lines, which are most of a file of several megabytes, are not parsed.
    pub(crate) fn add_naming(&mut self, text: &[u8], searched: &[u8], name: &str) -> Result<(), (usize, String)> {
        let name = memmem::Finder::new(&serde_json::Value::from(name).to_string()).into_owned();
        let mut end = 0;
        while let Some(at) = name.find(&searched[end..]).map(|at| end + at) {
            let start = memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1);
            end = memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
            self.add_line(&text[start..end]).map_err(|reason| (memchr_iter(b'\n', &text[..at]).count() + 1, reason))?;
        }
        Ok(())
    }

    /// Adds the lines of the file `text` about the model `id`: the lines of ids that equal `id` if case is ignored, the lines of aliases of the model
    /// and, if `id` is an alias, the line of the model that the alias names.
    pub(crate) fn add_ids_of(&mut self, id: &str, text: &str) -> Result<(), (usize, String)> {
        for (at, line) in text.lines().enumerate() {
            // An invalid line is an error even if it is about another model, so all lines are checked, but without parsing their claims.
            serde_json::from_str::<JsonLine<de::IgnoredAny>>(line).map_err(|error| (at + 1, error.to_string()))?;
        }
        let (text, folded) = (text.as_bytes(), text.to_ascii_lowercase().into_bytes());
        self.add_naming(text, &folded, &id.to_ascii_lowercase())?;
        let targets: Vec<Claim> = self.models.get(id).map(|line| line.claims(&FactKey::AliasOf).to_vec()).unwrap_or_default();
        let mut targets = targets.iter().filter_map(|claim| claim.value.text());
        targets.try_for_each(|target| self.add_naming(text, &folded, &target.to_ascii_lowercase()))
    }

    /// Parses a line of an evidence file and adds its claims.
    fn add_line(&mut self, line: &[u8]) -> Result<(), String> {
        let JsonLine::<BTreeMap<FactKey, FactEvidence>> { model, provider, mut facts } =
            serde_json::from_slice(line).map_err(|error| error.to_string())?;
        facts.iter_mut().for_each(|(key, fact)| fact.set_types(key));
        // A value that no source claims is not evidence, and is not written again.
        facts.retain(|_, fact| !fact.claims.0.is_empty());
        match (model, provider) {
            (Some(_), None) if self.models.len() >= MAX_MODELS => {
                return Err(format!("the file has more models than the limit of {MAX_MODELS} models"));
            }
            (Some(model), None) => {
                self.models.insert(model, EvidenceLine { facts });
            }
            (None, Some(_)) => self.provider = EvidenceLine { facts },
            _ => return Err("expected a line with either `model` or `provider`".to_owned()),
        }
        Ok(())
    }

    /// Renders the evidence file of the provider `id`.
    ///
    /// # Errors
    /// Fails if a line cannot be serialized. This does not happen for lines that were read from an evidence file.
    pub fn render(&self, id: &str) -> serde_json::Result<String> {
        let mut text = Vec::new();
        let mut write_line = |line: &WrittenJsonLine<'_>| {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
            Ok::<_, serde_json::Error>(())
        };
        write_line(&WrittenJsonLine { provider: Some(id), model: None, facts: claimed_facts(&self.provider) })?;
        for (id, line) in &self.models {
            write_line(&WrittenJsonLine { provider: None, model: Some(id), facts: claimed_facts(line) })?;
        }
        String::from_utf8(text).map_err(serde::ser::Error::custom)
    }
}

impl FactEvidence {
    /// Converts each value to the type of the fact `key`, which is unknown while the values are parsed, and sorts the claims by these values.
    fn set_types(&mut self, key: &FactKey) {
        let claims = self.claims.0.iter_mut().map(|claim| &mut claim.value);
        for value in self.value.iter_mut().chain(claims) {
            *value = key.coerce_value(std::mem::replace(value, Value::Flag(false)));
        }
        self.claims.0.sort_unstable();
    }
}

impl EvidenceLine {
    /// Returns whether the line has no facts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Removes the chosen prices and sets their rule to [`Rule::Impossible`], unless all prices are zero.
    pub(crate) fn reject_prices(&mut self) {
        let decided = self.facts.iter().filter(|(key, _)| key.is_price()).filter_map(|(_, fact)| fact.value.as_ref());
        if decided.clone().all(Value::is_zero_rate) {
            return;
        }
        for (_, fact) in self.facts.iter_mut().filter(|(key, fact)| key.is_price() && fact.rule.is_some()) {
            (fact.value, fact.rule) = (None, Some(Rule::Impossible));
        }
    }

    /// Returns the claims about a fact; empty if there are none.
    #[must_use]
    pub fn claims(&self, key: &FactKey) -> &[Claim] {
        self.facts.get(key).map_or(&[], |fact| &fact.claims.0)
    }
}

impl Claim {
    /// Returns whether the newest snapshot of the source states the value.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.until.is_none()
    }
}

impl SourceName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Creates the name of a source. All equal names share their memory.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static NAMES: Mutex<Option<HashSet<Arc<str>>>> = Mutex::new(None);
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let names = names.get_or_insert_default();
        if let Some(existing) = names.get(name) {
            return Self(Arc::clone(existing));
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
    /// Serializes each value with the sources that claim it, in the order of values:
    /// `[[128000,"litellm@2026-10-01","pi-ai@2026-11-10"],[131072,"portkey@2026-05-01..2026-08-21"]]`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut groups: Vec<ValueGroup> = Vec::new();
        for claim in &self.claims.0 {
            let by = match claim.until {
                Some(until) => format!("{}@{}..{until}", claim.source, claim.since),
                None => format!("{}@{}", claim.source, claim.since),
            };
            // The claims are sorted by value.
            match groups.last_mut().filter(|group| group.value == claim.value) {
                Some(group) => group.by.push(by),
                None => groups.push(ValueGroup { value: claim.value.clone(), by: vec![by] }),
            }
        }
        groups.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FactEvidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let groups = Vec::<ValueGroup>::deserialize(deserializer)?;
        let count = groups.iter().map(|group| group.by.len()).sum();
        if count > MAX_CLAIMS {
            return Err(de::Error::custom(format_args!("a fact has {count} claims, more than the limit of {MAX_CLAIMS} claims")));
        }
        let mut claims = Vec::with_capacity(count);
        for group in groups {
            for by in group.by {
                let invalid = || de::Error::custom(format_args!("invalid claim `{by}`: expected SOURCE@DATE or SOURCE@DATE..DATE"));
                let (source, days) = by.rsplit_once('@').ok_or_else(invalid)?;
                let (since, until) = days.split_once("..").map_or((days, None), |(since, until)| (since, Some(until)));
                let day = |text: &str| Date::parse(text).map_err(|_| invalid());
                let until = until.map(day).transpose()?;
                claims.push(Claim { value: group.value.clone(), source: SourceName::new(source), since: day(since)?, until });
            }
        }
        // `set_types` sorts the claims.
        Ok(Self { value: None, rule: None, claims: Claims(claims) })
    }
}

/// Value with the sources that claim it. The JSON is a list of the value and the sources.
struct ValueGroup {
    value: Value,
    by: Vec<String>,
}

impl Serialize for ValueGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1 + self.by.len()))?;
        list.serialize_element(&self.value)?;
        self.by.iter().try_for_each(|by| list.serialize_element(by))?;
        list.end()
    }
}

impl<'de> Deserialize<'de> for ValueGroup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> de::Visitor<'de> for List {
            type Value = ValueGroup;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list whose first element is a value, and whose other elements are the sources that claim the value")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<ValueGroup, A::Error> {
                let ParsedValue(value) = list.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let mut by = Vec::new();
                while let Some(source) = list.next_element()? {
                    by.push(source);
                }
                Ok(ValueGroup { value, by })
            }
        }
        deserializer.deserialize_seq(List)
    }
}

fn unreadable(path: &Path, error: io::Error) -> EvidenceError {
    EvidenceError { path: path.into(), line: 0, reason: error.to_string() }
}

/// Returns the paths of the evidence files in a folder, by id of the provider; empty if the folder does not exist.
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

/// Returns a block of complete lines of an evidence file. If the file has a line about the model `id`, the block contains this line. The lines of the
/// file are sorted by id, so that the block is found by binary search.
fn block_of(file: &mut (impl Read + Seek), id: &str) -> io::Result<Vec<u8>> {
    /// Maximum size of the returned block.
    const MAX_BLOCK_BYTES: u64 = 8 << 10;
    let (mut start, mut end) = (0, file.seek(SeekFrom::End(0))?);
    while end - start > MAX_BLOCK_BYTES {
        let Some((line, found)) = line_after(file, start.midpoint(end))?.filter(|(line, _)| *line < end) else { break };
        *(if found.as_str() <= id { &mut start } else { &mut end }) = line;
    }
    let mut block = Vec::with_capacity(usize::try_from(end - start).unwrap_or_default());
    file.seek(SeekFrom::Start(start))?;
    file.take(end - start).read_to_end(&mut block)?;
    Ok(block)
}

/// Returns the offset of the first line that starts after the byte `at`, and its model id. Returns `None` if the line is not about a model.
fn line_after(file: &mut (impl Read + Seek), at: u64) -> io::Result<Option<(u64, String)>> {
    file.seek(SeekFrom::Start(at))?;
    // Most lines are shorter than 4 KiB.
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
        let text = file::read_text(path, file::MAX_FILE_BYTES).map_err(|error| unreadable(path, error))?.unwrap_or_default();
        ProviderEvidence::parse(&text).map_err(|(line, reason)| EvidenceError { path: path.into(), line, reason })
    };
    // If several files have errors, the error of the first file is returned, so that the result does not depend on the order of the threads.
    in_parallel(&files, |_, (id, path)| Ok((id.clone(), read(path)?))).into_iter().collect()
}

#[derive(Deserialize)]
struct JsonLine<F> {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    provider: Option<String>,
    facts: F,
}

#[derive(Serialize)]
struct WrittenJsonLine<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'l str>,
    facts: BTreeMap<&'l FactKey, &'l FactEvidence>,
}

/// Returns the facts that have claims. Other facts are derived, and are not written to evidence files.
fn claimed_facts(line: &EvidenceLine) -> BTreeMap<&FactKey, &FactEvidence> {
    line.facts.iter().filter(|(_, fact)| !fact.claims.0.is_empty()).collect()
}

/// Merges one snapshot of a source into the evidence, which may contain other snapshots of the source.
struct SnapshotMerge<'d> {
    source: SourceName,
    date: Date,
    /// Dates of the source's snapshots that were imported before.
    imported_dates: &'d [Date],
    /// Dates of all snapshots of the source, including `date`, sorted.
    all_dates: &'d [Date],
}

impl SnapshotMerge<'_> {
    fn merge_line(&self, line: &mut EvidenceLine, stated: &BTreeMap<FactKey, Value>) {
        for (key, fact) in &mut line.facts {
            self.merge_claims(&mut fact.claims.0, stated.get(key));
        }
        for (key, value) in stated {
            if !line.facts.contains_key(key) {
                let mut fact = FactEvidence::default();
                self.merge_claims(&mut fact.claims.0, Some(value));
                line.facts.insert(key.clone(), fact);
            }
        }
        line.facts.retain(|_, fact| !fact.claims.0.is_empty());
    }

    /// Replaces the claims of the source about a fact by claims for all its snapshots. The value in the merged snapshot is `stated`.
    fn merge_claims(&self, claims: &mut Vec<Claim>, stated: Option<&Value>) {
        let previous: Vec<Claim> = claims.extract_if(.., |claim| claim.source == self.source).collect();
        if previous.is_empty() && stated.is_none() {
            return;
        }
        let covers = |claim: &&Claim, date: Date| claim.since <= date && claim.until.is_none_or(|until| date <= until);
        let mut run: Option<Claim> = None;
        let last = self.all_dates.last().copied();
        for &date in self.all_dates {
            let value = if date == self.date {
                stated
            } else if self.imported_dates.contains(&date) {
                previous.iter().find(|claim| covers(claim, date)).map(|claim| &claim.value)
            } else {
                None
            };
            match (&mut run, value) {
                (Some(run), Some(value)) if run.value == *value => run.until = Some(date),
                (_, value) => {
                    claims.extend(run.take());
                    run = value.map(|value| Claim {
                        value: value.clone(),
                        source: SourceName::new(self.source.as_str()),
                        since: date,
                        until: Some(date),
                    });
                }
            }
        }
        if let Some(mut run) = run {
            // If the newest snapshot states the value, the claim is current.
            run.until = run.until.filter(|until| Some(*until) != last);
            claims.push(run);
        }
        claims.sort_unstable();
    }
}

#[cfg(test)]
mod tests;
