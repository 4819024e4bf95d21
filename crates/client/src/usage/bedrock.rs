//! Amazon Bedrock's Converse.
//!
//! `inputTokens` has neither what was read from a cache nor what was written to one; `cacheDetails` splits the latter by how long it is
//! kept. `totalTokens` has all of them in it, or all but the cache's.

use super::count::{Count, Gather, List, Word};
use super::{Read, Tier, Total, UsageError, split};
use modeldex_table::Meter;
use serde::Deserialize;

/// The usage of a turn.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TokenUsage {
    input_tokens: Count,
    output_tokens: Count,
    total_tokens: Count,
    cache_read_input_tokens: Count,
    cache_write_input_tokens: Count,
    cache_details: List<CacheDetails>,
}

/// What was written to a cache, by how long it is kept.
#[derive(Default)]
struct CacheDetails {
    usual: Count,
    hour: Count,
    /// A lifetime that is neither, or none at all.
    has_other: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct CacheDetail<'a> {
    input_tokens: Count,
    #[serde(borrow)]
    ttl: Word<'a>,
}

pub(super) fn read(usage: &TokenUsage) -> Result<Read, UsageError> {
    let details = &usage.cache_details.0;
    if details.has_other {
        return Err(UsageError::Shape("`cacheDetails.ttl` is neither `5m` nor `1h`".to_owned()));
    }
    if !usage.input_tokens.is_there() && !usage.output_tokens.is_there() {
        return Err(UsageError::Missing("`inputTokens` and `outputTokens`"));
    }
    let (input, output) = (usage.input_tokens.get("inputTokens")?, usage.output_tokens.get("outputTokens")?);
    let read = usage.cache_read_input_tokens.get("cacheReadInputTokens")?;
    let written = usage.cache_write_input_tokens.said("cacheWriteInputTokens")?;
    let field = "cacheDetails.inputTokens";
    let (usual, hour) = split("cacheWriteInputTokens", written, details.usual.said(field)?, details.hour.said(field)?)?;
    let all = input + read + usual + hour;
    let total = Total { field: "totalTokens", counted: "the tokens of input, cache and output", count: usage.total_tokens };
    total.covers(all + output, [("inputTokens", input), ("outputTokens", output)])?;
    let counts =
        [(Meter::Input, all), (Meter::CacheRead, read), (Meter::CacheWrite, usual), (Meter::CacheWrite1h, hour), (Meter::Output, output)];
    Ok(Read::of(&counts, Tier::Unsaid))
}

impl<'de> Gather<'de> for CacheDetails {
    type Entry = CacheDetail<'de>;

    fn add(&mut self, entry: CacheDetail<'de>) {
        match entry.ttl.get() {
            Some("5m") => self.usual.add(entry.input_tokens.needed()),
            Some("1h") => self.hour.add(entry.input_tokens.needed()),
            _ => self.has_other = true,
        }
    }
}
