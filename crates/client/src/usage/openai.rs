//! OpenAI's two protocols, and what the hosts that imitate them make of these.
//!
//! `prompt_tokens` has everything of the request in it, what was cached and audio and images; `completion_tokens` has everything of the
//! answer. Hosts differ:
//!
//! - What was read from a cache stands in `prompt_tokens_details.cached_tokens`, `prompt_cache_hit_tokens` (DeepSeek), `cached_tokens`
//!   (Moonshot) or `cache_read_input_tokens` (gateways such as LiteLLM), often in two of them. They tell the same tokens: the greatest
//!   counts. So for what was written: `cache_write_tokens` or `cache_creation_tokens` of the details, and `cache_creation_input_tokens`.
//! - Some (xAI) do not count thinking in `completion_tokens`. Their `total_tokens` tells: it is then prompt, completion and thinking
//!   together.
//! - What is cached and what is audio or an image are taken to be different tokens, unless `cached_tokens_details` says how many are both.

use super::count::{Count, Object};
use super::{Read, Tier, UsageError};
use modeldex_table::Meter;
use serde::Deserialize;

/// The usage of a chat completion.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Completions {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Object<InputDetails>,
    completion_tokens_details: Object<OutputDetails>,
    prompt_cache_hit_tokens: Count,
    cached_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
}

/// The usage of a response.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Responses {
    input_tokens: Count,
    output_tokens: Count,
    total_tokens: Count,
    input_tokens_details: Object<InputDetails>,
    output_tokens_details: Object<OutputDetails>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InputDetails {
    cached_tokens: Count,
    audio_tokens: Count,
    image_tokens: Count,
    cache_write_tokens: Count,
    cache_creation_tokens: Count,
    cached_tokens_details: Object<CachedDetails>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CachedDetails {
    audio_tokens: Count,
    image_tokens: Count,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OutputDetails {
    reasoning_tokens: Count,
    audio_tokens: Count,
    image_tokens: Count,
}

pub(super) fn completions(usage: &Completions) -> Result<Read, UsageError> {
    if !usage.prompt_tokens.is_there() && !usage.completion_tokens.is_there() {
        return Err(UsageError::Missing("`prompt_tokens` and `completion_tokens`"));
    }
    let prompt = usage.prompt_tokens.get("prompt_tokens")?;
    let completion = usage.completion_tokens.get("completion_tokens")?;
    let total = usage.total_tokens.said("total_tokens")?;
    let repeated = usage.prompt_cache_hit_tokens.get("prompt_cache_hit_tokens")?;
    let repeated = repeated.max(usage.cached_tokens.get("cached_tokens")?);
    let read = repeated.max(usage.cache_read_input_tokens.get("cache_read_input_tokens")?);
    let written = usage.cache_creation_input_tokens.get("cache_creation_input_tokens")?;
    let input = usage.prompt_tokens_details.0.as_ref();
    let input = Input::of(input, ["prompt_tokens_details.cached_tokens", "prompt_tokens_details.cache_write_tokens"], read, written)?;
    together(prompt, completion, total, input, usage.completion_tokens_details.0.as_ref())
}

pub(super) fn responses(usage: &Responses) -> Result<Read, UsageError> {
    if !usage.input_tokens.is_there() && !usage.output_tokens.is_there() {
        return Err(UsageError::Missing("`input_tokens` and `output_tokens`"));
    }
    let prompt = usage.input_tokens.get("input_tokens")?;
    let completion = usage.output_tokens.get("output_tokens")?;
    let total = usage.total_tokens.said("total_tokens")?;
    let details = usage.input_tokens_details.0.as_ref();
    let input = Input::of(details, ["input_tokens_details.cached_tokens", "input_tokens_details.cache_write_tokens"], 0, 0)?;
    together(prompt, completion, total, input, usage.output_tokens_details.0.as_ref())
}

/// The parts of a request.
#[derive(Default)]
struct Input {
    read: u64,
    written: u64,
    audio: u64,
    image: u64,
}

impl Input {
    /// The parts that the details tell; `read` and `written` are what stands beside them.
    fn of(details: Option<&InputDetails>, [cached, write]: [&'static str; 2], read: u64, written: u64) -> Result<Self, UsageError> {
        let Some(details) = details else { return Ok(Self { read, written, ..Self::default() }) };
        let written = written.max(details.cache_write_tokens.get(write)?);
        let both = |all: Count, cached: Count, field, cached_field| {
            let (all, cached) = (all.get(field)?, cached.get(cached_field)?);
            all.checked_sub(cached).ok_or(UsageError::Split { field, count: all, parts: cached })
        };
        let CachedDetails { audio_tokens, image_tokens } = match &details.cached_tokens_details.0 {
            Some(CachedDetails { audio_tokens, image_tokens }) => {
                CachedDetails { audio_tokens: *audio_tokens, image_tokens: *image_tokens }
            }
            None => CachedDetails::default(),
        };
        Ok(Self {
            read: read.max(details.cached_tokens.get(cached)?),
            written: written.max(details.cache_creation_tokens.get("prompt_tokens_details.cache_creation_tokens")?),
            audio: both(details.audio_tokens, audio_tokens, "audio_tokens", "cached_tokens_details.audio_tokens")?,
            image: both(details.image_tokens, image_tokens, "image_tokens", "cached_tokens_details.image_tokens")?,
        })
    }
}

fn together(prompt: u64, completion: u64, total: Option<u64>, input: Input, output: Option<&OutputDetails>) -> Result<Read, UsageError> {
    let (reasoning, audio, image) = match output {
        None => (0, 0, 0),
        Some(details) => (
            details.reasoning_tokens.get("reasoning_tokens")?,
            details.audio_tokens.get("audio_tokens")?,
            details.image_tokens.get("image_tokens")?,
        ),
    };
    let is_beside = reasoning > 0 && total == Some(prompt + completion + reasoning);
    let counts = [
        (Meter::Input, prompt),
        (Meter::CacheRead, input.read),
        (Meter::CacheWrite, input.written),
        (Meter::InputAudio, input.audio),
        (Meter::InputImage, input.image),
        (Meter::Output, if is_beside { completion + reasoning } else { completion }),
        (Meter::Reasoning, reasoning),
        (Meter::OutputAudio, audio),
        (Meter::OutputImage, image),
    ];
    Ok(Read::of(&counts, Tier::Unsaid))
}
