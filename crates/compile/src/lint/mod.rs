//! Lint rules: the checks of catalog files that a JSON Schema cannot express, one module per check. The module `codes` defines the codes
//! of the lint rules, of the reader and of the schema validation.

pub(crate) mod rules;

use crate::finding::Findings;
use crate::locate;
use crate::resolve::Resolved;
use crate::route::{RoutesBelow, UserRoutes, VariableOwners};
use crate::validate::AuthoredFiles;
use modeldex_support::parallel::in_parallel;
use modeldex_table::Catalog;

/// The input of a check: authored files, resolved models and compiled tables of the whole catalog.
pub(crate) struct Context<'c> {
    /// The files of all folders, merged.
    pub(crate) files: &'c AuthoredFiles,
    pub(crate) resolved: &'c Resolved,
    /// The compiled tables of `resolved`.
    pub(crate) catalog: Catalog<'c>,
    /// The owners of the credential variables of `resolved`.
    pub(crate) owners: VariableOwners<'c>,
}

/// The imported and the hand-written files of one catalog folder. `below` has the imported providers, resolved without the hand-written files.
pub(crate) struct Folder<'f> {
    pub(crate) imported: &'f AuthoredFiles,
    pub(crate) hand_written: &'f AuthoredFiles,
    pub(crate) below: &'f Resolved,
}

/// A catalog folder or an overlay after its files were resolved.
pub(crate) struct RoutedFolder<'f> {
    pub(crate) imported: &'f AuthoredFiles,
    pub(crate) hand_written: &'f AuthoredFiles,
    /// The catalog below an overlay; `None` for the catalog itself.
    pub(crate) below: Option<&'f RoutesBelow>,
    /// The catalog with this folder.
    pub(crate) resolved: &'f Resolved,
    /// The settings of the user.
    pub(crate) user: &'f UserRoutes<'f>,
}

/// Runs the checks of the routes of a catalog folder or an overlay. Each folder is checked together with the folders below it, and without the
/// folders above it: a folder above must not change what this folder may do.
pub(crate) fn run_on_routes(folder: &RoutedFolder<'_>, findings: &mut Findings) {
    let mut found = Findings::default();
    for check in rules::ROUTE_CHECKS {
        check(folder, &mut found);
    }
    locate::undo_removals(&mut found, &folder.hand_written.removals);
    locate::undo_removals(&mut found, &folder.imported.removals);
    findings.extend(found);
}

/// Runs the checks that need all files of one folder and no other folder.
pub(crate) fn run_on_folder(folder: &Folder<'_>, findings: &mut Findings) {
    run_on_layer(folder.imported, findings);
    run_on_layer(folder.hand_written, findings);
    let mut found = Findings::default();
    for check in rules::FOLDER_CHECKS {
        check(folder, &mut found);
    }
    locate::undo_removals(&mut found, &folder.hand_written.removals);
    locate::undo_removals(&mut found, &folder.imported.removals);
    findings.extend(found);
}

/// Runs the checks that need only the imported files, or only the hand-written files, of a folder.
pub(crate) fn run_on_layer(layer: &AuthoredFiles, findings: &mut Findings) {
    let mut found = Findings::default();
    for check in rules::LAYER_CHECKS {
        check(layer, &mut found);
    }
    locate::undo_removals(&mut found, &layer.removals);
    findings.extend(found);
}

/// Runs the checks that need the whole catalog, in parallel.
pub(crate) fn run(context: &Context<'_>, findings: &mut Findings) {
    let run = |check: &fn(&Context<'_>, &mut Findings)| {
        let mut found = Findings::default();
        check(context, &mut found);
        found
    };
    in_parallel(rules::CHECKS, |_, check| run(check)).into_iter().for_each(|found| findings.extend(found));
}
