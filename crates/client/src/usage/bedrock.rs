//! Amazon Bedrock's Converse.
//!
//! `inputTokens` has neither what was read from a cache nor what was written to one; `cacheDetails` splits the latter by how long it is
//! kept.

use super::count::Count;
use super::{Read, Tier, UsageError, split};
use modeldex_table::Meter;
use serde::Deserialize;
use std::borrow::Cow;

/// The usage of a turn.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TokenUsage<'a> {
    input_tokens: Count,
    output_tokens: Count,
    cache_read_input_tokens: Count,
    cache_write_input_tokens: Count,
    #[serde(borrow)]
    cache_details: Option<Vec<CacheDetail<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct CacheDetail<'a> {
    input_tokens: Count,
    #[serde(borrow)]
    ttl: Cow<'a, str>,
}

pub(super) fn read(usage: &TokenUsage<'_>) -> Result<Read, UsageError> {
    if !usage.input_tokens.is_there() && !usage.output_tokens.is_there() {
        return Err(UsageError::Missing("`inputTokens` and `outputTokens`"));
    }
    let read = usage.cache_read_input_tokens.get("cacheReadInputTokens")?;
    let written = usage.cache_write_input_tokens.said("cacheWriteInputTokens")?;
    let (mut usual, mut hour) = (Count::Missing, Count::Missing);
    for detail in usage.cache_details.iter().flatten() {
        if detail.ttl == "1h" { hour.add(detail.input_tokens) } else { usual.add(detail.input_tokens) }
    }
    let details = "cacheDetails.inputTokens";
    let (usual, hour) = split("cacheWriteInputTokens", written, usual.said(details)?, hour.said(details)?)?;
    let counts = [
        (Meter::Input, usage.input_tokens.get("inputTokens")? + read + usual + hour),
        (Meter::CacheRead, read),
        (Meter::CacheWrite, usual),
        (Meter::CacheWrite1h, hour),
        (Meter::Output, usage.output_tokens.get("outputTokens")?),
    ];
    Ok(Read::of(&counts, Tier::Unsaid))
}
