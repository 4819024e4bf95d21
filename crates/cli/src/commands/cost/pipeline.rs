//! Processes lines with worker threads, in the order of the input and in bounded memory: a reader splits the input into chunks of whole lines, and
//! sends a chunk to each worker in turn; the writer takes a result from each worker in the same order.
//!
//! Rejected designs are in `docs/decisions/0007-lines-in-order.md`.

use super::line::MAX_LINE_BYTES;
use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

/// The input.
pub(super) type Source = Box<dyn Read + Send>;

/// A chunk of whole lines.
pub(super) struct Chunk {
    /// The number of the first line, from 1.
    pub(super) first: u64,
    /// The lines with their line ends.
    pub(super) bytes: Vec<u8>,
}

/// A message to a worker. `End` is necessary, because the end of the reader does not close the channel: the writer has senders for the same channel.
enum Work {
    Chunk(Chunk),
    Failed(io::Error),
    End,
}

/// Bytes per read: about 200 lines, so that the cost of sending a chunk is negligible. Larger chunks would take much memory: an invalid line of two
/// bytes has a result of 120 bytes, and each worker holds the results of several chunks.
const BLOCK_BYTES: usize = 64 * 1024;

/// Maximum number of chunks that wait for one worker, and maximum number of results of one worker that wait for the writer.
const QUEUE_LENGTH: usize = 2;

/// Opens the file at `path`, or stdin for `-`.
pub(super) fn open(path: &Path) -> io::Result<Source> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path)?;
    // A directory can be opened like a file; only reading it fails.
    if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(Box::new(file)) }
}

/// Why the pipeline stopped early.
pub(super) enum PipelineError {
    /// The input cannot be read.
    Read(io::Error),
    /// The output cannot be written.
    Write(io::Error),
}

/// Runs `jobs` workers over the lines of `source` and passes their results to `sink` in order; `sink` gets `None` if no result is ready, so that
/// it can flush. `worker` creates the state of a thread, and `answer` processes a chunk with this state. Returns the final state of each thread.
pub(super) fn run<W: Send, A: Send>(
    source: Source,
    jobs: usize,
    worker: impl Fn() -> W + Sync,
    answer: impl Fn(&mut W, Chunk) -> A + Sync,
    sink: &mut impl FnMut(Option<A>) -> io::Result<()>,
) -> (Vec<W>, Result<(), PipelineError>) {
    let (work, workers): (Vec<_>, Vec<_>) = (0..jobs).map(|_| sync_channel::<Work>(QUEUE_LENGTH)).unzip();
    let senders = work.clone();
    // The reader thread is not joined: it may block on input that never comes.
    thread::spawn(move || read(source, &senders));
    thread::scope(|scope| {
        let mut answers = Vec::with_capacity(jobs);
        let mut threads = Vec::with_capacity(jobs);
        for chunks in workers {
            let (done, waiting) = sync_channel(QUEUE_LENGTH);
            answers.push(waiting);
            let (worker, answer) = (&worker, &answer);
            threads.push(scope.spawn(move || work_on(&chunks, &done, worker(), answer)));
        }
        let end = write(&answers, sink);
        // Workers blocked on sending get an error from the closed channel, and workers blocked on receiving get `End`.
        drop(answers);
        for work in &work {
            let _ = work.try_send(Work::End);
        }
        let states = threads.into_iter().filter_map(|thread| match thread.join() {
            Ok(state) => Some(state),
            Err(panic) => std::panic::resume_unwind(panic),
        });
        (states.collect(), end)
    })
}

fn work_on<W, A>(chunks: &Receiver<Work>, done: &SyncSender<io::Result<A>>, mut state: W, answer: &impl Fn(&mut W, Chunk) -> A) -> W {
    while let Ok(work) = chunks.recv() {
        let answer = match work {
            Work::Chunk(chunk) => Ok(answer(&mut state, chunk)),
            Work::Failed(error) => Err(error),
            Work::End => break,
        };
        if done.send(answer).is_err() {
            break;
        }
    }
    state
}

fn write<A>(answers: &[Receiver<io::Result<A>>], sink: &mut impl FnMut(Option<A>) -> io::Result<()>) -> Result<(), PipelineError> {
    for waiting in answers.iter().cycle() {
        let answer = match waiting.try_recv() {
            Err(TryRecvError::Empty) => {
                sink(None).map_err(PipelineError::Write)?;
                waiting.recv()
            }
            ready => ready.map_err(|_| std::sync::mpsc::RecvError),
        };
        // Workers get chunks in turn. If this worker has ended without a result, all other workers have no further result either.
        let Ok(answer) = answer else { break };
        sink(Some(answer.map_err(PipelineError::Read)?)).map_err(PipelineError::Write)?;
    }
    Ok(())
}

/// Splits the input into chunks and sends them in turn, until the input ends or the workers are gone.
fn read(mut source: Source, workers: &[SyncSender<Work>]) {
    let mut turns = workers.iter().cycle();
    let mut send = |work| turns.next().is_some_and(|worker| worker.send(work).is_ok());
    let mut splitter = LineSplitter::default();
    let mut block = vec![0; BLOCK_BYTES];
    let last = loop {
        match source.read(&mut block) {
            Ok(0) => break splitter.finish().map(Work::Chunk),
            Ok(read) => {
                let chunk = splitter.cut(&block[..read]);
                if chunk.is_some_and(|chunk| !send(Work::Chunk(chunk))) {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(Work::Failed(error)),
        }
    };
    if let Some(last) = last {
        send(last);
    }
    for worker in workers {
        // An error means that the worker has already ended.
        let _ = worker.send(Work::End);
    }
}

/// Splits blocks of input at line ends, and keeps the unfinished last line for the next block. Lines longer than `MAX_LINE_BYTES` are truncated.
#[derive(Default)]
struct LineSplitter {
    /// Number of lines so far.
    lines: u64,
    /// The unfinished line.
    rest: Vec<u8>,
    /// Whether the input up to the next line end belongs to a truncated line.
    skips: bool,
}

impl LineSplitter {
    /// Returns the lines that `block` completes.
    fn cut(&mut self, mut block: &[u8]) -> Option<Chunk> {
        if self.skips {
            let end = memchr(b'\n', block)?;
            block = &block[end..];
            self.skips = false;
        }
        let chunk = memrchr(b'\n', block).map(|end| {
            let (lines, rest) = block.split_at(end + 1);
            let mut bytes = std::mem::replace(&mut self.rest, rest.to_vec());
            bytes.extend_from_slice(lines);
            self.chunk(bytes)
        });
        if chunk.is_none() {
            self.rest.extend_from_slice(block);
        }
        if self.rest.len() > MAX_LINE_BYTES {
            self.rest.truncate(MAX_LINE_BYTES + 1);
            self.skips = true;
        }
        chunk
    }

    /// Returns the last line if it has no line end.
    fn finish(&mut self) -> Option<Chunk> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| self.chunk(rest))
    }

    fn chunk(&mut self, bytes: Vec<u8>) -> Chunk {
        let first = self.lines + 1;
        self.lines += memchr_iter(b'\n', &bytes).count() as u64;
        Chunk { first, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits the input in blocks of a given size; returns all lines with their numbers.
    fn lines(input: &[u8], block: usize) -> Vec<(u64, Vec<u8>)> {
        let mut splitter = LineSplitter::default();
        let mut chunks: Vec<Chunk> = input.chunks(block).filter_map(|block| splitter.cut(block)).collect();
        chunks.extend(splitter.finish());
        let mut lines = Vec::new();
        for chunk in chunks {
            let text = chunk.bytes.strip_suffix(b"\n").unwrap_or(&chunk.bytes);
            lines.extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).zip(chunk.first..).map(|(line, number)| (number, line)));
        }
        lines
    }

    #[test]
    fn lines_keep_their_numbers_for_any_block_size() {
        let input = b"one\n\ntwo\r\nthree\n\nlast";
        let expected: Vec<(u64, Vec<u8>)> =
            (1..).zip(["one", "", "two\r", "three", "", "last"].map(|line| line.as_bytes().to_vec())).collect();
        for block in 1..=input.len() {
            assert_eq!(lines(input, block), expected, "{block}");
        }
        assert_eq!(lines(b"", 1), []);
        assert_eq!(lines(b"\n", 1), [(1, Vec::new())]);
    }

    #[test]
    fn lines_before_a_read_error_are_answered() {
        struct FailingReader;
        impl Read for FailingReader {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::TimedOut.into())
            }
        }
        let answer = |bytes: &mut usize, chunk: Chunk| {
            *bytes += chunk.bytes.len();
            chunk.first
        };
        for jobs in [1, 3] {
            let lines = b"one\n".repeat(BLOCK_BYTES);
            let (length, mut firsts) = (lines.len(), Vec::new());
            let mut sink = |first: Option<u64>| {
                firsts.extend(first);
                Ok(())
            };
            let (states, end) = run(Box::new(io::Cursor::new(lines).chain(FailingReader)), jobs, || 0, answer, &mut sink);
            assert!(matches!(end, Err(PipelineError::Read(error)) if error.kind() == io::ErrorKind::TimedOut));
            assert_eq!(states.iter().sum::<usize>(), length);
            assert!(firsts.len() > 1 && firsts.is_sorted());
        }
    }

    #[test]
    fn an_overlong_line_is_truncated_to_one_byte_above_the_maximum() {
        let mut input = vec![b'x'; 3 * MAX_LINE_BYTES];
        input.extend_from_slice(b"\nnext\n");
        for block in [1_000, 65_536, BLOCK_BYTES] {
            let lines = lines(&input, block);
            assert_eq!(lines.len(), 2);
            assert_eq!(lines[0].1.len(), MAX_LINE_BYTES + 1);
            assert_eq!(lines[1], (2, b"next".to_vec()));
        }
    }
}
