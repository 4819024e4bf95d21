//! Counts inputs and their bytes. libFuzzer reports neither the bytes nor, after a crash, the number of inputs, so the counts are written to a file.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

static INPUTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The path of the file, from the environment variable `FUZZ_COUNT`, and the time of the last write.
static FILE: LazyLock<Option<(PathBuf, Mutex<Instant>)>> =
    LazyLock::new(|| env::var_os("FUZZ_COUNT").map(|path| (path.into(), Mutex::new(Instant::now()))));

/// Counts an input. Writes the counts at most five times per second.
pub(crate) fn add(bytes: usize) {
    INPUTS.fetch_add(1, Relaxed);
    BYTES.fetch_add(bytes as u64, Relaxed);
    let Some((path, written)) = &*FILE else { return };
    let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
    if written.elapsed() >= Duration::from_millis(200) {
        *written = Instant::now();
        let (inputs, bytes) = counts();
        // The counts are only reported; without them the fuzzing is the same.
        let _ = fs::write(path, format!("{inputs} {bytes}\n"));
    }
}

/// Returns the number of inputs and the sum of their sizes.
#[must_use]
pub fn counts() -> (u64, u64) {
    (INPUTS.load(Relaxed), BYTES.load(Relaxed))
}
