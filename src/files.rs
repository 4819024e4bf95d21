//! Files that are replaced whole: a crash or a full disk leaves the old text or the new one, never half of either.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever could before; of a new file, whoever the system says.
    Usual,
    /// Its owner alone, from the moment it is there; so are the folders that are made for it.
    Owner,
}

/// Writes `text` to `path`, and makes the folders above it. A link stays a link: what it leads to is replaced.
pub(crate) fn write_whole(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = target(path)?;
    let folder = folder_of(&path);
    make_folder(folder, access)?;
    let beside = beside(&path);
    let done = write_beside(&beside, &path, text, access).and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
        return done;
    }
    sync_folder(folder)
}

/// Opens a file that is empty and is only there to be locked. It lies beside `path`, because `path` itself is replaced.
pub(crate) fn lock_file(path: &Path, access: Access) -> io::Result<File> {
    let path = target(path)?;
    make_folder(folder_of(&path), access)?;
    options(access).create(true).truncate(false).open(hidden(&path, "lock"))
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

fn write_beside(beside: &Path, path: &Path, text: &str, access: Access) -> io::Result<()> {
    let mut file = options(access).create_new(true).open(beside)?;
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

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    hidden(path, &format!("{}.tmp", std::process::id()))
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
