//! Anthropic's messages.
//!
//! `input_tokens` has neither what was read from a cache nor what was written to one; `cache_creation` splits the latter by how long it is
//! kept. `output_tokens` has the thinking in it, and nothing says how much that is.
//!
//! Where the server asked its model for something else on the way, as for a shorter context, `iterations` lists every request, and the
//! counts at the top leave those others out.

use super::count::{Count, Gather, List, Object, Word};
use super::{Read, Tier, UsageError, split};
use modeldex_table::{Meter, ServiceTier};
use serde::Deserialize;

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
    service_tier: Word<'a>,
    #[serde(borrow)]
    speed: Word<'a>,
    #[serde(borrow)]
    inference_geo: Word<'a>,
    iterations: List<Iterations>,
}

/// What was written to a cache, by how long it is kept. Those who pass Anthropic's models on say it in the same words.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
pub(super) struct CacheCreation {
    pub(super) ephemeral_5m_input_tokens: Count,
    pub(super) ephemeral_1h_input_tokens: Count,
}

/// Whether there are requests beside those for the message.
#[derive(Default)]
struct Iterations {
    has_others: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Iteration<'a> {
    #[serde(borrow, rename = "type")]
    kind: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ServerToolUse {
    pub(super) web_search_requests: Count,
}

pub(super) fn read(usage: &Messages<'_>) -> Result<Read, UsageError> {
    if !usage.input_tokens.is_there() && !usage.output_tokens.is_there() {
        return Err(UsageError::Missing("`input_tokens` and `output_tokens`"));
    }
    if usage.iterations.0.has_others {
        return Err(UsageError::Several);
    }
    let read = usage.cache_read_input_tokens.get("cache_read_input_tokens")?;
    let written = usage.cache_creation_input_tokens.said("cache_creation_input_tokens")?;
    let creation = usage.cache_creation.0.unwrap_or_default();
    let five_minutes = creation.ephemeral_5m_input_tokens.said("cache_creation.ephemeral_5m_input_tokens")?;
    let hour = creation.ephemeral_1h_input_tokens.said("cache_creation.ephemeral_1h_input_tokens")?;
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
    let tier = tier(usage)?;
    match usage.inference_geo.get() {
        // Elsewhere than anywhere costs more, by a factor that no price list has.
        None | Some("" | "global" | "not_available") => Ok(Read::of(&counts, tier)),
        Some(place) => Err(UsageError::UnknownRegion(place.to_owned())),
    }
}

/// A higher speed has rates of its own, which are those of the ordinary class of service.
fn tier(usage: &Messages<'_>) -> Result<Tier, UsageError> {
    let unknown = |word: &str| UsageError::UnknownTier(word.to_owned());
    let class = match usage.service_tier.get() {
        None => Tier::Unsaid,
        Some(word) => Tier::parse(word).ok_or_else(|| unknown(word))?,
    };
    match (usage.speed.get(), class) {
        (None | Some("standard"), class) => Ok(class),
        (Some("fast"), Tier::Unsaid | Tier::Ordinary | Tier::Special(ServiceTier::Fast)) => Ok(Tier::Special(ServiceTier::Fast)),
        (Some("fast"), Tier::Special(class)) => Err(unknown(&format!("{class}+fast"))),
        (Some(word), _) => Err(unknown(word)),
    }
}

impl<'de> Gather<'de> for Iterations {
    type Entry = Iteration<'de>;

    fn add(&mut self, entry: Iteration<'de>) {
        self.has_others |= entry.kind.get() != Some("message");
    }
}
