//! Google's Gemini API and Vertex AI, which name the same fields.
//!
//! `promptTokenCount` has `cachedContentTokenCount` in it; `toolUsePromptTokenCount` comes on top of it. `candidatesTokenCount` does not
//! have `thoughtsTokenCount` in it. The details tell how many of the tokens are audio or images; those of them that are cached count as
//! cached.

use super::count::Count;
use super::{Read, Tier, UsageError};
use modeldex_table::{Meter, ServiceTier};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// The usage of generated content.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UsageMetadata<'a> {
    prompt_token_count: Count,
    cached_content_token_count: Count,
    tool_use_prompt_token_count: Count,
    candidates_token_count: Count,
    thoughts_token_count: Count,
    prompt_tokens_details: Modalities,
    cache_tokens_details: Modalities,
    tool_use_prompt_tokens_details: Modalities,
    candidates_tokens_details: Modalities,
    #[serde(borrow)]
    traffic_type: Option<Cow<'a, str>>,
}

/// The modalities that may have rates of their own, out of a list of all.
#[derive(Default)]
struct Modalities {
    audio: Count,
    image: Count,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ModalityCount {
    modality: Option<Modality>,
    token_count: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Modality {
    Audio,
    Image,
    #[serde(other)]
    Other,
}

pub(super) fn read(usage: &UsageMetadata<'_>) -> Result<Read, UsageError> {
    if !usage.prompt_token_count.is_there() && !usage.candidates_token_count.is_there() && !usage.thoughts_token_count.is_there() {
        return Err(UsageError::Missing("`promptTokenCount` and `candidatesTokenCount`"));
    }
    let thoughts = usage.thoughts_token_count.get("thoughtsTokenCount")?;
    let prompt = usage.prompt_token_count.get("promptTokenCount")?;
    let counts = [
        (Meter::Input, prompt + usage.tool_use_prompt_token_count.get("toolUsePromptTokenCount")?),
        (Meter::CacheRead, usage.cached_content_token_count.get("cachedContentTokenCount")?),
        (Meter::InputAudio, uncached(usage, |details| details.audio)?),
        (Meter::InputImage, uncached(usage, |details| details.image)?),
        (Meter::Output, usage.candidates_token_count.get("candidatesTokenCount")? + thoughts),
        (Meter::Reasoning, thoughts),
        (Meter::OutputAudio, usage.candidates_tokens_details.audio.get("candidatesTokensDetails")?),
        (Meter::OutputImage, usage.candidates_tokens_details.image.get("candidatesTokensDetails")?),
    ];
    let tier = match usage.traffic_type.as_deref() {
        Some("ON_DEMAND") => Tier::Ordinary,
        Some("ON_DEMAND_PRIORITY") => Tier::Special(ServiceTier::Priority),
        Some("ON_DEMAND_FLEX") => Tier::Special(ServiceTier::Flex),
        // Throughput that was bought beforehand is paid for in another way, but what the tokens would cost otherwise is still asked for.
        None | Some("TRAFFIC_TYPE_UNSPECIFIED" | "PROVISIONED_THROUGHPUT") => Tier::Unsaid,
        Some(word) => return Err(UsageError::UnknownTier(word.to_owned())),
    };
    Ok(Read::of(&counts, tier))
}

/// Tokens of one modality in the request that no cache had.
fn uncached(usage: &UsageMetadata<'_>, of: impl Fn(&Modalities) -> Count) -> Result<u64, UsageError> {
    let prompt = of(&usage.prompt_tokens_details).get("promptTokensDetails")?;
    let cached = of(&usage.cache_tokens_details).get("cacheTokensDetails")?;
    let tools = of(&usage.tool_use_prompt_tokens_details).get("toolUsePromptTokensDetails")?;
    let rest = prompt.checked_sub(cached);
    Ok(tools + rest.ok_or(UsageError::Split { field: "promptTokensDetails", count: prompt, parts: cached })?)
}

impl<'de> Deserialize<'de> for Modalities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Modalities;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of modalities with their counts")
            }

            fn visit_unit<E>(self) -> Result<Modalities, E> {
                Ok(Modalities::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Modalities, A::Error> {
                let mut modalities = Modalities::default();
                while let Some(entry) = list.next_element::<ModalityCount>()? {
                    match entry.modality {
                        Some(Modality::Audio) => modalities.audio.add(entry.token_count),
                        Some(Modality::Image) => modalities.image.add(entry.token_count),
                        Some(Modality::Other) | None => {}
                    }
                }
                Ok(modalities)
            }
        }
        deserializer.deserialize_any(List)
    }
}
