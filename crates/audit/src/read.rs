//! Reads a file as text.

use crate::walk::ScannedFile;
use std::io::Read;

/// Maximum size in bytes of a file that is found in a folder. Larger files are assumed to be data.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Maximum size in bytes of a file that is named on the command line.
const MAX_NAMED_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Number of bytes at the start of a file that are searched for a zero byte, which marks a binary file.
const BINARY_CHECK_BYTES: usize = 8192;

/// Reads the text of a file. Returns `None` for binary files and generated bundles.
///
/// # Errors
/// The reason why the file is not read, as a predicate such as `is not a regular file`.
pub(crate) fn read(file: &ScannedFile) -> Result<Option<String>, String> {
    // The kind of file is checked before the file is opened, because opening a pipe would block until another program writes to the pipe.
    let found = std::fs::metadata(&file.path).map_err(|error| format!("cannot be read: {error}"))?;
    if !found.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let limit = if file.is_explicit { MAX_NAMED_FILE_BYTES } else { MAX_FILE_BYTES };
    if found.len() > limit {
        return Err(format!("is larger than {limit} MiB and was not scanned", limit = limit >> 20));
    }
    let mut opened = std::fs::File::open(&file.path).map_err(|error| format!("cannot be read: {error}"))?;
    // The file may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default().saturating_add(1));
    opened.by_ref().take(limit).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if memchr::memchr(0, &bytes[..bytes.len().min(BINARY_CHECK_BYTES)]).is_some()
        || (!file.is_explicit && is_bundle(&file.display_path, &bytes))
    {
        return Ok(None);
    }
    Ok(Some(text(bytes)))
}

/// Converts bytes to text. Each byte that is not valid UTF-8 becomes `?`, so that positions in the text are positions in the file.
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

/// Returns whether a file is a minified or bundled script, because the average length of its lines is high.
fn is_bundle(path: &str, bytes: &[u8]) -> bool {
    const MIN_BUNDLE_LINE_BYTES: usize = 1000;
    let is_script = [".js", ".mjs", ".cjs", ".css"].iter().any(|ending| path.ends_with(ending));
    is_script
        && bytes.len() > 8 * MIN_BUNDLE_LINE_BYTES
        && bytes.len() / (memchr::memchr_iter(b'\n', bytes).count() + 1) > MIN_BUNDLE_LINE_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf_8_keeps_positions() {
        assert_eq!(text(b"a\xff\xc3(b\xe2\x82".to_vec()), "a??(b??");
    }
}
