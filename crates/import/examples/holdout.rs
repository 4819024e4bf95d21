//! Measures the policy: holds out each source in turn, decides every fact from the others, and compares the result with the claims of the
//! held-out source. Run in the root of the repository:
//!
//! ```sh
//! cargo run --release -p modeldex-import --example holdout
//! ```
//!
//! A row is a set of policy options; a column is a held-out source. A cell contains the share of the source's price pairs that the other sources
//! reproduce, and the number of pairs. A pair is the input and output rate of a model, and both must be equal. Contested prices are not counted.
//! The last columns are the shares for the context window and the maximum output, over all sources together.

#![allow(clippy::print_stdout, reason = "prints a report")]

use modeldex_import::evidence::{Evidence, EvidenceLine};
use modeldex_import::policy::{Policy, PolicyOptions};
use modeldex_import::sources::{self, Sources};
use modeldex_import::statement::{FactKey, OwnedCondition};
use modeldex_table::{Fact, Meter};
use std::path::Path;

const HELD_OUT: &[&str] = &["model-prices", "litellm", "pi-ai", "models.dev", "openrouter", "oh-my-pi", "catwalk", "portkey", "aichat"];

fn main() {
    let sources = sources::read(Path::new("catalog"), Path::new("evidence")).expect("the registry is read");
    let evidence = Evidence::read(Path::new("evidence")).expect("the evidence is read");
    let base = PolicyOptions::default();
    let variants: Vec<(&str, PolicyOptions)> = vec![
        ("default policy", base),
        ("rates independent", PolicyOptions { joint_prices: false, ..base }),
        ("zeros kept", PolicyOptions { drop_zeros: false, ..base }),
        ("superseded dropped", PolicyOptions { drop_superseded: true, ..base }),
        ("copies at 100%", PolicyOptions { copy_percent: 100, ..base }),
        ("copies at 0%", PolicyOptions { copy_percent: 0, ..base }),
        ("no first party", PolicyOptions { first_party_days: 0, ..base }),
        ("first party 365 days", PolicyOptions { first_party_days: 365, ..base }),
        ("no half-life", PolicyOptions { half_life_days: u32::MAX / 2, ..base }),
        ("half-life 365 days", PolicyOptions { half_life_days: 365, ..base }),
        ("half-life 30 days", PolicyOptions { half_life_days: 30, ..base }),
        ("half-life 7 days", PolicyOptions { half_life_days: 7, ..base }),
        ("never contested", PolicyOptions { price_percent: 0, ..base }),
        ("contested below 50%", PolicyOptions { price_percent: 50, ..base }),
        ("contested below 55%", PolicyOptions { price_percent: 55, ..base }),
        ("contested below 65%", PolicyOptions { price_percent: 65, ..base }),
        ("contested below 75%", PolicyOptions { price_percent: 75, ..base }),
        (
            "plain majority",
            PolicyOptions {
                first_party_days: 0,
                half_life_days: u32::MAX / 2,
                copy_percent: 100,
                price_percent: 0,
                drop_superseded: false,
                drop_zeros: false,
                joint_prices: false,
                discount_output_equal_to_context: false,
            },
        ),
    ];
    print!("{:22}", "options");
    HELD_OUT.iter().for_each(|source| print!(" {source:>17}"));
    println!(" {:>8} {:>8} {:>8}", "mean", "context", "output");
    for (name, options) in variants {
        print!("{name:22}");
        let mut limits = [(0, 0); 2];
        let mut shares = Vec::new();
        for source in HELD_OUT {
            let (same, of) = compare(&sources, &evidence, options, source, &mut limits);
            shares.push(100.0 * f64::from(same) / f64::from(of.max(1)));
            print!(" {:>9.2}% {of:>6}", shares[shares.len() - 1]);
        }
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        let [context, output] = limits.map(|(same, of)| 100.0 * f64::from(same) / f64::from(of.max(1)));
        println!(" {mean:>7.2}% {context:>7.2}% {output:>7.2}%");
    }
}

fn compare(sources: &Sources, evidence: &Evidence, options: PolicyOptions, out: &str, limits: &mut [(u32, u32); 2]) -> (u32, u32) {
    let mut without = sources.clone();
    without.sources.remove(out);
    let policy = Policy::with_options(&without, options).expect("there are snapshots");
    let price = |meter| FactKey::Rate(OwnedCondition::default(), meter);
    let (mut same, mut of) = (0, 0);
    for (provider, provider_evidence) in &evidence.providers {
        for line in provider_evidence.models.values() {
            let claimed = |key: &FactKey| {
                line.claims(key).iter().find(|claim| claim.is_current() && claim.source.as_str() == out).map(|claim| &claim.value)
            };
            let pair = [claimed(&price(Meter::Input)), claimed(&price(Meter::Output))];
            let has_price = pair.iter().all(Option::is_some) && !pair.iter().flatten().any(|value| value.is_zero_rate());
            let window = claimed(&FactKey::Fact(Fact::ContextWindow));
            if !has_price && window.is_none() {
                continue;
            }
            let decisions = policy.decide(provider, &[&without_source(line, out)]);
            let decided = |key: &FactKey| decisions.get(key).and_then(|decision| decision.value.as_ref());
            if let (true, Some(input)) = (has_price, decided(&price(Meter::Input))) {
                of += 1;
                same += u32::from([Some(input), decided(&price(Meter::Output))] == pair);
            }
            for (at, fact) in [Fact::ContextWindow, Fact::MaxOutputTokens].into_iter().enumerate() {
                let key = FactKey::Fact(fact);
                if let Some((expected, actual)) = claimed(&key).zip(decided(&key)) {
                    limits[at].1 += 1;
                    limits[at].0 += u32::from(expected == actual);
                }
            }
        }
    }
    (same, of)
}

/// Returns the evidence without the claims of one source.
fn without_source(line: &EvidenceLine, out: &str) -> EvidenceLine {
    let mut without = line.clone();
    for fact in without.facts.values_mut() {
        fact.claims.0.retain(|claim| claim.source.as_str() != out);
    }
    without.facts.retain(|_, fact| !fact.claims.0.is_empty());
    without
}
