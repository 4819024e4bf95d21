//! Lists of prefixes and names, parsed once from the text files in this folder.

use std::sync::LazyLock;

/// Prefixes of keys, each with the minimum number of characters after it.
pub(super) static PREFIXES: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
    let entries = lines(include_str!("prefixes.txt")).filter_map(|line| line.split_once(' '));
    entries.map(|(prefix, more)| (prefix, more.parse().unwrap_or(0))).collect()
});

/// Parts of names of secrets, in lower case.
pub(super) static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("names.txt")).collect());

/// Command-line options with a value `NAME:PASSWORD`.
pub(super) const LOGINS: &[&str] = &["-u", "--user"];

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
