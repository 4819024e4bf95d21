//! JSON pointers (RFC 6901), by which findings name a place before it has a position.

/// Appends a key.
pub(crate) fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    for letter in key.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(letter),
        }
    }
}

/// Appends a place in a list.
pub(crate) fn push_index(pointer: &mut String, index: usize) {
    use std::fmt::Write;
    let _ = write!(pointer, "/{index}");
}

/// The pointer to a key of the mapping at `pointer`.
#[cfg(feature = "validate")]
pub(crate) fn key(pointer: &str, key: &str) -> String {
    let mut below = pointer.to_owned();
    push(&mut below, key);
    below
}

/// The pointer to a place in the list at `pointer`.
#[cfg(feature = "validate")]
pub(crate) fn entry(pointer: &str, index: usize) -> String {
    format!("{pointer}/{index}")
}

/// The keys of a pointer, unescaped.
#[cfg(feature = "validate")]
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// Writes a pointer from keys and indices: `pointer!("models", 3, "base")`.
macro_rules! pointer {
    ($($segment:expr),+ $(,)?) => {{
        let mut pointer = String::new();
        $($crate::pointer::push(&mut pointer, &$segment.to_string());)+
        pointer
    }};
}
pub(crate) use pointer;
