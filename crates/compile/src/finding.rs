//! Findings: violations of rules, each at a JSON pointer or a byte range. The module `locate` converts findings to diagnostics with byte spans.

use crate::codes::Rule;

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
    /// The key at a pointer. If the pointer leads to a list entry, which has no key, the value.
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

/// A list of findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
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

impl Findings {
    /// Adds a finding and returns it, so that label, related places and help can be added.
    pub(crate) fn add(&mut self, rule: &'static Rule, place: Place, message: impl Into<String>) -> &mut Finding {
        let index = self.list.len();
        self.list.push(Finding { rule, message: message.into(), place, label: String::new(), labels: Vec::new(), help: None });
        &mut self.list[index]
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.list.iter_mut()
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = Finding> {
        self.list.into_iter()
    }
}
