//! Files that are written under a temporary name and then renamed. Temporary files that remain after a killed process are removed.

use super::{Access, folder_of, hidden_path, make_folder, options, sync_folder};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// New content of a file, written to disk under a temporary name in the same folder. Dropping the value removes the temporary file.
#[derive(Debug)]
pub struct StagedFile {
    path: PathBuf,
    /// Path of the temporary file. `None` if the temporary file was renamed, or is to be kept after the value is dropped.
    temporary: Option<PathBuf>,
    id: String,
}

/// Number of hexadecimal digits in the name of a temporary file.
const ID_DIGITS: usize = 16;

impl StagedFile {
    /// Writes `bytes` to a temporary file in the folder of `path`, and syncs it to disk. Creates missing parent folders.
    ///
    /// # Errors
    /// Fails if a file operation fails, or if `path` exists and is not a regular file. A symbolic link is not a regular file, even if it leads to
    /// a regular file. After an error, no temporary file remains.
    pub fn write(path: &Path, bytes: &[u8], access: Access) -> io::Result<Self> {
        let existing = match fs::symlink_metadata(path) {
            Ok(found) if found.is_file() => Some(found),
            Ok(found) if found.is_symlink() => return Err(io::Error::other("the file is a symbolic link")),
            Ok(_) => return Err(io::Error::other("not a regular file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        make_folder(folder_of(path), access)?;
        // Until the temporary file gets the permissions of the replaced file, only the owner may read it.
        let (mut file, staged) = Self::create(path, if existing.is_some() { Access::OwnerOnly } else { access })?;
        file.write_all(bytes)?;
        if let (Access::Inherited, Some(existing)) = (access, existing) {
            file.set_permissions(existing.permissions())?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    /// Creates an empty temporary file. Its random name differs from the names of all existing files, such as temporary files of killed processes.
    fn create(path: &Path, access: Access) -> io::Result<(File, Self)> {
        loop {
            // The standard library has no random numbers, except the random keys of hash tables.
            let id = format!("{:0ID_DIGITS$x}", RandomState::new().build_hasher().finish());
            let temporary = temporary_path(path, &id);
            match options(access).create_new(true).open(&temporary) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                done => return Ok((done?, Self { path: path.into(), temporary: Some(temporary), id })),
            }
        }
    }

    /// Returns the id in the name of the temporary file. With this id, [`temporary_path`] computes the path of the temporary file.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Renames the temporary file to the `path` that was passed to [`StagedFile::write`]. This replaces the old file atomically. Then syncs the
    /// folder.
    ///
    /// # Errors
    /// Fails if the file cannot be renamed. The temporary file is then removed.
    pub fn publish(mut self) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.path)?;
        }
        self.temporary = None;
        sync_folder(folder_of(&self.path))
    }

    /// Drops the value without removing the temporary file.
    pub fn keep(mut self) {
        self.temporary = None;
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Returns the path of the temporary file with the id `id` for the file at `path`.
#[must_use]
pub fn temporary_path(path: &Path, id: &str) -> PathBuf {
    hidden_path(path, &format!("{id}.tmp"))
}

/// Returns whether `id` can be the id of a temporary file: 16 hexadecimal digits.
#[must_use]
pub fn is_temporary_id(id: &str) -> bool {
    id.len() == ID_DIGITS && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns whether a file name is that of a temporary file: `.NAME.ID.tmp`, where `ID` has 16 hexadecimal digits.
#[must_use]
pub fn is_temporary(name: &OsStr) -> bool {
    let inner = name.as_encoded_bytes().strip_prefix(b".").and_then(|rest| rest.strip_suffix(b".tmp")).unwrap_or_default();
    let Some((name, id)) = inner.len().checked_sub(ID_DIGITS + 1).map(|at| inner.split_at(at)) else { return false };
    !name.is_empty() && id[0] == b'.' && std::str::from_utf8(&id[1..]).is_ok_and(is_temporary_id)
}

/// Removes the temporary files of the file at `path`. Such files remain if a process is killed while it writes. For the file `a.yaml`, also removes
/// the temporary files of every file in the same folder whose name begins with `a.yaml.`, such as the backup `a.yaml.backup-1`.
///
/// A temporary file may contain the whole text of its file. The caller must hold the [`lock`](super::lock) of `path`, so that no other process is
/// writing.
///
/// # Errors
/// Fails if the folder cannot be listed or a file cannot be removed.
pub fn remove_leftovers(path: &Path) -> io::Result<()> {
    let path = super::resolve_links(path)?;
    let hidden = hidden_path(&path, "");
    let prefix = hidden.file_name().unwrap_or_default().as_encoded_bytes();
    // Names with a shorter number were written by earlier versions.
    let is_id =
        |id: &[u8]| (1..=ID_DIGITS).contains(&id.len()) && id.iter().all(u8::is_ascii_hexdigit) && !id.iter().any(u8::is_ascii_uppercase);
    remove_files(folder_of(&path), |name| {
        let rest = name.as_encoded_bytes().strip_prefix(prefix).and_then(|rest| rest.strip_suffix(b".tmp"));
        rest.is_some_and(|rest| is_temporary(name) || is_id(rest))
    })
}

/// Removes the temporary files in a folder. Such files remain if a process is killed while it writes. Temporary files in subfolders are not removed.
/// The caller must hold a lock that all writers to the folder use. Does nothing if the folder does not exist, or is a symbolic link.
///
/// # Errors
/// Fails if the folder cannot be listed or a file cannot be removed.
pub fn remove_leftovers_in(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => remove_files(folder, is_temporary),
        _ => Ok(()),
    }
}

fn remove_files(folder: &Path, is_wanted: impl Fn(&OsStr) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_wanted(&entry.file_name()) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_temporary_files_are_removed() {
        let folder = std::env::temp_dir().join(format!("modeldex-leftovers-{}", std::process::id()));
        fs::create_dir_all(folder.join(".folder.0123456789abcdef.tmp")).unwrap();
        let own = [".a.yaml.0123456789abcdef.tmp", ".a.yaml.backup-1.0123456789abcdef.tmp", ".b.0000000000000000.tmp"];
        let other = [
            "a.yaml",
            "a.yaml.0123456789abcdef.tmp",
            ".b.0123456789abcde.tmp",
            ".a.yaml.0123456789ABCDEF.tmp",
            ".a.yaml.0123456789abcdef0.tmp",
            "..0123456789abcdef.tmp.txt",
            ".0123456789abcdef.tmp",
            ".a.tmp",
            ".a.lock",
        ];
        for name in own.iter().chain(&other) {
            fs::write(folder.join(name), "text").unwrap();
        }
        remove_leftovers(&folder.join("a.yaml")).unwrap();
        assert_eq!(own.map(|name| folder.join(name).exists()), [false, false, true]);
        remove_leftovers_in(&folder).unwrap();
        assert!(!folder.join(own[2]).exists() && folder.join(".folder.0123456789abcdef.tmp").is_dir());
        for name in other {
            assert!(folder.join(name).exists(), "{name}");
        }
        remove_leftovers_in(&folder.join("missing")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_dropped_file_leaves_nothing() {
        let folder = std::env::temp_dir().join(format!("modeldex-staged-{}", std::process::id()));
        let path = folder.join("file");
        drop(StagedFile::write(&path, b"text", Access::Inherited).unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        let staged = StagedFile::write(&path, b"text", Access::Inherited).unwrap();
        assert!(temporary_path(&path, staged.id()).exists());
        staged.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"text");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&path, folder.join("link")).unwrap();
            assert!(StagedFile::write(&folder.join("link"), b"new", Access::Inherited).unwrap_err().to_string().contains("symbolic link"));
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
