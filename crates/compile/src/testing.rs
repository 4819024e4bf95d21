//! Test helpers: compiles small catalogs.

use crate::{Compiled, FileKind, compile};

#[path = "../tests/it/folder.rs"]
mod folder;
pub(crate) use folder::Folder;

/// Compiles a catalog with these files.
pub(crate) fn compiled(files: &[(&str, &str)]) -> Compiled {
    compile(&Folder::new(files).0)
}

/// Returns the diagnostics of a catalog with these files, as `code file:line:column`. The schema line is added to each file.
pub(crate) fn check(files: &[(&str, &str)]) -> Vec<String> {
    let kind = |name: &str| match name.trim_start_matches("imported/").split('/').next() {
        Some("models") => FileKind::Lab,
        Some("views") => FileKind::View,
        Some("usage") => FileKind::Usage,
        Some("sources.yaml") => FileKind::Sources,
        Some("provider-map.yaml") => FileKind::ProviderMap,
        Some("routing.yaml") => FileKind::Routing,
        Some("held.yaml") => FileKind::Held,
        _ => FileKind::Provider,
    };
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (*name, format!("{}\n{text}", kind(name).schema_line()))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let folder = Folder::new(&files);
    let compiled = compile(&folder.0);
    let root = format!("{}/", modeldex_support::text::with_forward_slashes(&folder.0));
    let shown = |found: &crate::diagnostic::Diagnostic| {
        let (from, _) = compiled.source_files.positions(found.span);
        let path = &compiled.source_files.get(found.span.file).path;
        let name = path.strip_prefix(&root).unwrap_or(path);
        format!("{} {name}:{}:{}", found.code, from.line, from.column)
    };
    // The providers of most tests have no models.
    compiled.diagnostics.iter().filter(|found| found.code != "no-models").map(shown).collect()
}

/// A valid provider without models.
pub(crate) const ACME: &str = "name: Acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: openai-completions\nauth:\n  - kind: api-key\n    env: [ACME_API_KEY]\n";

/// Returns the diagnostics of the provider [`ACME`] with `more` appended.
pub(crate) fn check_acme(more: &str) -> Vec<String> {
    check(&[("providers/acme.yaml", &format!("{ACME}{more}"))])
}
