//! Anthropic's messages.
//!
//! `input_tokens` has neither what was read from a cache nor what was written to one; `cache_creation` splits the latter by how long it is
//! kept. `output_tokens` has the thinking in it, and nothing says how much that is.

use super::count::{Count, Object};
use super::{Read, Tier, UsageError, split};
use modeldex_table::{Meter, ServiceTier};
use serde::Deserialize;
use std::borrow::Cow;

/// The usage of a message.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Messages<'a> {
    input_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_creation: Object<CacheCreation>,
    output_tokens: Count,
    server_tool_use: Object<ServerToolUse>,
    #[serde(borrow)]
    service_tier: Option<Cow<'a, str>>,
    #[serde(borrow)]
    speed: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Count,
    ephemeral_1h_input_tokens: Count,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ServerToolUse {
    web_search_requests: Count,
}

pub(super) fn read(usage: &Messages<'_>) -> Result<Read, UsageError> {
    if !usage.input_tokens.is_there() && !usage.output_tokens.is_there() {
        return Err(UsageError::Missing("`input_tokens` and `output_tokens`"));
    }
    let read = usage.cache_read_input_tokens.get("cache_read_input_tokens")?;
    let written = usage.cache_creation_input_tokens.said("cache_creation_input_tokens")?;
    let (five_minutes, hour) = match &usage.cache_creation.0 {
        None => (None, None),
        Some(creation) => (
            creation.ephemeral_5m_input_tokens.said("cache_creation.ephemeral_5m_input_tokens")?,
            creation.ephemeral_1h_input_tokens.said("cache_creation.ephemeral_1h_input_tokens")?,
        ),
    };
    let (five_minutes, hour) = split("cache_creation_input_tokens", written, five_minutes, hour)?;
    let searches = match &usage.server_tool_use.0 {
        None => 0,
        Some(tools) => tools.web_search_requests.get("server_tool_use.web_search_requests")?,
    };
    let counts = [
        (Meter::Input, usage.input_tokens.get("input_tokens")? + read + five_minutes + hour),
        (Meter::CacheRead, read),
        (Meter::CacheWrite, five_minutes),
        (Meter::CacheWrite1h, hour),
        (Meter::Output, usage.output_tokens.get("output_tokens")?),
        (Meter::WebSearch, searches),
    ];
    Ok(Read::of(&counts, tier(usage)?))
}

/// A higher speed has rates of its own, whatever else is said.
fn tier(usage: &Messages<'_>) -> Result<Tier, UsageError> {
    match usage.speed.as_deref() {
        None | Some("standard") => {}
        Some("fast") => return Ok(Tier::Special(ServiceTier::Fast)),
        Some(word) => return Err(UsageError::UnknownTier(word.to_owned())),
    }
    match usage.service_tier.as_deref() {
        None => Ok(Tier::Unsaid),
        Some(word) => Tier::parse(word).ok_or_else(|| UsageError::UnknownTier(word.to_owned())),
    }
}
