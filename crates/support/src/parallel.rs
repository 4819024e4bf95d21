//! Parallel loops over slices.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` for each item, with the index of the item and a reference to the item. The calls are distributed over one thread for each processor.
/// Returns the results in the order of the items. A panic of `work` propagates to the caller.
pub fn in_parallel<'i, T: Sync, R: Send>(items: &'i [T], work: impl Fn(usize, &'i T) -> R + Sync) -> Vec<R> {
    on_threads(thread::available_parallelism().map_or(1, usize::from), items, work)
}

/// Does the same as [`in_parallel`], but on `threads` threads. One of these threads is the calling thread.
pub fn on_threads<'i, T: Sync, R: Send>(threads: usize, items: &'i [T], work: impl Fn(usize, &'i T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => done.push((at, work(at, item))),
                None => return done,
            }
        }
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in [0, 1, 3, 2000] {
            assert_eq!(on_threads(threads, &items, |at, item| (at, item * 2)), items.iter().map(|at| (*at, at * 2)).collect::<Vec<_>>());
        }
        assert!(in_parallel(&[] as &[usize], |at, _| at).is_empty());
    }
}
