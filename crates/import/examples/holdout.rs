//! Measures the policy: each source is left out in turn, every fact is decided from the others, and what comes out is compared with what the
//! source that was left out says. Run in the root of the repository:
//!
//! ```sh
//! cargo run --release -p modeldex-import --example holdout
//! ```
//!
//! A row is a way to decide; a column is a source that was left out, with the share of its pairs of prices (input and output of a model,
//! both equal) that the others alone lead to, and how many pairs that is of: a contested price is no pair. The last columns are the same for the context window and the
//! maximum output, over all sources together.

#![allow(clippy::print_stdout, reason = "a report for people")]

use modeldex_import::evidence::{Evidence, Line};
use modeldex_import::policy::{Choices, Policy};
use modeldex_import::sources::{self, Sources};
use modeldex_import::statement::{Condition, Key};
use modeldex_table::{Fact, Meter};
use std::path::Path;

const LEFT_OUT: &[&str] = &["model-prices", "litellm", "pi-ai", "models.dev", "openrouter", "oh-my-pi", "catwalk", "portkey", "aichat"];

fn main() {
    let sources = sources::read(Path::new("catalog"), Path::new("evidence")).expect("the registry is read");
    let evidence = Evidence::read(Path::new("evidence")).expect("the evidence is read");
    let base = Choices::default();
    let ways: Vec<(&str, Choices)> = vec![
        ("the policy", base),
        ("each rate alone", Choices { joint_prices: false, ..base }),
        ("zeros count", Choices { drop_zeros: false, ..base }),
        ("what others gave up", Choices { drop_superseded: true, ..base }),
        ("copies count whole", Choices { copy_percent: 100, ..base }),
        ("copies do not count", Choices { copy_percent: 0, ..base }),
        ("no first party", Choices { first_party_days: 0, ..base }),
        ("first party 365 days", Choices { first_party_days: 365, ..base }),
        ("age does not matter", Choices { half_life_days: u32::MAX / 2, ..base }),
        ("half after 365 days", Choices { half_life_days: 365, ..base }),
        ("half after 30 days", Choices { half_life_days: 30, ..base }),
        ("half after 7 days", Choices { half_life_days: 7, ..base }),
        ("nothing is contested", Choices { price_percent: 0, ..base }),
        ("contested below 50%", Choices { price_percent: 50, ..base }),
        ("contested below 55%", Choices { price_percent: 55, ..base }),
        ("contested below 65%", Choices { price_percent: 65, ..base }),
        ("contested below 75%", Choices { price_percent: 75, ..base }),
        (
            "plain majority",
            Choices {
                first_party_days: 0,
                half_life_days: u32::MAX / 2,
                copy_percent: 100,
                price_percent: 0,
                drop_superseded: false,
                drop_zeros: false,
                joint_prices: false,
                doubt_output_of_context: false,
            },
        ),
    ];
    print!("{:22}", "way to decide");
    LEFT_OUT.iter().for_each(|source| print!(" {source:>17}"));
    println!(" {:>8} {:>8} {:>8}", "mean", "context", "output");
    for (name, choices) in ways {
        print!("{name:22}");
        let mut limits = [(0, 0); 2];
        let mut shares = Vec::new();
        for source in LEFT_OUT {
            let (same, of) = compare(&sources, &evidence, choices, source, &mut limits);
            shares.push(100.0 * f64::from(same) / f64::from(of.max(1)));
            print!(" {:>9.2}% {of:>6}", shares[shares.len() - 1]);
        }
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        let [context, output] = limits.map(|(same, of)| 100.0 * f64::from(same) / f64::from(of.max(1)));
        println!(" {mean:>7.2}% {context:>7.2}% {output:>7.2}%");
    }
}

fn compare(sources: &Sources, evidence: &Evidence, choices: Choices, out: &str, limits: &mut [(u32, u32); 2]) -> (u32, u32) {
    let mut without = sources.clone();
    without.sources.remove(out);
    let policy = Policy::with(&without, choices).expect("there are snapshots");
    let price = |meter| Key::Rate(Condition::default(), meter);
    let (mut same, mut of) = (0, 0);
    for (provider, own) in &evidence.providers {
        for line in own.models.values() {
            let said = |key: &Key| {
                line.claims(key).iter().find(|claim| claim.is_current() && claim.source.as_str() == out).map(|claim| &claim.value)
            };
            let pair = [said(&price(Meter::Input)), said(&price(Meter::Output))];
            let worth = pair.iter().all(Option::is_some) && !pair.iter().flatten().any(|value| value.is_zero_rate());
            let window = said(&Key::Fact(Fact::ContextWindow));
            if !worth && window.is_none() {
                continue;
            }
            let decisions = policy.decide(provider, &[&left(line, out)]);
            let decided = |key: &Key| decisions.get(key).and_then(|decision| decision.value.as_ref());
            if let (true, Some(input)) = (worth, decided(&price(Meter::Input))) {
                of += 1;
                same += u32::from([Some(input), decided(&price(Meter::Output))] == pair);
            }
            for (at, fact) in [Fact::ContextWindow, Fact::MaxOutputTokens].into_iter().enumerate() {
                let key = Key::Fact(fact);
                if let Some((theirs, ours)) = said(&key).zip(decided(&key)) {
                    limits[at].1 += 1;
                    limits[at].0 += u32::from(theirs == ours);
                }
            }
        }
    }
    (same, of)
}

/// The evidence without what one source says.
fn left(line: &Line, out: &str) -> Line {
    let mut left = line.clone();
    for fact in left.facts.values_mut() {
        fact.claims.0.retain(|claim| claim.source.as_str() != out);
    }
    left.facts.retain(|_, fact| !fact.claims.0.is_empty());
    left
}
