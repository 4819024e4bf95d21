//! Where answers and remarks go: answers to stdout through one lock and one buffer, remarks to stderr.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use modeldex_support::text::is_terminal_control;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// What a piece of text is, and so how it looks where there is colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing in particular.
    Plain,
    /// A heading.
    Heading,
    /// As it should be.
    Good,
    /// Wants attention.
    Warning,
    /// What keeps something from being done.
    Error,
    /// Said beside the point.
    Aside,
}

/// So many bytes are written at once.
pub(crate) const BUFFER: usize = 64 * 1024;

/// Stdout, locked and buffered.
pub(crate) struct Out {
    stream: BufWriter<AutoStream<StdoutLock<'static>>>,
    color: bool,
    width: Option<usize>,
}

impl Out {
    /// Takes hold of stdout. Colour is decided here: on a terminal that has it, unless `NO_COLOR` or `CLICOLOR_FORCE` says otherwise.
    pub(crate) fn new() -> Self {
        let stdout = io::stdout().lock();
        let color = AutoStream::choice(&stdout) != ColorChoice::Never;
        let width = stdout.is_terminal().then(terminal_width);
        // What is written has colour only where it is wanted, so that nothing needs to be taken out on the way.
        let choice = if color { ColorChoice::Always } else { ColorChoice::AlwaysAnsi };
        Self { stream: BufWriter::with_capacity(BUFFER, AutoStream::new(stdout, choice)), color, width }
    }

    /// How `tone` looks here: like everything else where colour is not wanted.
    pub(crate) fn style(&self, tone: Tone) -> Style {
        tone.style_if(self.color)
    }

    /// Whether colour is wanted here.
    pub(crate) fn color(&self) -> bool {
        self.color
    }

    /// The columns of the terminal; `None` when stdout is none, and then nothing is shortened.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }
}

impl Tone {
    /// How it looks with colour, or without.
    pub(crate) const fn style_if(self, color: bool) -> Style {
        if color { self.style() } else { Style::new() }
    }

    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Heading => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Aside => Style::new().dimmed(),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    /// The buffer's own, which is quick for the many small pieces that answers are made of.
    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Tells on stderr why a command fails.
pub(crate) fn error(reason: &str) {
    remark(Tone::Error, "error", reason);
}

/// Tells on stderr what should be looked at.
pub(crate) fn warning(text: &str) {
    remark(Tone::Warning, "warning", text);
}

/// Says something on stderr that is not part of the answer.
pub(crate) fn note(text: impl Display) {
    // Nobody is left to be told when stderr is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether somebody reads what goes to stderr as it comes.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Writes a report that is finished text, in colour or not, to stderr.
pub(crate) fn report(text: &str) {
    let _ = AutoStream::new(io::stderr().lock(), ColorChoice::Auto).write_all(text.as_bytes());
}

/// Writes a piece of running text to stderr, as something beside the point.
pub(crate) fn aside(text: &str) {
    let style = if stderr_color() { Tone::Aside.style() } else { Style::new() };
    report(&format!("{style}{text}{style:#}"));
}

/// Whether stderr wants colour.
pub(crate) fn stderr_color() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// The columns of the terminal that stderr is; `None` when it is none.
pub(crate) fn stderr_width() -> Option<usize> {
    io::stderr().is_terminal().then(terminal_width)
}

/// Text from elsewhere as it is safe to show: what could steer a terminal, or turn the direction of what is read, becomes spaces.
pub(crate) fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(is_terminal_control) {
        text.chars().map(|letter| if is_terminal_control(letter) { ' ' } else { letter }).collect::<String>().into()
    } else {
        text.into()
    }
}

/// Running text from elsewhere as it is safe to show: like [`printable`], but it keeps its lines and tabs.
pub(crate) fn running(text: &str) -> String {
    text.split_inclusive(['\n', '\t'])
        .map(|piece| {
            let end = piece.len() - usize::from(piece.ends_with(['\n', '\t']));
            format!("{}{}", printable(&piece[..end]), &piece[end..])
        })
        .collect()
}

fn remark(tone: Tone, word: &str, text: &str) {
    let style = tone.style_if(stderr_color());
    report(&format!("{style}{word}:{style:#} {text}\n"));
}

/// `COLUMNS` where it is set to a number, else what the terminal says, else the 80 that everything is made to fit.
fn terminal_width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    let told = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0);
    asked.or_else(told).unwrap_or(80)
}
