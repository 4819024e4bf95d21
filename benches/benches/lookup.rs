//! From a reference to a model: hit, miss and alias, beside `phf`, `HashMap` and binary search over the same keys.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use modeldex_benches::{Numbers, SIZES, catalog};
use std::collections::HashMap;
use std::hint::black_box;

/// How many references one measured round looks up; enough that they are not all in the nearest cache.
const ROUND: usize = 1_024;

fn lookup(criterion: &mut Criterion) {
    for size in SIZES {
        let compiled = modeldex_compile::compile(&catalog(size).unwrap());
        assert!(!compiled.has_errors());
        let catalog = compiled.catalog();
        // The peers know no aliases, so they get every alias as one more key.
        let models = catalog.models().map(|model| model.reference().to_string());
        let aliases: Vec<String> = catalog.aliases().map(|alias| alias.reference().to_string()).collect();
        let mut keys: Vec<&'static str> = models.chain(aliases.iter().cloned()).map(|key| &*key.leak()).collect();
        keys.sort_unstable();
        let sorted: Vec<(&'static str, u32)> = keys.iter().enumerate().map(|(at, key)| (*key, at as u32)).collect();
        let hashed: HashMap<&str, u32> = sorted.iter().copied().collect();
        let perfect = perfect(&sorted);

        let mut numbers = Numbers::new(7);
        let hits: Vec<&str> = (0..ROUND).map(|_| keys[numbers.below(keys.len())]).collect();
        let aliases: Vec<&str> = (0..ROUND).map(|_| aliases[numbers.below(aliases.len())].as_str()).collect();
        let misses: Vec<String> = hits.iter().map(|hit| format!("{hit}-x")).collect();
        let misses: Vec<&str> = misses.iter().map(String::as_str).collect();

        for (what, references) in [("hit", &hits), ("miss", &misses), ("alias", &aliases)] {
            let mut group = criterion.benchmark_group(format!("lookup/{what}"));
            group.throughput(Throughput::Elements(ROUND as u64));
            group.bench_with_input(BenchmarkId::new("modeldex", size), references, |bench, references| {
                bench.iter(|| references.iter().filter(|reference| catalog.model(black_box(reference)).is_ok()).count());
            });
            group.bench_with_input(BenchmarkId::new("phf", size), references, |bench, references| {
                bench.iter(|| references.iter().filter(|reference| perfect.get(*black_box(*reference)).is_some()).count());
            });
            group.bench_with_input(BenchmarkId::new("HashMap", size), references, |bench, references| {
                bench.iter(|| references.iter().filter(|reference| hashed.contains_key(*black_box(*reference))).count());
            });
            group.bench_with_input(BenchmarkId::new("binary search", size), references, |bench, references| {
                bench.iter(|| {
                    let found = |reference: &&&str| sorted.binary_search_by(|(key, _)| (*key).cmp(**reference)).is_ok();
                    references.iter().filter(|reference| found(black_box(reference))).count()
                });
            });
            group.finish();
        }
    }
}

/// `phf` lays its tables out in a build script or macro; here the same layout is made at run time, so that every size fits one program.
fn perfect(sorted: &[(&'static str, u32)]) -> phf::Map<&'static str, u32> {
    let keys: Vec<&str> = sorted.iter().map(|(key, _)| *key).collect();
    let state = phf_generator::generate_hash(&keys);
    let entries: Vec<(&'static str, u32)> = state.map.iter().map(|at| sorted[*at]).collect();
    phf::Map { key: state.key, disps: state.disps.leak(), entries: entries.leak() }
}

criterion_group!(benches, lookup);
criterion_main!(benches);
