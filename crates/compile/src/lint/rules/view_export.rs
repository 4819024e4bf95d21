use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;
use crate::read::FileKind;
use std::collections::HashMap;

/// What follows the prefix of a group's constants.
const CONSTANTS: [&str; 5] = ["_DEFAULT_ID", "_CONTEXT_WINDOW", "_MAX_TOKENS", "_INPUT", "_COST"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in context.views {
        let whole = !context.is_broken(FileKind::View, &doc.id);
        let mut first: HashMap<String, Place> = HashMap::new();
        for (index, export) in doc.value.exports.iter().enumerate() {
            let at = |key: &str| Place::value(doc.file, pointer!("exports", index, key));
            if !whole {
                // A name that was wrong was taken out, and is reported already.
            } else if export.constants.is_none() && export.array.is_none() {
                findings
                    .add(&codes::VIEW_EXPORT, Place::value(doc.file, pointer!("exports", index)), "this group exports nothing")
                    .help("name its `constants` or its `array`");
            } else if export.row_type.is_some() && export.array.is_none() {
                findings
                    .add(&codes::VIEW_EXPORT, at("type"), "this is the type of an array's rows, and there is no array")
                    .help("name the `array`, or remove `type`");
            }
            let constants = export.constants.iter().flat_map(|prefix| CONSTANTS.map(|end| (format!("{prefix}{end}"), at("constants"))));
            let array = export.array.iter().map(|name| (name.clone(), at("array")));
            let row_type = export.row_type.iter().map(|name| (name.clone(), at("type")));
            for (name, place) in constants.chain(array).chain(row_type) {
                match first.get(&name) {
                    Some(before) => {
                        let before = before.clone();
                        let same = findings.add(&codes::VIEW_EXPORT, place, format!("`{name}` is exported twice"));
                        same.label("the second time").also(before, "the first time").help("give one of them another name");
                        // The other constants of the same prefix say nothing new.
                        break;
                    }
                    None => {
                        first.insert(name, place);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    fn found(view: &str) -> Vec<String> {
        let text = format!("{ACME}models:\n  - id: model\n    context_window: 100\n    max_output_tokens: 10\n    input: [text]\n");
        check(&[("providers/acme.yaml", &text), ("views/ui.yaml", &format!("unpriced_cost: 0\nexports:\n{view}"))])
    }

    #[test]
    fn groups_that_export_nothing() {
        let rows = "    models: [{ref: acme/model}]\n";
        assert_eq!(found(&format!("  -\n{rows}")), ["view-export views/ui.yaml:5:5"]);
        assert_eq!(found(&format!("  - constants: A\n    type: Row\n{rows}")), ["view-export views/ui.yaml:5:11"]);
    }

    #[test]
    fn names_that_stand_twice() {
        let rows = "    models: [{ref: acme/model}]\n";
        assert_eq!(found(&format!("  - constants: A\n{rows}  - constants: A\n{rows}")), ["view-export views/ui.yaml:6:16"]);
        assert_eq!(found(&format!("  - constants: A\n{rows}  - array: A_COST\n{rows}")), ["view-export views/ui.yaml:6:12"]);
        assert!(found(&format!("  - constants: A\n    array: AS\n    type: Row\n{rows}")).is_empty());
    }
}
