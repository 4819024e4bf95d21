//! Lists the files that an audit scans.

use crate::{AuditOptions, SkippedPath};
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Names of the files in a folder that exclude files from the scan.
const IGNORE_FILES: [&str; 2] = [".gitignore", ".modeldexignore"];

/// Maximum size of an ignore file in bytes. Each pattern is compiled, which needs a hundred times as much memory as its text.
const MAX_IGNORE_FILE_BYTES: u64 = 256 << 10;

/// File that is scanned.
#[derive(Debug)]
pub(crate) struct ScannedFile {
    pub(crate) path: PathBuf,
    /// The path as the report shows it, with forward slashes and without `./` at the start. Keys in it are not masked yet.
    pub(crate) display_path: String,
    /// Whether the file is in [`AuditOptions::paths`]. Otherwise the file was found in a folder.
    pub(crate) is_explicit: bool,
}

/// Returns the files to scan, sorted by display path and without duplicates. Adds the folders that cannot be listed to `skipped`.
pub(crate) fn files(options: &AuditOptions, skipped: &mut Vec<SkippedPath>) -> Result<Vec<ScannedFile>, SkippedPath> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in &options.paths {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => folders.push(path),
            Ok(found) if !found.is_file() => {
                return Err(SkippedPath { path: display_path(path), reason: "the path is neither a file nor a folder".to_owned() });
            }
            Ok(_) => files.push(ScannedFile { path: path.clone(), display_path: display_path(path), is_explicit: true }),
            Err(error) => return Err(SkippedPath { path: display_path(path), reason: error.to_string() }),
        }
    }
    for folder in &folders {
        files.extend(walk(folder, skipped));
    }
    // Explicit files are sorted before others, so that they are kept if the same file was also found in a folder.
    files.sort_by(|one, other| (!one.is_explicit, &one.display_path).cmp(&(!other.is_explicit, &other.display_path)));
    let mut seen: HashSet<PathBuf> = options.exclude.iter().filter_map(|path| path.canonicalize().ok()).collect();
    if options.paths.len() > 1 || !seen.is_empty() {
        files.retain(|file| file.path.canonicalize().map_or(true, |path| seen.insert(path)));
    }
    files.sort_by(|one, other| one.display_path.cmp(&other.display_path));
    Ok(files)
}

/// Returns a path as reports show it, apart from keys.
pub(crate) fn display_path(path: &Path) -> String {
    let text = modeldex_support::text::with_forward_slashes(path);
    let short = text.trim_start_matches("./");
    if short.is_empty() { ".".to_owned() } else { short.to_owned() }
}

fn walk(folder: &Path, skipped: &mut Vec<SkippedPath>) -> Vec<ScannedFile> {
    if let Some(unusable) = unusable_ignore_file(folder) {
        skipped.push(unusable);
        return Vec::new();
    }
    let found = Mutex::new((Vec::new(), Vec::new()));
    let unusable = Arc::new(Mutex::new(Vec::new()));
    let mut builder = WalkBuilder::new(folder);
    // Hidden files such as `.env.example` and those in `.github` are scanned, because they name models. The ignore files of the user's machine are
    // not used, because findings would then differ between machines.
    builder.hidden(false).ignore(false).add_custom_ignore_filename(".modeldexignore");
    let unusable_folders = Arc::clone(&unusable);
    builder.git_global(false).git_exclude(false).require_git(false).filter_entry(move |entry| {
        let is_folder = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir());
        let found = if is_folder { unusable_ignore_file(entry.path()) } else { None };
        let is_walked = found.is_none() && !is_vcs_folder(entry);
        unusable_folders.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        is_walked
    });
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    if !is_excluded(entry.path()) {
                        let display_path = display_path(entry.path());
                        found.0.push(ScannedFile { path: entry.into_path(), display_path, is_explicit: false });
                    }
                }
                Ok(_) => {}
                Err(error) => found.1.push(skipped_path(folder, &error)),
            }
            WalkState::Continue
        })
    });
    let (files, errors) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    skipped.extend(errors);
    skipped.append(&mut unusable.lock().unwrap_or_else(PoisonError::into_inner));
    files
}

/// Returns the folder as skipped, if one of its ignore files is larger than [`MAX_IGNORE_FILE_BYTES`], or is a link, a pipe or a device, from which
/// reading could hang or never end. Git does not read an ignore file that is a link either.
fn unusable_ignore_file(folder: &Path) -> Option<SkippedPath> {
    let reason = |name: &&str| {
        let found = std::fs::symlink_metadata(folder.join(name)).ok().filter(|found| !found.is_dir())?;
        if !found.is_file() {
            return Some(format!("was not scanned, because `{name}` in this folder is not a regular file"));
        }
        let limit = MAX_IGNORE_FILE_BYTES >> 10;
        (found.len() > MAX_IGNORE_FILE_BYTES)
            .then(|| format!("was not scanned, because the file `{name}` in this folder is larger than {limit} KiB"))
    };
    let reason = IGNORE_FILES.iter().find_map(reason)?;
    Some(SkippedPath { path: display_path(folder), reason })
}

fn skipped_path(folder: &Path, error: &ignore::Error) -> SkippedPath {
    match error {
        ignore::Error::WithPath { path, err } => SkippedPath { path: display_path(path), reason: format!("cannot be listed: {err}") },
        ignore::Error::WithDepth { err, .. } => skipped_path(folder, err),
        other => SkippedPath { path: display_path(folder), reason: format!("cannot be listed: {other}") },
    }
}

/// Returns whether an entry is a folder of a version control system.
fn is_vcs_folder(entry: &DirEntry) -> bool {
    entry.depth() > 0
        && entry.file_type().is_some_and(|kind| kind.is_dir())
        && matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn" | ".jj"))
}

/// Returns whether a file that is found in a folder is not scanned. These are generated files, such as lock files, bundles and source maps, and
/// changelogs, which name old models intentionally.
fn is_excluded(path: &Path) -> bool {
    const NAMES: &[&str] = &["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "bun.lockb", "go.sum", "cargo.lock"];
    const ENDINGS: &[&str] = &[".lock", ".min.js", ".min.mjs", ".min.css", ".map", ".svg", ".po", ".ipynb"];
    const HISTORIES: &[&str] = &["changelog", "changes", "history", "news", "releases", "release-notes", "release_notes"];
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()) else { return false };
    let stem = name.split('.').next().unwrap_or_default();
    let is_prose = !name.contains('.') || name.ends_with(".md") || name.ends_with(".rst") || name.ends_with(".txt");
    NAMES.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending)) || (is_prose && HISTORIES.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_folder_whose_ignore_file_is_no_file_is_skipped_with_a_note() {
        let folder = std::env::temp_dir().join(format!("modeldex-audit-links-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        for name in ["link", "pipe"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
            std::fs::write(folder.join(name).join("a.txt"), "x").unwrap();
        }
        std::os::unix::fs::symlink("/dev/zero", folder.join("link/.gitignore")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(folder.join("pipe/.modeldexignore")).status().unwrap().success());
        let mut skipped = Vec::new();
        let options = AuditOptions { paths: vec![folder.clone()], exclude: Vec::new() };
        assert!(files(&options, &mut skipped).unwrap().iter().all(|file| !file.display_path.ends_with("a.txt")));
        assert!(skipped.len() == 2 && skipped.iter().all(|path| path.reason.ends_with("is not a regular file")), "{skipped:?}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_folder_with_a_large_ignore_file_is_skipped_with_a_note() {
        let folder = std::env::temp_dir().join(format!("modeldex-audit-ignore-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let limit = usize::try_from(MAX_IGNORE_FILE_BYTES).unwrap();
        for (name, size) in [("small", limit), ("large", limit + 1)] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
            std::fs::write(folder.join(name).join("a.txt"), "x").unwrap();
            std::fs::write(folder.join(name).join(".gitignore"), "#".repeat(size)).unwrap();
        }
        let mut skipped = Vec::new();
        let options = AuditOptions { paths: vec![folder.clone()], exclude: Vec::new() };
        let found = files(&options, &mut skipped).unwrap();
        let names: Vec<_> = found.iter().filter(|file| file.display_path.ends_with("a.txt")).collect();
        assert!(names.len() == 1 && names[0].display_path.ends_with("small/a.txt"), "{found:?}");
        assert!(skipped.len() == 1 && skipped[0].path.ends_with("large") && skipped[0].reason.contains("256 KiB"), "{skipped:?}");
        let options = AuditOptions { paths: vec![folder.join("large")], exclude: Vec::new() };
        assert!(files(&options, &mut skipped).unwrap().is_empty() && skipped.len() == 2);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
