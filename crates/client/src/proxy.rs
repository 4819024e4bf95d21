//! Proxy selection from environment variables, whose names may be in upper or lower case: `HTTPS_PROXY` for https URLs, `HTTP_PROXY` for http URLs,
//! and `ALL_PROXY` for URLs whose variable is not set. Connections to hosts in `NO_PROXY`, and to loopback addresses, are direct.
//!
//! An invalid proxy is an error, never a direct connection: the user may have set the proxy to hide this machine's address. This rule also applies to
//! requests to loopback addresses, unless `NO_PROXY` contains the address. A proxy receives only the host and port of an https URL, in a CONNECT
//! request; the key and the message are inside the TLS connection.

use crate::error::{ClientError, ErrorKind};
use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

/// Returns the proxy for requests to `uri`. Returns `None` if the connection is direct.
pub(crate) fn for_uri(uri: &Uri) -> Result<Option<Proxy>, ClientError> {
    // A value that is not UTF-8 is not a valid proxy. With a replacement character, it is not one either.
    find(uri, |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

fn find(uri: &Uri, environment: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>, ClientError> {
    let variable = |name: &str| {
        let names = [name.to_owned(), name.to_lowercase()];
        names.into_iter().find_map(|name| Some((environment(&name).filter(|value| !value.trim().is_empty())?, name)))
    };
    let scheme_variable = if uri.scheme_str() == Some("https") { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    let Some((value, name)) = variable(scheme_variable).or_else(|| variable("ALL_PROXY")) else { return Ok(None) };
    let exceptions = variable("NO_PROXY").map(|(list, _)| list).unwrap_or_default();
    if exceptions.split(',').any(|exception| is_exception_for(exception.trim(), uri)) {
        return Ok(None);
    }
    // The value may contain a password, so messages do not contain the value.
    let invalid = |reason: &str| {
        let message = format!(
            "the proxy in the environment variable {name} is invalid: {reason}; correct {name}, or add the host to NO_PROXY for a direct connection"
        );
        ClientError::new(ErrorKind::Unreachable, message)
    };
    let proxy = Proxy::new(value.trim()).map_err(|_| invalid("the value is not a URL"))?;
    if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(invalid("only http:// and https:// proxies are supported"));
    }
    if !has_valid_port(value.trim())
        || proxy.host().is_empty()
        || !proxy.host().chars().all(|letter| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter))
    {
        return Err(invalid("the value is not a URL"));
    }
    Ok(Some(proxy).filter(|_| !is_loopback(uri.host().unwrap_or(""))))
}

/// Returns whether the port of a proxy is a number. The crate ureq uses the default port in place of an invalid one.
fn has_valid_port(proxy: &str) -> bool {
    let authority = proxy.split_once("://").map_or(proxy, |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    host.rsplit_once(':')
        .is_none_or(|(name, port)| name.starts_with('[') && host.ends_with(']') || port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Returns whether an entry of `NO_PROXY` matches a URL. The entry `*` matches every host, and a host name matches the host and its subdomains. If
/// the entry has a port, the port of the URL must be equal.
fn is_exception_for(exception: &str, uri: &Uri) -> bool {
    let host = uri.host().unwrap_or("").to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let (name, exception_port) = match exception.rsplit_once(':') {
        Some((name, digits)) if digits.parse::<u16>().is_ok() && !name.contains(':') => (name, digits.parse::<u16>().ok()),
        _ => (exception, None),
    };
    let name = name.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    let is_subdomain = || host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'));
    !name.is_empty() && exception_port.is_none_or(|exception| exception == port) && (name == "*" || host == name || is_subdomain())
}

/// Returns whether `host` is this machine, to which connections are direct: a proxy on another machine cannot reach it.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy_for(uri: &str, environment: &[(&str, &str)]) -> Result<Option<String>, ClientError> {
        let environment = |name: &str| environment.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        let proxy = find(&uri.parse().unwrap(), environment)?;
        Ok(proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())))
    }

    #[test]
    fn a_proxy_is_selected_by_scheme_and_exceptions() {
        let both = [("HTTPS_PROXY", "http://secure:1"), ("http_proxy", "http://plain:2")];
        assert_eq!(proxy_for("https://h/", &both), Ok(Some("secure:1".to_owned())));
        assert_eq!(proxy_for("http://h/", &both), Ok(Some("plain:2".to_owned())));
        assert_eq!(proxy_for("http://h/", &both[..1]), Ok(None));
        assert_eq!(proxy_for("https://h/", &[("ALL_PROXY", "http://user:word@all:3")]), Ok(Some("all:3".to_owned())));
        assert_eq!(proxy_for("https://h/", &[("ALL_PROXY", "http://all:3"), ("NO_PROXY", "g,h")]), Ok(None));
        assert_eq!(proxy_for("https://i/", &[("ALL_PROXY", "http://all:3"), ("NO_PROXY", "g,h")]), Ok(Some("all:3".to_owned())));
        for (exception, is_direct) in [
            ("*", true),
            ("b.c", true),
            (".b.c", true),
            ("*.b.c", true),
            ("A.B.C", true),
            ("a.b.c:443", true),
            ("a.b.c:80", false),
            ("ab.c", false),
            ("", false),
        ] {
            let proxy = proxy_for("https://a.b.c/", &[("ALL_PROXY", "http://all:3"), ("NO_PROXY", exception)]);
            assert_eq!(proxy.unwrap().is_none(), is_direct, "{exception}");
        }
        for url in ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/"] {
            assert_eq!(proxy_for(url, &[("ALL_PROXY", "http://all:3")]), Ok(None), "{url}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_an_error() {
        let socks = ["socks://h:1", "socks4://h:1", "socks4a://h:1", "socks5://user:word@127.0.0.1:1080", "socks5h://h:1", "SOCKS5://h:1"];
        let others = [
            "garbage host",
            "::garbage::",
            "http://user:word@",
            "ftp://h:1",
            "http://h:port",
            "http://h:0",
            "http://h:99999",
            "h:x",
            "http://",
            "h\u{fffd}:1",
            "direct://",
        ];
        for value in socks.into_iter().chain(others) {
            for (variable, urls) in [
                ("HTTPS_PROXY", ["https://h/", "https://127.0.0.1:9/"]),
                ("https_proxy", ["https://h/", "https://localhost/"]),
                ("HTTP_PROXY", ["http://h/", "http://[::1]/"]),
                ("ALL_PROXY", ["http://h/", "https://h/"]),
            ] {
                for url in urls {
                    let error = proxy_for(url, &[(variable, value)]).unwrap_err();
                    assert!(error.message.contains(variable) && !error.message.contains("word"), "{value}: {}", error.message);
                }
            }
        }
        // Not used for the URL.
        let socks = ("ALL_PROXY", "socks5://h:1");
        assert_eq!(proxy_for("http://127.0.0.1:11434/", &[socks, ("NO_PROXY", "localhost,127.0.0.1")]), Ok(None));
        assert_eq!(proxy_for("http://h/", &[("HTTPS_PROXY", "socks5://h:1")]), Ok(None));
    }
}
