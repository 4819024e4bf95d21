//! Reading and atomic writing of files, with errors that name the file.

use super::catalog_source::shown;
use super::failure::Failure;
use super::out;
use modeldex_support::file::{self, Access, refuse_links_below, write_atomic};
use std::fmt::Display;
use std::fs;
use std::path::Path;

/// Writes `text` to `path`, a file below the folder `root`, and creates its parent folders. Returns whether the file changed: a file that already has
/// this text is not written.
///
/// Fails if the file or one of its folders below `root` is a symbolic link, because a link that came with the folder could lead to a file of somebody
/// else. Fails if `path` is a pipe or device, because writing would replace the pipe or device with a file, and reading could block.
pub(crate) fn replace_below(root: &Path, path: &Path, text: &str) -> Result<bool, Failure> {
    refuse_links_below(root, path).map_err(cannot(path, "written"))?;
    if holds(path, text)? {
        return Ok(false);
    }
    write_atomic(path, text, Access::Inherited).map_err(cannot(path, "written"))?;
    Ok(true)
}

/// Like [`replace_below`], for a file that the user names: only the file itself must not be a link.
pub(crate) fn replace(path: &Path, text: &str) -> Result<bool, Failure> {
    replace_below(path.parent().unwrap_or(Path::new("")), path, text)
}

/// Removes `path`, a file below the folder `root`. Fails if the file or one of its folders below `root` is a symbolic link.
pub(crate) fn remove_below(root: &Path, path: &Path) -> Result<(), Failure> {
    refuse_links_below(root, path).map_err(cannot(path, "removed"))?;
    fs::remove_file(path).map_err(cannot(path, "removed"))
}

/// Whether `path` is a file with exactly this text.
pub(crate) fn holds(path: &Path, text: &str) -> Result<bool, Failure> {
    let has_other_length = fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() != text.len() as u64);
    if has_other_length {
        return Ok(false);
    }
    let bytes = file::read(path, text.len() as u64).map_err(cannot(path, "read"))?;
    Ok(bytes.is_some_and(|bytes| bytes == text.as_bytes()))
}

/// The text of a file; `None` if there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    file::read_text(path, file::MAX_FILE_BYTES).map_err(cannot(path, "read"))
}

/// Converts the error of a file operation to a message such as "`a.yaml` cannot be read: permission denied".
pub(crate) fn cannot<E: Display>(path: &Path, participle: &str) -> impl FnOnce(E) -> Failure {
    move |error| Failure::Failed(format!("`{path}` cannot be {participle}: {error}", path = shown(path)))
}

/// Prints that the command waits for a lock. Passed to the functions that lock files.
pub(crate) fn note_wait(path: &Path) {
    out::note(format_args!("waiting for another modeldex process, which has locked `{path}`", path = shown(path)));
}
