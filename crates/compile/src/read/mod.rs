//! From a folder to values: finds the files, reads them, and keeps what is wrong for later; parses each when its value is needed.

pub(crate) mod marks;
#[cfg(test)]
mod tests;
mod yaml;

use crate::Draft;
use crate::codes;
use crate::diagnostic::Sources;
use crate::finding::{Findings, Place};
use modeldex_support::parallel::in_parallel;
use modeldex_support::secret::{self, Secrets};
pub(crate) use modeldex_support::text::with_forward_slashes as shown;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Files larger than this are refused: no catalog file comes near, and memory stays bounded whatever is put in the folder.
const LARGEST_FILE: u64 = 64 << 20;

/// What a file of a catalog describes, by the folder it is in, or by its own name where there is one such file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `models/<lab>.yaml`
    Lab,
    /// `providers/<id>.yaml`
    Provider,
    /// `views/<name>.yaml`
    View,
    /// `usage/<name>.yaml`
    Usage,
    /// `sources.yaml`
    Sources,
    /// `provider-map.yaml`
    ProviderMap,
    /// `routing.yaml`
    Routing,
    /// `imported/held.yaml`
    Held,
}

/// The generated folder of a catalog. Its `providers` and `models` have the layout of the hand-written ones.
pub const IMPORTED: &str = "imported";

/// A file of a catalog folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogFile {
    /// What it describes.
    pub kind: FileKind,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is generated: below [`IMPORTED`].
    pub imported: bool,
}

/// A file that is text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) kind: FileKind,
    /// Whether it is generated from the evidence.
    pub(crate) imported: bool,
    pub(crate) id: String,
    /// The place in `Sources`.
    pub(crate) at: usize,
    /// The text as it was read, unmasked. Never shown.
    pub(crate) text: String,
}

impl File {
    /// The value of the file; `None` when the text cannot be read as one YAML document. It is ten times as large as the text, so it is
    /// parsed where it is needed and never kept: those of all files at once were a third of the memory of a check.
    pub(crate) fn parse(&self, findings: &mut Findings) -> Option<Value> {
        yaml::parse(self.at, &self.text, findings)
    }
}

impl FileKind {
    /// Every kind, in the order in which they are read.
    pub const ALL: &'static [Self] =
        &[Self::Lab, Self::Provider, Self::View, Self::Usage, Self::Sources, Self::ProviderMap, Self::Routing, Self::Held];

    /// Its folder or, of a kind with a single file, that file; what one is called in a message; the name of its schema's file.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lab => ("models", "lab", "lab.schema.json"),
            Self::Provider => ("providers", "provider", "provider.schema.json"),
            Self::View => ("views", "view", "view.schema.json"),
            Self::Usage => ("usage", "usage shape", "usage.schema.json"),
            Self::Sources => ("sources.yaml", "registry of sources", "sources.schema.json"),
            Self::ProviderMap => ("provider-map.yaml", "provider map", "provider-map.schema.json"),
            Self::Routing => ("routing.yaml", "confirmed routing", "routing.schema.json"),
            Self::Held => ("imported/held.yaml", "list of held facts", "held.schema.json"),
        }
    }

    /// The folder under the catalog that holds files of this kind; `None` for a kind with a single file.
    #[must_use]
    pub const fn folder(self) -> Option<&'static str> {
        match self {
            Self::Lab | Self::Provider | Self::View | Self::Usage => Some(self.names().0),
            Self::Sources | Self::ProviderMap | Self::Routing | Self::Held => None,
        }
    }

    /// Whether files of this kind are also generated, in a folder of the same name below [`IMPORTED`].
    #[must_use]
    pub const fn is_imported(self) -> bool {
        matches!(self, Self::Lab | Self::Provider)
    }

    /// The path under the catalog of the file with this id. A kind with a single file has the same path for every id.
    #[must_use]
    pub fn path(self, id: &str) -> String {
        self.folder().map_or_else(|| self.names().0.to_owned(), |folder| format!("{folder}/{id}.yaml"))
    }

    /// The path under the catalog of the generated file with this id.
    #[must_use]
    pub fn imported_path(self, id: &str) -> String {
        format!("{IMPORTED}/{}", self.path(id))
    }

    /// The first line of such a file, by which editors find its schema; without the end of the line.
    #[must_use]
    pub fn schema_line(self) -> String {
        self.schema_line_at(&self.path(""))
    }

    /// The same for a generated file, of which it is the second line.
    #[must_use]
    pub fn imported_schema_line(self) -> String {
        self.schema_line_at(&if self.is_imported() { self.imported_path("") } else { self.path("") })
    }

    fn schema_line_at(self, path: &str) -> String {
        let up = "../".repeat(path.matches('/').count() + 1);
        format!("# yaml-language-server: $schema={up}schema/{}", self.schema_file())
    }

    /// What one is called in a message.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        self.names().1
    }

    /// The name of its schema's file.
    #[must_use]
    pub const fn schema_file(self) -> &'static str {
        self.names().2
    }
}

/// The catalog files below `dir`, sorted by kind and name, generated ones first.
///
/// # Errors
/// When `dir` or one of its folders cannot be listed.
pub fn files(dir: &Path) -> io::Result<Vec<CatalogFile>> {
    let found = listed(dir, false)?;
    let folders = FileKind::ALL.iter().filter_map(|kind| kind.folder()).chain([IMPORTED]);
    if folders.into_iter().all(|folder| !dir.join(folder).is_dir()) {
        return Err(io::Error::other("it has none of the folders `models`, `providers` and `views`"));
    }
    Ok(found)
}

fn listed(dir: &Path, only_imported: bool) -> io::Result<Vec<CatalogFile>> {
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
                if !only_imported {
                    list(&dir.join(folder), kind, false, &mut found)?;
                }
                if kind.is_imported() {
                    list(&dir.join(IMPORTED).join(folder), kind, true, &mut found)?;
                }
            }
        }
    }
    sort(&mut found);
    Ok(found)
}

/// Sorts files by kind and name, generated ones first.
fn sort(files: &mut [CatalogFile]) {
    files.sort_by_cached_key(|file| (!file.imported, file.kind, file.path.file_name().map(ToOwned::to_owned)));
}

/// Lists the YAML files of one folder; none where there is no such folder.
fn list(folder: &Path, kind: FileKind, imported: bool, found: &mut Vec<CatalogFile>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        // Editors and version control leave hidden files beside the catalog's.
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml")) {
            found.push(CatalogFile { kind, path, imported });
        }
    }
    Ok(())
}

/// How a folder is read.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reading<'d> {
    /// Files that are taken as they would be.
    pub(crate) drafts: &'d [Draft<'d>],
    /// Whether the hand-written folders are passed over.
    pub(crate) only_imported: bool,
}

/// Reads every file of the catalog in `dir`, on all processors.
pub(crate) fn read(dir: &Path, reading: Reading<'_>, sources: &mut Sources, findings: &mut Findings) -> Vec<File> {
    let Reading { drafts, only_imported } = reading;
    let found = if drafts.is_empty() && !only_imported { files(dir) } else { listed(dir, only_imported) };
    let mut paths = match found {
        Ok(paths) => paths,
        Err(error) => {
            let file = sources.add(shown(dir), String::new());
            findings.add(&codes::UNREADABLE, Place::file(file), format!("the catalog folder cannot be read: {error}"));
            return Vec::new();
        }
    };
    if !drafts.is_empty() {
        let changed: HashSet<&Path> = drafts.iter().map(|draft| draft.path).collect();
        paths.retain(|file| !changed.contains(&*file.path));
        paths.extend(drafts.iter().filter(|draft| draft.text.is_some()).filter_map(|draft| of_path(dir, draft.path)));
        sort(&mut paths);
    }
    read_all(&paths, drafts, sources, findings)
}

/// The file of a catalog folder that has this path.
fn of_path(dir: &Path, path: &Path) -> Option<CatalogFile> {
    let of = |&kind: &FileKind| {
        let Some(folder) = kind.folder() else {
            return (path == dir.join(kind.path(""))).then_some((kind, kind == FileKind::Held));
        };
        let imported = kind.is_imported() && path.parent() == Some(&dir.join(IMPORTED).join(folder));
        (imported || path.parent() == Some(&dir.join(folder))).then_some((kind, imported))
    };
    FileKind::ALL.iter().find_map(of).map(|(kind, imported)| CatalogFile { kind, path: path.into(), imported })
}

/// Reads these files, on all processors.
pub(crate) fn read_files(paths: &[CatalogFile], sources: &mut Sources, findings: &mut Findings) -> Vec<File> {
    read_all(paths, &[], sources, findings)
}

fn read_all(paths: &[CatalogFile], drafts: &[Draft<'_>], sources: &mut Sources, findings: &mut Findings) -> Vec<File> {
    let first = sources.files().len();
    let texts: HashMap<&Path, &str> = drafts.iter().filter_map(|draft| Some((draft.path, draft.text?))).collect();
    let bytes = |file: &CatalogFile| texts.get(&*file.path).map_or_else(|| read_bytes(&file.path), |text| Ok(text.as_bytes().to_vec()));
    let mut parsed = in_parallel(paths, |at, file| read_file(first + at, file, bytes(file)));
    parsed
        .drain(..)
        .filter_map(|(path, shown_text, file, found)| {
            sources.add(path, shown_text);
            findings.extend(found);
            file
        })
        .collect()
}

type ReadFile = (String, String, Option<File>, Findings);

fn read_file(at: usize, CatalogFile { kind, path, imported }: &CatalogFile, bytes: Result<Vec<u8>, String>) -> ReadFile {
    let name = shown(path);
    let mut findings = Findings::default();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(why) => {
            findings.add(&codes::UNREADABLE, Place::file(at), format!("the file cannot be read: {why}"));
            return (name, String::new(), None, findings);
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let place = Place::bytes(at, valid, valid + char::REPLACEMENT_CHARACTER.len_utf8());
            findings
                .add(&codes::NOT_UTF8, place, "the file is not UTF-8")
                .label("this byte begins no character")
                .help("save the file as UTF-8");
            let shown_text = secret::mask(&text);
            return (name, shown_text, None, findings);
        }
    };
    let secrets = Secrets::scan(&text);
    for secret in secrets.certain() {
        findings
            .add(&codes::SECRET, Place::bytes(at, secret.start, secret.end), "this looks like a secret")
            .label("masked here; it is still in the file")
            .help("name an environment variable instead, and revoke the key if the file was ever shared");
    }
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let shown_text = secrets.mask(&text);
    (name, shown_text, Some(File { kind: *kind, imported: *imported, id, at, text }), findings)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        // A pipe would never end, and a device may not.
        return Err("it is not a file".to_owned());
    }
    if about.len() > LARGEST_FILE {
        return Err(format!("it has {} bytes, and {LARGEST_FILE} is the most", about.len()));
    }
    fs::read(path).map_err(|error| error.to_string())
}
