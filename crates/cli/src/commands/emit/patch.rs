//! What changes in a file, as a patch that can be shown: without anything that may be a secret.

use super::super::out::{Out, Tone, printable};
use modeldex_formats::merge::redact_config;
use modeldex_support::secret::mask;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::io::{self, Write};
use std::ops::Range;

/// How many lines are shown around what changes.
const AROUND: usize = 3;

/// Writes the changes from `before` to `after`.
pub(super) fn write(path: &str, before: &str, after: &str, out: &mut Out) -> io::Result<()> {
    let (old, new) = (Side::of(before), Side::of(after));
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}--- {path}\n+++ {path}{heading:#}")?;
    for group in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old.lines, &new.lines), AROUND) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let place = |first: Range<usize>, last: Range<usize>| {
            let len = last.end - first.start;
            // Where there is no line, the one before is named.
            format!("{},{len}", if len == 0 { first.start } else { first.start + 1 })
        };
        let aside = out.style(Tone::Aside);
        let from = place(first.old_range(), last.old_range());
        let to = place(first.new_range(), last.new_range());
        writeln!(out, "{aside}@@ -{from} +{to} @@{aside:#}")?;
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

/// A text, by lines.
struct Side<'t> {
    lines: Vec<&'t str>,
    /// The same lines, as they may be shown.
    shown: Vec<String>,
}

impl<'t> Side<'t> {
    fn of(text: &'t str) -> Self {
        // Neither takes a line end away or adds one.
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
