use crate::codes;
use crate::finding::{Findings, Place};
use crate::pointer::pointer;
use crate::shape::Shaped;

/// Snapshots of a source that do not follow each other.
pub(super) fn check(layer: &Shaped, findings: &mut Findings) {
    let Some(sources) = &layer.sources else { return };
    for (name, source) in &sources.value.sources {
        let at = |index: usize| Place::value(sources.file, pointer!("sources", name, "snapshots", index, "date"));
        for (index, pair) in source.snapshots.windows(2).enumerate() {
            if pair[0].date >= pair[1].date {
                let message = format!("the snapshots of `{name}` are not in the order of their dates");
                findings.add(&codes::DATE_ORDER, at(index + 1), message).also(at(index), "the snapshot before it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    fn with(days: [&str; 3]) -> Vec<String> {
        let snapshots: String = days.iter().map(|day| format!("      - {{date: {day}, providers: 1, models: 1}}\n")).collect();
        let sources = format!("sources:\n  a:\n    name: A\n    licence: MIT\n    snapshots:\n{snapshots}");
        check(&[("providers/acme.yaml", ACME), ("sources.yaml", &sources)])
    }

    #[test]
    fn snapshots_that_are_not_in_order() {
        assert_eq!(with(["2026-02-01", "2026-02-02", "2026-01-31"]), ["date-order sources.yaml:9:16"]);
        assert_eq!(with(["2026-02-01", "2026-02-01", "2026-02-02"]), ["date-order sources.yaml:8:16"]);
        assert!(with(["2026-02-01", "2026-02-02", "2026-02-03"]).is_empty());
    }

    #[test]
    fn a_day_that_never_was_moves_no_other() {
        assert_eq!(with(["2026-02-30", "2026-02-02", "2026-02-01"]), ["invalid-date sources.yaml:7:16", "date-order sources.yaml:9:16"]);
    }
}
