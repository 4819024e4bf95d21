//! OpenAI's two protocols, and what the hosts that imitate them make of these.
//!
//! `prompt_tokens` has everything of the request in it, what was cached and audio and images; `completion_tokens` has everything of the
//! answer. Hosts differ:
//!
//! - What was read from a cache stands in `prompt_tokens_details.cached_tokens`, `prompt_cache_hit_tokens` (DeepSeek), `cached_tokens`
//!   (Moonshot) or `cache_read_input_tokens` (gateways such as LiteLLM), often in two of them. They tell the same tokens: the greatest
//!   counts. So for what was written: `cache_write_tokens`, `cache_creation_tokens` or `cache_creation_input_tokens` (Alibaba) of the
//!   details, and `cache_creation_input_tokens`. `cache_creation` (Alibaba) or `cache_creation_token_details` (LiteLLM) of the details
//!   splits it by how long it is kept.
//! - Some (xAI) do not count thinking in `completion_tokens`. Their `total_tokens` tells: it is then prompt, completion and thinking
//!   together. Perplexity's `reasoning_tokens` stands at the top.
//! - A total that is more than all of these has tokens in it that no field shows, which are charged all the same.
//! - What is cached and what is audio or an image are taken to be different tokens, unless `cached_tokens_details` says how many are both.
//! - Searches are `server_tool_use.web_search_requests` (OpenRouter) or `num_search_queries` (Perplexity). How many sources xAI read
//!   (`num_sources_used`) and how many tokens Perplexity cited (`citation_tokens`) have no meter.
//! - Realtime sessions and transcriptions write `input_token_details` and `output_token_details`.

use super::anthropic::{CacheCreation, ServerToolUse};
use super::count::{Count, Object};
use super::{Read, Tier, Total, UsageError, split};
use modeldex_table::Meter;
use serde::Deserialize;

/// The usage of a chat completion.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Completions {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    #[serde(alias = "input_token_details")]
    prompt_tokens_details: Object<InputDetails>,
    #[serde(alias = "output_token_details")]
    completion_tokens_details: Object<OutputDetails>,
    prompt_cache_hit_tokens: Count,
    cached_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    reasoning_tokens: Count,
    server_tool_use: Object<ServerToolUse>,
    num_search_queries: Count,
}

/// The usage of a response.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Responses {
    input_tokens: Count,
    output_tokens: Count,
    total_tokens: Count,
    #[serde(alias = "input_token_details")]
    input_tokens_details: Object<InputDetails>,
    #[serde(alias = "output_token_details")]
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
    cache_creation_input_tokens: Count,
    cache_creation: Object<CacheCreation>,
    cache_creation_token_details: Object<CacheCreation>,
    cached_tokens_details: Object<CachedDetails>,
}

#[derive(Deserialize, Default, Clone, Copy)]
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
    let read = greatest(&[
        ("prompt_cache_hit_tokens", usage.prompt_cache_hit_tokens),
        ("cached_tokens", usage.cached_tokens),
        ("cache_read_input_tokens", usage.cache_read_input_tokens),
    ])?;
    let written = usage.cache_creation_input_tokens.said("cache_creation_input_tokens")?;
    let searches = usage.server_tool_use.0.as_ref().map(|tools| tools.web_search_requests).unwrap_or_default();
    let all = All {
        names: ["prompt_tokens", "completion_tokens"],
        prompt: usage.prompt_tokens.get("prompt_tokens")?,
        completion: usage.completion_tokens.get("completion_tokens")?,
        total: usage.total_tokens,
        thought: usage.reasoning_tokens,
        searches: greatest(&[("server_tool_use.web_search_requests", searches), ("num_search_queries", usage.num_search_queries)])?,
    };
    let input = Input::of(usage.prompt_tokens_details.0.as_ref(), read, written)?;
    all.read(&input, usage.completion_tokens_details.0.as_ref())
}

pub(super) fn responses(usage: &Responses) -> Result<Read, UsageError> {
    if !usage.input_tokens.is_there() && !usage.output_tokens.is_there() {
        return Err(UsageError::Missing("`input_tokens` and `output_tokens`"));
    }
    let all = All {
        names: ["input_tokens", "output_tokens"],
        prompt: usage.input_tokens.get("input_tokens")?,
        completion: usage.output_tokens.get("output_tokens")?,
        total: usage.total_tokens,
        thought: Count::Missing,
        searches: None,
    };
    let input = Input::of(usage.input_tokens_details.0.as_ref(), None, None)?;
    all.read(&input, usage.output_tokens_details.0.as_ref())
}

/// The greatest of what several fields say of the same; `None` when none says anything.
fn greatest(fields: &[(&'static str, Count)]) -> Result<Option<u64>, UsageError> {
    fields.iter().try_fold(None, |greatest, (field, count)| Ok(greatest.max(count.said(field)?)))
}

/// The parts of a request.
#[derive(Default)]
struct Input {
    read: u64,
    written: u64,
    written_1h: u64,
    audio: u64,
    image: u64,
    /// Whether it is said which of the cached tokens are audio or images.
    says_overlap: bool,
}

impl Input {
    /// The parts that the details tell; `read` and `written` are what stands beside them.
    fn of(details: Option<&InputDetails>, read: Option<u64>, written: Option<u64>) -> Result<Self, UsageError> {
        let (read, mut written) = (read.unwrap_or(0), written);
        let Some(details) = details else { return Ok(Self { read, written: written.unwrap_or(0), ..Self::default() }) };
        written = written.max(greatest(&[
            ("cache_write_tokens", details.cache_write_tokens),
            ("cache_creation_tokens", details.cache_creation_tokens),
            ("cache_creation_input_tokens", details.cache_creation_input_tokens),
        ])?);
        let (one, other) = (details.cache_creation.0.unwrap_or_default(), details.cache_creation_token_details.0.unwrap_or_default());
        let usual = [one, other].map(|creation| ("ephemeral_5m_input_tokens", creation.ephemeral_5m_input_tokens));
        let hour = [one, other].map(|creation| ("ephemeral_1h_input_tokens", creation.ephemeral_1h_input_tokens));
        let (written, written_1h) = split("cache_creation_input_tokens", written, greatest(&usual)?, greatest(&hour)?)?;
        let uncached = |all: Count, cached: Count, field, cached_field| {
            let (all, cached) = (all.get(field)?, cached.get(cached_field)?);
            all.checked_sub(cached).ok_or(UsageError::Split { field, count: all, parts: cached })
        };
        let CachedDetails { audio_tokens, image_tokens } = details.cached_tokens_details.0.unwrap_or_default();
        Ok(Self {
            read: read.max(details.cached_tokens.get("cached_tokens")?),
            written,
            written_1h,
            audio: uncached(details.audio_tokens, audio_tokens, "audio_tokens", "cached_tokens_details.audio_tokens")?,
            image: uncached(details.image_tokens, image_tokens, "image_tokens", "cached_tokens_details.image_tokens")?,
            says_overlap: details.cached_tokens_details.0.is_some(),
        })
    }
}

/// What stands beside the details.
struct All {
    /// What the protocol calls the next two.
    names: [&'static str; 2],
    prompt: u64,
    completion: u64,
    total: Count,
    /// Thinking, for where the details do not tell it.
    thought: Count,
    searches: Option<u64>,
}

impl All {
    fn read(self, input: &Input, output: Option<&OutputDetails>) -> Result<Read, UsageError> {
        let Self { names: [prompt_name, completion_name], prompt, completion, total, thought, searches } = self;
        let (reasoning, audio, image) = match output {
            None => (None, 0, 0),
            Some(details) => (
                details.reasoning_tokens.said("reasoning_tokens")?,
                details.audio_tokens.get("audio_tokens")?,
                details.image_tokens.get("image_tokens")?,
            ),
        };
        let reasoning = match reasoning {
            Some(reasoning) => reasoning,
            None => thought.get("reasoning_tokens")?,
        };
        let is_beside = reasoning > 0 && total.said("total_tokens")? == Some(prompt + completion + reasoning);
        let output = if is_beside { completion + reasoning } else { completion };
        let total = Total { field: "total_tokens", counted: "the request and the answer", count: total };
        total.covers(prompt + output, [(prompt_name, prompt), (completion_name, completion)])?;
        let counts = [
            (Meter::Input, prompt),
            (Meter::CacheRead, input.read),
            (Meter::CacheWrite, input.written),
            (Meter::CacheWrite1h, input.written_1h),
            (Meter::InputAudio, input.audio),
            (Meter::InputImage, input.image),
            (Meter::Output, output),
            (Meter::Reasoning, reasoning),
            (Meter::OutputAudio, audio),
            (Meter::OutputImage, image),
            (Meter::WebSearch, searches.unwrap_or(0)),
        ];
        let read = Read::of(&counts, Tier::Unsaid);
        if input.says_overlap { Ok(read) } else { read.or_overlap() }
    }
}
