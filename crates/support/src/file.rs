//! Files that are read up to a limit and replaced whole: a crash or a full disk leaves the old text or the new one, never half of either.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The same as before; of a new file, what the system gives.
    Inherited,
    /// Its owner alone, from the moment it is there; so are the folders that are made for it.
    OwnerOnly,
}

/// The bytes of the file at `path`, at most `most`; `None` where nothing is there. Memory that is given back holds none of them, so that the
/// caller can zero what is returned.
///
/// # Errors
/// When it is longer, cannot be read or is no regular file.
pub fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    require_regular_file(path)?;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = file.metadata().map_or(0, |about| about.len());
    // All the room at once: a vector that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most) + 1).unwrap_or_default());
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {} MiB", most >> 20)));
    }
    Ok(Some(bytes))
}

/// Fails where something else than a file is: to open a pipe waits for its writer, and a device may never end.
///
/// # Errors
/// When it is no regular file.
pub fn require_regular_file(path: &Path) -> io::Result<()> {
    let is_other = fs::metadata(path).is_ok_and(|about| !about.is_file());
    if is_other { Err(io::Error::other("it is no regular file")) } else { Ok(()) }
}

/// Writes `text` to `path`, and makes the folders above it. A link stays a link: what it leads to is replaced.
///
/// # Errors
/// When anything of that fails; `path` is as it was then, and nothing is left beside it.
pub fn write_atomic(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = target(path)?;
    let folder = folder_of(&path);
    make_folder(folder, access)?;
    // What replaces a file that only some may read is nobody else's to read before it has those permissions.
    let (file, beside) = create_beside(&path, if path.exists() { Access::OwnerOnly } else { access })?;
    let done = fill(file, &path, text, access).and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
        return done;
    }
    sync_folder(folder)
}

/// Locks `path` against other writers until what is returned is dropped, or this program is killed. The locked file is empty and lies beside
/// `path`, because `path` itself is replaced.
///
/// # Errors
/// When that file cannot be made or locked.
pub fn lock(path: &Path, access: Access) -> io::Result<File> {
    let path = target(path)?;
    make_folder(folder_of(&path), access)?;
    let file = options(access).create(true).truncate(false).open(hidden(&path, "lock"))?;
    file.lock()?;
    Ok(file)
}

/// Removes what writers of `path` left beside it when they were killed, which holds all that they meant to write. Only the holder of the lock of
/// `path` may ask for it: nobody else is writing then.
///
/// # Errors
/// When the folder cannot be listed or a file not removed.
pub fn remove_leftovers(path: &Path) -> io::Result<()> {
    let path = target(path)?;
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let is_ours = |other: &[u8]| {
        let rest = other.strip_prefix(b".").and_then(|rest| rest.strip_prefix(name)?.strip_prefix(b"."));
        let middle = rest.and_then(|rest| rest.strip_suffix(b".tmp")).unwrap_or_default();
        let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (1..=16).contains(&middle.len()) && middle.iter().all(hexadecimal)
    };
    for entry in fs::read_dir(folder_of(&path))? {
        let entry = entry?;
        if is_ours(entry.file_name().as_encoded_bytes()) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What a path leads to, also where nothing is there yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    // As many links as Linux follows.
    const LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        if !path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            return Ok(path);
        }
        path = folder_of(&path).join(fs::read_link(&path)?);
    }
    Err(io::Error::other("the link leads in a circle"))
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

fn fill(mut file: File, path: &Path, text: &str, access: Access) -> io::Result<()> {
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

/// A new file in the same folder. Its name is drawn at random, because one that was left behind may have any other.
fn create_beside(path: &Path, access: Access) -> io::Result<(File, PathBuf)> {
    loop {
        // The standard library draws no numbers, but it draws the keys of its hash tables.
        let beside = hidden(path, &format!("{:016x}.tmp", RandomState::new().build_hasher().finish()));
        match options(access).create_new(true).open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return Ok((done?, beside)),
        }
    }
}

fn hidden(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{ending}"));
    path.with_file_name(name)
}

/// Makes the rename itself last. Only Unix can open a folder for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_file_is_read_up_to_a_limit_and_replaced_whole() {
        let folder: PathBuf = std::env::temp_dir().join(format!("modeldex-support-{}", std::process::id()));
        let path = folder.join("own").join("file");
        assert_eq!(read(&path, 4).unwrap(), None);
        write_atomic(&path, "four", Access::OwnerOnly).unwrap();
        assert_eq!(read(&path, 4).unwrap(), Some(b"four".to_vec()));
        assert!(read(&path, 3).unwrap_err().to_string().contains("longer"));
        assert!(read(&folder, 4).unwrap_err().to_string().contains("no regular file"));
        let lock = lock(&path, Access::OwnerOnly).unwrap();
        assert!(File::open(hidden(&path, "lock")).unwrap().try_lock().is_err());
        drop(lock);
        let leftover = hidden(&path, "0123.tmp");
        fs::write(&leftover, "half").unwrap();
        remove_leftovers(&path).unwrap();
        assert!(!leftover.exists());
        #[cfg(unix)]
        {
            let mode = |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
            assert_eq!((mode(&path), mode(&folder.join("own"))), (0o600, 0o700));
            write_atomic(&path, "five", Access::Inherited).unwrap();
            assert_eq!(mode(&path), 0o600, "permissions stay");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
