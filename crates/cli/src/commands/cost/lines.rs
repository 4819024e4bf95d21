//! `cost --usage`: every line is answered in its place.

use super::super::failure::Failure;
use super::super::out::{self, Out, printable};
use super::Defaults;
use super::fault::Fault;
use super::pipeline::{self, Piece, Sink, Source, Stop};
use super::row::{Pricer, UNKNOWN_MODEL};
use super::summary::Summary;
use memchr::memchr;
use modeldex_table::Catalog;
use modeldex_usage::Shapes;
use std::io::{self, Write};

/// The answers to a piece.
struct Answer {
    bytes: Vec<u8>,
    /// Lines with an answer.
    priced: u64,
    /// Lines without.
    bad: u64,
    /// What is wrong with the first of these, by the numbers of their lines.
    complaints: Vec<(u64, Fault)>,
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
    let mut writer = Writer { out, catalog, priced: 0, bad: 0 };
    let (workers, end) = pipeline::run(source, jobs, || Pricer::new(catalog, shapes, defaults), answer, &mut writer);
    let Writer { priced, bad, .. } = writer;
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
                // Writing to memory never fails, nor does writing text as JSON.
                let _ = fault.write(Some(number), &mut answer.bytes);
                if answer.bad < TOLD {
                    answer.complaints.push((number, fault));
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
    catalog: &'a Catalog<'a>,
    priced: u64,
    bad: u64,
}

impl Writer<'_> {
    /// Tells one on stderr, with what perhaps was meant: here, and not in the answers, since only here it is known which come first.
    fn tell(&self, line: u64, fault: &Fault) {
        let model = fault.model.as_deref().unwrap_or_default();
        let unknown = if fault.code == UNKNOWN_MODEL { self.catalog.model(model).err() } else { None };
        let message = unknown.map_or_else(|| fault.message.clone(), |unknown| unknown.to_string());
        let model = fault.model.as_ref().map_or_else(String::new, |model| format!(" (`{model}`)"));
        out::error(&printable(&format!("line {line}{model}: {message}")));
    }
}

impl Sink<Answer> for Writer<'_> {
    fn take(&mut self, answer: Answer) -> io::Result<()> {
        self.out.write_all(&answer.bytes)?;
        let left = TOLD.saturating_sub(self.bad);
        for (line, fault) in answer.complaints.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            self.tell(*line, fault);
        }
        self.priced += answer.priced;
        self.bad += answer.bad;
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
