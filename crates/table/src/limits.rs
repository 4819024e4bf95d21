//! Token limits of models. The limits of input and output tokens are never greater than the context window.

use crate::{BaseModel, Fact, Model};

/// Token limits of a model: context window, maximum input and maximum output. Each limit is `None` if it is unknown.
///
/// ```
/// use modeldex_table::Limits;
/// let limits = Limits { window: Some(200_000), input: None, output: Some(256_000) };
/// let (fact, count, window) = limits.above_window().next().unwrap();
/// assert_eq!((fact, count, window), (Limits::OUTPUT, 256_000, 200_000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Context window: maximum number of input and output tokens together; `None` if the context window is unknown.
    pub window: Option<u32>,
    /// Maximum number of input tokens; `None` if this limit is unknown.
    pub input: Option<u32>,
    /// Maximum number of output tokens; `None` if this limit is unknown.
    pub output: Option<u32>,
}

impl Limits {
    /// Fact of the field [`window`](Self::window): the context window.
    pub const WINDOW: Fact = Fact::ContextWindow;
    /// Fact of the field [`input`](Self::input): the maximum number of input tokens.
    pub const INPUT: Fact = Fact::MaxInputTokens;
    /// Fact of the field [`output`](Self::output): the maximum number of output tokens.
    pub const OUTPUT: Fact = Fact::MaxOutputTokens;
    /// The facts whose values may not be greater than the context window: the maximum number of output tokens, and the maximum number of input
    /// tokens.
    pub const BOUNDED_BY_WINDOW: [Fact; 2] = [Self::OUTPUT, Self::INPUT];

    /// Creates limits from the function `tokens`, which returns the number of tokens of a fact, or `None` if the number is unknown.
    #[must_use]
    pub fn of(tokens: impl Fn(Fact) -> Option<u32>) -> Self {
        Self { window: tokens(Self::WINDOW), input: tokens(Self::INPUT), output: tokens(Self::OUTPUT) }
    }

    /// Iterates over the limits that are greater than the context window. Each item has the fact, its number of tokens, and the context window in
    /// tokens.
    pub fn above_window(self) -> impl Iterator<Item = (Fact, u32, u32)> {
        let limits = [(Self::OUTPUT, self.output), (Self::INPUT, self.input)];
        let known = limits.into_iter().filter_map(move |(fact, count)| Some((fact, count?, self.window?)));
        known.filter(|(_, count, window)| count > window)
    }

    /// Returns the greater value of `self` and `other` for each limit. If one of the two values is unknown, returns the known value.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { window: self.window.max(other.window), input: self.input.max(other.input), output: self.output.max(other.output) }
    }
}

macro_rules! limits_of {
    ($($model:ident)+) => {$(
        impl $model<'_> {
            /// Returns the token limits of the model: context window, maximum input and maximum output.
            #[must_use]
            pub fn limits(self) -> Limits {
                Limits { window: self.context_window(), input: self.max_input_tokens(), output: self.max_output_tokens() }
            }
        }
    )+};
}

limits_of!(Model BaseModel);
