//! Google's Gemini API and Vertex AI, which name the same fields.
//!
//! `promptTokenCount` has `cachedContentTokenCount` in it; `toolUsePromptTokenCount` comes on top of it. `candidatesTokenCount` does not
//! have `thoughtsTokenCount` in it, and live sessions call it `responseTokenCount`. The details tell how many of the tokens are audio or
//! images; those of them that are cached count as cached. `totalTokenCount` may leave thoughts out, but never has more than all of these.

use super::count::{Count, Gather, List, Word};
use super::{Read, Tier, Total, UsageError};
use modeldex_table::{Meter, ServiceTier};
use serde::Deserialize;

/// The usage of generated content.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UsageMetadata<'a> {
    prompt_token_count: Count,
    cached_content_token_count: Count,
    tool_use_prompt_token_count: Count,
    #[serde(alias = "responseTokenCount")]
    candidates_token_count: Count,
    thoughts_token_count: Count,
    total_token_count: Count,
    prompt_tokens_details: List<Modalities>,
    cache_tokens_details: List<Modalities>,
    tool_use_prompt_tokens_details: List<Modalities>,
    #[serde(alias = "responseTokensDetails")]
    candidates_tokens_details: List<Modalities>,
    #[serde(borrow)]
    traffic_type: Word<'a>,
}

/// The modalities that may have rates of their own, out of a list of all.
#[derive(Default)]
struct Modalities {
    audio: Count,
    image: Count,
    has_any: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ModalityCount<'a> {
    #[serde(borrow)]
    modality: Word<'a>,
    token_count: Count,
}

pub(super) fn read(usage: &UsageMetadata<'_>) -> Result<Read, UsageError> {
    if !usage.prompt_token_count.is_there() && !usage.candidates_token_count.is_there() && !usage.thoughts_token_count.is_there() {
        return Err(UsageError::Missing("`promptTokenCount` and `candidatesTokenCount`"));
    }
    let thoughts = usage.thoughts_token_count.get("thoughtsTokenCount")?;
    let prompt = usage.prompt_token_count.get("promptTokenCount")?;
    let input = prompt + usage.tool_use_prompt_token_count.get("toolUsePromptTokenCount")?;
    let candidates = usage.candidates_token_count.get("candidatesTokenCount")?;
    let total = Total { field: "totalTokenCount", counted: "prompt, tools, candidates and thoughts", count: usage.total_token_count };
    total.covers(input + candidates + thoughts, [])?;
    let counts = [
        (Meter::Input, input),
        (Meter::CacheRead, usage.cached_content_token_count.get("cachedContentTokenCount")?),
        (Meter::InputAudio, uncached(usage, |details| details.audio)?),
        (Meter::InputImage, uncached(usage, |details| details.image)?),
        (Meter::Output, candidates + thoughts),
        (Meter::Reasoning, thoughts),
        (Meter::OutputAudio, usage.candidates_tokens_details.0.audio.get("candidatesTokensDetails.tokenCount")?),
        (Meter::OutputImage, usage.candidates_tokens_details.0.image.get("candidatesTokensDetails.tokenCount")?),
    ];
    let tier = match usage.traffic_type.get() {
        Some("ON_DEMAND") => Tier::Ordinary,
        Some("ON_DEMAND_PRIORITY") => Tier::Special(ServiceTier::Priority),
        Some("ON_DEMAND_FLEX") => Tier::Special(ServiceTier::Flex),
        // Throughput that was bought beforehand is paid for in another way, but what the tokens would cost otherwise is still asked for.
        None | Some("TRAFFIC_TYPE_UNSPECIFIED" | "PROVISIONED_THROUGHPUT") => Tier::Unsaid,
        Some(word) => return Err(UsageError::UnknownTier(word.to_owned())),
    };
    let read = Read::of(&counts, tier);
    if usage.cache_tokens_details.0.has_any { Ok(read) } else { read.or_overlap() }
}

/// Tokens of one modality in the request that no cache had.
fn uncached(usage: &UsageMetadata<'_>, of: impl Fn(&Modalities) -> Count) -> Result<u64, UsageError> {
    let prompt = of(&usage.prompt_tokens_details.0).get("promptTokensDetails.tokenCount")?;
    let cached = of(&usage.cache_tokens_details.0).get("cacheTokensDetails.tokenCount")?;
    let tools = of(&usage.tool_use_prompt_tokens_details.0).get("toolUsePromptTokensDetails.tokenCount")?;
    let rest = prompt.checked_sub(cached);
    Ok(tools + rest.ok_or(UsageError::Split { field: "promptTokensDetails", count: prompt, parts: cached })?)
}

impl<'de> Gather<'de> for Modalities {
    type Entry = ModalityCount<'de>;

    fn add(&mut self, entry: ModalityCount<'de>) {
        self.has_any = true;
        match entry.modality.get() {
            Some(word) if word.eq_ignore_ascii_case("audio") => self.audio.add(entry.token_count.needed()),
            Some(word) if word.eq_ignore_ascii_case("image") => self.image.add(entry.token_count.needed()),
            _ => {}
        }
    }
}
