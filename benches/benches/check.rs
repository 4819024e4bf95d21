//! How fast a catalog folder is judged and compiled, beside reading the same files with serde_yaml alone.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use modeldex_benches::catalog;

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    for size in [1_000, 10_000] {
        let dir = catalog(size).unwrap();
        let texts: Vec<String> =
            modeldex_compile::catalog_files(&dir).unwrap().iter().map(|file| std::fs::read_to_string(&file.path).unwrap()).collect();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::new("modeldex", size), &dir, |bench, dir| {
            bench.iter(|| modeldex_compile::compile(dir).catalog().models().len());
        });
        group.bench_with_input(BenchmarkId::new("serde_yaml alone, one thread", size), &texts, |bench, texts| {
            bench.iter(|| texts.iter().filter(|text| serde_yaml::from_str::<serde_json::Value>(text).unwrap().is_object()).count());
        });
    }
    group.finish();
}

criterion_group!(benches, check);
criterion_main!(benches);
