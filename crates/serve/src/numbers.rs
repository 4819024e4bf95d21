//! Words of a query that are of no vocabulary.

/// How many, or from which on.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "write it as a whole number".to_owned())
}

/// Yes or no; a name alone is yes.
pub(crate) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("write it as true or false".to_owned()),
    }
}
