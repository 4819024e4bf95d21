//! Counts and objects as they stand in JSON, where anything may stand.

use super::UsageError;
use modeldex_table::{Decimal, Rest};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A count, read without judging it, so that whoever knows the field's name can say it when the count is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Count {
    /// The field is not there.
    #[default]
    Missing,
    /// It is null, which counts as 0.
    Null,
    /// It is a count.
    Is(u64),
    /// It is something else.
    Not(CountError),
}

/// Why a value is no count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountError {
    /// It is below zero.
    Negative,
    /// It is not a whole number.
    Fraction,
    /// It is more than any request has.
    Absurd,
    /// It is not a number.
    Kind,
    /// It is not there, beside what would need it.
    Missing,
}

/// An object, or null. Structs that serde derives alone would take a list for one, field by field.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

/// A text that is borrowed where it has no escapes, or null; inside an option serde would always copy a `Cow`.
#[derive(Debug, Default)]
pub(super) struct Word<'a>(Option<Cow<'a, str>>);

/// A list of objects, or null, of which only what `T` gathers is kept.
#[derive(Debug, Default)]
pub(super) struct List<T>(pub(super) T);

/// What is kept of the objects of a list.
pub(super) trait Gather<'de>: Default {
    /// One of them.
    type Entry: Deserialize<'de>;
    /// Takes what counts of it.
    fn add(&mut self, entry: Self::Entry);
}

/// A thousand million million: no request has more of anything, and so many sums of them fit.
pub const MOST: u64 = 1_000_000_000_000_000;

impl Count {
    /// The count; 0 when it is null or not there.
    pub(super) fn get(self, field: &'static str) -> Result<u64, UsageError> {
        Ok(self.said(field)?.unwrap_or(0))
    }

    /// The count, if it is there and not null.
    pub(super) fn said(self, field: &'static str) -> Result<Option<u64>, UsageError> {
        match self {
            Self::Missing | Self::Null => Ok(None),
            Self::Is(count) => Ok(Some(count)),
            Self::Not(why) => Err(UsageError::Count(field, why)),
        }
    }

    /// Whether the field is there, if only as null.
    pub(super) fn is_there(self) -> bool {
        self != Self::Missing
    }

    /// Adds the count of another entry of the same list.
    pub(super) fn add(&mut self, other: Self) {
        *self = match (*self, other) {
            (Self::Not(why), _) | (_, Self::Not(why)) => Self::Not(why),
            (Self::Is(count), Self::Is(more)) => Self::of(count.saturating_add(more)),
            (Self::Is(count), _) | (_, Self::Is(count)) => Self::Is(count),
            (Self::Null, _) | (_, Self::Null) => Self::Null,
            (Self::Missing, Self::Missing) => Self::Missing,
        };
    }

    /// The same, where an entry is none without it.
    pub(super) fn needed(self) -> Self {
        if matches!(self, Self::Missing | Self::Null) { Self::Not(CountError::Missing) } else { self }
    }

    fn of(count: u64) -> Self {
        if count > MOST { Self::Not(CountError::Absurd) } else { Self::Is(count) }
    }

    /// Judges a value by its own digits: as a float, `0.9999999999999999999` would be 1.
    fn read(json: &str) -> Self {
        match json.as_bytes() {
            b"null" => Self::Null,
            // No count has more digits, and these always fit.
            digits if digits.len() <= 16 && digits.iter().all(u8::is_ascii_digit) => {
                Self::of(digits.iter().fold(0, |count, digit| count * 10 + u64::from(digit - b'0')))
            }
            [b'-' | b'0'..=b'9', ..] => Self::number(json),
            _ => Self::Not(CountError::Kind),
        }
    }

    /// Reads any number that JSON has: `1e3` and `10.0` are whole.
    #[cold]
    fn number(json: &str) -> Self {
        let Some(number) = Decimal::parse(json) else { return Self::Not(CountError::Kind) };
        match number.scaled(0) {
            _ if number.is_zero() => Self::Is(0),
            _ if number.is_negative() => Self::Not(CountError::Negative),
            // Whether a number is whole matters only where it is no longer than any count.
            Some((whole, _)) if whole >= 10_u128.pow(16) => Self::Not(CountError::Absurd),
            Some((_, Rest::Less | Rest::Half)) => Self::Not(CountError::Fraction),
            Some((whole, Rest::Nothing)) => u64::try_from(whole).map_or(Self::Not(CountError::Absurd), Self::of),
            None => Self::Not(CountError::Absurd),
        }
    }
}

impl Word<'_> {
    /// The text; `None` when it is null or not there.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|json| Self::read(json.get()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entries(PhantomData))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Object<T>, E> {
        Ok(Object(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|found| Object(Some(found)))
    }
}

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

impl<'de, T: Gather<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Objects<T>(PhantomData<T>);
        impl<'de, T: Gather<'de>> Visitor<'de> for Objects<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of objects")
            }

            fn visit_unit<E>(self) -> Result<List<T>, E> {
                Ok(List(T::default()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                let mut gathered = T::default();
                while let Some(Object(entry)) = list.next_element::<Object<T::Entry>>()? {
                    gathered.add(entry.ok_or_else(|| A::Error::custom("a list has null where an object is expected"))?);
                }
                Ok(List(gathered))
            }
        }
        deserializer.deserialize_any(Objects(PhantomData))
    }
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "it is negative",
            Self::Fraction => "it is not a whole number",
            Self::Absurd => "it is more than any request has",
            Self::Kind => "it is not a number",
            Self::Missing => "it is not there",
        })
    }
}
