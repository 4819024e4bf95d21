//! Compiles an AI model catalog written as YAML into typed tables, with diagnostics like a compiler's.
//!
//! ```no_run
//! let compiled = modeldex_compile::compile(std::path::Path::new("catalog"));
//! for diagnostic in &compiled.diagnostics {
//!     println!("{}: {}", diagnostic.code, diagnostic.message);
//! }
//! assert!(compiled.catalog().model("kimi-coding/kimi-k2.5").is_ok());
//! ```
//!
//! The way through: `read` (files to values), `shape` (values to authored types, judged by the schema), `resolve` (inheritance), `encode`
//! (rows), `lint` (rules across files), `emit` (Rust and TypeScript). Nothing stops at the first error and nothing prints.

pub mod authored;
pub mod codes;
mod compiled;
mod decode;
pub mod diagnostic;
pub mod emit;
mod encode;
mod finding;
pub mod fix;
mod held;
mod layers;
mod lint;
mod locate;
#[cfg(feature = "validate")]
mod order;
mod pointer;
mod read;
#[cfg(feature = "schemars")]
pub mod reference;
pub mod registry;
pub mod render;
mod resolve;
#[cfg(feature = "schemars")]
pub mod schema;
mod shape;
#[cfg(test)]
mod testing;

pub mod write;

pub use compiled::{Compiled, NamedView};
pub use decode::prices;
pub use encode::Tables;
pub use held::is_open;
pub use lint::rules::base_url::is_base_url;
pub use lint::rules::rate_outlier::outlier;
pub use read::{CatalogFile, FileKind, IMPORTED, files};

use authored::held::HeldFacts;
use diagnostic::Sources;
use finding::Findings;
use lint::Context;
use modeldex_table::Catalog;
use read::{Reading, shown};
use resolve::Resolved;
use std::path::Path;

/// Compiles the catalog folder `dir`. In the tables it is called by the path it is given here.
#[must_use]
pub fn compile(dir: &Path) -> Compiled {
    compile_as(dir, &shown(dir))
}

/// Compiles the catalog folder `dir` of the program that it is compiled into. In the tables it has its own name without its path, so that where
/// it lies changes no byte.
#[must_use]
pub fn compile_own(dir: &Path) -> Compiled {
    let name = dir.file_name().map_or_else(|| "catalog".to_owned(), |name| name.to_string_lossy().into_owned());
    compile_as(dir, &name)
}

/// Compiles the catalog folder `dir`, which is called `name` in the tables: where it lies then does not change a byte.
#[must_use]
pub fn compile_as(dir: &Path, name: &str) -> Compiled {
    run(&[(dir, name.to_owned())], Resolved::default(), Reading::default())
}

/// Compiles the overlay folder `dir` on top of `below` into a new whole catalog.
#[must_use]
pub fn compile_over(below: &Catalog<'_>, dir: &Path) -> Compiled {
    compile_layers(Some(below), &[dir])
}

/// A file as it would be, before it is written.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'d> {
    /// Its path, which begins with that of the catalog folder.
    pub path: &'d Path,
    /// Its text; `None` where the file would be removed.
    pub text: Option<&'d str>,
}

/// Compiles the catalog folder `dir` as it would be with these files changed, on top of `below`.
#[must_use]
pub fn compile_drafts(below: Option<&Catalog<'_>>, dir: &Path, drafts: &[Draft<'_>]) -> Compiled {
    let reading = Reading { drafts, only_imported: false };
    run(&[(dir, shown(dir))], below.map(decode::decode).unwrap_or_default(), reading)
}

/// Compiles the imported files and the registry of the catalog folder `dir` as they would be with these files changed. Hand-written files of
/// providers and models are not opened.
#[must_use]
pub fn compile_imported(dir: &Path, drafts: &[Draft<'_>]) -> Compiled {
    run(&[(dir, shown(dir))], Resolved::default(), Reading { drafts, only_imported: true })
}

/// Compiles folders into one catalog, each on top of those before it, and all of them on top of `below`.
///
/// What is wrong with a single file is reported for each file. The rules judge the whole once: what a folder states and a later one replaces
/// or leaves out is not judged, and a view may name a model of any folder.
#[must_use]
pub fn compile_layers(below: Option<&Catalog<'_>>, dirs: &[impl AsRef<Path>]) -> Compiled {
    let layers: Vec<(&Path, String)> = dirs.iter().map(AsRef::as_ref).map(|dir| (dir, shown(dir))).collect();
    run(&layers, below.map(decode::decode).unwrap_or_default(), Reading::default())
}

fn run(layers: &[(&Path, String)], below: Resolved, reading: Reading<'_>) -> Compiled {
    let mut sources = Sources::default();
    let mut findings = Findings::default();
    let mut files = Vec::new();
    let mut shaped = Vec::new();
    let mut resolved = below;
    for (dir, name) in layers {
        let read = read::read(dir, reading, &mut sources, &mut findings);
        let layer = resolved.add_layer(name);
        let (mut imported, mut own) = shape::shape(&read, &mut findings);
        own.lie_over(&mut imported);
        resolve::resolve_labs(&imported, layer.imported(), &mut resolved);
        resolve::resolve_labs(&own, layer, &mut resolved);
        resolve::resolve_providers(&imported, layer.imported(), &mut resolved);
        let folder = lint::Folder { imported: &imported, own: &own, below: &resolved };
        lint::run_on_folder(&folder, &mut findings);
        resolve::resolve_providers(&own, layer, &mut resolved);
        let halves = [(true, imported), (false, own)];
        shaped
            .extend(halves.into_iter().filter(|(is_imported, _)| read.iter().any(|file| file.imported == *is_imported)).map(|half| half.1));
        files.extend(read);
    }
    let tables = encode::encode(&resolved);
    let whole = layers::join(shaped, sources.files().len());
    whole.place_in(&mut resolved);
    let mut later = Findings::default();
    let context = Context { shaped: &whole.shaped, resolved: &resolved, catalog: tables.catalog() };
    lint::run(&context, &mut later);
    whole.place_findings(&mut later, &files);
    locate::undo_removals(&mut later, &whole.shaped.removals);
    findings.extend(later);
    let diagnostics = if findings.is_empty() { Vec::new() } else { locate::locate(findings, &files, &sources) };
    let views = whole.shaped.views.into_iter().map(|doc| NamedView { name: doc.id, view: doc.value }).collect();
    let held = HeldFacts { held: whole.shaped.held.into_iter().flat_map(|doc| doc.value.held).collect() };
    let usage = whole.shaped.usage.into_iter().map(|doc| (doc.id, doc.value)).collect();
    Compiled { tables, views, usage, held, diagnostics, sources }
}
