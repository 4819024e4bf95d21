//! Files that are replaced whole: a crash or a full disk leaves the old text or the new one, never half of either.

use super::catalog_source::shown;
use super::failure::Failure;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `text` to `path`, and the folders above it. Returns whether anything changed: a file that holds `text` already is not touched.
pub(crate) fn replace(path: &Path, text: &str) -> Result<bool, Failure> {
    if holds(path, text)? {
        return Ok(false);
    }
    write_whole(path, text).map_err(|error| Failure::Failed(format!("`{}` cannot be written: {error}", shown(path))))?;
    Ok(true)
}

/// Whether `path` is a file that holds exactly `text`.
pub(crate) fn holds(path: &Path, text: &str) -> Result<bool, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::Failed(format!("`{}` cannot be read: {error}", shown(path)))),
    }
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| Failure::Failed(format!("`{}` cannot be removed: {error}", shown(path))))
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = beside(&path);
    let done = write_beside(&beside, &path, text).and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
        return done;
    }
    sync_folder(folder)
}

fn write_beside(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(beside)?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Makes the rename itself last. Only Unix can open a folder for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
