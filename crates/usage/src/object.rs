//! Objects as they are in JSON, read into the places of a shape's fields. Whatever else is there is passed over.

use crate::UsageError;
use crate::count::{Count, CountError};
use crate::shape::{List, Others};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::de::StrRead;
use std::borrow::Cow;
use std::{fmt, mem};

/// A field that is read. Its place is that in the list of all.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) path: String,
    pub(crate) name: String,
    /// What errors call it.
    pub(crate) shown: String,
    pub(crate) kind: Kind,
    /// The fields of an object by all of their names; of a list the object that each entry is.
    pub(crate) inner: Vec<(String, usize)>,
}

/// What a field holds.
#[derive(Debug)]
pub(crate) enum Kind {
    Count,
    /// The place of the word, which is one among words.
    Word(usize),
    Object,
    /// And the places of the sums of the kinds of entries that count.
    List(Box<List>, Vec<(String, usize)>),
}

/// The most fields of a shape; the longest has 34. An array for each object costs less than an allocation: 350 of the 2,500 instructions that
/// the shortest object took.
pub(crate) const MOST_FIELDS: usize = 48;

/// The most words of a shape, of which the kinds of entries share the first.
pub(crate) const MOST_WORDS: usize = 6;

/// What was read.
#[derive(Debug)]
pub(crate) struct Values<'de> {
    /// Whether counts are judged by their digits, which takes 190 instructions each. Else one that is no integer of 64 bits, which none is in
    /// practice, is an error, and takes 70.
    is_exact: bool,
    /// By place. That of a word or object that is there is 1, that of a list is the number of its entries.
    pub(crate) counts: [Count; MOST_FIELDS],
    /// `None` when it is null or not there.
    pub(crate) words: [Option<Cow<'de, str>>; MOST_WORDS],
    /// The first list with an entry of a kind that is no kind.
    pub(crate) invalid: Option<usize>,
    /// The last list with requests of their own.
    pub(crate) several: Option<usize>,
}

impl Values<'_> {
    pub(crate) const fn new(is_exact: bool) -> Self {
        Self { is_exact, counts: [Count::Missing; MOST_FIELDS], words: [const { None }; MOST_WORDS], invalid: None, several: None }
    }
}

/// Reads a text that is one object.
pub(crate) fn read<'de>(
    raw: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<StrRead<'de>>) -> serde_json::Result<Count>,
) -> Result<(), UsageError> {
    let mut json = serde_json::Deserializer::from_str(raw);
    match read(&mut json).and_then(|count| json.end().map(|()| count)).map_err(|error| UsageError::shape(&error))? {
        Count::Null => Err(UsageError::Shape("it is null, where a usage object is expected".to_owned())),
        _ => Ok(()),
    }
}

/// Reads a text that is one object with these fields. The values are large, so they stay where they are.
pub(crate) fn read_fields<'de>(raw: &'de str, fields: &[Field], values: &mut Values<'de>) -> Result<(), UsageError> {
    read(raw, |json| Slot { fields, place: 0, values: &mut *values }.deserialize(json)).or_else(|error| {
        if values.is_exact {
            return Err(error);
        }
        *values = Values::new(true);
        read_fields(raw, fields, values)
    })
}

/// A field that is about to be read. The value is what goes to its place.
struct Slot<'f, 'v, 'de> {
    fields: &'f [Field],
    place: usize,
    values: &'v mut Values<'de>,
}

impl<'f, 'de> Slot<'f, '_, 'de> {
    fn field(&self) -> &'f Field {
        &self.fields[self.place]
    }

    fn of(&mut self, place: usize) -> Slot<'f, '_, 'de> {
        Slot { fields: self.fields, place, values: self.values }
    }

    fn word<E: Error>(self, text: Cow<'de, str>) -> Result<Count, E> {
        let Kind::Word(word) = self.field().kind else { return Err(E::invalid_type(Unexpected::Str(&text), &self)) };
        self.values.words[word] = Some(text);
        Ok(Count::Is(1))
    }

    /// Adds an entry that has just been read, and makes room for the next one.
    fn add_entry(&mut self, list: &List, sums: &[(String, usize)], entry: usize) {
        let counts = &mut self.values.counts;
        let mut count = Count::Missing;
        // The kind comes first, and then the count; the names of either follow each other.
        let fields = self.fields[entry].inner.chunk_by(|(_, one), (_, other)| one == other);
        fields.for_each(|names| count = mem::take(&mut counts[names[0].1]));
        let word = self.values.words[0].take();
        let is_kind = |known: &String| match &word {
            Some(word) if list.ignore_case => known.eq_ignore_ascii_case(word),
            word => word.as_ref().is_some_and(|word| known == word),
        };
        if let Some((_, sum)) = sums.iter().find(|(known, _)| is_kind(known)) {
            let is_stated = !matches!(count, Count::Missing | Count::Null);
            counts[*sum].add(if is_stated { count } else { Count::Not(CountError::Missing) });
        } else if !list.skip.iter().any(is_kind) {
            match list.others {
                Others::Skipped => {}
                Others::Invalid => self.values.invalid = self.values.invalid.or(Some(self.place)),
                Others::SeveralRequests => self.values.several = Some(self.place),
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Slot<'_, '_, 'de> {
    type Value = Count;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Count, D::Error> {
        match self.field().kind {
            Kind::Count if self.values.is_exact => Count::deserialize(deserializer),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Slot<'_, '_, 'de> {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.field().kind)
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count::Null)
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Count, E> {
        match self.field().kind {
            Kind::Count => Ok(Count::of(count)),
            _ => Err(E::invalid_type(Unexpected::Unsigned(count), &self)),
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Count, E> {
        self.word(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Count, E> {
        self.word(Cow::Owned(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Count, A::Error> {
        let field = self.field();
        if !matches!(field.kind, Kind::Object) {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        while let Some(place) = map.next_key_seed(Key(&field.inner))? {
            let Some(place) = place else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.values.counts[place] != Count::Missing {
                return Err(A::Error::custom(format_args!("duplicate field `{}`", self.fields[place].name)));
            }
            self.values.counts[place] = map.next_value_seed(self.of(place))?;
        }
        Ok(Count::Is(1))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Count, A::Error> {
        let (Kind::List(list, sums), [(_, entry)]) = (&self.field().kind, &self.field().inner[..]) else {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        };
        let mut entries = 0;
        while let Some(found) = seq.next_element_seed(self.of(*entry))? {
            if found == Count::Null {
                return Err(A::Error::custom("a list has null where an object is expected"));
            }
            self.add_entry(list, sums, *entry);
            entries += 1;
        }
        Ok(Count::Is(entries))
    }
}

/// The place of the field that a key names.
struct Key<'f>(&'f [(String, usize)]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|(known, _)| known == name).map(|(_, place)| *place))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "a count",
            Self::Word(_) => "a text",
            Self::Object => "an object",
            Self::List(..) => "a list of objects",
        })
    }
}
