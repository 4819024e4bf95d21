//! Folder to which an export writes its files. Each file is replaced atomically.
//!
//! A file is written under a temporary name and then renamed, so that a reader sees either the old or the new content, even if the export is
//! interrupted. Files are not synced to disk: after a power failure, the next export compares every byte and writes lost files again.

use super::{ExportError, GENERATOR, MANIFEST};
use modeldex_support::file::{Access, open_lock_file};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Folder of an export, locked so that no other export writes to the folder.
pub(super) struct ExportFolder {
    dir: PathBuf,
    /// Open marker file, whose lock prevents other exports.
    _marker: File,
    /// Folders that this export has created or checked.
    created: BTreeSet<PathBuf>,
}

/// Name of the file that marks the folder of an export. The file is written before all other files, because the manifest, which also marks an
/// export, is written last.
const MARKER_FILE: &str = ".modeldex-export";
/// Temporary name of the file that is being written. All files have the same temporary name, so that a killed export leaves at most one such file.
const TEMP_FILE: &str = ".modeldex-export.tmp";

impl ExportFolder {
    /// Opens a folder that is empty or has an earlier export, and locks it. Creates the folder if it does not exist.
    pub(super) fn open(dir: &Path) -> Result<Self, ExportError> {
        let failed = |error| ExportError::Io(dir.to_path_buf(), error);
        fs::create_dir_all(dir).map_err(failed)?;
        let is_empty = fs::read_dir(dir).map_err(failed)?.next().is_none();
        let marker = dir.join(MARKER_FILE);
        let is_marked = marker.symlink_metadata().is_ok_and(|found| found.is_file());
        if !is_empty && !is_marked && manifest(dir).is_none() {
            return Err(ExportError::ForeignFiles(dir.to_path_buf()));
        }
        let file = open_lock_file(&marker, Access::Inherited).map_err(|error| ExportError::Io(marker, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ExportError::Locked(dir.to_path_buf())),
            // Some network file systems have no locks. There, two exports can write at the same time.
            Err(TryLockError::Error(_)) => {}
        }
        // A killed export may have left the file. If the name is a link, only the link is removed.
        let _ = fs::remove_file(dir.join(TEMP_FILE));
        Ok(Self { dir: dir.to_path_buf(), _marker: file, created: BTreeSet::new() })
    }

    /// Returns whether names in the file system are case-sensitive.
    pub(super) fn is_case_sensitive(&self) -> bool {
        !self.dir.join(MARKER_FILE.to_uppercase()).exists()
    }

    /// Writes `bytes` to a file, unless the file already has this content and therefore keeps its modification time. Returns whether the file was
    /// written.
    pub(super) fn replace(&mut self, name: &str, bytes: &[u8]) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        let failed = |error| ExportError::Io(path.clone(), error);
        if let Some(parent) = path.parent().filter(|parent| !self.created.contains(*parent)) {
            self.create_folder(parent).map_err(failed)?;
        }
        if has_content(&path, bytes) {
            return Ok(false);
        }
        let temp = self.dir.join(TEMP_FILE);
        // The file may be from an interrupted export, or may be a link to a file elsewhere.
        let _ = fs::remove_file(&temp);
        let written = File::create_new(&temp).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&temp, &path));
        if written.is_err() {
            // Frees the space on a full disk.
            let _ = fs::remove_file(&temp);
        }
        written.map_err(failed)?;
        Ok(true)
    }

    /// Creates the symbolic link `name` to `to`, which is in the same folder. Returns whether the link exists. On systems other than Unix, no link is
    /// created, and the result is false.
    pub(super) fn link(&mut self, name: &str, to: &str) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        if fs::read_link(&path).is_ok_and(|target| target == Path::new(to)) {
            return Ok(true);
        }
        let failed = |error| ExportError::Io(path.clone(), error);
        if let Some(parent) = path.parent() {
            self.create_folder(parent).map_err(failed)?;
        }
        // If the id of the link belonged to a provider in an earlier export, and is an alias now, the earlier export created a folder here.
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&path).map_err(failed)?,
            Ok(_) => fs::remove_file(&path).map_err(failed)?,
            Err(_) => {}
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(to, &path).map_err(failed)?;
        Ok(cfg!(unix))
    }

    /// Removes the symbolic link `name` if its target does not exist. Returns whether the link was removed.
    pub(super) fn remove_dangling_link(&self, name: &str) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        if path.exists() {
            return Ok(false);
        }
        fs::remove_file(&path).map_err(|error| ExportError::Io(path, error))?;
        Ok(true)
    }

    /// Returns the names of the files of the previous export, from its manifest.
    pub(super) fn previous_files(&self) -> Result<Vec<String>, ExportError> {
        let manifest = manifest(&self.dir).unwrap_or_default();
        let files = manifest["files"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(files.iter().filter_map(|entry| entry["file"].as_str()).map(str::to_owned).collect())
    }

    /// Removes a file, and its parent folders if they are then empty. Returns whether the file existed.
    pub(super) fn remove(&self, name: &str) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        // A file that is reached through a link also has another path, which is still part of the export.
        if path.ancestors().skip(1).take_while(|parent| *parent != self.dir).any(Path::is_symlink) {
            return Ok(false);
        }
        match fs::remove_file(&path) {
            Ok(()) => {}
            // The path does not exist any more, or is a folder now.
            Err(error) if error.kind() == io::ErrorKind::NotFound || path.is_dir() => return Ok(false),
            Err(error) => return Err(ExportError::Io(path, error)),
        }
        let mut parent = path.parent();
        while let Some(folder) = parent.filter(|folder| *folder != self.dir) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
            parent = folder.parent();
        }
        Ok(true)
    }

    /// Creates a folder and its parents. Removes files of an earlier export whose names are now names of these folders.
    fn create_folder(&mut self, folder: &Path) -> io::Result<()> {
        for parent in folder.ancestors().take_while(|parent| *parent != self.dir) {
            // Links are removed too, so that no file is written to a folder elsewhere.
            if parent.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
                fs::remove_file(parent)?;
            }
        }
        fs::create_dir_all(folder)?;
        self.created.insert(folder.to_path_buf());
        Ok(())
    }
}

/// Returns whether a file has exactly the content `bytes`. The length is compared first, because it differs for most changed files. A symbolic link is
/// replaced with a file, even if its target has the content.
fn has_content(path: &Path, bytes: &[u8]) -> bool {
    let has_same_length = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == bytes.len() as u64);
    has_same_length && fs::read(path).is_ok_and(|content| content == bytes)
}

/// Returns the manifest in `dir`. Returns `None` if the file does not exist, or was not written by an export.
fn manifest(dir: &Path) -> Option<Value> {
    let path = dir.join(MANIFEST);
    // Opening a pipe would block.
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    let manifest: Value = serde_json::from_str(&is_file.then(|| fs::read_to_string(path).ok())??).ok()?;
    (manifest["generator"] == GENERATOR).then_some(manifest)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_at_the_temporary_name_is_not_followed() {
        let dir = std::env::temp_dir().join(format!("modeldex-export-link-{}", std::process::id()));
        let other = dir.with_extension("other");
        fs::write(&other, "theirs").unwrap();
        let mut folder = ExportFolder::open(&dir).unwrap();
        std::os::unix::fs::symlink(&other, dir.join(TEMP_FILE)).unwrap();
        assert!(folder.replace("a.json", b"ours").unwrap());
        assert_eq!((fs::read(&other).unwrap(), fs::read(dir.join("a.json")).unwrap()), (b"theirs".to_vec(), b"ours".to_vec()));
        assert!(!dir.join("a.json").is_symlink());
        fs::remove_dir_all(&dir).unwrap();
        fs::remove_file(&other).unwrap();
    }
}
