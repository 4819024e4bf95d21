//! Ollama's own API, whose counts stand in the answer itself.

use super::count::Count;
use super::{Read, Tier, UsageError};
use modeldex_table::Meter;
use serde::Deserialize;

/// The counts of an answer.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Counts {
    prompt_eval_count: Count,
    eval_count: Count,
}

pub(super) fn read(usage: &Counts) -> Result<Read, UsageError> {
    if !usage.prompt_eval_count.is_there() && !usage.eval_count.is_there() {
        return Err(UsageError::Missing("`prompt_eval_count` and `eval_count`"));
    }
    let input = usage.prompt_eval_count.get("prompt_eval_count")?;
    Ok(Read::of(&[(Meter::Input, input), (Meter::Output, usage.eval_count.get("eval_count")?)], Tier::Unsaid))
}
