//! The section of routing changes: where API keys are sent, from which variables they are read, and in which header or query parameter they are sent.
//!
//! This section comes first and has all rows, so that other changes cannot hide a change that sends a key to another host.

use super::sections::{Cell, PROVIDER_FACTS, Section, change, list};
use crate::commands::out::Tone;
use crate::diff::{AUTH, Difference, ENDPOINTS, FactChange, auth_of, endpoints_of};
use modeldex_compile::authored::Value;

/// A changed fact about the routing of a provider or model.
struct RoutingChange {
    /// The id of the provider, or the reference of the model.
    of: String,
    fact: &'static str,
    old: Option<Value>,
    new: Option<Value>,
}

impl RoutingChange {
    fn new<T>(of: String, changed: &FactChange<T>) -> Self {
        Self { of, fact: changed.fact, old: changed.old.clone(), new: changed.new.clone() }
    }

    /// Returns a row for each added and removed endpoint or authentication method, so that none is shortened.
    fn rows(&self) -> Vec<Vec<Cell>> {
        let items = |value: &Option<Value>| -> Vec<String> {
            value.as_ref().and_then(list).unwrap_or_default().into_iter().map(str::to_owned).collect()
        };
        let (old, new) = (items(&self.old), items(&self.new));
        let removed = old.iter().filter(|item| !new.contains(item)).map(|item| format!("- {item}"));
        let added = new.iter().filter(|item| !old.contains(item)).map(|item| format!("+ {item}"));
        let mut changes: Vec<String> = removed.chain(added).collect();
        if changes.is_empty() {
            changes.push(change(self.old.as_ref(), self.new.as_ref()));
        }
        let row = |text: String| vec![Cell::code(&*self.of), Cell::code(self.fact), Cell::code(text).toned(Tone::Warning)];
        changes.into_iter().map(row).collect()
    }
}

/// Returns whether a changed fact of a provider or model is shown in this section.
pub(super) fn is_routing<T>(changed: &FactChange<T>) -> bool {
    matches!(changed.fact, ENDPOINTS | AUTH)
}

/// Returns the section of routing changes, including the routing of added providers.
pub(super) fn section(difference: &Difference<'_>) -> Section {
    let mut changes = Vec::new();
    for changed in difference.providers.iter().filter(|changed| is_routing(changed)) {
        changes.push(RoutingChange::new(changed.subject.id().to_owned(), changed));
    }
    for changed in difference.facts.iter().filter(|changed| is_routing(changed)) {
        changes.push(RoutingChange::new(changed.subject.reference().to_string(), changed));
    }
    for only in &difference.providers_added {
        for (fact, items) in [(ENDPOINTS, endpoints_of(only.item)), (AUTH, auth_of(only.item))] {
            if !items.is_empty() {
                changes.push(RoutingChange { of: only.item.id().to_owned(), fact, old: None, new: Some(Value::Texts(items)) });
            }
        }
    }
    let nouns = ["routing change", "routing changes"];
    // Without steps, no column is shortened on a narrow terminal.
    let mut section = Section::new("Routing", nouns, PROVIDER_FACTS, &[], &changes, usize::MAX, |_| None, RoutingChange::rows);
    section.is_uncut = true;
    section
}
