//! Finds values in one text that contradict the catalog. Each module checks one kind of fact.

mod base_url;
mod discontinued;
mod entry_context;
mod limit;
mod reference;
mod variable;

use crate::AuditFinding;
use crate::catalog_index::{CatalogIndex, is_distinctive_id};
use crate::scan::{self, DIGIT, HYPHEN, SLASH, UNDERSCORE, UPPER};
use crate::scanned_text::ScannedText;
use modeldex_compile::codes::Rule;
use modeldex_compile::diagnostic::{Diagnostic, Label, Span};
use modeldex_table::Model;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// Maximum number of findings in one text. More findings are counted.
pub(crate) const MAX_FINDINGS: usize = 10_000;

/// Maximum number of references in one text that are compared with all models of their provider, because the provider has no model with this id.
pub(crate) const MAX_UNKNOWN_REFERENCES: usize = 2_000;

/// Findings in one text.
#[derive(Default)]
pub(crate) struct Found {
    /// The findings, sorted by position.
    pub(crate) findings: Vec<AuditFinding>,
    /// Numbers of further notices, warnings and errors.
    pub(crate) uncollected: [usize; 3],
    /// The parts of the text that were not checked, each as a predicate such as `has more than 10 keys`.
    pub(crate) skipped: Vec<String>,
}

/// Returns the findings in a text. The ending of `path` determines the syntax of the text.
pub(crate) fn find(index: &CatalogIndex<'_>, path: &str, text: &str) -> Found {
    let scanned = ScannedText::new(path, text);
    let mut collector = FindingCollector {
        index,
        scanned: &scanned,
        findings: Vec::new(),
        uncollected: [0; 3],
        scratch: None,
        unknown_references: 0,
        providers: RefCell::default(),
        models: RefCell::default(),
    };
    let bytes = text.as_bytes();
    scan::words(text, |word| {
        let range = word.start..word.end;
        let word_bytes = &bytes[range.clone()];
        if word.has(SLASH) {
            // Words that begin with a slash or with `./`, as most words with a slash do, are neither URLs nor references.
            match memchr::memchr(b'/', word_bytes) {
                Some(slash) if slash > 1 && word_bytes[slash - 1] == b':' => base_url::check(&mut collector, range),
                Some(slash) if slash > 1 => reference::check(&mut collector, range),
                _ => {}
            }
        } else if word.has(DIGIT | HYPHEN) && word.len() >= 10 {
            if is_distinctive_id(&text[range.clone()]) {
                discontinued::check(&mut collector, range);
            }
        } else if word.has(UPPER | UNDERSCORE) && (word_bytes.ends_with(b"KEY") || word_bytes.ends_with(b"TOKEN")) {
            variable::check(&mut collector, range);
        }
    });
    limit::check(&mut collector);
    let FindingCollector { mut findings, uncollected, unknown_references, .. } = collector;
    findings.sort_by_key(|finding| (finding.diagnostic.span, finding.diagnostic.code));
    let mut skipped = Vec::new();
    if scanned.is_outline_cut() {
        // Which values belong together is not known for the end of the text.
        let skipped =
            vec![format!("has a part with more than {max} brackets and keys; this part was not scanned", max = crate::outline::MAX_PARTS)];
        return Found { skipped, ..Found::default() };
    }
    if unknown_references > MAX_UNKNOWN_REFERENCES {
        skipped.push(format!(
            "has a part with more than {MAX_UNKNOWN_REFERENCES} unknown references; further references in this part were not checked"
        ));
    }
    if uncollected.iter().any(|count| *count > 0) {
        let more: usize = uncollected.iter().sum();
        skipped.push(format!("has more than {MAX_FINDINGS} findings; {more} findings are not reported"));
    }
    Found { findings, uncollected, skipped }
}

/// Models that a scope names, with the position of the name.
type ModelMention<'c> = Option<(Vec<Model<'c>>, Range<usize>)>;

/// Index of a provider in the catalog, with the position of the provider's name in the text.
type ProviderMention = Option<(usize, Range<usize>)>;

/// Collects the findings in one text.
pub(crate) struct FindingCollector<'f, 'c> {
    pub(crate) index: &'f CatalogIndex<'c>,
    pub(crate) scanned: &'f ScannedText<'f>,
    findings: Vec<AuditFinding>,
    /// Numbers of notices, warnings and errors above [`MAX_FINDINGS`].
    uncollected: [usize; 3],
    /// The last finding above [`MAX_FINDINGS`], while its labels are added.
    scratch: Option<Diagnostic>,
    /// Number of references whose provider has no model with this id.
    unknown_references: usize,
    /// Cache of the provider that each scope names, so that a map with thousands of models is searched only once.
    providers: RefCell<HashMap<usize, ProviderMention>>,
    /// Cache of the models that each scope names, because a map may have thousands of limits.
    models: RefCell<HashMap<usize, ModelMention<'c>>>,
}

impl<'f> FindingCollector<'f, '_> {
    pub(crate) fn text(&self, range: Range<usize>) -> &'f str {
        self.scanned.text.get(range).unwrap_or_default()
    }

    /// Adds a finding at `range`, with its message, the label at the position, and the help.
    pub(crate) fn add(
        &mut self,
        rule: &'static Rule,
        range: Range<usize>,
        message: String,
        label: &str,
        help: Option<String>,
    ) -> &mut Diagnostic {
        let text = modeldex_support::secret::mask(self.text(range.clone()));
        let diagnostic = Diagnostic {
            code: rule.code,
            severity: rule.severity,
            message,
            span: span(range),
            label: label.to_owned(),
            labels: Vec::new(),
            help,
        };
        if self.findings.len() >= MAX_FINDINGS {
            self.uncollected[rule.severity as usize] += 1;
            return self.scratch.insert(diagnostic);
        }
        self.findings.push(AuditFinding { diagnostic, text });
        let last = self.findings.len() - 1;
        &mut self.findings[last].diagnostic
    }
}

/// Creates a label for another position that a finding refers to.
fn label(range: Range<usize>, message: String) -> Label {
    Label { span: span(range), message }
}

fn span(range: Range<usize>) -> Span {
    Span { file: 0, start: range.start, end: range.end }
}
