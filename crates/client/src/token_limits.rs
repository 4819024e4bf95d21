//! Checks before sending whether a request can fit into a model's limits.
//!
//! An exact count needs the model's own tokenizer. This module computes a lower bound that is valid for every tokenizer: words are never merged
//! into one token, and no vocabulary has many tokens of more than sixteen different characters in a row. A request that fails this check fails
//! at the server too; a request that passes may still be too long.

use crate::error::{ClientError, ErrorKind};
use crate::wire::Message;
use modeldex_table::Model;

/// Length of the longest token that is common in any vocabulary, in characters. A run of one repeated character may be a longer token, so it
/// counts as one character.
const MAX_TOKEN_CHARS: u64 = 16;

/// Average number of bytes per token in dense text: four in English, three in scripts without an alphabet.
const BYTES_PER_TOKEN: u64 = 3;

/// Smallest default for the output token limit.
const MIN_DEFAULT_MAX_TOKENS: u32 = 4096;

/// Returns a lower bound of the number of tokens in `text`, for any tokenizer.
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

/// Returns the output token limit to send if the protocol requires a limit and the user set none: the model's maximum, or less if the messages
/// seem to leave less room in the context window.
///
/// The limit is never reduced below 4096 tokens, because a smaller limit could truncate the response. If the window has less room, the server
/// rejects the request.
///
/// Returns `None` if the catalog has no output limit for `model`.
#[must_use]
pub fn default_max_tokens(model: Model<'_>, messages: &[Message<'_>]) -> Option<u32> {
    let limits = model.limits();
    let max_output = limits.output?;
    let tokens = messages.iter().map(|message| message.text.len() as u64).sum::<u64>() / BYTES_PER_TOKEN;
    let left = limits.window.map_or(u64::MAX, |window| u64::from(window).saturating_sub(tokens));
    Some(u32::try_from(left).unwrap_or(u32::MAX).max(MIN_DEFAULT_MAX_TOKENS).min(max_output))
}

/// Checks a request against the limits that the catalog has for `model`.
///
/// # Errors
/// [`ErrorKind::ContextOverflow`] if the request is too long with every tokenizer. The message names the limit and both numbers.
pub fn check(model: Model<'_>, messages: &[Message<'_>], max_tokens: Option<u32>) -> Result<(), ClientError> {
    let tokens = messages.iter().map(|message| min_tokens(message.text)).sum::<u64>();
    let (reference, limits) = (model.reference(), model.limits());
    let overflow = |message: String| Err(ClientError::new(ErrorKind::ContextOverflow, message));
    if let Some(limit) = limits.output
        && let Some(requested) = max_tokens.filter(|requested| *requested > limit)
    {
        return overflow(format!("the output limit of `{reference}` is {limit} tokens, and the request sets {requested}"));
    }
    if let Some(limit) = limits.input.filter(|limit| tokens > u64::from(*limit)) {
        return overflow(format!("the message has at least {tokens} tokens, and the input limit of `{reference}` is {limit}"));
    }
    let output = u64::from(max_tokens.unwrap_or(1));
    if let Some(window) = limits.window.filter(|window| tokens + output > u64::from(*window)) {
        let and_output = if max_tokens.is_some() { format!(" and {output} requested for the response") } else { String::new() };
        return overflow(format!(
            "the message has at least {tokens} tokens{and_output}, and the context window of `{reference}` is {window}"
        ));
    }
    Ok(())
}
