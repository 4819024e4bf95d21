//! `emit --list`: prints all formats with their losses.

use super::super::failure::Failure;
use super::super::json::harmless;
use super::super::out::{Out, Tone};
use super::super::sections::wrapped;
use modeldex_formats::{EMIT_TARGETS, EmitTarget};
use serde_json::{Value, json};
use std::io::Write;

/// Width of lines if stdout is not a terminal, in columns.
const DEFAULT_WIDTH: usize = 120;

pub(super) fn run(json: bool, out: &mut Out) -> Result<(), Failure> {
    if json {
        return Ok(writeln!(out, "{}", harmless(&rows().into()))?);
    }
    let (heading, dim, width) = (out.style(Tone::Heading), out.style(Tone::Dim), out.width().unwrap_or(DEFAULT_WIDTH));
    for (at, target) in EMIT_TARGETS.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(out, "{gap}{heading}{}{heading:#}  {}", target.name, target.summary)?;
        let [left_out, changed, unsupported_part] = sorted(target);
        for (what, words) in [("omits", left_out), ("changes", changed), ("no field for", unsupported_part)] {
            if !words.is_empty() {
                let text = wrapped(&format!("  {what:<14}"), 16, Some(width), words);
                writeln!(out, "  {dim}{}{dim:#}{}", &text[2..16], &text[16..])?;
            }
        }
    }
    Ok(())
}

/// A JSON object for each format: its name, summary, file and losses.
pub(super) fn rows() -> Vec<Value> {
    EMIT_TARGETS.iter().map(row).collect()
}

/// Sorts the losses of a format: omitted models, changed facts, and facts without a field in the format.
fn sorted(target: &EmitTarget) -> [Vec<String>; 3] {
    let mut sorted = [Vec::new(), Vec::new(), Vec::new()];
    for loss in target.losses() {
        let at = if loss.omits_model() { 0 } else { usize::from(loss.unsupported_part().is_some()) + 1 };
        sorted[at].push(loss.unsupported_part().map_or_else(|| loss.summary(), |part| part.to_string()));
    }
    sorted
}

fn row(target: &EmitTarget) -> Value {
    let [left_out, changed, unsupported_part] = sorted(target);
    json!({
        "target": target.name, "summary": target.summary, "file": target.file_name,
        "leaves_out": left_out, "changes": changed, "no_place_for": unsupported_part,
    })
}
