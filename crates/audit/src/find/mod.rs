//! What is found in one text: each kind of fact in a module of its own.

mod base_url;
mod beside;
mod gone;
mod limit;
mod reference;
mod variable;

use crate::Finding;
use crate::known::{Known, is_distinctive_id};
use crate::page::Page;
use crate::scan::{self, DIGIT, HYPHEN, SLASH, UNDERSCORE, UPPER};
use modeldex_compile::codes::Rule;
use modeldex_compile::diagnostic::{Diagnostic, Label, Span};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// The findings of a text, by place. The path tells what kind of text it is.
pub(crate) fn find(known: &Known<'_>, path: &str, text: &str) -> Vec<Finding> {
    let page = Page::new(path, text);
    let mut found = Found { known, page: &page, findings: Vec::new(), providers: RefCell::default() };
    let bytes = text.as_bytes();
    scan::words(text, |word| {
        let range = word.start..word.end;
        let written = &bytes[range.clone()];
        if word.has(SLASH) {
            // Most words with a slash begin with it, or with `./`: they are neither.
            match memchr::memchr(b'/', written) {
                Some(slash) if slash > 1 && written[slash - 1] == b':' => base_url::judge(&mut found, range),
                Some(slash) if slash > 1 => reference::judge(&mut found, range),
                _ => {}
            }
        } else if word.has(DIGIT | HYPHEN) && word.len() >= 10 {
            if is_distinctive_id(&text[range.clone()]) {
                gone::judge(&mut found, range);
            }
        } else if word.has(UPPER | UNDERSCORE) && (written.ends_with(b"KEY") || written.ends_with(b"TOKEN")) {
            variable::judge(&mut found, range);
        }
    });
    limit::judge(&mut found);
    let mut findings = found.findings;
    findings.sort_by_key(|finding| (finding.diagnostic.span, finding.diagnostic.code));
    findings
}

/// The place of a provider in the catalog, and where a text names it.
type Said = Option<(usize, Range<usize>)>;

/// What has been found so far, and what is needed to find more.
pub(crate) struct Found<'f, 'c> {
    pub(crate) known: &'f Known<'c>,
    pub(crate) page: &'f Page<'f>,
    findings: Vec<Finding>,
    /// The provider beside each scope that was asked about: a map of thousands of models is not read again for each of them.
    providers: RefCell<HashMap<usize, Said>>,
}

impl<'f> Found<'f, '_> {
    pub(crate) fn text(&self, range: Range<usize>) -> &'f str {
        self.page.text.get(range).unwrap_or_default()
    }

    /// Adds what is wrong at a place: the message, a few words for the place, and what to do.
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
        self.findings.push(Finding { diagnostic, text });
        let last = self.findings.len() - 1;
        &mut self.findings[last].diagnostic
    }
}

/// Another place that a finding rests on.
fn label(range: Range<usize>, message: String) -> Label {
    Label { span: span(range), message }
}

fn span(range: Range<usize>) -> Span {
    Span { file: 0, start: range.start, end: range.end }
}
