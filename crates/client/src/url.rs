//! URLs of requests and redirects, and their form in messages.

use crate::secret::percent_encode;
use ureq::http::Uri;

/// Maximum number of characters of a URL in a message.
const MAX_SHOWN_URL_CHARS: usize = 200;

/// Returns `url` without the parts that may contain a secret: user, password, query and fragment. If the result has more than 200 characters, the
/// rest is replaced by `...`.
#[must_use]
pub fn redact_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let (scheme, rest) = url.find("://").map_or(("", url), |at| url.split_at(at + "://".len()));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or(host);
    let full = format!("{scheme}{host}{path}");
    let mut shown = full.chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN_URL_CHARS).collect::<String>();
    if full.len() > MAX_SHOWN_URL_CHARS {
        shown.push_str("...");
    }
    shown
}

/// Appends the query parameter `name` with the percent-encoded `value` to `url`.
pub(crate) fn with_query(url: &str, name: &str, value: &str) -> String {
    format!("{url}{}{name}={}", if url.contains('?') { '&' } else { '?' }, percent_encode(value))
}

/// Resolves the `Location` of a redirect against the URL that returned the redirect.
pub(crate) fn resolve_location(from: &str, to: &str) -> String {
    let is_scheme = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    };
    if to.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return to.to_owned();
    }
    let (scheme, rest) = from.split_once("://").unwrap_or(("http", from));
    if let Some(host) = to.strip_prefix("//") {
        return format!("{scheme}://{host}");
    }
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if to.starts_with('/') {
        return format!("{scheme}://{}{to}", &rest[..host_end]);
    }
    let path_end = rest.split(['?', '#']).next().unwrap_or(rest).rfind('/').map_or(rest.len(), |at| at + 1);
    format!("{scheme}://{}{to}", &rest[..path_end.max(host_end)])
}

/// Returns the scheme, host and port of a URL. Returns `None` if the URL is invalid or has no host.
fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri = url.parse::<Uri>().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

/// Returns whether a redirect is followed. A redirect within the same origin is followed. With `follow_https_upgrade`, a redirect from http to https
/// of the same host is followed too.
pub(crate) fn is_followed(from: &str, to: &str, follow_https_upgrade: bool) -> bool {
    let (Some(from), Some(to)) = (origin(from), origin(to)) else { return false };
    let is_upgrade = || (from.0.as_str(), from.2) == ("http", 80) && (to.0.as_str(), to.2) == ("https", 443) && from.1 == to.1;
    from == to || follow_https_upgrade && is_upgrade()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_followed_within_an_origin_and_to_https_of_the_same_host() {
        for (from, to, without, with) in [
            ("https://a.example/x", "https://a.example/y", true, true),
            ("https://a.example/x", "https://A.example:443/y", true, true),
            ("http://a.example/x", "https://a.example/x", false, true),
            ("https://a.example/x", "http://a.example/x", false, false),
            ("http://a.example:8080/x", "https://a.example/x", false, false),
            ("http://a.example/x", "https://a.example:8443/x", false, false),
            ("https://a.example/x", "https://b.example/x", false, false),
            ("https://a.example/x", "https://a.example.b.example/x", false, false),
            ("https://a.example/x", "https://a.example@b.example/x", false, false),
            ("https://a.example/x", "https://a.example:444/x", false, false),
            ("https://a.example/x", "file:///etc/passwd", false, false),
        ] {
            assert_eq!((is_followed(from, to, false), is_followed(from, to, true)), (without, with), "{from} to {to}");
        }
    }

    #[test]
    fn redirect_locations_are_resolved() {
        for (from, to, expected) in [
            ("https://h/v1/models", "https://g/x", "https://g/x"),
            ("https://h/v1/models", "//g/x", "https://g/x"),
            ("https://h:8/v1/models?a=b", "/v2/models", "https://h:8/v2/models"),
            ("https://h/v1/models?a=/b", "there", "https://h/v1/there"),
            ("https://h", "/x", "https://h/x"),
        ] {
            assert_eq!(resolve_location(from, to), expected);
        }
    }

    #[test]
    fn a_key_in_the_url_is_encoded_and_redacted() {
        assert_eq!(with_query("https://h/v1/models", "key", "a b&c"), "https://h/v1/models?key=a%20b%26c");
        assert_eq!(with_query("https://h/v1?alt=sse", "key", "k"), "https://h/v1?alt=sse&key=k");
        assert_eq!(redact_url("https://user:word@h:1/v1?key=secret#x"), "https://h:1/v1");
    }
}
