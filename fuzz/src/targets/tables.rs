//! Reads a catalog with arbitrary rows: lookups and prices do not panic, whatever the rows contain.
//!
//! For each table, the input has a byte with the number of rows, and the rows.

use crate::fixture;
use modeldex_table::zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};
use modeldex_table::{Catalog, CurrentRates, Fact, Meter, RequestContext, ServiceTier, Usage};
use std::fmt::Write;

pub(crate) fn run(input: &[u8]) {
    let mut rest = input;
    let length = take_count(&mut rest).min(rest.len());
    let (strings, mut rest) = rest.split_at(length);
    let strings = String::from_utf8_lossy(strings);
    let rest = &mut rest;
    let catalog = Catalog {
        strings: &strings,
        providers: take(rest),
        endpoints: take(rest),
        headers: take(rest),
        auths: take(rest),
        variables: take(rest),
        models: take(rest),
        labs: take(rest),
        bases: take(rest),
        details: take(rest),
        aliases: take(rest),
        provider_aliases: take(rest),
        prices: take(rest),
        conditions: take(rest),
        rates: take(rest),
        sources: take(rest),
        texts: take(rest),
        origins: take(rest),
        layers: take(rest),
        model_slots: take(rest),
        provider_slots: take(rest),
    };
    let _ = catalog.verify();
    let usage = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 10), (Meter::Output, u64::MAX >> 1)]);
    let mut text = String::new();
    for model in catalog.models() {
        for tier in [None, Some(ServiceTier::Batch)] {
            let context = RequestContext { at: Some(fixture::now()), tier, region: Some("eu"), ..RequestContext::default() };
            if let Ok(cost) = model.price(&usage, &context) {
                let sum = cost.lines().map(|line| line.amount.pico()).sum::<u128>();
                assert_eq!(sum, cost.amount().pico());
            }
        }
        let _ = CurrentRates::of(model.prices(), fixture::now());
        let _ = write!(text, "{model:?} {} {:?}", model.reference(), model.limits());
        for fact in Fact::ALL {
            let _ = write!(text, "{:?}", model.value(*fact));
        }
        for endpoint in model.endpoints() {
            let _ = write!(text, "{} {:?} {:?}", endpoint.base_url(), endpoint.api(), endpoint.variables().collect::<Vec<_>>());
            endpoint.headers().for_each(|(name, value)| text.extend([name, value]));
        }
        let _ = write!(text, "{:?}", model.aliases().map(|alias| (alias.id(), alias.kind(), alias.model().is_some())).collect::<Vec<_>>());
        let _ = write!(text, "{:?}", model.prices().iter().map(|price| price.condition().to_string()).collect::<Vec<_>>());
        if text.len() > 1 << 20 {
            break;
        }
    }
    for provider in catalog.providers().take(8) {
        let _ = write!(text, "{provider:?} {:?}", provider.default_model().map(|model| model.index()));
        for auth in provider.auth() {
            let _ = write!(text, "{auth:?} {:?}", auth.env().collect::<Vec<_>>());
            for variable in auth.variables() {
                let _ = write!(text, "{:?} {:?}", variable.role(), variable.env().collect::<Vec<_>>());
            }
        }
        let _ = catalog.provider(provider.id()).map(|found| found.index());
        for source in provider.sources() {
            let _ = write!(text, "{} {:?}", source.url(), source.checked());
        }
    }
    for reference in ["acme/thinker-2", "a/b", "", "/"] {
        match catalog.resolve(reference) {
            Ok(found) => drop(write!(text, "{found:?}")),
            Err(error) => drop(write!(text, "{error}")),
        }
    }
}

fn take_count(input: &mut &[u8]) -> usize {
    let Some((&count, rest)) = input.split_first() else { return 0 };
    *input = rest;
    usize::from(count)
}

/// Takes a byte with a number of rows, and these rows or those that are there.
fn take<'i, T: FromBytes + Immutable + KnownLayout + Unaligned>(input: &mut &'i [u8]) -> &'i [T] {
    let count = take_count(input).min(input.len() / size_of::<T>());
    match <[T]>::ref_from_prefix_with_elems(input, count) {
        Ok((rows, rest)) => {
            *input = rest;
            rows
        }
        Err(_) => &[],
    }
}

/// Returns an input with the tables of a catalog, at most 255 rows of each.
pub(crate) fn input(catalog: &Catalog<'_>) -> Vec<u8> {
    fn push<T: IntoBytes + Immutable>(input: &mut Vec<u8>, rows: &[T]) {
        let rows = &rows[..rows.len().min(255)];
        input.push(rows.len() as u8);
        input.extend_from_slice(rows.as_bytes());
    }
    let mut input = Vec::new();
    // The first strings are enough for most rows.
    let mut strings = catalog.strings.len().min(255);
    while !catalog.strings.is_char_boundary(strings) {
        strings -= 1;
    }
    push(&mut input, &catalog.strings.as_bytes()[..strings]);
    let Catalog { providers, endpoints, headers, auths, variables, models, labs, bases, details, aliases, .. } = catalog;
    push(&mut input, providers);
    push(&mut input, endpoints);
    push(&mut input, headers);
    push(&mut input, auths);
    push(&mut input, variables);
    push(&mut input, models);
    push(&mut input, labs);
    push(&mut input, bases);
    push(&mut input, details);
    push(&mut input, aliases);
    let Catalog { provider_aliases, prices, conditions, rates, sources, texts, origins, layers, model_slots, provider_slots, .. } = catalog;
    push(&mut input, provider_aliases);
    push(&mut input, prices);
    push(&mut input, conditions);
    push(&mut input, rates);
    push(&mut input, sources);
    push(&mut input, texts);
    push(&mut input, origins);
    push(&mut input, layers);
    push(&mut input, model_slots);
    push(&mut input, provider_slots);
    input
}
