//! Validation of base URLs that sources claim.

use modeldex_compile::authored::routing::is_unambiguous;
use modeldex_compile::is_valid_base_url;

const MAX_BASE_URL_BYTES: usize = 500;

/// Returns a claimed base URL in its normal form, with variables written as `${NAME}`. Returns `None` if the URL is invalid.
///
/// A URL is invalid if it has user info, a query, escapes, a segment `..`, control characters or non-ASCII letters, or if `modeldex check` reports
/// it.
pub(crate) fn base_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if rest.is_empty() || text.len() > MAX_BASE_URL_BYTES || !is_unambiguous(text) || rest.starts_with('$') {
        return None;
    }
    if rest.split('/').any(|segment| matches!(segment, "." | "..")) {
        return None;
    }
    let url = text.trim_end_matches('/').replace("${", "{").replace('{', "${");
    is_valid_base_url(&url).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn urls_that_disguise_their_host_or_path_are_invalid() {
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
