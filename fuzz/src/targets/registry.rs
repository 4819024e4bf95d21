//! Reads the registry of a catalog and of an evidence folder: sources, provider map, routing, list of snapshots, and recorded probes.
//!
//! A registry file that the compiler accepts is read.

use super::{compile, split_text};
use crate::fixture;
use modeldex_compile::{FileKind, registry};
use modeldex_import::{probes::Probes, sources};
use std::fs;

pub(crate) fn run(input: &[u8]) {
    let Some((selector, text)) = split_text(input) else { return };
    let folder = fixture::scratch().join("registry");
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("the folder is created");
        fs::write(path, text).expect("the file is written");
    };
    let kind = [Some(FileKind::Sources), Some(FileKind::ProviderMap), Some(FileKind::Routing), None, None][selector % 5];
    let Some(kind) = kind else {
        let sources_text = "sources:\n  aichat: {name: aichat, licence: MIT}\n";
        write("catalog/sources.yaml", sources_text);
        if selector % 5 == 3 {
            write("evidence/snapshots.json", &text);
            if let Ok(sources) = sources::read(&folder.join("catalog"), &folder.join("evidence")) {
                let (_, rendered) = sources::render_snapshots(&sources).expect("snapshots are rendered");
                write("evidence/snapshots.json", &rendered);
                let again = sources::read(&folder.join("catalog"), &folder.join("evidence")).expect("rendered snapshots are read");
                assert_eq!(again, sources);
            }
        } else {
            write("evidence/probes/acme.jsonl", &text);
            if let Ok(probes) = Probes::read(&folder.join("evidence"), "acme") {
                write("evidence/probes/acme.jsonl", &probes.render().expect("probes are rendered"));
                assert_eq!(Probes::read(&folder.join("evidence"), "acme").expect("rendered probes are read"), probes);
            }
        }
        return;
    };
    for name in [FileKind::Sources, FileKind::ProviderMap, FileKind::Routing] {
        let _ = fs::remove_file(folder.join("catalog").join(name.path("")));
    }
    write(&format!("catalog/{}", kind.path("")), &text);
    let catalog = folder.join("catalog");
    let error = match kind {
        FileKind::Sources => registry::sources(&catalog).err(),
        FileKind::ProviderMap => registry::provider_map(&catalog).err(),
        _ => registry::routing(&catalog).err(),
    };
    let compiled = compile::compile(&kind.path(""), &text);
    match error {
        Some(error) => assert!(!error.to_string().is_empty() && compiled.has_errors(), "only the registry has an error: {error}"),
        None => compile::check_reports(&compiled, &text),
    }
}
