//! Comments with `modeldex-ignore`, which remove findings from the report. They work in all languages, because only this marker is recognized, and
//! not the syntax of the comment.

use crate::AuditFinding;
use std::ops::Range;

/// Marker that removes the findings on its line. If the line has only the marker, the marker removes the findings on the next line.
const IGNORE_MARKER: &str = "modeldex-ignore";

/// Marker in the first lines of a file that removes all findings in the file.
const IGNORE_FILE_MARKER: &str = "modeldex-ignore-file";

/// Number of lines at the start of a file in which [`IGNORE_FILE_MARKER`] is recognized.
const IGNORE_FILE_MAX_LINES: usize = 20;

/// Removes the findings for which the text has a comment with a marker.
pub(crate) fn remove_ignored(text: &str, findings: &mut Vec<AuditFinding>) {
    if memchr::memmem::find(text.as_bytes(), IGNORE_MARKER.as_bytes()).is_none() {
        return;
    }
    if text.lines().take(IGNORE_FILE_MAX_LINES).any(|line| line.contains(IGNORE_FILE_MARKER)) {
        findings.clear();
        return;
    }
    // The findings are sorted, and a line may have thousands of them, so the markers of the last line are kept.
    let mut last: (Range<usize>, Vec<(&'static str, bool)>) = (0..0, Vec::new());
    findings.retain(|finding| {
        let (code, start) = (finding.diagnostic.code, finding.diagnostic.span.start);
        if !last.0.contains(&start) {
            last = (line_of(text, start), Vec::new());
        }
        let (line, known) = &mut last;
        if let Some((_, ignored)) = known.iter().find(|(known, _)| *known == code) {
            return !ignored;
        }
        let before = line.start.checked_sub(1).map(|end| &text[line_of(text, end)]);
        let ignored = ignores(&text[line.clone()], code) || before.is_some_and(|before| is_alone(before) && ignores(before, code));
        known.push((code, ignored));
        !ignored
    });
}

/// Returns the range of the line at a position.
fn line_of(text: &str, place: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', &bytes[..place]).map_or(0, |newline| newline + 1);
    start..memchr::memchr(b'\n', &bytes[place..]).map_or(bytes.len(), |len| place + len)
}

/// Returns whether a line has a marker that removes findings with `code`: a marker without codes, or with this code.
fn ignores(line: &str, code: &str) -> bool {
    line.match_indices(IGNORE_MARKER).any(|(at, _)| {
        let rest = &line[at + IGNORE_MARKER.len()..];
        match rest.strip_prefix(':') {
            Some(codes) => codes.split(|letter: char| letter != '-' && !letter.is_ascii_alphanumeric()).any(|word| word == code),
            None => !rest.starts_with(|letter: char| letter == '-' || letter.is_ascii_alphanumeric()),
        }
    })
}

/// Returns whether a line has neither letters nor digits before the marker.
fn is_alone(line: &str) -> bool {
    line.split(IGNORE_MARKER).next().is_some_and(|before| !before.contains(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_ignore_all_or_some_codes() {
        assert!(ignores("x // modeldex-ignore", "a-b"));
        assert!(ignores("<!-- modeldex-ignore -->", "a-b"));
        assert!(ignores("# modeldex-ignore: c, a-b (for tests)", "a-b"));
        assert!(!ignores("# modeldex-ignore: a-b-c", "a-b"));
        assert!(!ignores("# modeldex-ignore-file", "a-b"));
        assert!(!ignores("# modeldex-ignored", "a-b"));
    }

    #[test]
    fn only_comment_syntax_precedes_a_marker_alone_on_its_line() {
        assert!(is_alone("  /* modeldex-ignore */"));
        assert!(is_alone("<!-- modeldex-ignore: a -->"));
        assert!(!is_alone("x = 1 # modeldex-ignore"));
    }
}
