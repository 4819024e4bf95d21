//! Counts and objects as they stand in JSON, where anything may stand.

use super::UsageError;
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
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
}

/// An object, or null. Structs that serde derives alone would take a list for one, field by field.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

/// A thousand million million: no request has more of anything, and so many sums of them fit.
const MOST: u64 = 1_000_000_000_000_000;

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

    fn of(count: u64) -> Self {
        if count > MOST { Self::Not(CountError::Absurd) } else { Self::Is(count) }
    }
}

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counted)
    }
}

struct Counted;

impl<'de> Visitor<'de> for Counted {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count::of(count))
    }

    fn visit_i64<E>(self, count: i64) -> Result<Count, E> {
        Ok(u64::try_from(count).map_or(Count::Not(CountError::Negative), Count::of))
    }

    /// `1e3` and `10.0` are whole numbers as JSON sees them.
    fn visit_f64<E>(self, count: f64) -> Result<Count, E> {
        Ok(match count {
            count if count < 0.0 => Count::Not(CountError::Negative),
            count if count > MOST as f64 => Count::Not(CountError::Absurd),
            count if count.fract() != 0.0 => Count::Not(CountError::Fraction),
            count => Count::of(count as u64),
        })
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count::Not(CountError::Kind))
    }

    fn visit_str<E>(self, _: &str) -> Result<Count, E> {
        Ok(Count::Not(CountError::Kind))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Count, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Count::Not(CountError::Kind))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count::Not(CountError::Kind))
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

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "it is negative",
            Self::Fraction => "it is not a whole number",
            Self::Absurd => "it is more than any request has",
            Self::Kind => "it is not a number",
        })
    }
}
