//! Deserialization of the fields of a usage shape from a JSON object. All other fields of the object are ignored.

use crate::UsageError;
use crate::count::{CountError, CountValue};
use crate::shape::{ListShape, OtherEntries};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::de::StrRead;
use std::borrow::Cow;
use std::{fmt, mem};

/// A field of a usage shape. Other fields and rules refer to it by its index in the list of all fields.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) path: String,
    pub(crate) name: String,
    /// The name of the field in errors.
    pub(crate) display_name: String,
    pub(crate) kind: FieldKind,
    /// For an object: all names of its fields, each with the index of the field. For a list: the index of the object that describes its entries.
    pub(crate) inner: Vec<(String, usize)>,
}

/// The kind of a field.
#[derive(Debug)]
pub(crate) enum FieldKind {
    Count,
    /// A text, which is stored at this index of [`FieldValues::words`].
    Word(usize),
    Object,
    /// A list of objects. For each kind of entries that is counted, the index of the field that contains the sum of the counts.
    List(Box<ListShape>, Vec<(String, usize)>),
}

/// Maximum number of fields of a usage shape; the largest built-in shape has 34. The values of the fields are in an array of this length: to
/// allocate memory for them took 350 of the 2,500 instructions with which the shortest usage object was parsed.
pub(crate) const MAX_FIELDS: usize = 48;

/// Maximum number of text fields of a usage shape. The first index is reserved for the kind of the list entry that is being parsed.
pub(crate) const MAX_WORDS: usize = 6;

/// The values of the fields of one usage object.
#[derive(Debug)]
pub(crate) struct FieldValues<'de> {
    /// Whether counts are parsed digit by digit, which takes 190 instructions for each count. Otherwise only 64-bit integers are accepted, which
    /// takes 70 instructions and is sufficient in practice.
    is_exact: bool,
    /// Counts by field index. The count of a text or object is 1 if the field is present; that of a list is the number of its entries.
    pub(crate) counts: [CountValue; MAX_FIELDS],
    /// Values of text fields; `None` if null or missing.
    pub(crate) words: [Option<Cow<'de, str>>; MAX_WORDS],
    /// The index of the first list that has an entry of an invalid kind.
    pub(crate) invalid: Option<usize>,
    /// The index of the last list whose entries are separate requests.
    pub(crate) several: Option<usize>,
}

impl FieldValues<'_> {
    pub(crate) const fn new(is_exact: bool) -> Self {
        Self { is_exact, counts: [CountValue::Missing; MAX_FIELDS], words: [const { None }; MAX_WORDS], invalid: None, several: None }
    }
}

/// Parses a text that contains one JSON object and nothing else.
pub(crate) fn read<'de>(
    raw: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<StrRead<'de>>) -> serde_json::Result<CountValue>,
) -> Result<(), UsageError> {
    let mut json = serde_json::Deserializer::from_str(raw);
    match read(&mut json).and_then(|count| json.end().map(|()| count)).map_err(|error| UsageError::invalid(&error))? {
        CountValue::Null => Err(UsageError::Invalid("expected an object, found null".to_owned())),
        _ => Ok(()),
    }
}

/// Parses a text that contains one JSON object with these fields. Writes the values to `values`, because returning this large value takes time.
pub(crate) fn read_fields<'de>(raw: &'de str, fields: &[Field], values: &mut FieldValues<'de>) -> Result<(), UsageError> {
    read(raw, |json| FieldSlot { fields, index: 0, values: &mut *values }.deserialize(json)).or_else(|error| {
        if values.is_exact {
            return Err(error);
        }
        *values = FieldValues::new(true);
        read_fields(raw, fields, values)
    })
}

/// Deserializes the value of one field. The result is the count of the field.
struct FieldSlot<'f, 'v, 'de> {
    fields: &'f [Field],
    index: usize,
    values: &'v mut FieldValues<'de>,
}

impl<'f, 'de> FieldSlot<'f, '_, 'de> {
    fn field(&self) -> &'f Field {
        &self.fields[self.index]
    }

    fn slot(&mut self, index: usize) -> FieldSlot<'f, '_, 'de> {
        FieldSlot { fields: self.fields, index, values: self.values }
    }

    fn word<E: Error>(self, text: Cow<'de, str>) -> Result<CountValue, E> {
        let FieldKind::Word(word) = self.field().kind else { return Err(E::invalid_type(Unexpected::Str(&text), &self)) };
        self.values.words[word] = Some(text);
        Ok(CountValue::Count(1))
    }

    /// Adds the count of the parsed list entry to the sum for the kind of the entry. Resets the fields of the entry for the next entry.
    fn add_entry(&mut self, list: &ListShape, sums: &[(String, usize)], entry: usize) {
        let counts = &mut self.values.counts;
        let mut count = CountValue::Missing;
        // The names of the kind field come first, then the names of the count field.
        let fields = self.fields[entry].inner.chunk_by(|(_, one), (_, other)| one == other);
        fields.for_each(|names| count = mem::take(&mut counts[names[0].1]));
        let word = self.values.words[0].take();
        let is_kind = |known: &String| match &word {
            Some(word) if list.ignore_case => known.eq_ignore_ascii_case(word),
            word => word.as_ref().is_some_and(|word| known == word),
        };
        if let Some((_, sum)) = sums.iter().find(|(known, _)| is_kind(known)) {
            let is_stated = !matches!(count, CountValue::Missing | CountValue::Null);
            counts[*sum].add(if is_stated { count } else { CountValue::Invalid(CountError::Missing) });
        } else if !list.skip.iter().any(is_kind) {
            match list.others {
                OtherEntries::Skipped => {}
                OtherEntries::Invalid => self.values.invalid = self.values.invalid.or(Some(self.index)),
                OtherEntries::SeveralRequests => self.values.several = Some(self.index),
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for FieldSlot<'_, '_, 'de> {
    type Value = CountValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<CountValue, D::Error> {
        match self.field().kind {
            FieldKind::Count if self.values.is_exact => CountValue::deserialize(deserializer),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for FieldSlot<'_, '_, 'de> {
    type Value = CountValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.field().kind)
    }

    fn visit_unit<E>(self) -> Result<CountValue, E> {
        Ok(CountValue::Null)
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<CountValue, E> {
        match self.field().kind {
            FieldKind::Count => Ok(CountValue::of(count)),
            _ => Err(E::invalid_type(Unexpected::Unsigned(count), &self)),
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<CountValue, E> {
        self.word(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<CountValue, E> {
        self.word(Cow::Owned(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<CountValue, A::Error> {
        let field = self.field();
        if !matches!(field.kind, FieldKind::Object) {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        while let Some(index) = map.next_key_seed(FieldKey(&field.inner))? {
            let Some(index) = index else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.values.counts[index] != CountValue::Missing {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`", name = self.fields[index].name)));
            }
            self.values.counts[index] = map.next_value_seed(self.slot(index))?;
        }
        Ok(CountValue::Count(1))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<CountValue, A::Error> {
        let (FieldKind::List(list, sums), [(_, entry)]) = (&self.field().kind, &self.field().inner[..]) else {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        };
        let mut entries = 0;
        while let Some(value) = seq.next_element_seed(self.slot(*entry))? {
            if value == CountValue::Null {
                return Err(A::Error::custom("expected an object as entry of a list, found null"));
            }
            self.add_entry(list, sums, *entry);
            entries += 1;
        }
        Ok(CountValue::Count(entries))
    }
}

/// Deserializes the key of an object as the index of its field. Returns `None` for an unknown key.
struct FieldKey<'f>(&'f [(String, usize)]);

impl<'de> DeserializeSeed<'de> for FieldKey<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldKey<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|(known, _)| known == name).map(|(_, index)| *index))
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "a count",
            Self::Word(_) => "a text",
            Self::Object => "an object",
            Self::List(..) => "a list of objects",
        })
    }
}
