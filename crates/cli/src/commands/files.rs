//! Files that commands write, each replaced whole, and what is said when that cannot be.

use super::catalog_source::shown;
use super::failure::Failure;
use modeldex_support::file::{self, Access, write_atomic};
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Writes `text` to `path`, and the folders above it. Returns whether anything changed: a file that holds `text` already is not touched.
///
/// A pipe or a device is refused: it would give way to a file, and reading it first might never end.
pub(crate) fn replace(path: &Path, text: &str) -> Result<bool, Failure> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(Failure::Failed(format!("`{}` is no regular file, and is left alone", shown(path))));
    }
    if holds(path, text)? {
        return Ok(false);
    }
    write_atomic(path, text, Access::Inherited).map_err(cannot(path, "written"))?;
    Ok(true)
}

/// Whether `path` is a file that holds exactly `text`.
pub(crate) fn holds(path: &Path, text: &str) -> Result<bool, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(cannot(path, "read")(error)),
    }
}

/// The text of a file; `None` where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(cannot(path, "read")),
    }
}

/// Makes an error of a file a failure that names it, as in "`a.yaml` cannot be read: permission denied".
pub(crate) fn cannot<E: Display>(path: &Path, be: &str) -> impl FnOnce(E) -> Failure {
    move |error| Failure::Failed(format!("`{}` cannot be {be}: {error}", shown(path)))
}

/// Locks a folder against other writers until the lock is dropped. The lock file stays in the folder.
pub(crate) fn lock(folder: &Path) -> Result<File, Failure> {
    file::lock(&folder.join("write"), Access::Inherited).map_err(cannot(folder, "locked"))
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(cannot(path, "removed"))
}

/// As [`replace`], and removes what a writer of `path` left beside it when it was killed. The catalog has to be locked.
pub(crate) fn replace_locked(path: &Path, text: &str) -> Result<bool, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if folder.is_dir() {
        file::remove_leftovers(path).map_err(cannot(folder, "cleaned up"))?;
    }
    replace(path, text)
}
