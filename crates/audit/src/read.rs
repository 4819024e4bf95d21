//! One file as text.

use crate::walk::File;
use std::io::Read;

/// Larger files are data, not what somebody wrote.
const LARGEST: u64 = 16 * 1024 * 1024;

/// How many bytes of a file tell whether it is binary.
const HEAD: usize = 8192;

/// The text of a file; `None` when it is not text that somebody wrote.
///
/// # Errors
/// Why it cannot be looked at.
pub(crate) fn read(file: &File) -> Result<Option<String>, String> {
    // Asked before it is opened: opening a pipe would wait for whoever writes into it.
    let found = std::fs::metadata(&file.path).map_err(|error| format!("cannot be read: {error}"))?;
    if !found.is_file() {
        return Err("is no file that can be read to its end".to_owned());
    }
    if found.len() > LARGEST && !file.named {
        return Err(format!("is larger than {} MiB, and was not looked at", LARGEST >> 20));
    }
    let mut opened = std::fs::File::open(&file.path).map_err(|error| format!("cannot be read: {error}"))?;
    // It may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default().saturating_add(1));
    opened.by_ref().take(found.len().max(LARGEST) + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if memchr::memchr(0, &bytes[..bytes.len().min(HEAD)]).is_some() || (!file.named && is_bundle(&file.shown, &bytes)) {
        return Ok(None);
    }
    Ok(Some(text(bytes)))
}

/// What is not UTF-8 becomes as many `?`, so that the rest is still looked at and every place stays.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.into_bytes();
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| '?'));
        }
        text
    })
}

/// A script whose lines are longer than anybody writes them.
fn is_bundle(path: &str, bytes: &[u8]) -> bool {
    const LONG: usize = 1000;
    let is_script = [".js", ".mjs", ".cjs", ".css"].iter().any(|ending| path.ends_with(ending));
    is_script && bytes.len() > 8 * LONG && bytes.len() / (memchr::memchr_iter(b'\n', bytes).count() + 1) > LONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf_8_keeps_every_place() {
        assert_eq!(text(b"a\xff\xc3(b\xe2\x82".to_vec()), "a??(b??");
    }
}
