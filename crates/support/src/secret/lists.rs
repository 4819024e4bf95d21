//! The lists, read once from the data files beside this.

use std::sync::LazyLock;

/// Beginnings of keys, each with how many characters must follow at least.
pub(super) static PREFIXES: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
    let entries = lines(include_str!("prefixes.txt")).filter_map(|line| line.split_once(' '));
    entries.map(|(prefix, more)| (prefix, more.parse().unwrap_or(0))).collect()
});

/// Parts of the names of what is secret, in lower case.
pub(super) static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("names.txt")).collect());

/// Options of programs that are followed by a name, a colon and a password.
pub(super) const LOGINS: &[&str] = &["-u", "--user"];

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
