//! Files that are replaced whole: a crash or a full disk leaves the old text or the new one, never half of either.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever could before; of a new file, whoever the system says.
    Usual,
    /// Its owner alone, from the moment it is there; so are the folders that are made for it.
    Owner,
}

/// Writes `text` to `path`, and makes the folders above it. A link stays a link: what it leads to is replaced.
///
/// # Errors
/// When anything of that fails; `path` is as it was then, and nothing is left beside it.
pub fn write_whole(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = target(path)?;
    let folder = folder_of(&path);
    make_folder(folder, access)?;
    // What replaces a file that only some may read is nobody else's to read before it has those permissions.
    let (file, beside) = create_beside(&path, if path.exists() { Access::Owner } else { access })?;
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

/// Removes what writers of `path` left beside it when they were killed, which holds all that they meant to write. Only who has the lock of
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
    if access == Access::Owner {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    let _ = access;
    builder.recursive(true).create(folder)
}

fn fill(mut file: File, path: &Path, text: &str, access: Access) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    if let (Access::Usual, Ok(old)) = (access, fs::metadata(path)) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()
}

fn options(access: Access) -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    if access == Access::Owner {
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
