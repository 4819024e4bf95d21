//! A [`Shape`] made ready: the fields as a list of places, and the counts in terms of these.

use crate::object::{self, Field, Kind, MOST_FIELDS, MOST_WORDS, Values};
use crate::shape::{Count, List, Part, Path, Shape, TierField, Total};
use crate::{Read, Tier, UsageError};
use modeldex_table::{Meter, Usage};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::mem::discriminant;

/// What is wrong with a shape, beyond what its schema states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeFault {
    /// The path or word that is wrong, as the file has it.
    pub at: String,
    /// What is wrong.
    pub message: String,
}

/// Reads usage objects of one shape.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    shape: Shape,
    /// The first is the usage object itself.
    fields: Vec<Field>,
    /// Those that errors name come first.
    needs: Vec<usize>,
    counts: Vec<Count<usize>>,
    total: Option<Total<usize>>,
    details: Vec<Count<usize>>,
    overlap: Option<usize>,
    tiers: Vec<usize>,
    region: Option<usize>,
}

/// What is counted so far.
struct Stated {
    usage: Usage,
    /// A bit for each meter that a field has stated.
    meters: u32,
}

impl Stated {
    fn get(&self, meter: Meter) -> Option<u64> {
        ((self.meters >> meter.code()) & 1 == 1).then(|| self.usage.get(meter))
    }

    fn set(&mut self, meter: Meter, count: Option<u64>) {
        if let Some(count) = count {
            self.usage.set(meter, count);
            self.meters |= 1 << meter.code();
        }
    }
}

impl Reader {
    pub(crate) fn read(&self, raw: &str) -> Result<Read, UsageError> {
        let mut values = Values::new(false);
        object::read_fields(raw, &self.fields, &mut values)?;
        if let Some(list) = values.invalid {
            return Err(self.invalid(&self.fields[list]));
        }
        if !self.needs.iter().any(|place| values.counts[*place].is_there()) {
            let names: Vec<String> =
                self.shape.needs.iter().zip(&self.needs).map(|(_, place)| format!("`{}`", self.shown(*place))).collect();
            return Err(UsageError::Missing(names.join(" and ")));
        }
        if let Some(list) = values.several {
            return Err(UsageError::Several(self.shown(list)));
        }
        let mut stated = Stated { usage: Usage::request(), meters: 0 };
        self.counts.iter().try_for_each(|count| self.judge(count, &values, &mut stated))?;
        let beside = self.total.as_ref().map_or(Ok(None), |total| self.compare(total, &values, &stated.usage))?;
        self.details.iter().try_for_each(|count| self.judge(count, &values, &mut stated))?;
        let mut usage = stated.usage;
        for part in self.shape.beside.iter().copied().chain(beside) {
            let total = part.part_of().unwrap_or(part);
            usage.set(total, usage.get(total).saturating_add(usage.get(part)));
        }
        let read = Read { usage, tier: self.tier(&values)? };
        if let (Some(region), Some(word)) = (&self.shape.region, self.region.and_then(|place| self.word(&values, place)))
            && !region.ordinary.iter().any(|known| known == word)
        {
            return Err(UsageError::UnknownRegion(word.to_owned()));
        }
        let states_overlap = self.overlap.is_some_and(|place| matches!(values.counts[place], crate::count::Count::Is(1..)));
        if states_overlap { Ok(read) } else { read.or_overlap() }
    }

    /// The tier on which all fields agree; an ordinary one gives way.
    fn tier(&self, values: &Values<'_>) -> Result<Tier, UsageError> {
        let mut tier = Tier::Unsaid;
        for (TierField { ordinary, unstated, special, .. }, place) in self.shape.tiers.iter().zip(&self.tiers) {
            let Some(word) = self.word(values, *place) else { continue };
            let is_word = |known: &String| known == word;
            tier = match (tier, special.get(word)) {
                (Tier::Special(one), Some(other)) if one != *other => return Err(UsageError::UnknownTier(format!("{one}+{other}"))),
                (_, Some(special)) => Tier::Special(*special),
                (Tier::Unsaid, None) if ordinary.iter().any(is_word) => Tier::Ordinary,
                (tier, None) if ordinary.iter().chain(unstated).any(is_word) => tier,
                (_, None) => return Err(UsageError::UnknownTier(word.to_owned())),
            };
        }
        Ok(tier)
    }

    fn word<'v>(&self, values: &'v Values<'_>, place: usize) -> Option<&'v str> {
        let Kind::Word(word) = self.fields[place].kind else { return None };
        values.words[word].as_deref()
    }

    fn shown(&self, place: usize) -> String {
        self.fields[place].shown.clone()
    }

    /// The error about a list with an entry of a kind that is no kind.
    fn invalid(&self, list: &Field) -> UsageError {
        let Kind::List(of, sums) = &list.kind else { return UsageError::Shape(String::new()) };
        let words: Vec<String> = of.skip.iter().chain(sums.iter().map(|(word, _)| word)).map(|word| format!("`{word}`")).collect();
        let is = if words.len() == 1 { "is not" } else { "is neither" };
        UsageError::Shape(format!("`{}.{}` {is} {}", list.shown, of.kind, words.join(" nor ")))
    }

    fn stated(&self, place: usize, values: &Values<'_>) -> Result<Option<u64>, UsageError> {
        values.counts[place].said(&self.fields[place].shown)
    }

    /// The greatest of what several fields state of the same; `None` when none states anything.
    fn greatest(&self, fields: &[usize], values: &Values<'_>) -> Result<Option<u64>, UsageError> {
        fields.iter().try_fold(None, |greatest, place| Ok(greatest.max(self.stated(*place, values)?)))
    }

    fn judge(&self, rule: &Count<usize>, values: &Values<'_>, stated: &mut Stated) -> Result<(), UsageError> {
        let so_far = stated.get(rule.meter);
        if rule.fallback && so_far.is_some() {
            return Ok(());
        }
        let mut count = self.greatest(&rule.fields, values)?;
        if rule.less.is_some() || !rule.plus.is_empty() {
            let less = rule.less.map_or(Ok(None), |place| self.stated(place, values))?.unwrap_or(0);
            let plus = rule.plus.iter().try_fold(0, |sum: u64, place| Ok(sum.saturating_add(self.stated(*place, values)?.unwrap_or(0))))?;
            let all = count.unwrap_or(0);
            let rest = all.checked_sub(less).ok_or_else(|| self.split(rule, all, less))?;
            count = Some(rest.saturating_add(plus));
        }
        count = so_far.max(count);
        let mut parts = Stated { usage: Usage::default(), meters: 0 };
        for part in &rule.parts {
            parts.set(part.meter, self.greatest(&part.fields, values)?);
        }
        if parts.meters == 0 {
            stated.set(rule.meter, count);
            return Ok(());
        }
        let sum = rule.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(parts.usage.get(part.meter)));
        if let Some(whole) = count.filter(|whole| *whole != sum) {
            return Err(self.split(rule, whole, sum));
        }
        rule.parts.iter().for_each(|part| stated.set(part.meter, Some(parts.usage.get(part.meter))));
        Ok(())
    }

    /// The error about a count that its parts do not add up to. It names the list, and not the count of its entries.
    fn split(&self, rule: &Count<usize>, count: u64, parts: u64) -> UsageError {
        let field = rule.fields.last().map(|place| &self.fields[*place]);
        let shown = field.map_or("", |field| match field.shown.rsplit_once('.') {
            Some((list, _)) if field.path.ends_with(']') => list,
            _ => &field.shown,
        });
        UsageError::Split { field: shown.to_owned(), count, parts }
    }

    /// Compares the total with what is counted so far, and returns the part that it shows to be beside its own total. It may be less than the
    /// counts, since some leave reasoning or the cache out, but not less than any field of `at_least`.
    fn compare(&self, rule: &Total<usize>, values: &Values<'_>, usage: &Usage) -> Result<Option<Meter>, UsageError> {
        let Some(total) = self.stated(rule.field, values)?.filter(|total| *total > 0) else { return Ok(None) };
        let counted = [Meter::Input, Meter::Output].iter().chain(&self.shape.beside);
        let mut counted = counted.fold(0, |sum: u64, meter| sum.saturating_add(usage.get(*meter)));
        let beside = rule.beside.filter(|part| usage.get(*part) > 0 && total == counted.saturating_add(usage.get(*part)));
        counted += beside.map_or(0, |part| usage.get(part));
        if let Some(more) = total.checked_sub(counted).filter(|more| *more > 0) {
            return Err(UsageError::Incomplete { field: self.shown(rule.field), counted: rule.counted.clone(), more });
        }
        for part in &rule.at_least {
            let count = self.stated(*part, values)?.unwrap_or(0);
            if count > total {
                return Err(UsageError::Total { field: self.shown(rule.field), total, part: self.shown(*part), count });
            }
        }
        Ok(beside)
    }
}

impl Reader {
    pub(crate) fn new(shape: &Shape) -> Result<Self, ShapeFault> {
        let mut reader = Self { shape: shape.clone(), ..Self::default() };
        reader.push(None, "", Kind::Object);
        for (path, list) in &shape.lists {
            reader.list(path, list)?;
        }
        reader.needs = shape.needs.iter().chain(&shape.or_needs).map(|path| reader.count(path)).collect::<Result<_, _>>()?;
        reader.counts = shape.counts.iter().map(|count| reader.rule(count)).collect::<Result<_, _>>()?;
        if let Some(Total { field, counted, at_least, beside }) = &shape.total {
            let (field, at_least) = (reader.count(field)?, reader.places(at_least)?);
            reader.total = Some(Total { field, counted: counted.clone(), at_least, beside: *beside });
        }
        reader.details = shape.details.iter().map(|count| reader.rule(count)).collect::<Result<_, _>>()?;
        // Of the words of a shape the first is that of entries.
        let words = shape.tiers.iter().map(|tier| &tier.field).chain(shape.region.as_ref().map(|region| &region.field));
        let mut words = (1..).zip(words).map(|(word, path)| reader.add(&path.0, Kind::Word(word))).collect::<Result<Vec<_>, _>>()?;
        reader.region = words.split_off(shape.tiers.len()).pop();
        reader.tiers = words;
        let known = |path: &String| reader.find(path).ok_or_else(|| fault(path, format!("no count, tier or region is read from `{path}`")));
        shape.aliases.keys().chain(shape.unnamed.iter().map(|path| &path.0)).try_for_each(|path| known(path).map(|_| ()))?;
        reader.overlap = shape.overlap.as_ref().map(|path| known(&path.0)).transpose()?;
        for meter in shape.beside.iter().chain(shape.total.iter().filter_map(|total| total.beside.as_ref())) {
            meter.part_of().ok_or_else(|| fault(meter.as_str(), format!("`{meter}` is no part of another meter")))?;
        }
        reader.count_once()?;
        if reader.fields.len() > MOST_FIELDS || shape.tiers.len() + 2 > MOST_WORDS {
            return Err(fault("", format!("it has more than {MOST_FIELDS} fields, or {} for tiers", MOST_WORDS - 2)));
        }
        Ok(reader)
    }

    /// Refuses what would count something twice, or a word as two things.
    fn count_once(&self) -> Result<(), ShapeFault> {
        let mut counted = HashMap::new();
        for rule in self.counts.iter().chain(&self.details) {
            let of_parts = rule.parts.iter().flat_map(|part| part.fields.iter().map(|place| (*place, part.meter)));
            for (place, meter) in rule.fields.iter().chain(&rule.plus).map(|place| (*place, rule.meter)).chain(of_parts) {
                if let Some(other) = counted.insert(place, meter).filter(|other| *other != meter) {
                    let path = &self.fields[place].path;
                    return Err(fault(path, format!("`{path}` is counted as `{other}` and as `{meter}`")));
                }
            }
            let twice = |meter: Meter| format!("two of the `parts` of `{}` are `{meter}`; one has all fields", rule.meter);
            unique(rule.parts.iter().map(|part| part.meter)).map_err(|meter| fault(meter.as_str(), twice(meter)))?;
        }
        unique(&self.shape.beside).map_err(|meter| fault(meter.as_str(), format!("`{meter}` stands in `beside` twice")))?;
        for field in self.fields.iter().filter(|field| !matches!(field.kind, Kind::List(..))) {
            let names = field.inner.iter().map(|(name, _)| name.as_str());
            unique(names).map_err(|name| fault(name, format!("`{name}` is the name of two fields")))?;
        }
        let words = self.tiers.iter().chain(&self.region).map(|place| &self.fields[*place].path);
        unique(words).map_err(|path| fault(path, format!("`{path}` is read by two of `tiers` and `region`")))?;
        for TierField { ordinary, unstated, special, .. } in &self.shape.tiers {
            let words = ordinary.iter().chain(unstated).chain(special.keys());
            unique(words).map_err(|word| fault(word, format!("`{word}` means two things")))?;
        }
        Ok(())
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.path == path)
    }

    /// Adds a field, and names it in the object that it is in.
    fn push(&mut self, object: Option<usize>, name: &str, kind: Kind) -> usize {
        let [mut path, mut shown] = [String::new(), String::new()];
        if let Some(object) = object {
            let of = &self.fields[object];
            let is_unnamed = self.shape.unnamed.iter().any(|unnamed| unnamed.0 == of.path);
            [path, shown] = [of.path.as_str(), if is_unnamed { "" } else { &of.shown }].map(|before| match (before, name) {
                ("", name) | (name, "") => name.to_owned(),
                (before, name) => format!("{before}.{name}"),
            });
            let place = self.fields.len();
            // An entry of a list has no name, and the path of its list, whose other names are not its own.
            let aliases = self.shape.aliases.get(&path).filter(|_| !name.is_empty()).into_iter().flatten();
            self.fields[object].inner.extend([name].into_iter().chain(aliases.map(String::as_str)).map(|name| (name.to_owned(), place)));
        }
        self.fields.push(Field { path, name: name.to_owned(), shown, kind, inner: Vec::new() });
        self.fields.len() - 1
    }

    /// The field at a path, which is added where it is not there yet.
    fn add(&mut self, path: &str, kind: Kind) -> Result<usize, ShapeFault> {
        let mut object = 0;
        let (objects, last) = path.rsplit_once('.').unwrap_or(("", path));
        let objects = objects.split('.').filter(|name| !name.is_empty()).map(|name| (name, Kind::Object));
        for (name, kind) in objects.chain([(last, kind)]) {
            let known = self.fields[object].inner.iter().find(|(known, _)| known == name);
            object = match known.map(|(_, place)| (*place, &self.fields[*place].kind)) {
                Some((_, other)) if discriminant(other) != discriminant(&kind) => {
                    return Err(fault(path, format!("`{path}` is {other} in one place and {kind} in another")));
                }
                Some((place, _)) => place,
                None => self.push(Some(object), name, kind),
            };
        }
        Ok(object)
    }

    /// Adds a list, whose one inner field is an entry.
    fn list(&mut self, path: &str, list: &List) -> Result<(), ShapeFault> {
        let place = self.add(path, Kind::List(Box::new(list.clone()), Vec::new()))?;
        let entry = self.push(Some(place), "", Kind::Object);
        self.push(Some(entry), &list.kind, Kind::Word(0));
        for count in list.count.as_slice() {
            self.push(Some(entry), count, Kind::Count);
        }
        Ok(())
    }

    /// The count at a path.
    fn count(&mut self, path: &Path) -> Result<usize, ShapeFault> {
        let Some((list, word)) = path.0.strip_suffix(']').and_then(|path| path.split_once('[')) else {
            return self.add(&path.0, Kind::Count);
        };
        if let Some(known) = self.find(&path.0) {
            return Ok(known);
        }
        let (place, fresh) = (self.find(list), self.fields.len());
        let Some(Field { kind: Kind::List(of, sums), .. }) = place.map(|place| &mut self.fields[place]) else {
            return Err(fault(&path.0, format!("`lists` has no `{list}`")));
        };
        let Some(count) = of.count.clone().filter(|_| !of.skip.iter().any(|skipped| skipped == word)) else {
            return Err(fault(&path.0, format!("entries of `{list}` have no `count`, or those of `{word}` are skipped")));
        };
        sums.push((word.to_owned(), fresh));
        let shown = format!("{}.{count}", self.shown(place.unwrap_or(0)));
        self.fields.push(Field { path: path.0.clone(), name: String::new(), shown, kind: Kind::Count, inner: Vec::new() });
        Ok(fresh)
    }

    fn places(&mut self, paths: &[Path]) -> Result<Vec<usize>, ShapeFault> {
        paths.iter().map(|path| self.count(path)).collect()
    }

    fn rule(&mut self, Count { meter, fields, fallback, less, plus, parts }: &Count) -> Result<Count<usize>, ShapeFault> {
        let part = |part: &Part| Ok(Part { meter: part.meter, fields: self.places(&part.fields)? });
        let parts = parts.iter().map(part).collect::<Result<_, ShapeFault>>()?;
        let less = less.as_ref().map(|path| self.count(path)).transpose()?;
        Ok(Count { meter: *meter, fields: self.places(fields)?, fallback: *fallback, less, plus: self.places(plus)?, parts })
    }
}

/// Fails with the first that comes again.
fn unique<T: Copy + Eq + Hash>(all: impl IntoIterator<Item = T>) -> Result<(), T> {
    let mut known = HashSet::new();
    all.into_iter().try_for_each(|one| if known.insert(one) { Ok(()) } else { Err(one) })
}

fn fault(at: &str, message: String) -> ShapeFault {
    ShapeFault { at: at.to_owned(), message }
}

impl fmt::Display for ShapeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ShapeFault {}
