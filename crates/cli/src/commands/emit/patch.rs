//! Prints the changes of a file as a patch, with secrets masked.

use super::super::out::{Out, Tone, printable};
use modeldex_formats::merge::redact_config;
use modeldex_support::secret::mask;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::io::{self, Write};
use std::ops::Range;

/// Number of context lines around a change.
const CONTEXT_LINES: usize = 3;

/// Writes the changes from the text `before` to the text `after`.
pub(super) fn write(path: &str, before: &str, after: &str, out: &mut Out) -> io::Result<()> {
    let (old, new) = (PatchText::of(before), PatchText::of(after));
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}--- {path}\n+++ {path}{heading:#}")?;
    for group in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old.lines, &new.lines), CONTEXT_LINES) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let place = |first: Range<usize>, last: Range<usize>| {
            let len = last.end - first.start;
            // A patch numbers an empty range by the line before it.
            format!("{},{len}", if len == 0 { first.start } else { first.start + 1 })
        };
        let dim = out.style(Tone::Dim);
        let from = place(first.old_range(), last.old_range());
        let to = place(first.new_range(), last.new_range());
        writeln!(out, "{dim}@@ -{from} +{to} @@{dim:#}")?;
        for op in group {
            if let DiffOp::Equal { .. } = op {
                old.write(' ', Tone::Plain, op.old_range(), out)?;
            } else {
                old.write('-', Tone::Error, op.old_range(), out)?;
                new.write('+', Tone::Good, op.new_range(), out)?;
            }
        }
    }
    Ok(())
}

/// One side of the patch, split into lines.
struct PatchText<'t> {
    lines: Vec<&'t str>,
    /// The same lines with secrets masked.
    shown: Vec<String>,
}

impl<'t> PatchText<'t> {
    fn of(text: &'t str) -> Self {
        // Masking neither adds nor removes line ends, so the masked lines have the same line numbers.
        let shown = redact_config(text, &mask);
        Self { lines: text.split_inclusive('\n').collect(), shown: shown.split_inclusive('\n').map(str::to_owned).collect() }
    }

    fn write(&self, sign: char, tone: Tone, lines: Range<usize>, out: &mut Out) -> io::Result<()> {
        let style = out.style(tone);
        for line in self.shown.get(lines).unwrap_or_default() {
            writeln!(out, "{style}{sign}{}{style:#}", printable(line.trim_end_matches(['\n', '\r'])))?;
            if !line.ends_with('\n') {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
        Ok(())
    }
}
