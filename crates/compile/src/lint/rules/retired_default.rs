use super::common::*;
use modeldex_table::{Fact, Model, Status};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let Some((default, provider)) = doc.value.default_model.as_deref().zip(resolved(context, doc)) else { continue };
        let Some(model) = provider.model(default) else { continue };
        let status = model.model.facts.word(Fact::Status);
        let Some(status) = status.filter(|status| matches!(status, Status::Deprecated | Status::Retired)) else { continue };
        let reference = format!("{}/{default}", doc.id);
        let successor = context.catalog.model(&reference).ok().and_then(|default| default.lifecycle().replacement);
        // `default_model` is an id without a provider, so a model of another provider is shown by its reference.
        let name = |next: Model<'_>| if next.provider().id() == doc.id { next.id().to_owned() } else { next.reference().to_string() };
        findings
            .add(&codes::RETIRED_DEFAULT, doc.at("/default_model"), format!("the default model `{default}` is {status}"))
            .also(model.index.map(|index| doc.at(pointer!("models", index, "status"))), "the status of the model is stated here")
            .maybe_help(successor.map(|next| format!("use the successor `{successor}` instead", successor = name(next))));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_deprecated_default() {
        let text = format!("{ACME}default_model: old\nmodels:\n  - id: new\n  - id: old\n    status: deprecated\n    successor: new\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["retired-default providers/acme.yaml:9:16"]);
        assert!(check(&[("providers/acme.yaml", &text.replace("default_model: old", "default_model: new"))]).is_empty());
    }
}
