//! From a folder to values: finds the files, reads them, parses them, and keeps what is wrong for later.

pub(crate) mod marks;
pub(crate) mod secret;
#[cfg(test)]
mod tests;
mod yaml;

use crate::Draft;
use crate::codes;
use crate::diagnostic::Sources;
use crate::finding::{Findings, Place};
use crate::parallel::in_parallel;
use serde_json::Value;
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

/// A parsed file. `value` is `None` when the text could not be read as one YAML document.
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
    pub(crate) value: Option<Value>,
}

impl FileKind {
    /// Every kind, in the order in which they are read.
    pub const ALL: &'static [Self] = &[Self::Lab, Self::Provider, Self::View, Self::Sources, Self::ProviderMap, Self::Routing, Self::Held];

    /// The folder under the catalog that holds files of this kind; `None` for a kind with a single file.
    #[must_use]
    pub const fn folder(self) -> Option<&'static str> {
        match self {
            Self::Lab => Some("models"),
            Self::Provider => Some("providers"),
            Self::View => Some("views"),
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
        match (self, self.folder()) {
            (_, Some(folder)) => format!("{folder}/{id}.yaml"),
            (Self::ProviderMap, None) => "provider-map.yaml".to_owned(),
            (Self::Routing, None) => "routing.yaml".to_owned(),
            (Self::Held, None) => format!("{IMPORTED}/held.yaml"),
            (_, None) => "sources.yaml".to_owned(),
        }
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
        match self {
            Self::Lab => "lab",
            Self::Provider => "provider",
            Self::View => "view",
            Self::Sources => "registry of sources",
            Self::ProviderMap => "provider map",
            Self::Routing => "confirmed routing",
            Self::Held => "list of held facts",
        }
    }

    /// The name of its schema's file.
    #[must_use]
    pub const fn schema_file(self) -> &'static str {
        match self {
            Self::Lab => "lab.schema.json",
            Self::Provider => "provider.schema.json",
            Self::View => "view.schema.json",
            Self::Sources => "sources.schema.json",
            Self::ProviderMap => "provider-map.schema.json",
            Self::Routing => "routing.schema.json",
            Self::Held => "held.schema.json",
        }
    }
}

/// The catalog files below `dir`, sorted by kind and name, generated ones first.
///
/// # Errors
/// When `dir` or one of its folders cannot be listed.
pub fn files(dir: &Path) -> io::Result<Vec<CatalogFile>> {
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
                list(&dir.join(folder), kind, false, &mut found)?;
                if kind.is_imported() {
                    list(&dir.join(IMPORTED).join(folder), kind, true, &mut found)?;
                }
            }
        }
    }
    let folders = FileKind::ALL.iter().filter_map(|kind| kind.folder()).chain([IMPORTED]);
    if folders.into_iter().all(|folder| !dir.join(folder).is_dir()) {
        return Err(io::Error::other("it has none of the folders `models`, `providers` and `views`"));
    }
    let key = |file: &CatalogFile| (!file.imported, file.kind, file.path.file_name().map(ToOwned::to_owned));
    found.sort_by_cached_key(key);
    Ok(found)
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

/// Reads every file of the catalog in `dir`, on all processors. That of the draft is taken as it would be.
pub(crate) fn read(dir: &Path, draft: Option<Draft<'_>>, sources: &mut Sources, findings: &mut Findings) -> Vec<File> {
    let mut paths = match files(dir) {
        Ok(paths) => paths,
        Err(error) => {
            let file = sources.add(shown(dir), String::new());
            findings.add(&codes::UNREADABLE, Place::file(file), format!("the catalog folder cannot be read: {error}"));
            return Vec::new();
        }
    };
    if let Some(Draft { path, text }) = draft {
        let in_folder = |kind: &&FileKind| kind.folder().is_some_and(|folder| path.parent() == Some(&dir.join(folder)));
        if text.is_none() {
            paths.retain(|file| file.path != path);
        } else if let (true, Some(&kind)) = (paths.iter().all(|file| file.path != path), FileKind::ALL.iter().find(in_folder)) {
            paths.push(CatalogFile { kind, path: path.into(), imported: false });
        }
    }
    read_all(&paths, draft, sources, findings)
}

/// Reads these files, on all processors.
pub(crate) fn read_files(paths: &[CatalogFile], sources: &mut Sources, findings: &mut Findings) -> Vec<File> {
    read_all(paths, None, sources, findings)
}

fn read_all(paths: &[CatalogFile], draft: Option<Draft<'_>>, sources: &mut Sources, findings: &mut Findings) -> Vec<File> {
    let first = sources.files().len();
    let bytes = |file: &CatalogFile| match draft {
        Some(Draft { path, text: Some(text) }) if path == file.path => Ok(text.as_bytes().to_vec()),
        _ => read_bytes(&file.path),
    };
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
    let secrets = secret::find(&text);
    for secret in &secrets {
        findings
            .add(&codes::SECRET, Place::bytes(at, secret.start, secret.end), "this looks like a secret")
            .label("masked here; it is still in the file")
            .help("name an environment variable instead, and revoke the key if the file was ever shared");
    }
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let value = yaml::parse(at, &text, &mut findings);
    let shown_text = secret::mask_found(&text, secrets);
    (name, shown_text, Some(File { kind: *kind, imported: *imported, id, at, text, value }), findings)
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

/// A path as it is shown: the same on every system.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
