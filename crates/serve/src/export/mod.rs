//! A site as files, for a CDN or any server of files.
//!
//! The path `P` is the file `P` where it ends in `.json`, else `P.json`. What holds the whole catalog also lies there compressed, with the
//! very bytes that [`serve`](crate::serve()) sends, and what other tools fetch once more under a name that has its hash in it, which may be
//! kept for ever. `manifest.json` says what is which, and is written last.

mod folder;
mod names;

use crate::accept::Encoding;
use crate::encode::sha256;
use crate::health::Health;
use crate::page::{self, Kind, Page};
use crate::routes::Route;
use crate::site::{Evidence, EvidenceOf, Site};
use folder::Folder;
use modeldex_support::parallel::in_parallel;
use modeldex_table::{Alias, Model, ProviderAlias};
use names::Names;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many files there are now.
    pub files: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many of them were written; the others held the same already.
    pub written: usize,
    /// How many of an earlier export were removed.
    pub removed: usize,
    /// How many have another name than their path, because no file can have that one.
    pub renamed: usize,
}

/// Why a site could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder has files in it that no export wrote.
    #[error("`{}` has other files in it; name an empty folder, or one that was exported to before", shown(.0))]
    Foreign(PathBuf),
    /// Another export is writing there.
    #[error("another export is writing to `{}`", shown(.0))]
    Busy(PathBuf),
    /// Something could not be read or written.
    #[error("`{}` cannot be written: {}", shown(.0), .1)]
    Io(PathBuf, std::io::Error),
    /// The evidence could not be read, and why.
    #[error("{0}")]
    Evidence(String),
}

/// The file that says what is there.
const MANIFEST: &str = "manifest.json";
/// So many models are rendered at once.
const TOGETHER: usize = 256;
/// What says that a manifest is one of ours.
const GENERATOR: &str = "modeldex export";

/// Writes a site into the folder `dir`, and removes what an earlier export wrote there and this one does not. `progress` is told again and
/// again how many of how many models are done.
///
/// # Errors
/// When the folder has other files in it, or something cannot be read or written. Every file that was written by then is whole.
pub fn export(site: &Site, dir: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<Exported, ExportError> {
    let folder = Folder::open(dir)?;
    let names = Names::new(folder.tells_case_apart());
    let mut export = Export { folder, names, entries: Vec::new(), done: Exported::default() };
    export.site(site, progress)?;
    export.finish(site)
}

struct Export {
    folder: Folder,
    names: Names,
    /// The lines of the manifest.
    entries: Vec<Value>,
    done: Exported,
}

impl Export {
    fn site(&mut self, site: &Site, progress: &mut dyn FnMut(usize, usize)) -> Result<(), ExportError> {
        // Renders them side by side.
        let _ = site.version();
        for (route, page) in site.wholes() {
            self.whole(route, page)?;
        }
        self.page("/", "index.html", site.index(true))?;
        self.page("/", "index.json", site.index(false))?;
        self.text("/health", page::line(&Health::default().body(site)).as_bytes(), Kind::Json)?;
        let catalog = site.catalog();
        for provider in catalog.providers() {
            let Some(page) = site.provider(provider) else { continue };
            let bytes = &page.form(Encoding::Identity).bytes;
            self.text(&format!("/providers/{}", provider.id()), bytes, Kind::Json)?;
            for alias in provider.aliases().map(ProviderAlias::id) {
                self.text(&format!("/providers/{alias}"), bytes, Kind::Json)?;
                self.link(alias, provider.id())?;
            }
        }
        let mut done = Ok(());
        site.with_evidence(&mut |evidence| done = self.models(site, evidence, progress));
        done
    }

    /// The pages of the models. They are made in other threads while those before them are written.
    fn models(&mut self, site: &Site, evidence: EvidenceOf<'_>, progress: &mut dyn FnMut(usize, usize)) -> Result<(), ExportError> {
        let catalog = site.catalog();
        let models: Vec<Model<'_>> = catalog.models().collect();
        thread::scope(|scope| {
            let (sender, pages) = sync_channel(2);
            let models = &models[..];
            scope.spawn(move || {
                let page = |_, model: &Model<'_>| (site.model_text(*model), evidence(*model));
                // Nothing is received any more once something cannot be written.
                models.chunks(TOGETHER).try_for_each(|some| sender.send(in_parallel(some, page)))
            });
            for (at, (model, (text, evidence))) in models.iter().zip(pages.into_iter().flatten()).enumerate() {
                progress(at, models.len());
                let evidence = match evidence {
                    Evidence::Found(json) => Some(json),
                    Evidence::Absent(_) => None,
                    Evidence::Unreadable(why) => return Err(ExportError::Evidence(why)),
                };
                for id in std::iter::once(model.id()).chain(model.aliases().map(Alias::id)) {
                    let path = format!("/models/{}/{id}", model.provider().id());
                    self.text(&path, text.as_bytes(), Kind::Json)?;
                    if let Some(evidence) = &evidence {
                        self.text(&format!("{path}/evidence"), evidence.as_bytes(), Kind::Json)?;
                    }
                }
            }
            progress(models.len(), models.len());
            Ok(())
        })
    }

    /// A page that holds the whole catalog: in every encoding, and with its hash in its name where other tools fetch it.
    fn whole(&mut self, route: &Route, page: &Page) -> Result<(), ExportError> {
        let path = route.path;
        let file = self.names.file_of(path);
        let plain = page.form(Encoding::Identity);
        let hashed = route.is_format().then(|| {
            let stem = path.trim_start_matches('/').trim_end_matches(".json").replace('/', "-");
            format!("hashed/{stem}.{}.json", &sha256(&plain.bytes)[..16])
        });
        for (file, hashed) in [(Some(file.clone()), hashed.as_deref()), (hashed.clone(), None)] {
            let Some(file) = file else { continue };
            let of = format!("/{file}");
            let path = if hashed.is_some() || !route.is_format() { path } else { &of };
            self.entry(path, &file, &plain.bytes, Kind::Json, Encoding::Identity, hashed)?;
            if page.is_encoded() {
                let hashed = hashed.map(|hashed| format!("{hashed}.gz"));
                let bytes = &page.form(Encoding::Gzip).bytes;
                self.entry(path, &format!("{file}.gz"), bytes, Kind::Json, Encoding::Gzip, hashed.as_deref())?;
            }
        }
        Ok(())
    }

    fn page(&mut self, path: &str, file: &str, page: &Page) -> Result<(), ExportError> {
        let form = page.form(Encoding::Identity);
        self.entry(path, file, &form.bytes, page.kind(), Encoding::Identity, None)
    }

    fn text(&mut self, path: &str, bytes: &[u8], kind: Kind) -> Result<(), ExportError> {
        let file = self.names.file_of(path);
        self.done.renamed += usize::from(file.starts_with(names::FALLBACK));
        self.entry(path, &file, bytes, kind, Encoding::Identity, None)
    }

    /// The models of a provider under an alias of it: a link to their folder, because they would be as many files again. A server of files
    /// follows it; whoever uploads them elsewhere copies what it leads to, or leaves it out.
    fn link(&mut self, alias: &str, provider: &str) -> Result<(), ExportError> {
        let (path, file) = (format!("/models/{alias}/"), format!("models/{alias}"));
        if names::is_inside(&file) && self.folder.link(&file, provider)? {
            self.entries.push(json!({"path": path, "file": file, "link": provider}));
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: &str,
        file: &str,
        bytes: &[u8],
        kind: Kind,
        encoding: Encoding,
        hashed: Option<&str>,
    ) -> Result<(), ExportError> {
        self.done.written += usize::from(self.folder.replace(file, bytes)?);
        self.done.files += 1;
        self.done.bytes += bytes.len() as u64;
        let mut entry = json!({"path": path, "file": file, "sha256": sha256(bytes), "bytes": bytes.len(), "type": kind.as_str()});
        if encoding == Encoding::Gzip {
            entry["encoding"] = "gzip".into();
        }
        if let Some(hashed) = hashed {
            entry["hashed"] = hashed.into();
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Removes what is left over, and only then says what is there: a manifest that is there already names what is still to be removed.
    fn finish(mut self, site: &Site) -> Result<Exported, ExportError> {
        let here: BTreeSet<&str> = self.entries.iter().filter_map(|entry| entry["file"].as_str()).collect();
        for file in self.folder.earlier()?.iter().filter(|file| !here.contains(file.as_str()) && names::is_inside(file)) {
            self.done.removed += usize::from(self.folder.remove(file)?);
        }
        let head = json!({
            "generator": GENERATOR,
            "version": env!("CARGO_PKG_VERSION"),
            "catalog": {
                "version": site.version(), "prices_as_of": site.at().to_string(),
                "providers": site.providers(), "models": site.models(),
            },
        });
        let lines: Vec<String> = self.entries.iter().map(Value::to_string).collect();
        // An entry a line, so that a difference of two can be read.
        let head = head.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        let text = format!("{head},\"files\":[\n{}\n]}}\n", lines.join(",\n"));
        self.done.written += usize::from(self.folder.replace(MANIFEST, text.as_bytes())?);
        self.done.files += 1;
        self.done.bytes += text.len() as u64;
        Ok(self.done)
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
