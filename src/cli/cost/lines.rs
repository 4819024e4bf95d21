//! `cost --usage`: every line is answered in its place.

use super::super::failure::Failure;
use super::super::out::{self, Out, printable};
use super::Defaults;
use super::pipeline::{self, Piece, Sink, Source, Stop};
use super::row::Pricer;
use super::summary::Summary;
use memchr::memchr;
use modeldex::Catalog;
use std::io::{self, Write};

/// The answers to a piece.
struct Answer {
    bytes: Vec<u8>,
    /// Lines with an answer.
    priced: u64,
    /// Lines without.
    bad: u64,
    /// What is wrong with the first of these.
    complaints: Vec<String>,
}

/// How many bad lines are told on stderr; the answers have them all.
const TOLD: u64 = 20;

pub(super) fn run(
    source: Source,
    catalog: &Catalog<'_>,
    defaults: Defaults<'_>,
    jobs: usize,
    summary: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let mut writer = Writer { out, priced: 0, bad: 0 };
    let (workers, end) = pipeline::run(source, jobs, || Pricer::new(catalog, defaults), answer, &mut writer);
    let Writer { priced, bad, .. } = writer;
    match end {
        Ok(()) => out.flush()?,
        Err(Stop::Write(error)) => return Err(Failure::Write(error)),
        Err(Stop::Read(error)) => return Err(Failure::Failed(format!("the lines cannot be read any further: {error}"))),
    }
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
        return Err(Failure::Failed(format!("{bad} of {all} {lines} {have} no price; each says why in its place")));
    }
    Ok(())
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
                // Writing to memory never fails, nor does writing text as JSON.
                let _ = fault.write(number, &mut answer.bytes);
                if answer.bad < TOLD {
                    let model = fault.model.map_or_else(String::new, |model| format!(" (`{model}`)"));
                    answer.complaints.push(format!("line {number}{model}: {}", fault.message));
                }
                answer.bad += 1;
            }
        }
        number += 1;
    }
    answer
}

/// Writes answers, and tells what is wrong.
struct Writer<'a> {
    out: &'a mut Out,
    priced: u64,
    bad: u64,
}

impl Sink<Answer> for Writer<'_> {
    fn take(&mut self, answer: Answer) -> io::Result<()> {
        self.out.write_all(&answer.bytes)?;
        let left = TOLD.saturating_sub(self.bad);
        for complaint in answer.complaints.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            out::error(&printable(complaint));
        }
        self.priced += answer.priced;
        self.bad += answer.bad;
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
