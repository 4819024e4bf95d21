//! Compiles an AI model catalog written as YAML into typed tables, and reports problems as diagnostics like those of a compiler.
//!
//! ```no_run
//! let compiled = modeldex_compile::compile(std::path::Path::new("catalog"));
//! for diagnostic in &compiled.diagnostics {
//!     println!("{}: {}", diagnostic.code, diagnostic.message);
//! }
//! assert!(compiled.catalog().model("kimi-coding/kimi-k2.5").is_ok());
//! ```
//!
//! The stages of a compilation: `read` (files to YAML values), `validate` (values to authored types, checked against the JSON Schemas), `resolve`
//! (inheritance), `encode` (table rows), `lint` (rules that need more than one file), `emit` (catalog to Rust and TypeScript). No stage stops at the
//! first error: all errors are collected. No stage prints anything.

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
mod per_token;
mod pointer;
mod read;
#[cfg(feature = "schemars")]
pub mod reference;
pub mod registry;
pub mod render;
mod resolve;
mod route;
#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(feature = "validate")]
mod suggestion;
#[cfg(test)]
mod testing;
mod validate;

pub mod write;

#[cfg(feature = "schemars")]
pub use authored::field_schema::is_web_url;
pub use compiled::{Compiled, NamedView};
pub use decode::authored_prices;
pub use encode::Tables;
pub use held::is_unconfirmed;
pub use lint::rules::base_url::is_valid_base_url;
pub use lint::rules::model_id::is_valid_model_id;
pub use lint::rules::rate_outlier::median_if_outlier;
pub use read::{CatalogFile, FileKind, IMPORTED_FOLDER, JOURNAL_FILE, catalog_files, interrupted_command, links_outside};
pub use route::{RouteFault, RoutePart, UserRoutes, judge_route, named_after};

use authored::held::HeldFacts;
use authored::routing::SharedVariables;
use diagnostic::SourceFiles;
use finding::{Findings, Place};
use lint::Context;
use modeldex_table::Catalog;
use read::{ReadOptions, shown};
use route::{RoutesBelow, VariableOwners};
use std::path::Path;

/// Maximum number of files in all folders together. In the compiled tables, the index of a provider or lab has 16 bits.
const MAX_FILES: usize = u16::MAX as usize;

/// Compiles the catalog folder `dir`. In the compiled tables, the folder is a layer whose name is the path `dir` as given.
#[must_use]
pub fn compile(dir: &Path) -> Compiled {
    compile_named(dir, &shown(dir))
}

/// Compiles the catalog folder `dir` for embedding into a program. In the compiled tables, the folder is a layer whose name is the last component of
/// the path `dir`. Thus the tables do not depend on the location of the folder.
#[must_use]
pub fn compile_builtin(dir: &Path) -> Compiled {
    let name = dir.file_name().map_or_else(|| "catalog".to_owned(), |name| name.to_string_lossy().into_owned());
    compile_named(dir, &name)
}

/// Compiles the catalog folder `dir`. In the compiled tables, the folder is a layer with the name `name`. Thus the tables do not depend on the
/// location of the folder.
#[must_use]
pub fn compile_named(dir: &Path, name: &str) -> Compiled {
    run(&[(dir, name.to_owned())], None, &UserRoutes::default(), ReadOptions::default())
}

/// Compiles the overlay folder `dir` on top of the catalog `below`. The result is a complete catalog.
#[must_use]
pub fn compile_overlay(below: &Catalog<'_>, dir: &Path) -> Compiled {
    compile_layers(Some((below, &NO_HELD)), &[dir], &UserRoutes::default())
}

/// A planned change of one catalog file: a new text, or the removal of the file. [`compile_with_changes`] compiles the changed catalog before the
/// file itself is changed.
#[derive(Clone, Copy, Debug)]
pub struct FileChange<'c> {
    /// The path of the file, including the path of the catalog folder. The file may not exist yet.
    pub path: &'c Path,
    /// The new text of the file. `None` means that the file is removed.
    pub text: Option<&'c str>,
}

/// Compiles the catalog folder `dir` as if its files already had the changes in `changes`. If `below` is a catalog, `dir` is compiled on top of this
/// catalog.
#[must_use]
pub fn compile_with_changes(below: Option<&Catalog<'_>>, dir: &Path, changes: &[FileChange<'_>]) -> Compiled {
    let options = ReadOptions { changes };
    run(&[(dir, shown(dir))], below.map(|below| (below, &NO_HELD)), &UserRoutes::default(), options)
}

/// Compiles several catalog folders into one catalog. Each folder takes precedence over the folders before it. If `below` is given, the folders are
/// compiled on top of the catalog in `below`. The [`HeldFacts`] in `below` are routing claims that nobody has confirmed yet.
///
/// Errors within a file are reported for every file. Rules that need more than one file are checked once, on the merged catalog. Therefore these
/// rules ignore a value that a later folder replaces or omits, and a view may refer to a model of any folder.
///
/// The rule `overlay-route` compares each folder with the catalog below this folder. It reports a folder that sends a key to a host to which the
/// catalog below does not send this key. The same applies to the requests of a provider. `user` has the settings of the user for this rule.
#[must_use]
pub fn compile_layers(below: Option<(&Catalog<'_>, &HeldFacts)>, dirs: &[impl AsRef<Path>], user: &UserRoutes<'_>) -> Compiled {
    let layers: Vec<(&Path, String)> = dirs.iter().map(AsRef::as_ref).map(|dir| (dir, shown(dir))).collect();
    run(&layers, below, user, ReadOptions::default())
}

/// No claims that are held back.
static NO_HELD: HeldFacts = HeldFacts { held: Vec::new(), absent: Vec::new() };

fn run(layers: &[(&Path, String)], below: Option<(&Catalog<'_>, &HeldFacts)>, user: &UserRoutes<'_>, options: ReadOptions<'_>) -> Compiled {
    let mut source_files = SourceFiles::default();
    let mut findings = Findings::default();
    let mut files = Vec::new();
    let mut authored = Vec::new();
    let mut resolved = below.map(|(below, _)| decode::decode(below)).unwrap_or_default();
    let mut shared = SharedVariables::new();
    let mut routes = RoutesBelow::default();
    let mut held = HeldFacts::default();
    for (index, (dir, name)) in layers.iter().enumerate() {
        // Each folder above another one is an overlay.
        let is_overlay = below.is_some() || index > 0;
        if is_overlay {
            routes.add(&resolved, &shared);
            below.iter().map(|(_, held)| *held).chain([&held]).for_each(|held| routes.add_held(held));
            routes.add_references(user.references);
        }
        let mut read = read::read(dir, options, &mut source_files, &mut findings);
        if let Some(first) = read.get(MAX_FILES.saturating_sub(files.len())) {
            let message = format!("the catalog has more files than the limit of {MAX_FILES} files");
            findings.add(&codes::TOO_LONG, Place::file(first.index), message).label("this file and the following files were not read");
            read.truncate(MAX_FILES - files.len());
        }
        let layer = resolved.add_layer(name);
        let (mut imported, mut hand_written) = validate::validate_files(&read, &mut findings);
        hand_written.extend_imported(&mut imported);
        resolve::resolve_labs(&imported, layer.imported(), &mut resolved);
        resolve::resolve_labs(&hand_written, layer, &mut resolved);
        resolve::resolve_providers(&imported, layer.imported(), &mut resolved);
        let folder = lint::Folder { imported: &imported, hand_written: &hand_written, below: &resolved };
        lint::run_on_folder(&folder, &mut findings);
        resolve::resolve_providers(&hand_written, layer, &mut resolved);
        let routed = lint::RoutedFolder {
            imported: &imported,
            hand_written: &hand_written,
            below: is_overlay.then_some(&routes),
            resolved: &resolved,
            user,
        };
        lint::run_on_routes(&routed, &mut findings);
        // An overlay reserves variables too, but it cannot change the list of a folder below it.
        for (name, ids) in hand_written.routing.iter().flat_map(|doc| &doc.value.shared_variables) {
            shared.entry(name.clone()).or_insert_with(|| ids.clone());
        }
        // The claims in an overlay are not evidence.
        if !is_overlay {
            imported.held.iter().chain(&hand_written.held).for_each(|doc| held.extend(&doc.value));
        }
        let halves = [(true, imported), (false, hand_written)];
        authored
            .extend(halves.into_iter().filter(|(is_imported, _)| read.iter().any(|file| file.imported == *is_imported)).map(|half| half.1));
        files.extend(read);
    }
    let tables = encode::encode(&resolved);
    let merged = layers::merge(authored, source_files.files().len());
    merged.set_places(&mut resolved);
    let mut catalog_findings = Findings::default();
    let owners = VariableOwners::of_resolved(&resolved);
    lint::run(&Context { files: &merged.files, resolved: &resolved, catalog: tables.catalog(), owners }, &mut catalog_findings);
    merged.locate_findings(&mut catalog_findings, &files);
    locate::undo_removals(&mut catalog_findings, &merged.files.removals);
    findings.extend(catalog_findings);
    let diagnostics = if findings.is_empty() { Vec::new() } else { locate::locate(findings, &files, &source_files) };
    let views = merged.files.views.into_iter().map(|doc| NamedView { name: doc.id, view: doc.value }).collect();
    let mut held = HeldFacts::default();
    merged.files.held.iter().for_each(|doc| held.extend(&doc.value));
    let usage = merged.files.usage.into_iter().map(|doc| (doc.id, doc.value)).collect();
    Compiled { tables, views, usage, held, diagnostics, source_files }
}
