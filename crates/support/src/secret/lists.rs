//! Lists of prefixes of secrets and of names of secrets. They are parsed once, from the text files in this folder.

use std::sync::LazyLock;

/// Prefixes of keys, such as `sk-`, each with the minimum number of characters that follow it in a key.
pub(super) static PREFIXES: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
    let entries = lines(include_str!("prefixes.txt")).filter_map(|line| line.split_once(' '));
    entries.map(|(prefix, more)| (prefix, more.parse().unwrap_or(0))).collect()
});

/// Words at the end of names of secrets, such as `password`, in lower case.
pub(super) static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("names.txt")).collect());

/// Command-line options whose value is a login, `NAME:PASSWORD`.
pub(super) const LOGINS: &[&str] = &["-u", "--user"];

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
