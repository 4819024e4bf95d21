use super::common::*;
use modeldex_table::Fact;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        for (index, model) in doc.value.models.iter().enumerate() {
            let Some(successor) = model.facts.text(Fact::Successor) else { continue };
            let place = || doc.at(pointer!("models", index, "successor"));
            let here = provider.model(successor).map(|found| (provider, found));
            match here.or_else(|| context.resolved.model(successor)) {
                Some((owner, found)) if owner.file == provider.file && found.model.id == model.id => {
                    findings
                        .add(&codes::UNKNOWN_SUCCESSOR, place(), format!("the model `{model}` is its own successor", model = model.id))
                        .help("name another model as the successor, or remove `successor`");
                }
                Some(_) => {}
                None => {
                    let known_provider =
                        successor.split_once('/').map(|(other, _)| other).filter(|other| context.resolved.provider(other).is_some());
                    let is_broken = successor.split_once('/').is_some_and(|(other, _)| is_broken_provider(context, other));
                    if is_broken || may_lack(context, doc) {
                        continue;
                    }
                    let help = match known_provider {
                        Some(_) => reference_help(&mut suggest, context.resolved, successor),
                        None => suggest.help(successor, names(provider).filter(|name| *name != model.id)),
                    };
                    findings
                        .add(&codes::UNKNOWN_SUCCESSOR, place(), format!("the successor `{successor}` is not a model of the catalog"))
                        .maybe_help(help);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn unknown_successors() {
        let models = "models:\n  - {id: a, successor: a}\n  - {id: b, successor: new2}\n  - {id: c, successor: other/new2}\n  - {id: d, successor: acme/d}\n  - id: new1\n";
        let found = check(&[
            ("providers/acme.yaml", &format!("{ACME}{models}")),
            ("providers/other.yaml", &format!("{ACME}models:\n  - id: new1\n")),
        ]);
        assert_eq!(found, [10, 11, 12, 13].map(|line| format!("unknown-successor providers/acme.yaml:{line}:24")));
    }

    #[test]
    fn known_successors() {
        let models = "model_aliases:\n  - {id: new, target: new1, kind: moving}\nmodels:\n  - {id: a, successor: new1}\n  - {id: b, successor: new}\n  - {id: c, successor: other/new1}\n  - id: new1\n";
        let found = check(&[
            ("providers/acme.yaml", &format!("{ACME}{models}")),
            ("providers/other.yaml", &format!("{ACME}models:\n  - id: new1\n")),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn models_of_invalid_files_are_not_reported_as_missing() {
        let text = format!("{ACME}models:\n  - {{id: a, successor: other/b}}\n");
        assert_eq!(check(&[("providers/acme.yaml", &text), ("providers/other.yaml", "name: [\n")]), ["syntax providers/other.yaml:3:1"]);
    }
}
