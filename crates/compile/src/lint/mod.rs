//! The rules that need the whole catalog: one check a file. Their codes are in `codes`, beside those that the reader and the schema report.

pub(crate) mod rules;

use crate::finding::Findings;
use crate::locate;
use crate::resolve::Resolved;
use crate::shape::Shaped;
use modeldex_support::parallel::in_parallel;
use modeldex_table::Catalog;

/// Everything that a rule may look at.
pub(crate) struct Context<'c> {
    /// The files of all folders as one.
    pub(crate) shaped: &'c Shaped,
    pub(crate) resolved: &'c Resolved,
    /// The same as rows.
    pub(crate) catalog: Catalog<'c>,
}

/// The two halves of one folder, and its imported providers resolved without the hand-written half.
pub(crate) struct Folder<'f> {
    pub(crate) imported: &'f Shaped,
    pub(crate) own: &'f Shaped,
    pub(crate) below: &'f Resolved,
}

/// Runs the checks that need all files of one folder, and no other folder.
pub(crate) fn run_on_folder(folder: &Folder<'_>, findings: &mut Findings) {
    run_on_layer(folder.imported, findings);
    run_on_layer(folder.own, findings);
    let mut found = Findings::default();
    for check in rules::FOLDER_CHECKS {
        check(folder, &mut found);
    }
    locate::undo_removals(&mut found, &folder.own.removals);
    locate::undo_removals(&mut found, &folder.imported.removals);
    findings.extend(found);
}

/// Runs the checks that need the files of one half of a folder.
pub(crate) fn run_on_layer(layer: &Shaped, findings: &mut Findings) {
    let mut found = Findings::default();
    for check in rules::LAYER_CHECKS {
        check(layer, &mut found);
    }
    locate::undo_removals(&mut found, &layer.removals);
    findings.extend(found);
}

/// Runs every check, on all processors.
pub(crate) fn run(context: &Context<'_>, findings: &mut Findings) {
    let run = |check: &fn(&Context<'_>, &mut Findings)| {
        let mut found = Findings::default();
        check(context, &mut found);
        found
    };
    in_parallel(rules::CHECKS, |_, check| run(check)).into_iter().for_each(|found| findings.extend(found));
}
