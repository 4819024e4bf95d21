//! JSON pointers (RFC 6901), which identify the places of findings until they are located in the text.

/// Appends a key to a pointer.
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

/// Appends a list index to a pointer.
pub(crate) fn push_index(pointer: &mut String, index: usize) {
    use std::fmt::Write;
    let _ = write!(pointer, "/{index}");
}

/// Returns the pointer to a key of the mapping at `pointer`.
#[cfg(feature = "validate")]
pub(crate) fn key(pointer: &str, key: &str) -> String {
    let mut below = pointer.to_owned();
    push(&mut below, key);
    below
}

/// Returns the pointer to an entry of the list at `pointer`.
#[cfg(feature = "validate")]
pub(crate) fn entry(pointer: &str, index: usize) -> String {
    format!("{pointer}/{index}")
}

/// Returns the unescaped segments of a pointer.
#[cfg(feature = "validate")]
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// Builds a pointer from keys and indices: `pointer!("models", 3, "base")`.
macro_rules! pointer {
    ($($segment:expr),+ $(,)?) => {{
        let mut pointer = String::new();
        $($crate::pointer::push(&mut pointer, &$segment.to_string());)+
        pointer
    }};
}
pub(crate) use pointer;
