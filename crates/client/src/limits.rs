//! Whether a request can fit into a model at all, found out before it is sent.
//!
//! Nobody counts exactly without the model's own tokenizer, so this counts what every tokenizer needs at the least: words are never joined
//! to one token, and no vocabulary has many tokens of more than sixteen different letters in a row. What fails here fails at the server
//! too; what passes may still be too long for it.

use crate::problem::{Kind, Problem};
use crate::wire::Message;
use modeldex_table::Model;

/// The longest token that is common in any vocabulary, in letters. Runs of one sign are an exception, and count as one letter.
const LONGEST_TOKEN: u64 = 16;

/// The bytes of a token on average where a text has many: English has four, and what is written without an alphabet three.
const BYTES_A_TOKEN: u64 = 3;

/// An answer is worth asking for when it may have so many tokens.
const LEAST_ROOM: u32 = 4096;

/// The fewest tokens that `text` can have.
///
/// ```
/// use modeldex_client::limits::least_tokens;
/// assert_eq!(least_tokens("three small words"), 3);
/// assert_eq!(least_tokens(&"xy".repeat(80)), 10);
/// assert_eq!(least_tokens(&"-".repeat(20_000)), 1);
/// assert_eq!(least_tokens("  \n "), 0);
/// ```
#[must_use]
pub fn least_tokens(text: &str) -> u64 {
    let letters =
        |word: &str| word.chars().zip(std::iter::once(' ').chain(word.chars())).filter(|(this, last)| this != last).count() as u64;
    text.split_whitespace().map(|word| letters(word).div_ceil(LONGEST_TOKEN)).sum()
}

/// The most tokens of an answer that can be asked for, where a protocol wants a number and nobody names one: what the model can give, less
/// where the messages seem to leave less room, but never so little that the answer would be cut off: then the server shall decide.
#[must_use]
pub fn room(model: Model<'_>, messages: &[Message<'_>]) -> Option<u32> {
    let limits = model.limits();
    let most = limits.output?;
    let tokens = messages.iter().map(|message| message.text.len() as u64).sum::<u64>() / BYTES_A_TOKEN;
    let left = limits.window.map_or(u64::MAX, |window| u64::from(window).saturating_sub(tokens));
    Some(u32::try_from(left).unwrap_or(u32::MAX).max(LEAST_ROOM).min(most))
}

/// Fails when the request is too long for `model` whatever its tokenizer, as far as the catalog knows its limits.
///
/// # Errors
/// A [`Kind::ContextOverflow`] that says which limit, and by how much.
pub fn check(model: Model<'_>, messages: &[Message<'_>], max_tokens: Option<u32>) -> Result<(), Problem> {
    let least = messages.iter().map(|message| least_tokens(message.text)).sum::<u64>();
    let (reference, limits) = (model.reference(), model.limits());
    let overflow = |what: String| Err(Problem::new(Kind::ContextOverflow, what));
    if let Some(most) = limits.output
        && let Some(asked) = max_tokens.filter(|asked| *asked > most)
    {
        return overflow(format!("`{reference}` answers with {most} tokens at the most, and {asked} are asked for"));
    }
    if let Some(most) = limits.input.filter(|most| least > u64::from(*most)) {
        return overflow(format!("the message has at least {least} tokens, and `{reference}` takes {most}"));
    }
    let answer = u64::from(max_tokens.unwrap_or(1));
    if let Some(window) = limits.window.filter(|window| least + answer > u64::from(*window)) {
        let with = if max_tokens.is_some() { format!(", with {answer} more asked for as the answer") } else { String::new() };
        return overflow(format!("the message has at least {least} tokens{with}, and the context window of `{reference}` is {window}"));
    }
    Ok(())
}
