//! Export of all responses of the HTTP API as static files, for a CDN or a static file server.
//!
//! The response for the URL path `P` is written to the file `P` if `P` ends in `.json`, and to `P.json` otherwise. Pages that cover the whole catalog
//! are also written with gzip compression. The compressed bytes are equal to those that [`serve`](crate::serve()) sends. A page in a format of
//! another tool is also written under a name that contains the hash of the page, so that clients can cache this file forever. The file
//! `manifest.json`, which maps URL paths to files, is written last.

mod folder;
mod names;

use crate::accept::Encoding;
use crate::encode::sha256;
use crate::health::Health;
use crate::page::{ContentType, Page, json_line};
use crate::routes::Route;
use crate::site::{EvidenceLookup, ModelEvidence, Site};
use folder::ExportFolder;
use modeldex_support::parallel::in_parallel;
use modeldex_table::{Alias, Model, ProviderAlias};
use names::FileNames;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

/// Numbers of files that an export wrote, kept and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Number of all files of the export, including the manifest.
    pub files: usize,
    /// Total size of all files, in bytes.
    pub bytes: u64,
    /// Number of files that were written because they were new or changed.
    pub written: usize,
    /// Number of files of the previous export that were removed because they are not part of this export.
    pub removed: usize,
    /// Number of files that have another name than their URL path, because the file system does not accept the path as a name.
    pub renamed: usize,
}

/// Failure of an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder contains files that no export wrote.
    #[error(
        "`{path}` contains files that `modeldex export` did not write; choose an empty folder, or the folder of a previous export",
        path = shown(.0)
    )]
    ForeignFiles(PathBuf),
    /// Another export is writing to the folder.
    #[error("another export is writing to `{path}`; wait until the other export is finished", path = shown(.0))]
    Locked(PathBuf),
    /// A file or folder cannot be read or written.
    #[error("`{path}` cannot be written: {error}", path = shown(.0), error = .1)]
    Io(PathBuf, std::io::Error),
    /// The evidence of a model cannot be read. The field is the error message.
    #[error("{0}")]
    Evidence(String),
}

/// Name of the file that lists all files of an export.
const MANIFEST: &str = "manifest.json";
/// Number of models that are rendered in one batch.
const MODELS_PER_BATCH: usize = 256;
/// Value of the field `generator` in the manifest, which shows that an export wrote the manifest.
const GENERATOR: &str = "modeldex export";

/// Writes every response of `site` to a file in the folder `dir`, and removes files of the previous export that are not part of this export.
///
/// Calls `on_progress` with the number of models written so far, and the number of all models.
///
/// # Errors
/// Fails if the folder contains files that no export wrote, if another export is writing to the folder, or if a file cannot be read or written. All
/// files that were written before the error are complete.
pub fn export(site: &Site, dir: &Path, on_progress: &mut dyn FnMut(usize, usize)) -> Result<ExportSummary, ExportError> {
    let folder = ExportFolder::open(dir)?;
    let names = FileNames::new(folder.is_case_sensitive());
    let mut export = Export { folder, names, entries: Vec::new(), summary: ExportSummary::default() };
    export.write_site(site, on_progress)?;
    export.finish(site)
}

struct Export {
    folder: ExportFolder,
    names: FileNames,
    /// Entries of the manifest.
    entries: Vec<Value>,
    summary: ExportSummary,
}

impl Export {
    fn write_site(&mut self, site: &Site, on_progress: &mut dyn FnMut(usize, usize)) -> Result<(), ExportError> {
        // This call renders all pages that cover the whole catalog, in parallel.
        let _ = site.catalog_version();
        for (route, page) in site.full_catalog_pages() {
            self.write_full_catalog_page(route, page)?;
        }
        self.write_page("/", "index.html", site.index(true))?;
        self.write_page("/", "index.json", site.index(false))?;
        self.write_text("/health", json_line(&Health::default().body(site)).as_bytes(), ContentType::Json)?;
        let catalog = site.catalog();
        for provider in catalog.providers() {
            let Some(page) = site.provider(provider) else { continue };
            let bytes = &page.encoded(Encoding::Identity).bytes;
            self.write_text(&format!("/providers/{}", provider.id()), bytes, ContentType::Json)?;
            for alias in provider.aliases().map(ProviderAlias::id) {
                self.write_text(&format!("/providers/{alias}"), bytes, ContentType::Json)?;
                self.write_link(alias, provider.id())?;
            }
        }
        let mut result = Ok(());
        site.with_evidence(&mut |evidence| result = self.write_models(site, evidence, on_progress));
        result
    }

    /// Removes the links to providers without a folder: a provider without models, or whose files are all in the fallback folder.
    fn remove_dangling_links(&mut self) -> Result<(), ExportError> {
        let mut kept = Vec::new();
        for entry in std::mem::take(&mut self.entries) {
            let is_dangling = match entry["file"].as_str().filter(|_| entry.get("link").is_some()) {
                Some(link) => self.folder.remove_dangling_link(link)?,
                None => false,
            };
            if !is_dangling {
                kept.push(entry);
            }
        }
        self.entries = kept;
        Ok(())
    }

    /// Writes the page of each model. At the same time, other threads render the next pages.
    fn write_models(
        &mut self,
        site: &Site,
        evidence: EvidenceLookup<'_>,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), ExportError> {
        let catalog = site.catalog();
        let models: Vec<Model<'_>> = catalog.models().collect();
        thread::scope(|scope| {
            let (sender, pages) = sync_channel(2);
            let models = &models[..];
            scope.spawn(move || {
                let page = |_, model: &Model<'_>| (site.model_text(*model), evidence(*model));
                // The receiver is dropped when a file cannot be written.
                models.chunks(MODELS_PER_BATCH).try_for_each(|batch| sender.send(in_parallel(batch, page)))
            });
            for (at, (model, (text, evidence))) in models.iter().zip(pages.into_iter().flatten()).enumerate() {
                on_progress(at, models.len());
                let evidence = match evidence {
                    ModelEvidence::Found(json) => Some(json),
                    ModelEvidence::Absent(_) => None,
                    ModelEvidence::Unreadable(reason) => return Err(ExportError::Evidence(reason)),
                };
                for id in std::iter::once(model.id()).chain(model.aliases().map(Alias::id)) {
                    let path = format!("/models/{}/{id}", model.provider().id());
                    self.write_text(&path, text.as_bytes(), ContentType::Json)?;
                    if let Some(evidence) = &evidence {
                        self.write_text(&format!("{path}/evidence"), evidence.as_bytes(), ContentType::Json)?;
                    }
                }
            }
            on_progress(models.len(), models.len());
            Ok(())
        })
    }

    /// Writes a page that covers the whole catalog, without and with compression. A page in the format of another tool is also written under a name
    /// that contains its hash.
    fn write_full_catalog_page(&mut self, route: &Route, page: &Page) -> Result<(), ExportError> {
        let path = route.path;
        let file = self.names.assign(path);
        let identity = page.encoded(Encoding::Identity);
        let hashed = route.is_format().then(|| {
            let stem = path.trim_start_matches('/').trim_end_matches(".json").replace('/', "-");
            format!("hashed/{stem}.{}.json", &sha256(&identity.bytes)[..16])
        });
        for (file, hashed) in [(Some(file.clone()), hashed.as_deref()), (hashed.clone(), None)] {
            let Some(file) = file else { continue };
            let hashed_path = format!("/{file}");
            let path = if hashed.is_some() || !route.is_format() { path } else { &hashed_path };
            self.write_entry(path, &file, &identity.bytes, ContentType::Json, Encoding::Identity, hashed)?;
            if page.is_compressible() {
                let hashed = hashed.map(|hashed| format!("{hashed}.gz"));
                let bytes = &page.encoded(Encoding::Gzip).bytes;
                self.write_entry(path, &format!("{file}.gz"), bytes, ContentType::Json, Encoding::Gzip, hashed.as_deref())?;
            }
        }
        Ok(())
    }

    /// Writes a page to `file`, without compression.
    fn write_page(&mut self, path: &str, file: &str, page: &Page) -> Result<(), ExportError> {
        let body = page.encoded(Encoding::Identity);
        self.write_entry(path, file, &body.bytes, page.content_type(), Encoding::Identity, None)
    }

    /// Writes the file for a URL path. [`FileNames`] chooses the name of the file.
    fn write_text(&mut self, path: &str, bytes: &[u8], content_type: ContentType) -> Result<(), ExportError> {
        let file = self.names.assign(path);
        self.summary.renamed += usize::from(file.starts_with(names::FALLBACK_FOLDER));
        self.write_entry(path, &file, bytes, content_type, Encoding::Identity, None)
    }

    /// Creates a link from an alias of a provider to the folder with the provider's models. Copies of the models would double the number of files.
    /// File servers follow the link. An upload to another host can copy the folder or omit the alias.
    fn write_link(&mut self, alias: &str, provider: &str) -> Result<(), ExportError> {
        let (path, file) = (format!("/models/{alias}/"), format!("models/{alias}"));
        if names::is_valid(&file) && self.folder.link(&file, provider)? {
            self.entries.push(json!({"path": path, "file": file, "link": provider}));
        }
        Ok(())
    }

    /// Writes a file, and adds an entry for the file to the manifest.
    fn write_entry(
        &mut self,
        path: &str,
        file: &str,
        bytes: &[u8],
        content_type: ContentType,
        encoding: Encoding,
        hashed: Option<&str>,
    ) -> Result<(), ExportError> {
        self.summary.written += usize::from(self.folder.replace(file, bytes)?);
        self.summary.files += 1;
        self.summary.bytes += bytes.len() as u64;
        let mut entry = json!({"path": path, "file": file, "sha256": sha256(bytes), "bytes": bytes.len(), "type": content_type.as_str()});
        if encoding == Encoding::Gzip {
            entry["encoding"] = "gzip".into();
        }
        if let Some(hashed) = hashed {
            entry["hashed"] = hashed.into();
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Removes dangling links and the files that are no longer part of the export, then writes the manifest. If the removal is interrupted, the
    /// manifest of the previous export still lists the files, so that the next export removes them.
    fn finish(mut self, site: &Site) -> Result<ExportSummary, ExportError> {
        let current: BTreeSet<&str> = self.entries.iter().filter_map(|entry| entry["file"].as_str()).collect();
        for file in self.folder.previous_files()?.iter().filter(|file| !current.contains(file.as_str()) && names::is_valid(file)) {
            self.summary.removed += usize::from(self.folder.remove(file)?);
        }
        self.remove_dangling_links()?;
        let head = json!({
            "generator": GENERATOR,
            "version": env!("CARGO_PKG_VERSION"),
            "catalog": {
                "version": site.catalog_version(), "prices_as_of": site.prices_as_of().to_string(),
                "providers": site.provider_count(), "models": site.model_count(),
            },
        });
        let lines: Vec<String> = self.entries.iter().map(Value::to_string).collect();
        // One entry per line, so that a diff of two manifests is readable.
        let head = head.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        let text = format!("{head},\"files\":[\n{}\n]}}\n", lines.join(",\n"));
        self.summary.written += usize::from(self.folder.replace(MANIFEST, text.as_bytes())?);
        self.summary.files += 1;
        self.summary.bytes += text.len() as u64;
        Ok(self.summary)
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
