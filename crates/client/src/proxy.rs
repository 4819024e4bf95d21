//! Which proxy stands between here and an address, as the environment says: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, `ALL_PROXY` for both
//! where there is none of its own, in capitals or not; `NO_PROXY` names hosts that are asked directly, and this machine itself always is.
//!
//! A proxy that cannot be used is an error: who names one does not want to be seen going out without it.

use crate::problem::{Kind, Problem};
use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

/// The proxy for an address; `None` for none.
pub(crate) fn of(uri: &Uri) -> Result<Option<Proxy>, Problem> {
    find(uri, |name| std::env::var(name).ok())
}

fn find(uri: &Uri, environment: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>, Problem> {
    let held = |name: &str| {
        let names = [name.to_owned(), name.to_lowercase()];
        names.into_iter().find_map(|name| Some((environment(&name).filter(|value| !value.trim().is_empty())?, name)))
    };
    let own = if uri.scheme_str() == Some("https") { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    let Some((value, name)) = held(own).or_else(|| held("ALL_PROXY")) else { return Ok(None) };
    if is_this_machine(uri.host().unwrap_or("")) {
        return Ok(None);
    }
    // The value may hold a password, so it is not repeated.
    let unusable = |why: &str| Problem::new(Kind::Unreachable, format!("the proxy that {name} names cannot be used: {why}"));
    let named = Proxy::new(value.trim()).map_err(|_| unusable("it is no address"))?;
    if !matches!(named.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(unusable("only http:// and https:// proxies are spoken to"));
    }
    if named.host().is_empty() || !named.host().chars().all(|letter| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter)) {
        return Err(unusable("it is no address"));
    }
    let exceptions = held("NO_PROXY").map(|(list, _)| list).unwrap_or_default();
    Ok(Some(named).filter(|_| !exceptions.split(',').any(|exception| is_meant(exception.trim(), uri))))
}

/// Whether an entry of `NO_PROXY` means an address: `*` means all, a host means itself and all below it, and a port that is named must fit.
fn is_meant(exception: &str, uri: &Uri) -> bool {
    let host = uri.host().unwrap_or("").to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let (name, own_port) = match exception.rsplit_once(':') {
        Some((name, digits)) if digits.parse::<u16>().is_ok() && !name.contains(':') => (name, digits.parse::<u16>().ok()),
        _ => (exception, None),
    };
    let name = name.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    let below = || host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'));
    !name.is_empty() && own_port.is_none_or(|own| own == port) && (name == "*" || host == name || below())
}

/// Whether a host is this machine: no proxy elsewhere knows what listens here.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(uri: &str, environment: &[(&str, &str)]) -> Result<Option<String>, Problem> {
        let look = |name: &str| environment.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        let proxy = find(&uri.parse().unwrap(), look)?;
        Ok(proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())))
    }

    #[test]
    fn a_proxy_is_for_its_own_kind_of_address() {
        let both = [("HTTPS_PROXY", "http://secure:1"), ("http_proxy", "http://plain:2")];
        assert_eq!(found("https://h/", &both), Ok(Some("secure:1".to_owned())));
        assert_eq!(found("http://h/", &both), Ok(Some("plain:2".to_owned())));
        assert_eq!(found("http://h/", &both[..1]), Ok(None));
        assert_eq!(found("https://h/", &[("ALL_PROXY", "http://user:word@all:3")]), Ok(Some("all:3".to_owned())));
        assert_eq!(found("https://h/", &[("ALL_PROXY", "http://all:3"), ("NO_PROXY", "g,h")]), Ok(None));
        assert_eq!(found("https://i/", &[("ALL_PROXY", "http://all:3"), ("NO_PROXY", "g,h")]), Ok(Some("all:3".to_owned())));
        for (exception, direct) in [
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
            let found = found("https://a.b.c/", &[("ALL_PROXY", "http://all:3"), ("NO_PROXY", exception)]);
            assert_eq!(found.unwrap().is_none(), direct, "{exception}");
        }
        for here in ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/"] {
            assert_eq!(found(here, &[("ALL_PROXY", "http://all:3")]), Ok(None), "{here}");
        }
    }

    #[test]
    fn one_that_cannot_be_used_is_never_gone_around() {
        for value in ["garbage host", "::garbage::", "socks5://127.0.0.1:1080", "http://user:word@"] {
            let problem = found("https://h/", &[("HTTPS_PROXY", value)]).unwrap_err();
            assert!(problem.what.contains("HTTPS_PROXY") && !problem.what.contains("word"), "{value}: {}", problem.what);
        }
    }
}
