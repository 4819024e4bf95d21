//! JSON and YAML values for output. Members keep their insertion order, and strings are borrowed from the catalog.

use crate::fields::{self, FieldMapping};
use crate::loss::CatalogPart;
use crate::number::PerToken;
use modeldex_table::{CurrentRates, Model, Rate};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// A value to serialize.
#[derive(Clone, Debug)]
pub(crate) enum JsonValue<'a> {
    /// No value: the member is left out.
    Absent,
    Null,
    Flag(bool),
    Count(u64),
    Rate(Rate),
    PerToken(PerToken),
    Text(Cow<'a, str>),
    List(Vec<JsonValue<'a>>),
    Object(JsonObject<'a>),
}

/// An object whose members keep their insertion order.
#[derive(Clone, Debug, Default)]
pub(crate) struct JsonObject<'a>(Vec<(Cow<'a, str>, JsonValue<'a>)>);

impl<'a> JsonObject<'a> {
    /// Returns the object with one more member, unless the value is absent.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<JsonValue<'a>>) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a member at the end, unless the value is absent.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<JsonValue<'a>>) {
        match value.into() {
            JsonValue::Absent => {}
            value => self.0.push((name.into(), value)),
        }
    }

    /// Returns the object with the fields of a table for `model`. If `override_value` returns a value for a part of the catalog, this value is
    /// written. If it returns `None`, the value of the model is written, but only for fields that the loop over the table writes.
    #[must_use]
    pub(crate) fn with_model(
        mut self,
        table: &[FieldMapping],
        model: Model<'a>,
        mut override_value: impl FnMut(CatalogPart) -> Option<JsonValue<'a>>,
    ) -> Self {
        for field in table {
            match override_value(field.part) {
                Some(value) => self.put(field.name, value),
                None if field.is_written() => self.put(field.name, fields::value(model, field.part)),
                None => {}
            }
        }
        self
    }

    /// Returns the object with the rates that a table maps.
    #[must_use]
    pub(crate) fn with_rates(mut self, table: &[FieldMapping], today: &CurrentRates) -> Self {
        for (name, meter) in fields::rate_fields(table) {
            self.set(name, today.get(meter));
        }
        self
    }

    /// Returns the object with the members of another object added at the end.
    #[must_use]
    pub(crate) fn with_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds a member at a path: for `limit.context`, adds `context` to the object `limit`, which is either the last member or created.
    fn put(&mut self, path: &'static str, value: JsonValue<'a>) {
        let Some((outer, inner)) = path.split_once('.') else { return self.set(path, value) };
        if matches!(value, JsonValue::Absent) {
            return;
        }
        match self.0.last_mut() {
            Some((name, JsonValue::Object(within))) if name == outer => within.put(inner, value),
            _ => {
                let mut within = JsonObject::default();
                within.put(inner, value);
                self.set(outer, within);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorts the members by name.
    #[must_use]
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self
    }

    /// Returns an absent value if the object is empty.
    pub(crate) fn unless_empty(self) -> JsonValue<'a> {
        if self.is_empty() { JsonValue::Absent } else { JsonValue::Object(self) }
    }
}

impl<'a> JsonValue<'a> {
    /// Returns an absent value if this is an empty list.
    pub(crate) fn unless_empty(self) -> Self {
        if matches!(&self, Self::List(list) if list.is_empty()) { Self::Absent } else { self }
    }
}

impl<'a, K: Into<Cow<'a, str>>, V: Into<JsonValue<'a>>> FromIterator<(K, V)> for JsonObject<'a> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut object = Self::default();
        members.into_iter().for_each(|(name, value)| object.set(name, value));
        object
    }
}

impl<'a, T: Into<JsonValue<'a>>> FromIterator<T> for JsonValue<'a> {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl<'a, T: Into<JsonValue<'a>>> From<Option<T>> for JsonValue<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl<'a> From<$type> for JsonValue<'a> {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from!(bool => Flag, u32 => Count, u64 => Count, Rate => Rate, PerToken => PerToken, &'a str => Text, String => Text, Cow<'a, str> => Text);
from!(JsonObject<'a> => Object);

impl Serialize for JsonValue<'_> {
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

impl Serialize for JsonObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
