//! Size-limited reads and atomic writes of files. After an atomic write, even one interrupted by a crash or a full disk, a file has either its old or
//! its new content.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Permissions that a written file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The permissions of the replaced file; the default of the system for a new file.
    Inherited,
    /// Access for the owner only, from the creation of the file on. Folders that are created for the file get the same permissions.
    OwnerOnly,
}

/// Reads a file of at most `max_bytes` bytes; returns `None` if the file does not exist. Leaves no copy of the content in freed memory: a caller that
/// reads a secret only has to zero the returned vector.
///
/// # Errors
/// If the file is longer than `max_bytes`, cannot be read, or is not a regular file.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    require_regular_file(path)?;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    // Allocate once: a growing vector leaves copies in freed memory.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(max_bytes) + 1).unwrap_or_default());
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::Error::other(format!("the file is larger than {max_mib} MiB", max_mib = max_bytes >> 20)));
    }
    Ok(Some(bytes))
}

/// Fails if `path` exists and is not a regular file. Other files are refused because opening a pipe blocks until another process writes to it, and
/// reading a device may never end.
///
/// # Errors
/// If `path` exists and is not a regular file.
pub fn require_regular_file(path: &Path) -> io::Result<()> {
    let is_not_regular = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if is_not_regular { Err(io::Error::other("not a regular file")) } else { Ok(()) }
}

/// Writes `text` to the file at `path`, atomically. Creates missing parent folders. If `path` is a symbolic link, its target is replaced.
///
/// # Errors
/// If a file operation fails. The file at `path` is then unchanged, and the temporary file is removed.
pub fn write_atomic(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = resolve_links(path)?;
    let folder = folder_of(&path);
    make_folder(folder, access)?;
    // Until the temporary file gets the permissions of the replaced file, only the owner may read it.
    let (file, temporary) = create_temporary(&path, if path.exists() { Access::OwnerOnly } else { access })?;
    let done = write_and_sync(file, &path, text, access).and_then(|()| fs::rename(&temporary, &path));
    if done.is_err() {
        let _ = fs::remove_file(&temporary);
        return done;
    }
    sync_folder(folder)
}

/// Locks the file at `path` against other callers of this function, until the returned file is dropped or the process ends. Waits while another
/// process has the lock. An empty file in the same folder is locked, because the file at `path` itself is replaced.
///
/// # Errors
/// If the lock file cannot be created or locked.
pub fn lock(path: &Path, access: Access) -> io::Result<File> {
    let path = resolve_links(path)?;
    make_folder(folder_of(&path), access)?;
    let file = options(access).create(true).truncate(false).open(hidden_path(&path, "lock"))?;
    file.lock()?;
    Ok(file)
}

/// Removes the temporary files that killed processes left while they wrote to `path`. These files may contain the whole text. The caller must hold
/// the [`lock`] of `path`, so that no other process is writing.
///
/// # Errors
/// If the folder cannot be listed or a file cannot be removed.
pub fn remove_leftovers(path: &Path) -> io::Result<()> {
    let path = resolve_links(path)?;
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let is_temporary = |other: &[u8]| {
        let rest = other.strip_prefix(b".").and_then(|rest| rest.strip_prefix(name)?.strip_prefix(b"."));
        let middle = rest.and_then(|rest| rest.strip_suffix(b".tmp")).unwrap_or_default();
        let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (1..=16).contains(&middle.len()) && middle.iter().all(hexadecimal)
    };
    for entry in fs::read_dir(folder_of(&path))? {
        let entry = entry?;
        if is_temporary(entry.file_name().as_encoded_bytes()) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Follows symbolic links. Returns the final path, which may not exist.
fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    // Linux follows at most this many links.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        if !path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            return Ok(path);
        }
        path = folder_of(&path).join(fs::read_link(&path)?);
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn make_folder(folder: &Path, access: Access) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    if access == Access::OwnerOnly {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    let _ = access;
    builder.recursive(true).create(folder)
}

fn write_and_sync(mut file: File, path: &Path, text: &str, access: Access) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    if let (Access::Inherited, Ok(old)) = (access, fs::metadata(path)) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()
}

fn options(access: Access) -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    if access == Access::OwnerOnly {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let _ = access;
    options
}

/// Creates a temporary file in the folder of `path`. Its random name differs from those of temporary files that killed processes left.
fn create_temporary(path: &Path, access: Access) -> io::Result<(File, PathBuf)> {
    loop {
        // The standard library has no random numbers, except the random keys of hash tables.
        let temporary = hidden_path(path, &format!("{:016x}.tmp", RandomState::new().build_hasher().finish()));
        match options(access).create_new(true).open(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return Ok((done?, temporary)),
        }
    }
}

fn hidden_path(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{ending}"));
    path.with_file_name(name)
}

/// Syncs a folder to disk, so that a renamed file keeps its new name after a crash. Does nothing on other systems than Unix, which cannot open
/// folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn files_are_read_up_to_a_limit_and_replaced_atomically() {
        let folder: PathBuf = std::env::temp_dir().join(format!("modeldex-support-{}", std::process::id()));
        let path = folder.join("own").join("file");
        assert_eq!(read(&path, 4).unwrap(), None);
        write_atomic(&path, "four", Access::OwnerOnly).unwrap();
        assert_eq!(read(&path, 4).unwrap(), Some(b"four".to_vec()));
        assert!(read(&path, 3).unwrap_err().to_string().contains("larger"));
        assert!(read(&folder, 4).unwrap_err().to_string().contains("not a regular file"));
        let lock = lock(&path, Access::OwnerOnly).unwrap();
        assert!(File::open(hidden_path(&path, "lock")).unwrap().try_lock().is_err());
        drop(lock);
        let leftover = hidden_path(&path, "0123.tmp");
        fs::write(&leftover, "half").unwrap();
        remove_leftovers(&path).unwrap();
        assert!(!leftover.exists());
        #[cfg(unix)]
        {
            let mode = |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
            assert_eq!((mode(&path), mode(&folder.join("own"))), (0o600, 0o700));
            write_atomic(&path, "five", Access::Inherited).unwrap();
            assert_eq!(mode(&path), 0o600, "permissions are kept");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
