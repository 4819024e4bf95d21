use super::common::*;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        for (index, model) in doc.value.models.iter().enumerate() {
            let Some(base) = model.base.as_deref().filter(|base| context.resolved.base(base).is_none()) else { continue };
            let place = || doc.at(pointer!("models", index, "base"));
            let Some((lab, id)) = base.split_once('/') else {
                findings
                    .add(&codes::UNKNOWN_BASE, place(), format!("`{base}` is not a reference to a base model"))
                    .help("write `base` in the form `lab/model`");
                continue;
            };
            if context.files.is_broken(FileKind::Lab, lab) {
                continue;
            }
            match context.resolved.labs.get(lab) {
                Some(found) => findings
                    .add(&codes::UNKNOWN_BASE, place(), format!("the lab `{lab}` has no base model `{id}`"))
                    .maybe_help(suggest.help(id, found.models.keys().map(String::as_str))),
                None => findings
                    .add(&codes::UNKNOWN_BASE, place(), format!("the catalog has no lab `{lab}`"))
                    .maybe_help(suggest.help(lab, context.resolved.labs.keys().map(String::as_str))),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check, compiled};
    use std::fmt::Write;

    const LAB: &str = "name: Lab\nmodels:\n  - id: a/b\n  - id: model-1\n";

    #[test]
    fn unknown_bases() {
        let text = format!("{ACME}models:\n  - {{id: a, base: lab}}\n  - {{id: b, base: lap/model-1}}\n  - {{id: c, base: lab/model-2}}\n");
        let found = check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &text)]);
        assert_eq!(found, [10, 11, 12].map(|line| format!("unknown-base providers/acme.yaml:{line}:19")));
    }

    #[test]
    fn known_bases() {
        let text = format!("{ACME}models:\n  - {{id: a, base: lab/model-1}}\n  - {{id: b, base: lab/a/b}}\n");
        assert!(check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &text)]).is_empty());
    }

    #[test]
    fn base_models_of_invalid_files_are_not_reported_as_missing() {
        let text = format!("{ACME}models:\n  - {{id: a, base: lab/other}}\n");
        assert_eq!(check(&[("models/lab.yaml", "name: [\n"), ("providers/acme.yaml", &text)]), ["syntax models/lab.yaml:3:1"]);
    }

    #[test]
    fn suggestions_for_thousands_of_wrong_bases_are_bounded() {
        let mut lab = "name: Lab\nmodels:\n".to_owned();
        let mut text = format!("{ACME}models:\n");
        for at in 10_000..12_000 {
            let _ = writeln!(lab, "  - id: some-rather-long-model-name-{at}");
            let _ = writeln!(text, "  - {{id: m{at}, base: lab/some-rather-wrong-model-name-{at}}}");
        }
        let found = compiled(&[("models/lab.yaml", &lab), ("providers/acme.yaml", &text)]).diagnostics;
        assert_eq!(found.last().map(|found| found.message.as_str()), Some("not listed in this report: 1000 errors"));
    }
}
