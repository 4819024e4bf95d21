//! Locks on files and folders. When a process ends, the system releases the locks of the process, even if the process is killed.

use super::{Access, folder_of, hidden_path, make_folder, options, resolve_links};
use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Time after which [`lock`] calls `on_wait`.
const WAIT_BEFORE_NOTICE: Duration = Duration::from_secs(1);

/// Excludes other callers that lock the same `path`, until the returned file is dropped or the process ends.
///
/// The function does not lock the file at `path` itself, because a write replaces that file. Instead, it locks a separate, empty lock file in the same
/// folder, and returns this lock file.
///
/// Waits while another process has the lock. If the wait takes longer than one second, calls `on_wait` once with the path of the lock file.
///
/// # Errors
/// Fails if the lock file cannot be created or locked, or if it is a symbolic link, a pipe, or anything else that is not a regular file.
pub fn lock(path: &Path, access: Access, on_wait: fn(&Path)) -> io::Result<File> {
    let path = resolve_links(path)?;
    make_folder(folder_of(&path), access)?;
    let lock_path = hidden_path(&path, "lock");
    loop {
        let file = open_lock_file(&lock_path, access)?;
        wait_for(&file, &lock_path, on_wait)?;
        // Between opening and locking the file, another program may have removed it. Other processes would then lock a new file.
        if fs::symlink_metadata(&lock_path).is_ok_and(|found| file.metadata().is_ok_and(|opened| is_same_file(&found, &opened))) {
            return Ok(file);
        }
    }
}

/// Locks a folder against other callers of this function, until the returned file is dropped or the process ends. Waits and calls `on_wait` as
/// [`lock`] does. Leaves no file in the folder. Returns `None`, without a lock, if the system is not Unix, because other systems cannot open folders.
///
/// # Errors
/// Fails if the folder cannot be opened or locked.
pub fn lock_folder(folder: &Path, on_wait: fn(&Path)) -> io::Result<Option<File>> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let file = File::open(folder)?;
    wait_for(&file, folder, on_wait)?;
    Ok(Some(file))
}

/// Opens the lock file at `path`, and creates it if it does not exist. Does not lock the file.
///
/// # Errors
/// Fails if the file cannot be created or opened, or if it is a symbolic link, a pipe, or anything else that is not a regular file.
pub fn open_lock_file(path: &Path, access: Access) -> io::Result<File> {
    loop {
        // A new file is never created through a link.
        match options(access).create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done.map_err(|error| named(path, &error)),
        }
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(named(path, &error)),
        };
        if !found.is_file() {
            let kind = if found.is_symlink() { "is a symbolic link" } else { "is not a regular file" };
            return Err(io::Error::other(format!("the lock file `{path}` {kind}; remove this file", path = path.display())));
        }
        // Opening for reading and writing does not block, even if a pipe has replaced the file since it was checked.
        match options(access).read(true).open(path) {
            Ok(file) if file.metadata().is_ok_and(|opened| is_same_file(&found, &opened)) => return Ok(file),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(path, &error)),
            // The file was replaced in the meantime.
            _ => {}
        }
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the lock file `{path}` cannot be opened: {error}", path = path.display()))
}

/// Locks an open file. If this takes longer than one second, calls `on_wait` once.
fn wait_for(file: &File, path: &Path, on_wait: fn(&Path)) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => return Ok(()),
    }
    let path: PathBuf = path.into();
    let (locked, receiver) = channel::<()>();
    let waiting = thread::Builder::new().spawn(move || {
        if receiver.recv_timeout(WAIT_BEFORE_NOTICE) == Err(RecvTimeoutError::Timeout) {
            on_wait(&path);
        }
    })?;
    let done = file.lock();
    drop(locked);
    let _ = waiting.join();
    done
}

fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    }
    #[cfg(not(unix))]
    {
        one.is_file() == other.is_file()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_excludes_other_callers_until_it_is_dropped() {
        let folder = std::env::temp_dir().join(format!("modeldex-lock-{}", std::process::id()));
        let path = folder.join("own").join("file");
        let held = lock(&path, Access::OwnerOnly, |_| {}).unwrap();
        let other = open_lock_file(&hidden_path(&path, "lock"), Access::OwnerOnly).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        drop(lock(&path, Access::OwnerOnly, |_| {}).unwrap());
        let held = lock_folder(&folder, |_| {}).unwrap();
        assert!(!cfg!(unix) || File::open(&folder).unwrap().try_lock().is_err());
        drop(held);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_a_pipe_and_a_folder_in_place_of_the_lock_file_are_refused() {
        let folder = std::env::temp_dir().join(format!("modeldex-lock-kinds-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let lock_path = hidden_path(&folder.join("file"), "lock");
        let refused = |expected: &str| {
            let error = lock(&folder.join("file"), Access::Inherited, |_| {}).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(".file.lock"), "{error}");
        };
        for target in ["elsewhere", "/dev/null"] {
            std::os::unix::fs::symlink(target, &lock_path).unwrap();
            refused("is a symbolic link");
            assert!(!folder.join("elsewhere").exists(), "the link was not followed");
            fs::remove_file(&lock_path).unwrap();
        }
        assert!(std::process::Command::new("mkfifo").arg(&lock_path).status().unwrap().success());
        refused("is not a regular file");
        fs::remove_file(&lock_path).unwrap();
        fs::create_dir(&lock_path).unwrap();
        refused("is not a regular file");
        fs::remove_dir_all(&folder).unwrap();
    }
}
