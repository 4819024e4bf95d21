//! Which files are looked through.

use crate::{Note, Options};
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A file to look through.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// The path as it is shown: with forward slashes, without `./` before it.
    pub(crate) shown: String,
    /// Whether it was named, and not only found in a folder.
    pub(crate) named: bool,
}

/// Every file that `options` name, once, by the path as it is shown. What cannot be listed is noted.
pub(crate) fn files(options: &Options, notes: &mut Vec<Note>) -> Result<Vec<File>, Note> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in &options.paths {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => folders.push(path),
            Ok(found) if !found.is_file() => {
                return Err(Note { path: shown(path), reason: "it is neither a file nor a folder".to_owned() });
            }
            Ok(_) => files.push(File { path: path.clone(), shown: shown(path), named: true }),
            Err(error) => return Err(Note { path: shown(path), reason: error.to_string() }),
        }
    }
    for folder in &folders {
        files.extend(walk(folder, notes));
    }
    // What was named comes first, so that of two ways to one file it is the one that stays.
    files.sort_by(|one, other| (!one.named, &one.shown).cmp(&(!other.named, &other.shown)));
    let mut seen: HashSet<PathBuf> = options.except.iter().filter_map(|path| path.canonicalize().ok()).collect();
    if options.paths.len() > 1 || !seen.is_empty() {
        files.retain(|file| file.path.canonicalize().map_or(true, |path| seen.insert(path)));
    }
    files.sort_by(|one, other| one.shown.cmp(&other.shown));
    Ok(files)
}

/// A path as it is shown.
pub(crate) fn shown(path: &Path) -> String {
    let text = modeldex_support::text::with_forward_slashes(path);
    let short = text.trim_start_matches("./");
    if short.is_empty() { ".".to_owned() } else { short.to_owned() }
}

fn walk(folder: &Path, notes: &mut Vec<Note>) -> Vec<File> {
    let found = Mutex::new((Vec::new(), Vec::new()));
    let mut builder = WalkBuilder::new(folder);
    // `.env.example` and `.github` are where models are named. The ignore files of the person are not the repository's, and with them the
    // same repository would be judged differently elsewhere.
    builder.hidden(false).ignore(false).add_custom_ignore_filename(".modeldexignore");
    builder.git_global(false).git_exclude(false).require_git(false).filter_entry(|entry| !is_history(entry));
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    if !is_left_out(entry.path()) {
                        let shown = shown(entry.path());
                        found.0.push(File { path: entry.into_path(), shown, named: false });
                    }
                }
                Ok(_) => {}
                Err(error) => found.1.push(note(folder, &error)),
            }
            WalkState::Continue
        })
    });
    let (files, told) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    notes.extend(told);
    files
}

fn note(folder: &Path, error: &ignore::Error) -> Note {
    match error {
        ignore::Error::WithPath { path, err } => Note { path: shown(path), reason: err.to_string() },
        ignore::Error::WithDepth { err, .. } => note(folder, err),
        other => Note { path: shown(folder), reason: other.to_string() },
    }
}

/// Folders of version control: what is in them was said before, or is not text.
fn is_history(entry: &DirEntry) -> bool {
    entry.depth() > 0
        && entry.file_type().is_some_and(|kind| kind.is_dir())
        && matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn" | ".jj"))
}

/// Files that programs write and people do not mend: lock files, bundles, maps of sources; and the histories of changes, which tell of old
/// models because those were there.
fn is_left_out(path: &Path) -> bool {
    const NAMES: &[&str] = &["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "bun.lockb", "go.sum", "cargo.lock"];
    const ENDINGS: &[&str] = &[".lock", ".min.js", ".min.mjs", ".min.css", ".map", ".svg", ".po", ".ipynb"];
    const HISTORIES: &[&str] = &["changelog", "changes", "history", "news", "releases", "release-notes", "release_notes"];
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()) else { return false };
    let stem = name.split('.').next().unwrap_or_default();
    let is_prose = !name.contains('.') || name.ends_with(".md") || name.ends_with(".rst") || name.ends_with(".txt");
    NAMES.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending)) || (is_prose && HISTORIES.contains(&stem))
}
