//! Checks whether a request exceeds the token limits of the model, before the request is sent.
//!
//! An exact count needs the tokenizer of the model. This module computes a lower bound for all tokenizers. A token never contains more than one word.
//! Apart from runs of one repeated character, tokens of more than sixteen characters are rare in every vocabulary. A request that fails
//! the check would also be rejected by the server. A request that passes the check may still be too long.

use crate::error::{ClientError, ErrorKind};
use crate::wire::Message;
use modeldex_table::Model;

/// Number of characters of the longest token that is common in any vocabulary. A run of one repeated character may be a longer token, so the run
/// counts as one character.
const MAX_TOKEN_CHARS: u64 = 16;

/// Average number of bytes per token in texts with many tokens: three in scripts without an alphabet. In English, the average is four.
const BYTES_PER_TOKEN: u64 = 3;

/// Smallest output token limit that [`default_max_tokens`] chooses, if the model's maximum is not smaller.
const MIN_DEFAULT_MAX_TOKENS: u32 = 4096;

/// Returns a lower bound for the number of tokens in `text`. The bound holds for every tokenizer.
///
/// ```
/// use modeldex_client::token_limits::min_tokens;
/// assert_eq!(min_tokens("three small words"), 3);
/// assert_eq!(min_tokens(&"xy".repeat(80)), 10);
/// assert_eq!(min_tokens(&"-".repeat(20_000)), 1);
/// assert_eq!(min_tokens("  \n "), 0);
/// ```
#[must_use]
pub fn min_tokens(text: &str) -> u64 {
    let chars = |word: &str| word.chars().zip(std::iter::once(' ').chain(word.chars())).filter(|(this, last)| this != last).count() as u64;
    text.split_whitespace().map(|word| chars(word).div_ceil(MAX_TOKEN_CHARS)).sum()
}

/// Returns the default output token limit of a request. A default is needed if the wire protocol requires a limit, and the user has not set one.
/// Returns `None` if the catalog states no output limit for `model`.
///
/// The result is the smaller of two numbers: the model's maximum output, and the estimated number of tokens that `messages` leave free in the context
/// window. If the estimate is less than 4096 tokens, 4096 tokens are used instead, because a smaller limit could truncate the response. If fewer than
/// 4096 tokens are in fact free, the server rejects the request.
#[must_use]
pub fn default_max_tokens(model: Model<'_>, messages: &[Message<'_>]) -> Option<u32> {
    let limits = model.limits();
    let max_output = limits.output?;
    let tokens = messages.iter().map(|message| message.text.len() as u64).sum::<u64>() / BYTES_PER_TOKEN;
    let left = limits.window.map_or(u64::MAX, |window| u64::from(window).saturating_sub(tokens));
    Some(u32::try_from(left).unwrap_or(u32::MAX).max(MIN_DEFAULT_MAX_TOKENS).min(max_output))
}

/// Checks whether a request with `messages` and the output token limit `max_tokens` exceeds the limits that the catalog states for `model`.
///
/// # Errors
/// Fails with [`ErrorKind::ContextOverflow`] if the request certainly exceeds a limit of the model. The error message states the limit, and the
/// number of tokens of the request.
pub fn check(model: Model<'_>, messages: &[Message<'_>], max_tokens: Option<u32>) -> Result<(), ClientError> {
    let tokens = messages.iter().map(|message| min_tokens(message.text)).sum::<u64>();
    let (reference, limits) = (model.reference(), model.limits());
    let overflow = |message: String| Err(ClientError::new(ErrorKind::ContextOverflow, message));
    if let Some(limit) = limits.output
        && let Some(requested) = max_tokens.filter(|requested| *requested > limit)
    {
        return overflow(format!(
            "the request sets an output limit of {requested} tokens, but the output limit of `{reference}` is {limit} tokens"
        ));
    }
    if let Some(limit) = limits.input.filter(|limit| tokens > u64::from(*limit)) {
        return overflow(format!("the message has at least {tokens} tokens, but the input limit of `{reference}` is {limit} tokens"));
    }
    let output = u64::from(max_tokens.unwrap_or(1));
    if let Some(window) = limits.window.filter(|window| tokens + output > u64::from(*window)) {
        return overflow(if max_tokens.is_some() {
            format!(
                "the message has at least {tokens} tokens, and the request sets an output limit of {output} tokens, but the context window of \
                 `{reference}` is {window} tokens"
            )
        } else {
            format!("the message has at least {tokens} tokens, but the context window of `{reference}` is {window} tokens")
        });
    }
    Ok(())
}
