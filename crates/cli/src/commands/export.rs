//! `export`: writes the responses of `serve` as static files.

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
/// Each response is written to a file in DIR. The path of the file is the path of the route. If the path does not end in .json, .json is appended.
/// Responses that contain the whole catalog are also written in compressed form. Responses for other tools are also written to hashed/, with a
/// content hash in the name of the file. manifest.json lists all files. Unchanged files are not written again. Files of an earlier export that are no
/// longer needed are removed. docs/serving.md shows how to serve the folder.
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
        // Progress is printed only if the export takes long, and at most four times a second.
        let now = start.elapsed();
        if is_terminal && now > last_update + Duration::from_millis(250) {
            last_update = now;
            out::report(&format!("\rexported {done} of {total} models "));
        }
    };
    let done = export(&site, &args.out, &mut progress);
    if is_terminal && last_update > Duration::ZERO {
        out::report("\r\x1b[K");
    }
    let done = done.map_err(evidence::unreadable)?;
    let megabytes = done.bytes as f64 / 1e6;
    out::note(format_args!(
        "{folder}: {files} files, {megabytes:.1} MB; {written} written, {unchanged} up to date, {removed} removed",
        folder = shown(&args.out),
        files = done.files,
        written = done.written,
        unchanged = done.files - done.written,
        removed = done.removed,
    ));
    match done.renamed {
        0 => {}
        1 => out::note("the path of 1 response is not a valid file name; manifest.json states the file of this response"),
        count => {
            out::note(format_args!(
                "the paths of {count} responses are not valid file names; manifest.json states the files of these responses"
            ));
        }
    }
    Ok(())
}
