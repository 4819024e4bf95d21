//! `export`: the responses of `serve` as static files.

use super::catalog_source::{CatalogSource, shown};
use super::evidence;
use super::failure::Failure;
use super::import::EvidenceDir;
use super::out;
use super::serve::ServeSource;
use super::units;
use modeldex_serve::{Site, export};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Export the responses of `serve` as static files, for a CDN or web server
///
/// The response of the path P is the file P if it ends in .json, else P.json. Responses with the whole catalog are also written compressed, and
/// those for other tools also with a content hash in their name, in hashed/. manifest.json lists all files. Unchanged files are not rewritten;
/// files of an earlier export that no longer exist are removed. docs/serving.md shows how to serve the folder.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The output folder: empty, or written by an earlier export
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    evidence: EvidenceDir,
}

pub(crate) fn run(args: &Args, source: &CatalogSource) -> Result<(), Failure> {
    let site = Site::new(ServeSource::new(source, &args.evidence)?.load()?, units::now());
    let start = Instant::now();
    let mut last_update = Duration::ZERO;
    let is_terminal = out::stderr_width().is_some();
    let mut progress = |done: usize, total: usize| {
        // Only where it takes long, and a few times a second.
        let now = start.elapsed();
        if is_terminal && now > last_update + Duration::from_millis(250) {
            last_update = now;
            out::report(&format!("\r{done} of {total} models "));
        }
    };
    let done = export(&site, &args.out, &mut progress);
    if is_terminal && last_update > Duration::ZERO {
        out::report("\r\x1b[K");
    }
    let done = done.map_err(evidence::unreadable)?;
    let megabytes = done.bytes as f64 / 1e6;
    out::note(format_args!(
        "{}: {} files, {megabytes:.1} MB; {} written, {} up to date, {} removed",
        shown(&args.out),
        done.files,
        done.written,
        done.files - done.written,
        done.removed,
    ));
    if done.renamed > 0 {
        let files = if done.renamed == 1 { "1 path is" } else { &format!("{} paths are", done.renamed) };
        out::note(format_args!("{files} no name that a file can have; manifest.json says which file they are"));
    }
    Ok(())
}
