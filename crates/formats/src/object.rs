//! JSON and YAML as they are written: members in the order in which they are set, with texts borrowed from the catalog.

use crate::fields::{self, Field};
use crate::loss::Part;
use crate::number::PerToken;
use modeldex_table::{CurrentRates, Model, Rate};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// A value that is written.
#[derive(Clone, Debug)]
pub(crate) enum Json<'a> {
    /// Nothing: the member is left out.
    Absent,
    Null,
    Flag(bool),
    Count(u64),
    Rate(Rate),
    PerToken(PerToken),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// Members in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Object<'a> {
    /// The same with one more member, unless the value is absent.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a member at the end, unless the value is absent.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) {
        match value.into() {
            Json::Absent => {}
            value => self.0.push((name.into(), value)),
        }
    }

    /// The same with every fact of `model` that a table has a field for. Fields that the loop does not write, and those that a tool writes
    /// otherwise, are what `own` gives for them; it gives nothing for the rest.
    #[must_use]
    pub(crate) fn with_model(mut self, table: &[Field], model: Model<'a>, mut own: impl FnMut(Part) -> Option<Json<'a>>) -> Self {
        for field in table {
            match own(field.part) {
                Some(value) => self.put(field.name, value),
                None if field.is_written() => self.put(field.name, fields::value(model, field.part)),
                None => {}
            }
        }
        self
    }

    /// The same with every rate that a table has a field for.
    #[must_use]
    pub(crate) fn with_rates(mut self, table: &[Field], today: &CurrentRates) -> Self {
        for (name, meter) in fields::meters(table) {
            self.set(name, today.get(meter));
        }
        self
    }

    /// The same with the members of another object.
    #[must_use]
    pub(crate) fn with_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds a member of an object within this one: `limit.context` is `context` of `limit`, the last member or a new one.
    fn put(&mut self, path: &'static str, value: Json<'a>) {
        let Some((outer, inner)) = path.split_once('.') else { return self.set(path, value) };
        if matches!(value, Json::Absent) {
            return;
        }
        match self.0.last_mut() {
            Some((name, Json::Object(within))) if name == outer => within.put(inner, value),
            _ => {
                let mut within = Object::default();
                within.put(inner, value);
                self.set(outer, within);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its members by name, as objects whose members have no order are written.
    #[must_use]
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self
    }

    /// Absent when it has no member.
    pub(crate) fn unless_empty(self) -> Json<'a> {
        if self.is_empty() { Json::Absent } else { Json::Object(self) }
    }
}

impl<'a> Json<'a> {
    /// Absent when it is a list with nothing in it.
    pub(crate) fn unless_empty(self) -> Self {
        if matches!(&self, Self::List(list) if list.is_empty()) { Self::Absent } else { self }
    }
}

impl<'a, K: Into<Cow<'a, str>>, V: Into<Json<'a>>> FromIterator<(K, V)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut object = Self::default();
        members.into_iter().for_each(|(name, value)| object.set(name, value));
        object
    }
}

impl<'a, T: Into<Json<'a>>> FromIterator<T> for Json<'a> {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl<'a, T: Into<Json<'a>>> From<Option<T>> for Json<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl<'a> From<$type> for Json<'a> {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from!(bool => Flag, u32 => Count, u64 => Count, Rate => Rate, PerToken => PerToken, &'a str => Text, String => Text, Cow<'a, str> => Text);
from!(Object<'a> => Object);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Rate(rate) => rate.serialize(serializer),
            Self::PerToken(rate) => rate.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
