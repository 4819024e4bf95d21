//! Output of the commands: results go to stdout, which is locked once and buffered; notes, warnings and errors go to stderr.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use modeldex_support::secret::{mask, mask_certain};
pub(crate) use modeldex_support::text::{printable, printable_prose as running};
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// The meaning of a text, which determines its color.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Ordinary text.
    Plain,
    /// A heading.
    Heading,
    /// A positive result.
    Good,
    /// A problem that is not a failure.
    Warning,
    /// A failure.
    Error,
    /// Secondary information, dimmed.
    Dim,
}

/// Size of the output buffer, in bytes.
pub(crate) const BUFFER: usize = 64 * 1024;

/// Stdout, locked and buffered.
pub(crate) struct Out {
    stream: BufWriter<AutoStream<StdoutLock<'static>>>,
    color: bool,
    width: Option<usize>,
}

impl Out {
    /// Locks stdout. Color is enabled on terminals that support it; `NO_COLOR` and `CLICOLOR_FORCE` take precedence.
    pub(crate) fn new() -> Self {
        let stdout = io::stdout().lock();
        let color = AutoStream::choice(&stdout) != ColorChoice::Never;
        let width = stdout.is_terminal().then(terminal_width);
        // Text is only styled if color is enabled, so the stream never has to strip escape sequences.
        let choice = if color { ColorChoice::Always } else { ColorChoice::AlwaysAnsi };
        Self { stream: BufWriter::with_capacity(BUFFER, AutoStream::new(stdout, choice)), color, width }
    }

    /// Returns the style of `tone`; the plain style if color is disabled.
    pub(crate) fn style(&self, tone: Tone) -> Style {
        tone.style_if(self.color)
    }

    /// Returns whether color is enabled on stdout.
    pub(crate) fn color(&self) -> bool {
        self.color
    }

    /// Returns the width of the terminal in columns; `None` if stdout is not a terminal, so that no output is truncated.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }
}

impl Tone {
    /// Returns the style of the tone if `color` is true, else the plain style.
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
            Self::Dim => Style::new().dimmed(),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    /// Calls `write_all` of the buffer, which is faster for many small writes than the default implementation.
    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Prints `error: ...` to stderr, with keys masked.
pub(crate) fn error(reason: &str) {
    print_labeled(Tone::Error, "error", &mask_arguments(reason));
}

/// Prints `warning: ...` to stderr, with keys masked.
pub(crate) fn warning(text: &str) {
    print_labeled(Tone::Warning, "warning", &mask_arguments(text));
}

/// Masks the keys in a message that may repeat arguments of this run: texts with the format of a key, and arguments that look like a key, such as a
/// key that was given as the name of a model. Arguments that are paths of files are not masked.
pub(crate) fn mask_arguments(text: &str) -> String {
    let mut masked = mask_certain(text);
    for argument in std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()) {
        let value = argument.strip_prefix('-').and_then(|option| option.split_once('=')).map_or(&*argument, |(_, value)| value);
        let mut words: Vec<&str> = value.split(['/', '=', ',', ' ']).chain([value]).filter(|word| is_key_shaped(word)).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        if !words.is_empty() && !std::path::Path::new(value).exists() {
            masked = words.into_iter().fold(masked, |masked, word| masked.replace(word, &mask_word(word)));
        }
    }
    masked
}

/// Returns whether a word of an argument looks like a key rather than an id or a name: it has the format of a key, or looks random.
pub(crate) fn is_key_shaped(word: &str) -> bool {
    word.len() >= 8 && (word.starts_with("sk-") || mask(word) != word)
}

fn mask_word(word: &str) -> String {
    let masked = mask(word);
    if masked == word { "*".repeat(word.chars().count()) } else { masked }
}

/// Prints a line to stderr.
pub(crate) fn note(text: impl Display) {
    // Errors are ignored: stderr may be closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Returns whether stderr is a terminal.
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Writes a rendered report to stderr.
pub(crate) fn report(text: &str) {
    let _ = AutoStream::new(io::stderr().lock(), ColorChoice::Auto).write_all(text.as_bytes());
}

/// Writes a part of a text to stderr, dimmed, without a newline at its end.
pub(crate) fn dimmed(text: &str) {
    let style = if stderr_color() { Tone::Dim.style() } else { Style::new() };
    report(&format!("{style}{text}{style:#}"));
}

/// Returns whether color is enabled on stderr.
pub(crate) fn stderr_color() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Returns the width of the terminal in columns; `None` if stderr is not a terminal.
pub(crate) fn stderr_width() -> Option<usize> {
    io::stderr().is_terminal().then(terminal_width)
}

fn print_labeled(tone: Tone, label: &str, text: &str) {
    let style = tone.style_if(stderr_color());
    report(&format!("{style}{label}:{style:#} {text}\n"));
}

/// Returns the width from the variable `COLUMNS`, else that of the terminal, else 80.
fn terminal_width() -> usize {
    let configured = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    let detected = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0);
    configured.or_else(detected).unwrap_or(80)
}
