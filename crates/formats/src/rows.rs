//! The rows of a source, read one by one, so that a malformed one does not take the others with it.

use crate::fields::{Facts, Field};
use crate::snapshot::{Builder, Subject, is_variable};
use crate::statement::{Key, Value};
use modeldex_table::Api;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The members of an object in the order of the file, unread. A key that is written twice is there twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Rows<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Rows<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rows<'de>, A::Error> {
                let mut rows = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(row) = map.next_entry()? {
                    rows.push(row);
                }
                Ok(Rows(rows))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl<'a> Rows<'a> {
    /// The value at a key, or the first of several.
    pub(crate) fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.all(key).next()
    }

    fn all(&self, key: &str) -> impl Iterator<Item = &'a RawValue> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| *value)
    }

    /// The value at a path, `limit.context`; nothing where an object on the way is missing or null. A key that is written twice is an error:
    /// readers of JSON do not agree on which of the two counts.
    pub(crate) fn at(&self, path: &str) -> Result<Option<&'a RawValue>, String> {
        match path.split_once('.') {
            None if self.all(path).nth(1).is_some() => Err(format!("duplicate field `{path}`")),
            None => Ok(self.get(path)),
            Some((outer, inner)) => self.value::<Rows<'a>>(outer)?.map_or(Ok(None), |rows| rows.at(inner)),
        }
    }

    /// The value at a path, where there is one.
    pub(crate) fn value<T: Deserialize<'a>>(&self, path: &str) -> Result<Option<T>, String> {
        self.at(path)?.map_or(Ok(None), read::<Option<T>>)
    }

    /// The value at a key that every row has.
    pub(crate) fn required<T: Deserialize<'a>>(&self, key: &str) -> Result<T, String> {
        read(self.at(key)?.ok_or_else(|| format!("missing field `{key}`"))?)
    }

    /// The list at a path; empty where the path is absent.
    pub(crate) fn list<T: Deserialize<'a>>(&self, path: &str) -> Result<Vec<T>, String> {
        self.value(path).map(Option::unwrap_or_default)
    }

    /// What the fields of a table state.
    pub(crate) fn facts(&self, table: &[Field]) -> Result<Facts, String> {
        Facts::read(table, self)
    }

    /// The rows by their keys, as sources that keep no order of their own are read.
    #[must_use]
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self
    }
}

impl<'a> IntoIterator for Rows<'a> {
    type Item = (String, &'a RawValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Reads a whole file.
pub(crate) fn file<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// The rows of a file that is one array, by the id that each of them has.
pub(crate) fn of_list(bytes: &[u8]) -> Result<Rows<'_>, String> {
    let rows: Vec<&RawValue> = file(bytes)?;
    let keyed = |(at, row)| match read::<Rows<'_>>(row).and_then(|row| row.required("id")) {
        Ok(id) => Ok((id, row)),
        Err(error) => Err(format!("the provider [{at}] has no id: {error}")),
    };
    rows.into_iter().enumerate().map(keyed).collect::<Result<_, _>>().map(Rows)
}

/// Reads one value. The reason of a failure has no line in it: it would be counted from the start of the row.
pub(crate) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let text = error.to_string();
        text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
    })
}

impl Builder<'_> {
    /// Reads a row that is an object. One that is not what it should be is a problem, and left out.
    pub(crate) fn row<'a, T>(
        &mut self,
        place: impl FnOnce() -> String,
        raw: &'a RawValue,
        parse: impl FnOnce(&'a RawValue) -> Result<T, String>,
    ) -> Option<T> {
        // A struct would be read from a list, too.
        let parsed = if raw.get().starts_with('{') { parse(raw) } else { Err("not an object".to_owned()) };
        parsed.map_err(|reason| self.problem(place(), reason)).ok()
    }
}

impl Subject<'_> {
    /// States the first base URL that is one: not a variable, a placeholder to fill in by hand, or nothing.
    pub(crate) fn base_url<'u>(&mut self, urls: impl IntoIterator<Item = &'u str>) {
        let is_url = |url: &&str| (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['<', '$', ' ']);
        let url = urls.into_iter().map(str::trim).find(is_url);
        self.text(Key::BaseUrl, url.map(|url| url.trim_end_matches('/')));
    }

    /// States the wire protocol of a provider, where it is one of this catalog's.
    pub(crate) fn api(&mut self, api: Option<Api>) {
        self.text(Key::Api, api.map(Api::as_str));
    }

    /// States the variables that hold a provider's key, in the order given. What cannot be the name of one is left out.
    pub(crate) fn env<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        let mut words = Vec::<String>::new();
        for name in names {
            if is_variable(name) && !words.iter().any(|word| word == name) {
                words.push(name.to_owned());
            }
        }
        if !words.is_empty() {
            self.set(Key::Env, Value::Texts(words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_written_twice_is_an_error() {
        let raw: &RawValue = serde_json::from_str(r#"{"a": 1, "b": {"c": 2, "c": 3}, "d": 4, "a": 5}"#).unwrap();
        let row: Rows<'_> = read(raw).unwrap();
        assert_eq!(row.value::<u8>("a").unwrap_err(), "duplicate field `a`");
        assert_eq!(row.required::<u8>("a").unwrap_err(), "duplicate field `a`");
        assert_eq!(row.value::<u8>("b.c").unwrap_err(), "duplicate field `c`");
        assert_eq!((row.value::<u8>("d"), row.value::<u8>("e")), (Ok(Some(4)), Ok(None)));
    }

    #[test]
    fn names_of_variables() {
        assert!(is_variable("ACME_API_KEY") && is_variable("_A1"));
        assert!(!is_variable("") && is_variable("302AI_KEY") && !is_variable("302") && !is_variable("acme") && !is_variable("$ACME"));
    }
}
