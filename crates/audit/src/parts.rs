//! Divides large texts into parts, so that the memory of a scan does not depend on the size of the file.

use std::ops::Range;

/// Size of the parts in bytes. A line is never divided, so a part with a longer line is larger.
const PART_BYTES: usize = 4 << 20;

/// Maximum length of a line in bytes. Longer lines are not scanned.
pub(crate) const MAX_LINE_BYTES: usize = 16 << 20;

/// Number of lines at the end of a part among which the first line of the next part is chosen.
const MAX_CHOICES: usize = 1_000;

/// A line that is longer than [`MAX_LINE_BYTES`], by its number, beginning at 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LongLine(pub(crate) usize);

/// Returns the parts of a text, in order. A part begins with a line without indentation, if there is one near, because indented lines belong to the
/// lines before them.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = Result<Range<usize>, LongLine>> {
    let bytes = text.as_bytes();
    let (mut start, mut lines) = (0, 0);
    std::iter::from_fn(move || {
        if start >= bytes.len() {
            return None;
        }
        let rest = &bytes[start..];
        let len = if rest.len() <= PART_BYTES { rest.len() } else { part_len(rest) };
        let part = start..start + len;
        let has_long_line = len > MAX_LINE_BYTES;
        start = part.end;
        if !has_long_line {
            lines += memchr::memchr_iter(b'\n', &bytes[part.clone()]).count();
            return Some(Ok(part));
        }
        lines += 1;
        Some(Err(LongLine(lines)))
    })
}

/// Returns the length of the first part of `rest`, which is longer than a part.
fn part_len(rest: &[u8]) -> usize {
    let line_ends = || memchr::memrchr_iter(b'\n', &rest[..PART_BYTES]).map(|newline| newline + 1);
    let is_indented = |at: &usize| matches!(rest.get(*at), Some(b' ' | b'\t' | b'\r' | b'\n' | b'}' | b']' | b')'));
    let end = line_ends().take(MAX_CHOICES).find(|at| !is_indented(at)).or_else(|| line_ends().next());
    // A line that does not fit into a part is a part of its own.
    end.unwrap_or_else(|| memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_lines_and_cover_the_text() {
        let line = format!("{}\n", "x".repeat(999));
        let text = format!("{}  indented\nlast\n", line.repeat(10_000));
        let parts: Vec<_> = parts(&text).map(Result::unwrap).collect();
        assert_eq!(parts.len(), 3);
        assert_eq!((parts[0].start, parts[2].end), (0, text.len()));
        assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start && text[..pair[0].end].ends_with('\n')));
        let indented = format!("{line}{}", "  - x\n".repeat(1_000_000));
        let first = super::parts(&indented).next().unwrap().unwrap();
        assert!(first.end > PART_BYTES - 100 && indented[..first.end].ends_with('\n'));
    }

    #[test]
    fn a_line_above_the_maximum_is_left_out() {
        let text = format!("a\n{}\nb\n", "x".repeat(MAX_LINE_BYTES));
        let found: Vec<_> = parts(&text).collect();
        assert_eq!(found, [Ok(0..2), Err(LongLine(2)), Ok(text.len() - 2..text.len())]);
        let text = format!("a\n{}\nb\n", "x".repeat(MAX_LINE_BYTES - 1));
        assert!(parts(&text).all(|part| part.is_ok()));
    }
}
