//! Objects as they are in JSON, read into places that a shape has numbered. Whatever else is there is passed over.

use crate::UsageError;
use crate::count::{Count, CountError};
use crate::shape::Others;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// A field that is read.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Its other names.
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: Kind,
    pub(crate) place: usize,
}

/// What a field holds.
#[derive(Debug)]
pub(crate) enum Kind {
    Count,
    Word,
    Object(Vec<Field>),
    List(Box<ListOf>),
}

/// A list whose entries are of several kinds.
#[derive(Debug)]
pub(crate) struct ListOf {
    /// What errors call it.
    pub(crate) name: String,
    /// The fields of an entry: the word for its kind, and where entries are counted the count.
    pub(crate) entry: Vec<Field>,
    /// The place of the sum of each kind that counts, and of no kind that is skipped.
    pub(crate) words: Vec<(String, Option<usize>)>,
    pub(crate) ignore_case: bool,
    pub(crate) others: Others,
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Values<'de> {
    /// By place. That of a word, object or list is 0 or more where it is there.
    pub(crate) counts: Vec<Count>,
    /// By place; there are few.
    words: Vec<(usize, Cow<'de, str>)>,
    /// The first entry of a kind that makes the object unreadable.
    pub(crate) invalid: Option<UsageError>,
    /// The list that has requests of their own.
    pub(crate) has_others: Option<String>,
}

impl<'de> Values<'de> {
    pub(crate) fn new(places: usize) -> Self {
        Self { counts: vec![Count::Missing; places], words: Vec::new(), invalid: None, has_others: None }
    }

    /// The word of a place; `None` when it is null or not there.
    pub(crate) fn word(&self, place: usize) -> Option<&str> {
        self.words.iter().find(|(other, _)| *other == place).map(|(_, word)| &**word)
    }

    /// Adds the entry of a list that has just been read, and makes room for the next one.
    fn add_entry(&mut self, list: &ListOf) {
        let [kind, count] =
            [list.entry.first(), list.entry.get(1)].map(|field| field.map(|field| std::mem::take(&mut self.counts[field.place])));
        let word = kind.filter(|kind| matches!(kind, Count::Is(_))).and_then(|_| self.words.pop()).map(|(_, word)| word);
        let is_kind = |known: &str, word: &str| if list.ignore_case { known.eq_ignore_ascii_case(word) } else { known == word };
        let known = word.and_then(|word| list.words.iter().find(|(known, _)| is_kind(known, &word)));
        match (known, list.others) {
            (Some((_, Some(place))), _) => {
                let count = match count {
                    Some(Count::Missing | Count::Null) | None => Count::Not(CountError::Missing),
                    Some(count) => count,
                };
                self.counts[*place].add(count);
            }
            (Some((_, None)), _) | (None, Others::Skipped) => {}
            (None, Others::Invalid) => self.invalid = self.invalid.take().or_else(|| Some(list.invalid())),
            (None, Others::SeveralRequests) => self.has_others = Some(list.name.clone()),
        }
    }
}

/// Reads an object with these entries, and no other text.
pub(crate) fn read<'de>(raw: &'de str, entries: impl Entries<'de>) -> Result<(), UsageError> {
    let mut json = serde_json::Deserializer::from_str(raw);
    let found = Object(entries).deserialize(&mut json).and_then(|found| json.end().map(|()| found));
    match found.map_err(|error| UsageError::shape(&error))? {
        true => Ok(()),
        false => Err(UsageError::Shape("it is null, where a usage object is expected".to_owned())),
    }
}

/// What reads the entries of an object.
pub(crate) trait Entries<'de> {
    fn read<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error>;
}

/// An object, or null; the value is whether there is one. Structs that serde derives would take a list for one, field by field.
struct Object<E>(E);

impl<'de, E: Entries<'de>> DeserializeSeed<'de> for Object<E> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, E: Entries<'de>> Visitor<'de> for Object<E> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E2>(self) -> Result<bool, E2> {
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        self.0.read(map).map(|()| true)
    }
}

/// Fields, and where their values go.
pub(crate) struct Fields<'f, 'v, 'de> {
    pub(crate) fields: &'f [Field],
    pub(crate) values: &'v mut Values<'de>,
}

impl<'de> Entries<'de> for Fields<'_, '_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { fields, values } = self;
        while let Some(field) = map.next_key_seed(Key(fields))? {
            let Some(Field { name, kind, place, .. }) = field else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if values.counts[*place].is_there() {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            let is_there = |is_there| if is_there { Count::Is(1) } else { Count::Null };
            values.counts[*place] = match kind {
                Kind::Count => map.next_value()?,
                Kind::Word => {
                    let Word(word) = map.next_value()?;
                    let count = is_there(word.is_some());
                    values.words.extend(word.map(|word| (*place, word)));
                    count
                }
                Kind::Object(fields) => is_there(map.next_value_seed(Object(Fields { fields, values: &mut *values }))?),
                Kind::List(list) => map.next_value_seed(Entry { list, values: &mut *values })?,
            };
        }
        Ok(())
    }
}

/// The field that a key names.
struct Key<'f>(&'f [Field]);

impl<'de, 'f> DeserializeSeed<'de> for Key<'f> {
    type Value = Option<&'f Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'f> Visitor<'_> for Key<'f> {
    type Value = Option<&'f Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|field| field.name == name || field.aliases.iter().any(|alias| alias == name)))
    }
}

/// A list of objects, or null; the value is how many there are.
struct Entry<'f, 'v, 'de> {
    list: &'f ListOf,
    values: &'v mut Values<'de>,
}

impl<'de> DeserializeSeed<'de> for Entry<'_, '_, 'de> {
    type Value = Count;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Count, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_, '_, 'de> {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
        let Self { list, values } = self;
        let mut count = 0;
        while let Some(is_there) = seq.next_element_seed(Object(Fields { fields: &list.entry, values: &mut *values }))? {
            if !is_there {
                return Err(A::Error::custom("a list has null where an object is expected"));
            }
            values.add_entry(list);
            count += 1;
        }
        Ok(Count::Is(count))
    }
}

/// A text that is borrowed where it has no escapes, or null; inside an option serde would always copy a `Cow`.
struct Word<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Word<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_unit<E>(self) -> Result<Word<'de>, E> {
                Ok(Word(None))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Word<'de>, E> {
                Ok(Word(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Word<'de>, E> {
                Ok(Word(Some(Cow::Owned(text.to_owned()))))
            }
        }
        deserializer.deserialize_any(Words)
    }
}
