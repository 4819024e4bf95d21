//! Finding what looks like a secret, so that it is reported and never shown.
//!
//! Works on raw text, so that a secret in a comment, in a key or in a file that is not even YAML is found as well.

use std::ops::Range;

/// Beginnings that key issuers use, each with how many characters must follow at least.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("pk_live_", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ABSK", 40),
    ("ya29.", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 16),
    ("hf_", 30),
    ("gsk_", 30),
    ("xai-", 30),
    ("csk-", 30),
    ("pplx-", 30),
    ("nvapi-", 30),
    ("tgp_v1_", 30),
    ("r8_", 30),
    ("fw_", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("dop_v1_", 30),
];

/// The stretches of `text` that look like secrets, in order and apart.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !is_key_byte(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_key_byte(bytes[at]) {
            at += 1;
        }
        // Shorter runs are never secrets; this spares the look at nearly every word.
        if at - start >= 20 && looks_secret(&text[start..at]) {
            found.push(start..at);
        }
    }
    found.extend(credentials(text).filter(|range| {
        let text = &text[range.clone()];
        text.contains(':') && !text.contains(['/', '?', '#'])
    }));
    for (key, _) in text.match_indices("-----BEGIN ") {
        if text[key..].lines().next().is_some_and(|line| line.contains("PRIVATE KEY")) {
            let end = text[key..].find("-----END ").map_or(text.len(), |len| key + len);
            found.push(key..end);
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    apart(found)
}

/// What stands before the last `@` of each URL. It may be a token without a user's name, so it is never shown; it is only reported where it
/// is sure to be a password, since paths may have an `@` as well.
fn credentials(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    urls(text).filter_map(|url| {
        let sign = text[url.clone()].rfind('@').filter(|sign| *sign > 0)?;
        Some(url.start..url.start + sign)
    })
}

/// The values in the query of each URL.
fn queries(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    urls(text).flat_map(move |url| {
        let query = text[url.clone()].find('?').map_or(url.end, |mark| url.start + mark + 1);
        let mut at = query;
        text[query..url.end].split('&').filter_map(move |pair| {
            let start = at;
            at += pair.len() + 1;
            let value = pair.find('=')? + 1;
            Some(start + value..start + pair.len())
        })
    })
}

/// Each URL from behind its `://`.
fn urls(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.match_indices("://").map(|(scheme, _)| {
        let start = scheme + 3;
        start..text[start..].find(|letter: char| letter == '"' || letter.is_whitespace()).map_or(text.len(), |len| start + len)
    })
}

/// What stands behind a key whose name says that its value is a secret. No key of a catalog has such a name, so this hides nothing that a
/// report needs.
fn named(text: &str) -> Vec<Range<usize>> {
    const NAMES: &[&str] = &["key", "token", "secret", "password", "passwd", "passphrase", "credential", "authorization"];
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            let behind = &text[at + name.len()..];
            let rest = behind.trim_start_matches(['"', '\'', ' ']);
            let Some(value) = rest.strip_prefix([':', '=']).filter(|value| value.starts_with([' ', '"', '\''])) else { continue };
            let value = value.trim_start_matches([' ', '"', '\'']);
            let start = text.len() - value.len();
            let end = start + value.find(['\n', '\r', '"', ',', '}']).unwrap_or(value.len());
            found.push(start..end);
        }
    }
    found
}

/// Sorted stretches with those that overlap made one.
fn apart(mut sorted: Vec<Range<usize>>) -> Vec<Range<usize>> {
    sorted.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    sorted
}

/// `text` with every secret replaced by as many `*` as it has bytes, so that positions stay; line ends stay too.
pub fn mask(text: &str) -> String {
    mask_found(text, find(text))
}

/// `text` masked as by [`mask`], where what [`find`] finds is known already.
pub(crate) fn mask_found(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.extend(credentials(text));
    found.extend(queries(text));
    found.extend(named(text));
    found.sort_by_key(|range| (range.start, range.end));
    let found = apart(found);
    if found.is_empty() {
        return text.to_owned();
    }
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for range in found {
        masked.push_str(&text[from..range.start]);
        masked.extend(text[range.clone()].bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte as char } else { '*' }));
        from = range.end;
    }
    masked.push_str(&text[from..]);
    masked
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

fn looks_secret(word: &str) -> bool {
    let halves = word.split_once('.').is_some_and(|(id, secret)| {
        // An id in hexadecimal and a secret, as Zhipu issues them.
        id.len() == 32
            && id.bytes().all(|byte| byte.is_ascii_hexdigit())
            && secret.len() == 16
            && secret.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let by_prefix =
        PREFIXES.iter().any(|(prefix, more)| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= *more && has_digit(rest)));
    let jwt = word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() >= 40;
    halves || by_prefix || jwt || word.split(['-', '_', '.']).any(is_random)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A long run of letters and digits in which both cases and digits alternate: no name is written so. A hash in hexadecimal has one case.
fn is_random(run: &str) -> bool {
    let class = |byte: u8| if byte.is_ascii_digit() { 0 } else { 1 + u8::from(byte.is_ascii_uppercase()) };
    let changes = run.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    run.len() >= 32
        && changes * 3 >= run.len()
        && has_digit(run)
        && run.bytes().any(|b| b.is_ascii_lowercase())
        && run.bytes().any(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_known_issuers_are_found_anywhere() {
        // Put together at run time, so that no scanner takes this file for a leak.
        let key = format!("sk-{}", "a1B2".repeat(8));
        for text in [format!("key: {key}"), format!("# {key}\n"), format!("[\"{key}\"]"), format!("{key}: x")] {
            let found = find(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(&text[found[0].clone()], key);
            let masked = mask(&text);
            assert_eq!(masked.len(), text.len());
            assert!(!masked.contains("a1B2"));
        }
    }

    #[test]
    fn a_password_in_a_url_is_found() {
        let text = "base_url: https://user:hunter2@api.example.com/v1";
        assert_eq!(mask(text), "base_url: https://************@api.example.com/v1");
        let text = "base_url: https://token@api.example.com/v1";
        assert_eq!(mask(text), "base_url: https://*****@api.example.com/v1");
        assert!(find(text).is_empty());
    }

    #[test]
    fn what_is_not_sure_to_be_a_secret_is_masked_all_the_same() {
        for (text, masked) in [
            ("api_key: hunter2-hunter2\nname: x", "api_key: ***************\nname: x"),
            ("{Token: \"hunter2\", id: x}", "{Token: \"*******\", id: x}"),
            ("url: https://u:hunter2,xyz@a.example/v1", "url: https://*************@a.example/v1"),
            ("url: https://u:hunter2/xyz@a.example/v1", "url: https://*************@a.example/v1"),
            ("url: https://a.example/v1?key=hunter2&b=c#d", "url: https://a.example/v1?key=*******&b=***"),
        ] {
            assert_eq!(mask(text), masked);
        }
        assert_eq!(
            mask("kind: api-key\nmax_tokens: 5\nrole: session-token, x: y"),
            "kind: api-key\nmax_tokens: 5\nrole: session-token, x: y"
        );
    }

    #[test]
    fn names_hashes_and_ids_are_not_secrets() {
        for text in [
            "Meta-Llama-3.1-405B-Instruct-Turbo",
            "accounts/fireworks/models/qwen3-coder-480b-a35b-instruct",
            "https://github.com/sst/models.dev/commit/4a77c9046b16b24bf15de20c907b2b7485ce3e44",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "ANTHROPIC_API_KEY_FOR_THE_STAGING_ENVIRONMENT_2",
            "sk-proj-without-any-digit-in-it-at-all",
            "https://docs.example.com/a@b",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }
}
