//! Size-limited reads and atomic writes of files. After an atomic write, a file has either its old or its new content, even if a crash or a full disk
//! interrupts the write.

mod lock;
mod stage;

pub use lock::{lock, lock_folder, open_lock_file};
pub use stage::{StagedFile, is_temporary, is_temporary_id, remove_leftovers, remove_leftovers_in, temporary_path};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Permissions that a written file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The file gets the permissions of the file that it replaces. A new file gets the default permissions of the system.
    Inherited,
    /// Only the owner can access the file, even while it is being written. Only the owner can access folders that are created for the file.
    OwnerOnly,
}

/// Maximum size in bytes of a catalog file, an evidence file, or a generated file. The maximum is far above the size of any such file. It limits the
/// memory that a file in an arbitrary folder can use.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// Reads a file of at most `max_bytes` bytes. Returns `None` if the file does not exist. Leaves no copy of the content in freed memory: if the file
/// contains a secret, the caller only has to zero the returned vector.
///
/// # Errors
/// Fails if the file is longer than `max_bytes`, cannot be read, or is not a regular file.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = open(path, max_bytes)? else { return Ok(None) };
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    // Allocate once: a growing vector leaves copies in freed memory.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(max_bytes) + 1).unwrap_or_default());
    // The file may grow after its size was checked, and files of some file systems have no size.
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes { Err(too_large(max_bytes)) } else { Ok(Some(bytes)) }
}

/// Reads a text file of at most `max_bytes` bytes. Returns `None` if the file does not exist.
///
/// # Errors
/// Fails if the file is longer than `max_bytes`, cannot be read, is not a regular file, or is not encoded in UTF-8.
pub fn read_text(path: &Path, max_bytes: u64) -> io::Result<Option<String>> {
    let text = read(path, max_bytes)?.map(String::from_utf8).transpose();
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not encoded in UTF-8"))
}

/// Opens a file of at most `max_bytes` bytes for reading. Returns `None` if the file does not exist.
///
/// # Errors
/// Fails if the file is longer than `max_bytes`, cannot be opened, or is not a regular file.
pub fn open(path: &Path, max_bytes: u64) -> io::Result<Option<File>> {
    require_regular_file(path)?;
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|metadata| metadata.len() > max_bytes) => Err(too_large(max_bytes)),
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn too_large(max_bytes: u64) -> io::Error {
    io::Error::other(format!("the file is larger than {max_mib} MiB", max_mib = max_bytes >> 20))
}

/// Checks that `path` is a regular file or does not exist. Pipes are refused, because opening a pipe blocks until another process writes to the pipe.
/// Devices are refused, because reading a device may never end.
///
/// # Errors
/// Fails if `path` exists and is not a regular file.
pub fn require_regular_file(path: &Path) -> io::Result<()> {
    let is_not_regular = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if is_not_regular { Err(io::Error::other("not a regular file")) } else { Ok(()) }
}

/// Writes `text` to the file at `path`, atomically. Creates missing parent folders. If `path` is a symbolic link, the link stays, and the file to
/// which it leads is replaced, because some users keep their configuration files in another folder and link to them.
///
/// # Errors
/// Fails if a file operation fails. The file at `path` is then unchanged, and the temporary file is removed.
pub fn write_atomic(path: &Path, text: &str, access: Access) -> io::Result<()> {
    StagedFile::write(&resolve_links(path)?, text.as_bytes(), access)?.publish()
}

/// Checks that neither `path` nor one of its parent folders below `root` is a symbolic link, and that `path` is a regular file or does not exist.
/// Generated files are never written through links, because a link could direct them to another place. `root` itself may be a link.
///
/// # Errors
/// Fails if there is a symbolic link, or if `path` exists and is not a regular file. The error names the link.
pub fn refuse_links_below(root: &Path, path: &Path) -> io::Result<()> {
    let mut parts: Vec<&Path> = path.ancestors().take_while(|part| *part != root && !part.as_os_str().is_empty()).collect();
    parts.reverse();
    for part in parts {
        match fs::symlink_metadata(part) {
            Ok(found) if found.is_symlink() => {
                let message = format!("`{part}` is a symbolic link; replace the link with a file or folder", part = part.display());
                return Err(io::Error::other(message));
            }
            Ok(found) if part == path && !found.is_file() => return Err(io::Error::other("not a regular file")),
            Ok(_) => {}
            // The parts below do not exist either.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
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

fn hidden_path(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{ending}"));
    path.with_file_name(name)
}

/// Syncs a folder to disk, so that a renamed file keeps its new name after a crash. Does nothing if the system is not Unix, because other systems
/// cannot open folders.
///
/// # Errors
/// Fails if the folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
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
        assert!(open(&path, 4).unwrap().is_some() && open(&path, 3).unwrap_err().to_string().contains("larger"));
        assert!(read(&folder, 4).unwrap_err().to_string().contains("not a regular file"));
        assert_eq!(read_text(&path, 4).unwrap().as_deref(), Some("four"));
        let binary = folder.join("binary");
        fs::write(&binary, [0xff]).unwrap();
        assert!(read_text(&binary, 4).unwrap_err().to_string().contains("UTF-8"));
        #[cfg(unix)]
        {
            let mode = |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
            assert_eq!((mode(&path), mode(&folder.join("own"))), (0o600, 0o700));
            write_atomic(&path, "five", Access::Inherited).unwrap();
            assert_eq!(mode(&path), 0o600, "permissions are kept");
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_below_a_folder_are_refused() {
        use std::os::unix::fs::symlink;
        let root = std::env::temp_dir().join(format!("modeldex-links-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("real/folder")).unwrap();
        fs::write(root.join("real/file"), "text").unwrap();
        symlink("real", root.join("root")).unwrap();
        symlink("folder", root.join("real/folder-link")).unwrap();
        symlink("nothing", root.join("real/dangling")).unwrap();
        let linked = root.join("root");
        for path in ["file", "folder/new", "new/new"] {
            refuse_links_below(&linked, &linked.join(path)).unwrap();
        }
        for (path, expected) in [("folder-link/a", "folder-link` is a symbolic link"), ("dangling", "symbolic link"), ("folder", "regular")]
        {
            let error = refuse_links_below(&linked, &linked.join(path)).unwrap_err().to_string();
            assert!(error.contains(expected), "{path}: {error}");
        }
        fs::remove_dir_all(&root).unwrap();
    }
}
