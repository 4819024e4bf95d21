//! `cost --usage`: prints one result per line, in the order of the input.

use super::super::failure::Failure;
use super::super::out::{self, Out, printable};
use super::Defaults;
use super::error::LineError;
use super::line::{LinePricer, UNKNOWN_MODEL};
use super::pipeline::{self, Chunk, PipelineError, Source};
use super::summary::Summary;
use memchr::memchr;
use modeldex_table::Catalog;
use modeldex_usage::Shapes;
use std::io::Write;

/// The results of a chunk of lines.
struct Answer {
    bytes: Vec<u8>,
    /// Number of lines with a cost.
    priced: u64,
    /// Number of lines with an error.
    bad: u64,
    /// The errors of the first lines with an error, at most `MAX_PRINTED_ERRORS`.
    errors: Vec<LineError>,
}

/// Maximum number of line errors printed to stderr; stdout has all of them.
const MAX_PRINTED_ERRORS: u64 = 20;

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
        let left = usize::try_from(MAX_PRINTED_ERRORS.saturating_sub(bad)).unwrap_or(usize::MAX);
        answer.errors.iter().take(left).for_each(|line_error| print_error(catalog, line_error));
        priced += answer.priced;
        bad += answer.bad;
        Ok(())
    };
    let (workers, end) = pipeline::run(source, jobs, || LinePricer::new(catalog, shapes, defaults), answer, &mut take);
    let unread = match end {
        Ok(()) => None,
        Err(PipelineError::Write(error)) => return Err(Failure::Write(error)),
        Err(PipelineError::Read(error)) => Some(format!("cannot read the rest of the input: {error}")),
    };
    out.flush()?;
    if bad > MAX_PRINTED_ERRORS {
        match bad - MAX_PRINTED_ERRORS {
            1 => out::note("... and 1 more line with an error"),
            count => out::note(format_args!("... and {count} more lines with errors")),
        }
    }
    if summary {
        let mut all = Summary::default();
        workers.into_iter().for_each(|worker| all.merge(worker.summary));
        all.print(catalog);
    }
    if bad > 0 {
        let message = match (bad, priced + bad) {
            (1, 1) if unread.is_none() => "the only line has no cost; the output has an error instead".to_owned(),
            (1, all) => format!("1 of {all} lines has no cost; for this line, the output has an error instead"),
            (bad, all) => format!("{bad} of {all} lines have no cost; for each of these lines, the output has an error instead"),
        };
        if unread.is_none() {
            return Err(Failure::Failed(message));
        }
        out::error(&message);
    }
    // A read error is printed last, because it explains why results of the remaining lines are missing.
    unread.map_or(Ok(()), |why| Err(Failure::Failed(why)))
}

fn answer(pricer: &mut LinePricer<'_>, chunk: Chunk) -> Answer {
    let mut answer = Answer { bytes: Vec::with_capacity(chunk.bytes.len() * 2), priced: 0, bad: 0, errors: Vec::new() };
    let mut number = chunk.first;
    let mut rest = chunk.bytes.as_slice();
    // A byte order mark is not part of the first line.
    if let (1, Some(marked)) = (number, rest.strip_prefix(b"\xef\xbb\xbf")) {
        rest = marked;
    }
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, more) = rest.split_at(end);
        rest = more.get(1..).unwrap_or_default();
        match pricer.answer(line, &mut answer.bytes) {
            Ok(priced) => answer.priced += u64::from(priced),
            Err(line_error) => {
                let line_error = LineError { line: Some(number), ..line_error };
                // Writing to memory never fails, nor does writing text as JSON.
                let _ = line_error.write(&mut answer.bytes);
                if answer.bad < MAX_PRINTED_ERRORS {
                    answer.errors.push(line_error);
                }
                answer.bad += 1;
            }
        }
        number += 1;
    }
    answer
}

/// Prints a line error to stderr, with the nearest reference for an unknown model. Stdout does not have the nearest reference, because finding it
/// reads the whole catalog.
fn print_error(catalog: &Catalog<'_>, line_error: &LineError) {
    let (line, model) = (line_error.line.unwrap_or_default(), line_error.model.as_deref().unwrap_or_default());
    let unknown = if line_error.code == UNKNOWN_MODEL { catalog.model(model).err() } else { None };
    let message = unknown.map_or_else(|| line_error.message.to_string(), |unknown| unknown.to_string());
    let text = match &line_error.model {
        Some(model) => format!("line {line} (`{model}`): {message}"),
        None => format!("line {line}: {message}"),
    };
    out::error(&printable(&text));
}
