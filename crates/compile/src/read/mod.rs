//! Finds and reads the files of a catalog folder. Errors are collected as findings. Each file is parsed when its value is needed.

pub(crate) mod marks;
#[cfg(test)]
mod tests;
mod yaml;

use crate::FileChange;
use crate::codes;
use crate::diagnostic::SourceFiles;
use crate::finding::{Findings, Place};
use modeldex_support::file;
use modeldex_support::parallel::in_parallel;
use modeldex_support::secret::{self, Secrets};
use modeldex_support::text::printable;
pub(crate) use modeldex_support::text::with_forward_slashes as shown;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The kind of a catalog file. Some kinds have at most one file in a catalog. Such a file has a fixed name, such as `routing.yaml`. The kind of any
/// other file depends on its folder: for example, a file in the folder `models` is a [`FileKind::Lab`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `models/<lab>.yaml`: a lab and its base models.
    Lab,
    /// `providers/<id>.yaml`: a provider and its models.
    Provider,
    /// `views/<name>.yaml`: a view, from which the TypeScript data file of a web UI is generated.
    View,
    /// `usage/<name>.yaml`: a usage shape, which maps the fields of a provider's usage objects to meters.
    Usage,
    /// `sources.yaml`: the sources from which facts are imported.
    Sources,
    /// `provider-map.yaml`: the ids that sources use for the providers of the catalog.
    ProviderMap,
    /// `routing.yaml`: the confirmed base URLs, variables, headers and authentication methods of imported providers.
    Routing,
    /// `imported/held.yaml`: routing claims that are held back until they are confirmed.
    Held,
}

/// The name of the folder with the imported files. It is inside the catalog folder and, like the catalog folder, has folders `providers` and
/// `models`. The imported files are generated and not edited by hand.
pub const IMPORTED_FOLDER: &str = "imported";

/// The name of the journal in a catalog folder. A command that writes several files first lists the files in the journal, then replaces them, then
/// removes the journal. If the journal exists while no such command is running, a command was interrupted, and possibly replaced only some of its
/// files.
pub const JOURNAL_FILE: &str = ".modeldex-journal";

/// A file of a catalog folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogFile {
    /// The kind of the file.
    pub kind: FileKind,
    /// The path of the file, including the path of the catalog folder.
    pub path: PathBuf,
    /// Whether the file is in [`IMPORTED_FOLDER`], and therefore generated.
    pub imported: bool,
}

/// A file that was read as UTF-8 text.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(crate) kind: FileKind,
    /// Whether the file is in [`IMPORTED_FOLDER`], and therefore generated.
    pub(crate) imported: bool,
    /// The file name without extension.
    pub(crate) id: String,
    /// The index in `SourceFiles`.
    pub(crate) index: usize,
    /// The text with unmasked secrets, so it must not appear in reports.
    pub(crate) text: String,
}

impl TextFile {
    /// Parses the file. If the text is not exactly one valid YAML document, adds at least one finding and returns `None`.
    ///
    /// The parsed value needs ten times as much memory as the text. Therefore the file is parsed only when the value is needed, and the value is not
    /// kept: when they were kept, the values of all files took a third of the memory of a check.
    pub(crate) fn parse(&self, findings: &mut Findings) -> Option<Value> {
        yaml::parse(self.index, &self.text, findings)
    }
}

impl FileKind {
    /// All kinds, in the order in which they are read.
    pub const ALL: &'static [Self] =
        &[Self::Lab, Self::Provider, Self::View, Self::Usage, Self::Sources, Self::ProviderMap, Self::Routing, Self::Held];

    /// Returns three names of the kind: the name of its folder (or of its file, if a catalog has only one file of this kind), its name in messages,
    /// and the file name of its schema.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lab => ("models", "lab", "lab.schema.json"),
            Self::Provider => ("providers", "provider", "provider.schema.json"),
            Self::View => ("views", "view", "view.schema.json"),
            Self::Usage => ("usage", "usage shape", "usage.schema.json"),
            Self::Sources => ("sources.yaml", "registry of sources", "sources.schema.json"),
            Self::ProviderMap => ("provider-map.yaml", "provider map", "provider-map.schema.json"),
            Self::Routing => ("routing.yaml", "confirmed routing", "routing.schema.json"),
            Self::Held => ("imported/held.yaml", "list of held-back claims", "held.schema.json"),
        }
    }

    /// Returns the name of the folder with the files of this kind. Returns `None` if a catalog has only one file of this kind.
    #[must_use]
    pub const fn folder(self) -> Option<&'static str> {
        match self {
            Self::Lab | Self::Provider | Self::View | Self::Usage => Some(self.names().0),
            Self::Sources | Self::ProviderMap | Self::Routing | Self::Held => None,
        }
    }

    /// Returns whether a catalog can have imported files of this kind in addition to hand-written files. The imported files are in a folder of the
    /// same name in [`IMPORTED_FOLDER`].
    #[must_use]
    pub const fn has_imported(self) -> bool {
        matches!(self, Self::Lab | Self::Provider)
    }

    /// Returns the path of the file of this kind with the id `id`, relative to the catalog folder. If a catalog has only one file of this kind, `id`
    /// is ignored.
    #[must_use]
    pub fn path(self, id: &str) -> String {
        self.folder().map_or_else(|| self.names().0.to_owned(), |folder| format!("{folder}/{id}.yaml"))
    }

    /// Returns the path of the imported file of this kind with the id `id`, relative to the catalog folder.
    #[must_use]
    pub fn imported_path(self, id: &str) -> String {
        format!("{IMPORTED_FOLDER}/{}", self.path(id))
    }

    /// Returns the first line of every hand-written file of this kind, without the line ending. The line is a comment that names the schema for
    /// editors.
    #[must_use]
    pub fn schema_line(self) -> String {
        self.schema_line_at(&self.path(""))
    }

    /// Returns the schema comment for imported files of this kind, without the line ending. The comment names the schema for editors. It is the second line
    /// of each imported file.
    #[must_use]
    pub fn imported_schema_line(self) -> String {
        self.schema_line_at(&if self.has_imported() { self.imported_path("") } else { self.path("") })
    }

    fn schema_line_at(self, path: &str) -> String {
        let up = "../".repeat(path.matches('/').count() + 1);
        format!("# yaml-language-server: $schema={up}schema/{}", self.schema_file())
    }

    /// Returns the name of this kind in messages, such as `usage shape`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        self.names().1
    }

    /// Returns the file name of the JSON Schema for this kind, such as `provider.schema.json`.
    #[must_use]
    pub const fn schema_file(self) -> &'static str {
        self.names().2
    }
}

/// Lists the catalog files in the catalog folder `dir`: first the imported files, then the hand-written files, both sorted by kind and name.
///
/// # Errors
/// Fails if `dir` or one of its folders cannot be listed, or if `dir` has none of the folders that a catalog folder has.
pub fn catalog_files(dir: &Path) -> io::Result<Vec<CatalogFile>> {
    let found = list_files(dir)?;
    let folders = FileKind::ALL.iter().filter_map(|kind| kind.folder()).chain([IMPORTED_FOLDER]);
    if folders.into_iter().all(|folder| !dir.join(folder).is_dir()) {
        return Err(io::Error::other("the folder is not a catalog folder: it has no folder `models`, `providers` or `views`"));
    }
    Ok(found)
}

/// Lists the catalog files in `dir`.
fn list_files(dir: &Path) -> io::Result<Vec<CatalogFile>> {
    fs::read_dir(dir)?;
    let mut found = Vec::new();
    for &kind in FileKind::ALL {
        match kind.folder() {
            None => {
                let path = dir.join(kind.path(""));
                if path.exists() {
                    found.push(CatalogFile { kind, path, imported: kind == FileKind::Held });
                }
            }
            Some(folder) => {
                list_folder(&dir.join(folder), kind, false, &mut found)?;
                if kind.has_imported() {
                    list_folder(&dir.join(IMPORTED_FOLDER).join(folder), kind, true, &mut found)?;
                }
            }
        }
    }
    sort(&mut found);
    Ok(found)
}

/// Returns the catalog files in `dir` that are links to files outside of `dir`. The file itself must be a link: if only `dir` or a folder below `dir`
/// is a link, the files in the linked folder are not returned.
///
/// Commands read links, because package managers and build tools create catalog folders in which each file is a link. A program that shows a catalog
/// to other people should not read links, because a link may lead to a private file.
///
/// # Errors
/// Fails if `dir` is not a readable catalog folder.
pub fn links_outside(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let root = fs::canonicalize(dir)?;
    let is_outside = |path: &Path| {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        // A link without a target is not readable.
        let Some(target) = is_link.then(|| fs::canonicalize(path).ok()).flatten() else { return false };
        let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
        !target.starts_with(&root) && !folder.is_some_and(|folder| target.starts_with(folder))
    };
    Ok(catalog_files(dir)?.into_iter().map(|file| file.path).filter(|path| is_outside(path)).collect())
}

/// Sorts files: imported files first, then by kind and name.
fn sort(files: &mut [CatalogFile]) {
    files.sort_by_cached_key(|file| (!file.imported, file.kind, file.path.file_name().map(ToOwned::to_owned)));
}

/// Returns the command that was interrupted while it wrote files to the catalog folder `dir`. The result does not include the name of the program.
/// Secrets and control characters in the result are masked. Returns `None` if the folder has no [journal](JOURNAL_FILE).
#[must_use]
pub fn interrupted_command(dir: &Path) -> Option<String> {
    let journal = journal(dir)?;
    let command = journal["command"].as_str().filter(|command| command.len() <= 1000).unwrap_or("(unknown command)");
    Some(printable(&secret::mask(command)).into_owned())
}

/// Reads the journal of a catalog folder. Returns `null` if the journal cannot be read, and `None` if there is no journal.
fn journal(dir: &Path) -> Option<Value> {
    let path = dir.join(JOURNAL_FILE);
    let found = fs::symlink_metadata(&path).ok()?;
    let bytes = if found.is_file() { read_bytes(&path).ok() } else { None };
    Some(bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()).unwrap_or_default())
}

/// Lists the YAML files of one folder, which may be missing.
fn list_folder(folder: &Path, kind: FileKind, imported: bool, found: &mut Vec<CatalogFile>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        // Hidden files are of editors and version control.
        if is_yaml(&path) {
            found.push(CatalogFile { kind, path, imported });
        }
    }
    Ok(())
}

/// Lists the folders that contain YAML files which are not read: those inside of the folders for one kind of files.
fn ignored_folders(dir: &Path) -> Vec<PathBuf> {
    let folders = FileKind::ALL.iter().filter(|kind| kind.folder().is_some());
    let imported = folders.clone().filter(|kind| kind.has_imported()).map(|kind| kind.imported_path(""));
    let folders = folders.map(|kind| kind.path("")).chain(imported).filter_map(|path| Some(dir.join(Path::new(&path).parent()?)));
    let mut ignored: Vec<PathBuf> =
        folders.flat_map(|folder| visible_folders(&folder)).filter(|folder| has_yaml(folder, MAX_IGNORED_DEPTH)).collect();
    ignored.sort();
    ignored
}

/// Maximum depth of folders that are searched for YAML files which are not read.
const MAX_IGNORED_DEPTH: usize = 3;

/// Returns whether a folder contains a YAML file. Links are not followed, because they may lead to large folders, or back to this one.
fn has_yaml(folder: &Path, remaining_depth: usize) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    names.into_iter().any(|entry| is_yaml(&entry.path()) && entry.file_type().is_ok_and(|kind| kind.is_file()))
        || remaining_depth > 0 && visible_folders(folder).iter().any(|folder| has_yaml(folder, remaining_depth - 1))
}

/// Lists the folders in a folder, without links and hidden folders.
fn visible_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_hidden(&entry.path());
    entries.filter(is_folder).map(|entry| entry.path()).collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_yaml(path: &Path) -> bool {
    matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml")) && !is_hidden(path)
}

/// Options for reading a folder.
#[derive(Clone, Copy, Default)]
pub(crate) struct ReadOptions<'c> {
    /// Changes to files that are not written yet, but are read as if they were.
    pub(crate) changes: &'c [FileChange<'c>],
}

/// Reads all files of the catalog folder `dir` in parallel.
pub(crate) fn read(dir: &Path, options: ReadOptions<'_>, source_files: &mut SourceFiles, findings: &mut Findings) -> Vec<TextFile> {
    let ReadOptions { changes } = options;
    let found = if changes.is_empty() { catalog_files(dir) } else { list_files(dir) };
    for folder in ignored_folders(dir) {
        let file = source_files.add(shown(&folder), String::new());
        findings
            .add(&codes::IGNORED_FOLDER, Place::file(file), "the files in this folder are not read")
            .help("move the files one folder up, or out of the catalog folder");
    }
    let mut paths = match found {
        Ok(paths) => paths,
        Err(error) => {
            let file = source_files.add(shown(dir), String::new());
            findings.add(&codes::UNREADABLE, Place::file(file), format!("cannot read the catalog folder: {error}"));
            return Vec::new();
        }
    };
    if let Some(command) = interrupted_command(dir) {
        let file = source_files.add(shown(&dir.join(JOURNAL_FILE)), String::new());
        // No command completes a command whose journal it cannot read.
        let is_readable = journal(dir).is_some_and(|journal| journal["command"].is_string() && journal["changes"].is_array());
        let help = match is_readable {
            true => "run `modeldex reconcile` or the same command again; the interrupted command is then completed first",
            false => {
                "the journal cannot be read; restore the catalog folder and the evidence folder from version control, and remove the journal"
            }
        };
        findings
            .add(&codes::INTERRUPTED_WRITE, Place::file(file), format!("`modeldex {command}` was interrupted while it wrote files"))
            .help(help);
    }
    if !changes.is_empty() {
        let changed: HashSet<&Path> = changes.iter().map(|change| change.path).collect();
        paths.retain(|file| !changed.contains(&*file.path));
        paths.extend(changes.iter().filter(|change| change.text.is_some()).filter_map(|change| file_at(dir, change.path)));
        sort(&mut paths);
    }
    read_all(&paths, changes, source_files, findings)
}

/// Returns the catalog file at `path` in the catalog folder `dir`. Returns `None` if `path` is not the path of a catalog file.
fn file_at(dir: &Path, path: &Path) -> Option<CatalogFile> {
    let kind_at = |&kind: &FileKind| {
        let Some(folder) = kind.folder() else {
            return (path == dir.join(kind.path(""))).then_some((kind, kind == FileKind::Held));
        };
        let imported = kind.has_imported() && path.parent() == Some(&dir.join(IMPORTED_FOLDER).join(folder));
        (imported || path.parent() == Some(&dir.join(folder))).then_some((kind, imported))
    };
    FileKind::ALL.iter().find_map(kind_at).map(|(kind, imported)| CatalogFile { kind, path: path.into(), imported })
}

/// Reads files in parallel.
pub(crate) fn read_files(paths: &[CatalogFile], source_files: &mut SourceFiles, findings: &mut Findings) -> Vec<TextFile> {
    read_all(paths, &[], source_files, findings)
}

fn read_all(paths: &[CatalogFile], changes: &[FileChange<'_>], source_files: &mut SourceFiles, findings: &mut Findings) -> Vec<TextFile> {
    let first = source_files.files().len();
    let texts: HashMap<&Path, &str> = changes.iter().filter_map(|change| Some((change.path, change.text?))).collect();
    let bytes = |file: &CatalogFile| texts.get(&*file.path).map_or_else(|| read_bytes(&file.path), |text| Ok(text.as_bytes().to_vec()));
    let mut parsed = in_parallel(paths, |offset, file| read_file(first + offset, file, bytes(file)));
    parsed
        .drain(..)
        .filter_map(|(path, shown_text, file, found)| {
            source_files.add(path, shown_text);
            findings.extend(found);
            file
        })
        .collect()
}

/// Path and masked text for reports, the file if it is text, and findings.
type ReadFile = (String, String, Option<TextFile>, Findings);

fn read_file(index: usize, CatalogFile { kind, path, imported }: &CatalogFile, bytes: Result<Vec<u8>, String>) -> ReadFile {
    let name = shown(path);
    let mut findings = Findings::default();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(reason) => {
            findings.add(&codes::UNREADABLE, Place::file(index), format!("cannot read the file: {reason}"));
            return (name, String::new(), None, findings);
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let place = Place::bytes(index, valid, valid + char::REPLACEMENT_CHARACTER.len_utf8());
            findings
                .add(&codes::NOT_UTF8, place, "the file is not encoded in UTF-8")
                .label("this byte is invalid")
                .help("save the file as UTF-8");
            let shown_text = secret::mask(&text);
            return (name, shown_text, None, findings);
        }
    };
    let secrets = Secrets::scan(&text);
    for secret in secrets.certain() {
        findings
            .add(&codes::SECRET, Place::bytes(index, secret.start, secret.end), "the file contains a possible secret")
            .label("the secret is masked in this report, but is still in the file")
            .help("replace the secret with the name of an environment variable; if the file was ever shared, revoke the secret");
    }
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let shown_text = secrets.mask(&text);
    (name, shown_text, Some(TextFile { kind: *kind, imported: *imported, id, index, text }), findings)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = file::read(path, file::MAX_FILE_BYTES).map_err(|error| error.to_string())?;
    bytes.ok_or_else(|| "the file does not exist".to_owned())
}
