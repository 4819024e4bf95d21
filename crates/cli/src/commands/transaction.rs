//! Changes of several files of a catalog folder and its evidence folder: either all files are changed or none, even if the command is killed or the
//! disk is full.
//!
//! A command first writes each new file under a temporary name in the folder of its target. Then it writes the journal ([`JOURNAL_FILE`]), which
//! lists these files. The command is committed when the journal has its final name. Then the temporary files are renamed and the journal is removed.
//! If the command is killed, the next command that writes to the catalog folder cleans up: it completes a committed command, and removes the
//! temporary files of a command that was not committed. Renaming needs no disk space, so a full disk can stop a command only before the commit.
//!
//! Rejected design: a mark file with the name of the running command. After an interruption, the user had to repeat the command with the same input.
//! If the input was lost, the files stayed half written.
//!
//! A journal is not trusted, because it may come with a cloned folder. It can change only files in the two folders: it can rename temporary files to
//! files that [its command writes](is_written_by), and remove generated files. Each hand-written file that a journal replaces is reported. If a
//! journal names an evidence folder, the folder must have a list of snapshots.

use super::catalog_source::shown;
use super::failure::Failure;
use super::files::{cannot, note_wait};
use super::import::EvidenceDir;
use super::out::{self, printable};
use modeldex_compile::authored::routing::{ConfirmedRouting, Routing};
use modeldex_compile::{FileKind, IMPORTED_FOLDER, JOURNAL_FILE, interrupted_command};
use modeldex_support::file::{self, Access, StagedFile, is_temporary_id, refuse_links_below, temporary_path};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

/// The folders that a command writes to, locked against other writers until the value is dropped.
#[derive(Debug)]
pub(crate) struct Transaction {
    catalog: PathBuf,
    evidence: PathBuf,
    /// The lock of the catalog folder and, if the command may write to it, of the evidence folder.
    locks: Vec<File>,
}

/// Change of one file: its new text, or its removal.
#[derive(Debug)]
pub(crate) struct Change<'c> {
    pub(crate) path: &'c Path,
    /// `None` removes the file.
    pub(crate) text: Option<&'c str>,
}

/// The changes of a committed command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Journal {
    /// The command without the name of the program, for messages.
    command: String,
    /// Absolute path of the evidence folder; `None` if the folder is `evidence` next to the catalog folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<PathBuf>,
    changes: Vec<JournalEntry>,
}

/// The change of one file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalEntry {
    folder: Folder,
    /// Path in the folder, with forward slashes.
    path: String,
    /// `None` if the file is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    new: Option<NewContent>,
}

/// New content of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContent {
    /// Id in the name of the temporary file.
    temporary: String,
    sha256: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Folder {
    Catalog,
    Evidence,
}

/// What remains to be done for one entry of a journal.
enum Step {
    Rename { from: PathBuf, to: PathBuf },
    Remove(PathBuf),
}

/// Maximum size of a journal in bytes, which lists at most a few thousand files.
const MAX_JOURNAL_BYTES: u64 = 64 << 20;

/// The file in an evidence folder that lists the imported snapshots.
const SNAPSHOTS_FILE: &str = "snapshots.json";

impl Transaction {
    /// Locks a catalog folder and its evidence folder, if they exist. Completes the command that was interrupted while it wrote to them, and removes
    /// the temporary files of killed commands.
    pub(crate) fn begin(catalog: &Path, evidence: &Path) -> Result<Self, Failure> {
        let mut transaction = Self { catalog: catalog.into(), evidence: evidence.into(), locks: Vec::new() };
        transaction.locks.push(lock(catalog)?);
        transaction.lock_evidence()?;
        transaction.clean_up()?;
        Ok(transaction)
    }

    /// Like [`Transaction::begin`], for a command that writes only to the catalog folder. If an interrupted command has to be completed, also locks
    /// the evidence folder, which is `evidence` next to the catalog folder.
    pub(crate) fn begin_without_evidence(catalog: &Path) -> Result<Self, Failure> {
        let evidence = EvidenceDir::default().of(catalog);
        let mut transaction = Self { catalog: catalog.into(), evidence, locks: vec![lock(catalog)?] };
        if transaction.journal_path().symlink_metadata().is_ok() {
            transaction.lock_evidence()?;
        }
        transaction.clean_up()?;
        Ok(transaction)
    }

    /// Locks an overlay. Fails if the overlay has a journal: no command writes several files of an overlay at once, so the journal came with the
    /// overlay, and completing its command could change files outside the overlay.
    pub(crate) fn begin_overlay(overlay: &Path) -> Result<Self, Failure> {
        let transaction = Self { catalog: overlay.into(), evidence: EvidenceDir::default().of(overlay), locks: vec![lock(overlay)?] };
        let journal = transaction.journal_path();
        if journal.symlink_metadata().is_ok() {
            return Err(Failure::Failed(format!(
                "the overlay `{overlay}` contains the journal of an interrupted command, but modeldex never writes a journal into \
                 an overlay; if you trust the overlay, remove `{journal}`",
                overlay = shown(overlay),
                journal = shown(&journal)
            )));
        }
        transaction.remove_leftovers()?;
        Ok(transaction)
    }

    fn lock_evidence(&mut self) -> Result<(), Failure> {
        let is_other = fs::canonicalize(&self.evidence).ok() != fs::canonicalize(&self.catalog).ok();
        if self.evidence.is_dir() && is_other {
            self.locks.push(lock(&self.evidence)?);
        }
        Ok(())
    }

    fn clean_up(&self) -> Result<(), Failure> {
        self.complete_interrupted()?;
        self.remove_leftovers()
    }

    /// Changes all files, or none. `command` is the command without the name of the program.
    pub(crate) fn commit(&self, command: &str, changes: &[Change<'_>]) -> Result<(), Failure> {
        let mut staged = Vec::new();
        let mut entries = Vec::new();
        for Change { path, text } in changes {
            if text.is_some_and(|text| text.len() as u64 > file::MAX_FILE_BYTES) {
                let size = file::MAX_FILE_BYTES >> 20;
                return Err(cannot(path, "written")(format!(
                    "the file would be larger than {size} MiB, the maximum size that modeldex reads; no file was changed"
                )));
            }
            let (folder, relative) = self.place(path)?;
            refuse_links_below(self.root(folder), path).map_err(cannot(path, if text.is_some() { "written" } else { "removed" }))?;
            let new = match text {
                None => None,
                Some(text) => {
                    let file = StagedFile::write(path, text.as_bytes(), Access::Inherited).map_err(cannot(path, "written"))?;
                    let new = NewContent { temporary: file.id().to_owned(), sha256: sha256(text.as_bytes()) };
                    staged.push(file);
                    Some(new)
                }
            };
            entries.push(JournalEntry { folder, path: relative, new });
        }
        let journal = Journal { command: command.to_owned(), evidence: self.unusual_evidence(), changes: entries };
        match &mut staged[..] {
            // A single change is atomic without a journal.
            [] if journal.changes.is_empty() => return Ok(()),
            [_] if journal.changes.len() == 1 => {
                return staged.remove(0).publish().map_err(cannot(changes[0].path, "written"));
            }
            _ => {}
        }
        let path = self.journal_path();
        refuse_links_below(&self.catalog, &path).map_err(cannot(&path, "written"))?;
        // Temporary files and new folders must keep their names after a crash before the journal lists them.
        self.sync_folders(&journal)?;
        let text = serde_json::to_string(&journal)? + "\n";
        let written = StagedFile::write(&path, text.as_bytes(), Access::Inherited).and_then(StagedFile::publish);
        if let Err(error) = written {
            // The temporary files are removed only if no journal lists them.
            if fs::remove_file(&path).is_err() && path.symlink_metadata().is_ok() {
                staged.into_iter().for_each(StagedFile::keep);
            }
            return Err(cannot(&path, "written")(error));
        }
        staged.into_iter().for_each(StagedFile::keep);
        self.apply(&journal, |_| {})
    }

    /// Completes the command that the journal lists, if there is a journal.
    fn complete_interrupted(&self) -> Result<(), Failure> {
        let path = self.journal_path();
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(cannot(&path, "read")(error)),
            Ok(found) if !found.is_file() => return Err(cannot(&path, "read")("the journal is not a regular file; remove it")),
            Ok(_) => {}
        }
        let bytes = file::read(&path, MAX_JOURNAL_BYTES).map_err(cannot(&path, "read"))?.unwrap_or_default();
        let journal: Journal = serde_json::from_slice(&bytes).map_err(|error| self.damaged(&error.to_string()))?;
        if let Some(folder) = &journal.evidence {
            self.refuse_other_folder(folder, &journal)?;
        }
        if journal.evidence != self.unusual_evidence() {
            let folder = journal.evidence.map_or_else(String::new, |folder| format!(" --evidence {folder}", folder = shell_word(&folder)));
            let command = printable(&journal.command).into_owned();
            return Err(Failure::Failed(format!(
                "`modeldex {command}` was interrupted while it wrote files; to complete that command, run `modeldex reconcile{folder}`"
            )));
        }
        let command = printable(&journal.command);
        let routing = || read_routing(&self.catalog.join(FileKind::Routing.path("")));
        let before = routing();
        // Printed at once, so that a failure at a later file does not hide it.
        self.apply(&journal, |entry| {
            if is_hand_written(entry.folder, &entry.path) {
                let path = self.root(entry.folder).join(&entry.path);
                let mut text = format!(
                    "the interrupted command `modeldex {command}` replaced the hand-written file `{path}`; review the change",
                    path = shown(&path)
                );
                changed_routes(&before, &routing()).iter().for_each(|route| text.push_str(&format!("\n  {route}")));
                out::warning(&text);
            }
        })?;
        out::note(format_args!("completed `modeldex {command}`, which was interrupted"));
        Ok(())
    }

    /// Fails if the evidence folder that a journal names has no list of snapshots, neither an old one nor the new one of the journal.
    fn refuse_other_folder(&self, folder: &Path, journal: &Journal) -> Result<(), Failure> {
        let list = folder.join(SNAPSHOTS_FILE);
        let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_file());
        let is_staged = |entry: &JournalEntry| {
            let id = entry.new.as_ref().map(|new| &new.temporary).filter(|id| is_temporary_id(id));
            entry.folder == Folder::Evidence && entry.path == SNAPSHOTS_FILE && id.is_some_and(|id| is_file(&temporary_path(&list, id)))
        };
        if folder.is_absolute() && (is_file(&list) || journal.changes.iter().any(is_staged)) {
            return Ok(());
        }
        Err(self.damaged(&format!("`{folder}` is not an evidence folder: it has no `{SNAPSHOTS_FILE}`", folder = shown(folder))))
    }

    /// Renames and removes the files of a journal, and then removes the journal. Calls `on_change` after each change. Changes nothing if one of the
    /// files is not as the journal states.
    fn apply(&self, journal: &Journal, on_change: impl Fn(&JournalEntry)) -> Result<(), Failure> {
        let mut steps = Vec::new();
        let mut paths = HashSet::new();
        for entry in &journal.changes {
            if !paths.insert(self.root(entry.folder).join(&entry.path)) {
                return Err(self.damaged(&format!("the journal lists `{path}` twice", path = entry.path)));
            }
            let step = self.step(&journal.command, entry).map_err(|reason| self.damaged(&reason))?;
            steps.extend(step.map(|step| (entry, step)));
        }
        let stopped = |path: &Path, verb: &'static str, error: io::Error| {
            let reason = format!("{error}; run `modeldex reconcile` to complete the command");
            cannot(path, verb)(reason)
        };
        for (entry, step) in steps {
            match step {
                Step::Rename { from, to } => fs::rename(from, &to).map_err(|error| stopped(&to, "replaced", error))?,
                Step::Remove(path) => match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(stopped(&path, "removed", error)),
                    Ok(()) | Err(_) => {}
                },
            }
            on_change(entry);
        }
        self.sync_folders(journal)?;
        let path = self.journal_path();
        fs::remove_file(&path).and_then(|()| file::sync_folder(&self.catalog)).map_err(cannot(&path, "removed"))
    }

    /// Returns what remains to be done for an entry of `command`; `None` if it is done already.
    fn step(&self, command: &str, entry: &JournalEntry) -> Result<Option<Step>, String> {
        let (path, name) = (self.root(entry.folder).join(&entry.path), &entry.path);
        let parts: Vec<Component<'_>> = Path::new(name).components().collect();
        let is_plain = !name.contains(['\\', '\0']) && parts.iter().all(|part| matches!(part, Component::Normal(_)));
        if !is_plain || !is_written_by(command, entry.folder, name, entry.new.is_none()) {
            let verb = if entry.new.is_some() { "writes" } else { "removes" };
            return Err(format!("`{name}` is not a file that `modeldex {command}` {verb}"));
        }
        refuse_links_below(self.root(entry.folder), &path).map_err(|error| error.to_string())?;
        let Some(NewContent { temporary, sha256: expected }) = &entry.new else {
            return Ok(path.symlink_metadata().is_ok().then_some(Step::Remove(path)));
        };
        if !is_temporary_id(temporary) {
            return Err(format!("`{temporary}` is not the id of a temporary file"));
        }
        let from = temporary_path(&path, temporary);
        let has_content = |path: &Path| {
            let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
            is_file && fs::read(path).is_ok_and(|bytes| sha256(&bytes) == *expected)
        };
        if has_content(&from) {
            Ok(Some(Step::Rename { from, to: path }))
        } else if from.symlink_metadata().is_err() && has_content(&path) {
            Ok(None)
        } else {
            Err(format!("the new content of `{name}` is missing"))
        }
    }

    fn damaged(&self, reason: &str) -> Failure {
        let path = self.journal_path();
        Failure::Failed(format!(
            "the interrupted command cannot be completed, because its journal `{path}` does not match the files: {reason}; restore the catalog \
             folder and the evidence folder from version control, and remove the journal",
            path = shown(&path),
            reason = printable(reason)
        ))
    }

    /// Returns the folder of a file, and the path of the file in this folder.
    fn place(&self, path: &Path) -> Result<(Folder, String), Failure> {
        let found =
            [Folder::Catalog, Folder::Evidence].into_iter().find_map(|folder| Some((folder, path.strip_prefix(self.root(folder)).ok()?)));
        let (folder, relative) = found.ok_or_else(|| cannot(path, "written")("the path is outside the catalog folder"))?;
        Ok((folder, modeldex_support::text::with_forward_slashes(relative)))
    }

    fn root(&self, folder: Folder) -> &Path {
        match folder {
            Folder::Catalog => &self.catalog,
            Folder::Evidence => &self.evidence,
        }
    }

    fn journal_path(&self) -> PathBuf {
        self.catalog.join(JOURNAL_FILE)
    }

    /// Returns the absolute path of the evidence folder, if it is not `evidence` next to the catalog folder.
    fn unusual_evidence(&self) -> Option<PathBuf> {
        let absolute = |path: &Path| fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into());
        let usual = absolute(&self.catalog).parent().map(|parent| absolute(&parent.join("evidence")));
        Some(absolute(&self.evidence)).filter(|evidence| Some(evidence) != usual.as_ref())
    }

    fn sync_folders(&self, journal: &Journal) -> Result<(), Failure> {
        let paths = journal.changes.iter().map(|entry| self.root(entry.folder).join(&entry.path));
        let folders: BTreeSet<PathBuf> = paths
            .flat_map(|path| path.ancestors().skip(1).map(PathBuf::from).collect::<Vec<_>>())
            .filter(|folder| folder.starts_with(&self.catalog) || folder.starts_with(&self.evidence))
            .collect();
        let mut existing = folders.iter().filter(|folder| folder.is_dir());
        existing.try_for_each(|folder| file::sync_folder(folder).map_err(cannot(folder, "written")))
    }

    /// Removes the temporary files of killed commands.
    fn remove_leftovers(&self) -> Result<(), Failure> {
        let imported = self.catalog.join(IMPORTED_FOLDER);
        let mut folders = vec![self.catalog.clone(), imported.clone()];
        if self.locks.len() > 1 {
            folders.extend([self.evidence.clone(), self.evidence.join("probes")]);
        }
        for folder in FileKind::ALL.iter().filter_map(|kind| kind.folder()) {
            folders.extend([self.catalog.join(folder), imported.join(folder)]);
        }
        folders.iter().try_for_each(|folder| file::remove_leftovers_in(folder).map_err(cannot(folder, "cleaned up")))
    }
}

/// Reads confirmed routing. Returns routing without routes if the file cannot be read.
fn read_routing(path: &Path) -> Routing {
    let text = file::read_text(path, file::MAX_FILE_BYTES).ok().flatten().unwrap_or_default();
    Routing::parse(&text).unwrap_or_default()
}

/// Describes the routes that differ: for each provider, the new base URLs and variables.
fn changed_routes(before: &Routing, after: &Routing) -> Vec<String> {
    let is_changed = |(id, route): &(&String, &ConfirmedRouting)| {
        before.providers.get(*id).is_none_or(|old| (&old.endpoints, &old.auth) != (&route.endpoints, &route.auth))
    };
    let described = |(id, route): (&String, &ConfirmedRouting)| {
        let urls: Vec<&str> = route.endpoints.iter().map(|endpoint| endpoint.base_url.as_str()).collect();
        let names: Vec<&str> = route.auth.iter().flat_map(|auth| &auth.env).map(String::as_str).collect();
        let text = format!("{id}: the values of {names} are sent to {urls}", names = names.join(", "), urls = urls.join(", "));
        printable(&text).into_owned()
    };
    after.providers.iter().filter(is_changed).map(described).collect()
}

/// Returns whether `command` writes to this path of a folder; or, if `is_removal`, whether it removes the file.
///
/// Only three commands change several files at once. `import` and `reconcile` write and remove generated files; `confirm` also writes
/// `routing.yaml`. All other commands, such as `set`, `new` and `check --fix`, replace one file at a time and leave no journal.
fn is_written_by(command: &str, folder: Folder, path: &str, is_removal: bool) -> bool {
    let writes_routing = match command.split(' ').next() {
        Some("import" | "reconcile") => false,
        Some("confirm") => true,
        _ => return false,
    };
    let parts: Vec<&str> = path.split('/').collect();
    let has_name = |name: &str, extension: &str| {
        let stem = name.strip_suffix(extension).unwrap_or_default();
        !stem.is_empty() && !stem.starts_with('.')
    };
    let of_kind = |name: &str| FileKind::ALL.iter().any(|kind| kind.has_imported() && kind.folder() == Some(name));
    match (folder, &parts[..]) {
        (Folder::Catalog, [IMPORTED_FOLDER, kind, name]) => of_kind(kind) && has_name(name, ".yaml"),
        (Folder::Catalog, _) if path == FileKind::Held.path("") => !is_removal,
        (Folder::Catalog, _) if path == FileKind::Routing.path("") => writes_routing && !is_removal,
        (Folder::Evidence, [name]) if has_name(name, ".jsonl") => true,
        (Folder::Evidence, [name]) => !is_removal && [SNAPSHOTS_FILE, "absent.yaml"].contains(name),
        _ => false,
    }
}

/// Returns whether people edit the file at this path of a folder.
fn is_hand_written(folder: Folder, path: &str) -> bool {
    folder == Folder::Catalog && path.split('/').next() != Some(IMPORTED_FOLDER)
}

/// Formats a path as one word of a POSIX shell. Control characters are escaped.
fn shell_word(path: &Path) -> String {
    let text = shown(path).to_string();
    format!("'{}'", printable(&text).replace('\'', r"'\''"))
}

/// Fails if a command was interrupted while it wrote to the catalog folder. For commands that compute changes but do not write them.
pub(crate) fn refuse_interrupted(catalog: &Path) -> Result<(), Failure> {
    interrupted_command(catalog).map_or(Ok(()), |command| {
        Err(Failure::Failed(format!(
            "`modeldex {command}` was interrupted while it wrote files; to complete that command, run `modeldex reconcile`",
            command = printable(&command)
        )))
    })
}

/// Locks a folder against other writers until the lock is dropped. The lock file stays in the folder.
pub(crate) fn lock(folder: &Path) -> Result<File, Failure> {
    file::lock(&folder.join("write"), Access::Inherited, note_wait).map_err(cannot(folder, "locked"))
}

/// Returns the SHA-256 hash of `bytes` in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_routes_are_named() {
        let routing = |acme: &str| {
            let route = |host: &str, key: &str| {
                format!(
                    "{{endpoints: [{{base_url: 'https://{host}/v1', api: openai-completions}}], auth: [{{kind: api-key, env: [{key}]}}]}}"
                )
            };
            let text =
                format!("providers:\n  acme: {acme}\n  beta: {beta}\n", acme = route(acme, "ACME_API_KEY"), beta = route("b.example", "B"));
            Routing::parse(&text).unwrap()
        };
        let (before, after) = (routing("api.acme.example"), routing("evil.example"));
        assert_eq!(changed_routes(&before, &before), [""; 0]);
        assert_eq!(changed_routes(&before, &after), ["acme: the values of ACME_API_KEY are sent to https://evil.example/v1"]);
        assert_eq!(changed_routes(&Routing::default(), &after).len(), 2);
    }
}
