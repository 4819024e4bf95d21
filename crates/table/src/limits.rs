//! Token limits of models. Input and output limits are at most the context window.

use crate::{BaseModel, Fact, Model};

/// Token limits of a model; `None` is unknown.
///
/// ```
/// use modeldex_table::Limits;
/// let limits = Limits { window: Some(200_000), input: None, output: Some(256_000) };
/// let (fact, count, window) = limits.above_window().next().unwrap();
/// assert_eq!((fact, count, window), (Limits::OUTPUT, 256_000, 200_000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Context window: maximum number of input and output tokens together.
    pub window: Option<u32>,
    /// Maximum number of input tokens.
    pub input: Option<u32>,
    /// Maximum number of output tokens.
    pub output: Option<u32>,
}

impl Limits {
    /// The fact of [`window`](Self::window).
    pub const WINDOW: Fact = Fact::ContextWindow;
    /// The fact of [`input`](Self::input).
    pub const INPUT: Fact = Fact::MaxInputTokens;
    /// The fact of [`output`](Self::output).
    pub const OUTPUT: Fact = Fact::MaxOutputTokens;
    /// The limits that are at most the context window.
    pub const BOUNDED_BY_WINDOW: [Fact; 2] = [Self::OUTPUT, Self::INPUT];

    /// Builds limits from a lookup of token counts by fact.
    #[must_use]
    pub fn of(tokens: impl Fn(Fact) -> Option<u32>) -> Self {
        Self { window: tokens(Self::WINDOW), input: tokens(Self::INPUT), output: tokens(Self::OUTPUT) }
    }

    /// Iterates over the limits above the context window: the fact, its tokens, and the tokens of the window.
    pub fn above_window(self) -> impl Iterator<Item = (Fact, u32, u32)> {
        let limits = [(Self::OUTPUT, self.output), (Self::INPUT, self.input)];
        let known = limits.into_iter().filter_map(move |(fact, count)| Some((fact, count?, self.window?)));
        known.filter(|(_, count, window)| count > window)
    }

    /// Returns the maximum of each limit; a known limit is greater than an unknown one.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { window: self.window.max(other.window), input: self.input.max(other.input), output: self.output.max(other.output) }
    }
}

macro_rules! limits_of {
    ($($model:ident)+) => {$(
        impl $model<'_> {
            /// Returns the token limits.
            #[must_use]
            pub fn limits(self) -> Limits {
                Limits { window: self.context_window(), input: self.max_input_tokens(), output: self.max_output_tokens() }
            }
        }
    )+};
}

limits_of!(Model BaseModel);
