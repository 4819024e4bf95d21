//! Lines as they may be shown. Beside a finding stands whatever else is on its line, and in scripts and settings that may be a key; so what is
//! assigned to a name that sounds like a secret is hidden, whatever it looks like, and so is every word that nobody would think of.

use std::ops::Range;

/// Parts of names of what is secret.
const NAMES: [&str; 8] = ["key", "token", "secret", "password", "passwd", "pwd", "private", "credential"];
/// Options that are followed by a name and a password.
const LOGINS: [&str; 2] = ["-u ", "--user "];

/// `text` with `*` for every byte of what may be a secret, but for `kept`, which is what the report is about.
pub(crate) fn hide(text: &str, kept: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // Only lines that are shown need a look.
        let span = start..start + line.len();
        if kept.iter().any(|kept| kept.start < span.end && span.start < kept.end) {
            for found in assigned(line).into_iter().chain(logins(line)).chain(opaque(line)) {
                let found = span.start + found.start..span.start + found.end;
                if !kept.iter().any(|kept| kept.start < found.end && found.start < kept.end) {
                    bytes[found].fill(b'*');
                }
            }
        }
        start = span.end;
    }
    // Whole words were replaced, so that no character was taken apart.
    String::from_utf8(bytes).unwrap_or_default()
}

/// What stands after a name that sounds like a secret and a sign of assignment or a space.
fn assigned(line: &str) -> Vec<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            let rest = &line[at + name.len()..];
            // Counts of tokens are no secret.
            if name == "token" && rest.starts_with(['s', 'S']) {
                continue;
            }
            let name_end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))).unwrap_or(rest.len());
            let after = &rest[name_end..];
            let value = after.trim_start_matches(['"', '\'', '`', ')', ']', ' ', '\t', '=', ':', '>', '(', '[', '|']);
            if value.len() == after.len() {
                continue;
            }
            let start = line.len() - value.len();
            found.extend(word(line, start).filter(|word| is_value(&line[word.clone()])));
        }
    }
    found
}

/// The passwords of `-u NAME:PASSWORD`.
fn logins(line: &str) -> Vec<Range<usize>> {
    let all = LOGINS.iter().flat_map(|option| line.match_indices(option).map(|(at, _)| at + option.len()));
    all.filter_map(|start| {
        let word = word(line, start)?;
        let colon = line[word.clone()].find(':')?;
        Some(word.start + colon + 1..word.end)
    })
    .collect()
}

/// Words of many letters and digits without any order, as keys are.
fn opaque(line: &str) -> Vec<Range<usize>> {
    const SHORTEST: usize = 16;
    let mut found = Vec::new();
    let mut start = 0;
    for part in line.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
        if word.len() >= SHORTEST && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) {
            found.push(start..start + word.len());
        }
        start += part.len();
    }
    found
}

/// The word that begins at a place.
fn word(line: &str, start: usize) -> Option<Range<usize>> {
    let rest = line.get(start..)?;
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | ',' | ';' | '&' | ')' | ']' | '}' | '|');
    let length = rest.find(is_end).unwrap_or(rest.len());
    (length > 0).then_some(start..start + length)
}

/// Whether a word is a value, and no reference to one, no name of a variable and no other word of the language.
fn is_value(word: &str) -> bool {
    let is_name =
        word.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')) && !word.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = word.starts_with(['$', '{', '<', '%']) || word.contains('(');
    word.len() >= 4 && !is_name && !is_code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_finding_is_hidden_when_it_may_be_a_secret() {
        const SECRET: &str = "Zk39fLq82mXc71PwVt54";
        for line in [
            "OPENAI_API_KEY=Zk39fLq82mXc71PwVt54 MODEL=kimi-coding/k2p5",
            "export OPENAI_API_KEY=Zk39fLq82mXc71PwVt54; kimi-coding/k2p5",
            "DB_PASSWORD=Zk39fLq82mXc71PwVt54 kimi-coding/k2p5",
            "run --api-key Zk39fLq82mXc71PwVt54 --model kimi-coding/k2p5",
            "curl -u user:Zk39fLq82mXc71PwVt54 kimi-coding/k2p5",
            // modeldex-ignore
            "'token' => 'Zk39fLq82mXc71PwVt54', 'model' => 'kimi-coding/k2p5'",
            "GET /v1?key=Zk39fLq82mXc71PwVt54&model=kimi-coding/k2p5",
            "say Zk39fLq82mXc71PwVt54 kimi-coding/k2p5",
        ] {
            let at = line.find("kimi").unwrap_or_default();
            let shown = hide(line, std::slice::from_ref(&(at..at + 16)));
            assert_eq!(shown.len(), line.len());
            assert!(!shown.contains(SECRET) && shown.contains("kimi-coding/k2p5"), "{shown}");
        }
        let password = hide("password: hunter22 kimi-coding/k2p5", std::slice::from_ref(&(19..35)));
        assert_eq!(password, "password: ******** kimi-coding/k2p5");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for line in
            ["max_tokens: 8192, model: kimi-coding/k2p5", "apiKey: ${KIMI_API_KEY} kimi-coding/k2p5", "key KIMI_API_KEY kimi-coding/k2p5"]
        {
            assert_eq!(hide(line, std::slice::from_ref(&(0..line.len()))), line);
            let at = line.find("kimi-").unwrap_or_default();
            assert_eq!(hide(line, std::slice::from_ref(&(at..at + 16))), line);
        }
        assert_eq!(hide("password=hunter22\nkimi", std::slice::from_ref(&(18..22))), "password=hunter22\nkimi", "a line that is not shown");
    }
}
