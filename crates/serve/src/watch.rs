//! Detection of changes in the files of a catalog, by polling.
//!
//! Rejected: file system notifications. They do not report three kinds of changes: changes by editors that replace a file by another file, changes in
//! network folders, and changes of the symbolic link that Kubernetes replaces when a ConfigMap changes. Polling some hundred names a second has no
//! measurable cost.
//!
//! Also rejected: searching the folders for files. The search would take long if a symbolic link pointed to a folder that contains the link, or to a
//! large folder. Instead, the caller lists the files that it reads, and each poll looks at each of these files once.

use crate::connection::{Served, Shared};
use crate::health::{Health, LoadFailure};
use crate::server::ServerEvent;
use crate::site::{CatalogOwner, Site};
use modeldex_table::Moment;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Function that loads the catalog from its folders. The error is a pair: the report of all errors, and the list of the errors' codes.
pub type LoadCatalog = Box<dyn Fn() -> Result<Arc<dyn CatalogOwner>, (String, Vec<&'static str>)> + Send>;

/// Function that lists the files from which the catalog is loaded. The order of the list depends only on the names of the files.
pub type ListFiles = Box<dyn Fn() -> Vec<PathBuf> + Send>;

/// Watcher of a catalog's files, which loads the catalog again after each change.
pub struct CatalogWatcher {
    list_files: ListFiles,
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

impl CatalogWatcher {
    /// Creates a watcher of the files that `list_files` returns, and records their current state. Call this function before the catalog is loaded
    /// from the files, so that the watcher detects edits during loading. The built-in catalog has no files, so the watcher never loads it again. For
    /// this catalog, the watcher only replaces the site when the prices on the pages are [outdated](Site::is_outdated).
    #[must_use]
    pub fn new(list_files: ListFiles, load: LoadCatalog) -> Self {
        Self { loaded_fingerprint: fingerprint(&list_files()), list_files, load }
    }

    pub(crate) fn start(self, shared: Arc<Shared>, on_event: Arc<dyn Fn(ServerEvent) + Send + Sync>) -> WatcherThread {
        let (stop, stopped) = channel();
        let run = move || {
            let mut watcher = self;
            let mut before = watcher.loaded_fingerprint;
            while stopped.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let now = fingerprint(&(watcher.list_files)());
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

    /// Loads the catalog, and replaces the served catalog by the loaded catalog. If loading fails, the previous catalog is still served.
    fn reload(&self, shared: &Shared, on_event: &(dyn Fn(ServerEvent) + Send + Sync)) {
        match (self.load)() {
            Ok(owner) => {
                let site = Site::new(owner, now_utc());
                let models = site.model_count();
                replace_served(shared, Served { site: Arc::new(site), health: healthy_now() });
                on_event(ServerEvent::Reloaded { models });
            }
            Err((report, codes)) => {
                let mut served = shared.current();
                served.health.load_failure = Some(LoadFailure { at: now_utc(), codes });
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

/// Returns a hash of the paths, sizes and modification times of `files`. Symbolic links are followed.
fn fingerprint(files: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let metadata = fs::metadata(file).ok();
        (file, metadata.map(|metadata| (metadata.len(), metadata.modified().ok()))).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_changes_the_fingerprint() {
        let folder = std::env::temp_dir().join(format!("modeldex-watch-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let current = || {
            let mut files: Vec<PathBuf> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
            files.sort();
            fingerprint(&files)
        };
        let mut seen = vec![current()];
        let file = folder.join("acme.yaml");
        for text in ["a", "ab", ""] {
            fs::write(&file, text).unwrap();
            seen.push(current());
        }
        fs::rename(&file, folder.join("other.yaml")).unwrap();
        seen.push(current());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("loop.yaml", folder.join("loop.yaml")).unwrap();
            seen.push(current());
            assert_eq!(seen.last(), Some(&current()), "a link to itself does not change");
        }
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(current(), seen[0], "equal without files");
        let different: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(different.len(), seen.len());
    }
}
