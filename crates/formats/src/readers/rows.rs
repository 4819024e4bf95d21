//! Reading the rows of a source one by one, so that a malformed one does not take the others with it.

use crate::snapshot::{Builder, Subject, is_variable};
use crate::statement::{Key, Value};
use modeldex_table::Api;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The rows of an object, by key, unread.
pub(super) type Rows<'a> = BTreeMap<String, &'a RawValue>;

/// The rows of a file that is one object.
pub(super) fn of_file(bytes: &[u8]) -> Result<Rows<'_>, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("not an object of providers: {error}"))
}

/// The rows of a file that is one array, by the id that each of them has.
pub(super) fn of_list(bytes: &[u8]) -> Result<Rows<'_>, String> {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    let rows: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|error| format!("not an array of providers: {error}"))?;
    let keyed = rows.into_iter().enumerate().map(|(at, row)| match serde_json::from_str::<Id>(row.get()) {
        Ok(Id { id }) => Ok((id, row)),
        Err(error) => Err(format!("the provider [{at}] has no id: {error}")),
    });
    keyed.collect()
}

/// Reads a row. One that is not what it should be is a problem, and left out.
pub(super) fn read<'a, T: Deserialize<'a>>(builder: &mut Builder<'_>, place: impl FnOnce() -> String, row: &'a RawValue) -> Option<T> {
    // A struct would be read from a list, too.
    if !row.get().starts_with('{') {
        builder.problem(place(), "not an object");
        return None;
    }
    match serde_json::from_str(row.get()) {
        Ok(read) => Some(read),
        Err(error) => {
            // Without the column, which would be counted from the start of the row.
            let text = error.to_string();
            builder.problem(place(), text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason));
            None
        }
    }
}

/// States the first base URL that is one: not a variable, a placeholder to fill in by hand, or nothing.
pub(super) fn base_url<'u>(subject: &mut Subject<'_>, urls: impl IntoIterator<Item = &'u str>) {
    let is_url = |url: &&str| (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(['<', '$', ' ']);
    let url = urls.into_iter().map(str::trim).find(is_url);
    subject.text(Key::BaseUrl, url.map(|url| url.trim_end_matches('/')));
}

/// States the wire protocol of a provider, where it is one of this catalog's.
pub(super) fn api(subject: &mut Subject<'_>, api: Option<Api>) {
    subject.text(Key::Api, api.map(Api::as_str));
}

/// States the variables that hold a provider's key, in the order given. What cannot be the name of one is left out.
pub(super) fn env<'n>(subject: &mut Subject<'_>, names: impl IntoIterator<Item = &'n str>) {
    let mut words = Vec::<String>::new();
    for name in names {
        if is_variable(name) && !words.iter().any(|word| word == name) {
            words.push(name.to_owned());
        }
    }
    if !words.is_empty() {
        subject.set(Key::Env, Value::Texts(words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables() {
        assert!(is_variable("ACME_API_KEY") && is_variable("_A1"));
        assert!(!is_variable("") && is_variable("302AI_KEY") && !is_variable("302") && !is_variable("acme") && !is_variable("$ACME"));
    }
}
