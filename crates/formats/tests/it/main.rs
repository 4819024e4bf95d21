//! Tests of readers, of output formats with small catalogs, and of merges into existing files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod keys;
mod merge;
mod openclaw_and_pi;
mod readers;

use modeldex_compile::Compiled;
use std::fs;
use std::path::Path;

/// Compiles a catalog with these providers. `test` is a name that no other test has.
fn compile(test: &str, providers: &[(&str, &str)]) -> Compiled {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
    fs::create_dir_all(dir.join("providers")).expect("it can be written");
    for (id, rest) in providers {
        let text = format!("name: {id}\nsources:\n  - {{url: https://acme.example}}\n{rest}");
        fs::write(dir.join(format!("providers/{id}.yaml")), text).expect("it can be written");
    }
    let compiled = modeldex_compile::compile(&dir);
    fs::remove_dir_all(&dir).expect("a folder can be removed");
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    compiled
}
