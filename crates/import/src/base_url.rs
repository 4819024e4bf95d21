//! What counts as a base URL, for the policy that believes it and the author that writes it.

use modeldex_compile::authored::routing::is_plain;
use modeldex_compile::is_base_url;

/// The longest base URL, in bytes.
const LONGEST: usize = 500;

/// A base URL that requests can be sent below, its variables written as `${NAME}`; nothing where a text is none.
///
/// Refused are user info, queries, escapes, `..`, control characters, letters beyond ASCII, and what `modeldex check` refuses.
pub(crate) fn base_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if rest.is_empty() || text.len() > LONGEST || !is_plain(text) || rest.starts_with('$') {
        return None;
    }
    if rest.split('/').any(|segment| matches!(segment, "." | "..")) {
        return None;
    }
    let url = text.trim_end_matches('/').replace("${", "{").replace('{', "${");
    is_base_url(&url).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn what_hides_where_it_leads_is_none() {
        assert_eq!(base_url("https://a.example/v1/").as_deref(), Some("https://a.example/v1"));
        assert_eq!(base_url("https://a.example/{ACCOUNT_ID}/v1").as_deref(), Some("https://a.example/${ACCOUNT_ID}/v1"));
        for text in [
            "",
            "ftp://a.example",
            "//a.example/v1",
            "https://",
            "https://user@a.example/v1",
            "https://a.example/v1?x=1",
            "https://a.example/v1#x",
            "https://a.example/v1\r\nX-Evil: 1",
            "https://a.example/../x",
            "https://a.example/%2e%2e/x",
            "https://a.example\\@evil.example",
            "https://a.example/\u{202e}x",
            "https://\u{430}.example/v1",
            "https://a.example/${lower}",
            "https://a.example/${",
            "https://a.example/$X",
            "https://a.example./v1",
            "http://a.example/v1",
        ] {
            assert_eq!(base_url(text), None, "{text:?}");
        }
    }
}
