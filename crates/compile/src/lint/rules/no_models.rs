use super::common::*;

/// Reports hand-written providers without models. Skips two kinds of providers: imported providers, because they list what the sources list, and
/// providers with `extends`, because they inherit models.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let has_models = !doc.value.models.is_empty() || doc.value.extends.is_some();
        if !has_models && !context.files.imported.contains(&doc.id) && !may_lack(context, doc) {
            let place = if doc.value.name.is_some() { doc.at("/name") } else { Place::file(doc.file) };
            findings
                .add(&codes::NO_MODELS, place, format!("the provider `{provider}` has no models", provider = doc.id))
                .help("add `models: [{id: …}]`; only a server whose users choose the models may lack `models`");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, compiled};

    #[test]
    fn a_provider_without_models_is_named() {
        let codes = |files: &[(&str, &str)]| -> Vec<&str> {
            let files: Vec<_> =
                files.iter().map(|(name, text)| (*name, format!("{}\n{text}", crate::FileKind::Provider.schema_line()))).collect();
            let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
            compiled(&files).diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
        };
        let whole = format!("{ACME}models: [{{id: m}}]\n");
        assert_eq!(codes(&[("providers/acme.yaml", ACME)]), ["no-models"]);
        assert!(codes(&[("providers/acme.yaml", &whole)]).is_empty());
        assert!(codes(&[("providers/acme.yaml", &whole), ("providers/other.yaml", "extends: acme\n")]).is_empty());
    }
}
