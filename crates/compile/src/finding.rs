//! A breach of a rule before it has a position: its place is a JSON pointer, or bytes.

use crate::codes::Rule;

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) at: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The value at a pointer.
    Value(String),
    /// The key at a pointer; the value where it has none.
    Key(String),
    /// Bytes of the text.
    Bytes(usize, usize),
    /// The file as a whole.
    File,
}

/// A breach of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) message: String,
    pub(crate) place: Place,
    pub(crate) label: String,
    pub(crate) labels: Vec<(Place, String)>,
    pub(crate) help: Option<String>,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
}

impl Place {
    pub(crate) fn value(file: usize, pointer: impl Into<String>) -> Self {
        Self { file, at: At::Value(pointer.into()) }
    }

    pub(crate) fn key(file: usize, pointer: impl Into<String>) -> Self {
        Self { file, at: At::Key(pointer.into()) }
    }

    pub(crate) fn bytes(file: usize, start: usize, end: usize) -> Self {
        Self { file, at: At::Bytes(start, end) }
    }

    pub(crate) fn file(file: usize) -> Self {
        Self { file, at: At::File }
    }
}

impl Finding {
    /// What stands at the place, in a few words.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Another place that matters, where there is one.
    pub(crate) fn also(&mut self, place: impl Into<Option<Place>>, message: impl Into<String>) -> &mut Self {
        self.labels.extend(place.into().map(|place| (place, message.into())));
        self
    }

    /// What to do.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// What to do, where something is known.
    pub(crate) fn maybe_help(&mut self, help: Option<impl Into<String>>) -> &mut Self {
        self.help = help.map(Into::into);
        self
    }
}

impl Findings {
    /// Adds a breach and returns it, to be told in more detail.
    pub(crate) fn add(&mut self, rule: &'static Rule, place: Place, message: impl Into<String>) -> &mut Finding {
        let at = self.list.len();
        self.list.push(Finding { rule, message: message.into(), place, label: String::new(), labels: Vec::new(), help: None });
        &mut self.list[at]
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
