//! `cost --usage`: every line is answered in its place.

use super::super::failure::Failure;
use super::super::out::{self, Out, printable};
use super::Defaults;
use super::fault::Fault;
use super::pipeline::{self, Piece, Source, Stop};
use super::row::{Pricer, UNKNOWN_MODEL};
use super::summary::Summary;
use memchr::memchr;
use modeldex_table::Catalog;
use modeldex_usage::Shapes;
use std::io::Write;

/// The answers to a piece.
struct Answer {
    bytes: Vec<u8>,
    /// Lines with an answer.
    priced: u64,
    /// Lines without.
    bad: u64,
    /// What is wrong with the first of these.
    complaints: Vec<Fault>,
}

/// How many bad lines are told on stderr; the answers have them all.
const TOLD: u64 = 20;

pub(super) fn run(
    source: Source,
    catalog: &Catalog<'_>,
    shapes: &Shapes,
    defaults: Defaults<'_>,
    jobs: usize,
    summary: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let (mut priced, mut bad) = (0, 0);
    let mut take = |answer: Option<Answer>| {
        let Some(answer) = answer else { return out.flush() };
        out.write_all(&answer.bytes)?;
        let left = usize::try_from(TOLD.saturating_sub(bad)).unwrap_or(usize::MAX);
        answer.complaints.iter().take(left).for_each(|fault| tell(catalog, fault));
        priced += answer.priced;
        bad += answer.bad;
        Ok(())
    };
    let (workers, end) = pipeline::run(source, jobs, || Pricer::new(catalog, shapes, defaults), answer, &mut take);
    let unread = match end {
        Ok(()) => None,
        Err(Stop::Write(error)) => return Err(Failure::Write(error)),
        Err(Stop::Read(error)) => Some(format!("the lines cannot be read any further: {error}")),
    };
    out.flush()?;
    if bad > TOLD {
        out::note(format_args!("... and {} more", bad - TOLD));
    }
    if summary {
        let mut all = Summary::default();
        workers.into_iter().for_each(|worker| all.merge(worker.summary));
        all.tell(catalog);
    }
    if bad > 0 {
        let all = priced + bad;
        let (lines, have) = (if all == 1 { "line" } else { "lines" }, if bad == 1 { "has" } else { "have" });
        let told = format!("{bad} of {all} {lines} {have} no price; each says why in its place");
        if unread.is_none() {
            return Err(Failure::Failed(told));
        }
        out::error(&told);
    }
    // What was priced until then is told all the same, and this last, since it is why the rest is missing.
    unread.map_or(Ok(()), |why| Err(Failure::Failed(why)))
}

fn answer(pricer: &mut Pricer<'_>, piece: Piece) -> Answer {
    let mut answer = Answer { bytes: Vec::with_capacity(piece.bytes.len() * 2), priced: 0, bad: 0, complaints: Vec::new() };
    let mut number = piece.first;
    let mut rest = piece.bytes.as_slice();
    // The mark that some editors put before UTF-8 is no part of the first line.
    if let (1, Some(marked)) = (number, rest.strip_prefix(b"\xef\xbb\xbf")) {
        rest = marked;
    }
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, more) = rest.split_at(end);
        rest = more.get(1..).unwrap_or_default();
        match pricer.answer(line, &mut answer.bytes) {
            Ok(priced) => answer.priced += u64::from(priced),
            Err(fault) => {
                let fault = Fault { line: Some(number), ..fault };
                // Writing to memory never fails, nor does writing text as JSON.
                let _ = fault.write(&mut answer.bytes);
                if answer.bad < TOLD {
                    answer.complaints.push(fault);
                }
                answer.bad += 1;
            }
        }
        number += 1;
    }
    answer
}

/// Tells one on stderr, with what perhaps was meant: here, and not in the answers, since only here it is known which come first.
fn tell(catalog: &Catalog<'_>, fault: &Fault) {
    let (line, model) = (fault.line.unwrap_or_default(), fault.model.as_deref().unwrap_or_default());
    let unknown = if fault.code == UNKNOWN_MODEL { catalog.model(model).err() } else { None };
    let message = unknown.map_or_else(|| fault.message.clone(), |unknown| unknown.to_string());
    let model = fault.model.as_ref().map_or_else(String::new, |model| format!(" (`{model}`)"));
    out::error(&printable(&format!("line {line}{model}: {message}")));
}
