//! Findings: violations of rules, each at a JSON pointer or a byte range. The module `locate` converts findings to diagnostics with byte spans.

use crate::codes::{self, Rule};
use crate::diagnostic::{MAX_LISTED, Severity};

/// The place of a finding: a file and a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The index of the file in `SourceFiles`.
    pub(crate) file: usize,
    pub(crate) kind: PlaceKind,
}

/// The part of a file to which a place refers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    /// The value at a pointer.
    Value(String),
    /// The key at a pointer. If the pointer leads to a list entry, which has no key, the place is the value.
    Key(String),
    /// A byte range of the text.
    Bytes(usize, usize),
    /// The file as a whole.
    File,
}

/// A violation of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) message: String,
    pub(crate) place: Place,
    pub(crate) label: String,
    pub(crate) labels: Vec<(Place, String)>,
    pub(crate) help: Option<String>,
}

/// A list of findings, with at most [`MAX_LISTED`] of each severity. Further findings are counted. The findings of the rule `overlay-route` have a
/// limit of their own, because an overlay must not be able to hide them behind other findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    /// The number of findings of each severity, and of the rule `overlay-route`, including those that are not in the list.
    counts: [usize; 4],
    /// The counts of the list that this list will be added to.
    earlier: [usize; 4],
    /// The first finding that is not in the list.
    first_unlisted: Option<Box<Finding>>,
    /// The last finding that is not in the list, while its parts are set.
    unlisted: Option<Box<Finding>>,
}

/// The findings that a list of findings does not contain.
pub(crate) struct Unlisted {
    /// The first finding that is not in the list.
    pub(crate) first: Finding,
    /// The number of notices, warnings and errors.
    pub(crate) counts: [usize; 3],
}

impl Place {
    pub(crate) fn value(file: usize, pointer: impl Into<String>) -> Self {
        Self { file, kind: PlaceKind::Value(pointer.into()) }
    }

    pub(crate) fn key(file: usize, pointer: impl Into<String>) -> Self {
        Self { file, kind: PlaceKind::Key(pointer.into()) }
    }

    pub(crate) fn bytes(file: usize, start: usize, end: usize) -> Self {
        Self { file, kind: PlaceKind::Bytes(start, end) }
    }

    pub(crate) fn file(file: usize) -> Self {
        Self { file, kind: PlaceKind::File }
    }
}

impl Finding {
    /// Sets the short description of the text at the place.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Adds a related place, if there is one.
    pub(crate) fn also(&mut self, place: impl Into<Option<Place>>, message: impl Into<String>) -> &mut Self {
        self.labels.extend(place.into().map(|place| (place, message.into())));
        self
    }

    /// Sets the help.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the help, if there is one.
    pub(crate) fn maybe_help(&mut self, help: Option<impl Into<String>>) -> &mut Self {
        self.help = help.map(Into::into);
        self
    }
}

/// Returns the index of the count that limits the findings of a rule.
fn limit_index(rule: &Rule) -> usize {
    if rule.code == codes::OVERLAY_ROUTE.code { 3 } else { rule.severity as usize }
}

impl Findings {
    /// Returns an empty list, which the caller fills and then adds to this list. Its limits are what is left of the limits of this list.
    pub(crate) fn next(&self) -> Self {
        Self { earlier: self.counts, ..Self::default() }
    }

    /// Adds a finding and returns it, so that label, related places and help can be added.
    pub(crate) fn add(&mut self, rule: &'static Rule, place: Place, message: impl Into<String>) -> &mut Finding {
        let finding = Finding { rule, message: message.into(), place, label: String::new(), labels: Vec::new(), help: None };
        let is_full = self.is_full(rule);
        self.counts[limit_index(rule)] += 1;
        if !is_full {
            self.list.push(finding);
            let last = self.list.len() - 1;
            return &mut self.list[last];
        }
        let unlisted = if self.first_unlisted.is_none() { &mut self.first_unlisted } else { &mut self.unlisted };
        unlisted.insert(Box::new(finding))
    }

    /// Returns whether the list has the maximum number of findings that the limit for `rule` allows.
    pub(crate) fn is_full(&self, rule: &Rule) -> bool {
        self.counts[limit_index(rule)] + self.earlier[limit_index(rule)] >= MAX_LISTED
    }

    /// Counts `count` further violations of `rule` without adding findings. The list must be full for this rule; see [`is_full`](Self::is_full).
    #[cfg(feature = "validate")]
    pub(crate) fn add_unlisted(&mut self, rule: &Rule, count: usize) {
        self.counts[limit_index(rule)] += count;
    }

    /// Adds the findings of another list, in their order.
    pub(crate) fn extend(&mut self, other: Self) {
        let mut listed = [0; 4];
        self.list.iter().for_each(|finding| listed[limit_index(finding.rule)] += 1);
        for finding in other.list {
            let listed = &mut listed[limit_index(finding.rule)];
            if *listed < MAX_LISTED {
                *listed += 1;
                self.list.push(finding);
            } else if self.first_unlisted.is_none() {
                self.first_unlisted = Some(Box::new(finding));
            }
        }
        self.first_unlisted = self.first_unlisted.take().or(other.first_unlisted);
        self.counts.iter_mut().zip(other.counts).for_each(|(count, other)| *count += other);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.list.iter_mut().chain(self.first_unlisted.as_deref_mut())
    }

    /// Returns the listed findings, and the findings that are not listed, if there are any.
    pub(crate) fn into_parts(self) -> (Vec<Finding>, Option<Unlisted>) {
        let mut counts = self.counts;
        self.list.iter().for_each(|finding| counts[limit_index(finding.rule)] -= 1);
        let [notices, warnings, errors, routes] = counts;
        let mut counts = [notices, warnings, errors];
        // A report must not hide which keys an overlay sends to other hosts, so an overlay with so many routes is refused.
        counts[Severity::Error as usize] += routes;
        let first =
            self.first_unlisted.or_else(|| self.list.last().cloned().map(Box::new)).filter(|_| counts.iter().any(|count| *count > 0));
        (self.list, first.map(|first| Unlisted { first: *first, counts }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn findings_above_the_maximum_are_counted() {
        let mut all = Findings::default();
        for file in 0..3 {
            let mut findings = Findings::default();
            for line in 0..MAX_LISTED - 1 {
                findings.add(&codes::SYNTAX, Place::bytes(file, line, line), "x").help("y");
            }
            findings.add(&codes::SCHEMA_LINE, Place::file(file), "z");
            all.extend(findings);
        }
        let (listed, unlisted) = all.into_parts();
        assert_eq!(listed.len(), MAX_LISTED + 3);
        let unlisted = unlisted.unwrap();
        assert_eq!(unlisted.counts.iter().sum::<usize>(), 2 * MAX_LISTED - 3);
        assert_eq!(unlisted.first.place, Place::bytes(1, 1, 1));
        let mut few = Findings::default();
        few.add(&codes::SYNTAX, Place::file(0), "x");
        assert!(few.into_parts().1.is_none());
    }

    #[test]
    fn the_next_list_has_the_rest_of_the_limits() {
        let mut all = Findings::default();
        for line in 0..MAX_LISTED - 1 {
            all.add(&codes::SYNTAX, Place::bytes(0, line, line), "x");
        }
        let mut next = all.next();
        assert!(!next.is_full(&codes::SYNTAX));
        next.add(&codes::SYNTAX, Place::file(1), "y");
        next.add(&codes::SYNTAX, Place::file(2), "z");
        assert!(next.is_full(&codes::SYNTAX) && !next.is_full(&codes::SCHEMA_LINE));
        all.extend(next);
        let (listed, unlisted) = all.into_parts();
        assert_eq!((listed.len(), unlisted.unwrap().first.message.as_str()), (MAX_LISTED, "z"));
    }

    #[test]
    fn other_findings_do_not_hide_routes() {
        let mut all = Findings::default();
        for file in 0..2 {
            let mut findings = Findings::default();
            for line in 0..=MAX_LISTED {
                findings.add(&codes::NO_MODELS, Place::bytes(file, line, line), "x");
            }
            findings.add(&codes::OVERLAY_ROUTE, Place::file(file), "y");
            all.extend(findings);
        }
        all.add(&codes::OVERLAY_ROUTE, Place::file(2), "y");
        let (listed, unlisted) = all.into_parts();
        assert_eq!(listed.iter().filter(|finding| finding.rule.code == "overlay-route").count(), 3);
        assert_eq!((listed.len(), unlisted.unwrap().counts.iter().sum::<usize>()), (MAX_LISTED + 3, MAX_LISTED + 2));
    }
}
