//! The folders of a catalog, looked at again and again.
//!
//! They are polled. Whoever waits to be told instead misses what matters most here: editors that replace a file by another, folders on a
//! network, and the link that Kubernetes turns to a new folder when a ConfigMap changes. A look at some hundred names a second costs
//! nothing.

use crate::connection::{Served, Shared};
use crate::health::{Failed, Health};
use crate::server::Event;
use crate::site::{Holder, Site};
use modeldex_table::Moment;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Reads the catalog anew: what is to be served, or why it cannot be, as a report and in a line.
pub type Load = Box<dyn Fn() -> Result<Arc<dyn Holder>, (String, String)> + Send>;

/// What is watched, and what is done when it changes.
pub struct Watch {
    folders: Vec<PathBuf>,
    load: Load,
    seen: u64,
}

/// A thread that watches; it ends with this.
pub(crate) struct Watching {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How often it is looked. An edit is taken once two looks in a row have seen the same, so within a second.
const LOOK: Duration = Duration::from_millis(400);
/// No catalog is deeper; a link that leads in a circle is.
const DEEPEST: usize = 8;

impl Watch {
    /// Remembers how `folders` look now; to be called before they are read, so that no edit falls in between. What holds no folder, the
    /// catalog that is built in, is still read anew when another day has other prices.
    #[must_use]
    pub fn new(folders: Vec<PathBuf>, load: Load) -> Self {
        Self { seen: fingerprint(&folders), folders, load }
    }

    pub(crate) fn start(self, shared: Arc<Shared>, tell: Arc<dyn Fn(Event) + Send + Sync>) -> Watching {
        let (stop, stopped) = channel();
        let watch = move || {
            let mut watch = self;
            let mut before = watch.seen;
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let now = fingerprint(&watch.folders);
                let has_settled = now == before;
                before = now;
                if now != watch.seen && has_settled {
                    watch.seen = now;
                    watch.take(&shared, tell.as_ref());
                    continue;
                }
                let Served { site, health } = shared.served();
                if site.is_outdated(this_minute()) {
                    exchange(&shared, Served { site: Arc::new(site.at_another(this_minute())), health });
                }
            }
        };
        Watching { stop: Some(stop), thread: thread::Builder::new().name("watch".to_owned()).spawn(watch).ok() }
    }

    /// Serves what is there now, or goes on with what was.
    fn take(&self, shared: &Shared, tell: &(dyn Fn(Event) + Send + Sync)) {
        match (self.load)() {
            Ok(holder) => {
                let site = Site::new(holder, this_minute());
                let models = site.models();
                exchange(shared, Served { site: Arc::new(site), health: loaded_now() });
                tell(Event::Reloaded { models });
            }
            Err((report, reason)) => {
                let mut served = shared.served();
                served.health.failed = Some(Failed { at: this_minute(), reason });
                exchange(shared, served);
                tell(Event::Broken(report));
            }
        }
    }
}

/// Serves something else. The old site is dropped once the lock is free again: that takes longer than a request should wait.
fn exchange(shared: &Shared, served: Served) {
    let old = std::mem::replace(&mut *shared.served.write().unwrap_or_else(PoisonError::into_inner), served);
    drop(old);
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It ends within moments, unless it is compiling; the end of the program does not wait for that.
            let start = Instant::now();
            while !thread.is_finished() && start.elapsed() < Duration::from_millis(50) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// The health of a server that has just taken a catalog.
pub(crate) fn loaded_now() -> Health {
    Health { loaded: Some(this_minute()), failed: None }
}

fn this_minute() -> Moment {
    Moment::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// How folders look: the names, sizes and times of all that is in them.
fn fingerprint(folders: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for folder in folders {
        folder.hash(&mut hasher);
        look_into(folder, DEEPEST, &mut hasher);
    }
    hasher.finish()
}

/// Links are followed: what they lead to is what counts.
fn look_into(path: &Path, deeper: usize, hasher: &mut DefaultHasher) {
    let Ok(found) = fs::metadata(path) else { return false.hash(hasher) };
    if !found.is_dir() {
        return (found.len(), found.modified().ok()).hash(hasher);
    }
    let Ok(entries) = fs::read_dir(path) else { return false.hash(hasher) };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names.len().hash(hasher);
    for name in names {
        name.hash(hasher);
        if let Some(deeper) = deeper.checked_sub(1) {
            look_into(&path.join(&name), deeper, hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_seen() {
        let folder = std::env::temp_dir().join(format!("modeldex-watch-{}", std::process::id()));
        fs::create_dir_all(folder.join("providers")).unwrap();
        let look = || fingerprint(std::slice::from_ref(&folder));
        let mut seen = vec![look()];
        let file = folder.join("providers/acme.yaml");
        for text in ["a", "ab", ""] {
            fs::write(&file, text).unwrap();
            seen.push(look());
        }
        fs::rename(&file, folder.join("providers/other.yaml")).unwrap();
        seen.push(look());
        fs::remove_dir_all(&folder).unwrap();
        seen.push(look());
        assert_eq!(seen.last(), Some(&look()), "what stays looks the same");
        let different: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(different.len(), seen.len());
    }
}
