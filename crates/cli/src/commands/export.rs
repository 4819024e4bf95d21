//! `export`: what `serve` answers, as files.

use super::catalog_source::{CatalogSource, shown};
use super::evidence;
use super::failure::Failure;
use super::import::EvidenceDir;
use super::out;
use super::serve::Serving;
use super::units;
use modeldex_serve::{Site, export};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Write what `serve` answers as files, for a CDN or any server of files
///
/// The path P is the file P where it ends in .json, else P.json. Files that hold the whole catalog are there compressed, too, and what
/// other tools fetch also under a name with its hash in it, in hashed/. manifest.json says what is which. Files that hold the same already
/// are not touched, and those of an earlier export that are no longer there are removed. docs/serving.md shows how to serve them.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder: empty, or one that was exported to before
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    evidence: EvidenceDir,
}

pub(crate) fn run(args: &Args, source: &CatalogSource) -> Result<(), Failure> {
    let site = Site::new(Serving::new(source, &args.evidence)?.load()?, units::now());
    let start = Instant::now();
    let mut told = Duration::ZERO;
    let is_seen = out::stderr_width().is_some();
    let mut progress = |done: usize, total: usize| {
        // Only where it takes long, and a few times a second.
        let now = start.elapsed();
        if is_seen && now > told + Duration::from_millis(250) {
            told = now;
            out::report(&format!("\r{done} of {total} models "));
        }
    };
    let done = export(&site, &args.out, &mut progress);
    if is_seen && told > Duration::ZERO {
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
