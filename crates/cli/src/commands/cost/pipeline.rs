//! Lines in, answers out, in the same order and in bounded memory: a reader cuts the input at line ends into pieces, which go round to the
//! workers, and the answers are taken from the workers in the same round.
//!
//! What was rejected is in `docs/decisions/0007-lines-in-order.md`.

use super::row::LONGEST;
use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

/// Where lines come from.
pub(super) type Source = Box<dyn Read + Send>;

/// Whole lines of the input.
pub(super) struct Piece {
    /// The number of the first, from 1.
    pub(super) first: u64,
    /// All of them, with what ends them.
    pub(super) bytes: Vec<u8>,
}

/// What a worker is given. The end is said, and not told by a closed channel, because the writer has a hand on the channels, too.
enum Work {
    Piece(Piece),
    Failed(io::Error),
    End,
}

/// How much is read at once: some 1,000 lines, so that handing them over costs nothing beside pricing them.
const BLOCK: usize = 256 * 1024;

/// How many pieces may wait for a worker, and how many answers for the writer.
const WAITING: usize = 2;

/// The file at `path`, or stdin for `-`.
pub(super) fn open(path: &Path) -> io::Result<Source> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path)?;
    // A folder opens like a file, and only reading it fails.
    if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(Box::new(file)) }
}

/// How reading or writing ended before its time.
pub(super) enum Stop {
    /// The input cannot be read any further.
    Read(io::Error),
    /// The answers cannot be written.
    Write(io::Error),
}

/// Runs `jobs` workers over the lines of `source`, and hands their answers to `sink` in order; `None` while no other is ready yet, so that
/// those taken can be passed on. `worker` makes the state of each thread, `answer` answers a piece with it, and what is left of the states
/// at the end is returned.
pub(super) fn run<W: Send, A: Send>(
    source: Source,
    jobs: usize,
    worker: impl Fn() -> W + Sync,
    answer: impl Fn(&mut W, Piece) -> A + Sync,
    sink: &mut impl FnMut(Option<A>) -> io::Result<()>,
) -> (Vec<W>, Result<(), Stop>) {
    let (work, workers): (Vec<_>, Vec<_>) = (0..jobs).map(|_| sync_channel::<Work>(WAITING)).unzip();
    let senders = work.clone();
    // The reader is left behind when the answers are no longer wanted: it may wait for input that never comes.
    thread::spawn(move || read(source, &senders));
    thread::scope(|scope| {
        let mut answers = Vec::with_capacity(jobs);
        let mut threads = Vec::with_capacity(jobs);
        for pieces in workers {
            let (done, waiting) = sync_channel(WAITING);
            answers.push(waiting);
            let (worker, answer) = (&worker, &answer);
            threads.push(scope.spawn(move || work_on(&pieces, &done, worker(), answer)));
        }
        let end = write(&answers, sink);
        // Who waits to hand an answer over is told that nobody takes it, and who waits for work that there is none.
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

fn work_on<W, A>(pieces: &Receiver<Work>, done: &SyncSender<io::Result<A>>, mut state: W, answer: &impl Fn(&mut W, Piece) -> A) -> W {
    while let Ok(work) = pieces.recv() {
        let answer = match work {
            Work::Piece(piece) => Ok(answer(&mut state, piece)),
            Work::Failed(error) => Err(error),
            Work::End => break,
        };
        if done.send(answer).is_err() {
            break;
        }
    }
    state
}

fn write<A>(answers: &[Receiver<io::Result<A>>], sink: &mut impl FnMut(Option<A>) -> io::Result<()>) -> Result<(), Stop> {
    for waiting in answers.iter().cycle() {
        let answer = match waiting.try_recv() {
            Err(TryRecvError::Empty) => {
                sink(None).map_err(Stop::Write)?;
                waiting.recv()
            }
            ready => ready.map_err(|_| std::sync::mpsc::RecvError),
        };
        // Pieces go round, so when the worker whose turn it is has ended, they all have nothing more.
        let Ok(answer) = answer else { break };
        sink(Some(answer.map_err(Stop::Read)?)).map_err(Stop::Write)?;
    }
    Ok(())
}

/// Cuts the input into pieces and sends them round, until it ends or nobody takes them.
fn read(mut source: Source, workers: &[SyncSender<Work>]) {
    let mut round = workers.iter().cycle();
    let mut send = |work| round.next().is_some_and(|worker| worker.send(work).is_ok());
    let mut cutter = Cutter::default();
    let mut block = vec![0; BLOCK];
    let last = loop {
        match source.read(&mut block) {
            Ok(0) => break cutter.finish().map(Work::Piece),
            Ok(read) => {
                let piece = cutter.cut(&block[..read]);
                if piece.is_some_and(|piece| !send(Work::Piece(piece))) {
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
        // A worker that has ended has no need to be told.
        let _ = worker.send(Work::End);
    }
}

/// Keeps the beginning of a line until its end comes, but no more of it than shows that it is too long.
#[derive(Default)]
struct Cutter {
    /// How many lines were cut so far.
    lines: u64,
    rest: Vec<u8>,
    skips: bool,
}

impl Cutter {
    /// The whole lines that there are once `block` has come.
    fn cut(&mut self, mut block: &[u8]) -> Option<Piece> {
        if self.skips {
            let end = memchr(b'\n', block)?;
            block = &block[end..];
            self.skips = false;
        }
        let piece = memrchr(b'\n', block).map(|end| {
            let (lines, rest) = block.split_at(end + 1);
            let mut bytes = std::mem::replace(&mut self.rest, rest.to_vec());
            bytes.extend_from_slice(lines);
            self.piece(bytes)
        });
        if piece.is_none() {
            self.rest.extend_from_slice(block);
        }
        if self.rest.len() > LONGEST {
            self.rest.truncate(LONGEST + 1);
            self.skips = true;
        }
        piece
    }

    /// The last line, when nothing ends it.
    fn finish(&mut self) -> Option<Piece> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| self.piece(rest))
    }

    fn piece(&mut self, bytes: Vec<u8>) -> Piece {
        let first = self.lines + 1;
        self.lines += memchr_iter(b'\n', &bytes).count() as u64;
        Piece { first, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line with its number, however the input comes in blocks.
    fn lines(input: &[u8], block: usize) -> Vec<(u64, Vec<u8>)> {
        let mut cutter = Cutter::default();
        let mut pieces: Vec<Piece> = input.chunks(block).filter_map(|block| cutter.cut(block)).collect();
        pieces.extend(cutter.finish());
        let mut lines = Vec::new();
        for piece in pieces {
            let text = piece.bytes.strip_suffix(b"\n").unwrap_or(&piece.bytes);
            lines.extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).zip(piece.first..).map(|(line, number)| (number, line)));
        }
        lines
    }

    #[test]
    fn lines_keep_their_numbers_however_they_come() {
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
    fn what_came_before_the_input_broke_off_is_answered() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::TimedOut.into())
            }
        }
        let answer = |bytes: &mut usize, piece: Piece| {
            *bytes += piece.bytes.len();
            piece.first
        };
        for jobs in [1, 3] {
            let lines = b"one\n".repeat(BLOCK);
            let (length, mut firsts) = (lines.len(), Vec::new());
            let mut sink = |first: Option<u64>| {
                firsts.extend(first);
                Ok(())
            };
            let (states, end) = run(Box::new(io::Cursor::new(lines).chain(Broken)), jobs, || 0, answer, &mut sink);
            assert!(matches!(end, Err(Stop::Read(error)) if error.kind() == io::ErrorKind::TimedOut));
            assert_eq!(states.iter().sum::<usize>(), length);
            assert!(firsts.len() > 1 && firsts.is_sorted());
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_no_more_is_kept_than_shows_it() {
        let mut input = vec![b'x'; 3 * LONGEST];
        input.extend_from_slice(b"\nnext\n");
        for block in [1_000, 65_536, BLOCK] {
            let lines = lines(&input, block);
            assert_eq!(lines.len(), 2);
            assert_eq!(lines[0].1.len(), LONGEST + 1);
            assert_eq!(lines[1], (2, b"next".to_vec()));
        }
    }
}
