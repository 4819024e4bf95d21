//! From a usage to its exact price, over the real catalog: rows of every kind of price list, in random order.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use modeldex_benches::Numbers;
use modeldex_table::{Billing, Meter, Model, Moment, RequestContext, Usage};
use std::hint::black_box;
use std::path::Path;

/// How many usages one measured round prices; enough that their models are not all in the nearest cache.
const ROUND: usize = 1_024;

fn price(criterion: &mut Criterion) {
    let compiled = modeldex_compile::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog"));
    assert!(!compiled.has_errors());
    let catalog = compiled.catalog();
    let all: Vec<Model<'_>> = catalog.models().filter(|model| model.billing() == Billing::Metered && is_for_text(*model)).collect();
    let conditional: Vec<Model<'_>> = all.iter().copied().filter(|model| model.prices().iter().len() > 1).collect();
    let mut numbers = Numbers::new(7);
    let at = Moment::parse("2026-08-20T12:00Z").unwrap();
    let context = RequestContext { at: Some(at), ..RequestContext::default() };
    let mut group = criterion.benchmark_group("price");
    group.throughput(Throughput::Elements(ROUND as u64));
    for (what, models) in [("all", &all), ("with conditions", &conditional)] {
        let rows: Vec<(Model<'_>, Usage)> = (0..ROUND).map(|_| (models[numbers.below(models.len())], usage(&mut numbers))).collect();
        assert!(rows.iter().all(|(model, usage)| model.price(usage, &context).is_ok()));
        group.bench_function(what, |bench| {
            bench.iter(|| {
                let price = |(model, usage): &(Model<'_>, Usage)| model.price(black_box(usage), &context).unwrap().amount().pico();
                rows.iter().map(price).fold(0, u128::wrapping_add)
            });
        });
    }
    group.finish();
}

/// An ordinary request: most have a cached part, some think, a few are long.
fn usage(numbers: &mut Numbers) -> Usage {
    let long = if numbers.below(10) == 0 { 400_000 } else { 20_000 };
    let (input, output) = (1 + numbers.below(long) as u64, 1 + numbers.below(4_000) as u64);
    let cached = if numbers.below(3) > 0 { input / 2 } else { 0 };
    let thought = if numbers.below(4) == 0 { output / 2 } else { 0 };
    Usage::of(&[(Meter::Input, input), (Meter::Output, output), (Meter::CacheRead, cached), (Meter::Reasoning, thought)])
}

fn is_for_text(model: Model<'_>) -> bool {
    model.prices().base_rates().is_some_and(|rates| rates.get(Meter::Input).is_some() && rates.get(Meter::Output).is_some())
}

criterion_group!(benches, price);
criterion_main!(benches);
