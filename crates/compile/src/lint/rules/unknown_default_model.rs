use super::common::*;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        let Some(default) = provider.provider.default_model.as_deref().filter(|id| provider.model(id).is_none()) else { continue };
        if may_lack(context, doc) {
            continue;
        }
        if doc.value.default_model.is_some() {
            let without_provider = default.strip_prefix(&format!("{}/", doc.id)).filter(|id| provider.model(id).is_some());
            let help = without_provider
                .map(|id| format!("write only the id of the model: `{id}`"))
                .or_else(|| suggest.help(default, names(provider)));
            findings
                .add(
                    &codes::UNKNOWN_DEFAULT_MODEL,
                    doc.at("/default_model"),
                    format!("the default model `{default}` is not a model of the provider `{provider}`", provider = doc.id),
                )
                .maybe_help(help);
        } else if let Some(index) = doc.value.omit_models.iter().position(|id| id == default) {
            let message = format!("`omit_models` lists `{default}`, but the provider inherits this model as its default model");
            findings
                .add(&codes::UNKNOWN_DEFAULT_MODEL, doc.at(pointer!("omit_models", index)), message)
                .help("set `default_model` of this provider to another model");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn unknown_default() {
        let text = format!("{ACME}default_model: modle\nmodels:\n  - id: model\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["unknown-default-model providers/acme.yaml:9:16"]);
        assert!(check(&[("providers/acme.yaml", &text.replace("modle", "model"))]).is_empty());
    }

    #[test]
    fn omitted_default() {
        let text = format!("{ACME}default_model: model\nmodels:\n  - id: model\n");
        let other = "extends: acme\nomit_models: [model]\n";
        assert_eq!(
            check(&[("providers/acme.yaml", &text), ("providers/other.yaml", other)]),
            ["unknown-default-model providers/other.yaml:3:15"]
        );
    }
}
