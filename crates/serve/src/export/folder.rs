//! The folder of an export: whose it is, and files that are replaced whole.
//!
//! A file is written beside and renamed, so that whoever reads has the old one or the new one, also when the export is interrupted. It is
//! not waited for the disk after each of them: after a power cut the next export compares every byte and writes what was lost.

use super::{ExportError, GENERATOR, MANIFEST};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A folder that is ours, as long as this is.
pub(super) struct Folder {
    dir: PathBuf,
    /// Locked, so that no two write at once.
    _mark: File,
    made: BTreeSet<PathBuf>,
}

/// Says that a folder is ours from the first file on, also where the manifest was never reached.
const MARK: &str = ".modeldex-export";
/// What is being written. There is only one, so that nothing is left behind but the last of an export that was killed.
const BESIDE: &str = ".modeldex-export.tmp";

impl Folder {
    /// Takes a folder that is empty or ours; one that is not there is made.
    pub(super) fn open(dir: &Path) -> Result<Self, ExportError> {
        let failed = |error| ExportError::Io(dir.to_path_buf(), error);
        fs::create_dir_all(dir).map_err(failed)?;
        let is_empty = fs::read_dir(dir).map_err(failed)?.next().is_none();
        let mark = dir.join(MARK);
        if !is_empty && !mark.is_file() && manifest(dir).is_none() {
            return Err(ExportError::Foreign(dir.to_path_buf()));
        }
        let file = File::options().create(true).truncate(false).write(true).open(&mark);
        let file = file.map_err(|error| ExportError::Io(mark, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ExportError::Busy(dir.to_path_buf())),
            // Where files cannot be locked, as on some networks, nobody can be kept out.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { dir: dir.to_path_buf(), _mark: file, made: BTreeSet::new() })
    }

    /// Whether two names that differ only in case are two files here.
    pub(super) fn tells_case_apart(&self) -> bool {
        !self.dir.join(MARK.to_uppercase()).exists()
    }

    /// Writes `bytes` to a file. Returns whether anything changed: one that holds them already is not touched, and keeps its time.
    pub(super) fn replace(&mut self, name: &str, bytes: &[u8]) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        if holds(&path, bytes) {
            return Ok(false);
        }
        let failed = |error| ExportError::Io(path.clone(), error);
        if let Some(above) = path.parent().filter(|above| !self.made.contains(*above)) {
            self.make(above).map_err(failed)?;
        }
        let beside = self.dir.join(BESIDE);
        // Left over by an export that was interrupted, or a link that leads elsewhere.
        let _ = fs::remove_file(&beside);
        let written = File::create_new(&beside).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&beside, &path));
        if written.is_err() {
            // A disk that is full is not kept full by what never became a file.
            let _ = fs::remove_file(&beside);
        }
        written.map_err(failed)?;
        Ok(true)
    }

    /// Makes `name` a link to its neighbour `to`. Returns whether it is there: not every system has links.
    pub(super) fn link(&mut self, name: &str, to: &str) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        if fs::read_link(&path).is_ok_and(|found| found == Path::new(to)) {
            return Ok(true);
        }
        let failed = |error| ExportError::Io(path.clone(), error);
        if let Some(above) = path.parent() {
            self.make(above).map_err(failed)?;
        }
        // What an earlier export had there was a provider, which is an alias now.
        match path.symlink_metadata() {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&path).map_err(failed)?,
            Ok(_) => fs::remove_file(&path).map_err(failed)?,
            Err(_) => {}
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(to, &path).map_err(failed)?;
        Ok(cfg!(unix))
    }

    /// The files that an earlier export wrote, by its manifest.
    pub(super) fn earlier(&self) -> Result<Vec<String>, ExportError> {
        let manifest = manifest(&self.dir).unwrap_or_default();
        let files = manifest["files"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(files.iter().filter_map(|entry| entry["file"].as_str()).map(str::to_owned).collect())
    }

    /// Removes a file, and the folders that are empty without it. Returns whether it was there.
    pub(super) fn remove(&self, name: &str) -> Result<bool, ExportError> {
        let path = self.dir.join(name);
        // Behind a link lies what belongs to another name, and is there still.
        if path.ancestors().skip(1).take_while(|above| *above != self.dir).any(Path::is_symlink) {
            return Ok(false);
        }
        match fs::remove_file(&path) {
            Ok(()) => {}
            // A folder is there now, or nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound || path.is_dir() => return Ok(false),
            Err(error) => return Err(ExportError::Io(path, error)),
        }
        let mut above = path.parent();
        while let Some(folder) = above.filter(|folder| *folder != self.dir) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
            above = folder.parent();
        }
        Ok(true)
    }

    /// Makes a folder. A file of an earlier export that has its name gives way.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        for above in folder.ancestors().take_while(|above| *above != self.dir) {
            // A link is not followed: what lies behind it is not for this one to write to.
            if above.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
                fs::remove_file(above)?;
            }
        }
        fs::create_dir_all(folder)?;
        self.made.insert(folder.to_path_buf());
        Ok(())
    }
}

/// Whether a file holds exactly these bytes. Its length is asked first: most that differ differ in that.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    let is_as_long = fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64);
    is_as_long && fs::read(path).is_ok_and(|found| found == bytes)
}

/// The manifest, where it is ours.
fn manifest(dir: &Path) -> Option<Value> {
    let manifest: Value = serde_json::from_str(&fs::read_to_string(dir.join(MANIFEST)).ok()?).ok()?;
    (manifest["generator"] == GENERATOR).then_some(manifest)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_where_a_file_is_written_first_is_not_followed() {
        let dir = std::env::temp_dir().join(format!("modeldex-export-link-{}", std::process::id()));
        let other = dir.with_extension("other");
        fs::write(&other, "theirs").unwrap();
        let mut folder = Folder::open(&dir).unwrap();
        std::os::unix::fs::symlink(&other, dir.join(BESIDE)).unwrap();
        assert!(folder.replace("a.json", b"ours").unwrap());
        assert_eq!((fs::read(&other).unwrap(), fs::read(dir.join("a.json")).unwrap()), (b"theirs".to_vec(), b"ours".to_vec()));
        assert!(!dir.join("a.json").is_symlink());
        fs::remove_dir_all(&dir).unwrap();
        fs::remove_file(&other).unwrap();
    }
}
