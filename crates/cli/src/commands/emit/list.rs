//! `emit --list`: every format, and what is lost in each.

use super::super::failure::Failure;
use super::super::json::harmless;
use super::super::out::{Out, Tone};
use super::super::sections::wrapped;
use modeldex_formats::{EMIT_TARGETS, EmitTarget};
use serde_json::{Value, json};
use std::io::Write;

/// How wide lines are where there is no terminal.
const WIDTH: usize = 120;

pub(super) fn run(json: bool, out: &mut Out) -> Result<(), Failure> {
    if json {
        return Ok(writeln!(out, "{}", harmless(&rows().into()))?);
    }
    let (heading, aside, width) = (out.style(Tone::Heading), out.style(Tone::Aside), out.width().unwrap_or(WIDTH));
    for (at, target) in EMIT_TARGETS.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(out, "{gap}{heading}{}{heading:#}  {}", target.name, target.summary)?;
        let [left_out, changed, no_place] = sorted(target);
        for (what, words) in [("leaves out", left_out), ("changes", changed), ("no place for", no_place)] {
            if !words.is_empty() {
                let text = wrapped(&format!("  {what:<14}"), 16, Some(width), words);
                writeln!(out, "  {aside}{}{aside:#}{}", &text[2..16], &text[16..])?;
            }
        }
    }
    Ok(())
}

/// A JSON object for each format: its name, summary, file and losses.
pub(super) fn rows() -> Vec<Value> {
    EMIT_TARGETS.iter().map(row).collect()
}

/// The losses of a format: models that are left out, facts that are not as the catalog has them, and what has no place.
fn sorted(target: &EmitTarget) -> [Vec<String>; 3] {
    let mut sorted = [Vec::new(), Vec::new(), Vec::new()];
    for loss in target.losses() {
        let at = if loss.omits_model() { 0 } else { usize::from(loss.unsupported_part().is_some()) + 1 };
        sorted[at].push(loss.unsupported_part().map_or_else(|| loss.summary(), |part| part.to_string()));
    }
    sorted
}

fn row(target: &EmitTarget) -> Value {
    let [left_out, changed, no_place] = sorted(target);
    json!({
        "target": target.name, "summary": target.summary, "file": target.file_name,
        "leaves_out": left_out, "changes": changed, "no_place_for": no_place,
    })
}
