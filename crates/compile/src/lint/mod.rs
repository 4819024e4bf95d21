//! The rules: one file each, with its code, severity, summary, long explanation and test.
//!
//! Rules that need the whole catalog have a `check`; rules about the shape of one file are found by the reader or by the schema, and
//! their file here says what they mean.

pub(crate) mod finding;
pub(crate) mod rules;

pub(crate) use finding::{Findings, Place};
pub use rules::RULES;

use crate::authored::{Lab, Provider, View};
use crate::diagnostic::Severity;
use crate::read::FileKind;
use crate::resolve::Resolved;
use std::collections::HashSet;

/// One thing that a catalog must not do.
#[derive(Debug)]
pub struct Rule {
    /// The stable kebab-case name.
    pub code: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// The rule in one sentence.
    pub summary: &'static str,
    /// Why it exists, what breaks it and what mends it.
    pub explanation: &'static str,
    /// Looks through the whole catalog, for rules that need it.
    pub(crate) check: Option<fn(&Context<'_>, &mut Findings)>,
}

impl Rule {
    /// A rule about something else than catalogs, which somebody else looks for.
    #[must_use]
    pub const fn new(code: &'static str, severity: Severity, summary: &'static str, explanation: &'static str) -> Self {
        Self { code, severity, summary, explanation, check: None }
    }
}

/// The rule with this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// An authored file that has the right shape.
#[derive(Debug)]
pub(crate) struct Doc<T> {
    pub(crate) file: usize,
    pub(crate) id: String,
    pub(crate) value: T,
}

/// Everything that a rule may look at.
pub(crate) struct Context<'c> {
    pub(crate) providers: &'c [Doc<Provider>],
    pub(crate) labs: &'c [Doc<Lab>],
    pub(crate) views: &'c [Doc<View>],
    pub(crate) resolved: &'c Resolved,
    /// Files that exist but could not be taken whole; what they may have held is not reported as missing.
    pub(crate) broken: &'c HashSet<(FileKind, String)>,
}

impl Context<'_> {
    pub(crate) fn is_broken(&self, kind: FileKind, id: &str) -> bool {
        self.broken.contains(&(kind, id.to_owned()))
    }
}

/// Runs every rule that looks through the whole catalog.
pub(crate) fn run(context: &Context<'_>, findings: &mut Findings) {
    for check in RULES.iter().filter_map(|rule| rule.check) {
        check(context, findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_told_in_full_and_codes_are_unique() {
        let mut seen = HashSet::new();
        for rule in RULES {
            assert!(seen.insert(rule.code), "{} stands twice", rule.code);
            assert!(rule.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{}", rule.code);
            assert!(!rule.summary.is_empty() && rule.explanation.len() > rule.summary.len(), "{} needs an explanation", rule.code);
        }
    }
}
