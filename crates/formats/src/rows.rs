//! Parses the rows of a source one by one, so that an invalid row does not affect other rows.

use crate::fields::{FieldMapping, RowFacts};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry, is_variable};
use crate::statement::{FactKey, Value};
use modeldex_table::Api;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Unparsed members of a JSON object in the order of the file. Duplicate keys are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawObject<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject<'de>, A::Error> {
                let mut rows = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(row) = map.next_entry()? {
                    rows.push(row);
                }
                Ok(RawObject(rows))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl<'a> RawObject<'a> {
    /// Returns the value of a key. If the key is duplicated, returns the first value. Returns `None` if the key is missing.
    pub(crate) fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.values(key).next()
    }

    fn values(&self, key: &str) -> impl Iterator<Item = &'a RawValue> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| *value)
    }

    /// Returns the value at a path such as `limit.context`. Returns `None` if an object on the path is missing or null.
    ///
    /// # Errors
    /// Fails on a duplicate key, because JSON parsers differ in which of its values they use.
    pub(crate) fn value_at(&self, path: &str) -> Result<Option<&'a RawValue>, String> {
        match path.split_once('.') {
            None if self.values(path).nth(1).is_some() => Err(format!("duplicate field `{path}`")),
            None => Ok(self.get(path)),
            Some((outer, inner)) => self.value::<RawObject<'a>>(outer)?.map_or(Ok(None), |rows| rows.value_at(inner)),
        }
    }

    /// Parses the value at a path. Returns `None` if the value is missing or null.
    pub(crate) fn value<T: Deserialize<'a>>(&self, path: &str) -> Result<Option<T>, String> {
        self.value_at(path)?.map_or(Ok(None), parse_value::<Option<T>>)
    }

    /// Parses the value of a required key.
    pub(crate) fn required<T: Deserialize<'a>>(&self, key: &str) -> Result<T, String> {
        parse_value(self.value_at(key)?.ok_or_else(|| format!("missing field `{key}`"))?)
    }

    /// Parses the list at a path. The result is empty if the list is missing or null.
    pub(crate) fn list<T: Deserialize<'a>>(&self, path: &str) -> Result<Vec<T>, String> {
        self.value(path).map(Option::unwrap_or_default)
    }

    /// Parses the fields that a table maps.
    pub(crate) fn facts(&self, table: &[FieldMapping]) -> Result<RowFacts, String> {
        RowFacts::read(table, self)
    }

    /// Sorts the members by key, for sources without a meaningful order.
    #[must_use]
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self
    }
}

impl<'a> IntoIterator for RawObject<'a> {
    type Item = (String, &'a RawValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Parses a whole file.
pub(crate) fn parse_file<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// Parses a file that is one array of objects, keyed by their `id`.
pub(crate) fn parse_list_by_id(bytes: &[u8]) -> Result<RawObject<'_>, String> {
    let rows: Vec<&RawValue> = parse_file(bytes)?;
    let keyed = |(at, row)| match parse_value::<RawObject<'_>>(row).and_then(|row| row.required("id")) {
        Ok(id) => Ok((id, row)),
        Err(error) => Err(format!("the provider at index {at} has an invalid `id`: {error}")),
    };
    rows.into_iter().enumerate().map(keyed).collect::<Result<_, _>>().map(RawObject)
}

/// Parses one value. The error message has no line number, since a line number would be relative to the row.
pub(crate) fn parse_value<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let text = error.to_string();
        text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
    })
}

impl SnapshotBuilder<'_> {
    /// Parses a row that is an object. A row that fails to parse is rejected.
    pub(crate) fn parse_row<'a, T>(
        &mut self,
        place: impl FnOnce() -> String,
        raw: &'a RawValue,
        parse: impl FnOnce(&'a RawValue) -> Result<T, String>,
    ) -> Option<T> {
        // serde would also accept an array for a struct.
        let parsed = if raw.get().starts_with('{') { parse(raw) } else { Err("the row is not an object".to_owned()) };
        parsed.map_err(|reason| self.reject(place(), reason)).ok()
    }
}

impl SnapshotEntry<'_> {
    /// Sets the base URL to the first text in `urls` that is a base URL. Variables, placeholders and empty texts are not base URLs.
    pub(crate) fn set_base_url<'u>(&mut self, urls: impl IntoIterator<Item = &'u str>) {
        let is_url = |url: &&str| (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['<', '$', ' ']);
        let url = urls.into_iter().map(str::trim).find(is_url);
        self.set_text(FactKey::BaseUrl, url.map(|url| url.trim_end_matches('/')));
    }

    /// Sets the wire protocol of a provider. Does nothing if `api` is `None`.
    pub(crate) fn set_api(&mut self, api: Option<Api>) {
        self.set_text(FactKey::Api, api.map(Api::as_str));
    }

    /// Sets the environment variables of a provider's API key, in the given order. Invalid names are left out.
    pub(crate) fn set_env<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        let mut variables = Vec::<String>::new();
        for name in names {
            if is_variable(name) && !variables.iter().any(|variable| variable == name) {
                variables.push(name.to_owned());
            }
        }
        if !variables.is_empty() {
            self.set(FactKey::Env, Value::Texts(variables));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_fields_are_errors() {
        let raw: &RawValue = serde_json::from_str(r#"{"a": 1, "b": {"c": 2, "c": 3}, "d": 4, "a": 5}"#).unwrap();
        let row: RawObject<'_> = parse_value(raw).unwrap();
        assert_eq!(row.value::<u8>("a").unwrap_err(), "duplicate field `a`");
        assert_eq!(row.required::<u8>("a").unwrap_err(), "duplicate field `a`");
        assert_eq!(row.value::<u8>("b.c").unwrap_err(), "duplicate field `c`");
        assert_eq!((row.value::<u8>("d"), row.value::<u8>("e")), (Ok(Some(4)), Ok(None)));
    }

    #[test]
    fn variable_names() {
        assert!(is_variable("ACME_API_KEY") && is_variable("_A1"));
        assert!(!is_variable("") && is_variable("302AI_KEY") && !is_variable("302") && !is_variable("acme") && !is_variable("$ACME"));
    }
}
