//! Comments that say to let a finding pass, in the syntax of any language: the words count, not the signs around them.

use crate::Finding;
use std::ops::Range;

/// The words on a line, or alone on the line before.
const MARK: &str = "modeldex-ignore";

/// The words near the top of a file.
const WHOLE: &str = "modeldex-ignore-file";

/// How many lines are near the top.
const TOP: usize = 20;

/// Drops what comments say to let pass.
pub(crate) fn drop_ignored(text: &str, findings: &mut Vec<Finding>) {
    if memchr::memmem::find(text.as_bytes(), MARK.as_bytes()).is_none() {
        return;
    }
    if text.lines().take(TOP).any(|line| line.contains(WHOLE)) {
        findings.clear();
        return;
    }
    findings.retain(|finding| {
        let (code, line) = (finding.diagnostic.code, line_of(text, finding.diagnostic.span.start));
        let before = line.start.checked_sub(1).map(|end| &text[line_of(text, end)]);
        let ignored = lets_pass(&text[line], code) || before.is_some_and(|before| is_alone(before) && lets_pass(before, code));
        !ignored
    });
}

/// The line that a place is on.
fn line_of(text: &str, place: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', &bytes[..place]).map_or(0, |newline| newline + 1);
    start..memchr::memchr(b'\n', &bytes[place..]).map_or(bytes.len(), |len| place + len)
}

/// Whether a line lets findings of `code` pass: all of them, or those whose codes it names.
fn lets_pass(line: &str, code: &str) -> bool {
    line.match_indices(MARK).any(|(at, _)| {
        let rest = &line[at + MARK.len()..];
        match rest.strip_prefix(':') {
            Some(codes) => codes.split(|letter: char| letter != '-' && !letter.is_ascii_alphanumeric()).any(|word| word == code),
            None => !rest.starts_with(|letter: char| letter == '-' || letter.is_ascii_alphanumeric()),
        }
    })
}

/// Whether a line has nothing before the mark but the signs of a comment.
fn is_alone(line: &str) -> bool {
    line.split(MARK).next().is_some_and(|before| !before.contains(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_all_codes_or_of_some() {
        assert!(lets_pass("x // modeldex-ignore", "a-b"));
        assert!(lets_pass("<!-- modeldex-ignore -->", "a-b"));
        assert!(lets_pass("# modeldex-ignore: c, a-b (for tests)", "a-b"));
        assert!(!lets_pass("# modeldex-ignore: a-b-c", "a-b"));
        assert!(!lets_pass("# modeldex-ignore-file", "a-b"));
        assert!(!lets_pass("# modeldex-ignored", "a-b"));
    }

    #[test]
    fn alone_is_with_the_signs_of_comments_only() {
        assert!(is_alone("  /* modeldex-ignore */"));
        assert!(is_alone("<!-- modeldex-ignore: a -->"));
        assert!(!is_alone("x = 1 # modeldex-ignore"));
    }
}
