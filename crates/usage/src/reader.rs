//! A compiled usage shape: the fields of a [`Shape`] as a list, and the rules of the shape. The rules refer to fields by index instead of path.

use crate::count::CountValue;
use crate::object::{self, Field, FieldKind, FieldValues, MAX_FIELDS, MAX_WORDS};
use crate::shape::{CountPart, CountRule, FieldPath, ListShape, Shape, TierField, TotalRule};
use crate::{ParsedUsage, Tier, UsageError};
use modeldex_table::{Meter, Usage};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::mem::discriminant;

/// The error for a usage shape that violates a rule which the JSON Schema of usage shapes cannot express. For example, the shape counts one field for
/// two meters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidShape {
    /// The path, name, meter or value that is invalid, as spelled in the file; empty if the error is about the whole shape.
    pub at: String,
    /// The error message, a whole sentence.
    pub message: String,
}

/// A compiled usage shape, which parses usage objects.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    shape: Shape,
    /// All fields of the shape. The first field is the usage object itself.
    fields: Vec<Field>,
    /// The indexes of the fields in `needs`, which errors name, followed by those of the fields in `or_needs`.
    needs: Vec<usize>,
    counts: Vec<CountRule<usize>>,
    total: Option<TotalRule<usize>>,
    details: Vec<CountRule<usize>>,
    overlap: Option<usize>,
    tiers: Vec<usize>,
    region: Option<usize>,
}

/// The usage that the rules applied so far have counted, and the meters that a field states.
struct StatedUsage {
    usage: Usage,
    /// The meters for which a field states a count: one bit for each meter code.
    meters: u32,
}

impl StatedUsage {
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
    pub(crate) fn read(&self, raw: &str) -> Result<ParsedUsage, UsageError> {
        let mut values = FieldValues::new(false);
        object::read_fields(raw, &self.fields, &mut values)?;
        if let Some(list) = values.invalid {
            return Err(self.invalid_kind(&self.fields[list]));
        }
        if !self.needs.iter().any(|index| values.counts[*index].is_present()) {
            let names: Vec<String> =
                self.shape.needs.iter().zip(&self.needs).map(|(_, index)| format!("`{}`", self.display_name(*index))).collect();
            return Err(UsageError::MissingCounts(names.join(" and ")));
        }
        if let Some(list) = values.several {
            return Err(UsageError::SeveralRequests(self.display_name(list)));
        }
        let mut stated = StatedUsage { usage: Usage::request(), meters: 0 };
        self.counts.iter().try_for_each(|count| self.apply_rule(count, &values, &mut stated))?;
        let beside = self.total.as_ref().map_or(Ok(None), |total| self.check_total(total, &values, &stated.usage))?;
        self.details.iter().try_for_each(|count| self.apply_rule(count, &values, &mut stated))?;
        let mut usage = stated.usage;
        for part in self.shape.beside.iter().copied().chain(beside) {
            let total = part.part_of().unwrap_or(part);
            usage.set(total, usage.get(total).saturating_add(usage.get(part)));
        }
        let read = ParsedUsage { usage, tier: self.tier(&values)? };
        if let (Some(region), Some(word)) = (&self.shape.region, self.region.and_then(|index| self.word(&values, index)))
            && !region.ordinary.iter().any(|known| known == word)
        {
            return Err(UsageError::UnknownRegion(word.to_owned()));
        }
        let states_overlap = self.overlap.is_some_and(|index| matches!(values.counts[index], CountValue::Count(1..)));
        if states_overlap { Ok(read) } else { read.check_overlap() }
    }

    /// Returns the service tier that all tier fields together state. A non-standard tier takes precedence over the standard tier. Two different
    /// non-standard tiers are an error.
    fn tier(&self, values: &FieldValues<'_>) -> Result<Tier, UsageError> {
        let mut tier = Tier::Unstated;
        for (TierField { ordinary, unstated, special, .. }, index) in self.shape.tiers.iter().zip(&self.tiers) {
            let Some(word) = self.word(values, *index) else { continue };
            let is_word = |known: &String| known == word;
            tier = match (tier, special.get(word)) {
                (Tier::NonStandard(one), Some(other)) if one != *other => return Err(UsageError::UnknownTier(format!("{one}+{other}"))),
                (_, Some(special)) => Tier::NonStandard(*special),
                (Tier::Unstated, None) if ordinary.iter().any(is_word) => Tier::Standard,
                (tier, None) if ordinary.iter().chain(unstated).any(is_word) => tier,
                (_, None) => return Err(UsageError::UnknownTier(word.to_owned())),
            };
        }
        Ok(tier)
    }

    fn word<'v>(&self, values: &'v FieldValues<'_>, index: usize) -> Option<&'v str> {
        let FieldKind::Word(word) = self.fields[index].kind else { return None };
        values.words[word].as_deref()
    }

    fn display_name(&self, index: usize) -> String {
        self.fields[index].display_name.clone()
    }

    /// Returns the error for a list that has an entry of an invalid kind.
    fn invalid_kind(&self, list: &Field) -> UsageError {
        let FieldKind::List(of, sums) = &list.kind else { return UsageError::Invalid(String::new()) };
        let kinds: Vec<String> = of.skip.iter().chain(sums.iter().map(|(kind, _)| kind)).map(|kind| format!("`{kind}`")).collect();
        let (list, field) = (&list.display_name, &of.kind);
        UsageError::Invalid(match kinds.as_slice() {
            [kind] => format!("the value of `{list}.{field}` is not {kind}"),
            kinds => format!("the value of `{list}.{field}` is neither {kinds}", kinds = kinds.join(" nor ")),
        })
    }

    fn stated(&self, index: usize, values: &FieldValues<'_>) -> Result<Option<u64>, UsageError> {
        values.counts[index].value(&self.fields[index].display_name)
    }

    /// Returns the maximum of several fields that state the same count. Returns `None` if no field states the count.
    fn greatest(&self, fields: &[usize], values: &FieldValues<'_>) -> Result<Option<u64>, UsageError> {
        fields.iter().try_fold(None, |greatest, index| Ok(greatest.max(self.stated(*index, values)?)))
    }

    fn apply_rule(&self, rule: &CountRule<usize>, values: &FieldValues<'_>, stated: &mut StatedUsage) -> Result<(), UsageError> {
        let previous = stated.get(rule.meter);
        if rule.fallback && previous.is_some() {
            return Ok(());
        }
        let mut count = self.greatest(&rule.fields, values)?;
        if rule.less.is_some() || !rule.plus.is_empty() {
            let less = rule.less.map_or(Ok(None), |index| self.stated(index, values))?.unwrap_or(0);
            let plus = rule.plus.iter().try_fold(0, |sum: u64, index| Ok(sum.saturating_add(self.stated(*index, values)?.unwrap_or(0))))?;
            let all = count.unwrap_or(0);
            let rest = all.checked_sub(less).ok_or_else(|| self.parts_mismatch(rule, all, less))?;
            count = Some(rest.saturating_add(plus));
        }
        count = previous.max(count);
        let mut parts = StatedUsage { usage: Usage::default(), meters: 0 };
        for part in &rule.parts {
            parts.set(part.meter, self.greatest(&part.fields, values)?);
        }
        if parts.meters == 0 {
            stated.set(rule.meter, count);
            return Ok(());
        }
        let sum = rule.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(parts.usage.get(part.meter)));
        if let Some(whole) = count.filter(|whole| *whole != sum) {
            return Err(self.parts_mismatch(rule, whole, sum));
        }
        rule.parts.iter().for_each(|part| stated.set(part.meter, Some(parts.usage.get(part.meter))));
        Ok(())
    }

    /// Returns the error for a count whose parts do not add up to it. If the count is the sum of list entries, the error names the list.
    fn parts_mismatch(&self, rule: &CountRule<usize>, count: u64, parts: u64) -> UsageError {
        let field = rule.fields.last().map(|index| &self.fields[*index]);
        let display_name = field.map_or("", |field| match field.display_name.rsplit_once('.') {
            Some((list, _)) if field.path.ends_with(']') => list,
            _ => &field.display_name,
        });
        UsageError::PartsMismatch { field: display_name.to_owned(), count, parts }
    }

    /// Checks that the total number of tokens is consistent with the counts. If the total shows that the tokens of the part `TotalRule::beside` are
    /// not included in `input` or `output`, returns this part.
    ///
    /// A total may be less than the sum of the counts, since some servers omit reasoning or cached tokens. It must not be less than a field of
    /// `at_least`.
    fn check_total(&self, rule: &TotalRule<usize>, values: &FieldValues<'_>, usage: &Usage) -> Result<Option<Meter>, UsageError> {
        let Some(total) = self.stated(rule.field, values)?.filter(|total| *total > 0) else { return Ok(None) };
        let counted = [Meter::Input, Meter::Output].iter().chain(&self.shape.beside);
        let mut counted = counted.fold(0, |sum: u64, meter| sum.saturating_add(usage.get(*meter)));
        let beside = rule.beside.filter(|part| usage.get(*part) > 0 && total == counted.saturating_add(usage.get(*part)));
        counted += beside.map_or(0, |part| usage.get(part));
        if let Some(excess) = total.checked_sub(counted).filter(|excess| *excess > 0) {
            return Err(UsageError::Incomplete { field: self.display_name(rule.field), counted: rule.counted.clone(), excess });
        }
        for part in &rule.at_least {
            let count = self.stated(*part, values)?.unwrap_or(0);
            if count > total {
                return Err(UsageError::TotalTooSmall {
                    field: self.display_name(rule.field),
                    total,
                    part: self.display_name(*part),
                    count,
                });
            }
        }
        Ok(beside)
    }
}

impl Reader {
    pub(crate) fn new(shape: &Shape) -> Result<Self, InvalidShape> {
        let mut reader = Self { shape: shape.clone(), ..Self::default() };
        reader.push(None, "", FieldKind::Object);
        for (path, list) in &shape.lists {
            reader.list(path, list)?;
        }
        reader.needs = shape.needs.iter().chain(&shape.or_needs).map(|path| reader.count_field(path)).collect::<Result<_, _>>()?;
        reader.counts = shape.counts.iter().map(|count| reader.rule(count)).collect::<Result<_, _>>()?;
        if let Some(TotalRule { field, counted, at_least, beside }) = &shape.total {
            let (field, at_least) = (reader.count_field(field)?, reader.count_fields(at_least)?);
            reader.total = Some(TotalRule { field, counted: counted.clone(), at_least, beside: *beside });
        }
        reader.details = shape.details.iter().map(|count| reader.rule(count)).collect::<Result<_, _>>()?;
        // The first text index is reserved for the kinds of list entries.
        let words = shape.tiers.iter().map(|tier| &tier.field).chain(shape.region.as_ref().map(|region| &region.field));
        let mut words = (1..).zip(words).map(|(word, path)| reader.add(&path.0, FieldKind::Word(word))).collect::<Result<Vec<_>, _>>()?;
        reader.region = words.split_off(shape.tiers.len()).pop();
        reader.tiers = words;
        let known = |path: &String| {
            reader
                .find(path)
                .ok_or_else(|| invalid_shape(path, format!("`{path}` is not the path of a field with a count, a service tier or a region")))
        };
        shape.aliases.keys().chain(shape.unnamed.iter().map(|path| &path.0)).try_for_each(|path| known(path).map(|_| ()))?;
        reader.overlap = shape.overlap.as_ref().map(|path| known(&path.0)).transpose()?;
        for meter in shape.beside.iter().chain(shape.total.iter().filter_map(|total| total.beside.as_ref())) {
            meter
                .part_of()
                .ok_or_else(|| invalid_shape(meter.as_str(), format!("the meter `{meter}` is not part of `input` or `output`")))?;
        }
        reader.check_unique()?;
        if reader.fields.len() > MAX_FIELDS || shape.tiers.len() + 2 > MAX_WORDS {
            let max_tiers = MAX_WORDS - 2;
            return Err(invalid_shape(
                "",
                format!("the usage shape has more than {MAX_FIELDS} fields, or more than {max_tiers} fields with a service tier"),
            ));
        }
        Ok(reader)
    }

    /// Returns an error if the shape counts a field for two meters, or lists a field, meter, name or value twice.
    fn check_unique(&self) -> Result<(), InvalidShape> {
        let mut counted = HashMap::new();
        for rule in self.counts.iter().chain(&self.details) {
            let part_fields = rule.parts.iter().flat_map(|part| part.fields.iter().map(|index| (*index, part.meter)));
            for (index, meter) in rule.fields.iter().chain(&rule.plus).map(|index| (*index, rule.meter)).chain(part_fields) {
                if let Some(other) = counted.insert(index, meter).filter(|other| *other != meter) {
                    let path = &self.fields[index].path;
                    return Err(invalid_shape(path, format!("the field `{path}` is counted for two meters, `{other}` and `{meter}`")));
                }
            }
            let rule_meter = rule.meter;
            let duplicate = |meter: Meter| {
                format!("the rule for `{rule_meter}` has two parts with the meter `{meter}`; list all fields of this meter in one part")
            };
            unique(rule.parts.iter().map(|part| part.meter)).map_err(|meter| invalid_shape(meter.as_str(), duplicate(meter)))?;
        }
        unique(&self.shape.beside).map_err(|meter| invalid_shape(meter.as_str(), format!("`beside` lists the meter `{meter}` twice")))?;
        for field in self.fields.iter().filter(|field| !matches!(field.kind, FieldKind::List(..))) {
            let names = field.inner.iter().map(|(name, _)| name.as_str());
            unique(names).map_err(|name| invalid_shape(name, format!("two fields of one object have the name `{name}`")))?;
        }
        let words = self.tiers.iter().chain(&self.region).map(|index| &self.fields[*index].path);
        unique(words).map_err(|path| invalid_shape(path, format!("`tiers` and `region` together name the field `{path}` twice")))?;
        for TierField { ordinary, unstated, special, .. } in &self.shape.tiers {
            let words = ordinary.iter().chain(unstated).chain(special.keys());
            unique(words).map_err(|word| invalid_shape(word, format!("an entry of `tiers` lists the value `{word}` twice")))?;
        }
        Ok(())
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.path == path)
    }

    /// Adds a field to the list of all fields, and to the fields of its object. Returns the index of the field.
    fn push(&mut self, object: Option<usize>, name: &str, kind: FieldKind) -> usize {
        let [mut path, mut display_name] = [String::new(), String::new()];
        if let Some(object) = object {
            let of = &self.fields[object];
            let is_unnamed = self.shape.unnamed.iter().any(|unnamed| unnamed.0 == of.path);
            [path, display_name] = [of.path.as_str(), if is_unnamed { "" } else { &of.display_name }].map(|before| match (before, name) {
                ("", name) | (name, "") => name.to_owned(),
                (before, name) => format!("{before}.{name}"),
            });
            let index = self.fields.len();
            // The entry object of a list has no name, and has the path of its list. The aliases of this path are names of the list, not of the
            // entry.
            let aliases = self.shape.aliases.get(&path).filter(|_| !name.is_empty()).into_iter().flatten();
            self.fields[object].inner.extend([name].into_iter().chain(aliases.map(String::as_str)).map(|name| (name.to_owned(), index)));
        }
        self.fields.push(Field { path, name: name.to_owned(), display_name, kind, inner: Vec::new() });
        self.fields.len() - 1
    }

    /// Returns the index of the field at a path. Adds the field if it is missing.
    fn add(&mut self, path: &str, kind: FieldKind) -> Result<usize, InvalidShape> {
        let mut object = 0;
        let (objects, last) = path.rsplit_once('.').unwrap_or(("", path));
        let objects = objects.split('.').filter(|name| !name.is_empty()).map(|name| (name, FieldKind::Object));
        for (name, kind) in objects.chain([(last, kind)]) {
            let known = self.fields[object].inner.iter().find(|(known, _)| known == name);
            object = match known.map(|(_, index)| (*index, &self.fields[*index].kind)) {
                Some((_, other)) if discriminant(other) != discriminant(&kind) => {
                    return Err(invalid_shape(path, format!("the field `{path}` is used both as {other} and as {kind}")));
                }
                Some((index, _)) => index,
                None => self.push(Some(object), name, kind),
            };
        }
        Ok(object)
    }

    /// Adds a list. Its only inner field is the entry object.
    fn list(&mut self, path: &str, list: &ListShape) -> Result<(), InvalidShape> {
        let index = self.add(path, FieldKind::List(Box::new(list.clone()), Vec::new()))?;
        let entry = self.push(Some(index), "", FieldKind::Object);
        self.push(Some(entry), &list.kind, FieldKind::Word(0));
        for count in list.count.as_slice() {
            self.push(Some(entry), count, FieldKind::Count);
        }
        Ok(())
    }

    /// Returns the index of the count at a path. Adds the field if it is missing.
    fn count_field(&mut self, path: &FieldPath) -> Result<usize, InvalidShape> {
        let Some((list, word)) = path.0.strip_suffix(']').and_then(|path| path.split_once('[')) else {
            return self.add(&path.0, FieldKind::Count);
        };
        if let Some(known) = self.find(&path.0) {
            return Ok(known);
        }
        let (index, fresh) = (self.find(list), self.fields.len());
        let Some(Field { kind: FieldKind::List(of, sums), .. }) = index.map(|index| &mut self.fields[index]) else {
            return Err(invalid_shape(
                &path.0,
                format!("the path `{path}` refers to the list `{list}`, which is not defined in `lists`", path = path.0),
            ));
        };
        let Some(count) = of.count.clone() else {
            let message = format!("the list `{list}` needs a `count`: the name of the field that states the count of an entry");
            return Err(invalid_shape(&path.0, message));
        };
        if of.skip.iter().any(|skipped| skipped == word) {
            let message = format!("a count rule uses entries of the kind `{word}`, but `skip` of the list `{list}` contains this kind");
            return Err(invalid_shape(&path.0, message));
        }
        sums.push((word.to_owned(), fresh));
        let display_name = format!("{}.{count}", self.display_name(index.unwrap_or(0)));
        self.fields.push(Field { path: path.0.clone(), name: String::new(), display_name, kind: FieldKind::Count, inner: Vec::new() });
        Ok(fresh)
    }

    fn count_fields(&mut self, paths: &[FieldPath]) -> Result<Vec<usize>, InvalidShape> {
        paths.iter().map(|path| self.count_field(path)).collect()
    }

    fn rule(&mut self, CountRule { meter, fields, fallback, less, plus, parts }: &CountRule) -> Result<CountRule<usize>, InvalidShape> {
        let part = |part: &CountPart| Ok(CountPart { meter: part.meter, fields: self.count_fields(&part.fields)? });
        let parts = parts.iter().map(part).collect::<Result<_, InvalidShape>>()?;
        let less = less.as_ref().map(|path| self.count_field(path)).transpose()?;
        Ok(CountRule {
            meter: *meter,
            fields: self.count_fields(fields)?,
            fallback: *fallback,
            less,
            plus: self.count_fields(plus)?,
            parts,
        })
    }
}

/// Returns the first element that occurs twice as an error.
fn unique<T: Copy + Eq + Hash>(all: impl IntoIterator<Item = T>) -> Result<(), T> {
    let mut known = HashSet::new();
    all.into_iter().try_for_each(|one| if known.insert(one) { Ok(()) } else { Err(one) })
}

fn invalid_shape(at: &str, message: String) -> InvalidShape {
    InvalidShape { at: at.to_owned(), message }
}

impl fmt::Display for InvalidShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidShape {}
