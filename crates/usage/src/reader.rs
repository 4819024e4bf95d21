//! A [`Shape`] made ready: the fields as a tree of places, and the counts as lists of these.

use crate::count::Count;
use crate::object::{self, Field, Fields, Kind, ListOf, Values};
use crate::shape::{self, Path, Shape};
use crate::{Read, Tier, UsageError};
use modeldex_table::{Meter, Usage};
use std::fmt;
use std::mem::discriminant;

/// What is wrong with a shape, beyond what its schema states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeFault {
    /// Where it is, as a JSON pointer into the file.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

/// Reads usage objects of one shape.
#[derive(Debug)]
pub(crate) struct Reader {
    fields: Vec<Field>,
    /// How many places the fields have.
    places: usize,
    needs: Vec<usize>,
    /// The names of the needed fields, in words.
    missing: String,
    counts: Vec<Rule>,
    total: Option<Total>,
    details: Vec<Rule>,
    /// Parts to be added to their totals.
    beside: Vec<Part>,
    overlap: Option<usize>,
    tiers: Vec<(usize, Vec<(String, Tier)>)>,
    region: Option<(usize, Vec<String>)>,
}

/// A field whose count is used.
#[derive(Clone, Debug)]
struct Source {
    place: usize,
    /// What errors call it.
    name: String,
    /// What errors call the count that it is split of: for an entry of a list, the list.
    whole: String,
}

/// A part of a total.
#[derive(Clone, Copy, Debug)]
struct Part {
    total: Meter,
    part: Meter,
}

/// A [`shape::Count`].
#[derive(Debug)]
struct Rule {
    meter: Meter,
    fields: Vec<Source>,
    is_fallback: bool,
    less: Option<Source>,
    plus: Vec<Source>,
    parts: Vec<(Meter, Vec<Source>)>,
}

/// A [`shape::Total`].
#[derive(Debug)]
struct Total {
    field: Source,
    counted: String,
    at_least: Vec<Source>,
    beside: Option<Part>,
}

/// The count of each meter, as far as it is stated.
type Stated = [Option<u64>; Meter::ALL.len()];

impl Reader {
    pub(crate) fn new(shape: &Shape) -> Result<Self, ShapeFault> {
        let mut tree = Tree { shape, fields: Vec::new(), places: 0 };
        for path in shape.lists.keys() {
            tree.list(path)?;
        }
        let needs = tree.counts(&shape.needs, "/needs")?;
        let or_needs = tree.counts(&shape.or_needs, "/or_needs")?;
        let names: Vec<String> = needs.iter().map(|need| format!("`{}`", need.name)).collect();
        let mut reader = Self {
            missing: names.join(" and "),
            needs: needs.into_iter().chain(or_needs).map(|need| need.place).collect(),
            counts: tree.rules(&shape.counts, "/counts")?,
            total: shape.total.as_ref().map(|total| tree.total(total)).transpose()?,
            details: tree.rules(&shape.details, "/details")?,
            beside: parts(shape.beside.iter(), |index| format!("/beside/{index}"))?,
            tiers: Vec::new(),
            region: None,
            overlap: None,
            fields: Vec::new(),
            places: 0,
        };
        for (index, tier) in shape.tiers.iter().enumerate() {
            let field = tree.field(&tier.field, Kind::Word, format!("/tiers/{index}/field"))?;
            let ordinary = tier.ordinary.iter().map(|word| (word.clone(), Tier::Ordinary));
            let unstated = tier.unstated.iter().map(|word| (word.clone(), Tier::Unsaid));
            let special = tier.special.iter().map(|(word, tier)| (word.clone(), Tier::Special(*tier)));
            reader.tiers.push((field.place, ordinary.chain(unstated).chain(special).collect()));
        }
        if let Some(region) = &shape.region {
            let field = tree.field(&region.field, Kind::Word, "/region/field".to_owned())?;
            reader.region = Some((field.place, region.ordinary.clone()));
        }
        for path in shape.aliases.keys() {
            tree.known(path, || format!("/aliases/{}", path.0))?;
        }
        for (index, path) in shape.unnamed.iter().enumerate() {
            tree.known(path, || format!("/unnamed/{index}"))?;
        }
        reader.overlap = shape.overlap.as_ref().map(|path| tree.known(path, || "/overlap".to_owned())).transpose()?;
        Ok(Self { fields: tree.fields, places: tree.places, ..reader })
    }

    pub(crate) fn read(&self, raw: &str) -> Result<Read, UsageError> {
        let mut values = Values::new(self.places);
        object::read(raw, Fields { fields: &self.fields, values: &mut values })?;
        if let Some(invalid) = values.invalid {
            return Err(invalid);
        }
        if !self.needs.iter().any(|place| values.counts[*place].is_there()) {
            return Err(UsageError::Missing(self.missing.clone()));
        }
        if let Some(list) = values.has_others {
            return Err(UsageError::Several(list));
        }
        let mut stated = Stated::default();
        self.counts.iter().try_for_each(|rule| rule.judge(&values, &mut stated))?;
        let beside = self.total.as_ref().map_or(Ok(None), |total| total.judge(&values, &stated, &self.beside))?;
        self.details.iter().try_for_each(|rule| rule.judge(&values, &mut stated))?;
        let mut usage = Usage::request();
        for (meter, count) in Meter::ALL.iter().zip(stated) {
            if let Some(count) = count {
                usage.set(*meter, count);
            }
        }
        for Part { total, part } in self.beside.iter().chain(beside) {
            usage.set(*total, usage.get(*total).saturating_add(usage.get(*part)));
        }
        let read = Read { usage, tier: self.tier(&values)? };
        self.refuse_region(&values)?;
        let states_overlap = self.overlap.is_some_and(|place| matches!(values.counts[place], Count::Is(1..)));
        if states_overlap { Ok(read) } else { read.or_overlap() }
    }

    /// The tier on which all fields agree; an ordinary one gives way.
    fn tier(&self, values: &Values<'_>) -> Result<Tier, UsageError> {
        let mut tier = Tier::Unsaid;
        for (place, words) in &self.tiers {
            let Some(word) = values.word(*place) else { continue };
            let Some((_, stated)) = words.iter().find(|(known, _)| known == word) else {
                return Err(UsageError::UnknownTier(word.to_owned()));
            };
            tier = match (tier, *stated) {
                (tier, Tier::Unsaid) => tier,
                (Tier::Special(one), Tier::Special(other)) if one != other => {
                    return Err(UsageError::UnknownTier(format!("{one}+{other}")));
                }
                (Tier::Special(_), Tier::Ordinary) => tier,
                (_, stated) => stated,
            };
        }
        Ok(tier)
    }

    fn refuse_region(&self, values: &Values<'_>) -> Result<(), UsageError> {
        let stated = self.region.as_ref().and_then(|(place, ordinary)| Some((values.word(*place)?, ordinary)));
        match stated {
            Some((word, ordinary)) if !ordinary.iter().any(|known| known == word) => Err(UsageError::UnknownRegion(word.to_owned())),
            _ => Ok(()),
        }
    }
}

impl Source {
    /// The count; 0 when it is null or not there.
    fn get(&self, values: &Values<'_>) -> Result<u64, UsageError> {
        Ok(self.stated(values)?.unwrap_or(0))
    }

    fn stated(&self, values: &Values<'_>) -> Result<Option<u64>, UsageError> {
        values.counts[self.place].said(&self.name)
    }
}

/// The greatest of what several fields state of the same; `None` when none states anything.
fn greatest(fields: &[Source], values: &Values<'_>) -> Result<Option<u64>, UsageError> {
    fields.iter().try_fold(None, |greatest, field| Ok(greatest.max(field.stated(values)?)))
}

/// `None` and 0 are the same here.
fn count_of(stated: &Stated, meter: Meter) -> u64 {
    stated[usize::from(meter.code())].unwrap_or(0)
}

impl Rule {
    fn judge(&self, values: &Values<'_>, stated: &mut Stated) -> Result<(), UsageError> {
        let so_far = stated[usize::from(self.meter.code())];
        if self.is_fallback && so_far.is_some() {
            return Ok(());
        }
        let mut count = greatest(&self.fields, values)?;
        if self.less.is_some() || !self.plus.is_empty() {
            let less = self.less.as_ref().map_or(Ok(0), |field| field.get(values))?;
            let plus = self.plus.iter().try_fold(0_u64, |sum, field| Ok(sum.saturating_add(field.get(values)?)))?;
            let all = count.unwrap_or(0);
            let rest = all.checked_sub(less).ok_or_else(|| self.split(all, less))?;
            count = Some(rest.saturating_add(plus));
        }
        count = so_far.max(count);
        if !self.parts.is_empty() {
            let mut parts = [None; Meter::ALL.len()];
            for (meter, fields) in &self.parts {
                parts[usize::from(meter.code())] = greatest(fields, values)?;
            }
            if parts.iter().any(Option::is_some) {
                let sum = parts.iter().flatten().fold(0, |sum: u64, part| sum.saturating_add(*part));
                if let Some(whole) = count.filter(|whole| *whole != sum) {
                    return Err(self.split(whole, sum));
                }
                for (meter, _) in &self.parts {
                    let place = usize::from(meter.code());
                    stated[place] = parts[place];
                }
                return Ok(());
            }
        }
        stated[usize::from(self.meter.code())] = count;
        Ok(())
    }

    fn split(&self, count: u64, parts: u64) -> UsageError {
        let field = self.fields.last().map(|field| field.whole.clone()).unwrap_or_default();
        UsageError::Split { field, count, parts }
    }
}

impl Total {
    /// Compares it with what is counted so far, and returns the part that it shows to be beside its total. It may be less than the counts,
    /// since some leave reasoning or the cache out, but not less than any field of `at_least`.
    fn judge(&self, values: &Values<'_>, stated: &Stated, beside: &[Part]) -> Result<Option<&Part>, UsageError> {
        let counted = [Meter::Input, Meter::Output].into_iter().chain(beside.iter().map(|beside| beside.part));
        let mut counted = counted.fold(0, |sum: u64, meter| sum.saturating_add(count_of(stated, meter)));
        let Some(total) = self.field.stated(values)?.filter(|total| *total > 0) else { return Ok(None) };
        let shown = self.beside.as_ref().filter(|beside| match count_of(stated, beside.part) {
            0 => false,
            part => total == counted.saturating_add(part),
        });
        counted += shown.map_or(0, |beside| count_of(stated, beside.part));
        if let Some(more) = total.checked_sub(counted).filter(|more| *more > 0) {
            return Err(UsageError::Incomplete { field: self.field.name.clone(), counted: self.counted.clone(), more });
        }
        for part in &self.at_least {
            let count = part.get(values)?;
            if count > total {
                return Err(UsageError::Total { field: self.field.name.clone(), total, part: part.name.clone(), count });
            }
        }
        Ok(shown)
    }
}

fn parts<'m>(meters: impl Iterator<Item = &'m Meter>, pointer: impl Fn(usize) -> String) -> Result<Vec<Part>, ShapeFault> {
    let part = |(index, part): (usize, &Meter)| match part.part_of() {
        Some(total) => Ok(Part { total, part: *part }),
        None => Err(ShapeFault { pointer: pointer(index), message: format!("`{part}` is no part of another meter") }),
    };
    meters.enumerate().map(part).collect()
}

/// The fields of a shape while they are gathered.
struct Tree<'s> {
    shape: &'s Shape,
    fields: Vec<Field>,
    places: usize,
}

impl Tree<'_> {
    fn place(&mut self) -> usize {
        self.places += 1;
        self.places - 1
    }

    /// The field at a path, which is added where it is not there yet.
    fn field(&mut self, path: &Path, kind: Kind, pointer: String) -> Result<Source, ShapeFault> {
        let (mut name, mut prefix) = (String::new(), String::new());
        let segments: Vec<&str> = path.0.split('.').collect();
        let mut level = &mut self.fields;
        let mut kind = Some(kind);
        for (index, segment) in segments.iter().enumerate() {
            let is_last = index + 1 == segments.len();
            prefix.push_str(if index == 0 { "" } else { "." });
            prefix.push_str(segment);
            if is_last || !self.shape.unnamed.iter().any(|unnamed| unnamed.0 == prefix) {
                name.push_str(if name.is_empty() { "" } else { "." });
                name.push_str(segment);
            }
            let wanted = kind.take_if(|_| is_last).unwrap_or_else(|| Kind::Object(Vec::new()));
            let at = level.iter().position(|field| field.name == *segment).unwrap_or(level.len());
            if at == level.len() {
                let aliases = self.shape.aliases.get(&Path(prefix.clone())).cloned().unwrap_or_default();
                level.push(Field { name: (*segment).to_owned(), aliases, kind: wanted, place: self.places });
                self.places += 1;
            } else if discriminant(&level[at].kind) != discriminant(&wanted) {
                let message = format!("`{prefix}` is {wanted} here and {} in another place", level[at].kind);
                return Err(ShapeFault { pointer, message });
            }
            let field = &mut level[at];
            match &mut field.kind {
                Kind::Object(inner) if !is_last => level = inner,
                _ => return Ok(Source { place: field.place, whole: name.clone(), name }),
            }
        }
        Err(ShapeFault { pointer, message: "the path is empty".to_owned() })
    }

    /// Adds a list.
    fn list(&mut self, path: &Path) -> Result<(), ShapeFault> {
        let list = &self.shape.lists[path];
        let field = |name: &String, kind, place| Field { name: name.clone(), aliases: Vec::new(), kind, place };
        let mut entry = vec![field(&list.kind, Kind::Word, self.place())];
        entry.extend(list.count.iter().map(|name| field(name, Kind::Count, self.place())));
        let words = list.skip.iter().map(|word| (word.clone(), None)).collect();
        let of = ListOf { name: String::new(), entry, words, ignore_case: list.ignore_case, others: list.others };
        let source = self.field(path, Kind::List(Box::new(of)), format!("/lists/{}", path.0))?;
        if let Some(Field { kind: Kind::List(of), .. }) = find(&mut self.fields, &path.0) {
            of.name = source.name;
        }
        Ok(())
    }

    /// The count at a path.
    fn count(&mut self, path: &Path, pointer: String) -> Result<Source, ShapeFault> {
        let Some((list, word)) = path.0.strip_suffix(']').and_then(|path| path.split_once('[')) else {
            return self.field(path, Kind::Count, pointer);
        };
        let fault = |message: String| ShapeFault { pointer, message };
        let fresh = self.place();
        let Some(Field { kind: Kind::List(of), .. }) = find(&mut self.fields, list) else {
            return Err(fault(format!("`lists` has no `{list}`")));
        };
        let Some(count) = of.entry.get(1) else { return Err(fault(format!("entries of `{list}` have no `count`"))) };
        let source = |place| Source { place, name: format!("{}.{}", of.name, count.name), whole: of.name.clone() };
        match of.words.iter().find(|(known, _)| known == word) {
            Some((_, Some(place))) => Ok(source(*place)),
            Some((_, None)) => Err(fault(format!("`{word}` is skipped in `{list}`"))),
            None => {
                let source = source(fresh);
                of.words.push((word.to_owned(), Some(fresh)));
                Ok(source)
            }
        }
    }

    fn counts(&mut self, paths: &[Path], pointer: &str) -> Result<Vec<Source>, ShapeFault> {
        paths.iter().enumerate().map(|(index, path)| self.count(path, format!("{pointer}/{index}"))).collect()
    }

    fn rules(&mut self, counts: &[shape::Count], pointer: &str) -> Result<Vec<Rule>, ShapeFault> {
        let rule = |(index, count): (usize, &shape::Count)| {
            let pointer = format!("{pointer}/{index}");
            let part = |(part_index, part): (usize, &shape::Part)| {
                Ok((part.meter, self.counts(&part.fields, &format!("{pointer}/parts/{part_index}/fields"))?))
            };
            Ok(Rule {
                parts: count.parts.iter().enumerate().map(part).collect::<Result<_, ShapeFault>>()?,
                meter: count.meter,
                fields: self.counts(&count.fields, &format!("{pointer}/fields"))?,
                is_fallback: count.fallback,
                less: count.less.as_ref().map(|path| self.count(path, format!("{pointer}/less"))).transpose()?,
                plus: self.counts(&count.plus, &format!("{pointer}/plus"))?,
            })
        };
        counts.iter().enumerate().map(rule).collect()
    }

    fn total(&mut self, total: &shape::Total) -> Result<Total, ShapeFault> {
        Ok(Total {
            field: self.count(&total.field, "/total/field".to_owned())?,
            counted: total.counted.clone(),
            at_least: self.counts(&total.at_least, "/total/at_least")?,
            beside: parts(total.beside.iter(), |_| "/total/beside".to_owned())?.pop(),
        })
    }

    /// The place of a field that counts, tiers or the region are read from, or of an object that has some.
    fn known(&mut self, path: &Path, pointer: impl FnOnce() -> String) -> Result<usize, ShapeFault> {
        let message = || format!("no count, tier or region is read from `{}`", path.0);
        find(&mut self.fields, &path.0).map(|field| field.place).ok_or_else(|| ShapeFault { pointer: pointer(), message: message() })
    }
}

/// The field at a path.
fn find<'f>(fields: &'f mut [Field], path: &str) -> Option<&'f mut Field> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let field = fields.iter_mut().find(|field| field.name == first)?;
    if rest.is_empty() {
        return Some(field);
    }
    let Kind::Object(inner) = &mut field.kind else { return None };
    find(inner, rest)
}

impl ListOf {
    /// The error about an entry whose kind is none of those that are known; `None` where such are skipped.
    #[cold]
    pub(crate) fn invalid(&self) -> UsageError {
        let words: Vec<String> = self.words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let is = if words.len() == 1 { "is not" } else { "is neither" };
        UsageError::Shape(format!("`{}.{}` {is} {}", self.name, self.entry[0].name, words.join(" nor ")))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "a count",
            Self::Word => "a word",
            Self::Object(_) => "an object",
            Self::List(_) => "a list",
        })
    }
}

impl fmt::Display for ShapeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

impl std::error::Error for ShapeFault {}
