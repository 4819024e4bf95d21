//! How long requests and answers may be, and what binds these limits: both fit into the context window together.

use crate::{BaseModel, Fact, Model};

/// How many tokens a request, an answer, and both together may have at the most; `None` is unknown.
///
/// ```
/// use modeldex_table::Limits;
/// let limits = Limits { window: Some(200_000), input: None, output: Some(256_000) };
/// let (fact, count, window) = limits.above_window().next().unwrap();
/// assert_eq!((fact, count, window), (Limits::OUTPUT, 256_000, 200_000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens of request and answer together: the context window.
    pub window: Option<u32>,
    /// Most tokens of a request.
    pub input: Option<u32>,
    /// Most tokens of an answer.
    pub output: Option<u32>,
}

impl Limits {
    /// The fact behind [`window`](Self::window).
    pub const WINDOW: Fact = Fact::ContextWindow;
    /// The fact behind [`input`](Self::input).
    pub const INPUT: Fact = Fact::MaxInputTokens;
    /// The fact behind [`output`](Self::output).
    pub const OUTPUT: Fact = Fact::MaxOutputTokens;
    /// The facts that are never above the context window.
    pub const INSIDE: [Fact; 2] = [Self::OUTPUT, Self::INPUT];

    /// The limits of what has a number of tokens for a fact, or none.
    #[must_use]
    pub fn of(tokens: impl Fn(Fact) -> Option<u32>) -> Self {
        Self { window: tokens(Self::WINDOW), input: tokens(Self::INPUT), output: tokens(Self::OUTPUT) }
    }

    /// The limits that are above the context window, each with its number of tokens and that of the window.
    pub fn above_window(self) -> impl Iterator<Item = (Fact, u32, u32)> {
        let limits = [(Self::OUTPUT, self.output), (Self::INPUT, self.input)];
        let known = limits.into_iter().filter_map(move |(fact, count)| Some((fact, count?, self.window?)));
        known.filter(|(_, count, window)| count > window)
    }

    /// The higher of each two; a number is higher than nothing.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { window: self.window.max(other.window), input: self.input.max(other.input), output: self.output.max(other.output) }
    }
}

macro_rules! limits_of {
    ($($model:ident)+) => {$(
        impl $model<'_> {
            /// How many tokens its requests and answers may have.
            #[must_use]
            pub fn limits(self) -> Limits {
                Limits { window: self.context_window(), input: self.max_input_tokens(), output: self.max_output_tokens() }
            }
        }
    )+};
}

limits_of!(Model BaseModel);
