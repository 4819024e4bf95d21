//! Detection of changes in the folders of a catalog, by polling.
//!
//! Rejected: file system notifications. They do not report the changes of editors that replace a file by another file, changes in network folders,
//! and the symbolic link that Kubernetes replaces when a ConfigMap changes. Polling some hundred names a second has no measurable cost.

use crate::connection::{Served, Shared};
use crate::health::{Health, LoadFailure};
use crate::server::ServerEvent;
use crate::site::{CatalogOwner, Site};
use modeldex_table::Moment;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Function that loads the catalog from its folders. The error is a pair of the full report, and the reason in one line.
pub type LoadCatalog = Box<dyn Fn() -> Result<Arc<dyn CatalogOwner>, (String, String)> + Send>;

/// Watcher of a catalog's folders, which loads the catalog again after each change.
pub struct CatalogWatcher {
    folders: Vec<PathBuf>,
    load: LoadCatalog,
    loaded_fingerprint: u64,
}

/// Handle of the watcher's thread. Dropping the handle stops the thread.
pub(crate) struct WatcherThread {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Interval between polls. A change is loaded when two polls in a row have equal fingerprints, which takes less than a second.
const POLL_INTERVAL: Duration = Duration::from_millis(400);
/// Maximum depth of folders that are searched, because links may form a cycle. No catalog has deeper folders.
const MAX_FOLDER_DEPTH: usize = 8;

impl CatalogWatcher {
    /// Creates a watcher of `folders`, and records their current state. Call this function before the catalog is loaded from the folders, so that the
    /// watcher detects edits during loading. The built-in catalog has no folders; its watcher only renews the site when prices change at a stated
    /// time.
    #[must_use]
    pub fn new(folders: Vec<PathBuf>, load: LoadCatalog) -> Self {
        Self { loaded_fingerprint: fingerprint(&folders), folders, load }
    }

    pub(crate) fn start(self, shared: Arc<Shared>, on_event: Arc<dyn Fn(ServerEvent) + Send + Sync>) -> WatcherThread {
        let (stop, stopped) = channel();
        let run = move || {
            let mut watcher = self;
            let mut before = watcher.loaded_fingerprint;
            while stopped.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let now = fingerprint(&watcher.folders);
                let has_settled = now == before;
                before = now;
                if now != watcher.loaded_fingerprint && has_settled {
                    watcher.loaded_fingerprint = now;
                    watcher.reload(&shared, on_event.as_ref());
                    continue;
                }
                let Served { site, health } = shared.current();
                if site.is_outdated(now_utc()) {
                    replace_served(&shared, Served { site: Arc::new(site.at_time(now_utc())), health });
                }
            }
        };
        WatcherThread { stop: Some(stop), thread: thread::Builder::new().name("watch".to_owned()).spawn(run).ok() }
    }

    /// Loads the catalog and replaces the served catalog by it. If loading fails, the previous catalog is still served.
    fn reload(&self, shared: &Shared, on_event: &(dyn Fn(ServerEvent) + Send + Sync)) {
        match (self.load)() {
            Ok(owner) => {
                let site = Site::new(owner, now_utc());
                let models = site.model_count();
                replace_served(shared, Served { site: Arc::new(site), health: healthy_now() });
                on_event(ServerEvent::Reloaded { models });
            }
            Err((report, reason)) => {
                let mut served = shared.current();
                served.health.load_failure = Some(LoadFailure { at: now_utc(), reason });
                replace_served(shared, served);
                on_event(ServerEvent::ReloadFailed(report));
            }
        }
    }
}

/// Replaces the served site. The old site is dropped after the lock is released, because requests wait for the lock and dropping a site takes long.
fn replace_served(shared: &Shared, served: Served) {
    let old = std::mem::replace(&mut *shared.served.write().unwrap_or_else(PoisonError::into_inner), served);
    drop(old);
}

impl Drop for WatcherThread {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // The thread stops at once, unless it is loading a catalog. Shutdown does not wait for the end of the loading.
            let start = Instant::now();
            while !thread.is_finished() && start.elapsed() < Duration::from_millis(50) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Returns the health of a server that has just loaded its catalog.
pub(crate) fn healthy_now() -> Health {
    Health { loaded_at: Some(now_utc()), load_failure: None }
}

fn now_utc() -> Moment {
    Moment::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// Returns a hash of the names, sizes and modification times of all files in `folders`.
fn fingerprint(folders: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for folder in folders {
        folder.hash(&mut hasher);
        hash_path(folder, MAX_FOLDER_DEPTH, &mut hasher);
    }
    hasher.finish()
}

/// Adds a file, or a folder with its content, to the hash. Symbolic links are followed.
fn hash_path(path: &Path, remaining_depth: usize, hasher: &mut DefaultHasher) {
    let Ok(metadata) = fs::metadata(path) else { return false.hash(hasher) };
    if !metadata.is_dir() {
        return (metadata.len(), metadata.modified().ok()).hash(hasher);
    }
    let Ok(entries) = fs::read_dir(path) else { return false.hash(hasher) };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names.len().hash(hasher);
    for name in names {
        name.hash(hasher);
        if let Some(remaining_depth) = remaining_depth.checked_sub(1) {
            hash_path(&path.join(&name), remaining_depth, hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_changes_the_fingerprint() {
        let folder = std::env::temp_dir().join(format!("modeldex-watch-{}", std::process::id()));
        fs::create_dir_all(folder.join("providers")).unwrap();
        let current = || fingerprint(std::slice::from_ref(&folder));
        let mut seen = vec![current()];
        let file = folder.join("providers/acme.yaml");
        for text in ["a", "ab", ""] {
            fs::write(&file, text).unwrap();
            seen.push(current());
        }
        fs::rename(&file, folder.join("providers/other.yaml")).unwrap();
        seen.push(current());
        fs::remove_dir_all(&folder).unwrap();
        seen.push(current());
        assert_eq!(seen.last(), Some(&current()), "equal without a change");
        let different: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(different.len(), seen.len());
    }
}
