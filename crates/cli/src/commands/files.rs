//! Reading and atomic writing of files, with errors that name the file.

use super::catalog_source::shown;
use super::failure::Failure;
use modeldex_support::file::{self, Access, write_atomic};
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Writes `text` to `path`, and creates its parent folders. Returns whether the file changed: a file that already has this text is not written.
///
/// Fails if `path` is a pipe or device, because writing would replace the pipe or device with a file, and reading could block.
pub(crate) fn replace(path: &Path, text: &str) -> Result<bool, Failure> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(Failure::Failed(format!("`{path}` is not a regular file", path = shown(path))));
    }
    if holds(path, text)? {
        return Ok(false);
    }
    write_atomic(path, text, Access::Inherited).map_err(cannot(path, "written"))?;
    Ok(true)
}

/// Whether `path` is a file with exactly this text.
pub(crate) fn holds(path: &Path, text: &str) -> Result<bool, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(cannot(path, "read")(error)),
    }
}

/// The text of a file; `None` if there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(cannot(path, "read")),
    }
}

/// Converts the error of a file operation to a message such as "`a.yaml` cannot be read: permission denied".
pub(crate) fn cannot<E: Display>(path: &Path, participle: &str) -> impl FnOnce(E) -> Failure {
    move |error| Failure::Failed(format!("`{path}` cannot be {participle}: {error}", path = shown(path)))
}

/// Locks a folder against other writers until the lock is dropped. The lock file stays in the folder.
pub(crate) fn lock(folder: &Path) -> Result<File, Failure> {
    file::lock(&folder.join("write"), Access::Inherited).map_err(cannot(folder, "locked"))
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(cannot(path, "removed"))
}

/// Like [`replace`], but also removes temporary files that a killed process left behind while writing `path`. The catalog has to be locked.
pub(crate) fn replace_locked(path: &Path, text: &str) -> Result<bool, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if folder.is_dir() {
        file::remove_leftovers(path).map_err(cannot(folder, "cleaned up"))?;
    }
    replace(path, text)
}
